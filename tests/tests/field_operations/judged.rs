//! Who may change a field by what is in it, and what may come of that.

use larder::ErrorKind;
use larder::prelude::*;
use larder_tests::{Backend, scenarios};

use super::{Counter, Post, World, line, refused, world};

async fn rules(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let [ann, bob, nobody] = [Actor::user("ann"), Actor::user("bob"), Actor::anonymous()]
        .map(|actor| app.as_actor(&actor));
    for free in [true, false] {
        // One statement, and a look at the record.
        let like = |session: &larder::Session| {
            let update = session.update::<Post>("a").add(Post::LIKES, 1);
            if free {
                update
            } else {
                update.add(Post::STARS, 1)
            }
        };
        ann.update::<Post>("a").set(Post::OPEN, true).await.unwrap();
        assert_eq!(
            like(&bob).await.unwrap_err().kind(),
            ErrorKind::Forbidden,
            "he may read it"
        );
        let unauthorized = like(&nobody).await.unwrap_err();
        assert!(
            matches!(
                unauthorized.kind(),
                ErrorKind::Unauthorized | ErrorKind::Forbidden
            ),
            "{unauthorized:?}"
        );
        ann.update::<Post>("a")
            .set(Post::OPEN, false)
            .await
            .unwrap();
        assert!(like(&bob).await.unwrap_err().is_not_found());
        assert!(
            like(&bob)
                .when(Post::TITLE.eq("Hello"))
                .attempt()
                .await
                .unwrap_err()
                .is_not_found(),
            "nor can he guess"
        );
        let freeze = like(&ann).set(Post::TITLE, "frozen");
        assert_eq!(
            freeze.await.unwrap_err().kind(),
            ErrorKind::Forbidden,
            "the rule is asked of the new record too"
        );
        assert_eq!(ann.get::<Post>("a").await.unwrap().likes, 0);
    }
    let counter = Counter {
        id: "c".to_owned(),
        count: 2999,
        ..Counter::default()
    };
    bob.create(&counter).await.unwrap();
    bob.update::<Counter>("c")
        .add(Counter::COUNT, 1)
        .await
        .unwrap();
    let error = bob
        .update::<Counter>("c")
        .add(Counter::COUNT, 1)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "a rule about the sum");
}

async fn what_comes_of_it_is_valid(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let update = || ann.update::<Post>("a");
    update()
        .add(Post::STARS, 10)
        .push(Post::FEW, 1)
        .push(Post::FEW, 2)
        .push(Post::FEW, 3)
        .await
        .unwrap();
    update()
        .set(Post::SMALL, i32::MAX)
        .set(Post::LIKES, i64::MAX)
        .set(Post::SCORE, f64::MAX)
        .await
        .unwrap();
    let before = ann.get::<Post>("a").await.unwrap();
    refused(update().add(Post::STARS, 1).await, "/stars", "maximum");
    refused(update().push(Post::FEW, 4).await, "/few", "maxItems");
    refused(
        update().push(Post::LINES, line("tea", 0)).await,
        "/lines/0/count",
        "minimum",
    );
    refused(update().add(Post::LIKES, 1).await, "/likes", "overflow");
    refused(
        update().add(Post::SCORE, f64::MAX).await,
        "/score",
        "overflow",
    );
    refused(update().add(Post::VIEWS, -1).await, "/views", "overflow");
    for (amount, pointer) in [(256, "/bonus"), (-1, "/bonus")] {
        let error = update().add(Post::BONUS, amount).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{amount}: {error:?}");
        assert_eq!(error.fields()[0].pointer, pointer);
    }
    let small = update().add(Post::SMALL, 1).await.unwrap_err();
    assert_eq!(
        small.kind(),
        ErrorKind::Invalid,
        "no store holds what the struct can't read: {small:?}"
    );
    assert_eq!(small.fields()[0].pointer, "/small");
    let after = ann.get::<Post>("a").await.unwrap();
    assert_eq!(after.version(), before.version(), "nothing was written");
    let post = update()
        .add(Post::STARS, -1)
        .pull(Post::FEW, 2)
        .await
        .unwrap();
    assert_eq!((post.stars, &post.few[..]), (9, &[1, 3][..]));
    refused(update().set(Post::ID, "b".to_owned()).await, "/id", "id");
}

async fn a_unique_field(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    ann.update::<Post>("a").set(Post::NUMBER, 1).await.unwrap();
    let other = Post {
        id: "b".to_owned(),
        number: Some(3),
        ..Post::default()
    };
    ann.create(&other).await.unwrap();
    let error = ann
        .update::<Post>("a")
        .add(Post::NUMBER, 2)
        .add(Post::LIKES, 1)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.fields()[0].pointer.as_str()),
        (ErrorKind::Duplicate, "/number")
    );
    let post = ann.update::<Post>("a").add(Post::NUMBER, 3).await.unwrap();
    assert_eq!((post.number, post.likes), (Some(4), 0));
}

scenarios! {
    rules, what_comes_of_it_is_valid, a_unique_field,
}
