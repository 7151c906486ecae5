//! Changes that depend on the old value, in PostgreSQL's words: sums that can't leave their range, and lists changed element by element
//! as text.
//!
//! A list is taken apart with the functions of `json`, which hand out each element as it was written: numbers keep their digits
//! and objects the order of their names, also in what is put together again. Only to find what is the same elements are compared as `jsonb`.

use larder_core::store::FieldChange;
use larder_core::{Kind, Result};
use larder_query::{Decimal, Value};

use super::{Postgres, values};
use crate::statement::Statement;

/// Digits before the point and behind it, of both numbers, whose sum has no more than the 38 that a decimal can have.
const DIGITS: u8 = 18;
/// The first number with more digits before the point.
const BEYOND: i128 = 10_i128.pow(DIGITS as u32);
/// 2^970, half of the distance between the largest float and the one before: less does not make a sum with it infinite.
const TOO_LITTLE: f64 = 9.979_201_547_673_6e291;
/// The most elements in one statement; each number of them is a text of its own to prepare.
const MOST: usize = 60;
/// What may stand around JSON.
const BLANKS: &str = "E' \\t\\n\\r'";

/// Whether a statement can add this number to a column of a kind.
pub(super) fn can_add(kind: Kind, amount: &Value) -> bool {
    match (kind, amount) {
        // Numbers without a sign that are larger than all with one are too rare for a statement of their own.
        (Kind::Int | Kind::Uint, Value::I64(_)) => true,
        (Kind::Float, amount) => amount.as_f64().is_some_and(|by| by.abs() < TOO_LITTLE),
        (Kind::Decimal, Value::Decimal(amount)) => {
            amount.scale() <= DIGITS && amount.whole().unsigned_abs() < BEYOND.unsigned_abs()
        }
        _ => false,
    }
}

/// When the sum is what the column can hold: a condition with a mark in it, and the value of that.
pub(super) fn sum_fits(kind: Kind, column: &str, amount: &Value, mark: &str) -> (String, Value) {
    let old = format!("COALESCE({column}, 0)");
    match (kind, amount) {
        // PostgreSQL ends the statement where a sum of `bigint` is out of range, so the limit is compared, and no sum.
        (Kind::Int, Value::I64(by @ 0..)) => {
            (format!("{old} <= {mark}"), Value::I64(i64::MAX - by))
        }
        (Kind::Int, Value::I64(by)) => (format!("{old} >= {mark}"), Value::I64(i64::MIN - by)),
        (Kind::Uint, by) => (
            format!("{old} + {mark} BETWEEN 0 AND 18446744073709551615"),
            by.clone(),
        ),
        (Kind::Decimal, _) => (
            format!("abs({old}) < {mark} AND scale({old}) <= {DIGITS}"),
            Decimal::new(BEYOND, 0).map_or(Value::Null, Value::Decimal),
        ),
        // What is there may be infinite, in a table of somebody else.
        (_, _) => (format!("abs({old}) <= {mark}"), Value::F64(f64::MAX)),
    }
}

/// Whether a statement can make this change of a list.
pub(super) fn can_change_list(change: &FieldChange) -> bool {
    match change {
        // With a zero character they are refused by the field's name, or are nowhere: the memory knows.
        FieldChange::Push(items) | FieldChange::Pull(items) => {
            (1..=MOST).contains(&items.len()) && !items.iter().any(values::has_nul)
        }
        FieldChange::SetItem(place, item) => number(*place).is_some() && !values::has_nul(item),
        FieldChange::RemoveItem(place) => number(*place).is_some(),
        _ => false,
    }
}

/// The number of a place, counted from 1 as `WITH ORDINALITY` does.
fn number(place: usize) -> Option<i64> {
    i64::try_from(place).ok()?.checked_add(1)
}

/// Writes what a change makes of a list.
pub(super) fn changed_list(
    to: &mut Statement<Postgres>,
    column: &str,
    change: &FieldChange,
) -> Result<()> {
    match change {
        FieldChange::Push(items) => push(to, column, items),
        FieldChange::Pull(items) => {
            to.push("CASE WHEN ")
                .push(column)
                .push(" IS NOT NULL THEN ");
            elements(to, "CAST(larder_item.v AS text)", column);
            to.push(" WHERE CAST(larder_item.v AS jsonb) <> ALL (ARRAY[");
            for (place, item) in items.iter().enumerate() {
                to.push(if place > 0 { ", CAST(" } else { "CAST(" });
                element(to, item)?.push(" AS jsonb)");
            }
            to.push("])) END");
            Ok(())
        }
        FieldChange::SetItem(place, item) => {
            to.push("(SELECT CAST('[' || string_agg(CASE larder_item.n WHEN ");
            to.bind_number(number(*place).unwrap_or(i64::MAX))?
                .push(" THEN ");
            element(to, item)?.push(
                " ELSE CAST(larder_item.v AS text) END, ',' ORDER BY larder_item.n) || ']' AS json)",
            );
            from_elements(to, column);
            to.push(")");
            Ok(())
        }
        FieldChange::RemoveItem(place) => {
            elements(to, "CAST(larder_item.v AS text)", column);
            to.push(" WHERE larder_item.n <> ");
            to.bind_number(number(*place).unwrap_or(i64::MAX))?
                .push(")");
            Ok(())
        }
        _ => {
            to.push(column);
            Ok(())
        }
    }
}

