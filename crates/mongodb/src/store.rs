//! The MongoDB store: the store's five calls.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use larder_core::migrate::Change;
use larder_core::store::{Batch, Outcome};
use larder_core::{
    BoxFuture, Capability, Error, ErrorKind, Feed, Hears, Layout, Page, Plan, Result, Select,
    Store, Tells, Transaction, Watch,
};
use mongodb::{Client, Database};
use tokio::sync::oneshot;

use crate::aborts::Aborts;
use crate::batch::Owner;
use crate::listeners::Listeners;
use crate::seen::Seen;
use crate::table::Tables;
use crate::transaction::{self, MongoTransaction, refuse_read_only};
use crate::turns::Turns;
use crate::{assigned, batch, changes, form, open, prepare, read, write};

/// How often a batch is tried again that met another write.
const TRIES: usize = 5;

/// A store in one database of a MongoDB replica set. See the [crate's documentation](crate) for what it promises.
///
/// It must be opened in a tokio runtime with its timer and network on, and works as long as that runtime lives.
///
/// ```no_run
/// # async fn open() -> larder_core::Result<()> {
/// let store = larder_mongodb::MongoStore::open("mongodb://127.0.0.1:27017/blog?replicaSet=rs0").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MongoStore {
    client: Client,
    db: Database,
    tables: Tables,
    aborts: Aborts,
    /// Whether the server can keep what documents were before a change: from version 6 on.
    keeps_images: bool,
    turns: Turns,
    listeners: Listeners,
    seen: Seen,
}

/// How to open a [`MongoStore`].
#[derive(Clone)]
#[must_use = "nothing is opened before `open`"]
pub struct MongoBuilder {
    pub(crate) url: String,
    pub(crate) connections: Option<u32>,
    pub(crate) patience: Duration,
    pub(crate) told: Option<Told>,
}

/// What hears the name of each command.
pub(crate) type Told = Arc<dyn Fn(&str) + Send + Sync>;

impl fmt::Debug for MongoStore {
    /// Not the client: the password is in its options.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoStore")
            .field("database", &self.db.name())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for MongoBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoBuilder")
            .field("url", &open::without_password(&self.url))
            .field("connections", &self.connections)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

impl MongoStore {
    /// Opens the database named by `mongodb://[user:password@]host[:port][,..]/database[?options]` or
    /// `mongodb+srv://host/database`. The options are those of every MongoDB driver; larder sets read and write concern,
    /// retries and the read preference itself.
    ///
    /// # Errors
    /// `Setup` within 5 seconds if the address can't be read, no server answers there, the user is refused, or the server
    /// can't do transactions; the message says what was tried and what to do, and never the password.
    pub async fn open(url: &str) -> Result<Self> {
        Self::builder(url).open().await
    }

    /// The same with choices.
    pub fn builder(url: &str) -> MongoBuilder {
        MongoBuilder {
            url: url.to_owned(),
            connections: None,
            patience: Duration::from_secs(3),
            told: None,
        }
    }

    async fn many(self, mut batch: Batch, caller: oneshot::Sender<Result<Vec<Outcome>>>) {
        let _turn = match self.turns.next().await {
            Ok(turn) => turn,
            Err(error) => {
                let _ = caller.send(Err(error));
                return;
            }
        };
        let table = self.tables.of(&batch.layout);
        let mut answer = assigned::give(&self.db, &table, &mut batch)
            .await
            .map(|()| Vec::new());
        if answer.is_ok() {
            for _ in 0..TRIES {
                answer = self.once(&table, batch.clone(), &caller).await;
                if !answer.as_ref().is_err_and(Error::is_conflict) {
                    break;
                }
            }
        }
        // Nobody may be waiting any more.
        let _ = caller.send(answer);
    }

