//! The stores agree: random records and random questions, put to a naive list, the memory store, SQLite, and the servers that there
//! are.
//!
//! 2,000 questions in the usual run, 100,000 with `LARDER_LONG` (`cargo xtask test --long`).

#[path = "agree/ask.rs"]
mod ask;
#[path = "agree/naive.rs"]
mod naive;
#[path = "agree/servers.rs"]
mod servers;
#[path = "agree/world.rs"]
mod world;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use larder_core::store::{Batch, Plan, Write};
use larder_core::{ErrorKind, MemoryStore, Page, Result, Row, Select, Store, Transaction};
use larder_query::Value;
use larder_sql::SqliteStore;
use larder_tests::{rounds, seed};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use ask::{Asked, asked};
use servers::Server;
use world::{World, makers, things, world};

/// Questions put to one set of records.
const EACH: usize = 50;

fn worlds() -> u32 {
    rounds(40, 2_000) as u32
}

/// All stores with the same records.
struct Stores {
    memory: MemoryStore,
    sqlite: SqliteStore,
    servers: Vec<Server>,
    _folder: tempfile::TempDir,
}

impl Stores {
    async fn of(world: &World, slow: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("agree.db").display());
        let stores = Self {
            memory: MemoryStore::new(),
            sqlite: SqliteStore::open(&url).await.unwrap(),
            servers: servers::all(slow).await,
            _folder: folder,
        };
        for store in stores.all() {
            store.prepare(&[makers(), things()]).await.unwrap();
            for (layout, rows) in [(makers(), &world.makers), (things(), &world.things)] {
                let writes = rows.iter().map(|row| Write::Insert {
                    record: Row::clone(row),
                });
                let batch = Batch {
                    layout,
                    writes: writes.collect(),
                    returning: false,
                };
                store.write(Plan::unsealed(&batch)).await.unwrap();
            }
        }
        stores
    }

    fn all(&self) -> Vec<&dyn Store> {
        let mut all: Vec<&dyn Store> = vec![&self.memory, &self.sqlite];
        all.extend(self.servers.iter().map(|server| &*server.store));
        all
    }

    async fn end(self) {
        for server in self.servers {
            server.end().await;
        }
    }
}

/// What is wrong with an answer; none if it is as expected.
fn differs(found: &Page, expected: &Page, select: &Select) -> Option<String> {
    let keys =
        |page: &Page| -> Vec<Value> { page.rows.iter().map(|row| row.get(0).clone()).collect() };
    if keys(found) != keys(expected) {
        return Some(format!("{:?}, expected {:?}", keys(found), keys(expected)));
    }
    if found.rows.iter().zip(&expected.rows).any(|(a, b)| a != b) {
        return Some("the records are not the same".to_owned());
    }
    let same = |a: &[Value], b: &[Value]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b) && is_alike(a, b))
    };
    let groups = found.groups.len() == expected.groups.len()
        && found
            .groups
            .iter()
            .zip(&expected.groups)
            .all(|(a, b)| same(a, b));
    if !groups {
        return Some(format!(
            "{:?}, expected {:?}",
            found.groups, expected.groups
        ));
    }
    (found.total != expected.total).then(|| {
        format!(
            "total {:?}, expected {:?} of {select:?}",
            found.total, expected.total
        )
    })
}

/// Numbers of a group are of one sort on every store.
fn is_alike(a: &Value, b: &Value) -> bool {
    matches!(a, Value::Decimal(_)) == matches!(b, Value::Decimal(_))
}

async fn through(tx: &mut dyn Transaction, select: &Select) -> Result<Page> {
    tx.query(Plan::unsealed(select)).await
}

async fn check(world: &World, asks: &[Asked], slow: bool) -> Result<(), TestCaseError> {
    let stores = Stores::of(world, slow).await;
    let answers = compare(&stores, world, asks).await;
    stores.end().await;
    answers
}

