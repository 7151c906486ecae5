//! How a value compares with a column of a kind, decided before the database sees it.
//!
//! A column holds one kind; a value of a filter may be of another. Values of another family match nothing, and numbers
//! compare exactly: `age < 3.5` on whole numbers becomes `age <= 3`, a number beyond a column's range becomes "always" or
//! "never". So every database answers alike, whatever its own conversions are.

use std::borrow::Cow;

use jiff::Timestamp;
use larder_query::Value;

use crate::model::Kind;

/// A comparison with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `=`
    Eq,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Relation {
    /// The operator in SQL, with spaces.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Eq => " = ",
            Self::Lt => " < ",
            Self::Le => " <= ",
            Self::Gt => " > ",
            Self::Ge => " >= ",
        }
    }

    /// Whether it asks for what is less than the value, be it or not equal too.
    pub fn is_below(self) -> bool {
        matches!(self, Self::Lt | Self::Le)
    }
}

/// What a comparison comes to.
#[derive(Debug, PartialEq)]
pub enum Fit<'a> {
    /// No value of the column can pass.
    Never,
    /// Every value that is not null passes.
    Always,
    /// Compare with this value, which the column's kind can hold.
    Test(Relation, Cow<'a, Value>),
}

/// Brings a comparison into the terms of a column. Not for JSON columns, and not for null.
///
/// ```
/// use larder_core::{Kind, store::operand::{Fit, Relation, fit}};
/// use larder_query::Value;
///
/// let below = fit(Kind::Int, Relation::Lt, &Value::F64(3.5)); // as `<= 3`
/// assert!(matches!(below, Fit::Test(Relation::Le, three) if *three == Value::I64(3)));
/// assert_eq!(fit(Kind::Int, Relation::Eq, &"3".into()), Fit::Never);
/// ```
pub fn fit(kind: Kind, relation: Relation, value: &Value) -> Fit<'_> {
    match (kind, value) {
        (Kind::Date, Value::Date(day)) if day.year() < 0 => beyond(relation, true),
        (Kind::Bool, Value::Bool(_))
        | (Kind::Date, Value::Date(_))
        | (Kind::Text, Value::Text(_))
        | (Kind::Bytes, Value::Bytes(_))
        | (Kind::Uuid, Value::Uuid(_))
        | (Kind::Decimal, Value::Decimal(_))
        | (Kind::Int, Value::I64(_)) => Fit::Test(relation, Cow::Borrowed(value)),
        (Kind::Float, Value::F64(f)) if f.is_finite() => Fit::Test(relation, Cow::Borrowed(value)),
        (Kind::Uint, Value::I64(n)) => whole(kind, relation, i128::from(*n)),
        (Kind::Int | Kind::Uint, Value::U64(n)) => whole(kind, relation, i128::from(*n)),
        (Kind::Int | Kind::Uint, Value::F64(f)) => fraction(kind, relation, *f),
        // No column holds what is infinite, but a query may ask for what is below it.
        (Kind::Float, Value::F64(f)) if !f.is_nan() => beyond(relation, *f < 0.0),
        (Kind::Float, Value::I64(n)) => float(relation, i128::from(*n)),
        (Kind::Float, Value::U64(n)) => float(relation, i128::from(*n)),
        (Kind::Instant, Value::Instant(at)) => {
            let nanos = at.as_nanosecond();
            let micros = nanos.div_euclid(1000);
            between(
                relation,
                micros,
                nanos.rem_euclid(1000) != 0,
                |micros, relation| {
                    let at = i64::try_from(micros).ok().and_then(instant);
                    at.map_or(beyond(relation, false), |at| {
                        Fit::Test(relation, Cow::Owned(Value::Instant(at)))
                    })
                },
            )
        }
        _ => Fit::Never,
    }
}

/// What a comparison with a value outside the column's range comes to: `below` says that the value is less than all it can hold.
pub fn beyond(relation: Relation, below: bool) -> Fit<'static> {
    match relation {
        Relation::Eq => Fit::Never,
        _ if relation.is_below() == below => Fit::Never,
        _ => Fit::Always,
    }
}

fn whole(kind: Kind, relation: Relation, number: i128) -> Fit<'static> {
    let (low, high) = match kind {
        Kind::Uint => (0, i128::from(u64::MAX)),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    if number < low {
        return beyond(relation, true);
    }
    match (i64::try_from(number), u64::try_from(number)) {
        _ if number > high => beyond(relation, false),
        (Ok(number), _) => Fit::Test(relation, Cow::Owned(Value::I64(number))),
        (_, Ok(number)) => Fit::Test(relation, Cow::Owned(Value::from(number))),
        _ => Fit::Never,
    }
}

