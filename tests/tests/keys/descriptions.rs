//! What OpenAPI says of such ids, and descriptions by hand.

use larder::prelude::*;
use larder::{FieldDef, MemoryStore, ModelDef, Operation};
use larder_tests::{Backend, Client};
use serde_json::{Value, json};

use super::client;

#[tokio::test]
async fn what_the_schemas_say() {
    let client = client(&Backend::memory()).await;
    let api = client.get("/openapi.json").go().await.is(200).json();
    let parameter = &api["paths"]["/flights/{id}"]["parameters"][0];
    assert_eq!(parameter["schema"], json!({"type": "string"}));
    assert_eq!(
        parameter["description"],
        "The id of the Flight: its `carrier`, `number`, `day`, in this order and joined by commas. Inside a part `~0` is a tilde and `~1` a comma."
    );
    let schemas = &api["components"]["schemas"];
    assert_eq!(
        schemas["Flight.input"]["required"],
        json!(["carrier", "number", "day"])
    );
    assert_eq!(schemas["Flight.replace"]["required"], Value::Null);
    assert_eq!(
        schemas["Flight.replace"]["properties"]["day"]["format"],
        "date"
    );
    let body = |method: &str, path: &str| {
        api["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            .clone()
    };
    assert_eq!(
        body("post", "/flights"),
        "#/components/schemas/Flight.input"
    );
    assert_eq!(
        body("put", "/flights/{id}"),
        "#/components/schemas/Flight.replace"
    );
    assert_eq!(
        body("put", "/flights/{flight}/seats/{id}"),
        "#/components/schemas/Seat.input"
    );
    let link = &schemas["Booking.output"]["properties"]["flight"];
    assert_eq!(
        (&link["type"], &link["x-link"]),
        (&json!("string"), &json!("Flight"))
    );
}

#[tokio::test]
async fn a_description_by_hand() {
    let schema = |text: &str| json!({"type": text});
    let def = || {
        ModelDef::new("Pair")
            .url("/pairs")
            .field(FieldDef::new("a", schema("string")).id())
            .field(FieldDef::new("b", schema("integer")).id())
            .rule(Operation::Read, "true")
            .rule(Operation::Create, "true")
    };
    let build = async |def: ModelDef| {
        let app = App::builder().model(def).store("main", MemoryStore::new());
        app.build().await
    };
    let client = Client::new(&build(def()).await.unwrap());
    let made = client
        .post("/pairs", json!({"a": "x", "b": 1}))
        .go()
        .await
        .is(201);
    assert_eq!(made.header("location"), "/pairs/x,1");
    let told = async |def: ModelDef| build(def).await.unwrap_err().message().to_owned();
    for (def, message) in [
        (
            def().client_id(),
            "`client_id` has no effect on an id of several fields",
        ),
        (
            def().database_id(),
            "`id(database)` and an id of several fields can't both be",
        ),
        (
            def().field(FieldDef::new("c", schema("number")).id()),
            "`c` can't be a part of the id of Pair",
        ),
        (
            def().field(FieldDef::new("c", json!({"type": ["string", "null"]})).id()),
            "`c` can't be a part of the id of Pair",
        ),
        (
            def().field(FieldDef::new("c", schema("object")).id()),
            "`c` can't be a part of the id of Pair",
        ),
        (
            def().field(FieldDef::new("c", schema("string")).id().unique()),
            "a field that is unique is an id by itself",
        ),
        (
            def().field(FieldDef::new("c", schema("string")).id().server_only()),
            "a record is found by its id",
        ),
    ] {
        let told = told(def).await;
        assert!(told.contains(message), "{told}");
    }
}
