//! Conditions on the elements of lists, as clients ask them: what is compared is what the schema says, and a path that leads nowhere is
//! named.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Part {
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Line {
    sku: i64,
    code: String,
    #[serde(default)]
    parts: Vec<Part>,
    #[serde(skip)]
    _cost: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", id(client), rules(read = "true", write = "true"))]
#[model(search(lines = contains, first = scan(eq), extra.at = scan(eq), extra = contains))]
struct Order {
    #[model(id)]
    id: String,
    lines: Vec<Line>,
    first: Option<Line>,
    #[serde(default)]
    extra: Value,
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Order])
        .store("main", backend.store());
    let client = Client::new(&app.build().await.unwrap());
    for (id, order) in [
        (
            "a",
            json!({"lines": [{"sku": 1, "code": "7", "parts": [{"name": "leg"}]}], "extra": {"at": "2024-05-01T10:00:00Z"}}),
        ),
        (
            "b",
            json!({"lines": [{"sku": 7, "code": "1"}], "extra": [{"at": "2024-05-01T10:00:00Z"}]}),
        ),
    ] {
        let put = client.put(&format!("/orders/{id}"), order);
        put.go().await.is(201);
    }
    client
}

async fn they_are_compared_as_what_they_are(backend: Backend) {
    let client = client(&backend).await;
    for (query, expected) in [
        ("contains(lines,sku=7)", json!(["b"])),
        ("contains(lines,code=7)", json!(["a"])),
        ("contains(lines,(code=7&sku=lt=2))", json!(["a"])),
        ("excludes(lines,code=7)", json!(["b"])),
        ("contains(lines,contains(parts,name=leg))", json!(["a"])),
        ("contains(lines,parts/0/name=leg)", json!(["a"])),
        (
            "query={\"lines\":{\"$elemMatch\":{\"sku\":{\"$gt\":1}}}}",
            json!(["b"]),
        ),
        // Where nothing is known of it, a moment is the text that JSON has for it.
        ("extra.at==2024-05-01T10:00:00Z", json!(["a"])),
        ("contains(extra,at=2024-05-01T10:00:00Z)", json!(["b"])),
        ("contains(extra,whatever=1)", json!([])),
    ] {
        let query = query
            .replace('{', "%7B")
            .replace('}', "%7D")
            .replace('"', "%22");
        let answer = client.get(&format!("/orders?{query}")).go().await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        assert_eq!(json!(answer.each("id")), expected, "{query}");
    }
}

async fn a_path_that_leads_nowhere_is_named(backend: Backend) {
    let client = client(&backend).await;
    for (query, expected) in [
        (
            "contains(lines,skew=7)",
            "in an element of `lines` there is no `skew` inside; did you mean `sku`?",
        ),
        (
            "not(contains(lines,or(sku=7,cod=7)))",
            "in an element of `lines` there is no `cod` inside; did you mean `code`?",
        ),
        (
            "contains(lines,contains(parts,nmae=leg))",
            "in an element of `parts` there is no `nmae` inside; did you mean `name`?",
        ),
        (
            "contains(lines,contains(part,name=leg))",
            "in an element of `lines` there is no `part` inside; did you mean `parts`?",
        ),
        (
            "contains(lines,parts.name=leg)",
            "in an element of `lines` `name` is inside the elements of a list, and it is the list that is searched, by `contains`",
        ),
        (
            "contains(lines,_cost=1)",
            "in an element of `lines` there is no `_cost` inside",
        ),
        ("contains(first,sku=1)", "`first` holds no list"),
        (
            "query={\"lines\":{\"$elemMatch\":{\"skew\":{\"$gt\":1}}}}",
            "in an element of `lines` there is no `skew` inside; did you mean `sku`?",
        ),
    ] {
        let query = query
            .replace('{', "%7B")
            .replace('}', "%7D")
            .replace('"', "%22");
        let answer = client.get(&format!("/orders?{query}")).go().await.is(400);
        let problem = answer.json();
        assert_eq!(problem["detail"], expected, "{query}");
        assert_eq!(problem["errors"][0]["code"], "parameter", "{query}");
    }
}

scenarios! { they_are_compared_as_what_they_are, a_path_that_leads_nowhere_is_named }
