//! A JSON body to a draft: one pass that parses, brings each value to its field's kind and checks it, and gathers every
//! fault instead of stopping at the first.

use std::fmt;

use larder_query::Value;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Draft;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Compiled;

/// Reads a body by the input view of a model.
///
/// With `patch` the body is a merge patch (RFC 7396): null means "remove" and passes here, and parts of nested values are
/// checked only once they are merged.
pub(crate) fn read_body(model: &Compiled, text: &[u8], patch: bool) -> Result<Draft> {
    let mut draft = Draft::empty(model.fields.len());
    let mut json = serde_json::Deserializer::from_slice(text);
    json.deserialize_any(Body {
        model,
        patch,
        draft: &mut draft,
    })
    .map_err(malformed)?;
    json.end().map_err(malformed)?;
    if draft.faults.iter().any(|fault| fault.pointer.is_empty()) {
        // It is no object: what it lacks as one is beside the point.
        return Err(Error::invalid(draft.faults));
    }
    Ok(draft)
}

/// Reads any JSON text as a value.
pub(crate) fn read_value(text: &[u8]) -> Result<Value> {
    serde_json::from_slice(text).map_err(malformed)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn malformed(error: serde_json::Error) -> Error {
    Error::new(
        ErrorKind::BadRequest,
        format!("the body is not JSON: {error}"),
    )
}

struct Body<'a> {
    model: &'a Compiled,
    patch: bool,
    draft: &'a mut Draft,
}

impl Body<'_> {
    fn not_an_object(self) {
        self.draft
            .fault("", String::new(), "must be a JSON object", "type");
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut expected = 0;
        while let Some(place) = map.next_key_seed(Name {
            model: self.model,
            expected,
        })? {
            match place {
                Place::Field(at) => {
                    expected = at + 1;
                    let field = &self.model.fields[at];
                    let is_id = self.model.key.one() == Some(at);
                    if is_id && (self.patch || !field.writable) {
                        // Where there is a path it is compared with that, and nobody else looks at it.
                        let value = map.next_value::<Value>()?;
                        if self.draft.values[at].replace(value).is_some() {
                            let (name, place) = (field.name(), field.pointer());
                            self.draft.fault(name, place, "is there twice", "duplicate");
                        }
                    } else if field.writable {
                        let value = map.next_value::<Value>()?;
                        accept(self.model, at, value, self.patch, self.draft);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Place::Computed => {
                    map.next_value::<IgnoredAny>()?;
                }
                Place::Unknown(name) => {
                    map.next_value::<IgnoredAny>()?;
                    unknown(self.model, &name, self.draft);
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        self.not_an_object();
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.not_an_object();
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.not_an_object();
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.not_an_object();
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.not_an_object();
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.not_an_object();
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.not_an_object();
        Ok(())
    }
}

/// Takes one value that was sent for a field; with `patch`, parts of nested values are checked only once they are merged.
pub(crate) fn accept(model: &Compiled, at: usize, value: Value, patch: bool, draft: &mut Draft) {
    let field = &model.fields[at];
    if draft.values[at].is_some() {
        draft.fault(field.name(), field.pointer(), "is there twice", "duplicate");
        return;
    }
    let faults = draft.faults.len();
    let partial = patch && (value.is_null() || matches!(value, Value::Object(_)));
    let value = if partial {
        value
    } else {
        field.accept(value, &mut draft.faults)
    };
    if faults == draft.faults.len() {
        draft.values[at] = Some(value);
    } else {
        // Something stands here, so that the field does not count as missing too.
        draft.values[at] = Some(Value::Null);
    }
}

/// Notes a name that is no field, and the one that is perhaps meant.
pub(crate) fn unknown(model: &Compiled, name: &str, draft: &mut Draft) {
    if draft.is_full() {
        // Looking for a similar name takes time.
        return;
    }
    let known = model
        .fields
        .iter()
        .filter(|field| field.writable)
        .map(|field| field.name());
    let message = match larder_query::nearest(name, known) {
        Some(near) => format!("is not a field of {}; did you mean `{near}`?", model.name()),
        None => format!("is not a field of {}", model.name()),
    };
    draft.fault(
        name,
        format!("/{}", crate::schema::escape(name)),
        message,
        "unknown",
    );
}

enum Place {
    Field(usize),
    /// Not stored, so what a client sends back of it is ignored.
    Computed,
    Unknown(String),
}

/// Finds a field by its name. Clients mostly send fields in their order, so the search begins where the last one ended.
struct Name<'a> {
    model: &'a Compiled,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Place;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Place, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Place;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Place, E> {
        let fields = &self.model.fields;
        let is_it = |at: &usize| fields[*at].name() == name && !fields[*at].server_only;
        let found = (self.expected..fields.len())
            .find(is_it)
            .or_else(|| (0..self.expected.min(fields.len())).find(is_it));
        Ok(match found {
            Some(at) => Place::Field(at),
            None if self.model.is_computed(name) => Place::Computed,
            None => Place::Unknown(name.to_owned()),
        })
    }
}
