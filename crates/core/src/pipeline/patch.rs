//! PATCH: a merge patch (RFC 7396) of the fields that the client names.

use std::sync::Arc;

use larder_query::{Filter, Object, Value};

use super::Run;
use crate::call::{Body, Precondition, Reply};
use crate::codec::Draft;
use crate::error::Result;
use crate::event::Event;
use crate::key::Key;
use crate::record::{Record, Row};
use crate::rule::Operation;
use crate::store::{Outcome, Write};
use crate::transaction::Scope;

impl Run<'_> {
    pub(super) async fn patch(
        &self,
        key: &Key,
        body: &Body,
        precondition: &Precondition,
    ) -> Result<Reply> {
        let update = self.allowed(Operation::Update);
        if update == Filter::False && self.call.actor.is_anonymous() {
            return Err(self.conceal(Operation::Update));
        }
        let (mut draft, trusted) = self.draft(body, true)?;
        self.leave_key(&mut draft, key);
        self.resolve_nulls(&mut draft)?;
        draft.finish()?;
        let merges = draft
            .values
            .iter()
            .enumerate()
            .filter_map(|(at, value)| Some((at, value.as_ref()?)))
            .any(|(at, value)| {
                matches!(value, Value::Object(_)) || self.mounted.model.is_flattened(at)
            });
        if merges || trusted || self.mounted.plan.update_hooked || self.compares(precondition) {
            return self
                .in_transaction(|scope| self.patch_loaded(draft, key, precondition, scope))
                .await;
        }
        let mut set: Vec<(usize, Value)> = draft
            .values
            .into_iter()
            .enumerate()
            .filter_map(|(at, value)| Some((at, value?)))
            .collect();
        if set.is_empty() {
            return self.untouched(key, &update, precondition).await;
        }
        if let Some(at) = self.mounted.model.updated {
            set.push((at, Value::Instant(self.app.now())));
        }
        let on_new = self.on_patched(&update, &set);
        let when = self.condition(Filter::and([update.clone(), on_new.clone()]), precondition);
        let write = Write::Update {
            key: key.clone(),
            changes: set
                .into_iter()
                .map(|(at, value)| (at, value.into()))
                .collect(),
            when,
        };
        match self
            .write_plain(self.batch(vec![write]), Event::Updated)
            .await?
            .into_iter()
            .next()
        {
            Some(Outcome::Updated(row)) => Ok(Reply::Updated(row)),
            _ => Err(self
                .explain_patch(key, &update, &on_new, precondition)
                .await),
        }
    }

    /// Null means "remove": an optional field becomes null, one with a default gets it, a required one can't go.
    fn resolve_nulls(&self, draft: &mut Draft) -> Result<()> {
        for (at, field) in self.mounted.model.fields.iter().enumerate() {
            if !matches!(draft.values[at], Some(Value::Null)) {
                continue;
            }
            match field.default()? {
                Some(default) => draft.values[at] = Some(default),
                // A null also stands where a value had a fault, which is told already.
                None if draft.faults.iter().any(|fault| fault.field == field.name()) => {}
                None => draft.fault(
                    field.name(),
                    field.pointer(),
                    "is required and can't be removed",
                    "required",
                ),
            }
        }
        Ok(())
    }

    /// The rule on the new record: known where the patch sets a field, asked of the old record where not.
    pub(super) fn on_patched(&self, update: &Filter, set: &[(usize, Value)]) -> Filter {
        let mut values = vec![Value::Null; self.mounted.model.fields.len()];
        for (at, value) in set {
            values[*at] = value.clone();
        }
        let partial = Record::new(values, crate::record::Version(0));
        Self::on_new(update, &partial, &|field| {
            set.iter().any(|(at, _)| *at == field)
        })
    }

    /// A patch that names nothing changes nothing, but is refused like any other.
    async fn untouched(
        &self,
        key: &Key,
        update: &Filter,
        precondition: &Precondition,
    ) -> Result<Reply> {
        let row = self.load(key).await?;
        self.judge(row.as_ref(), Operation::Update, update, precondition)?;
        self.ask(Event::Get, row.as_ref(), None, self.call.scope.as_ref())
            .await?;
        row.map(Reply::Updated).ok_or_else(crate::Error::not_found)
    }

    async fn explain_patch(
        &self,
        key: &Key,
        update: &Filter,
        on_new: &Filter,
        precondition: &Precondition,
    ) -> crate::Error {
        let row = match self.load(key).await {
            Ok(row) => row,
            Err(error) => return error,
        };
        match self.judge(row.as_ref(), Operation::Update, update, precondition) {
            Err(error) => error,
            Ok(()) if row.is_some_and(|row| !on_new.matches(&row.values)) => {
                self.refuse(Operation::Update)
            }
            Ok(()) => crate::Error::new(crate::ErrorKind::Conflict, "another writer was first"),
        }
    }

    async fn patch_loaded(
        &self,
        draft: Draft,
        key: &Key,
        precondition: &Precondition,
        scope: Scope,
    ) -> Result<Reply> {
        let old = self.load_in(key, &scope).await?;
        self.judge(
            old.as_ref(),
            Operation::Update,
            &self.allowed(Operation::Update),
            precondition,
        )?;
        let old: Row = old.ok_or_else(crate::Error::not_found)?;
        let model = &self.mounted.model;
        let mut values = old.values.clone();
        let mut checked = Draft::default();
        for (at, value) in draft.values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            let merged = merge(std::mem::take(&mut values[at]), value);
            values[at] = model.fields[at].accept(merged, &mut checked.faults);
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

/// RFC 7396: objects merge member by member, anything else replaces.
fn merge(old: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else {
        return patch;
    };
    let mut object = match old {
        Value::Object(object) => *object,
        _ => Object::new(),
    };
    for (name, value) in patch.iter() {
        if value.is_null() {
            object.remove(name);
        } else {
            let old = object.remove(name).unwrap_or_default();
            object.insert(name, merge(old, value.clone()));
        }
    }
    Value::Object(Box::new(object))
}
