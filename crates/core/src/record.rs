//! One stored record: its values in the order of the model's fields, and its version.

use std::fmt;
use std::sync::Arc;

use larder_query::Value;

/// The version of a record: opaque, never used twice for one key.
///
/// A record is created at `microseconds since 1970 << 8` and counts up by one with every change. A record that is deleted
/// and created again therefore never repeats a version, and a version that was kept from before can't match it. The low
/// eight bits are zero exactly for a record that has just been created (it would take 256 changes within a microsecond to
/// meet), which is how one conditional statement can say whether it created or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

impl Version {
    /// The version of a record that is created at this time.
    pub fn created_at(now: jiff::Timestamp) -> Self {
        Self(now.as_microsecond() << 8)
    }

    /// The version after one more change.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// One record. Every store reads and writes it, every door prints it.
///
/// The values stand in the order of the model's fields ([`Layout::fields`](crate::Layout::fields)), server-only fields
/// among them: which of them may leave is known to the layout, and only the writers of the output view print a record.
#[derive(Clone, PartialEq)]
pub struct Record {
    /// One value a field, in the order of the layout.
    pub values: Vec<Value>,
    /// The version of these values.
    pub version: Version,
}

impl fmt::Debug for Record {
    /// Not the values: hidden ones are among them, and this ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Record({} values, version {})",
            self.values.len(),
            self.version.0
        )
    }
}

impl Record {
    /// A record of these values.
    pub fn new(values: Vec<Value>, version: Version) -> Self {
        Self { values, version }
    }

    /// The value of the field at this place, null if there is none.
    pub fn get(&self, field: usize) -> &Value {
        self.values.get(field).unwrap_or(&Value::Null)
    }

    /// About how many bytes of memory its values take.
    pub fn weight(&self) -> usize {
        self.values.iter().map(Value::weight).sum()
    }
}

/// A record as stores hand it out: shared, so that a memory store need not copy.
pub type Row = Arc<Record>;
