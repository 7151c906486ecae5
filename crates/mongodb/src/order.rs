//! The order of a read, and the place that a page goes on from.

use larder_core::SortKey;
use larder_query::Value;
use mongodb::bson::{Bson, Document, doc};

use crate::encode;
use crate::filter::Condition;
use crate::form::Type;
use crate::table::{Table, is_partial};

/// One key of an order, and where its field is.
pub(crate) struct Key {
    pub(crate) path: String,
    pub(crate) of: Type,
    pub(crate) nullable: bool,
    pub(crate) descending: bool,
}

/// As many keys of an order as decide it: what comes behind the fields of a unique index decides nothing.
pub(crate) fn deciding(table: &Table, mut order: Vec<SortKey>) -> Vec<SortKey> {
    let unique = table
        .layout
        .indexes
        .iter()
        .filter(|index| index.unique && !is_partial(&table.layout, index));
    let needed = unique.filter_map(|index| {
        let places = index
            .fields
            .iter()
            .map(|field| order.iter().position(|by| by.field == *field));
        places.collect::<Option<Vec<_>>>()?.into_iter().max()
    });
    if let Some(last) = needed.min() {
        order.truncate(last + 1);
    }
    order
}

/// The order as MongoDB takes it.
pub(crate) fn sort(keys: &[Key]) -> Document {
    let mut sort = Document::new();
    for key in keys {
        sort.insert(key.path.clone(), if key.descending { -1 } else { 1 });
    }
    sort
}

/// That a record is behind a place. Null comes first ascending: after a null comes all that is not, and after a value come nulls
/// only descending.
pub(crate) fn behind(keys: &[Key], place: &[&Value]) -> Condition {
    let values: Vec<Bson> = keys
        .iter()
        .zip(place)
        .map(|(key, value)| {
            // What was checked can be brought to the kind.
            let value = key.of.kind.coerce((*value).clone());
            let value = value.unwrap_or_else(|(value, _)| value);
            encode::value(key.of, &value).unwrap_or(Bson::Null)
        })
        .collect();
    let keys: Vec<(&Key, &Bson)> = keys.iter().zip(&values).collect();
    let ways = keys.iter().enumerate().map(|(at, (key, value))| {
        let same = keys.iter().take(at);
        let same = same.map(|(key, value)| Condition::Of(doc! { &key.path: (*value).clone() }));
        Condition::and(same.chain([beyond(key, value)]))
    });
    Condition::and([begins(&keys), Condition::or(ways)])
}

/// The part of an index to walk: what is behind has the first value, or one further on.
fn begins(keys: &[(&Key, &Bson)]) -> Condition {
    match keys.first() {
        Some((key, value)) if keys.len() > 1 && **value != Bson::Null => {
            match (key.descending, key.nullable) {
                (false, _) => Condition::Of(doc! { &key.path: { "$gte": (*value).clone() } }),
                (true, false) => Condition::Of(doc! { &key.path: { "$lte": (*value).clone() } }),
                (true, true) => Condition::True,
            }
        }
        _ => Condition::True,
    }
}

fn beyond(key: &Key, value: &Bson) -> Condition {
    let path = &key.path;
    match (key.descending, *value == Bson::Null) {
        // Behind null, descending, nothing comes.
        (true, true) => Condition::False,
        (false, true) => Condition::Of(doc! { path: { "$ne": Bson::Null } }),
        (false, false) => Condition::Of(doc! { path: { "$gt": value.clone() } }),
        (true, false) => {
            let below = Condition::Of(doc! { path: { "$lt": value.clone() } });
            let null = Condition::Of(doc! { path: Bson::Null });
            if key.nullable {
                Condition::or([below, null])
            } else {
                below
            }
        }
    }
}
