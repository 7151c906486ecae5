use std::sync::Arc;

use futures_util::FutureExt;
use larder_query::Value;

use super::{Hub, Told};
use crate::error::ErrorKind;
use crate::key::Key;
use crate::layout::{Column, Layout, Storage};
use crate::model::Kind;
use crate::record::{Record, Version};
use crate::store::{Committed, Feed, Image, Since, Watch};

fn layout(collection: &str) -> Arc<Layout> {
    Arc::new(Layout {
        model: collection.to_owned(),
        collection: collection.to_owned(),
        fields: vec![Column {
            name: "id".into(),
            kind: Kind::Text,
            nullable: false,
            default: None,
        }],
        key: 0.into(),
        indexes: Vec::new(),
        storage: Storage {
            changes: true,
            ..Storage::default()
        },
    })
}

fn image(id: &str, version: i64) -> Image {
    let record = Record::new(vec![Value::from(id)], Version(version));
    Image::Row(Arc::new(record))
}

fn told(collection: &str, id: &str, old: Image, new: Image) -> Told {
    Told {
        layout: layout(collection),
        key: Key::from(id),
        old,
        new,
    }
}

fn created(id: &str) -> Vec<Told> {
    vec![told("posts", id, Image::Absent, image(id, 1))]
}

fn watch(since: Since) -> Watch {
    Watch {
        layouts: vec![layout("posts")],
        since,
    }
}

/// What is there to be told, without waiting.
fn ready(feed: &mut dyn Feed) -> Option<crate::Result<Committed>> {
    feed.next().now_or_never()
}

fn keys(committed: &Committed) -> Vec<String> {
    let keys = committed.changes.iter();
    keys.map(|change| change.key.to_string()).collect()
}

#[test]
fn a_record_is_told_once_a_commit() {
    let hub = Hub::default();
    let mut feed = hub.listen(&watch(Since::Now)).unwrap();
    hub.publish(vec![
        told("posts", "a", image("a", 1), Image::Absent),
        told("others", "a", Image::Absent, image("a", 7)),
        told("posts", "gone", Image::Absent, image("gone", 1)),
        told("posts", "a", Image::Absent, image("a", 2)),
        told("posts", "gone", image("gone", 1), Image::Absent),
    ]);
    let committed = ready(&mut *feed).unwrap().unwrap();
    assert_eq!(keys(&committed), ["a"]);
    assert_eq!(committed.changes[0].old, image("a", 1));
    assert_eq!(committed.changes[0].new, image("a", 2));
    assert!(ready(&mut *feed).is_none());
}

#[test]
fn who_is_slow_loses_and_the_others_do_not() {
    let hub = Hub::new(3, Hub::KEPT_BYTES);
    let mut slow = hub.listen(&watch(Since::Now)).unwrap();
    let mut quick = hub.listen(&watch(Since::Now)).unwrap();
    for id in ["a", "b", "c", "d"] {
        hub.publish(created(id));
        let committed = ready(&mut *quick).unwrap().unwrap();
        assert_eq!(keys(&committed), [id]);
    }
    for _ in 0..2 {
        let lost = ready(&mut *slow).unwrap().unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::Lost);
    }
    hub.publish(created("e"));
    assert_eq!(keys(&ready(&mut *quick).unwrap().unwrap()), ["e"]);
    assert!(ready(&mut *slow).unwrap().is_err(), "once lost, for ever");
}

/// Large records are kept for fewer commits, and one commit alone may be too large.
#[test]
fn what_is_kept_is_bounded_in_bytes_too() {
    let weight = created("a")[0].weight();
    assert_eq!(weight, image("a", 1).row().unwrap().weight());
    let both = told("posts", "a", image("a", 1), image("a", 2)).weight();
    assert_eq!(both, 2 * weight);

    let hub = Hub::new(100, 3 * weight);
    let mut slow = hub.listen(&watch(Since::Now)).unwrap();
    for id in ["a", "b", "c"] {
        hub.publish(created(id));
    }
    assert_eq!(keys(&ready(&mut *slow).unwrap().unwrap()), ["a"]);
    for id in ["d", "e"] {
        hub.publish(created(id));
    }
    let lost = ready(&mut *slow).unwrap().unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Lost, "`b` has made way for `e`");

    let mut feed = hub.listen(&watch(Since::Now)).unwrap();
    let four = ["f", "g", "h", "i"].map(created);
    hub.publish(four.into_iter().flatten().collect());
    assert!(hub.0.lock().kept.is_empty());
    let lost = ready(&mut *feed).unwrap().unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Lost);
    let mut feed = hub.listen(&watch(Since::Now)).unwrap();
    hub.publish(created("j"));
    assert_eq!(keys(&ready(&mut *feed).unwrap().unwrap()), ["j"]);
}

#[test]
fn going_on_after_a_position() {
    let hub = Hub::new(3, Hub::KEPT_BYTES);
    let mut feed = hub.listen(&watch(Since::Now)).unwrap();
    hub.publish(created("a"));
    hub.publish(created("b"));
    let after = ready(&mut *feed).unwrap().unwrap().position;
    drop(feed);
    let mut feed = hub.listen(&watch(Since::After(after.clone()))).unwrap();
    assert_eq!(keys(&ready(&mut *feed).unwrap().unwrap()), ["b"]);
    for id in ["c", "d", "e"] {
        hub.publish(created(id));
    }
    let lost = |hub: &Hub| {
        let refused = hub.listen(&watch(Since::After(after.clone())));
        refused.unwrap_err().kind()
    };
    assert_eq!(lost(&hub), ErrorKind::Lost, "too old");
    assert_eq!(lost(&Hub::default()), ErrorKind::Lost, "of another hub");
}

#[test]
fn all_is_lost_at_once() {
    let hub = Hub::default();
    let mut feed = hub.listen(&watch(Since::Now)).unwrap();
    hub.publish(created("a"));
    hub.lose();
    assert_eq!(
        ready(&mut *feed).unwrap().unwrap_err().kind(),
        ErrorKind::Lost
    );
}

#[test]
fn dropping_leaves_nothing_behind() {
    let hub = Hub::default();
    let mut feed = hub.listen(&watch(Since::Now)).unwrap();
    assert!(ready(&mut *feed).is_none());
    assert_eq!(hub.listening(), 1);
    assert_eq!(hub.0.lock().waiting.len(), 1);
    drop(feed);
    assert_eq!(hub.listening(), 0);
    assert_eq!(hub.0.lock().waiting.len(), 0);
}

#[test]
fn a_model_that_nobody_prepared_for_it() {
    let mut quiet = (*layout("posts")).clone();
    quiet.storage.changes = false;
    let watch = Watch {
        layouts: vec![Arc::new(quiet)],
        since: Since::Now,
    };
    let refused = Hub::default().listen(&watch).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert!(refused.message().contains("posts"), "{refused}");
}
