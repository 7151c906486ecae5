//! What `build()` finds: every mistake at once, each with its fix.

#[path = "startup/changes.rs"]
mod changes;
#[path = "startup/inside.rs"]
mod inside;
#[path = "startup/transactions.rs"]
mod transactions;

use larder::prelude::*;
use larder::{AppBuilder, Compiled, ErrorKind, FieldDef, MemoryStore, Mode, ModelDef, Store};
use std::sync::Arc;

use transactions::Plain;

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

async fn fault(app: AppBuilder) -> String {
    let error = app.build().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    error.message().to_owned()
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users")]
struct User {
    #[model(id)]
    id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts")]
struct Post {
    #[model(id)]
    id: String,
    author: ModelLink<User>,
}

#[tokio::test]
async fn no_models() {
    let expected = "the app has no models: pass `.models(models![Post, ..])`. With `models!(name::*)`, is `name` the crate that \
                    declares them?";
    assert_eq!(
        fault(App::builder().store("main", memory())).await,
        expected
    );
}

#[tokio::test]
async fn a_model_twice() {
    let app = App::builder()
        .models(models![User])
        .models(models![User])
        .store("main", memory());
    assert_eq!(
        fault(app).await,
        "two models are named `User`: it is named twice in `models![..]`"
    );
}

#[tokio::test]
async fn two_models_of_one_name() {
    mod other {
        use larder::prelude::*;
        #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
        #[model(url = "/members")]
        pub(super) struct User {
            #[model(id)]
            id: String,
        }
    }
    let app = App::builder()
        .models(models![User])
        .models(models![other::User])
        .store("main", memory());
    let expected = "two models are named `User`: its file is compiled twice, into both `lib.rs` and `main.rs` perhaps: keep it in \
                    one of them";
    assert_eq!(fault(app).await, expected);
}

#[tokio::test]
async fn two_models_at_one_url() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/users/{user}/things")]
    struct One {
        #[model(id)]
        id: String,
        user: ModelParent<User>,
    }
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/users/{owner}/things")]
    struct Two {
        #[model(id)]
        id: String,
        #[model(parent = "owner")]
        of: ModelParent<User>,
    }
    let app = App::builder()
        .models(models![One, Two, User])
        .store("main", memory());
    let expected =
        "One and Two are both served at `/users/{user}/things`: give one of them another `url`";
    assert_eq!(fault(app).await, expected);
}

#[tokio::test]
async fn two_things_at_one_path() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/blogs")]
    struct Blog {
        #[model(id)]
        id: String,
    }
    #[model_impl]
    impl Blog {
        #[action(method = GET, allow = "true")]
        fn posts(&self) -> Result<String> {
            Ok(self.id.clone())
        }
        #[action(global, method = GET, allow = "true")]
        fn newest() -> Result<()> {
            Ok(())
        }
    }
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/blogs/{blog}/posts")]
    struct Entry {
        #[model(id)]
        id: String,
        blog: ModelParent<Blog>,
    }
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/blogs/newest")]
    struct Newest {
        #[model(id)]
        id: String,
    }
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/openapi.json")]
    struct Schema {
        #[model(id)]
        id: String,
    }
    let fix = "rename the action with `name = \"..\"`, or give one of the models another `url`";
    let cases = [
        (
            models![Blog, Entry],
            format!(
                "the action `posts` of Blog and Entry are both served at `/blogs/{{id}}/posts`: {fix}"
            ),
        ),
        (
            models![Blog, Newest],
            format!(
                "the action `newest` of Blog and Newest are both served at `/blogs/newest`: {fix}"
            ),
        ),
        (
            models![Schema],
            "the OpenAPI document and Schema are both served at `/openapi.json`: give Schema another `url`"
                .to_owned(),
        ),
    ];
    for (models, expected) in cases {
        let app = App::builder().models(models).store("main", memory());
        assert_eq!(fault(app).await, expected);
    }
    // A name beside a parameter is no collision: the router takes the name first.
    let app = App::builder().models(models![Blog]).store("main", memory());
    let _ = larder_tests::Client::new(&app.build().await.unwrap());
}

