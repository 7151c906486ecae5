//! Conditions over rows, compiled from a filter.

use jiff::Timestamp;
use jiff::civil::Date;

use super::lookup::Lookup;
use crate::expr::Op;
use crate::filter::{Bound, Filter, Test};
use crate::syntax::values::{midnight, number_text};
use crate::{CompactString, Value};

/// A condition on a row.
#[derive(Debug)]
pub(super) enum Checker {
    True,
    False,
    And(Vec<Checker>),
    Or(Vec<Checker>),
    Not(Box<Checker>),
    Test(Lookup, Test),
    /// A test against dates, which texts may be; it has no complement operator in it.
    Dated(Lookup, Test),
    /// A pattern, which is looked for in what numbers and truth values print as too: these rows have no types.
    Printed(Lookup, Test),
    /// Some element of the array there passes.
    Each(Lookup, Box<Checker>),
    /// What stands there passes.
    At(Lookup, Box<Checker>),
}

impl Checker {
    pub(super) fn new(filter: &Filter) -> Self {
        let all = |members: &[Filter]| members.iter().map(Self::new).collect();
        match filter {
            Filter::True => Self::True,
            Filter::False => Self::False,
            Filter::And(members) => Self::And(all(members)),
            Filter::Or(members) => Self::Or(all(members)),
            Filter::Not(inner) => Self::Not(Box::new(Self::new(inner))),
            Filter::Test(test) => Self::test(&[], test),
            Filter::Inside(inside) => match &inside.filter {
                Filter::Test(test) if !inside.each => Self::test(&inside.path, test),
                inner if inside.each => {
                    Self::Each(Lookup::new(&inside.path), Box::new(Self::new(inner)))
                }
                inner => Self::At(Lookup::new(&inside.path), Box::new(Self::new(inner))),
            },
        }
    }

    fn test(path: &[CompactString], test: &Test) -> Self {
        let lookup = Lookup::new(path);
        let mut test = test.clone();
        if has_date(&test.operand) {
            let positive = match test.op {
                Op::Ne => Op::Eq,
                Op::Out => Op::In,
                op => return Self::Dated(lookup, Test { op, ..test }),
            };
            test.op = positive;
            return Self::Not(Box::new(Self::Dated(lookup, test)));
        }
        if matches!(test.op, Op::StartsWith | Op::EndsWith | Op::EqIgnoreCase)
            && let Bound::One(value) = &test.operand
            && let Some(text) = printed(value)
        {
            test.operand = Bound::One(text);
        }
        if test.op == Op::Match {
            return Self::Printed(lookup, test);
        }
        Self::Test(lookup, test)
    }

    /// The paths that it looks at in rows.
    pub(super) fn lookups(&self) -> Vec<&Lookup> {
        match self {
            Self::True | Self::False => Vec::new(),
            Self::And(all) | Self::Or(all) => all.iter().flat_map(Self::lookups).collect(),
            Self::Not(inner) => inner.lookups(),
            Self::Test(path, _)
            | Self::Dated(path, _)
            | Self::Printed(path, _)
            | Self::Each(path, _)
            | Self::At(path, _) => vec![path],
        }
    }

    /// Whether a row passes.
    pub(super) fn passes(&self, row: &Value) -> bool {
        match self {
            Self::True => true,
            Self::False => false,
            Self::And(all) => all.iter().all(|one| one.passes(row)),
            Self::Or(any) => any.iter().any(|one| one.passes(row)),
            Self::Not(inner) => !inner.passes(row),
            Self::Test(path, test) => test.matches(path.find(row)),
            Self::Dated(path, test) => {
                let value = path.find(row);
                test.matches(value) || dated(value).is_some_and(|value| test.matches(&value))
            }
            Self::Printed(path, test) => {
                let value = path.find(row);
                test.matches(value) || printed(value).is_some_and(|text| test.matches(&text))
            }
            Self::Each(path, inner) => {
                let items = path.find(row).as_array().unwrap_or_default();
                items.iter().any(|item| inner.passes(item))
            }
            Self::At(path, inner) => inner.passes(path.find(row)),
        }
    }
}

/// A number or truth value as the text it was written as.
fn printed(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(truth) => Some(Value::from(if *truth { "true" } else { "false" })),
        value => number_text(value).map(Value::from),
    }
}

fn has_date(operand: &Bound) -> bool {
    match operand {
        Bound::One(value) => is_dated(value),
        Bound::Many(values) => values.iter().any(is_dated),
        Bound::Pattern(_) | Bound::Area(_) => false,
    }
}

fn is_dated(value: &Value) -> bool {
    match value {
        Value::Instant(_) | Value::Date(_) => true,
        Value::Array(items) => items.iter().any(is_dated),
        _ => false,
    }
}

/// The same value with its texts that are dates as instants; None if there are none.
fn dated(value: &Value) -> Option<Value> {
    match value {
        Value::Text(text) => instant(text).map(Value::Instant),
        Value::Date(day) => midnight(*day).map(Value::Instant),
        Value::Array(items) => {
            let mut any = false;
            let items: Vec<Value> = items
                .iter()
                .map(|item| match dated(item) {
                    Some(item) => {
                        any = true;
                        item
                    }
                    None => item.clone(),
                })
                .collect();
            any.then(|| Value::from(items))
        }
        _ => None,
    }
}

/// An instant with its offset, or a day's midnight in UTC.
fn instant(text: &str) -> Option<Timestamp> {
    // Most texts are no dates, and are told by their first bytes.
    if !(10..=48).contains(&text.len()) || !text.as_bytes()[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    if text.len() == 10 {
        return text.parse::<Date>().ok().and_then(midnight);
    }
    text.parse().ok()
}
