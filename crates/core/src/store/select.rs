//! What a store is asked for: records in an order, a page of them, or groups.

use std::sync::Arc;

use larder_query::{Filter, Value};

use crate::key::Key;
use crate::layout::Layout;
use crate::model::Kind;
use crate::record::Row;

/// One key of a sort order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The place of the field; behind the record's own fields stand those of [`Select::joins`].
    pub field: usize,
    /// From the highest to the lowest.
    pub descending: bool,
}

/// A read: which records of a model, in which order, which part of them.
///
/// The order is by `sort`, then always by key ascending, so that it is total and the same in every store. Null sorts first
/// ascending.
#[derive(Clone, Debug)]
pub struct Select {
    /// The model.
    pub layout: Arc<Layout>,
    /// Only the record with this key (and under `filter`).
    pub key: Option<Key>,
    /// Linked records, whose fields stand behind the record's own for `filter` and `sort`: with 5 own fields, field 5 is the first
    /// one of the first join. They are not part of the answer.
    pub joins: Vec<Join>,
    /// Only records that match.
    pub filter: Filter,
    /// The order before the tie-break by key.
    pub sort: Vec<SortKey>,
    /// Only records behind this one in the order. It need not be there any more. Not together with `group`.
    pub after: Option<After>,
    /// How many matching records to pass over.
    pub skip: u64,
    /// How many records to return at the most. `Some(0)` asks for the total alone.
    pub limit: Option<u64>,
    /// Whether to count all matching records: those before [`after`](Self::after) too.
    pub total: bool,
    /// Where a rough total is enough, how far to count: a store may stop one record behind this many. Where [all](Self::is_all) records are
    /// counted it does not stop, but may answer with what its statistics say.
    pub estimate: Option<u64>,
    /// How many records may be looked at one by one, where no index of the store decides. Beyond it the read fails with
    /// `BadRequest` ([`looks_at_too_much`](Self::looks_at_too_much)). A database that scans a table by itself looks at its
    /// records too. None for no bound.
    pub look_at: Option<u64>,
    /// Instead of records, groups of them: then `sort`, `skip` and `limit` are about the groups, and `total` counts them.
    pub group: Option<Grouping>,
}

/// The record that a link leads to, under what the caller may read of that model.
#[derive(Clone, Debug)]
pub struct Join {
    /// The place of the link among the record's own fields, or among those of an earlier join.
    pub link: usize,
    /// The linked model.
    pub layout: Arc<Layout>,
    /// Which of its records count; all fields of others are null, as they are where the link leads nowhere.
    pub readable: Filter,
}

/// A place in an order: that of the last record of the page before.
#[derive(Clone, Debug, PartialEq)]
pub struct After {
    /// What that record had in the fields of [`Select::order`], one value each. The key is among them, so each says one thing once.
    pub values: Vec<Value>,
}

/// Records put together. Without a sort the groups come in the order of the values they share; a sort that leaves two groups equal
/// is followed by that order. Without fields to share there is one group of all records, even if there are none.
///
/// Of values that are the same to a filter, such as `1` and `1.0` in a JSON field, a group shows any one.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    /// The places of the fields whose values a group shares. Sort keys count from here: `by`, then `results`.
    pub by: Vec<usize>,
    /// What is computed of each group. None with `by`: the values that occur, each once.
    pub results: Vec<Aggregate>,
}

/// One value of a group. Nulls count for nothing; of nothing but nulls, all but the count are null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// How many records there are.
    Count,
    /// The sum of the numbers in a field; other values count for nothing. Exact for whole numbers up to 64 bits and decimals
    /// up to 38 digits, beyond them and with floats a float; null beyond the range of floats.
    Sum(usize),
    /// The mean of the numbers in a field, as a float.
    Mean(usize),
    /// The least value of a field, in the order of sorting.
    Min(usize),
    /// The greatest.
    Max(usize),
}

impl Aggregate {
    /// The field that it is computed of.
    pub fn field(self) -> Option<usize> {
        match self {
            Self::Count => None,
            Self::Sum(field) | Self::Mean(field) | Self::Min(field) | Self::Max(field) => {
                Some(field)
            }
        }
    }
}

impl Join {
    /// Whether a link of this kind can lead to a record of the model: it has to be of the kind of its key. Otherwise it leads nowhere.
    pub fn fits(&self, link: Kind) -> bool {
        let key = self
            .layout
            .key
            .one()
            .and_then(|key| self.layout.fields.get(key));
        key.is_some_and(|key| {
            key.kind == link
                || matches!(
                    (key.kind, link),
                    (Kind::Int | Kind::Uint, Kind::Int | Kind::Uint)
                )
        })
    }
}

impl Select {
    /// All records of a model, in the order of their keys.
    pub fn all(layout: Arc<Layout>) -> Self {
        Self {
            layout,
            key: None,
            joins: Vec::new(),
            filter: Filter::True,
            sort: Vec::new(),
            after: None,
            skip: 0,
            limit: None,
            total: false,
            estimate: None,
            look_at: None,
            group: None,
        }
    }

    /// The record with a key, under a filter.
    pub fn one(layout: Arc<Layout>, key: Key, filter: Filter) -> Self {
        Self {
            key: Some(key),
            filter,
            limit: Some(1),
            ..Self::all(layout)
        }
    }

    /// Whether nothing is asked of the records: every one that is stored is meant.
    pub fn is_all(&self) -> bool {
        self.filter == Filter::True && self.key.is_none() && self.group.is_none()
    }

    /// Whether the total is still to be found, after so many that match.
    pub fn counts_on(&self, found: u64) -> bool {
        self.total && self.counted_to().is_none_or(|most| found <= most)
    }

    /// How far to count, if not to the end.
    pub fn counted_to(&self) -> Option<u64> {
        self.estimate.filter(|_| !self.is_all())
    }
}

/// The answer to a [`Select`].
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records, in order.
    pub rows: Vec<Row>,
    /// The groups, where they were asked for: the values they share, then the results.
    pub groups: Vec<Vec<Value>>,
    /// How many match in all; present when it was asked for.
    pub total: Option<u64>,
}
