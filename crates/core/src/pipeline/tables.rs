//! What changes for models whose table is not larder's own: nothing is written to some, some keep no versions, some give
//! new records their keys.

use larder_query::{Filter, Op, Value};

use super::Run;
use crate::call::{Precondition, Reply, Surface, Tags, Want};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Kind;
use crate::record::{Record, Row};
use crate::rule::Operation;
use crate::store::{Condition, Outcome};

impl Run<'_> {
    /// Refuses every write to a read-only model, whoever asks.
    pub(super) fn writable(&self) -> Result<()> {
        let model = &self.mounted.model;
        // An action that changes its record was refused at `build()`.
        if model.layout.storage.read_only && !matches!(self.call.want, Want::Act { .. }) {
            let name = model.name();
            return Err(Error::new(
                ErrorKind::MethodNotAllowed,
                format!("{name} is read-only here"),
            ));
        }
        Ok(())
    }

    /// Whether this write has to see the old record first because the table keeps no versions to write under.
    pub(super) fn compares(&self, precondition: &Precondition) -> bool {
        let names = |tags: &Option<Tags>| matches!(tags, Some(Tags::These(_)));
        self.mounted.model.layout.by_content()
            && (names(&precondition.if_match) || names(&precondition.if_none_match))
    }

    /// Whether a condition speaks of the content of a record that the actor can't read: it must not be told whether it
    /// guessed right.
    pub(super) fn is_guess(&self, row: &Record, precondition: &Precondition) -> bool {
        self.call.surface != Surface::InProcess
            && self.compares(precondition)
            && !self.allowed(Operation::Read).matches(&row.values)
    }

    /// The record behind an action's `ETag`, which is a hash of its content here, only for who may read it.
    pub(super) fn veil_acted(&self, reply: Reply) -> Reply {
        match reply {
            Reply::Acted(output, Some(row))
                if self.mounted.model.layout.by_content()
                    && !self.allowed(Operation::Read).matches(&row.values) =>
            {
                Reply::Acted(output, None)
            }
            reply => reply,
        }
    }

    /// The condition that a record is still what was read: its version, or all its values where there is none.
    pub(super) fn unchanged(&self, old: &Record) -> Condition {
        if !self.mounted.model.layout.by_content() {
            return Condition::version(old.version);
        }
        let fields = old
            .values
            .iter()
            .zip(&self.mounted.model.fields)
            .enumerate();
        // A JSON column may hold a null of JSON's where it could hold none of SQL's, which no filter tells apart.
        let fields =
            fields.filter(|(_, (value, field))| !(value.is_null() && field.kind() == Kind::Json));
        let same = |(at, (value, _)): (usize, (&Value, _))| Filter::test(at, Op::Eq, value.clone());
        Condition::filter(Filter::and(fields.map(same)))
    }

    /// Whether the database gives this model's records their keys.
    pub(super) fn assigns(&self) -> bool {
        self.mounted.model.layout.storage.assigned_key
    }

    /// The record as it was added: with its key, if the store gave it one.
    pub(super) fn added(outcome: Option<Outcome>) -> Result<Row> {
        match outcome {
            Some(Outcome::Created(row)) => Ok(row),
            _ => Err(Error::internal("a store did not say what it added")),
        }
    }
}
