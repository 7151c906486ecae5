//! Conditions as data, on models that are described by hand: JsonRestStores' `queryConditions`.

use larder::prelude::*;
use larder::{FieldDef, MemoryStore, ModelDef, Operation};
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

fn text() -> Value {
    json!({"type": "string"})
}

fn manager() -> ModelDef {
    ModelDef::new("Manager")
        .url("/managers")
        .client_id()
        .field(FieldDef::new("id", text()).id())
        .field(FieldDef::new("name", text()))
        .field(FieldDef::new("surname", text()))
        .field(FieldDef::new("age", json!({"type": "integer"})))
        .field(FieldDef::new("active", json!({"type": "boolean"})))
        .field(FieldDef::new(
            "boss",
            json!({"type": ["string", "null"], "x-link": "Manager"}),
        ))
        .field(FieldDef::new("pin", text()).server_only().default_to("0"))
        .rule(Operation::Read, "true")
        .rule(Operation::Create, "true")
        .rule(Operation::Update, "true")
        .default_sort("+id")
}

fn searched() -> ModelDef {
    manager()
        .parameter("surname_like", json!({"type": "string", "maxLength": 10, "description": "How the surname begins."}))
        .parameter("from", json!({"type": "integer"}))
        .parameter("all", text())
        .parameter("words", text())
        .parameter("boss_name", text())
        .conditions(json!({"type": "and", "args": [
            {"type": "and", "ifDefined": "surname_like", "args": [
                {"type": "startsWith", "args": ["surname", "#surname_like#"]},
                {"type": "eq", "args": ["active", true]},
            ]},
            {"type": "gte", "args": ["age", "#from#"]},
            {"type": "or", "ifDefined": "all", "ifNotDefined": "words", "args": [
                {"type": "startsWith", "args": ["name", "#all#"]},
                {"type": "startsWith", "args": ["surname", "#all#"]},
            ]},
            {"type": "each", "value": "words", "as": "word", "linkType": "and", "separator": " ", "args": [
                {"type": "or", "args": [
                    {"type": "contains", "args": ["name", "#word#"]},
                    {"type": "contains", "args": ["surname", "#word#"]},
                ]},
            ]},
            {"type": "eqIgnoreCase", "args": ["boss.name", "#boss_name#"]},
        ]}))
}

async fn conditions_are_data(backend: Backend) {
    let app = App::builder()
        .model(searched())
        .store("main", backend.store())
        .build()
        .await
        .unwrap();
    let client = Client::new(&app);
    for (id, name, surname, age, active, boss) in [
        ("1", "Tony", "Mobily", 37, true, None),
        ("2", "Chiara", "Mobily", 25, false, Some("1")),
        ("3", "Ana", "Tonyson", 60, true, Some("1")),
        ("4", "Bo", "Bo", 5, true, Some("3")),
    ] {
        let manager =
            json!({"name": name, "surname": surname, "age": age, "active": active, "boss": boss});
        client
            .put(&format!("/managers/{id}"), manager)
            .go()
            .await
            .is(201);
    }
    for (query, expected) in [
        ("", vec!["1", "2", "3", "4"]),
        // A value that is sent and counts for nothing in a truth test is sent all the same.
        ("from=0", vec!["1", "2", "3", "4"]),
        ("from=37", vec!["1", "3"]),
        ("surname_like=Mob", vec!["1"]),
        ("surname_like=", vec!["1", "3", "4"]),
        ("all=Tony", vec!["1", "3"]),
        ("all=Tony&from=38", vec!["3"]),
        ("words=Mob+ia", vec!["2"]),
        ("words=++Mob++", vec!["1", "2"]),
        ("words=+", vec!["1", "2", "3", "4"]),
        ("words=Bo&all=Tony", vec!["4"]),
        ("boss_name=tONY", vec!["2", "3"]),
    ] {
        let answer = client.get(&format!("/managers?{query}")).go().await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        assert_eq!(answer.each("id"), expected, "{query}");
    }
    for (query, field) in [
        ("from=old", "from"),
        ("surname_like=Mobilymobily", "surname_like"),
        ("surname=Mobily", "surname"),
        ("all==Tony", "all"),
        ("all=a&all=b", "all"),
        ("pin=0", "pin"),
    ] {
        let answer = client.get(&format!("/managers?{query}")).go().await.is(400);
        assert_eq!(
            answer.json()["errors"][0]["field"],
            field,
            "{}",
            answer.text()
        );
    }
}

async fn conditions_reach_into_fields(backend: Backend) {
    let place = json!({
        "type": "object",
        "properties": {"city": {"type": "string"}, "floor": {"type": "integer"}},
    });
    let def = ModelDef::new("Office")
        .url("/offices")
        .client_id()
        .field(FieldDef::new("id", text()).id())
        .field(FieldDef::new("place", place))
        .rule(Operation::Read, "true")
        .rule(Operation::Create, "true")
        .parameter("city", text())
        .parameter("above", json!({"type": "integer"}))
        .conditions(json!({"type": "and", "args": [
            {"type": "startsWith", "args": ["place.city", "#city#"]},
            {"type": "gt", "args": ["place.floor", "#above#"]},
        ]}));
    let app = App::builder().model(def).store("main", backend.store());
    let client = Client::new(&app.build().await.unwrap());
    for (id, city, floor) in [("1", "Rome", 1), ("2", "Rotterdam", 2), ("3", "Bergen", 3)] {
        let office = json!({"place": {"city": city, "floor": floor}});
        let put = client.put(&format!("/offices/{id}"), office);
        put.go().await.is(201);
    }
    for (query, expected) in [
        ("city=Ro", vec!["1", "2"]),
        ("above=1", vec!["2", "3"]),
        ("city=Ro&above=1", vec!["2"]),
    ] {
        let found = client.get(&format!("/offices?{query}")).go().await.is(200);
        assert_eq!(found.each("id"), expected, "{query}");
    }
}

