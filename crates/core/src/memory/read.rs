//! Answering a query from a table.

use std::cmp::Ordering;

use larder_query::{Filter, Value};

use super::index::Walk;
use super::joins::{Joins, Linked};
use super::order::Span;
use super::path::{Needs, Path, split};
use super::table::Table;
use super::view::View;
use super::{pattern, seek, union};
use crate::error::Result;
use crate::layout::KeyFields;
use crate::record::{Record, Row};
use crate::store::{Groups, Page, Select, SortKey};

/// Answers a query on what is seen of a table and of those that it joins.
pub(super) fn select(view: &View<'_>, joins: &Joins<'_>, select: &Select) -> Result<Page> {
    select.check()?;
    if let Some(key) = &select.key {
        return Ok(one(view, joins, select, key.value()));
    }
    let mut parts = Vec::with_capacity(match &select.filter {
        Filter::And(all) => all.len(),
        _ => 1,
    });
    let possible = split(&select.filter, &mut parts);
    let mut implied = pattern::implied(&parts);
    if !joins.is_empty() {
        implied.extend(joins.narrowed(&parts));
    }
    let mut linked = Vec::new();
    let mut own = parts;
    if !joins.is_empty() {
        let on_linked = |part: &&Filter| part.fields().any(|field| joins.has(field));
        (linked, own) = own.into_iter().partition(on_linked);
    }
    let tested = own.len();
    let possible = possible && implied.iter().all(|part| split(part, &mut own));
    let (skip, limit) = window(select);
    let needs = Needs {
        sort: &select.sort,
        first: select.limit.map(|_| skip.saturating_add(limit)),
        total: select.total,
    };
    let path = possible.then(|| Path::choose(view.table, &own, needs));
    let Some(mut path) = path.flatten() else {
        return Ok(nothing(select));
    };
    if own.len() > tested {
        // What follows from the filter need not be tested by itself: it is there to be found by an index.
        let implied = own.get(tested..).unwrap_or_default();
        path.rest
            .retain(|part| !implied.iter().any(|implied| std::ptr::eq(*part, *implied)));
    }
    let tested = own.get(..tested).unwrap_or_default();
    let slots = union::slots(view.table, tested, &path, needs);
    if slots.is_some() {
        path.walk = None;
        path.rest = tested.to_vec();
    }
    let read = Read {
        view,
        joins,
        select,
        path,
        slots,
        linked,
    };
    read.page()
}

/// Rows that room is made for before it is known how many there are.
const FEW: usize = 64;

/// The answer where no record can match.
fn nothing(select: &Select) -> Page {
    match &select.group {
        Some(group) => Page::of_groups(Groups::new(group).into_groups(), select),
        None => Page {
            total: select.total.then_some(0),
            ..Page::default()
        },
    }
}

/// The answer where at most one record is meant.
fn one(view: &View<'_>, joins: &Joins<'_>, select: &Select, key: &Value) -> Page {
    let found = view.one(key);
    if joins.is_empty() && select.after.is_none() && select.group.is_none() {
        return page_of(
            found.filter(|row| select.filter.matches(&row.values)),
            select,
        );
    }
    let linked = found.map(|row| joins.of(row)).unwrap_or_default();
    let value = |field| found.map_or(&Value::Null, |row| joins.value(row, &linked, field));
    let found = found.filter(|_| select.filter.matches_by(&value));
    if let Some(group) = &select.group {
        let mut groups = Groups::new(group);
        if found.is_some() {
            groups.add(&value);
        }
        return Page::of_groups(groups.into_groups(), select);
    }
    let behind = match select.place() {
        Some(place) => against(&select.order(), &place, &value).is_gt(),
        None => true,
    };
    Page {
        total: select.total.then_some(u64::from(found.is_some())),
        ..page_of(found.filter(|_| behind), select)
    }
}

