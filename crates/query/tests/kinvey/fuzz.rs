//! No text makes the parser panic, and what it makes can be said again.

use larder_query::{
    Any, Area, CompactString, Compare, Distance, Expr, Flags, Limits, Literal, Op, Operand, Path,
    Pattern, Point, Query, QueryBuilder, Span, Subject, Value, kinvey,
};
use proptest::prelude::*;

use crate::support::{bare, bare_query, passes, printed};

const WIDE: Limits = Limits {
    text: 1 << 20,
    depth: 40,
    terms: 1 << 16,
    list: 1 << 12,
    patterns: larder_query::PatternLimits::WIDE,
};

/// Reads a filter; what is read can be said, and is the same when it is read again.
fn read(text: &str) -> Result<(), TestCaseError> {
    let tree = match kinvey::parse_filter(text, &Limits::default()) {
        Ok(tree) => tree,
        Err(error) => {
            prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len());
            prop_assert!(text.is_char_boundary(error.span.start), "{}", error);
            prop_assert!(text.is_char_boundary(error.span.end), "{}", error);
            prop_assert!(!error.caret(text).is_empty());
            return Ok(());
        }
    };
    let said = match kinvey::print_filter(&tree) {
        Ok(said) => serde_json::to_string(&said).unwrap(),
        // Operators have one `$not`, and double negations make room for some more of them only.
        Err(error) => {
            prop_assert!(text.contains("$elemMatch"), "{text}: {error}");
            prop_assert!(
                error.to_string().contains("several negations"),
                "{text}: {error}"
            );
            return Ok(());
        }
    };
    let again = kinvey::parse_filter(&said, &WIDE)
        .map_err(|error| TestCaseError::fail(error.caret(&said)))?;
    prop_assert_eq!(bare(again), bare(tree), "{} as {}", text, said);
    Ok(())
}

#[test]
fn the_corpus() {
    let mut texts: Vec<String> = include_str!("corpus.txt")
        .lines()
        .skip(1)
        .map(str::to_owned)
        .collect();
    let long = |piece: &str, close: &str| {
        let n = 4096 / (piece.len() + close.len()).max(1);
        piece.repeat(n) + &close.repeat(n)
    };
    for (piece, close) in [
        ("[", "]"),
        ("{\"a\":", "}"),
        ("{\"$or\":[", "]}"),
        ("{\"$nor\":[", "]}"),
        ("[", ""),
        ("{", ""),
        ("\"", ""),
        ("\\", ""),
        ("{\"a\":{\"$not\":", "}}"),
        ("\u{e9}", ""),
        ("0", ""),
        ("-", ""),
        (" ", ""),
        ("{\"a\":{\"$elemMatch\":", "}}"),
    ] {
        texts.push(long(piece, close));
    }
    texts.push(format!("{{\"a\":\"{}\"}}", "\\u00e9".repeat(600)));
    texts.push(format!("{{\"a\":{}}}", "9".repeat(4000)));
    texts.push(format!("{{\"a\":{{\"$in\":[{}1]}}}}", "1,".repeat(255)));
    texts.push(format!("{{\"{}\":1}}", "a.".repeat(2000)));
    texts.push(format!("{{\"a\":{{\"$regex\":\"^{}\"}}}}", "(".repeat(999)));
    texts.push(format!(
        "{{\"a\":{{\"$regex\":\"^{}\"}}}}",
        "a?".repeat(490)
    ));
    assert!(texts.len() > 140);
    for text in texts {
        if let Err(error) = read(&text) {
            panic!("{text}: {error}");
        }
        let _ = kinvey::parse_query_string(&text, &Limits::default());
        let _ =
            kinvey::parse_query_string(&format!("query={text}&sort={text}"), &Limits::default());
    }
}

