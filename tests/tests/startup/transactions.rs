//! What needs transactions, in a store that has none.

use std::sync::Arc;

use larder::prelude::*;
use larder::store::{Batch, Outcome};
use larder::{
    BoxFuture, Capability, ErrorKind, Layout, MemoryStore, Page, Plan, Select, Store, Transaction,
};

use super::{User, fault, memory};

/// A store that can't undo.
#[derive(Debug)]
pub(super) struct Plain(pub(super) MemoryStore);

impl Store for Plain {
    fn capability(&self) -> Capability {
        let mut capability = Capability::full("plain");
        capability.transactions = false;
        capability
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        self.0.prepare(models)
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        self.0.query(select)
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        self.0.write(batch)
    }

    fn begin<'a>(&'a self, _: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        let refused = larder::Error::new(ErrorKind::Unsupported, "there are no transactions");
        Box::pin(async move { Err(refused) })
    }
}

#[tokio::test]
async fn a_hook_in_a_store_without_transactions() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    struct Hooked {
        #[model(id)]
        id: String,
    }
    #[model_impl]
    impl Hooked {
        #[before(create)]
        fn neat(&mut self) -> Result<()> {
            self.id.make_ascii_lowercase();
            Ok(())
        }
    }
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    struct Acting {
        #[model(id)]
        id: String,
    }
    #[model_impl]
    impl Acting {
        #[action(allow = "true")]
        fn touch(&mut self) -> Result<()> {
            self.id.make_ascii_lowercase();
            Ok(())
        }
    }
    let build = |models| {
        App::builder()
            .models(models)
            .store("main", Plain(MemoryStore::new()))
    };
    let needs = "needs a transaction, which the store `main` (plain) does not have";
    assert_eq!(
        fault(build(models![Hooked])).await,
        format!("the hook `neat` of Hooked {needs}: keep Hooked in another store")
    );
    assert_eq!(
        fault(build(models![Acting])).await,
        format!("the action `touch` of Acting {needs}: keep Acting in another store")
    );
    build(models![User]).build().await.unwrap();
}

#[tokio::test]
async fn a_before_listener_in_a_store_without_transactions() {
    let build = |event| {
        App::builder()
            .models(models![User])
            .store("main", Plain(MemoryStore::new()))
            .on::<User>(event, |_: Notice<User>| async { Ok(()) })
    };
    for event in [Event::Save, Event::Update, Event::Updated, Event::Delete] {
        assert_eq!(
            fault(build(event)).await,
            format!(
                "the listener to `Event::{event:?}` of User needs a transaction, which the store `main` (plain) does not have: keep \
                 User in another store"
            )
        );
    }
    for event in [Event::Saved, Event::Deleted, Event::Get, Event::Query] {
        build(event).build().await.unwrap();
    }
}

#[tokio::test]
async fn a_transaction_limit_of_nothing() {
    let app = App::builder()
        .models(models![User])
        .store("main", memory())
        .transaction_limit(std::time::Duration::ZERO);
    assert_eq!(
        fault(app).await,
        "a transaction limit of 0 leaves no time for any: name a longer one"
    );
}
