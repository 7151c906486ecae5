//! The page of ten mistakes (`docs/guide/mistakes.md`) says word for word what larder says: the compiler's answers are compared
//! with those of the UI tests, the others with what happens here. `MISTAKES=overwrite` writes the page's blocks anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use larder::MemoryStore;
use larder::prelude::*;
use larder_tests::Client;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users")]
struct User {
    #[model(id)]
    id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts")]
struct Post {
    #[model(id)]
    id: String,
    author: ModelLink<User>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts")]
struct Article {
    #[model(id)]
    id: String,
}

/// A post that is kept elsewhere.
mod archived {
    use larder::prelude::*;

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/posts", store = "archive")]
    pub(super) struct Post {
        #[model(id)]
        id: String,
    }
}

async fn fault(models: larder::ModelSet) -> String {
    let app = App::builder()
        .models(models)
        .store("main", MemoryStore::new());
    app.build().await.unwrap_err().to_string()
}

/// What the first request to a model without rules is answered with.
async fn no_rule() -> String {
    let app = App::builder()
        .models(models![Post, User])
        .store("main", MemoryStore::new())
        .mode(larder::Mode::Development)
        .build()
        .await
        .unwrap();
    let answer = Client::new(&app).get("/posts").go().await;
    format!(
        "{} {}",
        answer.status,
        answer.json()["detail"].as_str().unwrap()
    )
}

/// What a process of this test's own says with a variable of its environment set.
fn child(test: &str, variable: &str, value: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(variable, value)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, rest) = text.split_once("<<").expect("what the child says");
    rest.split_once(">>").unwrap().0.to_owned()
}

fn port_taken() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    child("serves", "LISTEN", &address).replace(&address, "127.0.0.1:3000")
}

#[tokio::test]
#[ignore = "run in a process of its own"]
#[expect(clippy::print_stdout, reason = "its parent reads it")]
async fn serves() {
    let error = larder::serve(axum::Router::new()).await.unwrap_err();
    println!("<<{error:?}>>");
}

#[tokio::test]
#[ignore = "run in a process of its own"]
#[expect(clippy::print_stdout, reason = "its parent reads it")]
async fn opens() {
    let error = store::from_env("memory:").await.unwrap_err();
    println!("<<{error:?}>>");
}

/// Every answer at start-up by the name that the page gives it.
async fn startup() -> BTreeMap<&'static str, String> {
    let database = |url: &str| child("opens", "DATABASE_URL", url);
    BTreeMap::from([
        ("forgotten_registration", fault(models![Post]).await),
        (
            "two_models_on_one_url",
            fault(models![Post, User, Article]).await,
        ),
        ("no_rule", no_rule().await),
        ("unknown_store", fault(models![archived::Post]).await),
        ("port_taken", port_taken()),
        (
            "bad_database_url",
            database("postgress://ann:secret@db/blog"),
        ),
        (
            "bad_database_path",
            database("sqlite:no/such/folder/blog.db"),
        ),
    ])
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first error of a UI test, and its source.
fn compiled(name: &str) -> (String, String) {
    let file = folder("tests/ui/fail").join(name);
    let errors = read(&file.with_extension("stderr"));
    // Errors are separated by an empty line and begin at the margin.
    let first = errors
        .find("\n\nerror")
        .map_or(&*errors, |end| &errors[..end]);
    (
        first.trim_end().to_owned(),
        read(&file.with_extension("rs")),
    )
}

/// The text of the first fenced block of a kind, and where it stands.
fn block<'a>(text: &'a str, fence: &str) -> Option<(usize, &'a str)> {
    let start = text.find(fence)? + fence.len();
    let end = start + text[start..].find("\n```")?;
    Some((start, &text[start..end]))
}

#[tokio::test]
async fn the_page_says_what_larder_says() {
    let path = folder("../docs/guide/mistakes.md");
    let page = read(&path);
    let mut startup = startup().await;
    let mut parts = page.split("<!-- says: ");
    let mut written = parts.next().unwrap().to_owned();
    for part in parts {
        let (mark, _) = part.split_once(" -->").expect("an end of the mark");
        let (kind, name) = mark.split_once(' ').expect("a kind and a name");
        let says = if kind == "ui" {
            let (says, source) = compiled(name);
            let (_, code) = block(part, "```rust,ignore\n").expect("what was written");
            assert!(source.contains(code), "{name} has no\n{code}");
            says
        } else {
            startup
                .remove(name)
                .unwrap_or_else(|| panic!("no answer {name}"))
        };
        let (at, told) = block(part, "```text\n").expect("an answer");
        written.push_str("<!-- says: ");
        written.push_str(&part[..at]);
        written.push_str(&says);
        written.push_str(&part[at + told.len()..]);
    }
    assert!(startup.is_empty(), "not on the page: {startup:?}");
    assert_eq!(page.matches("\n## ").count(), 10, "ten mistakes");
    if std::env::var_os("MISTAKES").is_some_and(|wish| wish == "overwrite") {
        std::fs::write(&path, &written).unwrap();
        return;
    }
    assert_eq!(
        page, written,
        "run this with MISTAKES=overwrite and read the difference"
    );
}

/// What the page must say of each: where it is, and what to write.
#[tokio::test]
async fn each_answer_names_the_fix() {
    let answers = startup().await;
    for (name, fix) in [
        ("forgotten_registration", "add `User` to `models![..]`"),
        ("two_models_on_one_url", "give one of them another `url`"),
        ("no_rule", "write `#[model(rules(read = \"..\"))]`"),
        ("unknown_store", "add `.store(\"archive\", ..)`"),
        ("port_taken", "set LISTEN to another address"),
        ("bad_database_url", "did you mean `postgres:`?"),
        ("bad_database_path", "create it, or name another"),
    ] {
        assert!(answers[name].contains(fix), "{name}: {}", answers[name]);
    }
    assert!(!answers["bad_database_url"].contains("secret"));
    for (name, fix) in [
        (
            "newcomer/missing_derive",
            "add `Deserialize` to the derives of `Post`",
        ),
        (
            "newcomer/missing_json_schema",
            "add `JsonSchema` to the derives of `Post`",
        ),
        ("types/link_to_no_model", "`User` is not a larder model"),
        ("newcomer/field_in_a_rule", "did you mean `author`?"),
    ] {
        assert!(compiled(name).0.contains(fix), "{name}");
    }
}

/// Outside development nobody is told how the app is made.
#[tokio::test]
async fn production_says_nothing_of_rules() {
    let app = App::builder()
        .models(models![Post, User])
        .store("main", MemoryStore::new())
        .mode(larder::Mode::Production)
        .build()
        .await
        .unwrap();
    let client = Client::new(&app);
    for answer in [
        client.get("/posts/a").go().await,
        client.get("/posts").go().await,
    ] {
        assert!(!answer.text().contains("rule"), "{}", answer.text());
    }
}
