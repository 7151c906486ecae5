//! Checks compiled once from a JSON Schema (2020-12) and run on values without looking at the schema again.
//!
//! It understands every keyword that schemars writes for serde types and that its attributes can add. A schema with a
//! validating keyword that is not understood does not compile: nothing is skipped silently.

use std::sync::Arc;

use larder_query::Value;
use regex::Regex;
use serde_json::{Map, Value as Json};

use super::escape;
use crate::error::FieldError;
use crate::model::Kind;

mod choice;
mod compile;
mod run;
mod texts;

/// 2^53: up to here every whole number is a float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A compiled schema.
#[derive(Clone, Debug, Default)]
pub struct Check {
    types: Option<Types>,
    constants: Option<Vec<Value>>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
    multiple_of: Option<f64>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    pattern: Option<Regex>,
    format: Option<Kind>,
    min_items: Option<usize>,
    max_items: Option<usize>,
    unique_items: bool,
    prefix: Vec<Check>,
    items: Option<Items>,
    object: Option<Box<ObjectCheck>>,
    all_of: Vec<Check>,
    any_of: Vec<Check>,
    one_of: Vec<Check>,
    not: Option<Box<Check>>,
    /// A definition that the schema refers to; shared, as definitions may refer to themselves.
    reference: Option<Reference>,
    never: bool,
}

#[derive(Clone, Debug)]
enum Items {
    None,
    Each(Box<Check>),
}

#[derive(Clone, Debug, Default)]
struct ObjectCheck {
    properties: Vec<(String, Check)>,
    patterns: Vec<(Regex, Check)>,
    required: Vec<String>,
    additional: Additional,
    min: Option<usize>,
    max: Option<usize>,
}

#[derive(Clone, Debug, Default)]
enum Additional {
    #[default]
    Any,
    None,
    Each(Box<Check>),
}

/// A named definition, looked up when it is run, so that recursive types are finite.
#[derive(Clone, Debug)]
struct Reference {
    name: String,
    all: Arc<std::sync::OnceLock<std::collections::BTreeMap<String, Check>>>,
}

/// A set of JSON types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Types(u8);

impl Types {
    const NULL: Self = Self(1);
    const BOOLEAN: Self = Self(2);
    const INTEGER: Self = Self(4);
    const NUMBER: Self = Self(8 | 4);
    const STRING: Self = Self(16);
    const ARRAY: Self = Self(32);
    const OBJECT: Self = Self(64);

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => return None,
        })
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::I64(_) | Value::U64(_) => Self::INTEGER,
            Value::F64(number) if number.fract() == 0.0 => Self::INTEGER,
            Value::F64(_) => Self(8),
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
            _ => Self::STRING,
        }
    }

    fn allows(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn describe(self) -> String {
        let names = [
            (Self::OBJECT, "an object"),
            (Self::ARRAY, "a list"),
            (Self::STRING, "text"),
            (Self(8), "a number"),
            (Self::INTEGER, "a whole number"),
            (Self::BOOLEAN, "true or false"),
            (Self::NULL, "null"),
        ];
        let number = self.0 & 8 != 0;
        let words: Vec<&str> = names
            .iter()
            .filter(|(kind, _)| self.0 & kind.0 != 0 && !(number && *kind == Self::INTEGER))
            .map(|(_, word)| *word)
            .collect();
        words.join(" or ")
    }
}

impl Check {
    /// Compiles a schema; `root` holds the definitions that it refers to. The error names what is not understood.
    pub fn compile(schema: &Json, root: &Json) -> Result<Self, String> {
        compile::compile(schema, root)
    }

    /// Whether this accepts everything.
    pub fn is_trivial(&self) -> bool {
        !self.never
            && self.types.is_none()
            && self.constants.is_none()
            && self.has_no_bounds()
            && self.object.is_none()
            && self.items.is_none()
            && self.says_nothing_combined()
    }

    fn says_nothing_combined(&self) -> bool {
        self.prefix.is_empty()
            && self.all_of.is_empty()
            && self.any_of.is_empty()
            && self.one_of.is_empty()
            && self.not.is_none()
            && self.reference.is_none()
    }

