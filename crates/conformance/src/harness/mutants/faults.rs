//! The faults, each with a topic whose rows find it. The first ones are the coarsest.

use std::mem;

use larder_core::store::{Batch, Condition, Image};
use larder_core::{Key, Layout, Page, Select};
use larder_query::Filter;

use super::store::{Fault, SOUND, Way};

mod reads;
mod writes;

fn asks(topic: &'static str, name: &'static str, select: fn(&mut Select)) -> Fault {
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

fn changes(topic: &'static str, name: &'static str, batch: fn(&mut Batch)) -> Fault {
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
        asks("filters", "filters are ignored", |select| {
            select.filter = Filter::True;
        }),
        changes("conditions", "conditions are ignored", |batch| {
            writes::each_condition(batch, |when| *when = Condition::default());
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
    all.extend(reads::all());
    all.extend(writes::all());
    all.extend(of_transactions());
    all.extend(of_feeds());
    all
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
