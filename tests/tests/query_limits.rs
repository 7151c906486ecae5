//! What a query string can't make of a server: work and answers out of proportion to it, or an answer that is the server's fault.

use larder::prelude::*;
use larder::{FieldDef, ModelDef, Operation};
use larder_tests::{Answer, Backend, Client, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users", id(client), rules(read = "true", write = "true"))]
struct User {
    #[model(id)]
    id: String,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    Open,
    Closed,
}

/// A struct that holds itself, and in many ways.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Tree {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    a: Vec<Tree>,
    #[serde(default)]
    b: Vec<Tree>,
    #[serde(default)]
    c: Vec<Tree>,
    #[serde(default)]
    d: Option<Box<Tree>>,
    #[serde(default)]
    e: Option<Box<Tree>>,
    #[serde(default)]
    f: Option<Box<Tree>>,
    #[serde(default)]
    g: Option<Box<Tree>>,
    #[serde(default)]
    h: Option<Box<Tree>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/shops", id(client), rules(read = "true", write = "true"))]
#[model(search(
    title = match,
    kind = eq,
    state = eq,
    point = within,
    owner.name = starts_with,
    tree.d.name = eq,
))]
#[model(sort(title, kind, tags, owner.name))]
struct Shop {
    #[model(id)]
    id: String,
    title: String,
    kind: String,
    state: State,
    owner: ModelLink<User>,
    point: Vec<f64>,
    tags: Vec<Value>,
    #[serde(default)]
    tree: Tree,
}

#[model_impl]
impl Shop {
    /// Every word stands in the title.
    #[search]
    fn words(words: &str) -> Filter<Self> {
        Filter::all_of(words.split(' ').map(|word| Self::TITLE.contains(word)))
    }
}

/// `count` shops of two owners, under a bound on what is looked at.
async fn shops(backend: &Backend, count: usize, look_at: u64) -> Client {
    let app = App::builder()
        .models(models![User, Shop])
        .store("main", backend.store())
        .look_at(look_at);
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    for name in ["ann", "bob"] {
        let body = json!({"name": name});
        client
            .put(&format!("/users/{name}"), body)
            .go()
            .await
            .is(201);
    }
    for at in 0..count {
        let kind = ["books", "bakery"][at % 2];
        let shop = json!({
            "title": format!("shop {at:03}"), "kind": kind, "state": "open",
            "owner": if at == 0 { "ann" } else { "bob" }, "point": [1.0, f64::from(u8::try_from(at % 90).unwrap())], "tags": [at],
            "tree": {"d": {"name": "x"}},
        });
        client
            .put(&format!("/shops/{at:03}"), shop)
            .go()
            .await
            .is(201);
    }
    client
}

