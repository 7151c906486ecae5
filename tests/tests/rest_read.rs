//! Reading over REST: one record, lists, conditions, ranges, search, sorting.

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/items", id(client), rules(read = "true", write = "true"))]
#[model(search(title = contains, size = scan(eq), tag = eq, note = starts_with), sort(title, size))]
struct Item {
    #[model(id)]
    id: String,
    title: String,
    #[model(index)]
    size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    note: Option<String>,
    /// Neither searchable nor sortable.
    #[serde(default)]
    other: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/numbers", rules(read = "true", write = "true"))]
struct Number {
    #[model(id)]
    id: i64,
    word: String,
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Item, Number])
        .store("main", backend.store());
    Client::new(&app.identity(DevelopmentHeader).build().await.unwrap())
}

async fn with_items(backend: &Backend, count: i64) -> Client {
    let client = client(backend).await;
    for at in 0..count {
        let item = json!({"title": format!("item {at:03}"), "size": at % 5, "tag": if at % 2 == 0 { "even" } else { "odd" }});
        client
            .put(&format!("/items/{at:03}"), item)
            .go()
            .await
            .is(201);
    }
    client
}

async fn one_record(backend: Backend) {
    let client = with_items(&backend, 2).await;
    let got = client.get("/items/001").go().await.is(200);
    let expected = json!({"id": "001", "title": "item 001", "size": 1, "tag": "odd", "note": null, "other": 0});
    assert_eq!(got.json(), expected);
    assert_eq!(got.header("content-type"), "application/json");
    assert!(
        got.etag().starts_with('"') && got.etag().ends_with('"'),
        "{}",
        got.etag()
    );
    let head = client.ask("HEAD", "/items/001").go().await.is(200);
    assert_eq!((head.etag(), head.body.len()), (got.etag(), 0));
    assert_eq!(head.header("content-length"), got.body.len().to_string());
    let absent = client.get("/items/none").go().await.is(404);
    assert_eq!(absent.header("content-type"), "application/problem+json");
    let problem = absent.json();
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["message"], problem["detail"]);
    assert_eq!(problem["errors"], json!([]));
    client.ask("HEAD", "/items/none").go().await.is(404);
}

async fn conditional_reads(backend: Backend) {
    let client = with_items(&backend, 1).await;
    let tag = client.get("/items/000").go().await.etag();
    let ask = |name: &str, value: &str| client.get("/items/000").header(name, value).go();
    for same in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        let answer = ask("if-none-match", &same).await.is(304);
        assert_eq!((answer.etag(), answer.body.len()), (tag.clone(), 0));
    }
    ask("if-none-match", "\"ff\"").await.is(200);
    ask("if-none-match", "not a tag").await.is(200);
    ask("if-match", &tag).await.is(200);
    ask("if-match", "*").await.is(200);
    ask("if-match", "\"ff\"").await.is(412);
    // Weak tags never match strongly (RFC 9110, 13.1.1).
    ask("if-match", &format!("W/{tag}")).await.is(412);
    let head = client
        .ask("HEAD", "/items/000")
        .header("if-none-match", &tag)
        .go()
        .await
        .is(304);
    assert_eq!(head.etag(), tag);
    client
        .get("/items/none")
        .header("if-none-match", "*")
        .go()
        .await
        .is(404);
    client
        .get("/items/none")
        .header("if-match", "*")
        .go()
        .await
        .is(404);
}

async fn options(backend: Backend) {
    let client = client(&backend).await;
    let item = client.ask("OPTIONS", "/items/x").go().await.is(204);
    assert_eq!(
        item.header("allow"),
        "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
    );
    assert_eq!(
        item.header("accept-patch"),
        "application/merge-patch+json, application/json, application/json-patch+json"
    );
    let list = client.ask("OPTIONS", "/items").go().await.is(204);
    assert_eq!(
        (list.header("allow"), list.header("accept-patch")),
        ("GET, HEAD, POST, OPTIONS", "")
    );
}