fn page_of(row: Option<&Row>, select: &Select) -> Page {
    let total = select.total.then_some(u64::from(row.is_some()));
    let (skip, limit) = window(select);
    Page {
        rows: row.into_iter().skip(skip).take(limit).cloned().collect(),
        total,
        ..Page::default()
    }
}

fn window(select: &Select) -> (usize, usize) {
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    (size(select.skip), select.limit.map_or(usize::MAX, size))
}

/// A record that matches, with those that it leads to.
type Match<'a> = (&'a Row, Linked<'a>);

/// A query on its way.
struct Read<'a, 'q> {
    view: &'a View<'a>,
    joins: &'a Joins<'a>,
    select: &'q Select,
    path: Path<'q>,
    /// Where the records are if several indexes lead to them; the path has what is to be tested.
    slots: Option<Vec<u32>>,
    /// What has to be tested on linked records.
    linked: Vec<&'q Filter>,
}

impl<'a> Read<'a, '_> {
    fn page(&self) -> Result<Page> {
        if self.select.group.is_some() {
            return self.groups();
        }
        if self.select.limit == Some(0) && self.is_exact() && self.view.is_plain() {
            return Ok(Page {
                total: self.select.total.then_some(self.path.count as u64),
                ..Page::default()
            });
        }
        let walk = self.path.walk.filter(|_| self.view.is_plain());
        match walk {
            None => self.sorted(),
            Some(walk) if self.select.after.is_some() => self.after(walk),
            Some(_) if self.is_exact() => Ok(self.exact()),
            Some(_) => self.tested(),
        }
    }

    /// Whether every entry of the path matches.
    fn is_exact(&self) -> bool {
        self.path.rest.is_empty() && self.linked.is_empty()
    }

    /// Every entry of the path matches: only the records of the page are touched.
    fn exact(&self) -> Page {
        let (skip, limit) = window(self.select);
        let mut rows = Vec::with_capacity(limit.min(self.path.count.saturating_sub(skip)));
        if rows.capacity() > 0 {
            visit(self.view.table, &self.path, skip, &mut |row| {
                rows.push(row.clone());
                rows.len() < limit
            });
        }
        Page {
            rows,
            total: self.select.total.then_some(self.path.count as u64),
            ..Page::default()
        }
    }

    /// Entries come in order, and each has to be tested.
    fn tested(&self) -> Result<Page> {
        let (skip, limit) = window(self.select);
        let total = self.select.total;
        let most = limit.min(self.path.count.saturating_sub(skip));
        let (mut rows, mut found) = (Vec::with_capacity(most.min(FEW)), 0_usize);
        if limit > 0 || total {
            self.look(&mut |row, _| {
                if found >= skip && rows.len() < limit {
                    rows.push(row.clone());
                }
                found += 1;
                self.select.counts_on(found as u64) || rows.len() < limit
            })?;
        }
        Ok(Page {
            rows,
            total: total.then_some(found as u64),
            ..Page::default()
        })
    }

    /// Entries come in order, from a place on.
    fn after(&self, walk: Walk) -> Result<Page> {
        let Some(left) = seek::left(self.view.table, &self.path, walk, self.select) else {
            return self.sorted();
        };
        let (mut skip, limit) = window(self.select);
        let mut rows = Vec::new();
        let take = &mut |row: &Row, _: &[Option<&Row>]| {
            if skip > 0 {
                skip -= 1;
            } else {
                rows.push(row.clone());
            }
            rows.len() < limit
        };
        let mut looked = Looked::new(self);
        let more = limit > 0 && self.over(&left.head, Walk::Forward, &mut looked, take)?;
        if more {
            self.over(&left.tail, walk, &mut looked, take)?;
        }
        let total = match self.select.total {
            true if self.is_exact() => Some(self.path.count as u64),
            true => {
                let mut found = 0;
                self.look(&mut |_, _| {
                    found += 1;
                    self.select.counts_on(found)
                })?;
                Some(found)
            }
            false => None,
        };
        Ok(Page {
            rows,
            total,
            ..Page::default()
        })
    }

    /// No index delivers the order.
    fn sorted(&self) -> Result<Page> {
        let select = self.select;
        let linked =
            self.joins.is_empty() || select.sort.iter().all(|by| !self.joins.has(by.field));
        if linked && select.after.is_none() {
            let mut rows = Vec::with_capacity(if self.is_exact() { self.path.count } else { 0 });
            self.look(&mut |row, _| {
                rows.push(row);
                true
            })?;
            let key = &self.view.table.layout.key;
            let order = |a: &&Row, b: &&Row| compare(a, b, &select.sort, key);
            let total = rows.len();
            return Ok(cut(rows, total, order, |row| Row::clone(row), select));
        }
        let order = select.order();
        let place = select.place();
        let mut found = 0;
        let mut rows: Vec<Match<'_>> = Vec::new();
        self.look(&mut |row, linked| {
            found += 1;
            let value = |field| self.joins.value(row, linked, field);
            if place
                .as_ref()
                .is_none_or(|place| against(&order, place, &value).is_gt())
            {
                rows.push((row, linked.to_vec()));
            }
            true
        })?;
        let by = |a: &Match<'_>, b: &Match<'_>| {
            let mut orders = order
                .iter()
                .map(|by| by.compare(self.value(a, by.field), self.value(b, by.field)));
            orders
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        Ok(cut(rows, found, by, |(row, _)| Row::clone(row), select))
    }

    fn value<'m>(&self, (row, linked): &'m Match<'_>, field: usize) -> &'m Value {
        self.joins.value(row, linked, field)
    }

    fn groups(&self) -> Result<Page> {
        let Some(group) = &self.select.group else {
            return Ok(Page::default());
        };
        let mut groups = Groups::new(group);
        self.look(&mut |row, linked| {
            groups.add(&|field| self.joins.value(row, linked, field));
            true
        })?;
        Ok(Page::of_groups(groups.into_groups(), self.select))
    }

    /// Visits every record that matches, in the order of the walk where there is one, until `found` says no.
    fn look(&self, found: &mut dyn FnMut(&'a Row, &[Option<&'a Row>]) -> bool) -> Result<()> {
        let mut looked = Looked::new(self);
        let walk = self.path.walk.unwrap_or(Walk::Forward);
        let more = match &self.slots {
            Some(slots) => self.each(slots, &mut looked, found)?,
            None => self.over(&self.path.spans, walk, &mut looked, found)?,
        };
        if more && !self.view.is_plain() {
            for row in self.view.others() {
                let linked = self.joins.of(row);
                looked.one(self)?;
                let value = |field| self.joins.value(row, &linked, field);
                if self.select.filter.matches_by(&value) && !found(row, &linked) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Visits the records of parts of the index that match; false if `found` said no.
    fn over(
        &self,
        spans: &[Span],
        walk: Walk,
        looked: &mut Looked,
        found: &mut dyn FnMut(&'a Row, &[Option<&'a Row>]) -> bool,
    ) -> Result<bool> {
        let table = self.view.table;
        let Some(index) = table.indexes.get(self.path.index) else {
            return Ok(false);
        };
        let mut more = Ok(true);
        index.walk(&table.slots, spans, walk, 0, &mut |slot| {
            more = self.slot(slot, looked, found);
            matches!(more, Ok(true))
        });
        more
    }

    /// The same for the records in some slots.
    fn each(
        &self,
        slots: &[u32],
        looked: &mut Looked,
        found: &mut dyn FnMut(&'a Row, &[Option<&'a Row>]) -> bool,
    ) -> Result<bool> {
        for slot in slots {
            if !self.slot(*slot, looked, found)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn slot(
        &self,
        slot: u32,
        looked: &mut Looked,
        found: &mut dyn FnMut(&'a Row, &[Option<&'a Row>]) -> bool,
    ) -> Result<bool> {
        let row = row_at(self.view.table, slot).filter(|row| !self.view.hides(row));
        let Some(row) = row else {
            return Ok(true);
        };
        looked.one(self)?;
        Ok(self.test(row, found))
    }

    /// Hands a record on if it passes what the index did not decide; false if `found` says no.
    fn test(
        &self,
        row: &'a Row,
        found: &mut dyn FnMut(&'a Row, &[Option<&'a Row>]) -> bool,
    ) -> bool {
        if !self.path.rest.iter().all(|part| part.matches(&row.values)) {
            return true;
        }
        if self.joins.is_empty() {
            return found(row, &[]);
        }
        let linked = self.joins.of(row);
        let value = |field| self.joins.value(row, &linked, field);
        if self.linked.iter().all(|part| part.matches_by(&value)) {
            found(row, &linked)
        } else {
            true
        }
    }
}

