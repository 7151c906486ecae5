//! The same by the names of models and fields, with values of JSON.

use larder::Op;
use larder::prelude::*;
use larder_tests::{Backend, scenarios};
use serde_json::json;

use super::{World, refused, world};

async fn by_name(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let posts = app.as_actor(&Actor::user("ann")).model("Post");
    let post = posts
        .update("a")
        .add("likes", 2)
        .add("score", 1)
        .push("tags", "x")
        .push("lines", json!({"sku": "tea", "count": 1}))
        .set("title", "New")
        .when("open=true")
        .when_field("likes", Op::Lt, 1)
        .await
        .unwrap();
    assert_eq!(post.get("likes"), Some(&json!(2)));
    assert_eq!(post.get("score"), Some(&json!(1.0)));
    assert_eq!(post.get("tags"), Some(&json!(["x"])));
    let items = || {
        posts
            .update("a")
            .remove_item("lines", 0)
            .when_item("lines", 0, "sku", "milk")
    };
    assert!(items().attempt().await.unwrap().is_none());
    let post = posts
        .update("a")
        .set_item("tags", 0, "y")
        .pull("lines", json!({"count": 1.0, "sku": "tea"}))
        .await
        .unwrap();
    assert_eq!(
        (post.get("tags"), post.get("lines")),
        (Some(&json!(["y"])), Some(&json!([])))
    );
    refused(posts.update("a").add("title", 1).await, "/title", "type");
    refused(posts.update("a").add("likes", 1.5).await, "/likes", "type");
    refused(posts.update("a").add("likes", "1").await, "/likes", "type");
    refused(
        posts.update("a").add("likes", json!(null)).await,
        "/likes",
        "type",
    );
    refused(posts.update("a").push("title", 1).await, "/title", "type");
    refused(posts.update("a").push("tags", 1).await, "/tags/0", "type");
    refused(
        posts.update("a").set("title", json!(null)).await,
        "/title",
        "required",
    );
    refused(
        posts
            .update("a")
            .set("_updated", "2026-01-01T00:00:00Z")
            .await,
        "/_updated",
        "read_only",
    );
    let error = posts.update("a").add("likse", 1).await.unwrap_err();
    assert!(error.message().contains("`likes`"), "{error:?}");
    assert!(
        posts
            .update("none")
            .add("likes", 1)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let error = posts
        .update("a")
        .add("likes", 1)
        .when("secret=x")
        .await
        .unwrap_err();
    assert!(error.message().contains("server-only"), "{error:?}");
    let post = posts
        .update("a")
        .set("views", json!(null))
        .add("likes", 1)
        .await
        .unwrap();
    assert_eq!(post.get("likes"), Some(&json!(3)));
}

scenarios! { by_name }
