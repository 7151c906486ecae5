//! Putting an app together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use super::{App, Inner, Mounted, Plan, checks};
use crate::actor::{Identity, Nobody};
use crate::cursor::{Cursors, MIN_SECRET};
use crate::error::{Error, Result};
use crate::event::{Event, Listener, Registered};
use crate::migrate::{self, Change, Migrations};
use crate::model::{Compiled, HookPoint, Model, ModelDef, Text, follow};
use crate::pipeline::share_of_record;
use crate::registry::ModelSet;
use crate::runtime::Runtime;
use crate::services::Services;
use crate::session::Document;
use crate::store::{IntoStore, Store};

/// Whether an app runs for its developers or for its users. In production nothing that trusts what anybody says is accepted.
///
/// ```
/// use larder_core::{App, Mode};
/// let app = App::builder().mode(Mode::Production); // whatever LARDER_MODE says
/// # let _ = app;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For developers: development identities are accepted.
    Development,
    /// For users.
    Production,
}

impl Mode {
    /// `LARDER_MODE=development` or `production`; without it, development in a build with debug assertions.
    pub fn from_env() -> Result<Self> {
        match std::env::var("LARDER_MODE").as_deref() {
            Ok("development") => Ok(Self::Development),
            Ok("production") => Ok(Self::Production),
            Ok(other) => Err(Error::setup(format!(
                "LARDER_MODE is `{other}`; write `development` or `production`"
            ))),
            Err(_) if cfg!(debug_assertions) => Ok(Self::Development),
            Err(_) => Ok(Self::Production),
        }
    }
}

/// An app in the making.
///
/// ```
/// use larder_core::{App, MemoryStore, ModelDef, Result, Runtime};
/// # use std::sync::Arc;
/// # async fn example(note: ModelDef, runtime: Arc<dyn Runtime>) -> Result<App> {
/// // With the crate `larder`, `.models(models![Note])` and `.build()`.
/// App::builder().model(note).store("main", MemoryStore::new()).title("Notes", "2").build_with(runtime).await
/// # }
/// ```
#[derive(Debug)]
pub struct AppBuilder {
    models: ModelSet,
    stores: BTreeMap<String, Arc<dyn Store>>,
    services: Services,
    listeners: Vec<(Text, Registered)>,
    identity: Arc<dyn Identity>,
    mode: Option<Mode>,
    body_limit: usize,
    record_limit: Option<usize>,
    transaction_limit: Duration,
    query_limit: Duration,
    look_at: u64,
    cursors: Option<Cursors>,
    title: (String, String),
    migrations: Migrations,
    faults: Vec<String>,
}

impl Default for AppBuilder {
    fn default() -> Self {
        Self {
            models: ModelSet::new(),
            stores: BTreeMap::new(),
            services: Services::default(),
            listeners: Vec::new(),
            identity: Arc::new(Nobody),
            mode: None,
            body_limit: 1024 * 1024,
            record_limit: None,
            transaction_limit: Duration::from_secs(30),
            query_limit: Duration::from_secs(10),
            look_at: 100_000,
            cursors: None,
            title: ("API".to_owned(), "1".to_owned()),
            migrations: Migrations::default(),
            faults: Vec::new(),
        }
    }
}

impl AppBuilder {
    /// Adds models: `models![Post, Blog]`.
    #[must_use]
    pub fn models(mut self, models: ModelSet) -> Self {
        self.models = self.models.and(models);
        self
    }

