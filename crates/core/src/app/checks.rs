//! Start-up checks: mistakes that no single model shows, each with its fix.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::relations;
use crate::error::Error;
use crate::event::Registered;
use crate::model::{Compiled, Text};
use crate::registry::how_to_add;
use crate::store::Store;

/// All faults as one error.
pub(super) fn all(faults: &[String]) -> Error {
    match faults {
        [one] => Error::setup(one.clone()),
        many => Error::setup(format!(
            "{} mistakes in the set-up of the app:\n- {}",
            many.len(),
            many.join("\n- ")
        )),
    }
}

pub(super) fn models(
    models: &[Arc<Compiled>],
    stores: &BTreeMap<String, Arc<dyn Store>>,
    listeners: &[(Text, Registered)],
    faults: &mut Vec<String>,
) {
    if models.is_empty() && faults.is_empty() {
        faults.push(
            "the app has no models: pass `.models(models![Post, ..])`. With `models!(name::*)`, is `name` the crate that \
             declares them?"
                .to_owned(),
        );
    }
    for (at, model) in models.iter().enumerate() {
        for other in &models[..at] {
            pair(other, model, faults);
        }
        match stores.get(&*model.def.store) {
            None => faults.push(no_store(model, stores)),
            Some(store) => {
                transactions(model, &**store, listeners, faults);
                assigned_keys(model, &**store, faults);
                changes(model, &**store, faults);
            }
        }
        relations::check(model, models, faults);
    }
    relations::cycles(models, faults);
    routes(models, faults);
}

/// Hooks, actions on a record and listeners that see the old record run in a transaction, whatever they do.
fn transactions(
    model: &Compiled,
    store: &dyn Store,
    listeners: &[(Text, Registered)],
    faults: &mut Vec<String>,
) {
    let capability = store.capability();
    if capability.transactions {
        return;
    }
    let behaviour = &model.def.behaviour;
    let hook = model.def.first_hook().map(|name| ("hook", name));
    let mut actions = behaviour.actions.iter().filter(|action| !action.global);
    let mut heard = listeners
        .iter()
        .filter(|(name, listener)| name == model.name() && listener.event.needs_transaction())
        .map(|(_, listener)| ("listener to", listener.event.name()));
    let first = hook.or_else(|| actions.next().map(|action| ("action", action.name)));
    if model.layout.by_content() {
        faults.push(format!(
            "{} has no versions, so its writes need transactions, which the store `{}` ({}) does not have: give the table a version column",
            model.name(),
            model.def.store,
            capability.name,
        ));
    }
    let Some((what, name)) = first.or_else(|| heard.next()) else {
        return;
    };
    faults.push(format!(
        "the {what} `{name}` of {0} needs a transaction, which the store `{1}` ({2}) does not have: keep {0} in another store",
        model.name(),
        model.def.store,
        capability.name,
    ));
}

fn assigned_keys(model: &Compiled, store: &dyn Store, faults: &mut Vec<String>) {
    let capability = store.capability();
    if model.layout.storage.assigned_key && !capability.assigned_keys {
        faults.push(format!(
            "{} has `id(database)`, and the store `{}` ({}) gives no ids: leave it out, or keep {0} in another store",
            model.name(),
            model.def.store,
            capability.name,
        ));
    }
}

fn changes(model: &Compiled, store: &dyn Store, faults: &mut Vec<String>) {
    let capability = store.capability();
    let storage = &model.layout.storage;
    if !storage.changes {
        return;
    }
    if capability.changes.is_none() {
        faults.push(format!(
            "the changes of {} are to be told, and the store `{}` ({}) tells none: leave `changes` out, or keep {0} in another store",
            model.name(),
            model.def.store,
            capability.name,
        ));
    }
    if storage.read_only {
        faults.push(format!(
            "the changes of {} are to be told, and its table is `read_only`: telling them takes definitions that larder may not make there",
            model.name(),
        ));
    }
}

/// The one thing that is served and is no model's.
const DOCUMENT: &str = "the OpenAPI document";

