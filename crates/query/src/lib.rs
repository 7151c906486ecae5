//! The query language of larder: values, text to tree and back, filters over rows.
//!
//! ```text
//!   "price=lt=5&author=$actor.id"                    a rule, a client's condition, a whole query
//!        |  Tree::parse  (syntax.rs)                 ^
//!        v                                           |  to_text   (print.rs), Tree's Display
//!      Tree              (syntax.rs)  calls, names, values, places in the text
//!        |  parse, Query::parse       (lower.rs)  operators and arguments checked
//!        v
//!   Expr, Query          (expr.rs, query.rs)  names, literals
//!        |  bind         (bind.rs)  + a Scope: the model's fields, the call's parameters
//!        v
//!     Filter             (filter.rs) field indexes and values; stores push it down or run `matches`
//!        ^
//!      Value             (value.rs) what a field holds; also to and from serde and JSON
//! ```
//!
//! A whole [`Query`] (query.rs) is a condition with an order, a page and a shape. [`kinvey`] reads and prints it as Kinvey's JSON,
//! [`QueryBuilder`] (build.rs) makes it by calls, and [`Area`] (area.rs) is what conditions on places are about.
//! [`eval`](mod@eval) runs a whole query over rows of any shape; `cargo run -p larder-query --example rql` tries one.
//!
//! The crate knows no model, store or door, and is light enough to run inside proc macros.
//!
//! A parameter may also be what is compared: `$actor.role=admin` looks at no record. See [`bind`](mod@bind).
//!
//! ```
//! use larder_query::{Literal, Param, ParamValue, Path, Place, Scope, Value, bind, parse};
//!
//! struct Post; // its row: title, author
//!
//! impl Scope for Post {
//!     fn field(&self, path: &Path) -> Result<Place, String> {
//!         let name = path.dotted();
//!         ["title", "author"].iter().position(|f| *f == name).map(Place::from).ok_or(format!("no field `{name}`"))
//!     }
//!     fn value(&self, _place: &Place, literal: &Literal) -> Result<Value, String> {
//!         Ok(Value::from(literal.raw.as_str())) // both fields are text
//!     }
//!     fn param(&self, param: &Param) -> ParamValue {
//!         match &*param.dotted() {
//!             "actor.id" => ParamValue::One(Value::from("ann")),
//!             _ => ParamValue::Unknown,
//!         }
//!     }
//! }
//!
//! let rule = parse("author=$actor.id|title=starts_with=Open")?;
//! let filter = bind(&rule, &Post)?;
//! assert!(filter.matches(&[Value::from("Diary"), Value::from("ann")]));
//! assert!(!filter.matches(&[Value::from("Diary"), Value::from("bob")]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod area;
pub mod bind;
pub mod build;
pub mod eval;
pub mod expr;
pub mod filter;
pub mod kinvey;
mod leaves;
#[cfg(test)]
#[path = "../tests/long/cases.rs"]
mod long;
mod lower;
pub mod parse;
pub mod pattern;
pub mod print;
pub mod query;
pub mod suggest;
pub mod syntax;
pub mod url;
pub mod value;

pub use area::{Area, AreaError, Distance, Point};
pub use bind::{BindError, JsonRows, ParamValue, Place, Scope, bind};
pub use build::{BuildError, QueryBuilder, Refusal};
pub use eval::{Answer, EvalError, Found, Prepared, Range, eval};
pub use expr::{
    Any, Compare, Expr, Literal, Names, Op, Operand, Param, Path, Span, Subject, compares,
    own_compares, params, paths,
};
pub use filter::{Bound, Filter, Inside, Test};
pub use parse::{
    Limits, ParseError, ParseErrorKind, parse, parse_query, parse_rule, parse_with, split_terms,
};
pub use pattern::{Flags, Pattern, PatternError, PatternLimits};
pub use print::to_text;
pub use query::{Distinct, Group, Named, Near, Page, Query, Reduce, Reducer, Shape, Sort};
pub use suggest::{nearest, nearest_operator};
pub use syntax::{Term, Tree, What};
pub use url::{check_action, read_url};
pub use value::{
    CompactString, Decimal, DecimalError, Object, Value, ValueError, ValueSerializer, from_value,
    to_value,
};
