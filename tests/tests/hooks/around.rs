//! A call inside a hook that is lost for good: the call around it broke nowhere itself, so it is not run again for that.

use std::sync::Arc;

use larder::prelude::*;
use larder::{ErrorKind, MemoryStore, Store};
use larder_tests::{Backend, Client, Counting, scenarios};
use serde_json::json;

use super::Diary;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", id(client), rules(read = "true", write = "true"))]
struct Order {
    #[model(id)]
    id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(store = "bills", rules(read = "true"))]
struct Bill {
    #[model(id)]
    id: Id<Bill>,
    order: String,
}

#[model_impl]
impl Order {
    #[before(create)]
    async fn bill(&mut self, cx: &Ctx) -> Result<()> {
        cx.get::<Diary>()?.note("order");
        let bill = Bill {
            id: Id::new(),
            order: self.id.clone(),
        };
        // Of another store: it commits on its own.
        cx.app().as_system("billing").create(&bill).await?;
        Ok(())
    }
}

#[model_impl]
impl Bill {
    #[before(create)]
    fn note(&mut self, cx: &Ctx) -> Result<()> {
        cx.get::<Diary>()?.note("bill");
        Ok(())
    }

    /// It could still undo the bill, so that is written in a transaction.
    #[after(create)]
    fn nothing(&self) -> Result<()> {
        Ok(())
    }
}

async fn lost_inside_a_hook(backend: Backend) {
    let diary = Diary::default();
    let bills = Counting::new(Arc::new(MemoryStore::new()));
    let app = App::builder()
        .models(models![Order, Bill])
        .store("main", backend.store())
        .store("bills", Arc::new(bills.clone()) as Arc<dyn Store>)
        .provide(diary.clone())
        .build()
        .await
        .unwrap();
    let client = Client::new(&app);
    let put = || client.put("/orders/a", json!({})).go();
    let lost = || Error::new(ErrorKind::Unavailable, "the connection was lost").rolled_back();
    bills.fail(3, lost);
    put().await.is(503);
    assert_eq!(diary.take(), ["order", "bill", "bill", "bill"]);
    client.get("/orders/a").go().await.is(404);
    bills.fail(2, lost);
    put().await.is(201);
    assert_eq!(diary.take(), ["order", "bill", "bill", "bill"]);
    let billed = app.as_system("test").count::<Bill>().await.unwrap();
    assert_eq!(billed, 1);
}

scenarios!(lost_inside_a_hook);
