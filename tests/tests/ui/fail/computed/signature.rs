//! What a computed field can't be.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

#[model_impl]
impl Post {
    #[computed]
    async fn slow(&self) -> String {
        self.title.clone()
    }

    #[computed]
    fn failing(&self) -> Result<String> {
        Ok(self.title.clone())
    }

    #[computed]
    fn asking(&self, cx: &Ctx) -> String {
        self.title.clone()
    }

    #[computed(named = "other")]
    fn nothing(&mut self) {}
}

fn main() {}
