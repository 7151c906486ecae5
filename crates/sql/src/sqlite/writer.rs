//! The one connection that writes, and the task that owns it.
//!
//! SQLite has one writer at a time. So batches wait in a bounded channel, and the task takes all that wait (256 at the
//! most) into one transaction: one `BEGIN IMMEDIATE`, one `COMMIT`, one flush to the disk for all of them. Each is answered
//! only after the commit. A batch that fails or misses is undone by itself; if the commit fails, all of them fail.
//!
//! A batch of one statement that waits alone needs no transaction around it, and runs by itself.
//!
//! **Dropping.** Once a batch is in the channel its write is done, or not done, as a whole, whether or not the caller still
//! waits. A caller that has gone before the writer came to its batch is passed over.
//!
//! A transaction borrows the connection as a [`Lease`]; the other writers wait for it as long as `busy_timeout`, then they
//! are told that the database is locked.

use std::collections::VecDeque;
use std::time::Duration;

use larder_core::{Error, Result};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::errors::{self, SqliteFault};
use super::tell::{Taken, Tell};
use crate::batch::{self, End};
use crate::dialect::Sqlite;
use crate::driver::{Driver, Fault};

type Step = batch::Step<Sqlite>;
type Answer = batch::Answer<Sqlite>;

/// The most batches that one commit takes.
const GROUP: usize = 256;
/// How many may wait in the channel, and again in the task while the connection is lent out.
const WAITING: usize = 1024;

/// The door to the writer's task.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    wait: Duration,
}

#[derive(Debug)]
struct Job {
    since: Instant,
    work: Work,
}

impl Job {
    fn of(work: Work) -> Self {
        Self {
            since: Instant::now(),
            work,
        }
    }
}

#[derive(Debug)]
enum Work {
    Batch(Vec<Step>, Reply),
    Lease(oneshot::Sender<Lease>),
    Close(oneshot::Sender<()>),
}

type Reply = oneshot::Sender<Result<Answer, SqliteFault>>;

impl Writer {
    /// Starts the task. It ends when all doors are gone, and then closes the connection.
    pub(crate) fn start(
        conn: SqliteConnection,
        options: SqliteConnectOptions,
        wait: Duration,
        tell: Tell,
    ) -> Self {
        let (jobs, inbox) = mpsc::channel(WAITING);
        let task = Task {
            conn: Some(conn),
            options,
            inbox,
            waiting: VecDeque::new(),
            wait,
            tell,
        };
        tokio::spawn(task.run());
        Self { jobs, wait }
    }

    /// Writes a batch. The outer error is the queue's, the inner one is of the statements.
    pub(crate) async fn write(&self, steps: Vec<Step>) -> Result<Result<Answer, SqliteFault>> {
        let (reply, answer) = oneshot::channel();
        self.send(Work::Batch(steps, reply)).await?;
        answer.await.map_err(|_| self.unanswered())
    }

    /// Borrows the connection.
    pub(crate) async fn lease(&self) -> Result<Lease> {
        let (reply, lease) = oneshot::channel();
        self.send(Work::Lease(reply)).await?;
        lease.await.map_err(|_| self.unanswered())
    }

    /// Closes the connection once all work before is done. False if it is still lent out when the time is over.
    pub(crate) async fn close(&self) -> bool {
        let (reply, closed) = oneshot::channel();
        // Where nobody takes or answers it, the task has ended, and the connection with it.
        let taken = self.jobs.send(Job::of(Work::Close(reply))).await.is_ok();
        !taken || closed.await.is_ok() || self.jobs.is_closed()
    }

    async fn send(&self, work: Work) -> Result<()> {
        match self.jobs.try_send(Job::of(work)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(errors::closed()),
            Err(TrySendError::Full(job)) => {
                match tokio::time::timeout(self.wait, self.jobs.send(job)).await {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(_)) => Err(errors::closed()),
                    Err(_) => Err(errors::busy()),
                }
            }
        }
    }

    /// The task drops a job without an answer when its time is over, or when the runtime ends.
    fn unanswered(&self) -> Error {
        if self.jobs.is_closed() {
            errors::closed()
        } else {
            errors::busy()
        }
    }
}

/// The writing connection, borrowed. It goes back to the writer when this is dropped, and what was begun and not
/// committed is rolled back there.
#[derive(Debug)]
pub(crate) struct Lease {
    conn: Option<SqliteConnection>,
    /// Whether a transaction may be open.
    pub(crate) open: bool,
    /// Whether it is being committed.
    pub(crate) unsure: bool,
    back: Option<oneshot::Sender<Returned>>,
}

