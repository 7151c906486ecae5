//! The models of the scenarios, and a short way to write their records.

use std::sync::Arc;

use larder_core::{Column, Index, Kind, Layout, Record, Row, Version};
use larder_query::Value;

pub(crate) const ID: usize = 0;
pub(crate) const NAME: usize = 1;
pub(crate) const N: usize = 2;
pub(crate) const BIG: usize = 3;
pub(crate) const F: usize = 4;
pub(crate) const OK: usize = 5;
pub(crate) const AT: usize = 6;
pub(crate) const DAY: usize = 7;
pub(crate) const RAW: usize = 8;
pub(crate) const UUID: usize = 9;
pub(crate) const DOC: usize = 10;
pub(crate) const TAG: usize = 11;
pub(crate) const CODE: usize = 12;

/// The version of a new [`thing`].
pub(crate) const V1: Version = Version(1_700_000_000_000_000 << 8);

pub(crate) fn column(name: &str, kind: Kind) -> Column {
    Column {
        name: name.into(),
        kind,
        nullable: name != "id",
        default: None,
    }
}

/// A model with a field of every kind; `n`, `tag` and `tag, n` are indexed, `code` is unique.
pub(crate) fn layout() -> Layout {
    let index = |fields: &[usize], unique| Index {
        fields: fields.to_vec(),
        unique,
    };
    Layout {
        model: "Thing".into(),
        collection: "things".into(),
        fields: vec![
            column("id", Kind::Text),
            column("name", Kind::Text),
            column("n", Kind::Int),
            column("big", Kind::Uint),
            column("f", Kind::Float),
            column("ok", Kind::Bool),
            column("at", Kind::Instant),
            column("day", Kind::Date),
            column("raw", Kind::Bytes),
            column("uuid", Kind::Uuid),
            column("doc", Kind::Json),
            column("tag", Kind::Text),
            column("code", Kind::Text),
        ],
        key: ID.into(),
        indexes: vec![
            index(&[N], false),
            index(&[TAG], false),
            index(&[TAG, N], false),
            index(&[CODE], true),
        ],
        storage: larder_core::Storage::default(),
    }
}

/// A record with a key and nothing else.
pub(crate) fn thing(id: &str) -> Thing {
    let mut values = vec![Value::Null; CODE + 1];
    values[ID] = id.into();
    Thing(Record::new(values, V1))
}

/// A record being written down.
#[derive(Clone, Debug)]
pub(crate) struct Thing(Record);

impl Thing {
    pub(crate) fn with(mut self, field: usize, value: impl Into<Value>) -> Self {
        self.0.values[field] = value.into();
        self
    }

    pub(crate) fn at(mut self, version: Version) -> Self {
        self.0.version = version;
        self
    }

    pub(crate) fn row(self) -> Row {
        Arc::new(self.0)
    }
}

/// A value from JSON text.
pub(crate) fn json(text: &str) -> Value {
    Value::from(
        serde_json::from_str::<serde_json::Value>(text)
            .unwrap_or_else(|error| panic!("{text}: {error}")),
    )
}
