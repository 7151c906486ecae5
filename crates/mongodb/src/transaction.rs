//! A transaction: a session with snapshot reads, from the first read or write to the commit.
//!
//! A write that meets another one fails at once, and with it the transaction: MongoDB has ended it then. So does a taken unique
//! value. After that, or after a call that was dropped half-way, it takes no more calls and can't be committed. A call that found no
//! connection to send its command on has done nothing, and the transaction goes on.

use std::time::{Duration, Instant};

use larder_core::store::{Batch, Outcome};
use larder_core::{BoxFuture, Error, ErrorKind, Page, Plan, Result, Select, Transaction};
use mongodb::error::UNKNOWN_TRANSACTION_COMMIT_RESULT;
use mongodb::options::{ReadConcern, TransactionOptions, WriteConcern};
use mongodb::{Client, ClientSession, Database};

use crate::aborts::Aborts;
use crate::batch::Owner;
use crate::seen::Seen;
use crate::table::Tables;
use crate::turns::Turns;
use crate::{assigned, batch, errors, form, read};

/// How long a commit is tried again whose answer was lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open transaction of a MongoDB store. Dropping it rolls back.
pub(crate) struct MongoTransaction {
    /// Not there when the transaction has ended.
    session: Option<ClientSession>,
    aborts: Aborts,
    seen: Seen,
    turns: Turns,
    db: Database,
    tables: Tables,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between two calls.
    Ready,
    /// In a call; found so by the next call, that one was dropped.
    Busy,
    /// MongoDB has rolled back.
    Lost,
}

impl std::fmt::Debug for MongoTransaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MongoTransaction")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A session with an open transaction, begun when those that were dropped have ended.
pub(crate) async fn open(client: &Client, aborts: &Aborts, seen: &Seen) -> Result<ClientSession> {
    aborts.ended().await;
    let options = TransactionOptions::builder()
        .read_concern(ReadConcern::snapshot())
        .write_concern(WriteConcern::majority())
        .build();
    let mut session = seen.session(client).await.map_err(errors::plain)?;
    let begun = session.start_transaction().with_options(options).await;
    begun.map_err(errors::plain)?;
    Ok(session)
}

/// Commits, and tries again while it is not known whether that was done: MongoDB does it once only.
pub(crate) async fn commit(session: &mut ClientSession, seen: &Seen) -> Result<()> {
    let begun = Instant::now();
    loop {
        match session.commit_transaction().await {
            Ok(()) => {
                seen.note(session);
                return Ok(());
            }
            Err(fault)
                if fault.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT)
                    && begun.elapsed() < PATIENCE => {}
            Err(fault) => return Err(errors::plain(fault)),
        }
    }
}

impl MongoTransaction {
    pub(crate) async fn begin(
        client: &Client,
        aborts: &Aborts,
        seen: &Seen,
        turns: &Turns,
        db: Database,
        tables: Tables,
    ) -> Result<Self> {
        Ok(Self {
            session: Some(open(client, aborts, seen).await?),
            aborts: aborts.clone(),
            seen: seen.clone(),
            turns: turns.clone(),
            db,
            tables,
            state: State::Ready,
        })
    }

    /// Marks the beginning of a call.
    fn enter(&mut self) -> Result<()> {
        match self.state {
            State::Ready => {
                self.state = State::Busy;
                Ok(())
            }
            State::Busy => Err(Error::new(
                ErrorKind::Unavailable,
                "a call in this transaction was cancelled: begin again",
            )),
            State::Lost => Err(Error::new(
                ErrorKind::Conflict,
                "the database ended this transaction: begin again",
            )),
        }
    }

    /// Marks the end of a call. What was refused before MongoDB was asked does no harm.
    fn leave<T>(&mut self, result: &Result<T>) {
        let harmless = |error: &Error| {
            // What comes from the driver has it as its cause.
            let ours = std::error::Error::source(error).is_none();
            ours && matches!(
                error.kind(),
                ErrorKind::BadRequest
                    | ErrorKind::Duplicate
                    | ErrorKind::Invalid
                    | ErrorKind::TooLarge
                    | ErrorKind::Unsupported
            )
        };
        self.state = match result {
            Err(error) if !harmless(error) => State::Lost,
            _ => State::Ready,
        };
    }

    async fn read(&mut self, select: &Select) -> Result<Page> {
        let _turn = self.turns.inside().await?;
        self.enter()?;
        let session = self.session.as_mut().ok_or_else(over)?;
        let page = read::within(&self.db, &self.tables, select, session).await;
        self.leave(&page);
        page
    }

    async fn change(&mut self, mut batch: Batch) -> Result<Vec<Outcome>> {
        let table = self.tables.of(&batch.layout);
        refuse_read_only(&batch)?;
        form::settle(&table, &mut batch);
        let _turn = self.turns.inside().await?;
        self.enter()?;
        let session = self.session.as_mut().ok_or_else(over)?;
        let outcomes = async {
            assigned::give(&self.db, &table, &mut batch).await?;
            batch::within(&self.db, &table, batch, session, Owner::Caller).await
        };
        let outcomes = outcomes.await;
        self.leave(&outcomes);
        outcomes
    }
}

impl Drop for MongoTransaction {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.aborts.add(session, self.turns.clone());
        }
    }
}

fn over() -> Error {
    Error::internal("the transaction has ended")
}

/// Nothing is written to a collection that is only to be read.
pub(crate) fn refuse_read_only(batch: &Batch) -> Result<()> {
    if !batch.layout.storage.read_only || batch.writes.is_empty() {
        return Ok(());
    }
    let message = format!("the collection {} is read-only", batch.layout.collection);
    Err(Error::new(ErrorKind::Unsupported, message))
}

impl Transaction for MongoTransaction {
    fn query<'a>(&'a mut self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move { self.read(&select).await })
    }

    fn write<'a>(&'a mut self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(self.change(batch.into_inner()))
    }

    fn commit(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            // Where there is none it is dropped, which rolls back.
            let turn = self.turns.inside().await?;
            self.enter()?;
            // In a task of its own: a commit that was begun is not left half-way by a caller who has gone.
            let mut session = self.session.take().ok_or_else(over)?;
            let seen = self.seen.clone();
            let done = tokio::spawn(async move {
                let _turn = turn;
                commit(&mut session, &seen).await
            });
            done.await.map_err(Error::internal)?
        })
    }

    fn abort(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            let turn = self.turns.inside().await?;
            let mut session = self.session.take().ok_or_else(over)?;
            let done = tokio::spawn(async move {
                let _turn = turn;
                session.abort_transaction().await
            });
            // What MongoDB has ended by itself is gone as well.
            let aborted = done.await.map_err(Error::internal)?;
            match aborted.map_err(errors::plain) {
                Err(error) if error.kind() == ErrorKind::Unavailable => Err(error),
                _ => Ok(()),
            }
        })
    }
}
