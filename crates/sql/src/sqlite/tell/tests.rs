use std::sync::Arc;

use larder_core::store::{Hub, Image, Told};
use larder_core::{Column, Kind, Layout, Storage};
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use super::Source;
use crate::dialect::Sqlite;
use crate::driver::Driver;
use crate::table::Table;

fn column(name: &str, kind: Kind) -> Column {
    Column {
        name: name.into(),
        kind,
        nullable: false,
        default: None,
    }
}

struct Place {
    conn: SqliteConnection,
    source: Source,
}

impl Place {
    /// A table `posts (id, n, body)` whose changes stand aside.
    async fn new() -> Self {
        let layout = Layout {
            model: "Post".to_owned(),
            collection: "posts".to_owned(),
            fields: vec![
                column("id", Kind::Int),
                column("n", Kind::Int),
                column("body", Kind::Text),
            ],
            key: 0.into(),
            indexes: Vec::new(),
            storage: Storage {
                changes: true,
                ..Storage::default()
            },
        };
        let table = Table::<Sqlite>::new(Arc::new(layout), None);
        let mut place = Self {
            conn: SqliteConnection::connect("sqlite::memory:").await.unwrap(),
            source: Source::new(&Arc::new(table)),
        };
        place
            .run("CREATE TABLE posts (id INTEGER PRIMARY KEY, n INTEGER, body TEXT, _version INTEGER)")
            .await;
        for sql in place.source.create() {
            place.run(&sql).await;
        }
        place
    }

    async fn run(&mut self, sql: &str) {
        let ran = Sqlite::once(&mut self.conn, sql.to_owned()).await;
        ran.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Adds so many posts, each with a body of so many characters.
    async fn add(&mut self, count: usize, size: usize) {
        self.run(&format!(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) \
             INSERT INTO posts SELECT n, 0, printf('%.*c', {size}, 'x'), 0 FROM n"
        ))
        .await;
    }

    async fn take(&mut self) -> Option<Vec<Told>> {
        self.source.take(&mut self.conn).await.unwrap()
    }

    /// How many rows stand aside.
    async fn aside(&mut self) -> i64 {
        let sql = format!("SELECT count(*) FROM {}", self.source.aside);
        let rows = Sqlite::once(&mut self.conn, sql).await.unwrap();
        sqlx::Row::get(&rows[0], 0)
    }
}

/// What is too much is not read to its end, and does not stay for the next commit.
#[tokio::test]
async fn more_than_is_kept() {
    let mut place = Place::new().await;
    place.add(Hub::KEPT, 1).await;
    assert_eq!(place.take().await.unwrap().len(), Hub::KEPT);
    // An update leaves two rows and is one change.
    place.run("UPDATE posts SET n = 1").await;
    assert_eq!(place.take().await.unwrap().len(), Hub::KEPT);
    place.run("DELETE FROM posts").await;
    place.take().await.unwrap();

    place.add(Hub::KEPT + 1, 1).await;
    assert!(place.take().await.is_none());
    assert_eq!(place.aside().await, 0);
    place.run("DELETE FROM posts WHERE id = 1").await;
    assert_eq!(place.take().await.unwrap().len(), 1);
    place.run("UPDATE posts SET n = 2 WHERE id > 1").await;
    assert_eq!(place.take().await.unwrap().len(), Hub::KEPT);
}

/// A few large records are as much as many small ones.
#[tokio::test]
async fn more_bytes_than_are_kept() {
    const SIZE: usize = 1024 * 1024;
    let mut place = Place::new().await;
    let most = Hub::KEPT_BYTES / SIZE;
    place.add(most - 1, SIZE).await;
    assert_eq!(place.take().await.unwrap().len(), most - 1);
    // Before and after.
    place.run("UPDATE posts SET n = 1").await;
    assert!(place.take().await.is_none());
    assert_eq!(place.aside().await, 0);
    place.run("UPDATE posts SET n = 2 WHERE id = 7").await;
    assert_eq!(place.take().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_update_is_told_with_both_sides() {
    let mut place = Place::new().await;
    place.add(2, 1).await;
    place.take().await.unwrap();
    place.run("UPDATE posts SET n = n + 10").await;
    place.run("UPDATE posts SET id = 9 WHERE id = 2").await;
    place.run("DELETE FROM posts WHERE id = 1").await;
    let n = |image: &Image| image.row().map(|row| row.get(1).as_i64().unwrap());
    let told: Vec<(String, Option<i64>, Option<i64>)> = place
        .take()
        .await
        .unwrap()
        .iter()
        .map(|told| (told.key.to_string(), n(&told.old), n(&told.new)))
        .collect();
    let told: Vec<(&str, Option<i64>, Option<i64>)> = told
        .iter()
        .map(|(key, old, new)| (key.as_str(), *old, *new))
        .collect();
    assert_eq!(
        told,
        [
            ("1", Some(0), Some(10)),
            ("2", Some(0), Some(10)),
            ("2", Some(10), None),
            ("9", None, Some(10)),
            ("1", Some(10), None),
        ]
    );
}
