//! The faults, each with a topic whose rows find it. The first ones are the coarsest.

use std::mem;
use std::sync::Arc;

use larder_core::store::{Batch, Condition, FieldChange, Image, Kept, Outcome, Write};
use larder_core::{Error, ErrorKind, Key, KeyFields, Layout, Page, Select, Version, Versions};
use larder_query::{Bound, Filter, Op, Test, Value};

use super::store::{Fault, SOUND, Way};

fn reads(topic: &'static str, name: &'static str, select: fn(&mut Select)) -> Fault {
    Fault {
        name,
        topic,
        select,
        ..SOUND
    }
}

fn answers(topic: &'static str, name: &'static str, page: fn(&mut Page)) -> Fault {
    Fault {
        name,
        topic,
        page,
        ..SOUND
    }
}

fn writes(topic: &'static str, name: &'static str, batch: fn(&mut Batch)) -> Fault {
    Fault {
        name,
        topic,
        batch,
        ..SOUND
    }
}

fn keeps(topic: &'static str, name: &'static str, layout: fn(&mut Layout)) -> Fault {
    Fault {
        name,
        topic,
        layout,
        ..SOUND
    }
}

fn goes(topic: &'static str, name: &'static str, way: Way) -> Fault {
    Fault {
        name,
        topic,
        way,
        ..SOUND
    }
}

/// All of them.
pub(super) fn all() -> Vec<Fault> {
    let mut all = vec![
        answers("reads", "nothing is found", |page| {
            page.rows.clear();
            page.groups.clear();
            page.total = page.total.map(|_| 0);
        }),
        reads("filters", "filters are ignored", |select| {
            select.filter = Filter::True;
        }),
        writes("conditions", "conditions are ignored", |batch| {
            each_condition(batch, |when| *when = Condition::default());
        }),
        goes(
            "transactions",
            "transactions write through",
            Way::WritesThrough,
        ),
        Fault {
            told: |committed| {
                for change in &mut committed.changes {
                    change.key = Key::from("another");
                }
            },
            name: "other keys are told",
            topic: "commits",
            ..SOUND
        },
    ];
    all.extend(of_filters());
    all.extend(of_pages());
    all.extend(of_values());
    all.extend(of_writes());
    all.extend(of_changes());
    all.extend(of_layouts());
    all.extend(of_transactions());
    all.extend(of_feeds());
    all
}

fn each_filter(filter: &mut Filter, change: &mut dyn FnMut(&mut Filter)) {
    change(filter);
    match filter {
        Filter::And(all) | Filter::Or(all) => {
            for inner in all {
                each_filter(inner, change);
            }
        }
        Filter::Not(inner) => each_filter(inner, change),
        Filter::Inside(inside) => each_filter(&mut inside.filter, change),
        Filter::True | Filter::False | Filter::Test(_) => {}
    }
}

fn each_test(select: &mut Select, mut change: impl FnMut(&mut Test)) {
    each_filter(&mut select.filter, &mut |filter| {
        if let Filter::Test(test) = filter {
            change(test);
        }
    });
}

fn swap(select: &mut Select, from: Op, to: Op) {
    each_test(select, |test| {
        if test.op == from {
            test.op = to;
        }
    });
}

/// Tests with this operator find nothing.
fn finds_nothing(select: &mut Select, op: Op) {
    each_filter(&mut select.filter, &mut |filter| {
        if matches!(filter, Filter::Test(test) if test.op == op) {
            *filter = Filter::False;
        }
    });
}

