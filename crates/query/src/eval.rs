//! Running a query over rows of any shape, such as those of a JSON file.
//!
//! Here every path may lead anywhere: rows are whole values, and nothing is known of their fields. What a comparison means is the same as
//! everywhere (see [`Filter`](crate::Filter)), with what follows from that:
//!
//! - A path that leads nowhere has null. So `ne` and `out`, `not` and `excludes` are exact complements on it, too, and it comes first when sorted.
//! - A property whose own name has dots wins over the path of that text: in `{"a.b":1}`, `a.b` is 1.
//! - Types are strict: `1` is not `"1"`. `starts_with`, `ends_with` and `eq_ignore_case` take what they are given for text.
//! - JSON has no dates. Beside a date, a text that is one (`2024-05-01T10:00:00Z`, with any offset, or `2024-05-01`, its midnight in UTC) counts as
//!   that instant. Without a date on the other side it is a text.
//! - A pattern is also found in numbers and truth values, in the text that they print as.
//!
//! ```text
//! lookup.rs  where a path leads      check.rs  conditions, compiled      order.rs  sorting, as far as the page needs
//! group.rs   groups and reducers     shape.rs  projection, distinct, recurse
//! ```

mod check;
mod group;
mod lookup;
mod order;
mod shape;

use std::fmt;

use crate::Value;
use crate::bind::{BindError, ParamValue, Place, Scope};
use crate::expr::{Literal, Param, Path};
use crate::query::{Distinct, Page, Query, Reduce};
use crate::syntax::values::midnight;
use check::Checker;
use lookup::Lookup;
use order::Order;

/// A query made ready to run over rows, as often as one likes.
///
/// ```
/// use larder_query::{Answer, Prepared, Query, Value};
///
/// let rows: Vec<Value> = serde_json::from_str(r#"[{"n":3},{"n":1},{"n":2}]"#)?;
/// let query = Prepared::new(&Query::parse("n=lt=3&sort(-n)&values(n)")?)?;
/// let Answer::Rows(found) = query.run(&rows)? else { panic!("a list") };
/// assert_eq!(found.rows, [Value::from(2), Value::from(1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Prepared {
    query: Query,
    filter: Option<Checker>,
    order: Order,
}

/// What a query comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A list.
    Rows(Found),
    /// One value: of `sum`, `count` and their like, or the one row of `first` and `one`.
    Value(Value),
}

/// The rows that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// In order.
    pub rows: Vec<Value>,
    /// Where they stand in the whole list, if the query asked for the total.
    pub range: Option<Range>,
}

/// The place of a page in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// How many there are in all, counted no further than the query asked.
    pub total: u64,
    /// The place of the first row, from 0.
    pub start: u64,
    /// The place of the last; one less than `start` if the page is empty.
    pub end: i64,
}

/// Why a query could be read but not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvalError {
    /// `one()` of nothing.
    Nothing,
    /// `one()` of several.
    Several,
    /// `recurse(..)` met more than this many rows.
    TooMany(usize),
    /// A condition that does not suit rows.
    Bind(BindError),
}

