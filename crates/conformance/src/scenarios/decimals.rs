//! Decimals: exact, and ordered by number whatever their texts look like.

use std::sync::Arc;

use larder_core::{Column, Kind, Layout};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, duplicate, insert, set};
use crate::harness::Need;
use crate::things::{CODE, N, NAME, column, layout, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[]; ordered_by_number, exact_to_the_last_digit, one_number_is_unique, of_another_kind];
    all.extend(rows![&[Need::Reopen]; decimals_survive_reopening]);
    all
}

/// The things with decimals: `name` without an index, `n` with one, `code` unique.
fn decimals() -> Layout {
    let mut layout = layout();
    layout.collection = "decimals".into();
    for field in [NAME, N, CODE] {
        layout.fields[field].kind = Kind::Decimal;
    }
    layout
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap_or_else(|_| panic!("{text}")))
}

/// In the order of the numbers. In that of texts, of lengths or of floats at least one would stand elsewhere.
const SORTED: [&str; 16] = [
    "-99999999999999999999999999999999999999",
    "-10.5",
    "-10",
    "-9.75",
    "-1.25",
    "-1.2",
    "-0.00000000000000000000000000000000000001",
    "0",
    "0.00000000000000000000000000000000000001",
    "0.1",
    "0.10000000000000000001",
    "1.2",
    "9",
    "10",
    "9007199254740993",
    "99999999999999999999999999999999999999",
];

async fn filled(bench: &mut Bench<'_>) -> Vec<String> {
    bench.layout = Arc::new(decimals());
    bench.prepare(&bench.layout).await.unwrap();
    let ids: Vec<String> = (0..SORTED.len()).map(|at| format!("t{at:02}")).collect();
    let things = ids.iter().zip(SORTED).rev();
    bench
        .fill(things.map(|(id, text)| {
            thing(id)
                .with(NAME, decimal(text))
                .with(N, decimal(text))
                .with(CODE, decimal(text))
        }))
        .await;
    bench.fill([thing("z")]).await;
    ids
}

async fn ordered_by_number(mut bench: Bench<'_>) {
    let ids = filled(&mut bench).await;
    for field in [NAME, N] {
        let mut all = ids.clone();
        all.insert(0, "z".to_owned());
        assert_eq!(
            bench.select().sort(field, false).ids().await,
            all,
            "null first"
        );
        all.reverse();
        assert_eq!(bench.select().sort(field, true).ids().await, all);
        for (at, text) in SORTED.iter().enumerate() {
            for (op, found) in [
                (Op::Lt, &ids[..at]),
                (Op::Le, &ids[..=at]),
                (Op::Gt, &ids[at + 1..]),
                (Op::Ge, &ids[at..]),
                (Op::Eq, &ids[at..=at]),
            ] {
                let test = Filter::test(field, op, decimal(text));
                assert_eq!(bench.ids(test).await, found, "{op:?} {text}");
            }
        }
        let some = Filter::one_of(
            field,
            vec![decimal("10.0"), decimal("0.100"), decimal("11")],
        );
        assert_eq!(bench.ids(some).await, [&*ids[9], &*ids[13]]);
    }
}

async fn exact_to_the_last_digit(mut bench: Bench<'_>) {
    let ids = filled(&mut bench).await;
    for (id, text) in ids.iter().zip(SORTED) {
        assert_eq!(bench.value(id, NAME).await, decimal(text));
    }
    bench.one(set("z", NAME, decimal("1.50"))).await.unwrap();
    assert_eq!(bench.value("z", NAME).await, decimal("1.5"));
}

async fn one_number_is_unique(mut bench: Bench<'_>) {
    filled(&mut bench).await;
    duplicate(
        bench
            .one(insert(thing("y").with(CODE, decimal("10.000"))))
            .await,
        "code",
    );
    bench
        .one(insert(thing("y").with(CODE, decimal("10.001"))))
        .await
        .unwrap();
}

/// A number or a text is no decimal: what a filter compares with is brought to the field's kind before.
async fn of_another_kind(mut bench: Bench<'_>) {
    filled(&mut bench).await;
    for value in [Value::from(9), Value::F64(9.0), Value::from("9")] {
        for op in [Op::Eq, Op::Lt, Op::Ge, Op::Contains, Op::StartsWith] {
            let test = Filter::test(N, op, value.clone());
            assert_eq!(bench.ids(test).await, [""; 0], "{op:?} {value:?}");
        }
    }
}

async fn decimals_survive_reopening(mut bench: Bench<'_>) {
    let ids = filled(&mut bench).await;
    let mut grown = decimals();
    let first = grown.fields.len();
    grown.fields.push(Column {
        nullable: false,
        default: Some(decimal("-0.05")),
        ..column("rate", Kind::Decimal)
    });
    let bench = bench.reopen(grown).await;
    assert_eq!(bench.value(&ids[0], NAME).await, decimal(SORTED[0]));
    assert_eq!(bench.value(&ids[0], first).await, decimal("-0.05"));
    let below = Filter::test(first, Op::Lt, decimal("-0.04"));
    assert_eq!(bench.ids(below).await.len(), ids.len() + 1);
}
