//! What stands inside a JSON field, as far as its schema tells: so that a query can reach into it and knows what to compare with.

use std::collections::BTreeMap;

use larder_query::{CompactString, Literal, Value};
use serde_json::{Map, Value as Json};

use super::{Compiled, Kind, resolve};
use crate::rule::literal_of;

/// How deep a schema is followed. What lies below can be anything, as in a struct that holds itself.
const DEPTH: usize = 8;

/// What a value inside JSON can be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Inner {
    /// Anything.
    Any,
    /// A single value. Times, days, ids and decimals are text there.
    One(Kind),
    /// A list of these.
    List(Box<Inner>),
    /// Members by their names.
    Object(Members),
}

/// The members of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Members {
    named: BTreeMap<String, Inner>,
    /// What members of other names are, if there can be any.
    others: Option<Box<Inner>>,
}

impl Inner {
    /// What is inside a field, by what clients see of it.
    pub(crate) fn of_field(model: &Compiled, field: usize) -> Self {
        let view = &model.views.output;
        let name = model.fields.get(field).map_or("", |field| field.name());
        match view.get("properties").and_then(|all| all.get(name)) {
            Some(schema) => Self::of(schema, view, 0),
            None => Self::Any,
        }
    }

    fn of(schema: &Json, root: &Json, depth: usize) -> Self {
        let schema = resolve(schema, root);
        let is_null = |choice: &&Json| choice.get("type").is_some_and(|name| name == "null");
        for word in ["anyOf", "oneOf"] {
            if let Some(Json::Array(choices)) = schema.get(word) {
                let mut choices = choices.iter().filter(|choice| !is_null(choice));
                let first = choices.next().map(|choice| Self::of(choice, root, depth));
                let mut others = choices.map(|choice| Self::of(choice, root, depth));
                return first
                    .filter(|first| others.all(|other| other == *first))
                    .unwrap_or(Self::Any);
            }
        }
        let is = |wanted: &str| match schema.get("type") {
            Some(Json::String(name)) => name == wanted,
            Some(Json::Array(names)) => {
                names.len() == 2
                    && names.iter().any(|name| name == wanted)
                    && names.iter().any(|name| name == "null")
            }
            _ => false,
        };
        match schema {
            _ if depth == DEPTH => Self::Any,
            Json::Object(map) if is("object") => Self::Object(Members::of(map, root, depth)),
            Json::Object(map) if is("array") => {
                let item = map
                    .get("items")
                    .map_or(Self::Any, |item| Self::of(item, root, depth + 1));
                Self::List(Box::new(item))
            }
            _ => match Kind::of_schema(schema, root).0 {
                Kind::Json => Self::Any,
                kind @ (Kind::Bool | Kind::Int | Kind::Uint | Kind::Float) => Self::One(kind),
                _ => Self::One(Kind::Text),
            },
        }
    }

    /// What a path leads to.
    ///
    /// # Errors
    /// Says which step leads nowhere.
    pub(crate) fn follow(&self, path: &[CompactString]) -> Result<&Self, String> {
        let mut inner = self;
        for step in path {
            inner = match inner {
                Self::Any => inner,
                Self::Object(members) => members.get(step)?,
                Self::List(item) if step.parse::<usize>().is_ok() => item,
                Self::List(_) => {
                    return Err(format!(
                        "`{step}` is inside the elements of a list, and it is the list that is searched, by `contains`"
                    ));
                }
                Self::One(_) => return Err(format!("there is nothing inside, so no `{step}`")),
            };
        }
        Ok(inner)
    }

    /// A literal as the value that stands at a path, or as an element of what stands there.
    ///
    /// # Errors
    /// Says what is wanted instead.
    pub(crate) fn literal(
        &self,
        path: &[CompactString],
        name: &str,
        literal: &Literal,
    ) -> Result<Value, String> {
        let mut inner = self;
        for step in path {
            while let Self::List(item) = inner {
                inner = item;
            }
            inner = match inner {
                Self::Object(members) => members.get(step)?,
                other => other,
            };
        }
        while let Self::List(item) = inner {
            inner = item;
        }
        match inner {
            Self::One(kind) => literal_of(*kind, name, literal),
            _ => Ok(literal.value.clone()),
        }
    }

