//! Who may use the connections.
//!
//! A write outside a transaction that meets the writes of an open one waits for it in the server, and keeps its connection meanwhile.
//! If such writes had all connections there would be none left to end the transaction that they wait for. So some are kept for
//! transactions, whose commands never wait for others. A batch that is written in a transaction of its own is a call as others are.
//!
//! The driver would let a command wait for a connection for ever. So nobody sends one without a turn, of which there are as many as
//! connections: whoever has one finds a connection free, and who waits for one is told after a while that there is none.

use std::sync::Arc;
use std::time::Duration;

use larder_core::{Error, ErrorKind, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// One in so many connections is kept for transactions, and one at the least.
const KEPT: u32 = 8;

/// The turns of calls.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    /// One for each connection.
    all: Arc<Semaphore>,
    /// Those of them that calls outside transactions may have at the same time.
    outside: Arc<Semaphore>,
    size: u32,
    patience: Duration,
}

/// A turn of a call outside transactions; it lasts until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'t> {
    _outside: SemaphorePermit<'t>,
    _one: SemaphorePermit<'t>,
}

impl Turns {
    /// The fewest connections that work.
    pub(crate) const LEAST: u32 = 2;

    /// Turns on so many connections.
    pub(crate) fn new(size: u32, patience: Duration) -> Self {
        let size = size.max(Self::LEAST);
        let kept = (size / KEPT).max(1);
        let turns = |number: u32| {
            let number = usize::try_from(number).unwrap_or(Semaphore::MAX_PERMITS);
            Arc::new(Semaphore::new(number.min(Semaphore::MAX_PERMITS)))
        };
        Self {
            all: turns(size),
            outside: turns(size - kept),
            size,
            patience,
        }
    }

    /// Waits for a turn outside transactions.
    pub(crate) async fn next(&self) -> Result<Turn<'_>> {
        // Most of the time one is free, and no timer is needed.
        if let Ok(outside) = self.outside.try_acquire()
            && let Ok(one) = self.all.try_acquire()
        {
            return Ok(Turn {
                _outside: outside,
                _one: one,
            });
        }
        let turn = async {
            Ok(Turn {
                _outside: self.outside.acquire().await.map_err(Error::internal)?,
                _one: self.all.acquire().await.map_err(Error::internal)?,
            })
        };
        self.within(turn).await
    }

    /// Waits for a turn of a command inside a transaction.
    pub(crate) async fn inside(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(turn) = Arc::clone(&self.all).try_acquire_owned() {
            return Ok(turn);
        }
        let turn = Arc::clone(&self.all).acquire_owned();
        self.within(async { turn.await.map_err(Error::internal) })
            .await
    }

    /// A turn for what has to be done, and for which nobody waits.
    pub(crate) async fn sometime(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
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
            let left = (free..size).map(|_| runtime.block_on(turns.inside()).unwrap());
            drop(left.collect::<Vec<_>>());
            taken.pop();
            drop(runtime.block_on(turns.next()).unwrap());
        }
    }

    #[test]
    fn transactions_have_no_more_than_there_are() {
        let runtime = runtime();
        let turns = Turns::new(3, Duration::ZERO);
        let mut taken: Vec<_> = (0..3)
            .map(|_| runtime.block_on(turns.inside()).unwrap())
            .collect();
        for error in [
            runtime.block_on(turns.inside()).map(drop).unwrap_err(),
            runtime.block_on(turns.next()).map(drop).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.message().contains("all 3 "), "{error}");
        }
        taken.pop();
        drop(runtime.block_on(turns.next()).unwrap());
        // Who was refused has left nothing taken.
        drop(runtime.block_on(turns.inside()).unwrap());
        taken.clear();
        assert!(runtime.block_on(turns.sometime()).is_some());
    }
}