#[derive(Debug)]
struct Returned {
    conn: SqliteConnection,
    open: bool,
    unsure: bool,
}

impl Lease {
    /// The connection.
    pub(crate) fn conn(&mut self) -> Result<&mut SqliteConnection> {
        self.conn.as_mut().ok_or_else(errors::closed)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let (Some(conn), Some(back)) = (self.conn.take(), self.back.take()) {
            // Where the task has ended there is nobody to take it; closing it rolls back.
            let _ = back.send(Returned {
                conn,
                open: self.open,
                unsure: self.unsure,
            });
        }
    }
}

struct Task {
    conn: Option<SqliteConnection>,
    options: SqliteConnectOptions,
    inbox: mpsc::Receiver<Job>,
    waiting: VecDeque<Job>,
    wait: Duration,
    tell: Tell,
}

impl Task {
    async fn run(mut self) {
        let asked = self.work().await;
        if let Some(conn) = self.conn
            && let Err(error) = sqlx::Connection::close(conn).await
        {
            tracing::warn!(%error, "the database could not be closed");
        }
        // Its sender may have gone.
        let _ = asked.map(|reply| reply.send(()));
    }

    /// Works until all doors are gone, or one asks for the end.
    async fn work(&mut self) -> Option<oneshot::Sender<()>> {
        loop {
            if self.waiting.is_empty() {
                self.waiting.push_back(self.inbox.recv().await?);
            }
            while self.waiting.len() < GROUP {
                let Ok(job) = self.inbox.try_recv() else {
                    break;
                };
                self.waiting.push_back(job);
            }
            match self.waiting.pop_front().map(|job| job.work) {
                Some(Work::Close(reply)) => return Some(reply),
                Some(Work::Lease(reply)) => {
                    if let Ok(conn) = self.connection().await {
                        self.lend(conn, reply).await;
                    }
                }
                Some(Work::Batch(steps, reply)) => match self.connection().await {
                    Ok(conn) => self.group(conn, (steps, reply)).await,
                    Err(fault) => drop(reply.send(Err(fault))),
                },
                None => {}
            }
        }
    }

    /// The connection, opened again if it was lost. Where that fails, whoever waits is told so.
    async fn connection(&mut self) -> Result<SqliteConnection, SqliteFault> {
        if let Some(conn) = self.conn.take() {
            return Ok(conn);
        }
        match self.options.connect().await {
            Ok(mut conn) => {
                self.tell.restart(&mut conn).await;
                Ok(conn)
            }
            Err(error) => {
                tracing::error!(%error, "the database could not be opened again");
                let fault = SqliteFault::from(error);
                for job in self.waiting.drain(..) {
                    match job.work {
                        Work::Batch(_, reply) => drop(reply.send(Err(fault.clone()))),
                        Work::Close(reply) => drop(reply.send(())),
                        Work::Lease(_) => {}
                    }
                }
                Err(fault)
            }
        }
    }

    /// Commits this batch and those that follow it, up to the next lease.
    async fn group(&mut self, mut conn: SqliteConnection, first: (Vec<Step>, Reply)) {
        let mut batches = vec![first];
        while let Some(Job {
            work: Work::Batch(..),
            ..
        }) = self.waiting.front()
        {
            if let Some(Job {
                work: Work::Batch(steps, reply),
                ..
            }) = self.waiting.pop_front()
            {
                batches.push((steps, reply));
            }
        }
        batches.retain(|(_, reply)| !reply.is_closed());
        let alone = matches!(batches.as_slice(), [(steps, _)] if steps.len() == 1);
        let usable = match batches.pop() {
            // What is looked at before must not change until it is written.
            Some((mut steps, reply)) if alone && steps.iter().all(Step::stands_alone) => {
                match steps.pop() {
                    Some(step) => single(&mut conn, step, reply, &self.tell).await,
                    None => true,
                }
            }
            last => {
                batches.extend(last);
                together(&mut conn, batches, &self.tell).await
            }
        };
        self.conn = usable.then_some(conn);
    }

