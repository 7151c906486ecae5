//! What is committed, from a change stream of the database.
//!
//! A task follows the stream and hands commits over through a short queue. MongoDB's own log is the buffer: a listener that is slow holds
//! up its task alone, and has lost something only when the log has gone on beyond what it heard last. The documents before and after a
//! change are kept by the server beside the log, for collections that were prepared for it.
//!
//! The events of a transaction come one after the other, with the number of the transaction, and nothing says which is the last one. So a
//! transaction is told when another event comes, when the stream says that it is beyond, or when nothing came for [`AWAIT`].
//!
//! Positions are the stream's resume tokens. A lost connection or a new primary is for the driver first, which goes on after the last
//! token; where that fails, the listener hears `Unavailable`, and the task opens the stream again, now and then. However long it takes until
//! the listener asks, it hears so once, and then what came of it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use larder_core::store::net;
use larder_core::{
    BoxFuture, Changed, Committed, Error, Feed, Image, Key, Layout, Position, Record, Result, Row,
    Since, Version, Watch,
};
use larder_query::Value;
use mongodb::Database;
use mongodb::bson::raw::{RawBson, RawDocumentBuf};
use mongodb::bson::{Document, deserialize_from_slice, doc, serialize_to_vec};
use mongodb::change_stream::ChangeStream;
use mongodb::change_stream::event::{ChangeStreamEvent, OperationType, ResumeToken};
use mongodb::error::Error as Fault;
use mongodb::options::{FullDocumentBeforeChangeType, FullDocumentType, ReadConcern};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::sleep;

use crate::table::{Table, Tables};
use crate::{decode, errors, names};

/// How long the server waits for something new before it says that there is nothing.
const AWAIT: Duration = Duration::from_millis(100);
/// How many commits wait for a slow listener, if they are no more than [`MOST_BYTES`] together; the others wait in the server's log.
const QUEUE: usize = 16;
/// How long to wait before a stream that broke is opened again.
const AGAIN: Duration = Duration::from_millis(250);
/// How many changes of one transaction are gathered.
const MOST: usize = 10_000;
/// And how many bytes of them, as they come over the wire.
const MOST_BYTES: usize = 64 * 1024 * 1024;

type Event = ChangeStreamEvent<RawDocumentBuf>;
type Stream = ChangeStream<Event>;

/// What is handed over, and the room that it takes while it waits.
type Told = (Result<Committed>, Option<OwnedSemaphorePermit>);

/// The commits of a database.
pub(crate) struct MongoFeed {
    told: mpsc::Receiver<Told>,
}

impl fmt::Debug for MongoFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoFeed").finish_non_exhaustive()
    }
}

impl Feed for MongoFeed {
    fn next<'a>(&'a mut self) -> BoxFuture<'a, Result<Committed>> {
        Box::pin(async move {
            match self.told.recv().await {
                Some((told, _)) => told,
                None => Err(Error::lost("the stream of changes has ended")),
            }
        })
    }
}

/// Opens a stream; what is committed from now on is in it.
pub(crate) async fn open(db: Arc<Database>, tables: &Tables, watch: &Watch) -> Result<MongoFeed> {
    watch.check()?;
    let after = match &watch.since {
        Since::Now => None,
        Since::After(position) => Some(token(position)?),
    };
    let mut follower = Follower {
        db,
        watched: watch
            .layouts
            .iter()
            .map(|layout| tables.of(layout))
            .collect(),
        after,
        transaction: None,
        room: Arc::new(Semaphore::new(MOST_BYTES / 1024)),
    };
    let stream = follower.open().await?;
    let (tell, told) = mpsc::channel(QUEUE);
    tokio::spawn(follower.run(stream, tell));
    Ok(MongoFeed { told })
}

fn token(position: &Position) -> Result<ResumeToken> {
    let token = deserialize_from_slice::<ResumeToken>(position.as_bytes());
    token.map_err(|_| Error::lost("the position is none of this store's"))
}

fn position(token: &ResumeToken) -> Result<Position> {
    let bytes = serialize_to_vec(token).map_err(Error::internal)?;
    Ok(Position::new(bytes))
}

/// What follows a stream for one listener.
struct Follower {
    db: Arc<Database>,
    /// In the order in which they were asked for.
    watched: Vec<Arc<Table>>,
    /// The stream goes on after this.
    after: Option<ResumeToken>,
    transaction: Option<Open>,
    /// What is left of the room for commits that wait, in units of 1,024 bytes.
    room: Arc<Semaphore>,
}

/// A transaction of which more may come.
struct Open {
    number: (Document, i64),
    so_far: Whole,
}

/// A commit that is to be told.
struct Whole {
    committed: Committed,
    bytes: usize,
}

/// Why a stream is left.
enum Left {
    /// Nobody listens any more.
    Alone,
    /// Nothing more can be told.
    Lost(Error),
    /// The server could not be asked. Opened again, it goes on.
    Broken(Error),
}

impl From<Error> for Left {
    fn from(error: Error) -> Self {
        match errors::is_lost(&error) {
            true => Self::Lost(error),
            false => Self::Broken(error),
        }
    }
}

