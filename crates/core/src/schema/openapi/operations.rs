//! The operations that every model with a URL has: list, create, get, replace, patch, delete.

use serde_json::{Map, Value as Json, json};

use super::names::plural;
use super::parameters::{self, shared_reference};
use super::responses::Responses;
use super::{Document, SCHEMAS, reference};
use crate::actor::Actor;
use crate::model::{Compiled, Method};
use crate::rule::{Operation, Rule};

const ETAG: (&str, &str) = ("ETag", "ETag");
const LOCATION: (&str, &str) = ("Location", "Location");

/// Adds what the rules allow to somebody.
pub(super) fn add<'a>(document: &mut Document<'a>, model: &'a Compiled) {
    let url = model.def.url.as_deref().unwrap_or_default();
    let item = format!("{url}/{{{}}}", parameters::id_name(model));
    let of = |operation| rule(model, operation);
    let (read, create, update, delete) = (
        of(Operation::Read),
        of(Operation::Create),
        of(Operation::Update),
        of(Operation::Delete),
    );
    // What the model does not handle, or restricts, is not there.
    let offered = |method, rule: Option<&'a Rule>| rule.filter(|_| model.offers(method));
    let counted = format!("{url}/_count");
    if let Some(read) = offered(Method::List, read) {
        let operation = list(document, model, read);
        document.operation(url, "get", operation);
        let operation = count(document, model, read);
        document.operation(&counted, "get", operation);
    }
    if let Some(read) = offered(Method::Get, read) {
        let operation = get(document, model, read);
        document.operation(&item, "get", operation);
    }
    if let Some(create) = offered(Method::Post, create) {
        let operation = post(document, model, create);
        document.operation(url, "post", operation);
    }
    let (new, existing) = (
        offered(Method::PutNew, create),
        offered(Method::PutExisting, update),
    );
    if new.is_some() || existing.is_some() {
        let operation = put(document, model, new, existing);
        document.operation(&item, "put", operation);
    }
    if let Some(update) = offered(Method::Patch, update) {
        let operation = patch(document, model, update);
        document.operation(&item, "patch", operation);
    }
    if let Some(rule) = offered(Method::Delete, delete) {
        let operation = delete_one(document, model, rule);
        document.operation(&item, "delete", operation);
    }
    for (path, is_item) in [(url, false), (&counted, false), (&item, true)] {
        if document.paths.contains_key(path) {
            let parameters = parameters::path(document, model, is_item);
            document.path_parameters(path, parameters);
        }
    }
}

/// Whether somebody may patch the model's records.
pub(super) fn has_patch(model: &Compiled) -> bool {
    model.offers(Method::Patch) && rule(model, Operation::Update).is_some()
}

/// The rule of an operation, if it allows anything to anybody.
fn rule(model: &Compiled, operation: Operation) -> Option<&Rule> {
    model
        .rules
        .get(&operation)
        .filter(|rule| may_allow(rule, model))
}

pub(super) fn may_allow(rule: &Rule, model: &Compiled) -> bool {
    rule.needs_actor() || rule.bind(&Actor::anonymous(), model) != larder_query::Filter::False
}

/// The text of a rule, unless it names what a client must not know of.
pub(super) fn public_text(rule: &Rule, model: &Compiled) -> Option<Json> {
    let expr = larder_query::parse_rule(rule.text()).ok()?;
    let hidden = |name: &str| {
        model
            .fields
            .iter()
            .any(|field| field.server_only && field.name() == name)
    };
    let names_hidden =
        larder_query::paths(&expr).any(|path| path.steps.first().is_some_and(|name| hidden(name)));
    (!names_hidden).then(|| rule.text().into())
}

/// How a rule can refuse: 401 where an actor could help, 403 unless all is allowed.
pub(super) fn refusals(rule: &Rule, model: &Compiled) -> Vec<u16> {
    let always =
        !rule.needs_actor() && rule.bind(&Actor::anonymous(), model) == larder_query::Filter::True;
    let mut statuses = Vec::new();
    if rule.needs_actor() || model.owner.is_some() {
        statuses.push(401);
    }
    if !always {
        statuses.push(403);
    }
    statuses
}

