//! What typed queries compute: values of all records, groups of them, single fields, and page after page.

use std::marker::PhantomData;

use larder_query::Value;
use serde::de::DeserializeOwned;

use super::QueryBuilder;
use crate::call::{ListQuery, Reply, Want};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::store::{Aggregate, Grouping};
use crate::typed::{NumberField, TypedField};

impl<M: Model> QueryBuilder<M> {
    /// The sum of a field of numbers over all matching records; None of no numbers. Exact but for floats.
    ///
    /// ```
    /// # use larder_core::{Model, Result, Session, TypedField};
    /// # async fn example<Post: Model>(session: Session, score: TypedField<Post, f64>) -> Result<()> {
    /// let total: Option<f64> = session.query::<Post>().sum(score).await?;
    /// # let _ = total; Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Setup` if the sum is too large for the field's type.
    pub async fn sum<T: NumberField + DeserializeOwned>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Option<T>> {
        let value = self.one_value(field.name(), Aggregate::Sum).await?;
        read(value)
    }

    /// The mean of a field of numbers; None of no numbers.
    pub async fn mean<T: NumberField>(self, field: TypedField<M, T>) -> Result<Option<f64>> {
        let value = self.one_value(field.name(), Aggregate::Mean).await?;
        read(value)
    }

    /// The least value of a field in the order of sorting; None of no values.
    pub async fn min<T: DeserializeOwned>(self, field: TypedField<M, T>) -> Result<Option<T>> {
        let value = self.one_value(field.name(), Aggregate::Min).await?;
        read(value)
    }

    /// The greatest value.
    pub async fn max<T: DeserializeOwned>(self, field: TypedField<M, T>) -> Result<Option<T>> {
        let value = self.one_value(field.name(), Aggregate::Max).await?;
        read(value)
    }

    /// Puts records together by a field.
    ///
    /// ```
    /// # use larder_core::{Model, Result, Session, TypedField};
    /// # async fn example<Post: Model>(session: Session, status: TypedField<Post, String>) -> Result<()> {
    /// for (status, posts) in session.query::<Post>().group_by(status).count().await? {
    ///     println!("{status}: {posts}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn group_by<G: DeserializeOwned>(self, field: TypedField<M, G>) -> Groups<M, G> {
        Groups {
            query: self,
            by: field.name(),
            group: PhantomData,
        }
    }

    /// The values of one field that occur among the matching records, each once, in their order.
    pub async fn distinct<T: DeserializeOwned>(self, field: TypedField<M, T>) -> Result<Vec<T>> {
        let groups = self.groups(&[field.name()], None).await?;
        let values = groups.into_iter().filter_map(|mut group| group.pop());
        values.map(from_value).collect()
    }

    /// The values of one field, a value a record, in the order of the query.
    pub async fn select<T: DeserializeOwned>(self, field: TypedField<M, T>) -> Result<Vec<T>> {
        let at = self.place(field.name())?;
        let (rows, ..) = self.rows(false).await?;
        rows.iter()
            .map(|row| from_value(row.get(at).clone()))
            .collect()
    }

    /// Goes on behind an earlier page: with the cursor that [`Pages::cursor`] has told, or a REST client of the same actor has got for the same
    /// filter and order.
    pub fn after(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    /// Page after page of so many records, each read when it is asked for. Records that are added meanwhile move no others to another page.
    ///
    /// ```
    /// # use larder_core::{Model, Result, Session};
    /// # async fn example<Post: Model>(session: Session) -> Result<()> {
    /// let mut pages = session.query::<Post>().pages(100);
    /// while let Some(posts) = pages.next().await? {
    ///     println!("{} more", posts.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(self, size: u64) -> Pages<M> {
        Pages {
            query: self.limit(size.max(1)),
            ended: false,
        }
    }

    async fn one_value(self, field: &str, make: fn(usize) -> Aggregate) -> Result<Value> {
        let at = self.place(field)?;
        let groups = self.groups(&[], Some(make(at))).await?;
        let first = groups.into_iter().next();
        Ok(first.and_then(|mut group| group.pop()).unwrap_or_default())
    }

    async fn groups(self, by: &[&str], result: Option<Aggregate>) -> Result<Vec<Vec<Value>>> {
        if self.skip > 0 || self.limit.is_some() || !self.order.is_empty() || self.cursor.is_some()
        {
            return Err(Error::setup(
                "what is computed of records is computed of all that match: it takes `filter`, and neither an order nor a page",
            ));
        }
        let by = by
            .iter()
            .map(|name| self.place(name))
            .collect::<Result<Vec<_>>>()?;
        let query = ListQuery {
            group: Some(Grouping {
                by,
                results: result.into_iter().collect(),
            }),
            ..self.list(false)?
        };
        match self.session.run::<M>(Want::List(query)).await? {
            Reply::Groups { groups, .. } => Ok(groups),
            other => Err(super::unexpected(&other)),
        }
    }
}

