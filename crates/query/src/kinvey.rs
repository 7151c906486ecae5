//! Kinvey's query syntax: MongoDB's filters as JSON in a query string, a second way to write a [`Query`].
//!
//! ```text
//! query={"age":{"$gte":25},"$or":[{"name":"Ann"},{"tags":{"$in":["new"]}}]}&sort={"age":-1}&limit=20&skip=20&fields=name,age
//! ```
//!
//! | parameter | what it is |
//! | --- | --- |
//! | `query` | a filter, below |
//! | `sort` | `{"last_name":1,"age":-1}`, or `last_name,-age` |
//! | `limit`, `skip` | whole numbers; `limit=0` is no limit |
//! | `fields` | `last_name,age`: what is left of each record |
//!
//! | condition | holds where the field |
//! | --- | --- |
//! | `"a":1`, `{"$eq":1}` | is equal: numbers by value, lists and objects by content; `null` also where it is missing |
//! | `$ne` | is not: the exact opposite |
//! | `$gt $gte $lt $lte` | comes behind or before; values of another type, and null, never do |
//! | `$in`, `$nin` | is equal to one of a list, or to none |
//! | `$exists` | is there and not null (`true`), or not (`false`) |
//! | `$mod:[4,1]` | is a whole number that leaves 1 when divided by 4, with the sign of the number |
//! | `$regex`, `$options` | is a text that a pattern matches. It begins with `^`; the letters are `i`, `m`, `s`, `x` |
//! | `$all` | is a list that has all of these |
//! | `$size` | is a list of so many elements |
//! | `$elemMatch` | is a list with one element that passes all of it: operators for the element itself, or a filter for what is in it |
//! | `$nearSphere` (`$near`), `$maxDistance` | is a point within so many **miles** of `[lon,lat]`; without a distance, any point |
//! | `$within` (`$geoWithin`) | is a point in `{"$box":[[west,south],[east,north]]}` or `{"$polygon":[[lon,lat],..]}` |
//! | `$not` | does not pass these operators |
//!
//! `$and`, `$or` and `$nor` join filters. Conditions side by side are joined by *and*. A dot goes into an object (`author.name`), a
//! number into a list (`lines.0`); for any element write `$elemMatch`.
//!
//! # What is decided here
//! - **Lists.** As in MongoDB, `$eq $ne $gt $gte $lt $lte $in $nin $mod $regex` on a field that holds a list also look at its
//!   elements: `{"tags":"new"}` finds `["new","red"]`, and `$ne` and `$nin` are the opposite of that. The tree says it in so many words, an *or*;
//!   where a field can't hold a list, binding leaves that half out ([`Scope::may_be_list`](crate::Scope::may_be_list)).
//! - **Distances.** The seed's clients send `$maxDistance` in miles beside `[lon,lat]`. In MongoDB's other form,
//!   `{"$nearSphere":{"$geometry":{"type":"Point","coordinates":[lon,lat]},"$maxDistance":500}}`, it is metres, as there. 0 is a distance.
//! - **Order by distance.** A `$nearSphere` that every record has to pass sorts by distance, unless there is a `sort`. Two of them are
//!   refused then. Below `$or`, `$nor` or `$not` it is a condition only.
//! - **Patterns.** The seed wants a `^` in front, and so does this parser: a pattern that is not anchored can use no index. The seed's
//!   client refuses `i`. It means one thing and costs no more here, so it is understood; [the builder](crate::build) refuses it, as what it
//!   prints may go to a Kinvey server.
//! - **Dates.** `"ISODate(\"2026-01-31T12:00:00.000Z\")"` is a moment. Any other text is a text, and becomes a moment, day, UUID or decimal
//!   beside a field of that kind.
//! - **Types.** JSON says what a value is: `"5"` is not 5. A number beside a text field is refused when the query is bound.
//! - **Refused**: a name that stands twice in an object, an empty `query`, parameters that are unknown or stand twice, `$gt` and its like with
//!   `null`. Each would lose a condition without a word.
//!
//! ```
//! use larder_query::{Limits, kinvey, to_text};
//!
//! let query = kinvey::parse_query_string("query={\"age\":{\"$gte\":25,\"$lt\":50}}&sort=-age&limit=5", &Limits::default())?;
//! assert_eq!(query.page.limit, Some(5));
//! assert_eq!(kinvey::print(&query)?.query.as_deref(), Some(r#"{"age":{"$gte":25,"$lt":50}}"#));
//!
//! let error = kinvey::parse_query_string("query={\"age\":{\"$gtt\":25}}", &Limits::default()).unwrap_err();
//! assert_eq!(error.to_string(), "in `query`, at byte 8: there is no operator `$gtt`; did you mean `$gt`?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use crate::query::{Page, Query, Shape};
use crate::{Expr, Limits, ParseError, ParseErrorKind as Kind, Span};

