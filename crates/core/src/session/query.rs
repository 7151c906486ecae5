//! Typed queries.

use std::marker::PhantomData;

use super::Session;
use crate::call::{ListQuery, Reply, Want};
use crate::entity::Entity;
use crate::error::Result;
use crate::model::Model;
use crate::places::Places;
use crate::record::Row;
use crate::store::SortKey;
use crate::typed::{Filter, Order, OrderBy, whole};

/// A query for records of one model, in Rust: filter, then sort, then page.
///
/// ```
/// use larder_core::{Entity, Model, Result, Session, TypedField};
/// # async fn example<Post: Model>(session: Session, title: TypedField<Post, String>) -> Result<()> {
/// // `title` is what the derive calls `Post::TITLE`.
/// let found: Vec<Entity<Post>> =
///     session.query::<Post>().filter(title.starts_with("He")).sort(title.descending()).limit(10).all().await?;
/// # let _ = found; Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a query does nothing until `all`, `first`, `page` or `count` runs it"]
pub struct QueryBuilder<M> {
    pub(super) session: Session,
    filters: Vec<Filter<M>>,
    pub(super) order: Vec<Order<M>>,
    pub(super) skip: u64,
    pub(super) limit: Option<u64>,
    pub(super) cursor: Option<String>,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> QueryBuilder<M> {
    pub(super) fn new(session: Session) -> Self {
        Self {
            session,
            filters: Vec::new(),
            order: Vec::new(),
            skip: 0,
            limit: None,
            cursor: None,
            model: PhantomData,
        }
    }

    /// Only records that match; several filters must all match.
    pub fn filter(mut self, filter: Filter<M>) -> Self {
        self.filters.push(filter);
        self
    }

    /// Sorts by a field, after the orders that were given before: from the lowest to the highest, unless it says
    /// [`descending`](crate::TypedField::descending).
    pub fn sort(mut self, order: impl OrderBy<M>) -> Self {
        self.order.push(order.into_order());
        self
    }

    /// Passes over this many records.
    pub fn skip(mut self, records: u64) -> Self {
        self.skip = records;
        self
    }

    /// Returns this many records at the most. Without it `all` means all: code on the server is not capped.
    pub fn limit(mut self, records: u64) -> Self {
        self.limit = Some(records);
        self
    }

    /// All matching records.
    pub async fn all(self) -> Result<Vec<Entity<M>>> {
        Ok(self.run(false).await?.0)
    }

    /// The first matching record.
    pub async fn first(self) -> Result<Option<Entity<M>>> {
        Ok(self.limit(1).run(false).await?.0.into_iter().next())
    }

    /// The records, and how many match in all.
    pub async fn page(self) -> Result<(Vec<Entity<M>>, u64)> {
        let (rows, total) = self.run(true).await?;
        let total = total.unwrap_or(rows.len() as u64);
        Ok((rows, total))
    }

    /// How many records match.
    pub async fn count(self) -> Result<u64> {
        Ok(self.limit(0).run(true).await?.1.unwrap_or_default())
    }

    async fn run(self, total: bool) -> Result<(Vec<Entity<M>>, Option<u64>)> {
        let session = self.session.clone();
        let query = self.list(total)?;
        let (rows, total) = session.list::<M>(query).await?;
        let rows = rows
            .into_iter()
            .map(|row| Entity::new(session.clone(), row))
            .collect::<Result<Vec<_>>>()?;
        Ok((rows, total))
    }

    /// The records as they are stored, with where the next page begins if `next` asks for it.
    pub(super) async fn rows(&self, next: bool) -> Result<(Vec<Row>, Option<u64>, Option<String>)> {
        let query = ListQuery {
            next,
            ..self.list(false)?
        };
        match self.session.run::<M>(Want::List(Box::new(query))).await? {
            Reply::Page {
                rows, total, next, ..
            } => Ok((rows, total, next)),
            other => Err(super::unexpected(&other)),
        }
    }

    /// The query for the pipeline.
    pub(super) fn list(&self, total: bool) -> Result<ListQuery> {
        self.list_with(total, &[]).map(|(query, _)| query)
    }

    /// The query for the pipeline, and the places in it of some more fields.
    pub(super) fn list_with(
        &self,
        total: bool,
        fields: &[String],
    ) -> Result<(ListQuery, Vec<usize>)> {
        let (at, _) = self.session.typed::<M>()?;
        let places = Places::new(&self.session.app, at, Vec::new())?;
        let fields = fields.iter().map(|name| whole(name, &places));
        let fields = fields.collect::<Result<Vec<_>>>()?;
        let filters = self
            .filters
            .iter()
            .map(|filter| filter.bind(&places))
            .collect::<Result<Vec<_>>>()?;
        let sort = self
            .order
            .iter()
            .map(|order| order.bind(&places))
            .collect::<Result<Vec<SortKey>>>()?;
        let query = ListQuery {
            filter: larder_query::Filter::and(filters),
            sort,
            skip: self.skip,
            limit: self.limit,
            total,
            cursor: self.cursor.clone(),
            joins: places.into_joins(),
            ..ListQuery::default()
        };
        Ok((query, fields))
    }
}
