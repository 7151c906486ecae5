//! Comparisons of a parameter itself, such as `$actor.role=admin`, which need no row.

use crate::expr::{Literal, Operand, Param};
use crate::filter::{Bound, Test};
use crate::syntax::values::automatic;
use crate::{Op, Value};

use super::{ParamValue, Scope};

/// Whether the comparison holds; None is *unknown*, also where the two sides do not fit together.
pub(super) fn holds(subject: &Param, op: Op, operand: &Operand, scope: &dyn Scope) -> Option<bool> {
    let value = known(scope.param(subject))?;
    match (op, &value) {
        (Op::In | Op::Out, value) => {
            let list = rights(operand, scope)?;
            let found = any(list.iter().map(|right| one(Op::Eq, value, right)))?;
            Some(found == (op == Op::In))
        }
        (Op::Contains, Value::Array(items)) => {
            let wanted = right(operand, scope)?;
            any(items.iter().map(|item| one(Op::Eq, item, &wanted)))
        }
        // A part of a text would be too much: `contains($actor.groups,staff)` must not hold of `nonstaff`.
        (Op::Contains, _) => None,
        (op, value) => one(op, value, &right(operand, scope)?),
    }
}

/// One thing that a parameter is compared with. A literal waits to see what it is beside.
enum Right<'a> {
    Literal(&'a Literal),
    Value(Value),
}

/// A single right-hand side; None is *unknown*.
fn right<'a>(operand: &'a Operand, scope: &dyn Scope) -> Option<Right<'a>> {
    match operand {
        Operand::Literal(literal) => Some(Right::Literal(literal)),
        Operand::Param(param) => known(scope.param(param)).map(Right::Value),
        Operand::List(_) | Operand::Pattern(_) | Operand::Area(_) => None,
    }
}

/// The members of a list; a parameter with several values adds them all.
fn rights<'a>(operand: &'a Operand, scope: &dyn Scope) -> Option<Vec<Right<'a>>> {
    let items = match operand {
        Operand::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut members = Vec::with_capacity(items.len());
    for item in items {
        match right(item, scope)? {
            Right::Value(Value::Array(several)) => {
                members.extend(several.into_vec().into_iter().map(Right::Value));
            }
            one => members.push(one),
        }
    }
    Some(members)
}

/// A parameter's value, lists as arrays. A null is as absent as nothing, alone or in a list.
pub(super) fn known(param: ParamValue) -> Option<Value> {
    let value = match param {
        ParamValue::Unknown => return None,
        ParamValue::One(value) => value,
        ParamValue::Many(items) => Value::from(items),
    };
    let has_null = value
        .as_array()
        .is_some_and(|items| items.iter().any(Value::is_null));
    (!value.is_null() && !has_null).then_some(value)
}

/// Whether one of them holds. One that is unknown makes all of it so, as an unknown member of a list does.
fn any(all: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all.collect::<Option<Vec<bool>>>()
        .map(|all| all.contains(&true))
}

/// One value beside one other, as [`Test::matches`] sees it; None if they do not fit.
fn one(op: Op, value: &Value, right: &Right<'_>) -> Option<bool> {
    let (value, other) = sides(op, value, right);
    let fits = match op {
        Op::Eq | Op::Ne => other.is_null() || value.compare(&other).is_some(),
        Op::Lt | Op::Le | Op::Gt | Op::Ge => value.compare(&other).is_some(),
        Op::StartsWith | Op::EndsWith | Op::EqIgnoreCase => {
            matches!((&value, &other), (Value::Text(_), Value::Text(_)))
        }
        Op::In | Op::Out | Op::Contains | Op::Match | Op::Mod | Op::Size | Op::Within => false,
    };
    // There is no row: the test only lends its operators.
    let test = Test {
        field: 0,
        op,
        operand: Bound::One(other),
    };
    // A scalar never equals null, but an array must not pass for one.
    (fits && value.as_array().is_none()).then(|| test.matches(&value))
}

/// Both sides as one kind, where they can be.
fn sides(op: Op, value: &Value, right: &Right<'_>) -> (Value, Value) {
    let (raw, other) = match right {
        Right::Value(other) => (None, other.clone()),
        Right::Literal(literal) => (
            (!literal.typed && !literal.value.is_null()).then_some(literal.raw.as_str()),
            literal.value.clone(),
        ),
    };
    match (value, raw) {
        // An identity often has texts only, and as texts "9" is above "10".
        (Value::Text(text), _) if op.is_ordering() && !matches!(other, Value::Text(_)) => {
            (automatic(text), other)
        }
        (Value::Text(_), Some(raw)) => (value.clone(), Value::from(raw)),
        (Value::Uuid(_), Some(raw)) => (value.clone(), raw.parse().map_or(other, Value::Uuid)),
        (Value::Decimal(_), Some(raw)) => {
            (value.clone(), raw.parse().map_or(other, Value::Decimal))
        }
        (Value::Date(_), Some(raw)) => (value.clone(), raw.parse().map_or(other, Value::Date)),
        _ => (value.clone(), other),
    }
}

#[cfg(test)]
mod tests;
