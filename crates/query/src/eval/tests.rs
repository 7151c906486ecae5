use super::*;
use crate::Tree;

fn rows(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn found(query: &str, rows: &[Value]) -> String {
    match eval(&Query::parse(query).unwrap(), rows).unwrap() {
        Answer::Rows(found) => serde_json::to_string(&found.rows).unwrap(),
        Answer::Value(value) => serde_json::to_string(&value).unwrap(),
    }
}

/// The page of a sorted list is the same whichever part of it is asked for, and equals the plain sort.
#[test]
fn pages_are_parts_of_the_whole_order() {
    let cell = |n: usize| match n % 7 {
        0 => Value::Null,
        1 => Value::from(n as i64 % 5),
        2 => Value::F64(n as f64 / 3.0),
        3 => Value::from(format!("a text of some length {}", n % 4)),
        4 => Value::from(n.is_multiple_of(2)),
        5 => Value::F64(-0.0),
        _ => Value::from(vec![Value::from(n as i64 % 3)]),
    };
    let rows: Vec<Value> = (0..500_usize)
        .map(|n| {
            let pairs = [
                ("id", Value::from(n as i64)),
                ("a", cell(n * 31 % 97)),
                ("b", cell(n * 17 % 89)),
            ];
            Value::from(pairs.into_iter().collect::<crate::Object>())
        })
        .collect();
    for (keys, descending) in [("a,-b", [false, true]), ("-a,b", [true, false])] {
        let mut whole: Vec<&Value> = rows.iter().collect();
        whole.sort_by(|x, y| {
            let by = |name: &str, down: bool| {
                let order = x.at(&[name]).total_cmp(y.at(&[name]));
                if down { order.reverse() } else { order }
            };
            by("a", descending[0]).then_with(|| by("b", descending[1]))
        });
        let whole: Vec<Value> = whole.iter().map(|row| row.at(&["id"]).clone()).collect();
        for (limit, skip) in [
            (0, 0),
            (1, 0),
            (20, 0),
            (20, 13),
            (200, 150),
            (500, 0),
            (9, 499),
            (5, 500),
        ] {
            let query = format!("sort({keys})&limit({limit},{skip})&values(id)");
            let end = (skip + limit).min(whole.len());
            let expected = serde_json::to_string(&whole[skip.min(end)..end]).unwrap();
            assert_eq!(found(&query, &rows), expected, "{query}");
        }
    }
}

#[test]
fn rows_of_other_orders_are_found_too() {
    let rows = rows(r#"[{"a":1,"b":2},{"b":2,"a":1},{"c":0,"b":2},{"b":3}, 7, [1,2]]"#);
    assert_eq!(found("b=2&values(a)", &rows), "[1,1,null]");
    assert_eq!(found("eq(7)", &rows), "[7]");
    assert_eq!(found("eq((1,2))", &rows), "[[1,2]]");
    assert_eq!(found("1=2", &rows), "[[1,2]]");
}

#[test]
fn sums_are_exact_for_whole_numbers() {
    let rows = rows(r#"[{"n":9007199254740993},{"n":1},{"n":"5"},{"n":null},{}]"#);
    assert_eq!(found("sum(n)", &rows), "9007199254740994");
    assert_eq!(found("count()", &rows), "5");
    let big: Vec<Value> = vec![Value::from(u64::MAX), Value::from(u64::MAX)];
    assert_eq!(found("sum()", &big), "3.6893488147419103e+19");
    assert_eq!(found("sum()", &big[..1]), "18446744073709551615");
}

#[test]
fn groups_share_what_is_the_same() {
    let rows = rows(r#"[{"k":1,"o":{"p":"x"}},{"k":1.0},{"k":"1"},{"k":null},{}]"#);
    assert_eq!(
        found("aggregate(k,n=count())", &rows),
        r#"[{"k":1,"n":2},{"k":"1","n":1},{"k":null,"n":2}]"#
    );
    assert_eq!(
        found("aggregate(o/p,n=count())&sort(-o/p)", &rows),
        r#"[{"o":{"p":"x"},"n":1},{"o":{"p":null},"n":4}]"#
    );
}

#[test]
fn recursion_is_bounded() {
    let mut row = Value::from(1);
    let children: Vec<Value> = (0..1001)
        .map(|n| Value::from(vec![Value::from(n)]))
        .collect();
    for _ in 0..100 {
        row = Value::from(
            [("kids", Value::from(children.clone())), ("in", row)]
                .into_iter()
                .collect::<crate::Object>(),
        );
    }
    let query = Query::parse("recurse()").unwrap();
    assert_eq!(eval(&query, &[row]), Err(EvalError::TooMany(100_000)));
}

#[test]
fn parameters_are_filled_before() {
    let rows = rows(r#"[{"id":1},{"id":2},{"id":3}]"#);
    let tree = Tree::parse("in(id,$ids)&sort($by)").unwrap();
    let filled = tree.clone().fill(|names| match names {
        [name] if name == "ids" => Some(Value::from(vec![Value::from(1), Value::from(3)])),
        _ => Some(Value::from("-id")),
    });
    let filled = filled.unwrap();
    assert_eq!(filled.to_string(), "in(id,(1,3))&sort(-id)");
    let answer = eval(&Query::of_tree(&filled).unwrap(), &rows).unwrap();
    let Answer::Rows(found) = answer else {
        panic!()
    };
    assert_eq!(
        serde_json::to_string(&found.rows).unwrap(),
        r#"[{"id":3},{"id":1}]"#
    );
    let error = tree.fill(|_| None).unwrap_err();
    assert_eq!((error.kind.name(), error.span.start), ("parameter", 6));
}
