//! Properties: printing is stable under parsing, and no text makes the parser panic.

#[path = "long/cases.rs"]
mod long;

use larder_query::{
    Any, Area, CompactString, Compare, Expr, Flags, Limits, Literal, Op, Operand, Param, Path,
    Pattern, Point, Span, Subject, Value, parse_with, to_text,
};
use proptest::prelude::*;

const WIDE: Limits = Limits {
    text: 1 << 20,
    depth: 64,
    terms: 4096,
    list: 4096,
    patterns: larder_query::PatternLimits::WIDE,
};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_]{1,8}",
        "[ -~\u{e9}\u{20ac}]{1,4}",
        Just("true".to_owned()),
        Just("%3C".to_owned()),
        Just("and".to_owned()),
        Just("<".to_owned()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z]{0,6}",
        "-?[0-9]{1,22}(\\.[0-9]{1,3})?(e[+-]?[0-9]{1,3})?",
        "20[0-9]{2}-0[1-9]-1[0-9]T10:00:00(\\.[0-9]{1,3})?Z",
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("string:x".to_owned()),
        Just("$actor.id".to_owned()),
    ]
}

fn instant() -> impl Strategy<Value = Value> {
    (-62_000_000_000_i64..200_000_000_000, 0..1_000_000_000)
        .prop_map(|(s, n)| jiff::Timestamp::new(s, n).map_or(Value::Null, Value::Instant))
}

/// Kinds that text has a form for.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::F64),
        (-1e22..1e22_f64).prop_map(Value::F64),
        text().prop_map(Value::from),
        instant(),
        (1..=9999_i16, 1..=12_i8, 1..=28_i8)
            .prop_map(|(y, m, d)| Value::Date(jiff::civil::date(y, m, d))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        8 => scalar(),
        1 => prop::collection::vec(any::<u8>(), 0..6).prop_map(Value::bytes),
        1 => any::<u128>().prop_map(|n| Value::Uuid(uuid::Uuid::from_u128(n))),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..3)
                .prop_map(|pairs| Value::from(pairs.into_iter().collect::<larder_query::Object>())),
        ]
    })
}

fn literal() -> impl Strategy<Value = Operand> {
    (value(), any::<bool>()).prop_map(|(value, typed)| {
        Operand::Literal(Literal {
            raw: CompactString::default(),
            value,
            typed,
            span: Span::default(),
        })
    })
}

fn param() -> impl Strategy<Value = Param> {
    prop::collection::vec(name(), 1..3).prop_map(|steps| Param {
        steps: steps.into_iter().map(CompactString::from).collect(),
        span: Span::default(),
    })
}

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![literal(), param().prop_map(Operand::Param)].prop_recursive(2, 8, 3, |inner| {
        prop::collection::vec(inner, 0..3).prop_map(Operand::List)
    })
}

/// The operand of an operator that takes only one sort of it.
fn own_operand(op: Op, number: i64) -> Option<Operand> {
    let point = |lon| Point { lon, lat: 1.5 };
    let place = number as f64;
    Some(match op {
        Op::Match => {
            let flags = Flags {
                ignore_case: number % 2 == 0,
                multi_line: number % 3 == 0,
                ..Flags::default()
            };
            Operand::Pattern(Pattern::new(&format!("^a.{number}|(é)$"), flags).ok()?)
        }
        Op::Mod => Operand::List(vec![
            Operand::Literal(Literal::of(number)),
            Operand::Literal(Literal::of(0)),
        ]),
        Op::Size => Operand::Literal(Literal::of(number)),
        Op::Within => Operand::Area(match number % 3 {
            0 => Area::Circle {
                center: point(place),
                metres: if number % 2 == 0 {
                    f64::INFINITY
                } else {
                    place / 3.0
                },
            },
            1 => Area::Box {
                lower: point(-place),
                upper: point(place),
            },
            _ => Area::Polygon(vec![point(0.0), point(place), point(-place)]),
        }),
        _ => return None,
    })
}

