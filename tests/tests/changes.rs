//! Hearing of what is committed: under the read rule of whoever listens, and of nothing that he may not see.

#[path = "changes/unknown.rs"]
mod unknown;

use std::time::Duration;

use larder::prelude::*;
use larder::{Change, ChangeFeed, Commit, Document, ErrorKind, Key, Position};
use larder_layers::{Observed, ReadOnly};
use larder_tests::{Backend, scenarios};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", id(client))]
#[model(rules(
    read = "public=true|author=$actor.id",
    create = "true",
    write = "author=$actor.id"
))]
struct Post {
    #[model(id)]
    id: String,
    author: String,
    public: bool,
    title: String,
    #[serde(default)]
    #[model(server_only)]
    notes: Secret<String>,
}

/// Whose readers need no name, and which nobody may read without a rule.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/drawers", rules(create = "true"))]
struct Drawer {
    #[model(id)]
    id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/letters",
    rules(read = "to=$actor.id", create = "true", write = "true")
)]
struct Letter {
    #[model(id)]
    id: String,
    to: String,
}

async fn app(backend: &Backend) -> App {
    App::builder()
        .models(models![Post, Drawer, Letter])
        .store("main", backend.store())
        .changes::<Post>()
        .changes::<Drawer>()
        .changes_of("Letter")
        .build()
        .await
        .unwrap()
}

fn post(id: &str, author: &str, public: bool) -> Post {
    Post {
        id: id.to_owned(),
        author: author.to_owned(),
        public,
        title: "canary".to_owned(),
        notes: Secret::new("hidden".to_owned()),
    }
}

/// A commit as text: `+a`, `=a` and `-a`.
fn show<R>(commit: &Commit<R>, id: impl Fn(&R) -> String) -> String {
    let shown = commit.changes.iter().map(|change| match change {
        Change::Created(record) => format!("+{}", id(record)),
        Change::Updated(record) => format!("={}", id(record)),
        Change::Deleted(key) => format!("-{key}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}

async fn next<R>(feed: &mut ChangeFeed<R>) -> larder::Result<Commit<R>> {
    tokio::time::timeout(Duration::from_secs(20), feed.next())
        .await
        .expect("a change that is told")
}

async fn posts(feed: &mut ChangeFeed<Entity<Post>>) -> String {
    show(&next(feed).await.unwrap(), |post| post.id.clone())
}

async fn what_an_actor_may_see(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("test");
    let ann = app.as_actor(&Actor::user("ann"));
    let mut hers = ann.changes::<Post>().await.unwrap();
    let mut anybodys = app
        .as_actor(&Actor::anonymous())
        .changes::<Post>()
        .await
        .unwrap();
    let mut all = system.changes::<Post>().await.unwrap();

    // Bob's own, which neither may see, until it is public.
    system.create(&post("bobs", "bob", false)).await.unwrap();
    let mut bobs = system.get::<Post>("bobs").await.unwrap();
    bobs.title = "still his own".to_owned();
    bobs.save().await.unwrap();
    bobs.public = true;
    bobs.save().await.unwrap();
    assert_eq!(posts(&mut hers).await, "+bobs");
    assert_eq!(posts(&mut anybodys).await, "+bobs");

    // Ann's own.
    ann.create(&post("anns", "ann", false)).await.unwrap();
    assert_eq!(posts(&mut hers).await, "+anns");

    // What leaves what one may see and what is deleted look the same.
    bobs.public = false;
    bobs.save().await.unwrap();
    let commit = next(&mut hers).await.unwrap();
    assert!(matches!(&commit.changes[..], [Change::Deleted(key)] if *key == Key::from("bobs")));
    assert_eq!(posts(&mut anybodys).await, "-bobs");
    // It goes unseen.
    bobs.delete().await.unwrap();
    ann.delete::<Post>("anns").await.unwrap();
    assert_eq!(posts(&mut hers).await, "-anns");
    system.create(&post("end", "bob", true)).await.unwrap();
    assert_eq!(posts(&mut hers).await, "+end");
    assert_eq!(posts(&mut anybodys).await, "+end");

    for told in [
        "+bobs", "=bobs", "=bobs", "+anns", "=bobs", "-bobs", "-anns", "+end",
    ] {
        assert_eq!(posts(&mut all).await, told);
    }
}

async fn what_is_hidden(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("test");
    let mut anybodys = app
        .as_actor(&Actor::anonymous())
        .changes::<Post>()
        .await
        .unwrap();
    let mut all = system.changes::<Post>().await.unwrap();
    let mut made = system.create(&post("a", "ann", true)).await.unwrap();
    let commit = next(&mut anybodys).await.unwrap();
    let [Change::Created(seen)] = &commit.changes[..] else {
        panic!("{commit:?}");
    };
    let shown = serde_json::to_string(seen).unwrap() + &format!("{commit:?}");
    assert!(
        shown.contains("canary") && !shown.contains("hidden"),
        "{shown}"
    );
    assert_eq!(posts(&mut all).await, "+a");

    // That something hidden has changed is hidden too.
    made.notes = Secret::new("hidden otherwise".to_owned());
    made.save().await.unwrap();
    made.title = "seen".to_owned();
    made.save().await.unwrap();
    let commit = next(&mut anybodys).await.unwrap();
    let [Change::Updated(seen)] = &commit.changes[..] else {
        panic!("{commit:?}");
    };
    assert_eq!(seen.title, "seen");
    assert_eq!(posts(&mut all).await, "=a");
    assert_eq!(posts(&mut all).await, "=a");
}

async fn who_may_not_listen(backend: Backend) {
    let app = app(&backend).await;
    let nobody = app.as_actor(&Actor::anonymous());
    let ann = app.as_actor(&Actor::user("ann"));
    // The same as for a list.
    for session in [&nobody, &ann] {
        let refused = session.changes::<Drawer>().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Forbidden);
        let listed = session.query::<Drawer>().all().await.unwrap_err();
        assert_eq!(listed.kind(), refused.kind());
        let position = Position::new(&b"x"[..]);
        let refused = session
            .changes_after::<Drawer>(&position)
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Forbidden);
        let refused = session.model("Drawer").changes().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Forbidden);
    }
    let refused = nobody.changes::<Letter>().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthorized);
    // Who may read nothing of it hears nothing of it.
    let mut anns = ann.changes::<Letter>().await.unwrap();
    for (id, to) in [("1", "bob"), ("2", "ann")] {
        let letter = Letter {
            id: id.to_owned(),
            to: to.to_owned(),
        };
        app.as_system("test").create(&letter).await.unwrap();
    }
    let commit = next(&mut anns).await.unwrap();
    assert_eq!(show(&commit, |letter| letter.id.clone()), "+2");
}

