//! Groups of records, where SQL can compute them exactly.
//!
//! A sum of whole numbers is taken as two sums, of what is left of each number divided by 10^10 and of what remains, since SQL's own
//! sum fails beyond 64 bits. Floats are taken as two sums where SQL's own fails beyond the range of floats: of the large ones in a
//! unit of theirs, and of the others. Sums of decimals, and all of JSON but its least and greatest value, are left to the memory.

use larder_core::store::Sum;
use larder_core::{Aggregate, Grouping, Kind, Result};
use larder_query::Value;

use super::ask::Ask;
use super::filter::At;
use super::{Statement, select};
use crate::dialect::Dialect;

/// The unit of the two sums.
pub(crate) const UNIT: i128 = 10_000_000_000;

/// The unit of large floats, 2^64: to divide by it costs them no digit.
const LARGE_UNIT: f64 = 18_446_744_073_709_551_616.0;

/// Whether SQL can compute the groups of a read.
pub(crate) fn is_whole<D: Dialect>(ask: &Ask<'_, D>, group: &Grouping) -> bool {
    let computed = |result: &Aggregate| match *result {
        Aggregate::Count => true,
        Aggregate::Min(field) | Aggregate::Max(field) => knows(ask, field),
        Aggregate::Sum(field) | Aggregate::Mean(field) => match ask.kind_of(field) {
            Some(Kind::Int | Kind::Uint | Kind::Float) => true,
            _ => false,
        },
    };
    let known = |field: &usize| knows(ask, *field);
    ask.is_filtered() && group.by.iter().all(known) && group.results.iter().all(computed)
}

/// Whether SQL knows the values of a field, and an order among them.
fn knows<D: Dialect>(ask: &Ask<'_, D>, field: usize) -> bool {
    match ask.kind_of(field) {
        Some(Kind::Json) => D::JSON_SORTS,
        kind => kind.is_some(),
    }
}

/// Whether SQL can sort and page the groups: it does not see the sums.
pub(crate) fn pages<D: Dialect>(ask: &Ask<'_, D>, group: &Grouping) -> bool {
    let sorts = |place: usize| match place.checked_sub(group.by.len()) {
        None => true,
        Some(result) => matches!(
            group.results.get(result),
            Some(Aggregate::Count | Aggregate::Min(_) | Aggregate::Max(_))
        ),
    };
    !group.by.is_empty() && ask.select.sort.iter().all(|by| sorts(by.field))
}

/// All groups, or the page of them. If it is paged and counted, the last column is the total.
pub(crate) fn groups<D: Dialect>(ask: &Ask<'_, D>, group: &Grouping) -> Result<Statement<D>> {
    let mut to = Statement::<D>::new("SELECT COUNT(*)");
    for field in &group.by {
        to.push(", ").push(name(ask, *field));
    }
    for result in &group.results {
        write_result(&mut to, ask, *result);
    }
    let paged = pages(ask, group);
    if paged && ask.select.total {
        to.push(", (");
        write_count(&mut to, ask, group)?;
        to.push(")");
    }
    ask.from(&mut to, false)?;
    shared(&mut to, " GROUP BY ", ask, group);
    if paged {
        to.push(" ORDER BY ");
        for by in &ask.select.sort {
            let result = by.field.checked_sub(group.by.len());
            match result.and_then(|at| group.results.get(at)) {
                None => write_shared(&mut to, ask, group.by.get(by.field), by.descending),
                Some(result) => write_sorted(&mut to, ask, *result, by.descending),
            }
            to.push(", ");
        }
        for (place, field) in group.by.iter().enumerate() {
            to.push(if place > 0 { ", " } else { "" });
            write_shared(&mut to, ask, Some(field), false);
        }
        select::window(&mut to, ask.select)?;
    }
    Ok(to)
}

/// How many groups there are.
pub(crate) fn count<D: Dialect>(ask: &Ask<'_, D>, group: &Grouping) -> Result<Statement<D>> {
    let mut to = Statement::<D>::new("");
    write_count(&mut to, ask, group)?;
    Ok(to)
}

fn write_count<D: Dialect>(
    to: &mut Statement<D>,
    ask: &Ask<'_, D>,
    group: &Grouping,
) -> Result<()> {
    to.push("SELECT COUNT(*) FROM (SELECT 1");
    ask.from(to, false)?;
    shared(to, " GROUP BY ", ask, group);
    to.push(") AS larder_groups");
    Ok(())
}

/// The columns that a group shares, after `word`; nothing if there are none.
fn shared<D: Dialect>(to: &mut Statement<D>, word: &str, ask: &Ask<'_, D>, group: &Grouping) {
    for (place, field) in group.by.iter().enumerate() {
        to.push(if place > 0 { ", " } else { word });
        match ask.source.at(*field) {
            Some(At { kind, name, .. }) => D::groupable(&mut to.sql, kind, name),
            // A constant by itself would be the number of a column.
            None => {
                to.push("(SELECT NULL)");
            }
        }
    }
}