    /// Hands the connection to a transaction and waits until it is back. Meanwhile the others wait, but not for ever.
    async fn lend(&mut self, conn: SqliteConnection, reply: oneshot::Sender<Lease>) {
        let (back, mut returned) = oneshot::channel();
        // If the one who asked has gone, dropping the lease brings the connection back at once.
        drop(reply.send(Lease {
            conn: Some(conn),
            open: false,
            unsure: false,
            back: Some(back),
        }));
        let mut closed = false;
        loop {
            let over = self.waiting.front().map(|job| job.since + self.wait);
            let room = !closed && self.waiting.len() < WAITING;
            tokio::select! {
                biased;
                got = &mut returned => {
                    if let Ok(Returned { mut conn, open, unsure }) = got
                        && (!open || rollback(&mut conn).await)
                    {
                        if unsure {
                            self.tell.lose();
                        }
                        self.conn = Some(conn);
                    }
                    return;
                }
                () = tokio::time::sleep_until(over.unwrap_or_else(Instant::now)), if over.is_some() => {
                    // Dropped without an answer: its time is over.
                    drop(self.waiting.pop_front());
                }
                job = self.inbox.recv(), if room => match job {
                    Some(job) => self.waiting.push_back(job),
                    None => closed = true,
                },
            }
        }
    }
}

/// Runs a batch of one step without a transaction around it, unless it turns out to need one. False if the connection can't
/// be used any more.
async fn single(conn: &mut SqliteConnection, step: Step, reply: Reply, tell: &Tell) -> bool {
    let answer = match step.alone(conn).await {
        Ok((_, Some(step))) => return together(conn, vec![(vec![step], reply)], tell).await,
        Ok((did, None)) => Ok(Answer::default().and(did)),
        Err(fault) => Err(fault),
    };
    let usable = !matches!(&answer, Err(fault) if fault.ends_connection());
    if answer.is_ok() {
        let taken = tell.take(conn).await;
        tell.publish(taken);
    }
    let _ = reply.send(answer);
    usable
}

/// Commits batches together. False if the connection can't be used any more.
async fn together(
    conn: &mut SqliteConnection,
    batches: Vec<(Vec<Step>, Reply)>,
    tell: &Tell,
) -> bool {
    if batches.is_empty() {
        return true;
    }
    let mut batches = batches.into_iter();
    let mut answers = Vec::with_capacity(batches.len());
    // Each batch is told by itself.
    let mut taken: Vec<Taken> = Vec::new();
    let mut failed = command(conn, "BEGIN IMMEDIATE").await.err();
    if failed.is_none() {
        for (steps, reply) in batches.by_ref() {
            match undoable(conn, steps).await {
                Err(fault) if fault.ends_transaction() => {
                    answers.push((reply, Err(fault.clone())));
                    failed = Some(fault);
                    break;
                }
                answer => {
                    if answer.is_ok() {
                        taken.push(tell.take(conn).await);
                    }
                    answers.push((reply, answer));
                }
            }
        }
        if failed.is_none() {
            failed = command(conn, "COMMIT").await.err();
        }
    }
    let Some(fault) = failed else {
        for taken in taken {
            tell.publish(taken);
        }
        for (reply, answer) in answers {
            let _ = reply.send(answer);
        }
        return true;
    };
    let usable = rollback(conn).await;
    for (reply, answer) in answers {
        let _ = reply.send(answer.and_then(|_| Err(fault.clone())));
    }
    for (_, reply) in batches {
        let _ = reply.send(Err(fault.clone()));
    }
    usable
}

/// Runs a batch within a transaction so that it can be undone alone. A single statement undoes itself.
pub(crate) async fn undoable(
    conn: &mut SqliteConnection,
    steps: Vec<Step>,
) -> Result<Answer, SqliteFault> {
    if steps.len() < 2 {
        return batch::run(conn, steps).await;
    }
    command(conn, "SAVEPOINT larder_batch").await?;
    let answer = batch::run(conn, steps).await;
    match &answer {
        Err(fault) if fault.ends_transaction() => return answer,
        Ok(Answer { end: End::Done, .. }) => {}
        Ok(_) | Err(_) => command(conn, "ROLLBACK TO larder_batch").await?,
    }
    command(conn, "RELEASE larder_batch").await?;
    answer
}

/// Runs a statement that takes and returns nothing.
pub(super) async fn command(
    conn: &mut SqliteConnection,
    sql: &'static str,
) -> Result<(), SqliteFault> {
    Ok(Sqlite::command(conn, sql).await?)
}

/// Rolls back, where there may be nothing to roll back. False if the connection can't be used any more.
pub(super) async fn rollback(conn: &mut SqliteConnection) -> bool {
    match command(conn, "ROLLBACK").await {
        Ok(()) => true,
        // "cannot rollback - no transaction is active"
        Err(fault) => !fault.ends_connection() && !fault.ends_transaction(),
    }
}
