//! PATCH by operations (JSON Patch, RFC 6902): read, changed, and written under the version that was read.

use std::sync::Arc;

use larder_query::{Filter, Value};

use super::Run;
use crate::call::{Precondition, Reply};
use crate::codec::{Draft, JsonPatch};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::key::Key;
use crate::record::{Record, Row};
use crate::rule::Operation;
use crate::store::{Outcome, Write};
use crate::transaction::Scope;

/// What a patch makes of a record.
struct Patched {
    /// The fields that change, `_updated` among them.
    set: Vec<(usize, Value)>,
    /// The record with them.
    row: Row,
}

impl Run<'_> {
    pub(super) async fn json_patch(
        &self,
        key: &Key,
        text: &[u8],
        precondition: &Precondition,
    ) -> Result<Reply> {
        let update = self.allowed(Operation::Update);
        if update == Filter::False && self.call.actor.is_anonymous() {
            return Err(self.conceal(Operation::Update));
        }
        let patch = JsonPatch::read(&self.mounted.model, text)?;
        self.through_parents().await?;
        if self.mounted.plan.update_hooked || self.compares(precondition) {
            return self
                .in_transaction(|scope| self.json_patch_hooked(&patch, key, precondition, scope))
                .await;
        }
        let old = self.load(key).await?;
        let old = self.patchable(old, &update, precondition)?;
        self.ask(Event::Get, Some(&old), None, self.call.scope.as_ref())
            .await?;
        let Some(patched) = self.patched(&patch, &old)? else {
            return Ok(Reply::Updated(old));
        };
        if !update.matches(&patched.row.values) {
            return Err(self.refuse(Operation::Update));
        }
        self.is_within(&patched.row, Some(&old))?;
        let write = Write::Update {
            key: key.clone(),
            changes: patched
                .set
                .into_iter()
                .map(|(at, value)| (at, value.into()))
                .collect(),
            // All that was judged of the old record still holds while it is the same.
            when: self.unchanged(&old),
        };
        let outcomes = self
            .write_plain(self.batch(vec![write]), Event::Updated)
            .await?;
        match outcomes.into_iter().next() {
            Some(Outcome::Updated(row)) => Ok(Reply::Updated(row)),
            _ => Err(Error::new(ErrorKind::Conflict, "another writer was first")),
        }
    }

    async fn json_patch_hooked(
        &self,
        patch: &JsonPatch,
        key: &Key,
        precondition: &Precondition,
        scope: Scope,
    ) -> Result<Reply> {
        let old = self.load_in(key, &scope).await?;
        let old = self.patchable(old, &self.allowed(Operation::Update), precondition)?;
        self.ask(Event::Get, Some(&old), None, Some(&scope)).await?;
        let Some(patched) = self.patched(patch, &old)? else {
            return Ok(Reply::Updated(old));
        };
        self.update_hooked(&old, patched.row, &scope)
            .await
            .map(Reply::Updated)
    }

    /// The record, if the actor may change it and may see what is in it: a test that fails tells of it.
    fn patchable(
        &self,
        row: Option<Row>,
        update: &Filter,
        precondition: &Precondition,
    ) -> Result<Row> {
        self.judge(row.as_ref(), Operation::Update, update, precondition)?;
        let row = row.ok_or_else(Error::not_found)?;
        if self.allowed(Operation::Read).matches(&row.values) {
            return Ok(row);
        }
        self.trace(Operation::Read.word(), "(a JSON Patch reads the record)");
        Err(Error::new(
            ErrorKind::Forbidden,
            format!(
                "a JSON Patch reads the record, and you may not read this {}: send a merge patch (application/merge-patch+json)",
                self.mounted.model.name()
            ),
        ))
    }

    /// What the patch makes of the record; nothing if it only tests.
    fn patched(&self, patch: &JsonPatch, old: &Row) -> Result<Option<Patched>> {
        let model = &self.mounted.model;
        let mut set = patch.apply(model, old, self.app.body_limit())?;
        if set.is_empty() {
            return Ok(None);
        }
        if let Some(at) = model.updated {
            set.push((at, Value::Instant(self.app.now())));
        }
        let mut values = old.values.clone();
        for (at, value) in &set {
            values[*at] = value.clone();
        }
        if model.has_groups() {
            // A flattened struct is checked as a whole, which may bring its other fields into their usual form.
            let mut checked = Draft::default();
            model.accept_groups(&mut values, &mut checked.faults);
            checked.finish()?;
            let pairs = values.iter().zip(&old.values).enumerate();
            let changed = pairs.filter(|(_, (new, old))| !new.same(old));
            set = changed.map(|(at, (new, _))| (at, new.clone())).collect();
        }
        let row = Arc::new(Record::new(values, old.version));
        Ok(Some(Patched { set, row }))
    }
}
