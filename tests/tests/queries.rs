//! Queries over REST: projection, cursors, groups and single values, in every syntax, and what none of them shows.

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, scenarios};
use serde_json::{Value, json};

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

/// The query string of the next page, if there is one.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link");
    let (path, rel) = link.strip_prefix('<')?.split_once(">; ")?;
    assert_eq!(rel, "rel=\"next\"");
    Some(path.strip_prefix("/shops?").unwrap().to_owned())
}

fn ids(answer: &Answer) -> Vec<String> {
    answer
        .each("id")
        .iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

async fn walk(client: &Client, query: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut query = Some(query.to_owned());
    while let Some(here) = query {
        let page = get(client, &here).await.is(200);
        query = next(&page);
        pages.push(ids(&page));
        assert!(pages.len() < 30, "it never ends");
    }
    pages
}

async fn cursors(backend: Backend) {
    let client = shops(&backend, 57).await;
    for query in [
        "",
        "sortBy=size",
        "sortBy=-size,kind",
        "sort(-kind,+title)",
        "kind=books&limit=3",
        "limit(7)&x",
        "limit=7",
    ] {
        let query = query.trim_end_matches("&x");
        let pages = walk(&client, query).await;
        let all = pages.concat();
        let mut once = all.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), all.len(), "{query}: {pages:?}");
        // The same as by skipping.
        let mut skipped = Vec::new();
        let (bare, size) = match query.split_once("limit") {
            Some((bare, _)) => (bare.trim_end_matches('&'), pages[0].len()),
            None => (query, 10),
        };
        while skipped.len() < all.len() {
            let page = get(
                &client,
                &format!("{bare}&skip={}&limit={size}", skipped.len()),
            )
            .await;
            skipped.extend(ids(&page));
        }
        assert_eq!(all, skipped, "{query}");
    }
    // Positions are told along the way, and the total with the first page: behind a cursor only who asks for it is told again.
    let first = get(&client, "limit=20&sortBy=size").await.is(200);
    assert_eq!(first.header("content-range"), "items 0-9/52");
    let link = next(&first).unwrap();
    let second = get(&client, &link).await.is(200);
    assert_eq!(second.header("content-range"), "items 10-19/*");
    assert!(next(&second).is_some());
    for preference in ["count=exact", "count=estimated"] {
        let second = client.get(&format!("/shops?{link}"));
        let second = second.header("prefer", preference).go().await.is(200);
        assert_eq!(second.header("content-range"), "items 10-19/52");
    }
    let waived = client
        .get("/shops?limit=5")
        .header("prefer", "count=none")
        .go()
        .await;
    assert_eq!(
        (waived.header("content-range"), ids(&waived).len()),
        ("items 0-4/*", 5)
    );
    assert!(next(&waived).is_some());
    for (preference, applied) in [
        ("count=exact", "count=exact"),
        ("count=estimated", "count=estimated"),
    ] {
        let counted = client
            .get("/shops?limit=5")
            .header("prefer", preference)
            .go()
            .await;
        assert_eq!(counted.header("content-range"), "items 0-4/52");
        assert_eq!(counted.header("preference-applied"), applied);
    }
    assert!(next(&get(&client, "limit=0").await).is_none());
    assert_eq!(
        get(&client, "limit(5,0,7)").await.header("content-range"),
        "items 0-4/7"
    );
}

async fn cursors_hold_while_records_come_and_go(backend: Backend) {
    let client = shops(&backend, 30).await;
    let first = get(&client, "sortBy=title&limit=10").await.is(200);
    let seen = ids(&first);
    // Before the place, behind it, and the very record that the cursor stands at.
    let mut early = shop(0);
    early["title"] = "a shop before all".into();
    client.put("/shops/early", early).go().await.is(201);
    client
        .delete(&format!("/shops/{}", seen[9]))
        .go()
        .await
        .is(204);
    let rest = walk(&client, &next(&first).unwrap()).await.concat();
    assert!(
        rest.iter().all(|id| !seen.contains(id) && id != "early"),
        "{rest:?}"
    );
    assert_eq!(seen.len() + rest.len(), 27);
}

