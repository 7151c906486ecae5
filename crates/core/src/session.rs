//! The typed API for code in the same process. Its calls go through the same pipeline as every door's.

use std::sync::Arc;

use larder_query::{Value, ValueError};

use crate::actor::Actor;
use crate::app::App;
use crate::call::{Body, Call, ListQuery, Precondition, Reply, Surface, Want};
use crate::codec::Draft;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::key::Key;
use crate::model::{Compiled, Field, Model, ModelOps};
use crate::record::Row;
use crate::transaction::Scope;

mod aggregates;
mod changes;
mod document;
mod made;
mod query;
mod records;
mod related;
mod transaction;
mod update;
mod update_record;

pub use aggregates::{Groups, Pages};
pub use changes::{Change, ChangeFeed, Commit};
pub use document::Document;
pub use query::QueryBuilder;
pub use records::{RecordQuery, Records};
pub use update::UpdateBuilder;
pub use update_record::RecordUpdate;

/// Calls on behalf of one actor, typed by the model.
///
/// Rules apply as at every door. What differs: code on the server may set the fields that a client may not, because they
/// are fields of the struct it hands over (but for the owner of a new record, who is the actor); and a write hands back what it wrote, even where the actor may not read it.
///
/// ```
/// use larder_core::{Actor, App, Model, Result};
/// # async fn example<Post: Model>(app: App, post: Post) -> Result<()> {
/// let ann = app.as_actor(&Actor::user("ann"));
/// ann.create(&post).await?;                       // `post` may say what a client may not, but not whose it is
/// let mut post = ann.get::<Post>("hello").await?; // an error for which `is_not_found()` holds, if there is none to be seen
/// post.save().await?;
/// ann.delete::<Post>("hello").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) app: App,
    pub(crate) actor: Actor,
    pub(crate) scope: Option<Scope>,
}

impl Session {
    pub(crate) fn new(app: &App, actor: Actor, scope: Option<&Scope>) -> Self {
        if actor.is_system() {
            tracing::debug!(target: "larder::system", %actor, "calls that no rule limits");
        }
        Self {
            app: app.clone(),
            actor,
            scope: scope.cloned(),
        }
    }

    /// The record with this id.
    ///
    /// # Errors
    /// `NotFound` where there is none to be seen ([`find`](Self::find) gives `None`), also for an id that can't be one of this model;
    /// those of the store, and of a listener to `Get`.
    pub async fn get<M: Model>(&self, id: impl Into<Key>) -> Result<Entity<M>> {
        match self.run::<M>(Want::Get(id.into())).await? {
            Reply::Record(row) => Entity::new(self.clone(), row),
            other => Err(unexpected(&other)),
        }
    }

