//! What was read, as JSON: the untyped side of an [`Entity`](crate::Entity).

use std::fmt;

use larder_query::Value;
use serde::de::DeserializeOwned;
use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::Session;
use crate::call::Precondition;
use crate::error::{Error, Result};
use crate::key::Key;
use crate::model::{Compiled, Computed};
use crate::record::{Record, Row, Version};
use crate::rule::field_named;

/// A record that was read by the name of its model: its fields as JSON, its version and its times.
///
/// As with an `Entity`, code on the server sees every field, and [`Serialize`] (and `Debug`) leave out what is server-only: a document
/// can be handed to a client as it is. `save()` sends the version along, so it fails with `PreconditionFailed` if somebody else
/// has changed the record since.
///
/// ```
/// use larder_core::{Result, Session};
/// # async fn example(session: Session) -> Result<()> {
/// let mut ticket = session.model("Ticket").get("t1").await?;
/// ticket.set("state", "done")?;
/// ticket.save().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Document {
    session: Session,
    model: usize,
    fields: Map<String, Json>,
    row: Row,
}

impl Document {
    pub(crate) fn new(session: Session, model: usize, row: Row) -> Result<Self> {
        let compiled = session.app.model(model)?;
        let fields = compiled.fields.iter().zip(&row.values);
        let fields = fields
            .map(|(field, value)| {
                let value = serde_json::to_value(value).map_err(Error::internal)?;
                Ok((field.name().to_owned(), value))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            session,
            model,
            fields,
            row,
        })
    }

    /// The record's id.
    pub fn key(&self) -> Result<Key> {
        let model = self.compiled()?;
        Ok(model.key_of(&self.row))
    }

    /// The version of the record as it was read.
    pub fn version(&self) -> Version {
        self.row.version
    }

    /// When it was created, where the model keeps `timestamps`.
    pub fn created(&self) -> Option<jiff::Timestamp> {
        let at = self.compiled().ok()?.created?;
        self.row.get(at).as_instant()
    }

    /// When it was last changed, where the model keeps `timestamps`.
    pub fn updated(&self) -> Option<jiff::Timestamp> {
        let at = self.compiled().ok()?.updated?;
        self.row.get(at).as_instant()
    }

    /// A field as it now is, by its wire name: null where it has no value, none where there is no such field.
    pub fn get(&self, field: &str) -> Option<&Json> {
        self.fields.get(field)
    }

    /// Changes a field; nothing is stored before [`save`](Self::save), which validates it.
    ///
    /// # Errors
    /// `Setup` for a name that is no field of the model, with the one that is perhaps meant.
    pub fn set(&mut self, field: &str, value: impl Into<Json>) -> Result<()> {
        let model = self.compiled()?;
        field_named(&model.fields, field).map_err(Error::setup)?;
        self.fields.insert(field.to_owned(), value.into());
        Ok(())
    }

    /// The fields, as they now are, as any type that serde can make of them: server-only ones too.
    ///
    /// # Errors
    /// `Setup` with what serde says.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(Json::Object(self.fields.clone()))
            .map_err(|error| Error::setup(format!("the record does not fit the type: {error}")))
    }

    /// Stores what was changed. Fails with `PreconditionFailed` if the record is no longer what was read.
    ///
    /// # Errors
    /// `Invalid` where the id is among it, which never changes; and those of [`Records::save`](super::Records::save).
    pub async fn save(&mut self) -> Result<()> {
        let fields = Json::Object(self.fields.clone());
        self.same_id()?;
        let precondition = self.as_read()?;
        *self = self.records()?.put(&fields, precondition).await?;
        Ok(())
    }

    /// Deletes the record, if it is still what was read.
    pub async fn delete(self) -> Result<()> {
        let precondition = self.as_read()?;
        let key = self.key()?;
        self.records()?.delete_at(key, precondition).await
    }

    /// That nobody has set the id to another one.
    fn same_id(&self) -> Result<()> {
        let model = self.compiled()?;
        let parts = model.key.places().iter().map(|at| {
            let field = &model.fields[*at];
            let json = self.fields.get(field.name()).unwrap_or(&Json::Null);
            let value = larder_query::to_value(json).map_err(Error::internal)?;
            let value = field.kind().coerce(value);
            Ok(value.unwrap_or_else(|(value, _)| value))
        });
        let now = Key::of_parts(parts.collect::<Result<Vec<_>>>()?);
        model.same_key(&self.row, &now)
    }

    /// The condition that the record is still what was read.
    fn as_read(&self) -> Result<Precondition> {
        let by_content = self.compiled()?.layout.by_content();
        Ok(Precondition::read(&self.row, by_content))
    }

    /// Reads the record again.
    pub async fn load(&mut self) -> Result<()> {
        *self = self.records()?.get(self.key()?).await?;
        Ok(())
    }

    fn compiled(&self) -> Result<&Compiled> {
        Ok(self.session.app.model(self.model)?)
    }

    fn records(&self) -> Result<super::Records> {
        Ok(self.session.model(self.compiled()?.name()))
    }

    /// The fields that a client sees.
    fn output(&self) -> impl Iterator<Item = (&str, &Json)> {
        let fields = self.compiled().into_iter().flat_map(|model| &model.fields);
        fields.filter_map(|field| {
            let value = self.fields.get(field.name()).unwrap_or(&Json::Null);
            let hidden = field.server_only || field.omit_null && value.is_null();
            (!hidden).then(|| (field.name(), value))
        })
    }
}

impl Document {
    /// The computed fields of the record as it now is.
    fn computed(&self) -> Result<Vec<(&'static str, Value)>> {
        let model = self.compiled()?;
        if model.computed.is_empty() {
            return Ok(Vec::new());
        }
        let values = model.fields.iter().map(|field| {
            let json = self.fields.get(field.name()).unwrap_or(&Json::Null);
            let value = larder_query::to_value(json).map_err(Error::internal)?;
            let coerced = field.kind().coerce(value);
            coerced.map_err(|_| Error::setup(format!("`{}` does not fit its field", field.name())))
        });
        let record = Record::new(values.collect::<Result<_>>()?, self.row.version);
        let Some(instance) = model.to_compute(&record)? else {
            return Ok(Vec::new());
        };
        let run = |field: &Computed| Ok((field.def.name, (field.def.run)(&*instance)?));
        model.computed.iter().map(run).collect()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("fields", &self.output().collect::<Vec<_>>())
            .field("version", &self.row.version)
            .finish()
    }
}

impl Serialize for Document {
    /// The output view of the record as it now is: its server-only fields are left out, its computed ones are made.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let computed = self.computed().map_err(S::Error::custom)?;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.output() {
            map.serialize_entry(name, value)?;
        }
        for (name, value) in &computed {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
