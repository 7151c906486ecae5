//! The transaction of a call: begun when something needs it, shared with the hooks, committed once.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::lock::Mutex;

use crate::error::{Error, Result};
use crate::event::Happening;
use crate::store::{Batch, Outcome, Page, Plan, Select, Store, Transaction};

mod guards;
mod lease;
mod run;

/// Where a call reads and writes: straight in the store, or in a transaction once there is one.
#[derive(Clone)]
pub(crate) struct Scope {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// None until the first call inside.
    store: OnceLock<Arc<dyn Store>>,
    state: Mutex<State>,
    /// There is a transaction in the store.
    begun: AtomicBool,
    /// It was open for longer than it may.
    expired: AtomicBool,
    /// The call that it is of was dropped.
    left: AtomicBool,
    /// How many batches were written.
    writes: AtomicU64,
    /// A call inside was not finished after it had written, so nothing may be committed.
    spoiled: AtomicBool,
}

#[derive(Default)]
struct State {
    open: Option<Box<dyn Transaction>>,
    /// What is told to listeners after the commit.
    happened: Vec<Happening>,
    /// Committed or rolled back: what comes later has no transaction to be part of.
    ended: bool,
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({:?})", self.shared.store.get())
    }
}

impl Scope {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        let shared = Shared {
            store: store.into(),
            ..Shared::default()
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// A scope of the store that is used in it first.
    pub(crate) fn of_the_first() -> Self {
        Self {
            shared: Arc::default(),
        }
    }

    /// Whether this scope is of that store. One that is of none yet becomes so.
    pub(crate) fn is_of(&self, store: &Arc<dyn Store>) -> bool {
        Arc::ptr_eq(self.shared.store.get_or_init(|| store.clone()), store)
    }

    /// Reads inside the transaction, which begins here if it has not.
    pub(crate) async fn query(&self, select: &Select) -> Result<Page> {
        let mut state = self.shared.state.lock().await;
        let page = self
            .opened(&mut state)
            .await?
            .query(Plan::seal(select))
            .await;
        self.let_go(&mut state);
        page
    }

    /// Writes inside the transaction, which begins here if it has not.
    pub(crate) async fn write(&self, batch: Batch) -> Result<Vec<Outcome>> {
        let mut state = self.shared.state.lock().await;
        let outcomes = self
            .opened(&mut state)
            .await?
            .write(Plan::seal_owned(batch))
            .await;
        if outcomes.is_ok() {
            self.shared.writes.fetch_add(1, Ordering::Relaxed);
        }
        self.let_go(&mut state);
        outcomes
    }

    /// Whether a transaction has begun.
    pub(crate) async fn is_open(&self) -> bool {
        self.shared.state.lock().await.open.is_some()
    }

    /// Remembers what to tell after the commit.
    pub(crate) async fn happened(&self, happening: Happening) {
        self.shared.state.lock().await.happened.push(happening);
    }

    /// Commits what was begun, and hands back what happened.
    pub(crate) async fn commit(&self) -> Result<Vec<Happening>> {
        let mut state = self.shared.state.lock().await;
        state.ended = true;
        if let Some(open) = state.open.take() {
            if self.shared.spoiled.load(Ordering::Acquire) {
                open.abort().await?;
                return Err(Error::internal(
                    "a call in this transaction failed half-way, or was dropped there, and the code around it went on: return its error",
                ));
            }
            open.commit().await?;
        }
        Ok(std::mem::take(&mut state.happened))
    }

    /// Rolls back what was begun.
    pub(crate) async fn abort(&self) {
        let mut state = self.shared.state.lock().await;
        state.ended = true;
        let open = state.open.take();
        if let Some(open) = open
            && let Err(error) = open.abort().await
        {
            tracing::warn!(target: "larder::store", %error, "a transaction could not be rolled back");
        }
    }

    async fn opened<'a>(&self, state: &'a mut State) -> Result<&'a mut Box<dyn Transaction>> {
        if self.has_expired() {
            return Err(lease::expired());
        }
        self.let_go(state);
        if state.ended {
            return Err(Error::internal(
                "the transaction of this context has ended: what outlives it calls through `cx.app()`",
            ));
        }
        if state.open.is_none() {
            let store = self
                .shared
                .store
                .get()
                .ok_or_else(|| Error::internal("a transaction of no store"))?;
            // From here on it may wait for another writer, which counts too.
            self.shared.begun.store(true, Ordering::Release);
            state.open = Some(store.begin(Plan::seal(&())).await?);
        }
        state
            .open
            .as_mut()
            .ok_or_else(|| Error::internal("a transaction was lost"))
    }
}

/// What runs a plan: the store itself, or a transaction on it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    Store(&'a Arc<dyn Store>),
    Transaction(&'a Scope),
}

impl Place<'_> {
    pub(crate) async fn query(self, select: &Select) -> Result<Page> {
        match self {
            Self::Store(store) => store.query(Plan::seal(select)).await,
            Self::Transaction(scope) => scope.query(select).await,
        }
    }

    pub(crate) async fn write(self, batch: Batch) -> Result<Vec<Outcome>> {
        match self {
            Self::Store(store) => store.write(Plan::seal_owned(batch)).await,
            Self::Transaction(scope) => scope.write(batch).await,
        }
    }
}
