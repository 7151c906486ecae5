//! One index: slots sorted by the values of some fields, then by key.

use std::cmp::Ordering;

use larder_query::Value;

use super::order::{Entry, Ordered, Place, Span};
use super::prefix::{comparable, is_whole, prefix};
use crate::layout::KeyFields;
use crate::record::{Record, Row};

/// The records of a table by slot.
pub(super) type Slots = Vec<Option<Row>>;

/// An index over a table. The order by key alone is one too.
#[derive(Debug)]
pub(super) struct Index {
    /// The fields it is sorted by; all fields of the key are among them, so that no two records are equal.
    pub(super) columns: Box<[usize]>,
    /// The fields of the key, by which records are sorted last.
    pub(super) key: KeyFields,
    /// How many of the columns two records may not share; 0 where they may.
    unique: usize,
    pub(super) order: Ordered,
}

/// How a walk goes over the entries of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// From the lowest to the highest.
    Forward,
    /// From the highest to the lowest.
    Backward,
    /// From the highest group to the lowest one, and forward inside a group. A group shares this many first columns.
    Groups(usize),
}

impl Index {
    /// An index on these fields; `unique` forbids two records that share them.
    pub(super) fn new(fields: &[usize], unique: bool, key: &KeyFields) -> Self {
        let mut columns: Vec<usize> = Vec::with_capacity(fields.len() + key.places().len());
        let whole = |columns: &[usize]| key.places().iter().all(|part| columns.contains(part));
        // What stands behind the whole key orders nothing.
        for field in fields {
            if whole(&columns) {
                break;
            }
            columns.push(*field);
        }
        // With the key among its fields an index is unique by itself.
        let unique = if unique && !whole(&columns) {
            columns.len()
        } else {
            0
        };
        for part in key.places() {
            if !columns.contains(part) {
                columns.push(*part);
            }
        }
        Self {
            columns: columns.into(),
            key: key.clone(),
            unique,
            order: Ordered::default(),
        }
    }

    /// Compares two records by the first `n` columns.
    pub(super) fn compare(&self, a: &Record, b: &Record, n: usize) -> Ordering {
        for column in self.columns.iter().take(n) {
            match a.get(*column).total_cmp(b.get(*column)) {
                Ordering::Equal => {}
                unequal => return unequal,
            }
        }
        Ordering::Equal
    }

    /// Whether a record stands at the same place as another one with the same key.
    pub(super) fn same_place(&self, a: &Record, b: &Record) -> bool {
        // The last column is the key.
        self.compare(a, b, self.columns.len() - 1).is_eq()
    }

    /// The first place that does not sort before this record by the first `n` columns.
    fn place(&self, slots: &Slots, record: &Record, n: usize) -> Place {
        let wanted = self.prefix(record);
        self.order
            .partition(|entry| self.sorts_before(slots, entry, record, wanted, n))
    }

    /// Whether an entry sorts before a record, which begins with `wanted`, by the first `n` columns.
    fn sorts_before(
        &self,
        slots: &Slots,
        entry: Entry,
        record: &Record,
        wanted: u64,
        n: usize,
    ) -> bool {
        match entry.prefix.cmp(&wanted) {
            // By no column at all every record is the same.
            _ if n == 0 => false,
            Ordering::Equal => {
                at(slots, entry.slot).is_some_and(|other| self.compare(other, record, n).is_lt())
            }
            order => order.is_lt(),
        }
    }

    /// The beginning of what a record is sorted by.
    fn prefix(&self, record: &Record) -> u64 {
        self.columns
            .first()
            .map_or(0, |first| prefix(record.get(*first)))
    }

    /// Adds the slot of a record.
    pub(super) fn insert(&mut self, slots: &Slots, record: &Record, slot: u32) {
        let prefix = self.prefix(record);
        let place = self
            .place_of_newest(slots, record, prefix)
            .unwrap_or_else(|| self.place(slots, record, self.columns.len()));
        self.order.insert(place, Entry { prefix, slot });
    }

