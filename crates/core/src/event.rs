//! Listeners: code outside a model that hears of what happens to it, and may deny it beforehand.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;

use crate::actor::Actor;
use crate::app::App;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::record::Row;
use crate::session::{Document, Session};
use crate::store::BoxFuture;
use crate::transaction::Scope;

/// What a listener can hear of. The names are Webda's.
///
/// `Save`, `Update`, `Delete`, `Get` and `Query` come before the deed: a listener that fails denies it, with the status of
/// its error. `Saved`, `Updated` and `Deleted` come after the commit: their failures, panics too, are logged and change nothing.
///
/// ```
/// use larder_core::{App, Error, Event, Model, Notice, Result};
/// async fn keep<Post: Model>(_: Notice<Post>) -> Result<()> {
///     Err(Error::denied(409, "posts stay"))
/// }
/// # fn example<Post: Model>() {
/// let app = App::builder().on::<Post>(Event::Delete, keep);
/// # let _ = app;
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A new record is about to be written.
    Save,
    /// A new record was written.
    Saved,
    /// A record is about to be changed.
    Update,
    /// A record was changed.
    Updated,
    /// A record is about to be deleted.
    Delete,
    /// A record was deleted.
    Deleted,
    /// One record was read and is about to be handed out. Of what comes back from a write `Save` or `Update` was told: it is kept
    /// from those who may write and not read by the rules alone.
    Get,
    /// A list is about to be read: one of these records, or one of others that filters, sorts or groups by what these hold, through a link.
    Query,
}

impl Event {
    /// Whether it is told inside the transaction of the write, or with the record as it was before.
    pub(crate) fn needs_transaction(self) -> bool {
        matches!(
            self,
            Self::Save | Self::Update | Self::Updated | Self::Delete
        )
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Save => "Event::Save",
            Self::Saved => "Event::Saved",
            Self::Update => "Event::Update",
            Self::Updated => "Event::Updated",
            Self::Delete => "Event::Delete",
            Self::Deleted => "Event::Deleted",
            Self::Get => "Event::Get",
            Self::Query => "Event::Query",
        }
    }
}

/// What a listener is told. Its record is an [`Entity`]; for a listener to a model [by its name](crate::AppBuilder::on_model), with
/// `M = Document`, it is a [`Document`].
///
/// ```
/// use larder_core::{App, Event, Model, Notice, Result};
/// async fn tell<Post: Model>(notice: Notice<Post>) -> Result<()> {
///     let id = notice.record()?.to_key();
///     tracing::info!(%id, by = %notice.actor(), "a new post");
///     Ok(())
/// }
/// # fn example<Post: Model>() {
/// let app = App::builder().on::<Post>(Event::Saved, tell);
/// # let _ = app;
/// # }
/// ```
#[derive(Clone)]
pub struct Notice<M> {
    at: usize,
    pub(crate) app: App,
    pub(crate) actor: Actor,
    pub(crate) event: Event,
    pub(crate) record: Option<Row>,
    pub(crate) previous: Option<Row>,
    pub(crate) scope: Option<Scope>,
    model: PhantomData<fn() -> M>,
}

impl<M> Notice<M> {
    /// What happened, or is about to.
    pub fn event(&self) -> Event {
        self.event
    }

    /// Who does it.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Calls with the actor's own rights: before the deed inside its transaction, afterwards on their own.
    pub fn session(&self) -> Session {
        Session::new(&self.app, self.actor.clone(), self.scope.as_ref())
    }

    /// As [`session`](Self::session), for calls that no rule limits. The reason stands in the log.
    pub fn as_system(&self, reason: &str) -> Session {
        Session::new(&self.app, Actor::system(reason), self.scope.as_ref())
    }

    /// The app, for services. Calls through it are outside the transaction, and may have to wait for it.
    pub fn app(&self) -> &App {
        &self.app
    }

    fn carried<'a>(&self, row: Option<&'a Row>) -> Result<&'a Row> {
        row.ok_or_else(|| Error::internal(format!("{:?} carries no such record", self.event)))
    }
}

impl<M: Model> Notice<M> {
    /// The record as it is to be, or is. There is none for `Query`.
    ///
    /// # Errors
    /// `Internal` for an event that carries none; what the struct says of a record that it can't read.
    pub fn record(&self) -> Result<Entity<M>> {
        self.entity(self.record.as_ref())
    }

    /// The record as it was before an update. There is none for other events.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn previous(&self) -> Result<Entity<M>> {
        self.entity(self.previous.as_ref())
    }

    fn entity(&self, row: Option<&Row>) -> Result<Entity<M>> {
        Entity::new(self.session(), Arc::clone(self.carried(row)?))
    }
}

impl Notice<Document> {
    /// The record as it is to be, or is, by the names of its fields. There is none for `Query`.
    ///
    /// # Errors
    /// `Internal` for an event that carries none.
    pub fn record(&self) -> Result<Document> {
        self.document(self.record.as_ref())
    }

    /// The record as it was before an update. There is none for other events.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn previous(&self) -> Result<Document> {
        self.document(self.previous.as_ref())
    }

    fn document(&self, row: Option<&Row>) -> Result<Document> {
        Document::new(self.session(), self.at, Arc::clone(self.carried(row)?))
    }
}

impl<M> fmt::Debug for Notice<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} by {}", self.event, self.actor)
    }
}

/// A listener: any `async fn(Notice<M>) -> Result<()>`, or a closure that returns such a future. [`Notice`] has an example.
pub trait Listener<M>: Send + Sync + 'static {
    /// Hears of an event.
    fn hear(&self, notice: Notice<M>) -> BoxFuture<'static, Result<()>>;
}

impl<M, F, Out> Listener<M> for F
where
    F: Fn(Notice<M>) -> Out + Send + Sync + 'static,
    Out: Future<Output = Result<()>> + Send + 'static,
{
    fn hear(&self, notice: Notice<M>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self(notice))
    }
}

/// What happened, without the model's type.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    pub(crate) model: usize,
    pub(crate) app: App,
    pub(crate) actor: Actor,
    pub(crate) event: Event,
    pub(crate) record: Option<Row>,
    pub(crate) previous: Option<Row>,
    pub(crate) scope: Option<Scope>,
}

type Hear = Arc<dyn Fn(Happening) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// A registered listener.
#[derive(Clone)]
pub(crate) struct Registered {
    pub(crate) event: Event,
    hear: Hear,
}

impl Registered {
    pub(crate) fn new<M: 'static>(event: Event, listener: impl Listener<M>) -> Self {
        let hear: Hear = Arc::new(move |happening: Happening| {
            let Happening {
                model: at,
                app,
                actor,
                event,
                record,
                previous,
                scope,
            } = happening;
            listener.hear(Notice {
                at,
                app,
                actor,
                event,
                record,
                previous,
                scope,
                model: PhantomData,
            })
        });
        Self { event, hear }
    }

    pub(crate) fn hear(&self, happening: Happening) -> BoxFuture<'static, Result<()>> {
        (self.hear)(happening)
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "on {:?}", self.event)
    }
}
