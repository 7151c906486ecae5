//! What types have to be, as traits of our own: each stands for one of another crate, and says what to write where it is
//! missing, which `#[diagnostic::on_unimplemented]` can't add to the traits of others.

use std::borrow::Cow;

use larder_query::Value;
use schemars::JsonSchema;
use schemars::generate::{Contract, SchemaSettings};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::codec::typed;
use crate::error::Result;

/// [`Serialize`]: how a record is written.
#[diagnostic::on_unimplemented(
    message = "add `Serialize` to the derives of `{Self}`",
    label = "a model needs `#[derive(Serialize, Deserialize, JsonSchema, Model)]`"
)]
// Not a subtrait of `Serialize`: rustc would then tell the mistake a second time, in the other trait's words.
pub trait NeedsSerialize {
    /// The fields of a record, secrets included.
    #[doc(hidden)]
    fn encode(record: &Self) -> Result<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> NeedsSerialize for T {
    fn encode(record: &Self) -> Result<Value> {
        typed::encode(record)
    }
}

/// [`DeserializeOwned`]: how a record is read.
#[diagnostic::on_unimplemented(
    message = "add `Deserialize` to the derives of `{Self}`",
    label = "a model needs `#[derive(Serialize, Deserialize, JsonSchema, Model)]`"
)]
pub trait NeedsDeserialize: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> NeedsDeserialize for T {}

/// [`JsonSchema`]: what a client may send, and what the store keeps.
#[diagnostic::on_unimplemented(
    message = "add `JsonSchema` to the derives of `{Self}`",
    label = "a model needs `#[derive(Serialize, Deserialize, JsonSchema, Model)]`"
)]
// No subtrait either.
pub trait NeedsJsonSchema {
    /// The schema as serde reads or writes the type.
    #[doc(hidden)]
    fn root_schema(contract: Contract) -> Json;

    /// What tells the schema from all others.
    #[doc(hidden)]
    fn unique_name() -> Cow<'static, str>;
}

#[diagnostic::do_not_recommend]
impl<T: JsonSchema> NeedsJsonSchema for T {
    fn root_schema(contract: Contract) -> Json {
        let mut settings = SchemaSettings::draft2020_12();
        settings.contract = contract;
        settings
            .into_generator()
            .into_root_schema_for::<T>()
            .to_value()
    }

    fn unique_name() -> Cow<'static, str> {
        T::schema_id()
    }
}

/// [`Default`]: what a field is that no client may send.
#[diagnostic::on_unimplemented(
    message = "no client may send this field, so it needs a default: add `Default` to the derives of `{Self}`",
    label = "what is this on create?",
    note = "or name a function that makes it: `#[serde(default = \"path\")]`"
)]
// Not a subtrait of `Default`: rustc would then speak of that trait alone.
pub trait HasDefault: Sized {
    /// The type's own default.
    fn value() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> HasDefault for T {
    fn value() -> Self {
        T::default()
    }
}
