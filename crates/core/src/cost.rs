//! What it takes to find the records of a query, known before a store is asked.
//!
//! It goes by what is declared: the indexes of the [`Layout`], the filter, and the order. How many records there are plays
//! no part, so a query that is refused today was refused when the table was empty.

use larder_query::{Bound, Filter, Op, Test, Value};

use crate::layout::Layout;
use crate::model::Kind;
use crate::store::{Join, Select, SortKey};

/// What a store has to do for a query, the cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cost {
    /// Look up records by their keys.
    Key,
    /// Walk a part of an index, or all of it, in the order that is asked for, and stop at the end of the page.
    Covered,
    /// Walk a part of an index. What is not in its order is sorted, what it does not decide is tested record by record.
    Range,
    /// Look at every record.
    Scan,
}

impl Cost {
    /// The cost of a query.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use larder_core::{Column, Cost, Index, Kind, Layout, Op, Select, Storage};
    /// # let column = |name: &str| Column { name: name.into(), kind: Kind::Text, nullable: false, default: None };
    /// let layout = Arc::new(Layout {
    ///     model: "Post".to_owned(),
    ///     collection: "posts".to_owned(),
    ///     fields: vec![column("id"), column("status"), column("title")],
    ///     key: 0.into(),
    ///     indexes: vec![Index { fields: vec![1], unique: false }],
    ///     storage: Storage::default(),
    /// });
    /// let by = |field| Select { filter: larder_query::Filter::test(field, Op::Eq, "a"), ..Select::all(layout.clone()) };
    /// assert_eq!(Cost::of(&by(0)), Cost::Key);
    /// assert_eq!(Cost::of(&by(1)), Cost::Covered);
    /// assert_eq!(Cost::of(&by(2)), Cost::Scan);
    /// ```
    pub fn of(select: &Select) -> Self {
        let indexes = Indexes::of(select);
        let parts = parts(&select.filter);
        let by_key = |field: &usize| {
            parts.iter().any(|part| match part {
                Filter::Test(test) => test.field == *field && matches!(test.op, Op::Eq | Op::In),
                _ => false,
            })
        };
        if select.key.is_some() || key(&select.layout).iter().all(by_key) {
            return Self::Key;
        }
        if indexes.in_order(&parts, &select.sort) {
            return Self::Covered;
        }
        // An index on the first key leaves only records that are alike in it to be sorted.
        let by_first = select
            .sort
            .first()
            .is_some_and(|first| indexes.has(first.field));
        let narrowed = match parts.is_empty() {
            true => by_first,
            false => indexes.narrow(&select.filter),
        };
        if narrowed { Self::Range } else { Self::Scan }
    }
}

/// The indexes that a query can use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Indexes<'a> {
    layout: &'a Layout,
    joins: &'a [Join],
    /// The places of the fields whose indexes count, the last one excluded.
    within: (usize, usize),
}

impl<'a> Indexes<'a> {
    pub(crate) fn of(select: &'a Select) -> Self {
        Self {
            layout: &select.layout,
            joins: &select.joins,
            within: (0, usize::MAX),
        }
    }

    /// The indexes of one model each. What an *or* asks of several models no index of one of them finds: then each record has to be looked
    /// at with those that it leads to.
    fn of_one_model(self) -> impl Iterator<Item = Self> {
        let (from, to) = self.within;
        let widths =
            std::iter::once(self.layout).chain(self.joins.iter().map(|join| &*join.layout));
        let places = widths.scan(0, |first, layout| {
            let place = (*first, *first + layout.fields.len());
            *first = place.1;
            Some(place)
        });
        places.map(move |(first, end)| Self {
            within: (first.max(from), end.min(to)),
            ..self
        })
    }

    /// Whether they are those of one model. Then an *or* inside another is not taken apart once more, which would double the work with each.
    fn is_of_one(self) -> bool {
        self.within != (0, usize::MAX)
    }

    /// Whether there is an index, or a key, whose first field is this one.
    fn has(self, field: usize) -> bool {
        let (mut first, mut layout, mut link) = (0, self.layout, None);
        for join in self.joins {
            if field < first + layout.fields.len() {
                break;
            }
            first += layout.fields.len();
            (layout, link) = (&join.layout, Some(join.link));
        }
        let Some(field) = field
            .checked_sub(first)
            .filter(|at| *at < layout.fields.len())
        else {
            return false;
        };
        let indexes = layout.indexes.iter().map(|index| index.fields.as_slice());
        let mut firsts = indexes.chain([key(layout)]).map(<[usize]>::first);
        let here = firsts.any(|first| first == Some(&field));
        // From the linked records back to those that link there it takes an index on the link.
        here && link.is_none_or(|link| self.has(link))
    }

    fn kind(self, field: usize) -> Option<Kind> {
        let joined = self.joins.iter().flat_map(|join| &join.layout.fields);
        let mut columns = self.layout.fields.iter().chain(joined);
        columns.nth(field).map(|column| column.kind)
    }

    /// Whether an index leads to the records that pass a test.
    fn serve(self, test: &Test) -> bool {
        let (from, to) = self.within;
        (from..to).contains(&test.field) && self.can_serve(test) && self.has(test.field)
    }

    /// Whether an index would, if there is one.
    fn can_serve(self, test: &Test) -> bool {
        let joined = test.field >= self.layout.fields.len();
        let values = match &test.operand {
            Bound::One(value) => std::slice::from_ref(value),
            Bound::Many(values) => values,
            Bound::Pattern(_) | Bound::Area(_) => return false,
        };
        // A joined null also stands for a link that leads nowhere, which no index of the linked model knows of.
        let nowhere = joined && values.iter().any(Value::is_null);
        let op = matches!(
            test.op,
            Op::Eq | Op::In | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::StartsWith
        );
        op && !nowhere && self.kind(test.field).is_some_and(|kind| kind != Kind::Json)
    }

