//! A transaction: the writer's connection on loan, between `BEGIN IMMEDIATE` and `COMMIT`.
//!
//! It holds SQLite's one write lock from its beginning, so it never loses against another writer: `commit` can fail only
//! by the disk. A transaction in which a call was dropped half-way, or in which SQLite rolled back by itself (a full disk),
//! takes no more calls and can't be committed.

use larder_core::store::{Batch, Outcome};
use larder_core::{BoxFuture, Error, ErrorKind, Page, Plan, Result, Select, Transaction};

use super::Tables;
use super::errors::{self, SqliteFault};
use super::tell::Tell;
use super::writer::{Lease, Writer, command, rollback, undoable};
use crate::driver::{Failed, Fault};
use crate::{batch, read};

/// An open transaction of a SQLite store. Dropping it rolls back.
#[derive(Debug)]
pub(crate) struct SqliteTransaction {
    lease: Lease,
    tables: Tables,
    tell: Tell,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between two calls.
    Ready,
    /// In a call; found so by the next call, that one was dropped.
    Busy,
    /// SQLite has rolled back.
    Lost,
}

impl SqliteTransaction {
    pub(crate) async fn begin(writer: &Writer, tables: Tables, tell: Tell) -> Result<Self> {
        let mut lease = writer.lease().await?;
        // Before the statement, so that a future dropped in it rolls back.
        lease.open = true;
        command(lease.conn()?, "BEGIN IMMEDIATE")
            .await
            .map_err(SqliteFault::into_plain)?;
        Ok(Self {
            lease,
            tables,
            tell,
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
                ErrorKind::Unavailable,
                "the database ended this transaction: begin again",
            )),
        }
    }

    async fn read(&mut self, select: &Select) -> Result<Page> {
        select.check()?;
        if read::nothing(select) {
            return Ok(Page::default());
        }
        self.enter()?;
        let page = read::within(self.lease.conn()?, &self.tables, select).await;
        self.state = State::Ready;
        page.map_err(Failed::into_error)
    }

    async fn change(&mut self, batch: Batch) -> Result<Vec<Outcome>> {
        let table = self.tables.of(&batch.layout);
        let steps = batch::steps(&table, &batch)?;
        self.enter()?;
        let answer = undoable(self.lease.conn()?, steps).await;
        self.state = match &answer {
            Err(fault) if fault.ends_transaction() => State::Lost,
            _ => State::Ready,
        };
        let answer = answer.map_err(|fault| fault.into_error(&batch.layout))?;
        batch::outcomes(&table, batch, answer)
    }

    async fn keep(mut self) -> Result<()> {
        self.enter()?;
        let taken = self.tell.take(self.lease.conn()?).await;
        // Dropped from here on, nobody knows whether it was committed.
        self.lease.unsure = true;
        command(self.lease.conn()?, "COMMIT")
            .await
            .map_err(SqliteFault::into_plain)?;
        self.lease.open = false;
        self.lease.unsure = false;
        // The connection is still held, so nobody commits in between.
        self.tell.publish(taken);
        Ok(())
    }

    async fn undo(mut self) -> Result<()> {
        let conn = self.lease.conn()?;
        if !rollback(conn).await {
            return Err(errors::closed());
        }
        self.lease.open = false;
        Ok(())
    }
}

impl Transaction for SqliteTransaction {
    fn query<'a>(&'a mut self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move { self.read(&select).await })
    }

    fn write<'a>(&'a mut self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(self.change(batch.into_inner()))
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.keep())
    }

    fn abort(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.undo())
    }
}