impl EvalError {
    /// Its name for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing_found",
            Self::Several => "several_found",
            Self::TooMany(_) => "too_many_rows",
            Self::Bind(_) => "value",
        }
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("one() found nothing"),
            Self::Several => f.write_str("one() found several; first() takes the first of them"),
            Self::TooMany(most) => write!(f, "recurse(..) found more than {most} rows"),
            Self::Bind(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EvalError {}

/// Runs a query over rows once.
///
/// # Errors
/// See [`EvalError`].
pub fn eval(query: &Query, rows: &[Value]) -> Result<Answer, EvalError> {
    Prepared::new(query).map_err(EvalError::Bind)?.run(rows)
}

impl Prepared {
    /// Compiles a query. Parameters that were not [filled in](crate::Tree::fill) are unknown: comparisons with them match nothing.
    ///
    /// # Errors
    /// Only for what a later language may have: every condition of today suits rows.
    pub fn new(query: &Query) -> Result<Self, BindError> {
        let filter = match &query.filter {
            Some(expr) => Some(Checker::new(&crate::bind(expr, &Rows)?)),
            None => None,
        };
        Ok(Self {
            order: Order::new(&query.sort),
            query: query.clone(),
            filter,
        })
    }

    /// Runs it.
    ///
    /// # Errors
    /// `one()` that does not find exactly one, and `recurse(..)` that finds more than 100,000.
    pub fn run(&self, rows: &[Value]) -> Result<Answer, EvalError> {
        let mut lookups = self.filter.as_ref().map_or_else(Vec::new, Checker::lookups);
        lookups.extend(self.order.lookups().take(1));
        let kept = rows
            .chunks(BLOCK)
            .flat_map(|block| {
                touch(block, &lookups);
                block
            })
            .filter(|row| self.filter.as_ref().is_none_or(|filter| filter.passes(row)));
        match &self.query.group {
            Some(group) => {
                let groups = group::grouped(group, &kept.collect::<Vec<_>>());
                self.finish(groups.iter())
            }
            None => self.finish(kept),
        }
    }

    /// Everything behind filter and groups.
    fn finish<'r>(&self, rows: impl Iterator<Item = &'r Value>) -> Result<Answer, EvalError> {
        let page = self.query.page;
        let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let skip = place(page.skip);
        let end = page
            .limit
            .map_or(usize::MAX, |limit| skip.saturating_add(place(limit)));
        // Which answers are different is known when all are there.
        let late = self.query.distinct == Some(Distinct::All);
        let needed = if late { usize::MAX } else { end };
        let mut taken = self.order.take(rows, needed, page.total.is_some());
        let rows = if late {
            taken.rows.as_slice()
        } else {
            taken.rows.get(skip..).unwrap_or_default()
        };
        let shaped: Vec<Value>;
        let mut len = rows.len();
        let rows: Vec<&Value> = if self.query.shape == crate::Shape::Whole {
            rows.to_vec()
        } else {
            shaped = shape::shaped(&self.query.shape, rows);
            shaped.iter().collect()
        };
        let rows = match self.query.distinct {
            None => rows,
            Some(Distinct::Page) => shape::distinct(rows),
            Some(Distinct::All) => {
                let different = shape::distinct(rows);
                taken.all = different.len();
                let page = different.into_iter().take(end).skip(skip);
                let page: Vec<&Value> = page.collect();
                len = page.len();
                page
            }
        };
        let list = |rows: &[&Value]| {
            Answer::Rows(Found {
                rows: rows.iter().copied().cloned().collect(),
                range: range(page, taken.all, len),
            })
        };
        Ok(match &self.query.reduce {
            None => list(&rows),
            Some(Reduce::Value(reducer)) => Answer::Value(group::reduced(reducer, &rows)),
            Some(Reduce::First) => {
                Answer::Value(rows.first().copied().cloned().unwrap_or_default())
            }
            Some(Reduce::One) => match rows.as_slice() {
                [] => return Err(EvalError::Nothing),
                [only] => Answer::Value((*only).clone()),
                _ => return Err(EvalError::Several),
            },
            Some(Reduce::Recurse(path)) => list(&shape::recursed(path.as_ref(), &rows)?),
        })
    }
}

/// Rows that are brought from memory together.
const BLOCK: usize = 64;

/// Brings what will be looked at in a block of rows into the processor's cache. These reads do not depend on each other, so their waits
/// run side by side; in the conditions, each row would wait for its own.
fn touch(block: &[Value], lookups: &[&Lookup]) {
    let touched = |row: &Value| lookups.iter().map(|path| path.touch(row)).sum::<usize>();
    std::hint::black_box(block.iter().map(touched).sum::<usize>());
}

fn range(page: Page, all: usize, len: usize) -> Option<Range> {
    let most = page.total?;
    let end = i128::from(page.skip) + len as i128 - 1;
    Some(Range {
        total: most.min(all as u64),
        start: page.skip,
        end: i64::try_from(end).unwrap_or(i64::MAX),
    })
}

/// Rows that may be anything: each is the one field of its row.
struct Rows;

impl Scope for Rows {
    fn field(&self, path: &Path) -> Result<Place, String> {
        Ok(Place {
            field: 0,
            inside: path.steps.to_vec(),
        })
    }

    fn value(&self, _: &Place, literal: &Literal) -> Result<Value, String> {
        Ok(match &literal.value {
            Value::Date(day) => midnight(*day).map_or(Value::Date(*day), Value::Instant),
            value => value.clone(),
        })
    }

    fn param(&self, _: &Param) -> ParamValue {
        ParamValue::Unknown
    }
}

#[cfg(test)]
mod tests;