/// Comparisons whose operand suits the operator: others can be neither written nor read.
fn compare() -> impl Strategy<Value = Expr> {
    let path = prop::collection::vec(name(), 1..3).prop_map(|steps| Path {
        steps: steps.into_iter().map(CompactString::from).collect(),
        span: Span::default(),
    });
    let subject =
        prop_oneof![3 => path.prop_map(Subject::Path), 1 => param().prop_map(Subject::Param)];
    (
        subject,
        0..Op::ALL.len(),
        operand(),
        any::<bool>(),
        1..99_i64,
    )
        .prop_map(|(subject, op, operand, form, number)| {
            let operand = own_operand(Op::ALL[op], number).unwrap_or(operand);
            let many = match &operand {
                Operand::List(_) => true,
                Operand::Literal(l) => l.value.as_array().is_some(),
                Operand::Param(_) | Operand::Pattern(_) | Operand::Area(_) => false,
            };
            let op = match Op::ALL[op] {
                op @ (Op::Match | Op::Mod | Op::Size | Op::Within) => op,
                Op::Out if many => Op::Out,
                _ if many && subject.param().is_some() => Op::In,
                Op::In | Op::Out if !many && !matches!(operand, Operand::Param(_)) => Op::Eq,
                Op::In | Op::Out | Op::Eq | Op::Ne | Op::Contains if many => Op::ALL[op],
                _ if many => Op::Ne,
                op => op,
            };
            Expr::Compare(Compare {
                subject,
                op,
                operand,
                form,
                span: Span::default(),
            })
        })
}

fn expr() -> impl Strategy<Value = Expr> {
    prop_oneof![4 => compare(), 1 => any::<bool>().prop_map(Expr::Const)].prop_recursive(
        4,
        24,
        4,
        |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::And),
                prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::Or),
                inner.clone().prop_map(|e| Expr::Not(Box::new(e))),
                (name(), inner).prop_map(|(step, filter)| Expr::Any(Any {
                    path: Path {
                        steps: [step.into()].into(),
                        span: Span::default(),
                    },
                    filter: Box::new(filter),
                    span: Span::default(),
                })),
            ]
        },
    )
}

/// The value of a single comparison.
fn value_of(expr: &Expr) -> Option<Value> {
    match expr {
        Expr::Compare(Compare {
            operand: Operand::Literal(l),
            ..
        }) => Some(l.value.clone()),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: long::cases(512), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_parse_text_is_text(tree in expr()) {
        let text = to_text(&tree);
        let parsed = parse_with(&text, &WIDE)
            .map_err(|e| TestCaseError::fail(e.caret(&text)))?;
        prop_assert_eq!(to_text(&parsed), text);
    }

    #[test]
fn simple_values_come_back_the_same(value in scalar()) {
        let literal = Literal { raw: CompactString::default(), value: value.clone(), typed: false, span: Span::default() };
        let text = format!("eq(a,{literal})");
        let parsed = parse_with(&text, &WIDE).map_err(|e| TestCaseError::fail(e.caret(&text)))?;
        let back = value_of(&parsed).unwrap_or_default();
        prop_assert!(back.same(&value), "{value:?} became {back:?}");
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Err(e) = parse_with(&text, &WIDE) {
            e.caret(&text);
        }
    }

    #[test]
    fn nearly_good_text_is_read_or_refused(
        text in "([a-c]|eq|and|or|not|in|lt|=|==|!=|<|&|\\||\\(|\\)|,|%3C|%|:|\\$|\\$a|\\.|/|string:|date:|[0-9]|\u{e9}){0,24}"
    ) {
        match parse_with(&text, &WIDE) {
            Ok(tree) => {
                let printed = to_text(&tree);
                let again = parse_with(&printed, &WIDE)
                    .map_err(|e| TestCaseError::fail(e.caret(&printed)))?;
                prop_assert_eq!(to_text(&again), printed);
            }
            Err(e) => {
                prop_assert!(text.is_char_boundary(e.span.start) && text.is_char_boundary(e.span.end));
                prop_assert!(e.span.start <= e.span.end);
                e.caret(&text);
            }
        }
    }
}
