//! Reading: the rule joins the query, so what may not be seen is not found.

use larder_query::Filter;

use super::Run;
use crate::call::{ListQuery, Reply};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::key::Key;
use crate::rule::Operation;
use crate::store::Select;

impl Run<'_> {
    pub(super) async fn get(&self, key: &Key) -> Result<Reply> {
        let allowed = self.allowed(Operation::Read);
        if allowed == Filter::False {
            return Err(self.conceal(Operation::Read));
        }
        let filter = if self.call.parents.is_empty() {
            allowed
        } else {
            Filter::and([allowed, self.under_parents()])
        };
        let select = Select::one(self.mounted.model.layout.clone(), key.clone(), filter);
        let page = self.place().query(&select).await?;
        let row = page.rows.into_iter().next().ok_or_else(Error::not_found)?;
        if self.mounted.hears(Event::Get) {
            self.ask(Event::Get, Some(&row), None, self.call.scope.as_ref())
                .await?;
        }
        Ok(Reply::Record(row))
    }

    pub(super) async fn list(&self, query: &ListQuery) -> Result<Reply> {
        let allowed = self.allowed(Operation::Read);
        if allowed == Filter::False {
            let rule = self.mounted.model.rules.get(&Operation::Read);
            if self.call.actor.is_anonymous() || rule.is_none_or(|rule| !rule.needs_actor()) {
                return Err(self.refuse(Operation::Read));
            }
        }
        if self.mounted.hears(Event::Query) {
            self.ask(Event::Query, None, None, self.call.scope.as_ref())
                .await?;
        }
        let model = &self.mounted.model;
        let select = Select {
            filter: Filter::and([allowed, self.under_parents(), query.filter.clone()]),
            sort: if query.sort.is_empty() {
                model.default_sort.clone()
            } else {
                query.sort.clone()
            },
            skip: query.skip,
            limit: query.limit,
            total: query.total,
            ..Select::all(model.layout.clone())
        };
        let page = self.place().query(&select).await?;
        Ok(Reply::Page {
            rows: page.rows,
            total: page.total,
        })
    }
}
