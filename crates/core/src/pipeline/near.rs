//! The nearest first: no store has that order, so it is made of what a store finds, under the bound on what is looked at.

use larder_query::{Place, Point};

use super::Run;
use crate::call::{ListQuery, Reply, Surface};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Page, Select};

impl Run<'_> {
    /// Takes the page off a read that is to be sorted by distance: all that is found is needed.
    pub(super) fn all_for_distance(&self, select: &mut Select) {
        select.sort = Vec::new();
        select.skip = 0;
        select.total = false;
        select.limit = None;
        if self.call.surface != Surface::InProcess {
            let bound = self.app.look_at();
            select.look_at = Some(bound);
            select.limit = Some(bound.saturating_add(1));
        }
    }

    /// The page of what was found, the nearest first, and those without a point last.
    pub(super) fn nearest(
        &self,
        found: Page,
        query: &ListQuery,
        (place, from): (&Place, Point),
    ) -> Result<Reply> {
        let mut rows = found.rows;
        let total = rows.len() as u64;
        if self.call.surface != Surface::InProcess && total > self.app.look_at() {
            return Err(Error::new(
                ErrorKind::BadRequest,
                "too many records would have to be sorted by their distance: ask for those within one",
            ));
        }
        rows.sort_by(|a, b| {
            let [a, b] = [a, b].map(|row| row.get(place.field).at(&place.inside));
            from.nearer(a, b)
        });
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let page = rows.into_iter().skip(size(query.skip));
        Ok(Reply::Page {
            rows: page.take(query.limit.map_or(usize::MAX, size)).collect(),
            total: query.total.then_some(total),
            passed: query.skip,
            next: None,
        })
    }
}
