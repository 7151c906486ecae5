//! What `build()` finds: every mistake at once, each with its fix.

use larder::prelude::*;
use larder::store::{Batch, Outcome};
use larder::{
    AppBuilder, BoxFuture, Capability, Compiled, ErrorKind, FieldDef, Layout, MemoryStore, Mode,
    ModelDef, Page, Plan, Select, Store, Transaction,
};
use std::sync::Arc;

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
        ("notes", "must begin with `/`"),
        ("", "must begin with `/`"),
        ("/", "must have a name between two `/`"),
        ("/notes/", "must have a name between two `/`"),
        ("//notes", "must have a name between two `/`"),
        ("/b/{b}", "must end with the name of the collection"),
        ("/{b/notes", "has the part `{b`"),
        ("/x{b}/notes", "has the part `x{b}`"),
        ("/{}/notes", "has the part `{}`"),
        ("/{*b}/notes", "has the part `{*b}`"),
        ("/:b/notes", "has the part `:b`"),
    ] {
        let error = build(url).unwrap_err();
        let begin = format!("model Note: its URL `{url}` {expected}");
        assert!(error.message().starts_with(&begin), "{}", error.message());
    }
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

/// A store that can't undo.
#[derive(Debug)]
struct Plain(MemoryStore);

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