async fn ranges(backend: Backend) {
    let client = with_items(&backend, 57).await;
    let ask = |name: &str, value: &str| client.get("/items").header(name, value).go();
    let all = client.get("/items").go().await.is(200);
    assert_eq!(
        (all.header("content-range"), all.each("id").len()),
        ("items 0-49/57", 50)
    );
    let first = ask("range", "items=0-9").await.is(200);
    assert_eq!(
        (first.header("content-range"), first.each("id").len()),
        ("items 0-9/57", 10)
    );
    for name in ["range", "x-range"] {
        let part = ask(name, "items=3-10").await.is(200);
        assert_eq!(
            (part.header("content-range"), part.each("id").len()),
            ("items 3-10/57", 8)
        );
        assert_eq!(part.each("id")[0], "003");
    }
    let open = ask("range", "items=50-").await.is(200);
    assert_eq!(open.header("content-range"), "items 50-56/57");
    assert_eq!(
        ask("range", "items=0-Infinity")
            .await
            .header("content-range"),
        "items 0-49/57"
    );
    assert_eq!(
        ask("range", "items=0-500").await.header("content-range"),
        "items 0-49/57"
    );
    // Past the end: an empty list, as the clients of JsonRestStores want it.
    let past = ask("range", "items=57-60").await.is(200);
    assert_eq!(
        (past.header("content-range"), past.json()),
        ("items */57", json!([]))
    );
    for huge in [
        "items=9223372036854775807-",
        "items=18446744073709551615-",
        "items=9223372036854775808-18446744073709551615",
    ] {
        assert_eq!(
            ask("range", huge).await.is(200).header("content-range"),
            "items */57",
            "{huge}"
        );
    }
    for ignored in [
        "items=4-2",
        "bytes=0-1",
        "items=x-y",
        "items=-5",
        "nonsense",
        "items=0-1,5-6",
    ] {
        assert_eq!(
            ask("range", ignored).await.is(200).header("content-range"),
            "items 0-49/57",
            "{ignored}"
        );
    }
    let head = client.ask("HEAD", "/items").go().await.is(200);
    assert_eq!(
        (head.header("content-range"), head.body.len()),
        ("items 0-49/57", 0)
    );
}

async fn limits(backend: Backend) {
    let client = with_items(&backend, 57).await;
    let range = async |query: &str| {
        let answer = client.get(&format!("/items?{query}")).go().await.is(200);
        answer.header("content-range").to_owned()
    };
    assert_eq!(range("limit(10,5)").await, "items 5-14/57");
    assert_eq!(range("limit(10)").await, "items 0-9/57");
    assert_eq!(range("limit=10&skip=5").await, "items 5-14/57");
    assert_eq!(range("skip=55").await, "items 55-56/57");
    assert_eq!(range("limit=0").await, "items */57");
    assert_eq!(range("limit=1000").await, "items 0-49/57");
    assert_eq!(range("limit(1000,10)").await, "items 10-56/57");
    assert_eq!(range("skip=18446744073709551615").await, "items */57");
    assert_eq!(range("tag=even&limit=2").await, "items 0-1/29");
    for bad in [
        "limit=abc",
        "limit=-1",
        "limit=",
        "skip=1.5",
        "limit(a)",
        "limit(1,b)",
        "skip=99999999999999999999",
    ] {
        let problem = client
            .get(&format!("/items?{bad}"))
            .go()
            .await
            .is(400)
            .json();
        let name = bad.split(['=', '(']).next().unwrap();
        assert_eq!(problem["errors"][0]["field"], name, "{bad}: {problem}");
    }
    let waived = client
        .get("/items?limit=5")
        .header("prefer", "count=none")
        .go()
        .await
        .is(200);
    assert_eq!(waived.header("content-range"), "items 0-4/*");
    assert_eq!(waived.header("preference-applied"), "count=none");
    assert_eq!(
        client
            .get("/items?tag=none")
            .go()
            .await
            .header("content-range"),
        "items */0"
    );
}

