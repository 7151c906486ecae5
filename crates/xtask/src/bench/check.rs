//! The same requests to all three servers: their answers must be equal before anything is measured.

use std::collections::BTreeMap;

use larder_bench::orders;

use super::load::Connection;
use super::mask::{self, Answer};
use super::requests::build;
use super::server::{Server, Setup};
use super::{Options, Store};
use crate::Result;

const ROWS: u64 = 1_000;

/// Method, target, headers and body.
type Request<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

/// An answer and what was asked.
type Asked = (&'static str, Answer);

/// Returns how many answers differ or have another status than they should, having printed them.
pub(super) async fn run(options: &Options, store: Store) -> Result<usize> {
    let mut answers = Vec::new();
    let mut differences = 0;
    let setups = Setup::trio(options, store, ROWS);
    for setup in &setups {
        let server = Server::start(setup)?;
        let mut asker = Asker {
            connection: Connection::open(server.address()).await?,
            asked: Vec::new(),
            wrong: 0,
        };
        reads(&mut asker).await?;
        lists(&mut asker).await?;
        writes(&mut asker).await?;
        refusals(&mut asker).await?;
        differences += asker.wrong;
        answers.push(asker.asked);
        server.stop()?;
    }
    for (setup, others) in setups.iter().zip(&answers).skip(1) {
        for ((what, ours), (_, theirs)) in answers[0]
            .iter()
            .zip(others)
            .filter(|((_, ours), (_, theirs))| ours != theirs)
        {
            differences += 1;
            println!(
                "{store:?}, {what}: {} and {} differ",
                setups[0].name, setup.name
            );
            println!("  {}", show(ours));
            println!("  {}", show(theirs));
        }
    }
    Ok(differences)
}

fn show(answer: &Answer) -> String {
    format!(
        "{} {:?}\n    {}",
        answer.status, answer.headers, answer.body
    )
}

struct Asker {
    connection: Connection,
    asked: Vec<Asked>,
    /// How many answers had another status than they should.
    wrong: usize,
}

impl Asker {
    /// Sends a request that must be answered with `status`, and returns the headers as they came.
    async fn ask(
        &mut self,
        what: &'static str,
        status: u16,
        (method, target, headers, body): Request<'_>,
    ) -> Result<BTreeMap<String, String>> {
        let request = build(method, target, headers, body);
        let bytes = self.connection.send(&request).await;
        let bytes = bytes.map_err(|error| format!("{what}: {error}"))?;
        let made_id = method == "POST";
        let (answer, raw) =
            mask::answer(bytes, made_id).map_err(|error| format!("{what}: {error}"))?;
        if answer.status != status {
            self.wrong += 1;
            println!(
                "{what}: status {} in place of {status}\n  {}",
                answer.status,
                show(&answer)
            );
        }
        self.asked.push((what, answer));
        Ok(raw)
    }
}

async fn reads(asker: &mut Asker) -> Result<()> {
    let one = format!("/orders/{}", orders::id(3));
    let absent = format!("/orders/{}", orders::id(ROWS + 1));
    let raw = asker.ask("GET one", 200, ("GET", &one, &[], "")).await?;
    let etag = raw.get("etag").ok_or("GET one has no ETag")?;
    asker
        .ask(
            "GET what is known",
            304,
            ("GET", &one, &[("If-None-Match", etag)], ""),
        )
        .await?;
    asker
        .ask(
            "GET what was known",
            200,
            ("GET", &one, &[("If-None-Match", "\"1\"")], ""),
        )
        .await?;
    asker
        .ask("GET what is absent", 404, ("GET", &absent, &[], ""))
        .await?;
    Ok(())
}

async fn lists(asker: &mut Asker) -> Result<()> {
    for (what, query, range) in [
        ("list of 20", "customer=c4", "items=0-19"),
        ("list from the middle", "customer=c4", "items=90-119"),
        ("list past the end", "customer=c4", "items=100-119"),
        ("list over the cap", "customer=c4", "items=0-99"),
        ("list of none", "customer=nobody", "items=0-19"),
    ] {
        let target = format!("/orders?{query}");
        let range = [("Range", range)];
        asker.ask(what, 200, ("GET", &target, &range, "")).await?;
    }
    for (what, status, target) in [
        ("list without a range", 200, "/orders?customer=c4"),
        ("list by an unknown field", 400, "/orders?nothing=1"),
    ] {
        asker.ask(what, status, ("GET", target, &[], "")).await?;
    }
    Ok(())
}

async fn writes(asker: &mut Asker) -> Result<()> {
    let mut order = orders::order(ROWS + 7, ROWS);
    let path = format!("/orders/{}", order.id);
    let body = orders::body(&order);
    let raw = asker
        .ask("POST", 201, ("POST", "/orders", &[], &body))
        .await?;
    let made = raw.get("location").ok_or("POST has no Location")?;
    asker
        .ask("GET what was posted", 200, ("GET", made, &[], ""))
        .await
        .map(drop)?;
    // The server chose that id, so only its status can be compared.
    if let Some((_, answer)) = asker.asked.last_mut() {
        answer.body.clear();
    }
    asker
        .ask(
            "PUT only what is there",
            412,
            ("PUT", &path, &[("If-Match", "*")], &body),
        )
        .await?;
    asker
        .ask(
            "PUT creates",
            201,
            ("PUT", &path, &[("If-None-Match", "*")], &body),
        )
        .await?;
    asker
        .ask(
            "PUT creates once",
            412,
            ("PUT", &path, &[("If-None-Match", "*")], &body),
        )
        .await?;
    order.note = Some("né le 1ᵉʳ \"mai\" \u{1F980}\n".to_owned());
    order.tags = Vec::new();
    order.paid = !order.paid;
    let body = orders::body(&order);
    let raw = asker
        .ask("PUT replaces", 200, ("PUT", &path, &[], &body))
        .await?;
    let etag = raw.get("etag").ok_or("PUT has no ETag")?;
    asker
        .ask(
            "PUT of another version",
            412,
            ("PUT", &path, &[("If-Match", "\"1\"")], &body),
        )
        .await?;
    asker
        .ask(
            "PUT of this version",
            200,
            ("PUT", &path, &[("If-Match", etag)], &body),
        )
        .await?;
    asker
        .ask(
            "PUT of the version before",
            412,
            ("PUT", &path, &[("If-Match", etag)], &body),
        )
        .await?;
    let path = format!("/orders/{}", orders::id(ROWS + 8));
    asker
        .ask(
            "PUT creates without a condition",
            201,
            ("PUT", &path, &[], &body),
        )
        .await?;
    asker
        .ask("GET what was put", 200, ("GET", &path, &[], ""))
        .await?;
    asker
        .ask(
            "list with what was put",
            200,
            ("GET", "/orders?customer=c7", &[("Range", "items=100-")], ""),
        )
        .await?;
    if let Some((_, answer)) = asker.asked.last_mut() {
        // The posted order is in this list too, under the id that the server chose.
        answer.body.clear();
    }
    Ok(())
}

async fn refusals(asker: &mut Asker) -> Result<()> {
    let order = orders::order(5, ROWS);
    let path = format!("/orders/{}", order.id);
    let negative = orders::body(&orders::Order {
        amount: -1,
        ..order.clone()
    });
    let nameless = orders::body(&orders::Order {
        customer: String::new(),
        ..order.clone()
    });
    let wordy = orders::body(&orders::Order {
        title: "é".repeat(121),
        ..order.clone()
    });
    let longest = orders::body(&orders::Order {
        title: "é".repeat(120),
        customer: "c".repeat(40),
        ..order.clone()
    });
    let good = orders::body(&order);
    let unknown = good.replacen('{', "{\"colour\":\"red\",", 1);
    let mistyped = good.replacen("\"paid\":", "\"paid\":\"yes\",\"was\":", 1);
    let cut = &good[..good.len() - 10];
    for (what, body) in [
        ("POST of a negative amount", &negative),
        ("POST without a customer", &nameless),
        ("POST of a long title", &wordy),
        ("POST of an unknown field", &unknown),
        ("POST of a wrong type", &mistyped),
        ("POST of no object", &"[]".to_owned()),
    ] {
        asker.ask(what, 422, ("POST", "/orders", &[], body)).await?;
    }
    asker
        .ask(
            "POST at the bounds",
            201,
            ("POST", "/orders", &[], &longest),
        )
        .await?;
    asker
        .ask("POST of half a body", 400, ("POST", "/orders", &[], cut))
        .await?;
    asker
        .ask(
            "PUT of a negative amount",
            422,
            ("PUT", &path, &[], &negative),
        )
        .await?;
    asker
        .ask("PUT of half a body", 400, ("PUT", &path, &[], cut))
        .await?;
    asker
        .ask("GET what was not replaced", 200, ("GET", &path, &[], ""))
        .await?;
    Ok(())
}
