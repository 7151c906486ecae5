//! What goes on beside the calls of a store whose changes are told: a connection that waits to be woken up, and the keeping of the
//! log within its bounds.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use larder_core::Result;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::log;
use crate::dialect::Postgres;
use crate::driver::Driver;
use crate::pool::{Connections, plain};

/// How often the log is kept within its bounds.
const SWEEP: Duration = Duration::from_secs(60);

/// How long to wait before a lost connection is opened again.
const AGAIN: Duration = Duration::from_secs(1);

/// How much of the log is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) rows: u32,
    pub(crate) age: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            rows: 100_000,
            age: Duration::from_secs(60 * 60),
        }
    }
}

/// How long after waking up other processes they are not woken up again.
const PAUSE: Duration = Duration::from_millis(10);

/// The tasks of a store beside its calls. A clone is another handle on the same.
#[derive(Clone, Debug)]
pub(crate) struct Bell {
    pub(crate) bounds: Bounds,
    tasks: Arc<Tasks>,
}

#[derive(Debug, Default)]
struct Tasks {
    /// Rings as long as somebody listens.
    ringing: Mutex<Weak<Ringing>>,
    sweeper: Mutex<Option<Task>>,
    /// Something was committed that other processes have not been told of.
    unsaid: AtomicBool,
    /// Somebody is about to tell them.
    saying: AtomicBool,
}

impl Bell {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            tasks: Arc::default(),
        }
    }

    /// Wakes up those who listen: in this process at once, in others by a notification, one for all commits of a moment.
    pub(super) fn ring(&self, connections: &Arc<Connections<Postgres>>) {
        if let Some(ringing) = lock(&self.tasks.ringing).upgrade() {
            ringing.rung.send_replace(());
        }
        self.tasks.unsaid.store(true, Ordering::SeqCst);
        if self.tasks.saying.swap(true, Ordering::SeqCst) {
            return;
        }
        let (tasks, connections) = (Arc::clone(&self.tasks), Arc::downgrade(connections));
        tokio::spawn(async move {
            loop {
                while tasks.unsaid.swap(false, Ordering::SeqCst) {
                    let Some(connections) = connections.upgrade() else {
                        return;
                    };
                    if let Err(error) = notify(&connections).await {
                        // Others look for themselves after a while.
                        tracing::debug!(%error, "other processes could not be woken up");
                    }
                    drop(connections);
                    sleep(PAUSE).await;
                }
                tasks.saying.store(false, Ordering::SeqCst);
                // Between the two somebody may have left it to this task.
                let more = tasks.unsaid.load(Ordering::SeqCst);
                if !more || tasks.saying.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        });
    }

    /// The bell, rung whenever something may have been committed.
    pub(super) fn ringing(&self, options: &PgConnectOptions) -> Arc<Ringing> {
        let mut ringing = lock(&self.tasks.ringing);
        if let Some(ringing) = ringing.upgrade() {
            return ringing;
        }
        let new = Arc::new(Ringing::new(options.clone()));
        *ringing = Arc::downgrade(&new);
        new
    }

    /// Keeps the log within its bounds as long as the store is there.
    pub(super) fn sweep(&self, connections: &Arc<Connections<Postgres>>) {
        let mut sweeper = lock(&self.tasks.sweeper);
        if sweeper.is_some() {
            return;
        }
        let (connections, bounds) = (Arc::downgrade(connections), self.bounds);
        *sweeper = Some(Task(tokio::spawn(async move {
            loop {
                sleep(SWEEP).await;
                let Some(connections) = connections.upgrade() else {
                    return;
                };
                if let Err(error) = trim(&connections, bounds).await {
                    tracing::warn!(%error, "the log of changes could not be kept within its bounds");
                }
            }
        })));
    }
}

async fn notify(connections: &Arc<Connections<Postgres>>) -> Result<()> {
    let mut lent = Connections::get(connections).await?;
    let notified = Postgres::command(lent.conn(), log::NOTIFY);
    notified.await.map_err(plain::<Postgres>)?;
    lent.give_back();
    Ok(())
}

/// Deletes what is beyond the bounds of the log.
pub(super) async fn trim(connections: &Arc<Connections<Postgres>>, bounds: Bounds) -> Result<()> {
    let mut lent = Connections::get(connections).await?;
    let trimmed = log::trim(
        lent.conn(),
        i64::from(bounds.rows),
        bounds.age.as_secs_f64(),
    );
    trimmed.await.map_err(plain::<Postgres>)?;
    lent.give_back();
    Ok(())
}

/// Ends when it is dropped.
#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A connection of its own that waits for notifications. It is closed when the last one who listens has gone.
pub(super) struct Ringing {
    rung: watch::Sender<()>,
    _task: Task,
}

impl fmt::Debug for Ringing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ringing")
            .field("listening", &self.rung.receiver_count())
            .finish_non_exhaustive()
    }
}

impl Ringing {
    fn new(options: PgConnectOptions) -> Self {
        let rung = watch::Sender::new(());
        let task = Task(tokio::spawn(wait(options, rung.clone())));
        Self { rung, _task: task }
    }

    pub(super) fn hear(&self) -> watch::Receiver<()> {
        self.rung.subscribe()
    }
}

/// Waits for notifications, for ever. Without a connection nobody is woken up, and those who listen look for themselves now and then.
async fn wait(options: PgConnectOptions, rung: watch::Sender<()>) {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options);
    loop {
        if let Err(error) = heard(&pool, &rung).await {
            tracing::debug!(%error, "the connection that waits for changes was lost");
        }
        sleep(AGAIN).await;
    }
}

async fn heard(
    pool: &sqlx::PgPool,
    rung: &watch::Sender<()>,
) -> std::result::Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    listener.listen(log::CHANNEL).await?;
    // What was committed before went unheard.
    rung.send_replace(());
    while listener.try_recv().await?.is_some() {
        rung.send_replace(());
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
