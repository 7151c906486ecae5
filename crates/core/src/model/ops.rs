//! The function pointers of a model: the only place where its Rust type is known.

use std::any::Any;
use std::fmt;

use larder_query::Value;
use schemars::generate::Contract;
use serde_json::Value as Json;

use super::Model;
use crate::codec::typed;
use crate::error::Result;

/// One record as the model's own struct, without its type.
pub type Instance = Box<dyn Any + Send + Sync>;

/// Turns records of one model into its struct and back. A model that is made at run time has none of this.
#[derive(Clone, Copy)]
pub struct ModelOps {
    /// The struct from its fields. The names and values come in pairs; fields that are not the struct's are left out.
    pub decode: fn(&[(&str, &Value)]) -> Result<Instance>,
    /// The fields of the struct, secrets included, as one object.
    pub encode: fn(&(dyn Any + Send + Sync)) -> Result<Value>,
    /// The schema of the struct as serde reads it.
    pub input_schema: fn() -> Json,
    /// The schema of the struct as serde writes it.
    pub output_schema: fn() -> Json,
}

impl ModelOps {
    /// The operations of a model's struct.
    pub fn of<M: Model>() -> Self {
        Self {
            decode: |fields| typed::decode::<M>(fields).map(|model| Box::new(model) as Instance),
            encode: |model| match model.downcast_ref::<M>() {
                Some(model) => M::encode(model),
                None => Err(crate::Error::internal(format!(
                    "a value that is no {} was given as one",
                    M::NAME
                ))),
            },
            input_schema: || M::root_schema(Contract::Deserialize),
            output_schema: || M::root_schema(Contract::Serialize),
        }
    }
}

impl fmt::Debug for ModelOps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelOps")
    }
}
