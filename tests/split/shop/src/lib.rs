//! A second crate of models, which link to those of the first. Its dependency on larder has another name.

use pantry::prelude::*;
use split_accounts::Account;

/// What somebody has bought.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(crate = pantry, url = "/orders", rules(read = "true", create = "true"))]
pub struct Order {
    /// Its id.
    #[model(id)]
    pub id: Id<Order>,
    /// Who has bought it.
    #[model(index)]
    pub buyer: ModelLink<Account>,
    /// How many cents it cost.
    pub cents: u32,
}

/// One thing of an order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(crate = pantry, url = "/orders/{order}/lines", rules(read = "true", create = "true"))]
pub struct Line {
    /// Its id.
    #[model(id)]
    pub id: Id<Line>,
    /// The order that it is part of.
    pub order: ModelParent<Order>,
    /// What was bought.
    pub what: String,
}