fn of_filters() -> Vec<Fault> {
    vec![
        reads("filters", "a `not` is left out", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                if let Filter::Not(inner) = filter {
                    *filter = mem::replace(&mut **inner, Filter::True);
                }
            });
        }),
        reads("filters", "an `or` is an `and`", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                if let Filter::Or(any) = filter {
                    *filter = Filter::And(mem::take(any));
                }
            });
        }),
        reads("filters", "less is less or equal", |select| {
            swap(select, Op::Lt, Op::Le);
        }),
        reads("filters", "greater or equal is greater", |select| {
            swap(select, Op::Ge, Op::Gt);
        }),
        reads("filters", "not equal is less", |select| {
            swap(select, Op::Ne, Op::Lt);
        }),
        reads("filters", "what is compared with null is false", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                let null = |test: &Test| matches!(&test.operand, Bound::One(Value::Null));
                if matches!(filter, Filter::Test(test) if null(test)) {
                    *filter = Filter::False;
                }
            });
        }),
        reads("text", "beginnings are looked for anywhere", |select| {
            swap(select, Op::StartsWith, Op::Contains);
        }),
        reads("text", "ends are looked for anywhere", |select| {
            swap(select, Op::EndsWith, Op::Contains);
        }),
        reads("text", "case is ignored", |select| {
            each_test(select, |test| {
                if test.op == Op::Eq && matches!(&test.operand, Bound::One(Value::Text(_))) {
                    test.op = Op::EqIgnoreCase;
                }
            });
        }),
        reads("text", "case counts", |select| {
            swap(select, Op::EqIgnoreCase, Op::Eq);
        }),
        reads("scans", "patterns find nothing", |select| {
            finds_nothing(select, Op::Match);
        }),
        reads("scans", "remainders find nothing", |select| {
            finds_nothing(select, Op::Mod);
        }),
        reads("scans", "sizes find nothing", |select| {
            finds_nothing(select, Op::Size);
        }),
        reads("scans", "areas find nothing", |select| {
            finds_nothing(select, Op::Within);
        }),
        reads("inside", "paths are ignored", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                if let Filter::Inside(inside) = filter {
                    inside.path = Box::default();
                }
            });
        }),
        reads("inside", "elements are not looked at", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                if let Filter::Inside(inside) = filter {
                    inside.each = false;
                }
            });
        }),
    ]
}

fn of_pages() -> Vec<Fault> {
    vec![
        reads("reads", "orders are ignored", |select| {
            select.sort.clear();
            if let Some(after) = &mut select.after {
                after.values.clear();
            }
        }),
        reads("reads", "all orders ascend", |select| {
            for by in &mut select.sort {
                by.descending = false;
            }
        }),
        reads("reads", "nothing is passed over", |select| select.skip = 0),
        reads("reads", "pages have no end", |select| {
            select.limit = select.limit.filter(|limit| *limit == 0);
        }),
        reads("after", "pages begin at the beginning", |select| {
            select.after = None;
        }),
        reads("bounds", "nothing bounds a read", |select| {
            select.look_at = None;
        }),
        reads("bounds", "every read is bounded", |select| {
            select.look_at = select.look_at.map(|_| 0);
        }),
        reads("joins", "what may not be read is joined", |select| {
            for join in &mut select.joins {
                join.readable = Filter::True;
            }
        }),
        reads("joins", "nothing that is joined may be read", |select| {
            for join in &mut select.joins {
                join.readable = Filter::False;
            }
        }),
        reads("indexes", "an index leaves out empty text", |select| {
            let mut indexed = select.layout.indexes.iter().flat_map(|index| &index.fields);
            let asked: Vec<usize> = select.filter.fields().collect();
            if let Some(field) = indexed.find(|field| asked.contains(field)) {
                let full = Filter::test(*field, Op::Ne, "");
                select.filter = Filter::and([select.filter.clone(), full]);
            }
        }),
        reads("reads", "any key will do", |select| select.key = None),
        answers("reads", "the total is that of the page", |page| {
            let found = page.rows.len() + page.groups.len();
            page.total = page.total.map(|_| found as u64);
        }),
        answers("reads", "the total is one too high", |page| {
            page.total = page.total.map(|total| total + 1);
        }),
        answers("reads", "a total that nobody asked for", |page| {
            page.total = page.total.or(Some(0));
        }),
        answers("reads", "a record comes twice", |page| {
            page.rows.extend(page.rows.first().cloned());
        }),
        answers("groups", "groups come backwards", |page| {
            page.groups.reverse()
        }),
        answers("groups", "null is no group", |page| {
            page.groups
                .retain(|group| group.first() != Some(&Value::Null));
        }),
        answers("groups", "results are floats", |page| {
            for value in page.groups.iter_mut().flatten() {
                if let Some(number) = value.as_i64() {
                    *value = Value::F64(number as f64);
                }
            }
        }),
        Fault {
            name: "refusals name no field",
            topic: "bounds",
            error: |error| Error::new(error.kind(), error.message().to_owned()),
            ..SOUND
        },
        Fault {
            name: "every fault is internal",
            topic: "conditions",
            error: Error::internal,
            ..SOUND
        },
    ]
}

