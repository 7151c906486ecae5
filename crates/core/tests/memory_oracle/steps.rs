//! Random writes, questions and transactions.

use std::sync::Arc;

use larder_core::store::{Condition, Kept, SortKey, Write};
use larder_core::{Key, Record, Row, Version};
use larder_query::{Filter, Op, Value};
use proptest::prelude::*;

use super::{ID, NUMBER, PLAIN, TEXT, UNIQUE};

/// What is done next, in one of the open transactions or in none.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Write(usize, Vec<Write>),
    Query(usize, Box<Ask>),
    Begin(usize),
    Commit(usize),
    Abort(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) key: Option<Key>,
    pub(super) filter: Filter,
    pub(super) sort: Vec<SortKey>,
    pub(super) skip: u64,
    pub(super) limit: Option<u64>,
    pub(super) total: bool,
}

fn id() -> impl Strategy<Value = Value> {
    (0..12).prop_map(|n| Value::from(format!("k{n:02}")))
}

fn content(field: usize) -> BoxedStrategy<Value> {
    match field {
        NUMBER => prop_oneof![Just(Value::Null), (0..5_i64).prop_map(Value::from)].boxed(),
        TEXT => prop::sample::select(vec!["", "a", "ab", "abc", "b", "é"])
            .prop_map(Value::from)
            .boxed(),
        UNIQUE => {
            prop_oneof![2 => Just(Value::Null), 3 => (0..20_i64).prop_map(Value::from)].boxed()
        }
        _ => prop_oneof![
            Just(Value::Null),
            (0..3_i64).prop_map(Value::from),
            Just(Value::F64(1.0)),
            Just(Value::from("x"))
        ]
        .boxed(),
    }
}

fn record() -> impl Strategy<Value = Row> {
    (
        id(),
        content(NUMBER),
        content(TEXT),
        content(UNIQUE),
        content(PLAIN),
        1..4_i64,
    )
        .prop_map(|(id, a, b, c, d, version)| {
            Arc::new(Record::new(vec![id, a, b, c, d], Version(version << 8)))
        })
}

fn test() -> impl Strategy<Value = Filter> {
    let ops = vec![
        Op::Eq,
        Op::Ne,
        Op::Lt,
        Op::Le,
        Op::Gt,
        Op::Ge,
        Op::StartsWith,
        Op::Contains,
    ];
    let one = (NUMBER..=PLAIN, prop::sample::select(ops)).prop_flat_map(|(field, op)| {
        content(field).prop_map(move |value| Filter::test(field, op, value))
    });
    let many = (NUMBER..=PLAIN).prop_flat_map(|field| {
        prop::collection::vec(content(field), 0..4)
            .prop_map(move |list| Filter::one_of(field, list))
    });
    let key = (prop::sample::select(vec![Op::Eq, Op::Lt, Op::Ge]), id())
        .prop_map(|(op, id)| Filter::test(ID, op, id));
    prop_oneof![6 => one, 2 => many, 1 => key]
}

fn filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        1 => Just(Filter::True),
        4 => test(),
        4 => prop::collection::vec(test(), 2..4).prop_map(Filter::and),
        1 => prop::collection::vec(test(), 2..3).prop_map(Filter::or),
        1 => test().prop_map(Filter::not),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    let sort = prop::collection::vec((ID..=PLAIN, any::<bool>()), 0..3).prop_map(|keys| {
        keys.into_iter()
            .map(|(field, descending)| SortKey { field, descending })
            .collect()
    });
    (
        prop::option::weighted(0.1, id()),
        filter(),
        sort,
        0..5_u64,
        prop::option::of(0..6_u64),
        any::<bool>(),
    )
        .prop_map(|(key, filter, sort, skip, limit, total)| Ask {
            key: key.map(Key::from),
            filter,
            sort,
            skip,
            limit,
            total,
        })
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        6 => Just(Condition::default()),
        2 => test().prop_map(Condition::filter),
        1 => (1..4_i64, 0..2_i64).prop_map(|(n, more)| Condition::version(Version((n << 8) + more))),
        1 => (1..4_i64).prop_map(|n| Condition { not_versions: vec![Version(n << 8)], ..Condition::default() }),
    ]
}

fn write() -> impl Strategy<Value = Write> {
    let update = (NUMBER..=PLAIN)
        .prop_flat_map(|field| content(field).prop_map(move |value| vec![(field, value.into())]));
    prop_oneof![
        3 => record().prop_map(|record| Write::Insert { record }),
        3 => (record(), prop::bool::weighted(0.3), condition(), any::<bool>()).prop_map(|(record, keep, when, create)| {
            Write::Put { record, kept: Kept(if keep { [NUMBER, UNIQUE].into() } else { [].into() }), when, create }
        }),
        2 => (id(), update, condition()).prop_map(|(key, changes, when)| Write::Update { key: key.into(), changes, when }),
        2 => (id(), condition()).prop_map(|(key, when)| Write::Delete { key: key.into(), when }),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3_usize, prop::collection::vec(write(), 1..4)).prop_map(|(who, writes)| Step::Write(who, writes)),
        8 => (0..3_usize, ask()).prop_map(|(who, ask)| Step::Query(who, Box::new(ask))),
        2 => (1..3_usize).prop_map(Step::Begin),
        2 => (1..3_usize).prop_map(Step::Commit),
        1 => (1..3_usize).prop_map(Step::Abort),
    ]
}