/// Records put together by a field that has values of `G`.
#[derive(Clone, Debug)]
#[must_use = "groups are made when one of the methods asks for them"]
pub struct Groups<M, G> {
    query: QueryBuilder<M>,
    by: &'static str,
    group: PhantomData<fn() -> G>,
}

impl<M: Model, G: DeserializeOwned> Groups<M, G> {
    /// How many records each group has, in the order of what they share.
    pub async fn count(self) -> Result<Vec<(G, u64)>> {
        self.compute(Aggregate::Count).await
    }

    /// The sum of a field in each group; None where there are no numbers.
    pub async fn sum<T: NumberField + DeserializeOwned>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Vec<(G, Option<T>)>> {
        let at = self.query.place(field.name())?;
        self.compute(Aggregate::Sum(at)).await
    }

    /// The mean of a field in each group; None where there are no numbers.
    pub async fn mean<T: NumberField>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Vec<(G, Option<f64>)>> {
        let at = self.query.place(field.name())?;
        self.compute(Aggregate::Mean(at)).await
    }

    /// The least value of a field in each group; None where there are none.
    pub async fn min<T: DeserializeOwned>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Vec<(G, Option<T>)>> {
        let at = self.query.place(field.name())?;
        self.compute(Aggregate::Min(at)).await
    }

    /// The greatest value of a field in each group; None where there are none.
    pub async fn max<T: DeserializeOwned>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Vec<(G, Option<T>)>> {
        let at = self.query.place(field.name())?;
        self.compute(Aggregate::Max(at)).await
    }

    async fn compute<T: DeserializeOwned>(self, result: Aggregate) -> Result<Vec<(G, T)>> {
        let groups = self.query.groups(&[self.by], Some(result)).await?;
        let pair = |group: Vec<Value>| {
            let mut values = group.into_iter();
            let mut next = || values.next().unwrap_or_default();
            Ok((from_value(next())?, from_value(next())?))
        };
        groups.into_iter().map(pair).collect()
    }
}

/// The pages of a query.
#[derive(Clone, Debug)]
#[must_use = "a page is read when `next` asks for it"]
pub struct Pages<M> {
    query: QueryBuilder<M>,
    ended: bool,
}

impl<M: Model> Pages<M> {
    /// The next page; None behind the last one.
    pub async fn next(&mut self) -> Result<Option<Vec<Entity<M>>>> {
        if self.ended {
            return Ok(None);
        }
        let (rows, _, next) = self.query.rows(true).await?;
        self.ended = next.is_none();
        self.query.cursor = next;
        self.query.skip = 0;
        if rows.is_empty() {
            return Ok(None);
        }
        let session = &self.query.session;
        let records = rows
            .into_iter()
            .map(|row| Entity::new(session.clone(), row));
        records.collect::<Result<_>>().map(Some)
    }

    /// Where the next page begins, for another query to go on [`after`](QueryBuilder::after). None before the first page and behind the last.
    pub fn cursor(&self) -> Option<&str> {
        self.query.cursor.as_deref()
    }
}

/// A computed value as what it is to be; null as None.
fn read<T: DeserializeOwned>(value: Value) -> Result<Option<T>> {
    match value {
        Value::Null => Ok(None),
        value => from_value(value).map(Some),
    }
}

fn from_value<T: DeserializeOwned>(value: Value) -> Result<T> {
    larder_query::from_value(&value)
        .map_err(|error| Error::setup(format!("what was computed does not fit its type: {error}")))
}
