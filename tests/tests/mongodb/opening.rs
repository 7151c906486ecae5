//! Addresses with TLS and passwords: those that work, and what is said of those that don't.

use std::sync::Arc;
use std::time::Duration;

use larder_core::store::Plan;
use larder_core::{ErrorKind, Select, Store};
use larder_mongodb::MongoStore;
use larder_tests::server;

use super::secured::{ENCODED, Secured};
use super::{Bench, posts};

/// Opening that fails, in less than 5 seconds.
async fn refused(url: &str) -> String {
    let opening = tokio::time::timeout(Duration::from_secs(5), MongoStore::open(url));
    let error = opening
        .await
        .expect("an answer within 5 seconds")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup, "{url}: {error:?}");
    let said = format!("{error} {error:?}");
    for secret in [ENCODED, "hunter2", "p@ss"] {
        assert!(!said.contains(secret), "{said}");
    }
    error.message().to_owned()
}

#[tokio::test]
async fn tls_and_passwords_by_the_address() {
    let Some(secured) = Secured::start().await else {
        return;
    };
    let ann = format!("ann:{ENCODED}@");
    let set = "replicaSet=larder&authSource=admin";
    let trust = secured.trust("ca.crt");
    let store = MongoStore::open(&secured.url(&ann, &format!("{set}&{trust}")))
        .await
        .unwrap();
    let layout = Arc::new(posts());
    store.prepare(std::slice::from_ref(&layout)).await.unwrap();
    let page = store.query(Plan::unsealed(&Select::all(layout))).await;
    assert_eq!(page.unwrap().rows.len(), 0);
    let at = format!("127.0.0.1:{}", secured.port());
    for (user, options, parts) in [
        (
            "ann:hunter2@",
            format!("{set}&{trust}"),
            &["refuses this user or password", "authSource"][..],
        ),
        (
            "ann:hunter2@",
            format!("replicaSet=larder&{trust}"),
            &["refuses this user or password"],
        ),
        (
            "",
            format!("replicaSet=larder&{trust}"),
            &["refuses this user or password"],
        ),
        (
            &ann,
            format!("{set}&tls=true"),
            &["certificate is not trusted", "tlsCAFile"],
        ),
        (
            &ann,
            format!("{set}&{}", secured.trust("other.crt")),
            &["certificate is not trusted", "tlsCAFile"],
        ),
        (
            &ann,
            format!("{set}&{}", secured.trust("absent.crt")),
            &["absent.crt"],
        ),
        (&ann, set.to_owned(), &["add `tls=true`"]),
        (
            &ann,
            format!("replicaSet=another&authSource=admin&{trust}"),
            &["replicaSet"],
        ),
    ] {
        let said = refused(&secured.url(user, &options)).await;
        for part in parts.iter().chain([&&*at]) {
            assert!(said.contains(part), "{part}\n--- is not in ---\n{said}");
        }
    }
    // The certificate is for a number, not for this name.
    let url = secured.url(&ann, &format!("{set}&{trust}"));
    let named = url.replacen("127.0.0.1", "localhost", 1);
    let said = refused(&named).await;
    assert!(
        said.contains("certificate is not trusted, or is for another name"),
        "{said}"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_told() {
    let Some(server) = server("TEST_MONGODB_URL") else {
        return;
    };
    let said = refused(&format!("{server}&tls=true")).await;
    assert!(said.contains("leave `tls=true` out"), "{said}");
}

#[tokio::test]
async fn no_model_among_the_notes() {
    let Some(bench) = Bench::unprepared(posts()).await else {
        return;
    };
    let named = |name: &str| {
        let mut layout = posts();
        name.clone_into(&mut layout.collection);
        layout
    };
    let mut renamed = posts();
    renamed.storage.was = Some("_larder".to_owned());
    for (layout, own) in [
        (named("_larder"), "_larder"),
        (renamed, "_larder"),
        (named("system.posts"), "system.posts"),
    ] {
        let models = [Arc::new(layout)];
        let error = bench.store.prepare(&models).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup, "{error:?}");
        let said = format!("Post: a model can't have the collection `{own}`");
        assert!(error.message().contains(&said), "{error}");
        assert!(bench.store.plan(&models).await.is_err());
    }
    let database = bench.scratch.database().await;
    assert_eq!(database.list_collection_names().await.unwrap(), [""; 0]);
    let like = [Arc::new(named("_larders"))];
    bench.store.prepare(&like).await.unwrap();
    bench.end().await;
}
