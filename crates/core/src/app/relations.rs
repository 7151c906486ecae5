//! Start-up checks of relations: both sides must be there and agree.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::model::{Compiled, Kind, RelationData, via_of};
use crate::registry::how_to_add;
use crate::relation::RelationKind;

/// The relations of one model.
pub(super) fn check(model: &Compiled, models: &[Arc<Compiled>], faults: &mut Vec<String>) {
    for relation in &model.data.relations {
        let Some(other) = named(models, &relation.target) else {
            faults.push(missing(models, model, relation));
            continue;
        };
        if relation.kind == RelationKind::Related || relation.kind.is_mapped() {
            faults.extend(via_of(model, relation, other).err());
        }
        if relation.kind.is_mapped() {
            copies(model, relation, other, faults);
            faults.push(format!(
                "`{0}` of {1} is a `{2}`, and mapped copies are not kept in step yet: remove the field `{0}`, and read the \
                 records of {3} by a `ModelRelated<{3}>` until then",
                relation.field,
                model.name(),
                relation.kind.type_name(),
                relation.target
            ));
        }
    }
}

fn named<'a>(models: &'a [Arc<Compiled>], name: &str) -> Option<&'a Compiled> {
    models
        .iter()
        .find(|model| model.name() == name)
        .map(|model| &**model)
}

fn missing(models: &[Arc<Compiled>], model: &Compiled, relation: &RelationData) -> String {
    let RelationData { field, target, .. } = relation;
    let does = match relation.kind {
        RelationKind::Related => "stands for records of",
        RelationKind::MappedOne | RelationKind::MappedMany => "copies from",
        _ => "links to",
    };
    let advice = match model.def.ops {
        // Then it links by a type, which is a model.
        Some(_) => format!("add `{target}` to `models![..]`"),
        None => how_to_add(target, models.iter().map(|model| model.name())),
    };
    format!(
        "`{field}` of {} {does} {target}, which the app does not have: {advice}",
        model.name()
    )
}

/// What is copied must be in the source as it is in the copy, and not be hidden there.
fn copies(model: &Compiled, relation: &RelationData, source: &Compiled, faults: &mut Vec<String>) {
    let data = relation.data.as_ref().unwrap_or(&Json::Null);
    let there = source.name();
    for (name, schema) in copied(relation).into_iter().flatten() {
        let fault = match source.fields.iter().find(|field| field.name() == name) {
            None => {
                let known = source.fields.iter().filter(|field| !field.server_only);
                let near = larder_query::nearest(name, known.map(|field| field.name()));
                let near =
                    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                format!("but {there} has no such field{near}")
            }
            Some(field) if field.server_only => {
                format!("which {there} keeps on the server: remove it from the copy")
            }
            Some(field) if Kind::of_schema(schema, data) != (field.kind(), field.nullable()) => {
                format!("which has another type in {there}: give both the same")
            }
            Some(_) => continue,
        };
        let (field, here) = (&relation.field, model.name());
        faults.push(format!("`{field}` of {here} copies `{name}`, {fault}"));
    }
}

/// The fields that a mapping copies, with their schemas.
fn copied(relation: &RelationData) -> Option<&Map<String, Json>> {
    relation.data.as_ref()?.get("properties")?.as_object()
}

/// A mapping and the model that holds its copies.
type Mapping<'a> = (&'a Compiled, &'a RelationData);

/// Mappings that feed each other in a circle would never come to rest.
pub(super) fn cycles(models: &[Arc<Compiled>], faults: &mut Vec<String>) {
    let mappings: Vec<Mapping<'_>> = models
        .iter()
        .flat_map(|model| {
            let mapped = model.data.relations.iter();
            mapped
                .filter(|relation| relation.kind.is_mapped())
                .map(|relation| (&**model, relation))
        })
        .collect();
    for (at, start) in mappings.iter().enumerate() {
        // Each circle is told once, by its first mapping.
        if let Some(path) = circle(*start, &mappings[at..]) {
            let path: Vec<String> = path
                .iter()
                .map(|(model, relation)| format!("`{}` of {}", relation.field, model.name()))
                .collect();
            faults.push(format!(
                "mapped copies go round in a circle: {} -> {}: leave one of them out of the struct that it is copied into",
                path.join(" -> "),
                path[0]
            ));
        }
    }
}

/// A way from a mapping back to itself.
fn circle<'a>(start: Mapping<'a>, mappings: &[Mapping<'a>]) -> Option<Vec<Mapping<'a>>> {
    let mut paths = vec![vec![start]];
    let mut seen: Vec<Mapping<'a>> = Vec::new();
    while let Some(path) = paths.pop() {
        let Some(last) = path.last().copied() else {
            continue;
        };
        for next in mappings.iter().filter(|next| feeds(last, **next)) {
            if is(*next, start) {
                return Some(path);
            }
            if !seen.iter().any(|seen| is(*seen, *next)) {
                seen.push(*next);
                paths.push(path.iter().copied().chain([*next]).collect());
            }
        }
    }
    None
}

/// Whether the copies of one mapping are among what the other copies.
fn feeds((holder, copies): Mapping<'_>, (_, next): Mapping<'_>) -> bool {
    next.target == holder.name()
        && copied(next).is_some_and(|fields| fields.contains_key(&copies.field))
}

fn is(one: Mapping<'_>, other: Mapping<'_>) -> bool {
    std::ptr::eq(one.1, other.1)
}
