//! Random query strings over REST, put to an app in memory and to the same one on SQLite: the answers are the same, letter for letter,
//! none is a fault of the server, and nothing hidden is in any of them.
//!
//! 1,500 queries in the usual run, 60,000 with `LARDER_LONG` (`cargo xtask test --long`).

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, Dice, rounds, seed};
use serde_json::{Value, json};

#[path = "agree_over_rest/questions.rs"]
mod questions;
#[path = "agree_over_rest/records.rs"]
mod records;

use questions::query;
use records::post;

const CANARY: &str = "canary-77";

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/teams", id(client), rules(read = "open=true", write = "true"))]
struct Team {
    #[model(id)]
    id: String,
    title: String,
    open: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/users",
    id(client),
    rules(read = "public=true|id=$actor.id", write = "true")
)]
struct User {
    #[model(id)]
    id: String,
    name: Option<String>,
    age: Option<i64>,
    public: bool,
    #[serde(default)]
    team: Option<ModelLink<Team>>,
    #[serde(default)]
    info: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Draft,
    Published,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Line {
    sku: i64,
    note: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/posts",
    id(client),
    rules(read = "open=true|author=$actor.id", write = "true"),
    page = 7
)]
#[model(search(
    title = contains,
    status = eq,
    n = scan(eq),
    big = scan(ge),
    f = scan(lt),
    price = scan(eq),
    day = scan(ge),
    at = scan(lt),
    uid = eq,
    open = scan(eq),
    tags = contains,
    sizes = size,
    lines = contains,
    any = eq,
    any.a = eq,
    point = within,
    author = scan(eq),
    author.name = scan(starts_with),
    author.age = scan(ge),
    author.info = eq,
    author.team.title = scan(eq),
))]
#[model(sort(title, status, n, big, f, price, day, at, uid, open, tags, any, author, author.name, author.age, author.team.title))]
#[model(default_sort = "-n,author.name")]
struct Post {
    #[model(id)]
    id: String,
    author: ModelLink<User>,
    title: String,
    status: Status,
    n: Option<i64>,
    big: Option<u64>,
    f: Option<f64>,
    price: Option<rust_decimal::Decimal>,
    day: Option<chrono::NaiveDate>,
    at: Option<chrono::DateTime<chrono::Utc>>,
    uid: Option<uuid::Uuid>,
    open: bool,
    tags: Vec<String>,
    sizes: Vec<i64>,
    lines: Vec<Line>,
    any: Option<Value>,
    point: Option<Vec<f64>>,
    #[serde(default)]
    #[model(server_only)]
    vault: Option<Secret<String>>,
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Team, User, Post])
        .store("main", backend.store())
        .secret("a secret of the tests that is long enough for cursors")
        .identity(DevelopmentHeader);
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    let put = async |path: String, body: Value| {
        client.put(&path, body).go().await.is(201);
    };
    for (id, open) in [("t0", true), ("t1", false)] {
        put(format!("/teams/{id}"), json!({"title": id, "open": open})).await;
    }
    let mut dice = Dice::new(7);
    for at in 0..4 {
        // The last one can only be read by himself.
        let hidden = json!({"name": CANARY, "age": 4242, "public": false, "team": "t0", "info": {"a": CANARY}});
        let name = [json!("a"), json!("ab"), Value::Null][at % 3].clone();
        let age = [json!(1), Value::Null, json!(2)][at % 3].clone();
        let team = ["t0", "t1", "t9"][at % 3];
        let open =
            json!({"name": name, "age": age, "public": true, "team": team, "info": {"a": 1}});
        put(format!("/users/u{at}"), if at == 3 { hidden } else { open }).await;
    }
    for at in 0..40 {
        put(format!("/posts/p{:02}", at * 7 % 41), post(&mut dice, at)).await;
    }
    let system = app.as_system("test");
    for mut one in system.query::<Post>().all().await.unwrap() {
        one.vault = Some(Secret::new(CANARY.to_owned()));
        one.save().await.unwrap();
    }
    client
}

fn link(answer: &Answer) -> Option<String> {
    let link = answer.header("link").strip_prefix('<')?;
    Some(link.split_once('>')?.0.to_owned())
}

#[tokio::test]
async fn both_stores_answer_alike() {
    let (memory, sqlite) = (Backend::memory(), Backend::sqlite().await);
    let (memory, sqlite) = (client(&memory).await, client(&sqlite).await);
    let start = seed().unwrap_or(20_261_122);
    let mut found = [0_usize; 2];
    for at in 0..rounds(1_500, 60_000) {
        let mut dice = Dice::new(start.wrapping_add(at as u64));
        let path = match dice.below(20) {
            0 => format!("/posts/_count?{}", query(&mut dice)),
            1 => format!("/posts/p07?{}", query(&mut dice)),
            _ => format!("/posts?{}", query(&mut dice)),
        };
        let who = dice.of(&["", "", "u0", "u3"]);
        let range = dice.of(&[
            "",
            "",
            "",
            "items=0-2",
            "items=3-",
            "items=18446744073709551615-",
            "items=2-18446744073709551615",
        ]);
        let prefer = dice.of(&["", "", "count=none"]);
        let ask = async |client: &Client, path: &str| {
            let mut ask = client.get(path).by(who);
            for (name, value) in [("range", range), ("prefer", prefer)] {
                if !value.is_empty() {
                    ask = ask.header(name, value);
                }
            }
            ask.go().await
        };
        let mut path = path;
        for _ in 0..3 {
            let (one, other) = (ask(&memory, &path).await, ask(&sqlite, &path).await);
            let shown = || {
                format!(
                    "by `{who}` {range} {prefer}, number {at}: {path}\n{}\n{}",
                    one.text(),
                    other.text()
                )
            };
            assert!(one.status < 500 && other.status < 500, "{}", shown());
            assert_eq!(
                (one.status, one.text()),
                (other.status, other.text()),
                "{}",
                shown()
            );
            for header in ["content-range", "link"] {
                let (one, other) = (one.header(header), other.header(header));
                assert_eq!(one, other, "{header}: {}", shown());
            }
            let shows = |what: &str| one.text().contains(what);
            let hidden = who != "u3" && (shows(CANARY) || shows("4242"));
            assert!(!hidden, "{}", shown());
            assert!(!one.text().contains("\"vault\":"), "{}", shown());
            found[usize::from(one.status != 200)] += 1;
            match link(&one) {
                Some(next) if range.is_empty() => path = next,
                _ => break,
            }
        }
    }
    // Most queries are understood, and many are not.
    assert!(found[0] > found[1] / 2 && found[1] > 50, "{found:?}");
}
