//! The relations of a model, read off the schemas of its fields: so a type behind an alias, in an option, or described by
//! hand counts like any other.

use larder_query::{Object, Value};
use serde_json::{Map, Value as Json};

use super::Compiled;
use crate::error::{Error, Result};
use crate::model::def::FieldDefault;
use crate::model::{FieldDef, ModelDef, RelationData, resolve};
use crate::relation::RelationKind;
use crate::schema::views::Sources;
use crate::schema::whole;

/// The relations of a model. Fields that are the reverse of a link are taken out of it: nothing of them is stored. The
/// others get what a client may not or need not send.
pub(super) fn take(def: &mut ModelDef, schemas: &Sources) -> Result<Vec<RelationData>> {
    let mut relations = Vec::new();
    let mut fields = Vec::with_capacity(def.fields.len());
    for mut field in std::mem::take(&mut def.fields) {
        let found = match schemas.property(&field) {
            Ok((schema, root)) => find(&field, schema, root)?,
            // Told when the field is compiled.
            Err(_) => None,
        };
        let kind = found.as_ref().map(|relation| relation.kind);
        if field.via.is_some() && kind != Some(RelationKind::Related) {
            return Err(Error::setup(format!(
                "field `{}` has `via`, which is for a `ModelRelated<..>`",
                field.name
            )));
        }
        if let Some(kind) = kind {
            adapt(&mut field, kind);
        }
        relations.extend(found);
        if kind != Some(RelationKind::Related) {
            fields.push(field);
        }
    }
    def.fields = fields;
    Ok(relations)
}

/// Copies are the server's; a collection of links is empty where nothing is sent.
fn adapt(field: &mut FieldDef, kind: RelationKind) {
    field.read_only |= kind.is_mapped() && !field.server_only;
    let empty = match kind {
        RelationKind::LinksSimpleArray | RelationKind::LinksArray | RelationKind::MappedMany => {
            Some(Value::Array(Box::default()))
        }
        RelationKind::LinksMap => Some(Value::from(Object::new())),
        RelationKind::MappedOne => Some(Value::Null),
        RelationKind::Link | RelationKind::Parent | RelationKind::Related => None,
    };
    field.default = field.default.take().or(empty.map(FieldDefault::Is));
}

fn find(field: &FieldDef, schema: &Json, root: &Json) -> Result<Option<RelationData>> {
    let schema = resolve(schema, root);
    let word = |name: &str| schema.get(name).and_then(Json::as_str);
    let Some((kind, target)) = kind(schema) else {
        // An option whose null stands beside it.
        let choices = schema.get("anyOf").and_then(Json::as_array);
        for choice in choices.into_iter().flatten() {
            if let Some(found) = find(field, choice, root)? {
                return Ok(Some(found));
            }
        }
        return Ok(None);
    };
    let via = if kind == RelationKind::Related {
        field.via
    } else {
        word("x-via")
    };
    Ok(Some(RelationData {
        field: field.name.clone().into_owned(),
        kind,
        target: target.to_owned(),
        via: via.map(str::to_owned),
        key: word("x-key").map(str::to_owned),
        data: data(field, schema, root)?,
    }))
}

fn kind(schema: &Json) -> Option<(RelationKind, &str)> {
    let word = |name: &str| schema.get(name).and_then(Json::as_str);
    let single = [
        ("x-link", RelationKind::Link),
        ("x-parent", RelationKind::Parent),
        ("x-related", RelationKind::Related),
    ];
    if let Some(found) = single
        .iter()
        .find_map(|(name, kind)| Some((*kind, word(name)?)))
    {
        return Some(found);
    }
    let list = schema.get("items").is_some();
    if let Some(target) = word("x-mapped") {
        let kind = if list {
            RelationKind::MappedMany
        } else {
            RelationKind::MappedOne
        };
        return Some((kind, target));
    }
    let kind = match (list, word("x-key")) {
        (true, None) => RelationKind::LinksSimpleArray,
        (true, Some(_)) => RelationKind::LinksArray,
        (false, _) => RelationKind::LinksMap,
    };
    Some((kind, word("x-links")?))
}

