//! What core needs of the world: the clock, and somebody to finish a task whose caller has gone.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::store::BoxFuture;

/// The world outside: given by `larder` at `build()`, faked in tests.
pub trait Runtime: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    /// A future that is ready after this time. None where the runtime has no timer: then nothing is limited in time.
    fn sleep(&self, time: Duration) -> Option<BoxFuture<'static, ()>> {
        let _ = time;
        None
    }

    /// Runs a task to its end, whatever becomes of the caller. A runtime that can't hands the task back.
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>>;
}

/// A runtime that spawns nothing: a caller that drops its future drops the work. For build scripts and small tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inline;

impl Runtime for Inline {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        Err(task)
    }
}

/// Runs `work` to its end even if the caller is dropped meanwhile. Most work ends at its first poll and is never spawned.
pub(crate) async fn complete<T: Send + 'static>(
    runtime: &Arc<dyn Runtime>,
    mut work: BoxFuture<'static, Result<T>>,
) -> Result<T> {
    let first = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
    if let Poll::Ready(done) = first {
        return done;
    }
    let (sender, receiver) = futures_channel::oneshot::channel();
    let task = Box::pin(async move {
        // Nobody is there to hear it if the caller is gone.
        let _ = sender.send(work.await);
    });
    if let Err(task) = runtime.spawn(task) {
        task.await;
    }
    receiver
        .await
        .unwrap_or_else(|_| Err(Error::internal("a task ended before its work was done")))
}