    /// Whether only the type is checked, which coercion to a field's kind has done already.
    pub(crate) fn is_only_type(&self) -> bool {
        // Bounds that every 64-bit integer keeps say nothing either. (A float can be beyond them.)
        let widest = self.types.is_some_and(|types| types.0 & 8 == 0)
            && self.minimum.is_none_or(|least| least <= i64::MIN as f64)
            && self.maximum.is_none_or(|most| most >= i64::MAX as f64);
        let bounds = if widest {
            (None, None)
        } else {
            (self.minimum, self.maximum)
        };
        Self {
            types: None,
            format: None,
            minimum: bounds.0,
            maximum: bounds.1,
            ..self.clone()
        }
        .is_trivial()
    }

    /// The least and the greatest whole number that pass, none where that is the end of the kind's own range, which has a sign or not.
    /// Nothing where more is said of whole numbers than where they end, or a bound lies where floats leave whole numbers out.
    pub(crate) fn whole_range(&self, signed: bool) -> Option<[Option<i64>; 2]> {
        if !self.says_only_bounds() {
            return None;
        }
        let [first, last] = match signed {
            true => [i64::MIN as f64, i64::MAX as f64],
            false => [0.0, u64::MAX as f64],
        };
        let exact = |bound: f64| (bound.abs() <= EXACT).then_some(bound as i64);
        let mut range = [None, None];
        let least = [
            self.minimum.map(f64::ceil),
            self.above.map(|bound| bound.floor() + 1.0),
        ];
        for least in least.into_iter().flatten().filter(|least| *least > first) {
            range[0] = range[0].max(Some(exact(least)?));
        }
        let most = [
            self.maximum.map(f64::floor),
            self.below.map(|bound| bound.ceil() - 1.0),
        ];
        for most in most.into_iter().flatten().filter(|most| *most < last) {
            let most = exact(most)?;
            range[1] = Some(range[1].map_or(most, |other: i64| other.min(most)));
        }
        Some(range)
    }

    /// Whether nothing is said beside the type, and where numbers end.
    fn says_only_bounds(&self) -> bool {
        !self.never
            && self.constants.is_none()
            && self.multiple_of.is_none()
            && self.has_no_lengths()
            && self.object.is_none()
            && self.items.is_none()
            && self.says_nothing_combined()
    }

    /// The check of one element of a list, if all are checked alike.
    pub(crate) fn of_element(&self) -> Option<&Self> {
        match &self.items {
            Some(Items::Each(check)) => Some(check),
            _ => None,
        }
    }

    /// Whether a list passes if each of its elements does, however many there are.
    pub(crate) fn is_of_elements(&self) -> bool {
        Self {
            types: None,
            items: None,
            ..self.clone()
        }
        .is_trivial()
    }

    fn has_no_bounds(&self) -> bool {
        self.minimum.is_none()
            && self.maximum.is_none()
            && self.above.is_none()
            && self.below.is_none()
            && self.multiple_of.is_none()
            && self.format.is_none()
            && self.has_no_lengths()
    }

    fn has_no_lengths(&self) -> bool {
        self.min_length.is_none()
            && self.max_length.is_none()
            && self.pattern.is_none()
            && self.min_items.is_none()
            && self.max_items.is_none()
            && !self.unique_items
    }

    /// Checks a value and adds every fault to `faults`, with pointers below `pointer`.
    pub fn run(&self, value: &Value, field: &str, pointer: &str, faults: &mut Vec<FieldError>) {
        let steps = std::cell::Cell::new(0);
        run::run(
            self,
            value,
            &mut run::Report {
                field,
                base: pointer,
                path: run::Path::default(),
                faults,
                steps: &steps,
            },
            0,
        );
    }

    /// Whether a value passes.
    pub fn accepts(&self, value: &Value) -> bool {
        let mut faults = Vec::new();
        self.run(value, "", "", &mut faults);
        faults.is_empty()
    }
}

#[cfg(test)]
mod tests;
