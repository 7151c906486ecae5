//! Changes that are to be told and can't be.

use larder::prelude::*;
use larder::{FieldDef, MemoryStore, ModelDef};
use serde_json::json;

use super::{Plain, User, fault, memory};

#[tokio::test]
async fn of_a_model_that_is_not_there() {
    let app = App::builder().models(models![User]).store("main", memory());
    assert_eq!(
        fault(app.changes_of("Usr")).await,
        "the changes of Usr are to be told, and the app does not have it: add `Usr` to `models![..]`, or by `.model(..)` if it has \
         no struct, or did you mean `User`?"
    );
}

#[tokio::test]
async fn in_a_store_that_tells_none() {
    let app = App::builder()
        .models(models![User])
        .store("main", Plain(MemoryStore::new()));
    assert_eq!(
        fault(app.changes::<User>()).await,
        "the changes of User are to be told, and the store `main` (plain) tells none: leave `changes` out, or keep User in \
         another store"
    );
}

#[tokio::test]
async fn of_a_table_that_larder_may_not_touch() {
    let note = ModelDef::new("Note")
        .field(FieldDef::new("id", json!({"type": "string"})).id())
        .read_only()
        .changes();
    let app = App::builder().model(note).store("main", memory());
    let message = fault(app).await;
    assert!(
        message.contains("the changes of Note are to be told, and its table is `read_only`"),
        "{message}"
    );
}
