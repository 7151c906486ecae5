//! The `curl` lines of the guide's quick start, sent to its own model: what comes back is what the chapter shows.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use larder_tests::{Answer, Client, Logs};
use serde_json::json;

const CHAPTER: &str = include_str!("../../docs/guide/quick-start.md");

/// The chapter's model, word for word; a test compares them.
#[expect(unreachable_pub, reason = "it is written as in the chapter")]
mod chapter {
    use larder::prelude::*;

    /// A note. Everybody reads it, its author alone changes it.
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/notes", timestamps)]
    #[model(rules(read = "true", create = "true", write = "author=$actor.id"))]
    #[model(search(text = contains, pinned = eq), sort(_created))]
    pub struct Note {
        #[model(id)]
        pub id: Id<Note>,
        #[model(owner)] // who created it; a client can't send it
        pub author: String,
        #[schemars(length(min = 1, max = 500))] // the schema is the validator
        pub text: String,
        #[serde(default)] // may be left out
        pub pinned: bool,
    }
}

#[test]
fn the_model_is_the_chapters() {
    let source = include_str!("guide.rs");
    let (_, after) = source.split_once("mod chapter {\n").unwrap();
    let (model, _) = after.split_once("\n}\n").unwrap();
    for line in model.lines() {
        let line = line.strip_prefix("    ").unwrap_or(line);
        assert!(CHAPTER.lines().any(|other| other == line), "{line}");
    }
}

/// One request of the chapter, and the lines under it.
struct Exchange {
    words: Vec<String>,
    expected: Vec<&'static str>,
}

fn exchanges() -> Vec<Exchange> {
    let mut found: Vec<Exchange> = Vec::new();
    let mut inside = false;
    for line in CHAPTER.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            found.push(Exchange {
                words: shell_words(command),
                expected: Vec::new(),
            });
        } else if let Some(last) = found.last_mut().filter(|_| inside && !line.is_empty()) {
            last.expected.push(line);
        }
    }
    found
}

/// Splits at spaces outside single quotes.
fn shell_words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for char in command.chars() {
        match char {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

/// What the chapter's ids, times and tags are in this run.
#[derive(Default)]
struct Learned(BTreeMap<String, String>);

impl Learned {
    fn translate(&self, text: &str) -> String {
        let replace = |text: String, (shown, real): (&String, &String)| text.replace(shown, real);
        self.0.iter().fold(text.to_owned(), replace)
    }

    /// Compares word by word; words that differ in every run are learned when they come first.
    fn compare(&mut self, shown: &str, real: &str) {
        let split = |text: &str| -> Vec<String> {
            let within = |char: char| char.is_alphanumeric() || "-:.".contains(char);
            text.split(|char| !within(char))
                .map(str::to_owned)
                .collect()
        };
        let (shown_words, real_words) = (split(shown), split(real));
        assert_eq!(shown_words.len(), real_words.len(), "{shown}\n{real}");
        for (one, other) in shown_words.into_iter().zip(real_words) {
            let varies = one.len() >= 15 && one.contains(|char: char| char.is_ascii_digit());
            if !varies {
                assert_eq!(one, other, "{shown}\n{real}");
                continue;
            }
            if one.len() == 36 {
                self.0.entry("ID".to_owned()).or_insert(other.clone());
            }
            let known = self.0.entry(one).or_insert(other.clone());
            assert_eq!(*known, other, "{shown}\n{real}");
        }
    }
}

async fn send(client: &Client, words: &[String], learned: &Learned) -> Answer {
    let (mut method, mut path, mut body, mut headers) = (None, None, None, Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || learned.translate(words.next().unwrap());
        match word.as_str() {
            "curl" | "-i" => {}
            "-X" => method = Some(value()),
            "-H" => headers.push(value()),
            "--json" => body = Some(value()),
            url => path = Some(learned.translate(url.strip_prefix("localhost:3000").unwrap())),
        }
    }
    let method = method.unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.to_owned());
    let mut ask = client.ask(&method, &path.unwrap());
    for header in &headers {
        let (name, value) = header.split_once(": ").unwrap();
        ask = ask.header(name, value);
    }
    match body {
        // As it stands: the faults come in the order of the fields that were sent.
        Some(body) => ask.raw(body).header("content-type", "application/json"),
        None => ask,
    }
    .go()
    .await
}

async fn client() -> Client {
    use larder::prelude::*;
    let app = App::builder()
        .models(models![chapter::Note])
        .store("main", larder::MemoryStore::new())
        .identity(DevelopmentHeader);
    Client::new(&app.build().await.unwrap())
}

#[tokio::test]
async fn a_refusal_is_one_line_of_the_log() {
    let client = client().await;
    let note = json!({"text": "Buy milk"});
    let made = client.post("/notes", note).by("ann").go().await.is(201);
    let path = made.header("location");
    for (actor, status) in [("bob", 403), ("", 401)] {
        let logs = Logs::default();
        let _guard = tracing::subscriber::set_default(logs.clone());
        client.delete(path).by(actor).go().await.is(status);
        let text = logs.text();
        assert_eq!(text.matches("the rule refused").count(), 1, "{text}");
        assert!(text.contains("author=$actor.id"), "{text}");
    }
}

#[tokio::test]
async fn the_answers_are_the_chapters() {
    let client = client().await;
    let exchanges = exchanges();
    assert!(exchanges.len() >= 8);
    let mut learned = Learned::default();
    for Exchange { words, expected } in exchanges {
        let answer = send(&client, &words, &learned).await;
        let status = StatusCode::from_u16(answer.status).unwrap();
        assert_eq!(expected[0], format!("HTTP/1.1 {status}"), "{words:?}");
        let mut shown = 0;
        for line in &expected[1..] {
            match line
                .split_once(": ")
                .filter(|_| !line.starts_with(['{', '[']))
            {
                Some((name, value)) => {
                    shown += 1;
                    learned.compare(value, answer.header(name));
                }
                None => learned.compare(line, &answer.text()),
            }
        }
        let others = answer
            .headers
            .keys()
            .filter(|name| *name != "content-length");
        assert_eq!(shown, others.count(), "{:?}", answer.headers);
    }
}

/// What pages and orders are called elsewhere is what newcomers try first.
#[tokio::test]
async fn words_of_other_apis_are_answered_with_ours() {
    let client = client().await;
    for (query, said) in [
        ("page=2", "A page is asked for by `limit` and `skip`"),
        ("order_by=text", "An order is asked for by `sortBy`"),
    ] {
        let refused = client.get(&format!("/notes?{query}")).go().await.is(400);
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.ends_with(said), "{detail}");
    }
}
