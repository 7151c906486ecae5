//! A store in a database server, with a pool of connections: what PostgreSQL and MySQL share.
//!
//! * **Reads** are one statement each, on any connection; where more than one is needed they stand in a transaction that sees one
//!   state. A read whose connection turns out to be dead is run once more on a new one.
//! * **A batch** of one statement runs by itself. Others, and those with a condition that SQL can't decide, run in a short
//!   transaction; if that loses a race, or its connection before the commit was sent, it is run again, since nobody has seen anything
//!   of it. What may have been kept is never sent twice.
//! * **Dropping.** A connection goes back to the pool only after an answer was read to its end. One that was left in the middle of
//!   something is closed, and the server undoes what was begun on it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use larder_core::migrate::{Change, refusal};
use larder_core::store::{Batch, Feed, Outcome, Tells, Watch};
use larder_core::{
    BoxFuture, Capability, Error, ErrorKind, Layout, Page, Result, Select, Transaction,
};

use crate::batch::{self, Answer, End, Step};
use crate::driver::{Conn, Driver, Failed, Fault, Ran};
use crate::prepare::{apply, changes};
use crate::table::Table;
use crate::tables::Tables;

mod connections;
mod read;
pub(crate) mod tls;
mod transaction;

pub(crate) use connections::{Connections, Settings};
use transaction::PoolTransaction;

/// How often a batch is run that loses a race with another one.
const ATTEMPTS: usize = 5;

/// How often a batch is run whose connection is lost. The new one may be to a server that is about to end.
const ATTEMPTS_OF_LOST: usize = 2;

const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";

/// A database whose store is a pool of connections.
pub(crate) trait Pooled: Driver {
    /// The name of the store, for messages.
    const NAME: &'static str;

    /// Begins a transaction in which reads see one state, and whose writes fail if another writer was first.
    const BEGIN: &'static str;

    /// Begins the transaction of a batch whose statements test all their conditions themselves.
    const BEGIN_BATCH: &'static str;

    /// Begins a transaction of reads that see one state.
    const BEGIN_READS: &'static str;

    /// What a store of it does beside its calls, where it tells what is committed.
    type Beside: Clone + fmt::Debug + Send + Sync;

    /// What it tells of what is committed.
    const TELLS: Option<Tells> = None;

    /// How to connect.
    type Options: Clone + fmt::Debug + Send + Sync;

    /// Opens a connection, ready for use.
    fn connect(options: &Self::Options) -> impl Future<Output = Ran<Conn<Self>>> + Send;

    /// Waits until no other instance prepares this database, and begins to.
    fn lock(conn: &mut Conn<Self>) -> impl Future<Output = Ran<()>> + Send;

    /// Ends what [`lock`](Self::lock) began: keeps the changes, or drops those that can be dropped.
    fn unlock(conn: &mut Conn<Self>, keep: bool) -> impl Future<Output = Ran<()>> + Send;

    /// What is missing for the changes of these models to be told.
    fn log(
        _conn: &mut Conn<Self>,
        _models: &[Arc<Layout>],
    ) -> impl Future<Output = Result<Log>> + Send {
        std::future::ready(Ok(Log::default()))
    }

    /// Says that tables have other columns now than what was logged of them.
    fn altered(_conn: &mut Conn<Self>) -> impl Future<Output = Ran<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// Does from now on what has to be done beside the calls of a store that keeps a log.
    fn keep_log(_pool: &Pool<Self>) {}

    /// Wakes up those who listen, after a commit to a table whose changes are told.
    fn committed(_beside: &Self::Beside, _connections: &Arc<Connections<Self>>) {}

    /// Tells what is committed.
    fn listen<'a>(_pool: &'a Pool<Self>, _watch: Watch) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        Box::pin(async {
            Err(Error::new(
                ErrorKind::Unsupported,
                format!("{} does not tell what is committed", Self::NAME),
            ))
        })
    }
}

