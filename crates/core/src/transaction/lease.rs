//! How long a transaction may be open: code that waits for something that never comes must not keep other writers waiting.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use super::Scope;
use crate::error::{Error, ErrorKind, Result};
use crate::runtime::Runtime;

impl Scope {
    /// Runs what happens inside this transaction. Once that has been open for `limit`, the work is dropped where it waits, and
    /// whoever else still holds the scope is refused. It stays to be rolled back.
    ///
    /// The timer is asked for when the work waits with an open transaction, so work that never does pays nothing.
    pub(crate) async fn lease<T>(
        &self,
        runtime: &Arc<dyn Runtime>,
        limit: Duration,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let mut work = pin!(work);
        let mut alarm = None;
        let mut asked = false;
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(done);
            }
            if !asked && self.shared.begun.load(Ordering::Acquire) {
                asked = true;
                alarm = runtime.sleep(limit);
            }
            let Some(Poll::Ready(())) = alarm.as_mut().map(|alarm| alarm.as_mut().poll(cx)) else {
                return Poll::Pending;
            };
            self.shared.expired.store(true, Ordering::Release);
            Poll::Ready(Err(expired()))
        })
        .await
    }

    /// Rolls back what was begun. One that has expired may be in use by a task that outlives its hook: nobody waits for that.
    pub(crate) async fn give_up(self, runtime: &Arc<dyn Runtime>, model: &str, limit: Duration) {
        if !self.has_expired() {
            return self.abort().await;
        }
        let limit = limit.as_secs_f64();
        tracing::warn!(
            target: "larder::store",
            model,
            limit,
            "a hook, action, listener or transaction was open for longer than the limit, and it was rolled back"
        );
        if let Err(task) = runtime.spawn(Box::pin(async move { self.abort().await })) {
            task.await;
        }
    }

    pub(super) fn has_expired(&self) -> bool {
        self.shared.expired.load(Ordering::Acquire)
    }
}

/// What is said of a transaction that was open for too long.
pub(super) fn expired() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "this took too long: its transaction was rolled back, and nothing was changed",
    )
}
