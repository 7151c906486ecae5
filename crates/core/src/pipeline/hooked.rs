//! Steps 4, 6, 9 and 10: transactions, hooks and listeners, for the calls that need them.

use std::sync::Arc;

use larder_query::Value;

use super::Run;
use super::moved::By;
use crate::call::{Precondition, Want};
use crate::ctx::Ctx;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, Happening};
use crate::key::Key;
use crate::model::{HookPoint, Instance, this_mut};
use crate::record::{Record, Row};
use crate::rule::Operation;
use crate::runtime::complete;
use crate::store::{Batch, Kept, Outcome, Select, Write};
use crate::transaction::{Place, Scope};

impl Run<'_> {
    /// Runs `work` in a transaction: the caller's own, or one that begins when it is first used and is committed after.
    pub(super) async fn in_transaction<T, W>(&self, work: impl FnOnce(Scope) -> W) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        if let Some(scope) = self
            .call
            .scope
            .as_ref()
            .filter(|scope| scope.is_of(&self.mounted.store))
        {
            let part = scope.part();
            let done = work(scope.clone()).await?;
            part.whole();
            return Ok(done);
        }
        let scope = Scope::new(self.mounted.store.clone());
        let work = work(scope.clone());
        scope.run(self.app, self.mounted.model.name(), work).await
    }

    /// A write without hooks: one statement, and then the listeners.
    pub(super) async fn write_plain(&self, batch: Batch, event: Event) -> Result<Vec<Outcome>> {
        let may_add = batch
            .writes
            .iter()
            .any(|write| matches!(write, Write::Put { create: true, .. }));
        if !(self.mounted.hears(event) || may_add && self.mounted.hears(Event::Saved)) {
            return self.place().write(batch).await;
        }
        if let Some(scope) = self
            .call
            .scope
            .clone()
            .filter(|scope| scope.is_of(&self.mounted.store))
        {
            let part = scope.part();
            let outcomes = scope.write(batch).await?;
            for happening in self.happenings(&outcomes, event) {
                scope.happened(happening).await;
            }
            part.whole();
            return Ok(outcomes);
        }
        let (app, mounted, call) = (
            self.app.clone(),
            Arc::clone(self.mounted),
            self.call.clone(),
        );
        let work = async move {
            let run = Run {
                app: &app,
                mounted: &mounted,
                call: &call,
            };
            let outcomes = Place::Store(&mounted.store).write(batch).await?;
            app.tell(run.happenings(&outcomes, event)).await?;
            Ok(outcomes)
        };
        complete(self.app.runtime(), Box::pin(work)).await
    }

    fn happenings(&self, outcomes: &[Outcome], event: Event) -> Vec<Happening> {
        let told = |outcome: &Outcome| match outcome {
            Outcome::Created(row) => Some(self.happening(Event::Saved, Some(row.clone()), None)),
            Outcome::Updated(row) => Some(self.happening(Event::Updated, Some(row.clone()), None)),
            Outcome::Deleted(row) => Some(self.happening(event, row.clone(), None)),
            Outcome::Missed => None,
        };
        outcomes.iter().filter_map(told).collect()
    }

    pub(super) fn happening(
        &self,
        event: Event,
        record: Option<Row>,
        previous: Option<Row>,
    ) -> Happening {
        Happening {
            model: self.call.model,
            app: self.app.clone(),
            actor: self.call.actor.clone(),
            event,
            record,
            previous,
            scope: None,
        }
    }

    /// Asks the before-listeners; one that fails denies.
    pub(super) async fn ask(
        &self,
        event: Event,
        record: Option<&Row>,
        previous: Option<&Row>,
        scope: Option<&Scope>,
    ) -> Result<()> {
        let happening = Happening {
            scope: scope.cloned(),
            ..self.happening(event, record.cloned(), previous.cloned())
        };
        self.mounted.ask(&happening).await
    }

    pub(super) fn cx(&self, scope: &Scope) -> Ctx {
        Ctx {
            app: self.app.clone(),
            actor: self.call.actor.clone(),
            scope: Some(scope.clone()),
            parents: self.named_parents(),
        }
    }

    fn named_parents(&self) -> Vec<(Arc<str>, Value)> {
        let named = self.mounted.model.parents.iter().zip(&self.call.parents);
        named
            .map(|(parent, value)| (parent.parameter.clone(), value.clone()))
            .collect()
    }

    async fn hooks(&self, point: HookPoint, instance: &mut Instance, cx: &Ctx) -> Result<()> {
        let model = &self.mounted.model;
        for hook in model.hooks(point) {
            (hook.run)(&mut **instance, cx).await?;
        }
        for hook in model.fields_hooks(point) {
            hook.run(this_mut(&mut **instance)?, cx).await?;
        }
        Ok(())
    }

    /// Before-hooks on a record that is to be written.
    async fn before(&self, point: HookPoint, record: &mut Row, scope: &Scope) -> Result<()> {
        if !self.mounted.model.has_hooks(&[point]) {
            return Ok(());
        }
        let mut instance = self.mounted.model.instance(record)?;
        self.hooks(point, &mut instance, &self.cx(scope)).await?;
        self.take_back(&instance, record, &By::Hooks(point))?;
        Ok(())
    }

    /// After-hooks, inside the transaction.
    async fn after(&self, point: HookPoint, record: &Record, scope: &Scope) -> Result<()> {
        if self.mounted.model.has_hooks(&[point]) {
            let mut instance = self.mounted.model.instance(record)?;
            self.hooks(point, &mut instance, &self.cx(scope)).await?;
        }
        Ok(())
    }

    /// The write between the hooks: in the transaction where one has begun or after-hooks could still undo it.
    async fn write_between(
        &self,
        write: Write,
        after: HookPoint,
        scope: &Scope,
    ) -> Result<Outcome> {
        let batch = Batch {
            layout: self.mounted.model.layout.clone(),
            writes: vec![write],
            returning: false,
        };
        let told = match after {
            HookPoint::AfterCreate => Event::Saved,
            HookPoint::AfterUpdate => Event::Updated,
            _ => Event::Deleted,
        };
        // Listeners hear of a commit even if the client has gone meanwhile, so they need one that is run to its end.
        let followed = self.mounted.model.has_hooks(&[after]) || self.mounted.hears(told);
        let one_of_many = matches!(self.call.want, Want::CreateMany(_));
        let alone =
            !followed && !one_of_many && !scope.is_open().await && self.call.scope.is_none();
        let outcomes = if alone {
            Place::Store(&self.mounted.store).write(batch).await?
        } else {
            scope.write(batch).await?
        };
        outcomes
            .into_iter()
            .next()
            .ok_or_else(|| Error::internal("a store answered a write with nothing"))
    }

    /// Adds a record, with its hooks. `refuse` is what is said where the rule does not allow what the hooks made of it.
    pub(super) async fn create_hooked(
        &self,
        row: Row,
        scope: Scope,
        refuse: fn(&Self) -> Error,
    ) -> Result<Row> {
        let model = &self.mounted.model;
        let given = model.key_of(&row);
        let row = self.hooked_new(row, &scope, refuse).await?;
        let key = model.key_of(&row);
        let chosen = (key != given).then_some(key);
        self.insert_hooked(row, chosen, &scope).await
    }

    /// A new record as its hooks want it, allowed and under parents that are there.
    async fn hooked_new(
        &self,
        mut row: Row,
        scope: &Scope,
        refuse: fn(&Self) -> Error,
    ) -> Result<Row> {
        self.ask(Event::Save, Some(&row), None, Some(scope)).await?;
        self.before(HookPoint::BeforeCreate, &mut row, scope)
            .await?;
        if !self.allowed(Operation::Create).matches(&row.values) {
            return Err(refuse(self));
        }
        self.is_within(&row, None)?;
        self.parents_exist(&self.parents_of(&row), Some(scope))
            .await?;
        Ok(row)
    }

    /// Writes a new record, and what follows that. `chosen` is its id, if hooks have chosen that.
    async fn insert_hooked(&self, row: Row, chosen: Option<Key>, scope: &Scope) -> Result<Row> {
        let insert = Write::Insert { record: row };
        let outcome = self
            .write_between(insert, HookPoint::AfterCreate, scope)
            .await
            .map_err(|error| match chosen {
                // Whoever owns the transaction may begin anew, and the hooks with him: in this one they would see what they have seen.
                Some(key) if self.is_taken_key(&error) => error.chosen(key),
                _ => error,
            })?;
        let row = Self::added(Some(outcome))?;
        self.after(HookPoint::AfterCreate, &row, scope).await?;
        if self.mounted.hears(Event::Saved) {
            scope
                .happened(self.happening(Event::Saved, Some(row.clone()), None))
                .await;
        }
        Ok(row)
    }

    /// Changes a record that was loaded in this transaction to `row`, with its hooks.
    pub(super) async fn update_hooked(
        &self,
        old: &Row,
        mut row: Row,
        scope: &Scope,
    ) -> Result<Row> {
        self.ask(Event::Update, Some(&row), Some(old), Some(scope))
            .await?;
        self.before(HookPoint::BeforeUpdate, &mut row, scope)
            .await?;
        if !self.allowed(Operation::Update).matches(&row.values) {
            return Err(self.refuse(Operation::Update));
        }
        self.update_ruled(old, row, scope).await
    }

    /// Writes what an action made of a record, with the hooks of an update.
    pub(super) async fn update_acted(&self, old: &Row, mut row: Row, scope: &Scope) -> Result<Row> {
        self.ask(Event::Update, Some(&row), Some(old), Some(scope))
            .await?;
        self.before(HookPoint::BeforeUpdate, &mut row, scope)
            .await?;
        self.update_ruled(old, row, scope).await
    }

    /// Writes a change whose rule has been checked.
    async fn update_ruled(&self, old: &Row, row: Row, scope: &Scope) -> Result<Row> {
        self.is_within(&row, Some(old))?;
        self.other_parents_exist(old, &row, scope).await?;
        let when = self.unchanged(old);
        let write = Write::Put {
            record: row,
            kept: Kept::default(),
            when,
            create: false,
        };
        let Outcome::Updated(row) = self
            .write_between(write, HookPoint::AfterUpdate, scope)
            .await?
        else {
            return Err(Error::new(ErrorKind::Conflict, "another writer was first"));
        };
        self.after(HookPoint::AfterUpdate, &row, scope).await?;
        if self.mounted.hears(Event::Updated) {
            scope
                .happened(self.happening(Event::Updated, Some(row.clone()), Some(old.clone())))
                .await;
        }
        Ok(row)
    }

    /// Deletes a record, with its hooks; gives what it was.
    pub(super) async fn delete_hooked(
        &self,
        key: &Key,
        precondition: &Precondition,
        scope: Scope,
    ) -> Result<Row> {
        let old = self.load_in(key, &scope).await?;
        self.judge(
            old.as_ref(),
            Operation::Delete,
            &self.allowed(Operation::Delete),
            precondition,
        )?;
        let old = old.ok_or_else(Error::not_found)?;
        let when = self.unchanged(&old);
        self.ask(Event::Delete, Some(&old), None, Some(&scope))
            .await?;
        if self.mounted.model.has_hooks(&[HookPoint::BeforeDelete]) {
            let mut instance = self.mounted.model.instance(&old)?;
            self.hooks(HookPoint::BeforeDelete, &mut instance, &self.cx(&scope))
                .await?;
        }
        let write = Write::Delete {
            key: key.clone(),
            when,
        };
        if !matches!(
            self.write_between(write, HookPoint::AfterDelete, &scope)
                .await?,
            Outcome::Deleted(_)
        ) {
            return Err(Error::new(ErrorKind::Conflict, "another writer was first"));
        }
        self.after(HookPoint::AfterDelete, &old, &scope).await?;
        if self.mounted.hears(Event::Deleted) {
            scope
                .happened(self.happening(Event::Deleted, Some(old.clone()), None))
                .await;
        }
        Ok(old)
    }

    /// The record with this key under the parents, inside the transaction.
    pub(super) async fn load_in(&self, key: &Key, scope: &Scope) -> Result<Option<Row>> {
        let select = Select::one(
            self.mounted.model.layout.clone(),
            key.clone(),
            self.under_parents(),
        );
        Ok(scope.query(&select).await?.rows.into_iter().next())
    }
}
