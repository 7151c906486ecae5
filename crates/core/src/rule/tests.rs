use larder_query::{Limits, kinvey};
use serde_json::{Value as Json, json};

use super::*;
use crate::model::{Compiled, FieldDef, ModelDef};

fn model() -> Compiled {
    let text = |format: &str| json!({"type": "string", "format": format});
    let fields: [(&str, Json); 8] = [
        ("id", text("uuid")),
        ("at", text("date-time")),
        ("day", text("date")),
        ("price", text("decimal")),
        ("name", json!({"type": "string"})),
        ("count", json!({"type": "integer"})),
        (
            "tags",
            json!({"type": "array", "items": {"type": "string"}}),
        ),
        ("more", json!({})),
    ];
    let mut def = ModelDef::new("Thing");
    for (name, schema) in fields {
        let field = FieldDef::new(name, schema);
        def = def.field(if name == "id" { field.id() } else { field });
    }
    Compiled::new(def).unwrap()
}

/// What a filter in Kinvey's syntax comes to on the model.
fn bound(text: &str) -> Result<String, String> {
    let model = model();
    let actor = &Actor::anonymous();
    let expr = kinvey::parse_filter(text, &Limits::default()).map_err(|error| error.to_string())?;
    larder_query::bind(&expr, &Binding::of(&model, actor))
        .map(|filter| filter.to_string())
        .map_err(|error| error.to_string())
}

#[test]
fn json_texts_become_what_their_field_holds() {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    for (text, filter) in [
        (format!(r#"{{"id":"{id}"}}"#), format!("eq(#0,{id})")),
        (
            r#"{"at":{"$gt":"2026-01-31T12:00:00Z"}}"#.to_owned(),
            "gt(#1,epoch:1769860800000)".to_owned(),
        ),
        (
            r#"{"at":{"$gt":"ISODate(\"2026-01-31T12:00:00.000Z\")"}}"#.to_owned(),
            "gt(#1,epoch:1769860800000)".to_owned(),
        ),
        (
            r#"{"day":{"$in":["2026-01-31","ISODate(\"2026-02-01T00:00:00.000Z\")"]}}"#.to_owned(),
            "in(#2,(date:2026-01-31,date:2026-02-01))".to_owned(),
        ),
        (
            r#"{"price":{"$gte":"12.50","$lt":100000000000000000.25}}"#.to_owned(),
            "and(ge(#3,12.5),lt(#3,100000000000000000.25))".to_owned(),
        ),
        (r#"{"name":"7"}"#.to_owned(), "eq(#4,string:7)".to_owned()),
        (r#"{"name":null}"#.to_owned(), "eq(#4,null)".to_owned()),
        (r#"{"count":{"$ne":7}}"#.to_owned(), "ne(#5,7)".to_owned()),
    ] {
        // No list can stand in these fields, so nothing is left of the search in lists.
        assert_eq!(bound(&text), Ok(filter), "{text}");
    }
}

#[test]
fn json_values_of_another_type_are_refused() {
    for text in [
        r#"{"name":7}"#,
        r#"{"count":"7"}"#,
        r#"{"id":"7"}"#,
        r#"{"at":"yesterday"}"#,
        r#"{"name":"ISODate(\"2026-01-31T12:00:00.000Z\")"}"#,
        r#"{"day":"ISODate(\"2026-01-31T12:00:00.000Z\")"}"#,
        r#"{"count":{"$mod":[2,0]},"name":{"$mod":[2,0]}}"#,
        // Also where nothing can be found.
        r#"{"name":{"$elemMatch":{"$gt":7}}}"#,
    ] {
        let error = bound(text).unwrap_err();
        assert!(error.contains("is compared with"), "{text}: {error}");
    }
}

#[test]
fn lists_are_searched_where_a_field_may_hold_one() {
    assert_eq!(
        bound(r#"{"tags":"new"}"#).unwrap(),
        "or(eq(#6,new),each(#6/,eq(#0,new)))"
    );
    assert_eq!(
        bound(r#"{"name":{"$elemMatch":{"$eq":"a"}}}"#).unwrap(),
        "false"
    );
    assert_eq!(
        bound(r#"{"name":{"$not":{"$elemMatch":{"$eq":"a"}}}}"#).unwrap(),
        "true"
    );
    // In a field of any JSON, a moment is the text that JSON has for it.
    assert_eq!(
        bound(r#"{"more":{"$gt":"ISODate(\"2026-01-31T12:00:00.000Z\")"}}"#).unwrap(),
        "or(gt(#7,string:2026-01-31T12%3A00%3A00.000Z),each(#7/,gt(#0,string:2026-01-31T12%3A00%3A00.000Z)))"
    );
}
