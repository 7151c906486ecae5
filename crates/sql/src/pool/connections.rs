//! The connections of a pool.
//!
//! The pool is our own because sqlx's makes a round trip to the server each time a connection comes back, which costs as much as a
//! read by key. Here a connection comes back only if all that was asked of it was answered, and if it has waited for a while it is
//! tried before something is sent on it that can't be sent twice.
//!
//! A server that has just gone away is waited for where a connection is opened: nothing has been sent then, so waiting is safe whatever
//! is to be asked. The wait counts from the moment the server was first found away. Whoever comes later than that is refused at once,
//! so a server that stays away costs a request no more than a look.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use larder_core::{Error, ErrorKind, Result};
use sqlx::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

use super::{Pooled, plain};
use crate::driver::{Conn, Fault};

/// A connection older than this is closed when it comes back, so that a pool follows its server to another address.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// One that has waited for longer than this is tried before a write. No server ends and is back within this time (a small MariaDB was seen to
/// do it in 170 ms), so no write is sent to one that was restarted since; and where there is much to do no connection waits for so long, so
/// nobody pays for it.
const RESTED: Duration = Duration::from_millis(50);

/// How often a server that is away is asked whether it is back.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// What can be chosen of a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// The most connections.
    pub(crate) size: usize,
    /// How long to wait for a free one.
    pub(crate) acquire: Duration,
    /// How long a new one may take to be opened.
    pub(crate) connect: Duration,
    /// How long a server that has gone away is waited for, from when that was first seen.
    pub(crate) patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            size: 16,
            acquire: Duration::from_secs(5),
            connect: Duration::from_secs(4),
            patience: Duration::from_secs(2),
        }
    }
}

/// The connections, opened when they are needed; the one used last goes first.
pub(crate) struct Connections<D: Pooled> {
    options: D::Options,
    settings: Settings,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Idle<D>>>,
    /// Since when the server has been away; none as long as connections can be opened.
    away: Mutex<Option<Instant>>,
}

/// A connection that waits.
struct Idle<D: Pooled> {
    conn: Conn<D>,
    born: Instant,
    since: Instant,
}

/// A connection on loan. Dropped, it is closed.
pub(crate) struct Lent<D: Pooled> {
    conn: Conn<D>,
    born: Instant,
    /// Since when it had been waiting; none if it was opened for this.
    rested: Option<Instant>,
    connections: Arc<Connections<D>>,
    _permit: OwnedSemaphorePermit,
}

impl<D: Pooled> fmt::Debug for Connections<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No options: they hold the password.
        f.debug_struct("Connections")
            .field("settings", &self.settings)
            .field("free", &self.permits.available_permits())
            .finish_non_exhaustive()
    }
}

impl<D: Pooled> Connections<D> {
    pub(crate) fn new(options: D::Options, settings: Settings) -> Self {
        Self {
            options,
            settings,
            permits: Arc::new(Semaphore::new(settings.size)),
            idle: Mutex::default(),
            away: Mutex::default(),
        }
    }

    /// How they are opened.
    #[cfg(feature = "postgres")]
    pub(crate) fn options(&self) -> &D::Options {
        &self.options
    }

    /// A connection, once one is free.
    pub(crate) async fn get(connections: &Arc<Self>) -> Result<Lent<D>> {
        let permits = Arc::clone(&connections.permits);
        // Most of the time one is free, and no timer is needed.
        let permit = match Arc::clone(&permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => match timeout(connections.settings.acquire, permits.acquire_owned()).await {
                Ok(Ok(permit)) => permit,
                Ok(Err(_)) => return Err(closed()),
                Err(_) => return Err(connections.exhausted()),
            },
        };
        let idle = connections.idle().pop();
        let (conn, born, rested) = match idle {
            Some(idle) => (idle.conn, idle.born, Some(idle.since)),
            None => (connections.connect().await?, Instant::now(), None),
        };
        Ok(Lent {
            conn,
            born,
            rested,
            connections: Arc::clone(connections),
            _permit: permit,
        })
    }

