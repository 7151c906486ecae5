//! Reads: by key, in order, page by page.

use larder_core::Key;
use larder_core::store::{Plan, Select};
use larder_query::{Filter, Op};

use super::{Scenario, rows};
use crate::bench::{Bench, keys};
use crate::things::{F, ID, N, NAME, TAG, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        by_key, by_key_and_filter, an_empty_store, default_order_is_by_key, sort_both_ways, ties_go_by_key, nulls_sort_first,
        sort_by_several_fields, sort_without_an_index, sort_by_key_descending, skip_and_limit, pages_are_complete, past_the_end,
        limit_zero_counts, total_of_a_filter, total_only_if_asked,
    ]
}

/// 30 things in no order: `n` is 0 to 9 three times, `tag` one of three, `f` and `name` different everywhere.
async fn thirty(bench: &Bench<'_>) {
    bench
        .fill((0..30_i64).map(|i| {
            let i = (i * 7) % 30;
            let tag = ["red", "green", "blue"][usize::try_from(i % 3).unwrap()];
            let name = format!("name {:02}", 29 - i);
            thing(&format!("t{i:02}"))
                .with(N, i % 10)
                .with(TAG, tag)
                .with(F, i as f64 / 4.0)
                .with(NAME, name)
        }))
        .await;
}

async fn by_key(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1), thing("b").with(N, 2)])
        .await;
    let row = bench.get("b").await.expect("the record");
    assert_eq!(*row, *thing("b").with(N, 2).row());
    assert!(bench.get("c").await.is_none());
    assert!(bench.get("").await.is_none());
    assert!(bench.get("A").await.is_none(), "keys are case-sensitive");
}

async fn by_key_and_filter(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1), thing("b").with(N, 2)])
        .await;
    for (value, found) in [(1, vec!["a"]), (2, vec![])] {
        let mut select = Select::one(
            bench.layout.clone(),
            Key::from("a"),
            Filter::test(N, Op::Eq, value),
        );
        select.total = true;
        let page = bench.store.query(Plan::unsealed(&select)).await.unwrap();
        assert_eq!(keys(&page), found);
        assert_eq!(page.total, Some(found.len() as u64));
    }
}

async fn an_empty_store(bench: Bench<'_>) {
    let page = bench.select().limit(10).total().page().await;
    assert!(page.rows.is_empty());
    assert_eq!(page.total, Some(0));
}

async fn default_order_is_by_key(bench: Bench<'_>) {
    bench
        .fill(["b", "a", "B", "ab", "10", "9", "é", ""].map(thing))
        .await;
    assert_eq!(
        bench.all().await,
        ["", "10", "9", "B", "a", "ab", "b", "é"],
        "by the bytes of the keys"
    );
}

async fn sort_both_ways(bench: Bench<'_>) {
    thirty(&bench).await;
    let up = bench.select().sort(F, false).ids().await;
    let mut down = bench.select().sort(F, true).ids().await;
    assert_eq!(up, bench.all().await, "`f` grows with the key");
    down.reverse();
    assert_eq!(up, down);
}

async fn ties_go_by_key(bench: Bench<'_>) {
    thirty(&bench).await;
    assert_eq!(
        bench.select().sort(N, false).limit(4).ids().await,
        ["t00", "t10", "t20", "t01"]
    );
    assert_eq!(
        bench.select().sort(N, true).limit(4).ids().await,
        ["t09", "t19", "t29", "t08"],
        "also when descending"
    );
    assert_eq!(
        bench.select().sort(N, true).skip(2).limit(2).ids().await,
        ["t29", "t08"]
    );
}

async fn nulls_sort_first(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(N, 1),
            thing("b"),
            thing("c").with(N, -5),
            thing("d"),
        ])
        .await;
    assert_eq!(
        bench.select().sort(N, false).ids().await,
        ["b", "d", "c", "a"]
    );
    assert_eq!(
        bench.select().sort(N, true).ids().await,
        ["a", "c", "b", "d"],
        "and last when descending"
    );
    assert_eq!(
        bench.select().sort(F, false).sort(N, true).ids().await,
        ["a", "c", "b", "d"]
    );
}

