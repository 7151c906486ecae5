//! Deleting records.

use super::Run;
use crate::call::{Precondition, Reply};
use crate::error::Result;
use crate::event::Event;
use crate::key::Key;
use crate::model::Method;
use crate::record::Row;
use crate::rule::Operation;
use crate::store::{Batch, Outcome, Write};

impl Run<'_> {
    pub(super) async fn delete(&self, key: &Key, precondition: &Precondition) -> Result<Reply> {
        let allowed = self.allowed(Operation::Delete);
        if self.wants_somebody(Operation::Delete) {
            return Err(self.refuse(Operation::Delete));
        }
        self.through_parents().await?;
        if self.mounted.plan.delete_hooked || self.compares(precondition) {
            let old = self
                .in_transaction(|scope| self.delete_hooked(key, precondition, scope))
                .await?;
            return Ok(self.deleted(Some(old)));
        }
        let when = self.condition(allowed.clone(), precondition);
        let writes = vec![Write::Delete {
            key: key.clone(),
            when,
        }];
        let batch = Batch {
            returning: self.mounted.hears(Event::Deleted) || self.echoes_delete(),
            ..self.batch(writes)
        };
        match self
            .write_plain(batch, Event::Deleted)
            .await?
            .into_iter()
            .next()
        {
            Some(Outcome::Deleted(row)) => Ok(self.deleted(row)),
            _ => Err(self
                .explain(key, Operation::Delete, &allowed, precondition)
                .await),
        }
    }

    fn echoes_delete(&self) -> bool {
        self.mounted.model.def.offer.echoes(Method::Delete)
    }

    /// The answer, with the record where the model echoes it and the actor may read it.
    fn deleted(&self, row: Option<Row>) -> Reply {
        let echoed = row.filter(|row| {
            self.echoes_delete() && self.allowed(Operation::Read).matches(&row.values)
        });
        Reply::Deleted(echoed)
    }
}
