//! Reading: the rule joins the query, so what may not be seen is not found.

use larder_query::Filter;

use super::Run;
use super::pages::COUNTED;
use crate::call::{ListQuery, Reply};
use crate::error::{Error, Result};
use crate::event::{Event, Happening};
use crate::key::Key;
use crate::places::Places;
use crate::rule::Operation;
use crate::store::{Join, Select, SortKey};

impl Run<'_> {
    pub(super) async fn get(&self, key: &Key) -> Result<Reply> {
        let allowed = self.allowed(Operation::Read);
        if allowed == Filter::False {
            return Err(self.conceal(Operation::Read));
        }
        self.through_parents().await?;
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
        let mut select = self.select(query)?;
        let bound = self.bound(&mut select, query)?;
        self.ask_of_list(&select).await?;
        self.through_parents().await?;
        // The rule comes last: what a query costs is what the caller asks for, never what is hidden from him.
        select.filter = Filter::and([allowed, select.filter]);
        let passed = self.go_on(&mut select, query)?;
        if let Some((place, from)) = &query.near {
            self.all_for_distance(&mut select);
            let found = self.in_time(&select, bound).await?;
            return self.nearest(found, query, (place, *from));
        }
        let ahead = Self::looks_ahead(&select, query);
        if ahead {
            select.limit = select.limit.map(|limit| limit.saturating_add(1));
        }
        let mut page = self.in_time(&select, bound).await?;
        Self::settle_total(&select, query, &mut page, passed, ahead);
        if query.group.is_some() {
            return Ok(Reply::Groups {
                groups: page.groups,
                total: page.total,
            });
        }
        let next = self.next(&select, query, &mut page, passed, ahead).await?;
        Ok(Reply::Page {
            rows: page.rows,
            total: page.total,
            passed,
            next,
        })
    }

    /// Asks the listeners of every model that a list looks at: whom one keeps from a model's records may not filter or sort by them either.
    async fn ask_of_list(&self, select: &Select) -> Result<()> {
        let linked = select.joins.iter();
        let linked = linked.filter_map(|join| self.app.position(&join.layout.model));
        let mut asked: Vec<usize> = Vec::new();
        for model in std::iter::once(self.call.model).chain(linked) {
            if asked.contains(&model) {
                continue;
            }
            asked.push(model);
            let mounted = self.app.mounted(model)?;
            if mounted.hears(Event::Query) {
                let happening = Happening {
                    model,
                    scope: self.call.scope.clone(),
                    ..self.happening(Event::Query, None, None)
                };
                mounted.ask(&happening).await?;
            }
        }
        Ok(())
    }

    /// What a list query asks of the store, without the rule.
    fn select(&self, query: &ListQuery) -> Result<Select> {
        let model = &self.mounted.model;
        let mut joins = query.joins.clone();
        let mut sort = query.sort.clone();
        if sort.is_empty() && query.group.is_none() && !model.lists.default_sort.is_empty() {
            let places = Places::new(self.app, self.call.model, joins)?;
            let keys = model
                .lists
                .default_sort
                .iter()
                .filter_map(|(field, descending)| {
                    let place = places.follow(field.route.as_ref()?);
                    Some(SortKey {
                        field: place.field,
                        descending: *descending,
                    })
                });
            sort = keys.collect();
            joins = places.into_joins();
        }
        let joins = joins.into_iter().map(|join| {
            let linked = self.app.mounted(join.model)?;
            Ok(Join {
                link: join.link,
                layout: linked.model.layout.clone(),
                readable: self.allowed_of(linked, Operation::Read),
            })
        });
        Ok(Select {
            joins: joins.collect::<Result<_>>()?,
            filter: Filter::and([
                self.under_parents(),
                query.filter.clone(),
                query.declared.clone(),
            ]),
            sort,
            skip: query.skip,
            limit: query.limit,
            total: query.total,
            estimate: (query.total && query.estimate).then_some(COUNTED),
            group: query.group.clone(),
            ..Select::all(model.layout.clone())
        })
    }
}