async fn get(client: &Client, query: &str) -> Answer {
    client.get(&format!("/shops?{query}")).go().await
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn message(answer: &Answer) -> String {
    answer.json()["detail"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

async fn groups_have_no_distance(backend: Backend) {
    let client = shops(&backend, 6, 100).await;
    let near = encoded(r#"{"point":{"$nearSphere":[1,0],"$maxDistance":210}}"#);
    for (query, expected) in [
        ("values(id)", json!(["000", "001", "002", "003"])),
        (
            "aggregate(kind,n=count())",
            json!([{"kind": "bakery", "n": 2}, {"kind": "books", "n": 2}]),
        ),
        ("values(kind)&distinct()", json!(["bakery", "books"])),
        ("max(title)", json!("shop 003")),
        ("count()", json!(4)),
        ("values(id)&first()", json!("000")),
    ] {
        let answer = get(&client, &format!("query={near}&{query}")).await.is(200);
        assert_eq!(answer.json(), expected, "{query}");
    }
}

/// Compiling patterns is what costs most in a query: the same bounds hold in every syntax.
async fn patterns_are_few(backend: Backend) {
    let client = shops(&backend, 2, 100).await;
    let forms = |pattern: &str, count| vec![format!("title={}", encoded(pattern)); count].join("&");
    let kinvey = |pattern: &str, count| {
        let one = json!({"title": {"$regex": pattern}});
        let query = json!({"$and": vec![one; count]}).to_string();
        format!("query={}", encoded(&query))
    };
    for query in [
        forms("^shop", 8),
        kinvey("^shop", 8),
        forms(r"\w{4}", 1),
        kinvey(r"^\w{4}", 1),
    ] {
        assert_eq!(
            get(&client, &query).await.is(200).each("id").len(),
            2,
            "{query}"
        );
    }
    for query in [forms("^shop", 9), kinvey("^shop", 9)] {
        let told = message(&get(&client, &query).await.is(400));
        assert!(told.contains("one more than a query may have"), "{told}");
    }
    for query in [forms(r"\w{4}", 2), kinvey(r"^\w{4}", 2)] {
        let told = message(&get(&client, &query).await.is(400));
        assert!(told.contains("one costly pattern at the most"), "{told}");
    }
}

/// An answer is no multiple of the records in it.
async fn a_field_is_shown_once(backend: Backend) {
    let client = shops(&backend, 2, 100).await;
    for query in [
        "values(title,kind,title)",
        "values(tree.d,tree.d)",
        "values(kind,kind)&distinct()",
        "aggregate(kind,kind,count())",
        "aggregate(kind,a=max(title),b=max(title))",
    ] {
        let told = message(&get(&client, query).await.is(400));
        assert!(
            told.contains("twice") || told.contains("already"),
            "{query}: {told}"
        );
    }
    let one = get(&client, "kind=books&select(title,title,kind)")
        .await
        .is(200);
    assert_eq!(one.json(), json!([{"title": "shop 000", "kind": "books"}]));
    let few = "aggregate(kind,a=max(title),b=min(title),c=max(kind),count())";
    assert_eq!(get(&client, few).await.is(200).json()[0]["a"], "shop 001");
}

/// A link to the next page leads to it, whatever the records are sorted by.
async fn links_lead_on(backend: Backend) {
    let client = shops(&backend, 0, 100).await;
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    for (at, title) in ["a", "b", "c"].iter().enumerate() {
        let shop = json!({
            "title": title.repeat(6_000), "kind": "x", "state": "open", "owner": "ann", "point": [1.0, 1.0], "tags": [at, deep],
        });
        client.put(&format!("/shops/{at}"), shop).go().await.is(201);
    }
    let long = format!("kind=in=({})", ["x"; 255].join(","));
    let long = format!("{long}&{}", vec![long.clone(); 6].join("&"));
    assert!((3_600..4_000).contains(&long.len()), "{}", long.len());
    for query in [
        "sortBy=title",
        "sortBy=-title",
        "sortBy=tags",
        "sortBy=-tags",
        long.as_str(),
    ] {
        let (mut path, mut seen) = (format!("/shops?{query}&limit=1"), Vec::new());
        loop {
            let page = client.get(&path).go().await.is(200);
            seen.extend(page.each("id"));
            let Some((next, _)) = page
                .header("link")
                .strip_prefix('<')
                .and_then(|link| link.split_once('>'))
            else {
                break;
            };
            path = next.to_owned();
            assert!(seen.len() < 5, "it never ends: {query}");
        }
        let mut expected = vec![json!("0"), json!("1"), json!("2")];
        if query.contains("=-") {
            expected.reverse();
        }
        assert_eq!(seen, expected, "{query}");
    }
}

/// A struct that holds itself in eight members has a tree of schemas that nobody can write out.
async fn types_without_an_end(backend: Backend) {
    let client = shops(&backend, 2, 100).await;
    assert_eq!(
        get(&client, "tree.d.name=x").await.is(200).each("id").len(),
        2
    );
    let shown = get(&client, "select(tree.d.name,tree.e.f.g.h.name)&limit=1")
        .await
        .is(200);
    assert_eq!(shown.json()[0]["tree"]["d"], json!({"name": "x"}));
    let told = message(&get(&client, "select(tree.d.nam)").await.is(400));
    assert!(told.contains("did you mean `name`?"), "{told}");
}

/// An equality finds its index in Kinvey's JSON as it does in RQL, though JSON's also looks into lists, where there can be some.
async fn equalities_use_their_index_in_every_syntax(backend: Backend) {
    let client = shops(&backend, 20, 12).await;
    let kinvey = encoded(r#"{"kind":"books"}"#);
    for query in ["kind=books", "kind==books", &format!("query={kinvey}")] {
        assert_eq!(
            get(&client, query).await.is(200).header("content-range"),
            "items 0-9/10",
            "{query}"
        );
    }
}

/// Through a link no one index decides, so what is looked at is bounded.
async fn links_are_bounded(backend: Backend) {
    let client = shops(&backend, 20, 12).await;
    assert_eq!(
        get(&client, "owner.name=ann").await.is(200).each("id"),
        [json!("000")]
    );
    for query in [
        "owner.name=bob",
        "owner.name==bob",
        "sortBy=owner.name",
        "sortBy=-owner.name,kind&kind=in=(books,bakery)",
    ] {
        let told = message(&get(&client, query).await.is(400));
        assert!(told.contains("more than 12 records"), "{query}: {told}");
    }
    // Not what the model's own indexes have in order.
    for query in ["", "kind=books", "sortBy=-title", "sortBy=kind"] {
        get(&client, query).await.is(200);
    }
}

/// What several indexes lead to is looked at, and not more.
async fn an_or_is_bounded_by_what_it_finds(backend: Backend) {
    let client = shops(&backend, 40, 12).await;
    for (query, range) in [
        ("title=starts_with=shop%2000|state==closed", "items 0-9/10"),
        (
            "(title=starts_with=shop%2000&kind!=bakery)|state==closed",
            "items 0-4/5",
        ),
    ] {
        let found = get(&client, query).await.is(200);
        assert_eq!(found.header("content-range"), range, "{query}");
    }
    for query in [
        "title=starts_with=shop%2000|state==open",
        "kind==books|kind==bakery",
    ] {
        let told = message(&get(&client, query).await.is(400));
        assert!(told.contains("more than 12 records"), "{query}: {told}");
    }
}

/// What is different is told a page at a time, and the page is that of the answer.
async fn a_page_of_what_is_different(backend: Backend) {
    let client = shops(&backend, 6, 100).await;
    let told = message(
        &get(&client, "limit(1)&values(kind)&distinct()")
            .await
            .is(400),
    );
    assert!(told.contains("write distinct() before limit(..)"), "{told}");
    let answer = get(&client, "values(kind)&distinct()&limit=1&skip=1")
        .await
        .is(200);
    assert_eq!(
        (answer.json(), answer.header("content-range")),
        (json!(["books"]), "items 1-1/2")
    );
}

/// A word that no record can have is told, in place of an empty list.
async fn words_that_an_enum_does_not_have(backend: Backend) {
    let client = shops(&backend, 2, 100).await;
    let kinvey = |text: &str| format!("query={}", encoded(text));
    for (query, expected) in [
        (
            "state=gone".to_owned(),
            "`state` is never `gone`; it is one of `open`, `closed`",
        ),
        ("state=opne".to_owned(), "did you mean `open`?"),
        ("state!=opne".to_owned(), "did you mean `open`?"),
        ("kind=x|not(state=opne)".to_owned(), "did you mean `open`?"),
        (
            "in(state,(open,close))".to_owned(),
            "did you mean `closed`?",
        ),
        (kinvey(r#"{"state":"Open"}"#), "did you mean `open`?"),
    ] {
        let problem = get(&client, &query).await.is(400);
        assert_eq!(problem.json()["errors"][0]["field"], "state", "{query}");
        assert!(
            message(&problem).contains(expected),
            "{query}: {}",
            message(&problem)
        );
    }
    for query in [
        "state=open",
        "state==null",
        "state=starts_with=op",
        "state=gt=m",
        "in(state,(open,closed))",
    ] {
        get(&client, query).await.is(200);
    }
}

/// Text that a parameter takes apart makes no more comparisons than a query may have.
async fn words_are_few(backend: Backend) {
    let client = shops(&backend, 2, 100).await;
    get(&client, &format!("words={}", ["shop"; 256].join("+")))
        .await
        .is(200);
    let told = message(
        &get(&client, &format!("words={}", ["shop"; 257].join("+")))
            .await
            .is(400),
    );
    assert!(
        told.contains("`words` asks for more than 256 comparisons"),
        "{told}"
    );

    // Words of words: a text of a few kilobytes would be some millions of comparisons.
    let each = |name: &str, args: Value| json!({"type": "each", "value": "text", "as": name, "args": [args]});
    let test = json!({"type": "contains", "args": ["title", "#c#"]});
    let note = ModelDef::new("Note")
        .url("/notes")
        .field(FieldDef::new("id", json!({"type": "string"})).id())
        .field(FieldDef::new("title", json!({"type": "string"})))
        .rule(Operation::Read, "true")
        .parameter("text", json!({"type": "string"}))
        .conditions(each("a", each("b", each("c", test))));
    let app = App::builder().model(note).store("main", backend.store());
    let client = Client::new(&app.build().await.unwrap());
    client.get("/notes?text=a+b").go().await.is(200);
    let text = ["a"; 2_000].join("+");
    let told = message(
        &client
            .get(&format!("/notes?text={text}"))
            .go()
            .await
            .is(400),
    );
    assert!(
        told.contains("`text` asks for more than 256 comparisons"),
        "{told}"
    );
}

/// A parent's id is read from the URL as the parent's own URL reads it.
async fn parents_of_every_kind(backend: Backend) {
    let link = json!({"type": "integer", "format": "uint64", "minimum": 0, "x-parent": "Box"});
    let id = json!({"type": "integer", "format": "uint64", "minimum": 0});
    let boxes = ModelDef::new("Box")
        .url("/boxes")
        .field(FieldDef::new("id", id).id());
    let things = ModelDef::new("Thing")
        .url("/boxes/{box}/things")
        .field(FieldDef::new("id", json!({"type": "string"})).id())
        .field(FieldDef::new("box", link).parent("box"));
    let open = |def: ModelDef| {
        let all = [Operation::Read, Operation::Create, Operation::Update];
        all.into_iter()
            .fold(def, |def, operation| def.rule(operation, "true"))
    };
    let app = App::builder()
        .model(open(boxes))
        .model(open(things))
        .store("main", backend.store());
    let client = Client::new(&app.build().await.unwrap());
    for id in ["7", "18446744073709551615"] {
        client
            .put(&format!("/boxes/{id}"), json!({}))
            .go()
            .await
            .is(201);
        let made = client
            .post(&format!("/boxes/{id}/things"), json!({}))
            .go()
            .await
            .is(201);
        client.get(made.header("location")).go().await.is(200);
        assert_eq!(
            client
                .get(&format!("/boxes/{id}/things"))
                .go()
                .await
                .is(200)
                .each("box")
                .len(),
            1
        );
    }
    client.get("/boxes/-1/things").go().await.is(404);
}

scenarios! {
    groups_have_no_distance,
    patterns_are_few,
    a_field_is_shown_once,
    links_lead_on,
    types_without_an_end,
    equalities_use_their_index_in_every_syntax,
    links_are_bounded,
    an_or_is_bounded_by_what_it_finds,
    a_page_of_what_is_different,
    words_that_an_enum_does_not_have,
    words_are_few,
    parents_of_every_kind,
}
