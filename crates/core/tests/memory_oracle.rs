//! The memory store against a naive list: random writes, transactions and queries must agree.

use std::sync::Arc;

use futures_util::FutureExt;
use larder_core::store::{
    Batch, BoxFuture, Condition, Outcome, Plan, Select, SortKey, Store, Transaction, Write,
};
use larder_core::{
    Column, Error, ErrorKind, Index, Key, KeyFields, Kind, Layout, MemoryStore, Record, Row,
    Version,
};
use larder_query::{Filter, Op, Value};
use proptest::prelude::*;

#[path = "memory_oracle/naive.rs"]
mod naive;
#[path = "memory_oracle/steps.rs"]
mod steps;

use naive::{Naive, Naively};
use steps::{Ask, Step, step};

const ID: usize = 0;
const NUMBER: usize = 1;
const TEXT: usize = 2;
const UNIQUE: usize = 3;
const PLAIN: usize = 4;

fn layout(key: KeyFields) -> Arc<Layout> {
    let column = |name: &str, kind| Column {
        name: name.into(),
        kind,
        nullable: name != "id",
        default: None,
    };
    let index = |fields: &[usize], unique| Index {
        fields: fields.to_vec(),
        unique,
    };
    Arc::new(Layout {
        model: "Thing".into(),
        collection: "things".into(),
        fields: vec![
            column("id", Kind::Text),
            column("number", Kind::Int),
            column("text", Kind::Text),
            column("unique", Kind::Int),
            column("plain", Kind::Json),
        ],
        key,
        indexes: vec![
            index(&[NUMBER], false),
            index(&[TEXT], false),
            index(&[TEXT, NUMBER], false),
            index(&[UNIQUE], true),
        ],
        storage: larder_core::Storage::default(),
    })
}

fn now<T>(future: BoxFuture<'_, T>) -> T {
    future
        .now_or_never()
        .expect("a memory store is ready at once")
}

/// Both stores side by side, with up to two open transactions.
struct Pair {
    layout: Arc<Layout>,
    store: MemoryStore,
    naive: Naive,
    open: [Option<(Box<dyn Transaction>, Naively)>; 3],
}

impl Pair {
    fn new(key: KeyFields) -> Self {
        let (layout, store) = (layout(key.clone()), MemoryStore::new());
        now(store.prepare(std::slice::from_ref(&layout))).unwrap();
        Self {
            layout,
            store,
            naive: Naive::new(key),
            open: [const { None }; 3],
        }
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Write(who, writes) => self.write(who, writes),
            Step::Query(who, ask) => self.query(who, *ask),
            Step::Begin(who) => {
                let tx = now(self.store.begin(Plan::unsealed(&()))).unwrap();
                self.open[who] = Some((tx, self.naive.begin()));
            }
            Step::Commit(who) => {
                let Some((tx, naively)) = self.open[who].take() else {
                    return;
                };
                let expected = self.naive.merge(&naively);
                match now(tx.commit()) {
                    Ok(()) => assert!(expected.is_some(), "a conflict went unnoticed"),
                    Err(error) => assert!(error.is_conflict() && expected.is_none(), "{error:?}"),
                }
            }
            Step::Abort(who) => self.open[who] = None,
        }
    }

    fn write(&mut self, who: usize, writes: Vec<Write>) {
        let batch = Batch {
            layout: self.layout.clone(),
            writes,
            returning: true,
        };
        let plan = Plan::unsealed(&batch);
        let (got, expected) = match &mut self.open[who] {
            Some((tx, naively)) => (now(tx.write(plan)), naively.view.write(&batch)),
            None => (now(self.store.write(plan)), self.naive.write(&batch)),
        };
        match (&got, expected) {
            (Ok(outcomes), Ok(done)) => {
                assert_eq!(
                    outcomes
                        .iter()
                        .any(|outcome| matches!(outcome, Outcome::Missed)),
                    !done,
                    "{batch:?}"
                );
            }
            (Err(error), Err(field)) => assert_eq!(duplicate(error), Some(field)),
            (got, expected) => panic!("{got:?}, expected {expected:?}, of {batch:?}"),
        }
    }

    fn query(&mut self, who: usize, ask: Ask) {
        let Ask {
            key,
            filter,
            sort,
            skip,
            limit,
            total,
        } = ask;
        let select = Select {
            key,
            filter,
            sort,
            skip,
            limit,
            total,
            ..Select::all(self.layout.clone())
        };
        let plan = Plan::unsealed(&select);
        let (got, expected) = match &mut self.open[who] {
            Some((tx, naively)) => (now(tx.query(plan)), naively.view.query(&select)),
            None => (now(self.store.query(plan)), self.naive.query(&select)),
        };
        let got = got.unwrap();
        assert_eq!(got.rows, expected.rows, "{select:?}");
        assert_eq!(got.total, expected.total, "{select:?}");
    }
}