async fn sorting(backend: Backend) {
    let client = client(&backend).await;
    for (id, title, size) in [("a", "y", 1), ("b", "x", 2), ("c", "y", 0), ("d", "x", 2)] {
        client
            .put(
                &format!("/items/{id}"),
                json!({"title": title, "size": size}),
            )
            .go()
            .await
            .is(201);
    }
    let order = async |query: &str| {
        let ids = client
            .get(&format!("/items?{query}"))
            .go()
            .await
            .is(200)
            .each("id");
        ids.iter()
            .map(|id| id.as_str().unwrap())
            .collect::<String>()
    };
    assert_eq!(order("sortBy=size").await, "cabd");
    assert_eq!(order("sortBy=-size").await, "bdac");
    for plus in ["+", "%2B", "%20", ""] {
        assert_eq!(
            order(&format!("sortBy={plus}title,-size")).await,
            "bdac",
            "{plus}"
        );
        assert_eq!(
            order(&format!("sort({plus}title,{plus}size)")).await,
            "bdca",
            "{plus}"
        );
    }
    assert_eq!(order("sort=-title,size").await, "cabd");
    assert_eq!(order("").await, "abcd");
    for unknown in ["other", "nothing", "+tag", "title,other"] {
        let problem = client
            .get(&format!("/items?sortBy={unknown}"))
            .go()
            .await
            .is(400)
            .json();
        assert_eq!(problem["errors"][0]["field"], "sortBy", "{problem}");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .contains("sortable are: title, size"),
            "{problem}"
        );
    }
}

async fn search(backend: Backend) {
    let client = client(&backend).await;
    let items = [
        ("a", "one two", 1),
        ("b", "two+three", 2),
        ("c", "100% söt & sour", 3),
        ("d", "ONE", 4),
    ];
    for (id, title, size) in items {
        client
            .put(
                &format!("/items/{id}"),
                json!({"title": title, "size": size}),
            )
            .go()
            .await
            .is(201);
    }
    let find = async |query: &str| {
        let answer = client.get(&format!("/items?{query}")).go().await.is(200);
        answer
            .each("id")
            .iter()
            .map(|id| id.as_str().unwrap())
            .collect::<String>()
    };
    assert_eq!(find("title=two").await, "ab");
    assert_eq!(find("title=one+two").await, "a");
    assert_eq!(find("title=one%20two").await, "a");
    assert_eq!(find("title=two%2Bthree").await, "b");
    assert_eq!(find("title=100%25").await, "c");
    assert_eq!(find("title=s%C3%B6t+%26+sour").await, "c");
    assert_eq!(
        find("title=one").await,
        "a",
        "text is compared with its case"
    );
    assert_eq!(find("size=2").await, "b");
    assert_eq!(find("title=o&size=3").await, "c");
    assert_eq!(find("title==ONE").await, "d");
    assert_eq!(find("eq(title,ONE)").await, "d");
    assert_eq!(find("gt(size,2)").await, "cd");
    assert_eq!(find("size=ge=2&size=le=3").await, "bc");
    assert_eq!(find("or(size=1,size=4)").await, "ad");
    assert_eq!(find("not(size=1)").await, "bcd");
    assert_eq!(find("in(size,(1,3))").await, "ac");
    assert_eq!(find("eq(note,null)").await, "abcd");
    assert_eq!(find("&&title=two&").await, "ab");
    assert_eq!(
        find("title=%25").await,
        "c",
        "a percent sign is no wildcard"
    );
    assert_eq!(find("title=_").await, "");
    for (bad, name) in [
        ("colour=red", "colour"),
        ("other=1", "other"),
        ("eq(other,1)", "other"),
        ("gt(colour,1)", "colour"),
        ("titel=x", "titel"),
        ("or(title=a,colour=b)", "colour"),
    ] {
        let problem = client
            .get(&format!("/items?{bad}"))
            .go()
            .await
            .is(400)
            .json();
        assert_eq!(problem["errors"][0]["field"], name, "{bad}: {problem}");
    }
    assert!(
        client
            .get("/items?titel=x")
            .go()
            .await
            .text()
            .contains("did you mean `title`?")
    );
    for malformed in [
        "eq(title",
        "size=many",
        "title=%FF",
        "frobnicate(title,1)",
        "eq(title)",
        "(((",
        "size=ge=x",
    ] {
        let answer = client.get(&format!("/items?{malformed}")).go().await;
        assert_eq!(answer.status, 400, "{malformed}: {}", answer.text());
        assert!(!answer.json()["detail"].as_str().unwrap().is_empty());
    }
    let deep = format!("{}size=1{}", "not(".repeat(2000), ")".repeat(2000));
    client.get(&format!("/items?{deep}")).go().await.is(400);
}

