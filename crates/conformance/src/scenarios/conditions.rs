//! Conditions: what is checked in one step with a write.

use futures_util::future::join_all;
use larder_core::store::{Condition, Kept, Outcome, Write};
use larder_core::{ErrorKind, Result, Version};
use larder_query::{Bound, Filter, Flags, Inside, Op, Pattern, Test, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, delete, insert, missed, put, set, update, updated};
use crate::things::{DOC, F, N, NAME, V1, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        version_equal, version_one_of, version_not, filter_on_the_old_record, filter_and_version, put_under_a_condition,
        put_only_where_nothing_is, delete_under_a_condition, one_of_many_writers_wins, one_of_many_creators_wins,
        no_increment_is_lost, a_recreated_record_is_another, conditions_that_no_database_decides, one_of_many_still_wins,
    ]
}

fn not(version: Version) -> Condition {
    Condition {
        not_versions: vec![version],
        ..Condition::default()
    }
}

fn filter(field: usize, value: impl Into<Value>) -> Condition {
    Condition::filter(Filter::test(field, Op::Eq, value))
}

async fn version_equal(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    missed(
        &bench
            .write(vec![update("a", N, 2, Condition::version(V1.next()))])
            .await,
    );
    assert_eq!(bench.value("a", N).await, Value::from(1));
    updated(
        bench
            .one(update("a", N, 3, Condition::version(V1)))
            .await
            .unwrap(),
    );
    missed(
        &bench
            .write(vec![update("a", N, 4, Condition::version(V1))])
            .await,
    );
    assert_eq!(bench.value("a", N).await, Value::from(3));
}

async fn version_one_of(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    let any = |versions: Vec<Version>| Condition {
        versions: Some(versions),
        ..Condition::default()
    };
    missed(&bench.write(vec![update("a", N, 1, any(vec![]))]).await);
    missed(
        &bench
            .write(vec![update(
                "a",
                N,
                1,
                any(vec![Version(0), Version(-1), Version(i64::MAX)]),
            )])
            .await,
    );
    updated(
        bench
            .one(update("a", N, 2, any(vec![Version(0), V1, Version(5)])))
            .await
            .unwrap(),
    );
}

async fn version_not(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    missed(&bench.write(vec![update("a", N, 1, not(V1))]).await);
    let several = Condition {
        not_versions: vec![Version(3), V1],
        ..Condition::default()
    };
    missed(&bench.write(vec![update("a", N, 1, several)]).await);
    updated(bench.one(update("a", N, 2, not(V1.next()))).await.unwrap());
}

async fn filter_on_the_old_record(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1).with(NAME, "x")]).await;
    missed(&bench.write(vec![update("a", N, 2, filter(N, 2))]).await);
    updated(bench.one(update("a", N, 2, filter(N, 1))).await.unwrap());
    let null = |op| Condition::filter(Filter::test(F, op, Value::Null));
    missed(&bench.write(vec![update("a", N, 3, null(Op::Ne))]).await);
    updated(bench.one(update("a", N, 3, null(Op::Eq))).await.unwrap());
    let either = Filter::or([
        Filter::test(NAME, Op::StartsWith, "y"),
        Filter::test(N, Op::Gt, 2),
    ]);
    updated(
        bench
            .one(update("a", N, 4, Condition::filter(either)))
            .await
            .unwrap(),
    );
    missed(
        &bench
            .write(vec![update("a", N, 5, Condition::filter(Filter::False))])
            .await,
    );
    assert_eq!(bench.value("a", N).await, Value::from(4));
}

async fn filter_and_version(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    let both = |version, n| Condition {
        versions: Some(vec![version]),
        ..filter(N, n)
    };
    missed(&bench.write(vec![update("a", N, 2, both(V1, 2))]).await);
    missed(
        &bench
            .write(vec![update("a", N, 2, both(V1.next(), 1))])
            .await,
    );
    updated(bench.one(update("a", N, 2, both(V1, 1))).await.unwrap());
}

