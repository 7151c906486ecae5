//! Preparing: again, for two models, and for a model that has grown.

use std::sync::Arc;

use larder_core::store::{Condition, Plan, Select, Write};
use larder_core::{Column, Index, Key, Kind, Layout, Record};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, delete, duplicate, keys, set};
use crate::harness::Need;
use crate::things::{CODE, N, NAME, V1, column, layout, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[];
        preparing_twice_is_harmless, two_models_do_not_mix, keys_of_other_kinds, strange_names, an_index_added_later,
    ];
    all.extend(rows![&[Need::Reopen]; records_survive_reopening, a_new_field_gets_its_default]);
    all
}

/// The things under another name.
fn others() -> Arc<Layout> {
    Arc::new(Layout {
        model: "Other".into(),
        collection: "others".into(),
        ..layout()
    })
}

async fn preparing_twice_is_harmless(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1).with(CODE, "1")]).await;
    for _ in 0..3 {
        bench.prepare(&bench.layout).await.unwrap();
        bench.prepare(&Arc::new(layout())).await.unwrap();
    }
    assert_eq!(
        *bench.get("a").await.unwrap(),
        *thing("a").with(N, 1).with(CODE, "1").row()
    );
    duplicate(
        bench
            .one(crate::bench::insert(thing("b").with(CODE, "1")))
            .await,
        "code",
    );
    bench.store.prepare(&[]).await.unwrap();
}

async fn two_models_do_not_mix(mut bench: Bench<'_>) {
    let (things, others) = (bench.layout.clone(), others());
    bench
        .store
        .prepare(&[things.clone(), others.clone()])
        .await
        .unwrap();
    bench
        .fill([thing("a").with(N, 1).with(CODE, "1"), thing("b")])
        .await;
    bench.layout = others;
    assert_eq!(bench.all().await, [""; 0]);
    bench
        .fill([thing("a").with(N, 2).with(CODE, "1"), thing("c")])
        .await;
    bench.one(set("a", N, 3)).await.unwrap();
    bench.layout = things;
    assert_eq!(bench.all().await, ["a", "b"]);
    assert_eq!(bench.value("a", N).await, Value::from(1));
    bench.one(delete("a", Condition::default())).await.unwrap();
    bench.layout = self::others();
    assert_eq!(bench.all().await, ["a", "c"]);
    assert_eq!(bench.value("a", N).await, Value::from(3));
}

async fn keys_of_other_kinds(mut bench: Bench<'_>) {
    let uuid = |n: u128| Value::Uuid(uuid::Uuid::from_u128(n));
    let kinds = [
        (
            Kind::Int,
            [
                Value::from(i64::MIN),
                Value::from(-1),
                Value::from(2),
                Value::from(10),
            ],
        ),
        (
            Kind::Uint,
            [
                Value::from(0_u64),
                Value::from(7_u64),
                Value::from(1_u64 << 63),
                Value::from(u64::MAX),
            ],
        ),
        (
            Kind::Uuid,
            [uuid(0), uuid(1), uuid(1 << 127), uuid(u128::MAX)],
        ),
    ];
    for (kind, ids) in kinds {
        let mut layout = layout();
        layout.collection = format!("by_{kind:?}").to_lowercase();
        layout.fields[0].kind = kind;
        bench.layout = Arc::new(layout);
        bench.prepare(&bench.layout).await.unwrap();
        let record = |id: &Value| {
            let mut record = Record::clone(&thing("").with(N, 1).row());
            record.values[0] = id.clone();
            Arc::new(record)
        };
        bench
            .write(
                ids.iter()
                    .rev()
                    .map(|id| Write::Insert { record: record(id) })
                    .collect(),
            )
            .await
            .unwrap();
        let wanted: Vec<String> = ids
            .iter()
            .map(|id| Key::from(id.clone()).to_string())
            .collect();
        assert_eq!(bench.all().await, wanted, "in the order of {kind:?}");
        for id in ids {
            let select = Select::one(bench.layout.clone(), id.clone().into(), Filter::True);
            let page = bench.store.query(Plan::unsealed(&select)).await.unwrap();
            assert_eq!(*page.rows[0], *record(&id));
            duplicate(
                bench
                    .one(Write::Insert {
                        record: record(&id),
                    })
                    .await,
                "id",
            );
            let update = Write::Update {
                key: id.clone().into(),
                changes: vec![(N, 5.into())],
                when: Condition::version(V1),
            };
            crate::bench::updated(bench.one(update).await.unwrap());
            bench
                .one(Write::Delete {
                    key: id.into(),
                    when: Condition::default(),
                })
                .await
                .unwrap();
        }
        assert_eq!(bench.all().await, [""; 0]);
    }
}

