//! An id in a body beside the one in the path: equal, or refused.

use larder::prelude::*;
use larder::{ErrorKind, Key};
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

use super::faults;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/plain", rules(read = "true", write = "true"))]
struct Plain {
    #[model(id)]
    id: Id<Plain>,
    text: String,
}

/// The client chooses.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/chosen", id(client), rules(read = "true", write = "true"))]
struct Chosen {
    #[model(id)]
    id: i64,
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/pairs", rules(read = "true", write = "true"))]
struct Pair {
    #[model(id)]
    a: String,
    #[model(id)]
    b: uuid::Uuid,
    text: String,
}

/// With a hook: the same must hold on the way with a transaction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/hooked", rules(read = "true", write = "true"))]
struct Hooked {
    #[model(id)]
    id: uuid::Uuid,
    text: String,
}

#[model_impl]
impl Hooked {
    #[before(save)]
    fn nothing(&mut self) -> Result<()> {
        Ok(())
    }
}

const ONE: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";
const OTHER: &str = "67e55044-10b1-426f-9247-bb680e5fe0c9";

/// A path, the id in it as a body has it, and members of other ids.
type Case<'a> = (&'a str, Value, Vec<(&'a str, Value)>);

async fn app(backend: &Backend) -> App {
    let models = models![Plain, Chosen, Pair, Hooked];
    let app = App::builder().models(models).store("main", backend.store());
    app.build().await.unwrap()
}

scenarios![put_and_patch, post, from_code];

async fn put_and_patch(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    let pair = format!("/pairs/x,{ONE}");
    let cases: [Case<'_>; 4] = [
        (
            "/plain/x",
            json!({"id": "x"}),
            vec![("id", json!("y")), ("id", json!(7)), ("id", Value::Null)],
        ),
        (
            "/chosen/7",
            json!({"id": 7}),
            vec![("id", json!(8)), ("id", Value::Null)],
        ),
        (
            &pair,
            json!({"a": "x", "b": ONE.to_uppercase()}),
            vec![("a", json!("y")), ("b", json!(OTHER))],
        ),
        (
            &format!("/hooked/{ONE}"),
            json!({"id": ONE.to_uppercase()}),
            vec![("id", json!(OTHER)), ("id", json!({"deep": [ONE]}))],
        ),
    ];
    for (url, same, others) in cases {
        let with = |more: &Value, text: &str| {
            let mut body = more.clone();
            body["text"] = json!(text);
            body
        };
        // Refused where it would add a record, and where it would replace or change one.
        for there in [false, true] {
            for (field, other) in &others {
                let mut body = same.clone();
                body[field] = other.clone();
                let put = client
                    .put(url, with(&body, "moved"))
                    .go()
                    .await
                    .is(422)
                    .json();
                assert_eq!(faults(&put)[0].0, *field, "{url} {body}");
                if there {
                    let patch = client
                        .patch(url, with(&body, "moved"))
                        .go()
                        .await
                        .is(422)
                        .json();
                    assert_eq!(faults(&patch)[0].0, *field, "{url} {body}");
                } else {
                    client.get(url).go().await.is(404);
                }
            }
            let put = client.put(url, with(&same, "put")).go().await;
            put.is(if there { 200 } else { 201 });
        }
        client
            .put(url, json!({"text": "without"}))
            .go()
            .await
            .is(200);
        let patched = client.patch(url, with(&same, "patched")).go().await.is(200);
        assert_eq!(patched.json()["text"], "patched");
        // What was read goes back as it is.
        client.put(url, patched.json()).go().await.is(200);
    }
    let put = client.put("/plain/x", json!({"id": "y", "text": "moved"}));
    assert_eq!(
        put.go().await.is(422).json()["errors"][0],
        json!({"field": "id", "pointer": "/id", "message": "is the id, which is `x` here, and never changes", "code": "id"})
    );
}

/// A POST has no path to compare with: there it is chosen, or of no account.
async fn post(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    for ignored in [json!("y"), json!({"deep": 1}), json!("_count"), Value::Null] {
        let body = json!({"id": ignored, "text": "x"});
        let made = client.post("/plain", body).go().await.is(201).json();
        assert_ne!(made["id"], ignored);
    }
    let body = json!({"id": 9, "text": "x"});
    let made = client.post("/chosen", body).go().await.is(201);
    assert_eq!(made.header("location"), "/chosen/9");
}

async fn from_code(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("a test");
    let plain = Plain {
        id: Id::from("x"),
        text: "x".to_owned(),
    };
    let mut made = system.create(&plain).await.unwrap();
    made.id = Id::from("y");
    made.text = "y".to_owned();
    let moved = made.save().await.unwrap_err();
    assert_eq!(moved.kind(), ErrorKind::Invalid);
    assert_eq!(
        moved.message(),
        "id: is the id, which is `x` here, and never changes"
    );
    // It still is the record that was read.
    made.load().await.unwrap();
    assert_eq!((made.id.as_str(), made.text.as_str()), ("x", "x"));
    made.id = Id::from("y");
    made.delete().await.unwrap();
    assert_eq!(system.count::<Plain>().await.unwrap(), 0);
    let pair = Pair {
        a: "x".to_owned(),
        b: ONE.parse().unwrap(),
        text: "x".to_owned(),
    };
    let mut made = system.create(&pair).await.unwrap();
    (made.a, made.b) = ("y".to_owned(), OTHER.parse().unwrap());
    let moved = made.save().await.unwrap_err();
    let fields: Vec<&str> = moved.fields().iter().map(|fault| &*fault.field).collect();
    assert_eq!(fields, ["a", "b"]);
    // By the name of the model.
    let chosen = system.model("Chosen");
    chosen.create(&json!({"id": 7, "text": "x"})).await.unwrap();
    let moved = chosen
        .change(Key::from(7), &json!({"id": 8}))
        .await
        .unwrap_err();
    assert_eq!(moved.fields()[0].field, "id");
    let same = json!({"id": 7, "text": "y"});
    chosen.change(Key::from(7), &same).await.unwrap();
}
