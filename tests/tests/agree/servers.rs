//! The stores in servers that this run was given, each in a place of its own that goes with it.

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
    #[cfg(feature = "mysql")]
    database: Option<mysql::Database>,
    #[cfg(feature = "postgres")]
    schema: Option<postgres::Schema>,
}

impl Server {
    /// Removes what is in it.
    pub(crate) async fn end(self) {
        drop(self.store);
        #[cfg(feature = "mysql")]
        if let Some(database) = self.database {
            database.drop().await.unwrap();
        }
        #[cfg(feature = "postgres")]
        if let Some(schema) = self.schema {
            schema.drop().await;
        }
    }
}

/// A new store in each server that there is.
pub(crate) async fn all() -> Vec<Server> {
    #[allow(unused_mut, reason = "there may be none")]
    let mut all = Vec::new();
    #[cfg(feature = "mysql")]
    if let Some(server) = larder_tests::server("TEST_MYSQL_URL") {
        let database = mysql::Database::create(&server).await.unwrap();
        let store = larder_sql::MySqlStore::open(&database.url()).await.unwrap();
        all.push(Server {
            store: Arc::new(store),
            database: Some(database),
            #[cfg(feature = "postgres")]
            schema: None,
        });
    }
    #[cfg(feature = "postgres")]
    match postgres::server() {
        Some(server) => {
            let schema = postgres::Schema::create(&server).await;
            let store = larder_sql::PostgresStore::open(&schema.url())
                .await
                .unwrap();
            all.push(Server {
                store: Arc::new(store),
                #[cfg(feature = "mysql")]
                database: None,
                schema: Some(schema),
            });
        }
        None => {
            let code = postgres::without_server();
            assert_eq!(
                code,
                std::process::ExitCode::SUCCESS,
                "a server is required"
            );
        }
    }
    all
}