    /// The kind of a single value, or of the elements of a list of them.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::One(kind) => *kind,
            Self::List(item) => item.kind(),
            Self::Any | Self::Object(_) => Kind::Json,
        }
    }
}

impl Members {
    fn of(map: &Map<String, Json>, root: &Json, depth: usize) -> Self {
        let named = map.get("properties").and_then(Json::as_object);
        let named = named.into_iter().flatten();
        Self {
            named: named
                .map(|(name, schema)| (name.clone(), Inner::of(schema, root, depth + 1)))
                .collect(),
            others: match map.get("additionalProperties") {
                Some(Json::Bool(false)) => None,
                Some(schema @ Json::Object(_)) => {
                    Some(Box::new(Inner::of(schema, root, depth + 1)))
                }
                _ => Some(Box::new(Inner::Any)),
            },
        }
    }

    fn get(&self, name: &str) -> Result<&Inner, String> {
        if let Some(found) = self.named.get(name).or(self.others.as_deref()) {
            return Ok(found);
        }
        let known = self.named.keys().map(String::as_str);
        Err(match larder_query::nearest(name, known) {
            Some(near) => format!("there is no `{name}` inside; did you mean `{near}`?"),
            None => format!("there is no `{name}` inside"),
        })
    }
}

#[cfg(test)]
mod tests {
    use larder_query::Literal;
    use serde_json::json;

    use super::Inner;
    use crate::model::Kind;

    fn inner() -> Inner {
        let schema = json!({
            "type": "object",
            "properties": {
                "city": {"type": ["string", "null"]},
                "since": {"type": "string", "format": "date-time"},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
                "either": {"anyOf": [{"$ref": "#/$defs/Line"}, {"type": "null"}]},
                "any": true,
                "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            },
            "additionalProperties": false,
            "$defs": {"Line": {
                "type": "object",
                "properties": {"sku": {"type": "integer"}, "next": {"$ref": "#/$defs/Line"}},
                "additionalProperties": false,
            }},
        });
        Inner::of(&schema, &schema, 0)
    }

    fn path(text: &str) -> Vec<larder_query::CompactString> {
        text.split('.').map(Into::into).collect()
    }

    #[test]
    fn paths_lead_to_kinds() {
        let inner = inner();
        let kind = |text: &str| inner.follow(&path(text)).map(Inner::kind);
        for (text, expected) in [
            ("city", Kind::Text),
            ("since", Kind::Text),
            ("lines.0.sku", Kind::Int),
            ("either.sku", Kind::Int),
            ("any.thing.at.all", Kind::Json),
            ("counts.whatever", Kind::Int),
            (
                "either.next.next.next.next.next.next.next.next.sku",
                Kind::Json,
            ),
        ] {
            assert_eq!(kind(text), Ok(expected), "{text}");
        }
        for (text, expected) in [
            ("citi", "there is no `citi` inside; did you mean `city`?"),
            ("city.name", "there is nothing inside, so no `name`"),
            (
                "lines.sku",
                "`sku` is inside the elements of a list, and it is the list that is searched, by `contains`",
            ),
        ] {
            assert_eq!(kind(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn literals_become_what_they_are_compared_with() {
        let inner = inner();
        let read = |text: &str, literal: Literal| inner.literal(&path(text), "it", &literal);
        let plain = |raw: &str, value: larder_query::Value| Literal {
            raw: raw.to_owned(),
            value,
            typed: false,
            span: larder_query::Span::default(),
        };
        assert_eq!(read("city", plain("7", 7.into())), Ok("7".into()));
        assert_eq!(read("lines.sku", plain("7", 7.into())), Ok(7.into()));
        assert_eq!(read("any", plain("7", 7.into())), Ok(7.into()));
        let wrong = read("lines.sku", plain("seven", "seven".into()));
        assert_eq!(
            wrong.unwrap_err(),
            "`it` is compared with `seven`, but it is a whole number"
        );
    }
}
