//! The service with larder, taking the same variables as `hand`.

use jiff::Timestamp;
use larder::prelude::*;
use larder_bench::{orders, service};

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", collection = "orders", timestamps, page = 50)]
#[model(rules(read = "true", write = "true"), search(customer = eq))]
struct Order {
    #[model(id)]
    id: Id<Order>,
    #[model(index)]
    #[schemars(length(min = 1, max = 40))]
    customer: String,
    #[schemars(length(min = 1, max = 120))]
    title: String,
    #[schemars(range(min = 0))]
    amount: i64,
    price: f64,
    paid: bool,
    note: Option<String>,
    tags: Vec<String>,
    placed: Timestamp,
}

impl From<orders::Order> for Order {
    fn from(order: orders::Order) -> Self {
        Self {
            id: order.id.into(),
            customer: order.customer,
            title: order.title,
            amount: order.amount,
            price: order.price,
            paid: order.paid,
            note: order.note,
            tags: order.tags,
            placed: order.placed,
        }
    }
}

fn main() -> Result<()> {
    service::serve::<Order>(models![Order])
}
