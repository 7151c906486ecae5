//! Filters as conditions of MongoDB.
//!
//! A condition lets every match pass; whether it lets nothing else pass is said beside it. What is not exact is tested again in
//! memory, and is never put under a *not*, where "perhaps others" would become "perhaps too few".
//!
//! MongoDB's own comparison differs from larder's in these points:
//! - `{a: 1}` also finds arrays that hold 1. Fields of a kind hold no arrays; what is asked of JSON says that it is none.
//! - A path goes through arrays on its way. What is asked of JSON says that no step on the way is one.
//! - Objects are equal only in the order of their names, so that is left to the memory.
//! - Binary data sort by their length first, so orders of bytes are left to the memory. UUIDs all have one length.
//!
//! Null and missing are the same to both.

use larder_core::store::operand::{self, Fit, Relation};
use larder_core::{Kind, Layout};
use larder_query::{Bound, Filter, Inside, Op, Test, Value};
use mongodb::bson::{Bson, Document, doc};

use crate::encode;
use crate::form::{Form, Type};
use crate::table::Table;

mod each;
mod foreign;
mod json;
mod text;

/// Where the field of a filter is.
pub(crate) enum Place {
    /// At a path, of a type.
    At(String, Type),
    /// Nowhere: it is always null.
    Null,
    /// Where MongoDB can't be asked.
    Unknown,
}

/// Where fields are.
pub(crate) type Places<'a> = dyn Fn(usize) -> Place + 'a;

/// What of a filter MongoDB tests.
#[derive(Clone, Debug)]
pub(crate) struct Pushed {
    pub(crate) test: Condition,
    /// Whether that is all of it.
    pub(crate) exact: bool,
}

/// A condition, simplified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    True,
    False,
    Of(Document),
}

impl Condition {
    /// The condition as a filter.
    pub(crate) fn into_document(self) -> Document {
        match self {
            Self::True => Document::new(),
            // An empty list is known to find nothing without a look at any document.
            Self::False => doc! { "_id": { "$in": [] } },
            Self::Of(document) => document,
        }
    }

    /// All of these.
    pub(crate) fn and(members: impl IntoIterator<Item = Self>) -> Self {
        let mut all: Vec<Document> = Vec::new();
        for member in members {
            match member {
                Self::True => {}
                Self::False => return Self::False,
                Self::Of(document) => all.push(document),
            }
        }
        match all.len() {
            0 => Self::True,
            1 => all.pop().map_or(Self::True, Self::Of),
            _ => Self::Of(doc! { "$and": all }),
        }
    }

    /// One of these.
    pub(crate) fn or(members: impl IntoIterator<Item = Self>) -> Self {
        let mut any: Vec<Document> = Vec::new();
        for member in members {
            match member {
                Self::False => {}
                Self::True => return Self::True,
                Self::Of(document) => any.push(document),
            }
        }
        match any.len() {
            0 => Self::False,
            1 => any.pop().map_or(Self::False, Self::Of),
            _ => Self::Of(doc! { "$or": any }),
        }
    }

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Of(document) => Self::Of(doc! { "$nor": [document] }),
        }
    }
}

impl Pushed {
    pub(crate) fn exactly(test: Condition) -> Self {
        Self { test, exact: true }
    }

    /// More than what is asked for.
    pub(crate) fn more(test: Condition) -> Self {
        Self { test, exact: false }
    }

    fn of(document: Document) -> Self {
        Self::exactly(Condition::Of(document))
    }

    fn constant(holds: bool) -> Self {
        Self::exactly(if holds {
            Condition::True
        } else {
            Condition::False
        })
    }

    fn not(self) -> Self {
        if self.exact {
            Self::exactly(self.test.not())
        } else {
            Self::more(Condition::True)
        }
    }

    fn and(members: impl IntoIterator<Item = Self>) -> Self {
        let mut exact = true;
        let tests: Vec<Condition> = members
            .into_iter()
            .map(|member| {
                exact &= member.exact;
                member.test
            })
            .collect();
        Self {
            test: Condition::and(tests),
            exact,
        }
    }

    fn or(members: impl IntoIterator<Item = Self>) -> Self {
        let mut exact = true;
        let tests: Vec<Condition> = members
            .into_iter()
            .map(|member| {
                exact &= member.exact;
                member.test
            })
            .collect();
        Self {
            test: Condition::or(tests),
            exact,
        }
    }
}