/// The parts that all operations have.
pub(super) fn operation(
    model: &Compiled,
    id: String,
    summary: String,
    rule: Option<Json>,
    responses: Responses,
) -> Map<String, Json> {
    let mut map = Map::new();
    map.insert("operationId".to_owned(), id.into());
    map.insert("summary".to_owned(), summary.into());
    map.insert("tags".to_owned(), json!([model.name()]));
    map.extend(rule.map(|rule| ("x-larder-rule".to_owned(), rule)));
    map.insert("responses".to_owned(), responses.into_json());
    map
}

fn list<'a>(document: &mut Document<'a>, model: &'a Compiled, rule: &Rule) -> Json {
    let schema =
        json!({ "type": "array", "items": reference(model, "output"), "maxItems": model.page });
    let mut responses = Responses::default()
        .json(
            200,
            "The records of this page that you may read.",
            &schema,
            &[("Content-Range", "ContentRange")],
        )
        .failures([400, 406, 501, 503]);
    if rule.needs_actor() {
        responses = responses.failures([401]);
    }
    if !model.parents.is_empty() {
        responses = responses.failures([404]);
    }
    let id = document
        .names
        .give(&format!("list{}", plural(model.name())));
    let summary = format!("Lists {}", plural(model.name()));
    let mut map = operation(model, id, summary, public_text(rule, model), responses);
    let searched = model.lists.search.iter();
    let searched: Vec<&str> = searched.map(|search| search.name.as_str()).collect();
    if !searched.is_empty() {
        let first = searched.first().copied().unwrap_or_default();
        map.insert("description".to_owned(), format!(
            "Besides the parameters below the query string may hold operators on {}, such as `eq({first},..)`, joined by \
             `&` (and) and `|` (or).",
            searched.join(", ")
        ).into());
    }
    map.insert(
        "parameters".to_owned(),
        parameters::list(document, model).into(),
    );
    Json::Object(map)
}

fn count<'a>(document: &mut Document<'a>, model: &'a Compiled, rule: &Rule) -> Json {
    let schema = json!({
        "type": "object",
        "properties": { "count": { "type": "integer", "minimum": 0 } },
        "required": ["count"],
        "additionalProperties": false,
    });
    let mut responses = Responses::default()
        .json(200, "How many records you may read.", &schema, &[])
        .failures([400, 406, 501, 503]);
    if rule.needs_actor() {
        responses = responses.failures([401]);
    }
    if !model.parents.is_empty() {
        responses = responses.failures([404]);
    }
    let plural = plural(model.name());
    let id = document.names.give(&format!("count{plural}"));
    let summary = format!("Counts {plural}, on all pages of a list with these filters");
    let mut map = operation(model, id, summary, public_text(rule, model), responses);
    let filters = parameters::filters(document, model);
    if !filters.is_empty() {
        map.insert("parameters".to_owned(), filters.into());
    }
    Json::Object(map)
}

fn get(document: &mut Document<'_>, model: &Compiled, rule: &Rule) -> Json {
    let mut responses = Responses::default()
        .json(200, "The record.", &reference(model, "output"), &[ETAG])
        .not_modified()
        .failures([404, 406, 412, 503]);
    if rule.needs_actor() {
        responses = responses.failures([401]);
    }
    let id = document.names.give(&format!("get{}", model.name()));
    let mut map = operation(
        model,
        id,
        format!("Gets one {}", model.name()),
        public_text(rule, model),
        responses,
    );
    map.insert(
        "parameters".to_owned(),
        json!([shared_reference("IfNoneMatch"), shared_reference("IfMatch")]),
    );
    Json::Object(map)
}

fn post(document: &mut Document<'_>, model: &Compiled, rule: &Rule) -> Json {
    let mut responses = Responses::default()
        .echoed(
            model,
            Method::Post,
            201,
            "The new record.",
            &[ETAG, LOCATION],
        )
        .failures(refusals(rule, model))
        .failures([400, 406, 409, 413, 415, 422, 503]);
    if !model.parents.is_empty() {
        responses = responses.failures([404]);
    }
    let id = document.names.give(&format!("create{}", model.name()));
    let mut map = operation(
        model,
        id,
        format!("Adds a {}", model.name()),
        public_text(rule, model),
        responses,
    );
    map.insert(
        "requestBody".to_owned(),
        body(&["application/json"], &reference(model, "input")),
    );
    Json::Object(map)
}

