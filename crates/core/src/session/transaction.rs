//! Several calls in one transaction, outside of hooks and actions.

use super::Session;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::pipeline::Attempts;
use crate::transaction::Scope;

impl Session {
    /// Runs several calls in one transaction: all of them are kept, or none. The calls that belong to it are those through the context,
    /// which is what a hook or an action is given: `cx.session()` has the rights of this session, `cx.as_system(..)` has all. An error that
    /// `work` returns undoes them, and so does dropping the future.
    ///
    /// Where another writer was first, and where the connection broke before the commit, `work` runs again from its beginning, as an action
    /// does: what it does outside the store it may do several times. The store is that of the first call inside. Writing to another one is
    /// refused with `Unsupported`, since it could not be undone with the rest; what is read there stands outside. Inside a transaction this one is a part
    /// of it. It is rolled back where it is open for longer than the app's `transaction_limit`. An [`Entity`](crate::Entity) that was read inside is
    /// saved and loaded inside: afterwards its transaction has ended.
    ///
    /// ```
    /// # use larder_core::{Error, Model, Result, Session};
    /// # async fn example<Order: Model, Line: Model>(session: Session, order: Order, lines: Vec<Line>) -> Result<()> {
    /// session
    ///     .transaction(async |cx| {
    ///         cx.session().create(&order).await?;
    ///         cx.session().create_many(&lines).await?;
    ///         Ok(())
    ///     })
    ///     .await
    /// # }
    /// ```
    ///
    /// What the closure needs it borrows, since it may run again: `async |cx|`, not `async move |cx|`.
    ///
    /// # Errors
    /// Those of `work`; `Unsupported` where the store has no transactions; `Unavailable` where it was open for too long.
    pub async fn transaction<T, F>(&self, work: impl Fn(Ctx) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send,
    {
        if let Some(scope) = &self.scope {
            let part = scope.part();
            let done = work(self.inside(scope)).await?;
            part.whole();
            return Ok(done);
        }
        let mut attempts = Attempts::new(&self.app, WHAT);
        loop {
            let scope = Scope::of_the_first();
            let work = work(self.inside(&scope));
            match scope.run(&self.app, WHAT, work).await {
                Err(error) if attempts.again(&error).await => {}
                done => return done.map_err(Error::settled),
            }
        }
    }

    fn inside(&self, scope: &Scope) -> Ctx {
        Ctx {
            app: self.app.clone(),
            actor: self.actor.clone(),
            scope: Some(scope.clone()),
            parents: Vec::new(),
        }
    }
}

/// What stands in the log in the place of a model.
const WHAT: &str = "(a transaction of several calls)";
