//! A transaction: a connection on loan between `BEGIN` and `COMMIT`.
//!
//! Its reads see one state. Its writes wait for other writers of the same records, and fail with `Conflict` if one of them was first;
//! then the whole transaction is lost. Before each batch stands a savepoint, so that one that misses, or breaks a constraint, leaves
//! the transaction as it was before. Where the connection breaks before the commit was sent, nothing was kept, and the error says so.

use std::fmt;

use larder_core::store::{Batch, Outcome};
use larder_core::{BoxFuture, Error, ErrorKind, Page, Plan, Result, Select, Transaction};

use super::connections::Lent;
use super::{Pooled, plain};
use crate::batch::{self, Answer, End, Step};
use crate::driver::{Conn, Failed, Fault, Ran};
use crate::read;
use crate::table::Table;
use crate::tables::Tables;

/// An open transaction. Dropping it rolls back.
pub(crate) struct PoolTransaction<D: Pooled> {
    /// Not there when the transaction has ended.
    lent: Option<Lent<D>>,
    tables: Tables<D>,
    state: State,
    /// Whether the savepoint is there.
    saved: bool,
    /// Whether something was written whose changes are told.
    told: bool,
    beside: D::Beside,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between two calls.
    Ready,
    /// In a call; found so by the next call, that one was dropped.
    Busy,
    /// The database takes no more of it.
    Lost(Loss),
}

/// Why a transaction was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// Another writer was first.
    Race,
    /// The connection broke. The server undoes what was done on it.
    Cut,
    /// Something that would happen again, such as a full disk.
    Other,
}

impl Loss {
    fn of<F: Fault>(fault: &F) -> Self {
        if fault.is_conflict() {
            Self::Race
        } else if fault.ends_connection() {
            Self::Cut
        } else {
            Self::Other
        }
    }

    /// The error with what is known of the transaction.
    fn tell(self, error: Error) -> Error {
        match (self, error.kind()) {
            (Self::Cut, ErrorKind::Unavailable) => error.rolled_back(),
            _ => error,
        }
    }
}

