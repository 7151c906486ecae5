//! Decimals: exact on the wire, in rules, in filters and in the order of a list.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use rust_decimal::Decimal;
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/prices",
    rules(read = "not(amount=-999)", write = "amount<=1e6"),
    timestamps
)]
#[model(search(amount = eq, maybe = lt), sort(amount, maybe), default_sort = "amount", page = 100)]
struct Price {
    #[model(id)]
    id: Id<Price>,
    #[schemars(range(max = 10_000_000))]
    #[schemars(extend("multipleOf" = 0.0000000001))]
    #[model(index)]
    amount: Decimal,
    #[model(unique)]
    maybe: Option<Decimal>,
    #[serde(default)]
    list: Vec<Decimal>,
}

async fn client(backend: &Backend) -> (App, Client) {
    let app = App::builder()
        .models(models![Price])
        .store("main", backend.store())
        .build()
        .await
        .expect("an app");
    let client = Client::new(&app);
    (app, client)
}

/// In the order of the numbers, which is neither that of their texts nor, in the last digit, that of floats.
const SORTED: [&str; 13] = [
    "-100",
    "-99.5",
    "-12.51",
    "-12.5",
    "-1.25",
    "-0.05",
    "0",
    "0.1",
    "0.1000000001",
    "2",
    "10",
    "123456.7890123456",
    "123456.7890123457",
];

async fn lists_are_in_numeric_order(backend: Backend) {
    let (app, client) = client(&backend).await;
    // Not in order: by the last digit of the place.
    let mut shuffled: Vec<&str> = SORTED.to_vec();
    shuffled.sort_by_key(|text| text.chars().rev().collect::<String>());
    for text in &shuffled {
        client
            .post("/prices", json!({"amount": text, "maybe": text}))
            .go()
            .await
            .is(201);
    }
    client
        .post("/prices", json!({"amount": 7}))
        .go()
        .await
        .is(201);
    let list = async |query: String| {
        client
            .get(&format!("/prices{query}"))
            .go()
            .await
            .is(200)
            .each("amount")
    };
    let mut with_seven: Vec<Value> = SORTED.iter().map(|text| json!(text)).collect();
    with_seven.insert(10, json!("7"));
    assert_eq!(list(String::new()).await, with_seven);
    with_seven.reverse();
    assert_eq!(list("?sortBy=-amount".to_owned()).await, with_seven);
    with_seven.reverse();
    for (at, text) in SORTED.iter().enumerate() {
        let place = if at < 10 { at } else { at + 1 };
        assert_eq!(
            list(format!("?amount=lt={text}")).await,
            with_seven[..place],
            "lt {text}"
        );
        assert_eq!(
            list(format!("?amount=ge={text}")).await,
            with_seven[place..],
            "ge {text}"
        );
        assert_eq!(list(format!("?amount={text}")).await, [json!(text)]);
        // Null is never less.
        assert_eq!(list(format!("?maybe={text}")).await.len(), at);
    }
    assert_eq!(list("?amount=2.000".to_owned()).await, [json!("2")]);
    assert_eq!(
        list("?amount=in=(2.0,7.00,8)".to_owned()).await,
        [json!("2"), json!("7")]
    );
    client.get("/prices?amount=lt=abc").go().await.is(400);

    let two = Decimal::new(20, 1);
    let found = app
        .as_system("test")
        .query::<Price>()
        .filter(Price::AMOUNT.eq(two))
        .all()
        .await
        .expect("a list");
    assert_eq!(found.len(), 1);
}

async fn what_is_sent_is_kept_exactly_or_refused(backend: Backend) {
    let (_, client) = client(&backend).await;
    let post = |amount: Value| client.post("/prices", json!({ "amount": amount })).go();
    for (sent, kept) in [
        (json!("1.50"), "1.5"),
        (json!("-0.0"), "0"),
        (json!(5), "5"),
        (json!(5.0), "5"),
        (json!("12e2"), "1200"),
        (json!("0.0000000001"), "0.0000000001"),
    ] {
        assert_eq!(post(sent).await.is(201).json()["amount"], kept);
    }
    for (sent, code) in [
        // As a float nobody knows which digits were sent.
        (json!(1.5), "type"),
        (json!("1,5"), "type"),
        (json!(""), "type"),
        (json!("NaN"), "type"),
        (json!(null), "type"),
        // More digits than the type has, which would round them.
        (json!("0.12345678901234567890123456789012"), "multipleOf"),
        (json!("10000000.0000000001"), "maximum"),
    ] {
        assert_eq!(
            post(sent.clone()).await.is(422).faults(),
            [format!("/amount {code}")],
            "{sent}"
        );
    }
    let long = "1.12345678901234567890123456789012";
    let rounded = client
        .post("/prices", json!({"amount": 1, "maybe": long}))
        .go()
        .await
        .is(422);
    assert_eq!(rounded.faults(), ["/maybe digits"]);
    assert_eq!(
        client
            .post("/prices", json!({"amount": 1, "list": [1.5]}))
            .go()
            .await
            .is(422)
            .faults(),
        ["/list/0 type"]
    );

    // One number in two spellings is one number.
    client
        .post("/prices", json!({"amount": 1, "maybe": "3.10"}))
        .go()
        .await
        .is(201);
    client
        .post("/prices", json!({"amount": 1, "maybe": "3.1"}))
        .go()
        .await
        .is(409);
    // The rule is numeric: as text 1000000.01 is below 1e6.
    client
        .post("/prices", json!({"amount": "1000000"}))
        .go()
        .await
        .is(201);
    client
        .post("/prices", json!({"amount": "1000000.01"}))
        .go()
        .await
        .is(403);
}

scenarios!(
    lists_are_in_numeric_order,
    what_is_sent_is_kept_exactly_or_refused
);
