//! Keys that the store gives: whole numbers, counted in a document of their own, so that none comes twice.

use std::sync::Arc;

use larder_core::store::{Batch, Write};
use larder_core::{Error, Result};
use larder_query::Value;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::options::ReturnDocument;

use crate::prepare::META;
use crate::table::Table;
use crate::{errors, names};

/// Gives keys to the new records of a batch that have none. They are taken for good, whatever becomes of the batch.
pub(crate) async fn give(db: &Database, table: &Table, batch: &mut Batch) -> Result<()> {
    let layout = &table.layout;
    if !layout.storage.assigned_key {
        return Ok(());
    }
    let Some(place) = layout.key.one() else {
        return Ok(());
    };
    let (mut missing, mut largest) = (0_i64, None);
    for write in &batch.writes {
        match write {
            Write::Insert { record } if layout.is_assigned(record) => missing += 1,
            Write::Insert { record }
            | Write::Put {
                record,
                create: true,
                ..
            } => {
                largest = largest.max(record.get(place).as_i64());
            }
            _ => {}
        }
    }
    if let Some(largest) = largest {
        at_least(db, table, largest).await?;
    }
    if missing == 0 {
        return Ok(());
    }
    let id = names::collection(&layout.collection).into_owned();
    let counted = db
        .collection::<Document>(META)
        .find_one_and_update(doc! { names::ID: id }, doc! { "$inc": { "last": missing } })
        .upsert(true)
        .return_document(ReturnDocument::After)
        .await
        .map_err(errors::plain)?;
    let last = counted.and_then(|counted| counted.get_i64("last").ok());
    let Some(last) = last else {
        return Err(Error::internal("the count of keys is no number"));
    };
    let mut next = last - missing;
    for write in &mut batch.writes {
        if let Write::Insert { record } = write
            && layout.is_assigned(record)
        {
            next += 1;
            let record = Arc::make_mut(record);
            if let Some(key) = record.values.get_mut(place) {
                *key = Value::I64(next);
            }
            record.version = layout.version_of(&record.values, record.version);
        }
    }
    Ok(())
}

/// Keys up to here are taken.
pub(crate) async fn at_least(db: &Database, table: &Table, key: i64) -> Result<()> {
    let id = names::collection(&table.layout.collection).into_owned();
    let counted = db
        .collection::<Document>(META)
        .update_one(doc! { names::ID: id }, doc! { "$max": { "last": key } })
        .upsert(true)
        .await;
    counted.map(drop).map_err(errors::plain)
}
