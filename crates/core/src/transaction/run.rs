//! A transaction from its beginning to its commit.

use super::Scope;
use crate::app::App;
use crate::error::Result;
use crate::runtime::complete;

impl Scope {
    /// Runs the work that this transaction is of: committed after it, or rolled back where it fails. `what` it is of, for the log.
    pub(crate) async fn run<T>(
        self,
        app: &App,
        what: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let owner = self.owned();
        let (runtime, limit) = (app.runtime(), app.transaction_limit());
        let done = self.lease(runtime, limit, work).await;
        match done {
            Ok(done) => {
                owner.ended();
                let (app, scope) = (app.clone(), self.clone());
                // From here on it is finished whatever becomes of the client.
                complete(
                    runtime,
                    Box::pin(async move { app.tell(scope.commit().await?).await }),
                )
                .await?;
                Ok(done)
            }
            Err(error) => {
                self.clone().give_up(runtime, what, limit).await;
                owner.ended();
                Err(error)
            }
        }
    }
}
