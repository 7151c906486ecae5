//! The memory store against a naive list: random writes, transactions and queries must agree.

use std::cmp::Ordering;
use std::sync::Arc;

use futures_util::FutureExt;
use larder_core::store::{
    Batch, BoxFuture, Condition, Kept, Outcome, Page, Plan, Select, SortKey, Store, Transaction,
    Write,
};
use larder_core::{
    Column, Error, ErrorKind, Index, Key, KeyFields, Kind, Layout, MemoryStore, Record, Row,
    Version,
};
use larder_query::{Filter, Op, Value};
use proptest::prelude::*;

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

/// The naive store: a list, and when which key was changed.
#[derive(Clone)]
struct Naive {
    key: KeyFields,
    rows: Vec<Row>,
    changed: Vec<Value>,
}

struct Naively {
    base: usize,
    view: Naive,
}

impl Naive {
    fn find(&self, key: &Value) -> Option<usize> {
        self.rows.iter().position(|row| self.key.is_key(row, key))
    }

    fn set(&mut self, key: &Value, new: Option<Row>) -> Result<(), &'static str> {
        if let Some(new) = &new {
            let taken =
                |row: &Row| !self.key.is_key(row, key) && row.get(UNIQUE).same(new.get(UNIQUE));
            if !new.get(UNIQUE).is_null() && self.rows.iter().any(taken) {
                return Err("unique");
            }
        }
        let fields = self.key.clone();
        self.rows.retain(|row| !fields.is_key(row, key));
        self.rows.extend(new);
        self.changed.push(key.clone());
        Ok(())
    }

    fn one(&mut self, write: &Write) -> Result<bool, &'static str> {
        let old = |naive: &Self, key: &Value, when: &Condition| {
            naive
                .find(key)
                .map(|at| naive.rows[at].clone())
                .filter(|old| when.holds(old))
        };
        let fields = self.key.clone();
        let own = |record: &Record| fields.value_of(record).into_owned();
        match write {
            Write::Insert { record } => match self.find(&own(record)) {
                Some(_) => Err(if self.key.one().is_some() {
                    "id"
                } else {
                    "text"
                }),
                None => self.set(&own(record), Some(record.clone())).map(|()| true),
            },
            Write::Put {
                record,
                kept,
                when,
                create,
            } => match (self.find(&own(record)), create) {
                (None, false) => Ok(false),
                (None, true) => self.set(&own(record), Some(record.clone())).map(|()| true),
                (Some(_), _) => {
                    let Some(old) = old(self, &own(record), when) else {
                        return Ok(false);
                    };
                    let mut new = Record::clone(record);
                    kept.0
                        .iter()
                        .for_each(|field| new.values[*field] = old.get(*field).clone());
                    self.set(&own(record), Some(new.into_row(old.version.next())))
                        .map(|()| true)
                }
            },
            Write::Update { key, changes, when } => {
                let Some(old) = old(self, key.value(), when) else {
                    return Ok(false);
                };
                let mut new = Record::clone(&old);
                for (field, change) in changes {
                    new.values[*field] = change.as_set().expect("only sets are made here").clone();
                }
                self.set(key.value(), Some(new.into_row(old.version.next())))
                    .map(|()| true)
            }
            Write::Delete { key, when } => match old(self, key.value(), when) {
                Some(_) => self.set(key.value(), None).map(|()| true),
                None => Ok(false),
            },
        }
    }

    fn write(&mut self, batch: &Batch) -> Result<bool, &'static str> {
        let before = self.clone();
        for write in &batch.writes {
            match self.one(write) {
                Ok(true) => {}
                other => {
                    *self = before;
                    return other;
                }
            }
        }
        Ok(true)
    }

    fn query(&self, select: &Select) -> Page {
        let key = |row: &&Row| {
            select
                .key
                .as_ref()
                .is_none_or(|key| self.key.is_key(row, key.value()))
        };
        let mut rows: Vec<Row> = self
            .rows
            .iter()
            .filter(key)
            .filter(|row| select.filter.matches(&row.values))
            .cloned()
            .collect();
        rows.sort_by(|a, b| {
            let mut orders = select.sort.iter().map(|by| {
                let order = a.get(by.field).total_cmp(b.get(by.field));
                if by.descending {
                    order.reverse()
                } else {
                    order
                }
            });
            orders
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
                .then_with(|| self.key.key_of(a).cmp(&self.key.key_of(b)))
        });
        let total = select.total.then_some(rows.len() as u64);
        let limit = select.limit.map_or(usize::MAX, |limit| limit as usize);
        Page {
            rows: rows
                .into_iter()
                .skip(select.skip as usize)
                .take(limit)
                .collect(),
            total,
            ..Page::default()
        }
    }

    /// Puts the changes of a transaction on top; None if somebody else was first.
    fn merge(&mut self, tx: &Naively) -> Option<()> {
        let others = &self.changed[tx.base..];
        let own = &tx.view.changed[tx.base..];
        if own
            .iter()
            .any(|key| others.iter().any(|other| other.same(key)))
        {
            return None;
        }
        let mut merged = self.clone();
        own.iter()
            .for_each(|key| merged.rows.retain(|row| !self.key.is_key(row, key)));
        for key in own {
            let row = tx.view.find(key).map(|at| tx.view.rows[at].clone());
            merged.set(key, row).ok()?;
        }
        *self = merged;
        Some(())
    }
}

#[derive(Clone, Debug)]
enum Step {
    Write(usize, Vec<Write>),
    Query(usize, Box<Ask>),
    Begin(usize),
    Commit(usize),
    Abort(usize),
}

#[derive(Clone, Debug)]
struct Ask {
    key: Option<Key>,
    filter: Filter,
    sort: Vec<SortKey>,
    skip: u64,
    limit: Option<u64>,
    total: bool,
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

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3_usize, prop::collection::vec(write(), 1..4)).prop_map(|(who, writes)| Step::Write(who, writes)),
        8 => (0..3_usize, ask()).prop_map(|(who, ask)| Step::Query(who, Box::new(ask))),
        2 => (1..3_usize).prop_map(Step::Begin),
        2 => (1..3_usize).prop_map(Step::Commit),
        1 => (1..3_usize).prop_map(Step::Abort),
    ]
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
            naive: Naive {
                key,
                rows: Vec::new(),
                changed: Vec::new(),
            },
            open: [const { None }; 3],
        }
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Write(who, writes) => self.write(who, writes),
            Step::Query(who, ask) => self.query(who, *ask),
            Step::Begin(who) => {
                let tx = now(self.store.begin(Plan::unsealed(&()))).unwrap();
                let naively = Naively {
                    base: self.naive.changed.len(),
                    view: self.naive.clone(),
                };
                self.open[who] = Some((tx, naively));
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
