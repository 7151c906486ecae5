//! Filters as SQL conditions.
//!
//! A filter is two-valued, SQL has three values. A test of its own may come to NULL for a null field, which counts as
//! "no" in a `WHERE`, also under `AND` and `OR`. Only a *not* would tell the difference, so the negation of anything is
//! `(..) IS NOT TRUE`, which is never NULL.
//!
//! What is written lets every match pass. For most filters it lets nothing else pass either; which these are, and what is
//! left to test in memory for the others, is in [`split`](super::split). Only those may stand under a *not*.

use std::borrow::Cow;

use larder_core::{Column, Kind, Result};
use larder_query::{Bound, Filter, Op, Test, Value};

use super::column::At;
use super::operand::{self, Fit, Relation};
use super::source::{Linked, Source};
use super::{Statement, Table, inside, scan};
use crate::dialect::{Dialect, JsonFamily};
use crate::shape::Shape;

/// Members of an `AND` or `OR` beyond which they are put in parentheses by halves: databases limit the depth of an
/// expression, and read a long chain as a deep one.
const FLAT: usize = 16;

/// Where a filter stands: what its fields are called there.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a, D: Dialect> {
    /// A statement on one table, with bare names.
    Bare(&'a Table<D>),
    /// The same where a bare name would be ambiguous.
    Qualified(&'a Table<D>),
    /// A read of a table with its joins.
    Source(&'a Source<'a, D>),
    /// A linked record alone.
    Linked(&'a Linked<D>),
    /// One JSON value, called like this.
    Value(&'a str),
}

impl<'a, D: Dialect> Place<'a, D> {
    /// The column of a field; none beyond the last one.
    pub(crate) fn at(&self, field: usize) -> Option<At<'a>> {
        let of = |table: &'a Table<D>, names: &'a [String]| {
            let column: &Column = table.layout.fields.get(field)?;
            Some(At {
                kind: column.kind,
                name: names.get(field)?,
                outer: table.qualified.get(field)?,
                nullable: column.nullable,
                shape: table.shape(field),
            })
        };
        match *self {
            Self::Bare(table) => of(table, &table.columns),
            Self::Qualified(table) => of(table, &table.qualified),
            Self::Source(source) => source.at(field),
            Self::Linked(linked) => linked.at(field),
            Self::Value(name) => (field == 0).then_some(At {
                kind: Kind::Json,
                name,
                outer: name,
                nullable: true,
                shape: &Shape::USUAL,
            }),
        }
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
        Filter::Inside(inside) => inside::write(to, place, inside)?,
    }
    Ok(())
}

pub(super) fn constant<D: Dialect>(to: &mut Statement<D>, value: bool) {
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
    let Some(at) = place.at(test.field) else {
        // A field beyond the row's end counts as null.
        constant(to, test.matches(&Value::Null));
        return Ok(());
    };
    if at.kind == Kind::Json && !D::LOOKS_INTO_JSON && !D::decides(at.kind, test) {
        if test.matches(&Value::Null) {
            constant(to, true);
        } else {
            to.push(at.name).push(" IS NOT NULL");
        }
        return Ok(());
    }
    match (&test.operand, test.op) {
        (Bound::One(value), Op::Ne) => negated(to, |to| equal(to, at, value)),
        (Bound::One(value), Op::Out) => negated(to, |to| among(to, at, as_list(value))),
        (Bound::Many(list), Op::Out) => negated(to, |to| among(to, at, list)),
        (Bound::Many(list), Op::In) => among(to, at, list),
        (Bound::Many(list), Op::Eq) => equal(to, at, &Value::from(list.clone())),
        (Bound::Many(list), Op::Ne) => negated(to, |to| equal(to, at, &Value::from(list.clone()))),
        (Bound::Many(list), Op::Mod) => scan::remainder(to, at, list),
        (Bound::One(value), Op::Size) => scan::size(to, at, value),
        (Bound::Pattern(pattern), Op::Match) => scan::pattern(to, at, pattern),
        (Bound::Area(area), Op::Within) => scan::within(to, at, area),
        (Bound::Many(_) | Bound::Pattern(_) | Bound::Area(_), _)
        | (_, Op::Mod | Op::Match | Op::Within) => {
            constant(to, false);
            Ok(())
        }
        (Bound::One(value), Op::Eq) => equal(to, at, value),
        (Bound::One(value), Op::In) => among(to, at, as_list(value)),
        (Bound::One(value), Op::Lt) => ordered(to, at, Relation::Lt, value),
        (Bound::One(value), Op::Le) => ordered(to, at, Relation::Le, value),
        (Bound::One(value), Op::Gt) => ordered(to, at, Relation::Gt, value),
        (Bound::One(value), Op::Ge) => ordered(to, at, Relation::Ge, value),
        (Bound::One(value), op) => text(to, at, op, value),
    }
}

fn as_list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

fn equal<D: Dialect>(to: &mut Statement<D>, at: At<'_>, value: &Value) -> Result<()> {
    if value.is_null() {
        to.push(at.name).push(" IS NULL");
        return Ok(());
    }
    if at.kind == Kind::Json {
        if !is_json::<D>(value) {
            constant(to, false);
            return Ok(());
        }
        let mark = to.loose_mark();
        D::json_same(&mut to.sql, at.name, &mark);
        return to.bind_only(Kind::Json, value);
    }
    ordered(to, at, Relation::Eq, value)
}

/// Whether JSON can hold a value as what it is: an instant, say, would become text, and then equal one.
fn is_json<D: Dialect>(value: &Value) -> bool {
    let text = |text: &str| D::NUL_IN_TEXT || !text.contains('\0');
    match value {
        Value::Null | Value::Bool(_) | Value::I64(_) | Value::U64(_) => true,
        // JSON has no infinite numbers.
        Value::F64(number) => number.is_finite(),
        Value::Text(part) => text(part),
        Value::Array(items) => items.iter().all(is_json::<D>),
        Value::Object(object) => object
            .iter()
            .all(|(name, value)| text(name) && is_json::<D>(value)),
        Value::Bytes(_)
        | Value::Instant(_)
        | Value::Date(_)
        | Value::Uuid(_)
        | Value::Decimal(_) => false,
    }
}

/// A comparison with a value that is not null.
fn ordered<D: Dialect>(
    to: &mut Statement<D>,
    at: At<'_>,
    relation: Relation,
    value: &Value,
) -> Result<()> {
    if at.kind == Kind::Json {
        return json_ordered(to, at.name, relation, value);
    }
    match operand::fit::<D>(&at, relation, value) {
        Fit::Never => constant(to, false),
        Fit::Always => {
            to.push(at.name).push(" IS NOT NULL");
        }
        Fit::Test(Relation::Eq, value) => {
            to.equals(&at, &value)?;
        }
        Fit::Test(relation, value) => {
            to.sortable(&at).push(relation.sql()).operand(&at, &value)?;
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
        Value::F64(number) if !number.is_finite() => {
            // Every number is below what is infinite, or above it.
            match operand::fit_kind::<D>(Kind::Float, relation, value) {
                Fit::Always => D::json_is(&mut to.sql, name, JsonFamily::Number),
                Fit::Never | Fit::Test(..) => constant(to, false),
            }
            return Ok(());
        }
        Value::Bool(_) => JsonFamily::Bool,
        Value::I64(_) | Value::U64(_) | Value::F64(_) => JsonFamily::Number,
        Value::Text(_) => JsonFamily::Text,
        _ => {
            constant(to, false);
            return Ok(());
        }
    };
    let Some((relation, value)) = operand::without_nul::<D>(relation, value) else {
        constant(to, false);
        return Ok(());
    };
    to.push("(");
    D::json_is(&mut to.sql, name, family);
    to.push(" AND ");
    let mark = to.loose_mark();
    D::json_order(
        &mut to.sql,
        name,
        relation.sql().trim(),
        &mark,
        Some(family),
    );
    to.bind_only(Kind::Json, &value)?;
    to.push(")");
    Ok(())
}

/// Membership in a list. Values that the column can't hold are left out, null is asked for by itself.
fn among<D: Dialect>(to: &mut Statement<D>, at: At<'_>, list: &[Value]) -> Result<()> {
    if at.kind == Kind::Json {
        return among_json(to, at, list);
    }
    let name = at.name;
    let null = list.iter().any(Value::is_null);
    let fits = list
        .iter()
        .filter_map(|value| match operand::fit::<D>(&at, Relation::Eq, value) {
            Fit::Test(_, value) => Some(value),
            Fit::Never | Fit::Always => None,
        });
    let mut members: Vec<Cow<'_, Value>> = fits.collect();
    let Some(last) = members.last().cloned() else {
        if null {
            to.push(name).push(" IS NULL");
        } else {
            constant(to, false);
        }
        return Ok(());
    };
    // Filled up to a power of two with the last one, so that lists of many lengths share one prepared statement.
    let room = members.len().next_power_of_two();
    if room <= 64 {
        members.resize(room, last);
    }
    to.push("(").one_of(&at, &members)?;
    if null {
        to.push(" OR ").push(name).push(" IS NULL");
    }
    to.push(")");
    Ok(())
}

fn among_json<D: Dialect>(to: &mut Statement<D>, at: At<'_>, list: &[Value]) -> Result<()> {
    if list.is_empty() {
        constant(to, false);
        return Ok(());
    }
    if list.len() > FLAT {
        let (left, right) = list.split_at(list.len() / 2);
        to.push("(");
        among_json(to, at, left)?;
        to.push(" OR ");
        among_json(to, at, right)?;
        to.push(")");
        return Ok(());
    }
    to.push("(");
    for (i, value) in list.iter().enumerate() {
        if i > 0 {
            to.push(" OR ");
        }
        equal(to, at, value)?;
    }
    to.push(")");
    Ok(())
}

/// The operators on text, and `contains` on an array.
pub(super) fn text<D: Dialect>(
    to: &mut Statement<D>,
    at: At<'_>,
    op: Op,
    value: &Value,
) -> Result<()> {
    if matches!(value, Value::Text(part) if !D::NUL_IN_TEXT && part.contains('\0')) {
        constant(to, false);
        return Ok(());
    }
    match (at.kind, value) {
        (Kind::Text, Value::Text(part)) => on_text(to, &at, op, part),
        (Kind::Json, Value::Text(part)) => {
            // In a CASE the branches are only run where they apply.
            to.push("CASE WHEN ");
            D::json_is(&mut to.sql, at.name, JsonFamily::Text);
            to.push(" THEN ");
            let text = D::json_text(at.name);
            let inner = At {
                kind: Kind::Text,
                name: &text,
                ..at
            };
            on_text(to, &inner, op, part)?;
            if op == Op::Contains {
                to.push(" WHEN ");
                has_element(to, at.outer, value)?;
            }
            to.push(" ELSE FALSE END");
            Ok(())
        }
        (Kind::Json, value) if op == Op::Contains && is_json::<D>(value) => {
            to.push("CASE WHEN ");
            has_element(to, at.outer, value)?;
            to.push(" ELSE FALSE END");
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

fn on_text<D: Dialect>(to: &mut Statement<D>, at: &At<'_>, op: Op, part: &str) -> Result<()> {
    if part.is_empty() && op != Op::EqIgnoreCase {
        to.push(at.name).push(" IS NOT NULL");
        return Ok(());
    }
    let value = Value::from(part);
    let exact = at.shape.exact(at.name);
    match op {
        Op::StartsWith => {
            to.push("(");
            to.may_start_with(at, part)?;
            // A range, which an index can answer.
            to.sortable(at).push(" >= ").operand(at, &value)?;
            if let Some(end) = operand::after_prefix(part) {
                to.push(" AND ");
                to.sortable(at).push(" < ").operand(at, &Value::from(end))?;
            }
            to.push(")");
            Ok(())
        }
        Op::EndsWith => D::ends_with(to, &exact, part),
        Op::Contains => {
            let mark = to.loose_mark();
            D::has_text(&mut to.sql, &exact, &mark);
            to.bind_only(Kind::Text, &value)
        }
        Op::EqIgnoreCase => D::same_letters(to, &exact, part),
        _ => {
            constant(to, false);
            Ok(())
        }
    }
}
