//! Who does what of a read: an index of the store, its database, or larder in memory.
//!
//! Each operation is asked twice. First with [`look_at`](larder_core::Select::look_at) zero: what is answered then is decided by an
//! index alone. If that is refused, without a bound: then it shows whether larder finished it in memory, which core tells through
//! `tracing` wherever it happens. Every answer by an index is compared with the one without a bound, and that one with what the filter
//! says of the records, so that no wrong answer passes for a quick one. Of orders, groups and links the latter is for other rows.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use larder_core::store::Aggregate::{self, Count, Max, Mean, Min, Sum};
use larder_core::{ErrorKind, Key};
use larder_query::{Area, Bound, CompactString, Filter, Flags, Inside, Op, Pattern, Point, Test};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::Setup;
use crate::bench::{Ask, Bench, keys};
use crate::harness::runtime;
use crate::scenarios::joins::{led, made};
use crate::things::{CODE, DOC, F, ID, N, NAME, TAG, Thing, json, thing};

/// Who decides an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// An index of the store: no record is looked at in vain.
    Index,
    /// The database, which looks at records one by one.
    Database,
    /// Larder, on what the database finds.
    Memory,
    /// Nobody: the read is refused as unsupported.
    Refused,
}

impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Index => "index",
            Self::Database => "database",
            Self::Memory => "memory",
            Self::Refused => "refused",
        })
    }
}

/// One operation and who decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is done to, such as `a field with an index`.
    pub place: &'static str,
    /// The operation, such as `starts_with`.
    pub operation: String,
    /// Who decides it.
    pub served: Served,
}

/// Asks a store for every operation, each of the places it can stand in. `database` says that what the store decides without an
/// index is not decided in this process.
///
/// # Panics
/// If an answer is wrong, or a read fails for another reason than that it is unsupported.
pub fn pushdown(setup: &dyn Setup, database: bool) -> Vec<Finding> {
    let runtime = runtime().unwrap_or_else(|error| panic!("no runtime: {error}"));
    let finished = Finished::default();
    let _guard = tracing::subscriber::set_default(finished.clone());
    runtime.block_on(async {
        let store = setup
            .open()
            .await
            .unwrap_or_else(|error| panic!("the store can't be opened: {error:?}"));
        let bench = Bench::new(setup, store).await;
        let makers = made(&bench).await;
        bench.fill(things()).await;
        let mut findings = Vec::new();
        for case in cases() {
            let ask = || match case.linked {
                true => case
                    .what
                    .ask(bench.select().join(TAG, &makers, Filter::True)),
                false => case.what.ask(bench.select()),
            };
            let served = served(ask, &finished, case.expected()).await;
            let served = match served {
                Served::Database if !database => Served::Memory,
                other => other,
            };
            findings.push(Finding {
                place: case.place,
                operation: case.operation,
                served,
            });
        }
        findings
    })
}

/// Asks with a bound, and without one.
async fn served<'b>(
    ask: impl Fn() -> Ask<'b>,
    finished: &Finished,
    expected: Option<Vec<String>>,
) -> Served {
    finished.take();
    let bound = ask().look_at(0).try_page().await;
    let by_index = bound.ok().filter(|_| !finished.take());
    finished.take();
    let whole = match ask().try_page().await {
        Ok(page) => page,
        Err(error) if error.kind() == ErrorKind::Unsupported => return Served::Refused,
        Err(error) => panic!("{:?}: {error:?}", ask().select().filter),
    };
    let in_memory = finished.take();
    let found = keys(&whole);
    if let Some(expected) = expected {
        let mut sorted = found.clone();
        sorted.sort();
        assert_eq!(sorted, expected, "{:?}", ask().select().filter);
    }
    match by_index {
        Some(page) => {
            let answer = (keys(&page), page.groups);
            assert_eq!(answer, (found, whole.groups), "{:?}", ask().select());
            Served::Index
        }
        None if in_memory => Served::Memory,
        None => Served::Database,
    }
}

/// An operation at a place.
struct Case {
    place: &'static str,
    operation: String,
    /// Whether the linked model is joined.
    linked: bool,
    what: What,
}

