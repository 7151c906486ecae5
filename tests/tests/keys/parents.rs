//! Ids of which a part is a parent: it stands in the segment of the parent, and the last segment holds the rest.

use larder::prelude::*;
use larder::{FieldDef, Key, MemoryStore, Model, ModelDef, Operation};
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

use super::faults;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", id(client), rules(read = "open=true", write = "true"))]
struct Post {
    #[model(id)]
    id: String,
    open: bool,
    notes: ModelRelated<Note>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts/{post}/notes", rules(read = "true", write = "true"))]
#[model(search(text = eq), sort(number))]
struct Note {
    #[model(id)]
    post: ModelParent<Post>,
    #[model(id)]
    number: u32,
    text: String,
    replies: ModelRelated<Reply>,
}

/// A part is a parent whose own id has a parent in it. With hooks: the same must hold on the way with a transaction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/posts/{post}/notes/{note}/replies",
    rules(read = "true", write = "true")
)]
struct Reply {
    post: ModelParent<Post>,
    #[model(id)]
    note: ModelParent<Note>,
    #[model(id)]
    name: String,
    #[serde(default)]
    writes: u32,
    see: Option<ModelLink<Reply>>,
}

#[model_impl]
impl Reply {
    #[before(save)]
    fn count(&mut self) -> Result<()> {
        self.writes += 1;
        Ok(())
    }

    #[action(allow = "true")]
    async fn key_text(&self) -> Result<String> {
        Ok(self.to_key().to_string())
    }

    #[action(global, method = GET, allow = "true")]
    async fn newest(cx: &Ctx) -> Result<String> {
        Ok(format!("{:?}", cx.parent("note")))
    }
}

/// Its URL does not name the post, so the note's id stands there whole. Two parts of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes/{note}/votes", rules(read = "true", write = "true"))]
struct Vote {
    #[model(id)]
    by: String,
    #[model(id)]
    note: ModelParent<Note>,
    #[model(id)]
    round: i64,
    up: bool,
}

async fn app(backend: &Backend) -> App {
    let app = App::builder()
        .models(models![Post, Note, Reply, Vote])
        .store("main", backend.store());
    app.build().await.unwrap()
}

async fn client(backend: &Backend) -> Client {
    let client = Client::new(&app(backend).await);
    for (id, open) in [("p1", true), ("p2", true), ("shut", false)] {
        client
            .put(&format!("/posts/{id}"), json!({"open": open}))
            .go()
            .await
            .is(201);
    }
    client
}

scenarios![
    the_parent_is_in_the_url,
    only_through_its_own,
    parents_of_parents,
    the_whole_id_where_the_url_names_no_more,
    from_code
];

