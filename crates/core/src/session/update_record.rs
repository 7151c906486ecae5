//! Changes of one record by what is in its fields, by the names of its model and fields.

use std::future::IntoFuture;

use larder_query::{Filter, Op, Value};
use serde_json::Value as Json;

use super::records::{Records, compare, key};
use super::update::inside;
use super::{Document, unexpected};
use crate::call::{Changes, Precondition, Reply, Want};
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::model::Compiled;
use crate::record::Version;
use crate::rule::{field_named, filter_of_text, open_to};
use crate::store::{BoxFuture, FieldChange};

/// Changes of the record with one id, with JSON in place of types: [`Records::update`] begins it.
///
/// It does what an [`UpdateBuilder`](super::UpdateBuilder) does, and fails as that does; a change that does not fit its field, such as a
/// sum of a text, is `Invalid`.
///
/// ```
/// use larder_core::{Result, Session};
/// # async fn example(session: Session) -> Result<()> {
/// session.model("Post").update("hello").add("likes", 1).push("tags", "rust").when("open=true").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is changed until this is awaited"]
pub struct RecordUpdate {
    records: Records,
    key: Key,
    changes: Vec<(String, Change)>,
    when: Vec<When>,
    version: Option<Version>,
}

#[derive(Clone, Debug)]
enum Change {
    Set(Json),
    Add(Json),
    Push(Json),
    Pull(Json),
    SetItem(usize, Json),
    RemoveItem(usize),
}

#[derive(Clone, Debug)]
enum When {
    Text(String),
    Field(String, Op, Json),
    Item(String, usize, String, Json),
}

impl RecordUpdate {
    pub(super) fn new(records: Records, key: Key) -> Self {
        Self {
            records,
            key,
            changes: Vec::new(),
            when: Vec::new(),
            version: None,
        }
    }

    /// The field gets this value; null takes it away, or brings back the default.
    pub fn set(self, field: &str, value: impl Into<Json>) -> Self {
        self.change(field, Change::Set(value.into()))
    }

    /// Adds to a number; a negative amount is subtracted, and no value counts as 0. Adding 0 changes nothing.
    pub fn add(self, field: &str, amount: impl Into<Json>) -> Self {
        self.change(field, Change::Add(amount.into()))
    }

    /// Puts an element at the end of a list; no value counts as the empty list.
    pub fn push(self, field: &str, element: impl Into<Json>) -> Self {
        self.change(field, Change::Push(element.into()))
    }

    /// Takes all elements out of a list that are the same as this one by content.
    pub fn pull(self, field: &str, element: impl Into<Json>) -> Self {
        self.change(field, Change::Pull(element.into()))
    }

    /// The element of a list at this place, counted from 0, gets this value. A place that the list does not have is an error.
    pub fn set_item(self, field: &str, place: usize, element: impl Into<Json>) -> Self {
        self.change(field, Change::SetItem(place, element.into()))
    }

    /// Takes the element at this place, counted from 0, out of a list. A place that the list does not have is an error.
    pub fn remove_item(self, field: &str, place: usize) -> Self {
        self.change(field, Change::RemoveItem(place))
    }

    /// Only if the record matches a text in the language of rules, as it is. Never put what somebody else wrote into the text: that
    /// is what [`when_field`](Self::when_field) is for.
    pub fn when(mut self, condition: &str) -> Self {
        self.when.push(When::Text(condition.to_owned()));
        self
    }

    /// Only if a field compares with a value like this.
    pub fn when_field(mut self, field: &str, op: Op, value: impl Into<Json>) -> Self {
        self.when
            .push(When::Field(field.to_owned(), op, value.into()));
        self
    }

    /// Only if what stands at a path inside the element of a list at this place is this value. An empty path is the element
    /// itself, and a dotted one leads further inside.
    pub fn when_item(
        mut self,
        field: &str,
        place: usize,
        path: &str,
        value: impl Into<Json>,
    ) -> Self {
        let item = When::Item(field.to_owned(), place, path.to_owned(), value.into());
        self.when.push(item);
        self
    }

    /// Only if the record is still at this version.
    pub fn at_version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// Makes the changes if the conditions hold: none says that the record is there and one of them does not.
    ///
    /// # Errors
    /// As on awaiting it, but `PreconditionFailed`.
    pub async fn attempt(self) -> Result<Option<Document>> {
        match self.await {
            Ok(document) => Ok(Some(document)),
            Err(error) if error.kind() == ErrorKind::PreconditionFailed => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn change(mut self, field: &str, change: Change) -> Self {
        self.changes.push((field.to_owned(), change));
        self
    }

    async fn run(self) -> Result<Document> {
        let (at, model) = self.records.compiled()?;
        let key = key(model, self.key.clone()).ok_or_else(Error::not_found)?;
        let want = Want::Change(key, Box::new(self.changes(model)?));
        let session = self.records.session();
        match session.run_at(at, want).await? {
            Reply::Updated(row) => Document::new(session.clone(), at, row),
            other => Err(unexpected(&other)),
        }
    }

    /// The changes for the pipeline.
    fn changes(&self, model: &Compiled) -> Result<Changes> {
        let place = |name: &str| field_named(&model.fields, name).map_err(Error::setup);
        let changes = self
            .changes
            .iter()
            .map(|(name, change)| Ok((place(name)?, of_json(change)?)));
        let actor = &self.records.session().actor;
        let when = self.when.iter().map(|when| match when {
            When::Text(text) => filter_of_text(text, actor, model),
            When::Field(name, op, value) => {
                open_to(actor, &model.fields, name)?;
                compare(model, name, *op, value)
            }
            When::Item(name, item, path, value) => {
                open_to(actor, &model.fields, name)?;
                Ok(inside(place(name)?, *item, path, value_of(value)?))
            }
        });
        Ok(Changes {
            changes: changes.collect::<Result<_>>()?,
            when: Filter::and(when.collect::<Result<Vec<_>>>()?),
            precondition: self
                .version
                .map_or_else(Precondition::none, Precondition::version),
        })
    }
}

impl IntoFuture for RecordUpdate {
    type Output = Result<Document>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

fn of_json(change: &Change) -> Result<FieldChange> {
    Ok(match change {
        Change::Set(value) => FieldChange::Set(value_of(value)?),
        Change::Add(amount) => FieldChange::Add(value_of(amount)?),
        Change::Push(item) => FieldChange::Push(vec![value_of(item)?]),
        Change::Pull(item) => FieldChange::Pull(vec![value_of(item)?]),
        Change::SetItem(place, item) => FieldChange::SetItem(*place, value_of(item)?),
        Change::RemoveItem(place) => FieldChange::RemoveItem(*place),
    })
}

fn value_of(value: &Json) -> Result<Value> {
    larder_query::to_value(value).map_err(Error::internal)
}