/// JSON as people write it in filters, and near it.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?[0-9]{1,3}(\\.[0-9])?",
        "\"[a-c^$.]{0,3}\"",
        Just("\"ISODate(\\\"2026-01-31T12:00:00Z\\\")\"".to_owned()),
        "\\[-?[0-9]{1,2},-?[0-9]{1,2}\\]",
        "\\[\\[[0-9],[0-9]\\],\\[[0-9],[0-9]\\],\\[[1-9],[0-9]\\]\\]",
    ];
    let name = prop_oneof![
        6 => "[a-c](\\.[a-c0-1])?",
        8 => prop::sample::select(&[
            "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$all", "$size", "$exists", "$mod", "$regex",
            "$nearSphere", "$maxDistance", "$within", "$box", "$polygon", "$not", "$elemMatch", "$and", "$or", "$nor",
        ][..]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(6, 40, 4, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            3 => prop::collection::vec((name.clone(), inner), 0..4).prop_map(|members| {
                let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// The JSON of filters that are right.
fn good_filter() -> impl Strategy<Value = String> {
    let number = || "-?[0-9]{1,2}(\\.5)?";
    let scalar = || {
        prop_oneof![
            number().boxed(),
            "\"[a-b]{0,2}\"".boxed(),
            Just("null".to_owned()).boxed(),
            Just("true".to_owned()).boxed()
        ]
    };
    let list =
        || prop::collection::vec(scalar(), 0..3).prop_map(|items| format!("[{}]", items.join(",")));
    let ordered = prop_oneof![number(), "\"[a-b]\""];
    let operator = prop_oneof![
        (prop::sample::select(&["$eq", "$ne"][..]), scalar())
            .prop_map(|(op, value)| format!("\"{op}\":{value}")),
        (
            prop::sample::select(&["$gt", "$gte", "$lt", "$lte"][..]),
            ordered
        )
            .prop_map(|(op, value)| format!("\"{op}\":{value}")),
        (prop::sample::select(&["$in", "$nin", "$all"][..]), list())
            .prop_map(|(op, value)| format!("\"{op}\":{value}")),
        (0..3).prop_map(|n| format!("\"$size\":{n}")),
        any::<bool>().prop_map(|flag| format!("\"$exists\":{flag}")),
        (1..5, -2..3).prop_map(|(d, r)| format!("\"$mod\":[{d},{r}]")),
        Just("\"$regex\":\"^a\"".to_owned()),
        Just("\"$within\":{\"$box\":[[0,0],[5,5]]}".to_owned()),
    ];
    let operators = prop::collection::vec(operator.clone(), 1..3).prop_map(|all| all.join(","));
    let condition = prop_oneof![
        3 => scalar(),
        1 => list(),
        4 => operators.clone().prop_map(|all| format!("{{{all}}}")),
        1 => operators.clone().prop_map(|all| format!("{{\"$not\":{{{all}}}}}")),
        1 => (operators.clone(), operators.clone()).prop_map(|(a, b)| format!("{{{a},\"$not\":{{\"$not\":{{{b}}}}}}}")),
        1 => operators.clone().prop_map(|all| format!("{{\"$elemMatch\":{{{all}}}}}")),
        1 => (operators.clone(), operators.clone()).prop_map(|(a, b)| format!("{{\"$elemMatch\":{{{a},\"$not\":{{{b}}}}}}}")),
        1 => (operators.clone(), operators).prop_map(|(a, b)| format!("{{\"$elemMatch\":{{{a},\"$not\":{{\"$not\":{{{b}}}}}}}}}")),
        1 => scalar().prop_map(|value| format!("{{\"$elemMatch\":{{\"b\":{value}}}}}")),
    ];
    let document =
        prop::collection::vec(("[a-b](\\.[a-b])?", condition), 0..3).prop_map(|members| {
            let members: Vec<String> = members
                .iter()
                .map(|(name, condition)| format!("\"{name}\":{condition}"))
                .collect();
            format!("{{{}}}", members.join(","))
        });
    document.prop_recursive(3, 12, 3, |inner| {
        (
            prop::sample::select(&["$and", "$or", "$nor"][..]),
            prop::collection::vec(inner, 1..4),
        )
            .prop_map(|(join, parts)| format!("{{\"{join}\":[{}]}}", parts.join(",")))
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => (-2..3_i64).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::F64),
        2 => "[ab]{0,2}".prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        1 => (-62_000_000_000_i64..200_000_000_000, 0..1_000_000_000)
            .prop_map(|(s, n)| jiff::Timestamp::new(s, n).map_or(Value::Null, Value::Instant)),
        1 => (1..=9999_i16, 1..=12_i8, 1..=28_i8).prop_map(|(y, m, d)| Value::Date(jiff::civil::date(y, m, d))),
        1 => any::<u128>().prop_map(|n| Value::Uuid(uuid::Uuid::from_u128(n))),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[ab$]{1,2}", inner), 0..3)
                .prop_map(|pairs| Value::from(pairs.into_iter().collect::<larder_query::Object>())),
        ]
    })
}

/// Rows of small values, so that conditions meet them.
fn row() -> impl Strategy<Value = Value> {
    let small = || {
        let leaf = prop_oneof![
            4 => (-2..3_i64).prop_map(Value::from),
            1 => Just(Value::Null),
            1 => any::<bool>().prop_map(Value::from),
            3 => "[ab]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                2 => prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                1 => prop::collection::vec(("[ab]", inner), 0..3)
                    .prop_map(|pairs| Value::from(pairs.into_iter().collect::<larder_query::Object>())),
            ]
        })
    };
    prop::collection::vec(("[ab]", small()), 0..3)
        .prop_map(|pairs| pairs.into_iter().collect::<larder_query::Object>().into())
}

fn point() -> impl Strategy<Value = Point> {
    (-180.0..=180.0, -90.0..=90.0).prop_map(|(lon, lat)| Point { lon, lat })
}

fn area() -> impl Strategy<Value = Area> {
    prop_oneof![
        (point(), 0.0..3e7).prop_map(|(center, metres)| Area::Circle { center, metres }),
        (point(), point()).prop_map(|(lower, upper)| Area::Box { lower, upper }),
        prop::collection::vec(point(), 0..5).prop_map(Area::Polygon),
    ]
}

fn compare(element: bool) -> impl Strategy<Value = Expr> {
    let names = if element { 0..1_usize } else { 1..3 };
    let path = prop::collection::vec("[ab]", names).prop_map(|steps| Path {
        steps: steps.into_iter().map(CompactString::from).collect(),
        span: Span::default(),
    });
    let literal = || value().prop_map(|value| Operand::Literal(Literal::of(value)));
    let list = || prop::collection::vec(literal(), 0..3).prop_map(Operand::List);
    let with = prop_oneof![
        6 => (prop::sample::select(&Op::ALL[..]), literal()),
        2 => (prop::sample::select(&[Op::In, Op::Out, Op::Mod][..]), list()),
        1 => (Just(Op::Size), literal()),
        1 => (Just(Op::Within), area().prop_map(Operand::Area)),
        1 => (Just(Op::Match), "\\^?[ab]{0,2}".prop_map(|source| {
            Operand::Pattern(Pattern::new(&source, Flags::default()).unwrap())
        })),
    ];
    (path, with).prop_map(|(path, (op, operand))| {
        Expr::Compare(Compare {
            subject: Subject::Path(path),
            op,
            operand,
            form: false,
            span: Span::default(),
        })
    })
}

/// A condition that the language can say or can't.
fn expr(element: bool) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![6 => compare(element), 1 => any::<bool>().prop_map(Expr::Const)];
    leaf.prop_recursive(4, 16, 3, move |inner| {
        let branch = prop_oneof![
            2 => prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::And),
            2 => prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::Or),
            1 => inner.clone().prop_map(|e| Expr::Not(Box::new(e))),
        ];
        if element {
            return branch.boxed();
        }
        let inside = prop_oneof![inner, expr(true)];
        let any = (inside, "[ab]").prop_map(|(filter, name)| {
            Expr::Any(Any {
                path: Path {
                    steps: [name.into()].into(),
                    span: Span::default(),
                },
                filter: Box::new(filter),
                span: Span::default(),
            })
        });
        prop_oneof![4 => branch, 1 => any].boxed()
    })
    .boxed()
}

