//! A read, divided between the database and the memory.

use std::borrow::Cow;
use std::sync::Arc;

use larder_core::store::cover::{self, Cover};
use larder_core::{Layout, Select};
use larder_query::Filter;
use mongodb::bson::{Document, doc};

use crate::filter::{self, Condition, Place};
use crate::form::Type;
use crate::names;
use crate::order::{self, Key};
use crate::source::{Linked, Source};
use crate::table::{Table, is_partial};

/// A read with what MongoDB does of it.
pub(crate) struct Ask<'a> {
    pub(crate) select: &'a Select,
    pub(crate) source: Source<'a>,
    /// What MongoDB tests of the record's own fields, and of all.
    own: Condition,
    joined: Condition,
    /// What is left of the filter to test in memory.
    pub(crate) rest: Filter,
    /// Whether MongoDB can sort.
    pub(crate) sorts: bool,
    pub(crate) keys: Vec<Key>,
    /// The parts of the filter that must all hold.
    parts: Vec<&'a Filter>,
}

impl<'a> Ask<'a> {
    /// Divides a read. `table_of` knows the tables of joins.
    pub(crate) fn new(select: &'a Select, table_of: impl Fn(&Arc<Layout>) -> Arc<Table>) -> Self {
        let source = Source::new(select, table_of);
        let places = |field| source.place(field);
        let width = select.layout.fields.len();
        let mut parts = Vec::new();
        cover::parts(&select.filter, &mut parts);
        let (mut own, mut joined, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for part in &parts {
            let pushed = filter::push(part, &places);
            if !pushed.exact {
                rest.push((*part).clone());
            }
            let is_own = source.joins.is_empty() || part.fields().all(|field| field < width);
            if is_own { &mut own } else { &mut joined }.push(pushed.test);
        }
        if let Some(key) = &select.key {
            let is = source.table.key_is(key);
            own.insert(0, is.map_or(Condition::False, Condition::Of));
        }
        let order = order::deciding(&source.table, select.order());
        let keys: Vec<Option<Key>> = order
            .iter()
            .map(|by| match source.place(by.field) {
                Place::At(path, of) if filter::sorts(of.kind) => Some(Key {
                    path,
                    of,
                    nullable: source.join_of(by.field).is_some()
                        || select.field(by.field).is_none_or(|field| field.nullable),
                    descending: by.descending,
                }),
                _ => None,
            })
            .collect();
        let keys: Option<Vec<Key>> = keys.into_iter().collect();
        Self {
            own: Condition::and(own),
            joined: Condition::and(joined),
            rest: Filter::and(rest),
            sorts: keys.is_some(),
            keys: keys.unwrap_or_default(),
            select,
            source,
            parts,
        }
    }

    /// Whether MongoDB tests and sorts all, so that it can page.
    pub(crate) fn is_whole(&self) -> bool {
        self.sorts && self.is_filtered()
    }

    /// Whether MongoDB tests all.
    pub(crate) fn is_filtered(&self) -> bool {
        matches!(self.rest, Filter::True)
    }

    /// The type of a field, if MongoDB knows its value.
    pub(crate) fn type_of(&self, field: usize) -> Option<Type> {
        match self.source.place(field) {
            Place::At(_, of) => Some(of),
            Place::Null | Place::Unknown => None,
        }
    }

    /// That a record is behind the place that the page goes on from.
    fn behind(&self) -> Condition {
        match self.select.place() {
            Some(place) => order::behind(&self.keys, &place),
            None => Condition::True,
        }
    }

    /// The filter of a read without joins.
    pub(crate) fn filter(&self, behind: bool) -> Document {
        let behind = if behind {
            self.behind()
        } else {
            Condition::True
        };
        Condition::and([self.own.clone(), behind]).into_document()
    }

    /// The order of a read.
    pub(crate) fn sort(&self) -> Document {
        order::sort(&self.keys)
    }

    /// The stages up to what matches, and with `behind` only what is behind the place.
    pub(crate) fn stages(&self, behind: bool) -> Vec<Document> {
        let mut stages = self.begin();
        let behind = if behind {
            self.behind()
        } else {
            Condition::True
        };
        if self.source.joins.is_empty() {
            push_match(&mut stages, Condition::and([self.own.clone(), behind]));
            return stages;
        }
        push_match(&mut stages, self.own.clone());
        stages.extend(self.source.lookups());
        push_match(&mut stages, Condition::and([self.joined.clone(), behind]));
        stages
    }

    /// The collection that the stages are about.
    pub(crate) fn collection(&self) -> Cow<'_, str> {
        let table = self
            .other_side()
            .map_or(&self.source.table, |(join, _)| &join.table);
        names::collection(&table.layout.collection)
    }

    /// The stages that come to records from the linked ones, where that is the narrow side.
    fn begin(&self) -> Vec<Document> {
        let Some((join, there)) = self.other_side() else {
            return Vec::new();
        };
        let own = names::collection(&self.source.table.layout.collection);
        let link = self.source.path(join.link).unwrap_or_default();
        let mut stages = Vec::new();
        push_match(&mut stages, Condition::and([join.readable(), there]));
        stages.push(doc! { "$lookup": {
            "from": &*own,
            "localField": names::ID,
            "foreignField": link,
            "as": "%",
        } });
        stages.push(doc! { "$unwind": "$%" });
        stages.push(doc! { "$replaceWith": "$%" });
        stages
    }