    /// A connection for what can't be sent twice.
    pub(crate) async fn tested(connections: &Arc<Self>) -> Result<Lent<D>> {
        let mut lent = Self::get(connections).await?;
        let old = lent.rested.is_some_and(|since| since.elapsed() > RESTED);
        if old && lent.conn.ping().await.is_err() {
            connections.forget_idle();
            drop(lent);
            lent = Self::get(connections).await?;
        }
        Ok(lent)
    }

    /// A connection on which a transaction was begun. Where that shows that it is dead, another one.
    pub(crate) async fn begun(connections: &Arc<Self>, begin: &'static str) -> Result<Lent<D>> {
        let mut lent = Self::get(connections).await?;
        if let Err(error) = D::command(&mut lent.conn, begin).await {
            let fault = D::Fault::from(error);
            if !fault.ends_connection() {
                return Err(fault.into_plain());
            }
            connections.forget_idle();
            drop(lent);
            // Nothing was begun, whatever broke.
            lent = Self::get(connections).await?;
            D::command(&mut lent.conn, begin)
                .await
                .map_err(|error| plain::<D>(error).rolled_back())?;
        }
        Ok(lent)
    }

    /// Opens a connection, and waits for a server that has just gone away.
    async fn connect(&self) -> Result<Conn<D>> {
        loop {
            let fault = match timeout(self.settings.connect, D::connect(&self.options)).await {
                Ok(Ok(conn)) => {
                    if self.away().take().is_some() {
                        tracing::warn!(target: "larder::store", store = D::NAME, "the database is back");
                    }
                    return Ok(conn);
                }
                Ok(Err(error)) => D::Fault::from(error),
                Err(late) => {
                    self.since();
                    let message = "the database does not answer; try again";
                    return Err(Error::new(ErrorKind::Unavailable, message).with_source(late));
                }
            };
            // One that refuses this user will do so again.
            if !fault.ends_connection() || !self.may_be_back_soon() {
                let message = "the database can't be reached; try again";
                let error = Error::new(ErrorKind::Unavailable, message);
                return Err(error.with_source(fault.into_plain()));
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// Whether the server, which is away, has been so for no longer than it is waited for.
    fn may_be_back_soon(&self) -> bool {
        let since = self.since();
        !self.permits.is_closed() && since.elapsed() < self.settings.patience
    }

    /// Since when the server has been away, which may be now.
    fn since(&self) -> Instant {
        *self.away().get_or_insert_with(|| {
            let (store, patience) = (D::NAME, self.settings.patience);
            tracing::warn!(target: "larder::store", store, ?patience, "the database is away");
            Instant::now()
        })
    }

    fn away(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes those that wait: what ended one of them has probably ended all.
    pub(crate) fn forget_idle(&self) {
        drop(std::mem::take(&mut *self.idle()));
    }

    /// Nobody gets a connection any more; those that wait are closed.
    pub(crate) async fn close(&self) {
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle());
        for Idle { conn, .. } in idle {
            if let Err(error) = conn.close().await {
                tracing::debug!(%error, "a connection could not be closed");
            }
        }
    }

    fn exhausted(&self) -> Error {
        let message = format!(
            "all {} connections to the database are in use; try again",
            self.settings.size
        );
        Error::new(ErrorKind::Unavailable, message)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle<D>>> {
        // The list is whole whatever happened to another thread.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Pooled> Lent<D> {
    /// The connection.
    pub(crate) fn conn(&mut self) -> &mut Conn<D> {
        &mut self.conn
    }

    /// The pool that it is of.
    pub(crate) fn connections(&self) -> &Arc<Connections<D>> {
        &self.connections
    }

    /// Whether it was opened for this loan.
    pub(crate) fn is_new(&self) -> bool {
        self.rested.is_none()
    }

    /// Lets the next one have it. All that was asked of it must have been answered, and no transaction be open.
    pub(crate) fn give_back(self) {
        let Self {
            conn,
            born,
            connections,
            ..
        } = self;
        if born.elapsed() < LIFETIME && !connections.permits.is_closed() {
            let since = Instant::now();
            connections.idle().push(Idle { conn, born, since });
        }
    }
}

impl<D: Pooled> fmt::Debug for Lent<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").finish_non_exhaustive()
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Unavailable, "the store is closed")
}
