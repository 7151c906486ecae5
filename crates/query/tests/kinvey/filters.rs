//! What each operator finds: a filter, a row, whether it passes.

use larder_query::{Limits, Query, Shape, kinvey};

use crate::support::{bare, bare_query, filter, json, passes, printed};

#[test]
fn every_row_of_the_table() {
    for line in TABLE.lines().filter(|line| !line.trim().is_empty()) {
        let [text, yes, no] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let tree = filter(text);
        let inner = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        let opposite = filter(&format!("{{\"$nor\":[{{{}}}]}}", inner.unwrap()));
        for (rows, expected) in [(yes, true), (no, false)] {
            for row in json(&format!("[{rows}]")).as_array().unwrap() {
                assert_eq!(passes(&tree, row), expected, "{text} on {row:?}");
                assert_eq!(passes(&opposite, row), !expected, "not {text} on {row:?}");
            }
        }
        // What is printed is the same tree, and printed again the same text.
        let again = printed(&tree);
        assert_eq!(bare(filter(&again)), bare(tree), "{text} as {again}");
        assert_eq!(printed(&filter(&again)), again);
    }
}

/// A filter, rows that pass, rows that do not.
const TABLE: &str = r#"
{} | {}, {"a":1}, null |
{"a":1} | {"a":1}, {"a":1.0}, {"a":[2,1]} | {}, {"a":2}, {"a":"1"}, {"a":true}, {"a":null}, {"a":[]}, {"a":[[1]]}
{"a":"x"} | {"a":"x"}, {"a":["y","x"]} | {"a":"X"}, {"a":"xx"}, {"a":{"x":1}}
{"a":""} | {"a":""} | {}, {"a":null}, {"a":"x"}, {"a":[]}
{"a":false} | {"a":false} | {"a":0}, {"a":null}, {}
{"a":0} | {"a":0}, {"a":-0.0} | {"a":false}, {"a":null}, {"a":""}, {}
{"a":null} | {}, {"a":null}, {"a":[null]}, {"b":1} | {"a":0}, {"a":false}, {"a":""}, {"a":[]}
{"a":[1,2]} | {"a":[1,2]}, {"a":[[1,2],3]}, {"a":[1.0,2]} | {"a":[2,1]}, {"a":[1]}, {"a":1}, {"a":[1,2,3]}
{"a":[]} | {"a":[]}, {"a":[[]]} | {"a":[1]}, {}, {"a":null}
{"a":{"x":1,"y":2}} | {"a":{"x":1,"y":2}}, {"a":{"y":2,"x":1}}, {"a":[{"x":1,"y":2}]} | {"a":{"x":1}}, {"a":{"x":1,"y":2,"z":3}}
{"a":{}} | {"a":{}} | {}, {"a":{"x":1}}, {"a":null}
{"a":{"$eq":1}} | {"a":1}, {"a":[1]} | {"a":2}, {}
{"a":{"$ne":1}} | {}, {"a":2}, {"a":"1"}, {"a":null}, {"a":[2]} | {"a":1}, {"a":[2,1]}
{"a":{"$ne":null}} | {"a":0}, {"a":""}, {"a":[]} | {}, {"a":null}, {"a":[null]}
{"a":{"$ne":false}} | {"a":true}, {"a":0}, {} | {"a":false}
{"a":{"$gt":5}} | {"a":6}, {"a":5.5}, {"a":[1,9]} | {"a":5}, {"a":"6"}, {"a":null}, {}, {"a":[1]}, {"a":true}, {"a":{"x":9}}
{"a":{"$gte":5}} | {"a":5}, {"a":5.0}, {"a":6} | {"a":4.9}, {"a":null}, {}
{"a":{"$lt":5}} | {"a":4}, {"a":-1e300} | {"a":5}, {"a":null}, {}, {"a":"4"}, {"a":[]}
{"a":{"$lte":0}} | {"a":0}, {"a":-1} | {"a":1}, {"a":null}, {}, {"a":false}
{"a":{"$gt":"b"}} | {"a":"c"}, {"a":"ba"}, {"a":"é"} | {"a":"b"}, {"a":"B"}, {"a":7}, {}
{"a":{"$lt":""}} | | {"a":""}, {"a":"x"}, {"a":null}, {}
{"a":{"$gte":25,"$lte":50}} | {"a":25}, {"a":50}, {"a":[10,60]} | {"a":24}, {"a":51}, {}
{"a":{"$in":[1,"x",null]}} | {"a":1}, {"a":"x"}, {}, {"a":null}, {"a":[7,"x"]} | {"a":2}, {"a":"1"}, {"a":[]}
{"a":{"$in":[]}} | | {}, {"a":1}, {"a":[]}
{"a":{"$in":[[1,2]]}} | {"a":[1,2]}, {"a":[[1,2]]} | {"a":1}, {"a":[1]}
{"a":{"$nin":[1,2]}} | {}, {"a":3}, {"a":null}, {"a":[3]} | {"a":1}, {"a":[3,2]}
{"a":{"$nin":[]}} | {}, {"a":1} |
{"a":{"$all":[1,2]}} | {"a":[2,3,1]}, {"a":[1.0,2]} | {"a":[1]}, {"a":1}, {}, {"a":[[1,2]]}
{"a":{"$all":[]}} | | {}, {"a":[]}, {"a":[1]}
{"a":{"$all":[null]}} | {"a":[1,null]} | {}, {"a":null}, {"a":[]}
{"a":{"$all":[{"x":1}]}} | {"a":[{"x":1}]} | {"a":[{"x":1,"y":1}]}, {"a":{"x":1}}
{"a":{"$all":[{"$elemMatch":{"x":1}},{"$elemMatch":{"x":{"$gt":5}}}]}} | {"a":[{"x":1},{"x":6}]} | {"a":[{"x":1}]}, {"a":[{"x":6}]}
{"a":{"$size":2}} | {"a":[1,2]}, {"a":[null,null]} | {"a":[1]}, {"a":"ab"}, {"a":{"x":1,"y":2}}, {}, {"a":2}
{"a":{"$size":0}} | {"a":[]} | {}, {"a":null}, {"a":0}, {"a":""}
{"a":{"$exists":true}} | {"a":0}, {"a":false}, {"a":""}, {"a":[]}, {"a":[null]} | {}, {"a":null}
{"a":{"$exists":false}} | {}, {"a":null} | {"a":0}, {"a":[]}
{"a":{"$exists":1}} | {"a":0} | {}
{"a":{"$mod":[4,1]}} | {"a":5}, {"a":1}, {"a":5.0}, {"a":[2,9]} | {"a":4}, {"a":-3}, {"a":"5"}, {"a":5.5}, {}, {"a":null}
{"a":{"$mod":[4,-3]}} | {"a":-3}, {"a":-7} | {"a":1}, {"a":-4}
{"a":{"$mod":[4,0]}} | {"a":0}, {"a":8} | {}, {"a":null}, {"a":2}, {"a":false}
{"a":{"$regex":"^Jo"}} | {"a":"Joe"}, {"a":["x","Joe"]} | {"a":"joe"}, {"a":"A Joe"}, {"a":7}, {}, {"a":null}
{"a":{"$regex":"^jo","$options":"i"}} | {"a":"JOE"} | {"a":"A joe"}
{"a":{"$regex":"^b$","$options":"m"}} | {"a":"a\nb"} | {"a":"ab"}
{"a":{"$regex":"^a.b","$options":"s"}} | {"a":"a\nb"} | {"a":"ab"}
{"a":{"$regex":"^a b # a remark","$options":"x"}} | {"a":"ab"} | {"a":"a b"}
{"a":{"$options":"i","$regex":"^j\/o"}} | {"a":"J/O"} | {"a":"jo"}
{"a":{"$not":{"$gt":5}}} | {"a":5}, {}, {"a":null}, {"a":"9"} | {"a":6}, {"a":[1,6]}
{"a":{"$not":{"$gt":5,"$lt":9}}} | {"a":5}, {"a":9}, {} | {"a":7}
{"a":{"$not":{"$not":{"$gt":5}}}} | {"a":6} | {"a":5}, {}
{"a":{"$not":{"$regex":"^x"}}} | {"a":"y"}, {} | {"a":"x"}
{"a":{"$not":{"$ne":1}}} | {"a":1} | {"a":2}, {}
{"a":{"$elemMatch":{"$gt":5,"$lt":9}}} | {"a":[1,7]} | {"a":[1,10]}, {"a":7}, {}, {"a":[[7]]}
{"a":{"$elemMatch":{"$eq":null}}} | {"a":[null]} | {}, {"a":null}, {"a":[1]}
{"a":{"$elemMatch":{"$ne":1,"$nin":[2,3]}}} | {"a":[1,4]} | {"a":[1,2]}, {"a":4}, {"a":[]}
{"a":{"$elemMatch":{"$not":{"$gt":1},"$exists":true}}} | {"a":[5,1]}, {"a":["x"]} | {"a":[5,null]}, {"a":[]}
{"a":{"$elemMatch":{"x":1,"y":{"$gt":2}}}} | {"a":[{"x":1,"y":3}]}, {"a":[{"x":[0,1],"y":3}]} | {"a":[{"x":1},{"y":3}]}, {"a":{"x":1,"y":3}}
{"a":{"$elemMatch":{"$or":[{"x":1},{"y":1}]}}} | {"a":[{"y":1}]} | {"a":[{"z":1}]}, {"a":[]}
{"a":{"$elemMatch":{}}} | {"a":[0]}, {"a":[null]} | {"a":[]}, {}, {"a":0}
{"a":{"$elemMatch":{"$elemMatch":{"$gt":5}}}} | {"a":[[1],[6]]} | {"a":[6]}, {"a":[[1]]}
{"a":{"$elemMatch":{"b":{"$elemMatch":{"c":1}}}}} | {"a":[{"b":[{"c":1}]}]} | {"a":[{"b":{"c":1}}]}
{"a":{"$elemMatch":{"$size":1}}} | {"a":[[7]]} | {"a":[7]}
{"a":{"$elemMatch":{"$gt":1,"$not":{"$not":{"$gt":2,"$lt":9}}}}} | {"a":[3]} | {"a":[2]}, {"a":[9]}
{"a.b":1} | {"a":{"b":1}}, {"a":{"b":[1,2]}} | {"a":1}, {"a.b":1}, {}, {"a":[{"b":1}]}
{"a.b.c":null} | {}, {"a":1}, {"a":{"b":{}}}, {"a":{"b":{"c":null}}} | {"a":{"b":{"c":0}}}
{"a.1":7} | {"a":[0,7]}, {"a":{"1":7}} | {"a":[7]}, {"a":7}
{"a.0.b":7} | {"a":[{"b":7}]} | {"a":{"b":7}}
{"a":1,"b":2} | {"a":1,"b":2} | {"a":1}, {"b":2}
{"$and":[{"a":1},{"b":2}]} | {"a":1,"b":2} | {"a":1}, {"b":2}
{"$and":[{"a":{"$gt":1}},{"a":{"$gt":3}}]} | {"a":4} | {"a":2}
{"$and":[{"a":5},{"a":{"$gt":3}}]} | {"a":5} | {"a":4}
{"a":{"$gt":1},"$and":[{"b":1},{"a":{"$lt":5}}]} | {"a":2,"b":1} | {"a":6,"b":1}, {"a":2}
{"$or":[{"a":1},{"b":2}]} | {"a":1}, {"b":2}, {"a":1,"b":2} | {}, {"a":2,"b":1}
{"$or":[{"a":1}]} | {"a":1} | {"a":2}
{"$or":[{"a":{"$exists":false}},{"a":{"$all":[1]}}]} | {}, {"a":[1]} | {"a":1}
{"$or":[{"a":{"$ne":1}},{"b":{"$nin":[1]}}]} | {"a":2,"b":1}, {"a":1} | {"a":1,"b":1}
{"$nor":[{"a":1},{"b":2}]} | {}, {"a":2,"b":1} | {"a":1}, {"b":2}
{"$nor":[{"a":{"$gt":1},"b":2}]} | {"a":2}, {"b":2} | {"a":2,"b":2}
{"$nor":[{}]} | | {}, {"a":1}
{"$nor":[{"$nor":[{"a":1}]}]} | {"a":1} | {}
{"$or":[{"$and":[{"a":1},{"$or":[{"b":1},{"c":1}]}]},{"d":1}]} | {"a":1,"c":1}, {"d":1} | {"a":1}, {"b":1}
{"$or":[{"a":{"$gt":1,"$lt":3}},{"$nor":[{"b":1},{"c":1}]}]} | {"a":2,"b":1}, {} | {"b":1}, {"a":4,"c":1}
{"a":"ISODate(\"2026-01-31T12:00:00.000Z\")"} | {"a":"2026-01-31T12:00:00.000Z"} | {"a":"ISODate(\"2026-01-31T12:00:00.000Z\")"}, {}
{"p":{"$nearSphere":[13.4,52.5],"$maxDistance":10}} | {"p":[13.4,52.6]} | {"p":[13.4,52.7]}, {"p":[52.6,13.4]}, {}, {"p":null}, {"p":[13.4]}, {"p":"13.4,52.6"}
{"p":{"$nearSphere":[13.4,52.5],"$maxDistance":0}} | {"p":[13.4,52.5]} | {"p":[13.4,52.50001]}
{"p":{"$near":[13.4,52.5]}} | {"p":[-166.6,-52.5]}, {"p":[0,0]} | {}, {"p":[200,0]}
{"p":{"$maxDistance":1,"$nearSphere":[0,0]}} | {"p":[0,0.01]} | {"p":[0,0.02]}
{"p":{"$nearSphere":{"$geometry":{"type":"Point","coordinates":[0,0]},"$maxDistance":1500}}} | {"p":[0,0.01]} | {"p":[0,0.02]}
{"p":{"$within":{"$box":[[170,-20],[-170,-10]]}}} | {"p":[178,-18]}, {"p":[-178,-18]} | {"p":[0,-18]}, {"p":[178,-21]}, {}
{"p":{"$geoWithin":{"$polygon":[[0,0],[4,0],[0,4]]}}} | {"p":[1,1]}, {"p":[2,2]} | {"p":[3,3]}, {}, {"p":[1,1,1]}
{"$or":[{"p":{"$nearSphere":[0,0],"$maxDistance":1}},{"p":{"$nearSphere":[9,9],"$maxDistance":1}}]} | {"p":[0,0]}, {"p":[9,9]} | {"p":[5,5]}
"#;