/// Where a table's own fields are. Beyond the last one all is null.
pub(crate) fn own(table: &Table) -> impl Fn(usize) -> Place + '_ {
    |field| match table.at(field) {
        Some((path, of)) => Place::At(path.to_owned(), of),
        None => Place::Null,
    }
}

/// What MongoDB tests of a filter.
pub(crate) fn push(filter: &Filter, places: &Places<'_>) -> Pushed {
    match filter {
        Filter::True => Pushed::constant(true),
        Filter::False => Pushed::constant(false),
        Filter::And(all) => Pushed::and(all.iter().map(|member| push(member, places))),
        Filter::Or(any) => Pushed::or(any.iter().map(|member| push(member, places))),
        Filter::Not(inner) => push(inner, places).not(),
        Filter::Test(test) => match places(test.field) {
            Place::Null => Pushed::constant(test.matches(&Value::Null)),
            Place::Unknown => Pushed::more(Condition::True),
            Place::At(path, of) if of.is_nested() => foreign::test_nested(path, of, test),
            Place::At(path, of) if of.kind == Kind::Json => {
                json::test(&json::At::field(path), test)
            }
            Place::At(path, of) => typed(&path, of, test),
        },
        Filter::Inside(inside) => match places(inside.field) {
            Place::Null => Pushed::constant(inside.matches(&Value::Null)),
            Place::Unknown => Pushed::more(Condition::True),
            Place::At(path, of) if of.is_nested() => foreign::inside_nested(&path, of, inside),
            Place::At(path, of) if of.kind == Kind::Json => {
                json::inside(&json::At::field(path), inside)
            }
            Place::At(path, of) => outside(&path, of, inside),
        },
    }
}

/// Whether MongoDB decides a filter over a table's own fields.
pub(crate) fn is_decided(filter: &Filter, table: &Table) -> bool {
    matches!(filter, Filter::True) || push(filter, &own(table)).exact
}

/// A condition inside a field that is no JSON: nothing is in there.
fn outside(path: &str, of: Type, inside: &Inside) -> Pushed {
    if inside.each {
        return Pushed::constant(false);
    }
    if !inside.path.is_empty() {
        return Pushed::constant(inside.filter.matches(&[Value::Null]));
    }
    push(&inside.filter, &|field| match field {
        0 => Place::At(path.to_owned(), of),
        _ => Place::Null,
    })
}

fn as_list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

/// A test of a field that is no JSON.
fn typed(path: &str, of: Type, test: &Test) -> Pushed {
    match (&test.operand, test.op) {
        (Bound::One(value), Op::Eq) => equal(path, of, "$eq", value),
        (Bound::One(value), Op::Ne) => equal(path, of, "$ne", value),
        (Bound::One(value), Op::In) => among(path, of, "$in", as_list(value)),
        (Bound::One(value), Op::Out) => among(path, of, "$nin", as_list(value)),
        (Bound::Many(list), Op::In) => among(path, of, "$in", list),
        (Bound::Many(list), Op::Out) => among(path, of, "$nin", list),
        // A list is no value of these kinds.
        (Bound::Many(_), Op::Ne) => Pushed::constant(true),
        (Bound::Many(list), Op::Mod) => remainder(path, of.kind, list),
        (Bound::One(value), op) => match relation(op) {
            Some(relation) => ordered(path, of, relation, value),
            None => match (of.kind, value) {
                (Kind::Text, Value::Text(part)) if of.form == Form::ObjectId => {
                    foreign::test_ids(path, op, part)
                }
                (Kind::Text, Value::Text(part)) => text::test(path, op, part),
                _ => Pushed::constant(false),
            },
        },
        (Bound::Pattern(pattern), Op::Match) if of.form == Form::ObjectId => {
            foreign::pattern_of_ids(path, pattern)
        }
        (Bound::Pattern(pattern), Op::Match) if of.kind == Kind::Text => {
            text::pattern(path, pattern)
        }
        _ => Pushed::constant(false),
    }
}

fn relation(op: Op) -> Option<Relation> {
    Some(match op {
        Op::Lt => Relation::Lt,
        Op::Le => Relation::Le,
        Op::Gt => Relation::Gt,
        Op::Ge => Relation::Ge,
        _ => return None,
    })
}

