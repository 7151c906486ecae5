//! A listener to what is committed in MongoDB, while one member of the set after the other is killed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use larder_core::store::{Batch, Condition, Kept, Plan, Since, Watch, Write};
use larder_core::{Column, ErrorKind, Feed, Kind, Layout, Record, Storage, Store, Version};
use larder_mongodb::MongoStore;
use larder_services::Service;
use larder_tests::note;

use crate::controlled::{Controlled, End};

/// After this nothing more is expected to happen.
const PATIENCE: Duration = Duration::from_secs(90);

fn layout() -> Arc<Layout> {
    let id = Column {
        name: "id".into(),
        kind: Kind::Text,
        nullable: false,
        default: None,
    };
    Arc::new(Layout {
        model: "Told".into(),
        collection: "told".into(),
        fields: vec![id],
        key: 0.into(),
        indexes: Vec::new(),
        storage: Storage {
            changes: true,
            ..Storage::default()
        },
    })
}

/// Writes two records in one transaction, again until that is acknowledged.
async fn write(store: &MongoStore, layout: &Arc<Layout>, ids: [String; 2]) {
    let put = |id: String| Write::Put {
        record: Record::new(vec![id.into()], Version(0)).into_row(Version(1 << 40)),
        kept: Kept::default(),
        when: Condition::default(),
        create: true,
    };
    let batch = Batch {
        layout: layout.clone(),
        writes: ids.into_iter().map(put).collect(),
        returning: false,
    };
    let written = tokio::time::timeout(PATIENCE, async {
        while let Err(error) = store.write(Plan::unsealed(&batch)).await {
            let again = matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Conflict);
            assert!(again, "{error:?}");
        }
    });
    written.await.expect("the set takes writes again");
}

/// Hears until all of these were told; both of a transaction at once.
async fn hear(feed: &mut dyn Feed, mut ids: BTreeSet<String>) -> usize {
    let mut away = 0;
    while !ids.is_empty() {
        let told = tokio::time::timeout(PATIENCE, feed.next()).await;
        match told.expect("the stream goes on") {
            Ok(committed) => {
                // A commit whose answer was lost may have been made twice, and told twice.
                assert_eq!(committed.changes.len(), 2, "{committed:?}");
                for change in committed.changes {
                    ids.remove(&change.key.to_string());
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
                away += 1;
            }
        }
    }
    away
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_go_on_with_a_new_primary() {
    let Some(server) = Controlled::start(Service::Mongodb).await else {
        return;
    };
    let store = MongoStore::open(&server.url()).await.unwrap();
    let layout = layout();
    store.prepare(std::slice::from_ref(&layout)).await.unwrap();
    let watch = Watch {
        layouts: vec![layout.clone()],
        since: Since::Now,
    };
    let mut feed = store.changes(Plan::unsealed(&watch)).await.unwrap();
    let mut away = 0;
    for round in 0..3 {
        let ids = |at: usize| [format!("{round}-{at}-a"), format!("{round}-{at}-b")];
        for at in 0..10 {
            if at == 5 {
                tokio::task::block_in_place(|| server.end(End::KillOne(round)));
            }
            write(&store, &layout, ids(at)).await;
        }
        server.begin().await;
        away += hear(&mut *feed, (0..10).flat_map(ids).collect()).await;
    }
    note(&format!(
        "the listener heard {away} times that the set was away"
    ));
}