async fn media_types(backend: Backend) {
    let client = with_items(&backend, 1).await;
    for path in ["/items", "/items/000"] {
        for (accept, status) in [
            ("*/*", 200),
            ("application/json", 200),
            ("text/html, application/*;q=0.5", 200),
            ("text/html", 406),
            ("application/json;q=0", 406),
        ] {
            let answer = client
                .get(path)
                .header("accept", accept)
                .go()
                .await
                .is(status);
            if status == 406 {
                assert_eq!(answer.header("content-type"), "application/problem+json");
            }
        }
    }
    // What is refused is refused before it is done.
    client
        .delete("/items/000")
        .header("accept", "text/html")
        .go()
        .await
        .is(406);
    client.get("/items/000").go().await.is(200);
}

async fn odd_ids(backend: Backend) {
    let client = client(&backend).await;
    let body = json!({"title": "t", "size": 1});
    for (segment, id) in [
        ("a%2Fb", "a/b"),
        ("%C3%BC%E2%82%AC", "ü€"),
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("a%3Fb%23c", "a?b#c"),
        ("100%25", "100%"),
        ("it's", "it's"),
        ("%22quoted%22", "\"quoted\""),
        ("a%2C(b)", "a,(b)"),
    ] {
        let path = format!("/items/{segment}");
        let made = client.put(&path, body.clone()).go().await.is(201);
        assert_eq!(
            (made.json()["id"].as_str(), made.header("location")),
            (Some(id), path.as_str())
        );
        assert_eq!(client.get(&path).go().await.is(200).json()["id"], id);
        client.patch(&path, json!({"size": 2})).go().await.is(200);
        client.delete(&path).go().await.is(204);
        // POST says where it is in a form that works as it stands.
        let posted = client
            .post("/items", json!({"id": id, "title": "t", "size": 1}))
            .go()
            .await
            .is(201);
        assert_eq!(
            client
                .get(posted.header("location"))
                .go()
                .await
                .is(200)
                .json()["id"],
            id
        );
        client.delete(posted.header("location")).go().await.is(204);
    }
    let long = "x".repeat(255);
    client
        .put(&format!("/items/{long}"), body.clone())
        .go()
        .await
        .is(201);
    client.get(&format!("/items/{long}")).go().await.is(200);
    let too_long = "x".repeat(256);
    for impossible in [
        too_long.as_str(),
        "%FF",
        "a%00b",
        "a%0Ab",
        "_hidden",
        "%2E%2E",
    ] {
        let path = format!("/items/{impossible}");
        client.get(&path).go().await.is(404);
        client.put(&path, body.clone()).go().await.is(404);
        client.patch(&path, json!({})).go().await.is(404);
        client.delete(&path).go().await.is(404);
    }
    for no_number in ["x", "1.5", "9223372036854775808", "%20"] {
        client
            .get(&format!("/numbers/{no_number}"))
            .go()
            .await
            .is(404);
    }
    client
        .put("/numbers/-7", json!({"word": "w"}))
        .go()
        .await
        .is(201);
    assert_eq!(
        client.get("/numbers/-7").go().await.is(200).json(),
        json!({"id": -7, "word": "w"})
    );
}

