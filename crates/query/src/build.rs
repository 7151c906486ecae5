//! The untyped builder: queries made by calls with names as texts, as the seed's `Query` module has them.
//!
//! ```
//! use larder_query::{QueryBuilder, kinvey};
//!
//! // Between 25 and 50, or Doe; the oldest first, the first five.
//! let query = QueryBuilder::new()
//!     .greater_than_or_equal_to("rate", 25)
//!     .less_than_or_equal_to("rate", 50)
//!     .or()
//!     .equal_to("last_name", "Doe")
//!     .descending("age")
//!     .limit(5)
//!     .build()?;
//! assert_eq!(
//!     kinvey::print(&query)?.query.as_deref(),
//!     Some(r#"{"$or":[{"rate":{"$gte":25,"$lte":50}},{"last_name":"Doe"}]}"#)
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - Every call takes the whole query and returns the whole query. (Upstream's chained calls return a part of it, and what is passed on
//!   loses the rest.)
//! - Calls behind each other are joined by *and*. `and()`, `nor()` and `or()` join what stands before and behind them; **and binds
//!   tighter than nor, nor tighter than or**. Several `nor()` nest to the right, as upstream's do: `A nor B nor C` is neither `A` nor
//!   (neither `B` nor `C`).
//! - `and_with`, `nor_with` and `or_with` join the whole query so far, as in parentheses, with others. An empty query among them is
//!   all records, which *or* makes all of it.
//! - Conditions on one field add up, equalities too.
//! - What is wrong with a call is told by [`QueryBuilder::build`], with the call's name.
//!
//! The conditions mean what they mean in [Kinvey's syntax](crate::kinvey); the seed's rules for them hold: a pattern begins with `^`
//! and minds the case, an order is asked of numbers, texts and dates.

use crate::expr::{Expr, Names, Path, Span};
use crate::kinvey::tree::{all, circles};
use crate::kinvey::values::path_fault;
use crate::kinvey::{self, Params, Unsayable};
use crate::query::{Page, Query, Shape, Sort};
use crate::{CompactString, Object, Value};

mod conditions;
mod joins;
mod refused;

use joins::Join;

pub use joins::Joined;
pub use refused::{BuildError, Refusal};

/// A query being built. See the [module](self).
#[derive(Clone, Debug, Default)]
#[must_use = "a query does nothing until it is built"]
pub struct QueryBuilder {
    /// What stands before the last join.
    before: Vec<(Part, Join)>,
    /// What stands behind it, or all.
    part: Part,
    sort: Vec<Sort>,
    page: Page,
    fields: Vec<Path>,
    refusals: Vec<Refusal>,
}

/// Conditions joined by *and*, those on one field together.
#[derive(Clone, Debug, Default)]
struct Part(Vec<(Option<Path>, Vec<Expr>)>);

impl Part {
    fn add(&mut self, path: Option<Path>, condition: Expr) {
        let same = self.0.iter_mut().find(|(other, _)| {
            path.is_some() && other.as_ref().map(|p| &p.steps) == path.as_ref().map(|p| &p.steps)
        });
        match same {
            Some((_, conditions)) => conditions.push(condition),
            None => self.0.push((path, vec![condition])),
        }
    }

    fn expr(&self) -> Expr {
        let conditions = self.0.iter().flat_map(|(_, conditions)| conditions);
        all(conditions.cloned().collect())
    }
}

impl QueryBuilder {
    /// A query of all records.
    pub fn new() -> Self {
        Self::default()
    }
}

/// Modifiers. They belong to the whole query, wherever in the chain they stand.
impl QueryBuilder {
    /// Sorts by a field, the lowest first; behind the fields that were named before. A field that was named before keeps its place.
    pub fn ascending(self, field: &str) -> Self {
        self.sorted("ascending", field, false)
    }

    /// Sorts by a field, the highest first.
    pub fn descending(self, field: &str) -> Self {
        self.sorted("descending", field, true)
    }

    /// At most so many records; 0 is no limit.
    pub fn limit(mut self, records: u64) -> Self {
        self.page.limit = (records > 0).then_some(records);
        self
    }

    /// Passes over so many records.
    pub fn skip(mut self, records: u64) -> Self {
        self.page.skip = records;
        self
    }

    /// Only these fields of each record; none are all.
    pub fn fields<'f>(mut self, fields: impl IntoIterator<Item = &'f str>) -> Self {
        self.fields.clear();
        for field in fields {
            match path(field) {
                Ok(path) if self.fields.contains(&path) => {}
                Ok(path) => self.fields.push(path),
                Err(message) => self.refuse(format!("fields({field:?})"), message),
            }
        }
        self
    }

    fn sorted(mut self, call: &str, field: &str, descending: bool) -> Self {
        match path(field) {
            Err(message) => self.refuse(format!("{call}({field:?})"), message),
            Ok(path) => match self.sort.iter_mut().find(|key| key.path == path) {
                Some(key) => key.descending = descending,
                None => self.sort.push(Sort { path, descending }),
            },
        }
        self
    }
}

