//! `#[model_impl]` stands on the model's own impl.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}


#[model_impl]
impl Default for Post {
    fn default() -> Self {
        Self { id: Id::new(), author: String::new() }
    }
}

#[model_impl]
impl<T> Holder<T> {
    #[action]
    fn show(&self) -> Result<()> {
        Ok(())
    }
}

#[model_impl(krate = larder)]
impl Post {}

#[model_impl]
struct Holder<T>(T);

fn main() {}
