//! A database of a test's own on a server of this run.

use std::net::SocketAddr;

use larder::BoxFuture;
use larder_services::Service;
#[cfg(any(feature = "mysql", feature = "postgres"))]
use sqlx::{AssertSqlSafe, Connection, Executor};

#[cfg(feature = "mysql")]
#[path = "../mysql/database.rs"]
mod mysql;
#[cfg(feature = "postgres")]
#[path = "../postgres/schema.rs"]
mod postgres;

/// A database that is there as long as a test.
pub(crate) struct Place {
    url: String,
    /// Where its server listens; of a set, the primary.
    server: SocketAddr,
    /// Takes it away.
    end: BoxFuture<'static, ()>,
}

impl Place {
    /// A database of this kind. None where there is no server, or larder has no store for it here.
    pub(crate) async fn on(service: Service) -> Option<Self> {
        match service {
            #[cfg(feature = "postgres")]
            Service::Postgres => {
                let server = larder_tests::server(service.variable())?;
                let schema = postgres::Schema::create(&server).await;
                let url = schema.url();
                Some(Self::new(url, Box::pin(schema.drop())))
            }
            #[cfg(feature = "mysql")]
            Service::Mysql => {
                let server = larder_tests::server(service.variable())?;
                let database = mysql::Database::create(&server).await.expect("a database");
                let url = database.url();
                let end = async move { database.drop().await.expect("our database") };
                Some(Self::new(url, Box::pin(end)))
            }
            #[cfg(feature = "mongodb")]
            Service::Mongodb => {
                let server = larder_tests::server(service.variable())?;
                let scratch = larder_tests::mongodb::Scratch::new(&server);
                let (_, after) = scratch.url().rsplit_once('/').expect("a database");
                let name = after.split('?').next().unwrap_or_default();
                let primary = scratch.primary().await;
                // A client that is told of one member only goes to that one.
                let url = format!("mongodb://{primary}/{name}?directConnection=true");
                Some(Self::new(url, Box::pin(scratch.drop())))
            }
            #[allow(unreachable_patterns, reason = "with all features there is no other")]
            _ => {
                larder_tests::left_out(&format!("larder is built without the feature `{service}`"));
                None
            }
        }
    }

    #[allow(dead_code, reason = "without servers none is made")]
    fn new(url: String, end: BoxFuture<'static, ()>) -> Self {
        let server = authority(&url).1.parse().expect("an address with a port");
        Self { url, server, end }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn server(&self) -> SocketAddr {
        self.server
    }

    /// The same database by another way.
    pub(crate) fn through(&self, way: SocketAddr) -> String {
        let (before, _, after) = authority(&self.url);
        format!("{before}{way}{after}")
    }

    /// Drops a table past the app.
    pub(crate) async fn drop_table(&self, name: &str) {
        #[allow(unused_variables, reason = "without servers nothing is dropped")]
        let (postgres, mysql) = (format!("DROP TABLE {name}"), format!("DROP TABLE `{name}`"));
        match self.url.split(':').next() {
            #[cfg(feature = "postgres")]
            Some("postgres") => {
                let mut conn = sqlx::PgConnection::connect(&self.url)
                    .await
                    .expect("a server");
                let done = conn.execute(AssertSqlSafe(postgres)).await;
                done.expect("a table to drop");
            }
            #[cfg(feature = "mysql")]
            Some("mysql") => {
                let mut conn = sqlx::MySqlConnection::connect(&self.url)
                    .await
                    .expect("a server");
                let done = conn.execute(AssertSqlSafe(mysql)).await;
                done.expect("a table to drop");
            }
            #[cfg(feature = "mongodb")]
            Some("mongodb") => {
                let client = mongodb::Client::with_uri_str(&self.url)
                    .await
                    .expect("a server");
                let database = client.default_database().expect("a database");
                let table = database.collection::<mongodb::bson::Document>(name);
                table.drop().await.expect("a collection to drop");
            }
            _ => panic!("no server"),
        }
    }

    pub(crate) async fn end(self) {
        self.end.await;
    }
}

/// The host and port of a URL, and what stands before and after them.
fn authority(url: &str) -> (&str, &str, &str) {
    let begin = match url.find('@') {
        Some(user) => user + 1,
        None => url.find("://").map_or(0, |scheme| scheme + 3),
    };
    let (before, rest) = url.split_at(begin);
    let (host, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (before, host, after)
}
