//! What people read when their JSON does not fit.

use serde_json::json;

use super::*;

fn said(schema: &Json, value: Json) -> Vec<String> {
    let mut faults = Vec::new();
    Check::compile(schema, schema)
        .unwrap()
        .run(&Value::from(value), "f", "/f", &mut faults);
    faults
        .into_iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.message))
        .collect()
}

fn constant(text: &str) -> Json {
    json!({ "type": "string", "const": text })
}

#[test]
fn a_tag_decides_which_form_was_meant() {
    let form = |tag: &str, member: &str| {
        json!({
            "type": "object",
            "properties": { "kind": constant(tag), member: { "type": "string" } },
            "required": ["kind", member],
            "additionalProperties": false,
        })
    };
    let schema = json!({ "oneOf": [form("Text", "text"), form("Place", "at")] });
    assert_eq!(
        said(&schema, json!({ "kind": "Place", "text": "x" })),
        ["/f/at is required", "/f/text is not known here"]
    );
    assert_eq!(
        said(&schema, json!({ "kind": "Nope" })),
        [r#"/f/kind must be one of "Text", "Place""#]
    );
    assert_eq!(
        said(&schema, json!({ "text": "x" })),
        ["/f/kind is required"]
    );
    assert_eq!(said(&schema, json!(5)), ["/f must be an object"]);
}

#[test]
fn a_variant_is_named() {
    let schema = json!({ "oneOf": [
        { "type": "string", "enum": ["Point"] },
        { "type": "object", "properties": { "Circle": { "type": "number" } }, "required": ["Circle"], "additionalProperties": false },
    ] });
    assert_eq!(
        said(&schema, json!("Square")),
        [r#"/f must be one of "Point", or an object with one member: `Circle`"#]
    );
    assert_eq!(
        said(&schema, json!({ "Circle": "x" })),
        ["/f/Circle must be a number"]
    );
    assert!(said(&schema, json!("Point")).is_empty());
}

#[test]
fn an_optional_value_is_judged_as_the_value() {
    let schema = json!({
        "anyOf": [{ "$ref": "#/$defs/Status" }, { "type": "null" }],
        "$defs": { "Status": { "oneOf": [constant("draft"), constant("published")] } },
    });
    assert_eq!(
        said(&schema, json!("x")),
        [r#"/f must be one of "draft", "published""#]
    );
    assert!(said(&schema, Json::Null).is_empty());
}

#[test]
fn a_keyword_that_is_not_understood_does_not_compile() {
    for schema in [
        json!({ "if": {} }),
        json!({ "multipleOf": 0 }),
        json!({ "pattern": "(?=x)" }),
        json!({ "$ref": "#/nowhere" }),
    ] {
        assert!(Check::compile(&schema, &schema).is_err(), "{schema}");
    }
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    let schema = json!({ "$ref": "#/$defs/Loop", "$defs": { "Loop": { "anyOf": [{ "$ref": "#/$defs/Loop" }, { "type": "null" }] } } });
    assert!(said(&schema, Json::Null).len() < 2);
}

#[test]
fn whole_numbers_have_ends_where_bounds_are_all_that_is_said() {
    let range = |schema: Json, signed: bool| {
        Check::compile(&schema, &schema)
            .unwrap()
            .whole_range(signed)
    };
    let bounds =
        |least: f64, most: f64| json!({ "type": "integer", "minimum": least, "maximum": most });
    assert_eq!(range(bounds(0.0, 10.0), true), Some([Some(0), Some(10)]));
    assert_eq!(range(bounds(0.0, 10.0), false), Some([None, Some(10)]));
    assert_eq!(range(bounds(-1.5, 1.5), true), Some([Some(-1), Some(1)]));
    let around =
        json!({ "exclusiveMinimum": 0, "exclusiveMaximum": 2.5, "minimum": -4, "maximum": 7 });
    assert_eq!(range(around, true), Some([Some(1), Some(2)]));
    let whole = [i64::MIN as f64, i64::MAX as f64];
    assert_eq!(range(bounds(whole[0], whole[1]), true), Some([None, None]));
    assert_eq!(
        range(bounds(0.0, u64::MAX as f64), false),
        Some([None, None])
    );
    // There a float is several whole numbers.
    assert_eq!(range(json!({ "maximum": 2.0_f64.powi(60) }), true), None);
    assert_eq!(range(json!({ "maximum": 9, "multipleOf": 3 }), true), None);
    assert_eq!(
        range(json!({ "maximum": 9, "not": { "const": 4 } }), true),
        None
    );
}
