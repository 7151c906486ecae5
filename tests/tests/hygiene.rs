//! The macros' output works in surroundings that would break careless output: strict lints, no prelude, names in the way,
//! a renamed crate, private fields, macros.
#![deny(
    missing_docs,
    dead_code,
    unreachable_pub,
    unused,
    single_use_lifetimes,
    unused_qualifications
)]
#![forbid(unsafe_code)]
#![allow(
    clippy::unused_self,
    reason = "hooks and actions here are about their signatures"
)]

/// A module with the name of the crate is not in the way of the output.
mod larder {}

/// What the crate would be called if it were renamed in `Cargo.toml`.
mod renamed {
    pub(crate) use ::larder::*;
}

/// Names of the prelude that mean something else here. (`Some` is not among them: schemars' derive needs it.)
mod shadowed {
    #![allow(dead_code, unused_macros, non_camel_case_types)]

    struct Option;
    struct Vec;
    struct String;
    struct Result;
    struct Err;
    struct Clone;
    struct From;
    struct Iterator;
    struct Box;
    struct Default;
    struct Ok;
    struct Send;
    struct _larder;
    struct Ctx;
    macro_rules! vec {
        ($($rest:tt)*) => {
            compile_error!("the wrong vec!")
        };
    }
    macro_rules! assert {
        ($($rest:tt)*) => {
            compile_error!("the wrong assert!")
        };
    }

    #[derive(
        ::std::fmt::Debug,
        ::std::clone::Clone,
        ::serde::Serialize,
        ::serde::Deserialize,
        ::schemars::JsonSchema,
        ::larder::Model,
    )]
    #[model(url = "/things", rules(read = "name=$actor.id"), search(name = eq), sort(name))]
    pub(super) struct Thing {
        #[model(id)]
        pub(super) id: ::std::string::String,
        #[serde(default)]
        pub(super) name: ::std::string::String,
        #[model(server_only)]
        pub(super) notes: ::larder::Secret<u8>,
    }

    #[::larder::model_impl]
    impl Thing {
        #[before(save)]
        async fn stamp(&mut self, _cx: &::larder::Ctx) -> ::larder::Result<()> {
            ::std::result::Result::Ok(())
        }

        #[action(allow = "name=$actor.id")]
        fn show(&self, more: ::std::option::Option<u8>) -> ::larder::Result<u8> {
            ::std::result::Result::Ok(more.unwrap_or(*self.notes.expose()))
        }

        #[can_act]
        fn can_act(&self, action: &str) -> ::larder::Result<bool> {
            ::std::result::Result::Ok(action == "show")
        }
    }
}

/// No names of the prelude at all, but for the one trait that schemars' derive needs.
mod bare {
    #![no_implicit_prelude]

    use ::std::convert::Into as _;

    #[derive(::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema, ::larder::Model)]
    #[schemars(crate = "::schemars")]
    #[model(url = "/bare", timestamps, sort(_created))]
    pub(super) struct Bare {
        #[model(id)]
        pub(super) id: i64,
        #[model(read_only)]
        pub(super) score: f64,
    }

    #[::larder::model_impl]
    impl Bare {
        #[after(delete)]
        fn gone(&self) -> ::larder::Result<()> {
            ::std::result::Result::Ok(())
        }

        #[action(global, method = GET, allow = "$actor.level=gt=1")]
        async fn best(limit: u32) -> ::larder::Result<u32> {
            ::std::result::Result::Ok(limit)
        }
    }

    /// All models of this package, those inside functions too.
    pub(super) fn all() -> ::larder::ModelSet {
        ::larder::models!(crate::*)
    }

    /// The same model by its name.
    pub(super) fn one() -> ::larder::ModelSet {
        ::larder::models![Bare]
    }
}

/// Modules with the names of the crates that the output names, each with the wrong things in it.
mod crates {
    #![allow(dead_code)]

    mod std {}
    mod core {}
    mod alloc {}
    mod inventory {}
    mod larder {}
    mod __private {}

    #[derive(::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema, ::larder::Model)]
    #[model(url = "/crates", rules(read = "true"))]
    pub(super) struct Crate {
        #[model(id)]
        pub(super) id: i64,
        #[model(read_only)]
        pub(super) downloads: u64,
    }

    #[::larder::model_impl]
    impl Crate {
        #[action(allow = "true")]
        fn yank(&mut self) -> ::larder::Result<()> {
            self.downloads = 0;
            ::std::result::Result::Ok(())
        }
    }
}

/// Fields, arguments and methods with the names of the output's own variables, and of keywords.
mod variables {
    use ::larder::prelude::*;

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/variables", search(type = eq, this = eq), sort(done))]
    #[model(rules(read = "type=point|behaviour=$actor.id"))]
    pub(super) struct Variable {
        #[model(id)]
        pub(super) id: Id<Variable>,
        pub(super) r#type: String,
        pub(super) this: String,
        pub(super) behaviour: String,
        #[model(read_only)]
        pub(super) done: bool,
        #[serde(default)]
        pub(super) point: u8,
        #[serde(default)]
        pub(super) describe: u8,
        #[serde(default)]
        pub(super) key: u8,
    }

    #[model_impl]
    impl Variable {
        #[before(save)]
        fn point(&mut self) -> Result<()> {
            self.done = self.point > 0;
            Ok(())
        }

        #[action(allow = "behaviour=$actor.id")]
        fn r#match(
            &mut self,
            this: u8,
            call: u8,
            behaviour: String,
            done: bool,
            cx: &Ctx,
        ) -> Result<u8> {
            self.behaviour = behaviour;
            self.done = done && !cx.actor().is_system();
            Ok(this.max(call))
        }

