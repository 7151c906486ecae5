//! The mistakes that the derive reports while compiling, for descriptions that were written by hand or made at run time.
//! All of one model are told at once, each with its field and what to write instead.

use std::collections::BTreeSet;

use super::RESERVED;
use crate::model::def::FieldDefault;
use crate::model::{FieldDef, Kind, ModelDef};
use crate::schema::{Check, views};

/// The fields that `timestamps` adds.
const TIMES: [&str; 2] = ["_created", "_updated"];

/// Every mistake that shows without compiling the fields.
pub(super) fn find(def: &ModelDef, schemas: &views::Sources) -> Vec<String> {
    let mut faults = Vec::new();
    whole(def, &mut faults);
    rules(def, &mut faults);
    lists(def, &mut faults);
    for (at, field) in def.fields.iter().enumerate() {
        names(def, field, &def.fields[..at], &mut faults);
        conflicts(def, field, &mut faults);
        default(field, schemas, &mut faults);
        secret(def, field, schemas, &mut faults);
    }
    parents(def, &mut faults);
    structure(def, schemas, &mut faults);
    faults
}

fn whole(def: &ModelDef, faults: &mut Vec<String>) {
    if def.client_id && def.has_parted_id() {
        faults.push(
            "`client_id` has no effect on an id of several fields, which always come from the client: leave it out"
                .to_owned(),
        );
    }
    let mut letters = def.name.chars();
    let starts_well = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    if !starts_well || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        faults.push(
            "a model's name has letters, digits and `_`, and begins with a letter".to_owned(),
        );
    }
    let empty = |text: Option<&str>| text.is_some_and(str::is_empty);
    if def.store.is_empty() {
        faults.push("`store` is empty; leave it out for `main`".to_owned());
    }
    if empty(def.collection.as_deref()) {
        faults.push("`collection` is empty; leave it out for the usual one".to_owned());
    }
    if def.page == 0 {
        faults.push("`page` is 0; a page has at least one record".to_owned());
    }
}

fn rules(def: &ModelDef, faults: &mut Vec<String>) {
    for (at, (operation, _)) in def.rules.iter().enumerate() {
        if def.rules[..at].iter().any(|(other, _)| other == operation) {
            faults.push(format!(
                "the {} rule is given twice; put the two together with `|` or `&`",
                operation.word()
            ));
        }
    }
}

/// Search, sort and the default order: each field once, and none that a client must not guess at. That the names exist is
/// found where they are compiled.
fn lists(def: &ModelDef, faults: &mut Vec<String>) {
    let hidden = |name: &str| {
        let mut fields = def.fields.iter();
        fields.any(|field| field.name == name && field.server_only)
    };
    let mut check = |list: &str, names: &mut dyn Iterator<Item = &str>| {
        let mut seen = BTreeSet::new();
        for name in names {
            let fault = if name.is_empty() {
                "has an empty name; it is a list such as `-_created,+title`".to_owned()
            } else if !seen.insert(name) {
                format!("names `{name}` twice")
            } else if TIMES.contains(&name) && !def.timestamps && !declares(def, name) {
                format!("names `{name}`, which is kept only with `.timestamps()`")
            } else if hidden(name) && list == "default_sort" {
                format!(
                    "names `{name}`, which is server-only: to sort by it would let clients guess what it holds"
                )
            } else {
                continue;
            };
            faults.push(format!("`{list}` {fault}"));
        }
    };
    check("search", &mut def.search.iter().map(|(name, _)| &**name));
    check("sort", &mut def.sort.iter().map(|name| &**name));
    if let Some(keys) = &def.default_sort {
        let keys = keys.split(',').map(str::trim);
        let mut names = keys.map(|key| key.strip_prefix(['+', '-']).unwrap_or(key));
        check("default_sort", &mut names);
    }
    for (name, _) in &def.search {
        if RESERVED.contains(&&**name) {
            faults.push(format!(
                "`search` names `{name}`, which is a parameter of every list; a field of this name can't be searched by"
            ));
        }
    }
}

fn declares(def: &ModelDef, name: &str) -> bool {
    def.fields.iter().any(|field| field.name == name)
}

fn names(def: &ModelDef, field: &FieldDef, before: &[FieldDef], faults: &mut Vec<String>) {
    let name = &field.name;
    let plain = !field.id && !field.owner && field.parent.is_none();
    if name.is_empty() {
        faults.push("a field has no name".to_owned());
    } else if before.iter().any(|other| other.name == *name) {
        faults.push(format!("two fields are called `{name}`"));
    } else if def.timestamps && TIMES.contains(&&**name) {
        faults.push(format!(
            "`timestamps` keeps `{name}` already; remove the field, or `.timestamps()`"
        ));
    } else if plain && name.starts_with("__") && !field.server_only {
        faults.push(format!(
            "field `{name}` begins with `__`, which means server-only: say `.server_only()`, or give it another name"
        ));
    } else if plain && name.starts_with('_') && !(field.read_only || field.server_only) {
        faults.push(format!(
            "field `{name}` begins with `_`, which means read-only: say `.read_only()`, or give it another name"
        ));
    }
}