async fn put_under_a_condition(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    for create in [false, true] {
        let put = |when| Write::Put {
            record: thing("a").with(N, 2).row(),
            kept: Kept::default(),
            when,
            create,
        };
        missed(&bench.write(vec![put(Condition::version(Version(1)))]).await);
        missed(&bench.write(vec![put(filter(N, 7))]).await);
        assert_eq!(
            *bench.get("a").await.unwrap(),
            *thing("a").with(N, 1).row(),
            "create: {create}"
        );
    }
    let put = Write::Put {
        record: thing("a").with(N, 2).row(),
        kept: Kept::default(),
        when: filter(N, 1),
        create: true,
    };
    updated(bench.one(put).await.unwrap());
    assert_eq!(bench.value("a", N).await, Value::from(2));
}

async fn put_only_where_nothing_is(bench: Bench<'_>) {
    let put = |n: i64| Write::Put {
        record: thing("a").with(N, n).row(),
        kept: Kept::default(),
        when: Condition::filter(Filter::False),
        create: true,
    };
    assert!(matches!(
        bench.one(put(1)).await.unwrap(),
        Outcome::Created(_)
    ));
    missed(&bench.write(vec![put(2)]).await);
    assert_eq!(bench.value("a", N).await, Value::from(1));
}

async fn delete_under_a_condition(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    missed(
        &bench
            .write(vec![delete("a", Condition::version(V1.next()))])
            .await,
    );
    missed(&bench.write(vec![delete("a", filter(N, 2))]).await);
    missed(&bench.write(vec![delete("a", not(V1))]).await);
    assert_eq!(bench.all().await, ["a"]);
    bench
        .one(delete(
            "a",
            Condition {
                versions: Some(vec![V1]),
                ..filter(N, 1)
            },
        ))
        .await
        .unwrap();
    assert_eq!(bench.all().await, [""; 0]);
}

/// Whether a write won; what lost may say so by a miss or a conflict.
fn won(result: Result<Outcome>) -> bool {
    match result {
        Ok(Outcome::Missed) => false,
        Ok(_) => true,
        Err(error) if error.is_conflict() => false,
        Err(error) => panic!("{error:?}"),
    }
}

async fn one_of_many_writers_wins(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    let writers = (0..16_i64).map(|n| bench.one(update("a", N, n, Condition::version(V1))));
    let winners: Vec<i64> = join_all(writers)
        .await
        .into_iter()
        .zip(0..)
        .filter_map(|(result, n)| won(result).then_some(n))
        .collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    let row = bench.get("a").await.unwrap();
    assert_eq!(
        (row.get(N), row.version),
        (&Value::from(winners[0]), V1.next())
    );
}

async fn one_of_many_creators_wins(bench: Bench<'_>) {
    let inserts = (0..16_i64).map(|n| bench.one(insert(thing("a").with(N, n))));
    let winners: Vec<i64> = join_all(inserts)
        .await
        .into_iter()
        .zip(0..)
        .filter_map(|(result, n)| match result {
            Err(error) if error.kind() == ErrorKind::Duplicate => None,
            result => won(result).then_some(n),
        })
        .collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(bench.value("a", N).await, Value::from(winners[0]));
    let puts = join_all((0..16_i64).map(|n| bench.one(put(thing("b").with(N, n))))).await;
    let created = puts
        .iter()
        .filter(|result| matches!(result, Ok(Outcome::Created(_))))
        .count();
    assert_eq!(created, 1, "one creates, the others replace");
    assert_eq!(bench.get("b").await.unwrap().version, Version(V1.0 + 15));
}

async fn no_increment_is_lost(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 0)]).await;
    let worker = || async {
        for _ in 0..5 {
            loop {
                let row = bench.get("a").await.unwrap();
                let next = row.get(N).as_i64().unwrap() + 1;
                if won(bench
                    .one(update("a", N, next, Condition::version(row.version)))
                    .await)
                {
                    break;
                }
            }
        }
    };
    join_all((0..8).map(|_| worker())).await;
    assert_eq!(bench.value("a", N).await, Value::from(40));
    assert_eq!(bench.get("a").await.unwrap().version, Version(V1.0 + 40));
}

