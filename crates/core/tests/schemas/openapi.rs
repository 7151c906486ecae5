//! The OpenAPI document of the models.

use std::sync::Arc;

use larder_core::Compiled;
use larder_core::schema::openapi;
use serde_json::{Value as Json, json};

use super::{at, note, references_hold, rich};

fn document() -> Json {
    let models = [Arc::new(rich()), Arc::new(Compiled::new(note()).unwrap())];
    openapi(&models, "Test", "1.2.3")
}

#[test]
fn the_openapi_document_has_what_the_rules_allow() {
    let document = document();
    references_hold(&document);
    assert_eq!(
        document["info"],
        json!({ "title": "Test", "version": "1.2.3" })
    );
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/blogs/{blog}/riches",
            "/blogs/{blog}/riches/_count",
            "/blogs/{blog}/riches/newest",
            "/blogs/{blog}/riches/{id}",
            "/blogs/{blog}/riches/{id}/publish",
            "/notes",
            "/notes/_count",
            "/notes/{id}"
        ]
    );
    let item = &document["paths"]["/blogs/{blog}/riches/{id}"];
    assert!(
        item.get("delete").is_none(),
        "the rule `false` allows nobody"
    );
    assert!(item.get("patch").is_some());
    let note = &document["paths"]["/notes/{id}"];
    assert!(note.get("patch").is_none() && note.get("put").is_some());
    assert!(
        !document.to_string().contains("secret"),
        "neither the field nor the rule that names it"
    );
}

#[test]
fn operations_say_all_that_a_client_needs() {
    let document = document();
    let list = &document["paths"]["/blogs/{blog}/riches"]["get"];
    assert_eq!(list["operationId"], "listRiches");
    let parameters: Vec<&str> = list["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|parameter| parameter.get("name").or(parameter.get("$ref"))?.as_str())
        .collect();
    assert_eq!(
        parameters,
        [
            "title",
            "status",
            "sortBy",
            "limit",
            "#/components/parameters/skip",
            "#/components/parameters/cursor",
            "#/components/parameters/fields",
            "#/components/parameters/Range",
            "#/components/parameters/Prefer"
        ]
    );
    assert_eq!(list["x-larder-rule"], "status=published|owner=$actor.id");
    let create = &document["paths"]["/blogs/{blog}/riches"]["post"];
    assert!(create["responses"]["201"]["headers"]["Location"].is_object());
    assert_eq!(
        at(create, "/requestBody/content/application~1json/schema/$ref"),
        "#/components/schemas/Rich.input"
    );
    let statuses: Vec<&String> = create["responses"].as_object().unwrap().keys().collect();
    assert_eq!(
        statuses,
        [
            "201", "400", "401", "404", "406", "409", "413", "415", "422", "503"
        ]
    );
    let item = &document["paths"]["/blogs/{blog}/riches/{id}"];
    let parameters: Vec<&str> = item["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(parameters, ["blog", "id"]);
    assert!(
        at(item, "/patch/requestBody/content")
            .get("application/merge-patch+json")
            .is_some()
    );
    let ids = ["get", "put", "patch"].map(|method| item[method]["operationId"].as_str().unwrap());
    assert_eq!(ids, ["getRich", "replaceRich", "patchRich"]);
    let patch = at(&document, "/components/schemas/Rich.patch");
    assert!(patch.get("required").is_none());
    assert!(
        patch["properties"]["status"].to_string().contains("null"),
        "null removes, and the default comes back"
    );
}

#[test]
fn actions_are_operations_too() {
    let document = document();
    let publish = at(
        &document,
        "/paths/~1blogs~1{blog}~1riches~1{id}~1publish/put",
    );
    assert_eq!(publish["operationId"], "publishRich");
    assert_eq!(publish["requestBody"]["required"], true);
    let schema = at(publish, "/requestBody/content/application~1json/schema");
    assert!(
        schema["properties"]["where"]
            .to_string()
            .contains("#/components/schemas/")
    );
    assert!(publish["responses"].get("204").is_some() && publish["responses"].get("200").is_none());
    let newest = at(&document, "/paths/~1blogs~1{blog}~1riches~1newest/get");
    assert_eq!(newest["operationId"], "newestRiches");
    assert_eq!(newest["parameters"][0]["name"], "limit");
    assert!(newest["responses"].get("200").is_some() && newest["responses"].get("204").is_none());
}