fn duplicate(error: &Error) -> Option<&str> {
    (error.kind() == ErrorKind::Duplicate)
        .then(|| error.fields().first().map(|field| field.field.as_str()))?
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_list(steps in prop::collection::vec(step(), 1..80)) {
        let mut pair = Pair::new(ID.into());
        steps.into_iter().for_each(|step| pair.run(step));
        for who in 0..3 {
            let ask = Ask { key: None, filter: Filter::True, sort: vec![], skip: 0, limit: None, total: true };
            pair.query(who, ask);
        }
    }
}

/// The same step for records whose key is text and id together: few ids, of which each comes with several texts.
fn parted(step: Step) -> Step {
    let id = |id: &Value| {
        let number: u8 = id.as_str().and_then(|id| id[1..].parse().ok()).unwrap();
        (Value::from(format!("k{}", number % 3)), number)
    };
    let key = |key: &Key| {
        let (id, number) = id(key.value());
        let texts = ["", "a", "ab", "abc", "b", "é"];
        Key::of_parts([texts[usize::from(number / 3)].into(), id])
    };
    let row = |row: &Row| {
        let mut values = row.values.clone();
        values[ID] = id(&values[ID]).0;
        Arc::new(Record::new(values, row.version))
    };
    let write = |write| match write {
        Write::Insert { record } => Write::Insert {
            record: row(&record),
        },
        Write::Put {
            record,
            kept,
            when,
            create,
        } => Write::Put {
            record: row(&record),
            kept,
            when,
            create,
        },
        Write::Update {
            key: of,
            changes,
            when,
        } => {
            let changes = changes
                .into_iter()
                .filter(|(field, _)| *field != TEXT)
                .collect();
            Write::Update {
                key: key(&of),
                changes,
                when,
            }
        }
        Write::Delete { key: of, when } => Write::Delete {
            key: key(&of),
            when,
        },
    };
    match step {
        Step::Write(who, writes) => Step::Write(who, writes.into_iter().map(write).collect()),
        Step::Query(who, mut ask) => {
            ask.key = ask.key.as_ref().map(key);
            Step::Query(who, ask)
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_list_of_parted_keys(steps in prop::collection::vec(step(), 1..80)) {
        let mut pair = Pair::new(KeyFields::of([TEXT, ID]));
        steps.into_iter().for_each(|step| pair.run(parted(step)));
        for who in 0..3 {
            for sort in [vec![], vec![(ID, true)], vec![(TEXT, true)], vec![(TEXT, true), (ID, true)]] {
                let sort = sort.into_iter().map(|(field, descending)| SortKey { field, descending }).collect();
                let ask = Ask { key: None, filter: Filter::True, sort, skip: 0, limit: None, total: true };
                pair.query(who, ask);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    /// Enough records that every index has several chunks.
    #[test]
    fn agrees_with_a_long_list(steps in prop::collection::vec(step(), 1..40), seed in 1..1000_i64) {
        let mut pair = Pair::new(ID.into());
        let rows: Vec<Row> = (0..4000_i64).map(|n| {
            let mixed = (n * 7919 + seed) % 4000;
            let text = ["a", "ab", "b"][(mixed % 3) as usize];
            let values = vec![
                Value::from(format!("l{mixed:05}")), Value::from(mixed % 7), Value::from(text), Value::from(1000 + n), Value::Null,
            ];
            Arc::new(Record::new(values, Version(256)))
        }).collect();
        // Straight into the list: its own writes look at every record.
        pair.naive.rows = rows.clone();
        let writes = rows.into_iter().map(|record| Write::Insert { record }).collect();
        let batch = Batch { layout: pair.layout.clone(), writes, returning: false };
        now(pair.store.write(Plan::unsealed(&batch))).unwrap();
        steps.into_iter().for_each(|step| pair.run(step));
        for number in 0..7 {
            let when = Condition::filter(Filter::test(NUMBER, Op::Ne, number));
            let gone = pair.naive.rows.iter().filter(|row| row.get(NUMBER).same(&Value::from(number)));
            let keys: Vec<Value> = gone.map(|row| row.get(ID).clone()).step_by(5).collect();
            let changes = vec![(NUMBER, 9.into()), (TEXT, "z".into())];
            pair.write(0, keys.iter().map(|key| Write::Delete { key: key.clone().into(), when: Condition::default() }).collect());
            pair.write(0, vec![Write::Update { key: "l00003".into(), changes, when }]);
            for descending in [false, true] {
                let sort = vec![SortKey { field: NUMBER, descending }];
                let filter = Filter::test(TEXT, Op::Eq, "ab");
                pair.query(0, Ask { key: None, filter, sort, skip: 150, limit: Some(40), total: true });
            }
        }
    }
}
