//! Databases on the MongoDB server of the tests.

use std::sync::atomic::{AtomicU32, Ordering};

use mongodb::Client;
use mongodb::bson::doc;

/// A database of its own for one test.
#[derive(Debug)]
pub struct Scratch {
    url: String,
    name: String,
}

impl Scratch {
    /// A name that nobody has, on the server of an address.
    ///
    /// # Panics
    /// If the address names no database.
    pub fn new(server: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("larder_{}_{count}", std::process::id());
        let (hosts, rest) = server.rsplit_once('/').expect("an address with a database");
        let options = rest.split_once('?').map_or("", |(_, options)| options);
        Self {
            url: format!("{hosts}/{name}?{options}"),
            name,
        }
    }

    /// The address of the database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The driver's handle on it.
    ///
    /// # Panics
    /// If the address can't be read.
    pub async fn database(&self) -> mongodb::Database {
        let client = Client::with_uri_str(&self.url).await.expect("an address");
        client.database(&self.name)
    }

    /// Where the primary of the set listens.
    ///
    /// # Panics
    /// If the set has none.
    pub async fn primary(&self) -> String {
        let hello = self.database().await.run_command(doc! { "hello": 1 }).await;
        let hello = hello.expect("a set that answers");
        hello.get_str("primary").expect("a primary").to_owned()
    }

    /// Drops the database.
    ///
    /// # Panics
    /// If the server refuses.
    pub async fn drop(self) {
        self.database()
            .await
            .drop()
            .await
            .expect("a database that can be dropped");
    }
}

/// Drops the last database of a run that was in no runtime.
///
/// # Panics
/// If there can be no runtime.
pub fn drop_last(last: Option<Scratch>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    if let Some(last) = last {
        runtime.expect("a runtime").block_on(last.drop());
    }
}
