use super::*;
use crate::expr::Span;
use crate::{Limits, Value};

#[test]
fn places_in_every_node() {
    let text = "a/b=lt=x%20y&(c=1|not(d,e))&in(f,(1,$g.h))";
    let tree = Tree::parse(text).unwrap();
    let mut seen = Vec::new();
    let mut stack = vec![tree.root()];
    while let Some(term) = stack.pop() {
        let span = term.span();
        seen.push(&text[span.start..span.end]);
        let mut below: Vec<_> = term.children().collect();
        below.reverse();
        stack.extend(below);
    }
    assert_eq!(
        seen,
        [
            text,
            "a/b=lt=x%20y",
            "a/b",
            "a",
            "b",
            "x%20y",
            "(c=1|not(d,e))",
            "c=1",
            "c",
            "1",
            "not(d,e)",
            "d",
            "e",
            "in(f,(1,$g.h))",
            "f",
            "(1,$g.h)",
            "1",
            "$g.h"
        ]
    );
    let first = tree.root().children().next().unwrap();
    assert_eq!(first.name_span(), Span::new(4, 6));
    assert_eq!((first.name(), first.text()), (Some("lt"), None));
}

#[test]
fn trees_by_hand() {
    let list = Tree::array([Tree::from(1), Tree::from("1")]);
    let tree = Tree::call("in", [Tree::from("a.b"), list]);
    assert_eq!(tree.to_string(), "in(a.b,(1,string:1))");
    assert_eq!(
        Tree::parse(&tree.to_string())
            .unwrap()
            .root()
            .children()
            .next()
            .unwrap()
            .children()
            .count(),
        2
    );
    // Names are texts, parentheses round one call say nothing, and a call needs a name.
    assert_eq!(
        Tree::call("eq", [Tree::from(1), Tree::from(1)]),
        Tree::call("eq", [Tree::from("1"), Tree::from(1)])
    );
    assert_eq!(Tree::array([tree.clone()]), tree);
    assert_eq!(
        Tree::call("", [Tree::from(1)]),
        Tree::array([Tree::from(1)])
    );
    assert_eq!(
        Tree::call("and", [Tree::call("or", [])]).to_string(),
        "or()"
    );
    assert_eq!(Tree::from(f64::NAN).to_string(), "NaN");
    assert_eq!(
        Tree::param(["actor", "a.b", ""]).to_string(),
        "$actor.a%2Eb._"
    );
    let day = Value::Date(jiff::civil::date(1969, 12, 31));
    assert_eq!(
        Tree::call("f", [Tree::from(day)]).to_string(),
        "f(epoch:-86400000)"
    );
    assert_ne!(Tree::parse("a=1").unwrap(), Tree::parse("a=2").unwrap());
    assert_eq!(
        Tree::parse("a=1").unwrap(),
        Tree::parse("eq(a,number:1)").unwrap()
    );
}

#[test]
fn limits_are_kept() {
    use ParseErrorKind as Kind;
    let tight = Limits {
        text: 40,
        depth: 2,
        terms: 3,
        list: 3,
        patterns: crate::PatternLimits::USUAL,
    };
    let kind = |text: &str| {
        Tree::parse_with(text, &tight)
            .map(drop)
            .map_err(|error| error.kind)
    };
    for good in [
        "f(g(1))",
        "((a,b),c)",
        "a=(1,2,3)",
        "a=1&b=2&c=3",
        "a/b/c=1",
        "sort(a,b,c)",
    ] {
        assert_eq!(kind(good), Ok(()), "{good}");
    }
    for (bad, expected) in [
        ("f(g(h(1)))", Kind::TooDeep),
        ("(((a,b)))", Kind::TooDeep),
        ("a=((((1))))", Kind::TooDeep),
        ("a=(1,2,3,4)", Kind::TooManyItems),
        ("sort(a,b,c,d)", Kind::TooManyItems),
        ("(a,b,c,d)=1", Kind::TooManyItems),
        ("a/b/c/d=1", Kind::TooManyItems),
        ("a=1&b=2&c=3&d=4", Kind::TooManyTerms),
        ("a&b&c&d", Kind::TooManyTerms),
        ("and(f(),f(),f(),f())", Kind::TooManyTerms),
        (&"a".repeat(41), Kind::TooLong),
    ] {
        assert_eq!(kind(bad), Err(expected), "{bad}");
    }
    let deep = Limits {
        depth: usize::MAX,
        text: usize::MAX,
        ..tight
    };
    let text = "(".repeat(100_000);
    assert_eq!(
        Tree::parse_with(&text, &deep)
            .map(drop)
            .map_err(|error| error.kind),
        Err(Kind::TooDeep)
    );
}

#[test]
fn short_numbers_take_no_detour() {
    for (text, value) in [
        ("0", Value::from(0)),
        ("-7", Value::from(-7)),
        (
            "999999999999999999",
            Value::from(999_999_999_999_999_999_i64),
        ),
        ("9223372036854775807", Value::from(i64::MAX)),
        ("-9223372036854775808", Value::from(i64::MIN)),
        ("0.000001", Value::F64(1e-6)),
        ("-12345.678", Value::F64(-12345.678)),
        ("0.1", Value::F64(0.1)),
        ("123456789012345.5", Value::F64(123_456_789_012_345.5)),
        ("3.141592653589793", Value::F64(std::f64::consts::PI)),
    ] {
        assert_eq!(values::automatic(text), value, "{text}");
    }
    for text in [
        "00",
        "-0",
        "0.0000001",
        "1.10",
        "01.5",
        ".5",
        "1.",
        "-",
        "1.2.3",
        "0.10",
        "12345678901234.123456",
    ] {
        assert_eq!(values::automatic(text), Value::from(text));
    }
}

#[test]
fn a_fault_in_a_parameter_is_pointed_at() {
    for (text, start, end) in [
        ("eq(a,$é%a)", 8, 9),
        ("eq(a,$b.%zz)", 8, 9),
        ("eq(a,$b.%ff)", 8, 11),
    ] {
        let error = Tree::parse_with(text, &Limits::WIDE).unwrap_err();
        assert_eq!(error.kind, crate::ParseErrorKind::Encoding, "{text}");
        assert_eq!(error.span, Span::new(start, end), "{text}");
    }
}
