//! Models whose id is several fields.

#![allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "hooks and actions have the signatures that an app would give them"
)]

use jiff::Timestamp;
use jiff::civil::Date;
use larder::Model;
use larder::prelude::*;
use larder_tests::{Backend, Client};
use serde_json::Value;

#[path = "keys/bodies.rs"]
mod bodies;
#[path = "keys/chosen.rs"]
mod chosen;
#[path = "keys/descriptions.rs"]
mod descriptions;
#[path = "keys/in_process.rs"]
mod in_process;
#[path = "keys/links.rs"]
mod links;
#[path = "keys/parents.rs"]
mod parents;
#[path = "keys/rest.rs"]
mod rest;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/flights", search(carrier = eq, number = eq, day = ge), sort(day, number))]
#[model(rules(read = "true", write = "true"))]
struct Flight {
    #[model(id)]
    #[schemars(length(max = 40))]
    carrier: String,
    #[model(id)]
    number: u32,
    #[model(id, index)]
    day: Date,
    delay: Option<i32>,
    #[serde(default)]
    gate: String,
    seats: ModelRelated<Seat>,
}

/// A child of a flight.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/flights/{flight}/seats", id(client))]
#[model(rules(read = "true", write = "true"))]
struct Seat {
    #[model(id)]
    id: String,
    flight: ModelParent<Flight>,
}

/// Links of all kinds to flights, one of them a part of the id.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/bookings", search(flight = eq, person = eq))]
#[model(rules(read = "true", write = "true"))]
struct Booking {
    #[model(id)]
    flight: ModelLink<Flight>,
    #[model(id)]
    person: String,
    next: Option<ModelLink<Flight>>,
    others: ModelLinksSimpleArray<Flight>,
    meals: ModelLinksArray<Flight, Meal>,
    notes: ModelLinksMap<Flight, Meal>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Meal {
    dish: String,
}

/// As `Flight`, with hooks and actions: the same must hold on the way with a transaction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/shelves", rules(read = "true", write = "true"), timestamps)]
struct Shelf {
    #[model(id)]
    room: Id<Shelf>,
    #[model(id)]
    left: bool,
    #[model(id)]
    since: Timestamp,
    books: i64,
}

#[model_impl]
impl Shelf {
    #[before(save)]
    fn count(&mut self) -> Result<()> {
        self.books += 1;
        Ok(())
    }

    #[action(allow = "true")]
    async fn name(&self) -> Result<String> {
        Ok(self.to_key().to_string())
    }

    #[action(global, method = GET, allow = "true")]
    async fn newest() -> Result<i64> {
        Ok(7)
    }
}

async fn app(backend: &Backend) -> App {
    let models = models![Flight, Seat, Booking, Shelf];
    let app = App::builder().models(models).store("main", backend.store());
    app.build().await.unwrap()
}

async fn client(backend: &Backend) -> Client {
    Client::new(&app(backend).await)
}

fn faults(answer: &Value) -> Vec<(&str, &str)> {
    let errors = answer["errors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            (
                error["field"].as_str().unwrap(),
                error["code"].as_str().unwrap(),
            )
        })
        .collect()
}
