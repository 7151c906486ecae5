//! Step 2 and 6b: what the rules say, and how a refusal looks from outside.

use larder_query::{Filter, Op, Test};

use super::Run;
use crate::app::{Mode, Mounted};
use crate::call::{Precondition, Reply, Surface};
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::record::{Record, Row};
use crate::rule::Operation;
use crate::store::{Condition, Kept, Select};
use crate::wording::a;

/// What the log says in the place of a rule.
pub(super) const NO_RULE: &str = "(no rule: denied)";

impl Run<'_> {
    /// The records that the actor may read, create, update or delete.
    pub(super) fn allowed(&self, operation: Operation) -> Filter {
        self.allowed_of(self.mounted, operation)
    }

    /// The records of some model that the actor may read, create, update or delete.
    pub(super) fn allowed_of(&self, mounted: &Mounted, operation: Operation) -> Filter {
        if self.call.actor.is_system() {
            return Filter::True;
        }
        let model = &mounted.model;
        model
            .rules
            .get(&operation)
            .map_or(Filter::False, |rule| rule.bind(&self.call.actor, model))
    }

    /// The refusal of an operation: 401 where an actor could help, else 403. The log names the rule.
    pub(super) fn refuse(&self, operation: Operation) -> Error {
        let model = &self.mounted.model;
        let rule = model.rules.get(&operation);
        self.trace(operation.word(), rule.map_or(NO_RULE, |rule| rule.text()));
        if let Some(message) = self.unruled(operation) {
            return Error::new(ErrorKind::Forbidden, message);
        }
        if self.call.actor.is_anonymous() && rule.is_some_and(|rule| rule.needs_actor()) {
            return Error::new(
                ErrorKind::Unauthorized,
                format!(
                    "to {} {} you have to say who you are",
                    operation.word(),
                    a(model.name())
                ),
            );
        }
        Error::new(
            ErrorKind::Forbidden,
            format!("you may not {} this {}", operation.word(), model.name()),
        )
    }

    /// Whether nobody in particular may do this to no record, and somebody perhaps could: that is known without a look at a record.
    pub(super) fn wants_somebody(&self, operation: Operation) -> bool {
        let rule = self.mounted.model.rules.get(&operation);
        self.call.actor.is_anonymous()
            && rule.is_some_and(|rule| rule.needs_actor())
            && self.allowed(operation) == Filter::False
    }

    /// The refusal of an operation on a record that the actor can't see: as if it were not there.
    pub(super) fn conceal(&self, operation: Operation) -> Error {
        self.conceal_by(operation, operation)
    }

    /// The same where it is the rule of another operation that refuses: a PUT that finds no record asks whether it may add one.
    pub(super) fn conceal_by(&self, operation: Operation, refused: Operation) -> Error {
        let rules = &self.mounted.model.rules;
        if self.wants_somebody(operation) {
            return self.refuse(operation);
        }
        let by = rules.get(&refused);
        self.trace(refused.word(), by.map_or(NO_RULE, |rule| rule.text()));
        if let Some(message) = self.unruled(operation) {
            return Error::new(ErrorKind::NotFound, message);
        }
        Error::not_found()
    }

    /// The answer of [`conceal`](Self::conceal) where there is no record that a rule could have been asked of.
    pub(super) fn absent(&self, operation: Operation) -> Error {
        if self.allowed(operation) == Filter::False {
            return self.conceal(operation);
        }
        tracing::debug!(
            target: "larder::rules",
            model = self.mounted.model.name(),
            operation = operation.word(),
            actor = %self.call.actor,
            surface = ?self.call.surface,
            "there is no such record"
        );
        Error::not_found()
    }

    /// What a developer is told of an operation that no rule allows to anybody. It is the same for every record, there or not.
    fn unruled(&self, operation: Operation) -> Option<String> {
        let model = &self.mounted.model;
        if self.app.mode() != Mode::Development || model.rules.contains_key(&operation) {
            return None;
        }
        let (word, name) = (operation.word(), a(model.name()));
        Some(format!(
            "nobody may {word} {name}, because it has no rule for that: write `#[model(rules({word} = \"..\"))]`, with \
             \"true\" for everybody (only development mode says this)"
        ))
    }

    pub(super) fn trace(&self, operation: &str, rule: &str) {
        tracing::info!(
            target: "larder::rules",
            model = self.mounted.model.name(),
            operation,
            rule,
            actor = %self.call.actor,
            surface = ?self.call.surface,
            "the rule refused"
        );
    }

    /// Who may write a record but not read it learns from outside that the write was done, and nothing of the record.
    pub(super) fn veil(&self, reply: Reply) -> Reply {
        if self.call.surface == Surface::InProcess {
            return reply;
        }
        let reply = self.veil_acted(reply);
        let (row, created) = match &reply {
            Reply::Created(row) => (row, true),
            Reply::Updated(row) => (row, false),
            _ => return reply,
        };
        if self.allowed(Operation::Read).matches(&row.values) {
            return reply;
        }
        Reply::Unseen {
            key: self.mounted.model.key_of(row),
            version: row.version,
            created,
        }
    }

    /// The parents of the URL as a filter: a child is found only through its own parent.
    pub(super) fn under_parents(&self) -> Filter {
        let parents = self.mounted.model.parents.iter().zip(&self.call.parents);
        Filter::and(
            parents.map(|(parent, value)| Filter::test(parent.field, Op::Eq, value.clone())),
        )
    }

    /// What must hold of the old record: the rule, the parents, the versions.
    pub(super) fn condition(&self, rule: Filter, precondition: &Precondition) -> Condition {
        use crate::call::Tags;
        // `If-None-Match: *` holds of no record that is there.
        let rule = if precondition.if_none_match == Some(Tags::Any) {
            Filter::False
        } else {
            rule
        };
        let filter = if self.call.parents.is_empty() {
            rule
        } else {
            Filter::and([rule, self.under_parents()])
        };
        let versions = match &precondition.if_match {
            Some(Tags::These(versions)) => Some(versions.clone()),
            Some(Tags::Any) | None => None,
        };
        let not_versions = match &precondition.if_none_match {
            Some(Tags::These(versions)) => versions.clone(),
            Some(Tags::Any) | None => Vec::new(),
        };
        Condition {
            filter,
            versions,
            not_versions,
        }
    }

    /// Why a conditional write met no record: one more read tells 404, 403 and 412 apart.
    ///
    /// `allowed` is the rule on the old record; `create` says whether the write would have added a missing one.
    pub(super) async fn explain(
        &self,
        key: &Key,
        operation: Operation,
        allowed: &Filter,
        precondition: &Precondition,
    ) -> Error {
        let row = match self.load(key).await {
            Ok(row) => row,
            Err(error) => return error,
        };
        match self.judge(row.as_ref(), operation, allowed, precondition) {
            Err(error) => error,
            Ok(()) => Error::new(ErrorKind::Conflict, "another writer was first"),
        }
    }

    /// Whether the actor may do this to the record that is there, in the order 404, 403, 412.
    pub(super) fn judge(
        &self,
        row: Option<&Row>,
        operation: Operation,
        allowed: &Filter,
        precondition: &Precondition,
    ) -> Result<()> {
        let there = row.is_some();
        let Some(row) = self.visible(row, allowed) else {
            return Err(match there {
                true => self.conceal(operation),
                false => self.absent(operation),
            });
        };
        if !allowed.matches(&row.values) {
            return Err(self.refuse(operation));
        }
        self.must_hold(row, precondition)
    }

    /// 412 if a condition does not hold of the record that is there, or if it is a guess at what the actor can't read.
    pub(super) fn must_hold(&self, row: &Row, precondition: &Precondition) -> Result<()> {
        let is_guess = self.is_guess(row, precondition);
        if is_guess || !precondition.holds(Some(row)) {
            let message = precondition.unmet((!is_guess).then_some(row));
            return Err(Error::new(ErrorKind::PreconditionFailed, message));
        }
        Ok(())
    }

    /// The record, if the actor may know that it is there: because it may be read, or because this may be done to it.
    pub(super) fn visible<'r>(&self, row: Option<&'r Row>, allowed: &Filter) -> Option<&'r Row> {
        row.filter(|row| {
            self.allowed(Operation::Read).matches(&row.values) || allowed.matches(&row.values)
        })
    }

    /// The record with this key under the parents, whoever may see it.
    pub(super) async fn load(&self, key: &Key) -> Result<Option<Row>> {
        let select = Select::one(
            self.mounted.model.layout.clone(),
            key.clone(),
            self.under_parents(),
        );
        Ok(self.place().query(&select).await?.rows.into_iter().next())
    }

    /// 6b: the update rule on the new record. Fields that the write sets are known here; what it keeps is asked of the
    /// old record, as part of the condition of the write.
    pub(super) fn on_new(
        filter: &Filter,
        record: &Record,
        known: &dyn Fn(usize) -> bool,
    ) -> Filter {
        match filter {
            Filter::True => Filter::True,
            Filter::False => Filter::False,
            Filter::And(all) => {
                Filter::and(all.iter().map(|part| Self::on_new(part, record, known)))
            }
            Filter::Or(all) => Filter::or(all.iter().map(|part| Self::on_new(part, record, known))),
            Filter::Not(inner) => Filter::not(Self::on_new(inner, record, known)),
            Filter::Test(Test { field, .. }) if !known(*field) => filter.clone(),
            Filter::Inside(inside) if !known(inside.field) => filter.clone(),
            Filter::Test(_) | Filter::Inside(_) => {
                if filter.matches(&record.values) {
                    Filter::True
                } else {
                    Filter::False
                }
            }
        }
    }
}

impl Kept {
    pub(super) fn has(&self, field: usize) -> bool {
        self.0.contains(&field)
    }
}
