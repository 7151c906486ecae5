//! An app whose orders are written together with their lines, and its clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use larder::Store;
use larder::prelude::*;
use larder_tests::Client;
use tokio::sync::Notify;

/// Written by one statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/lines", id(client), rules(read = "true", write = "true"))]
pub(crate) struct Line {
    #[model(id)]
    pub(crate) id: String,
    pub(crate) text: String,
}

/// Written in a transaction, with a line before it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", id(client), rules(read = "true", write = "true"))]
pub(crate) struct Order {
    #[model(id)]
    pub(crate) id: String,
    pub(crate) text: String,
}

#[model_impl]
impl Order {
    #[before(save)]
    async fn line(&mut self, cx: &Ctx) -> Result<()> {
        let stop: &Arc<Stop> = cx.get()?;
        stop.runs.fetch_add(1, Ordering::SeqCst);
        let line = Line {
            id: format!("line-of-{}", self.id),
            text: self.text.clone(),
        };
        cx.as_system("lines").save(&line).await?;
        if self.text == "waits" {
            stop.reached.notify_one();
            stop.go.notified().await;
        }
        Ok(())
    }
}

/// Where orders that wait stand still, after their line was written.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    pub(crate) reached: Notify,
    pub(crate) go: Notify,
    /// How often the hook has run.
    runs: AtomicUsize,
}

impl Stop {
    /// How often the hook has run since this was asked last.
    pub(crate) fn runs(&self) -> usize {
        self.runs.swap(0, Ordering::SeqCst)
    }
}

/// The app on a store.
pub(crate) struct Shop {
    pub(crate) client: Client,
    pub(crate) stop: Arc<Stop>,
}

impl Shop {
    pub(crate) async fn open(url: &str) -> Self {
        Self::on(larder::store::open(url).await.expect("the server is up")).await
    }

    pub(crate) async fn on(store: Arc<dyn Store>) -> Self {
        let stop = Arc::new(Stop::default());
        let app = App::builder()
            .models(models![Line, Order])
            .store("main", store)
            .provide(Arc::clone(&stop));
        let app = app.build().await.expect("the tables can be made");
        Self {
            client: Client::new(&app),
            stop,
        }
    }

    /// Whether an order is there, and its line with it.
    ///
    /// # Panics
    /// If only one of them is.
    pub(crate) async fn has_order(&self, id: &str) -> bool {
        let order = self.client.get(&format!("/orders/{id}")).go().await;
        let line = self.client.get(&format!("/lines/line-of-{id}")).go().await;
        assert_eq!(order.status, line.status, "half of {id}");
        order.status == 200
    }
}