    /// The place of a record that sorts behind all that begin as it does, as most new ones do, because keys grow: found with a look
    /// at one record only.
    fn place_of_newest(&self, slots: &Slots, record: &Record, prefix: u64) -> Option<Place> {
        let after = self.order.partition(|entry| entry.prefix <= prefix);
        let behind_all = match self.order.before(after) {
            Some(last) if last.prefix == prefix => {
                let other = at(slots, last.slot)?;
                self.compare(other, record, self.columns.len()).is_lt()
            }
            _ => true,
        };
        behind_all.then_some(after)
    }

    /// Takes out the slot of a record, which is still in the table.
    pub(super) fn remove(&mut self, slots: &Slots, record: &Record, slot: u32) {
        let place = self.place(slots, record, self.columns.len());
        debug_assert_eq!(self.order.at(place), Some(slot), "an index lost a record");
        if self.order.at(place) == Some(slot) {
            self.order.remove(place);
        }
    }

    /// The entries whose values this unique index forbids `record` to share; None if it forbids nothing.
    pub(super) fn taken(&self, slots: &Slots, record: &Record) -> Option<Span> {
        if !self.guards(record) {
            return None;
        }
        let from = self.place(slots, record, self.unique);
        let after = |entry: Entry| {
            at(slots, entry.slot)
                .is_some_and(|other| self.compare(other, record, self.unique).is_le())
        };
        Some(Span {
            from,
            to: self.order.partition(after),
        })
    }

    /// Whether this index is unique and the record has all its values. Nulls never collide.
    pub(super) fn guards(&self, record: &Record) -> bool {
        let unique = self.columns.get(..self.unique).unwrap_or_default();
        !unique.is_empty() && unique.iter().all(|column| !record.get(*column).is_null())
    }

    /// Whether two records have the same values in a unique index that guards both.
    pub(super) fn collide(&self, a: &Record, b: &Record) -> bool {
        self.guards(a) && self.compare(a, b, self.unique).is_eq()
    }

    /// The field that a violation of this index is reported for: the first one, as in every store.
    pub(super) fn blamed(&self) -> usize {
        self.columns.first().copied().unwrap_or_default()
    }

