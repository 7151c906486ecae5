//! PUT: a full replace of a record, or a new one with a key that the client chose.

use std::sync::Arc;

use larder_query::{Filter, Value};

use super::Run;
use crate::call::{Body, Precondition, Reply, Surface, Tags};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::key::Key;
use crate::model::Method;
use crate::record::{Record, Row};
use crate::rule::Operation;
use crate::store::{Outcome, Write};
use crate::transaction::Scope;

impl Run<'_> {
    pub(super) async fn replace(
        &self,
        key: &Key,
        body: &Body,
        precondition: &Precondition,
    ) -> Result<Reply> {
        let create = if self.offers(Method::PutNew) {
            self.allowed(Operation::Create)
        } else {
            Filter::False
        };
        let update = self.allowed(Operation::Update);
        if create == Filter::False && self.wants_somebody(Operation::Update) {
            return Err(self.refuse(Operation::Update));
        }
        let (draft, trusted) = self.draft(body, false)?;
        let sent = if trusted {
            draft.values.clone()
        } else {
            Vec::new()
        };
        let (record, unowned) = self.fill_unowned(draft, Some(key), trusted)?;
        let row = Arc::new(record);
        self.through_parents().await?;
        if self.loads_first() || trusted {
            return self
                .in_transaction(|scope| {
                    self.replace_hooked(row, unowned, key, &sent, precondition, scope)
                })
                .await;
        }
        self.is_within(&row, None)?;
        let may_add = unowned.is_none() && precondition.if_match.is_none() && !self.assigns();
        let adds = may_add && create.matches(&row.values);
        if precondition.if_none_match == Some(Tags::Any) || !self.offers(Method::PutExisting) {
            return if adds {
                self.insert_only(row, key, &update, precondition).await
            } else {
                Err(self
                    .explain_replace(key, &update, &Filter::True, precondition, may_add)
                    .await)
            };
        }
        let kept = &self.mounted.model.kept;
        let on_new = Self::on_new(&update, &row, &|field| !kept.has(field));
        let when = self.condition(Filter::and([update.clone(), on_new.clone()]), precondition);
        let write = Write::Put {
            record: row,
            kept: kept.clone(),
            when,
            create: adds,
        };
        let outcomes = self
            .write_plain(self.batch(vec![write]), Event::Updated)
            .await?;
        match outcomes.into_iter().next() {
            Some(Outcome::Created(row)) => Ok(Reply::Created(row)),
            Some(Outcome::Updated(row)) => Ok(Reply::Updated(row)),
            _ => Err(self
                .explain_replace(key, &update, &on_new, precondition, may_add && !adds)
                .await),
        }
    }

    /// Whether one statement will not do: without versions it can't say whether it added or replaced.
    fn loads_first(&self) -> bool {
        self.mounted.plan.replace_hooked || self.mounted.model.layout.by_content()
    }

    async fn insert_only(
        &self,
        row: Row,
        key: &Key,
        update: &Filter,
        precondition: &Precondition,
    ) -> Result<Reply> {
        match self
            .write_plain(
                self.batch(vec![Write::Insert { record: row }]),
                Event::Saved,
            )
            .await
        {
            Ok(outcomes) => Self::added(outcomes.into_iter().next()).map(Reply::Created),
            Err(error) if self.is_taken_key(&error) => {
                let old = self.load(key).await?;
                self.judge(old.as_ref(), Operation::Update, update, precondition)?;
                self.replaces()?;
                Err(Error::new(ErrorKind::Conflict, "another writer was first"))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn is_taken_key(&self, error: &Error) -> bool {
        let model = &self.mounted.model;
        let of_key = |name: &str| {
            let mut places = model.key.places().iter();
            places.any(|place| model.fields[*place].name() == name)
        };
        error.kind() == ErrorKind::Duplicate
            && error.hidden_fields().is_empty()
            && !error.fields().is_empty()
            && error.fields().iter().all(|fault| of_key(&fault.field))
    }

    /// A record that the actor can't see and one that is not there answer alike.
    fn matches_nothing(
        &self,
        old: Option<&Row>,
        update: &Filter,
        precondition: &Precondition,
    ) -> bool {
        precondition.if_match.is_some()
            && self.visible(old, update).is_none()
            && self.offers(Method::PutNew)
            && self.allowed(Operation::Create) != Filter::False
    }

    /// Refuses to replace a record where the model offers only to add one.
    fn replaces(&self) -> Result<()> {
        if self.offers(Method::PutExisting) {
            return Ok(());
        }
        self.mounted.model.offers_one_of(&[Method::PutExisting])
    }

    /// The create rule keeps a PUT from adding a record, which answers as if there were one to be hidden.
    fn refuse_new(&self) -> Error {
        self.conceal_by(Operation::Update, Operation::Create)
    }

    /// Why a PUT met nothing. `refused` says that the create rule kept it from adding the record, if there is none.
    async fn explain_replace(
        &self,
        key: &Key,
        update: &Filter,
        on_new: &Filter,
        precondition: &Precondition,
        refused: bool,
    ) -> Error {
        let row = match self.load(key).await {
            Ok(row) => row,
            Err(error) => return error,
        };
        if self.matches_nothing(row.as_ref(), update, precondition) {
            return Error::new(ErrorKind::PreconditionFailed, "there is no such record");
        }
        if row.is_none() && refused {
            return self.refuse_new();
        }
        match self.judge(row.as_ref(), Operation::Update, update, precondition) {
            Err(error) => error,
            Ok(()) if row.is_some_and(|row| !on_new.matches(&row.values)) => {
                self.refuse(Operation::Update)
            }
            Ok(()) => match self.replaces() {
                Err(error) => error,
                Ok(()) => Error::new(ErrorKind::Conflict, "another writer was first"),
            },
        }
    }

    async fn replace_hooked(
        &self,
        row: Row,
        unowned: Option<Error>,
        key: &Key,
        sent: &[Option<Value>],
        precondition: &Precondition,
        scope: Scope,
    ) -> Result<Reply> {
        let old = self.load_in(key, &scope).await?;
        let update = self.allowed(Operation::Update);
        if self.matches_nothing(old.as_ref(), &update, precondition) {
            return Err(Error::new(
                ErrorKind::PreconditionFailed,
                "there is no such record",
            ));
        }
        let Some(old) = old else {
            if !self.offers(Method::PutNew) || self.assigns() {
                return Err(self.absent(Operation::Update));
            }
            if self.allowed(Operation::Create) == Filter::False {
                return Err(self.refuse_new());
            }
            if let Some(error) = unowned {
                // At a door it would say that there is no such record, where one that is hidden is not found.
                let told = self.call.surface == Surface::InProcess;
                return Err(match told {
                    true => error,
                    false => self.absent(Operation::Update),
                });
            }
            return match self.create_hooked(row, scope, Self::refuse_new).await {
                // It is there, but not under these parents. Without any it would have been found: then it is a key that the database takes
                // for the same, or one that was added a moment ago.
                Err(error) if self.is_taken_key(&error) && !self.call.parents.is_empty() => {
                    Err(self.absent(Operation::Update))
                }
                done => done.map(Reply::Created),
            };
        };
        self.judge(Some(&old), Operation::Update, &update, precondition)?;
        self.replaces()?;
        let merged = self.merge_kept(&row, &old, sent);
        self.update_hooked(&old, Arc::new(merged), &scope)
            .await
            .map(Reply::Updated)
    }

    /// A full replace leaves alone what the client may not write. Code on the server may write what it sent.
    fn merge_kept(&self, new: &Record, old: &Record, sent: &[Option<Value>]) -> Record {
        let model = &self.mounted.model;
        let values = new
            .values
            .iter()
            .zip(&old.values)
            .enumerate()
            .map(|(at, (new, old))| {
                let by_server = sent.get(at).and_then(Option::as_ref);
                match by_server.filter(|_| model.fields[at].in_struct) {
                    // Not the new record's: its owner is who makes the call.
                    Some(sent) if Some(at) == model.owner => sent.clone(),
                    None if model.kept.has(at) => old.clone(),
                    _ => new.clone(),
                }
            });
        Record::new(values.collect(), old.version)
    }
}