#[tokio::test]
async fn urls_written_by_hand() {
    let build = |url: &'static str| {
        let id = FieldDef::new("id", serde_json::json!({"type": "string"})).id();
        let parent = FieldDef::new("b", serde_json::json!({"type": "string"})).parent("b");
        Compiled::new(ModelDef::new("Note").url(url).field(id).field(parent))
    };
    for (url, expected) in [
        ("notes", "a URL begins with `/`: `/notes`"),
        ("https://a.org/notes", "the URL of a model is a path"),
        ("", "a URL begins with `/`"),
        ("/", "a part of this URL is empty"),
        ("/notes/", "a part of this URL is empty"),
        ("//notes", "a part of this URL is empty"),
        ("/./notes", "`.` can't be a part of a URL"),
        ("/..", "`..` can't be a part of a URL"),
        ("/b/{b}", "a URL ends with the name of the collection"),
        ("/{b/notes", "`{b` is no parameter"),
        ("/x{b}/notes", "`x{b}` is no parameter"),
        ("/{}/notes", "`{}` is no parameter"),
        ("/{*b}/notes", "`{*b}` is no parameter"),
        ("/{b.c}/notes", "`{b.c}` is no parameter"),
        ("/{id}/notes", "`{id}` is the record's own id"),
        ("/{b}/x/{b}/notes", "the parameter `{b}` stands twice"),
        ("/:b/notes", "`:` can't stand in the URL of a model"),
    ] {
        let error = build(url).unwrap_err();
        let begin = format!("model Note: its URL `{url}`: {expected}");
        assert!(error.message().starts_with(&begin), "{}", error.message());
    }
    let many = build("/my notes/..").unwrap_err();
    assert!(
        many.message().starts_with("model Note: 2 mistakes:"),
        "{many}"
    );
    build("/b/{b}/notes").unwrap();
    build("/b/{b}/my-notes.v1").unwrap();
}

#[tokio::test]
async fn a_global_action_whose_rule_asks_for_a_record() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    struct Note {
        #[model(id)]
        id: String,
        author: String,
    }
    #[model_impl]
    impl Note {
        #[action(global, method = DELETE, allow = "$actor.role=admin|author=$actor.id")]
        fn clear() -> Result<()> {
            Ok(())
        }
    }
    let app = App::builder().models(models![Note]).store("main", memory());
    let expected = "model Note: action `clear`: its rule names the field `author`, but a global action has no record: test \
                    `$actor` alone, as in `$actor.role=admin`, or decide inside `clear`";
    assert_eq!(fault(app).await, expected);
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Draft,
    Published,
    /// Not shown any more.
    Archived,
}

/// A constant that the field can't be is a typing mistake; every faulty rule is told, each by its name.
#[tokio::test]
async fn constants_in_rules_that_no_record_has() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(rules(
        read = "status=publishd|author=$actor.id",
        create = "in(was,(draft,gone))|was=null",
        write = "status!=secret&size=ge=big",
    ))]
    struct Story {
        #[model(id)]
        id: String,
        #[model(owner)]
        author: String,
        status: Status,
        was: Option<Status>,
        size: u32,
    }
    #[model_impl]
    impl Story {
        #[action(allow = "status==Draft")]
        fn publish(&mut self) -> Result<()> {
            self.status = Status::Published;
            Ok(())
        }
    }
    let app = App::builder()
        .models(models![Story])
        .store("main", memory());
    let expected = "4 mistakes in the set-up of the app:
- model Story: mistake in the read rule:
    status=publishd|author=$actor.id
           ^^^^^^^^
    `status` is never `publishd`; did you mean `published`?
