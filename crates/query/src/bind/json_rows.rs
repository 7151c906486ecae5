//! Rows that are whole JSON objects, without a model.

use super::{ParamValue, Place, Scope};
use crate::Value;
use crate::expr::{Literal, Param, Path};

/// The scope of rows that hold one value each, an object as JSON has it. Every path leads into it; what is not there is null.
///
/// ```
/// use larder_query::{JsonRows, Value, bind, parse};
///
/// let filter = bind(&parse("address.city=Rome")?, &JsonRows)?;
/// let row: Value = serde_json::from_str(r#"{"name": "Ann", "address": {"city": "Rome"}}"#)?;
/// assert!(filter.matches(&[row]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonRows;

impl Scope for JsonRows {
    fn field(&self, path: &Path) -> Result<Place, String> {
        Ok(Place {
            field: 0,
            inside: path.steps.to_vec(),
        })
    }

    fn value(&self, _place: &Place, literal: &Literal) -> Result<Value, String> {
        Ok(literal.as_json())
    }

    fn param(&self, _param: &Param) -> ParamValue {
        ParamValue::Unknown
    }
}

impl Literal {
    /// The value as it stands in JSON, which has no moments, days, UUIDs, decimals and bytes: they are texts there. A moment keeps the
    /// text it was written with.
    ///
    /// ```
    /// use larder_query::{Literal, Value};
    ///
    /// let day: Value = Value::Date("2026-01-31".parse()?);
    /// assert_eq!(Literal::of(day).as_json(), Value::from("2026-01-31"));
    /// assert_eq!(Literal::of(7).as_json(), Value::from(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_json(&self) -> Value {
        match &self.value {
            Value::Instant(_) if self.raw.parse::<jiff::Timestamp>().is_ok() => {
                Value::from(self.raw.as_str())
            }
            value => value.clone().into_json(),
        }
    }
}