/// How many more records may be looked at.
struct Looked(Option<u64>);

impl Looked {
    /// An index that decides all, the order too, leaves nothing to look at.
    fn new(read: &Read<'_, '_>) -> Self {
        let decided = read.is_exact()
            && read.view.is_plain()
            && read.path.walk.is_some()
            && read.select.group.is_none();
        Self(read.select.look_at.filter(|_| !decided))
    }

    fn one(&mut self, read: &Read<'_, '_>) -> Result<()> {
        match &mut self.0 {
            None => Ok(()),
            Some(0) => {
                let undecided = read.path.rest.iter().chain(&read.linked).copied();
                Err(read.select.looks_at_too_much_for(undecided))
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }
}

/// The record in a slot of a table.
pub(super) fn row_at(table: &Table, slot: u32) -> Option<&Row> {
    table.slots.get(slot as usize)?.as_ref()
}

/// Visits the records of a path in its order, tested or not, after passing over `skip`.
pub(super) fn visit<'t>(
    table: &'t Table,
    path: &Path<'_>,
    skip: usize,
    found: &mut dyn FnMut(&'t Row) -> bool,
) {
    let Some(index) = table.indexes.get(path.index) else {
        return;
    };
    let walk = path.walk.unwrap_or(Walk::Forward);
    index.walk(&table.slots, &path.spans, walk, skip, &mut |slot| {
        row_at(table, slot).is_none_or(&mut *found)
    });
}

/// Sorts records that all match and lie behind the place, and cuts out the page. `found` is how many match in all.
fn cut<T>(
    mut rows: Vec<T>,
    found: usize,
    order: impl Fn(&T, &T) -> Ordering,
    row: impl Fn(&T) -> Row,
    select: &Select,
) -> Page {
    let total = select.total.then_some(found as u64);
    let (skip, limit) = window(select);
    let end = skip.saturating_add(limit);
    if skip >= rows.len() || limit == 0 {
        return Page {
            rows: Vec::new(),
            total,
            ..Page::default()
        };
    }
    if end < rows.len() {
        rows.select_nth_unstable_by(end, &order);
        rows.truncate(end);
    }
    rows.sort_unstable_by(&order);
    Page {
        rows: rows.iter().skip(skip).map(row).collect(),
        total,
        ..Page::default()
    }
}

/// The order of two records: by the sort keys, then by key.
fn compare(a: &Record, b: &Record, sort: &[SortKey], key: &KeyFields) -> Ordering {
    for by in sort {
        let order = by.compare(a.get(by.field), b.get(by.field));
        if order.is_ne() {
            return order;
        }
    }
    let parts = key.places().iter();
    let mut parts = parts.map(|place| a.get(*place).total_cmp(b.get(*place)));
    parts.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The order of a record and a place.
fn against<'r>(
    order: &[SortKey],
    place: &[&Value],
    value: &dyn Fn(usize) -> &'r Value,
) -> Ordering {
    let mut orders = order
        .iter()
        .zip(place)
        .map(|(by, at)| by.compare(value(by.field), at));
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
