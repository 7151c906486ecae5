//! What a store tells of what was committed in it: what is asked for, and what is told.

use std::fmt;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::layout::Layout;
use crate::record::Row;
use crate::store::BoxFuture;

/// Which commits are to be told, and from where on.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The models. What is committed of others is not told.
    pub layouts: Vec<Arc<Layout>>,
    /// From where on.
    pub since: Since,
}

impl Watch {
    /// That all of the models were prepared to be told, for stores to ask first.
    ///
    /// # Errors
    /// `Unsupported`, naming one that was not.
    pub fn check(&self) -> Result<()> {
        match self.layouts.iter().find(|layout| !layout.storage.changes) {
            None => Ok(()),
            Some(layout) => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "{} was not prepared for it: its changes are told only where the app asks for them at its start",
                    layout.model
                ),
            )),
        }
    }
}

/// Where a feed begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// With what is committed after [`Store::changes`](super::Store::changes) has answered; what is committed while it runs may
    /// be told too.
    Now,
    /// With what was committed after this.
    After(Position),
}

/// A place in the order of commits: bytes that only the store understands that gave it. They can be kept, and outlive the process
/// where the store's commits do.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Position(Arc<[u8]>);

impl Position {
    /// A position, as a store writes it down.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Position({} bytes)", self.0.len())
    }
}

/// What one commit has changed: all of a transaction, or all of a batch.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Goes on after this one.
    pub position: Position,
    /// The records that it has changed, each once: as it was before the commit, and as it is after it. Never empty; a record that was
    /// created and deleted in the same commit is not told.
    pub changes: Vec<Changed>,
}

/// One record, before and after.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Of which model: its place in [`Watch::layouts`].
    pub of: usize,
    /// Which record.
    pub key: Key,
    /// What was there before.
    pub old: Image,
    /// What is there now.
    pub new: Image,
}

/// Each record once, in the order in which they were changed first: as it was before all of these changes, and as it is after them. One
/// that was created and is gone again is left out. For stores that hear of each write by itself.
pub fn net(changes: Vec<Changed>) -> Vec<Changed> {
    let mut net: Vec<Changed> = Vec::with_capacity(changes.len());
    let mut places: HashMap<(usize, Key), usize> = HashMap::new();
    for change in changes {
        let at = *places
            .entry((change.of, change.key.clone()))
            .or_insert(net.len());
        match net.get_mut(at) {
            Some(first) => first.new = change.new,
            None => net.push(change),
        }
    }
    net.retain(|change| change.old != Image::Absent || change.new != Image::Absent);
    net
}

/// A record on one side of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Image {
    /// There is none: before it was created, after it was deleted.
    Absent,
    /// This one.
    Row(Row),
    /// There is one, and the store can't say what it holds.
    Unknown,
}

impl Image {
    /// The record, where it is known.
    pub fn row(&self) -> Option<&Row> {
        match self {
            Self::Row(row) => Some(row),
            Self::Absent | Self::Unknown => None,
        }
    }
}

impl From<Option<Row>> for Image {
    /// None is that there is no record.
    fn from(row: Option<Row>) -> Self {
        row.map_or(Self::Absent, Self::Row)
    }
}

/// What a store can tell of its commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tells {
    /// Whose commits.
    pub hears: Hears,
    /// [`Changed::old`] is never [`Image::Unknown`], nor is [`Changed::new`].
    pub old_rows: bool,
    /// [`Since::After`] is understood, as long as the store keeps what came after that position.
    pub resume: bool,
}

/// Whose commits a store tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears {
    /// Those that were made through this very store, or through one that shares its data within the process.
    OwnProcess,
    /// Everybody's, other programs among them.
    AllProcesses,
}

/// The commits, one after the other, without an end.
///
/// * **When**: after the commit, never before. What is rolled back is not told.
/// * **Order**: that of the commits. Of two that met in no record and overlapped in time, either may come first.
/// * **How often**: at least once. After [`Since::After`] some may be told that were told before that position.
/// * **Lost**: an error of the kind [`Lost`](ErrorKind::Lost) says that some can't be told any more: the listener was too slow, or the
///   position too old. Whoever hears it reads all again, and begins anew with [`Since::Now`]. Nothing is ever left out silently.
/// * **Slow listeners** hold up nobody, and fill no memory without bounds.
/// * **Dropping** it leaves nothing behind, in the process or in the database.
pub trait Feed: Send + fmt::Debug {
    /// Waits for the next commit. A future that is dropped before it is ready has told nothing: the next call tells it.
    ///
    /// # Errors
    /// `Lost`, see above; then every later call fails too. `Unavailable` where the database can't be reached: calling again tries
    /// again, and goes on where it was.
    fn next<'a>(&'a mut self) -> BoxFuture<'a, Result<Committed>>;
}

impl Error {
    /// The error of a [`Feed`] that can't tell everything any more.
    pub fn lost(why: &str) -> Self {
        Self::new(
            ErrorKind::Lost,
            format!("changes were lost: {why}. Read all again, and listen from now on"),
        )
    }
}

/// What a store without a feed answers.
pub(super) fn unsupported() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "the store does not tell what is committed",
    )
}
