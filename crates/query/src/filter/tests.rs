use super::*;

fn check(op: Op, value: impl Into<Value>, other: impl Into<Value>) -> bool {
    Filter::test(0, op, other).matches(&[value.into()])
}

fn list(items: &[i64]) -> Value {
    items.iter().copied().map(Value::from).collect()
}

#[test]
fn equality() {
    assert!(check(Op::Eq, 1, 1.0));
    assert!(!check(Op::Eq, 1, "1"));
    assert!(check(Op::Eq, Value::Null, Value::Null));
    assert!(!check(Op::Eq, Value::Null, 0));
    assert!(check(Op::Eq, list(&[1, 2]), list(&[1, 2])));
    // A missing field is null, and `ne` is the complement.
    assert!(Filter::test(9, Op::Eq, Value::Null).matches(&[]));
    assert!(Filter::test(9, Op::Ne, 1).matches(&[]));
}

#[test]
fn ordering_never_matches_null_or_another_family() {
    for op in [Op::Lt, Op::Le, Op::Gt, Op::Ge] {
        assert!(!check(op, Value::Null, 0), "{op}");
        assert!(!check(op, 0, Value::Null), "{op}");
        assert!(!check(op, Value::Null, Value::Null), "{op}");
        assert!(!check(op, "1", 0), "{op}");
        assert!(!check(op, list(&[1]), list(&[0])), "{op}");
    }
    assert!(check(Op::Lt, 1, 1.5) && check(Op::Le, 1, 1.0) && check(Op::Gt, "b", "a"));
    assert!(!check(Op::Lt, 1, 1) && check(Op::Ge, 1, 1));
}

#[test]
fn text_and_arrays() {
    assert!(check(Op::Contains, "hello", "ell"));
    assert!(!check(Op::Contains, "hello", "ELL"));
    assert!(check(Op::Contains, list(&[1, 2]), 2.0));
    assert!(!check(Op::Contains, list(&[12]), 1));
    assert!(!check(Op::Contains, 12, 1));
    assert!(check(Op::StartsWith, "hello", "he") && !check(Op::StartsWith, 12, 1));
    assert!(check(Op::EndsWith, "hello", "lo") && !check(Op::EndsWith, Value::Null, ""));
    assert!(check(Op::EqIgnoreCase, "STRASSE", "strasse"));
    assert!(check(Op::EqIgnoreCase, "\u{c9}a", "\u{e9}A"));
    assert!(!check(Op::EqIgnoreCase, Value::Null, Value::Null));
}

#[test]
fn lists() {
    let f = Filter::one_of(0, vec![Value::from(1), Value::Null]);
    assert!(f.matches(&[Value::F64(1.0)]) && f.matches(&[Value::Null]) && !f.matches(&[2.into()]));
    let out = Filter::not(f.clone());
    assert!(matches!(&out, Filter::Test(t) if t.op == Op::Out));
    for v in [Value::Null, 1.into(), 2.into()] {
        assert_ne!(out.matches(std::slice::from_ref(&v)), f.matches(&[v]));
    }
    assert_eq!(Filter::one_of(0, Vec::new()), Filter::False);
}

