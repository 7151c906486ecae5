//! The place that a page goes on from, as a condition.
//!
//! ```sql
//! (a, b, id) > (?, ?, ?)                                  -- all keys ascending, nothing null
//! a <= ? AND (a < ? OR a = ? AND id > ?)                  -- otherwise, with a range that an index can begin at
//! ```
//!
//! Null comes first ascending: after a null comes all that is not, and after a value come nulls only descending. These stand at the other
//! end of the index, so no one range has both: where the first key is such a one, a read is made in [`halves`].

use larder_core::{Kind, Result, Select, SortKey};
use larder_query::{Filter, Op, Value};

use super::Statement;
use super::column::At;
use super::filter::constant;
use super::source::Source;
use crate::dialect::Dialect;

/// One key of the order, with the value of the place.
struct Key<'a> {
    at: At<'a>,
    descending: bool,
    value: Value,
}

/// A read from a place on whose first key is descending and may be null, as two that each have a range of an index: up to the last value,
/// and all without one. None for other reads, and for those with a total, for which all is looked at anyway.
pub(crate) fn halves(select: &Select) -> Option<(Select, Select)> {
    let (first, after) = (select.sort.first()?, select.after.as_ref()?);
    let value = after.values.first().filter(|value| !value.is_null())?;
    let column = select.layout.fields.get(first.field)?;
    let apart = first.descending && column.nullable && column.kind != Kind::Json;
    if !apart || select.total || select.skip > 0 || select.limit.is_none() {
        return None;
    }
    let only = |filter: Filter| Filter::and([select.filter.clone(), filter]);
    let values = Select {
        filter: only(Filter::test(first.field, Op::Le, value.clone())),
        ..select.clone()
    };
    let nulls = Select {
        filter: only(Filter::test(first.field, Op::Eq, Value::Null)),
        after: None,
        ..select.clone()
    };
    Some((values, nulls))
}

/// Writes that a record is behind a place. `order` and `place` go together.
pub(crate) fn write<D: Dialect>(
    to: &mut Statement<D>,
    source: &Source<'_, D>,
    order: &[SortKey],
    place: &[&Value],
) -> Result<()> {
    let keys = order.iter().zip(place).filter_map(|(by, value)| {
        let at = source.at(by.field)?;
        Some(Key {
            at,
            descending: by.descending,
            // What was checked can be brought to the kind.
            value: at
                .kind
                .coerce((*value).clone())
                .unwrap_or_else(|(value, _)| value),
        })
    });
    let keys: Vec<Key<'_>> = keys.collect();
    let plain =
        |key: &Key<'_>| !key.descending && !key.value.is_null() && key.at.kind != Kind::Json;
    if keys.iter().all(plain) && (D::ROW_VALUES || keys.len() < 2) {
        row_value(to, &keys)
    } else {
        expanded(to, &keys)
    }
}

fn row_value<D: Dialect>(to: &mut Statement<D>, keys: &[Key<'_>]) -> Result<()> {
    let [first, rest @ ..] = keys else {
        constant(to, true);
        return Ok(());
    };
    if rest.is_empty() {
        return compare(to, first, ">");
    }
    for (place, key) in keys.iter().enumerate() {
        to.push(if place > 0 { ", " } else { "(" })
            .sortable(&key.at);
    }
    to.push(") > ");
    for (place, key) in keys.iter().enumerate() {
        to.push(if place > 0 { ", " } else { "(" })
            .operand(&key.at, &key.value)?;
    }
    to.push(")");
    Ok(())
}

fn expanded<D: Dialect>(to: &mut Statement<D>, keys: &[Key<'_>]) -> Result<()> {
    to.push("(");
    // What lies behind has the first value or one further on: the part of an index to walk.
    if let Some(first) = keys.first()
        && !first.value.is_null()
        && !(first.descending && first.at.nullable)
    {
        compare(to, first, if first.descending { "<=" } else { ">=" })?;
        to.push(" AND ");
    }
    to.push("(");
    let mut any = false;
    for (place, key) in keys.iter().enumerate() {
        // Behind null, descending, nothing comes.
        if key.descending && key.value.is_null() {
            continue;
        }
        to.push(if any { " OR " } else { "" });
        any = true;
        for same in keys.iter().take(place) {
            if same.value.is_null() {
                to.push(same.at.name).push(" IS NULL");
            } else {
                compare(to, same, "=")?;
            }
            to.push(" AND ");
        }
        beyond(to, key)?;
    }
    if !any {
        constant(to, false);
    }
    to.push("))");
    Ok(())
}

fn beyond<D: Dialect>(to: &mut Statement<D>, key: &Key<'_>) -> Result<()> {
    match (key.descending, key.value.is_null()) {
        (_, true) => {
            to.push(key.at.name).push(" IS NOT NULL");
            Ok(())
        }
        (false, false) => compare(to, key, ">"),
        (true, false) if !key.at.nullable => compare(to, key, "<"),
        (true, false) => {
            to.push("(");
            compare(to, key, "<")?;
            to.push(" OR ").push(key.at.name).push(" IS NULL)");
            Ok(())
        }
    }
}

fn compare<D: Dialect>(to: &mut Statement<D>, key: &Key<'_>, op: &str) -> Result<()> {
    if key.at.kind == Kind::Json {
        let mark = to.loose_mark();
        D::json_order(&mut to.sql, key.at.name, op, &mark, None);
        return to.bind_only(Kind::Json, &key.value);
    }
    to.sortable(&key.at).push(" ").push(op).push(" ");
    to.operand(&key.at, &key.value)?;
    Ok(())
}
