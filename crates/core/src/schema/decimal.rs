//! Exact decimal numbers in schemas: text of digits, or a whole number.
//!
//! JSON Schema has no type for them. schemars writes those of `rust_decimal` and `bigdecimal` as text with one of two
//! patterns; a schema by hand says `"format": "decimal"` (OpenAPI's format registry).

use serde_json::{Map, Value as Json, json};

/// The `format` of a decimal.
pub(crate) const FORMAT: &str = "decimal";

/// What schemars 1 writes for a decimal as it is read, and as it is written.
const READ_BY_SCHEMARS: &str = r"^-?\d+(\.\d+)?([eE]\d+)?$";
const WRITTEN_BY_SCHEMARS: &str = r"^-?\d+(\.\d+)?$";

/// The same in digits that every pattern language takes for those from 0 to 9 only.
const READ: &str = r"^-?[0-9]+(\.[0-9]+)?([eE][0-9]+)?$";

/// Whether a schema is that of a decimal.
pub(crate) fn is_decimal(schema: &Json) -> bool {
    schema.as_object().is_some_and(is_decimal_map)
}

fn is_decimal_map(map: &Map<String, Json>) -> bool {
    let names: Vec<&str> = match map.get("type") {
        Some(Json::String(name)) => vec![name],
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => return false,
    };
    let text = |word| map.get(word).and_then(Json::as_str);
    names.contains(&"string")
        && names
            .iter()
            .all(|name| ["string", "number", "integer", "null"].contains(name))
        && (text("format") == Some(FORMAT)
            || [READ_BY_SCHEMARS, WRITTEN_BY_SCHEMARS]
                .map(Some)
                .contains(&text("pattern")))
}

/// Makes a decimal's schema say what is taken: a number with a fraction is refused, because by the time that it is read as
/// a float nobody knows which digits were sent.
pub(super) fn tighten(map: &mut Map<String, Json>) {
    if !is_decimal_map(map) {
        return;
    }
    map.insert("format".to_owned(), FORMAT.into());
    let own = map.get("pattern").and_then(Json::as_str);
    if own.is_none_or(|own| [READ_BY_SCHEMARS, WRITTEN_BY_SCHEMARS].contains(&own)) {
        map.insert("pattern".to_owned(), READ.into());
    }
    if let Some(Json::Array(names)) = map.get_mut("type") {
        for name in names.iter_mut().filter(|name| *name == "number") {
            *name = json!("integer");
        }
        names.dedup();
    }
}

/// Whether a decimal has the usual pattern, or none.
pub(crate) fn is_plain_decimal(map: &Map<String, Json>) -> bool {
    map.get("pattern").is_none_or(|own| own == READ)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;
    use crate::schema::Check;

    fn tight(mut schema: Json) -> Json {
        crate::schema::sources::tighten(&mut schema);
        schema
    }

    #[test]
    fn decimals_are_known_by_their_schemas() {
        for (schema, nullable) in [
            (
                json!({"type": ["string", "number"], "pattern": READ_BY_SCHEMARS}),
                false,
            ),
            (
                json!({"type": ["string", "number", "null"], "pattern": READ_BY_SCHEMARS}),
                true,
            ),
            (
                json!({"type": "string", "pattern": WRITTEN_BY_SCHEMARS}),
                false,
            ),
            (json!({"type": "string", "format": "decimal"}), false),
        ] {
            let schema = tight(schema);
            assert_eq!(
                Kind::of_schema(&schema, &schema),
                (Kind::Decimal, nullable),
                "{schema}"
            );
            assert!(Check::compile(&schema, &schema).is_ok());
        }
        for other in [
            json!({"type": "string", "pattern": "^[0-9]+$"}),
            json!({"type": "number", "format": "decimal"}),
            json!({"type": ["string", "boolean"], "format": "decimal"}),
        ] {
            assert_ne!(Kind::of_schema(&other, &other).0, Kind::Decimal, "{other}");
        }
    }

    #[test]
    fn bounds_and_steps_are_exact() {
        let schema = tight(json!({
            "type": "string", "format": "decimal", "minimum": 0.1, "exclusiveMaximum": 100, "multipleOf": 0.05,
        }));
        let check = Check::compile(&schema, &schema).unwrap();
        let passes = |text: &str| {
            let number = larder_query::Value::Decimal(text.parse().unwrap());
            // Inside a list or a struct a decimal is text.
            let both = [check.accepts(&number), check.accepts(&text.into())];
            assert_eq!(both[0], both[1], "{text}");
            both[0]
        };
        assert!(passes("0.1") && passes("0.15") && passes("99.95") && passes("7"));
        assert!(
            !passes("0.05")
                && !passes("0.11")
                && !passes("100")
                && !passes("99.9500000000000000000001")
        );
    }

    #[test]
    fn a_pattern_of_its_own_is_refused() {
        let schema = tight(json!({"type": "string", "format": "decimal", "pattern": "^.{4}$"}));
        assert!(
            Check::compile(&schema, &schema)
                .unwrap_err()
                .contains("multipleOf")
        );
    }
}