async fn fault(def: ModelDef) -> String {
    let app = App::builder().model(def).store("main", MemoryStore::new());
    app.build().await.unwrap_err().message().to_owned()
}

#[tokio::test]
async fn mistakes_are_told_with_their_place() {
    let with = |tree: Value| {
        manager()
            .parameter("q", text())
            .parameter("n", json!({"type": "integer"}))
            .conditions(tree)
    };
    let both = |tree: Value| {
        with(json!({"type": "and", "args": [
            {"type": "eq", "args": ["name", "#q#"]}, {"type": "eq", "args": ["age", "#n#"]}, tree,
        ]}))
    };
    for (tree, expected) in [
        (
            json!(["name"]),
            "conditions.args[2]: a condition is an object with `type` and `args`",
        ),
        (
            json!({"args": []}),
            "conditions.args[2]: a condition has a `type`",
        ),
        (
            json!({"type": "and"}),
            "conditions.args[2]: a condition has `args`, a list",
        ),
        (
            json!({"type": "or", "args": [{"type": "is", "args": ["name", 1]}]}),
            "conditions.args[2].args[0].type: `is` is none of conditions",
        ),
        (
            json!({"type": "startsWit", "args": ["name", "a"]}),
            "conditions.args[2].type: `startsWit` is none of conditions",
        ),
        (
            json!({"type": "eq", "args": ["name"]}),
            "conditions.args[2].args: `eq` takes the name of a field and a value",
        ),
        (
            json!({"type": "eq", "args": ["name", "#p#"]}),
            "conditions.args[2].args[1]: there is no parameter `p`: declare it with `.parameter(\"p\", ..)`",
        ),
        (
            json!({"type": "eq", "args": ["name", "a"], "ifDefind": "q"}),
            "conditions.args[2]: it has `ifDefind`",
        ),
        (
            json!({"type": "and", "ifDefined": "q, x", "args": []}),
            "conditions.args[2].ifDefined: there is no parameter `x`",
        ),
        (
            json!({"type": "each", "as": "w", "args": []}),
            "conditions.args[2].value: `each` has a text here",
        ),
        (
            json!({"type": "each", "value": "n", "as": "w", "args": []}),
            "conditions.args[2].value: `n` is no text",
        ),
        (
            json!({"type": "each", "value": "q", "as": "n", "args": []}),
            "conditions.args[2].as: `n` is a name already",
        ),
        (
            json!({"type": "each", "value": "q", "as": "w", "linkType": "xor", "args": []}),
            "conditions.args[2].linkType: `xor` is neither",
        ),
        (
            json!({"type": "eq", "args": ["nme", "a"]}),
            "the conditions look at `nme`: Manager has no field `nme`; did you mean `name`?",
        ),
        (
            json!({"type": "eq", "args": ["pin", "a"]}),
            "the conditions look at `pin`: `pin` of Manager is server-only",
        ),
        (
            json!({"type": "eq", "args": ["boss.pin", "a"]}),
            "the conditions look at `boss.pin`: `pin` of Manager is server-only",
        ),
        (
            json!({"type": "eq", "args": ["age", "old"]}),
            "the conditions compare `age`, which is a whole number, with \"old\"",
        ),
        (
            json!({"type": "eq", "args": ["age", "#q#"]}),
            "the conditions compare `age`, which is a whole number, with `q`",
        ),
        (
            json!({"type": "contains", "args": ["age", "#n#"]}),
            "the conditions test `age` with `contains`, but it is a whole number",
        ),
    ] {
        let told = fault(both(tree)).await;
        assert!(told.contains(expected), "{told}\n{expected}");
    }
    for (def, expected) in [
        (
            manager().parameter("q", text()),
            "the parameter `q` filters nothing",
        ),
        (
            with(json!({"type": "eq", "args": ["name", "#q#"]})),
            "the conditions never ask for the parameter `n`",
        ),
        (
            manager()
                .parameter("limit", text())
                .conditions(json!({"type": "eq", "args": ["name", "#limit#"]})),
            "`limit` is a parameter of every list",
        ),
        (
            manager()
                .search("name", "eq")
                .parameter("name", text())
                .conditions(json!({"type": "eq", "args": ["name", "#name#"]})),
            "`name` is a parameter of another kind already",
        ),
    ] {
        let told = fault(def).await;
        assert!(told.contains(expected), "{told}\n{expected}");
    }
}

#[tokio::test]
async fn they_can_be_written_in_a_configuration() {
    let def = ModelDef::from_json(&json!({
        "name": "Note", "url": "/notes", "rules": {"read": "true"},
        "schema": {"properties": {"id": {"type": "string"}, "text": {"type": "string"}}, "required": ["text"]},
        "parameters": {"words": {"type": "string"}},
        "conditions": {"type": "each", "value": "words", "as": "word", "args": [{"type": "contains", "args": ["text", "#word#"]}]},
    }))
    .unwrap();
    let app = App::builder()
        .model(def)
        .store("main", MemoryStore::new())
        .build()
        .await
        .unwrap();
    let notes = app.as_system("a test").model("Note");
    for text in ["a tea", "tea", "no a"] {
        notes.create(&json!({"text": text})).await.unwrap();
    }
    let answer = Client::new(&app)
        .get("/notes?words=tea+a")
        .go()
        .await
        .is(200);
    assert_eq!(answer.each("text"), [json!("a tea"), json!("tea")]);
}

scenarios! { conditions_are_data, conditions_reach_into_fields }
