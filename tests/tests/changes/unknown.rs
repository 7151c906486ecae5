//! Listening to a store that can say which records were changed, and not what they were or are.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use larder::prelude::*;
use larder::{Change, MemoryStore, Store};
use larder_core::migrate::Change as Planned;
use larder_core::store::{Batch, Committed, Image, Outcome, Watch};
use larder_core::{BoxFuture, Capability, Feed, Layout, Page, Plan, Select, Transaction};

use super::{Post, post, show};

/// A store around another one that forgets the rows of changes, and takes its time to answer a read.
#[derive(Debug)]
struct Vague(MemoryStore);

#[derive(Debug)]
struct VagueFeed(Box<dyn Feed>);

impl Feed for VagueFeed {
    fn next<'a>(&'a mut self) -> BoxFuture<'a, Result<Committed>> {
        Box::pin(async move {
            let mut committed = self.0.next().await?;
            for change in &mut committed.changes {
                for image in [&mut change.old, &mut change.new] {
                    if image.row().is_some() {
                        *image = Image::Unknown;
                    }
                }
            }
            Ok(committed)
        })
    }
}

impl Store for Vague {
    fn capability(&self) -> Capability {
        let mut capability = self.0.capability();
        if let Some(tells) = &mut capability.changes {
            tells.old_rows = false;
        }
        capability
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        self.0.prepare(models)
    }

    fn plan<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<Vec<Planned>>> {
        self.0.plan(models)
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.query(select).await
        })
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        self.0.write(batch)
    }

    fn begin<'a>(&'a self, seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        self.0.begin(seal)
    }

    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        Box::pin(async move {
            let feed = self.0.changes(watch).await?;
            Ok(Box::new(VagueFeed(feed)) as Box<dyn Feed>)
        })
    }
}

/// Whoever waits in a `select!` with something that is often ready gets a little further each time, and hears of a large commit too.
#[tokio::test]
async fn a_wait_that_is_dropped_while_the_store_is_asked() {
    let app = App::builder()
        .models(models![Post])
        .store(
            "main",
            Arc::new(Vague(MemoryStore::new())) as Arc<dyn Store>,
        )
        .changes::<Post>()
        .build()
        .await
        .unwrap();
    let system = app.as_system("test");
    let mut feed = system.changes::<Post>().await.unwrap();
    let posts: Vec<Post> = (0..10)
        .map(|n| post(&format!("p{n}"), "ann", true))
        .collect();
    system.create_many(&posts).await.unwrap();
    let mut waits = 0;
    let commit = loop {
        waits += 1;
        assert!(waits < 100, "the commit is never told");
        let mut waiting = pin!(feed.next());
        let mut told = None;
        // The store is asked, and answers.
        for _ in 0..2 {
            if told.is_some() {
                break;
            }
            told = std::future::poll_fn(|cx| match waiting.as_mut().poll(cx) {
                Poll::Ready(commit) => Poll::Ready(Some(commit)),
                Poll::Pending => Poll::Ready(None),
            })
            .await;
        }
        if let Some(commit) = told {
            break commit.unwrap();
        }
    };
    assert!(waits > 2, "there was something to wait for");
    assert_eq!(commit.changes.len(), 10);
    assert!(
        show(&commit, |post| post.id.clone()).starts_with("+p0 +p1 "),
        "{commit:?}"
    );
    system.delete::<Post>("p3").await.unwrap();
    let commit = feed.next().await.unwrap();
    assert!(matches!(&commit.changes[..], [Change::Deleted(_)]));
}
