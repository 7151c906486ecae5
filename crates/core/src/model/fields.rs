//! Hooks of models that have no struct: they are given the fields of a record as JSON, by name.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::{Compiled, HookPoint, Text};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::record::Record;
use crate::store::BoxFuture;

/// The fields of one record of a model without a struct, by their wire names: what its hooks and actions get.
///
/// Code on the server sees every field. [`Debug`](fmt::Debug) prints the names alone, so that nothing server-only gets into a log.
///
/// ```
/// use larder_core::{Ctx, Fields, HookPoint, ModelDef, Result};
/// # fn example(ticket: ModelDef) -> ModelDef {
/// ticket.hook(HookPoint::BeforeCreate, "tidy", |mut ticket: Fields, cx: Ctx| async move {
///     let title: String = ticket.to("title")?;
///     ticket.set("title", title.trim())?;
///     ticket.set("opened", cx.now().to_string())?;
///     Ok(ticket)
/// })
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Fields(Map<String, Json>);

impl Fields {
    /// A field, by its wire name: null where it has no value, none where there is no such field.
    pub fn get(&self, field: &str) -> Option<&Json> {
        self.0.get(field)
    }

    /// A field as any type that serde can make of it.
    ///
    /// # Errors
    /// `Setup` for a name that is no field of the model, and for a type that does not fit.
    pub fn to<T: DeserializeOwned>(&self, field: &str) -> Result<T> {
        let value = self.get(field).ok_or_else(|| self.unknown(field))?;
        T::deserialize(value)
            .map_err(|error| Error::setup(format!("`{field}` does not fit the type: {error}")))
    }

    /// Changes a field. What a hook has changed is validated by the model's schema before it is written. The id is only for a hook
    /// before the creation to choose.
    ///
    /// # Errors
    /// `Setup` for a name that is no field of the model, with the one that is perhaps meant.
    pub fn set(&mut self, field: &str, value: impl Into<Json>) -> Result<()> {
        let Some(place) = self.0.get_mut(field) else {
            return Err(self.unknown(field));
        };
        *place = value.into();
        Ok(())
    }

    /// The names of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn unknown(&self, field: &str) -> Error {
        let near = larder_query::nearest(field, self.names());
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Error::setup(format!("there is no field `{field}`{near}"))
    }

    /// The fields of a record that are the model's own, without those that larder keeps by itself.
    pub(crate) fn of(model: &Compiled, record: &Record) -> Result<Self> {
        let fields = model.fields.iter().zip(&record.values);
        let own = fields.filter(|(field, _)| field.in_struct);
        let pairs = own.map(|(field, value)| {
            let value = serde_json::to_value(value).map_err(Error::internal)?;
            Ok((field.name().to_owned(), value))
        });
        pairs.collect::<Result<_>>().map(Self)
    }

    pub(crate) fn as_json(&self) -> &Map<String, Json> {
        &self.0
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What a hook on [`Fields`] may return: the fields as they are to be, or nothing, which leaves them as they are.
pub trait HookOutput: Send + 'static {
    #[doc(hidden)]
    fn into_fields(self) -> Option<Fields>;
}

impl HookOutput for () {
    fn into_fields(self) -> Option<Fields> {
        None
    }
}

impl HookOutput for Fields {
    fn into_fields(self) -> Option<Fields> {
        Some(self)
    }
}

type Run = Arc<dyn Fn(Fields, Ctx) -> BoxFuture<'static, Result<Option<Fields>>> + Send + Sync>;

/// A hook of a model without a struct.
#[derive(Clone)]
pub(crate) struct FieldsHook {
    pub(crate) point: HookPoint,
    pub(crate) name: Text,
    run: Run,
}

impl FieldsHook {
    pub(crate) fn new<F, Out, O>(point: HookPoint, name: Text, hook: F) -> Self
    where
        F: Fn(Fields, Ctx) -> Out + Send + Sync + 'static,
        Out: Future<Output = Result<O>> + Send + 'static,
        O: HookOutput,
    {
        let run: Run = Arc::new(move |fields, cx| {
            let hooked = hook(fields, cx);
            Box::pin(async move { hooked.await.map(O::into_fields) })
        });
        Self { point, name, run }
    }

    /// Runs it on the fields, which become what it returns.
    pub(crate) async fn run(&self, fields: &mut Fields, cx: &Ctx) -> Result<()> {
        if let Some(changed) = (self.run)(fields.clone(), cx.clone()).await? {
            *fields = changed;
        }
        Ok(())
    }
}

impl fmt::Debug for FieldsHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.point, self.name)
    }
}
