//! A model and its table side by side, the same for every SQL database.
//!
//! A driver reads the table as it stands ([`Found`]), [`compare`] says what differs, and the driver asks the rows where
//! that decides. What comes out are [`Change`](larder_core::migrate::Change)s: those that lose nothing are run at the start
//! of an app, the others are shown to a person.
//!
//! | in the database | what happens |
//! | --- | --- |
//! | no table | it is created, or the one that `was` names is renamed |
//! | a field without a column | `ADD COLUMN`, with the field's default for the rows that are there; or the column that `was` names is renamed |
//! | the same, not nullable and without a default | refused if there are rows |
//! | both the old and the new name of something renamed | refused |
//! | a column of a type that can't hold the field, or another key | refused |
//! | a column of another type that can | accepted; values that would come back as others are refused ([`shape`](crate::shape)) |
//! | no column for versions | refused; `version = ".."` names another one, `version = none` says that there is none |
//! | a nullable column of a field that is not | accepted while no row holds a null, else refused |
//! | a `NOT NULL` column of a field that is nullable | refused |
//! | a column that no field names | left alone; refused if it is `NOT NULL` without a default, because no record could be added |
//! | an index of larder's that no model asks for | dropped, which loses no data |
//! | an index of somebody else's over the same columns | serves instead of one of larder's |
//! | values that break a new unique index | refused, with the query that finds them |
//! | anything at all, for a read-only model | refused: nothing is ever changed there |
//!
//! Indexes of larder's are named `larder:<table>:<fields>`; others are never touched.

mod compare;
pub(crate) mod ddl;
mod found;
mod indexes;

pub(crate) use compare::{Finding, compare};
pub(crate) use found::{Found, FoundColumn, FoundIndex};

use larder_core::{Error, Kind, Layout, Result};

use crate::dialect::{Dialect, JSON_PREFIX};

/// A database has to tell all values of a unique index apart.
pub(crate) fn check_indexes<D: Dialect>(layout: &Layout) -> Result<()> {
    let field = |place: &usize| layout.fields.get(*place);
    let unique = layout.indexes.iter().filter(|index| index.unique);
    let mut documents = unique
        .flat_map(|index| index.fields.iter().filter_map(field))
        .filter(|field| field.kind == Kind::Json);
    match documents.next() {
        Some(field) if !D::UNIQUE_JSON => Err(Error::setup(format!(
            "{}: the field `{}` is unique and holds lists, objects or values of several types, of which this database compares no more \
             than the first {JSON_PREFIX} characters: take `unique` from it, or make it a `String`, or keep what tells two of them \
             apart in a unique field of its own",
            layout.model, field.name
        ))),
        _ => Ok(()),
    }
}

/// Two columns must not have names that the database takes for one, and no table that of one of larder's own.
pub(crate) fn check_names<D: Dialect>(layout: &Layout) -> Result<()> {
    let mut tables = layout.storage.was.iter().chain([&layout.collection]);
    if let Some(own) = tables.find(|name| D::is_own(name)) {
        return Err(Error::setup(format!(
            "{}: a model can't have the table `{own}`, for larder keeps something of its own under that name: name another one with \
             `#[model(collection = \"..\")]`",
            layout.model
        )));
    }
    let names = (0..layout.fields.len()).map(|place| layout.column(place));
    for name in names
        .chain(layout.version_column())
        .chain([&*layout.collection])
    {
        if name.len() > D::MAX_NAME {
            return Err(Error::setup(format!(
                "{}: the name `{name}` has more than the {} bytes that this database keeps of a name: give it a shorter one",
                layout.model,
                D::MAX_NAME
            )));
        }
    }
    let mut seen: Vec<&str> = layout.version_column().into_iter().collect();
    for (place, field) in layout.fields.iter().enumerate() {
        let column = layout.column(place);
        if seen.iter().any(|other| D::same_name(other, column)) {
            return Err(Error::setup(format!(
                "{}: the field `{}` has the name of another column, upper and lower case apart: rename it",
                layout.model, field.name
            )));
        }
        seen.push(column);
    }
    Ok(())
}