/// A shared column in the order of values.
fn write_shared<D: Dialect>(
    to: &mut Statement<D>,
    ask: &Ask<'_, D>,
    field: Option<&usize>,
    descending: bool,
) {
    match field.and_then(|field| ask.source.at(*field)) {
        Some(at) => {
            D::sortable(&mut to.sql, at.kind, at.name);
            D::direction(&mut to.sql, at.nullable, descending);
        }
        None => {
            to.push("(SELECT NULL)");
        }
    }
}

fn write_sorted<D: Dialect>(
    to: &mut Statement<D>,
    ask: &Ask<'_, D>,
    result: Aggregate,
    descending: bool,
) {
    let kind = result.field().and_then(|field| ask.kind_of(field));
    let of = |word: &str, field| extreme(ask, word, field);
    let column = match result {
        Aggregate::Min(field) => of("MIN", field),
        Aggregate::Max(field) => of("MAX", field),
        _ => "COUNT(*)".to_owned(),
    };
    // The collation of an argument is not that of the result.
    D::sortable(&mut to.sql, kind.unwrap_or(Kind::Int), &column);
    D::direction(&mut to.sql, true, descending);
}

fn extreme<D: Dialect>(ask: &Ask<'_, D>, word: &str, field: usize) -> String {
    let Some(at) = ask.source.at(field) else {
        return "NULL".to_owned();
    };
    let mut column = String::new();
    D::sortable(&mut column, at.kind, at.name);
    D::extreme(word, at.kind, &column)
}

fn write_result<D: Dialect>(to: &mut Statement<D>, ask: &Ask<'_, D>, result: Aggregate) {
    to.push(", ");
    match result {
        Aggregate::Count => {
            to.push("COUNT(*)");
        }
        Aggregate::Min(field) => {
            to.push(&extreme(ask, "MIN", field));
        }
        Aggregate::Max(field) => {
            to.push(&extreme(ask, "MAX", field));
        }
        Aggregate::Sum(field) | Aggregate::Mean(field) => {
            let column = name(ask, field);
            to.push("COUNT(").push(column).push(")");
            if ask.kind_of(field) == Some(Kind::Float) {
                write_floats(to, column);
                return;
            }
            for part in D::whole_parts(ask.kind_of(field).unwrap_or(Kind::Int), column) {
                to.push(", ").push(&D::sum_of_whole(&part));
            }
        }
    }
}

/// The sum of a column of floats, or those of its large and its other values.
fn write_floats<D: Dialect>(to: &mut Statement<D>, column: &str) {
    if D::SUMS_FLOATS {
        to.push(", SUM(").push(column).push(")");
        return;
    }
    let large = format!("ABS({column}) > 1e200");
    // Times 1: the sum of short floats would be a short one.
    to.push(&format!(
        ", SUM(CASE WHEN {large} THEN {column} / {LARGE_UNIT:e} END), SUM(CASE WHEN {large} THEN 0e0 ELSE {column} * 1e0 END)"
    ));
}

fn name<'p, D: Dialect>(ask: &'p Ask<'_, D>, field: usize) -> &'p str {
    ask.source.at(field).map_or("NULL", |at| at.name)
}

/// The columns of a group that came back, read one after the other.
pub(crate) trait Columns {
    /// The value of a kind in the next column.
    fn value(&mut self, kind: Kind) -> Result<Value>;
    /// The whole number in the next column; 0 for NULL.
    fn number(&mut self) -> Result<i64>;
    /// The float in the next column; NULL, which it also is for what is no number, for none.
    fn float(&mut self) -> Result<Option<f64>>;
}

/// A group out of its columns, behind the first.
pub(crate) fn read<D: Dialect>(
    ask: &Ask<'_, D>,
    group: &Grouping,
    columns: &mut impl Columns,
) -> Result<Vec<Value>> {
    let mut values = Vec::with_capacity(group.by.len() + group.results.len());
    let kind = |field: usize| ask.kind_of(field).unwrap_or(Kind::Json);
    for field in &group.by {
        values.push(columns.value(kind(*field))?);
    }
    for result in &group.results {
        values.push(match *result {
            Aggregate::Count => Value::from(columns.number()?),
            Aggregate::Min(field) | Aggregate::Max(field) => columns.value(kind(field))?,
            Aggregate::Sum(field) => sum::<D>(kind(field), columns)?.total(),
            Aggregate::Mean(field) => sum::<D>(kind(field), columns)?.mean(),
        });
    }
    Ok(values)
}

fn sum<D: Dialect>(kind: Kind, columns: &mut impl Columns) -> Result<Sum> {
    let mut sum = Sum::default();
    let count = u64::try_from(columns.number()?).unwrap_or_default();
    if kind == Kind::Float {
        let total = if D::SUMS_FLOATS {
            columns.float()?.unwrap_or(f64::NAN)
        } else {
            let large = columns.float()?.unwrap_or_default();
            large * LARGE_UNIT + columns.float()?.unwrap_or_default()
        };
        sum.add_float(total, count);
    } else {
        let (units, rest) = (columns.number()?, columns.number()?);
        sum.add_whole(i128::from(units) * UNIT + i128::from(rest), count);
    }
    Ok(sum)
}
