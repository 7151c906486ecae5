//! Every stored kind of relation over REST and in the same process: a blog with posts, tags and authors.

#[path = "relations/startup.rs"]
mod startup;

use larder::prelude::*;
use larder::{Key, ModelSet};
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users", id(client), rules(read = "true", write = "true"))]
struct User {
    /// Not called `id`, so entries that hold a user's id call it `name` too.
    #[model(id)]
    name: String,
    /// The links are lists, so a record stands here by `contains`.
    #[model(via = likes)]
    liked_by: ModelRelated<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/tags", id(client), rules(read = "true", write = "true"))]
struct Tag {
    #[model(id)]
    id: i64,
    posts: ModelRelated<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs", id(client), rules(read = "true", write = "true"))]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
    title: String,
    posts: Reverse,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Thing {
    #[model(id)]
    id: uuid::Uuid,
    posts: ModelRelated<Post>,
}

/// Behind an alias it is the same.
type Reverse = ModelRelated<Post>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Role {
    #[schemars(length(min = 1))]
    role: String,
    #[serde(default)]
    since: u16,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs/{blog}/posts", id(client), page = 5)]
#[model(rules(read = "open=true|author=$actor.id", write = "true"))]
#[model(search(tags = contains, likes = contains, things = contains), sort(id))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    blog: ModelParent<Blog>,
    #[model(index)]
    author: Option<ModelLink<User>>,
    open: bool,
    tags: ModelLinksSimpleArray<Tag>,
    likes: ModelLinksSimpleArray<User>,
    staff: ModelLinksArray<User, Role>,
    members: ModelLinksMap<User, Role>,
    weights: ModelLinksMap<Tag, f64>,
    things: ModelLinksSimpleArray<Thing>,
}

fn models() -> ModelSet {
    models![Blog, Post, Tag, Thing, User]
}

async fn app(backend: &Backend) -> (App, Client) {
    let app = App::builder()
        .models(models())
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    for blog in ["a", "b"] {
        let made = client.put(&format!("/blogs/{blog}"), json!({"title": "t"}));
        made.go().await.is(201);
    }
    (app, client)
}

/// A post as it is answered where nothing but `open` was sent, with some fields changed.
fn post(changes: Value) -> Value {
    let mut post = json!({"id": "p", "blog": "a", "author": null, "open": true, "tags": [], "likes": [], "staff": [],
                          "members": {}, "weights": {}, "things": []});
    if let Value::Object(changes) = changes {
        changes
            .into_iter()
            .for_each(|(name, value)| post[name] = value);
    }
    post
}

const P: &str = "/blogs/a/posts/p";

async fn collections_are_empty_where_nothing_is_sent(backend: Backend) {
    let (_, client) = app(&backend).await;
    let made = client.put(P, json!({"open": true})).go().await.is(201);
    assert_eq!(made.json(), post(json!({})));
    assert_eq!(client.get(P).go().await.is(200).json(), post(json!({})));
}

async fn they_come_back_as_they_were_sent(backend: Backend) {
    let (_, client) = app(&backend).await;
    let links = json!({"open": true, "author": "ann", "tags": [3, 1], "likes": ["bob", "ann"],
        "staff": [{"name": "cid", "role": "cook", "since": 7}, {"role": "cook", "name": "ann"}],
        "members": {"bob": {"role": "lead"}, "ann": {"role": "x", "since": 2}},
        "weights": {"3": 0.5, "-1": 2.0}});
    let expected = post(
        json!({"author": "ann", "tags": [3, 1], "likes": ["bob", "ann"],
        "staff": [{"name": "cid", "role": "cook", "since": 7}, {"name": "ann", "role": "cook", "since": 0}],
        "members": {"ann": {"role": "x", "since": 2}, "bob": {"role": "lead", "since": 0}},
        "weights": {"-1": 2.0, "3": 0.5}}),
    );
    let made = client.put(P, links).go().await.is(201);
    assert_eq!(made.json(), expected);
    assert_eq!(client.get(P).go().await.is(200).json(), expected);
    // What was read can be sent back.
    let again = client.put(P, expected.clone()).go().await.is(200);
    assert_eq!(again.json(), expected);
    // The members of a map are patched one by one, lists as a whole.
    let patch = json!({"members": {"ann": {"role": "y"}, "bob": null, "eve": {"role": "z"}}, "likes": [], "author": null});
    client.patch(P, patch).go().await.is(200);
    let patched = client.get(P).go().await.is(200).json();
    assert_eq!(
        patched["members"],
        json!({"ann": {"role": "y", "since": 2}, "eve": {"role": "z", "since": 0}})
    );
    assert_eq!(
        (&patched["likes"], &patched["author"]),
        (&json!([]), &Value::Null)
    );
    assert_eq!(patched["staff"], expected["staff"]);
}

async fn what_is_no_link_is_refused_where_it_stands(backend: Backend) {
    let (_, client) = app(&backend).await;
    client.put(P, json!({"open": true})).go().await.is(201);
    for (field, value) in [
        ("tags", json!([1, 1])),
        ("tags", json!(["one"])),
        ("tags", json!("1")),
        ("tags", json!(null)),
        ("likes", json!(["ann", "ann"])),
        ("likes", json!([{"name": "ann"}])),
        ("likes", json!([""])),
        (
            "staff",
            json!([{"name": "ann", "role": "a"}, {"name": "ann", "role": "b"}]),
        ),
        ("staff", json!([{"role": "a"}])),
        ("staff", json!([{"name": "ann"}])),
        ("staff", json!([{"name": "ann", "role": ""}])),
        ("staff", json!([{"name": "ann", "role": "a", "more": 1}])),
        ("staff", json!(["ann"])),
        ("members", json!({"ann": {"role": ""}})),
        ("members", json!({"ann": {"name": "ann", "role": "a"}})),
        ("members", json!({"": {"role": "a"}})),
        ("members", json!({"ann": null})),
        ("members", json!([])),
        ("weights", json!({"one": 1.0})),
        ("weights", json!({"1": 1.0, "01": 1.0})),
    ] {
        let body = json!({"open": true, field: value});
        let answer = client.put(P, body.clone()).go().await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        let faults = answer.faults();
        let place = format!("/{field}");
        assert!(
            !faults.is_empty() && faults.iter().all(|fault| fault.starts_with(&place)),
            "{body}: {faults:?}"
        );
    }
    assert_eq!(
        client.get(P).go().await.json(),
        post(json!({})),
        "nothing of it was stored"
    );
    client
        .patch(P, json!({"members": {"ann": {"role": ""}}}))
        .go()
        .await
        .is(422);
    client
        .patch(
            P,
            json!({"staff": [{"name": "a", "role": "a"}, {"name": "a", "role": "b"}]}),
        )
        .go()
        .await
        .is(422);
}

async fn the_reverse_of_a_link_is_on_no_wire(backend: Backend) {
    let (_, client) = app(&backend).await;
    let blog = client.get("/blogs/a").go().await.is(200).json();
    assert_eq!(blog, json!({"id": "a", "title": "t"}));
    client
        .put("/blogs/a", json!({"title": "t", "posts": []}))
        .go()
        .await
        .is(422);
    client.get("/blogs?posts=p").go().await.is(400);
    client.get("/blogs?sortBy=posts").go().await.is(400);
}

async fn lists_of_links_can_be_searched(backend: Backend) {
    let (_, client) = app(&backend).await;
    for (id, tags, likes) in [
        ("p", json!([1, 2]), json!(["ann"])),
        ("q", json!([12]), json!(["anna", "bob"])),
    ] {
        let body = json!({"open": true, "tags": tags, "likes": likes});
        client
            .put(&format!("/blogs/a/posts/{id}"), body)
            .go()
            .await
            .is(201);
    }
    for (query, found) in [
        ("tags=1", json!(["p"])),
        ("tags=12", json!(["q"])),
        ("likes=ann", json!(["p"])),
        ("likes=bob&tags=12", json!(["q"])),
        ("likes=an", json!([])),
        (
            "or(contains(tags,2),contains(likes,bob))&sortBy=id",
            json!(["p", "q"]),
        ),
    ] {
        let answer = client
            .get(&format!("/blogs/a/posts?{query}"))
            .go()
            .await
            .is(200);
        assert_eq!(json!(answer.each("id")), found, "{query}");
    }
    client.get("/blogs/a/posts?staff=ann").go().await.is(400);
}

async fn related_records_are_a_query_under_the_rules(backend: Backend) {
    let (app, client) = app(&backend).await;
    for (blog, id, open) in [
        ("a", "p", true),
        ("a", "q", false),
        ("a", "r", true),
        ("b", "s", true),
    ] {
        let body = json!({"open": open, "author": "ann", "tags": [7], "likes": ["bob", id]});
        client
            .put(&format!("/blogs/{blog}/posts/{id}"), body)
            .go()
            .await
            .is(201);
    }
    client.put("/tags/7", json!({})).go().await.is(201);
    client.put("/users/bob", json!({})).go().await.is(201);
    let ids = |posts: Vec<Entity<Post>>| -> String {
        posts.iter().map(|post| post.id.as_str()).collect()
    };
    let (bob, ann) = (
        app.as_actor(&Actor::user("bob")),
        app.as_actor(&Actor::user("ann")),
    );

    let blog = bob.get::<Blog>("a").await.unwrap();
    let posts = || blog.related(Blog::POSTS).sort(Post::ID.descending());
    assert_eq!(
        ids(posts().all().await.unwrap()),
        "rp",
        "a closed post is its author's"
    );
    assert_eq!(posts().count().await.unwrap(), 2);
    assert_eq!(
        ids(posts().filter(Post::ID.ne("r")).all().await.unwrap()),
        "p"
    );
    let hers = ann.related(Blog::POSTS, &blog).sort(Post::ID.ascending());
    assert_eq!(ids(hers.all().await.unwrap()), "pqr");

    let tag = bob.get::<Tag>(Key::from(7)).await.unwrap();
    let tagged = tag.related(Tag::POSTS).sort(Post::ID.ascending());
    assert_eq!(ids(tagged.all().await.unwrap()), "prs");
    let user = bob.get::<User>("bob").await.unwrap();
    let liked = user
        .related(User::LIKED_BY)
        .limit(2)
        .sort(Post::ID.ascending());
    assert_eq!(ids(liked.all().await.unwrap()), "pr");
    let other = User {
        name: "s".to_owned(),
        liked_by: ModelRelated::new(),
    };
    assert_eq!(
        ids(bob.related(User::LIKED_BY, &other).all().await.unwrap()),
        "s"
    );
    let nobody = User {
        name: "nobody".to_owned(),
        liked_by: ModelRelated::new(),
    };
    assert_eq!(
        bob.related(User::LIKED_BY, &nobody).count().await.unwrap(),
        0
    );
}

async fn an_id_in_a_list_is_found_whatever_its_type(backend: Backend) {
    let (app, client) = app(&backend).await;
    let thing = Thing {
        id: uuid::Uuid::from_u128(5),
        posts: ModelRelated::new(),
    };
    let body = json!({"open": true, "things": [thing.id.to_string()]});
    client.put(P, body).go().await.is(201);
    let session = app.as_actor(&Actor::anonymous());
    let posts = || session.related(Thing::POSTS, &thing);
    assert_eq!(posts().count().await.unwrap(), 1);
    let mut post = posts().first().await.unwrap().unwrap();
    assert!(post.things.remove(thing.id) && post.things.insert(&thing));
    post.save().await.unwrap();
    assert_eq!(
        posts().count().await.unwrap(),
        1,
        "written by typed code it is the same"
    );
    let found = client
        .get(&format!("/blogs/a/posts?things={}", thing.id))
        .go()
        .await
        .is(200);
    assert_eq!(found.each("id"), [json!("p")]);
    client
        .patch(P, json!({"things": ["five"]}))
        .go()
        .await
        .is(422);
}

async fn typed_code_reads_and_changes_links(backend: Backend) {
    let (app, client) = app(&backend).await;
    client.put(P, json!({"open": true, "author": "ann", "tags": [3], "members": {"bob": {"role": "lead"}}})).go().await.is(201);
    client.put("/users/ann", json!({})).go().await.is(201);
    let session = app.as_system("test");
    let ann = session.get::<User>("ann").await.unwrap();
    let mut post = session.get::<Post>("p").await.unwrap();
    let author = post.author.clone().unwrap();
    assert_eq!(
        (
            author.id(),
            session.get::<User>(&author).await.unwrap().name.as_str()
        ),
        ("ann".to_owned(), "ann")
    );
    assert_eq!(author.to_string(), "ann");
    let users = std::collections::HashSet::from([author, ModelLink::from(&ann)]);
    assert_eq!(users.len(), 1, "links to one record are one");
    assert!(
        post.tags.contains(3)
            && !post.tags.insert(ModelLink::new(3))
            && post.tags.insert(ModelLink::new(-4))
    );
    assert!(post.likes.insert(&ann) && post.likes.contains(&ann.name));
    assert_eq!(
        post.staff.insert(
            &ann,
            Role {
                role: "a".to_owned(),
                since: 1
            }
        ),
        None
    );
    post.staff.get_mut("ann").unwrap().since = 9;
    assert_eq!(
        post.members.remove("bob").map(|role| role.role).as_deref(),
        Some("lead")
    );
    assert_eq!(post.weights.insert(ModelLink::new(3), 1.5), None);
    post.save().await.unwrap();
    let saved = session.get::<Post>("p").await.unwrap();
    let tags: Vec<i64> = saved.tags.iter().map(ModelLink::id).collect();
    assert_eq!(tags, [3, -4]);
    let staff: Vec<(String, u16)> = saved
        .staff
        .iter()
        .map(|entry| (entry.id(), entry.since))
        .collect();
    assert_eq!(staff, [("ann".to_owned(), 9)]);
    assert!(saved.members.is_empty());
    assert_eq!(saved.weights.get(3), Some(&1.5));
    let liked = session
        .query::<Post>()
        .filter(Post::LIKES.links_to(&ann.name));
    assert_eq!(liked.count().await.unwrap(), 1);
    let answer = client.get(P).go().await.is(200).json();
    assert_eq!(
        answer["staff"],
        json!([{"name": "ann", "role": "a", "since": 9}])
    );
}

scenarios! {
    collections_are_empty_where_nothing_is_sent, they_come_back_as_they_were_sent,
    what_is_no_link_is_refused_where_it_stands, the_reverse_of_a_link_is_on_no_wire, lists_of_links_can_be_searched,
    related_records_are_a_query_under_the_rules,
    an_id_in_a_list_is_found_whatever_its_type, typed_code_reads_and_changes_links
}