async fn strange_names(mut bench: Bench<'_>) {
    let mut layout = layout();
    layout.collection = "Select \"from\" where; -- 'x' `y` é".into();
    for (field, name) in layout.fields.iter_mut().skip(1).zip([
        "order", "group by", "a\"b", "a'b", "ünï", "a.b", "$set", "version", "rowid",
    ]) {
        field.name = name.into();
    }
    bench.layout = Arc::new(layout);
    bench.prepare(&bench.layout).await.unwrap();
    bench.prepare(&bench.layout).await.unwrap();
    bench
        .fill([
            thing("a").with(NAME, "x").with(N, 1),
            thing("b").with(NAME, "y").with(N, 2),
        ])
        .await;
    bench.one(set("a", NAME, "z")).await.unwrap();
    let page = bench
        .select()
        .filter(Filter::test(N, Op::Le, 2))
        .sort(NAME, true)
        .total()
        .page()
        .await;
    assert_eq!(
        (keys(&page), page.total),
        (vec!["a".to_owned(), "b".to_owned()], Some(2))
    );
}

async fn an_index_added_later(mut bench: Bench<'_>) {
    bench
        .fill((0..20_i64).map(|n| thing(&format!("t{n:02}")).with(NAME, format!("n{}", n % 3))))
        .await;
    let mut layout = layout();
    layout.indexes.push(Index {
        fields: vec![NAME],
        unique: false,
    });
    bench.layout = Arc::new(layout);
    bench.prepare(&bench.layout).await.unwrap();
    let page = bench
        .select()
        .filter(Filter::test(NAME, Op::Eq, "n1"))
        .sort(NAME, true)
        .limit(2)
        .total()
        .page()
        .await;
    assert_eq!(
        (keys(&page), page.total),
        (vec!["t01".to_owned(), "t04".to_owned()], Some(7))
    );
}

async fn records_survive_reopening(bench: Bench<'_>) {
    let full = || thing("a").with(N, 1).with(NAME, "x").with(CODE, "1");
    bench.fill([full(), thing("b")]).await;
    bench.one(set("b", N, 1)).await.unwrap();
    bench.one(delete("b", Condition::default())).await.unwrap();
    let bench = bench.reopen(layout()).await;
    assert_eq!(bench.all().await, ["a"]);
    assert_eq!(*bench.get("a").await.unwrap(), *full().row());
    assert_eq!(bench.ids(Filter::test(N, Op::Eq, 1)).await, ["a"]);
    duplicate(
        bench
            .one(crate::bench::insert(thing("c").with(CODE, "1")))
            .await,
        "code",
    );
}

async fn a_new_field_gets_its_default(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1), thing("b").with(N, 2)])
        .await;
    let mut layout = layout();
    let added = |name: &str, kind, default: Option<Value>| Column {
        default,
        ..column(name, kind)
    };
    let new = [
        Column {
            nullable: false,
            ..added("level", Kind::Int, Some(7.into()))
        },
        Column {
            nullable: false,
            ..added("label", Kind::Text, Some("it's \"new\"".into()))
        },
        added("note", Kind::Text, None),
        Column {
            nullable: false,
            ..added(
                "tags",
                Kind::Json,
                Some(Value::from(vec![Value::from("x")])),
            )
        },
        Column {
            nullable: false,
            ..added("done", Kind::Bool, Some(false.into()))
        },
        Column {
            nullable: false,
            ..added("rate", Kind::Float, Some(Value::F64(0.1)))
        },
    ];
    let first = layout.fields.len();
    let defaults: Vec<Value> = new
        .iter()
        .map(|field| field.default.clone().unwrap_or_default())
        .collect();
    layout.fields.extend(new);
    layout.indexes.push(Index {
        fields: vec![first],
        unique: false,
    });
    let bench = bench.reopen(layout).await;
    let row = bench.get("a").await.unwrap();
    assert_eq!(row.version, V1);
    assert_eq!(row.get(N), &Value::from(1));
    assert_eq!(row.values[first..], defaults);
    assert_eq!(bench.ids(Filter::test(first, Op::Eq, 7)).await, ["a", "b"]);
    bench.one(set("a", first, 8)).await.unwrap();
    assert_eq!(bench.ids(Filter::test(first, Op::Eq, 7)).await, ["b"]);
    assert_eq!(
        bench
            .ids(Filter::test(first + 2, Op::Eq, Value::Null))
            .await,
        ["a", "b"]
    );
}