pub(crate) fn operator(relation: Relation) -> &'static str {
    match relation {
        Relation::Eq => "$eq",
        Relation::Lt => "$lt",
        Relation::Le => "$lte",
        Relation::Gt => "$gt",
        Relation::Ge => "$gte",
    }
}

/// `{path: {operator: value}}`
fn compare(path: &str, operator: &str, value: impl Into<Bson>) -> Document {
    doc! { path: { operator: value.into() } }
}

fn equal(path: &str, of: Type, operator: &str, value: &Value) -> Pushed {
    if value.is_null() {
        return Pushed::of(compare(path, operator, Bson::Null));
    }
    match stored(of, value) {
        Some(value) => Pushed::of(compare(path, operator, value)),
        None => Pushed::constant(operator == "$ne"),
    }
}

/// A value that is compared with a field for equality; none if no field of the type can hold it.
fn stored(of: Type, value: &Value) -> Option<Bson> {
    match operand::fit(of.kind, Relation::Eq, value) {
        Fit::Test(_, value) => encode::value(of, &value).ok(),
        Fit::Never | Fit::Always => None,
    }
}

fn among(path: &str, of: Type, operator: &str, list: &[Value]) -> Pushed {
    let members: Vec<Bson> = list
        .iter()
        .filter_map(|value| match value {
            Value::Null => Some(Bson::Null),
            value => stored(of, value),
        })
        .collect();
    if members.is_empty() {
        return Pushed::constant(operator == "$nin");
    }
    Pushed::of(compare(path, operator, members))
}

fn ordered(path: &str, of: Type, relation: Relation, value: &Value) -> Pushed {
    if value.is_null() {
        return Pushed::constant(false);
    }
    match operand::fit(of.kind, relation, value) {
        Fit::Never => Pushed::constant(false),
        Fit::Always => Pushed::of(compare(path, "$ne", Bson::Null)),
        Fit::Test(..) if of.kind == Kind::Bytes => {
            Pushed::more(Condition::Of(compare(path, "$ne", Bson::Null)))
        }
        Fit::Test(relation, value) => match (of.form, &*value) {
            (Form::Date, value) => foreign::ordered_dates(path, relation, value),
            (Form::ObjectId, Value::Text(text)) => foreign::ordered_ids(path, relation, text),
            (_, value) => match encode::value(of, value) {
                Ok(value) => Pushed::of(compare(path, operator(relation), value)),
                Err(_) => Pushed::more(Condition::True),
            },
        },
    }
}

/// `[divisor, remainder]`, with the sign of the dividend in MongoDB too.
fn remainder(path: &str, kind: Kind, list: &[Value]) -> Pushed {
    let [divisor, rest] = list else {
        return Pushed::constant(false);
    };
    let (Some(divisor), Some(rest)) = (divisor.as_i64(), rest.as_i64()) else {
        return Pushed::constant(false);
    };
    if divisor == 0 {
        return Pushed::constant(false);
    }
    match kind {
        // By -1 as by 1; the quotient of the least number by -1 has no place in 64 bits.
        Kind::Int => {
            let divisor = if divisor == -1 { 1 } else { divisor };
            Pushed::of(doc! { path: { "$mod": [divisor, rest] } })
        }
        // Fractions are cut off there, and numbers beyond 63 bits are another sort.
        Kind::Uint | Kind::Float => Pushed::more(Condition::Of(compare(path, "$ne", Bson::Null))),
        _ => Pushed::constant(false),
    }
}

/// Whether MongoDB can sort by fields of a kind as larder does.
pub(crate) fn sorts(kind: Kind) -> bool {
    !matches!(kind, Kind::Json | Kind::Bytes)
}

/// Whether a filter holds of no record in which this field of a layout is null, as far as one look can tell.
pub(crate) fn wants_value(part: &Filter, field: usize, layout: &Layout) -> bool {
    match part {
        Filter::Test(test) => {
            test.field == field
                && field < layout.fields.len()
                && !test.matches(&Value::Null)
                // What an index that leaves out null is used for: comparisons, not `$ne`.
                && !matches!(test.op, Op::Ne | Op::Out)
        }
        _ => false,
    }
}
