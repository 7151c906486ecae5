//! What the store has seen, so that no later read of it is of an older state.
//!
//! A read of what the majority has is of what the *server that is asked* knows the majority to have. A primary that was only just elected
//! holds every acknowledged write and does not know yet that the majority has them too: for a moment it would answer as if they were not
//! there. MongoDB's remedy is causal consistency: a read names the time that it must not be older than, and the server waits until it may
//! answer ([Causal Consistency and Read and Write Concerns](https://www.mongodb.com/docs/manual/core/causal-consistency-read-write-concerns/)).
//! Here the time is the store's and not one caller's, so that a record which one request was told of is there for the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mongodb::bson::Timestamp;
use mongodb::error::Error as Fault;
use mongodb::{Client, ClientSession};

/// The latest time of the replica set's log at which something was acknowledged to this store, or read by it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<AtomicU64>);

impl Seen {
    /// A session whose reads are not older than what was seen.
    pub(crate) async fn session(&self, client: &Client) -> Result<ClientSession, Fault> {
        let mut session = client.start_session().await?;
        let seen = self.0.load(Ordering::Acquire);
        if seen > 0 {
            session.advance_operation_time(timestamp(seen));
        }
        Ok(session)
    }

    /// Takes over what a session has seen.
    ///
    /// Not for reads of a snapshot: the server gives the time of its newest write for these, which the majority may not have yet, and
    /// later reads would wait for it in vain.
    pub(crate) fn note(&self, session: &ClientSession) {
        if let Some(time) = session.operation_time() {
            self.0.fetch_max(number(time), Ordering::AcqRel);
        }
    }
}

/// A time as a number, with its order.
fn number(time: Timestamp) -> u64 {
    (u64::from(time.time) << 32) | u64::from(time.increment)
}

fn timestamp(number: u64) -> Timestamp {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    Timestamp {
        time: u32::from_be_bytes([a, b, c, d]),
        increment: u32::from_be_bytes([e, f, g, h]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_order() {
        let times = [(0, 0), (0, 1), (0, u32::MAX), (1, 0), (u32::MAX, 7)];
        let times = times.map(|(time, increment)| Timestamp { time, increment });
        let numbers = times.map(number);
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        assert_eq!(numbers.map(timestamp), times);
    }
}
