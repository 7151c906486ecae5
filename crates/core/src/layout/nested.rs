//! What stands inside lists and objects, as far as a database may have types of its own for it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::{is_object_id, resolve};

/// How deep schemas are followed, as far as they have no more parts than [`MOST`]: those that contain themselves have no end, and where they do so in
/// several ways there are ever more of them.
const DEPTHS: [usize; 4] = [16, 8, 4, 2];

/// How many parts of a schema are looked at.
const MOST: usize = 5_000;

/// Where inside a JSON field values stand for which a database may have types of its own. All of them are texts to larder.
///
/// ```
/// use larder_core::Nested;
///
/// let tags = Nested::Items(Nested::ObjectId.into());
/// assert_eq!(tags.items(), Some(&Nested::ObjectId));
/// assert_eq!(tags.member("name"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nested {
    /// Here stands an [`ObjectId`](crate::ObjectId).
    ObjectId,
    /// Here stands a time.
    Instant,
    /// They are in the elements of a list.
    Items(Box<Self>),
    /// They are in these members of an object.
    Members(BTreeMap<String, Self>),
    /// They are in all members of an object, whatever their names.
    Values(Box<Self>),
}

impl Nested {
    /// What stands in the elements of a list that is here.
    pub fn items(&self) -> Option<&Self> {
        match self {
            Self::Items(inner) => Some(inner),
            _ => None,
        }
    }

    /// What stands in a member of an object that is here.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Members(members) => members.get(name),
            Self::Values(inner) => Some(inner),
            _ => None,
        }
    }

    /// What a schema says of it; none if there is nothing of the sort.
    pub(crate) fn of(schema: &Json, root: &Json) -> Option<Self> {
        DEPTHS.iter().find_map(|depth| {
            let mut parts = MOST;
            let found = Self::below(schema, root, *depth, &mut parts);
            (parts > 0).then_some(found)
        })?
    }

    /// `left` levels are followed, and `parts` looked at: 0 afterwards if there were more.
    fn below(schema: &Json, root: &Json, left: usize, parts: &mut usize) -> Option<Self> {
        let left = left.checked_sub(1)?;
        *parts = parts.saturating_sub(1);
        if *parts == 0 {
            return None;
        }
        let schema = resolve(schema, root);
        if is_object_id(schema, root) {
            return Some(Self::ObjectId);
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(Json::Array(choices)) = schema.get(word) {
                let is_null = |choice: &&Json| choice.get("type").is_some_and(|it| it == "null");
                let mut others = choices.iter().filter(|choice| !is_null(choice));
                // Which one of several it is shows in no path.
                return match (others.next(), others.next()) {
                    (Some(only), None) => Self::below(only, root, left, parts),
                    _ => None,
                };
            }
        }
        if schema.get("format").is_some_and(|it| it == "date-time") {
            return Some(Self::Instant);
        }
        if let Some(items) = schema.get("items") {
            return Self::below(items, root, left, parts).map(|inner| Self::Items(inner.into()));
        }
        let members = schema.get("properties").and_then(Json::as_object);
        let members = members.into_iter().flatten();
        let members: BTreeMap<String, Self> = members
            .filter_map(|(name, member)| {
                Some((name.clone(), Self::below(member, root, left, parts)?))
            })
            .collect();
        if !members.is_empty() {
            return Some(Self::Members(members));
        }
        let values = schema.get("additionalProperties")?;
        Self::below(values, root, left, parts).map(|inner| Self::Values(inner.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(schema: &Json) -> Option<Nested> {
        let root = json!({"$defs": {
            "Id": {"type": "string", "format": crate::types::FORMAT},
            "Tree": {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}, "below": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}},
        }});
        Nested::of(schema, &root)
    }

    #[test]
    fn schemas_say_where() {
        let id = json!({"$ref": "#/$defs/Id"});
        let ids = Nested::Items(Nested::ObjectId.into());
        assert_eq!(
            of(&json!({"type": "array", "items": id})),
            Some(ids.clone())
        );
        let optional = json!({"anyOf": [{"type": "array", "items": id}, {"type": "null"}]});
        assert_eq!(of(&optional), Some(ids));
        let time = json!({"type": ["string", "null"], "format": "date-time"});
        let line = json!({"type": "object", "properties": {"sku": {"type": "string"}, "of": id, "at": time}});
        let found = of(&json!({"type": "array", "items": line})).unwrap();
        let line = found.items().unwrap();
        assert_eq!(line.member("of"), Some(&Nested::ObjectId));
        assert_eq!(line.member("at"), Some(&Nested::Instant));
        assert_eq!(line.member("sku"), None);
        let map = of(&json!({"type": "object", "additionalProperties": time})).unwrap();
        assert_eq!(map.member("whatever"), Some(&Nested::Instant));
        for nothing in [
            json!(true),
            json!({"type": "array", "items": {"type": "string"}}),
            json!({"anyOf": [{"type": "array", "items": id}, {"type": "string"}]}),
        ] {
            assert_eq!(of(&nothing), None);
        }
    }

    #[test]
    fn what_contains_itself_ends() {
        let found = of(&json!({"$ref": "#/$defs/Tree"})).unwrap();
        let below = found.member("below").and_then(Nested::items).unwrap();
        assert_eq!(below.member("at"), Some(&Nested::Instant));
    }

    #[test]
    fn schemas_that_contain_themselves_in_many_ways() {
        let again = json!({"$ref": "#/$defs/Many"});
        let many: serde_json::Map<String, Json> = ('a'..='h')
            .map(|name| (name.to_string(), again.clone()))
            .collect();
        let mut root = json!({"$defs": {"Many": {"type": "object", "properties": many}}});
        root["$defs"]["Many"]["properties"]["at"] =
            json!({"type": "string", "format": "date-time"});
        let found = Nested::of(&again, &root).unwrap();
        assert_eq!(found.member("at"), Some(&Nested::Instant));
        let below = found.member("h").and_then(|h| h.member("a")?.member("at"));
        assert_eq!(below, Some(&Nested::Instant));
    }
}
