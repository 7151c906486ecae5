//! Signatures that no action can have.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}


#[model_impl]
impl Post {
    #[action]
    async fn without_self(_cx: &Ctx) -> Result<()> {
        Ok(())
    }

    #[action(global)]
    async fn with_self(&self) -> Result<()> {
        Ok(())
    }

    #[action]
    async fn by_value(self) -> Result<()> {
        Ok(())
    }

    #[action]
    async fn no_result(&self) {}

    #[action]
    async fn borrowed(&self, name: &str, cx: &mut Ctx) -> Result<()> {
        let _ = (name, cx);
        Ok(())
    }

    #[action]
    async fn pattern(&self, (a, b): (u8, u8)) -> Result<()> {
        let _ = (a, b);
        Ok(())
    }

    #[action]
    async fn generic<T>(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
