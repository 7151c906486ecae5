//! Filters as SQL conditions.
//!
//! A filter is two-valued, SQL has three values. A test of its own may come to NULL for a null field, which counts as
//! "no" in a `WHERE`, also under `AND` and `OR`. Only a *not* would tell the difference, so the negation of anything is
//! `(..) IS NOT TRUE`, which is never NULL.

use larder_core::{Column, Error, ErrorKind, Kind, Result};
use larder_query::{Bound, Filter, Op, Test, Value};

use super::operand::{self, Fit, Relation};
use super::{Statement, Table};
use crate::dialect::{Dialect, JsonFamily};

/// Members of an `AND` or `OR` beyond which they are put in parentheses by halves: databases limit the depth of an
/// expression, and read a long chain as a deep one.
const FLAT: usize = 16;

/// Where a filter stands: with bare column names, or with the table's name before them.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a, D: Dialect> {
    /// The table.
    pub(crate) table: &'a Table<D>,
    /// Whether names carry the table's.
    pub(crate) qualified: bool,
}

impl<D: Dialect> Place<'_, D> {
    fn column(&self, field: usize) -> Option<(&Column, &str)> {
        let names = if self.qualified {
            &self.table.qualified
        } else {
            &self.table.columns
        };
        self.table
            .layout
            .fields
            .get(field)
            .zip(names.get(field).map(String::as_str))
    }

    /// The name with the table's, for use inside an inner query.
    fn outer(&self, field: usize) -> &str {
        self.table
            .qualified
            .get(field)
            .map_or("NULL", String::as_str)
    }
}

/// Writes a condition; a constant one as a comparison of numbers.
pub(crate) fn write<D: Dialect>(
    to: &mut Statement<D>,
    place: &Place<'_, D>,
    filter: &Filter,
) -> Result<()> {
    match filter {
        Filter::True => constant(to, true),
        Filter::False => constant(to, false),
        Filter::And(all) => chain(to, place, all, " AND ", true)?,
        Filter::Or(any) => chain(to, place, any, " OR ", false)?,
        Filter::Not(inner) => negated(to, |to| write(to, place, inner))?,
        Filter::Test(test) => write_test(to, place, test)?,
        Filter::Inside(_) => return Err(unsupported("a condition inside a field")),
    }
    Ok(())
}

fn constant<D: Dialect>(to: &mut Statement<D>, value: bool) {
    to.push(if value { "1 = 1" } else { "1 = 0" });
}

fn negated<D: Dialect>(
    to: &mut Statement<D>,
    inner: impl FnOnce(&mut Statement<D>) -> Result<()>,
) -> Result<()> {
    to.push("(");
    inner(to)?;
    to.push(") IS NOT TRUE");
    Ok(())
}

fn chain<D: Dialect>(
    to: &mut Statement<D>,
    place: &Place<'_, D>,
    members: &[Filter],
    word: &str,
    empty: bool,
) -> Result<()> {
    if members.is_empty() {
        constant(to, empty);
        return Ok(());
    }
    to.push("(");
    if members.len() > FLAT {
        let (left, right) = members.split_at(members.len() / 2);
        chain(to, place, left, word, empty)?;
        to.push(word);
        chain(to, place, right, word, empty)?;
    } else {
        for (i, member) in members.iter().enumerate() {
            if i > 0 {
                to.push(word);
            }
            write(to, place, member)?;
        }
    }
    to.push(")");
    Ok(())
}