fn each_value(page: &mut Page, change: impl Fn(&mut Value)) {
    for row in &mut page.rows {
        for value in &mut Arc::make_mut(row).values {
            change(value);
        }
    }
}

fn of_values() -> Vec<Fault> {
    vec![
        answers("reads", "versions are forgotten", |page| {
            for row in &mut page.rows {
                Arc::make_mut(row).version = Version(0);
            }
        }),
        answers("writes", "the last field is lost", |page| {
            for row in &mut page.rows {
                if let Some(last) = Arc::make_mut(row).values.last_mut() {
                    *last = Value::Null;
                }
            }
        }),
        answers("edges", "floats have 32 bits", |page| {
            each_value(page, |value| {
                if let Value::F64(number) = value {
                    *number = f64::from(*number as f32);
                }
            });
        }),
        answers("edges", "whole numbers are floats", |page| {
            each_value(page, |value| {
                if let Value::I64(number) = value {
                    *number = *number as f64 as i64;
                }
            });
        }),
        answers("edges", "times are in milliseconds", |page| {
            each_value(page, |value| {
                if let Value::Instant(at) = value
                    && let Ok(coarse) = jiff::Timestamp::from_millisecond(at.as_millisecond())
                {
                    *at = coarse;
                }
            });
        }),
        answers("edges", "empty text is null", |page| {
            each_value(page, |value| {
                if value.as_str() == Some("") {
                    *value = Value::Null;
                }
            });
        }),
        answers("text", "text is trimmed", |page| {
            each_value(page, |value| {
                if let Some(text) = value.as_str() {
                    *value = Value::from(text.trim());
                }
            });
        }),
        answers("decimals", "decimals are floats", |page| {
            each_value(page, |value| {
                if let Value::Decimal(number) = value
                    && let Ok(float) = number.to_string().parse::<f64>()
                    && let Ok(rounded) = format!("{float:.10}").parse()
                {
                    *number = rounded;
                }
            });
        }),
    ]
}

fn each_condition(batch: &mut Batch, change: impl Fn(&mut Condition)) {
    for write in &mut batch.writes {
        match write {
            Write::Put { when, .. } | Write::Update { when, .. } | Write::Delete { when, .. } => {
                change(when);
            }
            Write::Insert { .. } => {}
        }
    }
}

fn of_writes() -> Vec<Fault> {
    vec![
        goes("writes", "writes are forgotten", Way::Forgets),
        goes("writes", "batches fall apart", Way::FallsApart),
        writes("conditions", "versions are not asked for", |batch| {
            each_condition(batch, |when| {
                when.versions = None;
                when.not_versions.clear();
            });
        }),
        writes("conditions", "filters of conditions are ignored", |batch| {
            each_condition(batch, |when| when.filter = Filter::True);
        }),
        writes("writes", "a replace keeps all", |batch| {
            let fields = batch.layout.fields.len();
            for write in &mut batch.writes {
                if let Write::Put { kept, .. } = write {
                    *kept = Kept((0..fields).collect());
                }
            }
        }),
        writes("writes", "a replace keeps nothing", |batch| {
            for write in &mut batch.writes {
                if let Write::Put { kept, .. } = write {
                    *kept = Kept::default();
                }
            }
        }),
        writes("writes", "a replace always creates", |batch| {
            for write in &mut batch.writes {
                if let Write::Put { create, .. } = write {
                    *create = true;
                }
            }
        }),
        writes("writes", "an insert replaces", |batch| {
            for write in &mut batch.writes {
                if let Write::Insert { record } = write {
                    *write = Write::Put {
                        record: record.clone(),
                        kept: Kept::default(),
                        when: Condition::default(),
                        create: true,
                    };
                }
            }
        }),
        Fault {
            name: "deletes give nothing back",
            topic: "writes",
            outcomes: |outcomes| {
                for outcome in outcomes {
                    if let Outcome::Deleted(row) = outcome {
                        *row = None;
                    }
                }
            },
            ..SOUND
        },
        Fault {
            name: "a miss is none",
            topic: "conditions",
            outcomes: |outcomes| {
                for outcome in outcomes {
                    if matches!(outcome, Outcome::Missed) {
                        *outcome = Outcome::Deleted(None);
                    }
                }
            },
            ..SOUND
        },
        Fault {
            name: "of nothing there is an outcome",
            topic: "writes",
            outcomes: |outcomes| {
                if outcomes.is_empty() {
                    outcomes.push(Outcome::Missed);
                }
            },
            ..SOUND
        },
        Fault {
            name: "a duplicate names no field",
            topic: "indexes",
            error: |error| match error.kind() {
                ErrorKind::Duplicate => Error::new(ErrorKind::Duplicate, "taken"),
                _ => error,
            },
            ..SOUND
        },
    ]
}

