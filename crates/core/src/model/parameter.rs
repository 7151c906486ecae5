//! Parameters of a list whose condition is code: a function from what a request sends to a filter. Written by `#[search]`.

use std::fmt;

use larder_query::Value;
use serde::de::DeserializeOwned;

use super::ArgDef;
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::typed::{Filter, Node, TypedField};

/// A parameter of a list that filters by code.
///
/// It runs when a request sends the parameter. The other arguments of the function are other parameters, each null unless the request
/// sends it too; one that is no parameter of the model by itself becomes one that only goes with this one.
#[derive(Clone)]
pub struct ParameterDef {
    /// Its name in the query string.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: Option<&'static str>,
    /// What it is called with, itself among them.
    pub args: Vec<ArgDef>,
    /// The fields that it looks at, as far as they are known: they get their indexes.
    pub uses: Vec<FieldUse>,
    /// The function.
    pub run: ParameterFn,
}

/// A parameter's function.
pub type ParameterFn = fn(&ParameterCall<'_>) -> Result<Condition>;

impl fmt::Debug for ParameterDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.name, self.args)
    }
}

/// What a parameter's function is called with: arguments by name, already checked against their schemas.
#[derive(Clone, Copy, Debug)]
pub struct ParameterCall<'a> {
    pub(crate) args: &'a [(&'static str, Value)],
}

impl ParameterCall<'_> {
    /// One argument.
    ///
    /// # Errors
    /// `BadRequest` naming the parameter if it can't be read as `T`.
    pub fn arg<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self
            .args
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(&Value::Null, |(_, value)| value);
        larder_query::from_value(value).map_err(|error| {
            let message = format!("`{name}`: {error}");
            let fault = FieldError {
                field: name.to_owned(),
                pointer: String::new(),
                message: message.clone(),
                code: "parameter",
            };
            Error::new(ErrorKind::BadRequest, message).with_fields(vec![fault])
        })
    }
}

/// A filter without the type of its model.
#[derive(Clone, Debug)]
pub struct Condition(pub(crate) Node);

impl<M> From<Filter<M>> for Condition {
    fn from(filter: Filter<M>) -> Self {
        Self(filter.into_node())
    }
}

/// A field that a parameter's function looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldUse {
    /// The wire name, with dots behind links and before what is inside a field.
    pub field: String,
    /// Where the field is a list: the path inside its elements, then those inside the elements of the lists there.
    pub elements: &'static [&'static str],
    /// The method that it is compared by: `eq`, `starts_with`.
    pub method: &'static str,
}

/// Asks a constant that a function names whether it is a field. The answer for one that is comes from here, for any other from
/// [`NoField`].
#[derive(Debug)]
pub struct Used<'a, T>(pub &'a T);

impl<M, T> Used<'_, TypedField<M, T>> {
    /// The field, and the method that it is compared by.
    pub fn field(self, method: &'static str) -> Option<FieldUse> {
        let field = self.0.dotted()?;
        Some(FieldUse {
            field,
            elements: &[],
            method,
        })
    }

    /// What is at a path inside the field, an empty one for the field itself. Paths behind the first lead on from an element of what the one
    /// before leads to.
    pub fn inside(self, paths: &'static [&'static str], method: &'static str) -> Option<FieldUse> {
        let mut field = self.0.dotted()?;
        let (first, elements) = paths.split_first()?;
        if !first.is_empty() {
            field = format!("{field}.{first}");
        }
        Some(FieldUse {
            field,
            elements,
            method,
        })
    }
}

/// The answer of [`Used`] for what is no field. In scope, it stands behind the answer for one that is.
pub trait NoField: Sized {
    /// None.
    fn field(self, _: &'static str) -> Option<FieldUse> {
        None
    }

    /// None.
    fn inside(self, _: &'static [&'static str], _: &'static str) -> Option<FieldUse> {
        None
    }
}

impl<T> NoField for Used<'_, T> {}