    /// Writes a batch in a transaction of its own, and keeps it if somebody still waits for it.
    async fn once(
        &self,
        table: &crate::table::Table,
        batch: Batch,
        caller: &oneshot::Sender<Result<Vec<Outcome>>>,
    ) -> Result<Vec<Outcome>> {
        let mut session = transaction::open(&self.client, &self.aborts, &self.seen).await?;
        let outcomes = batch::within(&self.db, table, batch, &mut session, Owner::Batch).await;
        let missed = matches!(&outcomes, Ok(all) if matches!(all.last(), Some(Outcome::Missed)));
        if outcomes.is_err() || missed || caller.is_closed() {
            // What MongoDB has ended by itself can't be ended again.
            let _ = session.abort_transaction().await;
            return outcomes;
        }
        transaction::commit(&mut session, &self.seen).await?;
        outcomes
    }
}

impl MongoBuilder {
    /// How many connections there are at the most for each server; 100 unless set here or by `maxPoolSize` in the address, 2 at the
    /// least. Those who listen to changes have as many of their own, opened as they are needed.
    pub fn connections(mut self, connections: u32) -> Self {
        self.connections = Some(connections);
        self
    }

    /// How long to wait for a server that can take a command, or for a free connection, now and later; 3 seconds unless set here or by
    /// `serverSelectionTimeoutMS` in the address. One in eight connections is kept for transactions that have begun; each of their calls
    /// waits as long, too, and fails with `Unavailable` then.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Calls this with the name of each command that is sent to a server, such as `find` or `getMore`: for counting them. It is called on
    /// the way to the server, so it should be quick.
    pub fn on_command(mut self, told: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.told = Some(Arc::new(told));
        self
    }

    /// Opens the store.
    ///
    /// # Errors
    /// As for [`MongoStore::open`].
    pub async fn open(self) -> Result<MongoStore> {
        let open::Opened {
            client,
            db,
            keeps_images,
            turns,
            listeners,
        } = open::open(&self).await?;
        Ok(MongoStore {
            client,
            db,
            keeps_images,
            turns,
            listeners,
            tables: Tables::default(),
            aborts: Aborts::default(),
            seen: Seen::default(),
        })
    }
}

impl Store for MongoStore {
    fn capability(&self) -> Capability {
        let tells = Tells {
            hears: Hears::AllProcesses,
            old_rows: true,
            resume: true,
        };
        let mut capability = Capability::full("mongodb");
        capability.changes = self.keeps_images.then_some(tells);
        capability
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(prepare::prepare(&self.db, &self.tables, models))
    }

    fn plan<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<Vec<Change>>> {
        Box::pin(prepare::plan(&self.db, &self.tables, models))
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let _turn = self.turns.next().await?;
            read::page(&self.db, &self.tables, &self.seen, select.get()).await
        })
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move {
            let mut batch = batch.into_inner();
            refuse_read_only(&batch)?;
            if batch.writes.is_empty() {
                return Ok(Vec::new());
            }
            let table = self.tables.of(&batch.layout);
            form::settle(&table, &mut batch);
            if write::is_one(&table, &batch) {
                let _turn = self.turns.next().await?;
                assigned::give(&self.db, &table, &mut batch).await?;
                return write::one(&self.db, &table, &self.seen, batch).await;
            }
            // In a task of its own, so that it is ended well if the caller goes: the driver does not like to be dropped half-way.
            let (caller, answer) = oneshot::channel();
            tokio::spawn(self.clone().many(batch, caller));
            answer
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable, "the store is closing")))
        })
    }

    fn begin<'a>(&'a self, _seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        Box::pin(async move {
            let (db, tables) = (self.db.clone(), self.tables.clone());
            let begun = MongoTransaction::begin(
                &self.client,
                &self.aborts,
                &self.seen,
                &self.turns,
                db,
                tables,
            );
            let transaction = self.turns.within(begun).await?;
            Ok(Box::new(transaction) as Box<dyn Transaction>)
        })
    }

    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        Box::pin(async move {
            let db = self.listeners.database()?;
            let opened = changes::open(db, &self.tables, &watch);
            let feed = self.turns.within(opened).await?;
            Ok(Box::new(feed) as Box<dyn Feed>)
        })
    }
}
