//! Fields of linked records in filters and orders.

use std::sync::Arc;

use larder_core::{Column, Index, Kind, Layout, Record, Row, Storage};
use larder_query::{Bound, Filter, Flags, Inside, Op, Pattern, Test, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, keys};
use crate::things::{CODE, DOC, ID, N, NAME, TAG, Thing, V1, column, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        a_field_of_a_linked_record, what_leads_nowhere_is_null, what_may_not_be_read_is_null, sorted_by_a_linked_field,
        a_join_through_a_join, two_joins_to_one_model, a_model_that_joins_itself, another_kind_leads_nowhere, both_in_one_condition,
        inside_a_linked_record, what_a_store_cant_decide_may_not_be_read, a_narrow_filter_there, counted_and_paged, by_key,
    ]
}

/// The first field of the first join.
const FIRST: usize = CODE + 1;
const TITLE: usize = 1;
const CITY: usize = 2;
const BOSS: usize = 3;
const INFO: usize = 4;
const WIDTH: usize = 5;

/// Makers: their title is indexed, and a maker may lead to another one.
pub(super) fn makers() -> Arc<Layout> {
    let of = |name: &str, kind| Column {
        nullable: name != "id",
        ..column(name, kind)
    };
    let index = |field| Index {
        fields: vec![field],
        unique: false,
    };
    Arc::new(Layout {
        model: "Maker".into(),
        collection: "makers".into(),
        fields: vec![
            of("id", Kind::Text),
            of("title", Kind::Text),
            of("city", Kind::Text),
            of("boss", Kind::Text),
            of("info", Kind::Json),
        ],
        key: ID.into(),
        indexes: vec![index(TITLE), index(BOSS)],
        storage: Storage::default(),
    })
}

pub(super) fn maker(id: &str, title: impl Into<Value>, city: &str, boss: impl Into<Value>) -> Row {
    let info = json(&format!(
        r#"{{"city": "{city}", "scores": [1, {}]}}"#,
        city.len()
    ));
    let values = vec![id.into(), title.into(), city.into(), boss.into(), info];
    Arc::new(Record::new(values, V1))
}

/// Things lead to makers by `tag`, which is indexed, and by `name`, which is not.
pub(crate) async fn made(bench: &Bench<'_>) -> Arc<Layout> {
    let layout = makers();
    let makers = [
        maker("m1", "Zed", "Rome", Value::Null),
        maker("m2", "Ann", "Oslo", "m1"),
        maker("m3", Value::Null, "Rome", "m2"),
        maker("m4", "ann", "Bonn", "m9"),
    ];
    bench.fill_other(&layout, makers).await;
    bench.fill(led()).await;
    layout
}

/// The things that [`made`] fills in.
pub(crate) fn led() -> Vec<Thing> {
    let led =
        |id: &str, to: Value, n: i64| thing(id).with(TAG, to.clone()).with(NAME, to).with(N, n);
    vec![
        led("a", "m1".into(), 1),
        led("b", "m2".into(), 2),
        led("c", "m2".into(), 1),
        led("d", "m3".into(), 2),
        led("e", "m4".into(), 3),
        led("gone", "m9".into(), 1),
        led("none", Value::Null, 2),
    ]
}

fn title(op: Op, value: impl Into<Value>) -> Filter {
    Filter::test(FIRST + TITLE, op, value)
}

/// By the indexed link and by the other one.
const LINKS: [usize; 2] = [TAG, NAME];