/// The text of the list without its last bracket, the new elements, and the bracket again.
fn push(to: &mut Statement<Postgres>, column: &str, items: &[Value]) -> Result<()> {
    to.push("CAST(CASE WHEN ")
        .push(column)
        .push(" IS NULL OR json_array_length(CAST(")
        .push(column)
        .push(" AS json)) = 0 THEN '[' ELSE left(rtrim(CAST(")
        .push(column)
        .push(" AS text), ")
        .push(BLANKS)
        .push("), -1) || ',' END");
    for (place, item) in items.iter().enumerate() {
        to.push(if place > 0 { " || ',' || " } else { " || " });
        element(to, item)?;
    }
    to.push(" || ']' AS json)");
    Ok(())
}

/// Binds an element as its text: bound as JSON, null would be nothing.
fn element<'t>(
    to: &'t mut Statement<Postgres>,
    item: &Value,
) -> Result<&'t mut Statement<Postgres>> {
    to.bind(
        Kind::Text,
        &values::json(item).map_or(Value::Null, Value::from),
    )
}

/// Begins a query of a list made of the elements of another one, which its `WHERE` chooses.
fn elements(to: &mut Statement<Postgres>, element: &str, column: &str) {
    to.push("(SELECT CAST('[' || COALESCE(string_agg(")
        .push(element)
        .push(", ',' ORDER BY larder_item.n), '') || ']' AS json)");
    from_elements(to, column);
}

fn from_elements(to: &mut Statement<Postgres>, column: &str) {
    to.push(" FROM json_array_elements(CAST(")
        .push(column)
        .push(" AS json)) WITH ORDINALITY AS larder_item(v, n)");
}

/// Writes when a change can be made of what is there.
pub(super) fn list_fits(
    to: &mut Statement<Postgres>,
    column: &str,
    change: &FieldChange,
    most: usize,
) -> Result<()> {
    let is_list = |to: &mut Statement<Postgres>| -> Result<()> {
        to.push("json_typeof(CAST(").push(column);
        to.push(" AS json)) = 'array'");
        if change.adds() {
            to.push(" AND octet_length(CAST(").push(column);
            to.push(" AS text)) <= ").bind_size(most)?;
        }
        Ok(())
    };
    match change {
        FieldChange::SetItem(place, _) | FieldChange::RemoveItem(place) => {
            // In which order conditions are asked is PostgreSQL's choice, but for a `CASE`.
            to.push("CASE WHEN ");
            is_list(to)?;
            to.push(" THEN json_array_length(CAST(").push(column);
            to.push(" AS json)) >= ");
            to.bind_number(number(*place).unwrap_or(i64::MAX))?
                .push(" ELSE FALSE END");
        }
        change => {
            to.push("(").push(column).push(" IS NULL OR ");
            is_list(to)?;
            if matches!(change, FieldChange::Pull(_)) {
                // Some characters can be written in `json` that `jsonb` does not take.
                to.push(" AND strpos(CAST(").push(column);
                to.push(" AS text), '\\u') = 0");
            }
            to.push(")");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_can_make_nothing_infinite() {
        assert_eq!(TOO_LITTLE, 2.0_f64.powi(970));
        let most = TOO_LITTLE.next_down();
        assert!(can_add(Kind::Float, &Value::F64(most)));
        assert!((f64::MAX + most).is_finite() && (f64::MIN - most).is_finite());
        assert!(!can_add(Kind::Float, &Value::F64(TOO_LITTLE)));
        assert!((f64::MAX + TOO_LITTLE).is_infinite());
    }

    #[test]
    fn decimals_whose_sum_may_have_too_many_digits_are_left_out() {
        let can = |text: &str| can_add(Kind::Decimal, &Value::Decimal(text.parse().unwrap()));
        assert!(can("999999999999999999.999999999999999999"));
        assert!(can("-999999999999999999.5"));
        assert!(!can("1000000000000000000") && !can("-1000000000000000000"));
        assert!(!can("0.0000000000000000001"));
    }
}