    /// The record with this id, if there is one to be seen.
    ///
    /// # Errors
    /// Those of the store, and of a listener to `Get`.
    pub async fn find<M: Model>(&self, id: impl Into<Key>) -> Result<Option<Entity<M>>> {
        match self.get(id).await {
            Ok(entity) => Ok(Some(entity)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Calls for a model by its name, with JSON in place of a struct: for models that are made at run time, and for code that
    /// works on any model. That the app has such a model shows when a call is made.
    ///
    /// ```
    /// # use larder_core::{Actor, App, Op, Result};
    /// # use serde_json::json;
    /// # async fn run(app: App) -> Result<()> {
    /// let posts = app.as_actor(&Actor::user("ann")).model("Post");
    /// let mut post = posts.create(&json!({"title": "Hello"})).await?;
    /// post.set("title", "Hello again")?;
    /// post.save().await?;
    /// let found = posts.query().test("title", Op::StartsWith, "Hello").sort("-title").limit(10).all().await?;
    /// # let _ = found; Ok(())
    /// # }
    /// ```
    pub fn model(&self, name: &str) -> Records {
        Records::new(self.clone(), name)
    }

    /// Begins a query for records of a model: [`QueryBuilder`] has an example.
    pub fn query<M: Model>(&self) -> QueryBuilder<M> {
        QueryBuilder::new(self.clone())
    }

    /// How many records of a model the actor may see.
    ///
    /// # Errors
    /// `Forbidden` or `Unauthorized` where the rule shows the actor none whatever there is; those of the store, and of a listener to `Query`.
    pub async fn count<M: Model>(&self) -> Result<u64> {
        self.query::<M>().count().await
    }

    /// A record that is not stored yet, from a few of its fields and the defaults of the others.
    ///
    /// Fields that the server fills in on create need not be given; the id is a new one unless it is.
    ///
    /// ```
    /// # use larder_core::{Model, Result, Session};
    /// # use serde_json::json;
    /// # async fn example<Post: Model>(session: Session) -> Result<()> {
    /// let post: Post = session.construct(json!({ "title": "Hello" }))?;
    /// session.create(&post).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Setup` for a name that is no field; `Invalid` for a value that the struct's `Deserialize` does not take, or that it lacks, with a
    /// pointer to it.
    pub fn construct<M: Model>(&self, fields: impl Into<Value>) -> Result<M> {
        let Value::Object(mut given) = fields.into() else {
            return Err(Error::setup(
                "a record is constructed from an object of its fields",
            ));
        };
        let (_, model) = self.typed::<M>()?;
        let mut values = Vec::with_capacity(model.fields.len());
        let mut lacking = Vec::new();
        for (at, field) in model
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.in_struct)
        {
            let value = match given.remove(field.name()) {
                Some(value) => value,
                // The database gives it, and 0 stands for that.
                None if model.key.one() == Some(at) && model.layout.storage.assigned_key => {
                    Value::from(0)
                }
                None if model.key.one() == Some(at) => self.app.new_key(field.kind()),
                None if Some(at) == model.owner => self.actor.id().map_or(Value::Null, Value::from),
                None => field.default()?.unwrap_or_else(|| {
                    lacking.push(at);
                    Value::Null
                }),
            };
            values.push((field.name().to_owned(), value));
        }
        if let Some((name, _)) = given.iter().next() {
            return Err(Error::setup(format!(
                "`{name}` is not a field of {}",
                M::NAME
            )));
        }
        let pairs: Vec<(&str, &Value)> = values
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        crate::codec::typed::decode_given(&pairs).map_err(|error| misfit(model, &error, &lacking))
    }

    /// Adds a record. Its id must be new.
    ///
    /// # Errors
    /// `Duplicate` where its id or a unique value is taken, `Invalid` with every field that breaks the schema, `Forbidden` or
    /// `Unauthorized` where the rule refuses, `NotFound` where there is no such parent to be seen; those of hooks and of listeners to `Save`.
    pub async fn create<M: Model>(&self, record: &M) -> Result<Entity<M>> {
        let (_, model) = self.typed::<M>()?;
        match self
            .run::<M>(Want::Create(Body::Trusted(draft(model, record)?)))
            .await?
        {
            Reply::Created(row) => Entity::new(self.clone(), row),
            other => Err(unexpected(&other)),
        }
    }

    /// Adds many records in one batch: all of them, or none.
    ///
    /// # Errors
    /// As [`create`](Self::create), of the first record that has one.
    pub async fn create_many<M: Model>(&self, records: &[M]) -> Result<u64> {
        let (_, model) = self.typed::<M>()?;
        let drafts = records
            .iter()
            .map(|record| draft(model, record))
            .collect::<Result<Vec<_>>>()?;
        match self.run::<M>(Want::CreateMany(drafts)).await? {
            Reply::CreatedMany(rows) => Ok(rows.len() as u64),
            other => Err(unexpected(&other)),
        }
    }

    /// Stores a record under its id: adds it, or replaces the one that is there whatever its version. To replace what was
    /// read, and only that, use [`Entity::save`].
    ///
    /// # Errors
    /// As [`create`](Self::create), but for the id; `NotFound` where the actor may not see the record that is there.
    pub async fn save<M: Model>(&self, record: &M) -> Result<Entity<M>> {
        self.put(record, Precondition::none()).await
    }

    /// Deletes the record with this id.
    ///
    /// # Errors
    /// `NotFound` where there is none to be seen, `Forbidden` where the rule refuses; those of hooks and of listeners to `Delete`.
    pub async fn delete<M: Model>(&self, id: impl Into<Key>) -> Result<()> {
        self.run::<M>(Want::Delete(id.into(), Precondition::none()))
            .await
            .map(drop)
    }

    /// Begins a change of the record with this id by what is in its fields: sums, lists, and values under a condition. Of any number
    /// of them at the same time none is lost.
    ///
    /// ```
    /// # use larder_core::{Filter, Model, Result, Session, TypedField};
    /// # async fn example<Post: Model>(
    /// #     session: Session, likes: TypedField<Post, i64>, tags: TypedField<Post, Vec<String>>, open: TypedField<Post, bool>,
    /// # ) -> Result<()> {
    /// // With a Post: `.add(Post::LIKES, 1).push(Post::TAGS, "rust").when(Post::OPEN.eq(true))`.
    /// session.update::<Post>("hello").add(likes, 1).push(tags, "rust").when(open.eq(true)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update<M: Model>(&self, id: impl Into<Key>) -> UpdateBuilder<M> {
        UpdateBuilder::new(self.clone(), id.into())
    }

    pub(crate) async fn put<M: Model>(
        &self,
        record: &M,
        precondition: Precondition,
    ) -> Result<Entity<M>> {
        let (_, model) = self.typed::<M>()?;
        let body = Body::Trusted(draft(model, record)?);
        match self
            .run::<M>(Want::Replace(record.to_key(), body, precondition))
            .await?
        {
            Reply::Created(row) | Reply::Updated(row) => Entity::new(self.clone(), row),
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) async fn delete_at<M: Model>(
        &self,
        key: Key,
        precondition: Precondition,
    ) -> Result<()> {
        self.run::<M>(Want::Delete(key, precondition))
            .await
            .map(drop)
    }

    pub(crate) async fn list<M: Model>(&self, query: ListQuery) -> Result<(Vec<Row>, Option<u64>)> {
        match self.run::<M>(Want::List(Box::new(query))).await? {
            Reply::Page { rows, total, .. } => Ok((rows, total)),
            other => Err(unexpected(&other)),
        }
    }

    async fn run<M: Model>(&self, want: Want) -> Result<Reply> {
        let (model, _) = self.typed::<M>()?;
        self.run_at(model, want).await
    }

    pub(crate) async fn run_at(&self, model: usize, want: Want) -> Result<Reply> {
        let compiled = self.app.model(model)?;
        let own = |key: Key| compiled.own_key(key).ok_or_else(Error::not_found);
        let want = match want {
            Want::Get(key) => Want::Get(own(key)?),
            Want::Replace(key, body, precondition) => Want::Replace(own(key)?, body, precondition),
            Want::Delete(key, precondition) => Want::Delete(own(key)?, precondition),
            Want::Change(key, changes) => Want::Change(own(key)?, changes),
            other => other,
        };
        let call = Call {
            model,
            want,
            parents: Vec::new(),
            actor: self.actor.clone(),
            surface: Surface::InProcess,
            scope: self.scope.clone(),
        };
        self.app.call(&call).await
    }

    pub(crate) fn typed<M: Model>(&self) -> Result<(usize, &Arc<Compiled>)> {
        let at = self.app.position(M::NAME).ok_or_else(|| {
            let name = M::NAME;
            Error::setup(format!(
                "the app does not have the model {name}: add `{name}` to `models![..]`"
            ))
        })?;
        Ok((at, self.app.model(at)?))
    }
}

/// Why fields that code has given are no record: what is lacking, and what does not fit, as far as it is not hidden.
fn misfit(model: &Compiled, error: &ValueError, lacking: &[usize]) -> Error {
    let mut draft = Draft::default();
    for at in lacking {
        let field = &model.fields[*at];
        draft.fault(field.name(), field.pointer(), "is required", "required");
    }
    let pointer = error.pointer();
    let within = |field: &&Field| {
        let rest = pointer.strip_prefix(&*field.place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let field = model.fields.iter().find(within).map_or("", Field::name);
    if !draft.faults.iter().any(|fault| fault.field == field) {
        draft.fault(field, pointer, error.message(), "type");
    }
    model.conceal(Error::invalid(draft.faults), |_| false)
}

fn draft<M: Model>(model: &Compiled, record: &M) -> Result<Draft> {
    model.draft((ModelOps::of::<M>().encode)(record)?)
}

fn unexpected(reply: &Reply) -> Error {
    Error::internal(format!("a call was answered with {reply:?}"))
}