enum What {
    Filter(Filter),
    /// In the order of the field, as an index has it.
    Ordered(Filter, usize),
    Sort(usize),
    Group(Vec<usize>, Vec<Aggregate>),
}

impl What {
    fn ask<'b>(&self, ask: Ask<'b>) -> Ask<'b> {
        match self {
            Self::Filter(filter) => ask.filter(filter.clone()),
            Self::Ordered(filter, by) => ask.filter(filter.clone()).sort(*by, false),
            Self::Sort(field) => ask.sort(*field, false).limit(5),
            Self::Group(by, results) => ask.group(by, results),
        }
    }
}

impl Case {
    /// The keys that the filter finds, sorted; None where it needs more than the records.
    fn expected(&self) -> Option<Vec<String>> {
        let (What::Filter(filter) | What::Ordered(filter, _)) = &self.what else {
            return None;
        };
        if self.linked {
            return None;
        }
        let rows = led().into_iter().chain(things()).map(Thing::row);
        let mut found: Vec<String> = rows
            .filter(|row| filter.matches(&row.values))
            .map(|row| Key::from(row.get(ID).clone()).to_string())
            .collect();
        found.sort();
        Some(found)
    }
}

const INDEXED: &str = "A field with an index";
const PLAIN: &str = "A field without one";
const INSIDE: &str = "Inside a JSON field";
const LINKED: &str = "A field of a linked record";
const SORTED: &str = "Order";
const GROUPED: &str = "Groups";

/// The first field of the joined model, and its title, which is indexed.
const TITLE: usize = CODE + 2;
const CITY: usize = CODE + 3;

/// The cases, place by place.
#[derive(Default)]
struct Cases(Vec<Case>);

