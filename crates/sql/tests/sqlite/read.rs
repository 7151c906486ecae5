//! Reads: pages and totals, order, and filters that must answer as they do over rows in memory.

use std::sync::Arc;

use larder_core::{Column, Kind, Layout, Record, Select, SortKey};
use larder_query::{Bound, Filter, Op, Test, Value};

use crate::support::{
    Place, column, get, insert, layout, place, post, posts, record, select, write,
};

#[tokio::test]
async fn pages_and_totals() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    let writes = (0..10)
        .map(|n| insert(&post(&n.to_string(), &format!("t{n}"), n % 2)))
        .collect();
    write(&place.store, &posts, writes).await.unwrap();
    let even = Select {
        filter: Filter::test(2, Op::Eq, 0),
        total: true,
        ..Select::all(Arc::clone(&posts))
    };
    let page = |skip, limit| Select {
        skip,
        limit,
        ..even.clone()
    };
    for (skip, limit, ids) in [
        (0, Some(2), "02"),
        (3, Some(9), "68"),
        (4, None, "8"),
        (0, None, "02468"),
        (0, Some(0), ""),
        (5, Some(2), ""),
        (9, None, ""),
    ] {
        let page = select(&place.store, &page(skip, limit)).await;
        let got: String = page
            .rows
            .iter()
            .map(|row| row.get(0).as_str().unwrap())
            .collect();
        assert_eq!(
            (got.as_str(), page.total),
            (ids, Some(5)),
            "{skip} {limit:?}"
        );
    }
    let nothing = Select {
        limit: Some(0),
        ..Select::all(Arc::clone(&posts))
    };
    assert_eq!(select(&place.store, &nothing).await.total, None);
    let other_kind = Select {
        total: true,
        ..Select::one(Arc::clone(&posts), 7.into(), Filter::True)
    };
    assert_eq!(select(&place.store, &other_kind).await.total, Some(0));
    assert!(get(&place.store, &posts, 7).await.is_none());
}

#[tokio::test]
async fn lists_by_an_indexed_field_neither_scan_nor_sort() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    let sql = "EXPLAIN QUERY PLAN SELECT * FROM posts WHERE likes = 1 ORDER BY id LIMIT 20";
    let plan = sqlx::query(sql)
        .fetch_all(&mut place.raw().await)
        .await
        .unwrap();
    let details: Vec<String> = plan
        .iter()
        .map(|row| sqlx::Row::get(row, "detail"))
        .collect();
    assert_eq!(
        details,
        ["SEARCH posts USING INDEX larder:posts:likes (likes=?)"]
    );
}

/// One column of each kind, and values at its edges.
fn kinds() -> (Arc<Layout>, Vec<Vec<Value>>) {
    let mut fields = vec![column("id", Kind::Int, false)];
    let mut values = Vec::new();
    let mut add = |kind: Kind, some: Vec<Value>| {
        fields.push(Column {
            name: format!("{kind:?}").into(),
            kind,
            nullable: true,
            default: None,
        });
        values.push(some);
    };
    let at = |text: &str| Value::Instant(text.parse().unwrap());
    let day = |text: &str| Value::Date(text.parse().unwrap());
    let uuid = |n: u128| Value::Uuid(uuid::Uuid::from_u128(n));
    add(Kind::Bool, vec![false.into(), true.into()]);
    add(
        Kind::Int,
        vec![
            i64::MIN.into(),
            (-1).into(),
            0.into(),
            3.into(),
            9_007_199_254_740_993_i64.into(),
            i64::MAX.into(),
        ],
    );
    add(
        Kind::Uint,
        vec![
            0.into(),
            3.into(),
            i64::MAX.into(),
            Value::U64(1 << 63),
            Value::U64(u64::MAX),
        ],
    );
    add(
        Kind::Float,
        vec![
            (-1e300).into(),
            (-0.5).into(),
            0.0.into(),
            3.0.into(),
            9_007_199_254_740_992.0.into(),
            1.8446744073709552e19.into(),
        ],
    );
    add(
        Kind::Text,
        [
            "",
            "a",
            "A",
            "ab",
            "aB",
            "b",
            "ÄB",
            "äb",
            "a\u{0}b",
            "%",
            "\u{10ffff}",
            "\u{d7ff}x",
            "\u{1f600}",
        ]
        .map(Value::from)
        .into(),
    );
    add(
        Kind::Bytes,
        vec![
            Value::bytes([]),
            Value::bytes([0]),
            Value::bytes([0, 1]),
            Value::bytes([255]),
        ],
    );
    add(
        Kind::Instant,
        vec![
            at("1969-12-31T23:59:59.999999Z"),
            at("2024-05-01T10:00:00.000001Z"),
            at("9999-12-30T00:00:00Z"),
        ],
    );
    add(
        Kind::Date,
        vec![day("0000-01-01"), day("2024-02-29"), day("9999-12-31")],
    );
    add(Kind::Uuid, vec![uuid(0), uuid(0xabcdef), uuid(u128::MAX)]);
    let json = [
        r#"true"#,
        r#"3"#,
        r#"3.0"#,
        r#"18446744073709551615"#,
        r#""a""#,
        r#""ab""#,
        r#"[]"#,
        r#"["a", 3, null]"#,
        r#"[18446744073709551615, [1], {"x": 1.0}, true]"#,
        r#"{}"#,
        r#"{"a": 1, "b": [2]}"#,
        r#"{"b": [2.0], "a": 1}"#,
    ];
    add(
        Kind::Json,
        json.map(|text| serde_json::from_str(text).unwrap()).into(),
    );
    (layout("kinds", fields, vec![]), values)
}

