//! What is refused, where the message points, and what it says.

use larder_query::{Limits, ParseErrorKind as Kind, kinvey};

#[test]
fn filters() {
    // The text with the faulty part between two bars, and a part of the message.
    for (marked, message) in [
        (r#"|5|"#, "conditions in an object"),
        (r#"|[{"a":1}]|"#, "conditions in an object"),
        (r#"{"a":1||"#, "expected `,` or `}`"),
        (r#"{|'|a':1}"#, "JSON has double quotes"),
        (r#"{"a":1}| |x"#, ""),
        (r#"{"a":1,|"a"|:2}"#, "`a` stands twice"),
        (r#"{"a":{"$gt":1,|"$gt"|:2}}"#, "`$gt` stands twice"),
        (r#"{"a":{|"$gtt"|:1}}"#, "did you mean `$gt`?"),
        (r#"{"a":{|"$grt"|:1}}"#, "did you mean `$gt`?"),
        (
            r#"{"a":{|"$elementMatch"|:1}}"#,
            "did you mean `$elemMatch`?",
        ),
        (r#"{"a":{|"$where"|:"x"}}"#, "there is no operator `$where`"),
        (r#"{"a":{|"$frobnicate"|:1}}"#, "expected one of $eq"),
        (r#"{|"$ro"|:[{}]}"#, "did you mean `$or`?"),
        (r#"{|"$where"|:"x"}"#, "there is no operator `$where`"),
        (r#"{|"$gt"|:1}"#, "`$gt` stands in a field's condition"),
        (r#"{|"$not"|:{"a":1}}"#, "for whole filters write \"$nor\""),
        (
            r#"{"a":{|"$or"|:[{"$gt":1}]}}"#,
            "`$or` joins whole filters",
        ),
        (r#"{"a":{"$gt":1,|"b"|:1}}"#, "`b` is no operator"),
        (
            r#"{"a":{|"$box"|:[[0,0],[1,1]]}}"#,
            "`$box` stands inside `$within`",
        ),
        (r#"{"$or":|{"a":1}|}"#, "`$or` takes a list of filters"),
        (r#"{"$and":|[]|}"#, "at least one"),
        (r#"{"$nor":[|1|]}"#, "conditions in an object"),
        (r#"{|"a..b"|:1}"#, "a name is missing in this path"),
        (r#"{|""|:1}"#, "a name is missing in this path"),
        (r#"{|"a.$gt"|:1}"#, "can't begin with `$`"),
        (r#"{"a":{"x":{|"$gt"|:1}}}"#, "can't stand inside a value"),
        (r#"{"a":[{|"$gt"|:1}]}"#, "can't stand inside a value"),
        (
            r#"{"a":{"$gt":|null|}}"#,
            "takes a number, a text or a date",
        ),
        (
            r#"{"a":{"$lte":|[1]|}}"#,
            "takes a number, a text or a date",
        ),
        (r#"{"a":{"$in":|5|}}"#, "`$in` takes a list"),
        (r#"{"a":{"$all":|{"x":1}|}}"#, "`$all` takes a list"),
        (r#"{"a":{"$size":|-1|}}"#, "a whole number from 0"),
        (r#"{"a":{"$size":|1.5|}}"#, "a whole number from 0"),
        (r#"{"a":{"$size":|"2"|}}"#, "a whole number from 0"),
        (r#"{"a":{"$exists":|"yes"|}}"#, "true or false"),
        (r#"{"a":{"$mod":|[0,1]|}}"#, "divided by 0"),
        (r#"{"a":{"$mod":|[4]|}}"#, "two whole numbers"),
        (r#"{"a":{"$mod":|[4,1.5]|}}"#, "two whole numbers"),
        (r#"{"a":{"$mod":|["4",1]|}}"#, "two whole numbers"),
        (r#"{"a":{"$regex":|"jo"|}}"#, "begins with `^`"),
        (r#"{"a":{"$regex":|" ^jo"|}}"#, "begins with `^`"),
        (r#"{"a":{"$regex":|"^("|}}"#, "this is no pattern"),
        (r#"{"a":{"$regex":|"^(?=x)"|}}"#, "this is no pattern"),
        (r#"{"a":{"$regex":|"^(a{900}){900}"|}}"#, "too costly"),
        (
            r#"{"a":{"$regex":"^\\w{4}"},"b":{"$regex":|"^\\w{4}"|}}"#,
            "one costly pattern at the most",
        ),
        (
            r#"{"$and":[{"a":{"$regex":"^1"}},{"a":{"$regex":"^2"}},{"a":{"$regex":"^3"}},{"a":{"$regex":"^4"}},{"a":{"$regex":"^5"}},{"a":{"$regex":"^6"}},{"a":{"$regex":"^7"}},{"a":{"$regex":"^8"}},{"a":{"$regex":|"^9"|}}]}"#,
            "one more than a query may have",
        ),
        (r#"{"a":{"$regex":|5|}}"#, "takes a text"),
        (
            r#"{"a":{"$regex":"^x","$options":|"ig"|}}"#,
            "no option `g`",
        ),
        (r#"{"a":{|"$options"|:"i"}}"#, "belongs beside `$regex`"),
        (r#"{"a":{"$not":|5|}}"#, "for a value write `$ne`"),
        (r#"{"a":{"$elemMatch":|5|}}"#, "`$elemMatch` takes"),
        (r#"{"a":|"ISODate(\"yesterday\")"|}"#, "this is no date"),
        (r#"{"a":{"$in":[1,|"ISODate(\"\")"|]}}"#, "this is no date"),
        (r#"{"p":{"$nearSphere":|[1]|}}"#, "expected a point"),
        (
            r#"{"p":{"$nearSphere":|[200,1]|}}"#,
            "the longitude comes first",
        ),
        (r#"{"p":{"$nearSphere":|["1","2"]|}}"#, "expected a point"),
        (
            r#"{"p":{"$nearSphere":[1,2],"$maxDistance":|-1|}}"#,
            "a number from 0",
        ),
        (
            r#"{"p":{"$nearSphere":[1,2],"$maxDistance":|"5"|}}"#,
            "takes a number",
        ),
        (
            r#"{"p":{|"$maxDistance"|:5}}"#,
            "belongs beside `$nearSphere`",
        ),
        (
            r#"{"p":{"$nearSphere":|{"$maxDistance":5}|}}"#,
            "expected a point",
        ),
        (
            r#"{"p":{"$nearSphere":{"$geometry":|{"type":"Line","coordinates":[1,2]}|}}}"#,
            "\"type\":\"Point\"",
        ),
        (
            r#"{"p":{"$nearSphere":{"$geometry":{"type":"Point","coordinates":[1,2]}},|"$maxDistance"|:5}}"#,
            "in metres",
        ),
        (r#"{"p":{"$within":|[1,2]|}}"#, "takes {\"$box\":..}"),
        (r#"{"p":{"$within":|{}|}}"#, "takes one shape"),
        (r#"{"p":{"$within":{|"$bix"|:[]}}}"#, "did you mean `$box`?"),
        (
            r#"{"p":{"$within":{|"$centerSphere"|:[]}}}"#,
            "there is no shape",
        ),
        (r#"{"p":{"$within":{"$box":|[[0,0]]|}}}"#, "two points"),
        (
            r#"{"p":{"$within":{"$box":|[[0,1],[1,0]]|}}}"#,
            "south-western",
        ),
        (
            r#"{"p":{"$within":{"$polygon":|[[0,0],[1,1],[0,0]]|}}}"#,
            "three different corners",
        ),
        (
            r#"{"p":{"$within":{"$polygon":[[0,0],|[1,91]|,[0,0]]}}}"#,
            "a latitude between",
        ),
    ] {
        let parts: Vec<&str> = marked.split('|').collect();
        let [before, faulty, after] = parts[..] else {
            panic!("{marked}");
        };
        let text = format!("{before}{faulty}{after}");
        let error = kinvey::parse_filter(&text, &Limits::default()).expect_err(&text);
        assert!(error.message.contains(message), "{text}: {error}");
        if !faulty.trim().is_empty() || after.is_empty() {
            let span = (error.span.start, error.span.end);
            assert_eq!(
                span,
                (before.len(), before.len() + faulty.len()),
                "{text}: {error}"
            );
        }
        error.caret(&text);
    }
}

#[test]
fn modifiers() {
    for (text, param, message) in [
        ("limit=-1", "limit", "a whole number from 0"),
        ("limit=%2B1", "limit", "a whole number from 0"),
        ("limit=1.5", "limit", "a whole number from 0"),
        (
            "limit=99999999999999999999",
            "limit",
            "a whole number from 0",
        ),
        ("skip=x", "skip", "a whole number from 0"),
        ("sort={\"a\":2}", "sort", "1 (ascending) or -1 (descending)"),
        (
            "sort={\"a\":true}",
            "sort",
            "1 (ascending) or -1 (descending)",
        ),
        ("sort={\"a\":1,\"a\":-1}", "sort", "stands twice"),
        ("sort={\"a\"", "sort", "expected `:`"),
        ("sort=a,,b", "sort", "a name is missing"),
        ("sort=a,-a", "sort", "stands twice"),
        ("sort=a.$b", "sort", "can't begin with `$`"),
        ("fields=a,", "fields", "a name is missing"),
        ("fields=a,a", "fields", "stands twice"),
        ("query=x", "query", "expected a JSON value"),
        ("query=%7B%7D%7B%7D", "query", "nothing may follow"),
    ] {
        let error = kinvey::parse_query_string(text, &Limits::default()).expect_err(text);
        assert_eq!(error.param, Some(param), "{text}: {error}");
        assert!(error.to_string().contains(message), "{text}: {error}");
    }
    for (text, start, message) in [
        ("limit=5&limit=6", 8, "`limit` stands twice"),
        ("limt=5", 0, "did you mean `limit`?"),
        ("hint=5", 0, "expected one of query, fields"),
        ("query=", 0, "`query` is empty"),
        ("skip=1&sort", 7, "`sort` is empty"),
        ("query=%7", 0, "percent-encoded"),
        ("query=%ff", 0, "percent-encoded"),
    ] {
        let error = kinvey::parse_query_string(text, &Limits::default()).expect_err(text);
        assert_eq!(
            (error.param, error.error.span.start),
            (None, start),
            "{text}"
        );
        assert!(error.to_string().contains(message), "{text}: {error}");
    }
}

#[test]
fn two_orders_by_distance() {
    let text = r#"query={"p":{"$nearSphere":[0,0]},"q":{"$nearSphere":[1,1]}}"#;
    let error = kinvey::parse_query_string(text, &Limits::default()).unwrap_err();
    assert_eq!(error.error.span.start, 32);
    assert!(error.to_string().contains("one `$nearSphere`"), "{error}");
}

#[test]
fn limits() {
    let limits = Limits {
        text: 2000,
        depth: 3,
        terms: 5,
        list: 4,
        patterns: larder_query::PatternLimits::USUAL,
    };
    let kind = |text: &str| kinvey::parse_filter(text, &limits).err().map(|e| e.kind);
    let nested = |n: usize| format!("{}{{}}{}", "{\"$or\":[".repeat(n), "]}".repeat(n));
    assert_eq!(kind(&nested(3)), None);
    assert_eq!(kind(&nested(4)), Some(Kind::TooDeep));
    let nots = |n: usize| format!("{{\"a\":{}{{}}{}}}", "{\"$not\":".repeat(n), "}".repeat(n));
    assert_eq!(kind(&nots(3)), None);
    assert_eq!(kind(&nots(4)), Some(Kind::TooDeep));
    let many = |n: usize| {
        let fields: Vec<String> = (0..n).map(|n| format!("\"f{n}\":1")).collect();
        format!("{{{}}}", fields.join(","))
    };
    assert_eq!(kind(&many(5)), None);
    assert_eq!(kind(&many(6)), Some(Kind::TooManyTerms));
    assert_eq!(
        kind(r#"{"$or":[{},{},{},{},{},{}]}"#),
        Some(Kind::TooManyTerms)
    );
    assert_eq!(kind(r#"{"a":{"$in":[1,2,3,4]}}"#), None);
    assert_eq!(
        kind(r#"{"a":{"$in":[1,2,3,4,5]}}"#),
        Some(Kind::TooManyItems)
    );
    assert_eq!(kind(r#"{"a":[1,2,3,4,5]}"#), Some(Kind::TooManyItems));
    assert_eq!(
        kind(r#"{"a":{"b":{"c":1,"d":1,"e":1,"f":1,"g":1}}}"#),
        Some(Kind::TooManyItems)
    );
    assert_eq!(kind(r#"{"a.b.c.d.e":1}"#), Some(Kind::TooManyItems));
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2000));
    assert_eq!(kind(&long), Some(Kind::TooLong));
    let query = |text: &str| {
        let error = kinvey::parse_query_string(text, &limits).err();
        error.map(|error| error.error.kind)
    };
    assert_eq!(query("sort=a,b,c,d,e"), Some(Kind::TooManyItems));
    assert_eq!(query("fields=a,b,c,d,e"), Some(Kind::TooManyItems));
    assert_eq!(
        query(&format!("fields={}", "x".repeat(2001))),
        Some(Kind::TooLong)
    );
    assert_eq!(query(&"&".repeat(6001)), Some(Kind::TooLong));
}

/// Patterns are what costs most to read, so a query has eight, and one costly one among them.
#[test]
fn patterns_have_a_budget() {
    let patterns = |sources: &[&str]| {
        let fields = sources.iter().enumerate();
        let fields: Vec<String> = fields
            .map(|(at, source)| format!(r#""f{at}":{{"$regex":"{source}"}}"#))
            .collect();
        let text = format!("{{{}}}", fields.join(","));
        let error = kinvey::parse_filter(&text, &Limits::default()).err();
        error.map(|error| error.kind)
    };
    let (cheap, costly) = ("^a.*b", r"^\\w{4}");
    assert_eq!(patterns(&[cheap; 8]), None);
    assert_eq!(patterns(&[cheap; 9]), Some(Kind::TooManyItems));
    assert_eq!(patterns(&[costly, cheap, cheap]), None);
    assert_eq!(patterns(&[costly, cheap, costly]), Some(Kind::TooManyItems));
    // Wherever they stand.
    let nested = format!(
        r#"{{"$or":[{{"a":{{"$regex":"{costly}"}}}},{{"b":{{"$elemMatch":{{"c":{{"$not":{{"$regex":"{costly}"}}}}}}}}}}]}}"#
    );
    let error = kinvey::parse_filter(&nested, &Limits::default()).unwrap_err();
    assert_eq!(error.kind, Kind::TooManyItems, "{error}");
}
