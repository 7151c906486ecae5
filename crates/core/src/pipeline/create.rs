//! Adding records.

use std::sync::Arc;

use larder_query::{Filter, Op};

use super::Run;
use crate::call::{Body, Reply};
use crate::codec::Draft;
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::event::Event;
use crate::model::Compiled;
use crate::record::Row;
use crate::rule::Operation;
use crate::store::{Batch, Select, Write};

impl Run<'_> {
    pub(super) async fn create(&self, body: &Body) -> Result<Reply> {
        let allowed = self.allowed(Operation::Create);
        if allowed == Filter::False {
            return Err(self.refuse(Operation::Create));
        }
        let (draft, trusted) = self.draft(body, false)?;
        let row = Arc::new(self.fill(draft, None, trusted)?);
        if self.mounted.plan.create_hooked {
            return self
                .in_transaction(|scope| self.create_hooked(row, scope, Self::refuse_create))
                .await
                .map(Reply::Created);
        }
        if !allowed.matches(&row.values) {
            return Err(self.refuse(Operation::Create));
        }
        self.is_within(&row, None)?;
        self.parents_exist().await?;
        let outcomes = self
            .write_plain(
                self.batch(vec![Write::Insert { record: row }]),
                Event::Saved,
            )
            .await?;
        Self::added(outcomes.into_iter().next()).map(Reply::Created)
    }

    /// Adds many records as one batch: all of them, or none. Faults name the record by its place.
    pub(super) async fn create_many(&self, drafts: &[Draft]) -> Result<Reply> {
        let allowed = self.allowed(Operation::Create);
        if allowed == Filter::False {
            return Err(self.refuse(Operation::Create));
        }
        let mut rows: Vec<Row> = Vec::with_capacity(drafts.len());
        let mut faults: Vec<FieldError> = Vec::new();
        for (at, draft) in drafts.iter().enumerate() {
            match self.fill(draft.clone(), None, true) {
                Ok(record) if allowed.matches(&record.values) => rows.push(Arc::new(record)),
                Ok(_) => return Err(self.refuse(Operation::Create)),
                Err(error) if error.kind() == ErrorKind::Invalid => {
                    let all = error.fields().iter().chain(error.hidden_fields());
                    faults.extend(all.map(|fault| FieldError {
                        pointer: format!("/{at}{}", fault.pointer),
                        ..fault.clone()
                    }));
                }
                Err(error) => return Err(error),
            }
        }
        if !faults.is_empty() {
            return Err(Error::invalid(faults));
        }
        rows.iter().try_for_each(|row| self.is_within(row, None))?;
        if self.mounted.plan.create_hooked {
            return self
                .in_transaction(async |scope| {
                    let mut written = Vec::with_capacity(rows.len());
                    for row in rows {
                        written.push(
                            self.create_hooked(row, scope.clone(), Self::refuse_create)
                                .await?,
                        );
                    }
                    Ok(Reply::CreatedMany(written))
                })
                .await;
        }
        let writes = rows.into_iter().map(|record| Write::Insert { record });
        let batch = self.batch(writes.collect());
        let outcomes = self.write_plain(batch, Event::Saved).await?;
        let added = outcomes
            .into_iter()
            .map(|outcome| Self::added(Some(outcome)));
        added.collect::<Result<_>>().map(Reply::CreatedMany)
    }

    fn refuse_create(&self) -> Error {
        self.refuse(Operation::Create)
    }

    pub(super) fn batch(&self, writes: Vec<Write>) -> Batch {
        Batch {
            layout: self.mounted.model.layout.clone(),
            writes,
            returning: false,
        }
    }

    /// What the URL says of a parent's own parents: a comment's post has to be in the comment's blog.
    fn above(&self, parent: &Compiled) -> Filter {
        let own = &self.mounted.model.parents;
        Filter::and(parent.parents.iter().filter_map(|above| {
            let at = own.iter().position(|own| {
                own.parameter == above.parameter || own.model.is_some() && own.model == above.model
            })?;
            Some(Filter::test(
                above.field,
                Op::Eq,
                self.call.parents.get(at)?.clone(),
            ))
        }))
    }

    /// Whether [`parents_exist`](Self::parents_exist), for a write that need not add a record.
    pub(super) async fn has_parents(&self) -> Result<bool> {
        match self.parents_exist().await {
            Ok(()) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A record is added only under parents that the actor may read: else it would say which of them exist.
    pub(super) async fn parents_exist(&self) -> Result<()> {
        for (parent, value) in self.mounted.model.parents.iter().zip(&self.call.parents) {
            let Some(at) = parent
                .model
                .as_deref()
                .and_then(|name| self.app.position(name))
            else {
                continue;
            };
            let call = crate::call::Call {
                model: at,
                parents: Vec::new(),
                ..self.call.clone()
            };
            let run = Run {
                app: self.app,
                mounted: self.app.mounted(at)?,
                call: &call,
            };
            let filter =
                Filter::and([run.allowed(Operation::Read), self.above(&run.mounted.model)]);
            let key = run
                .mounted
                .model
                .linked_key(value)
                .ok_or_else(Error::not_found)?;
            let select = Select::one(run.mounted.model.layout.clone(), key, filter);
            if run.place().query(&select).await?.rows.is_empty() {
                return Err(Error::not_found());
            }
        }
        Ok(())
    }
}