fn put(
    document: &mut Document<'_>,
    model: &Compiled,
    create: Option<&Rule>,
    update: Option<&Rule>,
) -> Json {
    let mut responses =
        Responses::default().failures([400, 404, 406, 409, 412, 413, 415, 422, 503]);
    let mut rules = Map::new();
    if let Some(rule) = update {
        responses = responses
            .echoed(
                model,
                Method::PutExisting,
                200,
                "The record as it now is.",
                &[ETAG],
            )
            .failures(refusals(rule, model));
        rules.extend(public_text(rule, model).map(|text| ("update".to_owned(), text)));
    }
    if let Some(rule) = create {
        responses = responses.echoed(
            model,
            Method::PutNew,
            201,
            "There was none with this id; this is the new one.",
            &[ETAG, LOCATION],
        );
        responses = responses.failures(refusals(rule, model));
        rules.extend(public_text(rule, model).map(|text| ("create".to_owned(), text)));
    }
    if create.is_none() || update.is_none() {
        responses = responses.failures([403]);
    }
    if !model.offers(Method::PutExisting) {
        let restricted = model.def.offer.restricts(Method::PutExisting);
        responses = responses.failures([if restricted { 405 } else { 501 }]);
    }
    let id = document.names.give(&format!("replace{}", model.name()));
    let name = model.name();
    let summary = match (create, update) {
        (None, _) => format!("Replaces a {name}"),
        (_, None) => format!("Adds a {name} under this id"),
        _ => format!("Replaces a {name}, or adds it under this id"),
    };
    let mut map = operation(
        model,
        id,
        summary,
        (!rules.is_empty()).then_some(Json::Object(rules)),
        responses,
    );
    map.insert(
        "parameters".to_owned(),
        json!([shared_reference("IfMatch"), shared_reference("IfNoneMatch")]),
    );
    // The parts of an id may be left out where the URL has them.
    let view = if model.key.one().is_some() {
        "input"
    } else {
        "replace"
    };
    map.insert(
        "requestBody".to_owned(),
        body(&["application/json"], &reference(model, view)),
    );
    Json::Object(map)
}

fn patch(document: &mut Document<'_>, model: &Compiled, rule: &Rule) -> Json {
    let responses = Responses::default()
        .echoed(
            model,
            Method::Patch,
            200,
            "The record as it now is.",
            &[ETAG],
        )
        .failures(refusals(rule, model))
        .failures([400, 404, 406, 409, 412, 413, 415, 422, 503]);
    let id = document.names.give(&format!("patch{}", model.name()));
    let summary = format!(
        "Changes fields of a {} by a merge patch (RFC 7396) or a JSON Patch (RFC 6902)",
        model.name()
    );
    let mut map = operation(model, id, summary, public_text(rule, model), responses);
    map.insert(
        "parameters".to_owned(),
        json!([shared_reference("IfMatch"), shared_reference("IfNoneMatch")]),
    );
    let types = ["application/merge-patch+json", "application/json"];
    let mut content = body(&types, &reference(model, "patch"));
    content["content"]["application/json-patch+json"] =
        json!({ "schema": { "$ref": format!("{SCHEMAS}JsonPatch") } });
    map.insert("requestBody".to_owned(), content);
    Json::Object(map)
}

fn delete_one(document: &mut Document<'_>, model: &Compiled, rule: &Rule) -> Json {
    let gone = "The record is gone.";
    let responses = if model.echoes(Method::Delete) {
        let schema = reference(model, "output");
        Responses::default().json(200, "The record as it was.", &schema, &[])
    } else {
        Responses::default()
    };
    // Also where the model echoes it, but the actor may not read it.
    let responses = responses
        .empty(204, gone)
        .failures(refusals(rule, model))
        .failures([404, 409, 412, 503]);
    let id = document.names.give(&format!("delete{}", model.name()));
    let mut map = operation(
        model,
        id,
        format!("Deletes a {}", model.name()),
        public_text(rule, model),
        responses,
    );
    map.insert(
        "parameters".to_owned(),
        json!([shared_reference("IfMatch"), shared_reference("IfNoneMatch")]),
    );
    Json::Object(map)
}

/// A request's body, in one of these media types.
pub(super) fn body(types: &[&str], schema: &Json) -> Json {
    let content: Map<String, Json> = types
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "schema": schema })))
        .collect();
    json!({ "required": true, "content": content })
}
