//! Changes of one record by what is in its fields, typed.

use std::future::IntoFuture;
use std::marker::PhantomData;

use larder_query::{Filter as Bound, Inside, Op, Value};
use serde::Serialize;

use super::{Session, unexpected};
use crate::call::{Changes, Precondition, Reply, Want};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::model::Model;
use crate::places::Places;
use crate::record::Version;
use crate::rule::field_named;
use crate::store::{BoxFuture, FieldChange};
use crate::typed::{AnyListField, ComparableWith, Filter, ListField, NumberField, TypedField};

/// Changes of the record with one id, made in one step when it is awaited: [`Session::update`] begins it.
///
/// Nothing has to be read first, and of any number of changes at the same time none is lost. Rules, the model's schema, hooks
/// and listeners apply as to every update: hooks see the record as it will be, and may run again if another writer was first.
///
/// Awaiting it gives the record as it then is. **Errors**, beside those of every write: `NotFound`; `PreconditionFailed` where the
/// record is there and a condition does not hold; `Invalid` where a sum leaves the range of its field, something is no list,
/// or what comes of it breaks the schema. Then nothing is changed.
///
/// ```
/// use larder_core::{Entity, Model, Result, Session, TypedField};
/// # async fn example<Item: Model>(session: Session, stock: TypedField<Item, u64>) -> Result<()> {
/// // Only while there are enough of them: `None` where there are not.
/// let sold: Option<Entity<Item>> = session.update::<Item>("tea").add(stock, -8).when(stock.ge(8_u64)).attempt().await?;
/// # let _ = sold; Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is changed until this is awaited"]
pub struct UpdateBuilder<M> {
    session: Session,
    key: Key,
    changes: Vec<(String, Result<FieldChange, String>)>,
    when: Vec<Filter<M>>,
    items: Vec<(String, usize, String, Result<Value, String>)>,
    version: Option<Version>,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> UpdateBuilder<M> {
    pub(super) fn new(session: Session, key: Key) -> Self {
        Self {
            session,
            key,
            changes: Vec::new(),
            when: Vec::new(),
            items: Vec::new(),
            version: None,
            model: PhantomData,
        }
    }

    /// The field gets this value.
    pub fn set<T, V: Serialize>(self, field: TypedField<M, T>, value: V) -> Self
    where
        T: ComparableWith<V>,
    {
        self.change(field, value_of(&value).map(FieldChange::Set))
    }

    /// The field gets no value.
    pub fn clear<T>(self, field: TypedField<M, Option<T>>) -> Self {
        self.change(field, Ok(FieldChange::Set(Value::Null)))
    }

    /// Adds to a number; a negative amount is subtracted, and no value counts as 0. Adding 0 changes nothing.
    pub fn add<T: NumberField>(self, field: TypedField<M, T>, amount: T::Amount) -> Self {
        self.change(field, Ok(FieldChange::Add(amount.into())))
    }

    /// Puts an element at the end of a list, whether or not it is there already: `.when(FIELD.has(x).not())` asks for that. No value
    /// counts as the empty list.
    pub fn push<T, V: Serialize>(self, field: TypedField<M, T>, element: V) -> Self
    where
        T: ListField<V>,
    {
        self.change(
            field,
            value_of(&element).map(|item| FieldChange::Push(vec![item])),
        )
    }

    /// Takes all elements out of a list that are the same as this one by content.
    pub fn pull<T, V: Serialize>(self, field: TypedField<M, T>, element: V) -> Self
    where
        T: ListField<V>,
    {
        self.change(
            field,
            value_of(&element).map(|item| FieldChange::Pull(vec![item])),
        )
    }

    /// The element of a list at this place, counted from 0, gets this value. A place that the list does not have is an error: a
    /// list gets no holes. Others may have moved the elements; [`when_item`](Self::when_item) says which one is meant.
    pub fn set_item<T, V: Serialize>(
        self,
        field: TypedField<M, T>,
        place: usize,
        element: V,
    ) -> Self
    where
        T: ListField<V>,
    {
        self.change(
            field,
            value_of(&element).map(|item| FieldChange::SetItem(place, item)),
        )
    }

    /// Takes the element at this place, counted from 0, out of a list; those behind it move up. A place that the list does not
    /// have is an error.
    pub fn remove_item<T: AnyListField>(self, field: TypedField<M, T>, place: usize) -> Self {
        self.change(field, Ok(FieldChange::RemoveItem(place)))
    }

    /// Only if the record matches as it is; several conditions must all hold. The condition may not look at linked records.
    pub fn when(mut self, condition: Filter<M>) -> Self {
        self.when.push(condition);
        self
    }

    /// Only if what stands at a path inside the element of a list at this place is this value: `.when_item(Post::COMMENTS, 3, "id", 7)`.
    /// An empty path is the element itself, and a dotted one leads further inside.
    pub fn when_item<T: AnyListField, V: Serialize>(
        mut self,
        field: TypedField<M, T>,
        place: usize,
        path: &str,
        value: V,
    ) -> Self {
        let name = field.dotted().unwrap_or_default();
        self.items
            .push((name, place, path.to_owned(), value_of(&value)));
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
    pub async fn attempt(self) -> Result<Option<Entity<M>>> {
        match self.await {
            Ok(entity) => Ok(Some(entity)),
            Err(error) if error.kind() == ErrorKind::PreconditionFailed => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn change<T>(mut self, field: TypedField<M, T>, change: Result<FieldChange, String>) -> Self {
        self.changes
            .push((field.dotted().unwrap_or_default(), change));
        self
    }

    async fn run(self) -> Result<Entity<M>> {
        let want = Want::Change(self.key.clone(), Box::new(self.changes()?));
        match self.session.run::<M>(want).await? {
            Reply::Updated(row) => Entity::new(self.session, row),
            other => Err(unexpected(&other)),
        }
    }

    /// The changes for the pipeline.
    fn changes(&self) -> Result<Changes> {
        let (at, model) = self.session.typed::<M>()?;
        let place = |name: &str| match name.contains('.') {
            false => field_named(&model.fields, name).map_err(Error::setup),
            true => Err(Error::setup(format!(
                "`{name}` is inside a field, or a field of a linked record: an update changes whole fields of the record itself"
            ))),
        };
        let changes = self.changes.iter().map(|(name, change)| {
            let change = change.clone().map_err(Error::setup)?;
            Ok((place(name)?, change))
        });
        let changes = changes.collect::<Result<Vec<_>>>()?;
        let places = Places::new(&self.session.app, at, Vec::new())?;
        let when = self.when.iter().map(|condition| condition.bind(&places));
        let mut when = when.collect::<Result<Vec<_>>>()?;
        if !places.into_joins().is_empty() {
            return Err(Error::setup(
                "the condition of an update looks at the record itself, and at no linked one",
            ));
        }
        for (name, item, path, value) in &self.items {
            let value = value.clone().map_err(Error::setup)?;
            when.push(inside(place(name)?, *item, path, value));
        }
        Ok(Changes {
            changes,
            when: Bound::and(when),
            precondition: self
                .version
                .map_or_else(Precondition::none, Precondition::version),
        })
    }
}

impl<M: Model> IntoFuture for UpdateBuilder<M> {
    type Output = Result<Entity<M>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// The test of what stands at a path inside an element of a list.
pub(super) fn inside(field: usize, place: usize, path: &str, value: Value) -> Bound {
    let first = place.to_string();
    let steps = path.split('.').filter(|step| !step.is_empty());
    Bound::Inside(Box::new(Inside {
        field,
        path: std::iter::once(first.as_str())
            .chain(steps)
            .map(Into::into)
            .collect(),
        each: false,
        filter: Bound::test(0, Op::Eq, value),
    }))
}

fn value_of(value: &impl Serialize) -> Result<Value, String> {
    larder_query::to_value(value).map_err(|error| error.to_string())
}
