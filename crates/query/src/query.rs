//! A whole query: what is kept, in which order, which page, and what is made of it.
//!
//! ```text
//! filter -> group -> sort -> page -> shape -> distinct -> reduce
//! ```
//!
//! `distinct` may also stand before the page, which then counts different answers: see [`Distinct`].
//!
//! The steps run in this order in every store. Every syntax makes this one tree: RQL text, form parameters, Kinvey's JSON, and
//! both builders. What a text writes in an order that means something else is refused, never reordered.

use crate::expr::Path;
use crate::{Expr, Point};

/// A query over records. The default one is all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which records; none means all.
    pub filter: Option<Expr>,
    /// Records that are put together. What follows then works on the groups.
    pub group: Option<Group>,
    /// The order, most important first.
    pub sort: Vec<Sort>,
    /// The order where `sort` has none: nearest first. A sort takes its place.
    ///
    /// Kinvey's `$nearSphere` and the builder's `near` set it beside their condition, which is an
    /// [`Area::Circle`](crate::Area::Circle) in the filter. RQL's `near(loc,(13.4,52.5),5000)` is that condition alone, short for
    /// `within(loc,circle((13.4,52.5),5000))`, and no order.
    pub near: Option<Near>,
    /// Which part of the sorted records.
    pub page: Page,
    /// What is left of each record.
    pub shape: Shape,
    /// Each answer once, at the place of the first; none means as often as it occurs.
    pub distinct: Option<Distinct>,
    /// One value made of all that is left.
    pub reduce: Option<Reduce>,
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// By which field, be it inside another or in a linked record. For groups: the name of a result.
    pub path: Path,
    /// From the highest to the lowest.
    pub descending: bool,
}

/// The distance from a point as an order, the nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// The field that holds a point.
    pub path: Path,
    /// From where the distance is taken.
    pub from: Point,
}

/// Part of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// How many records at the most.
    pub limit: Option<u64>,
    /// How many are passed over.
    pub skip: u64,
    /// Whether all that match are counted, and up to which number (RQL's third argument of `limit`).
    pub total: Option<u64>,
}

/// Among which answers each is had once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distinct {
    /// Among all, so that the page is one of different answers: `values(kind)&distinct()&limit(10)`, and wherever there is no page.
    All,
    /// Among those of the page: `limit(10)&values(kind)&distinct()`.
    Page,
}

/// What is left of each record.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Shape {
    /// All of it.
    #[default]
    Whole,
    /// These fields, in records.
    Select(Vec<Path>),
    /// All but these fields.
    Unselect(Vec<Path>),
    /// The values themselves: of one field as they are, of several as lists, of none all that the record has, as a list.
    Values(Vec<Path>),
}

/// Records put together by what they have in some fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// The fields that a group shares. None: one group of all.
    pub by: Vec<Path>,
    /// What is computed for each group.
    pub results: Vec<Named>,
}

/// A result of a group with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The name in the answer. RQL's short form counts from `0`.
    pub name: String,
    /// What is computed.
    pub reducer: Reducer,
}

/// One value computed from many records. Null and missing values count for nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Reducer {
    /// How many records there are.
    Count,
    /// The sum of the numbers. Of nothing: null.
    Sum(Path),
    /// Their mean. Of nothing: null.
    Mean(Path),
    /// The least value in the order of sorting.
    Min(Path),
    /// The greatest.
    Max(Path),
}

/// What a whole query comes to, instead of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Reduce {
    /// A value computed from the records.
    Value(Reducer),
    /// The first record, or nothing.
    First,
    /// The only record; none or several is an error.
    One,
    /// All records and what hangs below them, by the field that holds the children; parents first.
    Recurse(Option<Path>),
}
