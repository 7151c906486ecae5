//! The order as it is received, and as it is kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::problem::Fault;
use crate::orders::Order;

/// What a client may send.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOrder {
    customer: String,
    title: String,
    amount: i64,
    price: f64,
    paid: bool,
    note: Option<String>,
    tags: Vec<String>,
    placed: Timestamp,
}

impl NewOrder {
    /// Every field that breaks its bounds.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        length(&mut faults, "customer", &self.customer, 40);
        length(&mut faults, "title", &self.title, 120);
        if self.amount < 0 {
            faults.push(Fault::new("amount", "at least 0".to_owned(), "minimum"));
        }
        faults
    }

    /// The order to keep, created now.
    pub(super) fn at(self, id: String, now: Timestamp) -> Stored {
        let now = to_micros(now);
        Stored {
            id,
            customer: self.customer,
            title: self.title,
            amount: self.amount,
            price: self.price,
            paid: self.paid,
            note: self.note,
            tags: self.tags,
            placed: self.placed,
            created: now,
            updated: now,
            version: first_version(now),
        }
    }
}

fn length(faults: &mut Vec<Fault>, field: &'static str, text: &str, most: usize) {
    // Bytes are at least as many as characters, so most texts need no counting.
    if text.is_empty() {
        faults.push(Fault::new(
            field,
            "at least 1 character".to_owned(),
            "minLength",
        ));
    } else if text.len() > most && text.chars().count() > most {
        faults.push(Fault::new(
            field,
            format!("at most {most} characters"),
            "maxLength",
        ));
    }
}

/// An order as it is kept and as it is answered.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) customer: String,
    pub(super) title: String,
    pub(super) amount: i64,
    pub(super) price: f64,
    pub(super) paid: bool,
    pub(super) note: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) placed: Timestamp,
    #[serde(rename = "_created")]
    pub(super) created: Timestamp,
    #[serde(rename = "_updated")]
    pub(super) updated: Timestamp,
    #[serde(skip)]
    pub(super) version: u64,
}

impl Stored {
    /// A generated row, as if it had been created now.
    pub(super) fn preloaded(order: Order) -> Self {
        let now = to_micros(Timestamp::now());
        Self {
            id: order.id,
            customer: order.customer,
            title: order.title,
            amount: order.amount,
            price: order.price,
            paid: order.paid,
            note: order.note,
            tags: order.tags,
            placed: order.placed,
            created: now,
            updated: now,
            version: first_version(now),
        }
    }

    /// The strong entity tag of this version.
    pub(super) fn etag(&self) -> String {
        format!("\"{:x}\"", self.version)
    }
}

/// What a PUT did.
#[derive(Debug)]
pub(super) enum Put<T> {
    Created(T),
    Replaced(T),
}

impl<T> Put<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Put<U> {
        match self {
            Self::Created(order) => Put::Created(change(order)),
            Self::Replaced(order) => Put::Replaced(change(order)),
        }
    }
}

fn first_version(created: Timestamp) -> u64 {
    created.as_microsecond().unsigned_abs() << 8
}

/// The time without what SQLite's column would lose of it.
fn to_micros(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}
