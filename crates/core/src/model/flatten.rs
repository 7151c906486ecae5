//! Structs that serde flattens into a model's: their fields are fields of the model.
//!
//! Their names are not known to the derive, which sees only the model, so they are read off the struct's schema at
//! `build()`. A field of them has no Rust type of its own here: what the struct's `Deserialize` says of all of them together
//! is asked of the whole group.

use std::any::type_name;
use std::collections::BTreeSet;

use larder_query::{Object, Value};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::def::decodes;
use super::{Compiled, DecodeCheck, schema_of};
use crate::error::{Error, FieldError, Result};

/// A flattened member of a model's struct.
#[derive(Clone, Copy)]
pub struct FlattenDef {
    type_name: &'static str,
    schema: fn() -> Json,
    check: DecodeCheck,
}

/// An object with nothing but the members of a flattened `T`, read and written as serde does inside a model.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Alone<T> {
    #[serde(flatten)]
    it: T,
}

impl FlattenDef {
    pub(super) fn of<T: Serialize + DeserializeOwned + JsonSchema + 'static>() -> Self {
        Self {
            type_name: type_name::<T>(),
            schema: schema_of::<Alone<T>>,
            check: decodes::<Alone<T>>,
        }
    }

    /// The names of the members, each with whether it must be there.
    pub(super) fn members(&self) -> Result<Vec<(String, bool)>> {
        let schema = (self.schema)();
        let open = [
            "oneOf",
            "anyOf",
            "allOf",
            "$ref",
            "additionalProperties",
            "patternProperties",
        ];
        let properties = schema.get("properties").and_then(Json::as_object);
        let Some(properties) =
            properties.filter(|_| !open.iter().any(|word| allows_more(&schema, word)))
        else {
            return Err(Error::setup(format!(
                "`{}` can't be flattened: it is no struct, so its keys are not known and can't be fields; a map, an enum or a \
                 JSON value needs a field of its own, without `#[serde(flatten)]`",
                self.type_name
            )));
        };
        let required: BTreeSet<&str> = schema
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        if let Some(name) = properties.keys().find(|name| name.starts_with('_')) {
            return Err(Error::setup(format!(
                "`{name}` of the flattened `{}` begins with `_`, which makes a field read-only or server-only; only a field of the \
                 model itself can be that",
                self.type_name
            )));
        }
        Ok(properties
            .keys()
            .map(|name| (name.clone(), required.contains(name.as_str())))
            .collect())
    }

    /// Whether nothing at all stands for it, as for an `Option`.
    pub(super) fn may_be_absent(&self) -> bool {
        let nothing = Value::Object(Box::new(Object::new()));
        matches!((self.check)(&nothing), Ok(Value::Object(object)) if object.iter().next().is_none())
    }

    pub(super) fn group(&self, fields: Vec<usize>) -> Group {
        Group {
            fields,
            check: self.check,
        }
    }
}

/// Whether a keyword of an object's schema brings in members that `properties` does not list.
fn allows_more(schema: &Json, word: &str) -> bool {
    schema
        .get(word)
        .is_some_and(|value| *value != Json::Bool(false))
}

/// The fields of one flattened struct, compiled.
#[derive(Clone)]
pub(crate) struct Group {
    fields: Vec<usize>,
    check: DecodeCheck,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.fields).finish()
    }
}

impl std::fmt::Debug for FlattenDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.type_name)
    }
}

impl Compiled {
    /// Whether a field came from a flattened struct, so that its neighbours have a say in what it may be.
    pub(crate) fn is_flattened(&self, field: usize) -> bool {
        self.groups
            .iter()
            .any(|group| group.fields.contains(&field))
    }

    /// Whether a struct is flattened into the model.
    pub(crate) fn has_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Reads each flattened struct of a whole record as its own type, and keeps what the type writes.
    pub(crate) fn accept_groups(&self, values: &mut [Value], faults: &mut Vec<FieldError>) {
        for group in &self.groups {
            self.accept_group(group, values, faults);
        }
    }

    fn accept_group(&self, group: &Group, values: &mut [Value], faults: &mut Vec<FieldError>) {
        let mut object = Object::with_capacity(group.fields.len());
        for &at in &group.fields {
            let field = &self.fields[at];
            if !(field.omit_null && values[at].is_null()) {
                object.insert(field.name(), values[at].clone());
            }
        }
        let normal = match (group.check)(&Value::Object(Box::new(object))) {
            Ok(normal) => normal,
            Err(message) => return self.group_fault(group, message, faults),
        };
        let Value::Object(mut normal) = normal else {
            return self.group_fault(group, "can't be stored".to_owned(), faults);
        };
        for &at in &group.fields {
            let field = &self.fields[at];
            match normal.remove(field.name()) {
                Some(value) => values[at] = field.take(value, faults),
                None if values[at].is_null() => {}
                // An optional struct is all there or not at all; serde would drop the half that was sent.
                None => faults.push(FieldError {
                    field: field.name().to_owned(),
                    pointer: field.pointer(),
                    message: "belongs to other fields, of which one is missing".to_owned(),
                    code: "required",
                }),
            }
        }
    }

    fn group_fault(&self, group: &Group, message: String, faults: &mut Vec<FieldError>) {
        if let Some(field) = group.fields.first().map(|at| &self.fields[*at]) {
            faults.push(FieldError {
                field: field.name().to_owned(),
                pointer: field.pointer(),
                message,
                code: "type",
            });
        }
    }
}
