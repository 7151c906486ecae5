//! What a model says of a table that was there before it, and the checks of that.

use std::collections::BTreeMap;

use super::{Field, FieldDef, Kind, ModelDef};
use crate::error::{Error, Result};
use crate::layout::{KeyFields, Storage, VERSION_COLUMN, Versions};
use crate::rule::Operation;

/// The part of a [`ModelDef`] that is about its table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StorageDef {
    was: Option<&'static str>,
    versions: VersionsDef,
    pub(crate) database_id: bool,
    pub(crate) read_only: bool,
    pub(crate) changes: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum VersionsDef {
    #[default]
    Kept,
    Column(&'static str),
    Content,
}

impl ModelDef {
    /// What the table or collection was called before: it is renamed at the start of the app.
    #[must_use]
    pub fn was(mut self, collection: &'static str) -> Self {
        self.storage.was = Some(collection);
        self
    }

    /// The table counts versions in this column of whole numbers, and not in larder's own `_version`.
    #[must_use]
    pub fn version_column(mut self, column: &'static str) -> Self {
        self.storage.versions = VersionsDef::Column(column);
        self
    }

    /// The table has no column for versions: an `ETag` is then a hash of what clients can see of a record, and a write
    /// under `If-Match` compares all its values.
    #[must_use]
    pub fn unversioned(mut self) -> Self {
        self.storage.versions = VersionsDef::Content;
        self
    }

    /// The database gives new records their ids, which are whole numbers.
    #[must_use]
    pub fn database_id(mut self) -> Self {
        self.storage.database_id = true;
        self
    }

    /// Nothing is ever written to the table, neither records nor its definition.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.storage.read_only = true;
        self
    }

    /// What is committed of this model is told to whoever asks with [`Session::changes`](crate::Session::changes): its store keeps a
    /// record of it. [`AppBuilder::changes`](crate::AppBuilder::changes) says the same of a model whose description is not at hand.
    #[must_use]
    pub fn changes(mut self) -> Self {
        self.storage.changes = true;
        self
    }
}

impl FieldDef {
    /// The name of its column, where that is not the wire name.
    #[must_use]
    pub fn column(mut self, column: &'static str) -> Self {
        self.column = Some(column);
        self
    }

    /// What its column was called before: it is renamed at the start of the app.
    #[must_use]
    pub fn was(mut self, column: &'static str) -> Self {
        self.was = Some(column);
        self
    }
}

/// The storage of a model, or what is wrong with what it says.
pub(super) fn of(def: &ModelDef, fields: &[Field], key: &KeyFields) -> Result<Storage> {
    let named = |name: fn(&FieldDef) -> Option<&'static str>| -> BTreeMap<_, _> {
        let named = fields
            .iter()
            .enumerate()
            .filter_map(|(at, field)| Some((at, name(&field.def)?.into())));
        named.collect()
    };
    let versions = match def.storage.versions {
        VersionsDef::Kept => Versions::Kept,
        VersionsDef::Column(name) => Versions::Column(name.into()),
        VersionsDef::Content => {
            // A hash of what is hidden would let a client try guesses against it.
            let seen = fields
                .iter()
                .enumerate()
                .filter(|(_, field)| !field.server_only);
            Versions::Content(seen.map(|(at, _)| at).collect())
        }
    };
    let mut columns = named(|field| field.column);
    columns.retain(|at, name| fields.get(*at).is_some_and(|field| field.name() != *name));
    let storage = Storage {
        columns,
        renamed: named(|field| field.was),
        was: def.storage.was.map(str::to_owned),
        versions,
        assigned_key: def.storage.database_id,
        read_only: def.storage.read_only,
        object_ids: (0..fields.len())
            .filter(|at| fields[*at].object_id)
            .collect(),
        nested: {
            let nested = fields.iter().enumerate();
            nested
                .filter_map(|(at, field)| Some((at, field.nested.clone()?)))
                .collect()
        },
        changes: def.storage.changes,
        list_bytes: None,
    };
    names(&storage, fields)?;
    if storage.assigned_key {
        assigned_key(def, fields, key)?;
    }
    if storage.read_only {
        never_written(def)?;
    }
    Ok(storage)
}

/// Two fields in one column would overwrite each other.
fn names(storage: &Storage, fields: &[Field]) -> Result<()> {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    match &storage.versions {
        Versions::Kept => taken.insert(VERSION_COLUMN, "larder's version"),
        Versions::Column(name) => taken.insert(name, "the version"),
        Versions::Content(_) => None,
    };
    for (at, field) in fields.iter().enumerate() {
        let column = storage.columns.get(&at).map_or(field.name(), |name| name);
        if let Some(other) = taken.insert(column, field.name()) {
            return Err(Error::setup(format!(
                "field `{}` is kept in the column `{column}`, where {other} is kept already: name another with `#[model(column = \"..\")]`",
                field.name(),
            )));
        }
    }
    for (at, was) in &storage.renamed {
        if let Some(owner) = taken.get(was.as_str()) {
            return Err(Error::setup(format!(
                "field `{}` was kept in `{was}` before, but `{owner}` is kept there now: a column can be renamed only where nobody names the old one",
                fields[*at].name(),
            )));
        }
    }
    Ok(())
}

fn assigned_key(def: &ModelDef, fields: &[Field], key: &KeyFields) -> Result<()> {
    let Some(key) = key.one() else {
        return Err(Error::setup(
            "`id(database)` and an id of several fields can't both be: a database gives one number, and the parts come from the client",
        ));
    };
    let name = fields[key].name();
    if fields[key].kind() != Kind::Int {
        return Err(Error::setup(format!(
            "`id(database)` needs an id that a database can count: `{name}` has to be an `i64`, `i32` or `u32`"
        )));
    }
    if def.client_id {
        return Err(Error::setup(
            "`id(database)` and `id(client)` can't both be given: one of them gives a new record its id",
        ));
    }
    let creates = def
        .rules
        .iter()
        .find(|(operation, _)| *operation == Operation::Create);
    let text = creates.map_or("", |(_, text)| text);
    let names_it = larder_query::parse_rule(text).is_ok_and(|rule| {
        larder_query::paths(&rule).any(|path| path.steps.first().is_some_and(|step| step == name))
    });
    if names_it {
        return Err(Error::setup(format!(
            "the create rule names `{name}`, which the database gives only after the rule has decided: leave it out"
        )));
    }
    Ok(())
}

fn never_written(def: &ModelDef) -> Result<()> {
    let fault = |what: String| Err(Error::setup(format!("it is read-only, and {what}")));
    if def.client_id || def.storage.database_id {
        return fault("nobody gives new ids: leave `id(..)` out".to_owned());
    }
    if let Some((operation, _)) = def
        .rules
        .iter()
        .find(|(operation, _)| *operation != Operation::Read)
    {
        return fault(format!(
            "its rule for `{}` would never be asked: leave it out",
            operation.word()
        ));
    }
    if let Some(hook) = def.behaviour.hooks.first() {
        return fault(format!(
            "its hook `{}` would never run: leave it out",
            hook.name
        ));
    }
    if let Some(action) = def.behaviour.actions.iter().find(|action| action.changes) {
        return fault(format!(
            "the action `{0}` changes a record: let `{0}` take `&self`",
            action.name
        ));
    }
    Ok(())
}
