//! Values inside lists and objects that another program stores as `ObjectId`s and dates.
//!
//! Where they stand the model says ([`Nested`]). In a field of that form they are of these types in every document, so that each value
//! comes back as what it was.

use larder_core::Nested;
use larder_query::{Object, Value};
use mongodb::bson::raw::RawBsonRef;
use mongodb::bson::{Bson, DateTime, Document};

use crate::encode::{self, DEEPEST, object_id};
use crate::{decode, names};

/// What is expected where something else stands.
const EXPECTED: &str = "JSON of at most 90 levels, and inside it ObjectIds (24 hexadecimal digits, in small letters) and times in whole \
                        milliseconds, as this collection keeps them";

/// A value as it is stored; what can't be is told by what was expected.
pub(crate) fn encode(at: &Nested, value: &Value) -> Result<Bson, &'static str> {
    stored(Some(at), value, 0).ok_or(EXPECTED)
}

fn stored(at: Option<&Nested>, value: &Value, depth: usize) -> Option<Bson> {
    if depth > DEEPEST {
        return None;
    }
    Some(match (at, value) {
        (Some(Nested::ObjectId), Value::Text(text)) => object_id(text)?.into(),
        (Some(Nested::Instant), Value::Text(text)) => {
            let at: jiff::Timestamp = text.parse().ok()?;
            let whole = at.subsec_nanosecond() % 1_000_000 == 0;
            DateTime::from_millis(whole.then(|| at.as_millisecond())?).into()
        }
        (Some(Nested::ObjectId | Nested::Instant), Value::Null) => Bson::Null,
        (Some(Nested::ObjectId | Nested::Instant), _) => return None,
        (Some(at), Value::Array(items)) => {
            let items = items.iter().map(|item| stored(at.items(), item, depth + 1));
            Bson::Array(items.collect::<Option<_>>()?)
        }
        (Some(at), Value::Object(object)) => {
            let mut document = Document::new();
            for (name, member) in object.iter() {
                let member = stored(at.member(name), member, depth + 1)?;
                document.insert(names::stored(name), member);
            }
            Bson::Document(document)
        }
        (_, value) => encode::json(value, depth)?,
    })
}

/// A stored value; none if it is not stored like this.
pub(crate) fn decode(at: &Nested, content: RawBsonRef<'_>) -> Option<Value> {
    shown(Some(at), content)
}

fn shown(at: Option<&Nested>, content: RawBsonRef<'_>) -> Option<Value> {
    Some(match (at, content) {
        (Some(Nested::ObjectId), RawBsonRef::ObjectId(id)) => Value::from(id.to_hex().as_str()),
        (Some(Nested::Instant), RawBsonRef::DateTime(at)) => {
            let at = jiff::Timestamp::from_millisecond(at.timestamp_millis()).ok()?;
            Value::from(at.to_string())
        }
        (Some(Nested::ObjectId | Nested::Instant), RawBsonRef::Null) => Value::Null,
        (Some(Nested::ObjectId | Nested::Instant), _) => return None,
        (Some(at), RawBsonRef::Array(items)) => {
            let items = items.into_iter();
            let items = items.map(|item| shown(at.items(), item.ok()?));
            Value::from(items.collect::<Option<Vec<_>>>()?)
        }
        (Some(at), RawBsonRef::Document(document)) => {
            let mut pairs = Vec::new();
            for element in document {
                let (name, content) = element.ok()?;
                let name = names::shown(name.as_str()).into_owned();
                let content = shown(at.member(&name), content)?;
                pairs.push((name, content));
            }
            Value::from(pairs.into_iter().collect::<Object>())
        }
        (_, content) => decode::json(content)?,
    })
}

/// A value with its times as they come back: in UTC, and without what is finer than a millisecond. None if they are so already.
pub(crate) fn settled(at: &Nested, value: &Value) -> Option<Value> {
    match (at, value) {
        (Nested::Instant, Value::Text(text)) => {
            let at: jiff::Timestamp = text.parse().ok()?;
            let rest = at.subsec_nanosecond().rem_euclid(1_000_000);
            let at = at.checked_sub(jiff::SignedDuration::from_nanos(rest.into()));
            let kept = at.ok()?.to_string();
            (kept.as_str() != &**text).then(|| Value::from(kept))
        }
        (at, Value::Array(items)) => {
            let at = at.items()?;
            let mut settled = None;
            for (place, item) in items.iter().enumerate() {
                if let Some(item) = self::settled(at, item) {
                    let all = settled.get_or_insert_with(|| items.to_vec());
                    if let Some(old) = all.get_mut(place) {
                        *old = item;
                    }
                }
            }
            settled.map(Value::from)
        }
        (at, Value::Object(object)) => {
            let is_other = |(name, member): (&_, &Value)| part(at, name, member).is_some();
            if !object.iter().any(is_other) {
                return None;
            }
            let members = object.iter().map(|(name, member)| {
                let member = part(at, name, member).unwrap_or_else(|| member.clone());
                (name.to_owned(), member)
            });
            Some(Value::from(members.collect::<Object>()))
        }
        _ => None,
    }
}

fn part(at: &Nested, name: &str, member: &Value) -> Option<Value> {
    settled(at.member(name)?, member)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::raw::RawBson;

    fn lines() -> Nested {
        let members = [
            ("of".to_owned(), Nested::ObjectId),
            ("at".to_owned(), Nested::Instant),
            ("ids".to_owned(), Nested::Items(Nested::ObjectId.into())),
        ];
        Nested::Items(Nested::Members(members.into()).into())
    }

    fn json(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_is_stored_comes_back() {
        let id = "65f0c0ffee0000000000000a";
        for text in [
            "[]",
            "null",
            r#"[{"of": "ID", "at": "2024-01-02T03:04:05.678Z", "n": 1, "$x": [1.5, "ID"]}, {"of": null}]"#,
            r#"[{"ids": ["ID", "ID"]}, 7, "text"]"#,
        ] {
            let value = json(&text.replace("ID", id));
            let stored = encode(&lines(), &value).unwrap();
            let raw = RawBson::try_from(stored).unwrap();
            assert_eq!(decode(&lines(), raw.as_raw_bson_ref()), Some(value));
        }
    }

    #[test]
    fn other_types_are_neither_written_nor_read() {
        for text in [
            r#"[{"of": "ann"}]"#,
            r#"[{"of": 7}]"#,
            r#"[{"at": "tomorrow"}]"#,
            r#"[{"at": "2024-01-02T03:04:05.6781Z"}]"#,
            r#"[{"ids": ["ann"]}]"#,
        ] {
            assert!(encode(&lines(), &json(text)).is_err(), "{text}");
        }
        let stored = encode::json(&json(r#"[{"of": "65f0c0ffee0000000000000a"}]"#), 0).unwrap();
        let raw = RawBson::try_from(stored).unwrap();
        assert_eq!(decode(&lines(), raw.as_raw_bson_ref()), None);
    }

    #[test]
    fn times_settle() {
        for (sent, kept) in [
            (
                r#"[{"at": "2024-01-02T05:04:05.6789+02:00", "n": 1}, {"n": 2}]"#,
                Some(r#"[{"at": "2024-01-02T03:04:05.678Z", "n": 1}, {"n": 2}]"#),
            ),
            (r#"[{"at": "2024-01-02T03:04:05.678Z"}]"#, None),
            (r#"[{"at": "tomorrow"}, 7]"#, None),
        ] {
            assert_eq!(settled(&lines(), &json(sent)), kept.map(json), "{sent}");
        }
    }
}
