//! Lists: ranges, limits, orders and searches.

use larder_tests::{Answer, Backend, Dice, scenarios};
use serde_json::{Value, json};

use super::{client, with_items};

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

scenarios! {
    ranges, limits, sorting, search,
}

/// Nothing that a client can write in a query string is a fault of the server.
async fn never_a_server_error(backend: Backend) {
    let client = with_items(&backend, 3).await;
    let pieces = [
        "title", "size", "=", "==", "(", ")", ",", "&", "|", "%", "%2", "+", "null", "-1", "1e999",
        "\u{FFFD}", "re:", "eq", "in", "not", "*", ";", "'", "~", "$x", "..",
    ];
    let mut dice = Dice::new(7);
    for _ in 0..400 {
        let mut query = String::new();
        for _ in 0..=dice.below(9) {
            query.push_str(dice.of(&pieces));
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
