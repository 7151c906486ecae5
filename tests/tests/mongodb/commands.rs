//! How many commands a request takes, as the driver tells of each that it sends, and which index each of them uses.

use std::sync::{Arc, Mutex};

use larder::prelude::*;
use larder_mongodb::MongoStore;
use larder_tests::mongodb::Scratch;
use larder_tests::{Answer, Client, server};
use mongodb::bson::{Document, doc};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/authors", id(client), rules(read = "true", write = "true"))]
struct Author {
    #[model(id)]
    id: Id<Author>,
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes", id(client), page = 10)]
#[model(rules(read = "true", create = "true", write = "owner=$actor.id"))]
#[model(search(title = starts_with, status = eq, rank = ge, author.name = eq), sort(title, rank))]
struct Note {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: String,
    #[model(index)]
    author: ModelLink<Author>,
    #[model(index)]
    title: String,
    #[model(index)]
    status: String,
    #[model(index)]
    rank: i64,
    #[model(read_only)]
    #[serde(default)]
    score: i64,
}

/// The same, with a hook that changes the record.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/hooked", id(client), rules(read = "true", write = "true"))]
struct Hooked {
    #[model(id)]
    id: String,
    text: String,
}

#[model_impl]
impl Hooked {
    #[before(save)]
    async fn tidy(&mut self, _: &Ctx) -> Result<()> {
        self.text = self.text.trim().to_owned();
        Ok(())
    }
}

/// An app whose commands are told.
struct World {
    scratch: Scratch,
    client: Client,
    app: App,
    told: Arc<Mutex<Vec<String>>>,
}

impl World {
    async fn new() -> Option<Self> {
        let scratch = Scratch::new(&server("TEST_MONGODB_URL")?);
        let told = Arc::new(Mutex::new(Vec::new()));
        let names = told.clone();
        let store = MongoStore::builder(scratch.url())
            .on_command(move |name| names.lock().unwrap().push(name.to_owned()))
            .open()
            .await
            .unwrap();
        let app = App::builder()
            .models(models![Author, Note, Hooked])
            .identity(DevelopmentHeader)
            .store("main", store);
        let app = app.build().await.unwrap();
        Some(Self {
            client: Client::new(&app),
            scratch,
            app,
            told,
        })
    }

    /// The commands that something takes.
    async fn during<T>(&self, what: impl Future<Output = T>) -> (T, Vec<String>) {
        self.told.lock().unwrap().clear();
        let answer = what.await;
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        (answer, told)
    }