        #[can_act]
        fn action(&self, action: &str) -> Result<bool> {
            Ok(action == "match" && self.key == self.describe)
        }
    }
}

/// The strictest lints, for code that a macro wrote.
mod strict {
    #![deny(warnings, clippy::pedantic)]

    use ::larder::prelude::*;

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/strict/{of}/things", timestamps, page = 5)]
    #[model(rules(read = "true", write = "owner=$actor.id"), search(name = eq), sort(name))]
    pub(super) struct Strict {
        #[model(id)]
        pub(super) id: Id<Strict>,
        pub(super) of: ModelParent<Strict>,
        #[model(owner)]
        pub(super) owner: String,
        #[serde(default)]
        pub(super) name: String,
        #[model(read_only)]
        pub(super) count: u64,
        #[model(server_only)]
        pub(super) code: Option<Secret<String>>,
    }

    #[model_impl]
    impl Strict {
        #[before(save)]
        async fn wait(&mut self) -> Result<()> {
            std::future::ready(()).await;
            self.count += 1;
            Ok(())
        }

        #[action(allow = "owner=$actor.id")]
        fn rename(&mut self, name: String) -> Result<()> {
            if name.is_empty() {
                return Err(Error::denied(422, "a name is needed"));
            }
            self.name = name;
            Ok(())
        }

        #[action(global, method = GET, allow = "true")]
        async fn total(cx: &Ctx) -> Result<u64> {
            cx.session().count::<Strict>().await
        }
    }
}

/// A public model with private parts, in a module of its own.
pub mod private_parts {
    use ::larder::prelude::*;

    /// Seen from everywhere, in part.
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(crate = crate::renamed)]
    pub struct Account {
        #[model(id)]
        id: Id<Account>,
        balance: i64,
        /// Whose it is.
        pub name: String,
    }

    #[model_impl(crate = crate::renamed)]
    impl Account {
        /// Adds to the balance.
        #[action]
        fn pay(&mut self, amount: i64) -> Result<i64> {
            self.balance += amount;
            Ok(self.balance)
        }
    }

    impl Account {
        /// With nothing in it.
        pub fn new(name: &str) -> Self {
            Self {
                id: Id::new(),
                balance: 0,
                name: name.to_owned(),
            }
        }
    }
}

/// A model inside a function, beside locals with the names of its constants and of the output.
fn inside_a_function() -> (&'static str, &'static [&'static str]) {
    use ::larder::prelude::*;

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    struct Local {
        #[model(id)]
        id: String,
        name: String,
    }

    #[model_impl]
    impl Local {
        #[after(create)]
        fn seen(&self) -> Result<()> {
            match self.name.as_str() {
                "" => Err(Error::denied(422, "a name is needed")),
                _ => Ok(()),
            }
        }
    }
    (
        <Local as ::larder::Model>::NAME,
        <Local as ::larder::Model>::FIELDS,
    )
}

/// A model that a macro makes, inside a function.
fn made_by_a_macro() -> &'static [&'static str] {
    macro_rules! model {
        ($name:ident { $($field:ident: $type:ty),* }) => {
            #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema, ::larder::Model)]
            struct $name {
                #[model(id)]
                id: u64,
                $($field: $type),*
            }

            #[::larder::model_impl]
            impl $name {
                #[action]
                async fn set(&mut self, $($field: $type),*) -> ::larder::Result<()> {
                    $(self.$field = $field;)*
                    Ok(())
                }
            }
        };
    }
    model!(Made {
        this: String,
        call: bool
    });
    <Made as ::larder::Model>::FIELDS
}

#[test]
fn models_are_there() {
    fn name<M: ::larder::Model>(_: &M) -> &'static str {
        M::NAME
    }
    let thing = shadowed::Thing {
        id: "a".to_owned(),
        name: "b".to_owned(),
        notes: 5.into(),
    };
    let bare = bare::Bare { id: 1, score: 0.5 };
    let names = [
        name(&thing),
        name(&bare),
        name(&private_parts::Account::new("ann")),
    ];
    assert_eq!(names, ["Thing", "Bare", "Account"]);
    assert_eq!(made_by_a_macro(), ["id", "this", "call"]);
    assert_eq!(inside_a_function(), ("Local", &["id", "name"][..]));
}

#[tokio::test]
async fn they_are_found_without_a_prelude() {
    let built = async |models| {
        let app = ::larder::App::builder()
            .models(models)
            .store("main", ::larder::MemoryStore::new());
        let app = ::larder::Build::build(app).await.unwrap();
        let names = app.models().map(|model| model.name().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(built(bare::one()).await, ["Bare"]);
    let all = [
        "Account", "Bare", "Crate", "Local", "Made", "Strict", "Thing", "Variable",
    ];
    assert_eq!(built(bare::all()).await, all);
}

/// What the output of such models says is what they are.
#[tokio::test]
async fn they_all_start() {
    let models = ::larder::models![
        shadowed::Thing,
        bare::Bare,
        crates::Crate,
        variables::Variable,
        strict::Strict,
        private_parts::Account
    ];
    let app = ::larder::App::builder()
        .models(models)
        .store("main", ::larder::MemoryStore::new());
    let app = ::larder::Build::build(app).await.unwrap();
    let variable = variables::Variable {
        id: ::larder::Id::new(),
        r#type: "point".to_owned(),
        this: String::new(),
        behaviour: String::new(),
        done: false,
        point: 1,
        describe: 0,
        key: 0,
    };
    let system = app.as_system("hygiene");
    assert!(system.create(&variable).await.unwrap().done);
    let found = system
        .query::<variables::Variable>()
        .filter(
            variables::Variable::TYPE
                .eq("point")
                .and(variables::Variable::POINT.eq(1)),
        )
        .count()
        .await
        .unwrap();
    assert_eq!(found, 1);
}