mod filter;
mod json;
mod modifiers;
mod params;
mod print;
pub(crate) mod tree;
pub(crate) mod values;

pub use params::Params;
pub use print::{Unsayable, print, print_filter};

/// Why parameters are no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KinveyError {
    /// The parameter whose decoded text the error points into; none for the query string itself.
    pub param: Option<&'static str>,
    /// What is wrong and where.
    pub error: ParseError,
}

impl fmt::Display for KinveyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(param) = self.param {
            write!(f, "in `{param}`, ")?;
        }
        self.error.fmt(f)
    }
}

impl std::error::Error for KinveyError {}

/// Reads a query string: the five parameters, percent-encoded.
///
/// # Errors
/// A parameter that is unknown or stands twice, and what [`parse`] refuses.
pub fn parse_query_string(text: &str, limits: &Limits) -> Result<Query, KinveyError> {
    parse(&Params::from_query_string(text, limits)?, limits)
}

/// Reads the five parameters.
///
/// # Errors
/// Says what is wrong, in which parameter, and where; text beyond the limits is refused before any work.
pub fn parse(params: &Params, limits: &Limits) -> Result<Query, KinveyError> {
    let within = |param| {
        move |error| KinveyError {
            param: Some(param),
            error,
        }
    };
    let mut query = Query::default();
    if let Some(text) = &params.sort {
        query.sort = modifiers::sort(text, limits).map_err(within("sort"))?;
    }
    if let Some(text) = &params.query {
        let filter = filter::read(text, limits).map_err(within("query"))?;
        let mut circles = tree::circles(&filter);
        if let [_, (_, second), ..] = circles.as_slice() {
            let error = json::fault(
                Kind::Unexpected,
                *second,
                "a query has one `$nearSphere` that it is ordered by; write the other one below `$or`",
            );
            return Err(within("query")(error));
        }
        if query.sort.is_empty() {
            query.near = circles.pop().map(|(near, _)| near);
        }
        query.filter = (filter != Expr::Const(true)).then_some(filter);
    }
    query.page = Page {
        limit: match &params.limit {
            Some(text) => {
                let limit = modifiers::number(text).map_err(within("limit"))?;
                (limit > 0).then_some(limit)
            }
            None => None,
        },
        skip: match &params.skip {
            Some(text) => modifiers::number(text).map_err(within("skip"))?,
            None => 0,
        },
        total: None,
    };
    query.shape = match &params.fields {
        Some(text) => modifiers::fields(text, limits).map_err(within("fields"))?,
        None => Shape::Whole,
    };
    Ok(query)
}

/// Reads a filter alone, the text of `query`.
///
/// ```
/// use larder_query::{Limits, kinvey};
///
/// let filter = kinvey::parse_filter(r#"{"size":{"$size":3}}"#, &Limits::default())?;
/// assert_eq!(filter.to_string(), "size(size,3)");
/// # Ok::<(), larder_query::ParseError>(())
/// ```
///
/// # Errors
/// Says what is wrong and at which byte.
pub fn parse_filter(text: &str, limits: &Limits) -> Result<Expr, ParseError> {
    filter::read(text, limits)
}

fn whole(text: &str) -> Span {
    Span::new(0, text.len())
}
