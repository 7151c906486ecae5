//! Finding things by a value: the hash that goes with `Value::total_cmp`, and the small map that transactions keep.

use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};
use larder_query::Value;

use crate::record::Row;

/// The hash of a key. Values that `total_cmp` calls equal have equal hashes.
pub(super) fn hash(builder: &DefaultHashBuilder, key: &Value) -> u64 {
    let mut hasher = builder.build_hasher();
    match key {
        // The parts of a key that has several.
        Value::Array(parts) => parts.iter().for_each(|part| feed(part, &mut hasher)),
        one => feed(one, &mut hasher),
    }
    hasher.finish()
}

fn feed(value: &Value, hasher: &mut impl Hasher) {
    match value {
        Value::Text(text) => text.as_bytes().hash(hasher),
        Value::Bytes(bytes) => bytes.hash(hasher),
        Value::Bool(value) => value.hash(hasher),
        Value::Instant(instant) => instant.hash(hasher),
        Value::Date(date) => date.hash(hasher),
        Value::Uuid(uuid) => uuid.as_bytes().hash(hasher),
        Value::Decimal(decimal) => decimal.hash(hasher),
        // Whole numbers and floats are one family. What is left is never a key, and may share a hash.
        other => match (other.as_i64(), other.as_u64()) {
            (Some(number), _) => number.hash(hasher),
            (None, Some(number)) => number.hash(hasher),
            (None, None) => {}
        },
    }
}

/// What was noted for a key before something else was.
#[derive(Debug)]
pub(super) enum Note {
    /// Nothing.
    None,
    /// This record, or that there is none.
    Was(Option<Row>),
}

/// Records by key, where None stands for a record that is not there.
#[derive(Debug, Default)]
pub(super) struct Patch {
    hasher: DefaultHashBuilder,
    entries: HashTable<(Value, Option<Row>)>,
}

impl Patch {
    /// What is noted for a key, if anything is.
    pub(super) fn get(&self, key: &Value) -> Option<&Option<Row>> {
        let hash = hash(&self.hasher, key);
        self.entries
            .find(hash, |(other, _)| other.total_cmp(key).is_eq())
            .map(|(_, row)| row)
    }

    /// Notes a record for a key and gives what was noted before.
    pub(super) fn set(&mut self, key: &Value, row: Option<Row>) -> Note {
        let code = hash(&self.hasher, key);
        if let Some((_, old)) = self
            .entries
            .find_mut(code, |(other, _)| other.total_cmp(key).is_eq())
        {
            return Note::Was(std::mem::replace(old, row));
        }
        let hasher = &self.hasher;
        self.entries
            .insert_unique(code, (key.clone(), row), |(other, _)| hash(hasher, other));
        Note::None
    }

    /// Takes back a `set`, given what it gave.
    pub(super) fn restore(&mut self, key: &Value, before: Note) {
        match before {
            Note::Was(row) => drop(self.set(key, row)),
            Note::None => self.forget(key),
        }
    }

    fn forget(&mut self, key: &Value) {
        let hash = hash(&self.hasher, key);
        if let Ok(entry) = self
            .entries
            .find_entry(hash, |(other, _)| other.total_cmp(key).is_eq())
        {
            entry.remove();
        }
    }

    /// How many keys have a note.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no note.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All notes.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Value, Option<&Row>)> {
        self.entries.iter().map(|(key, row)| (key, row.as_ref()))
    }
}
