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
    async fn with_its_blog(&mut self, cx: &Ctx) -> Result<()> {
        if self.title == "with its blog" {
            let blog = Blog {
                id: "new".to_owned(),
                owner: "a hook".to_owned(),
                open: true,
            };
            cx.as_system("its blog").create(&blog).await?;
        }
        Ok(())
    }

    #[action(allow = "true")]
    fn touch(&mut self) -> Result<()> {
        self.title.push('!');
        Ok(())
    }

    #[action(global, method = GET, allow = "true")]
    async fn newest() -> Result<i64> {
        Ok(7)
    }
}

#[model_impl]
impl Post {
    #[action(allow = "true")]
    fn touch(&self) -> Result<()> {
        Ok(())
    }

    #[action(global, method = GET, allow = "true")]
    async fn newest() -> Result<i64> {
        Ok(7)
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

async fn app(backend: &Backend) -> App {
    let app = App::builder()
        .models(models![Blog, Post, Page, Comment])
        .store("main", backend.store());
    app.identity(DevelopmentHeader).build().await.unwrap()
}

async fn client(backend: &Backend) -> Client {
    let client = Client::new(&app(backend).await);
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

/// What is below a parent that is hidden answers as what is below one that is not there, whatever is asked, to the byte.
async fn hidden_and_missing_alike(backend: Backend) {
    let client = client(&backend).await;
    for kind in ["posts", "pages"] {
        let child = format!("/blogs/closed/{kind}/p");
        let body = || json!({"title": "t"});
        client.put(&child, body()).by("ann").go().await.is(201);
        for who in ["bob", ""] {
            let asks = |blog: &str| {
                let list = format!("/blogs/{blog}/{kind}");
                let one = format!("{list}/p");
                let patch = json!([{"op": "replace", "path": "/title", "value": "stolen"}]);
                [
                    client.get(&list),
                    client.ask("HEAD", &list),
                    client.get(&format!("{list}?limit=1")),
                    client.get(&format!("{list}/_count")),
                    client.post(&list, body()),
                    client.get(&one),
                    client.ask("HEAD", &one),
                    client.get(&one).header("if-none-match", "*"),
                    client.put(&one, body()),
                    client.put(&one, body()).header("if-match", "*"),
                    client.put(&one, body()).header("if-none-match", "*"),
                    client.patch(&one, body()),
                    client.patch(&one, json!({})),
                    client
                        .ask("PATCH", &one)
                        .header("content-type", "application/json-patch+json")
                        .raw(patch.to_string()),
                    client.delete(&one),
                    client.ask("PUT", &format!("{one}/touch")),
                    client.get(&format!("{list}/newest")),
                ]
            };
            for (hidden, missing) in asks("closed").into_iter().zip(asks("nowhere")) {
                let (hidden, missing) = match who {
                    "" => (hidden, missing),
                    who => (hidden.by(who), missing.by(who)),
                };
                let shown = format!("{hidden:?}");
                let shown = &shown[shown.find("method:").unwrap_or_default()..];
                let hidden = hidden.go().await;
                assert_eq!(hidden.status, 404, "{shown} by {who:?}: {}", hidden.text());
                assert_eq!(hidden, missing.go().await, "{shown} by {who:?}");
            }
        }
        // Nothing has happened to it, and whoever may see the parent sees it.
        let still = client.get(&child).by("ann").go().await.is(200).json();
        assert_eq!(still["title"], "t");
        let list = client.get(&format!("/blogs/closed/{kind}")).by("ann");
        assert_eq!(list.go().await.is(200).each("id"), [json!("p")]);
        // A parent that is deleted hides what is left below it.
        client
            .put("/blogs/gone", json!({"open": true}))
            .by("ann")
            .go()
            .await
            .is(201);
        let orphan = format!("/blogs/gone/{kind}/o");
        client.put(&orphan, body()).go().await.is(201);
        client.delete("/blogs/gone").by("ann").go().await.is(204);
        client.get(&orphan).by("ann").go().await.is(404);
        client.delete(&orphan).by("ann").go().await.is(404);
    }
}

/// Code on the server adds a record only under a parent that is there as well, and that its actor may read.
async fn from_code_too(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("a test");
    for (id, open) in [("a", true), ("closed", false)] {
        let id = id.to_owned();
        let owner = "ann".to_owned();
        system.create(&Blog { id, owner, open }).await.unwrap();
    }
    let post = |blog: &str, id: &str| Post {
        id: id.to_owned(),
        blog: ModelParent::new(blog),
        title: "t".to_owned(),
    };
    let page = |blog: &str| Page {
        id: blog.to_owned(),
        blog: ModelParent::new(blog),
        title: "t".to_owned(),
    };
    let bob = app.as_actor(&Actor::user("bob"));
    let message = |error: larder::Error| {
        assert!(error.is_not_found(), "{error:?}");
        error.message().to_owned()
    };
    for (session, blog) in [(&system, "nowhere"), (&bob, "nowhere"), (&bob, "closed")] {
        let text =
            |child: &str| format!("there is no Blog `{blog}`, which this {child} would belong to");
        let one = session.create(&post(blog, "p")).await.unwrap_err();
        assert_eq!(message(one), text("Post"));
        let put = session.save(&post(blog, "p")).await.unwrap_err();
        assert_eq!(message(put), text("Post"));
        let hooked = session.create(&page(blog)).await.unwrap_err();
        assert_eq!(message(hooked), text("Page"));
        let many = [post("a", "p"), post(blog, "q")];
        assert_eq!(
            message(session.create_many(&many).await.unwrap_err()),
            text("Post")
        );
        let many = session
            .create_many(&[page("a"), page(blog)])
            .await
            .unwrap_err();
        assert_eq!(message(many), text("Page"));
        let fields = json!({"id": "p", "blog": blog, "title": "t"});
        let made: Post = session
            .construct(larder::query::to_value(&fields).unwrap())
            .unwrap();
        assert_eq!(
            message(session.save(&made).await.unwrap_err()),
            text("Post")
        );
        let by_name = session.model("Post").create(&fields).await.unwrap_err();
        assert_eq!(message(by_name), text("Post"));
    }
    assert_eq!(system.count::<Post>().await.unwrap(), 0);
    assert_eq!(system.count::<Page>().await.unwrap(), 0);
    // Moved to another parent it has to be there too.
    let mut moved = system.create(&post("a", "p")).await.unwrap();
    moved.blog = ModelParent::new("closed");
    moved.save().await.unwrap();
    moved.blog = ModelParent::new("nowhere");
    assert!(moved.save().await.unwrap_err().is_not_found());
    let set = system.update::<Post>(larder::Key::from("p"));
    let set = set.set(Post::BLOG, ModelParent::<Blog>::new("nowhere"));
    assert!(set.await.unwrap_err().is_not_found());
    // What is left of a deleted parent can be changed, and deleted.
    let mut left = system.get::<Post>(larder::Key::from("p")).await.unwrap();
    system
        .delete::<Blog>(larder::Key::from("closed"))
        .await
        .unwrap();
    left.title = "left".to_owned();
    left.save().await.unwrap();
    left.delete().await.unwrap();
    // The chain counts from here too: the post is there, and in another blog.
    system.create(&post("a", "p")).await.unwrap();
    let comment = |blog: &str| Comment {
        id: Id::new(),
        blog: ModelParent::new(blog),
        post: ModelParent::new("p"),
        text: "x".to_owned(),
    };
    system.create(&comment("a")).await.unwrap();
    system.create(&page("a")).await.unwrap();
    let blog = Blog {
        id: "b".to_owned(),
        owner: "ann".to_owned(),
        open: true,
    };
    system.create(&blog).await.unwrap();
    assert!(
        system
            .create(&comment("b"))
            .await
            .unwrap_err()
            .is_not_found()
    );
}

/// A hook may add the parent of its own record in the same transaction.
async fn a_parent_that_a_hook_adds(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("a test");
    let page = Page {
        id: "first".to_owned(),
        blog: ModelParent::new("new"),
        title: "with its blog".to_owned(),
    };
    system.create(&page).await.unwrap();
    let blog = system.get::<Blog>(larder::Key::from("new")).await.unwrap();
    assert_eq!(blog.owner, "a hook");
}

scenarios! {
    only_through_its_own, create_under_a_parent_that_can_be_read, the_whole_chain_counts, hidden_and_missing_alike, from_code_too,
    a_parent_that_a_hook_adds,
}