async fn the_parent_is_in_the_url(backend: Backend) {
    let client = client(&backend).await;
    let body = json!({"number": 3, "text": "x", "post": "p2"});
    let made = client
        .post("/posts/p1/notes", body.clone())
        .go()
        .await
        .is(201);
    assert_eq!(made.header("location"), "/posts/p1/notes/3");
    let whole = json!({"post": "p1", "number": 3, "text": "x"});
    assert_eq!(made.json(), whole, "a parent in a body is ignored");
    assert_eq!(
        client.get("/posts/p1/notes/3").go().await.is(200).json(),
        whole
    );
    // The number is taken under this post, and not under the other.
    let taken = client
        .post("/posts/p1/notes", body.clone())
        .go()
        .await
        .is(409)
        .json();
    assert_eq!(faults(&taken), [("post", "unique"), ("number", "unique")]);
    client.post("/posts/p2/notes", body).go().await.is(201);
    let none = client
        .post("/posts/p1/notes", json!({"text": "x"}))
        .go()
        .await
        .is(422)
        .json();
    assert_eq!(faults(&none), [("number", "required")]);

    let put = client
        .put("/posts/p1/notes/10", json!({"text": "y"}))
        .go()
        .await
        .is(201);
    assert_eq!(put.header("location"), "/posts/p1/notes/10");
    let back = put.json();
    assert_eq!(back, json!({"post": "p1", "number": 10, "text": "y"}));
    client.put("/posts/p1/notes/10", back).go().await.is(200);
    let moved = json!({"post": "p2", "number": 11, "text": "z"});
    let moved = client
        .put("/posts/p1/notes/10", moved)
        .go()
        .await
        .is(422)
        .json();
    assert_eq!(faults(&moved), [("number", "id")]);
    let elsewhere = json!({"post": "p2", "text": "patched"});
    let patched = client
        .patch("/posts/p1/notes/10", elsewhere)
        .go()
        .await
        .is(200)
        .json();
    assert_eq!(
        patched,
        json!({"post": "p1", "number": 10, "text": "patched"})
    );
    let moved = json!({"number": 4});
    client.patch("/posts/p1/notes/10", moved).go().await.is(422);

    let list = client.get("/posts/p1/notes").go().await.is(200);
    assert_eq!(list.each("number"), [json!(3), json!(10)]);
    let down = client
        .get("/posts/p1/notes?sortBy=-number&limit=1")
        .go()
        .await
        .is(200);
    assert_eq!(down.each("number"), [json!(10)]);
    assert_eq!(
        client.get("/posts/p1/notes/_count").go().await.json(),
        json!({"count": 2})
    );
    client.delete("/posts/p1/notes/10").go().await.is(204);
    client.get("/posts/p1/notes/10").go().await.is(404);
}

async fn only_through_its_own(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/posts/p1/notes/3", json!({"text": "x"}))
        .go()
        .await
        .is(201);
    for url in [
        "/posts/p2/notes/3",
        "/posts/p1/notes/4",
        "/posts/p1/notes/p1,3",
        "/posts/p1/notes/x",
        "/posts/p1/notes/-1",
        "/posts/shut/notes/3",
        "/posts/gone/notes/3",
    ] {
        client.get(url).go().await.is(404);
        client
            .patch(url, json!({"text": "stolen"}))
            .go()
            .await
            .is(404);
        client.delete(url).go().await.is(404);
    }
    // Nothing is added under a post that is not there, or not to be seen.
    for post in ["shut", "gone"] {
        let body = json!({"number": 1, "text": "x"});
        client
            .post(&format!("/posts/{post}/notes"), body.clone())
            .go()
            .await
            .is(404);
        client
            .put(&format!("/posts/{post}/notes/1"), body)
            .go()
            .await
            .is(404);
    }
    let still = client.get("/posts/p1/notes/3").go().await.is(200).json();
    assert_eq!(still["text"], "x");
}

