//! The records that links lead to, for the filter and the order of a query.

use std::borrow::Cow;

use larder_query::{Bound, Filter, Op, Test, Value};

use super::path::{Needs, Path, split};
use super::view::View;
use super::{read, union};
use crate::record::{Record, Row};
use crate::store::{Join, Select};

/// How many linked records are looked for first, where the filter is narrow among them.
const NARROW: usize = 1024;

/// The same where no index of the linked model finds them: then all of its records are looked at.
const FEW: usize = 64;

/// All joins of a query.
#[derive(Debug, Default)]
pub(super) struct Joins<'a> {
    all: Vec<Joined<'a>>,
}

#[derive(Debug)]
struct Joined<'a> {
    view: &'a View<'a>,
    join: &'a Join,
    /// The place of the first of its fields.
    first: usize,
    /// Whether the link is of the kind of the key.
    fits: bool,
}

/// The record that each join found for one record.
pub(super) type Linked<'a> = Vec<Option<&'a Row>>;

impl<'a> Joins<'a> {
    /// The joins of a query, given what it sees of each one's table.
    pub(super) fn new(select: &'a Select, views: impl IntoIterator<Item = &'a View<'a>>) -> Self {
        let mut first = select.layout.fields.len();
        let joined = select.joins.iter().zip(views).map(|(join, view)| {
            let joined = Joined {
                view,
                join,
                first,
                fits: select
                    .field(join.link)
                    .is_some_and(|link| join.fits(link.kind)),
            };
            first += join.layout.fields.len();
            joined
        });
        Self {
            all: joined.collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a field is one of a linked record.
    pub(super) fn has(&self, field: usize) -> bool {
        self.all.first().is_some_and(|join| field >= join.first)
    }

    /// The records that a record leads to.
    pub(super) fn of(&self, row: &Record) -> Linked<'a> {
        let mut linked: Linked<'a> = Vec::with_capacity(self.all.len());
        for joined in &self.all {
            let link = self.value(row, &linked, joined.join.link);
            let found = if joined.fits && !link.is_null() {
                joined.view.get(link)
            } else {
                None
            };
            linked.push(found.filter(|found| joined.join.readable.matches(&found.values)));
        }
        linked
    }

    /// The value at a place, of the record or of one that it leads to.
    pub(super) fn value<'r>(
        &self,
        row: &'r Record,
        linked: &[Option<&'r Row>],
        field: usize,
    ) -> &'r Value {
        match self.all.iter().rposition(|joined| field >= joined.first) {
            None => row.get(field),
            Some(at) => match (linked.get(at), self.all.get(at)) {
                (Some(Some(found)), Some(joined)) => found.get(field - joined.first),
                _ => &Value::Null,
            },
        }
    }

    /// What follows from parts of a filter for the record's own links: that they lead to one of a few records. Found where the
    /// parts are narrow among the linked records; the parts are still to be tested.
    pub(super) fn narrowed(&self, parts: &[&Filter]) -> Vec<Filter> {
        let mut own = Vec::new();
        let mut known: Vec<Cow<'_, Filter>> = parts.iter().copied().map(Cow::Borrowed).collect();
        for joined in self.all.iter().rev() {
            let width = joined.join.layout.fields.len();
            let place = |field: usize| field.checked_sub(joined.first).filter(|at| *at < width);
            let here = known.iter().filter_map(|part| part.moved(&place));
            // What holds where there is no linked record at all says nothing of which one it is.
            let here: Vec<Filter> = here.filter(|part| !part.matches(&[])).collect();
            if here.is_empty() || !joined.fits {
                continue;
            }
            let filter = Filter::and(here.into_iter().chain([joined.join.readable.clone()]));
            let Some(keys) = keys(joined.view, &filter) else {
                continue;
            };
            let link = joined.join.link;
            let leads = match keys.is_empty() {
                true => Filter::False,
                false => Filter::Test(Test {
                    field: link,
                    op: Op::In,
                    operand: Bound::Many(keys),
                }),
            };
            if self.has(link) {
                known.push(Cow::Owned(leads));
            } else {
                own.push(leads);
            }
        }
        own
    }
}

/// The keys of the records that match, if they are few and found without looking at many.
fn keys(view: &View<'_>, filter: &Filter) -> Option<Vec<Value>> {
    let mut parts = Vec::new();
    if !split(filter, &mut parts) {
        return Some(Vec::new());
    }
    let path = Path::choose(view.table, &parts, Needs::default())?;
    let key = &view.table.layout.key;
    let mut keys = Vec::new();
    let mut keep = |row: &Row, rest: &[&Filter]| {
        if !view.hides(row) && rest.iter().all(|part| part.matches(&row.values)) {
            keys.push(key.value_of(row).into_owned());
        }
        true
    };
    let slots = union::slots(view.table, &parts, &path, Needs::default());
    let (count, most) = match &slots {
        Some(slots) => (slots.len(), NARROW),
        None if path.narrows => (path.count, NARROW),
        None => (path.count, FEW),
    };
    if count > most {
        return None;
    }
    match slots {
        Some(slots) => {
            let rows = slots
                .into_iter()
                .filter_map(|slot| read::row_at(view.table, slot));
            rows.for_each(|row| {
                keep(row, &parts);
            });
        }
        None => read::visit(view.table, &path, 0, &mut |row| keep(row, &path.rest)),
    }
    let others = view.others().filter(|row| filter.matches(&row.values));
    keys.extend(others.map(|row| key.value_of(row).into_owned()));
    Some(keys)
}
