//! A read, divided between the database and the memory.

use std::borrow::Cow;
use std::sync::Arc;

use larder_core::{Kind, Layout, Result, Select, SortKey};
use larder_query::{Filter, Op, Value};

use super::cover::{self, Cover};
use super::filter::{self, Place};
use super::source::Source;
use super::split::Split;
use super::walk::Walk;
use super::{Statement, Table, after};
use crate::dialect::Dialect;

/// A read with what SQL does of it.
pub(crate) struct Ask<'a, D: Dialect> {
    pub(crate) select: &'a Select,
    pub(crate) source: Source<'a, D>,
    /// What of the filter SQL tests.
    pushed: Cow<'a, Filter>,
    /// What is left of it to test in memory.
    pub(crate) rest: Filter,
    /// Whether SQL can sort: it can't by what is not known to be readable.
    pub(crate) sorts: bool,
    /// How to go on from the place, where that is not asked as it is.
    walk: Option<Walk>,
    /// What is to be counted before, if anything bounds the read.
    guard: Option<Guard>,
}

/// How many records a read may look at one by one, and those that it looks at: a range of an index, or several.
struct Guard {
    bound: i64,
    ranged: Filter,
}

impl<'a, D: Dialect> Ask<'a, D> {
    /// Divides a read. `table_of` knows the tables of joins.
    pub(crate) fn new(
        table: &'a Table<D>,
        select: &'a Select,
        table_of: impl Fn(&Arc<Layout>) -> Arc<Table<D>>,
    ) -> Self {
        let source = Source::new(table, select, table_of);
        let (pushed, rest) = match Split::of::<D>(&select.filter, &|field| kind_of(&source, field))
        {
            None => (Cow::Borrowed(&select.filter), Filter::True),
            Some(split) => (Cow::Owned(split.pushed), split.rest),
        };
        let sorts = |by: &SortKey| match kind_of(&source, by.field) {
            Some(Kind::Json) => D::JSON_SORTS,
            kind => kind.is_some(),
        };
        let walk = Walk::of(select, &pushed, &source);
        let mut ask = Self {
            sorts: select.group.is_some() || select.sort.iter().all(sorts),
            select,
            source,
            pushed,
            rest,
            walk,
            guard: None,
        };
        ask.guard = ask.to_guard();
        ask
    }

    /// Whether SQL tests and sorts all, so that it can page.
    pub(crate) fn is_whole(&self) -> bool {
        self.sorts && self.is_filtered()
    }

    /// Whether SQL tests all.
    pub(crate) fn is_filtered(&self) -> bool {
        matches!(self.rest, Filter::True)
    }

    /// The kind of a field, if SQL knows its value.
    pub(crate) fn kind_of(&self, field: usize) -> Option<Kind> {
        kind_of(&self.source, field)
    }

    /// `FROM .. WHERE ..`: what matches, and with `behind` only what is behind the place.
    pub(crate) fn from(&self, to: &mut Statement<D>, behind: bool) -> Result<()> {
        self.source.write(to)?;
        self.conditions(to, " WHERE ", behind)
    }

    /// The same, of which nothing matches where the [guard](Self::guard) gives a row, unless [`limit`](Self::limit) sees to that.
    ///
    /// Databases find out before they read anything, since it is the same for all rows.
    pub(crate) fn guarded(&self, to: &mut Statement<D>, behind: bool) -> Result<()> {
        self.source.write(to)?;
        match &self.guard {
            Some(guard) if !D::LIMIT_IS_QUERY => {
                to.push(" WHERE (");
                self.too_many(to, guard)?;
                to.push(") IS NULL");
                self.conditions(to, " AND ", behind)
            }
            _ => self.conditions(to, " WHERE ", behind),
        }
    }

    /// The limit of what is [guarded](Self::guarded), if it has one.
    pub(crate) fn limit(&self, to: &mut Statement<D>, limit: Option<u64>, skip: u64) -> Result<()> {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let guard = self.guard.as_ref().filter(|_| D::LIMIT_IS_QUERY);
        if limit.is_none() && skip == 0 && guard.is_none() {
            return Ok(());
        }
        // SQL wants a limit before an offset.
        let limit = limit.map_or(i64::MAX, number);
        to.push(" LIMIT ");
        match guard {
            None => {
                to.bind_number(limit)?;
            }
            Some(guard) => {
                to.push("CASE WHEN (");
                self.too_many(to, guard)?;
                to.push(") IS NULL THEN ").bind_number(limit)?;
                to.push(" ELSE 0 END");
            }
        }
        if skip > 0 {
            to.push(" OFFSET ").bind_number(number(skip))?;
        }
        Ok(())
    }

