//! Adding records.

use std::sync::Arc;

use larder_query::Filter;

use super::Run;
use crate::call::{Body, Reply};
use crate::codec::Draft;
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::event::Event;
use crate::record::Row;
use crate::rule::Operation;
use crate::store::{Batch, Write};

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
        self.parents_exist(&self.parents_of(&row), None).await?;
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
        self.all_parents_exist(&rows).await?;
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
}
