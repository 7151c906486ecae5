//! Addresses, and the settings of the connections.

use std::time::Duration;

use larder_core::{ErrorKind, Store};
use larder_sql::SqliteStore;

use crate::support::{get, insert, place, post, posts, write};

async fn refused(url: &str) -> String {
    let error = SqliteStore::open(url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
    error.to_string()
}

#[tokio::test]
async fn addresses_that_cannot_be_opened_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().display();
    assert!(
        refused("postgres://x/y")
            .await
            .contains("write `sqlite:path/to/file.db`")
    );
    assert!(refused("sqlite:").await.contains("names no file"));
    assert!(refused("sqlite::memory:").await.contains("memory store"));
    assert!(refused("sqlite:x.db?mode=ro").await.contains("mode=ro"));
    assert!(refused("sqlite:x.db?colour=red").await.contains("colour"));
    assert!(
        refused(&format!("sqlite:{inside}"))
            .await
            .contains("names a folder")
    );
    let missing = refused(&format!("sqlite:{inside}/no/such/blog.db")).await;
    assert!(
        missing.contains(&format!(
            "the folder `{inside}/no/such` does not exist: create it"
        )),
        "{missing}"
    );
    std::fs::write(
        folder.path().join("text.db"),
        "this is no database, only some text".repeat(200),
    )
    .unwrap();
    assert!(
        refused(&format!("sqlite:{inside}/text.db"))
            .await
            .contains("Is it a SQLite database")
    );
}

#[tokio::test]
async fn both_forms_of_an_address_open_the_same_file() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    write(&place.store, &posts, vec![insert(&post("a", "A", 1))])
        .await
        .unwrap();
    let other = SqliteStore::open(&place.url().replace("sqlite:", "sqlite://"))
        .await
        .unwrap();
    assert!(get(&other, &posts, "a").await.is_some());
    assert_eq!(other.capability().name, "sqlite");
}

#[tokio::test]
async fn the_file_is_safe_against_a_kill() {
    let place = place(&[]).await;
    let settings = place.store.pragmas().await.unwrap();
    assert_eq!(
        settings,
        [
            ("journal_mode", "wal".to_owned()),
            ("synchronous", "2".to_owned())
        ]
    );
}

#[tokio::test]
async fn a_closed_store_can_be_opened_again() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    write(&place.store, &posts, vec![insert(&post("a", "A", 1))])
        .await
        .unwrap();
    let url = place.url();
    place.store.close().await;
    assert!(
        !place.folder.path().join("test.db-wal").exists(),
        "the log is folded in when the last one closes"
    );
    let store = SqliteStore::builder(&url)
        .readers(1)
        .busy_timeout(Duration::from_millis(50))
        .open()
        .await
        .unwrap();
    assert_eq!(
        get(&store, &posts, "a").await.unwrap().values[1].as_str(),
        Some("A")
    );
}