async fn no_other_cursor(backend: Backend) {
    let client = shops(&backend, 30).await;
    let page = get(&client, "sortBy=size&kind=books&limit=3").await.is(200);
    let query = next(&page).unwrap();
    let (_, cursor) = query.split_once("cursor=").unwrap();
    get(&client, &format!("sortBy=size&kind=books&cursor={cursor}"))
        .await
        .is(200);
    let mut forged = cursor.to_owned();
    let last = if forged.ends_with('A') { "B" } else { "A" };
    forged.replace_range(10..11, if &cursor[10..11] == "A" { "B" } else { "A" });
    let cut = &cursor[..cursor.len() - 2];
    for other in [
        format!("sortBy=-size&kind=books&cursor={cursor}"),
        format!("sortBy=size&kind=bakery&cursor={cursor}"),
        format!("sortBy=size&cursor={cursor}"),
        format!("kind=books&cursor={cursor}"),
        format!("sortBy=size&kind=books&skip=1&cursor={cursor}"),
        format!("sortBy=size&kind=books&cursor={forged}"),
        format!("sortBy=size&kind=books&cursor={cut}"),
        format!("sortBy=size&kind=books&cursor={cursor}{last}"),
        "sortBy=size&kind=books&cursor=".to_owned(),
        "cursor=%00".to_owned(),
    ] {
        let problem = get(&client, &other).await.is(400).json();
        assert_eq!(
            problem["errors"][0]["field"], "cursor",
            "{other}: {problem}"
        );
    }
    // Another one could find out by it where records stand that he can't see.
    let by_ann = client.get(&format!("/shops?{query}")).by("ann").go().await;
    by_ann.is(400);
    let ranged = client
        .get(&format!("/shops?{query}"))
        .header("range", "items=0-3");
    ranged.go().await.is(400);
    // Nothing of the record can be read in it.
    let bytes = cursor.as_bytes();
    assert!(!bytes.windows(4).any(|part| part == b"shop"), "{cursor}");
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

/// Whatever names a server-only field is answered as if the field were not there.
async fn hidden_fields_do_not_exist(backend: Backend) {
    let client = shops(&backend, 3).await;
    for query in [
        "NAME=1",
        "NAME==1",
        "eq(NAME,1)",
        "NAME=gt=1",
        "not(eq(NAME,1))",
        "or(NAME=1,kind=books)",
        "in(NAME,(1,2))",
        "contains(NAME,a)",
        "match(NAME,a)",
        "sort(NAME)",
        "sortBy=-NAME",
        "select(NAME)",
        "fields=NAME",
        "unselect(NAME)",
        "values(NAME)",
        "values(NAME)&distinct()",
        "select(kind,NAME)&distinct()",
        "aggregate(NAME,count())",
        "aggregate(kind,sum(NAME))",
        "aggregate(kind,x=max(NAME))",
        "sum(NAME)",
        "mean(NAME)",
        "min(NAME)",
        "max(NAME)",
        "values(NAME)&sum()",
        "NAME.x=1",
        "select(NAME.x)",
        "sum(NAME.x)",
        "query={\"NAME\":1}",
        "query={\"$or\":[{\"NAME\":{\"$gt\":1}}]}",
        "sort={\"NAME\":1}",
        "query={\"NAME\":{\"$nearSphere\":[1,2]}}",
        "near(NAME,(13,52))",
        "aggregate(kind,count())&sort(NAME)",
        "kind=books&NAME=a&count()",
        "aggregate(NAME.x,count())",
        "size(NAME,1)",
        "mod(NAME,2,0)",
    ] {
        for hidden in ["vault", "margin"] {
            // Of the same length and as far from every name that is there.
            let absent: String = hidden
                .chars()
                .map(|char| if char == 'v' || char == 'm' { 'q' } else { 'x' })
                .collect();
            let told = async |name: &str| {
                let answer = get(
                    &client,
                    &query
                        .replace("NAME", name)
                        .replace('"', "%22")
                        .replace('{', "%7B")
                        .replace('}', "%7D"),
                )
                .await;
                (answer.status, answer.text().replace(name, "NAME"))
            };
            let (status, text) = told(hidden).await;
            assert_eq!((status, text.clone()), told(&absent).await, "{query}");
            assert_eq!(status, 400, "{query}: {text}");
        }
    }
    for query in ["select()", "unselect(kind)", "values()", "", "first()"] {
        let text = get(&client, query).await.is(200).text();
        assert!(
            !text.contains("vault") && !text.contains("margin"),
            "{query}: {text}"
        );
    }
    for near in ["vaul", "margi", "vaultt"] {
        for query in ["X=1", "select(X)", "sum(X)", "sortBy=X"] {
            let text = get(&client, &query.replace('X', near)).await.is(400).text();
            assert!(
                !text.contains("did you mean `vault`") && !text.contains("`margin`"),
                "{query}: {text}"
            );
        }
    }
}

async fn faults_have_places(backend: Backend) {
    let client = shops(&backend, 1).await;
    for (query, at, hint) in [
        ("limit=3&kind=a+b&titel=x", None, "did you mean `title`?"),
        (
            "limit=3&title=a+b+c&eqq(size,1)",
            Some(20),
            "did you mean `eq`?",
        ),
        (
            "sortBy=size&kind=books&limit(1)&title=x",
            Some(32),
            "before limit",
        ),
    ] {
        let problem = get(&client, query).await.is(400).json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(hint), "{query}: {detail}");
        if let Some(at) = at {
            assert!(
                detail.starts_with(&format!("at byte {at}:")),
                "{query}: {detail}"
            );
        }
    }
    let deep = format!("{}eq(size,1){}", "not(".repeat(40), ")".repeat(40));
    let wide = format!("in(size,({}))", vec!["1"; 400].join(","));
    let many = vec!["size=1"; 300].join("&");
    for capped in [deep, wide, many, format!("title={}", "x".repeat(5000))] {
        get(&client, &capped).await.is(400);
    }
}

