//! Going on behind a place: the part of an index that is left.

use larder_query::Value;

use super::index::{Index, Slots, Walk};
use super::order::{Place, Span};
use super::path::Path;
use super::table::Table;
use crate::store::Select;

/// What is left of a walk behind a place, in its order.
#[derive(Debug)]
pub(super) struct Left {
    /// First these parts, always forward: the rest of the group that the place is in.
    pub(super) head: Vec<Span>,
    /// Then these, as the walk goes.
    pub(super) tail: Vec<Span>,
}

/// The part of a walk that lies behind the place of a query; None if the walk does not run along its whole order.
pub(super) fn left(table: &Table, path: &Path<'_>, walk: Walk, select: &Select) -> Option<Left> {
    let index = table.indexes.get(path.index)?;
    let at = columns(index, path, select)?;
    let here = index.span(&table.slots, &at, &[]);
    Some(match walk {
        Walk::Forward => Left {
            head: Vec::new(),
            tail: clip(&path.spans, Some(here.to), None),
        },
        Walk::Backward => Left {
            head: Vec::new(),
            tail: clip(&path.spans, None, Some(here.from)),
        },
        Walk::Groups(n) => {
            let group = group(index, &table.slots, &at, n);
            Left {
                head: clip(&path.spans, Some(here.to), Some(group.to)),
                tail: clip(&path.spans, None, Some(group.from)),
            }
        }
    })
}

fn group(index: &Index, slots: &Slots, at: &[&Value], n: usize) -> Span {
    index.span(slots, at.get(..n).unwrap_or(at), &[])
}

/// The value of each column of an index at the place of a query.
fn columns<'q>(index: &Index, path: &Path<'q>, select: &'q Select) -> Option<Vec<&'q Value>> {
    let order = select.order();
    let place = select.place()?;
    // Where the filter leaves one record, any walk is in order; but where it stands beside the place is for all keys to say.
    if order.iter().any(|by| !index.columns.contains(&by.field)) {
        return None;
    }
    let of = |column: usize| {
        let found = order.iter().zip(&place).find(|(by, _)| by.field == column);
        found.map(|(_, value)| *value)
    };
    let column = |(at, column): (usize, &usize)| match path.fixed.get(at) {
        // A place that is not where the filter holds is in front of all that match, or behind it.
        Some(fixed) => of(*column)
            .is_none_or(|value| value.same(fixed))
            .then_some(*fixed),
        None => of(*column),
    };
    index.columns.iter().enumerate().map(column).collect()
}

/// The parts from a place on, and up to another one.
fn clip(spans: &[Span], from: Option<Place>, to: Option<Place>) -> Vec<Span> {
    let clipped = spans.iter().map(|span| Span {
        from: from.map_or(span.from, |from| from.max(span.from)),
        to: to.map_or(span.to, |to| to.min(span.to)),
    });
    clipped.filter(|span| span.from < span.to).collect()
}
