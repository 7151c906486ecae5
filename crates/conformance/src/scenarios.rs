//! All rows, by topic.

use std::future::Future;
use std::pin::Pin;

use crate::bench::Bench;
use crate::harness::Need;

mod after;
mod bounds;
mod cancel;
mod changes;
mod commits;
mod conditions;
mod decimals;
mod edges;
mod filters;
mod groups;
mod indexes;
mod inside;
pub(crate) mod joins;
mod keys;
mod reads;
mod scans;
mod schema;
mod snapshots;
mod tables;
mod text;
mod transactions;
mod writes;

/// A running scenario.
pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One row of the table.
pub(crate) struct Scenario {
    /// `topic::what`.
    pub(crate) name: String,
    pub(crate) needs: &'static [Need],
    pub(crate) run: for<'a> fn(Bench<'a>) -> Running<'a>,
}

/// The rows of a topic, without its name: `rows![needs; function, function]`.
macro_rules! rows {
    ($needs:expr; $($function:ident),+ $(,)?) => {
        vec![$($crate::scenarios::Scenario {
            name: stringify!($function).to_owned(),
            needs: $needs,
            run: |bench| Box::pin($function(bench)),
        }),+]
    };
}
use rows;

/// Every scenario, in the order in which they run.
pub(crate) fn all() -> Vec<Scenario> {
    let topics = [
        ("reads", reads::rows()),
        ("filters", filters::rows()),
        ("text", text::rows()),
        ("scans", scans::rows()),
        ("inside", inside::rows()),
        ("joins", joins::rows()),
        ("after", after::rows()),
        ("groups", groups::rows()),
        ("bounds", bounds::rows()),
        ("writes", writes::rows()),
        ("conditions", conditions::rows()),
        ("changes", changes::rows()),
        ("transactions", transactions::rows()),
        ("snapshots", snapshots::rows()),
        ("cancel", cancel::rows()),
        ("commits", commits::rows()),
        ("indexes", indexes::rows()),
        ("keys", keys::rows()),
        ("edges", edges::rows()),
        ("decimals", decimals::rows()),
        ("schema", schema::rows()),
        ("tables", tables::rows()),
    ];
    let named = |(topic, rows): (&str, Vec<Scenario>)| {
        let topic = topic.to_owned();
        rows.into_iter().map(move |row| Scenario {
            name: format!("{topic}::{}", row.name),
            ..row
        })
    };
    topics.into_iter().flat_map(named).collect()
}
