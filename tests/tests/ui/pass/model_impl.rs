//! Every form of hook, action and `can_act`.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", timestamps)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
    title: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Answer {
    length: usize,
}

#[model_impl]
impl Post {
    pub const LIMIT: usize = { 5 };

    #[before(save, delete)]
    async fn stamp(&mut self, _cx: &Ctx) -> Result<()> {
        std::future::ready(()).await;
        self.title.truncate(Self::LIMIT);
        Ok(())
    }

    #[before(create)]
    #[after(create, update)]
    fn check(&self) -> larder::Result<()> {
        Ok(())
    }

    /// Makes it known.
    #[action(allow = "author=$actor.id|_created=2026-01-01T00:00:00Z")]
    async fn publish(
        &mut self,
        cx: &Ctx,
        mut title: String,
        mut times: Option<u32>,
    ) -> Result<Answer> {
        let _ = (cx, times.take());
        title.push('!');
        self.title = title;
        Ok(Answer {
            length: self.title.len(),
        })
    }

    #[larder::action(method = GET, name = "as-text")]
    fn text(&self) -> Result<String> {
        Ok(self.title.clone())
    }

    #[action(global, method = GET, allow = "true")]
    async fn newest(limit: u32, _cx: &larder::Ctx) -> Result<Vec<Post>> {
        Ok(Vec::with_capacity(limit as usize))
    }

    #[action(global, method = POST)]
    fn nothing() -> Result<()> {
        Ok(())
    }

    #[cfg(any())]
    #[action]
    fn not_there(&self) -> Result<Missing> {
        Missing
    }

    #[cfg(not(any()))]
    #[can_act]
    async fn can_act(&self, action: &str, _cx: &Ctx) -> Result<bool> {
        Ok(action != "publish" || self.title.is_empty())
    }

    #[cfg(any())]
    #[can_act]
    fn can_act(&self, action: &str) -> Result<bool> {
        Missing
    }

    fn helper<'a, T: Clone>(&self, what: &'a T) -> &'a T
    where
        T: Send,
    {
        what
    }
}

fn main() {
    let post = Post {
        id: Id::new(),
        author: String::new(),
        title: "title".to_owned(),
    };
    assert_eq!(*post.helper(&5), 5);
    assert_eq!(post.text().unwrap(), "title");
    let _ = larder::models![Post];
}
