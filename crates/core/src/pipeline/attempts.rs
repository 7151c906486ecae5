//! What is run again before anybody hears of it: who lost a race against another writer, who lost the connection before the commit, and whose
//! hook chose an id that was taken meanwhile. All of it was rolled back, so it begins anew.

use std::time::Duration;

use crate::app::App;
use crate::call::Want;
use crate::error::Error;
use crate::key::Key;

/// How often what lost a race is run again before the client hears of it. Before-hooks then run again too.
const RETRIES: u32 = 20;

/// As [`RETRIES`], for changes that depend on nothing that the caller has read: they can always be made again, and whoever
/// counts something does not want to hear that others count too.
const RETRIES_OF_CHANGES: u32 = 2_000;

/// How often something is run again whose transaction was lost with its connection. A store that is away is waited for where it is
/// connected to, so this need not be often.
const RETRIES_OF_LOST: u32 = 2;

/// How often something was run already, by whoever owns its transaction: inside somebody else's nothing can begin again.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    app: &'a App,
    /// What is run, for the log.
    what: &'a str,
    most: u32,
    raced: u32,
    lost: u32,
    /// The id that was chosen last, and taken.
    taken: Option<Key>,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(app: &'a App, what: &'a str) -> Self {
        Self {
            app,
            what,
            most: RETRIES,
            raced: 0,
            lost: 0,
            taken: None,
        }
    }

    /// Of a call for a model.
    pub(super) fn of_call(app: &'a App, model: &'a str, want: &Want) -> Self {
        let most = match want {
            Want::Change(..) => RETRIES_OF_CHANGES,
            _ => RETRIES,
        };
        Self {
            most,
            ..Self::new(app, model)
        }
    }

    /// Whether it is run again after this error; where many meet, after a moment.
    pub(crate) async fn again(&mut self, error: &Error) -> bool {
        if self.may_win(error) && self.raced < self.most {
            self.raced += 1;
            self.make_way().await;
            return true;
        }
        if error.is_rolled_back() && self.lost < RETRIES_OF_LOST {
            self.lost += 1;
            let what = self.what;
            tracing::debug!(target: "larder::store", model = what, ?error, "a transaction was lost before its commit, and is run again");
            return true;
        }
        false
    }

    /// Whether it was only too late. A hook that chooses the same id once more means that one, so it stays taken.
    fn may_win(&mut self, error: &Error) -> bool {
        let Some(chosen) = error.chosen_key() else {
            return error.is_conflict();
        };
        let other = self.taken.as_ref() != Some(chosen);
        self.taken = Some(chosen.clone());
        other
    }

    /// Waits a little, so that of many writers of one record not all meet again and again.
    async fn make_way(&self) {
        if self.raced < 4 {
            return;
        }
        let now = self.app.now().subsec_nanosecond().unsigned_abs();
        // The last digits of the clock are as good as dice.
        let part = u64::from(now / 100 % 64 + 1);
        let wait = Duration::from_micros(part * u64::from(self.raced.min(100)));
        if let Some(sleep) = self.app.runtime().sleep(wait) {
            sleep.await;
        }
    }
}
