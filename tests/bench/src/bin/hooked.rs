//! The service with larder once more, its model with the hooks that `HOOKS` names: `none`, `before`, `after`, or `other`, where only a
//! second model of the app has some. One program for all, so that nothing but the hooks differs.
#![allow(
    clippy::unused_self,
    reason = "what is measured are hooks that do nothing"
)]

use larder::prelude::*;
use larder_bench::service;

/// A module with the measured model and, beside it, `$hooks`.
macro_rules! order {
    ($module:ident { $($hooks:item)* }) => {
        mod $module {
            use larder::prelude::*;

            larder_bench::order_model!();

            $($hooks)*
        }
    };
}

order!(none {});

order!(before {
    #[model_impl]
    impl Order {
        #[before(save)]
        fn nothing(&mut self) -> Result<()> {
            Ok(())
        }
    }
});

order!(after {
    #[model_impl]
    impl Order {
        #[after(save)]
        fn nothing(&self) -> Result<()> {
            Ok(())
        }
    }
});

/// A model that no request is about, with hooks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes", rules(read = "true", write = "true"))]
struct Note {
    #[model(id)]
    id: Id<Note>,
    text: String,
}

#[model_impl]
impl Note {
    #[before(save)]
    fn trim(&mut self) -> Result<()> {
        self.text.truncate(self.text.trim_end().len());
        Ok(())
    }

    #[after(save)]
    fn seen(&self) -> Result<()> {
        match self.text.as_str() {
            "" => Err(Error::denied(422, "a note has a text")),
            _ => Ok(()),
        }
    }
}

fn main() -> Result<()> {
    match std::env::var("HOOKS").as_deref() {
        Ok("none") => service::serve::<none::Order>(models![none::Order]),
        Ok("other") => service::serve::<none::Order>(models![none::Order, Note]),
        Ok("before") => service::serve::<before::Order>(models![before::Order]),
        Ok("after") => service::serve::<after::Order>(models![after::Order]),
        _ => Err(Error::setup(
            "set HOOKS to `none`, `other`, `before` or `after`",
        )),
    }
}