async fn parents_of_parents(backend: Backend) {
    let client = client(&backend).await;
    for post in ["p1", "p2"] {
        let url = format!("/posts/{post}/notes/3");
        client.put(&url, json!({"text": "x"})).go().await.is(201);
    }
    let replies = "/posts/p1/notes/3/replies";
    let made = client
        .post(replies, json!({"name": "a"}))
        .go()
        .await
        .is(201);
    assert_eq!(made.header("location"), format!("{replies}/a"));
    let whole = json!({"post": "p1", "note": "p1,3", "name": "a", "writes": 1, "see": null});
    assert_eq!(made.json(), whole);
    assert_eq!(
        client
            .get(&format!("{replies}/a"))
            .go()
            .await
            .is(200)
            .json(),
        whole
    );
    assert_eq!(
        client.get(replies).go().await.is(200).json(),
        json!([whole])
    );
    for url in [
        "/posts/p2/notes/3/replies/a",
        "/posts/p1/notes/4/replies/a",
        "/posts/p1/notes/p1,3/replies/a",
        "/posts/p1/notes/x/replies/a",
    ] {
        client.get(url).go().await.is(404);
    }
    for nowhere in ["/posts/p1/notes/4/replies", "/posts/gone/notes/3/replies"] {
        client
            .post(nowhere, json!({"name": "b"}))
            .go()
            .await
            .is(404);
    }
    // The last segment is a text like any other id of one field: it can't be what something else is called there.
    for reserved in ["", "_count", "newest", ".."] {
        let refused = client
            .post(replies, json!({"name": reserved}))
            .go()
            .await
            .is(422)
            .json();
        assert_eq!(faults(&refused), [("name", "id")], "{reserved}");
    }
    for text in ["a,b~c", "~", "é /?#", "%2C"] {
        let made = client
            .post(replies, json!({"name": text, "see": "p1~13,a"}))
            .go()
            .await
            .is(201);
        let url = made.header("location").to_owned();
        let read = client.get(&url).go().await.is(200).json();
        assert_eq!(
            (&read["name"], &read["see"]),
            (&json!(text), &json!("p1~13,a")),
            "{url}"
        );
        client.delete(&url).go().await.is(204);
    }
    let text = client
        .ask("PUT", &format!("{replies}/a/key_text"))
        .go()
        .await
        .is(200)
        .json();
    assert_eq!(text, "p1~13,a", "the text that links have");
    client
        .ask("PUT", "/posts/p2/notes/3/replies/a/key_text")
        .go()
        .await
        .is(404);
    let newest = client
        .get(&format!("{replies}/newest"))
        .go()
        .await
        .is(200)
        .json();
    assert!(newest.as_str().unwrap().contains("p1,3"), "{newest}");
    let put = client
        .put(&format!("{replies}/a"), json!({"note": "p2,3"}))
        .go()
        .await
        .is(200);
    assert_eq!(put.json()["note"], "p1,3");
}

async fn the_whole_id_where_the_url_names_no_more(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/posts/p1/notes/3", json!({"text": "x"}))
        .go()
        .await
        .is(201);
    let votes = "/notes/p1,3/votes";
    let body = json!({"by": "ann", "round": 1, "up": true});
    let made = client.post(votes, body).go().await.is(201);
    assert_eq!(made.header("location"), format!("{votes}/ann,1"));
    let whole = json!({"by": "ann", "note": "p1,3", "round": 1, "up": true});
    assert_eq!(
        client
            .get(&format!("{votes}/ann,1"))
            .go()
            .await
            .is(200)
            .json(),
        whole
    );
    for url in [
        "/notes/p2,3/votes/ann,1",
        "/notes/p1,3/votes/ann",
        "/notes/3/votes/ann,1",
    ] {
        client.get(url).go().await.is(404);
    }
    client
        .post(
            "/notes/p1,4/votes",
            json!({"by": "a", "round": 1, "up": true}),
        )
        .go()
        .await
        .is(404);
}

async fn from_code(backend: Backend) {
    let app = app(&backend).await;
    let session = app.as_system("a test");
    let post = Post {
        id: "p,1".to_owned(),
        open: true,
        notes: ModelRelated::new(),
    };
    let post = session.create(&post).await.unwrap();
    let note = |number| Note {
        post: ModelParent::from(&post),
        number,
        text: String::new(),
        replies: ModelRelated::new(),
    };
    session
        .create_many(&[note(2), note(10), note(1)])
        .await
        .unwrap();
    let mut two = session.get::<Note>(("p,1", 2)).await.unwrap();
    assert_eq!(two.key().into_owned(), (ModelParent::from(&post), 2));
    let link = ModelLink::<Note>::from(&two);
    assert_eq!(link.key().to_string(), "p~11,2");
    for same in [
        Key::from("p~11,2"),
        Key::from(&link),
        Key::from((ModelParent::<Post>::from(&post), 2_u32)),
    ] {
        assert_eq!(*session.get::<Note>(same).await.unwrap(), *two);
    }
    two.text = "changed".to_owned();
    two.save().await.unwrap();
    let reply = Reply {
        post: ModelParent::from(&post),
        note: ModelParent::from(&two),
        name: "r".to_owned(),
        writes: 0,
        see: None,
    };
    session.create(&reply).await.unwrap();
    assert_eq!(two.related(Note::REPLIES).count().await.unwrap(), 1);
    let numbers = post
        .related(Post::NOTES)
        .sort(Note::NUMBER.ascending())
        .all()
        .await
        .unwrap();
    let numbers: Vec<u32> = numbers.iter().map(|note| note.number).collect();
    assert_eq!(numbers, [1, 2, 10]);
    let notes = session.model("Note");
    let made = notes
        .create(&json!({"post": "p,1", "number": 7, "text": "t"}))
        .await
        .unwrap();
    assert_eq!(made.key().unwrap().to_string(), "p~11,7");
    notes.delete("p~11,7").await.unwrap();
    let missing = notes
        .create(&json!({"number": 7, "text": "t"}))
        .await
        .unwrap_err();
    assert_eq!(missing.fields()[0].field, "post");
    assert!(
        session
            .find::<Reply>(("p~11,2", "newest"))
            .await
            .unwrap()
            .is_none()
    );
    session.delete::<Note>(("p,1", 10)).await.unwrap();
    assert_eq!(session.count::<Note>().await.unwrap(), 2);
}

