//! The measured model, for the programs with larder: one text, so that nothing else differs between them.

/// The struct `Order` as a model, and how it is made of an [`orders::Order`](crate::orders::Order).
#[macro_export]
macro_rules! order_model {
    () => {
        /// An order.
        #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
        #[model(url = "/orders", collection = "orders", timestamps, page = 50)]
        #[model(rules(read = "true", write = "true"), search(customer = eq))]
        pub(crate) struct Order {
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
            placed: jiff::Timestamp,
        }

        impl From<$crate::orders::Order> for Order {
            fn from(order: $crate::orders::Order) -> Self {
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
    };
}
