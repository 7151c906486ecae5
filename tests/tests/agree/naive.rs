//! The naive store: a list of all records, looked at one by one.

use std::cmp::Ordering;

use larder_core::store::{Aggregate, Grouping};
use larder_core::{Page, Row, Select};
use larder_query::{Decimal, Value};

use super::world::{ID, World, things};

/// A record with the fields of all that it leads to behind its own.
pub(crate) type Wide = (Row, Vec<Value>);

/// All records that match, in order.
pub(crate) fn sorted(world: &World, select: &Select) -> Vec<Wide> {
    let mut wide: Vec<Wide> = world
        .things
        .iter()
        .filter(|row| {
            select
                .key
                .as_ref()
                .is_none_or(|key| row.get(ID).same(key.value()))
        })
        .map(|row| (row.clone(), widened(world, select, row)))
        .filter(|(_, values)| select.filter.matches(values))
        .collect();
    wide.sort_by(|a, b| order(select, &a.1, &b.1));
    wide
}

fn widened(world: &World, select: &Select, row: &Row) -> Vec<Value> {
    let mut values = row.values.clone();
    for join in &select.joins {
        let link = values[join.link].clone();
        let all = if join.layout.collection == things().collection {
            &world.things
        } else {
            &world.makers
        };
        let found = all
            .iter()
            .find(|other| !link.is_null() && other.get(ID).same(&link));
        match found.filter(|found| join.readable.matches(&found.values)) {
            Some(found) => values.extend(found.values.iter().cloned()),
            None => values.extend(join.layout.fields.iter().map(|_| Value::Null)),
        }
    }
    values
}

fn order(select: &Select, a: &[Value], b: &[Value]) -> Ordering {
    for by in &select.sort {
        let order = a[by.field].total_cmp(&b[by.field]);
        let order = if by.descending {
            order.reverse()
        } else {
            order
        };
        if order.is_ne() {
            return order;
        }
    }
    a[ID].total_cmp(&b[ID])
}

pub(crate) fn answer(world: &World, select: &Select) -> Page {
    let rows = sorted(world, select);
    if let Some(group) = &select.group {
        return groups(&rows, group, select);
    }
    let total = select.total.then_some(rows.len() as u64);
    let behind = rows.into_iter().filter(|(_, values)| match &select.after {
        None => true,
        Some(after) => {
            let mut place = values.clone();
            for (by, value) in select.order().iter().zip(&after.values) {
                place[by.field] = value.clone();
            }
            order(select, values, &place).is_gt()
        }
    });
    let limit = select.limit.map_or(usize::MAX, |limit| limit as usize);
    Page {
        rows: behind
            .map(|(row, _)| row)
            .skip(select.skip as usize)
            .take(limit)
            .collect(),
        total,
        ..Page::default()
    }
}

fn groups(rows: &[Wide], group: &Grouping, select: &Select) -> Page {
    let mut found: Vec<(Vec<Value>, Vec<&Wide>)> = Vec::new();
    if group.by.is_empty() {
        found.push((Vec::new(), Vec::new()));
    }
    for row in rows {
        let shared: Vec<Value> = group.by.iter().map(|field| row.1[*field].clone()).collect();
        let same = |other: &[Value]| shared.iter().zip(other).all(|(a, b)| a.same(b));
        match found.iter().position(|(other, _)| same(other)) {
            Some(at) => found[at].1.push(row),
            None => found.push((shared, vec![row])),
        }
    }
    let mut groups: Vec<Vec<Value>> = found
        .into_iter()
        .map(|(mut values, rows)| {
            values.extend(group.results.iter().map(|result| computed(&rows, *result)));
            values
        })
        .collect();
    groups.sort_by(|a, b| {
        let sort = select.sort.iter().map(|by| (by.field, by.descending));
        let ties = (0..group.by.len()).map(|field| (field, false));
        for (field, descending) in sort.chain(ties) {
            let order = a[field].total_cmp(&b[field]);
            let order = if descending { order.reverse() } else { order };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    });
    let total = select.total.then_some(groups.len() as u64);
    let limit = select.limit.map_or(usize::MAX, |limit| limit as usize);
    Page {
        groups: groups
            .into_iter()
            .skip(select.skip as usize)
            .take(limit)
            .collect(),
        total,
        ..Page::default()
    }
}

fn computed(rows: &[&Wide], result: Aggregate) -> Value {
    let values = |field: usize| {
        rows.iter()
            .map(move |row| row.1[field].clone())
            .filter(|value| !value.is_null())
    };
    match result {
        Aggregate::Count => Value::from(rows.len() as u64),
        Aggregate::Min(field) => values(field).min_by(Value::total_cmp).unwrap_or_default(),
        Aggregate::Max(field) => values(field).max_by(Value::total_cmp).unwrap_or_default(),
        Aggregate::Sum(field) => sum(values(field)).0,
        Aggregate::Mean(field) => {
            let (sum, count) = sum(values(field));
            let whole = match sum {
                Value::Decimal(sum) => sum.to_string().parse().unwrap(),
                other => other.as_f64().unwrap_or_default(),
            };
            if count == 0 {
                Value::Null
            } else {
                Value::F64(whole / count as f64)
            }
        }
    }
}

/// The sum, and of how many.
fn sum(values: impl Iterator<Item = Value>) -> (Value, u64) {
    let (mut whole, mut float, mut thousandths) = (0_i128, None, None);
    let mut count = 0;
    for value in values {
        count += 1;
        match value {
            Value::I64(n) => whole += i128::from(n),
            Value::U64(n) => whole += i128::from(n),
            Value::F64(f) => *float.get_or_insert(0.0) += f,
            Value::Decimal(d) => {
                let unit = 10_i128.pow(3 - u32::from(d.scale()));
                *thousandths.get_or_insert(0) += d.mantissa() * unit;
            }
            _ => count -= 1,
        }
    }
    let sum = match (count, thousandths, float) {
        (0, _, _) => Value::Null,
        (_, Some(sum), _) => Value::Decimal(Decimal::new(sum, 3).unwrap()),
        (_, _, Some(float)) => Value::F64(float + whole as f64),
        _ => i64::try_from(whole)
            .map(Value::from)
            .or_else(|_| u64::try_from(whole).map(Value::from))
            .unwrap_or(Value::F64(whole as f64)),
    };
    (sum, count)
}
