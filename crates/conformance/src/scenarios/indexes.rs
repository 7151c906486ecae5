//! Indexes and unique values: right after every change.

use larder_core::Index;
use larder_core::store::{Condition, Write};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, delete, duplicate, insert, put, set};
use crate::harness::Need;
use crate::things::{CODE, DAY, N, NAME, TAG, layout, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[]; follow_updates, follow_replaces, follow_deletes, follow_refused_batches, agree_with_a_scan];
    all.extend(rows![&[Need::Unique];
        a_taken_value_names_its_field, nulls_do_not_collide, a_value_is_free_again, values_swap_by_a_third, its_own_value_is_no_clash,
        empty_text_is_a_value, unique_together,
    ]);
    all
}

fn eq(field: usize, value: impl Into<Value>) -> Filter {
    Filter::test(field, Op::Eq, value)
}

async fn follow_updates(bench: Bench<'_>) {
    bench
        .fill((0..10_i64).map(|n| thing(&format!("t{n}")).with(N, n).with(TAG, "x")))
        .await;
    for n in 0..10_i64 {
        bench.one(set(&format!("t{n}"), N, 9 - n)).await.unwrap();
    }
    assert_eq!(bench.ids(eq(N, 2)).await, ["t7"]);
    assert_eq!(
        bench.select().sort(N, false).limit(3).ids().await,
        ["t9", "t8", "t7"]
    );
    assert_eq!(
        bench
            .select()
            .filter(eq(TAG, "x"))
            .sort(N, true)
            .limit(2)
            .ids()
            .await,
        ["t0", "t1"]
    );
    bench.one(set("t5", N, Value::Null)).await.unwrap();
    assert_eq!(bench.ids(eq(N, Value::Null)).await, ["t5"]);
    assert_eq!(
        bench.select().filter(eq(N, 4)).total().page().await.total,
        Some(0)
    );
    assert_eq!(bench.select().sort(N, false).limit(1).ids().await, ["t5"]);
}

async fn follow_replaces(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(N, 1).with(TAG, "x"),
            thing("b").with(N, 1).with(TAG, "x"),
        ])
        .await;
    bench.one(put(thing("a").with(N, 2))).await.unwrap();
    assert_eq!(bench.ids(eq(N, 1)).await, ["b"]);
    assert_eq!(bench.ids(eq(N, 2)).await, ["a"]);
    assert_eq!(bench.ids(eq(TAG, "x")).await, ["b"]);
    assert_eq!(bench.ids(eq(TAG, Value::Null)).await, ["a"]);
}

async fn follow_deletes(bench: Bench<'_>) {
    bench
        .fill((0..100_i64).map(|n| thing(&format!("t{n:02}")).with(N, n % 5)))
        .await;
    bench
        .write(
            (0..100)
                .step_by(2)
                .map(|n| delete(&format!("t{n:02}"), Condition::default()))
                .collect(),
        )
        .await
        .unwrap();
    let page = bench
        .select()
        .filter(eq(N, 3))
        .limit(2)
        .total()
        .page()
        .await;
    assert_eq!(
        (crate::bench::keys(&page), page.total),
        (vec!["t03".to_owned(), "t13".to_owned()], Some(10))
    );
    bench
        .fill(
            (0..100_i64)
                .step_by(4)
                .map(|n| thing(&format!("t{n:02}")).with(N, 3)),
        )
        .await;
    assert_eq!(bench.ids(eq(N, 3)).await.len(), 35);
    assert_eq!(
        bench.select().filter(eq(N, 3)).limit(3).ids().await,
        ["t00", "t03", "t04"]
    );
}

async fn follow_refused_batches(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1).with(CODE, "1"), thing("b").with(N, 1)])
        .await;
    let writes = vec![
        set("b", N, 2),
        set("a", CODE, "2"),
        delete("b", Condition::default()),
        set("none", N, 1),
    ];
    bench.write(writes).await.unwrap();
    assert_eq!(bench.ids(eq(N, 1)).await, ["a", "b"]);
    assert_eq!(bench.ids(eq(CODE, "1")).await, ["a"]);
    assert_eq!(bench.ids(eq(CODE, "2")).await, [""; 0]);
    bench.fill([thing("c").with(CODE, "2")]).await;
}

async fn agree_with_a_scan(bench: Bench<'_>) {
    // `name` holds the same text as `tag` and has no index: each answer must be the same with and without one.
    let tags = ["a", "b", "ab", "", "b "];
    let text = |n: usize| tags.get(n % 7).map_or(Value::Null, |tag| Value::from(*tag));
    bench
        .fill((0..70_usize).map(|n| {
            thing(&format!("t{n:02}"))
                .with(TAG, text(n))
                .with(NAME, text(n))
        }))
        .await;
    let tests = |field: usize| {
        let ops = [
            Op::Eq,
            Op::Ne,
            Op::Lt,
            Op::Le,
            Op::Gt,
            Op::Ge,
            Op::StartsWith,
            Op::Contains,
        ];
        ops.into_iter()
            .flat_map(move |op| ["", "a", "b", "ab", "c"].map(|text| Filter::test(field, op, text)))
    };
    for (indexed, plain) in tests(TAG).zip(tests(NAME)) {
        for descending in [false, true] {
            let of = |filter: &Filter, field| {
                bench
                    .select()
                    .filter(filter.clone())
                    .sort(field, descending)
                    .skip(3)
                    .limit(20)
                    .total()
                    .page()
            };
            let (one, other) = (of(&indexed, TAG).await, of(&plain, NAME).await);
            assert_eq!(
                crate::bench::keys(&one),
                crate::bench::keys(&other),
                "{indexed} and {plain}"
            );
            assert_eq!(one.total, other.total, "{indexed} and {plain}");
        }
    }
}

