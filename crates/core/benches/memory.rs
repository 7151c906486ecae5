//! What the memory store costs by itself, without the pipeline: adding, one record, and pages by an index and without one.
//!
//! `cargo bench -p larder-core --features unsealed --bench memory`

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion};
use futures_util::FutureExt;
use larder_core::store::{
    Batch, BoxFuture, Condition, Outcome, Page, Plan, Select, SortKey, Write,
};
use larder_core::{
    Column, Index, Key, Kind, Layout, MemoryStore, Record, Result, Row, Storage, Store, Version,
};
use larder_query::{Filter, Op, Value};

/// Enough that an index pays, and little enough to be filled in a moment in a debug build.
const ROWS: i64 = 10_000;

/// How many records share a customer.
const EACH: i64 = 100;

const ID: usize = 0;
const CUSTOMER: usize = 1;
const PLACED: usize = 2;
const NOTE: usize = 3;

fn layout() -> Arc<Layout> {
    let column = |name: &str, kind| Column {
        name: name.into(),
        kind,
        nullable: false,
        default: None,
    };
    let index = |fields: &[usize]| Index {
        fields: fields.to_vec(),
        unique: false,
    };
    Arc::new(Layout {
        model: "Order".into(),
        collection: "orders".into(),
        fields: vec![
            column("id", Kind::Text),
            column("customer", Kind::Int),
            column("placed", Kind::Int),
            column("note", Kind::Text),
        ],
        key: ID.into(),
        indexes: vec![index(&[CUSTOMER, PLACED]), index(&[PLACED])],
        storage: Storage::default(),
    })
}

fn key(at: i64) -> String {
    format!("01a20161-3bf8-73df-9520-{at:012}")
}

fn row(at: i64) -> Row {
    let values = vec![
        Value::from(key(at).as_str()),
        Value::from(at % (ROWS / EACH)),
        // Spread, so that an index is not filled in its own order.
        Value::from(at * 7919 % ROWS),
        Value::from(format!("The order number {at}").as_str()),
    ];
    Arc::new(Record::new(values, Version(1 << 8)))
}

/// A memory store is ready at once.
fn now<T>(future: BoxFuture<'_, Result<T>>) -> T {
    match future.now_or_never() {
        Some(Ok(done)) => done,
        Some(Err(error)) => panic!("{error}"),
        None => panic!("the memory store made us wait"),
    }
}

fn write(store: &MemoryStore, layout: &Arc<Layout>, writes: Vec<Write>) -> Vec<Outcome> {
    let batch = Batch {
        layout: layout.clone(),
        writes,
        returning: false,
    };
    now(store.write(Plan::unsealed_owned(batch)))
}

fn filled(layout: &Arc<Layout>) -> MemoryStore {
    let store = MemoryStore::new();
    now(store.prepare(std::slice::from_ref(layout)));
    let writes = (0..ROWS).map(|at| Write::Insert { record: row(at) });
    write(&store, layout, writes.collect());
    store
}

fn query(store: &MemoryStore, select: &Select) -> Page {
    now(store.query(Plan::unsealed(black_box(select))))
}

fn writes(criterion: &mut Criterion, layout: &Arc<Layout>, store: &MemoryStore) {
    let mut group = criterion.benchmark_group(format!("memory store of {ROWS}"));
    // Each record that is added goes again within the same round, so that the store keeps its size.
    let mut next = ROWS;
    group.bench_function("insert, then delete", |run| {
        run.iter_batched(
            || {
                next += 1;
                let delete = Write::Delete {
                    key: Key::from(key(next)),
                    when: Condition::default(),
                };
                (Write::Insert { record: row(next) }, delete)
            },
            |(insert, delete)| {
                write(store, layout, vec![insert]);
                write(store, layout, vec![delete])
            },
            BatchSize::SmallInput,
        );
    });
    group.bench_function("update of an indexed field", |run| {
        let mut placed = 0;
        run.iter(|| {
            placed += 1;
            let update = Write::Update {
                key: Key::from(key(placed % ROWS)),
                changes: vec![(PLACED, Value::from(placed * 31 % ROWS).into())],
                when: Condition::default(),
            };
            write(store, layout, vec![update])
        });
    });
    group.finish();
}

fn reads(criterion: &mut Criterion, layout: &Arc<Layout>, store: &MemoryStore) {
    let page = |filter, sort: usize| Select {
        filter,
        sort: vec![SortKey {
            field: sort,
            descending: true,
        }],
        limit: Some(20),
        total: true,
        ..Select::all(layout.clone())
    };
    let customer = || Filter::test(CUSTOMER, Op::Eq, 7);
    let selects = [
        (
            "get by key",
            Select::one(layout.clone(), Key::from(key(4711)), Filter::True),
            1,
        ),
        (
            "20 of 100 by an index, with the total",
            page(customer(), PLACED),
            20,
        ),
        (
            "20 of all in the order of an index",
            page(Filter::True, PLACED),
            20,
        ),
        (
            "20 of some 1,100 by a scan, with the total",
            page(Filter::test(NOTE, Op::Contains, "number 4"), NOTE),
            20,
        ),
    ];
    let mut group = criterion.benchmark_group(format!("memory store of {ROWS}"));
    for (name, select, rows) in selects {
        assert_eq!(query(store, &select).rows.len(), rows, "{name}");
        group.bench_function(name, |run| run.iter(|| query(store, &select)));
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let layout = layout();
    let store = filled(&layout);
    reads(&mut criterion, &layout, &store);
    writes(&mut criterion, &layout, &store);
    criterion.final_summary();
}
