//! Children through their parents' URLs: only through their own, on every verb.

#![allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "hooks and actions have the signatures that an app would give them"
)]

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/blogs",
    id(client),
    rules(read = "open=true|owner=$actor.id", write = "owner=$actor.id")
)]
struct Blog {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: String,
    open: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/blogs/{blog}/posts",
    id(client),
    rules(read = "true", write = "true")
)]
struct Post {
    #[model(id)]
    id: String,
    blog: ModelParent<Blog>,
    title: String,
}

/// As `Post`, with a hook: the same must hold on the way with a transaction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/blogs/{blog}/pages",
    id(client),
    rules(read = "true", write = "true")
)]
struct Page {
    #[model(id)]
    id: String,
    blog: ModelParent<Blog>,
    title: String,
}

#[model_impl]
impl Page {
    #[before(save, delete)]
    fn nothing(&mut self) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/blogs/{blog}/posts/{post}/comments",
    rules(read = "true", write = "true")
)]
struct Comment {
    #[model(id)]
    id: Id<Comment>,
    blog: ModelParent<Blog>,
    post: ModelParent<Post>,
    text: String,
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Blog, Post, Page, Comment])
        .store("main", backend.store());
    let client = Client::new(&app.identity(DevelopmentHeader).build().await.unwrap());
    for (id, open) in [("a", true), ("b", true), ("closed", false)] {
        client
            .put(&format!("/blogs/{id}"), json!({"open": open}))
            .by("ann")
            .go()
            .await
            .is(201);
    }
    client
}

async fn only_through_its_own(backend: Backend) {
    let client = client(&backend).await;
    for kind in ["posts", "pages"] {
        let (own, wrong) = (format!("/blogs/a/{kind}/p"), format!("/blogs/b/{kind}/p"));
        let made = client
            .put(&own, json!({"title": "t", "blog": "b"}))
            .go()
            .await
            .is(201);
        assert_eq!(made.json()["blog"], "a", "a parent in a body is ignored");
        client.get(&own).go().await.is(200);
        for wrong in [
            wrong.as_str(),
            &format!("/blogs/nowhere/{kind}/p"),
            &format!("/blogs/closed/{kind}/p"),
        ] {
            client.get(wrong).go().await.is(404);
            client.ask("HEAD", wrong).go().await.is(404);
            client
                .put(wrong, json!({"title": "stolen"}))
                .go()
                .await
                .is(404);
            client
                .patch(wrong, json!({"title": "stolen"}))
                .go()
                .await
                .is(404);
            client.patch(wrong, json!({})).go().await.is(404);
            client.delete(wrong).go().await.is(404);
            client
                .delete(wrong)
                .header("if-match", "*")
                .go()
                .await
                .is(404);
        }
        let still = client.get(&own).go().await.is(200).json();
        assert_eq!(still, json!({"id": "p", "blog": "a", "title": "t"}));
        assert_eq!(
            client
                .get(&format!("/blogs/a/{kind}"))
                .go()
                .await
                .each("id"),
            [json!("p")]
        );
        let others = client.get(&format!("/blogs/b/{kind}")).go().await.is(200);
        assert_eq!(
            (others.json(), others.header("content-range")),
            (json!([]), "items */0")
        );
        let replaced = client
            .put(&own, json!({"title": "u"}))
            .go()
            .await
            .is(200)
            .json();
        assert_eq!(replaced, json!({"id": "p", "blog": "a", "title": "u"}));
        client.delete(&own).go().await.is(204);
    }
}

async fn create_under_a_parent_that_can_be_read(backend: Backend) {
    let client = client(&backend).await;
    for kind in ["posts", "pages"] {
        let missing = client
            .post(&format!("/blogs/nowhere/{kind}"), json!({"title": "t"}))
            .go()
            .await
            .is(404);
        let hidden = client
            .post(&format!("/blogs/closed/{kind}"), json!({"title": "t"}))
            .by("bob")
            .go()
            .await
            .is(404);
        assert_eq!(missing, hidden, "a hidden parent looks like none");
        client
            .put(&format!("/blogs/nowhere/{kind}/x"), json!({"title": "t"}))
            .go()
            .await
            .is(404);
        client
            .put(&format!("/blogs/closed/{kind}/x"), json!({"title": "t"}))
            .by("bob")
            .go()
            .await
            .is(404);
        let made = client
            .post(&format!("/blogs/closed/{kind}"), json!({"title": "t"}))
            .by("ann")
            .go()
            .await
            .is(201);
        assert!(
            made.header("location")
                .starts_with(&format!("/blogs/closed/{kind}/")),
            "{}",
            made.header("location")
        );
        client
            .get(made.header("location"))
            .by("ann")
            .go()
            .await
            .is(200);
    }
}

async fn the_whole_chain_counts(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/blogs/a/posts/p", json!({"title": "t"}))
        .go()
        .await
        .is(201);
    let made = client
        .post("/blogs/a/posts/p/comments", json!({"text": "x"}))
        .go()
        .await
        .is(201);
    let made = made.json();
    assert_eq!(
        (made["blog"].as_str(), made["post"].as_str()),
        (Some("a"), Some("p"))
    );
    let id = made["id"].as_str().unwrap();
    client
        .get(&format!("/blogs/a/posts/p/comments/{id}"))
        .go()
        .await
        .is(200);
    client
        .get(&format!("/blogs/b/posts/p/comments/{id}"))
        .go()
        .await
        .is(404);
    client
        .get(&format!("/blogs/a/posts/q/comments/{id}"))
        .go()
        .await
        .is(404);
    // The post is there, but not in this blog.
    client
        .post("/blogs/b/posts/p/comments", json!({"text": "x"}))
        .go()
        .await
        .is(404);
    client
        .put("/blogs/b/posts/p/comments/new", json!({"text": "x"}))
        .go()
        .await
        .is(404);
    client
        .post("/blogs/a/posts/none/comments", json!({"text": "x"}))
        .go()
        .await
        .is(404);
}

scenarios! { only_through_its_own, create_under_a_parent_that_can_be_read, the_whole_chain_counts }
