//! Values that never leave the server.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that is stored and never sent: the type of every server-only field.
///
/// It serialises as null everywhere except into a store, prints as `***`, and can't be compared, so it can't be filtered
/// by in typed code either. larder's doors leave the whole field out.
///
/// ```
/// use larder_core::Secret;
/// let note = Secret::new("the safe is behind the painting".to_owned());
/// assert_eq!(serde_json::to_string(&note).unwrap(), "null");
/// assert_eq!(format!("{note:?}"), "***");
/// assert_eq!(note.expose().len(), 31);
/// ```
#[derive(Clone, Default)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for code on the server. The name is there to be searched for.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value, by move.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

thread_local! {
    /// Whether the value that is being serialised on this thread goes into a store. Serialising never waits, so the flag
    /// can't be seen by another task.
    static REVEALING: Cell<bool> = const { Cell::new(false) };
}

/// Runs a serialisation in which secrets show their values.
pub(crate) fn reveal<T>(serialise: impl FnOnce() -> T) -> T {
    struct Reset(bool);
    impl Drop for Reset {
        fn drop(&mut self) {
            REVEALING.set(self.0);
        }
    }
    let _reset = Reset(REVEALING.replace(true));
    serialise()
}

impl<T: Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if REVEALING.get() {
            self.0.serialize(serializer)
        } else {
            serializer.serialize_none()
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for Secret<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Secret_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = generator.subschema_for::<T>();
        schema.insert("x-secret".to_owned(), true.into());
        schema
    }
}

/// Types that are safe for a server-only field: [`Secret`] and an optional one.
#[diagnostic::on_unimplemented(
    message = "a server-only field must be a `Secret<..>`, so that no serialiser can show it",
    label = "this type would be serialised like any other",
    note = "write `Secret<{Self}>`"
)]
pub trait IsSecret {}

impl<T> IsSecret for Secret<T> {}
impl<T> IsSecret for Option<Secret<T>> {}
