//! Typed queries.

use std::marker::PhantomData;

use super::Session;
use crate::call::ListQuery;
use crate::entity::Entity;
use crate::error::Result;
use crate::model::Model;
use crate::places::Places;
use crate::store::SortKey;
use crate::typed::{Filter, Order};

/// A query for records of one model, in Rust: filter, then sort, then page.
#[derive(Clone, Debug)]
#[must_use = "a query does nothing until `all`, `first`, `page` or `count` runs it"]
pub struct QueryBuilder<M> {
    session: Session,
    filters: Vec<Filter<M>>,
    order: Vec<Order<M>>,
    skip: u64,
    limit: Option<u64>,
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
            model: PhantomData,
        }
    }

    /// Only records that match; several filters must all match.
    pub fn filter(mut self, filter: Filter<M>) -> Self {
        self.filters.push(filter);
        self
    }

    /// Sorts by a field, after the orders that were given before.
    pub fn sort(mut self, order: Order<M>) -> Self {
        self.order.push(order);
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
        let (at, _) = self.session.typed::<M>()?;
        let places = Places::new(&self.session.app, at, Vec::new())?;
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
            joins: places.into_joins(),
            ..ListQuery::default()
        };
        let (rows, total) = self.session.list::<M>(query).await?;
        let rows = rows
            .into_iter()
            .map(|row| Entity::new(self.session.clone(), row))
            .collect::<Result<Vec<_>>>()?;
        Ok((rows, total))
    }
}
