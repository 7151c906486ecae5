//! Sums, and where they end.

use larder_core::Kind;
use larder_query::Value;

use super::{add, decimal, open};
use crate::bench::{Bench, set};
use crate::scenarios::{Scenario, rows};
use crate::things::{BIG, DOC, F, N, NAME, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        add_to_whole_numbers, add_to_unsigned_numbers, add_to_floats, add_to_decimals, add_to_nothing, whole_numbers_overflow,
        unsigned_numbers_overflow, floats_overflow, decimals_overflow, add_to_what_is_no_number,
    ]
}

async fn add_to_whole_numbers(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 40), thing("b").with(N, 1)])
        .await;
    assert_eq!(bench.made(N, add(2)).await, Value::I64(42));
    assert_eq!(bench.made(N, add(-50)).await, Value::I64(-8));
    assert_eq!(bench.made(N, add(0)).await, Value::I64(-8));
    assert_eq!(
        bench.made(N, add(9_007_199_254_740_993_i64)).await,
        Value::I64(9_007_199_254_740_985)
    );
    assert_eq!(
        bench.value("b", N).await,
        Value::I64(1),
        "other records stay"
    );
}

async fn add_to_unsigned_numbers(bench: Bench<'_>) {
    bench.fill([thing("a").with(BIG, 5)]).await;
    assert_eq!(bench.made(BIG, add(-5)).await, Value::I64(0));
    assert_eq!(bench.made(BIG, add(i64::MAX)).await, Value::I64(i64::MAX));
    assert_eq!(
        bench.made(BIG, add(1)).await,
        Value::U64(1 << 63),
        "beyond what has a sign"
    );
    assert_eq!(bench.made(BIG, add(7)).await, Value::U64((1 << 63) + 7));
    assert_eq!(
        bench.made(BIG, add(-8)).await,
        Value::I64(i64::MAX),
        "and back"
    );
    assert_eq!(
        bench.made(BIG, add(1_u64 << 63)).await,
        Value::U64(u64::MAX)
    );
    assert_eq!(bench.made(BIG, add(-1)).await, Value::U64(u64::MAX - 1));
}

async fn add_to_floats(bench: Bench<'_>) {
    bench.fill([thing("a").with(F, 0.1)]).await;
    assert_eq!(bench.made(F, add(0.2)).await, Value::F64(0.1 + 0.2));
    assert_eq!(bench.made(F, add(-1.0)).await, Value::F64(0.1 + 0.2 - 1.0));
    assert_eq!(bench.made(F, add(1e300)).await, Value::F64(1e300));
    assert!(bench.made(F, add(-1e300)).await.same(&Value::F64(0.0)));
    assert!(
        bench.made(F, add(3)).await.same(&Value::F64(3.0)),
        "a whole number is a float here"
    );
}

async fn add_to_decimals(mut bench: Bench<'_>) {
    open(&mut bench, Kind::Decimal).await;
    bench.fill([thing("a").with(N, decimal("0.1"))]).await;
    assert_eq!(bench.made(N, add(decimal("0.2"))).await, decimal("0.3"));
    assert_eq!(
        bench.made(N, add(decimal("-1.305"))).await,
        decimal("-1.005")
    );
    assert_eq!(
        bench
            .made(N, add(decimal("100000000000000000000000000000000000")))
            .await,
        decimal("99999999999999999999999999999999998.995"),
    );
}

async fn add_to_nothing(mut bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    assert_eq!(bench.made(N, add(-3)).await, Value::I64(-3));
    assert_eq!(bench.made(BIG, add(u64::MAX)).await, Value::U64(u64::MAX));
    assert_eq!(bench.made(F, add(0.5)).await, Value::F64(0.5));
    open(&mut bench, Kind::Decimal).await;
    bench.fill([thing("a")]).await;
    assert_eq!(bench.made(N, add(decimal("1.50"))).await, decimal("1.5"));
}

async fn whole_numbers_overflow(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, i64::MAX - 1)]).await;
    bench.not_made(N, add(2), "n", "overflow").await;
    assert_eq!(
        bench.made(N, add(1)).await,
        Value::I64(i64::MAX),
        "the last one fits"
    );
    bench.not_made(N, add(1), "n", "overflow").await;
    bench.not_made(N, add(u64::MAX), "n", "overflow").await;
    bench.one(set("a", N, i64::MIN + 1)).await.unwrap();
    assert_eq!(bench.made(N, add(-1)).await, Value::I64(i64::MIN));
    bench.not_made(N, add(-1), "n", "overflow").await;
    bench.not_made(N, add(i64::MIN), "n", "overflow").await;
}

async fn unsigned_numbers_overflow(bench: Bench<'_>) {
    bench.fill([thing("a").with(BIG, u64::MAX - 1)]).await;
    bench.not_made(BIG, add(2), "big", "overflow").await;
    assert_eq!(bench.made(BIG, add(1)).await, Value::U64(u64::MAX));
    bench.one(set("a", BIG, 1)).await.unwrap();
    bench.not_made(BIG, add(-2), "big", "overflow").await;
    bench.not_made(BIG, add(i64::MIN), "big", "overflow").await;
    bench.not_made(BIG, add(u64::MAX), "big", "overflow").await;
    assert_eq!(bench.made(BIG, add(-1)).await, Value::I64(0));
    bench.not_made(BIG, add(-1), "big", "overflow").await;
    bench.one(set("a", BIG, Value::Null)).await.unwrap();
    bench.not_made(BIG, add(-1), "big", "overflow").await;
}

async fn floats_overflow(bench: Bench<'_>) {
    bench.fill([thing("a").with(F, f64::MAX)]).await;
    bench.not_made(F, add(f64::MAX), "f", "overflow").await;
    assert_eq!(
        bench.made(F, add(1.0)).await,
        Value::F64(f64::MAX),
        "too little to matter"
    );
    bench.one(set("a", F, f64::MIN)).await.unwrap();
    bench.not_made(F, add(f64::MIN), "f", "overflow").await;
}

async fn decimals_overflow(mut bench: Bench<'_>) {
    open(&mut bench, Kind::Decimal).await;
    let nines = "9".repeat(38);
    bench.fill([thing("a").with(N, decimal(&nines))]).await;
    bench.not_made(N, add(decimal("1")), "n", "overflow").await;
    bench
        .not_made(N, add(decimal("0.1")), "n", "overflow")
        .await;
    assert_eq!(
        bench.made(N, add(decimal(&format!("-{nines}")))).await,
        decimal("0")
    );
}

async fn add_to_what_is_no_number(bench: Bench<'_>) {
    bench.fill([thing("a").with(NAME, "1").with(DOC, 1)]).await;
    bench.not_made(NAME, add(1), "name", "type").await;
    bench.not_made(DOC, add(1), "doc", "type").await;
}
