//! What hooks, actions and transactions are given: who asks, the services, and a session inside the same transaction.

use std::sync::Arc;

use larder_query::Value;

use crate::actor::Actor;
use crate::app::App;
use crate::error::Result;
use crate::session::Session;
use crate::transaction::Scope;

/// The context of a hook, an action, or a [transaction](Session::transaction).
///
/// ```
/// use larder_core::{Ctx, Error, Model, Result};
/// struct Quota(u64); // `.provide(Quota(100))` on the builder
///
/// async fn check<Post: Model>(cx: &Ctx) -> Result<()> {
///     let quota: &Quota = cx.get()?;
///     // Past the rules, and in the transaction of the call that the hook runs in.
///     match cx.as_system("count for the quota").count::<Post>().await? >= quota.0 {
///         true => Err(Error::denied(402, "there is no room for more")),
///         false => Ok(()),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Ctx {
    pub(crate) app: App,
    pub(crate) actor: Actor,
    pub(crate) scope: Option<Scope>,
    pub(crate) parents: Vec<(Arc<str>, Value)>,
}

impl Ctx {
    /// Who makes the call.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The app. Calls through it are outside the transaction of this call, and wait for it where a store has one writer:
    /// use [`session`](Self::session) and [`as_system`](Self::as_system) for what belongs to it.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// A service that the app provides. An error that names the missing `provide`, if nobody did.
    pub fn get<T: Send + Sync + 'static>(&self) -> Result<&T> {
        self.app.service()
    }

    /// The id in the URL under which a global action of a nested model was called: `cx.parent("blog")` of
    /// `/blogs/{blog}/posts/newest`. None for calls in the same process.
    pub fn parent(&self, parameter: &str) -> Option<&Value> {
        let mut parents = self.parents.iter();
        parents
            .find(|(name, _)| **name == *parameter)
            .map(|(_, value)| value)
    }

    /// The time by the app's clock.
    pub fn now(&self) -> jiff::Timestamp {
        self.app.now()
    }

    /// Calls with the actor's own rights, inside the transaction of this call.
    pub fn session(&self) -> Session {
        Session::new(&self.app, self.actor.clone(), self.scope.as_ref())
    }

    /// Calls that no rule limits, inside the transaction of this call. The reason stands in the log.
    pub fn as_system(&self, reason: &str) -> Session {
        Session::new(&self.app, Actor::system(reason), self.scope.as_ref())
    }
}