    /// The part whose first columns equal `prefix` and whose next column is inside all of `limits`.
    pub(super) fn span(&self, slots: &Slots, prefix: &[&Value], limits: &[Limit<'_>]) -> Span {
        if prefix.is_empty() && limits.is_empty() {
            return self.order.all();
        }
        // Where the first column has to be one value, most entries are told by their beginning, and if it is whole, all.
        let wanted = prefix.first().map(|first| self::prefix(first));
        let alone = match (prefix, limits) {
            ([first], []) => Some(*first),
            ([], [limit]) if limit.side == Side::Same => Some(limit.value),
            _ => None,
        };
        if let Some(value) = alone.filter(|value| is_whole(value)) {
            let wanted = self::prefix(value);
            let from = self.order.partition(|entry| entry.prefix < wanted);
            let to = self
                .order
                .partition_from(from, |entry| entry.prefix <= wanted);
            return Span { from, to };
        }
        let next = self.columns.get(prefix.len()).copied().unwrap_or_default();
        let against =
            |entry: Entry, told: &dyn Fn(u64) -> Option<bool>, then: &dyn Fn(&Value) -> bool| {
                match wanted {
                    Some(wanted) if entry.prefix != wanted => return entry.prefix < wanted,
                    Some(_) => {}
                    // Limits of the first column mostly tell by the beginnings of values alone.
                    None => {
                        if let Some(told) = told(entry.prefix) {
                            return told;
                        }
                    }
                }
                let Some(record) = at(slots, entry.slot) else {
                    return false;
                };
                for (column, wanted) in self.columns.iter().zip(prefix) {
                    match record.get(*column).total_cmp(wanted) {
                        Ordering::Equal => {}
                        Ordering::Less => return true,
                        Ordering::Greater => return false,
                    }
                }
                then(record.get(next))
            };
        let from = self.order.partition(|entry| {
            against(
                entry,
                &|prefix| any(limits, |limit| limit.tells_above(prefix)),
                &|value| limits.iter().any(|limit| limit.above(value)),
            )
        });
        // Limits that exclude each other leave nothing, wherever that is.
        let to = self.order.partition_from(from, |entry| {
            against(
                entry,
                &|prefix| any(limits, |limit| limit.tells_below(prefix)).map(|below| !below),
                &|value| limits.iter().all(|limit| !limit.below(value)),
            )
        });
        Span { from, to }
    }

    /// Visits the entries of the parts in order, after passing over `skip`, until `visit` says no.
    pub(super) fn walk(
        &self,
        slots: &Slots,
        spans: &[Span],
        walk: Walk,
        skip: usize,
        visit: &mut dyn FnMut(u32) -> bool,
    ) {
        let mut skip = skip;
        let steps: &mut dyn Iterator<Item = &Span> = if walk == Walk::Forward {
            &mut spans.iter()
        } else {
            &mut spans.iter().rev()
        };
        for span in steps {
            let go_on = match walk {
                Walk::Forward => self.forward(*span, &mut skip, visit),
                Walk::Backward => self.backward(*span, &mut skip, visit),
                Walk::Groups(n) => self.groups(slots, *span, n, &mut skip, visit),
            };
            if !go_on {
                return;
            }
        }
    }

    fn forward(&self, span: Span, skip: &mut usize, visit: &mut dyn FnMut(u32) -> bool) -> bool {
        let Some(skipped) = self.pass_over(span, skip) else {
            return true;
        };
        let from = self.order.advance(span.from, skipped);
        self.order.iter(Span { from, to: span.to }).all(visit)
    }

    fn backward(&self, span: Span, skip: &mut usize, visit: &mut dyn FnMut(u32) -> bool) -> bool {
        let Some(skipped) = self.pass_over(span, skip) else {
            return true;
        };
        let to = match skipped {
            0 => span.to,
            _ => self
                .order
                .advance(span.from, self.order.count(span) - skipped),
        };
        self.order
            .iter(Span {
                from: span.from,
                to,
            })
            .rev()
            .all(visit)
    }

    fn groups(
        &self,
        slots: &Slots,
        span: Span,
        n: usize,
        skip: &mut usize,
        visit: &mut dyn FnMut(u32) -> bool,
    ) -> bool {
        let mut rest = span;
        while let Some(last) = self.order.last(rest) {
            let Some(record) = self.order.at(last).and_then(|slot| at(slots, slot)) else {
                return true;
            };
            let wanted = self.prefix(record);
            let start = self.order.partition_back(rest, |entry| {
                self.sorts_before(slots, entry, record, wanted, n)
            });
            if !self.forward(
                Span {
                    from: start,
                    to: rest.to,
                },
                skip,
                visit,
            ) {
                return false;
            }
            rest.to = start;
        }
        true
    }

    /// How many entries of this part to pass over; None if all of them, then `skip` is less by so many.
    fn pass_over(&self, span: Span, skip: &mut usize) -> Option<usize> {
        if *skip == 0 {
            return Some(0);
        }
        let count = self.order.count(span);
        if *skip >= count {
            *skip -= count;
            return None;
        }
        Some(std::mem::take(skip))
    }
}

/// A bound on one column that cuts one part out of its order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit<'a> {
    side: Side,
    value: &'a Value,
    /// How the value begins.
    prefix: u64,
}

/// What a bound lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The same.
    Same,
    /// What is lower.
    Lt,
    /// What is lower or the same.
    Le,
    /// What is higher.
    Gt,
    /// What is higher or the same.
    Ge,
    /// Text that starts with it.
    Starts,
}

impl<'a> Limit<'a> {
    pub(super) fn new(side: Side, value: &'a Value) -> Self {
        Self {
            side,
            value,
            prefix: prefix(value),
        }
    }

