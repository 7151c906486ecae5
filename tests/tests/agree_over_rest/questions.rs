//! Random query strings.

use larder_tests::Dice;
use serde_json::{Value, json};

pub(super) const TEXTS: [&str; 12] = [
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

pub(super) fn query(dice: &mut Dice) -> String {
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
