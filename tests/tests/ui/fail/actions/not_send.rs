//! The future of an action can move between threads.

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
    async fn waits(&self) -> Result<()> {
        let kept = std::rc::Rc::new(5);
        std::future::ready(()).await;
        drop(kept);
        Ok(())
    }
}

fn main() {}
