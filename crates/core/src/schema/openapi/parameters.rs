//! Parameters: of the path, of the query string, and the headers that conditional requests and ranges use.

use larder_query::Op;
use serde_json::{Map, Value as Json, json};

use super::{Document, field_schema};
use crate::model::{Compiled, IdPart, Kind};

/// Parameters that many operations share.
pub(super) fn shared() -> Json {
    let tags = "One or more entity tags, or `*`.";
    json!({
        "IfMatch": {
            "name": "If-Match", "in": "header", "schema": { "type": "string" },
            "description": format!("Do it only if the record is still at one of these versions. {tags}"),
        },
        "IfNoneMatch": {
            "name": "If-None-Match", "in": "header", "schema": { "type": "string" },
            "description": format!("Do it only if the record is at none of these versions; `*` asks that there is none. {tags}"),
        },
        "Range": {
            "name": "Range", "in": "header", "schema": { "type": "string", "pattern": "^items=\\d+-\\d*$" },
            "description": "Which records of the list, counted from 0, both ends included.", "example": "items=0-9",
        },
        "fields": {
            "name": "fields", "in": "query", "schema": { "type": "string" },
            "description": "What to show of each record: names with commas between; all of it if left out.",
        },
        "cursor": {
            "name": "cursor", "in": "query", "schema": { "type": "string" },
            "description": "Where the list goes on, from the `Link` of the page before. Everything but `limit` and `fields` stays as it was.",
        },
        "Prefer": {
            "name": "Prefer", "in": "header", "schema": { "type": "string", "enum": ["count=exact", "count=estimated", "count=none"] },
            "description": "Whether all that match are counted: `exact`, `estimated` as far as it costs little, or `none`. Left out, they are with the first page, and behind a cursor they are not.",
        },
        "skip": {
            "name": "skip", "in": "query", "schema": { "type": "integer", "minimum": 0, "default": 0 },
            "description": "How many records to pass over.",
        },
    })
}

pub(super) fn shared_reference(name: &str) -> Json {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// The name of the path's parameter for the record itself: `id`, unless a parent is called that.
pub(super) fn id_name(model: &Compiled) -> String {
    let taken = |name: &str| {
        model
            .parents
            .iter()
            .any(|parent| *parent.parameter == *name)
    };
    let mut name = "id".to_owned();
    while taken(&name) {
        name.insert(0, '_');
    }
    name
}

/// The parameters of the model's path: its parents, and with `item` the record.
pub(super) fn path<'a>(document: &mut Document<'a>, model: &'a Compiled, item: bool) -> Vec<Json> {
    let mut parameters = Vec::new();
    for parent in &model.parents {
        let own = own_kinds(&parent.parts);
        let schema = match own.as_slice() {
            [] => field_schema(document, model, &model.fields[parent.field]),
            [kind] => of_kind(*kind),
            _ => json!({ "type": "string" }),
        };
        let mut parameter =
            json!({ "name": &*parent.parameter, "in": "path", "required": true, "schema": schema });
        if let (Json::Object(map), Some(name)) = (&mut parameter, &parent.model) {
            let text = match own.as_slice() {
                [] => format!("The id of the {name} that it belongs to."),
                _ => format!(
                    "The id of the {name} that it belongs to, without the part that stands in the path before."
                ),
            };
            map.insert("description".to_owned(), text.into());
        }
        parameters.push(parameter);
    }
    if item {
        let sole = model.sole_part().map(|part| model.key.places()[part]);
        let (schema, description) = match (model.key.one(), sole) {
            (Some(key), _) => (
                field_schema(document, model, &model.fields[key]),
                format!("The id of the {}.", model.name()),
            ),
            (None, Some(part)) => {
                let field = &model.fields[part];
                let text = format!(
                    "The `{}` of the {}, whose id it is together with what stands before it in the path.",
                    field.name(),
                    model.name()
                );
                (field_schema(document, model, field), text)
            }
            (None, None) => (json!({ "type": "string" }), several(model)),
        };
        parameters.push(json!({
            "name": id_name(model), "in": "path", "required": true, "schema": schema, "description": description,
        }));
    }
    parameters
}

/// The kinds of those parts of an id that stand in its record's own segment.
fn own_kinds(parts: &[IdPart]) -> Vec<Kind> {
    let own = parts.iter().filter_map(|part| match part {
        IdPart::Own(kind) => Some(*kind),
        IdPart::Above(_) => None,
    });
    own.collect()
}