/// The log of changes as `prepare` finds it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// What is missing.
    pub(crate) changes: Vec<Change>,
    /// Whether there is one, or will be.
    pub(crate) kept: bool,
    /// The tables whose changes are logged already.
    pub(crate) told: Vec<String>,
}

/// A store over a pool.
pub(crate) struct Pool<D: Pooled> {
    connections: Arc<Connections<D>>,
    tables: Tables<D>,
    beside: D::Beside,
}

impl<D: Pooled> fmt::Debug for Pool<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("connections", &self.connections)
            .field("tables", &self.tables)
            .finish()
    }
}

impl<D: Pooled> Pool<D> {
    pub(crate) fn new(connections: Connections<D>, beside: D::Beside) -> Self {
        Self {
            connections: Arc::new(connections),
            tables: Tables::default(),
            beside,
        }
    }

    pub(crate) fn connections(&self) -> &Arc<Connections<D>> {
        &self.connections
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn tables(&self) -> &Tables<D> {
        &self.tables
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn beside(&self) -> &D::Beside {
        &self.beside
    }

    pub(crate) async fn prepare(&self, models: &[Arc<Layout>]) -> Result<()> {
        let mut lent = Connections::get(&self.connections).await?;
        let conn = lent.conn();
        D::lock(conn).await.map_err(plain::<D>)?;
        let mut changes = changes(conn, &self.tables, models).await?;
        let log = D::log(conn, models).await?;
        // Under its old name, if it is renamed now.
        let told = |layout: &Arc<Layout>, change: &Change| {
            let was = layout.storage.was.as_ref();
            layout.collection == change.table && was.is_some_and(|was| log.told.contains(was))
        };
        let altered = changes.iter().any(|change| {
            log.told.contains(&change.table) || models.iter().any(|layout| told(layout, change))
        });
        changes.extend(log.changes);
        if let Some(error) = refusal(&changes) {
            D::unlock(conn, false).await.map_err(plain::<D>)?;
            lent.give_back();
            return Err(error);
        }
        // If it fails, the connection is closed, and the server drops what it can.
        apply::<D>(conn, changes).await?;
        if altered {
            D::altered(conn).await.map_err(plain::<D>)?;
        }
        D::unlock(conn, true).await.map_err(plain::<D>)?;
        lent.give_back();
        if log.kept {
            D::keep_log(self);
        }
        Ok(())
    }

    pub(crate) async fn plan(&self, models: &[Arc<Layout>]) -> Result<Vec<Change>> {
        let mut lent = Connections::get(&self.connections).await?;
        let conn = lent.conn();
        D::command(conn, D::BEGIN_READS).await.map_err(plain::<D>)?;
        let mut changes = changes(conn, &self.tables, models).await?;
        changes.extend(D::log(conn, models).await?.changes);
        D::command(conn, ROLLBACK).await.map_err(plain::<D>)?;
        lent.give_back();
        Ok(changes)
    }

    pub(crate) async fn query(&self, select: &Select) -> Result<Page> {
        read::page(&self.connections, &self.tables, select).await
    }

    pub(crate) async fn write(&self, batch: Batch) -> Result<Vec<Outcome>> {
        let told = batch.layout.storage.changes;
        let outcomes = self.write_batch(batch).await?;
        if told {
            D::committed(&self.beside, &self.connections);
        }
        Ok(outcomes)
    }

    async fn write_batch(&self, batch: Batch) -> Result<Vec<Outcome>> {
        let table = self.tables.of(&batch.layout);
        if !D::RETURNING {
            return self.write_plainly(&table, &batch).await;
        }
        let mut attempt = 1;
        loop {
            let steps = batch::steps(&table, &batch)?;
            if steps.is_empty() {
                return Ok(Vec::new());
            }
            match self.run(steps).await? {
                Ok(answer) => return batch::outcomes(&table, batch, answer),
                Err(broken) if broken.may_run_again(attempt) => attempt += 1,
                Err(Broken { fault, .. }) => return Err(fault.into_error(&batch.layout)),
            }
        }
    }

    /// Runs a batch as a whole. The outer error is the pool's, the inner one is of the statements.
    async fn run(&self, steps: Vec<Step<D>>) -> Result<Result<Answer<D>, Broken<D::Fault>>> {
        let mut steps = steps;
        if steps.len() == 1 && steps.iter().all(Step::stands_alone) {
            let mut lent = Connections::tested(&self.connections).await?;
            let mut left = None;
            let mut answer = Ok(Answer::default());
            if let Some(step) = steps.pop() {
                answer = step.alone(lent.conn()).await.map(|(did, otherwise)| {
                    left = otherwise;
                    Answer::default().and(did)
                });
            }
            match &answer {
                Err(fault) if fault.ends_connection() => self.connections.forget_idle(),
                _ => lent.give_back(),
            }
            match left {
                // By itself a statement is its own commit.
                None => return Ok(answer.map_err(|fault| Broken { fault, sent: true })),
                Some(step) => steps.push(step),
            }
        }
        // What was looked at before must still be so when it is written, also that a record is not there.
        let checked = |step: &Step<D>| matches!(step, Step::Run(run) if run.check.is_some());
        let checked = steps.iter().any(checked);
        let begin = if checked { D::BEGIN } else { D::BEGIN_BATCH };
        let mut lent = Connections::begun(&self.connections, begin).await?;
        let conn = lent.conn();
        let mut answer = batch::run(conn, steps).await;
        let end = match &answer {
            Ok(Answer { end: End::Done, .. }) => COMMIT,
            _ => ROLLBACK,
        };
        match &answer {
            Err(fault) if fault.ends_connection() => {
                self.connections.forget_idle();
                return Ok(answer.map_err(|fault| Broken { fault, sent: false }));
            }
            _ => {}
        }
        let mut sent = false;
        match D::command(conn, end).await {
            Ok(()) => lent.give_back(),
            Err(error) if answer.is_ok() => {
                let fault = D::Fault::from(error);
                match fault.ends_connection() {
                    true => self.connections.forget_idle(),
                    // The server has rolled back.
                    false => lent.give_back(),
                }
                (answer, sent) = (Err(fault), end == COMMIT);
            }
            Err(_) => {}
        }
        Ok(answer.map_err(|fault| Broken { fault, sent }))
    }

    async fn write_plainly(&self, table: &Table<D>, batch: &Batch) -> Result<Vec<Outcome>> {
        if batch.writes.is_empty() {
            return Ok(Vec::new());
        }
        let mut attempt = 1;
        loop {
            match self.run_plain(table, batch).await? {
                Ok(outcomes) => return Ok(outcomes),
                Err((Failed::Database(fault), sent)) => {
                    let broken = Broken { fault, sent };
                    if !broken.may_run_again(attempt) {
                        return Err(broken.fault.into_error(&batch.layout));
                    }
                    attempt += 1;
                }
                Err((failed, _)) => return Err(failed.into_error_of(&batch.layout)),
            }
        }
    }

    /// Runs a batch as a whole, where statements return no rows. A fault comes with whether its commit had been
    /// [sent](Broken::sent).
    async fn run_plain(
        &self,
        table: &Table<D>,
        batch: &Batch,
    ) -> Result<Result<Vec<Outcome>, (Failed<D::Fault>, bool)>> {
        let together = crate::plain::needs_transaction(table, batch);
        let mut lent = match together {
            true => Connections::begun(&self.connections, D::BEGIN_BATCH).await?,
            false => Connections::tested(&self.connections).await?,
        };
        let conn = lent.conn();
        let mut written = crate::plain::run(conn, table, batch).await;
        let mut sent = !together;
        let ends = |error: &Failed<D::Fault>| matches!(error, Failed::Database(fault) if fault.ends_connection());
        if together && !written.as_ref().is_err_and(ends) {
            let keep = matches!(&written, Ok(written) if !written.missed);
            let ended = D::command(conn, if keep { COMMIT } else { ROLLBACK }).await;
            match ended {
                Err(error) if written.is_ok() => (written, sent) = (Err(error.into()), keep),
                // Closing the connection ends it.
                Err(_) => return Ok(written.map(|done| done.outcomes).map_err(|why| (why, sent))),
                Ok(()) => {}
            }
        }
        match written.as_ref().is_err_and(ends) {
            true => self.connections.forget_idle(),
            false => lent.give_back(),
        }
        Ok(written.map(|done| done.outcomes).map_err(|why| (why, sent)))
    }

    pub(crate) fn begin(&self) -> BoxFuture<'_, Result<Box<dyn Transaction>>> {
        Box::pin(async move {
            let lent = Connections::begun(&self.connections, D::BEGIN).await?;
            let transaction = PoolTransaction::new(lent, self.tables.clone(), self.beside.clone());
            Ok(Box::new(transaction) as Box<dyn Transaction>)
        })
    }
}

/// A batch that failed.
struct Broken<F> {
    fault: F,
    /// Whether its commit had been sent, so that it may have been kept if the connection broke.
    sent: bool,
}

impl<F: Fault> Broken<F> {
    /// Whether it is run again after so many attempts: nothing of it was kept, and the next one may succeed.
    fn may_run_again(&self, attempts: usize) -> bool {
        let lost = !self.sent && self.fault.ends_connection();
        self.fault.is_conflict() && attempts < ATTEMPTS || lost && attempts < ATTEMPTS_OF_LOST
    }
}

/// What a store over this pool can do.
pub(crate) fn capability<D: Pooled>(_: &Pool<D>) -> Capability {
    let mut capability = Capability::full(D::NAME);
    capability.nul_in_text = D::NUL_IN_TEXT;
    capability.changes = D::TELLS;
    capability
}

/// The error for a caller, where no constraint of a table can be at fault.
pub(crate) fn plain<D: Driver>(error: sqlx::Error) -> Error {
    Failed::<D::Fault>::from(error).into_error()
}

/// A public store that is a [`Pool`] and nothing else.
macro_rules! store_of_pool {
    ($store:ident) => {
        impl larder_core::Store for $store {
            fn capability(&self) -> larder_core::Capability {
                $crate::pool::capability(&self.pool)
            }

            fn prepare<'a>(
                &'a self,
                models: &'a [std::sync::Arc<larder_core::Layout>],
            ) -> larder_core::BoxFuture<'a, larder_core::Result<()>> {
                Box::pin(self.pool.prepare(models))
            }

            fn plan<'a>(
                &'a self,
                models: &'a [std::sync::Arc<larder_core::Layout>],
            ) -> larder_core::BoxFuture<'a, larder_core::Result<Vec<larder_core::migrate::Change>>>
            {
                Box::pin(self.pool.plan(models))
            }

