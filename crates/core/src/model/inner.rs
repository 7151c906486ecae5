//! What stands inside a JSON field, as far as its schema tells: so that a query can reach into it and knows what to compare with.

use std::sync::Arc;

use larder_query::{CompactString, Literal, Value};
use serde_json::{Map, Value as Json};

use super::{Compiled, Kind, resolve};
use crate::rule::literal_of;

/// How deep choices of choices are followed.
const DEPTH: usize = 8;

/// What is inside a field, to keep.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Inner {
    name: String,
    /// The schema of all fields.
    root: Arc<Json>,
}

/// What a value inside JSON can be. A schema is followed only where a path leads: a struct that holds itself in several members has no
/// end, and too many beginnings to look at them all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inside<'s> {
    /// None if it can be anything.
    schema: Option<&'s Json>,
    root: &'s Json,
}

/// What one step shows.
enum Shown<'s> {
    /// Anything.
    Any,
    /// A single value. Times, days, ids and decimals are text there.
    One(Kind),
    /// A list of these.
    List(Inside<'s>),
    /// An object, by its schema.
    Object(&'s Map<String, Json>),
}

impl Shown<'_> {
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) => true,
            (Self::One(one), Self::One(other)) => one == other,
            (Self::List(one), Self::List(other)) => one.schema == other.schema,
            (Self::Object(one), Self::Object(other)) => one == other,
            _ => false,
        }
    }
}

impl Inner {
    /// What is inside a field, by what clients see of it.
    pub(crate) fn of_field(model: &Compiled, field: usize) -> Self {
        let name = model.fields.get(field).map_or("", |field| field.name());
        Self {
            name: name.to_owned(),
            root: Arc::new(model.views.output.clone()),
        }
    }

    /// To look at.
    pub(crate) fn inside(&self) -> Inside<'_> {
        Inside::named(&self.root, &self.name)
    }
}

impl<'s> Inside<'s> {
    /// What is inside a field, by what clients see of it.
    pub(crate) fn of_field(model: &'s Compiled, field: usize) -> Self {
        let name = model.fields.get(field).map_or("", |field| field.name());
        Self::named(&model.views.output, name)
    }

    /// What is inside a field, by what is stored of it: code on the server sees server-only fields too.
    pub(crate) fn stored(model: &'s Compiled, field: usize) -> Self {
        let name = model.fields.get(field).map_or("", |field| field.name());
        Self::named(&model.views.stored, name)
    }

    /// What is inside a field, by the schema of all fields.
    pub(crate) fn named(root: &'s Json, name: &str) -> Self {
        let schema = root.get("properties").and_then(|all| all.get(name));
        Self { schema, root }
    }

    fn of(self, schema: &'s Json) -> Self {
        Self {
            schema: Some(schema),
            ..self
        }
    }