/// Says that the server could not be asked, unless there is something left to hear: whoever has heard all is told how it is then.
fn complain(tell: &mpsc::Sender<Told>, error: Error) {
    tracing::debug!(%error, "a stream of changes broke");
    if tell.capacity() == tell.max_capacity() {
        // There is room, and nobody else sends. If the listener has gone the stream ends soon.
        let _ = tell.try_send((Err(error), None));
    }
}

impl Follower {
    async fn open(&mut self) -> Result<Stream> {
        let collections = self.watched.iter();
        let collections: Vec<String> = collections
            .map(|table| names::collection(&table.layout.collection).into_owned())
            .collect();
        let of_ours = doc! { "$match": { "$or": [
            { "ns.coll": { "$in": &collections } },
            { "to.coll": { "$in": &collections } },
            { "operationType": { "$in": ["dropDatabase", "invalidate"] } },
        ] } };
        let watch = self
            .db
            .watch()
            .pipeline([of_ours])
            .full_document(FullDocumentType::Required)
            .full_document_before_change(FullDocumentBeforeChangeType::Required)
            .max_await_time(AWAIT)
            .read_concern(ReadConcern::majority());
        tracing::trace!(target: "larder::mongodb", collections = ?collections, command = "watch");
        let opened = match &self.after {
            Some(token) => watch.start_after(token.clone()).await,
            None => watch.await,
        };
        let stream = opened.map_err(|fault| self.fault(fault))?;
        self.after = stream.resume_token().or_else(|| self.after.take());
        Ok(stream.with_type())
    }

    /// What a fault means: as long as the server could answer, what it refuses is gone.
    fn fault(&self, fault: Fault) -> Error {
        let goes_on = self.after.is_some() && errors::is_answered(&fault);
        if errors::is_history_lost(&fault) || goes_on && !errors::is_refused(&fault) {
            return Error::lost("the database does not keep them any more").with_source(fault);
        }
        errors::plain(fault)
    }

    async fn run(mut self, stream: Stream, tell: mpsc::Sender<Told>) {
        let mut next = Some(stream);
        loop {
            let left = match next.take() {
                Some(stream) => self.follow(stream, &tell).await,
                None => match self.open().await {
                    Ok(stream) => {
                        next = Some(stream);
                        continue;
                    }
                    Err(error) => error.into(),
                },
            };
            let lost = match left {
                Left::Alone => return,
                Left::Lost(error) => error,
                // From where nobody knows, nothing can go on.
                Left::Broken(error) if self.after.is_none() => {
                    Error::lost("the stream broke before it began").with_source(error)
                }
                Left::Broken(error) => {
                    complain(&tell, error);
                    tokio::select! {
                        () = sleep(AGAIN) => continue,
                        () = tell.closed() => return,
                    }
                }
            };
            let _ = tell.send((Err(lost), None)).await;
            return;
        }
    }

    async fn follow(&mut self, mut stream: Stream, tell: &mpsc::Sender<Told>) -> Left {
        loop {
            let event = tokio::select! {
                event = stream.next_if_any() => event,
                () = tell.closed() => return Left::Alone,
            };
            let token = stream.resume_token();
            let told = match event {
                Ok(Some(event)) => {
                    let is_beyond = token.as_ref().is_some_and(|token| *token != event.id);
                    let told = self.take(&event, is_beyond);
                    self.after = token.or_else(|| self.after.take());
                    told
                }
                Ok(None) if !stream.is_alive() => {
                    Err(Error::lost("the stream of changes has ended"))
                }
                Ok(None) => {
                    self.after = token.or_else(|| self.after.take());
                    Ok(self.whole().into_iter().collect())
                }
                Err(fault) => return self.fault(fault).into(),
            };
            let (told, ended) = match told {
                Ok(told) => (told, None),
                Err(error) => (self.whole().into_iter().collect(), Some(error)),
            };
            for whole in told {
                if !self.hand_over(whole, tell).await {
                    return Left::Alone;
                }
            }
            if let Some(error) = ended {
                return Left::Lost(error);
            }
        }
    }

    /// Puts a commit into the queue, once there is room; false if nobody listens any more.
    async fn hand_over(&self, whole: Whole, tell: &mpsc::Sender<Told>) -> bool {
        // A single document may be larger than all of the room.
        let units = (whole.bytes / 1024 + 1).min(MOST_BYTES / 1024);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let room = tokio::select! {
            room = Arc::clone(&self.room).acquire_many_owned(units) => room.ok(),
            () = tell.closed() => return false,
        };
        tell.send((Ok(whole.committed), room)).await.is_ok()
    }

    /// The transaction that is open, which is whole by now.
    fn whole(&mut self) -> Option<Whole> {
        let Whole { committed, bytes } = self.transaction.take()?.so_far;
        let committed = Committed {
            changes: net(committed.changes),
            ..committed
        };
        (!committed.changes.is_empty()).then_some(Whole { committed, bytes })
    }

