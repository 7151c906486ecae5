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
    key: &'r Value,
    at: usize,
    row: &'r Value,
}

impl Order {
    pub(super) fn new(keys: &[Sort]) -> Self {
        let keys = keys
            .iter()
            .map(|key| (Lookup::new(&key.path.steps), key.descending))
            .collect();
        Self { keys }
    }

    /// Brings the first `needed` rows to their places; the order of the rest is left open.
    pub(super) fn sort(&self, rows: &mut [&Value], needed: usize) {
        let Some(((first, descending), rest)) = self.keys.split_first() else {
            return;
        };
        if needed == 0 {
            return;
        }
        let mut entries: Vec<Entry<'_>> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| Entry {
                key: first.find(row),
                at,
                row,
            })
            .collect();
        // The place before decides among equals, so an unstable sort is stable.
        let compare = |a: &Entry<'_>, b: &Entry<'_>| {
            turned(a.key.total_cmp(b.key), *descending)
                .then_with(|| by_rest(rest, a.row, b.row))
                .then_with(|| a.at.cmp(&b.at))
        };
        if needed < entries.len() {
            entries.select_nth_unstable_by(needed - 1, compare);
            entries.truncate(needed);
        }
        entries.sort_unstable_by(compare);
        for (place, entry) in rows.iter_mut().zip(&entries) {
            *place = entry.row;
        }
    }
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