/// Every value of every kind in a row of its own, the other fields null.
async fn filled() -> (Place, Arc<Layout>, Vec<Arc<Record>>) {
    let (layout, values) = kinds();
    let mut rows = vec![];
    for (field, some) in values.into_iter().enumerate() {
        for value in some {
            let mut row = vec![Value::Null; layout.fields.len()];
            row[0] = Value::from(rows.len() as u64);
            row[field + 1] = value;
            rows.push(record(row));
        }
    }
    let place = place(std::slice::from_ref(&layout)).await;
    write(&place.store, &layout, rows.iter().map(insert).collect())
        .await
        .unwrap();
    (place, layout, rows)
}

#[tokio::test]
async fn values_come_back_and_sort_as_they_do_in_memory() {
    let (place, layout, rows) = filled().await;
    assert_eq!(
        select(&place.store, &Select::all(Arc::clone(&layout)))
            .await
            .rows,
        rows
    );
    for field in 0..layout.fields.len() {
        for descending in [false, true] {
            let sorted = Select {
                sort: vec![SortKey { field, descending }],
                ..Select::all(Arc::clone(&layout))
            };
            let mut expected = rows.clone();
            expected.sort_by(|a, b| {
                let order = a.get(field).total_cmp(b.get(field));
                if descending { order.reverse() } else { order }
            });
            assert_eq!(
                select(&place.store, &sorted).await.rows,
                expected,
                "{field} {descending}"
            );
        }
    }
}

#[tokio::test]
async fn every_operator_answers_as_in_memory() {
    let (place, layout, rows) = filled().await;
    let mut operands: Vec<Value> = rows
        .iter()
        .flat_map(|row| {
            row.values[1..]
                .iter()
                .filter(|value| !value.is_null())
                .cloned()
        })
        .collect();
    operands.extend([
        Value::Null,
        3.5.into(),
        (-3.5).into(),
        1e300.into(),
        "B".into(),
        "Äb".into(),
        "k".into(),
        "\u{212a}".into(),
    ]);
    operands.push(Value::Instant(
        "2024-05-01T10:00:00.000000500Z".parse().unwrap(),
    ));
    operands.push(Value::Date(jiff::civil::date(-1, 5, 5)));
    let ops = [
        Op::Eq,
        Op::Ne,
        Op::Lt,
        Op::Le,
        Op::Gt,
        Op::Ge,
        Op::In,
        Op::Out,
        Op::Contains,
        Op::StartsWith,
        Op::EndsWith,
        Op::EqIgnoreCase,
    ];
    for field in 0..=layout.fields.len() {
        for op in ops {
            for operand in &operands {
                let filter = Filter::test(field, op, operand.clone());
                check(&place, &layout, &rows, &filter).await;
                check(&place, &layout, &rows, &Filter::Not(Box::new(filter))).await;
            }
        }
    }
    for field in 0..layout.fields.len() {
        for op in [Op::In, Op::Out, Op::Eq, Op::Ne, Op::Lt] {
            for list in [
                &operands[..],
                &operands[..3],
                &[],
                &[Value::Null],
                &["a".into(), Value::Null],
            ] {
                let filter = Filter::Test(Test {
                    field,
                    op,
                    operand: Bound::Many(list.to_vec()),
                });
                check(&place, &layout, &rows, &filter).await;
            }
        }
    }
}

#[tokio::test]
async fn trees_of_filters_answer_as_in_memory() {
    let (place, layout, rows) = filled().await;
    let a = Filter::test(5, Op::Ge, "a");
    let b = Filter::test(2, Op::Lt, 3);
    let not = |filter: &Filter| Filter::Not(Box::new(filter.clone()));
    let wide: Vec<Filter> = (0..3000).map(|n| Filter::test(2, Op::Eq, n)).collect();
    for filter in [
        Filter::And(vec![]),
        Filter::Or(vec![]),
        Filter::And(vec![a.clone(), not(&b)]),
        not(&Filter::And(vec![a.clone(), b.clone()])),
        not(&Filter::Or(vec![not(&a), b.clone(), Filter::False])),
        Filter::Or(vec![Filter::True, a]),
        Filter::Or(wide.clone()),
        not(&Filter::Or(wide)),
    ] {
        check(&place, &layout, &rows, &filter).await;
    }
}

async fn check(place: &Place, layout: &Arc<Layout>, rows: &[Arc<Record>], filter: &Filter) {
    let expected: Vec<&Value> = rows
        .iter()
        .filter(|row| filter.matches(&row.values))
        .map(|row| row.get(0))
        .collect();
    let found = select(
        &place.store,
        &Select {
            filter: filter.clone(),
            ..Select::all(Arc::clone(layout))
        },
    )
    .await;
    let found: Vec<&Value> = found.rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        found,
        expected,
        "{}",
        filter.to_string().chars().take(200).collect::<String>()
    );
}
