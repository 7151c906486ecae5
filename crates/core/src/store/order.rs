//! The whole order of a read, and the place in it that a read goes on from.

use std::cmp::Ordering;

use larder_query::Value;

use super::{After, Select, SortKey};
use crate::error::{Error, ErrorKind, Result};
use crate::layout::{Column, Layout};

impl Select {
    /// The keys that decide the order: the sort keys, then the record's key ascending. What can decide nothing any more is left
    /// out: a field that was named before, and all that stands behind the whole key.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use larder_core::{Layout, Select, SortKey};
    /// # fn order(mut select: Select, layout: &Layout) {
    /// select.sort = vec![SortKey { field: 3, descending: true }];
    /// assert_eq!(select.order().len(), 2); // field 3, then the key
    /// # }
    /// ```
    pub fn order(&self) -> Vec<SortKey> {
        let key = self.layout.key.places();
        let descending = false;
        let last = key.iter().map(|field| SortKey {
            field: *field,
            descending,
        });
        let mut order: Vec<SortKey> = Vec::with_capacity(self.sort.len() + key.len());
        for by in self.sort.iter().copied().chain(last) {
            let named = |field: usize| order.iter().any(|known| known.field == field);
            let decided = named(by.field) || key.iter().all(|field| named(*field));
            if !decided {
                order.push(by);
            }
        }
        order
    }

    /// The values of [`after`](Self::after), one for each key of [`order`](Self::order); None where the read begins at the
    /// beginning.
    pub fn place(&self) -> Option<Vec<&Value>> {
        let after = self.after.as_ref()?;
        Some(after.values.iter().collect())
    }

    /// The field at a place: one of the record's own, or one of a linked record.
    pub fn field(&self, place: usize) -> Option<&Column> {
        let mut place = place;
        for layout in self.layouts() {
            match layout.fields.get(place) {
                Some(field) => return Some(field),
                None => place -= layout.fields.len(),
            }
        }
        None
    }

    /// How many fields there are, those of linked records among them.
    pub fn width(&self) -> usize {
        self.layouts().map(|layout| layout.fields.len()).sum()
    }

    fn layouts(&self) -> impl Iterator<Item = &Layout> {
        let joined = self.joins.iter().map(|join| &*join.layout);
        std::iter::once(&*self.layout).chain(joined)
    }

    /// Whether the parts fit together; every store asks it before it reads.
    ///
    /// # Errors
    /// `BadRequest` for a place that is none of this order (a cursor of another list), `Unsupported` for a place among groups,
    /// `Internal` for a field that is not there.
    pub fn check(&self) -> Result<()> {
        if self.joins.is_empty() && self.after.is_none() && self.group.is_none() {
            return Ok(());
        }
        let mut known = self.layout.fields.len();
        for join in &self.joins {
            if join.link >= known {
                return Err(Error::internal(format!(
                    "a join of {} has a link beyond the fields before it",
                    join.layout.model
                )));
            }
            known += join.layout.fields.len();
        }
        if let Some(group) = &self.group {
            let of_results = group.results.iter().filter_map(|result| result.field());
            if group
                .by
                .iter()
                .copied()
                .chain(of_results)
                .any(|field| field >= known)
            {
                return Err(Error::internal(
                    "a group is made of a field that is not there",
                ));
            }
        }
        match &self.after {
            Some(_) if self.group.is_some() => Err(Error::new(
                ErrorKind::Unsupported,
                "groups have no cursors: page them by limit and skip",
            )),
            Some(after) => self.check_place(after),
            None => Ok(()),
        }
    }

    fn check_place(&self, after: &After) -> Result<()> {
        let fits = |(by, value): (&SortKey, &Value)| {
            let field = self.field(by.field);
            value.is_null() || field.is_some_and(|field| field.kind.coerce(value.clone()).is_ok())
        };
        let order = self.order();
        if order.len() == after.values.len() && order.iter().zip(&after.values).all(fits) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::BadRequest,
            "this is no place in the order that is asked for",
        ))
    }
}

impl SortKey {
    /// The order of two values of its field.
    pub fn compare(&self, a: &Value, b: &Value) -> Ordering {
        let order = a.total_cmp(b);
        if self.descending {
            order.reverse()
        } else {
            order
        }
    }
}
