//! What goes on beside the calls of a store whose changes are told: a connection that waits to be woken up, and the keeping of the
//! log within its bounds.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use larder_core::Result;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};
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
    sweeper: Mutex<Option<Task<()>>>,
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
        let Some(mut saying) = Saying::begin(&self.tasks) else {
            return;
        };
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
                drop(saying);
                // Between the two somebody may have left it to this task.
                if !tasks.unsaid.load(Ordering::SeqCst) {
                    return;
                }
                match Saying::begin(&tasks) {
                    Some(again) => saying = again,
                    None => return,
                }
            }
        });
    }

    /// The bell, rung whenever something may have been committed.
    pub(super) fn ringing(&self, options: &PgConnectOptions) -> Arc<Ringing> {
        let mut ringing = lock(&self.tasks.ringing);
        if let Some(ringing) = ringing.upgrade()
            && !ringing.task.has_ended()
        {
            return ringing;
        }
        let new = Arc::new(Ringing::new(options.clone()));
        *ringing = Arc::downgrade(&new);
        new
    }

    /// Keeps the log within its bounds as long as the store is there.
    pub(super) fn sweep(&self, connections: &Arc<Connections<Postgres>>) {
        let mut sweeper = lock(&self.tasks.sweeper);
        if sweeper.as_ref().is_some_and(|sweeper| !sweeper.has_ended()) {
            return;
        }
        let (connections, bounds) = (Arc::downgrade(connections), self.bounds);
        *sweeper = Some(Task::spawn(async move {
            loop {
                sleep(SWEEP).await;
                let Some(connections) = connections.upgrade() else {
                    return;
                };
                if let Err(error) = trim(&connections, bounds).await {
                    tracing::warn!(%error, "the log of changes could not be kept within its bounds");
                }
            }
        }));
    }
}

/// Whoever is about to tell other processes; also one that is cut off, as its runtime ends, makes way for the next one.
struct Saying(Arc<Tasks>);

impl Saying {
    /// None if somebody is about to already.
    fn begin(tasks: &Arc<Tasks>) -> Option<Self> {
        let is_first = !tasks.saying.swap(true, Ordering::SeqCst);
        is_first.then(|| Self(Arc::clone(tasks)))
    }
}

impl Drop for Saying {
    fn drop(&mut self) {
        self.0.saying.store(false, Ordering::SeqCst);
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

/// A task that ends when this is dropped.
#[derive(Debug)]
pub(super) struct Task<T>(JoinHandle<T>);

impl<T: Send + 'static> Task<T> {
    pub(super) fn spawn(task: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(task))
    }

    /// Waits for its end. A future that is dropped takes nothing away.
    pub(super) async fn ended(&mut self) -> std::result::Result<T, JoinError> {
        (&mut self.0).await
    }
}

impl<T> Task<T> {
    /// Whether it has ended, be it because its runtime has.
    fn has_ended(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A connection of its own that waits for notifications. It is closed when the last one who listens has gone.
pub(super) struct Ringing {
    rung: watch::Sender<()>,
    task: Task<()>,
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
        let task = Task::spawn(wait(options, rung.clone()));
        Self { rung, task }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Settings;

    /// The store that rings outlives the runtime that its first task was on, as in an app's tests.
    #[test]
    fn the_next_one_rings_where_a_runtime_has_ended() {
        let connections = Arc::new(Connections::new(
            PgConnectOptions::new_without_pgpass(),
            Settings::default(),
        ));
        let bell = Bell::new(Bounds::default());
        let saying = || bell.tasks.saying.load(Ordering::SeqCst);
        for _ in 0..2 {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            let entered = runtime.enter();
            assert!(!saying());
            bell.ring(&connections);
            assert!(saying());
            bell.ring(&connections);
            drop(entered);
            drop(runtime);
        }
        assert!(!saying());
        assert!(
            bell.tasks.unsaid.load(Ordering::SeqCst),
            "the next one says it"
        );
    }
}