    async fn fill(&self) {
        let session = self.app.as_system("fill");
        let author = Author {
            id: "ann".into(),
            name: "Ann".to_owned(),
        };
        session.save(&author).await.unwrap();
        let notes: Vec<Note> = (0..300).map(|at| note(&format!("{at:04}"), at)).collect();
        session.create_many(&notes).await.unwrap();
    }
}

fn note(id: &str, at: i64) -> Note {
    Note {
        id: id.to_owned(),
        owner: "ann".to_owned(),
        author: ModelLink::new("ann"),
        title: format!("note {at:04}"),
        status: if at % 5 == 0 { "draft" } else { "done" }.to_owned(),
        rank: at / 100,
        score: 0,
    }
}

/// Beside each request the commands that the guide promises.
#[tokio::test]
async fn a_request_is_one_command_where_the_plan_allows_it() {
    let Some(world) = World::new().await else {
        return;
    };
    let body = json!({"author": "ann", "title": "t", "status": "draft", "rank": 1});
    let client = &world.client;
    let ask = |method: &str, path: &str| client.ask(method, path).by("ann");
    for (what, method, path, status, commands) in [
        ("create", "POST", "/notes", 201, &["insert"][..]),
        ("add at an id", "PUT", "/notes/a", 201, &["findAndModify"]),
        ("replace", "PUT", "/notes/a", 200, &["findAndModify"]),
        ("patch", "PATCH", "/notes/a", 200, &["findAndModify"]),
        ("get", "GET", "/notes/a", 200, &["find"]),
        ("get what is absent", "GET", "/notes/b", 404, &["find"]),
        ("list", "GET", "/notes", 200, &["aggregate"]),
        ("list without a total", "GET", "/notes", 200, &["find"]),
        (
            "replace under a tag",
            "PUT",
            "/notes/a",
            200,
            &["findAndModify"],
        ),
        ("delete under a tag", "DELETE", "/notes/a", 204, &["delete"]),
        // What did not find its record looks once more, to say why.
        (
            "delete what is absent",
            "DELETE",
            "/notes/a",
            404,
            &["delete", "find"],
        ),
    ] {
        let mut request = ask(method, path);
        if !matches!(method, "GET" | "DELETE") {
            request = request.json(&body);
        }
        if what.contains("tag") {
            let tag = client.get(path).go().await.etag();
            request = request.header("if-match", &tag);
        }
        if what.contains("without") {
            request = request.header("prefer", "count=none");
        }
        let (answer, told) = world.during(request.go()).await;
        answer.is(status);
        assert_eq!(told, commands, "{what}");
    }
    world.scratch.drop().await;
}

/// The exceptions, as the guide lists them.
#[tokio::test]
async fn what_takes_more_commands() {
    let Some(world) = World::new().await else {
        return;
    };
    world.fill().await;
    let client = &world.client;
    let hooked = |text: &str| client.put("/hooked/a", json!({"text": text}));
    // A write whose hook sees the old record is a transaction.
    let (answer, told) = world.during(hooked(" a ").go()).await;
    answer.is(201);
    assert_eq!(
        told.last().map(String::as_str),
        Some("commitTransaction"),
        "{told:?}"
    );
    // A batch is one transaction.
    let session = world.app.as_system("batch");
    let notes = [note("b1", 1), note("b2", 2)];
    let (made, told) = world.during(session.create_many(&notes)).await;
    made.unwrap();
    assert_eq!(told, ["insert", "commitTransaction"]);
    // What no index bounds is counted before.
    let path = "/notes?author.name=Ann&limit=3";
    let (answer, told) = world
        .during(client.get(path).header("prefer", "count=none").go())
        .await;
    answer.is(200);
    assert!(
        told.len() <= 2 && told.iter().all(|name| name == "aggregate"),
        "{told:?}"
    );
    // A thousand records come with one answer.
    let (all, told) = world
        .during(session.query::<Note>().limit(1000).all())
        .await;
    assert_eq!(all.unwrap().len(), 302);
    assert_eq!(told, ["find"]);
    world.scratch.drop().await;
}

/// The last command on the notes that the server ran, as its profiler has it.
async fn profiled(world: &World, path: &str) -> (Answer, Document) {
    let db = world.scratch.database().await;
    db.run_command(doc! { "profile": 2 }).await.unwrap();
    let request = world.client.get(path).header("prefer", "count=none");
    let answer = request.go().await.is(200);
    db.run_command(doc! { "profile": 0 }).await.unwrap();
    let seen = db.collection::<Document>("system.profile");
    let on_notes =
        doc! { "ns": format!("{}.notes", db.name()), "op": { "$in": ["query", "command"] } };
    let last = seen
        .find_one(on_notes)
        .sort(doc! { "ts": -1 })
        .await
        .unwrap();
    seen.drop().await.unwrap();
    (answer, last.unwrap())
}

fn number(document: &Document, name: &str) -> i64 {
    match document.get(name) {
        Some(mongodb::bson::Bson::Int32(number)) => i64::from(*number),
        Some(mongodb::bson::Bson::Int64(number)) => *number,
        other => panic!("{name}: {other:?}"),
    }
}

fn next(answer: &Answer) -> String {
    let link = answer.header("link");
    let target = link.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    target
        .unwrap_or_else(|| panic!("no next page: {link}"))
        .0
        .to_owned()
}

/// Filter and sort come from one index, which is walked for the records of the page alone, and so are pages deep inside.
#[tokio::test]
async fn pages_walk_their_index() {
    let Some(world) = World::new().await else {
        return;
    };
    world.fill().await;
    for (query, field) in [
        ("limit=10", "_id"),
        ("sort(rank)&limit=10", "rank"),
        ("sort(-rank)&limit=10", "rank"),
        ("rank=1&sort(rank)&limit=10", "rank"),
        ("status=draft&limit=10", "status"),
        ("title=note%20&sort(title)&limit=10", "title"),
    ] {
        // What is equal to the last value goes on by key, for which either direction of the index does.
        let indexes = [
            format!("IXSCAN {{ {field}: 1, _id: 1 }}"),
            format!("IXSCAN {{ {field}: -1, _id: 1 }}"),
            format!("IXSCAN {{ {field}: 1 }}"),
        ];
        let mut path = format!("/notes?{query}");
        for page in 1..=4 {
            let (answer, command) = profiled(&world, &path).await;
            let found = command.get_str("planSummary").unwrap();
            let mut scans = found
                .split_inclusive('}')
                .map(|scan| scan.trim_start_matches(", "));
            let by_index = scans.all(|scan| indexes.iter().any(|index| index == scan));
            assert!(by_index, "{query}, page {page}: {found}");
            assert_eq!(answer.each("id").len(), 10);
            // One more tells that there is a next page, and a few are looked at for another plan. A hundred have one rank.
            let looked = (
                number(&command, "keysExamined"),
                number(&command, "docsExamined"),
            );
            assert!(
                looked.0 <= 24 && looked.1 <= 24,
                "{query}, page {page}: {looked:?}"
            );
            assert!(
                !command.contains_key("hasSortStage"),
                "{query}, page {page}: {command}"
            );
            path = next(&answer);
        }
    }
    world.scratch.drop().await;
}
