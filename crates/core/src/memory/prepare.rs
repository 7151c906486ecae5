//! Bringing a table to a model that has grown.

use std::sync::Arc;

use hashbrown::HashMap;
use larder_query::Value;
use parking_lot::RwLock;

use super::table::Table;
use crate::error::{Error, Result};
use crate::layout::{KeyFields, Layout};
use crate::record::Record;

/// The tables of a store by their names.
type Tables = HashMap<String, Arc<RwLock<Table>>>;

/// A table and its present name.
type Named<'a> = (&'a str, &'a Arc<RwLock<Table>>);

/// The table of a model with the name that it has now: its own, or the one from before it was renamed.
///
/// # Errors
/// `Setup` if both are there.
pub(super) fn found<'a>(tables: &'a Tables, layout: &Layout) -> Result<Option<Named<'a>>> {
    let named = |name: &str| {
        let found = tables.get_key_value(name);
        found.map(|(name, table)| (name.as_str(), table))
    };
    let was = layout.storage.was.as_deref().and_then(named);
    match (named(&layout.collection), was) {
        (Some(_), Some((old, _))) => Err(Error::setup(format!(
            "the collections `{old}` and `{}` are both there, and {} was renamed from the one to the other: keep one of them",
            layout.collection, layout.model
        ))),
        (now, was) => Ok(now.or(was)),
    }
}

/// The place in an older layout of what is this field now.
fn before(old: &Layout, new: &Layout, place: usize) -> Option<usize> {
    let column = new.column(place);
    let named = |name: &str| (0..old.fields.len()).find(|place| old.column(*place) == name);
    let was = new.storage.renamed.get(&place);
    named(column).or_else(|| was.and_then(|was| named(was)))
}

/// The table for a changed layout, with the same records. New fields get their defaults.
///
/// # Errors
/// `Setup` if a field has gone, changed its kind, or is new without a default although it can't be null; `Duplicate` if a
/// new unique index forbids records that are there.
pub(super) fn migrated(old: &Table, layout: &Arc<Layout>) -> Result<Table> {
    let refuse =
        |what: String| Error::setup(format!("the collection `{}`: {what}", layout.collection));
    let filled = old.len() > 0;
    let mut from = Vec::with_capacity(layout.fields.len());
    for (place, field) in layout.fields.iter().enumerate() {
        let old_place = before(&old.layout, layout, place);
        match old_place.and_then(|place| old.layout.fields.get(place)) {
            Some(old) if filled && old.kind != field.kind => {
                return Err(refuse(format!(
                    "the field `{}` has changed its kind",
                    field.name
                )));
            }
            None if filled && !field.nullable && field.default.is_none() => {
                return Err(refuse(format!(
                    "the new field `{}` needs a default for the records that are there",
                    field.name
                )));
            }
            _ => {}
        }
        let was = layout.storage.renamed.get(&place);
        if let (Some(was), Some(now)) = (was, old_place)
            && filled
            && old.layout.column(now) == layout.column(place)
            && (0..old.layout.fields.len()).any(|other| old.layout.column(other) == *was)
        {
            return Err(refuse(format!(
                "`{was}` and `{}` are both there, and the field `{}` was renamed from the one to the other",
                layout.column(place),
                field.name
            )));
        }
        from.push((old_place, field.default.clone().unwrap_or(Value::Null)));
    }
    for (place, field) in old.layout.fields.iter().enumerate().filter(|_| filled) {
        if !from.iter().any(|(from, _)| *from == Some(place)) {
            return Err(refuse(format!(
                "the field `{}` is gone, and its values would be lost",
                field.name
            )));
        }
    }
    let key = |key: &KeyFields| key.places().to_vec();
    let kept = key(&layout.key).into_iter().map(|place| from[place].0);
    if filled && !kept.eq(key(&old.layout.key).into_iter().map(Some)) {
        return Err(refuse("its records have another key".to_owned()));
    }
    let mut table = Table::new(layout.clone());
    for row in old.rows() {
        let values = from
            .iter()
            .map(|(place, default)| place.map_or(default, |place| row.get(place)).clone())
            .collect::<Vec<_>>();
        let version = layout.version_of(&values, row.version);
        let record = Arc::new(Record::new(values, version));
        table.set(&layout.key.value_of(&record), Some(record.clone()))?;
    }
    table.follow(old);
    Ok(table)
}