/// The same in Rust: what does not fit a field's type does not compile (`ui/fail/queries`).
async fn typed_queries(backend: Backend) {
    let app = App::builder()
        .models(models![Shop])
        .store("main", backend.store());
    let app = app.identity(DevelopmentHeader).build().await.unwrap();
    let client = Client::new(&app);
    for at in 0..12 {
        let path = format!("/shops/{at:03}");
        client.put(&path, shop(at)).go().await.is(201);
    }
    let everybody = app.as_actor(&Actor::anonymous());
    let all = || everybody.query::<Shop>();
    let titles = async |filter| {
        let found = all().filter(filter).sort(Shop::TITLE.ascending());
        let titles: Vec<String> = found.select(Shop::TITLE).await.unwrap();
        let ends = titles.iter().map(|title| title[5..].to_owned());
        ends.collect::<Vec<_>>().join(" ")
    };
    for (filter, expected) in [
        (Shop::PRICE.between(3.0, 5.0), "003 004 005"),
        (Shop::TITLE.ends_with("1"), "001 011"),
        (Shop::TITLE.matches("0[01][24]$"), "002 004"),
        (
            Shop::SIZE.is_not_null().and(Shop::SIZE.is_not_in(&[1, 2])),
            "003 007 011",
        ),
        (
            Shop::SIZE.remainder(2, 1).and(Shop::KIND.eq("books")),
            "005 011",
        ),
        (Shop::POINT.has_size(2).and(Shop::PRICE.ge(11.0)), "011"),
        (Shop::POINT.has(13.02), "002"),
    ] {
        assert_eq!(titles(filter.clone()).await, expected, "{filter:?}");
    }
    let berlin = larder::query::Point::new(13.0, 52.0).unwrap();
    let circle =
        larder::query::Area::circle(berlin, Some(larder::query::Distance::metres(1_000.0)));
    assert_eq!(titles(Shop::POINT.within(circle.unwrap())).await, "000 001");
    let bad = all()
        .filter(Shop::TITLE.matches("("))
        .all()
        .await
        .unwrap_err();
    assert!(
        bad.to_string().contains("pattern") || bad.to_string().contains('('),
        "{bad}"
    );

    assert_eq!(all().sum(Shop::PRICE).await.unwrap(), Some(57.0));
    let books = || all().filter(Shop::KIND.eq("books"));
    assert_eq!(books().mean(Shop::SIZE).await.unwrap(), Some(2.0));
    assert_eq!(
        books().min(Shop::TITLE).await.unwrap().as_deref(),
        Some("shop 002")
    );
    assert_eq!(
        all()
            .filter(Shop::KIND.eq("none"))
            .max(Shop::PRICE)
            .await
            .unwrap(),
        None
    );
    let kinds = all().group_by(Shop::KIND).count().await.unwrap();
    let expected = [("bakery", 3), ("books", 4), ("butcher", 4)];
    assert_eq!(
        kinds,
        expected.map(|(kind, count)| (kind.to_owned(), count))
    );
    let sums = all().group_by(Shop::SIZE).sum(Shop::PRICE).await.unwrap();
    assert_eq!(sums[0], (None, Some(12.0)));
    let distinct: Vec<String> = all().distinct(Shop::KIND).await.unwrap();
    assert_eq!(distinct, ["bakery", "books", "butcher"]);
    assert!(all().limit(3).sum(Shop::PRICE).await.is_err());

    let order = || all().sort(Shop::SIZE.descending());
    let whole: Vec<String> = order()
        .all()
        .await
        .unwrap()
        .iter()
        .map(|shop| shop.id.clone())
        .collect();
    let mut pages = order().pages(4);
    let mut walked = Vec::new();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        sizes.push(page.len());
        walked.extend(page.iter().map(|shop| shop.id.clone()));
        if sizes.len() == 1 {
            let behind = order()
                .after(pages.cursor().unwrap())
                .first()
                .await
                .unwrap();
            assert_eq!(behind.unwrap().id, whole[4]);
            let other = all().after(pages.cursor().unwrap()).first().await;
            assert_eq!(other.unwrap_err().kind(), larder::ErrorKind::BadRequest);
        }
    }
    assert_eq!((walked, sizes), (whole, vec![4, 4, 3]));
}

scenarios! {
    projection, cursors, cursors_hold_while_records_come_and_go, no_other_cursor, groups, groups_are_of_what_may_be_read, json_queries,
    hidden_fields_do_not_exist, faults_have_places, typed_queries,
}