/// Results.
impl QueryBuilder {
    /// The query.
    ///
    /// ```
    /// use larder_query::QueryBuilder;
    ///
    /// let error = QueryBuilder::new().greater_than("age", true).matches("name", "joe").build().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "greater_than(\"age\"): this takes a number, a text or a date; matches(\"name\"): a pattern begins with `^`"
    /// );
    /// ```
    ///
    /// # Errors
    /// Every call with an argument that it can't take.
    pub fn build(mut self) -> Result<Query, BuildError> {
        let filter = self.take_expr();
        let mut circles = circles(&filter);
        if circles.len() > 1 {
            self.refuse("near", "a query has one point that it is ordered by");
        }
        if !self.refusals.is_empty() {
            return Err(BuildError::new(self.refusals));
        }
        let near = circles.pop().map(|(near, _)| near);
        Ok(Query {
            near: near.filter(|_| self.sort.is_empty()),
            filter: (filter != Expr::Const(true)).then_some(filter),
            sort: self.sort,
            page: self.page,
            shape: match self.fields.is_empty() {
                true => Shape::Whole,
                false => Shape::Select(self.fields),
            },
            ..Query::default()
        })
    }

    /// The five parameters that the seed's `toQueryString` makes, of the whole query.
    ///
    /// # Errors
    /// See [`QueryBuilder::build`]; a text that looks like Kinvey's dates is refused too.
    pub fn to_params(self) -> Result<Params, BuildError> {
        kinvey::print(&self.build()?).map_err(|error| refused::unsayable(&error))
    }

    /// The query string, percent-encoded, without a question mark.
    ///
    /// ```
    /// use larder_query::QueryBuilder;
    ///
    /// let text = QueryBuilder::new().equal_to("a", 1).limit(5).to_query_string()?;
    /// assert_eq!(text, "query=%7B%22a%22%3A1%7D&limit=5");
    /// # Ok::<(), larder_query::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// See [`QueryBuilder::to_params`].
    pub fn to_query_string(self) -> Result<String, BuildError> {
        Ok(self.to_params()?.to_query_string())
    }

    /// The seed's `toPlainObject`: `fields`, `filter`, `sort`, `skip` and `limit` of the whole query.
    ///
    /// ```
    /// use larder_query::{QueryBuilder, Value};
    ///
    /// let plain = QueryBuilder::new().equal_to("a", 1).descending("b").to_plain_object()?;
    /// assert_eq!(
    ///     serde_json::to_string(&plain)?,
    ///     r#"{"fields":[],"filter":{"a":1},"sort":{"b":-1},"skip":0,"limit":null}"#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`QueryBuilder::to_params`].
    pub fn to_plain_object(self) -> Result<Object, BuildError> {
        let query = self.build()?;
        // What can't be sent has no plain form either.
        kinvey::print(&query).map_err(|error| refused::unsayable(&error))?;
        let filter = match &query.filter {
            Some(filter) => {
                kinvey::print_filter(filter).map_err(|error| refused::unsayable(&error))?
            }
            None => Object::new(),
        };
        let fields: Value = match &query.shape {
            Shape::Select(paths) => paths
                .iter()
                .map(|path| Value::from(&*path.dotted()))
                .collect(),
            _ => Value::from(Vec::new()),
        };
        let direction = |key: &Sort| {
            let name = CompactString::from(key.path.dotted());
            (name, if key.descending { -1 } else { 1 })
        };
        let sort: Object = query.sort.iter().map(direction).collect();
        let mut plain = Object::new();
        plain.insert("fields", fields);
        plain.insert("filter", filter);
        plain.insert("sort", sort);
        plain.insert("skip", query.page.skip);
        plain.insert("limit", query.page.limit);
        Ok(plain)
    }
}

impl QueryBuilder {
    fn refuse(&mut self, call: impl Into<String>, message: impl Into<String>) {
        self.refusals.push(Refusal {
            call: call.into(),
            message: message.into(),
        });
    }
}

fn path(field: &str) -> Result<Path, String> {
    let steps: Names = field.split('.').map(CompactString::from).collect();
    match path_fault(&steps) {
        Some(message) => Err(message.to_owned()),
        None => Ok(Path {
            steps,
            span: Span::default(),
        }),
    }
}
