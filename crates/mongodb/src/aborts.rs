//! Transactions that were dropped, and that MongoDB still has to be told about.
//!
//! Dropping can't wait, so a task tells it. A transaction that begins meanwhile would meet the writes of the dropped one and fail, so it
//! waits for these tasks first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mongodb::ClientSession;
use tokio::sync::Notify;

use crate::turns::Turns;

/// How long a transaction waits for those that were dropped. After it MongoDB decides.
const PATIENCE: Duration = Duration::from_secs(2);

/// The aborts of one store that are on their way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aborts(Arc<Pending>);

#[derive(Debug, Default)]
struct Pending {
    count: AtomicUsize,
    ended: Notify,
}

/// One of them; ends when it is dropped, be it because the runtime ends.
struct One(Aborts);

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.0.ended.notify_waiters();
    }
}

impl Aborts {
    /// Ends a transaction that was dropped, in a task of its own.
    pub(crate) fn add(&self, mut session: ClientSession, turns: Turns) {
        // Outside a runtime the driver can do nothing either, and the server ends the transaction in time.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        self.0.count.fetch_add(1, Ordering::AcqRel);
        let one = One(self.clone());
        runtime.spawn(async move {
            let _turn = turns.sometime().await;
            // What MongoDB has ended by itself can't be ended again.
            let _ = session.abort_transaction().await;
            drop(one);
        });
    }

    /// Waits until none is on its way, but not for ever.
    pub(crate) async fn ended(&self) {
        let all = async {
            loop {
                let ended = self.0.ended.notified();
                tokio::pin!(ended);
                // From here on nothing is missed.
                ended.as_mut().enable();
                if self.0.count.load(Ordering::Acquire) == 0 {
                    return;
                }
                ended.await;
            }
        };
        // Where it takes longer the transaction may meet the dropped one, which is a conflict like others.
        let _ = tokio::time::timeout(PATIENCE, all).await;
    }
}