    fn shown(self) -> Shown<'s> {
        self.shown_to(DEPTH)
    }

    fn shown_to(self, depth: usize) -> Shown<'s> {
        let Some(schema) = self.schema.filter(|_| depth > 0) else {
            return Shown::Any;
        };
        let schema = resolve(schema, self.root);
        let is_null = |choice: &&Json| choice.get("type").is_some_and(|name| name == "null");
        for word in ["anyOf", "oneOf"] {
            if let Some(Json::Array(choices)) = schema.get(word) {
                let choices = choices.iter().filter(|choice| !is_null(choice));
                let mut choices = choices.map(|choice| self.of(choice).shown_to(depth - 1));
                let first = choices.next();
                return first
                    .filter(|first| choices.all(|other| other.is_like(first)))
                    .unwrap_or(Shown::Any);
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
            Json::Object(map) if is("object") => Shown::Object(map),
            Json::Object(map) if is("array") => Shown::List(Self {
                schema: map.get("items"),
                ..self
            }),
            _ => match Kind::of_schema(schema, self.root).0 {
                Kind::Json => Shown::Any,
                kind @ (Kind::Bool | Kind::Int | Kind::Uint | Kind::Float) => Shown::One(kind),
                _ => Shown::One(Kind::Text),
            },
        }
    }

    /// What a path leads to.
    ///
    /// # Errors
    /// Says which step leads nowhere.
    pub(crate) fn follow<S: AsRef<str>>(self, path: &[S]) -> Result<Self, String> {
        let mut inside = self;
        for step in path.iter().map(AsRef::as_ref) {
            inside = match inside.shown() {
                Shown::Any => inside.anything(),
                Shown::Object(map) => inside.member(map, step)?,
                Shown::List(item) if step.parse::<usize>().is_ok() => item,
                Shown::List(_) => {
                    return Err(format!(
                        "`{step}` is inside the elements of a list, and it is the list that is searched, by `contains`"
                    ));
                }
                Shown::One(_) => return Err(format!("there is nothing inside, so no `{step}`")),
            };
        }
        Ok(inside)
    }

    /// A literal as the value that stands at a path, or as an element of what stands there.
    ///
    /// # Errors
    /// Says what is wanted instead.
    pub(crate) fn literal(
        self,
        path: &[CompactString],
        name: &str,
        literal: &Literal,
    ) -> Result<Value, String> {
        match self.descend(path)?.shown() {
            Shown::One(kind) => literal_of(kind, name, literal),
            _ => Ok(literal.as_json()),
        }
    }

    /// The kind of what stands at a path, or of the elements of what stands there.
    pub(crate) fn kind_at(self, path: &[CompactString]) -> Kind {
        self.descend(path).map_or(Kind::Json, Self::kind)
    }

    /// What stands at a path that goes through lists as if they were their elements. It may name one by its number.
    fn descend(self, path: &[CompactString]) -> Result<Self, String> {
        let mut inside = self;
        for step in path {
            inside = match inside.shown() {
                Shown::List(item) if step.parse::<usize>().is_ok() => item,
                _ => {
                    let element = inside.element();
                    match element.shown() {
                        Shown::Object(map) => element.member(map, step)?,
                        _ => element,
                    }
                }
            };
        }
        Ok(inside.element())
    }

    /// The kind of a single value, or of the elements of a list of them.
    pub(crate) fn kind(self) -> Kind {
        match self.element().shown() {
            Shown::One(kind) => kind,
            Shown::Any | Shown::List(_) | Shown::Object(_) => Kind::Json,
        }
    }

    /// The element of a list, and of the lists in it; what is no list stays itself.
    fn element(self) -> Self {
        let mut inside = self;
        // A type can be a list of itself.
        for _ in 0..DEPTH {
            match inside.shown() {
                Shown::List(item) => inside = item,
                _ => return inside,
            }
        }
        inside.anything()
    }

    /// Whether a list can stand here.
    pub(crate) fn may_be_list(self) -> bool {
        matches!(self.shown(), Shown::Any | Shown::List(_))
    }

    /// What is in the list that stands here.
    pub(crate) fn item(self) -> Self {
        match self.shown() {
            Shown::List(item) => item,
            _ => self.anything(),
        }
    }

    fn anything(self) -> Self {
        Self {
            schema: None,
            ..self
        }
    }

    fn member(self, map: &'s Map<String, Json>, name: &str) -> Result<Self, String> {
        let named = map.get("properties").and_then(Json::as_object);
        if let Some(schema) = named.and_then(|named| named.get(name)) {
            return Ok(self.of(schema));
        }
        match map.get("additionalProperties") {
            Some(Json::Bool(false)) => {}
            Some(schema @ Json::Object(_)) => return Ok(self.of(schema)),
            _ => return Ok(self.anything()),
        }
        let known = named.into_iter().flatten().map(|(name, _)| name.as_str());
        Err(match larder_query::nearest(name, known) {
            Some(near) => format!("there is no `{name}` inside; did you mean `{near}`?"),
            None => format!("there is no `{name}` inside"),
        })
    }
}

#[cfg(test)]
mod tests {
    use larder_query::Literal;
    use serde_json::{Value as Json, json};

    use super::Inside;
    use crate::model::Kind;

    fn schema() -> Json {
        json!({
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
        })
    }

    fn inside(schema: &Json) -> Inside<'_> {
        Inside {
            schema: Some(schema),
            root: schema,
        }
    }

    fn path(text: &str) -> Vec<larder_query::CompactString> {
        text.split('.').map(Into::into).collect()
    }

    #[test]
    fn paths_lead_to_kinds() {
        let schema = schema();
        let inner = inside(&schema);
        let kind = |text: &str| inner.follow(&path(text)).map(Inside::kind);
        for (text, expected) in [
            ("city", Kind::Text),
            ("since", Kind::Text),
            ("lines.0.sku", Kind::Int),
            ("either.sku", Kind::Int),
            ("any.thing.at.all", Kind::Json),
            ("counts.whatever", Kind::Int),
            (
                "either.next.next.next.next.next.next.next.next.next.sku",
                Kind::Int,
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
        let schema = schema();
        let inner = inside(&schema);
        let read = |text: &str, literal: Literal| inner.literal(&path(text), "it", &literal);
        let plain = |raw: &str, value: larder_query::Value| Literal {
            raw: raw.into(),
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
