//! Addresses that lead nowhere: what is said, and that it holds no password.

use std::time::{Duration, Instant};

use larder_core::ErrorKind;
use larder_sql::PostgresStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::place;

/// The message of a refusal, which comes in time.
async fn refused(url: &str) -> String {
    let start = Instant::now();
    let error = PostgresStore::open(url).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(5), "{error}");
    assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
    let (shown, whole) = (error.to_string(), format!("{error:?}"));
    assert!(
        !shown.contains("s3cret") && !whole.contains("s3cret"),
        "{shown}"
    );
    shown
}

#[tokio::test]
async fn addresses_that_cannot_be_read() {
    assert!(
        refused("mysql://u:s3cret@h/d")
            .await
            .contains("no address of a PostgreSQL database")
    );
    assert!(
        refused("postgres://u:s3cret@h:port/d")
            .await
            .contains("can't be read")
    );
    assert!(
        refused("postgres://u:pa?s3cret@h/d")
            .await
            .contains("`%3F`")
    );
    assert!(
        refused("postgres://u@h/d?sslmod=s3cret")
            .await
            .contains("sslmode")
    );
    assert!(
        refused("postgres://u@h/d?sslmode=perhaps")
            .await
            .contains("sslmode")
    );
}

#[tokio::test]
async fn nobody_is_there() {
    // A port that was free a moment ago.
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let said = refused(&format!("postgres://ann:s3cret@127.0.0.1:{port}/shop")).await;
    assert!(
        said.starts_with(&format!(
            "postgres://ann@127.0.0.1:{port}/shop: nothing listens"
        )),
        "{said}"
    );
    let said = refused("postgres://ann:s3cret@no.such.host.invalid/shop").await;
    assert!(
        said.contains("`no.such.host.invalid` can't be reached"),
        "{said}"
    );
}

#[tokio::test]
async fn a_server_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let silent = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        std::future::pending::<()>().await;
        drop(socket);
    });
    let said = refused(&format!("postgres://ann:s3cret@127.0.0.1:{port}/shop")).await;
    assert!(said.contains("no answer within 4 s"), "{said}");
    silent.abort();
}

/// A server that answers the first message with an error of this code.
async fn answering(code: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut start = [0; 4];
        socket.read_exact(&mut start).await.unwrap();
        let mut rest = vec![0; u32::from_be_bytes(start) as usize - 4];
        socket.read_exact(&mut rest).await.unwrap();
        let body = format!("SFATAL\0VFATAL\0C{code}\0Mrefused\0\0");
        let length = u32::try_from(body.len() + 4).unwrap();
        let answer = [b"E", &length.to_be_bytes()[..], body.as_bytes()].concat();
        socket.write_all(&answer).await.unwrap();
    });
    port
}

#[tokio::test]
async fn a_server_that_refuses() {
    for (code, says) in [
        ("28P01", "does not take the password of `ann`"),
        ("28000", "does not let `ann` in"),
        (
            "3D000",
            "there is no database `shop`: run `CREATE DATABASE \"shop\"`",
        ),
        ("53300", "refused"),
    ] {
        let port = answering(code).await;
        let url = format!("postgres://ann:s3cret@127.0.0.1:{port}/shop?sslmode=disable");
        let said = refused(&url).await;
        assert!(
            said.contains(says) && said.contains("postgres://ann@"),
            "{code}: {said}"
        );
    }
}

#[tokio::test]
async fn a_schema_that_is_not_there() {
    let Some(place) = place(&[]).await else {
        return;
    };
    let url = place
        .schema
        .url()
        .replace("search_path]=", "search_path]=no_");
    let said = refused(&url).await;
    assert!(said.contains("CREATE SCHEMA"), "{said}");
    let said = refused(
        &place
            .schema
            .url()
            .replace("sslmode=disable", "")
            .replace("/test", "/no_such_database"),
    )
    .await;
    assert!(said.contains("no database `no_such_database`"), "{said}");
    place.end().await;
}
