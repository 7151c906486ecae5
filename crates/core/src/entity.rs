//! What was read: a record as its struct, which knows its version and can be saved without losing anybody's update.

use std::fmt;
use std::ops::{Deref, DerefMut};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

use crate::call::Precondition;
use crate::codec;
use crate::error::Result;
use crate::key::Key;
use crate::model::Model;
use crate::record::{Row, Version};
use crate::session::Session;

/// A record that was read: its struct, its version and its times.
///
/// `save()` sends the version along, so it fails with `PreconditionFailed` if somebody else has changed the record since.
///
/// ```
/// use larder_core::{Entity, ErrorKind, Model, Result};
/// # async fn example<Post: Model>(mut post: Entity<Post>, change: fn(&mut Post)) -> Result<()> {
/// change(&mut post);
/// match post.save().await {
///     Err(error) if error.kind() == ErrorKind::PreconditionFailed => post.load().await, // somebody was first: read it again
///     done => done,
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Entity<M> {
    model: M,
    row: Row,
    session: Session,
}

impl<M: Model> Entity<M> {
    pub(crate) fn new(session: Session, row: Row) -> Result<Self> {
        let (_, compiled) = session.typed::<M>()?;
        let model = codec::typed::decode(&compiled.pairs(&row))?;
        Ok(Self {
            model,
            row,
            session,
        })
    }

    /// The version of the record as it was read.
    pub fn version(&self) -> Version {
        self.row.version
    }

    /// When it was created, where the model keeps `timestamps`.
    pub fn created(&self) -> Option<jiff::Timestamp> {
        let at = self.session.typed::<M>().ok()?.1.created?;
        self.row.get(at).as_instant()
    }

    /// When it was last changed, where the model keeps `timestamps`.
    pub fn updated(&self) -> Option<jiff::Timestamp> {
        let at = self.session.typed::<M>().ok()?.1.updated?;
        self.row.get(at).as_instant()
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The struct alone.
    pub fn into_inner(self) -> M {
        self.model
    }

    /// Stores what was changed. Fails with `PreconditionFailed` if the record is no longer what was read.
    ///
    /// # Errors
    /// `Invalid` where the id is among it, which never changes; and those of [`Session::save`](crate::Session::save).
    pub async fn save(&mut self) -> Result<()> {
        let (_, compiled) = self.session.typed::<M>()?;
        compiled.same_key(&self.row, &self.model.to_key())?;
        *self = self.session.put(&self.model, self.as_read()?).await?;
        Ok(())
    }

    /// Deletes the record, if it is still what was read.
    ///
    /// # Errors
    /// `PreconditionFailed` if it is not, and those of [`Session::delete`](crate::Session::delete).
    pub async fn delete(self) -> Result<()> {
        let precondition = self.as_read()?;
        let key = self.own_key()?;
        self.session.delete_at::<M>(key, precondition).await
    }

    /// The condition that the record is still what was read.
    fn as_read(&self) -> Result<Precondition> {
        let (_, compiled) = self.session.typed::<M>()?;
        Ok(Precondition::read(&self.row, compiled.layout.by_content()))
    }

    /// Reads the record again.
    pub async fn load(&mut self) -> Result<()> {
        *self = self.session.get::<M>(self.own_key()?).await?;
        Ok(())
    }

    /// The id of the record that was read, whatever the struct says now.
    fn own_key(&self) -> Result<Key> {
        let (_, compiled) = self.session.typed::<M>()?;
        Ok(compiled.key_of(&self.row))
    }
}

impl<M> Deref for Entity<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.model
    }
}

impl<M> DerefMut for Entity<M> {
    fn deref_mut(&mut self) -> &mut M {
        &mut self.model
    }
}

impl<M: fmt::Debug> fmt::Debug for Entity<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entity")
            .field("record", &self.model)
            .field("version", &self.row.version)
            .finish()
    }
}

impl<M: Model> Serialize for Entity<M> {
    /// The output view of the record as it now is: its server-only fields are left out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (_, compiled) = self.session.typed::<M>().map_err(S::Error::custom)?;
        let mut draft = M::encode(&self.model)
            .and_then(|value| compiled.draft(value))
            .map_err(S::Error::custom)?;
        let fields = compiled
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| !field.server_only);
        let stored = fields.filter_map(|(at, field)| {
            let value = draft.values[at]
                .take()
                .unwrap_or_else(|| self.row.get(at).clone());
            (!(field.omit_null && value.is_null())).then(|| (field.name(), value))
        });
        let mut computed = Vec::with_capacity(compiled.computed.len());
        for field in &compiled.computed {
            let value = (field.def.run)(&self.model).map_err(S::Error::custom)?;
            computed.push((field.def.name, value));
        }
        serializer.collect_map(stored.chain(computed))
    }
}

/// It says only which model it is of: a document puts that model's output view in its place, so that a server-only field
/// does not stand in it.
impl<M: Model> JsonSchema for Entity<M> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Entity_{}", M::NAME).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "object", "x-model": M::NAME })
    }
}
