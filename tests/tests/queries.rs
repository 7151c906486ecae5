//! Queries over REST: projection, groups and single values in every syntax; cursors, and what no query shows.

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, scenarios};
use serde_json::{Value, json};

#[path = "queries/cursors.rs"]
mod cursors;
#[path = "queries/hidden.rs"]
mod hidden;
#[path = "queries/made.rs"]
mod made;
#[path = "queries/typed.rs"]
mod typed;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Place {
    city: String,
    #[serde(default)]
    at: Option<Vec<f64>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/shops", id(client))]
#[model(rules(read = "open=true|owner=$actor.id", write = "true"))]
#[model(search(kind = eq, size = eq, title = contains), sort(size, kind, title), page = 10)]
struct Shop {
    #[model(id)]
    id: String,
    kind: String,
    #[model(index)]
    size: Option<i64>,
    title: String,
    price: f64,
    open: bool,
    #[serde(default)]
    owner: Option<String>,
    place: Place,
    #[serde(default)]
    point: Option<Vec<f64>>,
    #[serde(default)]
    #[model(server_only)]
    vault: Option<Secret<String>>,
    #[serde(default)]
    #[model(server_only)]
    margin: Option<Secret<i64>>,
}

#[model_impl]
impl Shop {
    #[computed]
    fn label(&self) -> String {
        format!("{} ({})", self.title, self.kind)
    }
}

async fn shops(backend: &Backend, count: i64) -> Client {
    let app = App::builder()
        .model(<Shop as larder::Model>::describe().search("point", "within"))
        .store("main", backend.store());
    let app = app.identity(DevelopmentHeader).build().await.unwrap();
    let client = Client::new(&app);
    for at in 0..count {
        client
            .put(&format!("/shops/{at:03}"), shop(at))
            .go()
            .await
            .is(201);
    }
    client
}

fn shop(at: i64) -> Value {
    let kind = ["bakery", "butcher", "books"][usize::try_from(at % 3).unwrap()];
    json!({
        "kind": kind,
        "size": (at % 4 > 0).then_some(at % 4),
        "title": format!("shop {at:03}"),
        "price": at,
        // Every tenth one is somebody's own, and closed.
        "open": at % 10 != 9,
        "owner": "ann",
        "place": {"city": if at % 2 == 0 { "Berlin" } else { "Rome" }},
        "point": [13.0 + 0.01 * f64::from(i32::try_from(at).unwrap()), 52.0],
    })
}

async fn get(client: &Client, query: &str) -> Answer {
    client.get(&format!("/shops?{query}")).go().await
}

async fn json_of(client: &Client, query: &str) -> Value {
    get(client, query).await.is(200).json()
}

async fn projection(backend: Backend) {
    let client = shops(&backend, 2).await;
    let whole = client.get("/shops/001").go().await.is(200);
    for (query, expected) in [
        (
            "select(title,price)",
            json!({"title": "shop 001", "price": 1.0}),
        ),
        (
            "fields=title,price",
            json!({"title": "shop 001", "price": 1.0}),
        ),
        ("select=place.city", json!({"place": {"city": "Rome"}})),
        ("select(label)", json!({"label": "shop 001 (butcher)"})),
        ("values(title)", json!("shop 001")),
        ("values(title,size)", json!(["shop 001", 1])),
        (
            "unselect(kind,size,title,price,open,owner,place.at,point,label)",
            json!({"id": "001", "place": {"city": "Rome"}}),
        ),
    ] {
        let list = json_of(&client, &format!("title=001&{query}")).await;
        assert_eq!(list, json!([expected]), "{query}");
        let one = client
            .get(&format!("/shops/001?{query}"))
            .go()
            .await
            .is(200);
        assert_eq!(one.json(), expected, "{query}");
        // A write is about the whole record, so a part of it has its tag.
        assert_eq!(one.etag(), whole.etag(), "{query}");
    }
    let tag = whole.etag();
    let again = client
        .get("/shops/001?select(title)")
        .header("if-none-match", &tag);
    again.go().await.is(304);
    for (query, name) in [
        ("select(titel)", "titel"),
        ("fields=place.citi", "place.citi"),
        ("select(title.x)", "title.x"),
        ("limit=3", ""),
        ("title=a", ""),
        ("nothing=1", "nothing"),
    ] {
        let problem = client
            .get(&format!("/shops/001?{query}"))
            .go()
            .await
            .is(400)
            .json();
        let field = problem["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!(field, name, "{problem}");
    }
    let problem = get(&client, "select(titel)").await.is(400).json();
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("did you mean `title`?"),
        "{problem}"
    );
}

fn ids(answer: &Answer) -> Vec<String> {
    answer
        .each("id")
        .iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

async fn groups(backend: Backend) {
    let client = shops(&backend, 12).await;
    let open = |at: &i64| at % 10 != 9;
    let of = |kind: i64| (0..12).filter(open).filter(move |at| at % 3 == kind);
    let sum = |kind| of(kind).sum::<i64>() as f64;
    let expected = json!([
        {"kind": "bakery", "0": 3, "total": sum(0)},
        {"kind": "books", "0": 4, "total": sum(2)},
        {"kind": "butcher", "0": 4, "total": sum(1)},
    ]);
    let all = get(&client, "aggregate(kind,count(),total=sum(price))")
        .await
        .is(200);
    assert_eq!(all.json(), expected);
    assert_eq!(all.header("content-range"), "items 0-2/3");
    let sorted = json_of(
        &client,
        "aggregate(kind,count(),total=sum(price))&sort(-total)&limit(1)",
    )
    .await;
    assert_eq!(sorted[0]["kind"], "books");
    let one = json_of(
        &client,
        "kind=books&aggregate(least=min(title),most=max(size),mean(size))",
    )
    .await;
    assert_eq!(one, json!([{"least": "shop 002", "most": 3, "2": 2.0}]));
    for (query, expected) in [
        ("count()", json!(11)),
        ("kind=books&count()", json!(4)),
        ("sum(price)", json!(57.0)),
        ("mean(size)", json!(17.0 / 8.0)),
        ("max(title)", json!("shop 011")),
        ("kind=none&sum(price)", json!(null)),
        (
            "values(kind)&distinct()",
            json!(["bakery", "books", "butcher"]),
        ),
        (
            "select(kind)&distinct()&limit(2)",
            json!([{"kind": "bakery"}, {"kind": "books"}]),
        ),
        ("values(kind)&distinct()&limit(2,2)", json!(["butcher"])),
        ("values(kind)&distinct()&limit=1", json!(["bakery"])),
        ("values(kind)&distinct()&count()", json!(3)),
        ("sort(-title)&values(title)&first()", json!("shop 011")),
        ("kind=none&first()", json!(null)),
        ("title=011&select(kind)&one()", json!({"kind": "books"})),
    ] {
        assert_eq!(json_of(&client, query).await, expected, "{query}");
    }
    get(&client, "kind=none&one()").await.is(404);
    get(&client, "one()").await.is(400);
    // The different ones among two records are something else than two different ones.
    let problem = get(&client, "limit(2)&values(kind)&distinct()").await;
    assert!(
        problem
            .is(400)
            .text()
            .contains("write distinct() before limit(..)")
    );
    for (query, name) in [
        ("sum(title)", "title"),
        ("sum(nothing)", "nothing"),
        ("aggregate(place.city,count())", "place.city"),
        ("aggregate(label,count())", "label"),
        ("aggregate(kind,count())&sort(price)", "sort"),
        ("limit(3)&sum(price)", "limit"),
        ("recurse(place)", "recurse"),
        ("aggregate(kind,medium(price))", "aggregate"),
    ] {
        let problem = get(&client, query).await.is(400).json();
        assert_eq!(problem["errors"][0]["field"], name, "{query}: {problem}");
    }
    let all = client.get("/shops/_count?kind=books").go().await.is(200);
    assert_eq!(all.json(), json!({"count": 4}));
}

/// Ann sees what is hers; the sums of others never include it.
async fn groups_are_of_what_may_be_read(backend: Backend) {
    let client = shops(&backend, 20).await;
    let ask = async |query: &str| {
        let by_ann = client
            .get(&format!("/shops?{query}"))
            .by("ann")
            .go()
            .await
            .is(200);
        (json_of(&client, query).await, by_ann.json())
    };
    assert_eq!(ask("count()").await, (json!(18), json!(20)));
    assert_eq!(
        ask("max(title)").await,
        (json!("shop 018"), json!("shop 019"))
    );
    assert_eq!(ask("sum(price)").await, (json!(162.0), json!(190.0)));
    let (everybody, ann) = ask("values(title)&distinct()&count()").await;
    assert_eq!((everybody, ann), (json!(18), json!(20)));
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn json_queries(backend: Backend) {
    let client = shops(&backend, 12).await;
    let ask = async |query: &str| {
        let query = encoded(query);
        get(&client, &format!("query={query}&sort=title")).await
    };
    for (query, expected) in [
        (r#"{"kind":"books","size":{"$gt":1}}"#, vec!["002", "011"]),
        (
            r#"{"$or":[{"title":{"$regex":"^shop 00"}},{"kind":"none"}]}"#,
            vec![],
        ),
        (
            r#"{"size":{"$in":[3]},"kind":{"$ne":"books"}}"#,
            vec!["003", "007"],
        ),
        (r#"{"size":{"$exists":false}}"#, vec!["000", "004", "008"]),
        (
            r#"{"point":{"$within":{"$box":[[13.005,51],[13.035,53]]}}}"#,
            vec!["001", "002", "003"],
        ),
    ] {
        let answer = ask(query).await.is(200);
        let found: Vec<String> = ids(&answer);
        if query.contains("$regex") {
            assert_eq!(found.len(), 9, "{query}");
            continue;
        }
        assert_eq!(found, expected, "{query}");
    }
    let near = r#"{"point":{"$nearSphere":[13.06,52],"$maxDistance":2}}"#;
    let near = encoded(near);
    let nearest = get(&client, &format!("query={near}&limit=3")).await.is(200);
    assert_eq!(ids(&nearest)[0], "006");
    assert_eq!(ids(&nearest).len(), 3);
    let problem = ask(r#"{"size":{"$gtt":1}}"#).await.is(400).json();
    assert_eq!(problem["errors"][0]["field"], "query");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("did you mean `$gt`?"),
        "{problem}"
    );
    let (filter, order) = (encoded(r#"{"kind":"books"}"#), encoded(r#"{"title":-1}"#));
    let both = get(
        &client,
        &format!("query={filter}&size=3&fields=title&sort={order}"),
    )
    .await
    .is(200);
    assert_eq!(both.json(), json!([{"title": "shop 011"}]));
    get(&client, "query=%7B%7D&query=%7B%7D").await.is(400);
}

scenarios! {
    projection, groups, groups_are_of_what_may_be_read, json_queries,
}