    /// Whether indexes lead to the records that can match.
    pub(crate) fn narrow(self, filter: &Filter) -> bool {
        match filter {
            Filter::True | Filter::Not(_) | Filter::Inside(_) => false,
            Filter::False => true,
            Filter::Test(test) => self.serve(test),
            Filter::And(all) => all.iter().any(|part| self.narrow(part)),
            Filter::Or(any) if self.is_of_one() => any.iter().all(|part| self.narrow(part)),
            Filter::Or(any) => self
                .of_one_model()
                .any(|one| any.iter().all(|part| one.narrow(part))),
        }
    }

    /// Whether indexes decide alone which records match, so that none is looked at in vain.
    pub(crate) fn decide(self, filter: &Filter) -> bool {
        let parts = parts(filter);
        let mut served = parts.iter().map(|part| match part {
            Filter::Test(test) if self.serve(test) => Some(test.field),
            _ => None,
        });
        match served.next() {
            None => true,
            Some(None) => *filter == Filter::False,
            // Several fields would need an index of all of them, in the right order; a range of one field needs one.
            Some(first) => served.all(|field| field == first),
        }
    }

    /// The first comparison for which every record would have to be looked at, unless `leave` allows that for its field. None where
    /// indexes narrow the filter. What is inside a field has no index, and is declared as it is.
    pub(crate) fn unserved<'f>(
        self,
        filter: &'f Filter,
        leave: &dyn Fn(usize) -> bool,
    ) -> Option<&'f Test> {
        match filter {
            Filter::True | Filter::False | Filter::Inside(_) => None,
            Filter::Test(test) if self.serve(test) || leave(test.field) => None,
            Filter::Test(test) => Some(test),
            Filter::Not(inner) => inner.tests().find(|test| !leave(test.field)),
            Filter::Or(any) => {
                let first_in = |indexes: Self| {
                    any.iter()
                        .find_map(move |part| indexes.unserved(part, leave))
                };
                if self.is_of_one() {
                    return first_in(self);
                }
                // What no index serves is told first; then what is of another model than the rest.
                let (served, mut models) = (first_in(self), self.of_one_model());
                let own = models.next().map(first_in)?;
                if own.is_none() || models.any(|one| first_in(one).is_none()) {
                    return None;
                }
                served.or(own)
            }
            // The others are tested on what one of them leads to.
            Filter::And(all) => {
                let mut found = None;
                for part in all {
                    match self.unserved(part, leave) {
                        Some(test) => found = found.or(Some(test)),
                        None => return None,
                    }
                }
                found
            }
        }
    }

    /// Whether one index leads to the records and has them in the order asked for.
    fn in_order(self, parts: &[&Filter], sort: &[SortKey]) -> bool {
        let indexes = self
            .layout
            .indexes
            .iter()
            .map(|index| index.fields.as_slice());
        indexes
            .chain([key(self.layout)])
            .any(|fields| self.walks(fields, parts, sort))
    }

    /// Whether the index of these fields does.
    fn walks(self, fields: &[usize], parts: &[&Filter], sort: &[SortKey]) -> bool {
        let tests = |field: usize| {
            parts.iter().filter_map(move |part| match part {
                Filter::Test(test) if test.field == field => Some(test),
                _ => None,
            })
        };
        let is_fixed =
            |field: &usize| tests(*field).any(|test| test.op == Op::Eq && self.can_serve(test));
        let fixed = fields.iter().take_while(|field| is_fixed(field)).count();
        let (fixed, rest) = fields.split_at(fixed);
        let bounded = rest.first().is_some_and(|field| {
            // Several values are several places in the index, each in order by itself.
            tests(*field).any(|test| test.op != Op::In && self.can_serve(test))
        });
        if fixed.is_empty() && !bounded && !parts.is_empty() {
            return false;
        }
        let key = key(self.layout);
        let mut wanted: Vec<SortKey> = Vec::with_capacity(sort.len());
        for by in sort {
            // Behind a whole key nothing is left to decide.
            let decided = key
                .iter()
                .all(|key| wanted.iter().any(|other| other.field == *key));
            let again =
                fixed.contains(&by.field) || wanted.iter().any(|other| other.field == by.field);
            if !decided && !again {
                wanted.push(*by);
            }
        }
        let alike = wanted
            .windows(2)
            .all(|two| two[0].descending == two[1].descending);
        // Every index and every order ends with the key.
        let is_wanted = |field: &usize| wanted.iter().any(|by| by.field == *field);
        let unfixed = || key.iter().filter(|field| !fixed.contains(field));
        let asked = wanted.iter().map(|by| &by.field);
        let asked = asked.chain(unfixed().filter(|field| !is_wanted(field)));
        let given = rest
            .iter()
            .chain(unfixed().filter(|field| !rest.contains(field)));
        alike && asked.eq(given)
    }
}

/// The fields of the key.
fn key(layout: &Layout) -> &[usize] {
    layout.key.places()
}

/// What must hold all together; none where everything matches.
fn parts(filter: &Filter) -> Vec<&Filter> {
    let mut parts = Vec::new();
    add_parts(filter, &mut parts);
    parts
}

fn add_parts<'f>(filter: &'f Filter, parts: &mut Vec<&'f Filter>) {
    match filter {
        Filter::True => {}
        Filter::And(all) => {
            parts.reserve(all.len());
            all.iter().for_each(|part| add_parts(part, parts));
        }
        other => parts.push(other),
    }
}

#[cfg(test)]
mod tests;