async fn a_field_of_a_linked_record(bench: Bench<'_>) {
    let makers = made(&bench).await;
    for link in LINKS {
        let ids = |filter| {
            bench
                .select()
                .join(link, &makers, Filter::True)
                .filter(filter)
                .ids()
        };
        assert_eq!(ids(title(Op::Eq, "Ann")).await, ["b", "c"]);
        assert_eq!(ids(title(Op::StartsWith, "A")).await, ["b", "c"]);
        assert_eq!(ids(title(Op::EqIgnoreCase, "ANN")).await, ["b", "c", "e"]);
        assert_eq!(ids(title(Op::Gt, "B")).await, ["a", "e"]);
        assert_eq!(
            ids(Filter::one_of(
                FIRST + CITY,
                vec!["Bonn".into(), "Oslo".into()]
            ))
            .await,
            ["b", "c", "e"]
        );
        assert_eq!(ids(Filter::test(FIRST + ID, Op::Eq, "m3")).await, ["d"]);
        assert_eq!(
            ids(Filter::True).await.len(),
            7,
            "a join takes no record away"
        );
    }
    let page = bench
        .select()
        .join(TAG, &makers, Filter::True)
        .filter(title(Op::Eq, "Zed"))
        .page()
        .await;
    assert_eq!(
        *page.rows[0],
        *bench.get("a").await.unwrap(),
        "the answer has the record's own fields"
    );
}

async fn what_leads_nowhere_is_null(bench: Bench<'_>) {
    let makers = made(&bench).await;
    for link in LINKS {
        let ids = |filter| {
            bench
                .select()
                .join(link, &makers, Filter::True)
                .filter(filter)
                .ids()
        };
        assert_eq!(ids(title(Op::Eq, Value::Null)).await, ["d", "gone", "none"]);
        assert_eq!(
            ids(Filter::test(FIRST + ID, Op::Eq, Value::Null)).await,
            ["gone", "none"]
        );
        assert_eq!(
            ids(title(Op::Ne, "Ann")).await,
            ["a", "d", "e", "gone", "none"]
        );
        assert_eq!(
            ids(Filter::Not(Box::new(title(Op::Lt, "Z")))).await,
            ["a", "d", "e", "gone", "none"]
        );
        let list = Filter::one_of(FIRST + TITLE, vec![Value::Null, "Zed".into()]);
        assert_eq!(ids(list.clone()).await, ["a", "d", "gone", "none"]);
        assert_eq!(ids(Filter::not(list)).await, ["b", "c", "e"]);
    }
}

async fn what_may_not_be_read_is_null(bench: Bench<'_>) {
    let makers = made(&bench).await;
    let roman = || Filter::test(CITY, Op::Eq, "Rome");
    for link in LINKS {
        let ids = |filter| {
            bench
                .select()
                .join(link, &makers, roman())
                .filter(filter)
                .ids()
        };
        assert_eq!(
            ids(title(Op::Eq, "Ann")).await,
            [""; 0],
            "there is one, but it may not be read"
        );
        assert_eq!(ids(title(Op::Eq, "Zed")).await, ["a"]);
        assert_eq!(
            ids(Filter::test(FIRST + ID, Op::Eq, Value::Null)).await,
            ["b", "c", "e", "gone", "none"]
        );
        let sorted = bench
            .select()
            .join(link, &makers, roman())
            .sort(FIRST + CITY, true)
            .ids()
            .await;
        assert_eq!(sorted, ["a", "d", "b", "c", "e", "gone", "none"]);
        let nothing = bench
            .select()
            .join(link, &makers, Filter::False)
            .filter(title(Op::Ne, Value::Null));
        assert_eq!(nothing.ids().await, [""; 0]);
    }
}

