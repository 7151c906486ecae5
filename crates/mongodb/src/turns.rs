//! Who may use the connections.
//!
//! A write outside a transaction that meets the writes of an open one waits for it in the server, and keeps its connection meanwhile.
//! If such writes had all connections there would be none left to end the transaction that they wait for. So some are kept for
//! transactions, whose commands never wait for others. The driver would let a call wait for a connection for ever; here it waits as long
//! as for a server. A batch that is written in a transaction of its own is a call as others are.

use std::sync::Arc;
use std::time::Duration;

use larder_core::{Error, ErrorKind, Result};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// One in so many connections is kept for transactions, and one at the least.
const KEPT: u32 = 8;

/// The turns of calls outside transactions.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    free: Arc<Semaphore>,
    size: u32,
    patience: Duration,
}

impl Turns {
    /// The fewest connections that work.
    pub(crate) const LEAST: u32 = 2;

    /// Turns on so many connections.
    pub(crate) fn new(size: u32, patience: Duration) -> Self {
        let kept = (size / KEPT).max(1);
        let free = usize::try_from(size.saturating_sub(kept)).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(free.clamp(1, Semaphore::MAX_PERMITS))),
            size,
            patience,
        }
    }

    /// Waits for a turn, which lasts until what is given is dropped.
    pub(crate) async fn next(&self) -> Result<SemaphorePermit<'_>> {
        // Most of the time one is free, and no timer is needed.
        if let Ok(turn) = self.free.try_acquire() {
            return Ok(turn);
        }
        let turn = async { self.free.acquire().await.map_err(Error::internal) };
        self.within(turn).await
    }

    /// Waits for what may have to wait for a connection without taking a turn, no longer than for one.
    pub(crate) async fn within<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        timeout(self.patience, call).await.unwrap_or_else(|late| {
            let message = format!(
                "all {} connections to the database are in use; try again",
                self.size
            );
            Err(Error::new(ErrorKind::Unavailable, message).with_source(late))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
    }

    #[test]
    fn who_takes_no_turn_waits_no_longer() {
        let turns = Turns::new(2, Duration::ZERO);
        let never = turns.within(std::future::pending::<Result<()>>());
        let error = runtime().block_on(never).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let done = turns.within(std::future::ready(Ok(7)));
        assert_eq!(runtime().block_on(done).unwrap(), 7);
    }

    #[test]
    fn some_are_left_for_transactions() {
        let runtime = runtime();
        for (size, free) in [(2, 1), (3, 2), (16, 14), (100, 88)] {
            let turns = Turns::new(size, Duration::ZERO);
            let mut taken = Vec::new();
            for _ in 0..free {
                taken.push(runtime.block_on(turns.next()).unwrap());
            }
            let error = runtime.block_on(turns.next()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.message().contains(&format!("all {size} ")), "{error}");
            taken.pop();
            drop(runtime.block_on(turns.next()).unwrap());
        }
    }
}
