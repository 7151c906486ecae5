//! The app: its models with their stores, its services, and the one way in.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use larder_query::Value;

use crate::actor::{Actor, Identity};
use crate::call::{Call, Reply, Surface, Want};
use crate::cursor::Cursors;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, Happening, Registered};
use crate::model::{Compiled, Kind};
use crate::pipeline;
use crate::record::Version;
use crate::runtime::Runtime;
use crate::services::Services;
use crate::session::Session;
use crate::store::Store;

mod builder;
mod checks;
mod relations;

pub use builder::{AppBuilder, Mode};

/// A built app. Cloning it is cheap; it is the state of an axum router.
///
/// ```
/// use larder_core::{Actor, App, Model, Result};
/// # async fn example<Post: Model>(app: App) -> Result<()> {
/// let seen = app.as_actor(&Actor::user("ann")).count::<Post>().await?; // by the rules
/// let all = app.as_system("nightly report").count::<Post>().await?;    // all there are
/// assert!(seen <= all);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    models: Vec<Arc<Mounted>>,
    names: BTreeMap<String, usize>,
    services: Services,
    identity: Arc<dyn Identity>,
    runtime: Arc<dyn Runtime>,
    mode: Mode,
    body_limit: usize,
    record_limit: usize,
    transaction_limit: Duration,
    query_limit: Duration,
    look_at: u64,
    cursors: Cursors,
    last_number: AtomicI64,
    last_version: AtomicI64,
    title: String,
    version: String,
}

/// A model in its app: with its store, its listeners and the plan of what its writes need.
#[derive(Debug)]
pub(crate) struct Mounted {
    pub(crate) model: Arc<Compiled>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) listeners: Vec<Registered>,
    pub(crate) plan: Plan,
}

/// What the writes of a model need beyond one statement. Worked out once, at `build()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) create_hooked: bool,
    pub(crate) replace_hooked: bool,
    pub(crate) update_hooked: bool,
    pub(crate) delete_hooked: bool,
}

impl Mounted {
    pub(crate) fn hears(&self, event: Event) -> bool {
        self.listeners
            .iter()
            .any(|listener| listener.event == event)
    }

    /// Asks the before-listeners; one that fails denies.
    pub(crate) async fn ask(&self, happening: &Happening) -> Result<()> {
        for listener in &self.listeners {
            if listener.event == happening.event {
                listener.hear(happening.clone()).await?;
            }
        }
        Ok(())
    }
}

impl App {
    /// Begins an app.
    pub fn builder() -> AppBuilder {
        AppBuilder::default()
    }

    /// Calls with the rights of an actor.
    pub fn as_actor(&self, actor: &Actor) -> Session {
        Session::new(self, actor.clone(), None)
    }

    /// Calls that no rule limits. The reason stands in the log of every call.
    pub fn as_system(&self, reason: &str) -> Session {
        Session::new(self, Actor::system(reason), None)
    }

    /// Closes the stores, once nobody calls any more: a SQLite file then stands alone, without the `-wal` and `-shm` beside it. All clones
    /// of the app are without a store then, and their calls fail with `Unavailable`.
    ///
    /// ```
    /// # use larder_core::App;
    /// # async fn example(app: App) {
    /// // At the end of `main`, behind `larder::serve(app.rest()).await?`.
    /// app.close().await;
    /// # }
    /// ```
    pub async fn close(&self) {
        let mut closed: Vec<&Arc<dyn Store>> = Vec::new();
        for store in self.0.models.iter().map(|mounted| &mounted.store) {
            if !closed.iter().any(|other| Arc::ptr_eq(other, store)) {
                store.close().await;
                closed.push(store);
            }
        }
    }

