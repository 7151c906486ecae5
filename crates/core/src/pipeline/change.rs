//! Changes of fields by what is in them: one statement where a condition of it says that what comes of it is valid, and no hook wants
//! to see it; else a look at the record in a transaction, as often as another writer is first.

use std::sync::Arc;

use larder_query::{Filter, Value};

use super::Run;
use crate::call::{Changes, Reply, Surface};
use crate::codec::Draft;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::key::Key;
use crate::record::{Record, Row};
use crate::rule::Operation;
use crate::store::{FieldChange, Outcome, Write};
use crate::transaction::Scope;

impl Run<'_> {
    pub(super) async fn change(&self, key: &Key, asked: &Changes) -> Result<Reply> {
        let update = self.allowed(Operation::Update);
        if self.wants_somebody(Operation::Update) {
            return Err(self.refuse(Operation::Update));
        }
        let outside = self.call.surface != Surface::InProcess;
        let mut changes = self.mounted.model.prepare(&asked.changes, outside)?;
        if changes.is_empty() {
            return self.unmoved(key, &update, asked).await;
        }
        let Some(fits) = self.without_a_look(&changes, &update, asked) else {
            return self
                .in_transaction(|scope| self.change_loaded(changes, key, asked, scope))
                .await;
        };
        // Where it misses, or makes too much of a list, only a look at the record tells whether it is refused.
        let (refusable, adds) = (
            fits != Filter::True,
            changes.iter().any(|(_, change)| change.adds()),
        );
        let again = (refusable || adds).then(|| changes.clone());
        let set = changes
            .iter()
            .filter_map(|(at, change)| Some((*at, change.as_set()?.clone())));
        let on_new = self.on_patched(&update, &set.collect::<Vec<_>>());
        if let Some(at) = self.mounted.model.updated {
            changes.push((at, Value::Instant(self.app.now()).into()));
        }
        let conditions = [update.clone(), on_new.clone(), asked.when.clone(), fits];
        let write = Write::Update {
            key: key.clone(),
            changes,
            when: self.condition(Filter::and(conditions), &asked.precondition),
        };
        let written = self
            .write_plain(self.batch(vec![write]), Event::Updated)
            .await;
        let looks = match written {
            Ok(outcomes) => match outcomes.into_iter().next() {
                Some(Outcome::Updated(row)) => return Ok(Reply::Updated(row)),
                _ => refusable,
            },
            Err(error) if adds && is_of_a_list(&error) => true,
            Err(error) => return Err(error),
        };
        match again.filter(|_| looks) {
            Some(changes) => {
                self.in_transaction(|scope| self.change_loaded(changes, key, asked, scope))
                    .await
            }
            None => Err(self.explain_change(key, &update, &on_new, asked).await),
        }
    }

    /// Where the changes can be made without looking at the record first; none where it has to be looked at, for hooks, for the schema,
    /// or for a rule that speaks of what comes of it.
    fn without_a_look(
        &self,
        changes: &[(usize, FieldChange)],
        update: &Filter,
        asked: &Changes,
    ) -> Option<Filter> {
        let unknown = |field: usize| {
            let of_it =
                |(at, change): &(usize, FieldChange)| *at == field && change.as_set().is_none();
            changes.iter().any(of_it)
        };
        let mut parents = self.mounted.model.parents.iter();
        let moves = parents.any(|parent| changes.iter().any(|(at, _)| *at == parent.field));
        let set = changes.iter();
        let set = set.filter_map(|(at, change)| Some((*at, change.as_set()?)));
        let looks = self.mounted.plan.update_hooked
            || moves
            || self.compares(&asked.precondition)
            || !self.are_small(set)
            || update.fields().any(unknown);
        match looks {
            true => None,
            false => self.mounted.model.fits_where(changes),
        }
    }

    /// What changes nothing is refused like any other change, and no hook or listener hears of it.
    async fn unmoved(&self, key: &Key, update: &Filter, asked: &Changes) -> Result<Reply> {
        let row = self.load(key).await?;
        let row = self.changeable(row, update, asked)?;
        self.ask(Event::Get, Some(&row), None, self.call.scope.as_ref())
            .await?;
        Ok(Reply::Updated(row))
    }

    /// The record, if the actor may change it and all conditions hold, in the order 404, 403, 412.
    fn changeable(&self, row: Option<Row>, update: &Filter, asked: &Changes) -> Result<Row> {
        self.judge(row.as_ref(), Operation::Update, update, &asked.precondition)?;
        let row = row.ok_or_else(Error::not_found)?;
        if asked.when.matches(&row.values) {
            Ok(row)
        } else {
            Err(Error::new(
                ErrorKind::PreconditionFailed,
                "the condition of the change does not hold for the record as it is",
            ))
        }
    }

    async fn explain_change(
        &self,
        key: &Key,
        update: &Filter,
        on_new: &Filter,
        asked: &Changes,
    ) -> Error {
        let row = match self.load(key).await {
            Ok(row) => row,
            Err(error) => return error,
        };
        let forbidden = row
            .as_ref()
            .is_some_and(|row| update.matches(&row.values) && !on_new.matches(&row.values));
        match self.changeable(row, update, asked) {
            Err(error) if error.kind() != ErrorKind::PreconditionFailed || !forbidden => error,
            _ if forbidden => self.refuse(Operation::Update),
            _ => Error::new(ErrorKind::Conflict, "another writer was first"),
        }
    }

    async fn change_loaded(
        &self,
        changes: Vec<(usize, FieldChange)>,
        key: &Key,
        asked: &Changes,
        scope: Scope,
    ) -> Result<Reply> {
        let old = self.load_in(key, &scope).await?;
        let old = self.changeable(old, &self.allowed(Operation::Update), asked)?;
        let model = &self.mounted.model;
        let fields: Vec<usize> = changes.iter().map(|(at, _)| *at).collect();
        let mut values = model.layout.judged(&old, changes)?.values;
        let mut checked = Draft::default();
        for at in fields {
            let value = std::mem::take(&mut values[at]);
            values[at] = model.fields[at].accept(value, &mut checked.faults);
        }
        if checked.faults.is_empty() {
            model.accept_groups(&mut values, &mut checked.faults);
        }
        checked.finish()?;
        if let Some(at) = model.updated {
            values[at] = Value::Instant(self.app.now());
        }
        let row = Arc::new(Record::new(values, old.version));
        self.update_hooked(&old, row, &scope)
            .await
            .map(Reply::Updated)
    }
}

/// Whether a list would get larger than it may without a look at its record. What a database says of its own has a cause.
fn is_of_a_list(error: &Error) -> bool {
    error.kind() == ErrorKind::TooLarge && std::error::Error::source(error).is_none()
}