async fn a_transaction_as_one_and_a_place_to_go_on(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("test");
    let mut feed = system.changes::<Post>().await.unwrap();
    assert!(feed.position().is_none());
    let three = ["a", "b", "c"].map(|id| post(id, "ann", true));
    system.create_many(&three).await.unwrap();
    assert_eq!(posts(&mut feed).await, "+a +b +c");
    let position = feed.position().unwrap().clone();
    system.delete::<Post>("b").await.unwrap();
    drop(feed);
    system.create(&post("d", "ann", false)).await.unwrap();
    let mut again = system.changes_after::<Post>(&position).await.unwrap();
    assert_eq!(posts(&mut again).await, "-b");
    assert_eq!(posts(&mut again).await, "+d");
    // A place is no right: it is the rule that decides what is told from there.
    let nobody = app.as_actor(&Actor::anonymous());
    let mut theirs = nobody.changes_after::<Post>(&position).await.unwrap();
    assert_eq!(posts(&mut theirs).await, "-b");
    system.create(&post("e", "ann", true)).await.unwrap();
    assert_eq!(posts(&mut theirs).await, "+e");
    let lost = system
        .changes_after::<Post>(&Position::new(&b"made up"[..]))
        .await;
    assert_eq!(lost.unwrap_err().kind(), ErrorKind::Lost);
}

async fn by_name(backend: Backend) {
    let app = app(&backend).await;
    let records = app.as_actor(&Actor::user("ann")).model("Post");
    let mut feed: ChangeFeed<Document> = records.changes().await.unwrap();
    let ann = json!({"id": "a", "author": "ann", "public": false, "title": "Hello"});
    records.create(&ann).await.unwrap();
    let commit = next(&mut feed).await.unwrap();
    let [Change::Created(document)] = &commit.changes[..] else {
        panic!("{commit:?}");
    };
    assert_eq!(document.get("title"), Some(&json!("Hello")));
    let shown = serde_json::to_string(document).unwrap();
    assert!(!shown.contains("notes"), "{shown}");
    let mut document = document.clone();
    document.set("title", "Hello again").unwrap();
    document.save().await.unwrap();
    let commit = next(&mut feed).await.unwrap();
    assert!(matches!(&commit.changes[..], [Change::Updated(_)]));
}