/// Some call of the builder.
#[derive(Clone, Debug)]
enum Call {
    Compare(u8, Value),
    List(u8, Vec<Value>),
    Number(u8, i64),
    Place(u8, Point, Point),
    Join(u8),
    Other(u8, Vec<Call>),
    Modifier(u8),
}

fn call() -> impl Strategy<Value = Call> {
    let leaf = prop_oneof![
        4 => (any::<u8>(), value()).prop_map(|(n, value)| Call::Compare(n, value)),
        2 => (any::<u8>(), prop::collection::vec(value(), 0..3)).prop_map(|(n, list)| Call::List(n, list)),
        2 => (any::<u8>(), -1..4_i64).prop_map(|(n, number)| Call::Number(n, number)),
        1 => (any::<u8>(), point(), point()).prop_map(|(n, one, other)| Call::Place(n, one, other)),
        3 => any::<u8>().prop_map(Call::Join),
        1 => any::<u8>().prop_map(Call::Modifier),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        (any::<u8>(), prop::collection::vec(inner, 0..3))
            .prop_map(|(n, calls)| Call::Other(n, calls))
    })
}

fn made(builder: QueryBuilder, call: Call) -> QueryBuilder {
    let field = |n: u8| ["a", "b", "a.b", "c"][usize::from(n / 16) % 4];
    match call {
        Call::Compare(n, value) => match n % 6 {
            0 => builder.equal_to(field(n), value),
            1 => builder.not_equal_to(field(n), value),
            2 => builder.greater_than(field(n), value),
            3 => builder.greater_than_or_equal_to(field(n), value),
            4 => builder.less_than(field(n), value),
            _ => builder.less_than_or_equal_to(field(n), value),
        },
        Call::List(n, list) => match n % 3 {
            0 => builder.contains(field(n), list),
            1 => builder.contains_all(field(n), list),
            _ => builder.not_contained_in(field(n), list),
        },
        Call::Number(n, number) => match n % 4 {
            0 => builder.mod_(field(n), number, 1),
            1 => builder.size(field(n), number.unsigned_abs()),
            2 => builder.exists(field(n), number > 0),
            _ => builder.matches(field(n), &"^a".repeat(usize::try_from(number).unwrap_or(0))),
        },
        Call::Place(n, one, other) => {
            let at = |p: Point| [p.lon, p.lat];
            match n % 4 {
                0 => builder.near(field(n), at(one), Distance::miles(other.lon)),
                1 => builder.near(field(n), at(one), Distance::metres(other.lon)),
                2 => builder.within_box(field(n), at(one), at(other)),
                _ => builder.within_polygon(field(n), [at(one), at(other), [0.0, 0.0]]),
            }
        }
        Call::Join(n) => match n % 3 {
            0 => builder.and(),
            1 => builder.nor(),
            _ => builder.or(),
        },
        Call::Other(n, calls) => {
            let other = calls.into_iter().fold(QueryBuilder::new(), made);
            match n % 3 {
                0 => builder.and_with(other),
                1 => builder.nor_with([other]),
                _ => builder.or_with(vec![other]),
            }
        }
        Call::Modifier(n) => match n % 5 {
            0 => builder.ascending(field(n)),
            1 => builder.descending(field(n)),
            2 => builder.limit(u64::from(n)),
            3 => builder.skip(u64::from(n)),
            _ => builder.fields([field(n), "d"]),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: crate::long::cases(512), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        read(&text)?;
        let _ = kinvey::parse_query_string(&text, &Limits::default());
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        read(&text)?;
        let _ = kinvey::parse_query_string(&text, &Limits::default());
    }

    #[test]
    fn any_json(text in json_text()) {
        read(&text)?;
    }

    #[test]
    fn torn_json(text in json_text(), at in any::<prop::sample::Index>(), with in any::<Option<char>>()) {
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        match with {
            Some(char) => chars[at] = char,
            None => { chars.remove(at); }
        }
        read(&chars.into_iter().collect::<String>())?;
    }

    #[test]
    fn nearly_query_strings(text in "(query|sort|limit|skip|fields|=|&|%7B|%22|%|\\{|\\}|\"a\"|:|1|-|,|a|\\$gt|\\+){0,20}") {
        if let Ok(query) = kinvey::parse_query_string(&text, &Limits::default()) {
            let sent = kinvey::print(&query).unwrap().to_query_string();
            let again = kinvey::parse_query_string(&sent, &WIDE).unwrap();
            prop_assert_eq!(bare_query(again), bare_query(query));
        }
    }

    #[test]
    fn good_filters_come_back(text in good_filter(), rows in prop::collection::vec(row(), 6)) {
        read(&text)?;
        if let Ok(tree) = kinvey::parse_filter(&text, &WIDE) {
            let opposite = kinvey::parse_filter(&format!("{{\"$nor\":[{text}]}}"), &WIDE).unwrap();
            for row in rows {
                prop_assert_ne!(passes(&tree, &row), passes(&opposite, &row));
            }
        }
    }

    #[test]
    fn trees_that_can_be_said_mean_the_same(tree in expr(false), rows in prop::collection::vec(row(), 8)) {
        if let Ok(said) = kinvey::print_filter(&tree) {
            let text = serde_json::to_string(&said).unwrap();
            let again = kinvey::parse_filter(&text, &WIDE)
                .map_err(|error| TestCaseError::fail(format!("{}\n{tree:?}", error.caret(&text))))?;
            for row in &rows {
                prop_assert_eq!(passes(&again, row), passes(&tree, row), "{} on {:?}", text, row);
            }
            // From there on it stays the same tree.
            if let Ok(said) = kinvey::print_filter(&again) {
                let text = serde_json::to_string(&said).unwrap();
                let third = kinvey::parse_filter(&text, &WIDE).unwrap();
                prop_assert_eq!(bare(third), bare(again));
            }
        }
    }

    #[test]
    fn what_is_built_is_what_is_sent(calls in prop::collection::vec(call(), 0..8)) {
        let builder = calls.into_iter().fold(QueryBuilder::new(), made);
        if let Ok(query) = builder.clone().build() {
            let sent = builder.to_query_string().map_err(|error| TestCaseError::fail(error.to_string()))?;
            let read = kinvey::parse_query_string(&sent, &WIDE).map_err(|error| TestCaseError::fail(error.to_string()))?;
            // A day or a UUID is sent as the text that its field reads.
            let plain = |query: Query| query.filter.map(|filter| printed(&filter));
            prop_assert_eq!(plain(read.clone()), plain(query.clone()));
            let rest = |query: Query| bare_query(Query { filter: None, ..query });
            prop_assert_eq!(rest(read), rest(query));
        }
    }

    #[test]
    fn distances_come_back_to_the_last_bit(center in point(), metres in 0.0..2.1e7_f64) {
        let area = Area::Circle { center, metres: metres.min(larder_query::area::FARTHEST) };
        let tree = Expr::Compare(Compare {
            subject: Subject::Path(Path { steps: ["p".into()].into(), span: Span::default() }),
            op: Op::Within,
            operand: Operand::Area(area),
            form: false,
            span: Span::default(),
        });
        let text = printed(&tree);
        let again = bare(kinvey::parse_filter(&text, &WIDE).unwrap());
        prop_assert!(again == tree, "{text}");
        let unordered = Query { filter: Some(tree), ..Query::default() };
        prop_assert!(kinvey::print(&unordered).is_err());
    }
}
