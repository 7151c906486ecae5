//! The text of a patch: an array of objects, each member once.

use std::fmt;

use larder_query::{Object, Value};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use crate::error::{Error, ErrorKind, Result};

/// The operations as they stand in the text.
pub(super) fn read(text: &[u8]) -> Result<Vec<Object>> {
    serde_json::from_slice::<Vec<Members>>(text)
        .map(|all| all.into_iter().map(|members| members.0).collect())
        .map_err(|error| {
            Error::new(
                ErrorKind::BadRequest,
                format!("the body is not a JSON Patch, an array of operations (RFC 6902): {error}"),
            )
        })
}

/// The members of one operation. One that stands there twice is an error (RFC 6902, A.13), where a JSON object would
/// keep the last.
struct Members(Object);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an operation such as {\"op\": \"replace\", \"path\": \"/title\", \"value\": \"..\"}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Object::new();
                while let Some(name) = map.next_key::<String>()? {
                    // Members that the RFC does not define are ignored.
                    let known = matches!(name.as_str(), "op" | "path" | "from" | "value");
                    let value = map.next_value::<Value>()?;
                    if known && members.insert(name.as_str(), value).is_some() {
                        return Err(A::Error::custom(format_args!("`{name}` is there twice")));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Each)
    }
}

/// The tokens of a JSON Pointer (RFC 6901); `None` if it is none.
pub(super) fn steps(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    pointer
        .strip_prefix('/')?
        .split('/')
        .map(unescape)
        .collect()
}

fn unescape(token: &str) -> Option<String> {
    let mut text = String::with_capacity(token.len());
    let mut letters = token.chars();
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '~' => match letters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            letter => letter,
        });
    }
    Some(text)
}