    fn conditions(&self, to: &mut Statement<D>, first: &str, behind: bool) -> Result<()> {
        let select = self.select;
        let mut word = first;
        if let Some(key) = &select.key {
            to.push(word);
            if self.source.joins.is_empty() {
                to.key_is(self.source.table, key)?;
            } else {
                let places = select.layout.key.places();
                let parts = key.parts();
                let is = if parts.len() == places.len() {
                    let pairs = places.iter().zip(parts);
                    Filter::and(
                        pairs.map(|(place, part)| Filter::test(*place, Op::Eq, part.clone())),
                    )
                } else {
                    Filter::False
                };
                filter::write(to, &Place::Source(&self.source), &is)?;
            }
            word = " AND ";
        }
        let walk = self.walk.as_ref().filter(|_| behind);
        let filter = walk.map_or(&*self.pushed, |walk| &walk.filter);
        if !matches!(filter, Filter::True) {
            to.push(word);
            filter::write(to, &Place::Source(&self.source), filter)?;
            word = " AND ";
        }
        if behind && let Some(place) = select.place() {
            to.push(word);
            let order: Vec<SortKey> = self.leading().chain(select.order()).collect();
            let equal = walk.into_iter().flat_map(Walk::values);
            let place: Vec<&Value> = equal.chain(place).collect();
            after::write(to, &self.source, &order, &place)?;
        }
        Ok(())
    }

    /// The keys that come before those of the order. All that is found has the same values of them.
    pub(crate) fn leading(&self) -> impl Iterator<Item = SortKey> {
        self.walk.iter().flat_map(Walk::keys)
    }

    /// A statement that gives a row if there is more to look at than the read allows; none where an index decides all, or nothing
    /// bounds it.
    pub(crate) fn guard(&self) -> Result<Option<Statement<D>>> {
        let Some(guard) = &self.guard else {
            return Ok(None);
        };
        let mut to = Statement::new("");
        self.too_many(&mut to, guard)?;
        Ok(Some(to))
    }

    fn too_many(&self, to: &mut Statement<D>, Guard { bound, ranged }: &Guard) -> Result<()> {
        to.push("SELECT 1");
        if ranged
            .fields()
            .all(|field| self.source.join_of(field).is_none())
        {
            to.push(" FROM ").push(&self.source.table.name);
            if !matches!(ranged, Filter::True) {
                to.push(" WHERE ");
                filter::write(to, &Place::Qualified(self.source.table), ranged)?;
            }
        } else {
            self.source.write(to)?;
            to.push(" WHERE ");
            filter::write(to, &Place::Source(&self.source), ranged)?;
        }
        to.push(" LIMIT 1 OFFSET ").bind_number(*bound)?;
        Ok(())
    }

    /// What has to be counted before this read.
    fn to_guard(&self) -> Option<Guard> {
        let bound = self.select.look_at?;
        let select = self.select;
        let cover = Cover::of(select);
        let groups = select.group.is_some();
        if cover.whole && (!groups || select.key.is_some()) {
            return None;
        }
        // What comes in its order out of a range is counted as it comes, and that may end early.
        if !self.is_whole() && !groups && cover.ordered && self.is_ranged(&cover) {
            return None;
        }
        let ranged = match cover.ranged.as_slice() {
            [] => self.reached(),
            ranged => Filter::and(ranged.iter().copied().cloned()),
        };
        Some(Guard {
            bound: i64::try_from(bound).unwrap_or(i64::MAX),
            ranged,
        })
    }

    /// What no index decides of the filter, for messages.
    pub(crate) fn undecided(&self) -> Vec<&Filter> {
        let cover = Cover::of(self.select);
        let mut undecided = Vec::new();
        cover::parts(&self.select.filter, &mut undecided);
        undecided.retain(|part| !cover.ranged.contains(part));
        undecided
    }

    /// Whether all that SQL tests is a range of an index.
    fn is_ranged(&self, cover: &Cover<'_>) -> bool {
        let mut parts = Vec::new();
        cover::parts(&self.pushed, &mut parts);
        parts.iter().all(|part| cover.ranged.contains(part))
    }

    /// What several indexes lead to, or those of a linked table from which another one leads back; all records where none do.
    fn reached(&self) -> Filter {
        let mut parts = Vec::new();
        cover::parts(&self.select.filter, &mut parts);
        let own = self.select.layout.fields.len();
        let of_own = parts.iter().copied();
        let of_own: Vec<&Filter> = of_own
            .filter(|part| part.fields().all(|field| field < own))
            .collect();
        if let Some(reached) = Cover::reached(&self.select.layout, &of_own) {
            return reached;
        }
        let indexes = &self.select.layout.indexes;
        let leads = |link: usize| {
            indexes
                .iter()
                .any(|index| index.fields.first() == Some(&link))
        };
        let joins = self.source.joins.iter();
        let mut linked = joins.filter(|join| join.exact && leads(join.link));
        let reached = linked.find_map(|join| {
            let own = |field: usize| {
                field
                    .checked_sub(join.first)
                    .filter(|at| *at < join.width())
            };
            let moved = parts.iter().filter_map(|part| part.moved(&own));
            let moved: Vec<Filter> = moved.collect();
            let moved: Vec<&Filter> = moved.iter().collect();
            let reached = Cover::reached(&join.table.layout, &moved)?;
            reached.moved(&|field| Some(field + join.first))
        });
        reached.unwrap_or(Filter::True)
    }
}

fn kind_of<D: Dialect>(source: &Source<'_, D>, field: usize) -> Option<Kind> {
    match source.join_of(field) {
        Some(join) if !join.exact => None,
        // Beyond the last field all is null, which SQL knows.
        _ => Some(source.at(field).map_or(Kind::Bool, |at| at.kind)),
    }
}
