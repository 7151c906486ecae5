//! Parents: whoever adds a record below one, or comes through its URL, must find it.

use std::collections::HashSet;

use larder_query::{Filter, Op, Value};

use super::Run;
use crate::app::Mounted;
use crate::call::{Call, Surface};
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::model::Compiled;
use crate::record::{Record, Row};
use crate::rule::Operation;
use crate::store::Select;
use crate::transaction::{Place, Scope};

impl Run<'_> {
    /// The parents of a record, in the order of the model's URL.
    pub(super) fn parents_of(&self, record: &Record) -> Vec<Value> {
        let parents = self.mounted.model.parents.iter();
        parents
            .map(|parent| record.get(parent.field).clone())
            .collect()
    }

    /// Fails as for a record that is not there, unless the parents that the URL names are, and the actor may read them. A hidden one
    /// hides what is below it, so that nobody can tell it from a missing one.
    pub(super) async fn through_parents(&self) -> Result<()> {
        self.parents_exist(&self.call.parents, None).await
    }

    /// Fails as for a record that is not there, unless these parents are, and the actor may read them: else it would say which of them
    /// exist. Those that a transaction has added are there if it is given.
    pub(super) async fn parents_exist(
        &self,
        values: &[Value],
        scope: Option<&Scope>,
    ) -> Result<()> {
        if values.is_empty() {
            return Ok(());
        }
        // Apart, so that calls without parents do not carry its state along.
        Box::pin(self.each_exists(values, scope)).await
    }

    async fn each_exists(&self, values: &[Value], scope: Option<&Scope>) -> Result<()> {
        for (parent, value) in self.mounted.model.parents.iter().zip(values) {
            let at = parent
                .model
                .as_deref()
                .and_then(|name| self.app.position(name));
            // One that is optional may be none, in a record that code has made.
            let Some(at) = at.filter(|_| !value.is_null()) else {
                continue;
            };
            let call = Call {
                model: at,
                parents: Vec::new(),
                ..self.call.clone()
            };
            let run = Run {
                app: self.app,
                mounted: self.app.mounted(at)?,
                call: &call,
            };
            let above = self.above(&run.mounted.model, values);
            let filter = Filter::and([run.allowed(Operation::Read), above]);
            let model = &run.mounted.model;
            let key = model
                .linked_key(value)
                .ok_or_else(|| self.no_parent(model, value))?;
            let select = Select::one(model.layout.clone(), key, filter);
            let place = run.place_in(scope, run.mounted).await;
            if place.query(&select).await?.rows.is_empty() {
                return Err(self.no_parent(model, value));
            }
        }
        Ok(())
    }

    /// As [`parents_exist`](Self::parents_exist), for many records: each parent is looked up once.
    pub(super) async fn all_parents_exist(&self, rows: &[Row]) -> Result<()> {
        if self.mounted.model.parents.is_empty() {
            return Ok(());
        }
        let mut known: HashSet<Vec<Key>> = HashSet::new();
        for row in rows {
            let parents = self.parents_of(row);
            if known.insert(parents.iter().cloned().map(Key::from).collect()) {
                self.parents_exist(&parents, None).await?;
            }
        }
        Ok(())
    }

    /// Looks for the parents of a changed record, if they are others than before.
    pub(super) async fn other_parents_exist(
        &self,
        old: &Record,
        new: &Record,
        scope: &Scope,
    ) -> Result<()> {
        let mut parents = self.mounted.model.parents.iter();
        let moves = parents.any(|parent| !new.get(parent.field).same(old.get(parent.field)));
        if moves {
            return self.parents_exist(&self.parents_of(new), Some(scope)).await;
        }
        Ok(())
    }

    /// Where a parent is looked for: in the transaction, if one has begun that could have added it.
    async fn place_in<'s>(&'s self, scope: Option<&'s Scope>, mounted: &Mounted) -> Place<'s> {
        if let Some(scope) = scope.filter(|scope| scope.is_of(&mounted.store))
            && scope.is_open().await
        {
            return Place::Transaction(scope);
        }
        self.place()
    }

    /// What the child says of a parent's own parents: a comment's post has to be in the comment's blog.
    fn above(&self, parent: &Compiled, values: &[Value]) -> Filter {
        let own = &self.mounted.model.parents;
        Filter::and(parent.parents.iter().filter_map(|above| {
            let at = own.iter().position(|own| {
                own.parameter == above.parameter || own.model.is_some() && own.model == above.model
            })?;
            let value = values.get(at).filter(|value| !value.is_null())?;
            Some(Filter::test(above.field, Op::Eq, value.clone()))
        }))
    }

    /// The same for a parent that is hidden. Code on the server is told which it is; a client has named it.
    fn no_parent(&self, parent: &Compiled, value: &Value) -> Error {
        if self.call.surface != Surface::InProcess {
            return Error::not_found();
        }
        let (parent, id, name) = (
            parent.name(),
            Key::from(value.clone()),
            self.mounted.model.name(),
        );
        Error::new(
            ErrorKind::NotFound,
            format!("there is no {parent} `{id}`, which this {name} would belong to"),
        )
    }
}
