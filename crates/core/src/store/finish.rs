//! The end of a read in memory: what a store does itself where its database can't.

use std::cmp::Ordering;

use larder_query::{Filter, Value};

use super::{Page, Select, SortKey};
use crate::error::Result;
use crate::record::Row;

/// Takes candidates one by one and keeps the page that a read asks for: tests, counts, sorts and pages them under
/// [`Select::look_at`]. Of all candidates only those of the page are held.
///
/// A store offers each candidate as its values, those of linked records behind its own ([`Select::joins`]), and makes a record of
/// it only if it is kept.
///
/// ```
/// # use std::sync::Arc;
/// # use larder_core::{Record, Result, Select, Version, store::{Finish, Page}};
/// # use larder_query::{Filter, Value};
/// fn page(select: &Select, rest: &Filter, rows: Vec<Vec<Value>>) -> Result<Page> {
///     let mut finish = Finish::new(select, rest, true);
///     for row in rows {
///         if !finish.offer(&row, || Ok(Arc::new(Record::new(row.clone(), Version(0)))))? {
///             break;
///         }
///     }
///     Ok(finish.page())
/// }
/// ```
#[derive(Debug)]
pub struct Finish<'s> {
    select: &'s Select,
    rest: &'s Filter,
    /// Whether candidates come in the order asked for.
    in_order: bool,
    order: Vec<SortKey>,
    place: Option<Vec<&'s Value>>,
    skip: usize,
    limit: usize,
    looked_at: u64,
    found: u64,
    /// How many were found behind the place.
    behind: usize,
    /// What is kept, with the values of the order where it has to be sorted.
    kept: Vec<(Vec<Value>, Row)>,
}

impl<'s> Finish<'s> {
    /// A page without any record yet. `rest` is what is still to be tested, which the store did not do; `in_order` says that
    /// candidates will come in the order asked for. What is left to do is told through `tracing` (target `larder::store`, TRACE).
    pub fn new(select: &'s Select, rest: &'s Filter, in_order: bool) -> Self {
        if !matches!(rest, Filter::True) {
            in_memory("filter");
        }
        if !in_order {
            in_memory("sort");
        }
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Self {
            select,
            rest,
            in_order,
            order: select.order(),
            place: select.place(),
            skip: size(select.skip),
            limit: select.limit.map_or(usize::MAX, size),
            looked_at: 0,
            found: 0,
            behind: 0,
            kept: Vec::new(),
        }
    }

    /// Looks at a candidate; false when no more are needed.
    ///
    /// # Errors
    /// `BadRequest` if it is one more than may be looked at; what `row` fails with.
    pub fn offer(&mut self, values: &[Value], row: impl FnOnce() -> Result<Row>) -> Result<bool> {
        self.looked_at += 1;
        if self
            .select
            .look_at
            .is_some_and(|bound| self.looked_at > bound)
        {
            return Err(self.select.looks_at_too_much_for([self.rest]));
        }
        if !self.rest.matches(values) {
            return Ok(true);
        }
        self.found += 1;
        if !self.is_behind(values) {
            return Ok(true);
        }
        self.behind += 1;
        if self.in_order {
            if self.behind > self.skip && self.kept.len() < self.limit {
                self.kept.push((Vec::new(), row()?));
            }
        } else {
            let keys = self.order.iter().map(|by| of(values, by.field).clone());
            self.keep(keys.collect(), row)?;
        }
        Ok(self.select.counts_on(self.found) || !self.in_order || self.kept.len() < self.limit)
    }

    fn is_behind(&self, values: &[Value]) -> bool {
        let Some(place) = &self.place else {
            return true;
        };
        let mut orders = self.order.iter().zip(place);
        let unequal = orders.find_map(|(by, at)| {
            let order = by.compare(of(values, by.field), at);
            order.is_ne().then_some(order)
        });
        unequal == Some(Ordering::Greater)
    }

    /// Keeps a candidate, and now and then drops those that can't be on the page any more.
    fn keep(&mut self, keys: Vec<Value>, row: impl FnOnce() -> Result<Row>) -> Result<()> {
        let end = self.skip.saturating_add(self.limit);
        if end == 0 {
            return Ok(());
        }
        self.kept.push((keys, row()?));
        if self.kept.len() >= end.saturating_mul(2).max(64) {
            let order = &self.order;
            self.kept
                .select_nth_unstable_by(end - 1, |a, b| compare(order, &a.0, &b.0));
            self.kept.truncate(end);
        }
        Ok(())
    }

    /// The page.
    pub fn page(mut self) -> Page {
        let mut skip = 0;
        if !self.in_order {
            let order = &self.order;
            self.kept
                .sort_unstable_by(|a, b| compare(order, &a.0, &b.0));
            skip = self.skip;
        }
        let rows = self.kept.into_iter().map(|(_, row)| row);
        Page {
            rows: rows.skip(skip).take(self.limit).collect(),
            total: self.select.total.then_some(self.found),
            ..Page::default()
        }
    }
}

/// Says that a step of a read is done here and not by the database: in the log, and to who measures what stores push down.
pub(super) fn in_memory(step: &'static str) {
    tracing::trace!(target: "larder::store", step, "finished in memory");
}

fn of(values: &[Value], field: usize) -> &Value {
    values.get(field).unwrap_or(&Value::Null)
}

fn compare(order: &[SortKey], a: &[Value], b: &[Value]) -> Ordering {
    let mut orders = order.iter().zip(a.iter().zip(b));
    orders
        .find_map(|(by, (a, b))| Some(by.compare(a, b)).filter(|order| order.is_ne()))
        .unwrap_or(Ordering::Equal)
}
