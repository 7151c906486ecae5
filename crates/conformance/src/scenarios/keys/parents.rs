//! Keys whose first part is the parent.

use std::sync::Arc;

use larder_core::store::{After, Condition, Kept, Outcome, Select, SortKey, Write};
use larder_query::{Filter, Op, Value};

use super::{CARRIER, NOTE, NUMBER, fill, flight, get, ids, key, open, query, with};
use crate::bench::{Bench, updated};
use crate::things::V1;

/// What a list under a parent asks for, where the parent is the first part of the key.
pub(super) async fn records_of_one_parent(mut bench: Bench<'_>) {
    open(&mut bench).await;
    let carriers = ["AA", "UA", "US"];
    let numbers = [1, 2, 10, 11, 100];
    let all = carriers.map(|carrier| numbers.map(|number| flight(carrier, number, "2013-01-01")));
    fill(&bench, all.into_iter().flatten()).await;
    for descending in [false, true] {
        let mut wanted = numbers.to_vec();
        if descending {
            wanted.reverse();
        }
        let mut found: Vec<Value> = Vec::new();
        let mut after = None;
        loop {
            let select = Select {
                filter: Filter::test(CARRIER, Op::Eq, "UA"),
                sort: vec![SortKey {
                    field: NUMBER,
                    descending,
                }],
                after: after.take(),
                limit: Some(2),
                total: true,
                ..Select::all(bench.layout.clone())
            };
            let order = select.order();
            let page = query(&bench, select).await;
            assert_eq!(page.total, Some(5));
            let Some(last) = page.rows.last() else { break };
            after = Some(After {
                values: order.iter().map(|by| last.get(by.field).clone()).collect(),
            });
            found.extend(page.rows.iter().map(|row| row.get(NUMBER).clone()));
        }
        let wanted: Vec<Value> = wanted.into_iter().map(Value::from).collect();
        assert_eq!(found, wanted);
    }
    let nobody = Filter::test(CARRIER, Op::Eq, "U");
    assert!(ids(&bench, nobody, &[]).await.is_empty());
}

/// A record is changed only through its own parent: the key names the parent, and the condition must agree with it.
pub(super) async fn a_write_under_another_parent(mut bench: Bench<'_>) {
    open(&mut bench).await;
    fill(
        &bench,
        [flight("UA", 1, "2013-01-01"), flight("AA", 1, "2013-01-01")],
    )
    .await;
    let under = |carrier: &str| Condition {
        filter: Filter::test(CARRIER, Op::Eq, carrier),
        ..Condition::default()
    };
    let own = key("UA", 1, "2013-01-01");
    let update = |when| Write::Update {
        key: own.clone(),
        changes: vec![(NOTE, "new".into())],
        when,
    };
    let put = |when| Write::Put {
        record: Arc::new(with(flight("UA", 1, "2013-01-01"), NOTE, "put")),
        kept: Kept::default(),
        when,
        create: false,
    };
    let delete = |when| Write::Delete {
        key: own.clone(),
        when,
    };
    for write in [update(under("AA")), put(under("AA")), delete(under("AA"))] {
        let missed = bench.one(write).await.unwrap();
        assert!(matches!(missed, Outcome::Missed), "{missed:?}");
    }
    let still = get(&bench, own.clone()).await.unwrap();
    assert_eq!((still.get(NOTE), still.version), (&Value::Null, V1));
    let changed = updated(bench.one(update(under("UA"))).await.unwrap());
    assert_eq!(changed.get(NOTE), &Value::from("new"));
    let changed = updated(bench.one(put(under("UA"))).await.unwrap());
    assert_eq!(changed.get(NOTE), &Value::from("put"));
    let gone = bench.one(delete(under("UA"))).await.unwrap();
    assert!(matches!(gone, Outcome::Deleted(_)), "{gone:?}");
    assert_eq!(ids(&bench, Filter::True, &[]).await, ["AA,1,2013-01-01"]);
}