            fn query<'a>(
                &'a self,
                select: larder_core::Plan<'a, larder_core::Select>,
            ) -> larder_core::BoxFuture<'a, larder_core::Result<larder_core::Page>> {
                Box::pin(async move { self.pool.query(select.get()).await })
            }

            fn write<'a>(
                &'a self,
                batch: larder_core::Plan<'a, larder_core::store::Batch>,
            ) -> larder_core::BoxFuture<'a, larder_core::Result<Vec<larder_core::store::Outcome>>>
            {
                Box::pin(self.pool.write(batch.into_inner()))
            }

            fn begin<'a>(
                &'a self,
                _seal: larder_core::Plan<'a, ()>,
            ) -> larder_core::BoxFuture<'a, larder_core::Result<Box<dyn larder_core::Transaction>>>
            {
                self.pool.begin()
            }

            fn changes<'a>(
                &'a self,
                watch: larder_core::Plan<'a, larder_core::Watch>,
            ) -> larder_core::BoxFuture<'a, larder_core::Result<Box<dyn larder_core::Feed>>> {
                $crate::pool::Pooled::listen(&self.pool, watch.into_inner())
            }

            fn close(&self) -> larder_core::BoxFuture<'_, ()> {
                Box::pin(self.pool.connections().close())
            }
        }
    };
}
pub(crate) use store_of_pool;
