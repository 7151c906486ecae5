//! The one way from a call to a store. It alone knows the order of the steps; every door hands it a [`Call`].
//!
//! 1. Surface: is this operation offered here? What a model does not handle, or restricts, stops here at every door.
//! 2. Rule, the part that needs only the actor.
//! 3. Validate, and fill in what a client may not send.
//! 4. Begin, if something needs a transaction.
//! 5. Load under the filter, if something needs the old record.
//! 6. Before-listeners and before-hooks; validate again what they changed; the rule on the new record.
//! 7. The store's write, or the action.
//! 8. Mapped copies, once there are any.
//! 9. After-hooks, commit.
//! 10. Listeners.
//!
//! What no rule, hook or listener of a model needs is left out: then a write is one conditional statement.

use std::sync::Arc;
use std::time::Duration;

use crate::app::{App, Mounted};
use crate::call::{Call, Reply, Want};
use crate::error::{Error, ErrorKind, Result};
use crate::transaction::Place;

mod act;
mod allow;
mod bounds;
mod change;
mod create;
mod delete;
mod fill;
mod hooked;
mod json_patch;
mod keys;
mod moved;
mod near;
mod pages;
mod parents;
mod patch;
mod read;
mod replace;
mod size;
mod surface;
mod tables;
mod watch;

pub(crate) use watch::{Listening, Seen};

/// How often a call that lost a race is run again before the client hears of it. Before-hooks then run again too.
const RETRIES: u32 = 20;

/// As [`RETRIES`], for changes that depend on nothing that the caller has read: they can always be made again, and whoever
/// counts something does not want to hear that others count too.
const RETRIES_OF_CHANGES: u32 = 2_000;

/// How often a call is run again whose transaction was lost with its connection. A store that is away is waited for where it is
/// connected to, so this need not be often.
const RETRIES_OF_LOST: u32 = 2;

/// One run of a call: what every step needs.
pub(crate) struct Run<'a> {
    app: &'a App,
    mounted: &'a Arc<Mounted>,
    call: &'a Call,
}

/// Runs a call.
pub(crate) async fn run(app: &App, call: &Call) -> Result<Reply> {
    let mounted = app.mounted(call.model)?;
    let run = Run { app, mounted, call };
    run.surface()?;
    match &call.want {
        Want::Get(key) => run.get(key).await,
        Want::List(query) => run.list(query).await,
        _ => run.write().await.map(|reply| run.veil(reply)),
    }
}

impl Run<'_> {
    async fn write(&self) -> Result<Reply> {
        self.writable()?;
        let scope = self.call.scope.as_ref();
        if scope.is_some_and(|scope| !scope.is_of(&self.mounted.store)) {
            let name = self.mounted.model.name();
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "{name} is kept in another store than this transaction's: write it through `cx.app()`, which commits on its own"
                ),
            ));
        }
        let (mut tries, mut lost) = (0, 0);
        loop {
            let done = match &self.call.want {
                Want::Create(body) => self.create(body).await,
                Want::CreateMany(drafts) => self.create_many(drafts).await,
                Want::Replace(key, body, precondition) => {
                    self.replace(key, body, precondition).await
                }
                Want::Patch(key, body, precondition) => self.patch(key, body, precondition).await,
                Want::Change(key, changes) => self.change(key, changes).await,
                Want::JsonPatch(key, text, precondition) => {
                    self.json_patch(key, text, precondition).await
                }
                Want::Delete(key, precondition) => self.delete(key, precondition).await,
                Want::Act {
                    key,
                    action,
                    args,
                    precondition,
                } => self.act(key.as_ref(), action, args, precondition).await,
                Want::Get(_) | Want::List(_) => {
                    return Err(Error::internal("a read was run as a write"));
                }
            };
            match done {
                // Inside somebody else's transaction only its owner can begin again.
                done if self.call.scope.is_some() => return done,
                Err(error) if error.is_conflict() && tries < self.retries() => {
                    tries += 1;
                    self.make_way(tries).await;
                }
                Err(error) if error.is_rolled_back() && lost < RETRIES_OF_LOST => {
                    lost += 1;
                    let model = self.mounted.model.name();
                    tracing::debug!(target: "larder::store", model, ?error, "a transaction was lost before its commit, and is run again");
                }
                // A call around this one, of another store or another transaction, broke nowhere itself.
                done => return done.map_err(Error::not_rolled_back),
            }
        }
    }

    fn retries(&self) -> u32 {
        match self.call.want {
            Want::Change(..) => RETRIES_OF_CHANGES,
            _ => RETRIES,
        }
    }

    /// Waits a little, so that of many writers of one record not all meet again and again.
    async fn make_way(&self, tries: u32) {
        if tries < 4 {
            return;
        }
        let now = self.app.now().subsec_nanosecond().unsigned_abs();
        // The last digits of the clock are as good as dice.
        let part = u64::from(now / 100 % 64 + 1);
        let wait = Duration::from_micros(part * u64::from(tries.min(100)));
        if let Some(sleep) = self.app.runtime().sleep(wait) {
            sleep.await;
        }
    }

    /// Where a call without hooks reads and writes.
    fn place(&self) -> Place<'_> {
        match &self.call.scope {
            Some(scope) if scope.is_of(&self.mounted.store) => Place::Transaction(scope),
            _ => Place::Store(&self.mounted.store),
        }
    }
}
