//! What types have to be, as traits of our own: each stands for one of another crate, and says what to write where it is
//! missing. (`style.md` 5, 12: requirements are traits with `#[diagnostic::on_unimplemented]`.)

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// [`Serialize`]: how a record is written.
#[diagnostic::on_unimplemented(
    message = "add `Serialize` to the derives of `{Self}`",
    label = "a model needs `#[derive(Serialize, Deserialize, JsonSchema, Model)]`"
)]
pub trait NeedsSerialize: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> NeedsSerialize for T {}

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
pub trait NeedsJsonSchema: JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: JsonSchema> NeedsJsonSchema for T {}

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