fn write_test<D: Dialect>(to: &mut Statement<D>, place: &Place<'_, D>, test: &Test) -> Result<()> {
    let Some((column, name)) = place.column(test.field) else {
        // A field beyond the row's end counts as null.
        constant(to, test.matches(&Value::Null));
        return Ok(());
    };
    match (&test.operand, test.op) {
        (Bound::One(value), Op::Ne) => negated(to, |to| equal(to, column, name, value)),
        (Bound::One(value), Op::Out) => negated(to, |to| among(to, column, name, as_list(value))),
        (Bound::Many(list), Op::Out) => negated(to, |to| among(to, column, name, list)),
        (Bound::Many(list), Op::In) => among(to, column, name, list),
        (Bound::Many(list), Op::Eq) => equal(to, column, name, &Value::from(list.clone())),
        (Bound::Many(list), Op::Ne) => {
            negated(to, |to| equal(to, column, name, &Value::from(list.clone())))
        }
        (Bound::Pattern(_) | Bound::Area(_), op) | (_, op @ (Op::Mod | Op::Size)) => {
            Err(unsupported(op.name()))
        }
        (Bound::Many(_), _) => {
            constant(to, false);
            Ok(())
        }
        (Bound::One(value), Op::Eq) => equal(to, column, name, value),
        (Bound::One(value), Op::In) => among(to, column, name, as_list(value)),
        (Bound::One(value), Op::Lt) => ordered(to, column, name, Relation::Lt, value),
        (Bound::One(value), Op::Le) => ordered(to, column, name, Relation::Le, value),
        (Bound::One(value), Op::Gt) => ordered(to, column, name, Relation::Gt, value),
        (Bound::One(value), Op::Ge) => ordered(to, column, name, Relation::Ge, value),
        (Bound::One(value), op) => text(to, (column, name, place.outer(test.field)), op, value),
    }
}

fn unsupported(what: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("this store does not run `{what}`"),
    )
}

fn as_list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

fn equal<D: Dialect>(
    to: &mut Statement<D>,
    column: &Column,
    name: &str,
    value: &Value,
) -> Result<()> {
    if value.is_null() {
        to.push(name).push(" IS NULL");
        return Ok(());
    }
    if column.kind == Kind::Json {
        let mark = to.loose_mark();
        D::json_same(&mut to.sql, name, &mark);
        return to.bind_only(Kind::Json, value);
    }
    ordered(to, column, name, Relation::Eq, value)
}

/// A comparison with a value that is not null.
fn ordered<D: Dialect>(
    to: &mut Statement<D>,
    column: &Column,
    name: &str,
    relation: Relation,
    value: &Value,
) -> Result<()> {
    if column.kind == Kind::Json {
        return json_ordered(to, name, relation, value);
    }
    match operand::fit(column.kind, relation, value) {
        Fit::Never => constant(to, false),
        Fit::Always => {
            to.push(name).push(" IS NOT NULL");
        }
        Fit::Test(relation, value) => {
            to.push(name)
                .push(relation.sql())
                .bind(column.kind, &value)?;
        }
    }
    Ok(())
}

fn json_ordered<D: Dialect>(
    to: &mut Statement<D>,
    name: &str,
    relation: Relation,
    value: &Value,
) -> Result<()> {
    let family = match value {
        Value::Bool(_) => JsonFamily::Bool,
        Value::I64(_) | Value::U64(_) | Value::F64(_) => JsonFamily::Number,
        Value::Text(_) => JsonFamily::Text,
        _ => {
            constant(to, false);
            return Ok(());
        }
    };
    to.push("(");
    D::json_is(&mut to.sql, name, family);
    to.push(" AND ");
    let mark = to.loose_mark();
    D::json_order(&mut to.sql, name, relation.sql().trim(), &mark);
    to.bind_only(Kind::Json, value)?;
    to.push(")");
    Ok(())
}

/// Membership in a list. Values that the column can't hold are left out, null is asked for by itself.
fn among<D: Dialect>(
    to: &mut Statement<D>,
    column: &Column,
    name: &str,
    list: &[Value],
) -> Result<()> {
    if column.kind == Kind::Json {
        return among_json(to, column, name, list);
    }
    let null = list.iter().any(Value::is_null);
    let fits = |value: &'_ Value| {
        matches!(
            operand::fit(column.kind, Relation::Eq, value),
            Fit::Test(..)
        )
    };
    let members: Vec<&Value> = list.iter().filter(|value| fits(value)).collect();
    let Some(last) = members.last() else {
        if null {
            to.push(name).push(" IS NULL");
        } else {
            constant(to, false);
        }
        return Ok(());
    };
    to.push("(").push(name).push(" IN (");
    // Filled up to a power of two with the last one, so that lists of many lengths share one prepared statement.
    let room = members.len().next_power_of_two();
    let room = if room <= 64 { room } else { members.len() };
    for place in 0..room {
        if place > 0 {
            to.push(", ");
        }
        let value = members.get(place).unwrap_or(last);
        if let Fit::Test(_, value) = operand::fit(column.kind, Relation::Eq, value) {
            to.bind(column.kind, &value)?;
        }
    }
    to.push(")");
    if null {
        to.push(" OR ").push(name).push(" IS NULL");
    }
    to.push(")");
    Ok(())
}

