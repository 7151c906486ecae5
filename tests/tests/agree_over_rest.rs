//! Random query strings over REST, put to an app in memory and to the same one on SQLite: the answers are the same, letter for letter,
//! none is a fault of the server, and nothing hidden is in any of them.
//!
//! 1,500 queries in the usual run, 60,000 with `LARDER_LONG` (`cargo xtask test --long`).

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client};
use serde_json::{Value, json};

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

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.roll() % n as u64).unwrap()
    }

    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

const TEXTS: [&str; 12] = [
    "", "a", "A", "ab", "aB", "b", "é", "É", "1", "null", "a b", "%25",
];
const FIELDS: [&str; 27] = [
    "id",
    "title",
    "status",
    "n",
    "big",
    "f",
    "price",
    "day",
    "at",
    "uid",
    "open",
    "tags",
    "sizes",
    "lines",
    "any",
    "any.a",
    "any.b",
    "point",
    "author",
    "author.name",
    "author.age",
    "author.info",
    "author.team.title",
    "author.public",
    "vault",
    "nothing",
    "author.team",
];
const VALUES: [&str; 44] = [
    "",
    "a",
    "A",
    "ab",
    "b",
    "%C3%A9",
    "1",
    "0",
    "-1",
    "2",
    "1.0",
    "1.5",
    "-0.25",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "-9223372036854775808",
    "1e300",
    "1e-300",
    "null",
    "true",
    "false",
    "draft",
    "published",
    "undefined",
    "Infinity",
    "-Infinity",
    "string:1",
    "number:1",
    "boolean:true",
    "date:2024-01-02",
    "2024-01-02",
    "2024-01-02T00:00:00Z",
    "2024-01-02T00:00:00.123456789Z",
    "epoch:0",
    "re:%5Ea",
    "RE:b$",
    "glob:a*",
    "(a,b)",
    "(1,2)",
    "u1",
    "u2",
    "00000000-0000-0000-0000-000000000001",
    "99999999999999999999999999999999999999",
];
const OPS: [&str; 17] = [
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "in",
    "out",
    "contains",
    "excludes",
    "starts_with",
    "ends_with",
    "eq_ignore_case",
    "match",
    "size",
    "mod",
    "between",
];

/// Mostly a name that is declared.
fn name(dice: &mut Dice) -> &'static str {
    match dice.once_in(12) {
        true => dice.of(&FIELDS),
        false => dice.of(&[&FIELDS[1..16], &FIELDS[17..23]].concat()),
    }
}

/// One of those that sort.
fn sorted(dice: &mut Dice) -> &'static str {
    match dice.once_in(12) {
        true => dice.of(&FIELDS),
        false => dice.of(&[
            "title",
            "n",
            "big",
            "f",
            "price",
            "at",
            "uid",
            "tags",
            "any",
            "author.name",
            "author.team.title",
        ]),
    }
}

fn value(dice: &mut Dice, field: &str) -> String {
    let fitting: &[&str] = match field {
        _ if dice.once_in(12) => &VALUES,
        "title" | "author.name" | "any.a" | "author.team.title" | "tags" => {
            &["", "a", "A", "ab", "%C3%A9", "null", "re:%5Ea", "re:b"]
        }
        "status" => &["draft", "published", "null"],
        "n" | "author.age" | "big" | "sizes" => &[
            "0",
            "1",
            "2",
            "-1",
            "9223372036854775807",
            "18446744073709551615",
            "null",
        ],
        "f" => &["0", "0.5", "-0.25", "1e300", "null"],
        "price" => &[
            "0",
            "0.1",
            "0.10",
            "12.5",
            "99999999999999999999999999999999999999",
            "null",
        ],
        "day" => &[
            "2024-01-02",
            "2024-02-29",
            "0001-01-01",
            "9999-12-31",
            "null",
        ],
        "at" => &[
            "2024-01-02T00:00:00Z",
            "2024-01-02T00:00:00.000001Z",
            "epoch:0",
            "2024-01-02",
            "null",
        ],
        "uid" => &["00000000-0000-0000-0000-000000000001", "null"],
        "open" => &["true", "false", "null"],
        "author" => &["u0", "u1", "u2", "u9"],
        _ => &VALUES,
    };
    dice.of(fitting).to_owned()
}