/// The schema of what stands beside each id, as a document of its own.
fn data(field: &FieldDef, schema: &Json, root: &Json) -> Result<Option<Json>> {
    let key = schema.get("x-key").and_then(Json::as_str);
    let one = schema.get("anyOf").and_then(|choices| choices.get(0));
    let entry = match schema.get("items").or(one) {
        Some(_) if key.is_none() => None,
        Some(items) => Some(items),
        None => schema.get("additionalProperties"),
    };
    let Some(entry) = entry.filter(|_| kind(schema).is_some()) else {
        return Ok(None);
    };
    let mut entry = resolve(entry, root).clone();
    if let Json::Object(map) = &mut entry {
        if map.contains_key("x-no-object") {
            return Err(Error::setup(format!(
                "field `{}`: what stands beside an id is a struct with named fields",
                field.name
            )));
        }
        if let Some(taken) = map.get("x-taken").and_then(Json::as_str) {
            return Err(Error::setup(format!(
                "field `{}`: its data has a member `{taken}`, which is where the id of the record stands: rename the member, \
                 or remove it if it is the id",
                field.name
            )));
        }
        if let Some(key) = key {
            without(map, key);
        }
    }
    Ok(Some(whole(&entry, root)))
}

/// The schema of an object without one of its members.
fn without(map: &mut Map<String, Json>, member: &str) {
    if let Some(Json::Object(properties)) = map.get_mut("properties") {
        properties.remove(member);
    }
    if let Some(Json::Array(required)) = map.get_mut("required") {
        required.retain(|name| name != member);
    }
}

/// The field of `other` by which its records link to `model`, for a relation that is the reverse of a link.
///
/// # Errors
/// What is wrong with the relation, and the fix.
pub(crate) fn via_of<'a>(
    model: &Compiled,
    relation: &RelationData,
    other: &'a Compiled,
) -> Result<&'a str, String> {
    let (field, here, there) = (&relation.field, model.name(), other.name());
    let links = other.data.relations.iter();
    let links = links.filter(|link| link.kind.is_link() && link.target == here);
    let mut searchable = links
        .clone()
        .filter(|link| link.kind.is_searchable_link())
        .map(|link| link.field.as_str());
    if let Some(via) = &relation.via {
        let known = links.clone().map(|link| link.field.as_str());
        return match links.clone().find(|link| link.field == *via) {
            Some(link) if relation.kind.is_mapped() || link.kind.is_searchable_link() => {
                Ok(&link.field)
            }
            Some(link) => Err(format!(
                "`{field}` of {here} goes by `{via}` of {there}, a `{}`, which no store can search: a `ModelRelated` goes by \
                 a `ModelLink`, `ModelParent` or `ModelLinksSimpleArray`",
                link.kind.type_name()
            )),
            None => Err(format!(
                "`{field}` of {here} goes by `{via}` of {there}, which is no link to {here}{}",
                match larder_query::nearest(via, known.clone()) {
                    Some(near) => format!("; did you mean `{near}`?"),
                    None => format!(
                        ": add `{via}: ModelLink<{here}>` to {there}, or name another field"
                    ),
                }
            )),
        };
    }
    match (searchable.next(), searchable.next()) {
        (Some(only), None) => Ok(only),
        (Some(first), Some(second)) => Err(format!(
            "`{field}` of {here}: {there} links to {here} by `{first}` and by `{second}`: say which with \
             `#[model(via = \"{first}\")]`"
        )),
        (None, _) => Err(format!(
            "`{field}` of {here}: {there} has no field that links to {here}: add one to {there} such as `ModelLink<{here}>`, \
             or remove `{field}`"
        )),
    }
}

/// The name of the field by which the records of `other` are found that `model`'s `field` stands for, and whether it is a
/// list of links.
pub(crate) fn link_field(
    model: &Compiled,
    field: &str,
    other: &Compiled,
) -> Result<(String, bool), String> {
    let relation = model
        .data
        .relations
        .iter()
        .find(|relation| relation.field == field);
    let relation = relation.ok_or_else(|| format!("{} has no relation `{field}`", model.name()))?;
    let via = via_of(model, relation, other)?;
    let is_list = |link: &RelationData| link.kind == RelationKind::LinksSimpleArray;
    let link = other.data.relations.iter().find(|link| link.field == via);
    let found = other.fields.iter().find(|field| field.name() == via);
    found
        .map(|field| (field.name().to_owned(), link.is_some_and(is_list)))
        .ok_or_else(|| format!("{} has no field `{via}`", other.name()))
}
