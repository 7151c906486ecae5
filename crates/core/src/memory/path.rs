//! The choice of an index for a query.

use larder_query::{Bound, Filter, Op, Test, Value};

use super::index::{Index, Limit, Side, Walk};
use super::order::Span;
use super::table::Table;
use crate::store::SortKey;

/// How to find the records of a query.
#[derive(Debug)]
pub(super) struct Path<'q> {
    /// Which index of the table.
    pub(super) index: usize,
    /// The values that its first columns have in all of them.
    pub(super) fixed: Vec<&'q Value>,
    /// Whether the filter cut these parts out of the whole.
    pub(super) narrows: bool,
    /// The parts of it that hold every match, lowest first.
    pub(super) spans: Vec<Span>,
    /// How to go over them so that records come in the order asked for; None if they have to be sorted.
    pub(super) walk: Option<Walk>,
    /// What has still to be tested on each record.
    pub(super) rest: Vec<&'q Filter>,
    /// How many entries the parts have.
    pub(super) count: usize,
}

/// What a query needs beside its filter.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs<'q> {
    pub(super) sort: &'q [SortKey],
    /// The records to find before one can stop; None for all.
    pub(super) first: Option<usize>,
    /// Whether all matches are counted.
    pub(super) total: bool,
}

impl<'q> Path<'q> {
    /// The cheapest way to the records that match all of these; there is always one.
    pub(super) fn choose(table: &Table, parts: &[&'q Filter], needs: Needs<'q>) -> Option<Self> {
        let mut best: Option<((usize, usize), Self)> = None;
        let mut used = vec![false; parts.len()];
        for (place, index) in table.indexes.iter().enumerate() {
            used.fill(false);
            let Some(mut path) = Self::over(table, place, index, parts, &mut used, needs) else {
                continue;
            };
            let left = used.iter().filter(|used| !**used).count();
            let cost = (path.cost(left == 0, needs), left);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                let parts = parts.iter().zip(&used);
                path.rest = parts
                    .filter(|(_, used)| !**used)
                    .map(|(part, _)| *part)
                    .collect();
                best = Some((cost, path));
            }
        }
        best.map(|(_, path)| path)
    }

    /// The way over one index, but for what is left to test: marks the parts that the index decides, none of which is marked yet.
    /// None if it neither narrows nor orders. The first index, by key, is always a way.
    fn over(
        table: &Table,
        place: usize,
        index: &Index,
        parts: &[&'q Filter],
        used: &mut [bool],
        needs: Needs<'q>,
    ) -> Option<Self> {
        let mut fixed: Vec<&'q Value> = Vec::new();
        for column in &index.columns {
            let Some(at) = find(parts, used, |test| {
                test.field == *column && equal(test).is_some()
            }) else {
                break;
            };
            used[at] = true;
            fixed.extend(test_of(parts[at]).and_then(equal));
        }
        let next = index.columns.get(fixed.len()).copied();
        let listed = find(parts, used, |test| {
            Some(test.field) == next && list(test).is_some()
        });
        let mut limits = Vec::new();
        let mut values = Vec::new();
        if let Some(at) = listed {
            used[at] = true;
            values.extend(test_of(parts[at]).and_then(list).unwrap_or_default());
            values.sort_unstable_by(|a, b| a.total_cmp(b));
            values.dedup_by(|a, b| a.same(b));
        } else {
            while let Some(at) = find(parts, used, |test| {
                Some(test.field) == next && limit(test).is_some()
            }) {
                used[at] = true;
                limits.extend(test_of(parts[at]).and_then(limit));
            }
        }
        let narrows = used.contains(&true);
        // Asked before the index is, as every look at it costs.
        if place != 0 && !narrows && needs.sort.first().map(|by| by.field) != next {
            return None;
        }
        let walk = delivered(index, fixed.len(), needs.sort);
        if place != 0 && !narrows && walk.is_none() {
            return None;
        }
        let spans = match listed {
            Some(_) => values
                .into_iter()
                .map(|value| {
                    let same = Limit::new(Side::Same, value);
                    index.span(&table.slots, &fixed, &[same])
                })
                .collect(),
            None => vec![index.span(&table.slots, &fixed, &limits)],
        };
        let count = spans.iter().map(|span| index.order.count(*span)).sum();
        Some(Self {
            index: place,
            narrows,
            fixed,
            spans,
            walk,
            rest: Vec::new(),
            count,
        })
    }

    /// About how many records have to be looked at; sorting counts as a second look.
    pub(super) fn cost(&self, is_exact: bool, needs: Needs<'_>) -> usize {
        let all = self.count;
        match (self.walk, is_exact) {
            (None, _) => all.saturating_mul(2),
            (Some(_), true) => needs.first.map_or(all, |first| first.min(all)),
            (Some(_), false) if needs.total => all,
            // Nothing is known of how much the rest lets through: one in eight is a fair guess.
            (Some(_), false) => needs
                .first
                .map_or(all, |first| first.saturating_mul(8).min(all)),
        }
    }
}

/// Splits a filter into parts that must all hold; false if nothing can match.
pub(super) fn split<'q>(filter: &'q Filter, parts: &mut Vec<&'q Filter>) -> bool {
    match filter {
        Filter::True => true,
        Filter::False => false,
        Filter::And(all) => all.iter().all(|part| split(part, parts)),
        other => {
            parts.push(other);
            true
        }
    }
}

