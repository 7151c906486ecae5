//! The untyped builder: every call, every chain of the seed's table, and what it refuses.

use larder_query::{Distance, Flags, Limits, Object, Query, QueryBuilder, Shape, Value, kinvey};

use crate::support::{bare_query, filter, json, passes};

fn new() -> QueryBuilder {
    QueryBuilder::new()
}

/// The text of `query`, after a way there and back that has to lead to the same query.
fn text(builder: QueryBuilder) -> String {
    let query = builder.clone().build().unwrap();
    let sent = builder.clone().to_query_string().unwrap();
    let read = kinvey::parse_query_string(&sent, &Limits::default()).unwrap();
    assert_eq!(bare_query(read), bare_query(query), "{sent}");
    builder.to_params().unwrap().query.unwrap_or_default()
}

#[test]
fn every_call() {
    for (builder, expected) in [
        (new().equal_to("f", "x"), r#"{"f":"x"}"#),
        (new().equal_to("f", Value::Null), r#"{"f":null}"#),
        (new().equal_to("f", false), r#"{"f":false}"#),
        (new().equal_to("f", 0), r#"{"f":0}"#),
        (new().equal_to("f", ""), r#"{"f":""}"#),
        (
            new().equal_to("f", json("[1,{\"x\":null}]")),
            r#"{"f":[1,{"x":null}]}"#,
        ),
        (
            new().not_equal_to("f", Value::Null),
            r#"{"f":{"$ne":null}}"#,
        ),
        (new().not_equal_to("f", 0), r#"{"f":{"$ne":0}}"#),
        (new().not_equal_to("f", false), r#"{"f":{"$ne":false}}"#),
        (new().greater_than("f", 1), r#"{"f":{"$gt":1}}"#),
        (
            new().greater_than_or_equal_to("f", 0),
            r#"{"f":{"$gte":0}}"#,
        ),
        (new().less_than("f", ""), r#"{"f":{"$lt":""}}"#),
        (
            new().less_than_or_equal_to("f", 1.5),
            r#"{"f":{"$lte":1.5}}"#,
        ),
        (
            new().greater_than(
                "f",
                "2026-01-31T12:00:00Z".parse::<jiff::Timestamp>().unwrap(),
            ),
            r#"{"f":{"$gt":"ISODate(\"2026-01-31T12:00:00Z\")"}}"#,
        ),
        (new().exists("f", true), r#"{"f":{"$exists":true}}"#),
        (new().exists("f", false), r#"{"f":{"$exists":false}}"#),
        (new().mod_("f", 3, 0), r#"{"f":{"$mod":[3,0]}}"#),
        (new().matches("f", "^a/b"), r#"{"f":{"$regex":"^a/b"}}"#),
        (
            new().matches_with(
                "f",
                "^a",
                Flags {
                    multi_line: true,
                    extended: true,
                    dot_all: true,
                    ..Flags::default()
                },
            ),
            r#"{"f":{"$regex":"^a","$options":"mxs"}}"#,
        ),
        (new().contains("f", ["x"]), r#"{"f":{"$in":["x"]}}"#),
        (new().contains("f", [1, 2]), r#"{"f":{"$in":[1,2]}}"#),
        (
            new().contains("f", Vec::<Value>::new()),
            r#"{"f":{"$in":[]}}"#,
        ),
        (
            new().contains_all("f", ["x", "y"]),
            r#"{"f":{"$all":["x","y"]}}"#,
        ),
        (
            new().contains_all("f", Vec::<Value>::new()),
            r#"{"$nor":[{}]}"#,
        ),
        (new().not_contained_in("f", [1]), r#"{"f":{"$nin":[1]}}"#),
        (new().size("f", 3), r#"{"f":{"$size":3}}"#),
        (
            new().near("f", [0.0, -1.5], Distance::miles(10.0)),
            r#"{"f":{"$nearSphere":[0.0,-1.5],"$maxDistance":10.0}}"#,
        ),
        (
            new().near("f", [0.0, 0.0], Distance::miles(0.0)),
            r#"{"f":{"$nearSphere":[0.0,0.0],"$maxDistance":0.0}}"#,
        ),
        (
            new().near("f", [1.0, 2.0], None),
            r#"{"f":{"$nearSphere":[1.0,2.0]}}"#,
        ),
        (
            new().within_box("f", [0.0, 0.0], [1.0, 1.0]),
            r#"{"f":{"$within":{"$box":[[0.0,0.0],[1.0,1.0]]}}}"#,
        ),
        (
            new().within_polygon("f", [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]),
            r#"{"f":{"$within":{"$polygon":[[0.0,0.0],[1.0,0.0],[1.0,1.0],[0.0,1.0]]}}}"#,
        ),
        // Conditions on one field add up, where they come first; equalities are not lost.
        (
            new()
                .greater_than_or_equal_to("f", 25)
                .equal_to("g", 1)
                .less_than_or_equal_to("f", 50),
            r#"{"f":{"$gte":25,"$lte":50},"g":1}"#,
        ),
        (
            new().equal_to("f", 1).greater_than("f", 0),
            r#"{"$and":[{"f":1},{"f":{"$gt":0}}]}"#,
        ),
        (
            new().greater_than("f", 0).equal_to("f", 1),
            r#"{"$and":[{"f":{"$gt":0}},{"f":1}]}"#,
        ),
        (
            new().equal_to("f", Value::Null).greater_than("f", 0),
            r#"{"$and":[{"f":null},{"f":{"$gt":0}}]}"#,
        ),
        (
            new().equal_to("f", 1).equal_to("f", 2),
            r#"{"$and":[{"f":1},{"f":2}]}"#,
        ),
        (
            new()
                .matches_with(
                    "f",
                    "^a",
                    Flags {
                        multi_line: true,
                        ..Flags::default()
                    },
                )
                .matches("f", "^b"),
            r#"{"$and":[{"f":{"$regex":"^a","$options":"m"}},{"f":{"$regex":"^b"}}]}"#,
        ),
        (
            new().contains_all("f", [1]).contains_all("f", [2]),
            r#"{"f":{"$all":[1,2]}}"#,
        ),
        (new(), ""),
    ] {
        assert_eq!(text(builder), expected);
    }
}

/// A chain of the table in words, as the builder's calls: a letter is a field that has to be 1.
fn chain(words: &str) -> QueryBuilder {
    words.split(' ').fold(new(), |query, word| match word {
        "and" => query.and(),
        "nor" => query.nor(),
        "or" => query.or(),
        letter => query.equal_to(letter, 1),
    })
}

/// The table's filter, `$or[$and[A,B],C]`, for letters that are true or not.
fn holds(formula: &str, letters: &[&str]) -> bool {
    let Some((word, list)) = formula.split_once('[').filter(|_| formula.starts_with('$')) else {
        return letters.contains(&formula);
    };
    let list = list.strip_suffix(']').unwrap();
    let mut depth = 0;
    let members = list.split(|c| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == ',' && depth == 0
    });
    let mut members = members.map(|member| holds(member, letters));
    match word {
        "$and" => members.fold(true, |all, one| all & one),
        "$or" => members.fold(false, |any, one| any | one),
        "$nor" => !members.any(|one| one),
        other => panic!("{other}"),
    }
}

fn agrees(query: QueryBuilder, formula: &str) {
    text(query.clone());
    let tree = query.build().unwrap().filter.unwrap();
    for bits in 0..32 {
        let letters: Vec<&str> = ["A", "B", "C", "D", "E"]
            .into_iter()
            .enumerate()
            .filter_map(|(at, letter)| (bits >> at & 1 == 1).then_some(letter))
            .collect();
        let row: Object = letters.iter().map(|letter| (*letter, 1)).collect();
        assert_eq!(
            passes(&tree, &row.into()),
            holds(formula, &letters),
            "{formula} of {letters:?}"
        );
    }
}

#[test]
fn every_chain_of_the_table() {
    for (words, formula) in [
        ("A or B or C", "$or[$or[A,B],C]"),
        ("A and B and C", "$and[A,$and[B,C]]"),
        ("A nor B nor C", "$nor[A,$nor[B,C]]"),
        ("A and B nor C", "$nor[$and[A,B],C]"),
        ("A and B nor C and D", "$nor[$and[A,B],$and[C,D]]"),
        ("A and B or C", "$or[$and[A,B],C]"),
        ("A and B or C and D", "$or[$and[A,B],$and[C,D]]"),
        ("A nor B or C", "$or[$nor[A,B],C]"),
        ("A or B nor C and D", "$or[A,$nor[B,$and[C,D]]]"),
        ("A or B and C", "$or[A,$and[B,C]]"),
        ("A nor B and C", "$nor[A,$and[B,C]]"),
        ("A and B and C or D", "$or[$and[A,$and[B,C]],D]"),
        ("A or B nor C or D", "$or[$or[A,$nor[B,C]],D]"),
        ("A nor B nor C nor D", "$nor[A,$nor[B,$nor[C,D]]]"),
        (
            "A nor B and C nor D or E",
            "$or[$nor[A,$nor[$and[B,C],D]],E]",
        ),
        // Conditions without a word between them stand in one part.
        ("A B or C D", "$or[$and[A,B],$and[C,D]]"),
        ("A nor B C or D E", "$or[$nor[A,$and[B,C]],$and[D,E]]"),
    ] {
        agrees(chain(words), formula);
    }
    // The root reused after a chain: what was said so far is closed.
    agrees(
        chain("A or B").nor_with(chain("D and E")),
        "$nor[$or[A,B],$and[D,E]]",
    );
    agrees(
        chain("A or B").and_with(chain("C or D")),
        "$and[$or[A,B],$or[C,D]]",
    );
    agrees(
        chain("A").or_with([chain("B"), chain("C and D")]),
        "$or[A,B,$and[C,D]]",
    );
    agrees(
        chain("A").nor_with(vec![chain("B"), chain("C")]),
        "$nor[A,B,C]",
    );
    agrees(
        chain("A").or_with(chain("B")).equal_to("C", 1),
        "$and[$or[A,B],C]",
    );
    agrees(
        chain("A").or_with(chain("B")).or().equal_to("C", 1),
        "$or[$or[A,B],C]",
    );
    agrees(
        chain("A").nor_with(chain("B")).nor_with(chain("C")),
        "$nor[$nor[A,B],C]",
    );
    // An empty query is all records.
    agrees(new().and_with(chain("A")), "$and[$nor[none],A]");
    assert_eq!(
        new()
            .or_with(chain("A"))
            .build()
            .unwrap()
            .filter
            .map(|f| passes(&f, &json("{}"))),
        Some(true)
    );
}

#[test]
fn one_shape_for_each_chain() {
    assert_eq!(
        text(chain("A or B or C")),
        r#"{"$or":[{"A":1},{"B":1},{"C":1}]}"#
    );
    assert_eq!(text(chain("A and B and C")), r#"{"A":1,"B":1,"C":1}"#);
    assert_eq!(
        text(chain("A nor B nor C")),
        r#"{"$nor":[{"A":1},{"$nor":[{"B":1},{"C":1}]}]}"#
    );
    assert_eq!(
        text(chain("A or B nor C and D")),
        r#"{"$or":[{"A":1},{"$nor":[{"B":1},{"C":1,"D":1}]}]}"#
    );
}

#[test]
fn the_whole_query_comes_back_from_every_call() {
    // The seed's trap: what a chained call returns is passed on, and half of the query is lost.
    let query = new()
        .limit(1)
        .equal_to("a", 1)
        .ascending("x")
        .or()
        .skip(3)
        .fields(["f", "g.h"])
        .equal_to("b", 2)
        .descending("y")
        .limit(20);
    let sent = query.clone().to_params().unwrap();
    let pairs: Vec<(&str, &str)> = sent.pairs().collect();
    assert_eq!(
        pairs,
        [
            ("query", r#"{"$or":[{"a":1},{"b":2}]}"#),
            ("fields", "f,g.h"),
            ("limit", "20"),
            ("skip", "3"),
            ("sort", r#"{"x":1,"y":-1}"#),
        ]
    );
    let plain = serde_json::to_string(&query.to_plain_object().unwrap()).unwrap();
    assert_eq!(
        plain,
        r#"{"fields":["f","g.h"],"filter":{"$or":[{"a":1},{"b":2}]},"sort":{"x":1,"y":-1},"skip":3,"limit":20}"#
    );
}

#[test]
fn modifiers() {
    let again = new().ascending("a").ascending("b").descending("a");
    assert_eq!(
        again.to_params().unwrap().sort.unwrap(),
        r#"{"a":-1,"b":1}"#
    );
    let none = new()
        .limit(5)
        .limit(0)
        .skip(1)
        .skip(0)
        .fields(["a"])
        .fields([]);
    assert_eq!(none.build().unwrap(), Query::default());
    let once = new().fields(["a", "b", "a"]).build().unwrap();
    assert!(matches!(once.shape, Shape::Select(paths) if paths.len() == 2));
    // The nearest come first, unless it is said what does.
    let near = new().near("p", [1.0, 2.0], None);
    assert!(
        near.clone()
            .equal_to("a", 1)
            .build()
            .unwrap()
            .near
            .is_some()
    );
    assert!(near.clone().ascending("a").build().unwrap().near.is_none());
    assert!(near.or().equal_to("a", 1).build().unwrap().near.is_none());
}

#[test]
fn refusals_name_their_calls() {
    let corner = [0.0, 0.0];
    for (builder, expected) in [
        (
            new().greater_than("a", Value::Null),
            "greater_than(\"a\"): this takes a number, a text or a date",
        ),
        (
            new().less_than_or_equal_to("a", true),
            "less_than_or_equal_to(\"a\"): this takes",
        ),
        (
            new().greater_than("a", f64::NAN),
            "greater_than(\"a\"): a number must be finite",
        ),
        (
            new().equal_to("a", vec![Value::F64(f64::INFINITY)]),
            "equal_to(\"a\"): a number must be finite",
        ),
        (new().equal_to("", 1), "equal_to(\"\"): a name is missing"),
        (
            new().equal_to("a..b", 1),
            "equal_to(\"a..b\"): a name is missing",
        ),
        (
            new().equal_to("$or", 1),
            "equal_to(\"$or\"): a name in a path can't begin with `$`",
        ),
        (
            new().equal_to("a", json("{\"$gt\":1}")),
            "equal_to(\"a\"): `$gt` can't stand inside a value",
        ),
        (
            new().equal_to("a", "ISODate(\"x\")"),
            "equal_to(\"a\"): a date is given as one",
        ),
        (
            new().mod_("a", 0, 1),
            "mod_(\"a\"): nothing can be divided by 0",
        ),
        (
            new().matches("a", "b"),
            "matches(\"a\"): a pattern begins with `^`",
        ),
        (
            new().matches("a", "^("),
            "matches(\"a\"): this is no pattern",
        ),
        (
            new().matches_with(
                "a",
                "^b",
                Flags {
                    ignore_case: true,
                    ..Flags::default()
                },
            ),
            "matches(\"a\"): `ignore_case` is not supported",
        ),
        (
            new().near("a", [200.0, 0.0], None),
            "near(\"a\"): a longitude lies between",
        ),
        (
            new().near("a", [f64::NAN, 0.0], None),
            "near(\"a\"): a longitude lies between",
        ),
        (
            new().near("a", corner, Distance::miles(-1.0)),
            "near(\"a\"): a distance is a number from 0",
        ),
        (
            new().near("a", corner, Distance::metres(f64::NAN)),
            "near(\"a\"): a distance is a number from 0",
        ),
        (
            new().near("a", corner, None).near("b", corner, None),
            "near: a query has one point",
        ),
        (
            new().within_box("a", [0.0, 1.0], corner),
            "within_box(\"a\"): the first corner",
        ),
        (
            new().within_polygon("a", [corner, [1.0, 1.0]]),
            "within_polygon(\"a\"): a polygon has at least three",
        ),
        (
            new().ascending("a.").descending(""),
            "ascending(\"a.\"): a name is missing in this path; write author.name; descending(\"\")",
        ),
        (
            new().fields(["a", "$b"]),
            "fields(\"$b\"): a name in a path",
        ),
        (
            new().or().equal_to("a", 1),
            "or: there is no condition before it",
        ),
        (
            new().equal_to("a", 1).nor(),
            "nor: there is no condition behind it",
        ),
        (
            new().equal_to("a", 1).or().and().equal_to("b", 1),
            "and: there is no condition before it",
        ),
        (
            new().and_with(new().limit(5)),
            "and_with: a query that is joined has conditions only",
        ),
        (
            new().equal_to("a", 1).or_with(new().mod_("b", 0, 0)),
            "mod_(\"b\"): nothing can be",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    // A refused call leaves no other fault behind.
    let error = new()
        .equal_to("", 1)
        .or()
        .equal_to("b", 1)
        .build()
        .unwrap_err();
    assert_eq!(error.refusals().len(), 1);
    assert_eq!(error.refusals()[0].call, "equal_to(\"\")");
}

#[test]
fn the_seeds_samples() {
    let rate = new()
        .greater_than_or_equal_to("rate", 25)
        .less_than_or_equal_to("rate", 50);
    let tree = filter(&text(rate));
    assert!(passes(&tree, &json(r#"{"rate":25}"#)) && !passes(&tree, &json(r#"{"rate":51}"#)));
    let first = new().equal_to("last_name", "Doe");
    let joined = first.or_with(new().equal_to("last_name", "Roe"));
    let inline = new()
        .equal_to("last_name", "Doe")
        .or()
        .equal_to("last_name", "Roe");
    assert_eq!(joined.clone().build().unwrap(), inline.build().unwrap());
    assert_eq!(
        text(joined),
        r#"{"$or":[{"last_name":"Doe"},{"last_name":"Roe"}]}"#
    );
}
