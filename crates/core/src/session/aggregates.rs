//! What typed queries compute: values of all records, groups of them, single fields, and page after page.

use larder_query::Value;
use serde::de::DeserializeOwned;

use super::QueryBuilder;
use crate::call::{ListQuery, Reply, Want};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::store::{Aggregate, Grouping};
use crate::typed::{NumberField, TypedField};

/// An aggregate of the field at a place.
type Make = fn(usize) -> Aggregate;

impl<M: Model> QueryBuilder<M> {
    /// The sum of a field of numbers over all matching records; None of no numbers. Exact but for floats. Whole numbers of any width add up
    /// to an `i64` or `u64`.
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
    /// `Setup` if the sum takes more than 64 bits.
    pub async fn sum<T: NumberField<Sum: DeserializeOwned>>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Option<T::Sum>> {
        let value = self.one_value(field, Aggregate::Sum).await?;
        read(value)
    }

    /// The mean of a field of numbers; None of no numbers.
    pub async fn mean<T: NumberField>(self, field: TypedField<M, T>) -> Result<Option<f64>> {
        let value = self.one_value(field, Aggregate::Mean).await?;
        read(value)
    }

    /// The least value of a field in the order of sorting; None of no values.
    pub async fn min<T: DeserializeOwned>(self, field: TypedField<M, T>) -> Result<Option<T>> {
        let value = self.one_value(field, Aggregate::Min).await?;
        read(value)
    }

    /// The greatest value.
    pub async fn max<T: DeserializeOwned>(self, field: TypedField<M, T>) -> Result<Option<T>> {
        let value = self.one_value(field, Aggregate::Max).await?;
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
            by: field,
        }
    }

    /// The values of one field that occur among the matching records, each once, in their order.
    pub async fn distinct<T: DeserializeOwned>(self, field: TypedField<M, T>) -> Result<Vec<T>> {
        let groups = self.groups(Some(name(field)?), None).await?;
        let values = groups.into_iter().filter_map(|mut group| group.pop());
        values.map(|value| from_value(&value)).collect()
    }

    /// The values of one field, a value a record, in the order of the query.
    pub async fn select<T: DeserializeOwned>(self, field: TypedField<M, T>) -> Result<Vec<T>> {
        let (_, places) = self.list_with(false, &[name(field)?])?;
        let at = places.first().copied().unwrap_or_default();
        let (rows, ..) = self.rows(false).await?;
        let (_, model) = self.session.typed::<M>()?;
        if at >= model.fields().len() {
            return Err(Error::setup(
                "records come without what their links lead to: select a field of their own",
            ));
        }
        rows.iter().map(|row| from_value(row.get(at))).collect()
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

    async fn one_value<T>(self, field: TypedField<M, T>, make: Make) -> Result<Value> {
        let groups = self.groups(None, Some((name(field)?, make))).await?;
        let first = groups.into_iter().next();
        Ok(first.and_then(|mut group| group.pop()).unwrap_or_default())
    }

    /// Groups by a field, with a result of another; of no field, which is empty, only a count can be computed.
    async fn groups(
        self,
        by: Option<String>,
        result: Option<(String, Make)>,
    ) -> Result<Vec<Vec<Value>>> {
        if self.skip > 0 || self.limit.is_some() || !self.order.is_empty() || self.cursor.is_some()
        {
            return Err(Error::setup(
                "what is computed of records is computed of all that match: it takes `filter`, and neither an order nor a page",
            ));
        }
        let of = result.as_ref().map(|(name, _)| name);
        let of = of.filter(|name| !name.is_empty());
        let names: Vec<String> = by.iter().chain(of).cloned().collect();
        let (query, places) = self.list_with(false, &names)?;
        let of = places.last().copied().unwrap_or_default();
        let query = ListQuery {
            group: Some(Grouping {
                by: places.iter().copied().take(by.iter().len()).collect(),
                results: result.into_iter().map(|(_, make)| make(of)).collect(),
            }),
            ..query
        };
        match self.session.run::<M>(Want::List(Box::new(query))).await? {
            Reply::Groups { groups, .. } => Ok(groups),
            other => Err(super::unexpected(&other)),
        }
    }
}

/// Records put together by a field that has values of `G`. [`QueryBuilder::group_by`] makes them.
///
/// ```
/// use larder_core::{Model, Result, Session, TypedField};
/// # async fn example<Book: Model>(session: Session, genre: TypedField<Book, String>, price: TypedField<Book, f64>) -> Result<()> {
/// // With a Book: `.group_by(Book::GENRE).sum(Book::PRICE)`.
/// for (genre, sum) in session.query::<Book>().group_by(genre).sum(price).await? {
///     println!("{genre}: {}", sum.unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "groups are made when one of the methods asks for them"]
pub struct Groups<M, G> {
    query: QueryBuilder<M>,
    by: TypedField<M, G>,
}

impl<M: Model, G: DeserializeOwned> Groups<M, G> {
    /// How many records each group has, in the order of what they share.
    pub async fn count(self) -> Result<Vec<(G, u64)>> {
        self.compute(String::new(), |_| Aggregate::Count).await
    }

    /// The sum of a field in each group; None where there are no numbers.
    pub async fn sum<T: NumberField<Sum: DeserializeOwned>>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Vec<(G, Option<T::Sum>)>> {
        self.compute(name(field)?, Aggregate::Sum).await
    }

    /// The mean of a field in each group; None where there are no numbers.
    pub async fn mean<T: NumberField>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Vec<(G, Option<f64>)>> {
        self.compute(name(field)?, Aggregate::Mean).await
    }

    /// The least value of a field in each group; None where there are none.
    pub async fn min<T: DeserializeOwned>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Vec<(G, Option<T>)>> {
        self.compute(name(field)?, Aggregate::Min).await
    }

    /// The greatest value of a field in each group; None where there are none.
    pub async fn max<T: DeserializeOwned>(
        self,
        field: TypedField<M, T>,
    ) -> Result<Vec<(G, Option<T>)>> {
        self.compute(name(field)?, Aggregate::Max).await
    }

    async fn compute<T: DeserializeOwned>(self, of: String, make: Make) -> Result<Vec<(G, T)>> {
        let by = name(self.by)?;
        let groups = self.query.groups(Some(by), Some((of, make))).await?;
        let pair = |group: Vec<Value>| {
            let mut values = group.into_iter();
            let mut next = || values.next().unwrap_or_default();
            Ok((from_value(&next())?, from_value(&next())?))
        };
        groups.into_iter().map(pair).collect()
    }
}

/// The pages of a query. [`QueryBuilder::pages`] makes them.
///
/// ```
/// use larder_core::{Model, Result, Session};
/// # async fn example<Post: Model>(session: Session) -> Result<()> {
/// let mut pages = session.query::<Post>().pages(100);
/// while let Some(posts) = pages.next().await? {
///     println!("{} more", posts.len());
/// }
/// # Ok(())
/// # }
/// ```
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

fn name<M, T>(field: TypedField<M, T>) -> Result<String> {
    let name = field.dotted();
    name.ok_or_else(|| Error::setup("this path of fields has too many steps"))
}

/// A computed value as what it is to be; null as None.
fn read<T: DeserializeOwned>(value: Value) -> Result<Option<T>> {
    match value {
        Value::Null => Ok(None),
        value => from_value(&value).map(Some),
    }
}

fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T> {
    larder_query::from_value(value)
        .map_err(|error| Error::setup(format!("what was computed does not fit its type: {error}")))
}
