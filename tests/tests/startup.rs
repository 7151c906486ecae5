//! What `build()` finds: every mistake at once, each with its fix.

use larder::prelude::*;
use larder::{AppBuilder, ErrorKind, MemoryStore, Mode, Store};
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
