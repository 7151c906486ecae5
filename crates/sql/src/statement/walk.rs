//! A page that goes on inside a range of equal values, for databases that would walk from the beginning of the range.
//!
//! ```sql
//! paid = ? AND id > ? ORDER BY id                                                      -- as it is asked
//! paid <= ? AND (paid >= ? AND (paid > ? OR paid = ? AND id > ?)) ORDER BY paid, id      -- as one range of (paid, id)
//! ```
//!
//! Both mean the same. MariaDB takes the first for a lookup of all with `paid`, tests each of them, and so needs the longer the further on
//! the page is: with a million rows a hundred times as long as for the first page. In the second no equality stands by itself, which leaves
//! it the range.

use std::borrow::Cow;

use larder_core::{Kind, Select, SortKey};
use larder_query::{Bound, Filter, Op, Test, Value};

use super::cover::{Cover, parts};
use super::operand::{Fit, Relation, fit};
use super::source::Source;
use crate::dialect::Dialect;

/// A read from a place whose filter has equal values at the beginning of an index.
pub(crate) struct Walk {
    /// The columns with equal values, in the order of the index.
    fixed: Vec<(usize, Value)>,
    /// The direction of the order, which theirs has to be for an index to have both.
    descending: bool,
    /// The filter without these equalities, and with an end of the range for each.
    pub(crate) filter: Filter,
}

impl Walk {
    /// How to walk for a read; none where it is to be asked as it is.
    pub(crate) fn of<D: Dialect>(
        select: &Select,
        pushed: &Filter,
        source: &Source<'_, D>,
    ) -> Option<Self> {
        if !D::WALKS_FROM_EQUALS || select.after.is_none() || !source.joins.is_empty() {
            return None;
        }
        let cover = Cover::of(select);
        let order = select.order();
        let descending = order.first()?.descending;
        if !cover.ordered || order.iter().any(|by| by.descending != descending) {
            return None;
        }
        let mut fixed = Vec::new();
        for part in &cover.ranged {
            fixed.push(equal(part, source)?);
        }
        if fixed.is_empty() {
            return None;
        }
        let mut all = Vec::new();
        parts(pushed, &mut all);
        // Some of what an index decides may not be SQL's to test.
        if cover.ranged.iter().any(|part| !all.contains(part)) {
            return None;
        }
        let others = all.into_iter().filter(|part| !cover.ranged.contains(part));
        let end = if descending { Op::Ge } else { Op::Le };
        let ends = fixed
            .iter()
            .map(|(field, value)| Filter::test(*field, end, value.clone()));
        Some(Self {
            filter: Filter::and(ends.chain(others.cloned())),
            fixed,
            descending,
        })
    }

    /// The columns that come before an order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = SortKey> {
        self.fixed.iter().map(|(field, _)| SortKey {
            field: *field,
            descending: self.descending,
        })
    }

    /// Their values.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.fixed.iter().map(|(_, value)| value)
    }
}

/// The column and the value of an equality that means the same to the database as two ends of a range.
fn equal<D: Dialect>(part: &Filter, source: &Source<'_, D>) -> Option<(usize, Value)> {
    let Filter::Test(Test { field, op, operand }) = part else {
        return None;
    };
    let value = match (operand, op) {
        (Bound::One(value), Op::Eq) => value,
        (Bound::Many(list), Op::In) => match list.as_slice() {
            [value] => value,
            _ => return None,
        },
        _ => return None,
    };
    let at = source.at(*field)?;
    // Where texts have another order an index has it too.
    let usual = at.shape.is_usual() && at.kind != Kind::Json && !value.is_null();
    match fit::<D>(&at, Relation::Eq, value) {
        Fit::Test(Relation::Eq, value) if usual => Some((*field, Cow::into_owned(value))),
        _ => None,
    }
}