#[test]
fn simplification() {
    let t = |n| Filter::test(n, Op::Lt, 1);
    assert_eq!(Filter::and([]), Filter::True);
    assert_eq!(Filter::or([]), Filter::False);
    assert_eq!(Filter::and([Filter::True, t(0)]), t(0));
    assert_eq!(Filter::and([t(0), Filter::False]), Filter::False);
    assert_eq!(Filter::or([t(0), Filter::True]), Filter::True);
    let flat = Filter::and([t(0), Filter::and([t(1), t(2)])]);
    assert_eq!(flat, Filter::And(vec![t(0), t(1), t(2)]));
    assert_eq!(Filter::not(Filter::not(t(0))), t(0));
    assert_eq!(
        Filter::not(Filter::test(0, Op::Eq, 1)),
        Filter::test(0, Op::Ne, 1)
    );
    let mixed = Filter::or([flat, Filter::not(t(3))]);
    assert_eq!(mixed.fields().collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(
        mixed.to_string(),
        "or(and(lt(#0,1),lt(#1,1),lt(#2,1)),not(lt(#3,1)))"
    );
    assert_eq!(
        Filter::one_of(1, vec!["a".into(), "7".into()]).to_string(),
        "in(#1,(a,string:7))"
    );
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn inside(path: &[&str], each: bool, filter: Filter) -> Filter {
    let path = path.iter().map(|step| (*step).into()).collect();
    Filter::Inside(Box::new(Inside {
        field: 1,
        path,
        each,
        filter,
    }))
}

#[test]
fn inside_a_field() {
    let row = [
        Value::Null,
        json(r#"{"city": {"name": "Rome"}, "tags": [{"n": 1}, {"n": 5}], "list": [3, 4]}"#),
    ];
    assert!(inside(&["city", "name"], false, Filter::test(0, Op::Eq, "Rome")).matches(&row));
    assert!(inside(&["list", "1"], false, Filter::test(0, Op::Eq, 4)).matches(&row));
    // What is missing is null.
    assert!(
        inside(
            &["city", "zip"],
            false,
            Filter::test(0, Op::Eq, Value::Null)
        )
        .matches(&row)
    );
    // An element of a list, and something inside an element.
    assert!(inside(&["list"], true, Filter::test(0, Op::Gt, 3)).matches(&row));
    assert!(!inside(&["list"], true, Filter::test(0, Op::Gt, 4)).matches(&row));
    assert!(!inside(&["city"], true, Filter::True).matches(&row));
    let both = Filter::and([Filter::test(0, Op::Ge, 3), Filter::test(0, Op::Lt, 4)]);
    assert!(inside(&["list"], true, both.clone()).matches(&row));
    let n = |filter| {
        Filter::Inside(Box::new(Inside {
            field: 0,
            path: ["n".into()].into(),
            each: false,
            filter,
        }))
    };
    assert!(inside(&["tags"], true, n(Filter::test(0, Op::Eq, 5))).matches(&row));
    assert!(!inside(&["tags"], true, n(both)).matches(&row));
    assert_eq!(
        inside(&["list"], true, Filter::True)
            .fields()
            .collect::<Vec<_>>(),
        [1]
    );
}

#[test]
fn patterns_sizes_remainders_and_areas() {
    let test = |op, operand, value: Value| {
        Filter::Test(Test {
            field: 0,
            op,
            operand,
        })
        .matches(&[value])
    };
    let pattern = |source: &str| {
        let flags = crate::Flags {
            ignore_case: true,
            ..Default::default()
        };
        Bound::Pattern(Pattern::new(source, flags).unwrap())
    };
    assert!(test(Op::Match, pattern("^jo"), "Joe".into()));
    assert!(!test(Op::Match, pattern("^jo"), Value::Null));
    assert!(!test(Op::Match, pattern("undefined"), Value::Null));
    assert!(check(Op::Size, list(&[1, 2]), 2) && !check(Op::Size, "ab", 2));
    let rest = |n: i64| Bound::Many(vec![Value::from(4), Value::from(n)]);
    assert!(test(Op::Mod, rest(3), 11.into()) && test(Op::Mod, rest(-3), (-11).into()));
    assert!(!test(Op::Mod, rest(3), "11".into()) && !test(Op::Mod, rest(0), Value::Null));
    let zero = Bound::Many(vec![Value::from(0), Value::from(0)]);
    assert!(!test(Op::Mod, zero, 11.into()));
    let area = |area| Bound::Area(area);
    let at = |lon, lat| crate::Point { lon, lat };
    let over_the_date_line = Area::Box {
        lower: at(170.0, -20.0),
        upper: at(-170.0, -10.0),
    };
    assert!(test(
        Op::Within,
        area(over_the_date_line.clone()),
        json("[178, -18]")
    ));
    assert!(!test(
        Op::Within,
        area(over_the_date_line),
        json("[0, -18]")
    ));
    let triangle = Area::Polygon(vec![at(0.0, 0.0), at(4.0, 0.0), at(0.0, 4.0)]);
    assert!(test(Op::Within, area(triangle.clone()), json("[1, 1]")));
    assert!(!test(Op::Within, area(triangle.clone()), json("[3, 3]")));
    assert!(!test(Op::Within, area(triangle), json("[1, 1, 1]")));
}