fn each_change(batch: &mut Batch, change: impl Fn(&mut FieldChange)) {
    for write in &mut batch.writes {
        if let Write::Update { changes, .. } = write {
            for (_, one) in changes {
                change(one);
            }
        }
    }
}

fn of_changes() -> Vec<Fault> {
    vec![
        writes("changes", "a sum is its last summand", |batch| {
            each_change(batch, |change| {
                if let FieldChange::Add(amount) = change {
                    *change = FieldChange::Set(mem::take(amount));
                }
            });
        }),
        writes("changes", "a push replaces the list", |batch| {
            each_change(batch, |change| {
                if let FieldChange::Push(items) = change {
                    *change = FieldChange::Set(Value::from(mem::take(items)));
                }
            });
        }),
        writes("changes", "a pull takes out nothing", |batch| {
            each_change(batch, |change| {
                if let FieldChange::Pull(items) = change {
                    items.clear();
                }
            });
        }),
        writes("changes", "every place is the first", |batch| {
            each_change(batch, |change| {
                if let FieldChange::SetItem(place, _) | FieldChange::RemoveItem(place) = change {
                    *place = 0;
                }
            });
        }),
    ]
}

fn of_layouts() -> Vec<Fault> {
    vec![
        keeps("indexes", "nothing is unique", |layout| {
            for index in &mut layout.indexes {
                index.unique = false;
            }
        }),
        keeps("keys", "the first part is the whole key", |layout| {
            if let [first, _, ..] = layout.key.places() {
                layout.key = KeyFields::of([*first]);
            }
        }),
        keeps("tables", "new names are new fields", |layout| {
            layout.storage.renamed.clear();
            layout.storage.was = None;
        }),
        keeps("tables", "versions are counted in any case", |layout| {
            layout.storage.versions = Versions::default();
        }),
        keeps("commits", "what nobody prepared is told", |layout| {
            layout.storage.changes = true;
        }),
        keeps("schema", "all models are one", |layout| {
            "one".clone_into(&mut layout.collection);
        }),
        keeps("schema", "defaults are left out", |layout| {
            for field in &mut layout.fields {
                field.default = None;
            }
        }),
        goes("tables", "a plan finds nothing", Way::PlansNothing),
    ]
}

fn of_transactions() -> Vec<Fault> {
    vec![
        goes("transactions", "a commit rolls back", Way::RollsBack),
        goes("transactions", "every commit is a conflict", Way::Conflicts),
        goes(
            "transactions",
            "a transaction reads what all see",
            Way::ReadsOutside,
        ),
        goes("transactions", "conflicts are hidden", Way::HidesConflicts),
    ]
}

fn of_feeds() -> Vec<Fault> {
    vec![
        Fault {
            name: "old and new are told the wrong way round",
            topic: "commits",
            told: |committed| {
                for change in &mut committed.changes {
                    mem::swap(&mut change.old, &mut change.new);
                }
            },
            ..SOUND
        },
        Fault {
            name: "old records are told as unknown",
            topic: "commits",
            told: |committed| {
                for change in &mut committed.changes {
                    if change.old != Image::Absent {
                        change.old = Image::Unknown;
                    }
                }
            },
            ..SOUND
        },
        Fault {
            name: "half of a commit is told",
            topic: "commits",
            told: |committed| committed.changes.truncate(1),
            ..SOUND
        },
        Fault {
            name: "all are told as the first model's",
            topic: "commits",
            told: |committed| {
                for change in &mut committed.changes {
                    change.of = 0;
                }
            },
            ..SOUND
        },
        goes("commits", "positions are lost", Way::LosesPositions),
    ]
}