#[tokio::test]
async fn what_openapi_says() {
    let client = client(&Backend::memory()).await;
    let api = client.get("/openapi.json").go().await.is(200).json();
    let parameters = &api["paths"]["/posts/{post}/notes/{note}/replies/{id}"]["parameters"];
    let note = &parameters[1];
    assert_eq!(
        (&note["name"], &note["schema"]["type"]),
        (&json!("note"), &json!("integer"))
    );
    assert_eq!(
        note["description"],
        "The id of the Note that it belongs to, without the part that stands in the path before."
    );
    assert_eq!(
        parameters[2]["description"],
        "The `name` of the Reply, whose id it is together with what stands before it in the path."
    );
    let vote = &api["paths"]["/notes/{note}/votes/{id}"]["parameters"];
    assert_eq!(
        vote[0]["description"],
        "The id of the Note that it belongs to."
    );
    let text = vote[1]["description"].as_str().unwrap();
    assert!(text.contains("its `by`, `round`, in this order"), "{text}");
    let note = &api["components"]["schemas"]["Note.input"];
    assert_eq!(note["required"], json!(["number", "text"]));
    assert_eq!(note["properties"]["post"]["readOnly"], true);
}

#[tokio::test]
async fn by_hand() {
    let text = || json!({"type": "string"});
    let line = || {
        ModelDef::new("Line")
            .url("/orders/{order}/lines")
            .field(FieldDef::new("order", text()).id().parent("order"))
            .field(FieldDef::new("number", json!({"type": "integer"})).id())
            .rule(Operation::Read, "true")
            .rule(Operation::Create, "true")
    };
    let build = async |def: ModelDef| {
        let app = App::builder().model(def).store("main", MemoryStore::new());
        app.build().await
    };
    let client = Client::new(&build(line()).await.unwrap());
    let made = client
        .post("/orders/o1/lines", json!({"number": 2}))
        .go()
        .await
        .is(201);
    assert_eq!(made.header("location"), "/orders/o1/lines/2");
    assert_eq!(
        client.get("/orders/o1/lines/2").go().await.is(200).json(),
        json!({"order": "o1", "number": 2})
    );
    let only = ModelDef::new("Pair")
        .url("/a/{a}/b/{b}/pairs")
        .field(FieldDef::new("a", text()).id().parent("a"))
        .field(FieldDef::new("b", text()).id().parent("b"));
    let told = build(only).await.unwrap_err();
    assert!(
        told.message().contains("every part of the id is a parent"),
        "{told}"
    );
    let one = ModelDef::new("Profile")
        .url("/users/{user}/profiles")
        .field(FieldDef::new("user", text()).id().parent("user"));
    let told = build(one).await.unwrap_err();
    assert!(
        told.message()
            .contains("`id` and `parent` can't both be given"),
        "{told}"
    );
}