    /// What an event ends, and what it is. `is_beyond` says that nothing more comes of its time.
    fn take(&mut self, event: &Event, is_beyond: bool) -> Result<Vec<Whole>> {
        let number = event.lsid.clone().zip(event.txn_number);
        let open = self.transaction.as_ref().map(|open| &open.number);
        let goes_on = open.is_some() && open == number.as_ref();
        let changes = match self.changes(event) {
            Ok(changes) => changes,
            Err(error) => {
                // A part of a transaction is never told alone.
                self.transaction.take_if(|_| goes_on);
                return Err(error);
            }
        };
        let position = position(&event.id)?;
        let mut told = Vec::new();
        if !goes_on {
            told.extend(self.whole());
        }
        match (number, &mut self.transaction) {
            _ if changes.is_empty() => {}
            (Some(_), Some(open)) => {
                let Whole { committed, bytes } = &mut open.so_far;
                *bytes += size(event);
                if committed.changes.len() + changes.len() > MOST || *bytes > MOST_BYTES {
                    self.transaction = None;
                    return Err(Error::lost("a transaction has changed more than is told"));
                }
                committed.changes.extend(changes);
                committed.position = position;
            }
            (Some(number), none) => {
                let so_far = Whole {
                    committed: Committed { position, changes },
                    bytes: size(event),
                };
                *none = Some(Open { number, so_far });
            }
            (None, _) => told.push(Whole {
                committed: Committed { position, changes },
                bytes: size(event),
            }),
        }
        if is_beyond {
            told.extend(self.whole());
        }
        Ok(told)
    }

    /// What an event says of the models: several may be kept in one collection.
    fn changes(&self, event: &Event) -> Result<Vec<Changed>> {
        match event.operation_type {
            OperationType::Insert
            | OperationType::Update
            | OperationType::Replace
            | OperationType::Delete => {}
            OperationType::Drop | OperationType::DropDatabase | OperationType::Invalidate => {
                return Err(Error::lost("a collection was dropped"));
            }
            OperationType::Rename => return Err(Error::lost("a collection was renamed")),
            // Indexes, options and what there may be one day: no record has changed.
            _ => return Ok(Vec::new()),
        }
        let name = event.ns.as_ref().and_then(|ns| ns.coll.as_deref());
        let mut changes = Vec::new();
        for (of, table) in self.watched.iter().enumerate() {
            if name == Some(&*names::collection(&table.layout.collection)) {
                let changed = changed(of, table, event);
                changes.push(changed.map_err(|error| {
                    Error::lost("a document is none of the model").with_source(error)
                })?);
            }
        }
        Ok(changes)
    }
}

/// The bytes of the documents before and after a change.
fn size(event: &Event) -> usize {
    let documents = [&event.full_document, &event.full_document_before_change];
    let sizes = documents.into_iter().flatten();
    sizes.map(|document| document.as_bytes().len()).sum()
}

fn changed(of: usize, table: &Table, event: &Event) -> Result<Changed> {
    let image = |document: &Option<RawDocumentBuf>| match document {
        Some(document) => Ok(Image::Row(Row::new(decode::record(table, document)?))),
        None => Ok::<Image, Error>(Image::Unknown),
    };
    let (old, new) = match event.operation_type {
        OperationType::Insert => (Image::Absent, image(&event.full_document)?),
        OperationType::Delete => (image(&event.full_document_before_change)?, Image::Absent),
        _ => (
            image(&event.full_document_before_change)?,
            image(&event.full_document)?,
        ),
    };
    let known = new.row().or(old.row());
    let key = match known {
        Some(row) => table.layout.key.key_of(row),
        None => key(table, event.document_key.as_ref())?,
    };
    Ok(Changed { of, key, old, new })
}

/// The key of a document of which nothing else is known.
fn key(table: &Table, document: Option<&Document>) -> Result<Key> {
    let id = document
        .and_then(|document| document.get(names::ID))
        .cloned();
    let id = RawBson::try_from(id.unwrap_or_default()).map_err(Error::internal)?;
    let Layout { fields, key, .. } = &*table.layout;
    let mut values = vec![Value::Null; fields.len()];
    decode::key(table, id.as_raw_bson_ref(), &mut values)?;
    Ok(key.key_of(&Record::new(values, Version(0))))
}

#[cfg(test)]
mod tests {
    use larder_core::ErrorKind;

    use super::*;

    /// However often a server was asked that is away, whoever listens hears of it once before what is told next.
    #[test]
    fn nobody_hears_of_old_troubles() {
        let (tell, mut told) = mpsc::channel::<Told>(QUEUE);
        let away = || Error::new(ErrorKind::Unavailable, "away");
        let committed = || Committed {
            position: Position::new(&b"x"[..]),
            changes: Vec::new(),
        };
        let mut next = || told.try_recv().map(|(told, _): Told| told.is_ok()).ok();
        for _ in 0..QUEUE {
            complain(&tell, away());
        }
        tell.try_send((Ok(committed()), None)).unwrap();
        complain(&tell, away());
        assert_eq!(next(), Some(false));
        complain(&tell, away());
        assert_eq!(next(), Some(true));
        assert_eq!(next(), None, "nothing is left");
        complain(&tell, away());
        assert_eq!(next(), Some(false), "it is so still");
        drop(told);
        complain(&tell, away());
    }
}