async fn sort_by_several_fields(bench: Bench<'_>) {
    thirty(&bench).await;
    let first = bench
        .select()
        .sort(TAG, false)
        .sort(N, true)
        .limit(3)
        .ids()
        .await;
    assert_eq!(first, ["t29", "t08", "t17"], "blue, from 9 down");
    let last = bench
        .select()
        .sort(TAG, true)
        .sort(N, false)
        .limit(3)
        .ids()
        .await;
    assert_eq!(last, ["t00", "t21", "t12"], "red, from 0 up");
    let page = bench
        .select()
        .filter(Filter::test(TAG, Op::Eq, "green"))
        .sort(N, true)
        .limit(2)
        .ids()
        .await;
    assert_eq!(page, ["t19", "t28"]);
}

async fn sort_without_an_index(bench: Bench<'_>) {
    thirty(&bench).await;
    let page = bench
        .select()
        .sort(NAME, false)
        .skip(1)
        .limit(3)
        .total()
        .page()
        .await;
    assert_eq!(keys(&page), ["t28", "t27", "t26"]);
    assert_eq!(page.total, Some(30));
}

async fn sort_by_key_descending(bench: Bench<'_>) {
    thirty(&bench).await;
    assert_eq!(
        bench.select().sort(ID, true).limit(2).ids().await,
        ["t29", "t28"]
    );
    let red = Filter::test(TAG, Op::Eq, "red");
    assert_eq!(
        bench
            .select()
            .filter(red)
            .sort(ID, true)
            .skip(1)
            .limit(2)
            .ids()
            .await,
        ["t24", "t21"]
    );
}

async fn skip_and_limit(bench: Bench<'_>) {
    thirty(&bench).await;
    let all = bench.all().await;
    for (skip, limit) in [(0, 1), (0, 30), (0, 100), (7, 5), (29, 1), (29, 5)] {
        let ids = bench.select().skip(skip).limit(limit).ids().await;
        let wanted: Vec<String> = all
            .iter()
            .skip(skip as usize)
            .take(limit as usize)
            .cloned()
            .collect();
        assert_eq!(ids, wanted, "{skip} {limit}");
    }
    assert_eq!(
        bench.select().skip(27).ids().await,
        all[27..],
        "skip without limit"
    );
}

async fn pages_are_complete(bench: Bench<'_>) {
    thirty(&bench).await;
    for descending in [false, true] {
        let mut seen = Vec::new();
        for page in 0..5 {
            seen.extend(
                bench
                    .select()
                    .sort(TAG, descending)
                    .skip(page * 7)
                    .limit(7)
                    .ids()
                    .await,
            );
        }
        assert_eq!(seen, bench.select().sort(TAG, descending).ids().await);
        seen.sort();
        assert_eq!(seen, bench.all().await, "no record twice, none left out");
    }
}

async fn past_the_end(bench: Bench<'_>) {
    thirty(&bench).await;
    for skip in [
        30,
        31,
        1_000_000,
        u64::from(u32::MAX) + 1,
        i64::MAX as u64,
        u64::MAX,
    ] {
        let page = bench.select().skip(skip).limit(5).total().page().await;
        assert!(page.rows.is_empty());
        assert_eq!(page.total, Some(30), "the total stands past the end too");
    }
    let page = bench.select().skip(28).limit(u64::MAX).page().await;
    assert_eq!(keys(&page), ["t28", "t29"]);
}

async fn limit_zero_counts(bench: Bench<'_>) {
    thirty(&bench).await;
    for (filter, total) in [
        (Filter::True, 30),
        (Filter::test(TAG, Op::Eq, "red"), 10),
        (Filter::test(F, Op::Lt, 1.0), 4),
    ] {
        let page = bench.select().filter(filter).limit(0).total().page().await;
        assert!(page.rows.is_empty());
        assert_eq!(page.total, Some(total));
    }
}

async fn total_of_a_filter(bench: Bench<'_>) {
    thirty(&bench).await;
    let filter = Filter::and([
        Filter::test(TAG, Op::Eq, "green"),
        Filter::test(NAME, Op::Ge, "name 15"),
    ]);
    let page = bench
        .select()
        .filter(filter)
        .sort(N, false)
        .skip(1)
        .limit(2)
        .total()
        .page()
        .await;
    assert_eq!(page.total, Some(5));
    assert_eq!(keys(&page), ["t01", "t13"]);
}

async fn total_only_if_asked(bench: Bench<'_>) {
    thirty(&bench).await;
    assert_eq!(bench.select().limit(3).page().await.total, None);
}