async fn a_taken_value_names_its_field(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(CODE, "1"), thing("b").with(CODE, "2")])
        .await;
    duplicate(bench.one(insert(thing("c").with(CODE, "1"))).await, "code");
    duplicate(bench.one(put(thing("c").with(CODE, "2"))).await, "code");
    duplicate(bench.one(put(thing("b").with(CODE, "1"))).await, "code");
    duplicate(bench.one(set("b", CODE, "1")).await, "code");
    duplicate(bench.one(insert(thing("a").with(CODE, "9"))).await, "id");
    assert_eq!(bench.all().await, ["a", "b"]);
    assert_eq!(bench.ids(eq(CODE, "2")).await, ["b"]);
}

async fn nulls_do_not_collide(bench: Bench<'_>) {
    bench
        .fill([thing("a"), thing("b"), thing("c").with(CODE, "1")])
        .await;
    bench.one(set("c", CODE, Value::Null)).await.unwrap();
    assert_eq!(bench.ids(eq(CODE, Value::Null)).await, ["a", "b", "c"]);
}

async fn a_value_is_free_again(bench: Bench<'_>) {
    bench.fill([thing("a").with(CODE, "1")]).await;
    bench.one(set("a", CODE, "2")).await.unwrap();
    bench.fill([thing("b").with(CODE, "1")]).await;
    bench.one(delete("b", Condition::default())).await.unwrap();
    bench
        .write(vec![
            delete("a", Condition::default()),
            insert(thing("c").with(CODE, "2")),
            insert(thing("d").with(CODE, "1")),
        ])
        .await
        .unwrap();
    assert_eq!(
        bench
            .ids(Filter::one_of(CODE, vec!["1".into(), "2".into()]))
            .await,
        ["c", "d"]
    );
}

async fn values_swap_by_a_third(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(CODE, "1"), thing("b").with(CODE, "2")])
        .await;
    bench
        .write(vec![
            set("a", CODE, Value::Null),
            set("b", CODE, "1"),
            set("a", CODE, "2"),
        ])
        .await
        .unwrap();
    assert_eq!(
        (bench.value("a", CODE).await, bench.value("b", CODE).await),
        ("2".into(), "1".into())
    );
    bench.one(set("a", CODE, "3")).await.unwrap();
    bench.one(set("b", CODE, "2")).await.unwrap();
    bench.one(set("a", CODE, "1")).await.unwrap();
    assert_eq!(bench.ids(eq(CODE, "1")).await, ["a"]);
    assert_eq!(bench.ids(eq(CODE, "2")).await, ["b"]);
}

async fn its_own_value_is_no_clash(bench: Bench<'_>) {
    bench.fill([thing("a").with(CODE, "1")]).await;
    bench.one(set("a", CODE, "1")).await.unwrap();
    bench
        .one(put(thing("a").with(CODE, "1").with(N, 2)))
        .await
        .unwrap();
    assert_eq!(bench.value("a", N).await, Value::from(2));
}

async fn empty_text_is_a_value(bench: Bench<'_>) {
    bench.fill([thing("a").with(CODE, "")]).await;
    duplicate(bench.one(insert(thing("b").with(CODE, ""))).await, "code");
    bench
        .fill([
            thing("b").with(CODE, " "),
            thing("c").with(CODE, "A"),
            thing("d").with(CODE, "a"),
        ])
        .await;
}

async fn unique_together(mut bench: Bench<'_>) {
    let mut pair = layout();
    "pairs".clone_into(&mut pair.collection);
    pair.indexes = vec![Index {
        fields: vec![DAY, TAG],
        unique: true,
    }];
    bench.layout = std::sync::Arc::new(pair);
    bench.prepare(&bench.layout).await.unwrap();
    let day = Value::Date("2024-02-29".parse().unwrap());
    let of = |id: &str, tag: &str| insert(thing(id).with(DAY, day.clone()).with(TAG, tag));
    bench.write(vec![of("a", "x"), of("b", "y")]).await.unwrap();
    let error = bench
        .one(of("c", "x"))
        .await
        .expect_err("both values are taken");
    assert_eq!(error.kind(), larder_core::ErrorKind::Duplicate);
    bench
        .write(vec![
            insert(thing("d").with(TAG, "x")),
            insert(thing("e").with(TAG, "x")),
        ])
        .await
        .unwrap();
    let half = Write::Update {
        key: "a".into(),
        changes: vec![(DAY, Value::Null.into())],
        when: Condition::default(),
    };
    bench.one(half).await.unwrap();
    bench.one(of("c", "x")).await.unwrap();
    assert_eq!(bench.ids(eq(TAG, "x")).await, ["a", "c", "d", "e"]);
}
