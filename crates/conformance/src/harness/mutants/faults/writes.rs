//! Faults of writes, and of what is prepared for them.

use std::mem;

use larder_core::store::{Batch, Condition, FieldChange, Kept, Outcome, Write};
use larder_core::{Error, ErrorKind, KeyFields, Versions};
use larder_query::{Filter, Value};

use super::{changes, goes, keeps};
use crate::harness::mutants::store::{Fault, SOUND, Way};

pub(super) fn all() -> Vec<Fault> {
    let of = [of_writes(), of_outcomes(), of_changes(), of_layouts()];
    of.into_iter().flatten().collect()
}

pub(super) fn each_condition(batch: &mut Batch, change: impl Fn(&mut Condition)) {
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
        changes("conditions", "versions are not asked for", |batch| {
            each_condition(batch, |when| {
                when.versions = None;
                when.not_versions.clear();
            });
        }),
        changes("conditions", "filters of conditions are ignored", |batch| {
            each_condition(batch, |when| when.filter = Filter::True);
        }),
        changes("writes", "a replace keeps all", |batch| {
            let fields = batch.layout.fields.len();
            for write in &mut batch.writes {
                if let Write::Put { kept, .. } = write {
                    *kept = Kept((0..fields).collect());
                }
            }
        }),
        changes("writes", "a replace keeps nothing", |batch| {
            for write in &mut batch.writes {
                if let Write::Put { kept, .. } = write {
                    *kept = Kept::default();
                }
            }
        }),
        changes("writes", "a replace always creates", |batch| {
            for write in &mut batch.writes {
                if let Write::Put { create, .. } = write {
                    *create = true;
                }
            }
        }),
        changes("writes", "an insert replaces", |batch| {
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
    ]
}

fn of_outcomes() -> Vec<Fault> {
    vec![
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
        changes("changes", "a sum is its last summand", |batch| {
            each_change(batch, |change| {
                if let FieldChange::Add(amount) = change {
                    *change = FieldChange::Set(mem::take(amount));
                }
            });
        }),
        changes("changes", "a push replaces the list", |batch| {
            each_change(batch, |change| {
                if let FieldChange::Push(items) = change {
                    *change = FieldChange::Set(Value::from(mem::take(items)));
                }
            });
        }),
        changes("changes", "a pull takes out nothing", |batch| {
            each_change(batch, |change| {
                if let FieldChange::Pull(items) = change {
                    items.clear();
                }
            });
        }),
        changes("changes", "every place is the first", |batch| {
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