async fn nested_and_slashes(backend: Backend) {
    let app = App::builder()
        .models(models![Item, Number])
        .store("main", backend.store())
        .build()
        .await
        .unwrap();
    let client = Client::of(axum::Router::new().nest("/api/v1", app.rest()));
    let posted = client
        .post("/api/v1/items", json!({"id": "p", "title": "t", "size": 1}))
        .go()
        .await
        .is(201);
    assert_eq!(posted.header("location"), "/api/v1/items/p");
    let put = client
        .put("/api/v1/items/q", json!({"title": "t", "size": 1}))
        .go()
        .await
        .is(201);
    assert_eq!(put.header("location"), "/api/v1/items/q");
    let slash = client
        .post(
            "/api/v1/items/?x",
            json!({"id": "r", "title": "t", "size": 1}),
        )
        .go()
        .await
        .is(201);
    assert_eq!(slash.header("location"), "/api/v1/items/r");
    assert_eq!(
        client.get("/api/v1/items/").go().await.is(200).each("id"),
        [json!("p"), json!("q"), json!("r")]
    );
    client.get("/items").go().await.is(404);
    client.get("/api/v1/openapi.json").go().await.is(200);
}

/// A path may hold letters beyond ASCII as they are. A header may not.
async fn paths_beyond_ascii(backend: Backend) {
    let app = App::builder()
        .models(models![Item, Number])
        .store("main", backend.store())
        .build()
        .await
        .unwrap();
    let client = Client::of(axum::Router::new().nest("/dépôt", app.rest()));
    let item = json!({"title": "t", "size": 1});
    let put = client
        .put("/dépôt/items/é", item.clone())
        .go()
        .await
        .is(201);
    assert_eq!(put.json()["id"], "é");
    let location = "/d%C3%A9p%C3%B4t/items/%C3%A9";
    assert_eq!(put.header("location"), location);
    let posted = client
        .post("/dépôt/items", json!({"id": "ü", "title": "t", "size": 1}))
        .go()
        .await
        .is(201);
    assert_eq!(posted.header("location"), "/d%C3%A9p%C3%B4t/items/%C3%BC");
    let list = client.get("/dépôt/items?limit=1").go().await.is(200);
    let link = list.header("link");
    assert!(link.starts_with("</d%C3%A9p%C3%B4t/items?"), "{link}");
}

scenarios! {
    one_record, conditional_reads, options, ranges, limits, sorting, search, media_types, odd_ids, nested_and_slashes,
    paths_beyond_ascii,
}

/// Nothing that a client can write in a query string is a fault of the server.
async fn never_a_server_error(backend: Backend) {
    let client = with_items(&backend, 3).await;
    let pieces = [
        "title", "size", "=", "==", "(", ")", ",", "&", "|", "%", "%2", "+", "null", "-1", "1e999",
        "\u{FFFD}", "re:", "eq", "in", "not", "*", ";", "'", "~", "$x", "..",
    ];
    let mut seed = 7_u64;
    for _ in 0..400 {
        let mut query = String::new();
        for _ in 0..1 + seed % 9 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            query.push_str(pieces[usize::try_from((seed >> 33) % pieces.len() as u64).unwrap()]);
        }
        let query: String = query.chars().filter(char::is_ascii).collect();
        let answer: Answer = client.get(&format!("/items?{query}")).go().await;
        assert!(
            matches!(answer.status, 200 | 400),
            "{query}: {} {}",
            answer.status,
            answer.text()
        );
        let _: Value = answer.json();
    }
}

#[tokio::test]
async fn odd_queries_in_memory() {
    never_a_server_error(Backend::memory()).await;
}

#[tokio::test]
async fn odd_queries_in_sqlite() {
    never_a_server_error(Backend::sqlite().await).await;
}