impl<D: Pooled> fmt::Debug for PoolTransaction<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolTransaction")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl<D: Pooled> PoolTransaction<D> {
    /// A transaction that was begun on this connection.
    pub(crate) fn new(lent: Lent<D>, tables: Tables<D>, beside: D::Beside) -> Self {
        Self {
            lent: Some(lent),
            tables,
            state: State::Ready,
            saved: false,
            told: false,
            beside,
        }
    }

    /// Marks the beginning of a call.
    fn enter(&mut self) -> Result<()> {
        let (kind, message) = match self.state {
            State::Ready => {
                self.state = State::Busy;
                return Ok(());
            }
            State::Busy => (
                ErrorKind::Unavailable,
                "a call in this transaction was cancelled: begin again",
            ),
            State::Lost(Loss::Race) => (ErrorKind::Conflict, ENDED),
            State::Lost(loss) => {
                return Err(loss.tell(Error::new(ErrorKind::Unavailable, ENDED)));
            }
        };
        Err(Error::new(kind, message))
    }

    fn lent(&mut self) -> Result<&mut Lent<D>> {
        self.lent
            .as_mut()
            .ok_or_else(|| Error::internal("the transaction has ended"))
    }

    async fn read(&mut self, select: &Select) -> Result<Page> {
        select.check()?;
        if read::nothing(select) {
            return Ok(Page::default());
        }
        self.enter()?;
        let tables = self.tables.clone();
        let page = read::within(self.lent()?.conn(), &tables, select).await;
        self.state = State::Ready;
        page.map_err(|failed| match failed {
            // After an error there is no reading on, and no savepoint stands before a read.
            Failed::Database(fault) => {
                let loss = self.lose(&fault);
                loss.tell(fault.into_plain())
            }
            Failed::Other(error) => error,
        })
    }

    /// Takes no more calls after a fault.
    fn lose(&mut self, fault: &D::Fault) -> Loss {
        let loss = Loss::of(fault);
        self.state = State::Lost(loss);
        loss
    }

    async fn change(&mut self, batch: Batch) -> Result<Vec<Outcome>> {
        self.told |= batch.layout.storage.changes;
        let table = self.tables.of(&batch.layout);
        if !D::RETURNING {
            return self.change_plainly(&table, &batch).await;
        }
        let steps = batch::steps(&table, &batch)?;
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        self.enter()?;
        let undone = self.undoable(steps).await;
        self.state = State::Ready;
        match undone {
            Ok(answer) => batch::outcomes(&table, batch, answer),
            Err((fault, true)) => {
                let loss = self.lose(&fault);
                Err(loss.tell(fault.into_error(&batch.layout)))
            }
            Err((fault, false)) => Err(fault.into_error(&batch.layout)),
        }
    }

    /// Runs a batch so that it can be undone alone. A fault comes with whether the transaction is lost.
    async fn undoable(&mut self, steps: Vec<Step<D>>) -> Result<Answer<D>, (D::Fault, bool)> {
        let lost = |error: sqlx::Error| (D::Fault::from(error), true);
        let conn = self.save().await.map_err(lost)?;
        let answer = batch::run(conn, steps).await;
        match &answer {
            Ok(Answer { end: End::Done, .. }) => {}
            Err(fault) if fault.ends_transaction() => {}
            _ => {
                D::command(conn, "ROLLBACK TO SAVEPOINT larder_batch")
                    .await
                    .map_err(lost)?;
            }
        }
        answer.map_err(|fault| {
            let lost = fault.ends_transaction();
            (fault, lost)
        })
    }

    /// Sets the savepoint of a batch.
    async fn save(&mut self) -> Ran<&mut Conn<D>> {
        let saved = std::mem::replace(&mut self.saved, true);
        let Some(lent) = self.lent.as_mut() else {
            return Err(sqlx::Error::WorkerCrashed);
        };
        // One round trip: the savepoint of the batch before is not wanted any more.
        let save = match saved {
            true => "RELEASE SAVEPOINT larder_batch; SAVEPOINT larder_batch",
            false => "SAVEPOINT larder_batch",
        };
        D::command(lent.conn(), save).await?;
        Ok(lent.conn())
    }

    /// Runs a batch so that it can be undone alone, where statements return no rows.
    async fn change_plainly(&mut self, table: &Table<D>, batch: &Batch) -> Result<Vec<Outcome>> {
        if batch.writes.is_empty() {
            return Ok(Vec::new());
        }
        self.enter()?;
        let written = self.undoable_plainly(table, batch).await;
        self.state = State::Ready;
        written.map_err(|failed| match failed {
            Failed::Database(fault) if fault.ends_transaction() => {
                let loss = self.lose(&fault);
                loss.tell(fault.into_error(&batch.layout))
            }
            failed => failed.into_error_of(&batch.layout),
        })
    }

    async fn undoable_plainly(
        &mut self,
        table: &Table<D>,
        batch: &Batch,
    ) -> Result<Vec<Outcome>, Failed<D::Fault>> {
        let conn = self.save().await?;
        let written = crate::plain::run(conn, table, batch).await;
        let undo = match &written {
            Ok(written) => written.missed,
            Err(Failed::Database(fault)) => !fault.ends_transaction(),
            Err(Failed::Other(_)) => true,
        };
        if undo {
            D::command(conn, "ROLLBACK TO SAVEPOINT larder_batch").await?;
        }
        Ok(written?.outcomes)
    }

    async fn keep(mut self) -> Result<()> {
        self.enter()?;
        let Some(mut lent) = self.lent.take() else {
            return Err(Error::internal("the transaction has ended"));
        };
        D::command(lent.conn(), "COMMIT")
            .await
            .map_err(plain::<D>)?;
        if self.told {
            D::committed(&self.beside, lent.connections());
        }
        lent.give_back();
        Ok(())
    }

    async fn undo(mut self) -> Result<()> {
        let in_call = self.state == State::Busy;
        let Some(mut lent) = self.lent.take() else {
            return Ok(());
        };
        // Where it can't be told to, closing the connection does it.
        if !in_call && D::command(lent.conn(), "ROLLBACK").await.is_ok() {
            lent.give_back();
        }
        Ok(())
    }
}

impl<D: Pooled> Drop for PoolTransaction<D> {
    fn drop(&mut self) {
        let Some(mut lent) = self.lent.take() else {
            return;
        };
        // In the middle of a call, or outside a runtime, the connection is closed.
        if self.state != State::Busy
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                if D::command(lent.conn(), "ROLLBACK").await.is_ok() {
                    lent.give_back();
                }
            });
        }
    }
}

/// What calls are told after the one that lost the transaction.
const ENDED: &str = "the database ended this transaction: begin again";

impl<D: Pooled> Transaction for PoolTransaction<D> {
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
