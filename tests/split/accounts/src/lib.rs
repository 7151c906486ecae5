//! Models in a crate of their own, under strict lints: it needs larder without any of its features.
#![deny(
    warnings,
    missing_docs,
    unused_qualifications,
    single_use_lifetimes,
    clippy::pedantic
)]

use larder::ModelSet;
use larder::prelude::*;

mod sessions;

/// All models of this crate, for apps that don't want to know which there are.
#[must_use]
pub fn all() -> ModelSet {
    models!(crate::*)
}

/// Somebody who buys.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/accounts", rules(read = "true", create = "true"))]
pub struct Account {
    /// The name to log in with.
    #[model(id)]
    pub id: Id<Account>,
    /// What to call them.
    pub name: String,
}

/// A group of accounts. Nothing outside this crate names it: only `split_accounts::*` finds it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/groups", rules(read = "true", create = "true"))]
pub struct Group {
    /// Its id.
    #[model(id)]
    pub id: Id<Group>,
    /// Who leads it.
    pub leader: Option<ModelLink<Account>>,
}
