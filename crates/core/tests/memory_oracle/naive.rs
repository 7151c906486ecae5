//! The naive store.

use std::cmp::Ordering;

use larder_core::store::{Batch, Condition, Page, Select, Write};
use larder_core::{KeyFields, Record, Row};
use larder_query::Value;

use super::UNIQUE;

/// The naive store: a list, and when which key was changed.
#[derive(Clone)]
pub(super) struct Naive {
    key: KeyFields,
    pub(super) rows: Vec<Row>,
    changed: Vec<Value>,
}

/// A transaction of the naive store: all that it saw when it began.
pub(super) struct Naively {
    base: usize,
    pub(super) view: Naive,
}

impl Naive {
    pub(super) fn new(key: KeyFields) -> Self {
        Self {
            key,
            rows: Vec::new(),
            changed: Vec::new(),
        }
    }

    pub(super) fn begin(&self) -> Naively {
        Naively {
            base: self.changed.len(),
            view: self.clone(),
        }
    }

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

    pub(super) fn write(&mut self, batch: &Batch) -> Result<bool, &'static str> {
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

    pub(super) fn query(&self, select: &Select) -> Page {
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
    pub(super) fn merge(&mut self, tx: &Naively) -> Option<()> {
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