fn query(text: &str) -> Query {
    kinvey::parse_query_string(text, &Limits::default())
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The query and the query string that says it.
fn modifiers(text: &str) -> (Query, String) {
    let query = query(text);
    let printed = kinvey::print(&query).unwrap().to_query_string();
    let again = kinvey::parse_query_string(&printed, &Limits::default()).unwrap();
    assert_eq!(bare_query(again), bare_query(query.clone()), "{text}");
    (query, printed)
}

#[test]
fn modifiers_in_every_form() {
    let keys = |text: &str| {
        let keys = modifiers(text).0.sort;
        let key = |key: &larder_query::Sort| (key.path.dotted().into_owned(), key.descending);
        keys.iter().map(key).collect::<Vec<_>>()
    };
    let expected = [("z".to_owned(), false), ("a.b".to_owned(), true)];
    for text in [
        r#"sort={"z":1,"a.b":-1}"#,
        "sort=%7B%22z%22%3A1%2C%22a.b%22%3A-1%7D",
        "sort=z,-a.b",
        "sort=+z,+-a.b",
        "sort=%2Bz,%20-a.b",
    ] {
        assert_eq!(keys(text), expected, "{text}");
    }
    assert_eq!(keys("sort={}"), []);

    let (query, text) = modifiers("limit=20&skip=40&fields=last_name,age.years");
    assert_eq!((query.page.limit, query.page.skip), (Some(20), 40));
    let Shape::Select(paths) = &query.shape else {
        panic!("{:?}", query.shape);
    };
    assert_eq!(paths[1].dotted(), "age.years");
    assert_eq!(text, "fields=last_name,age.years&limit=20&skip=40");

    // Nothing, and what says nothing.
    for text in ["", "&", "limit=0&skip=0", "query={}&sort={}"] {
        assert_eq!(modifiers(text), (Query::default(), String::new()), "{text}");
    }
    // A plus is a space, as in forms; an encoded one is itself.
    let (query, _) = modifiers("query={\"a\":\"x+y%2Bz\"}");
    assert!(passes(&query.filter.unwrap(), &json(r#"{"a":"x y+z"}"#)));
}

#[test]
fn near_orders_where_every_record_has_to_be_near() {
    let near = |text: &str| {
        let (query, _) = modifiers(text);
        query
            .near
            .map(|near| (near.path.dotted().into_owned(), near.from.lon))
    };
    let circle = r#"{"p":{"$nearSphere":[13.4,52.5],"$maxDistance":10}}"#;
    let found = Some(("p".to_owned(), 13.4));
    assert_eq!(near(&format!("query={circle}")), found);
    assert_eq!(
        near(&format!("query={{\"$and\":[{{\"a\":1}},{circle}]}}")),
        found
    );
    assert_eq!(near(&format!("query={circle}&sort=a")), None);
    assert_eq!(
        near(&format!("query={{\"$or\":[{{\"a\":1}},{circle}]}}")),
        None
    );
    assert_eq!(near(&format!("query={{\"$nor\":[{circle}]}}")), None);
    let within = r#"query={"p":{"$within":{"$box":[[0,0],[1,1]]}}}"#;
    assert_eq!(near(within), None);
}

#[test]
fn conditions_of_rql_are_said_exactly() {
    let rows = [
        "{}",
        r#"{"a":1}"#,
        r#"{"a":[1]}"#,
        r#"{"a":[2]}"#,
        r#"{"a":null}"#,
        r#"{"a":"ab"}"#,
        r#"{"a":[["ab"]]}"#,
    ];
    for text in [
        "a==1",
        "a!=1",
        "a=gt=0",
        "not(a=gt=0)",
        "in(a,(1,2))",
        "out(a,(1,2))",
        "a==null",
        "a!=null",
        "starts_with(a,ab)",
        "not(starts_with(a,%5B))",
        "a==(1)",
        "in(a,(null,1))",
        "true",
        "false",
        "a==1|a==(2)",
        "not(a==1|a==2)",
        "and(a=ge=0,a=le=1,a!=5)",
    ] {
        let tree = larder_query::parse(text).unwrap();
        let again = filter(&printed(&tree));
        for row in rows.map(json) {
            assert_eq!(
                passes(&again, &row),
                passes(&tree, &row),
                "{text} as {} on {row:?}",
                printed(&tree)
            );
        }
        assert_eq!(bare(filter(&printed(&again))), bare(again));
    }
    for text in [
        "contains(a,b)",
        "ends_with(a,b)",
        "eq_ignore_case(a,b)",
        "a=1",
        "a==$x",
        "$x==1",
        "lt(a,null)",
        "a==string:ISODate(%22%22)",
    ] {
        let Ok(tree) = larder_query::parse(text) else {
            continue;
        };
        assert!(kinvey::print_filter(&tree).is_err(), "{text}");
    }
}