/// What can't both be said of one field, as the derive has it.
fn conflicts(def: &ModelDef, field: &FieldDef, faults: &mut Vec<String>) {
    let parted = def.has_parted_id();
    let first = def.fields.iter().find(|field| field.id);
    let first = first.is_some_and(|first| first.name == field.name);
    let id = ("id", field.id);
    let owner = ("owner", field.owner);
    let read_only = ("read_only", field.read_only);
    let server_only = ("server_only", field.server_only);
    let parent = ("parent", field.parent.is_some());
    for ((one, first), (other, second), why) in [
        (id, owner, "the owner is another record, the actor's"),
        (id, read_only, "an id never changes anyway"),
        (id, server_only, "a record is found by its id"),
        (
            id,
            ("parent", field.parent.is_some() && !parted),
            "the id is the record's own",
        ),
        (
            id,
            ("unique", field.unique),
            if parted {
                "a field that is unique is an id by itself"
            } else {
                "an id is unique anyway"
            },
        ),
        (
            id,
            ("index", field.index && (first || !parted)),
            "an id has an index anyway",
        ),
        (owner, read_only, "the owner is set by the server anyway"),
        (owner, server_only, "a client has to see whose a record is"),
        (
            owner,
            parent,
            "one comes from the actor, the other from the URL",
        ),
        (
            read_only,
            server_only,
            "a client can read the one and not the other",
        ),
        (parent, read_only, "a parent comes from the URL anyway"),
        (parent, server_only, "the parent stands in the URL"),
    ] {
        if first && second {
            faults.push(format!(
                "field `{}`: `{one}` and `{other}` can't both be given: {why}",
                field.name
            ));
        }
    }
}

/// A default that is a value can be checked now; one that is a function is the struct's own.
fn default(field: &FieldDef, schemas: &views::Sources, faults: &mut Vec<String>) {
    let Some(FieldDefault::Is(value)) = &field.default else {
        return;
    };
    let Ok((schema, root)) = schemas.property(field) else {
        return;
    };
    let (kind, nullable) = Kind::of_schema(schema, root);
    let name = &field.name;
    let mut found = Vec::new();
    match kind.coerce(value.clone()) {
        Ok(value) if value.is_null() && !nullable => {
            faults.push(format!(
                "the default of field `{name}` is null, but it must be {}",
                kind.expected()
            ));
        }
        Ok(value) => {
            if let Ok(check) = Check::compile(schema, root) {
                check.run(&value, name, "", &mut found);
            }
        }
        Err((_, expected)) => {
            faults.push(format!("the default of field `{name}` is not {expected}"));
        }
    }
    let found = found.into_iter();
    faults.extend(found.map(|fault| format!("the default of field `{name}` {}", fault.message)));
}

/// A struct that shows a server-only field wherever it is serialised is no place to hide one.
fn secret(def: &ModelDef, field: &FieldDef, schemas: &views::Sources, faults: &mut Vec<String>) {
    let of_struct = def.ops.is_some() && field.schema.is_none() && field.server_only;
    if let Ok((schema, root)) = schemas.property(field)
        && of_struct
        && !crate::schema::mentions(schema, root, "x-secret")
    {
        faults.push(format!(
            "field `{}` is server-only, so its type must be `Secret<..>`, with the schema that it brings",
            field.name
        ));
    }
}

fn parents(def: &ModelDef, faults: &mut Vec<String>) {
    let url = def.url.as_deref();
    // As the derive reads it: a router panics at what it can't read.
    let (parameters, wrong) = url.map(larder_query::read_url).unwrap_or_default();
    if let Some(url) = url.filter(|_| !wrong.is_empty()) {
        let told = wrong.iter().map(|what| format!("its URL `{url}`: {what}"));
        faults.extend(told);
        // Its parameters are not to be believed.
        return;
    }
    let mut ids = def.fields.iter().filter(|field| field.id);
    if def.has_parted_id() && ids.all(|field| field.parent.is_some()) {
        faults.push(
            "every part of the id is a parent, so nothing is left to end the URL of a record: take the last one out of the `url`, and make \
             it a `ModelLink`"
                .to_owned(),
        );
    }
    let mut taken = BTreeSet::new();
    for field in &def.fields {
        let Some(parameter) = field.parent.as_deref() else {
            continue;
        };
        let name = &field.name;
        if def.url.is_none() {
            faults.push(format!(
                "field `{name}` is the parent `{{{parameter}}}`, but the model has no `url`"
            ));
        } else if !parameters.contains(&parameter) {
            let near = larder_query::nearest(parameter, parameters.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            faults.push(format!(
                "the URL has no parameter `{{{parameter}}}` for the parent `{name}`{near}"
            ));
        } else if !taken.insert(parameter) {
            faults.push(format!(
                "two fields are taken from `{{{parameter}}}`; one of them is `{name}`"
            ));
        }
    }
}

/// Between the description and the struct, if there is one.
fn structure(def: &ModelDef, schemas: &views::Sources, faults: &mut Vec<String>) {
    if def.ops.is_none() {
        return;
    }
    if let Some(hook) = def.hooks.first() {
        faults.push(format!(
            "the hook `{}` is given fields by name, as models without a struct have them: write a method of the struct in its place, with \
             `#[before(..)]` or `#[after(..)]` in a `#[model_impl]`, or a `HookDef`",
            hook.name
        ));
    }
    if !def.flattened.is_empty() {
        // The fields of a flattened struct are described by the struct, and checked where they are taken from it.
        return;
    }
    let properties = schemas.struct_properties();
    for name in properties.filter(|name| !declares(def, name)) {
        faults.push(format!(
            "the struct has a field `{name}` that is not described, so no store would keep it: add `.field(FieldDef::of::<..>(\"{name}\"))`"
        ));
    }
}

/// One message of all faults.
pub(super) fn told(faults: &[String]) -> Option<String> {
    match faults {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!(
            "{} mistakes:\n  - {}",
            many.len(),
            many.join("\n  - ")
        )),
    }
}
