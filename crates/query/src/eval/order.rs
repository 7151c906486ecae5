//! Sorting: stable, by a total order, null and missing first, and no further than the page needs.

use std::cmp::Ordering;

use super::lookup::Lookup;
use crate::Value;
use crate::query::Sort;

/// The keys of an order.
#[derive(Debug)]
pub(super) struct Order {
    keys: Vec<(Lookup, bool)>,
}

/// A row with what it is sorted by first, and its place before.
struct Entry<'r> {
    /// In the order of `key`, but for values that it can't tell apart.
    prefix: u128,
    key: &'r Value,
    at: usize,
    row: &'r Value,
}

/// The rows that are needed, in order, and how many there were.
pub(super) struct Taken<'r> {
    pub(super) rows: Vec<&'r Value>,
    pub(super) all: usize,
}

impl Order {
    pub(super) fn new(keys: &[Sort]) -> Self {
        let keys = keys
            .iter()
            .map(|key| (Lookup::new(&key.path.steps), key.descending))
            .collect();
        Self { keys }
    }

    /// The paths that it looks at in rows.
    pub(super) fn lookups(&self) -> impl Iterator<Item = &Lookup> {
        self.keys.iter().map(|(lookup, _)| lookup)
    }

    /// The first `needed` rows in this order. Unless `counted`, it may stop as soon as it has them.
    pub(super) fn take<'r>(
        &self,
        mut rows: impl Iterator<Item = &'r Value>,
        needed: usize,
        counted: bool,
    ) -> Taken<'r> {
        let Some((first, rest)) = self.keys.split_first() else {
            let taken: Vec<&Value> = rows.by_ref().take(needed).collect();
            let more = if counted { rows.count() } else { 0 };
            return Taken {
                all: taken.len() + more,
                rows: taken,
            };
        };
        if needed == 0 {
            return Taken {
                rows: Vec::new(),
                all: rows.count(),
            };
        }
        let (lookup, descending) = first;
        let compare = |a: &Entry<'_>, b: &Entry<'_>| {
            let first = a
                .prefix
                .cmp(&b.prefix)
                .then_with(|| turned(a.key.total_cmp(b.key), *descending));
            // The place before decides among equals, so an unstable sort is stable.
            first
                .then_with(|| by_rest(rest, a.row, b.row))
                .then_with(|| a.at.cmp(&b.at))
        };
        let mut best: Vec<Entry<'r>> = Vec::new();
        // Twice as many as needed are gathered, then the worse half goes, and from then on what is worse than the rest stays out.
        let room = needed.saturating_mul(2).max(64);
        let mut full = false;
        let mut all = 0;
        for (at, row) in rows.enumerate() {
            all = at + 1;
            let key = lookup.find(row);
            let prefix = if *descending {
                !prefix(key)
            } else {
                prefix(key)
            };
            let entry = Entry {
                prefix,
                key,
                at,
                row,
            };
            if full && compare(&entry, &best[needed - 1]).is_gt() {
                continue;
            }
            best.push(entry);
            if best.len() >= room {
                best.select_nth_unstable_by(needed - 1, compare);
                best.truncate(needed);
                full = true;
            }
        }
        best.sort_unstable_by(compare);
        best.truncate(needed);
        Taken {
            rows: best.iter().map(|entry| entry.row).collect(),
            all,
        }
    }
}

/// A number in the same order as [`Value::total_cmp`], as far as 16 bytes go.
fn prefix(value: &Value) -> u128 {
    let (rank, rest) = match value {
        Value::Null => (0, 0),
        Value::Bool(truth) => (1, u128::from(*truth)),
        Value::I64(_) | Value::U64(_) | Value::F64(_) => (2, number(value.as_f64().unwrap_or(0.0))),
        Value::Text(text) => {
            let mut bytes = [0; 16];
            let len = text.len().min(15);
            bytes[1..=len].copy_from_slice(&text.as_bytes()[..len]);
            (3, u128::from_be_bytes(bytes))
        }
        _ => (4, 0),
    };
    (rank << 120) | rest
}

/// Floats as whole numbers in the same order; both zeros are one, and NaN is the last.
fn number(number: f64) -> u128 {
    if number.is_nan() {
        return u128::from(u64::MAX);
    }
    let bits = (number + 0.0).to_bits();
    let negative = bits >> 63 == 1;
    u128::from(if negative { !bits } else { bits | (1 << 63) })
}

fn by_rest(keys: &[(Lookup, bool)], a: &Value, b: &Value) -> Ordering {
    keys.iter()
        .map(|(key, descending)| turned(key.find(a).total_cmp(key.find(b)), *descending))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn turned(order: Ordering, descending: bool) -> Ordering {
    if descending { order.reverse() } else { order }
}
