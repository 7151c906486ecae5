//! Fields that are not stored: methods whose result stands in every answer.

use std::any::Any;
use std::fmt;

use larder_query::Value;
use serde::Serialize;
use serde_json::Value as Json;

use super::{Compiled, Instance, ModelDef};
use crate::error::{Error, Result};
use crate::record::Record;

/// A method of `#[model_impl]` with `#[computed]`.
#[derive(Clone, Copy)]
pub struct ComputedDef {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: Option<&'static str>,
    /// The schema of its result, as it is written.
    pub schema: fn() -> Json,
    /// The method.
    pub run: ComputedFn,
}

/// A computed field's method as a function pointer.
pub type ComputedFn = fn(&(dyn Any + Send + Sync)) -> Result<Value>;

impl fmt::Debug for ComputedDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A computed field, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub(crate) def: ComputedDef,
    /// `"name":`, ready to be written.
    pub(crate) json_name: Box<[u8]>,
    pub(crate) schema: Json,
}

/// The result of a computed field's method as a value. A `Secret` in it stays one.
pub fn computed_value<T: Serialize>(value: &T) -> Result<Value> {
    larder_query::to_value(value).map_err(Error::internal)
}

/// The schema of a type as serde writes it.
pub fn output_schema_of<T: schemars::JsonSchema>() -> Json {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.contract = schemars::generate::Contract::Serialize;
    settings.meta_schema = None;
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Compiles the computed fields of a model. `taken` says whether a name is a field's already.
pub(super) fn compile(def: &ModelDef, taken: impl Fn(&str) -> bool) -> Result<Vec<Computed>> {
    let mut compiled: Vec<Computed> = Vec::new();
    for computed in &def.behaviour.computed {
        let name = computed.name;
        if taken(name) || compiled.iter().any(|before| before.def.name == name) {
            return Err(Error::setup(format!(
                "the computed field `{name}` has the name of another field: give it one by `#[computed(name = \"..\")]`"
            )));
        }
        let mut schema = (computed.schema)();
        crate::schema::views::bound_integers(&mut schema);
        if crate::schema::mentions(&schema, &schema, "x-secret") {
            return Err(Error::setup(format!(
                "the computed field `{name}` returns a `Secret`, which no answer shows"
            )));
        }
        compiled.push(Computed {
            def: *computed,
            json_name: super::compiled::json_name(name),
            schema,
        });
    }
    Ok(compiled)
}

impl Compiled {
    /// Whether a name is that of a computed field: clients may send it back, and it is ignored.
    pub(crate) fn is_computed(&self, name: &str) -> bool {
        self.computed
            .iter()
            .any(|computed| computed.def.name == name)
    }

    /// The record as the methods of computed fields get it; `None` if there are none.
    pub(crate) fn to_compute(&self, record: &Record) -> Result<Option<Instance>> {
        match self.computed.is_empty() {
            true => Ok(None),
            false => self.instance(record).map(Some),
        }
    }
}