fn condition(dice: &mut Dice, depth: usize) -> String {
    if depth < 3 && dice.once_in(4) {
        let word = dice.of(&["and", "or", "not"]);
        let one = condition(dice, depth + 1);
        if word == "not" {
            return format!("not({one})");
        }
        let two = condition(dice, depth + 1);
        return format!("{word}({one},{two})");
    }
    let field = name(dice);
    let value_of = |dice: &mut Dice| value(dice, field);
    match dice.below(12) {
        0 => format!("{field}={}", value_of(dice)),
        1 => format!("{field}!={}", value_of(dice)),
        2 => format!("exists({field}{})", dice.of(&["", ",false"])),
        3 => {
            let (one, two) = (value_of(dice), value_of(dice));
            format!("{}({field},({one},{two},null))", dice.of(&["in", "out"]))
        }
        4 => {
            let (one, two) = (value_of(dice), value_of(dice));
            format!("between({field},{one},{two})")
        }
        5 => format!(
            "mod({field},({},{}))",
            dice.of(&["2", "-3", "0", "9223372036854775807"]),
            dice.of(&["0", "1", "-1"])
        ),
        6 => match dice.below(4) {
            0 => format!(
                "near({field},({},{}),{})",
                dice.of(&["0", "1", "180"]),
                dice.of(&["0", "90"]),
                dice.of(&["1e5", "1e9", "-1"])
            ),
            1 => "within(point,box((0,0),(2,2)))".to_owned(),
            2 => "within(point,polygon((0,0),(2,0),(2,2)))".to_owned(),
            _ => "within(point,box((170,-90),(-170,90)))".to_owned(),
        },
        7 => {
            let (op, value) = (
                dice.of(&["gt", "lt", "eq", "ne", "in"]),
                dice.of(&["1", "2", "null", "a", "(1,2)"]),
            );
            let sub = dice.of(&["sku", "note", "", "a", "0"]);
            let inner = if sub.is_empty() {
                format!("{op}({value})")
            } else {
                format!("{op}({sub},{value})")
            };
            format!("{}({field},{inner})", dice.of(&["contains", "excludes"]))
        }
        _ => {
            let (op, value) = (dice.of(&OPS), value_of(dice));
            format!("{op}({field},{value})")
        }
    }
}

fn json_condition(dice: &mut Dice, depth: usize) -> Value {
    if depth < 2 && dice.once_in(4) {
        let join = dice.of(&["$and", "$or", "$nor"]);
        return json!({join: [json_condition(dice, depth + 1), json_condition(dice, depth + 1)]});
    }
    let field = name(dice);
    let plain = |dice: &mut Dice| -> Value {
        match dice.below(7) {
            0 => Value::Null,
            1 => json!(dice.once_in(2)),
            2 => json!(dice.below(3)),
            3 => json!(0.5),
            4 => json!(u64::MAX),
            5 => json!([1, "a"]),
            _ => json!(dice.of(&TEXTS)),
        }
    };
    let test = match dice.below(12) {
        0 => json!({"$size": dice.below(3)}),
        1 => json!({"$exists": dice.once_in(2)}),
        2 => json!({"$mod": [2, dice.below(2)]}),
        3 => json!({"$regex": "^a"}),
        4 => json!({"$all": [plain(dice)]}),
        5 => json!({"$elemMatch": {"sku": {"$gt": 1}}}),
        6 => json!({"$nearSphere": [0.5, 0.5], "$maxDistance": dice.below(200)}),
        7 => json!({"$within": {"$box": [[0, 0], [2, 2]]}}),
        8 => json!({dice.of(&["$in", "$nin"]): [plain(dice), plain(dice)]}),
        9 => json!({dice.of(&["$gt", "$gte", "$lt", "$lte", "$ne"]): plain(dice)}),
        10 => json!({"$not": {dice.of(&["$gt", "$eq"]): plain(dice)}}),
        _ => plain(dice),
    };
    json!({field: test})
}