async fn sorted_by_a_linked_field(bench: Bench<'_>) {
    let makers = made(&bench).await;
    for link in LINKS {
        let ask = || bench.select().join(link, &makers, Filter::True);
        let up = ask().sort(FIRST + TITLE, false).ids().await;
        assert_eq!(
            up,
            ["d", "gone", "none", "b", "c", "a", "e"],
            "null first, then by key"
        );
        assert_eq!(
            ask().sort(FIRST + TITLE, true).ids().await,
            ["e", "a", "b", "c", "d", "gone", "none"]
        );
        let both = ask().sort(FIRST + CITY, false).sort(N, true).ids().await;
        assert_eq!(both, ["none", "gone", "e", "b", "c", "d", "a"]);
        let page = ask()
            .sort(FIRST + TITLE, false)
            .skip(2)
            .limit(3)
            .total()
            .page()
            .await;
        assert_eq!(
            (keys(&page), page.total),
            (vec!["none".into(), "b".into(), "c".into()], Some(7))
        );
        let after = ask()
            .sort(FIRST + TITLE, false)
            .after(["Ann".into(), "b".into()])
            .limit(2)
            .total()
            .page()
            .await;
        assert_eq!(
            (keys(&after), after.total),
            (vec!["c".into(), "a".into()], Some(7))
        );
        let behind_null = ask()
            .sort(FIRST + TITLE, true)
            .after([Value::Null, "d".into()])
            .ids()
            .await;
        assert_eq!(behind_null, ["gone", "none"]);
    }
}

async fn a_join_through_a_join(bench: Bench<'_>) {
    let makers = made(&bench).await;
    let boss = FIRST + WIDTH;
    for link in LINKS {
        let ask = || {
            bench.select().join(link, &makers, Filter::True).join(
                FIRST + BOSS,
                &makers,
                Filter::True,
            )
        };
        let ids = |filter| ask().filter(filter).ids();
        assert_eq!(
            ids(Filter::test(boss + TITLE, Op::Eq, "Zed")).await,
            ["b", "c"]
        );
        assert_eq!(ids(Filter::test(boss + TITLE, Op::Eq, "Ann")).await, ["d"]);
        assert_eq!(
            ids(Filter::test(boss + ID, Op::Eq, Value::Null)).await,
            ["a", "e", "gone", "none"]
        );
        let both = Filter::and([
            title(Op::Eq, "Ann"),
            Filter::test(boss + CITY, Op::Eq, "Rome"),
        ]);
        assert_eq!(ids(both).await, ["b", "c"]);
        assert_eq!(
            ask().sort(boss + TITLE, true).limit(3).ids().await,
            ["b", "c", "d"]
        );
        // What hangs on a record that may not be read can't be read either.
        let hidden = bench
            .select()
            .join(link, &makers, Filter::test(CITY, Op::Ne, "Oslo"))
            .join(FIRST + BOSS, &makers, Filter::True)
            .filter(Filter::test(boss + TITLE, Op::Eq, "Zed"));
        assert_eq!(hidden.ids().await, [""; 0]);
    }
}

async fn two_joins_to_one_model(bench: Bench<'_>) {
    let makers = made(&bench).await;
    bench
        .fill([
            thing("x").with(TAG, "m1").with(NAME, "m2"),
            thing("y").with(TAG, "m2").with(NAME, "m1"),
        ])
        .await;
    let ask = || {
        bench
            .select()
            .join(TAG, &makers, Filter::True)
            .join(NAME, &makers, Filter::True)
    };
    let filter = Filter::and([
        title(Op::Eq, "Zed"),
        Filter::test(FIRST + WIDTH + TITLE, Op::Eq, "Ann"),
    ]);
    assert_eq!(ask().filter(filter).ids().await, ["x"]);
}

async fn a_model_that_joins_itself(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(N, 1),
            thing("b").with(TAG, "a").with(N, 2),
            thing("c").with(TAG, "b").with(N, 3),
            thing("d").with(TAG, "d").with(N, 4),
        ])
        .await;
    let things = bench.layout.clone();
    let ask = || bench.select().join(TAG, &things, Filter::True);
    assert_eq!(
        ask().filter(Filter::test(FIRST + N, Op::Eq, 1)).ids().await,
        ["b"]
    );
    assert_eq!(
        ask().filter(Filter::test(FIRST + N, Op::Ge, 2)).ids().await,
        ["c", "d"]
    );
    assert_eq!(
        ask()
            .filter(Filter::test(FIRST + N, Op::Eq, Value::Null))
            .ids()
            .await,
        ["a"]
    );
    assert_eq!(
        ask().sort(FIRST + N, true).ids().await,
        ["d", "c", "b", "a"]
    );
}

