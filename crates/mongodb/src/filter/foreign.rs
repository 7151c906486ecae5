//! Tests of fields that are stored as other programs store them.

use larder_core::store::operand::{self, Relation};
use larder_query::{Bound, Filter, Inside, Op, Pattern, Test, Value};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, DateTime, Document, doc};

use super::json::{self, At};
use super::{Condition, Pushed, compare, operator};
use crate::encode;
use crate::form::{Form, Type};

/// An order of times against a time that the field may be too coarse to hold: between two milliseconds there is none.
pub(super) fn ordered_dates(path: &str, relation: Relation, value: &Value) -> Pushed {
    let Value::Instant(at) = value else {
        return Pushed::constant(false);
    };
    let nanos = at.as_nanosecond();
    let (millis, rest) = (nanos.div_euclid(1_000_000), nanos.rem_euclid(1_000_000));
    let Ok(millis) = i64::try_from(millis) else {
        return Pushed::constant(false);
    };
    let date = |millis: i64| DateTime::from_millis(millis);
    match relation {
        _ if rest == 0 => Pushed::of(compare(path, operator(relation), date(millis))),
        Relation::Eq => Pushed::constant(false),
        Relation::Lt | Relation::Le => Pushed::of(compare(path, "$lte", date(millis))),
        Relation::Gt | Relation::Ge => Pushed::of(compare(path, "$gt", date(millis))),
    }
}

/// An order of ids against any text. Ids sort as their texts do.
pub(super) fn ordered_ids(path: &str, relation: Relation, text: &str) -> Pushed {
    let (first, exact) = match first_from(text) {
        Some(first) => first,
        // Every id is before it.
        None if relation.is_below() => return any(path),
        None => return Pushed::constant(false),
    };
    let operator = match relation {
        Relation::Eq if !exact => return Pushed::constant(false),
        _ if exact => operator(relation),
        Relation::Lt | Relation::Le => "$lt",
        _ => "$gte",
    };
    Pushed::of(compare(path, operator, first))
}

/// A test of the texts of ids: their beginning is a range, all else is left to the memory.
pub(super) fn test_ids(path: &str, op: Op, part: &str) -> Pushed {
    match op {
        Op::StartsWith => begins(path, part),
        Op::EndsWith | Op::Contains if part.is_empty() => any(path),
        Op::EndsWith | Op::Contains | Op::EqIgnoreCase => Pushed::more(any(path).test),
        _ => Pushed::constant(false),
    }
}

/// The ids that a pattern may be found in.
pub(super) fn pattern_of_ids(path: &str, pattern: &Pattern) -> Pushed {
    match pattern.prefix() {
        Some(prefix) => {
            let begins = begins(path, &prefix.text);
            let exact = begins.exact && prefix.decides;
            Pushed { exact, ..begins }
        }
        None => Pushed::more(any(path).test),
    }
}

/// A test of a field with ids or dates inside. Of a list of ids it is asked which have one; all else is left to the memory.
pub(super) fn test_nested(path: String, of: Type, test: &Test) -> Pushed {
    match (&test.operand, test.op) {
        (Bound::One(Value::Null), Op::Eq | Op::Ne) => json::test(&At::field(path), test),
        (Bound::One(value), Op::Contains) if of.form == Form::ObjectIds => has_id(&path, value),
        _ => Pushed::more(Condition::True),
    }
}

/// The same of a condition inside.
pub(super) fn inside_nested(path: &str, of: Type, inside: &Inside) -> Pushed {
    let each = of.form == Form::ObjectIds && inside.each && inside.path.is_empty();
    match &inside.filter {
        Filter::Test(test) if each && test.field == 0 => match (&test.operand, test.op) {
            (Bound::One(value), Op::Eq) => has_id(path, value),
            _ => Pushed::more(Condition::True),
        },
        _ => Pushed::more(Condition::True),
    }
}

/// Whether a list of ids has this one.
fn has_id(path: &str, value: &Value) -> Pushed {
    match value {
        Value::Text(text) => match encode::object_id(text) {
            Some(id) => Pushed::of(doc! { path: { "$elemMatch": { "$eq": id } } }),
            None => Pushed::constant(false),
        },
        _ => Pushed::more(Condition::True),
    }
}

fn any(path: &str) -> Pushed {
    Pushed::of(compare(path, "$ne", Bson::Null))
}

