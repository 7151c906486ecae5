//! Models of several crates in one app.

use larder::prelude::*;
use larder::{AppBuilder, ModelSet};
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};
use split_accounts::Account;
use split_shop::{Line, Order};

async fn fault(models: ModelSet) -> String {
    let app: AppBuilder = App::builder().models(models);
    let app = app.store("main", store::open("memory:").await.unwrap());
    app.build().await.unwrap_err().message().to_owned()
}

async fn links_between_crates(backend: Backend) {
    let app = split_app::app().store("main", backend.store());
    let app = app.build().await.unwrap();
    let names: Vec<&str> = app.models().map(|model| model.name()).collect();
    assert_eq!(
        names,
        ["Account", "Entry", "Group", "Line", "Order", "Session"]
    );
    let client = Client::new(&app);
    let put = |path, body| client.put(path, body).by("ann").go();
    put("/accounts/ann", json!({"name": "Ann"})).await.is(201);
    put("/orders/1", json!({"buyer": "ann", "cents": 5}))
        .await
        .is(201);
    put("/orders/1/lines/a", json!({"what": "tea"}))
        .await
        .is(201);
    put("/entries/e", json!({"order": "1"})).await.is(201);
    put("/groups/g", json!({"leader": "ann"})).await.is(201);
    let lines = client.get("/orders/1/lines").go().await.is(200);
    assert_eq!(lines.each("what"), ["tea"]);
    let ann = app.as_actor(&Actor::user("ann"));
    let bought = ann.query::<Order>().filter(Order::BUYER.eq("ann"));
    assert_eq!(bought.count().await.unwrap(), 1);
    assert_eq!(ann.get::<Account>("ann").await.unwrap().name, "Ann");
}

scenarios![links_between_crates];

/// `models![A, B]`, `models!(a::*)`, both mixed, and `models!(crate::*)` over there are the same models.
#[tokio::test]
async fn named_one_by_one() {
    let named = models![Order, Line, split_app::Entry].and(split_accounts::all());
    let mixed = models!(split_accounts::*, Order, Line, split_app::*);
    let all = larder::schema::schema_files(split_app::all()).unwrap();
    for set in [named, mixed] {
        let files = larder::schema::schema_files(set).unwrap();
        let names = |files: &[(String, String)]| -> Vec<String> {
            files.iter().map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(names(&files), names(&all));
    }
}

#[tokio::test]
async fn a_model_that_others_link_to_is_not_registered() {
    assert_eq!(
        fault(models!(split_shop::*)).await,
        "`buyer` of Order links to Account, which the app does not have: add `Account` to `models![..]`"
    );
}

/// `models!(crate::*)` is about the crate it stands in, whoever calls the function around it; private models are among them.
#[tokio::test]
async fn a_crate_gives_its_own_models() {
    let app = App::builder().models(split_accounts::all());
    let app = app.store("main", store::open("memory:").await.unwrap());
    let app = app.build().await.unwrap();
    let names: Vec<&str> = app.models().map(|model| model.name()).collect();
    assert_eq!(names, ["Account", "Group", "Session"]);
    let sessions = app.as_system("a test").model("Session");
    let made = sessions.create(&json!({"account": "ann"})).await.unwrap();
    assert_eq!(made.get("uses"), Some(&json!(1)), "its hook has run");
}

#[tokio::test]
async fn a_crate_under_another_name() {
    use split_shop as wares;
    let text = fault(models!(split_accounts::*, wares::*)).await;
    let expected = "`models!(wares::*)` found nothing: no package `wares` registers a model (packages that do: split_accounts, \
                    split_app, split_shop). Write the name of the package, even if its dependency has another one";
    assert!(text.starts_with(expected), "{text}");
}

/// What the app's build script wrote, with larder's features off.
#[test]
fn schemas_of_the_build() {
    let folder = std::path::Path::new(split_app::OUT_DIR).join("schemas");
    let read = |name: &str| -> Value {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    for name in ["Account", "Group", "Line", "Order", "Session"] {
        for view in ["input", "output", "stored"] {
            let schema = read(&format!("{name}.{view}.schema.json"));
            assert_eq!(schema["title"], name);
        }
    }
    let manifest = read("manifest.json");
    let names: Vec<&str> = manifest["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Account", "Group", "Line", "Order", "Session"]);
    assert_eq!(manifest["models"][3]["fields"][1]["link"], "Account");
    assert!(read("openapi.json")["paths"]["/orders/{order}/lines"].is_object());
}
