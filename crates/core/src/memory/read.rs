//! Answering a query from a table.

use std::cmp::Ordering;

use larder_query::Filter;

use super::path::{Needs, Path};
use super::table::Table;
use crate::layout::KeyFields;
use crate::record::{Record, Row};
use crate::store::{Page, Select, SortKey};

/// Answers a query on the table as it is now.
pub(super) fn select(table: &Table, select: &Select) -> Page {
    if let Some(key) = &select.key {
        let row = table
            .get(key.value())
            .filter(|row| select.filter.matches(&row.values));
        return page_of(row.cloned(), select);
    }
    let (skip, limit) = window(select);
    let needs = Needs {
        sort: &select.sort,
        first: select.limit.map(|_| skip.saturating_add(limit)),
        total: select.total,
    };
    let Some(path) = Path::choose(table, &select.filter, needs) else {
        return Page {
            rows: Vec::new(),
            total: select.total.then_some(0),
            ..Page::default()
        };
    };
    if path.walk.is_none() {
        return sorted(matching(table, &path), &table.layout.key, select);
    }
    if path.rest.is_empty() {
        exact(table, &path, select)
    } else {
        tested(table, &path, select)
    }
}

/// The answer where at most one record is meant.
pub(super) fn page_of(row: Option<Row>, select: &Select) -> Page {
    let total = select.total.then_some(u64::from(row.is_some()));
    let (skip, limit) = window(select);
    Page {
        rows: row.into_iter().skip(skip).take(limit).collect(),
        total,
        ..Page::default()
    }
}

/// All records that match a filter, in no particular order.
pub(super) fn all_matching<'t>(table: &'t Table, filter: &Filter) -> Vec<&'t Row> {
    let needs = Needs {
        sort: &[],
        first: None,
        total: false,
    };
    Path::choose(table, filter, needs)
        .map(|path| matching(table, &path))
        .unwrap_or_default()
}

fn window(select: &Select) -> (usize, usize) {
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    (size(select.skip), select.limit.map_or(usize::MAX, size))
}

/// Every entry of the path matches: only the records of the page are touched.
fn exact(table: &Table, path: &Path<'_>, select: &Select) -> Page {
    let (skip, limit) = window(select);
    let mut rows = Vec::with_capacity(limit.min(path.count.saturating_sub(skip)));
    if rows.capacity() > 0 {
        visit(table, path, skip, &mut |row| {
            rows.push(row.clone());
            rows.len() < limit
        });
    }
    Page {
        rows,
        total: select.total.then_some(path.count as u64),
        ..Page::default()
    }
}

/// Entries come in order, and each has to be tested.
fn tested(table: &Table, path: &Path<'_>, select: &Select) -> Page {
    let (skip, limit) = window(select);
    let (mut rows, mut found) = (Vec::new(), 0_usize);
    if limit > 0 || select.total {
        visit(table, path, 0, &mut |row| {
            if path.rest.iter().all(|part| part.matches(&row.values)) {
                if found >= skip && rows.len() < limit {
                    rows.push(row.clone());
                }
                found += 1;
            }
            select.total || rows.len() < limit
        });
    }
    Page {
        rows,
        total: select.total.then_some(found as u64),
        ..Page::default()
    }
}

fn matching<'t>(table: &'t Table, path: &Path<'_>) -> Vec<&'t Row> {
    let mut rows = Vec::with_capacity(if path.rest.is_empty() { path.count } else { 0 });
    visit(table, path, 0, &mut |row| {
        if path.rest.iter().all(|part| part.matches(&row.values)) {
            rows.push(row);
        }
        true
    });
    rows
}

fn visit<'t>(
    table: &'t Table,
    path: &Path<'_>,
    skip: usize,
    found: &mut dyn FnMut(&'t Row) -> bool,
) {
    let Some(index) = table.indexes.get(path.index) else {
        return;
    };
    let walk = path.walk.unwrap_or(super::index::Walk::Forward);
    index.walk(&table.slots, &path.spans, walk, skip, &mut |slot| {
        table
            .slots
            .get(slot as usize)
            .and_then(Option::as_ref)
            .is_none_or(&mut *found)
    });
}

/// Sorts records that all match and cuts out the page.
pub(super) fn sorted(mut rows: Vec<&Row>, key: &KeyFields, select: &Select) -> Page {
    let total = select.total.then_some(rows.len() as u64);
    let (skip, limit) = window(select);
    let end = skip.saturating_add(limit);
    if skip >= rows.len() || limit == 0 {
        return Page {
            rows: Vec::new(),
            total,
            ..Page::default()
        };
    }
    let order = |a: &&Row, b: &&Row| compare(a, b, &select.sort, key);
    if end < rows.len() {
        rows.select_nth_unstable_by(end, order);
        rows.truncate(end);
    }
    rows.sort_unstable_by(order);
    Page {
        rows: rows.into_iter().skip(skip).cloned().collect(),
        total,
        ..Page::default()
    }
}

/// The order of two records: by the sort keys, then by key.
fn compare(a: &Record, b: &Record, sort: &[SortKey], key: &KeyFields) -> Ordering {
    for by in sort {
        let order = a.get(by.field).total_cmp(b.get(by.field));
        let order = if by.descending {
            order.reverse()
        } else {
            order
        };
        if order.is_ne() {
            return order;
        }
    }
    let parts = key.places().iter();
    let mut parts = parts.map(|place| a.get(*place).total_cmp(b.get(*place)));
    parts.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
