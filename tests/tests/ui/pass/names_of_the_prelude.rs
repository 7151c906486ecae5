//! The prelude's attributes have common names; what an app calls so itself is not in their way.

use larder::prelude::*;

mod before {
    pub fn after() -> u8 {
        1
    }
}

macro_rules! action {
    () => {
        2
    };
}

fn before() -> u8 {
    before::after()
}

struct After {
    after: u8,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    action: u8,
    before: u8,
}

#[model_impl]
impl Post {
    #[before(save)]
    fn before(&mut self) -> Result<()> {
        self.before = before();
        Ok(())
    }

    #[action(allow = "true")]
    fn action(&mut self) -> Result<()> {
        self.action = action!();
        Ok(())
    }

    #[after(save)]
    fn after(&self) -> Result<()> {
        let after = After { after: 3 };
        let _ = after.after;
        Ok(())
    }

    #[can_act]
    fn can_act(&self, action: &str) -> Result<bool> {
        Ok(action == "action")
    }
}

/// `Model` is the derive, and what a function over any model asks for.
async fn names<M: Model>(session: &Session) -> Result<Vec<String>> {
    let all = session.query::<M>().all().await?;
    Ok(all.iter().map(|one| one.to_key().to_string()).collect())
}

fn main() {
    let _ = names::<Post>;
    let can_act = |action: u8| before() + action;
    can_act(1);
}