async fn compare(stores: &Stores, world: &World, asks: &[Asked]) -> Result<(), TestCaseError> {
    for ask in asks {
        let select = ask.select(world);
        let expected = naive::answer(world, &select);
        for store in stores.all() {
            let name = store.capability().name;
            let found = match store.query(Plan::unsealed(&select)).await {
                Ok(found) => found,
                Err(error) => {
                    let message = format!("{name}: {error:?} of {}", shown(&select));
                    return Err(TestCaseError::fail(message));
                }
            };
            if let Some(what) = differs(&found, &expected, &select) {
                let message = format!("{name}: {what}, of {}", shown(&select));
                return Err(TestCaseError::fail(message));
            }
            bounded(store, &select, &found, world).await?;
        }
        // A transaction that has written sees the same through another way.
        let mut tx = stores.memory.begin(Plan::unsealed(&())).await.unwrap();
        let touch = Batch {
            layout: things(),
            writes: world.things.iter().step_by(2).map(world::rewrite).collect(),
            returning: false,
        };
        tx.write(Plan::unsealed(&touch)).await.unwrap();
        let found = through(&mut *tx, &select).await;
        let found = found.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        let keys = |page: &Page| -> Vec<Value> {
            page.rows.iter().map(|row| row.get(0).clone()).collect()
        };
        if keys(&found) != keys(&expected) || found.total != expected.total {
            let message = format!(
                "in a transaction: {:?}, of {}",
                keys(&found),
                shown(&select)
            );
            return Err(TestCaseError::fail(message));
        }
    }
    Ok(())
}

/// A bound changes no answer: it is the same, or refused. What all records do not exceed is never refused.
async fn bounded(
    store: &dyn Store,
    select: &Select,
    whole: &Page,
    world: &World,
) -> Result<(), TestCaseError> {
    for bound in [0, 3, world.things.len() as u64] {
        let select = Select {
            look_at: Some(bound),
            ..select.clone()
        };
        match store.query(Plan::unsealed(&select)).await {
            Ok(found) => {
                if let Some(what) = differs(&found, whole, &select) {
                    let message = format!("bound to {bound}: {what}, of {}", shown(&select));
                    return Err(TestCaseError::fail(message));
                }
            }
            Err(error)
                if error.kind() == ErrorKind::BadRequest && bound < world.things.len() as u64 => {}
            Err(error) => {
                let message = format!("bound to {bound}: {error:?}, of {}", shown(&select));
                return Err(TestCaseError::fail(message));
            }
        }
    }
    Ok(())
}

fn shown(select: &Select) -> String {
    let joins: Vec<String> = select
        .joins
        .iter()
        .map(|join| {
            format!(
                "#{} -> {} where {}",
                join.link, join.layout.collection, join.readable
            )
        })
        .collect();
    format!(
        "key {:?} joins {joins:?} filter {} sort {:?} after {:?} skip {} limit {:?} total {} group {:?}",
        select.key,
        select.filter,
        select.sort,
        select.after,
        select.skip,
        select.limit,
        select.total,
        select.group
    )
}

#[test]
fn stores_agree_with_a_list() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: worlds(),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    // Another seed each time, which a failure says.
    let seed = seed().unwrap_or_else(|| RandomState::new().hash_one(()));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let dice = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, dice);
    // A database of its own takes seconds on the servers, so those are asked in some worlds only.
    let seldom = if std::env::var_os("LARDER_LONG").is_some() {
        20
    } else {
        4
    };
    let world_number = std::cell::Cell::new(0_usize);
    let strategy = (world(), prop::collection::vec(asked(), EACH));
    let run = runner.run(&strategy, |(world, asks)| {
        let number = world_number.replace(world_number.get() + 1);
        let slow = number.is_multiple_of(seldom);
        runtime.block_on(check(&Arc::new(world), &asks, slow))
    });
    if let Err(error) = run {
        let text = error.to_string();
        let text: String = text.chars().take(6_000).collect();
        panic!("LARDER_SEED={seed}: {text}");
    }
}
