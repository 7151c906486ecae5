//! What faults of the driver and the server mean in larder's terms. The table is in the crate's documentation.

use larder_core::{Error, ErrorKind, Layout};
use mongodb::error::{
    Error as Fault, ErrorKind as Sort, TRANSIENT_TRANSACTION_ERROR, WriteFailure,
};

use crate::{encode, indexes, names};

/// Codes of the server: `error_codes.yml` in its source.
mod code {
    pub(super) const UNAUTHORIZED: i32 = 13;
    pub(super) const INDEX_MISSING: [i32; 2] = [26, 27];
    pub(super) const NAMESPACE_EXISTS: i32 = 48;
    pub(super) const MAX_TIME: i32 = 50;
    pub(super) const INDEX_OPTIONS: i32 = 85;
    pub(super) const INDEX_KEYS: i32 = 86;
    pub(super) const WRITE_CONFLICT: i32 = 112;
    pub(super) const SNAPSHOT_UNAVAILABLE: i32 = 246;
    pub(super) const SNAPSHOT_TOO_OLD: i32 = 239;
    pub(super) const NO_SUCH_TRANSACTION: i32 = 251;
    pub(super) const DUPLICATE: i32 = 11000;
    /// No image of a changed document, `CappedPositionLost`, `InvalidResumeToken`, `ChangeStreamFatalError`, `ChangeStreamHistoryLost`.
    pub(super) const HISTORY_LOST: [i32; 5] = [47, 136, 260, 280, 286];
    pub(super) const TOO_LARGE: [i32; 4] = [10334, 17280, 17419, 17420];
    /// No primary, or it is stepping down, starting or shutting down; the network; the disk.
    pub(super) const AWAY: [i32; 16] = [
        6, 7, 89, 91, 189, 202, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436, 14031, 64,
    ];
}

/// The code and message of the server, where it answered with one.
fn answer(fault: &Fault) -> Option<(i32, &str)> {
    match &*fault.kind {
        Sort::Command(error) => Some((error.code, &error.message)),
        Sort::Write(WriteFailure::WriteError(error)) => Some((error.code, &error.message)),
        Sort::Write(WriteFailure::WriteConcernError(error)) => Some((error.code, &error.message)),
        Sort::InsertMany(error) => match (&error.write_errors, &error.write_concern_error) {
            (Some(errors), _) if !errors.is_empty() => {
                errors.first().map(|error| (error.code, &*error.message))
            }
            (_, Some(error)) => Some((error.code, &error.message)),
            _ => None,
        },
        _ => None,
    }
}

/// The index whose value is taken, for a fault of that sort.
fn taken(fault: &Fault) -> Option<&str> {
    let (code::DUPLICATE, message) = answer(fault)? else {
        return None;
    };
    // `E11000 duplicate key error collection: db.posts index: slug_1 dup key: { slug: "a" }`; values stand last.
    let (before, _) = message.split_once(" dup key: ").unwrap_or((message, ""));
    before.split_once(" index: ").map(|(_, index)| index)
}

/// Whether the key of a record is taken.
pub(crate) fn is_key_taken(fault: &Fault) -> bool {
    taken(fault).is_some_and(|index| index == "_id_")
}

/// Whether something is there already that was to be created.
pub(crate) fn is_there(fault: &Fault) -> bool {
    matches!(answer(fault), Some((code::NAMESPACE_EXISTS, _)))
}

/// Whether what was to be dropped has gone already.
pub(crate) fn is_missing(fault: &Fault) -> bool {
    answer(fault).is_some_and(|(code, _)| code::INDEX_MISSING.contains(&code))
}

/// Whether an index of the same name or keys is another one.
pub(crate) fn is_other_index(fault: &Fault) -> bool {
    matches!(
        answer(fault),
        Some((code::INDEX_OPTIONS | code::INDEX_KEYS, _))
    )
}

/// Whether values break a unique index that is to be built.
pub(crate) fn is_duplicate(fault: &Fault) -> bool {
    matches!(answer(fault), Some((code::DUPLICATE, _)))
}

