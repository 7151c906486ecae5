//! OpenAPI 3.1 of the REST door.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::definitions::{COMPONENTS as SCHEMAS, Definitions};
use super::escape;
use crate::model::{Compiled, Field};

mod actions;
mod names;
mod operations;
mod parameters;
mod patches;
mod responses;

use names::Names;

/// The OpenAPI 3.1 document of these models: every operation of the REST door that a rule allows to somebody.
///
/// An operation that nobody may ever run is left out. What it says is public: server-only fields, their definitions and
/// rules that name them do not stand in it.
pub fn openapi(models: &[Arc<Compiled>], title: &str, version: &str) -> Json {
    let mut models: Vec<&Compiled> = models
        .iter()
        .map(|model| &**model)
        .filter(|model| model.def.url.is_some())
        .collect();
    models.sort_by(|one, other| one.name().cmp(other.name()));
    let made: Vec<Made> = models.iter().map(|model| Made::of(model)).collect();
    let acts: Vec<Vec<actions::Schemas>> = models
        .iter()
        .map(|model| actions::Schemas::of_all(model, &models))
        .collect();
    let mut document = Document {
        paths: BTreeMap::new(),
        schemas: Definitions::new(SCHEMAS),
        names: Names::default(),
    };
    document
        .schemas
        .insert("Problem".to_owned(), responses::problem());
    if models.iter().any(|model| operations::has_patch(model)) {
        document
            .schemas
            .insert("JsonPatch".to_owned(), patches::operations());
    }
    models.iter().for_each(|model| document.reserve(model));
    for ((model, made), acts) in models.iter().zip(&made).zip(&acts) {
        document.views(model, made);
        operations::add(&mut document, model);
        actions::add(&mut document, model, acts);
    }
    let tags: Vec<Json> = models.iter().map(|model| tag(model)).collect();
    let paths: Map<String, Json> = document
        .paths
        .into_iter()
        .map(|(path, item)| (path, Json::Object(item)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": version },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": document.schemas.into_map(),
            "parameters": parameters::shared(),
            "headers": responses::headers(),
            "responses": responses::problems(),
        },
    })
}

fn tag(model: &Compiled) -> Json {
    let mut tag = json!({ "name": model.name() });
    if let (Json::Object(map), Some(doc)) = (&mut tag, model.views.output.get("description")) {
        map.insert("description".to_owned(), doc.clone());
    }
    tag
}

/// The document in the making.
struct Document<'a> {
    paths: BTreeMap<String, Map<String, Json>>,
    schemas: Definitions<'a>,
    names: Names,
}

impl<'a> Document<'a> {
    /// Takes the names of a model's own components, before any definition can.
    fn reserve(&mut self, model: &Compiled) {
        let replace = model.key.one().is_none().then_some("replace");
        for view in ["input", "output", "patch"].into_iter().chain(replace) {
            self.schemas
                .insert(component(model, view), Json::Bool(true));
        }
    }

    fn views(&mut self, model: &'a Compiled, made: &'a Made) {
        let views = [
            ("input", &model.views.input),
            ("output", &model.views.output),
            ("patch", &made.patch),
        ];
        let replace = made.replace.iter().map(|view| ("replace", view));
        for (name, view) in views.into_iter().chain(replace) {
            let adopted = self.schemas.adopt(view, view);
            self.schemas.insert(component(model, name), adopted);
        }
    }

    fn operation(&mut self, path: &str, method: &str, operation: Json) {
        self.paths
            .entry(path.to_owned())
            .or_default()
            .insert(method.to_owned(), operation);
    }

    /// Parameters that all operations of a path share.
    fn path_parameters(&mut self, path: &str, parameters: Vec<Json>) {
        if !parameters.is_empty() {
            self.paths
                .entry(path.to_owned())
                .or_default()
                .insert("parameters".to_owned(), parameters.into());
        }
    }
}

/// The name of the component of one of a model's views.
fn component(model: &Compiled, view: &str) -> String {
    format!("{}.{view}", model.name())
}

/// A reference to one of a model's views.
fn reference(model: &Compiled, view: &str) -> Json {
    json!({ "$ref": format!("{SCHEMAS}{}", escape(&component(model, view))) })
}

/// Views that only requests have.
struct Made {
    patch: Json,
    /// Where it differs from the input view.
    replace: Option<Json>,
}

impl Made {
    fn of(model: &Compiled) -> Self {
        Self {
            patch: patch_view(model),
            replace: model.key.one().is_none().then(|| replace_view(model)),
        }
    }
}

/// What a full replace may hold, where the URL has the parts of the id: they may be left out.
fn replace_view(model: &Compiled) -> Json {
    let mut view = model.views.input.clone();
    if let Json::Object(map) = &mut view {
        let title = format!("{} (replace)", model.name());
        map.insert("title".to_owned(), title.into());
        let part = |name: &Json| {
            let mut places = model.key.places().iter();
            places.any(|place| model.fields[*place].name() == name)
        };
        if let Some(Json::Array(required)) = map.get_mut("required") {
            required.retain(|name| !part(name));
        }
        let none = |required: &Json| required.as_array().is_some_and(Vec::is_empty);
        if map.get("required").is_some_and(none) {
            map.remove("required");
        }
    }
    view
}

/// What a merge patch may hold: any of the fields, and null where a field can be removed or has a default.
fn patch_view(model: &Compiled) -> Json {
    let mut view = model.views.input.clone();
    if let Json::Object(map) = &mut view {
        map.remove("required");
        map.insert(
            "title".to_owned(),
            format!("{} (patch)", model.name()).into(),
        );
        if let Some(Json::Object(properties)) = map.get_mut("properties") {
            for field in model
                .fields
                .iter()
                .filter(|field| field.writable && !field.required)
            {
                if let Some(schema) = properties.get_mut(field.name()) {
                    super::views::make_nullable(schema);
                }
            }
        }
    }
    view
}

/// The schema of a field as it stands in a URL, for a parameter: no annotations of the body's.
fn field_schema<'a>(document: &mut Document<'a>, model: &'a Compiled, field: &Field) -> Json {
    let view = &model.views.output;
    let Some(schema) = view.pointer(&format!("/properties{}", field.pointer())) else {
        return json!({ "type": "string" });
    };
    let mut schema = document.schemas.adopt(schema, view);
    if let Json::Object(map) = &mut schema {
        for word in ["readOnly", "default", "description"] {
            map.remove(word);
        }
    }
    schema
}
