//! Commands that read.

use larder_core::Error;
use mongodb::bson::raw::{RawDocument, RawDocumentBuf};
use mongodb::bson::{Bson, Document};
use mongodb::error::Error as Fault;
use mongodb::options::{AggregateOptions, FindOptions, ReadConcern};
use mongodb::{ClientSession, Collection, Database};

use crate::{errors, names};

/// A collection, of documents as they come over the wire.
pub(crate) type Raw = Collection<RawDocumentBuf>;

/// How many documents come with the first answer of a command at the most; the server sends 101 unless told, and never more than 16 MB.
const LARGEST: u32 = 10_000;

/// The size of the first answer where all of a page should come with it, a total behind it too.
fn at_once(limit: i64) -> u32 {
    // One more lets the server see that there is an end.
    u32::try_from(limit.saturating_add(2)).map_or(LARGEST, |limit| limit.clamp(2, LARGEST))
}

/// The collection with a model's name.
pub(crate) fn collection(db: &Database, name: &str) -> Raw {
    db.collection(&names::collection(name))
}

/// A read that gives documents.
#[derive(Debug)]
pub(crate) enum Command {
    Find {
        filter: Document,
        sort: Document,
        skip: u64,
        limit: Option<i64>,
    },
    /// The stages, and how many documents there are to come at the most, where that is known.
    Aggregate(Vec<Document>, Option<i64>),
}

impl Command {
    fn name(&self) -> String {
        match self {
            Self::Find { .. } => "find".to_owned(),
            Self::Aggregate(stages, _) => {
                let names = stages.iter().filter_map(|stage| stage.keys().next());
                names.map(String::as_str).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// Why a read ended.
#[derive(Debug)]
pub(crate) enum Stop {
    /// By the driver.
    Fault(Box<Fault>),
    /// By what looked at the documents.
    Error(Error),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl Stop {
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Fault(fault) => errors::plain(*fault),
            Self::Error(error) => error,
        }
    }
}

/// What looks at documents; false when it needs no more.
pub(crate) type Visit<'v> = dyn FnMut(&RawDocument) -> Result<bool, Error> + Send + 'v;

/// The session that a read is in.
#[derive(Debug)]
pub(crate) struct Reader<'s> {
    pub(crate) session: &'s mut ClientSession,
    /// Whether it has a transaction, whose reads are of one state of the data by themselves.
    pub(crate) in_transaction: bool,
}

/// Runs a read and shows each document; all of them are of one state of the data.
pub(crate) async fn each(
    collection: &Raw,
    command: Command,
    reader: &mut Reader<'_>,
    visit: &mut Visit<'_>,
) -> Result<(), Stop> {
    // Without the values: hidden ones are among them.
    tracing::trace!(target: "larder::mongodb", collection = collection.name(), command = command.name());
    let session = &mut *reader.session;
    let concern = (!reader.in_transaction).then(ReadConcern::snapshot);
    let mut cursor = match command {
        Command::Find {
            filter,
            sort,
            skip,
            limit,
        } => {
            let options = FindOptions::builder()
                .sort(sort)
                .skip(skip)
                .limit(limit)
                .batch_size(limit.map(at_once))
                .read_concern(concern)
                .build();
            let find = collection.find(filter).with_options(options);
            find.session(&mut *session).await?
        }
        Command::Aggregate(stages, most) => {
            let options = AggregateOptions::builder()
                .batch_size(most.map(at_once))
                .read_concern(concern)
                .build();
            let aggregate = collection.aggregate(stages).with_options(options);
            let aggregate = aggregate.with_type::<RawDocumentBuf>();
            aggregate.session(&mut *session).await?
        }
    };
    while cursor.advance(session).await? {
        if !visit(cursor.current()).map_err(Stop::Error)? {
            break;
        }
    }
    Ok(())
}

/// The number in the first document of an aggregate, 0 if there is none: what `$count` gives as `n`.
pub(crate) async fn number(
    collection: &Raw,
    stages: Vec<Document>,
    reader: &mut Reader<'_>,
) -> Result<u64, Stop> {
    let mut found = 0;
    let mut visit = |document: &RawDocument| {
        found = count(document).unwrap_or_default();
        Ok(false)
    };
    let command = Command::Aggregate(stages, Some(1));
    each(collection, command, reader, &mut visit).await?;
    Ok(found)
}

/// The count that a document holds; none if it is a record.
pub(crate) fn count(document: &RawDocument) -> Option<u64> {
    let mut elements = document.iter();
    let (name, number) = elements.next()?.ok()?;
    if name.as_str() != "n" {
        return None;
    }
    match Bson::try_from(number).ok()? {
        Bson::Int32(number) => u64::try_from(number).ok(),
        Bson::Int64(number) => u64::try_from(number).ok(),
        _ => None,
    }
}
