//! The actions of a model: `{url}/{id}/{action}` on a record, `{url}/{action}` on the model.

use serde_json::{Value as Json, json};

use super::names::{camel, plural};
use super::operations::{body, may_allow, operation, public_text, refusals};
use super::responses::Responses;
use super::{Document, parameters, reference};
use crate::model::{Action, Compiled};
use crate::schema::{views, walk};
use crate::wording::a;

/// What an action takes and gives.
#[derive(Debug)]
pub(super) struct Schemas {
    input: Json,
    output: Json,
}

impl Schemas {
    /// Those of all actions of a model, in order.
    pub(super) fn of_all(model: &Compiled, models: &[&Compiled]) -> Vec<Self> {
        let one = |action: &Action| {
            let mut output = (action.def.output)();
            views::bound_integers(&mut output);
            records(&mut output, models);
            Self {
                input: views::arguments(&action.def),
                output,
            }
        };
        model.actions.iter().map(one).collect()
    }
}

/// An `Entity<Post>` says only which model it is of: what it serialises as is that model's output view.
fn records(schema: &mut Json, models: &[&Compiled]) {
    walk::each_mut(schema, &mut |map| {
        let name = map.get("x-model").and_then(Json::as_str);
        let of = name.and_then(|name| models.iter().find(|model| model.name() == name));
        if let Some(Json::Object(reference)) = of.map(|model| reference(model, "output")) {
            *map = reference;
        }
    });
}

/// Adds every action that a rule allows to somebody.
pub(super) fn add<'a>(document: &mut Document<'a>, model: &'a Compiled, schemas: &'a [Schemas]) {
    let url = model.def.url.as_deref().unwrap_or_default();
    for (action, schemas) in model.actions.iter().zip(schemas) {
        let Some(rule) = action.rule.as_ref().filter(|rule| may_allow(rule, model)) else {
            continue;
        };
        let name = action.def.name;
        let path = if action.def.global {
            format!("{url}/{name}")
        } else {
            format!("{url}/{{{}}}/{name}", parameters::id_name(model))
        };
        let responses = responses(document, model, action, schemas).failures(
            refusals(rule, model)
                .into_iter()
                .filter(|status| *status != 401 || rule.needs_actor()),
        );
        let subject = if action.def.global {
            plural(model.name())
        } else {
            model.name().to_owned()
        };
        let id = document.names.give(&format!("{}{subject}", camel(name)));
        let summary = format!(
            "Runs `{name}` on {}",
            if action.def.global {
                subject
            } else {
                a(&subject)
            }
        );
        let mut map = operation(model, id, summary, public_text(rule, model), responses);
        map.extend(
            action
                .def
                .doc
                .map(|doc| ("description".to_owned(), doc.into())),
        );
        if action.def.method == "GET" {
            map.insert("parameters".to_owned(), query(document, schemas).into());
        } else if !action.args.is_empty() {
            let schema = document.schemas.adopt(&schemas.input, &schemas.input);
            let mut content = body(&["application/json"], &schema);
            content["required"] = schemas.input.get("required").is_some().into();
            map.insert("requestBody".to_owned(), content);
        }
        if is_conditional(action) {
            map.insert(
                "parameters".to_owned(),
                json!([
                    parameters::shared_reference("IfMatch"),
                    parameters::shared_reference("IfNoneMatch")
                ]),
            );
        }
        document.operation(&path, &action.def.method.to_lowercase(), Json::Object(map));
        let parameters = parameters::path(document, model, !action.def.global);
        document.path_parameters(&path, parameters);
    }
}

fn responses<'a>(
    document: &mut Document<'a>,
    model: &Compiled,
    action: &Action,
    schemas: &'a Schemas,
) -> Responses {
    let mut responses = Responses::default();
    let output = &schemas.output;
    if output.get("type").is_none_or(|name| name != "null") {
        let schema = document.schemas.adopt(output, output);
        responses = responses.json(200, "What it answers.", &schema, &[]);
    }
    if crate::model::Kind::of_schema(output, output).1 {
        responses = responses.empty(204, "Done; there is nothing to answer.");
    }
    if !action.def.global {
        responses = responses.failures([404, 409]);
    } else if !model.parents.is_empty() {
        responses = responses.failures([404]);
    }
    match (action.def.method, action.args.is_empty()) {
        ("GET", true) => {}
        ("GET", false) => responses = responses.failures([400]),
        (_, _) => responses = responses.failures([400, 413, 415, 422]),
    }
    if is_conditional(action) {
        responses = responses.failures([412]);
    }
    responses.failures([406, 503])
}

/// Whether conditions on the record's entity tag are looked at: not where the action is a GET, whose answer is not the record.
fn is_conditional(action: &Action) -> bool {
    !action.def.global && action.def.method != "GET"
}

/// The arguments as parameters of the query string.
fn query<'a>(document: &mut Document<'a>, schemas: &'a Schemas) -> Vec<Json> {
    let Some(properties) = schemas.input.get("properties").and_then(Json::as_object) else {
        return Vec::new();
    };
    let required = schemas.input.get("required").and_then(Json::as_array);
    let one = |(name, schema): (&String, &Json)| {
        let required = required.is_some_and(|names| names.iter().any(|one| one == name));
        let schema = document.schemas.adopt(schema, &schemas.input);
        json!({ "name": name, "in": "query", "required": required, "schema": schema })
    };
    properties.iter().map(one).collect()
}