impl Cases {
    fn add(&mut self, place: &'static str, operation: &str, what: What) {
        self.0.push(Case {
            place,
            operation: operation.to_owned(),
            linked: place == LINKED,
            what,
        });
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Cases::default();
    of_fields(&mut cases, INDEXED, TAG, N);
    of_fields(&mut cases, PLAIN, NAME, F);
    of_documents(&mut cases);
    of_linked_records(&mut cases);
    of_orders_and_groups(&mut cases);
    cases.0
}

fn of_fields(cases: &mut Cases, place: &'static str, text: usize, number: usize) {
    let filter = |filter, by| match place {
        INDEXED => What::Ordered(filter, by),
        _ => What::Filter(filter),
    };
    for op in Op::ALL {
        match op {
            Op::Size | Op::Within | Op::Mod => {}
            Op::Match => {
                for (name, source) in [
                    ("match, the beginning of a text", "^name 1"),
                    ("match, any other pattern", "7$"),
                ] {
                    cases.add(place, name, filter(pattern(text, source), text));
                }
            }
            op => cases.add(place, op.name(), filter(of_text(text, op), text)),
        }
    }
    let remainder = Filter::Test(Test {
        field: number,
        op: Op::Mod,
        operand: Bound::Many(vec![4.into(), 1.into()]),
    });
    cases.add(place, "mod", filter(remainder, number));
    let same = Filter::test(text, Op::Eq, "name 7");
    let not = Filter::Not(Box::new(same.clone()));
    cases.add(place, "not(eq)", filter(not, text));
    let either = Filter::or([same, Filter::test(number, Op::Eq, 3)]);
    cases.add(place, "eq or eq of another field", filter(either, text));
}

fn of_documents(cases: &mut Cases) {
    let inside = |each: bool, name: &str, filter| {
        What::Filter(Filter::Inside(Box::new(Inside {
            field: DOC,
            path: Box::new([CompactString::from(name)]),
            each,
            filter,
        })))
    };
    let rank = |op| inside(false, "rank", Filter::test(0, op, 7));
    let word = |op| inside(false, "word", Filter::test(0, op, "word 1"));
    let area = Area::Circle {
        center: Point {
            lon: 13.4,
            lat: 52.5,
        },
        metres: 300_000.0,
    };
    let near = Filter::Test(Test {
        field: 0,
        op: Op::Within,
        operand: Bound::Area(area),
    });
    let element = Filter::test(0, Op::Eq, 7);
    let whole = Filter::test(DOC, Op::Eq, json(r#"{"rank": 7}"#));
    let sized = Filter::test(0, Op::Size, 2);
    for (operation, what) in [
        ("eq", rank(Op::Eq)),
        ("lt le gt ge", rank(Op::Gt)),
        ("contains", word(Op::Contains)),
        ("starts_with", word(Op::StartsWith)),
        ("eq_ignore_case", word(Op::EqIgnoreCase)),
        ("match", inside(false, "word", pattern(0, "7$"))),
        ("an element of a list", inside(true, "list", element)),
        ("eq to a whole document", What::Filter(whole)),
        ("size", inside(false, "list", sized)),
        ("within, near", inside(false, "place", near)),
    ] {
        cases.add(INSIDE, operation, what);
    }
}

fn of_linked_records(cases: &mut Cases) {
    for op in [Op::Eq, Op::StartsWith, Op::Contains] {
        let name = format!("{}, indexed there", op.name());
        let filter = Filter::test(TITLE, op, "Ann");
        cases.add(LINKED, &name, What::Filter(filter));
    }
    let city = Filter::test(CITY, Op::Eq, "Rome");
    cases.add(LINKED, "eq, not indexed", What::Filter(city));
    cases.add(LINKED, "match", What::Filter(pattern(TITLE, "n$")));
    cases.add(LINKED, "sort", What::Sort(TITLE));
}

fn of_orders_and_groups(cases: &mut Cases) {
    cases.add(SORTED, "by a field with an index", What::Sort(N));
    cases.add(SORTED, "by a field without one", What::Sort(F));
    cases.add(SORTED, "by a JSON field", What::Sort(DOC));
    for (name, by, results) in [
        ("count", vec![TAG], vec![Count]),
        (
            "sum, mean of whole numbers",
            vec![TAG],
            vec![Sum(N), Mean(N)],
        ),
        ("sum, mean of floats", vec![TAG], vec![Sum(F), Mean(F)]),
        ("min, max", vec![TAG], vec![Min(NAME), Max(N)]),
        ("distinct", vec![NAME], vec![]),
        ("by a JSON field", vec![DOC], vec![Count]),
        ("of all records", vec![], vec![Count, Sum(N)]),
    ] {
        cases.add(GROUPED, name, What::Group(by, results));
    }
}

/// A test of a text, with something that some of them pass.
fn of_text(field: usize, op: Op) -> Filter {
    match op {
        Op::In => Filter::one_of(field, vec!["name 3".into(), "name 5".into()]),
        Op::Out => Filter::not(Filter::one_of(
            field,
            vec!["name 3".into(), "name 5".into()],
        )),
        op => Filter::test(field, op, "name 3"),
    }
}

fn pattern(field: usize, source: &str) -> Filter {
    let pattern = Pattern::new(source, Flags::default());
    let pattern = pattern.unwrap_or_else(|error| panic!("{source}: {error}"));
    Filter::Test(Test {
        field,
        op: Op::Match,
        operand: Bound::Pattern(pattern),
    })
}

/// Things that lead nowhere, with something in each field that is asked for.
fn things() -> Vec<Thing> {
    let of = |i: i64| {
        let document =
            format!(r#"{{"rank": {i}, "word": "word {i}", "list": [{i}, 1], "place": [{i}, 52]}}"#);
        thing(&format!("t{i:02}"))
            .with(TAG, format!("name {i}"))
            .with(NAME, format!("name {i}"))
            .with(N, i % 10)
            .with(F, (i % 10) as f64)
            .with(DOC, json(&document))
    };
    (0..40).map(of).collect()
}

/// Hears whether something was finished in memory since it was asked last.
#[derive(Clone, Debug, Default)]
struct Finished(Arc<AtomicBool>);

impl Finished {
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

impl Subscriber for Finished {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "larder::store" && metadata.fields().field("step").is_some()
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