fn among_json<D: Dialect>(
    to: &mut Statement<D>,
    column: &Column,
    name: &str,
    list: &[Value],
) -> Result<()> {
    if list.is_empty() {
        constant(to, false);
        return Ok(());
    }
    if list.len() > FLAT {
        let (left, right) = list.split_at(list.len() / 2);
        to.push("(");
        among_json(to, column, name, left)?;
        to.push(" OR ");
        among_json(to, column, name, right)?;
        to.push(")");
        return Ok(());
    }
    to.push("(");
    for (i, value) in list.iter().enumerate() {
        if i > 0 {
            to.push(" OR ");
        }
        equal(to, column, name, value)?;
    }
    to.push(")");
    Ok(())
}

/// The operators on text, and `contains` on an array.
fn text<D: Dialect>(
    to: &mut Statement<D>,
    (column, name, outer): (&Column, &str, &str),
    op: Op,
    value: &Value,
) -> Result<()> {
    match (column.kind, value) {
        (Kind::Text, Value::Text(part)) => on_text(to, name, op, part),
        (Kind::Json, Value::Text(part)) => {
            // In a CASE the branches are only run where they apply.
            to.push("CASE WHEN ");
            D::json_is(&mut to.sql, name, JsonFamily::Text);
            to.push(" THEN ");
            on_text(to, &D::json_text(name), op, part)?;
            if op == Op::Contains {
                to.push(" WHEN ");
                has_element(to, outer, value)?;
            }
            to.push(" ELSE 0 END");
            Ok(())
        }
        (Kind::Json, value) if op == Op::Contains => {
            to.push("CASE WHEN ");
            has_element(to, outer, value)?;
            to.push(" ELSE 0 END");
            Ok(())
        }
        _ => {
            constant(to, false);
            Ok(())
        }
    }
}

/// `<is an array> THEN <has the element>`.
fn has_element<D: Dialect>(to: &mut Statement<D>, name: &str, value: &Value) -> Result<()> {
    D::json_is(&mut to.sql, name, JsonFamily::Array);
    to.push(" THEN ");
    let mark = to.loose_mark();
    D::json_has(&mut to.sql, name, &mark);
    // An element that is null is the JSON text `null`, where a field that is null is SQL's NULL.
    match value {
        Value::Null => to.bind_only(Kind::Text, &Value::from("null")),
        value => to.bind_only(Kind::Json, value),
    }
}

fn on_text<D: Dialect>(to: &mut Statement<D>, name: &str, op: Op, part: &str) -> Result<()> {
    if part.is_empty() && op != Op::EqIgnoreCase {
        to.push(name).push(" IS NOT NULL");
        return Ok(());
    }
    let value = Value::from(part);
    match op {
        Op::StartsWith => {
            // A range, which an index can answer.
            to.push("(")
                .push(name)
                .push(" >= ")
                .bind(Kind::Text, &value)?;
            if let Some(end) = operand::after_prefix(part) {
                to.push(" AND ")
                    .push(name)
                    .push(" < ")
                    .bind(Kind::Text, &Value::from(end))?;
            }
            to.push(")");
            Ok(())
        }
        Op::EndsWith => {
            let mark = to.loose_mark();
            D::ends_with(&mut to.sql, name, &mark, part.len());
            D::bind_bytes(&mut to.args, part.as_bytes());
            Ok(())
        }
        Op::Contains => {
            let mark = to.loose_mark();
            D::has_text(&mut to.sql, name, &mark);
            to.bind_only(Kind::Text, &value)
        }
        Op::EqIgnoreCase => {
            let mark = to.loose_mark();
            D::same_letters(&mut to.sql, name, &mark);
            to.bind_only(Kind::Text, &value)
        }
        _ => {
            constant(to, false);
            Ok(())
        }
    }
}