- model Story: mistake in the create rule:
    in(was,(draft,gone))|was=null
                  ^^^^
    `was` is never `gone`; it is one of `draft`, `published`, `archived`
- model Story: mistake in the update and delete rule:
    status!=secret&size=ge=big
                           ^^^
    `size` is compared with `big`, but it is a whole number
- model Story: mistake in the rule of the action `publish`:
    status==Draft
            ^^^^^
    `status` is never `Draft`; did you mean `draft`?";
    let found = fault(app).await;
    assert_eq!(found.replace(" from 0 up", ""), expected);
}

/// What a record can have, and what has no fixed values, is no mistake.
#[tokio::test]
async fn constants_in_rules_that_records_have() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(rules(
        read = "status=published|was=archived|was!=null|kind=anything",
        write = "out(status,(draft,archived))&(note=x|status=contains=publ)",
    ))]
    struct Story {
        #[model(id)]
        id: String,
        status: Status,
        was: Option<Status>,
        kind: serde_json::Value,
        note: Option<String>,
    }
    let app = App::builder()
        .models(models![Story])
        .store("main", memory());
    app.build().await.unwrap();
}

#[tokio::test]
async fn two_owners_by_hand() {
    let text = || serde_json::json!({"type": "string"});
    let def = ModelDef::new("Note")
        .field(FieldDef::new("id", text()).id())
        .field(FieldDef::new("author", text()).owner())
        .field(FieldDef::new("editor", text()).owner());
    let error = Compiled::new(def).unwrap_err();
    let expected = "model Note: `author` and `editor` are both its owner; mark one";
    assert_eq!(error.message(), expected);
}

#[tokio::test]
async fn two_models_in_one_collection() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(collection = "users")]
    struct Member {
        #[model(id)]
        id: String,
    }
    let app = App::builder()
        .models(models![Member, User])
        .store("main", memory());
    let expected = "Member and User are both kept in `users` of the store `main`: give one of them another `collection`";
    assert_eq!(fault(app).await, expected);
}

#[tokio::test]
async fn a_store_that_is_not_there() {
    let app = || App::builder().models(models![User]);
    let name = "User is kept in the store `main`, which the app does not have";
    assert_eq!(
        fault(app()).await,
        format!("{name}: add `.store(\"main\", ..)` to the builder")
    );
    assert_eq!(
        fault(app().store("mian", memory())).await,
        format!("{name}; did you mean `mian`?")
    );
    let other = fault(app().store("archive", memory())).await;
    assert_eq!(
        other,
        format!("{name}: add `.store(\"main\", ..)`, or name one of archive")
    );
    let twice = app().store("main", memory()).store("main", memory());
    assert_eq!(
        fault(twice).await,
        "two stores are named `main`: give one of them another name"
    );
}

#[tokio::test]
async fn a_link_to_a_model_that_is_not_there() {
    let app = App::builder().models(models![Post]).store("main", memory());
    let expected =
        "`author` of Post links to User, which the app does not have: add `User` to `models![..]`";
    assert_eq!(fault(app).await, expected);
}

#[tokio::test]
async fn a_listener_to_a_model_that_is_not_there() {
    let app = App::builder().models(models![User]).store("main", memory());
    let app = app.on::<Post>(Event::Saved, |_: Notice<Post>| async { Ok(()) });
    assert_eq!(
        fault(app).await,
        "something listens to Post, which the app does not have: add `Post` to `models![..]`"
    );
}

#[tokio::test]
async fn a_development_identity_in_production() {
    let app = || {
        App::builder()
            .models(models![User])
            .store("main", memory())
            .identity(DevelopmentHeader)
    };
    let expected = "the identity DevelopmentHeader believes what anybody says, and the app runs in production mode: name a real \
                    one, or set LARDER_MODE=development";
    assert_eq!(fault(app().mode(Mode::Production)).await, expected);
    assert_eq!(
        app().mode(Mode::Development).build().await.unwrap().mode(),
        Mode::Development
    );
}