    /// Whether a value sorts in front of what is inside, so that the inside is above it.
    fn above(&self, value: &Value) -> bool {
        match self.side {
            Side::Same | Side::Ge | Side::Starts => value.total_cmp(self.value).is_lt(),
            Side::Gt => value.total_cmp(self.value).is_le(),
            // Null and lower families of values do not compare, and are outside.
            Side::Lt | Side::Le => {
                value.compare(self.value).is_none() && value.total_cmp(self.value).is_lt()
            }
        }
    }

    /// Whether a value sorts behind what is inside, so that the inside is below it.
    fn below(&self, value: &Value) -> bool {
        match self.side {
            Side::Same | Side::Le => value.total_cmp(self.value).is_gt(),
            Side::Lt => value.total_cmp(self.value).is_ge(),
            Side::Gt | Side::Ge => {
                value.compare(self.value).is_none() && value.total_cmp(self.value).is_gt()
            }
            Side::Starts => {
                let inside = matches!((value, self.value), (Value::Text(text), Value::Text(start)) if text.starts_with(start.as_str()));
                !inside && value.total_cmp(self.value).is_gt()
            }
        }
    }

    /// [`above`](Self::above) of a value that begins like this; None where its beginning does not tell.
    fn tells_above(&self, prefix: u64) -> Option<bool> {
        match self.side {
            Side::Same | Side::Ge | Side::Gt | Side::Starts => {
                self.tells(prefix, prefix < self.prefix)
            }
            Side::Lt | Side::Le => comparable(prefix, self.prefix).then_some(false),
        }
    }

    /// [`below`](Self::below) of a value that begins like this; None where its beginning does not tell.
    fn tells_below(&self, prefix: u64) -> Option<bool> {
        match self.side {
            Side::Same | Side::Le | Side::Lt => self.tells(prefix, prefix > self.prefix),
            Side::Gt | Side::Ge => comparable(prefix, self.prefix).then_some(false),
            Side::Starts => (prefix < self.prefix).then_some(false),
        }
    }

    /// Values that begin in different ways differ as their beginnings do.
    fn tells(&self, prefix: u64, so: bool) -> Option<bool> {
        (prefix != self.prefix).then_some(so)
    }
}

/// Whether something is so of some limit; None where it is not known of one that decides.
fn any(limits: &[Limit<'_>], is_so: impl Fn(&Limit<'_>) -> Option<bool>) -> Option<bool> {
    let mut any = Some(false);
    for limit in limits {
        match is_so(limit) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => any = None,
        }
    }
    any
}

/// The record in a slot.
pub(super) fn at(slots: &Slots, slot: u32) -> Option<&Record> {
    slots.get(slot as usize)?.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::prefix::tests::values;

    #[test]
    fn the_beginning_of_a_value_tells_what_the_value_does() {
        let sides = [
            Side::Same,
            Side::Lt,
            Side::Le,
            Side::Gt,
            Side::Ge,
            Side::Starts,
        ];
        let values = values();
        let mut told = 0;
        for (side, bound) in sides
            .iter()
            .flat_map(|side| values.iter().map(|bound| (*side, bound)))
        {
            let limit = Limit::new(side, bound);
            for value in &values {
                let above = limit.tells_above(prefix(value));
                let below = limit.tells_below(prefix(value));
                // What compares with nothing is no bound of an order.
                let bounds = bound.compare(bound).is_some() || side == Side::Same;
                if bounds {
                    assert!(
                        above.is_none_or(|told| told == limit.above(value)),
                        "{limit:?} {value:?}"
                    );
                    assert!(
                        below.is_none_or(|told| told == limit.below(value)),
                        "{limit:?} {value:?}"
                    );
                    told += usize::from(above.is_some()) + usize::from(below.is_some());
                }
            }
        }
        assert!(told > values.len() * values.len() * sides.len(), "{told}");
    }
}