/// What is served where. A router panics if two things have one path.
fn routes(models: &[Arc<Compiled>], faults: &mut Vec<String>) {
    let document = "/openapi.json".to_owned();
    let mut served = BTreeMap::from([(document.clone(), (document, DOCUMENT.to_owned()))]);
    for (at, model) in models.iter().enumerate() {
        let known = |other: &Arc<Compiled>| other.name() == model.name();
        if models[..at].iter().any(known) {
            // Of two models with one name everything collides, and that they have one is told already.
            continue;
        }
        for (path, what) in paths(model) {
            let Some((first, other)) = served.get(&shape(&path)) else {
                served.insert(shape(&path), (path, what));
                continue;
            };
            if *other == what {
                // One action under two `cfg`s, say: it has one route.
                continue;
            }
            let fix = if other == DOCUMENT {
                format!("give {} another `url`", model.name())
            } else if [other, &what]
                .iter()
                .any(|one| one.starts_with("the action"))
            {
                "rename the action with `name = \"..\"`, or give one of the models another `url`"
                    .to_owned()
            } else {
                "give one of them another `url`".to_owned()
            };
            faults.push(format!(
                "{other} and {what} are both served at `{first}`: {fix}"
            ));
            if what == model.name() {
                // So does everything below.
                break;
            }
        }
    }
}

/// The paths of a model, its own first, and what is there.
fn paths(model: &Compiled) -> Vec<(String, String)> {
    let Some(url) = model.def.url.as_deref() else {
        return Vec::new();
    };
    let name = model.name();
    let item = format!("{url}/{{id}}");
    let mut paths = vec![
        (url.to_owned(), name.to_owned()),
        (item.clone(), format!("a record of {name}")),
        (format!("{url}/_count"), format!("the count of {name}")),
    ];
    paths.extend(model.def.behaviour.actions.iter().map(|action| {
        let under = if action.global { url } else { &item };
        let what = format!("the action `{}` of {name}", action.name);
        (format!("{under}/{}", action.name), what)
    }));
    paths
}

fn pair(one: &Compiled, other: &Compiled, faults: &mut Vec<String>) {
    if one.name() == other.name() {
        let advice = if one.def.ops.is_none() && other.def.ops.is_none() {
            "add it once, or give one of them another name"
        } else if one.def.package == other.def.package && one.def.type_id == other.def.type_id {
            "it is named twice in `models![..]`"
        } else if one.def.package == other.def.package {
            "its file is compiled twice, into both `lib.rs` and `main.rs` perhaps: keep it in one of them"
        } else {
            "give one of them another name with `#[model(name = \"..\")]`"
        };
        faults.push(format!("two models are named `{}`: {advice}", one.name()));
        return;
    }
    if one.def.store == other.def.store && one.layout.collection == other.layout.collection {
        let collection = &one.layout.collection;
        faults.push(format!(
            "{} and {} are both kept in `{collection}` of the store `{}`: give one of them another `collection`",
            one.name(),
            other.name(),
            one.def.store
        ));
    }
    for (renamed, owner) in [(one, other), (other, one)] {
        let was = renamed.layout.storage.was.as_deref();
        if one.def.store == other.def.store && was == Some(owner.layout.collection.as_str()) {
            faults.push(format!(
                "{} was kept in `{}` before, where {} is kept now: leave `was` out of one of them",
                renamed.name(),
                owner.layout.collection,
                owner.name()
            ));
        }
    }
}

/// A URL with its parameters' names left out: two that differ only in them are the same to a router.
fn shape(url: &str) -> String {
    url.split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "{}"
            } else {
                segment
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn no_store(model: &Compiled, stores: &BTreeMap<String, Arc<dyn Store>>) -> String {
    let wanted = &*model.def.store;
    let names: Vec<&str> = stores.keys().map(String::as_str).collect();
    let hint = match larder_query::nearest(wanted, names.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None if names.is_empty() => format!(": add `.store(\"{wanted}\", ..)` to the builder"),
        None => format!(
            ": add `.store(\"{wanted}\", ..)`, or name one of {}",
            names.join(", ")
        ),
    };
    format!(
        "{} is kept in the store `{wanted}`, which the app does not have{hint}",
        model.name()
    )
}

pub(super) fn listeners<'a>(
    models: &[Arc<Compiled>],
    names: impl Iterator<Item = &'a str>,
    faults: &mut Vec<String>,
) {
    for name in names {
        if !models.iter().any(|model| model.name() == name) {
            let advice = how_to_add(name, models.iter().map(|model| model.name()));
            faults.push(format!(
                "something listens to {name}, which the app does not have: {advice}"
            ));
        }
    }
}