    /// The join whose own indexes decide something of the filter, with an index on the link that leads back from there, where
    /// no index of the record itself decides anything.
    fn other_side(&self) -> Option<(&Linked<'a>, Condition)> {
        if self.source.joins.is_empty() || self.select.key.is_some() {
            return None;
        }
        if !self.cover().ranged.is_empty() {
            return None;
        }
        let indexes = &self.select.layout.indexes;
        let leads = |link: usize| {
            let mut firsts = indexes.iter().filter(|index| !index.unique);
            firsts.any(|index| index.fields.first() == Some(&link))
        };
        let joins = self.source.joins.iter();
        let sides = joins.filter(|join| join.exact && join.fits && leads(join.link));
        let sides = sides.filter_map(|join| {
            let own = |field: usize| {
                field
                    .checked_sub(join.first)
                    .filter(|at| *at < join.width())
            };
            // What holds of nothing holds where the link leads nowhere, too.
            let parts = self.parts.iter().filter(|part| !part.matches(&[]));
            let moved: Vec<Filter> = parts.filter_map(|part| part.moved(&own)).collect();
            let parts: Vec<&Filter> = moved.iter().collect();
            let layout = covering(&join.table, &parts);
            let ranged = Cover::best(&layout, &parts, &[]).ranged.len();
            let there = filter::push(
                &Filter::and(moved.iter().cloned()),
                &filter::own(&join.table),
            );
            (ranged > 0).then_some((ranged, join, there.test))
        });
        let (_, join, there) = sides.max_by_key(|(ranged, _, _)| *ranged)?;
        Some((join, there))
    }

    /// What an index decides of the read.
    fn cover(&self) -> Cover<'a> {
        let select = self.select;
        if select.key.is_some() {
            return Cover {
                ranged: Vec::new(),
                whole: true,
                ordered: true,
            };
        }
        // A count alone has no order.
        let order = match select.limit {
            Some(0) => Vec::new(),
            _ => order::deciding(&self.source.table, select.order()),
        };
        let layout = covering(&self.source.table, &self.parts);
        Cover::best(&layout, &self.parts, &order)
    }

    /// The stages that find more documents than may be looked at; none where an index decides all, or nothing bounds it.
    pub(crate) fn guard(&self) -> Option<Vec<Document>> {
        let select = self.select;
        let bound = select.look_at?;
        let cover = self.cover();
        let groups = select.group.is_some();
        if cover.whole && (!groups || select.key.is_some()) {
            return None;
        }
        // What comes in its order out of a range is counted as it comes, and that may end early.
        let all_ranged = self.parts.iter().all(|part| {
            cover.ranged.contains(part)
                || filter::push(part, &|f| self.source.place(f)).test == Condition::True
        });
        if !self.is_whole() && !groups && cover.ordered && all_ranged {
            return None;
        }
        let mut stages = self.begin();
        let reached = match cover.ranged.as_slice() {
            [] => self.reached(),
            _ => None,
        };
        let ranged = cover.ranged.iter().copied().chain(&reached);
        let ranged = ranged.map(|part| filter::push(part, &|field| self.source.place(field)).test);
        push_match(&mut stages, Condition::and(ranged));
        let most = i64::try_from(bound)
            .unwrap_or(i64::MAX - 1)
            .saturating_add(1);
        stages.push(doc! { "$limit": most });
        stages.push(doc! { "$count": "n" });
        Some(stages)
    }

    /// What several indexes lead to.
    fn reached(&self) -> Option<Filter> {
        let own = self.select.layout.fields.len();
        let parts = self.parts.iter().copied();
        let parts: Vec<&Filter> = parts
            .filter(|part| part.fields().all(|field| field < own))
            .collect();
        let table = &self.source.table;
        Cover::reached(table.whole.as_ref().unwrap_or(&table.layout), &parts)
    }

    /// What no index decides of the filter, for messages.
    pub(crate) fn undecided(&self) -> Vec<&'a Filter> {
        let cover = self.cover();
        let parts = self.parts.iter().copied();
        parts.filter(|part| !cover.ranged.contains(part)).collect()
    }
}

/// A layout with the indexes that hold all that passes some parts of a filter.
fn covering<'t>(table: &'t Table, parts: &[&Filter]) -> Cow<'t, Layout> {
    let layout = &*table.layout;
    let Some(whole) = &table.whole else {
        return Cow::Borrowed(layout);
    };
    let holds = |index: &&larder_core::Index| {
        is_partial(layout, index)
            && index.fields.iter().all(|field| {
                let nullable = layout.fields.get(*field).is_some_and(|it| it.nullable);
                !nullable
                    || parts
                        .iter()
                        .any(|part| filter::wants_value(part, *field, layout))
            })
    };
    let more: Vec<_> = layout.indexes.iter().filter(holds).cloned().collect();
    if more.is_empty() {
        return Cow::Borrowed(whole);
    }
    let mut all = whole.clone();
    all.indexes.extend(more);
    Cow::Owned(all)
}

/// Adds a condition to stages, if it says anything.
pub(crate) fn push_match(stages: &mut Vec<Document>, condition: Condition) {
    if condition != Condition::True {
        stages.push(doc! { "$match": condition.into_document() });
    }
}
