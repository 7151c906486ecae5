//! Groups, and one value made of many rows.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::lookup::Lookup;
use super::shape::place_into;
use crate::query::{Group, Reducer};
use crate::{Object, Value};

/// What the rows of a group share; equal where [`Value::same`] holds.
struct Key<'r>(Vec<&'r Value>);

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| a.total_cmp(b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key<'_> {}

/// The groups in the order of their first rows: each an object of what it shares and what was computed.
pub(super) fn grouped(group: &Group, rows: &[&Value]) -> Vec<Value> {
    let by: Vec<Lookup> = group
        .by
        .iter()
        .map(|path| Lookup::new(&path.steps))
        .collect();
    let mut places: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Value>> = Vec::new();
    if by.is_empty() {
        // All rows are one group, also where there are none: its count is 0.
        groups.push(rows.to_vec());
    } else {
        for row in rows {
            let key = Key(by.iter().map(|path| path.find(row)).collect());
            let place = *places.entry(key).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Vec::new());
            }
            groups[place].push(row);
        }
    }
    groups.iter().map(|rows| one(group, &by, rows)).collect()
}

fn one(group: &Group, by: &[Lookup], rows: &[&Value]) -> Value {
    let mut object = Object::with_capacity(by.len() + group.results.len());
    for path in by {
        let value = rows.first().map_or(&Value::Null, |row| path.find(row));
        place_into(&mut object, path.steps(), value.clone());
    }
    for result in &group.results {
        object.insert(result.name.as_str(), reduced(&result.reducer, rows));
    }
    object.into()
}

/// One value made of rows.
pub(super) fn reduced(reducer: &Reducer, rows: &[&Value]) -> Value {
    let values = |path: &crate::Path| {
        let lookup = Lookup::new(&path.steps);
        rows.iter()
            .map(move |row| lookup.find(row))
            .filter(|value| !value.is_null())
    };
    match reducer {
        Reducer::Count => Value::from(rows.len() as u64),
        Reducer::Sum(path) => Sum::of(values(path)).total(),
        Reducer::Mean(path) => Sum::of(values(path)).mean(),
        // Of equal ones, such as 1 and 1.0, the first.
        Reducer::Min(path) => values(path)
            .reduce(|a, b| if b.total_cmp(a).is_lt() { b } else { a })
            .cloned()
            .unwrap_or_default(),
        Reducer::Max(path) => values(path)
            .reduce(|a, b| if b.total_cmp(a).is_gt() { b } else { a })
            .cloned()
            .unwrap_or_default(),
    }
}

/// Numbers being added. Whole numbers add up exactly; what is no number is passed over.
#[derive(Default)]
struct Sum {
    whole: i128,
    floating: f64,
    has_floating: bool,
    count: u64,
}

impl Sum {
    fn of<'r>(values: impl Iterator<Item = &'r Value>) -> Self {
        let mut sum = Self::default();
        for value in values {
            match value {
                Value::I64(number) => sum.whole += i128::from(*number),
                Value::U64(number) => sum.whole += i128::from(*number),
                Value::F64(number) => {
                    sum.floating += number;
                    sum.has_floating = true;
                }
                _ => continue,
            }
            sum.count += 1;
        }
        sum
    }

    fn as_f64(&self) -> f64 {
        self.whole as f64 + self.floating
    }

    /// Null if there was nothing to add.
    fn total(&self) -> Value {
        if self.count == 0 {
            return Value::Null;
        }
        if self.has_floating {
            return Value::F64(self.as_f64());
        }
        match (i64::try_from(self.whole), u64::try_from(self.whole)) {
            (Ok(whole), _) => Value::from(whole),
            (_, Ok(whole)) => Value::from(whole),
            _ => Value::F64(self.as_f64()),
        }
    }

    fn mean(&self) -> Value {
        match self.count {
            0 => Value::Null,
            count => Value::F64(self.as_f64() / count as f64),
        }
    }
}