    /// Adds a model that is described by hand, or made at run time: one without a struct, or of a struct that derives nothing.
    ///
    /// ```
    /// use larder_core::{App, ModelDef};
    /// use serde_json::json;
    /// # fn main() -> larder_core::Result<()> {
    /// let def = ModelDef::from_json(&json!({
    ///     "name": "Note",
    ///     "url": "/notes",
    ///     "rules": {"read": "true"},
    ///     "schema": {"properties": {"id": {"type": "string"}, "text": {"type": "string"}}, "required": ["text"]},
    /// }))?;
    /// let app = App::builder().model(def);
    /// # let _ = app; Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn model(mut self, def: ModelDef) -> Self {
        self.models = self.models.with_def(def);
        self
    }

    /// Adds a store by the name that models give; a model that gives none is kept in `main`.
    #[must_use]
    pub fn store(mut self, name: &str, store: impl IntoStore) -> Self {
        if self
            .stores
            .insert(name.to_owned(), store.into_store())
            .is_some()
        {
            self.faults.push(format!(
                "two stores are named `{name}`: give one of them another name"
            ));
        }
        self
    }

    /// Provides a service: hooks and actions get it by its type with `cx.get::<T>()`, other code with [`App::service`]. One more of the same
    /// type takes the place of the one before.
    ///
    /// ```
    /// use larder_core::{App, Ctx, Result};
    /// struct Mailer;
    /// fn in_a_hook(cx: &Ctx) -> Result<()> {
    ///     let _: &Mailer = cx.get()?;
    ///     Ok(())
    /// }
    /// let app = App::builder().provide(Mailer);
    /// # let _ = app;
    /// ```
    #[must_use]
    pub fn provide<T: Send + Sync + 'static>(mut self, service: T) -> Self {
        self.services.provide(service);
        self
    }

    /// Adds a listener outside the model. One that comes before the deed (`Event::Save`, `Update`, `Delete`, `Get`, `Query`)
    /// denies it by failing. [`Notice`](crate::Notice) and [`Event`] have examples.
    #[must_use]
    pub fn on<M: Model>(mut self, event: Event, listener: impl Listener<M>) -> Self {
        self.listeners
            .push((M::NAME.into(), Registered::new::<M>(event, listener)));
        self
    }

    /// As [`on`](Self::on), for a model by its name: one without a struct above all. The listener gets the record as a [`Document`].
    ///
    /// ```
    /// use larder_core::{App, Document, Error, Event, Notice};
    /// async fn deny(ticket: Notice<Document>) -> larder_core::Result<()> {
    ///     match ticket.record()?.get("title") {
    ///         Some(title) if title == "nothing" => Err(Error::denied(409, "there is always something to do")),
    ///         _ => Ok(()),
    ///     }
    /// }
    /// let app = App::builder().on_model("Ticket", Event::Save, deny);
    /// # let _ = app;
    /// ```
    #[must_use]
    pub fn on_model(
        mut self,
        model: impl Into<Text>,
        event: Event,
        listener: impl Listener<Document>,
    ) -> Self {
        let registered = Registered::new::<Document>(event, listener);
        self.listeners.push((model.into(), registered));
        self
    }

    /// Lets this app, and whoever shares its database, hear what is committed of a model: [`Session::changes`](crate::Session::changes). Where
    /// nobody asks like this, nothing is kept for it and no write costs more.
    ///
    /// ```
    /// # use larder_core::{App, AppBuilder, Model};
    /// # fn build<Post: Model>(builder: AppBuilder) -> AppBuilder {
    /// builder.changes::<Post>()
    /// # }
    /// ```
    #[must_use]
    pub fn changes<M: Model>(self) -> Self {
        self.changes_of(M::NAME)
    }

    /// As [`changes`](Self::changes), of a model by its name.
    #[must_use]
    pub fn changes_of(mut self, model: &str) -> Self {
        self.models = self.models.with_changes_of(model);
        self
    }

    /// Says who makes a request. Without it everybody is anonymous.
    #[must_use]
    pub fn identity(mut self, identity: impl Identity) -> Self {
        self.identity = Arc::new(identity);
        self
    }

    /// Sets the mode; else it is [`Mode::from_env`].
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// The longest body of a request, in bytes: 1 MiB unless set.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The most bytes that a record may take in memory, about, its server-only fields aside: sixteen times the
    /// [`body_limit`](Self::body_limit) unless set.
    ///
    /// A body is limited by itself, but patches add to what is there. A write that would make a record larger fails with `TooLarge`
    /// (413), and leaves it as it was. A sixteenth of the limit is kept for changes that are one statement, without a look at the record
    /// before: each field that can grow has its share of that, and what fills no more than the share of its field is never refused. So a
    /// record that has filled all but this sixteenth may be refused to grow otherwise.
    #[must_use]
    pub fn record_limit(mut self, bytes: usize) -> Self {
        self.record_limit = Some(bytes);
        self
    }

    /// How long a transaction may be open while hooks, actions and before-listeners run: 30 seconds unless set.
    ///
    /// One that is open for longer is rolled back, and the call fails with `Unavailable` (503): a hook that waits for something that
    /// never comes must not keep everybody else's writes waiting. The time counts from the first use of the store in the call.
    #[must_use]
    pub fn transaction_limit(mut self, limit: Duration) -> Self {
        self.transaction_limit = limit;
        if limit.is_zero() {
            self.faults.push(
                "a transaction limit of 0 leaves no time for any: name a longer one".to_owned(),
            );
        }
        self
    }

    /// How long a client's query may take in the store: 10 seconds unless set.
    ///
    /// One that takes longer is given up. The answer is 400 where the client asked for records to be looked at one by one, as a
    /// `contains` does, and can ask for fewer; 503 where an index leads to them, and the store is slow. Code on the server waits as long as
    /// it likes.
    #[must_use]
    pub fn query_limit(mut self, limit: Duration) -> Self {
        self.query_limit = limit;
        if limit.is_zero() {
            self.faults
                .push("a query limit of 0 leaves no time for any: name a longer one".to_owned());
        }
        self
    }

    /// How many records may be looked at one by one for a client's query, where no index decides: 100,000 unless set.
    ///
    /// Beyond it the query is answered with 400, whatever the table grows to. Queries of code on the server have no such bound.
    #[must_use]
    pub fn look_at(mut self, records: u64) -> Self {
        self.look_at = records;
        self
    }

    /// What the cursors of lists are encrypted and signed with: 32 bytes or more that nobody else knows, such as from a file of secrets.
    ///
    /// Without one the app makes one up, and a cursor is good for as long as the app runs, in this one process. Give the same one to all
    /// processes that answer for each other, and cursors outlive a restart.
    #[must_use]
    pub fn secret(mut self, secret: impl AsRef<[u8]>) -> Self {
        let secret = secret.as_ref();
        if secret.len() < MIN_SECRET {
            self.faults.push(format!(
                "a secret of {} bytes could be guessed: give {MIN_SECRET} or more",
                secret.len()
            ));
        }
        self.cursors = Some(Cursors::new(Some(secret)));
        self
    }

    /// The name and version that stand in the OpenAPI document.
    #[must_use]
    pub fn title(mut self, title: &str, version: &str) -> Self {
        self.title = (title.to_owned(), version.to_owned());
        self
    }

    /// Says whether the app changes tables by itself when it starts; it does unless told otherwise.
    #[must_use]
    pub fn migrations(mut self, how: Migrations) -> Self {
        self.migrations = how;
        self
    }

    /// Every difference between the stores and the models: see [`migrate::plan`].
    ///
    /// # Errors
    /// As [`migrate::plan`].
    pub async fn schema_plan(&self) -> Result<Vec<Change>> {
        migrate::plan(&self.stores, self.models.clone()).await
    }

    /// Makes every change that loses nothing: see [`migrate::apply`].
    ///
    /// # Errors
    /// As [`migrate::apply`].
    pub async fn schema_apply(&self) -> Result<Vec<Change>> {
        migrate::apply(&self.stores, self.models.clone()).await
    }

    /// Checks everything, prepares the stores and gives the app. `larder`'s prelude has `build()`, which brings its runtime.
    ///
    /// # Errors
    /// Every mistake in the set-up that can be seen, at once, each with its fix; or what a store said while it was prepared.
    pub async fn build_with(self, runtime: Arc<dyn Runtime>) -> Result<App> {
        let mode = match self.mode {
            Some(mode) => mode,
            None => Mode::from_env()?,
        };
        let mut faults = self.faults;
        let record_limit = self
            .record_limit
            .unwrap_or(self.body_limit.saturating_mul(16));
        let mut models: Vec<Compiled> = Vec::new();
        faults.extend(self.models.faults());
        for def in self.models.into_defs() {
            match Compiled::alone(def) {
                Ok(mut model) => {
                    let share = share_of_record(record_limit, &model);
                    Arc::make_mut(&mut model.layout).storage.list_bytes = Some(share);
                    models.push(model);
                }
                Err(mistakes) => faults.extend(mistakes),
            }
        }
        models.sort_by(|one, other| one.name().cmp(other.name()));
        faults.extend(follow(&mut models).err().into_iter().flatten());
        let models: Vec<Arc<Compiled>> = models.into_iter().map(Arc::new).collect();
        checks::models(&models, &self.stores, &self.listeners, &mut faults);
        checks::listeners(
            &models,
            self.listeners.iter().map(|(name, _)| &**name),
            &mut faults,
        );
        if mode == Mode::Production && self.identity.is_for_development() {
            faults.push(format!(
                "the identity {:?} believes what anybody says, and the app runs in production mode: name a real one, or set LARDER_MODE=development",
                self.identity
            ));
        }
        if !faults.is_empty() {
            return Err(checks::all(&faults));
        }
        migrate::start(self.migrations, &self.stores, &models).await?;
        let mounted = mount(models, &self.stores, &self.listeners);
        let names = mounted.iter().enumerate();
        let names = names
            .map(|(at, mounted)| (mounted.model.name().to_owned(), at))
            .collect();
        Ok(App(Arc::new(Inner {
            models: mounted,
            names,
            services: self.services,
            identity: self.identity,
            runtime,
            mode,
            body_limit: self.body_limit,
            record_limit,
            transaction_limit: self.transaction_limit,
            query_limit: self.query_limit,
            look_at: self.look_at,
            cursors: match self.cursors {
                Some(cursors) => cursors,
                None => Cursors::new(None),
            },
            last_number: AtomicI64::new(0),
            last_version: AtomicI64::new(0),
            title: self.title.0,
            version: self.title.1,
        })))
    }
}

