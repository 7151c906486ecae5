//! From the description of a model to the compiled form, with every mistake that can be seen in one model alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{Action, Compiled, Field, Parent, address, relations, rules, searches};
use crate::error::{Error, Result};
use crate::layout::{Index, KeyFields, Layout};
use crate::model::{Method, ModelDef, computed, storage};
use crate::rule::{Operation, Rule, field_named};
use crate::schema::{Views, views};
use crate::store::{Kept, SortKey};

mod actions;
mod data;
mod fields;
mod mistakes;
mod url;

pub(super) use actions::{compile_arg, compile_args};
pub(in crate::model) use fields::json_name;
pub(crate) use url::parameters as url_parameters;

/// Query parameters with a meaning of their own.
pub(super) const RESERVED: [&str; 9] = [
    "limit", "skip", "sort", "sortBy", "fields", "select", "query", "include", "cursor",
];

/// What is wrong with a description, one message a mistake.
pub(super) struct Faults(pub(super) Vec<String>);

impl From<Error> for Faults {
    fn from(error: Error) -> Self {
        Self(vec![error.message().to_owned()])
    }
}

pub(super) fn build(mut def: ModelDef) -> Result<Compiled, Faults> {
    let name = def.name.clone();
    if def.storage.read_only {
        def.offer.restrict(&Method::WRITES);
    }
    let at = |error: Error| Error::setup(format!("model {name}: {}", error.message()));
    let schemas = views::Sources::of(&def).map_err(at)?;
    if let Some(told) = mistakes::told(&mistakes::find(&def, &schemas)) {
        return Err(at(Error::setup(told)).into());
    }
    let relations = relations::take(&mut def, &schemas).map_err(at)?;
    let mut fields = def
        .fields
        .iter()
        .map(|field| fields::compile(&def, field, &schemas))
        .collect::<Result<Vec<_>>>()
        .map_err(at)?;
    let groups = fields::flattened(&def, &mut fields, &schemas).map_err(at)?;
    let timestamps = def.timestamps.then(|| {
        let first = fields.len();
        fields.extend(["_created", "_updated"].map(|name| fields::timestamp(name, &schemas)));
        (first, first + 1)
    });
    let computed = computed::compile(&def, |name| fields.iter().any(|field| field.name() == name))
        .map_err(at)?;
    let key = fields::key(&def, &fields).map_err(at)?;
    fields::one_owner(&fields).map_err(at)?;
    let parents = url::parents(&def, &fields, &schemas).map_err(at)?;
    let address = address::of(&key, &fields, &parents);
    let lists = searches::declared(&def).map_err(|message| at(Error::setup(message)))?;
    let layout = Arc::new(layout(&def, &fields, &key, &parents).map_err(at)?);
    if !computed.is_empty() {
        tags_tell_nothing(&layout, &fields).map_err(at)?;
    }
    let views = Views::new(&def, &fields, &computed, &schemas);
    let (rules, actions) = rules_and_actions(&def, &fields, &views.stored).map_err(|errors| {
        let told = errors
            .into_iter()
            .map(|error| at(error).message().to_owned());
        Faults(told.collect())
    })?;
    let kept = kept(&fields, &key, &parents);
    let mut data = data::of(&def, &fields, lists.data(), &actions, &parents, &schemas);
    data.relations = relations;
    Ok(Compiled {
        data,
        layout,
        key,
        address,
        owner: fields.iter().position(|field| field.def.owner),
        parents,
        created: timestamps.map(|(created, _)| created),
        updated: timestamps.map(|(_, updated)| updated),
        rules,
        lists,
        page: def.page.max(1),
        kept,
        actions,
        groups,
        computed,
        views,
        fields,
        def,
    })
}

/// The ETag of a record without a version is a hash of what clients see. A computed field may change with a server-only one, which
/// no hash may tell of.
fn tags_tell_nothing(layout: &Layout, fields: &[Field]) -> Result<()> {
    if layout.by_content() && fields.iter().any(|field| field.server_only) {
        return Err(Error::setup(
            "a table without versions can't have computed fields beside server-only ones: give it a version column",
        ));
    }
    Ok(())
}

/// What a replace leaves as it was: what clients may not write, but for what says which record it is, and the time of the change.
fn kept(fields: &[Field], key: &KeyFields, parents: &[Parent]) -> Kept {
    let kept = fields.iter().enumerate().filter(|(at, field)| {
        !field.writable
            && !key.has(*at)
            && !parents.iter().any(|parent| parent.field == *at)
            && field.name() != "_updated"
    });
    Kept(kept.map(|(at, _)| at).collect())
}

type RulesAndActions = (BTreeMap<Operation, Rule>, Vec<Action>);

/// The rules of the model and its actions with theirs, or what is wrong with any of them.
fn rules_and_actions(
    def: &ModelDef,
    fields: &[Field],
    schema: &Json,
) -> Result<RulesAndActions, Vec<Error>> {
    let (rules, mut faults) = match rules::compile(def, fields, schema) {
        Ok(rules) => (rules, Vec::new()),
        Err(faults) => (BTreeMap::new(), faults),
    };
    let mut actions = Vec::with_capacity(def.behaviour.actions.len());
    for action in &def.behaviour.actions {
        match actions::compile(action, fields, schema) {
            Ok(action) => actions.push(action),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok((rules, actions))
    } else {
        Err(faults)
    }
}

/// Reads `+a,-b`, the names of a model's own fields.
pub(crate) fn sort_keys(text: &str, fields: &[Field]) -> Result<Vec<SortKey>> {
    let keys = searches::split_keys(text);
    keys.map(|(name, descending)| {
        let field = field_named(fields, name)
            .map_err(|message| Error::setup(format!("can't sort by `{name}`: {message}")))?;
        Ok(SortKey { field, descending })
    })
    .collect()
}

fn layout(def: &ModelDef, fields: &[Field], key: &KeyFields, parents: &[Parent]) -> Result<Layout> {
    let mut indexes: Vec<Index> = Vec::new();
    // The key finds by its beginning already.
    let begins_key = |at: usize| key.one().is_none() && key.places().first() == Some(&at);
    let is_parent = |at: usize| parents.iter().any(|parent| parent.field == at);
    for (at, field) in fields.iter().enumerate() {
        if field.def.unique {
            indexes.push(Index {
                fields: vec![at],
                unique: true,
            });
        } else if field.def.index || is_parent(at) && !begins_key(at) {
            indexes.push(Index {
                fields: vec![at],
                unique: false,
            });
        }
    }
    Ok(Layout {
        model: def.name.to_string(),
        collection: collection(def),
        fields: fields.iter().map(|field| field.column.clone()).collect(),
        key: key.clone(),
        indexes,
        storage: storage::of(def, fields, key)?,
    })
}

/// Where the store keeps the records, if the model does not say.
fn collection(def: &ModelDef) -> String {
    def.collection.as_ref().map_or_else(
        || format!("{}s", def.name.to_lowercase()),
        ToString::to_string,
    )
}