async fn another_kind_leads_nowhere(bench: Bench<'_>) {
    let makers = made(&bench).await;
    for link in [N, DOC] {
        let ask = bench.select().join(link, &makers, Filter::True);
        assert_eq!(
            ask.filter(Filter::test(FIRST + ID, Op::Ne, Value::Null))
                .ids()
                .await,
            [""; 0]
        );
    }
}

async fn both_in_one_condition(bench: Bench<'_>) {
    let makers = made(&bench).await;
    for link in LINKS {
        let ids = |filter| {
            bench
                .select()
                .join(link, &makers, Filter::True)
                .filter(filter)
                .ids()
        };
        let own = || Filter::test(N, Op::Eq, 1);
        assert_eq!(
            ids(Filter::or([own(), title(Op::Eq, "ann")])).await,
            ["a", "c", "e", "gone"]
        );
        assert_eq!(ids(Filter::and([own(), title(Op::Eq, "Ann")])).await, ["c"]);
        let neither = Filter::Not(Box::new(Filter::Or(vec![
            own(),
            title(Op::Ne, Value::Null),
        ])));
        assert_eq!(ids(neither).await, ["d", "none"]);
    }
}

fn odd(field: usize, source: &str) -> Filter {
    Filter::Test(Test {
        field,
        op: Op::Match,
        operand: Bound::Pattern(Pattern::new(source, Flags::default()).unwrap()),
    })
}

async fn inside_a_linked_record(bench: Bench<'_>) {
    let makers = made(&bench).await;
    let inside = |path: &str, each, filter| {
        Filter::Inside(Box::new(Inside {
            field: FIRST + INFO,
            path: vec![path.into()].into(),
            each,
            filter,
        }))
    };
    let ids = |filter| {
        bench
            .select()
            .join(TAG, &makers, Filter::True)
            .filter(filter)
            .ids()
    };
    assert_eq!(
        ids(inside("city", false, Filter::test(0, Op::Eq, "Oslo"))).await,
        ["b", "c"]
    );
    assert_eq!(
        ids(inside("city", false, Filter::test(0, Op::Eq, Value::Null))).await,
        ["gone", "none"]
    );
    assert_eq!(
        ids(inside("scores", true, Filter::test(0, Op::Ge, 4))).await,
        ["a", "b", "c", "d", "e"]
    );
    assert_eq!(ids(odd(FIRST + CITY, "^[BO]")).await, ["b", "c", "e"]);
    assert_eq!(
        ids(Filter::Not(Box::new(odd(FIRST + CITY, "o")))).await,
        ["gone", "none"]
    );
}

/// A rule that no database decides by itself still hides what it hides.
async fn what_a_store_cant_decide_may_not_be_read(bench: Bench<'_>) {
    let makers = made(&bench).await;
    let rule = || odd(CITY, "^R.m");
    for link in LINKS {
        let ask = || bench.select().join(link, &makers, rule());
        assert_eq!(ask().filter(title(Op::Eq, "Ann")).ids().await, [""; 0]);
        assert_eq!(ask().filter(title(Op::Eq, "Zed")).ids().await, ["a"]);
        assert_eq!(ask().filter(title(Op::Ne, "Zed")).ids().await.len(), 6);
        assert_eq!(
            ask()
                .sort(FIRST + CITY, true)
                .sort(N, true)
                .limit(4)
                .ids()
                .await,
            ["d", "a", "e", "b"]
        );
        let page = ask()
            .sort(FIRST + CITY, true)
            .after(["Rome".into(), "a".into()])
            .skip(1)
            .limit(2)
            .total()
            .page()
            .await;
        assert_eq!(
            (keys(&page), page.total),
            (vec!["b".into(), "c".into()], Some(7))
        );
        let boss = FIRST + WIDTH;
        let through = ask()
            .join(FIRST + BOSS, &makers, Filter::True)
            .filter(Filter::test(boss + ID, Op::Ne, Value::Null));
        assert_eq!(
            through.ids().await,
            ["d"],
            "only from what may be read it leads on"
        );
    }
}

