//! Unique values of a batch, looked at before anything is written.

use std::collections::BTreeMap;

use larder_core::{Error, Key, Record, Result, Row};
use mongodb::bson::raw::RawDocument;
use mongodb::bson::{Bson, Document, doc};

use crate::run::{self, Command, Raw, Reader, Stop};
use crate::table::Table;
use crate::{encode, names};

/// For each unique index its fields, and what finds the documents with values that the batch takes.
pub(super) struct Taken(Vec<(Vec<usize>, Vec<Document>)>);

impl Taken {
    pub(super) fn new(table: &Table) -> Self {
        let unique = table.layout.indexes.iter().filter(|index| index.unique);
        Self(
            unique
                .map(|index| (index.fields.clone(), Vec::new()))
                .collect(),
        )
    }

    /// Takes the values of a record; an error if another one of the batch has them now.
    pub(super) fn take(
        &mut self,
        table: &Table,
        key: &Key,
        record: &Record,
        now: &BTreeMap<Key, Row>,
    ) -> Result<()> {
        for (fields, wanted) in &mut self.0 {
            if fields.iter().any(|field| record.get(*field).is_null()) {
                continue;
            }
            let same = |row: &Row| {
                let mut fields = fields.iter();
                fields.all(|field| row.get(*field).same(record.get(*field)))
            };
            if now.iter().any(|(other, row)| other != key && same(row)) {
                return Err(duplicate(table, fields));
            }
            let mut filter = Document::new();
            for field in fields.iter() {
                if let Some((path, _)) = table.at(*field) {
                    filter.insert(path, encode::field(table, *field, record.get(*field))?);
                }
            }
            wanted.push(filter);
        }
        Ok(())
    }

    /// Whether documents that the batch does not write have one of these values.
    pub(super) async fn by_others(
        &self,
        collection: &Raw,
        table: &Table,
        ids: &[Bson],
        reader: &mut Reader<'_>,
    ) -> Result<()> {
        for (fields, wanted) in &self.0 {
            if wanted.is_empty() {
                continue;
            }
            let mut found = false;
            let mut visit = |_: &RawDocument| {
                found = true;
                Ok(false)
            };
            let command = Command::Find {
                filter: doc! { "$or": wanted.clone(), names::ID: { "$nin": ids.to_vec() } },
                sort: Document::new(),
                skip: 0,
                limit: Some(1),
            };
            let read = run::each(collection, command, reader, &mut visit).await;
            read.map_err(Stop::into_error)?;
            if found {
                return Err(duplicate(table, fields));
            }
        }
        Ok(())
    }
}

fn duplicate(table: &Table, fields: &[usize]) -> Error {
    let first = fields
        .first()
        .and_then(|field| table.layout.fields.get(*field));
    Error::duplicate(first.map_or("", |field| &field.name))
}