#[tokio::test]
async fn all_mistakes_at_once() {
    let app = App::builder()
        .models(models![Post])
        .identity(DevelopmentHeader)
        .mode(Mode::Production);
    let text = fault(app).await;
    assert!(
        text.starts_with("3 mistakes in the set-up of the app:\n- "),
        "{text}"
    );
    assert_eq!(text.matches("\n- ").count(), 3);
}

/// The variable is read in a process of its own, since all tests of this one share theirs.
#[test]
fn modes_from_the_environment() {
    let run = |mode: &str| {
        let this = std::env::current_exe().unwrap();
        let run = std::process::Command::new(this)
            .args(["--exact", "mode_child", "--ignored", "--nocapture"])
            .env("LARDER_MODE", mode)
            .output();
        String::from_utf8(run.unwrap().stdout).unwrap()
    };
    assert!(run("production").contains("mode: Ok(Production)"));
    assert!(run("development").contains("mode: Ok(Development)"));
    assert!(run("prod").contains("LARDER_MODE is `prod`; write `development` or `production`"));
}

#[test]
#[ignore = "run by modes_from_the_environment"]
#[expect(clippy::print_stdout, reason = "its parent reads it")]
fn mode_child() {
    println!("mode: {:?}", Mode::from_env());
}

/// What a description by hand, or types behind an alias, can still get wrong about a table.
#[tokio::test]
async fn tables_that_contradict_themselves() {
    use larder::{FieldDef, ModelDef, Operation, registry::ModelSet};
    let text = || serde_json::json!({"type": "string"});
    let def = || ModelDef::new("Note").field(FieldDef::new("id", text()).id());
    let number = FieldDef::new("id", serde_json::json!({"type": "integer"})).id();
    let counted = || ModelDef::new("Note").field(number.clone()).database_id();
    let cases = [
        (
            def().database_id(),
            "`id(database)` needs an id that a database can count: `id` has to be an `i64`, `i32` or `u32`",
        ),
        (
            counted().client_id(),
            "`id(database)` and `id(client)` can't both be given",
        ),
        (
            counted().rule(Operation::Create, "id>5"),
            "the create rule names `id`, which the database gives only after the rule has decided",
        ),
        (
            def().read_only().rule(Operation::Delete, "true"),
            "it is read-only, and its rule for `delete` would never be asked",
        ),
        (
            def().read_only().client_id(),
            "it is read-only, and nobody gives new ids",
        ),
        (
            def().field(FieldDef::new("text", text()).column("id")),
            "field `text` is kept in the column `id`, where id is kept already",
        ),
        (
            def().version_column("id"),
            "field `id` is kept in the column `id`, where the version is kept already",
        ),
        (
            def().field(FieldDef::new("text", text()).was("id")),
            "field `text` was kept in `id` before, but `id` is kept there now",
        ),
    ];
    for (def, expected) in cases {
        let app = App::builder()
            .models(ModelSet::new().with_def(def))
            .store("main", memory());
        let said = fault(app).await;
        assert!(
            said.starts_with("model Note: ") && said.contains(expected),
            "{said}"
        );
    }
    let one = def().collection("new").was("old");
    let two = ModelDef::new("Other")
        .collection("old")
        .field(FieldDef::new("id", text()).id());
    let models = ModelSet::new().with_def(one).with_def(two);
    let said = fault(App::builder().models(models).store("main", memory())).await;
    assert!(
        said.contains("Note was kept in `old` before, where Other is kept now"),
        "{said}"
    );
    let models = ModelSet::new().with_def(def().unversioned());
    let said = fault(
        App::builder()
            .models(models)
            .store("main", Plain(MemoryStore::new())),
    )
    .await;
    assert!(
        said.contains("Note has no versions, so its writes need transactions"),
        "{said}"
    );
}