/// How an id of several fields is written: those of its parts that are not in the path before it.
fn several(model: &Compiled) -> String {
    let parts = model.key.places().iter().zip(&model.address);
    let own = parts.filter(|(_, part)| matches!(part, IdPart::Own(_)));
    let names: Vec<String> = own
        .map(|(place, _)| format!("`{}`", model.fields[*place].name()))
        .collect();
    format!(
        "The id of the {}: its {}, in this order and joined by commas. Inside a part `~0` is a tilde and `~1` a comma.",
        model.name(),
        names.join(", ")
    )
}

/// The parameters that filter a list.
pub(super) fn filters<'a>(document: &mut Document<'a>, model: &'a Compiled) -> Vec<Json> {
    let mut parameters: Vec<Json> = Vec::new();
    for search in &model.lists.search {
        let Some(route) = &search.route else { continue };
        let schema = match search.op {
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge if route.is_own() => {
                field_schema(document, model, &model.fields[route.field])
            }
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Contains => {
                of_kind(route.kind)
            }
            Op::Size => json!({ "type": "integer", "minimum": 0 }),
            Op::Mod => json!({ "type": "string", "pattern": "^-?\\d+,-?\\d+$" }),
            _ => json!({ "type": "string" }),
        };
        let (name, op) = (&search.name, search.op.name());
        parameters.push(json!({
            "name": name,
            "in": "query",
            "schema": schema,
            "description": format!("Only records whose `{name}` passes `{op}` with this."),
            "x-larder-operator": op,
        }));
    }
    for parameter in &model.data.parameters {
        let mut map = Map::new();
        map.insert("name".to_owned(), parameter.name.as_str().into());
        map.insert("in".to_owned(), "query".into());
        let schema = document.schemas.adopt(&parameter.schema, &parameter.schema);
        map.insert("schema".to_owned(), schema);
        let description = parameter.description.as_deref();
        map.extend(description.map(|text| ("description".to_owned(), text.into())));
        parameters.push(Json::Object(map));
    }
    parameters
}

/// The schema of a value by its kind alone, where it stands inside a field or in another model.
fn of_kind(kind: Kind) -> Json {
    let format = |name: &str| json!({ "type": "string", "format": name });
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int => json!({ "type": "integer" }),
        Kind::Uint => json!({ "type": "integer", "minimum": 0 }),
        Kind::Float => json!({ "type": "number" }),
        Kind::Instant => format("date-time"),
        Kind::Date => format("date"),
        Kind::Uuid => format("uuid"),
        Kind::Text | Kind::Bytes | Kind::Decimal | Kind::Json => json!({ "type": "string" }),
    }
}

/// The parameters of a list.
pub(super) fn list<'a>(document: &mut Document<'a>, model: &'a Compiled) -> Vec<Json> {
    let mut parameters = filters(document, model);
    if !model.lists.sortable.is_empty() {
        parameters.push(sort(model));
    }
    parameters.push(json!({
        "name": "limit", "in": "query", "description": "How many records at the most; more than the maximum counts as the maximum.",
        "schema": { "type": "integer", "minimum": 0, "maximum": model.page, "default": model.page },
    }));
    parameters.push(shared_reference("skip"));
    parameters.push(shared_reference("cursor"));
    parameters.push(shared_reference("fields"));
    parameters.push(shared_reference("Range"));
    parameters.push(shared_reference("Prefer"));
    parameters
}

fn sort(model: &Compiled) -> Json {
    let sortable = model.lists.sortable.iter();
    let names: Vec<&str> = sortable.map(|field| field.name.as_str()).collect();
    let quoted: Vec<String> = names.iter().map(|name| regex::escape(name)).collect();
    let one = format!("[+-]?(?:{})", quoted.join("|"));
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "string".into());
    schema.insert("pattern".to_owned(), format!("^{one}(?:,{one})*$").into());
    schema.extend(
        model
            .def
            .default_sort
            .as_deref()
            .map(|keys| ("default".to_owned(), keys.into())),
    );
    json!({
        "name": "sortBy",
        "in": "query",
        "schema": schema,
        "description": format!("The order: fields with `+` (ascending) or `-` (descending) before them. Sortable: {}.", names.join(", ")),
    })
}