fn fraction(kind: Kind, relation: Relation, number: f64) -> Fit<'static> {
    if number.is_nan() {
        return Fit::Never;
    }
    // The cast saturates, which is beyond every column as well.
    between(
        relation,
        number.floor() as i128,
        number.fract() != 0.0,
        |n, relation| whole(kind, relation, n),
    )
}

/// A comparison of whole numbers with `floor`, or with something between it and the next one.
fn between(
    relation: Relation,
    floor: i128,
    fraction: bool,
    then: impl Fn(i128, Relation) -> Fit<'static>,
) -> Fit<'static> {
    match relation {
        _ if !fraction => then(floor, relation),
        Relation::Eq => Fit::Never,
        Relation::Lt | Relation::Le => then(floor, Relation::Le),
        Relation::Gt | Relation::Ge => then(floor.saturating_add(1), Relation::Ge),
    }
}

/// A comparison of floats with a whole number that a float may not hold exactly.
fn float(relation: Relation, number: i128) -> Fit<'static> {
    let near = number as f64;
    let test = |relation| Fit::Test(relation, Cow::Owned(Value::F64(near)));
    match (near as i128).cmp(&number) {
        std::cmp::Ordering::Equal => test(relation),
        // Nothing lies between the number and its nearest float.
        _ if relation == Relation::Eq => Fit::Never,
        std::cmp::Ordering::Greater if relation.is_below() => test(Relation::Lt),
        std::cmp::Ordering::Greater => test(Relation::Ge),
        std::cmp::Ordering::Less if relation.is_below() => test(Relation::Le),
        std::cmp::Ordering::Less => test(Relation::Gt),
    }
}

/// The instant of this many microseconds since 1970, if it is within the years that instants have.
pub fn instant(micros: i64) -> Option<Timestamp> {
    // `from_microsecond` refuses the last second that a timestamp can hold.
    let nanos = i32::try_from(micros.rem_euclid(1_000_000) * 1_000).ok()?;
    Timestamp::new(micros.div_euclid(1_000_000), nanos).ok()
}

/// The first text after all that begin with `prefix`; none if there is no such text.
pub fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The code points of surrogates are no characters: after U+D7FF comes U+E000.
        let next = if last == '\u{d7ff}' {
            Some('\u{e000}')
        } else {
            char::from_u32(u32::from(last) + 1)
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_and_ranges() {
        let int = |relation, value: Value| match fit(Kind::Int, relation, &value) {
            Fit::Test(relation, value) => format!("{relation:?} {}", value.as_i64().unwrap()),
            other => format!("{other:?}"),
        };
        assert_eq!(int(Relation::Lt, Value::F64(3.5)), "Le 3");
        assert_eq!(int(Relation::Gt, Value::F64(-3.5)), "Ge -3");
        assert_eq!(int(Relation::Eq, Value::F64(3.5)), "Never");
        assert_eq!(int(Relation::Eq, Value::F64(3.0)), "Eq 3");
        assert_eq!(int(Relation::Lt, Value::U64(u64::MAX)), "Always");
        assert_eq!(int(Relation::Ge, Value::F64(1e300)), "Never");
        assert_eq!(int(Relation::Ge, Value::F64(-1e300)), "Always");
        let float = |relation, value| fit(Kind::Float, relation, &value) == Fit::Always;
        assert!(float(Relation::Lt, Value::F64(f64::INFINITY)));
        assert!(float(Relation::Ge, Value::F64(f64::NEG_INFINITY)));
        assert!(!float(Relation::Gt, Value::F64(f64::INFINITY)));
        assert!(!float(Relation::Eq, Value::F64(f64::INFINITY)));
        assert_eq!(fit(Kind::Uint, Relation::Gt, &Value::I64(-1)), Fit::Always);
        assert_eq!(fit(Kind::Int, Relation::Gt, &Value::from("1")), Fit::Never);
    }

    #[test]
    fn floats_meet_whole_numbers_exactly() {
        let n = Value::I64(9_007_199_254_740_993); // 2^53 + 1, which no float holds
        let near: Cow<'_, Value> = Cow::Owned(Value::F64(9_007_199_254_740_992.0));
        assert_eq!(
            fit(Kind::Float, Relation::Lt, &n),
            Fit::Test(Relation::Le, near.clone())
        );
        assert_eq!(
            fit(Kind::Float, Relation::Ge, &n),
            Fit::Test(Relation::Gt, near)
        );
        assert_eq!(fit(Kind::Float, Relation::Eq, &n), Fit::Never);
    }

    #[test]
    fn the_end_of_a_prefix() {
        assert_eq!(after_prefix("ab").as_deref(), Some("ac"));
        assert_eq!(after_prefix("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{10ffff}"), None);
    }
}