fn begins(path: &str, prefix: &str) -> Pushed {
    let Some((first, _)) = first_from(prefix) else {
        return Pushed::constant(false);
    };
    let mut range = doc! { "$gte": first };
    let behind = operand::after_prefix(prefix);
    if let Some((end, _)) = behind.as_deref().and_then(first_from) {
        range.insert("$lt", end);
    }
    Pushed::exactly(Condition::Of(Document::from_iter([(
        path.to_owned(),
        range.into(),
    )])))
}

/// The first id whose text is not before a text, and whether it is that text; none if all are before.
fn first_from(text: &str) -> Option<(ObjectId, bool)> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [0_u8; 24];
    let mut bytes = text.bytes();
    for place in 0..digits.len() {
        // The beginning of ids is before them; the rest of the digits are 0.
        let Some(byte) = bytes.next() else {
            return Some((id(&digits), false));
        };
        // The digit, or the next one there is.
        let Some(digit) = DIGITS.iter().position(|digit| *digit >= byte) else {
            return Some((id(&next(&digits, place)?), false));
        };
        digits[place] = digit as u8;
        if DIGITS[digit] != byte {
            return Some((id(&digits), false));
        }
    }
    match bytes.next() {
        None => Some((id(&digits), true)),
        // A longer text is behind its beginning.
        Some(_) => Some((id(&next(&digits, digits.len())?), false)),
    }
}

/// The least digits above all that begin with the first `length` of these.
fn next(digits: &[u8; 24], length: usize) -> Option<[u8; 24]> {
    let last = digits[..length].iter().rposition(|digit| *digit < 15)?;
    let mut next = [0; 24];
    next[..=last].copy_from_slice(&digits[..=last]);
    next[last] += 1;
    Some(next)
}

fn id(digits: &[u8; 24]) -> ObjectId {
    let (pairs, _) = digits.as_chunks::<2>();
    let mut bytes = [0; 12];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = high << 4 | low;
    }
    ObjectId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_among_texts_where_their_digits_do() {
        let all = |digit: &str| digit.repeat(24);
        let same = |text: &str| (text.to_owned(), true);
        let behind = |text: String| (text, false);
        for (text, first) in [
            ("", Some(behind(all("0")))),
            (&all("0"), Some(same(&all("0")))),
            (&all("f"), Some(same(&all("f")))),
            ("a", Some(behind(format!("a{}", "0".repeat(23))))),
            ("aG", Some(behind(format!("aa{}", "0".repeat(22))))),
            ("1-", Some(behind(format!("10{}", "0".repeat(22))))),
            ("1g", Some(behind(format!("2{}", "0".repeat(23))))),
            ("fg", None),
            ("é", None),
            (
                &(all("0") + "x"),
                Some(behind(format!("{}1", "0".repeat(23)))),
            ),
            (&(all("f") + "0"), None),
        ] {
            let found = first_from(text).map(|(id, exact)| (id.to_hex(), exact));
            assert_eq!(found, first, "{text}");
            // What it says of some ids is what their texts say.
            for id in [
                all("0"),
                all("1"),
                all("a"),
                all("f"),
                format!("{}1", "0".repeat(23)),
            ] {
                let is_from = first.as_ref().is_some_and(|(first, _)| id >= *first);
                assert_eq!(id.as_str() >= text, is_from, "{id} {text}");
            }
        }
    }

    #[test]
    fn times_between_milliseconds() {
        let at = |text: &str| Value::Instant(text.parse().unwrap());
        let pushed = |relation, text| ordered_dates("t", relation, &at(text)).test;
        let date = |millis| DateTime::from_millis(millis);
        let of = |operator: &str, millis| Condition::Of(compare("t", operator, date(millis)));
        assert_eq!(
            pushed(Relation::Gt, "1970-01-01T00:00:00.001Z"),
            of("$gt", 1)
        );
        assert_eq!(
            pushed(Relation::Lt, "1970-01-01T00:00:00.001000001Z"),
            of("$lte", 1)
        );
        assert_eq!(
            pushed(Relation::Ge, "1970-01-01T00:00:00.001000001Z"),
            of("$gt", 1)
        );
        assert_eq!(
            pushed(Relation::Le, "1969-12-31T23:59:59.9999Z"),
            of("$lte", -1)
        );
        assert_eq!(
            pushed(Relation::Eq, "1970-01-01T00:00:00.0001Z"),
            Condition::False
        );
    }
}
