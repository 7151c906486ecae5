//! The five parameters as texts, in and out of a query string.

use super::{KinveyError, json, whole};
use crate::{Limits, ParseErrorKind as Kind, Span, nearest};

/// The five parameters of a query, decoded. What is none is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// The filter as JSON.
    pub query: Option<String>,
    /// Names of fields with commas between.
    pub fields: Option<String>,
    /// How many records at the most.
    pub limit: Option<String>,
    /// How many are passed over.
    pub skip: Option<String>,
    /// Fields with their directions, as JSON.
    pub sort: Option<String>,
}

const NAMES: [&str; 5] = ["query", "fields", "limit", "skip", "sort"];

impl Params {
    /// Takes the parameters out of a query string and decodes them; a `+` is a space.
    ///
    /// # Errors
    /// A parameter that is unknown, empty or stands twice; bytes that are no text; more text than allowed.
    pub fn from_query_string(text: &str, limits: &Limits) -> Result<Self, KinveyError> {
        let fault = |kind, span, message: String| KinveyError {
            param: None,
            error: json::fault(kind, span, message),
        };
        // Every byte may stand as three.
        let most = limits.text.saturating_mul(3);
        if text.len() > most {
            let message = format!("this has {} bytes; the limit is {most}", text.len());
            return Err(fault(Kind::TooLong, whole(text), message));
        }
        let mut params = Self::default();
        let mut start = 0;
        for part in text.split('&') {
            let span = Span::new(start, start + part.len());
            start += part.len() + 1;
            if part.is_empty() {
                continue;
            }
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let decoded = decode(name).and_then(|name| Some((name, decode(value)?)));
            let Some((name, value)) = decoded else {
                let message = "this is no percent-encoded text".to_owned();
                return Err(fault(Kind::Encoding, span, message));
            };
            let Some(place) = params.place(&name) else {
                let hint = nearest(&name, NAMES).map_or_else(
                    || format!("expected one of {}", NAMES.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("there is no parameter `{name}`; {hint}");
                return Err(fault(Kind::UnknownOperator, span, message));
            };
            let message = match (place.is_some(), value.is_empty()) {
                (true, _) => format!("`{name}` stands twice"),
                (false, true) => format!("`{name}` is empty; leave it out"),
                (false, false) => {
                    *place = Some(value);
                    continue;
                }
            };
            return Err(fault(Kind::Unexpected, span, message));
        }
        Ok(params)
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "query" => &mut self.query,
            "fields" => &mut self.fields,
            "limit" => &mut self.limit,
            "skip" => &mut self.skip,
            "sort" => &mut self.sort,
            _ => return None,
        })
    }

    /// Names and texts of what is there, in the order in which they are sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self {
            query,
            fields,
            limit,
            skip,
            sort,
        } = self;
        NAMES
            .into_iter()
            .zip([query, fields, limit, skip, sort])
            .filter_map(|(name, text)| Some((name, text.as_deref()?)))
    }

    /// The query string, percent-encoded, without a question mark.
    ///
    /// ```
    /// use larder_query::kinvey::Params;
    ///
    /// let params = Params { query: Some(r#"{"a":1}"#.to_owned()), limit: Some("5".to_owned()), ..Params::default() };
    /// assert_eq!(params.to_query_string(), "query=%7B%22a%22%3A1%7D&limit=5");
    /// ```
    pub fn to_query_string(&self) -> String {
        let mut out = String::new();
        for (name, text) in self.pairs() {
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(name);
            out.push('=');
            for byte in text.bytes() {
                if byte.is_ascii_alphanumeric() || b"-_.~*,".contains(&byte) {
                    out.push(char::from(byte));
                } else {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        out
    }
}

fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
                let number = digit(at)? * 16 + digit(at + 1)?;
                at += 2;
                u8::try_from(number).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(out).ok()
}
