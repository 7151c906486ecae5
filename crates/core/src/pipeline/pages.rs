//! Where a list goes on: cursors out of records and back.

use larder_query::Value;

use super::Run;
use crate::call::ListQuery;
use crate::cursor::{About, Position};
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::record::Row;
use crate::store::{After, Grouping, Page, Select};

/// How far a total is counted where a rough one is enough.
pub(super) const COUNTED: u64 = 10_000;

impl Run<'_> {
    /// What a cursor of a list is bound to. The rule is no part of it, as it is asked again for every page; the actor is, or one could
    /// find out by another's cursor where records stand that one can't see.
    fn about(&self, select: &Select, query: &ListQuery) -> About {
        let mut about = About::list(self.mounted.model.name());
        about.values(&self.call.parents);
        about.filter(&query.filter);
        about.filter(&query.declared);
        about.sort(&select.sort);
        about.number(select.joins.len());
        for join in &select.joins {
            about.number(join.link);
            about.text(join.layout.model.as_ref());
        }
        // One that has an id and is the system is another than one that has it and is not.
        about.number(self.call.actor.is_system().into());
        if let Some(id) = self.call.actor.id() {
            about.text(id);
        }
        about
    }

    /// Lets a read begin behind the place of a cursor, if the query has one, and says how many records stand before.
    pub(super) fn go_on(&self, select: &mut Select, query: &ListQuery) -> Result<u64> {
        let Some(cursor) = &query.cursor else {
            return Ok(query.skip);
        };
        if query.skip > 0 || query.group.is_some() || query.near.is_some() {
            return Err(Error::setup(
                "a cursor goes with neither `skip` nor groups nor an order by distance",
            ));
        }
        let about = self.about(select, query);
        let Position { after, passed } = self.app.cursors().open(about.as_bytes(), cursor).ok_or_else(|| {
            let message = "this cursor is not of this list: it goes with the filter and the order that it came with, and for who got it";
            let fault = FieldError {
                field: "cursor".to_owned(),
                pointer: String::new(),
                message: message.to_owned(),
                code: "cursor",
            };
            Error::new(ErrorKind::BadRequest, message).with_fields(vec![fault])
        })?;
        if after.is_none() {
            select.skip = passed;
        }
        select.after = after;
        Ok(passed)
    }

    /// Whether a page has to be read one record further to know if another one follows.
    pub(super) fn looks_ahead(select: &Select, query: &ListQuery) -> bool {
        let counted = select.total && select.after.is_none() && select.estimate.is_none();
        query.next
            && !counted
            && select.group.is_none()
            && select.limit.is_some_and(|limit| limit > 0)
    }

    /// Makes a total of what a store has counted roughly: no less than what the page shows, and none of what was not counted to its end.
    pub(super) fn settle_total(
        select: &Select,
        query: &ListQuery,
        page: &mut Page,
        passed: u64,
        ahead: bool,
    ) {
        if select.estimate.is_none() || select.group.is_some() {
            return;
        }
        let found = page.rows.len() as u64;
        let seen = passed.saturating_add(found);
        let last = ahead && found > 0 && query.limit.is_some_and(|limit| found <= limit);
        page.total = match page.total {
            _ if last => Some(seen),
            Some(total) if select.counted_to().is_some_and(|most| total > most) => None,
            Some(total) if found > 0 => Some(total.max(seen)),
            total => total,
        };
    }

    /// The cursor behind the last record of a page, if another one follows. `ahead` says that the page was read one record further; that
    /// one is taken off.
    pub(super) async fn next(
        &self,
        select: &Select,
        query: &ListQuery,
        page: &mut Page,
        passed: u64,
        ahead: bool,
    ) -> Result<Option<String>> {
        let Some(limit) = query.limit.filter(|limit| query.next && *limit > 0) else {
            return Ok(None);
        };
        let here = page.rows.len() as u64;
        let more = if ahead {
            here > limit
        } else {
            page.total
                .is_some_and(|total| passed.saturating_add(here) < total)
        };
        page.rows
            .truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let Some(last) = page.rows.last().filter(|_| more) else {
            return Ok(None);
        };
        let position = Position {
            after: Some(self.place_of(select, last).await?),
            passed: passed.saturating_add(page.rows.len() as u64),
        };
        let about = self.about(select, query);
        self.app
            .cursors()
            .seal(about.as_bytes(), &position)
            .map(Some)
    }

    /// The place of a record in an order.
    async fn place_of(&self, select: &Select, row: &Row) -> Result<After> {
        let own = select.layout.fields.len();
        let order = select.order();
        let of_others = order
            .iter()
            .map(|by| by.field)
            .filter(|field| *field >= own);
        let mut found = self
            .beside(select, row, of_others.collect())
            .await?
            .into_iter();
        let values = order.iter().map(|by| match by.field < own {
            true => row.get(by.field).clone(),
            false => found.next().unwrap_or_default(),
        });
        let values = values.collect();
        Ok(After { values })
    }

    /// What a record's links lead to, in some fields: records come without it, and a group of this one record has it. Nothing if the record
    /// is gone by now: then the list goes on where one without these values would stand.
    async fn beside(&self, select: &Select, row: &Row, fields: Vec<usize>) -> Result<Vec<Value>> {
        if fields.is_empty() {
            return Ok(Vec::new());
        }
        let key = self.mounted.model.key_of(row);
        let one = Select {
            joins: select.joins.clone(),
            group: Some(Grouping {
                by: fields,
                results: Vec::new(),
            }),
            limit: None,
            ..Select::one(select.layout.clone(), key, larder_query::Filter::True)
        };
        let groups = self.place().query(&one).await?.groups;
        Ok(groups.into_iter().next().unwrap_or_default())
    }
}