/// With many things and makers, of which the filter wants few.
async fn a_narrow_filter_there(bench: Bench<'_>) {
    let layout = makers();
    let makers = (0..2_000).map(|n| {
        maker(
            &format!("m{n:04}"),
            format!("title {n}"),
            if n % 500 == 7 { "far" } else { "near" },
            format!("m{:04}", n / 2),
        )
    });
    bench.fill_other(&layout, makers).await;
    bench
        .fill((0..3_000_i64).map(|n| {
            thing(&format!("t{n:04}"))
                .with(TAG, format!("m{:04}", n * 7 % 2_000))
                .with(N, n % 10)
        }))
        .await;
    let ask = || bench.select().join(TAG, &layout, Filter::True);
    assert_eq!(
        ask().filter(title(Op::Eq, "title 7")).ids().await,
        ["t0001", "t2001"]
    );
    let few = Filter::one_of(
        FIRST + TITLE,
        (0..20).map(|n| Value::from(format!("title {n}"))).collect(),
    );
    let page = ask()
        .filter(few.clone())
        .sort(N, true)
        .limit(3)
        .total()
        .page()
        .await;
    assert_eq!(page.total, Some(31));
    assert_eq!(bench.value(&keys(&page)[0], N).await, Value::from(9));
    let narrower = Filter::and([few, Filter::test(N, Op::Eq, 1)]);
    assert_eq!(ask().filter(narrower).total().page().await.total, Some(3));
    assert_eq!(
        ask()
            .filter(title(Op::Eq, "no such title"))
            .total()
            .page()
            .await
            .total,
        Some(0)
    );
    assert_eq!(
        ask()
            .filter(Filter::test(FIRST + CITY, Op::Eq, "far"))
            .ids()
            .await
            .len(),
        6
    );
    let boss = FIRST + WIDTH;
    let chain = ask()
        .join(FIRST + BOSS, &layout, Filter::True)
        .filter(Filter::test(boss + TITLE, Op::Eq, "title 3"));
    assert_eq!(
        chain.ids().await.len(),
        4,
        "makers 6 and 7, two things each"
    );
    let unreadable = bench
        .select()
        .join(TAG, &layout, Filter::test(CITY, Op::Eq, "near"))
        .filter(title(Op::Eq, "title 7"));
    assert_eq!(unreadable.ids().await, [""; 0]);
}

async fn counted_and_paged(bench: Bench<'_>) {
    let makers = made(&bench).await;
    for link in LINKS {
        let ask = || {
            bench
                .select()
                .join(link, &makers, Filter::True)
                .filter(title(Op::Ne, Value::Null))
        };
        assert_eq!(ask().limit(0).total().page().await.total, Some(4));
        let page = ask().skip(3).limit(5).total().page().await;
        assert_eq!((keys(&page), page.total), (vec!["e".into()], Some(4)));
        let past = ask().skip(9).limit(5).total().page().await;
        assert_eq!((keys(&past).len(), past.total), (0, Some(4)));
    }
}

async fn by_key(bench: Bench<'_>) {
    let makers = made(&bench).await;
    let ask = |key: &'static str| {
        bench
            .select()
            .join(TAG, &makers, Filter::True)
            .key(key)
            .filter(title(Op::Eq, "Ann"))
            .total()
    };
    let page = ask("b").page().await;
    assert_eq!((keys(&page), page.total), (vec!["b".into()], Some(1)));
    assert_eq!(ask("a").page().await.total, Some(0));
    assert_eq!(ask("zz").page().await.total, Some(0));
}
