//! The runtime that larder brings to core: tokio.

use std::sync::Arc;
use std::time::Duration;

use larder_core::{App, AppBuilder, BoxFuture, Result, Runtime};

/// Spawns on the tokio runtime that the caller runs on, and sleeps by its timer, which must be on (`enable_time`; `#[tokio::main]` turns it on).
/// [`Build::build`] takes it; a `Runtime` of one's own can hand on to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokio;

impl Runtime for Tokio {
    fn sleep(&self, time: Duration) -> Option<BoxFuture<'static, ()>> {
        tokio::runtime::Handle::try_current().ok()?;
        Some(Box::pin(tokio::time::sleep(time)))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        match tokio::runtime::Handle::try_current() {
            Ok(handle) => {
                handle.spawn(task);
                Ok(())
            }
            Err(_) => Err(task),
        }
    }
}

/// Builds an app on tokio. It is in the prelude.
pub trait Build {
    /// Checks everything, prepares the stores and gives the app.
    ///
    /// # Errors
    /// Every mistake in the set-up at once, each with its fix, or what a store said while it was prepared.
    ///
    /// ```
    /// use larder::prelude::*;
    ///
    /// #[derive(Serialize, Deserialize, JsonSchema, Model)]
    /// struct Tag {
    ///     #[model(id)]
    ///     id: Id<Tag>,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let fault = App::builder().models(models![Tag]).build().await.unwrap_err();
    /// assert!(fault.message().contains("Tag is kept in the store `main`"));
    /// # }
    /// ```
    fn build(self) -> impl Future<Output = Result<App>> + Send;
}

impl Build for AppBuilder {
    async fn build(self) -> Result<App> {
        self.build_with(Arc::new(Tokio)).await
    }
}
