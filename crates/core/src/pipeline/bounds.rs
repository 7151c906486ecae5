//! What a client's query may cost: scans that nothing declares are refused, and what is looked at is bounded in records and in time.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use larder_query::Filter;

use super::Run;
use crate::call::{ListQuery, Surface};
use crate::cost::{Cost, Indexes};
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::places::Places;
use crate::store::{Page, Select};

/// What a query of this call may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// As much as it takes: code on the server.
    None,
    /// An index leads to what the client asks for.
    Found,
    /// Records are looked at one by one, because the client asks for that.
    LookedAt,
}

impl Run<'_> {
    /// Refuses a client's query that would look at every record, unless the model declares that it may, and bounds how many records
    /// are looked at where it does. `select` has no part of the rule in it.
    pub(super) fn bound(&self, select: &mut Select, query: &ListQuery) -> Result<Bound> {
        if self.call.surface == Surface::InProcess {
            return Ok(Bound::None);
        }
        let indexes = Indexes::of(select);
        if self.call.parents.is_empty() {
            self.refuse_scan(indexes, query)?;
        }
        let decided = indexes.decide(&query.filter) && query.declared == Filter::True;
        // Through a link it takes two indexes, and a store may well go over all records instead.
        let own = select.layout.fields.len();
        let asked = query
            .filter
            .fields()
            .chain(query.sort.iter().map(|by| by.field));
        let decided = decided && asked.max().is_none_or(|field| field < own);
        // Groups are made of records that are looked at one by one.
        let grouped = query.group.is_some() || query.near.is_some();
        if decided && !grouped && Cost::of(select) < Cost::Scan {
            return Ok(Bound::Found);
        }
        select.look_at = Some(self.app.look_at());
        Ok(Bound::LookedAt)
    }

    fn refuse_scan(&self, indexes: Indexes<'_>, query: &ListQuery) -> Result<()> {
        // What the model's own functions look at they may, and what stands beside is tested on that.
        if query.filter == Filter::True || query.declared != Filter::True {
            return Ok(());
        }
        let places = Places::new(self.app, self.call.model, query.joins.clone())?;
        let searches = &self.mounted.model.lists.search;
        let declared = |field: usize| {
            searches.iter().find(|search| {
                search
                    .route
                    .as_ref()
                    .is_some_and(|route| places.leads_to(route, field))
            })
        };
        let leave = |field: usize| declared(field).is_none_or(|search| search.leave);
        let Some(test) = indexes.unserved(&query.filter, &leave) else {
            return Ok(());
        };
        let name = places.name(test.field);
        let wanted = declared(test.field)
            .map_or(test.op, |search| search.op)
            .name();
        let model = self.mounted.model.name();
        let message = format!(
            "to test `{name}` with `{}` every {model} would be looked at, and nothing allows that: filter by something else too that an \
             index finds, or let {model} declare `search({name} = scan({wanted}))`",
            test.op.name()
        );
        Err(
            Error::new(ErrorKind::BadRequest, message.clone()).with_fields(vec![FieldError {
                field: name,
                pointer: String::new(),
                message,
                code: "scan",
            }]),
        )
    }

    /// Runs a query in the time that the app allows.
    ///
    /// A timer is asked for when the store has to wait for something, so an answer out of memory costs none.
    pub(super) async fn in_time(&self, select: &Select, bound: Bound) -> Result<Page> {
        let mut page = pin!(self.place().query(select));
        if bound == Bound::None {
            return page.await;
        }
        let (mut alarm, mut asked) = (None, false);
        poll_fn(|cx| {
            if let Poll::Ready(done) = page.as_mut().poll(cx) {
                return Poll::Ready(done);
            }
            if !asked {
                asked = true;
                alarm = self.app.runtime().sleep(self.app.query_limit());
            }
            match alarm.as_mut().map(|alarm| alarm.as_mut().poll(cx)) {
                Some(Poll::Ready(())) => Poll::Ready(Err(self.too_long(bound))),
                _ => Poll::Pending,
            }
        })
        .await
    }

    fn too_long(&self, bound: Bound) -> Error {
        let model = self.mounted.model.name();
        let limit = self.app.query_limit().as_secs_f64();
        tracing::warn!(target: "larder::store", model, limit, ?bound, "a query took longer than the limit and was given up");
        match bound {
            Bound::LookedAt => Error::new(
                ErrorKind::BadRequest,
                "the query takes too long: records are looked at one by one for it; filter by something else too",
            ),
            Bound::None | Bound::Found => Error::new(
                ErrorKind::Unavailable,
                "the query took too long; try again later",
            ),
        }
    }
}