async fn who_denies_a_list_denies_this(backend: Backend) {
    let app = App::builder()
        .models(models![Post])
        .store("main", backend.store())
        .changes::<Post>()
        .on::<Post>(Event::Query, |_: Notice<Post>| async {
            Err(Error::denied(418, "short and stout"))
        })
        .build()
        .await
        .unwrap();
    let session = app.as_actor(&Actor::user("ann"));
    let refused = session.changes::<Post>().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied(418));
}

async fn what_nobody_asked_for(backend: Backend) {
    let app = App::builder()
        .models(models![Post])
        .store("main", backend.store())
        .build()
        .await
        .unwrap();
    let refused = app.as_system("test").changes::<Post>().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Setup);
    assert!(
        refused.message().contains(".changes::<Post>()"),
        "{refused}"
    );
}

/// Another app on the same store, such as one for administration, does not switch it off.
async fn an_app_beside_that_asks_for_nothing(backend: Backend) {
    let app = app(&backend).await;
    let mut feed = app.as_system("test").changes::<Post>().await.unwrap();
    let beside = App::builder()
        .models(models![Post])
        .store("main", backend.store())
        .build()
        .await
        .unwrap();
    for (by, id) in [(&beside, "a"), (&app, "b")] {
        let system = by.as_system("test");
        system.create(&post(id, "ann", true)).await.unwrap();
        assert_eq!(posts(&mut feed).await, format!("+{id}"));
    }
    let refused = beside.as_system("test").changes::<Post>().await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Setup);
}

mod wide {
    use larder::prelude::*;

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/counts", id(client), rules(read = "true", write = "true"))]
    pub(crate) struct Count {
        #[model(id)]
        pub(crate) id: String,
        pub(crate) n: i64,
    }
}

mod narrow {
    use larder::prelude::*;

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/counts", id(client), rules(read = "true", write = "true"))]
    pub(crate) struct Count {
        #[model(id)]
        pub(crate) id: String,
        pub(crate) n: i8,
    }
}

/// What can't be told was not heard, so it is not passed over in silence: the place stays before it.
async fn a_record_that_its_struct_cant_hold(backend: Backend) {
    let of_wide = App::builder()
        .models(models![wide::Count])
        .store("main", backend.store())
        .changes::<wide::Count>();
    let of_narrow = App::builder()
        .models(models![narrow::Count])
        .store("main", backend.store())
        .changes::<narrow::Count>();
    let (of_wide, of_narrow) = (
        of_wide.build().await.unwrap(),
        of_narrow.build().await.unwrap(),
    );
    let session = of_narrow.as_system("test");
    let mut feed = session.changes::<narrow::Count>().await.unwrap();
    for (id, n) in [("a", 1), ("b", 300)] {
        let count = wide::Count {
            id: id.to_owned(),
            n,
        };
        of_wide.as_system("test").create(&count).await.unwrap();
    }
    let first = next(&mut feed).await.unwrap();
    assert_eq!(
        show(&first, |count| format!("{}{}", count.id, count.n)),
        "+a1"
    );
    for _ in 0..2 {
        let error = next(&mut feed).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert_eq!(feed.position(), Some(&first.position));
    }
    let records = session.model("Count");
    let mut documents = records.changes_after(&first.position).await.unwrap();
    let commit = next(&mut documents).await.unwrap();
    let [Change::Created(document)] = &commit.changes[..] else {
        panic!("{commit:?}");
    };
    assert_eq!(document.get("n"), Some(&json!(300)));
}

async fn through_layers(backend: Backend) {
    let observed = backend.store().layer(Observed::new());
    let app = App::builder()
        .models(models![Post])
        .store("main", observed.clone())
        .changes::<Post>()
        .build()
        .await
        .unwrap();
    let read_only = App::builder()
        .models(models![Post])
        .store("main", observed.layer(ReadOnly))
        .changes::<Post>()
        .build()
        .await
        .unwrap();
    let mut feed = read_only.as_system("test").changes::<Post>().await.unwrap();
    let system = app.as_system("test");
    system.create(&post("a", "ann", true)).await.unwrap();
    assert_eq!(posts(&mut feed).await, "+a");
}

scenarios!(
    what_an_actor_may_see,
    what_is_hidden,
    who_may_not_listen,
    a_transaction_as_one_and_a_place_to_go_on,
    by_name,
    who_denies_a_list_denies_this,
    what_nobody_asked_for,
    an_app_beside_that_asks_for_nothing,
    a_record_that_its_struct_cant_hold,
    through_layers,
);