async fn a_recreated_record_is_another(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    bench.one(set("a", N, 1)).await.unwrap();
    let seen = bench.get("a").await.unwrap().version;
    bench.one(delete("a", Condition::default())).await.unwrap();
    // As the pipeline does it: the version of a new record is the time, which has gone on.
    bench
        .fill([thing("a").with(N, 1).at(Version(V1.0 + (1 << 8)))])
        .await;
    missed(
        &bench
            .write(vec![update("a", N, 2, Condition::version(seen))])
            .await,
    );
    missed(&bench.write(vec![delete("a", Condition::version(V1))]).await);
    updated(bench.one(update("a", N, 3, not(seen))).await.unwrap());
    assert_eq!(bench.value("a", N).await, Value::from(3));
}

/// A pattern on the old name.
fn named(source: &str) -> Condition {
    Condition::filter(Filter::Test(Test {
        field: NAME,
        op: Op::Match,
        operand: Bound::Pattern(Pattern::new(source, Flags::default()).unwrap()),
    }))
}

async fn conditions_that_no_database_decides(bench: Bench<'_>) {
    let doc = json(r#"{"x\"y": [3, 4]}"#);
    bench
        .fill([
            thing("a").with(NAME, "anna").with(DOC, doc),
            thing("b").with(NAME, "bob"),
        ])
        .await;
    missed(&bench.write(vec![update("a", N, 1, named("z$"))]).await);
    missed(&bench.write(vec![update("b", N, 1, named("n{2}"))]).await);
    missed(&bench.write(vec![update("gone", N, 1, named("."))]).await);
    updated(bench.one(update("a", N, 2, named("n{2}"))).await.unwrap());
    let inside = Condition::filter(Filter::Inside(Box::new(Inside {
        field: DOC,
        path: Box::new(["x\"y".into()]),
        each: true,
        filter: Filter::test(0, Op::Mod, Value::Null),
    })));
    missed(&bench.write(vec![update("a", N, 3, inside.clone())]).await);
    let not = Condition::filter(Filter::Not(Box::new(inside.filter)));
    updated(bench.one(update("a", N, 4, not)).await.unwrap());
    // A replace, with a version too, and where it would create.
    let put = |id: &str, when: Condition| Write::Put {
        record: thing(id).with(NAME, "new").row(),
        kept: Kept::default(),
        when,
        create: true,
    };
    let (now, version) = (bench.get("a").await.unwrap(), |version| Condition {
        versions: Some(vec![version]),
        ..named("a{1}$")
    });
    missed(&bench.write(vec![put("a", named("b$"))]).await);
    missed(&bench.write(vec![put("a", version(V1))]).await);
    updated(bench.one(put("a", version(now.version))).await.unwrap());
    assert!(
        matches!(
            bench.one(put("c", named("b$"))).await.unwrap(),
            Outcome::Created(_)
        ),
        "there is none to ask"
    );
    let replace = Write::Put {
        record: thing("d").row(),
        kept: Kept::default(),
        when: named("."),
        create: false,
    };
    missed(&bench.write(vec![replace]).await);
    missed(&bench.write(vec![delete("b", named("^a"))]).await);
    missed(
        &bench
            .write(vec![set("a", N, 9), delete("b", named("a|c"))])
            .await,
    );
    assert_eq!(
        bench.value("a", N).await,
        Value::Null,
        "nothing of that batch"
    );
    let gone = bench
        .write(vec![set("a", N, 9), delete("b", named("o|c"))])
        .await
        .unwrap();
    assert_eq!(gone.len(), 2);
    assert_eq!(bench.all().await, ["a", "c"]);
}

/// Each writer wants the counter's text to end as it found it, and only one can be right.
async fn one_of_many_still_wins(bench: Bench<'_>) {
    bench.fill([thing("a").with(NAME, "round 0")]).await;
    for round in 0..5 {
        let writes = (0..8_i64).map(|n| {
            let write = Write::Update {
                key: "a".into(),
                changes: vec![(NAME, format!("round {}", round + 1).into()), (N, n.into())],
                when: named(&format!("[dn] {round}$")),
            };
            bench.one(write)
        });
        let results = join_all(writes).await.into_iter();
        assert_eq!(results.map(won).filter(|won| *won).count(), 1, "{round}");
    }
    assert_eq!(bench.value("a", NAME).await, Value::from("round 5"));
}