    /// A service that the app provides, by its type.
    pub fn service<T: Send + Sync + 'static>(&self) -> Result<&T> {
        self.0.services.get()
    }

    /// The time by the app's clock, to the microsecond.
    pub fn now(&self) -> jiff::Timestamp {
        crate::model::micros(self.0.runtime.now())
    }

    /// The models, in the order of their names.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &Arc<Compiled>> {
        self.0.models.iter().map(|mounted| &mounted.model)
    }

    /// The place of a model by its name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.names.get(name).copied()
    }

    /// A model by its place.
    pub fn model(&self, at: usize) -> Result<&Arc<Compiled>> {
        self.mounted(at).map(|mounted| &mounted.model)
    }

    /// Who makes a request.
    pub fn identity(&self) -> &Arc<dyn Identity> {
        &self.0.identity
    }

    /// Whether the app runs for development or in production.
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// The longest body of a request, in bytes.
    pub fn body_limit(&self) -> usize {
        self.0.body_limit
    }

    /// The most bytes of memory that a record may take, about.
    pub fn record_limit(&self) -> usize {
        self.0.record_limit
    }

    /// The name that stands in documents.
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// The version that stands in documents.
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// Runs a call through the pipeline. Doors call this; everybody else has [`Session`].
    pub async fn call(&self, call: &Call) -> Result<Reply> {
        let done = pipeline::run(self, call).await;
        done.map_err(|error| self.conceal(call, error))
    }

    /// Puts the faults of server-only fields aside: whatever passes the error on, no client hears of them.
    ///
    /// At a door, content that breaks such a field's schema is a fault of the server's own code: no client can send it.
    fn conceal(&self, call: &Call, error: Error) -> Error {
        let Ok(model) = self.model(call.model) else {
            return error;
        };
        let action = match &call.want {
            Want::Act { key, action, .. } => model.action(action, key.is_none()),
            _ => None,
        };
        let arguments = action.map_or(&[][..], |action| &action.args);
        let before = error.hidden_fields().len();
        // What an operation of a JSON Patch is made of is the client's, whatever fields the model hides.
        let patches = matches!(call.want, Want::JsonPatch(..));
        let error = model.conceal(error, |name| {
            arguments.iter().any(|arg| arg.name == name)
                || patches && matches!(name, "op" | "path" | "from" | "value")
        });
        // A rule may have made a query too broad by server-only fields: the client can still narrow it.
        let own = error.hidden_fields().len() > before && !error.is_bound();
        if own && call.surface != Surface::InProcess && error.kind() != ErrorKind::Duplicate {
            return Error::internal(error);
        }
        // Code on the server asks by the kind, whatever clients are told.
        match model.data().duplicates_are_invalid && call.surface != Surface::InProcess {
            true => error.duplicate_as_invalid(),
            false => error,
        }
    }

    pub(crate) fn mounted(&self, at: usize) -> Result<&Arc<Mounted>> {
        self.0
            .models
            .get(at)
            .ok_or_else(|| Error::internal("a call names a model that is not there"))
    }

    pub(crate) fn transaction_limit(&self) -> Duration {
        self.0.transaction_limit
    }

    pub(crate) fn query_limit(&self) -> Duration {
        self.0.query_limit
    }

    pub(crate) fn cursors(&self) -> &Cursors {
        &self.0.cursors
    }

    pub(crate) fn look_at(&self) -> u64 {
        self.0.look_at
    }

    pub(crate) fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.0.runtime
    }

    /// Tells the listeners what has happened. It can't be undone any more, so their failures are only logged.
    pub(crate) async fn tell(&self, happened: Vec<Happening>) -> Result<()> {
        for happening in happened {
            let mounted = self.mounted(happening.model)?;
            for listener in mounted
                .listeners
                .iter()
                .filter(|listener| listener.event == happening.event)
            {
                let hears = async { listener.hear(happening.clone()).await };
                // Those after one that panics are told all the same.
                let heard = AssertUnwindSafe(hears).catch_unwind().await;
                let heard = heard.unwrap_or_else(|_| Err(Error::internal("it panicked")));
                if let Err(error) = heard {
                    let model = mounted.model.name();
                    tracing::error!(target: "larder::events", model, event = ?happening.event, ?error, "a listener failed");
                }
            }
        }
        Ok(())
    }

    /// The version of a record that is created at this time. It never goes back, even if the clock does.
    pub(crate) fn new_version(&self, now: jiff::Timestamp) -> Version {
        let first = Version::created_at(now);
        let before = self.0.last_version.fetch_max(first.0, Ordering::Relaxed);
        Version(first.0.max(before))
    }

    /// A new key. Text and UUIDs are UUIDv7; integers are the time in microseconds, which fits a JavaScript number, and
    /// never the same twice in one process (a collision between processes is a duplicate, and the client may try again).
    pub(crate) fn new_key(&self, kind: Kind) -> Value {
        match kind {
            Kind::Int | Kind::Uint => {
                let now = self.now().as_microsecond();
                let next = |last: i64| Some(now.max(last + 1));
                let last =
                    self.0
                        .last_number
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
                Value::from(now.max(last.unwrap_or(now) + 1))
            }
            Kind::Uuid => Value::Uuid(uuid::Uuid::now_v7()),
            _ => {
                let text = uuid::Uuid::now_v7();
                Value::from(
                    text.hyphenated()
                        .encode_lower(&mut uuid::Uuid::encode_buffer()) as &str,
                )
            }
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("models", &self.0.names.keys())
            .field("mode", &self.0.mode)
            .finish_non_exhaustive()
    }
}