/// Puts the models with their stores and listeners. A model that no rule opens is said in the log.
fn mount(
    models: Vec<Arc<Compiled>>,
    stores: &BTreeMap<String, Arc<dyn Store>>,
    all: &[(Text, Registered)],
) -> Vec<Arc<Mounted>> {
    let mut mounted = Vec::with_capacity(models.len());
    for model in models {
        let Some(store) = stores.get(&*model.def.store).cloned() else {
            continue;
        };
        if model.def.url.is_some() && model.rules.is_empty() {
            let model = model.name();
            tracing::warn!(
                target: "larder::rules",
                model,
                "has a url and no rules, so nobody may read or write it: add `#[model(rules(read = \"..\", write = \"..\"))]`"
            );
        }
        let listeners = all.iter().filter(|(name, _)| name == model.name());
        let listeners: Vec<Registered> = listeners.map(|(_, listener)| listener.clone()).collect();
        let plan = plan(&model, &listeners);
        mounted.push(Arc::new(Mounted {
            model,
            store,
            listeners,
            plan,
        }));
    }
    mounted
}

/// What the writes of this model need beyond one statement.
fn plan(model: &Compiled, listeners: &[Registered]) -> Plan {
    let hears = |events: &[Event]| {
        listeners
            .iter()
            .any(|listener| events.contains(&listener.event))
    };
    let create = model.has_hooks(&[HookPoint::BeforeCreate, HookPoint::AfterCreate])
        || hears(&[Event::Save]);
    // `Updated` carries the record as it was, so it needs the old one too.
    let update = model.has_hooks(&[HookPoint::BeforeUpdate, HookPoint::AfterUpdate])
        || hears(&[Event::Update, Event::Updated]);
    Plan {
        create_hooked: create,
        replace_hooked: create || update,
        update_hooked: update,
        delete_hooked: model.has_hooks(&[HookPoint::BeforeDelete, HookPoint::AfterDelete])
            || hears(&[Event::Delete]),
    }
}
