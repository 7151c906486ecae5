//! The stores in servers that this run was given, each in a place of its own that goes with it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use larder_core::Store;

#[cfg(feature = "mysql")]
#[path = "../mysql/database.rs"]
mod mysql;
#[cfg(feature = "postgres")]
#[path = "../postgres/schema.rs"]
mod postgres;

/// A store in a server.
pub(crate) struct Server {
    pub(crate) store: Arc<dyn Store>,
    /// Removes what is in it.
    remove: Pin<Box<dyn Future<Output = ()>>>,
}

#[cfg_attr(
    not(any(feature = "mongodb", feature = "mysql", feature = "postgres")),
    expect(dead_code, reason = "without servers none is made")
)]
impl Server {
    fn new(store: impl Store + 'static, remove: impl Future<Output = ()> + 'static) -> Self {
        Self {
            store: Arc::new(store),
            remove: Box::pin(remove),
        }
    }
}

impl Server {
    /// Removes what is in it.
    pub(crate) async fn end(self) {
        drop(self.store);
        self.remove.await;
    }
}

/// A new store in each server that there is; in those where that takes a second only if `slow`.
pub(crate) async fn all(slow: bool) -> Vec<Server> {
    #[allow(unused_mut, reason = "there may be none")]
    let mut all = Vec::new();
    #[cfg(feature = "mongodb")]
    if let Some(server) = larder_tests::server("TEST_MONGODB_URL").filter(|_| slow) {
        let scratch = larder_tests::mongodb::Scratch::new(&server);
        let store = larder_mongodb::MongoStore::open(scratch.url()).await;
        all.push(Server::new(store.unwrap(), scratch.drop()));
    }
    #[cfg(feature = "mysql")]
    if let Some(server) = larder_tests::server("TEST_MYSQL_URL") {
        let database = mysql::Database::create(&server).await.unwrap();
        let url = database.url();
        let store = larder_sql::MySqlStore::open(&url);
        all.push(Server::new(store.await.unwrap(), async move {
            database.drop().await.unwrap();
        }));
    }
    #[cfg(feature = "postgres")]
    if let Some(server) = larder_tests::server("TEST_POSTGRES_URL") {
        let schema = postgres::Schema::create(&server).await;
        let url = schema.url();
        let store = larder_sql::PostgresStore::open(&url);
        all.push(Server::new(store.await.unwrap(), schema.drop()));
    }
    let _ = slow;
    all
}