fn test_of(filter: &Filter) -> Option<&Test> {
    match filter {
        Filter::Test(test) => Some(test),
        _ => None,
    }
}

fn find(parts: &[&Filter], used: &[bool], wanted: impl Fn(&Test) -> bool) -> Option<usize> {
    (0..parts.len()).find(|at| !used[*at] && test_of(parts[*at]).is_some_and(&wanted))
}

fn equal(test: &Test) -> Option<&Value> {
    match (&test.operand, test.op) {
        (Bound::One(value), Op::Eq) => Some(value),
        (Bound::Many(list), Op::In) if list.len() == 1 => list.first(),
        _ => None,
    }
}

fn list(test: &Test) -> Option<&[Value]> {
    match (&test.operand, test.op) {
        (Bound::Many(list), Op::In) => Some(list),
        _ => None,
    }
}

fn limit(test: &Test) -> Option<Limit<'_>> {
    let Bound::One(value) = &test.operand else {
        return None;
    };
    // A bound that does not even compare with itself, such as null, is left to the filter: it matches nothing.
    value.compare(value)?;
    let side = match test.op {
        Op::Lt => Side::Lt,
        Op::Le => Side::Le,
        Op::Gt => Side::Gt,
        Op::Ge => Side::Ge,
        Op::StartsWith if matches!(value, Value::Text(_)) => Side::Starts,
        _ => return None,
    };
    Some(Limit::new(side, value))
}

/// How to walk an index whose first `fixed` columns are one value, so that records come sorted; None if it can't be.
fn delivered(index: &Index, fixed: usize, sort: &[SortKey]) -> Option<Walk> {
    let (first, rest) = index.columns.split_at_checked(fixed)?;
    let is_fixed = |field: usize| first.contains(&field);
    // Only what varies orders: sort keys on fixed fields, and second mentions of a field, say nothing.
    let parts = index.key.places();
    let mut wanted: Vec<SortKey> = Vec::with_capacity(sort.len() + parts.len());
    for key in sort {
        if !is_fixed(key.field) && wanted.iter().all(|other| other.field != key.field) {
            wanted.push(*key);
        }
    }
    // The last of the sort keys that tell two records apart: with it the whole key is named, and what follows says nothing.
    let named = |wanted: &[SortKey], part: usize| wanted.iter().any(|sort| sort.field == part);
    let whole = (0..=wanted.len()).find(|count| {
        let first = &wanted[..*count];
        parts
            .iter()
            .all(|part| is_fixed(*part) || named(first, *part))
    });
    wanted.truncate(whole.unwrap_or(wanted.len()));
    let given = wanted.len();
    // Behind what is asked for, records come in the order of their keys.
    for part in parts {
        if !is_fixed(*part) && !named(&wanted, *part) {
            wanted.push(SortKey {
                field: *part,
                descending: false,
            });
        }
    }
    if !wanted
        .iter()
        .map(|sort| sort.field)
        .eq(rest.iter().copied())
    {
        return None;
    }
    if wanted.iter().all(|sort| !sort.descending) {
        Some(Walk::Forward)
    } else if wanted.iter().all(|sort| sort.descending) {
        Some(Walk::Backward)
    } else if wanted.iter().take(given).all(|sort| sort.descending) {
        Some(Walk::Groups(fixed + given))
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
