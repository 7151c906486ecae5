//! Writes: what changes, and under which condition on the record that is there.

use std::sync::Arc;

use larder_query::Filter;

use crate::key::Key;
use crate::layout::Layout;
use crate::record::{Record, Row, Version};
use crate::store::FieldChange;

/// What must hold of the record that is there for a write to happen. It is checked in one step with the write.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The old record must match.
    pub filter: Filter,
    /// Its version must be one of these.
    pub versions: Option<Vec<Version>>,
    /// Its version must be none of these.
    pub not_versions: Vec<Version>,
}

impl Default for Condition {
    fn default() -> Self {
        Self {
            filter: Filter::True,
            versions: None,
            not_versions: Vec::new(),
        }
    }
}

impl Condition {
    /// A condition on the old record's values alone.
    pub fn filter(filter: Filter) -> Self {
        Self {
            filter,
            ..Self::default()
        }
    }

    /// A condition on the old record's version alone.
    pub fn version(version: Version) -> Self {
        Self {
            versions: Some(vec![version]),
            ..Self::default()
        }
    }

    /// Whether it holds for this record.
    pub fn holds(&self, old: &Record) -> bool {
        self.versions
            .as_ref()
            .is_none_or(|versions| versions.contains(&old.version))
            && !self.not_versions.contains(&old.version)
            && self.filter.matches(&old.values)
    }
}

/// The places of the fields that a full replace leaves as they are, when there is a record: what a client may not write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept(pub Arc<[usize]>);

/// One change to one record.
#[derive(Clone, Debug)]
pub enum Write {
    /// Adds a record. A taken key or unique value is an error of the kind `Duplicate`. Where the store assigns keys and the
    /// record's is null, it gets the next one.
    Insert {
        /// The whole record, shared so that a store in memory need not copy it.
        record: Row,
    },
    /// Replaces the record with this key, or with `create` adds it if there is none.
    Put {
        /// The whole new record, changed in its place if nobody else holds it. If it creates, it is stored like this; if it replaces, the `kept` fields come from the old
        /// record, and the version is the old one's next.
        record: Row,
        /// Fields that keep their old values.
        kept: Kept,
        /// What must hold of the old record.
        when: Condition,
        /// Whether to add the record where there is none.
        create: bool,
    },
    /// Changes some fields of a record, in one step with looking at it.
    Update {
        /// Whose.
        key: Key,
        /// The fields and what is done to each, in this order. The pipeline names no field twice.
        changes: Vec<(usize, FieldChange)>,
        /// What must hold of the old record.
        when: Condition,
    },
    /// Deletes a record.
    Delete {
        /// Whose.
        key: Key,
        /// What must hold of the old record.
        when: Condition,
    },
}

/// Writes to one model that belong together: all are done, or none.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The model.
    pub layout: Arc<Layout>,
    /// In this order.
    pub writes: Vec<Write>,
    /// Whether a delete must hand back what it deleted. Without it a store may save itself reading that.
    pub returning: bool,
}

/// What became of one write.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The record is new, and this is it: as the write carried it, with its key where the store gave it one.
    Created(Row),
    /// The record was replaced or changed, and is now this.
    Updated(Row),
    /// The record is gone; this is what it was, where that was asked for.
    Deleted(Option<Row>),
    /// There is no such record, or the condition does not hold. Nothing of the batch was written.
    Missed,
}