fn query(dice: &mut Dice) -> String {
    let mut terms: Vec<String> = Vec::new();
    for _ in 0..dice.below(3) {
        terms.push(condition(dice, 0));
    }
    if dice.once_in(5) {
        let text = json_condition(dice, 0).to_string();
        let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        terms.push(format!("query={text}"));
    }
    let fields = |dice: &mut Dice| {
        let count = 1 + dice.below(2);
        let shown = [
            "id", "title", "status", "n", "big", "price", "any.a", "tags", "lines", "author",
        ];
        let all = (0..count).map(|_| match dice.once_in(12) {
            true => dice.of(&FIELDS),
            false => dice.of(&shown),
        });
        all.collect::<Vec<&str>>().join(",")
    };
    if dice.once_in(6) {
        let of = |dice: &mut Dice| match dice.below(6) {
            0 => "count()".to_owned(),
            1 => format!("x=sum({})", name(dice)),
            2 => format!("mean({})", name(dice)),
            3 => format!("least=min({})", name(dice)),
            _ => format!("most=max({})", name(dice)),
        };
        let (by, one) = (fields(dice), of(dice));
        terms.push(match dice.below(3) {
            0 => format!("aggregate({by},{one})"),
            1 => format!("aggregate({one})"),
            _ => format!(
                "aggregate({by})&sort({}{})",
                dice.of(&["", "-"]),
                by.split(',').next().unwrap_or_default()
            ),
        });
    } else if dice.once_in(2) {
        let sign = dice.of(&["-", "+", ""]);
        terms.push(match dice.below(3) {
            0 => format!("sort({sign}{})", sorted(dice)),
            1 => format!("sortBy={sign}{},{}", sorted(dice), sorted(dice)),
            _ => format!("sort({sign}{},-{})", sorted(dice), sorted(dice)),
        });
    }
    let numbers = [
        "0",
        "1",
        "2",
        "3",
        "5",
        "7",
        "50",
        "18446744073709551615",
        "9223372036854775808",
        "Infinity",
    ];
    let odd = ["-1", "1.5", "Infinity", "99999999999999999999"];
    let numbers = if dice.once_in(10) {
        &odd[..]
    } else {
        &numbers[..]
    };
    match dice.below(8) {
        0 => terms.push(format!("limit({},{})", dice.of(numbers), dice.of(numbers))),
        1 => terms.push(format!(
            "limit({},{},{})",
            dice.of(numbers),
            dice.of(numbers),
            dice.of(numbers)
        )),
        2 => terms.push(format!(
            "limit={}&skip={}",
            dice.of(numbers),
            dice.of(numbers)
        )),
        _ => {}
    }
    match dice.below(10) {
        0 => terms.push(format!("select({})", fields(dice))),
        1 => terms.push(format!("unselect({})", fields(dice))),
        2 => terms.push(format!("values({})", fields(dice))),
        3 => terms.push(format!("values({})&distinct()", fields(dice))),
        4 => terms.push(format!("fields={}", fields(dice))),
        _ => {}
    }
    match dice.below(14) {
        0 => terms.push("count()".to_owned()),
        1 => terms.push("first()".to_owned()),
        2 => terms.push("one()".to_owned()),
        3 => terms.push(format!(
            "{}({})",
            dice.of(&["sum", "mean", "min", "max"]),
            name(dice)
        )),
        _ => {}
    }
    if dice.once_in(12) {
        let at = dice.below(terms.len() + 1);
        terms.insert(
            at,
            dice.of(&[
                "q=1",
                "cursor=abc",
                "limit",
                "(",
                "&&",
                "x=%ZZ",
                "a=b=c",
                "recurse(author)",
            ])
            .to_owned(),
        );
    }
    terms.join("&")
}

fn post(dice: &mut Dice, at: usize) -> Value {
    let maybe = |dice: &mut Dice, value: Value| if dice.once_in(4) { Value::Null } else { value };
    let text = |dice: &mut Dice| json!(dice.of(&TEXTS));
    let n = json!([-1_i64, 0, 1, 2, i64::MAX, i64::MIN][dice.below(6)]);
    let big = json!([0_u64, 1, 2, 1 << 63, u64::MAX][dice.below(5)]);
    let f = json!([0.0, 0.5, -0.25, 1e300, 2.0][dice.below(5)]);
    let price = json!(dice.of(&["0", "0.1", "12.50", "-3", "99999999999999999999999999"]));
    let day = json!(dice.of(&["2024-01-02", "2024-02-29", "0001-01-01"]));
    let moment = json!(dice.of(&[
        "2024-01-02T00:00:00Z",
        "2024-01-02T00:00:00.000001Z",
        "1970-01-01T00:00:00Z"
    ]));
    let uid = json!(dice.of(&[
        "00000000-0000-0000-0000-000000000001",
        "00000000-0000-0000-0000-000000000002"
    ]));
    let tags: Vec<Value> = (0..dice.below(3)).map(|_| text(dice)).collect();
    let sizes: Vec<usize> = (0..dice.below(3)).map(|_| dice.below(3)).collect();
    let lines: Vec<Value> = (0..dice.below(3))
        .map(|_| json!({"sku": dice.below(4), "note": maybe(dice, json!("a"))}))
        .collect();
    let any = [
        json!(1),
        json!(1.5),
        json!("a"),
        json!({"a": 1, "b": 2}),
        json!({"b": 2, "a": 1}),
        json!([1, "a"]),
        json!(true),
        json!({"a": "a"}),
        json!(u64::MAX),
        json!({"a": [1, 2]}),
        json!({"a": null}),
    ][dice.below(11)]
    .clone();
    let point = [
        json!([0.5, 0.5]),
        json!([180, 10]),
        json!([-180.0, 10.0]),
        json!([1]),
        json!([0, 90]),
    ][dice.below(5)]
    .clone();
    json!({
        "author": format!("u{}", dice.below(5)), "title": text(dice), "status": dice.of(&["draft", "published"]),
        "n": maybe(dice, n), "big": maybe(dice, big), "f": maybe(dice, f), "price": maybe(dice, price), "day": maybe(dice, day),
        "at": maybe(dice, moment), "uid": maybe(dice, uid), "open": !at.is_multiple_of(4), "tags": tags, "sizes": sizes, "lines": lines,
        "any": maybe(dice, any), "point": maybe(dice, point),
    })
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
    let mut dice = Dice(7);
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
    let count = if std::env::var_os("LARDER_LONG").is_some() {
        60_000
    } else {
        1_500
    };
    let seed = std::env::var("LARDER_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let start: u64 = seed.unwrap_or(20_261_122);
    let mut found = [0_usize; 2];
    for at in 0..count {
        let mut dice = Dice(start.wrapping_add(at));
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