/// Whether a read may find its snapshot if it is asked again.
pub(crate) fn is_stale(fault: &Fault) -> bool {
    matches!(
        answer(fault),
        Some((code::SNAPSHOT_UNAVAILABLE | code::SNAPSHOT_TOO_OLD, _))
    )
}

/// Whether the server answered, and refused.
pub(crate) fn is_answered(fault: &Fault) -> bool {
    let away = |code| code::AWAY.contains(&code) || code == code::MAX_TIME;
    answer(fault).is_some_and(|(code, _)| !away(code))
}

/// Whether a change stream can't go on from where it was: its log has gone, or the images of what was changed.
pub(crate) fn is_history_lost(fault: &Fault) -> bool {
    let by_label = fault.contains_label("NonResumableChangeStreamError");
    by_label || answer(fault).is_some_and(|(code, _)| code::HISTORY_LOST.contains(&code))
}

/// Whether an error says that changes can't be told any more.
pub(crate) fn is_lost(error: &Error) -> bool {
    error.kind() == ErrorKind::Lost
}

/// Whether the user may not do this, or is nobody.
pub(crate) fn is_refused(fault: &Fault) -> bool {
    matches!(*fault.kind, Sort::Authentication { .. })
        || matches!(answer(fault), Some((code::UNAUTHORIZED | 18, _)))
}

/// The error for the caller. The layout tells the fields' names.
pub(crate) fn of_write(fault: Fault, layout: &Layout) -> Error {
    let Some(index) = taken(&fault) else {
        return plain(fault);
    };
    if index == "_id_" {
        return layout.duplicate_key().with_source(fault);
    }
    let field = indexes::field_of(layout, index);
    let name = field.and_then(|field| layout.fields.get(field));
    let name = name.map_or_else(
        || names::shown(index).into_owned(),
        |field| field.name.to_string(),
    );
    Error::duplicate(&name).with_source(fault)
}

/// The error for the caller, where no value can be taken.
pub(crate) fn plain(fault: Fault) -> Error {
    // The driver says with this that a transaction ended before its commit was sent, or that the server knows nothing of it.
    let is_over = fault.contains_label(TRANSIENT_TRANSACTION_ERROR);
    let error = meaning(fault);
    match error.kind() {
        ErrorKind::Unavailable if is_over => error.rolled_back(),
        _ => error,
    }
}

fn meaning(fault: Fault) -> Error {
    let (kind, message) = match (&*fault.kind, answer(&fault)) {
        (Sort::ServerSelection { .. }, _) => (
            ErrorKind::Unavailable,
            "no primary of the MongoDB replica set answers now; try again",
        ),
        (
            Sort::Io(_)
            | Sort::ConnectionPoolCleared { .. }
            | Sort::DnsResolve { .. }
            | Sort::Shutdown,
            _,
        ) => (
            ErrorKind::Unavailable,
            "the connection to the database was lost; try again",
        ),
        (_, Some((code, _))) if code::TOO_LARGE.contains(&code) => {
            return encode::too_large().with_source(fault);
        }
        (Sort::InvalidArgument { message, .. }, _) if message.contains("must be within") => {
            return encode::too_large().with_source(fault);
        }
        (_, Some((code, _))) if code::AWAY.contains(&code) => (
            ErrorKind::Unavailable,
            "the database can't answer now; try again",
        ),
        (_, Some((code::MAX_TIME, _))) => (
            ErrorKind::Unavailable,
            "the database took too long; try again",
        ),
        (
            _,
            Some((
                code::WRITE_CONFLICT
                | code::NO_SUCH_TRANSACTION
                | code::SNAPSHOT_UNAVAILABLE
                | code::SNAPSHOT_TOO_OLD,
                _,
            )),
        ) => (ErrorKind::Conflict, "another write was first; try again"),
        (_, Some((code::DUPLICATE, _))) => (
            ErrorKind::Duplicate,
            "a unique index of the database refused this",
        ),
        _ if fault.contains_label(TRANSIENT_TRANSACTION_ERROR) => {
            (ErrorKind::Conflict, "another write was first; try again")
        }
        _ => return Error::internal(fault),
    };
    Error::new(kind, message).with_source(fault)
}
