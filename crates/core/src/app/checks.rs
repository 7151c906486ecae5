//! Start-up checks: mistakes that no single model shows, each with its fix.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Error;
use crate::model::Compiled;
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
        if !stores.contains_key(model.def.store) {
            faults.push(no_store(model, stores));
        }
        links(model, models, faults);
    }
}

fn pair(one: &Compiled, other: &Compiled, faults: &mut Vec<String>) {
    if one.name() == other.name() {
        let advice = if one.def.package == other.def.package && one.def.type_id == other.def.type_id
        {
            "it is named twice in `models![..]`"
        } else if one.def.package == other.def.package {
            "its file is compiled twice, into both `lib.rs` and `main.rs` perhaps: keep it in one of them"
        } else {
            "give one of them another name with `#[model(name = \"..\")]`"
        };
        faults.push(format!("two models are named `{}`: {advice}", one.name()));
        return;
    }
    if let (Some(url), Some(other_url)) = (one.def.url, other.def.url)
        && shape(url) == shape(other_url)
    {
        faults.push(format!(
            "{} and {} are both served at `{url}`: give one of them another `url`",
            one.name(),
            other.name()
        ));
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
    let wanted = model.def.store;
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

fn links(model: &Compiled, models: &[Arc<Compiled>], faults: &mut Vec<String>) {
    for field in &model.data.fields {
        let Some(target) = &field.link else { continue };
        if !models.iter().any(|other| other.name() == target) {
            faults.push(format!(
                "`{}` of {} links to {target}, which the app does not have: add `{target}` to `models![..]`",
                field.name,
                model.name()
            ));
        }
    }
}

pub(super) fn listeners<'a>(
    models: &[Arc<Compiled>],
    names: impl Iterator<Item = &'a str>,
    faults: &mut Vec<String>,
) {
    for name in names {
        if !models.iter().any(|model| model.name() == name) {
            faults.push(format!("something listens to {name}, which the app does not have: add `{name}` to `models![..]`"));
        }
    }
}
