//! RFC 6902, appendix A, on the field `doc`; and what a patch may not name or grow to.

use larder_query::Value;
use serde_json::{Value as Json, json};

use super::JsonPatch;
use crate::error::Error;
use crate::model::{Compiled, FieldDef, ModelDef};
use crate::record::{Record, Version};

fn model() -> Compiled {
    let text = || json!({"type": "string"});
    let hidden = || -> crate::Result<Value> { Ok(Value::from("h")) };
    Compiled::new(
        ModelDef::new("Thing")
            .client_id()
            .field(FieldDef::new("id", text()).id())
            .field(FieldDef::new("doc", json!({})))
            .field(
                FieldDef::new(
                    "when",
                    json!({"type": ["string", "null"], "format": "date-time"}),
                )
                .omit_null(),
            )
            .field(FieldDef::new(
                "title",
                json!({"type": "string", "maxLength": 5}),
            ))
            .field(FieldDef::new("score", text()).read_only().default(hidden))
            .field(
                FieldDef::new("secret", text())
                    .server_only()
                    .default(hidden),
            )
            .field(FieldDef::new("owner", text()).owner()),
    )
    .unwrap()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is called with `json!(..)`"
)]
fn record(model: &Compiled, doc: Json) -> Record {
    let values = model.fields().iter().map(|field| match field.name() {
        "doc" => serde_json::from_value(doc.clone()).unwrap(),
        "when" => field
            .kind()
            .coerce(Value::from("2024-02-29T12:00:00Z"))
            .unwrap(),
        name => Value::from(name),
    });
    Record::new(values.collect(), Version(1))
}

/// What a patch makes of the field `doc`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is called with `json!(..)`"
)]
fn patched(doc: Json, patch: Json) -> Result<Json, Error> {
    let model = model();
    let patch = JsonPatch::read(&model, patch.to_string().as_bytes())?;
    let changes = patch.apply(&model, &record(&model, doc.clone()), 4000)?;
    let changed = changes
        .into_iter()
        .find(|(at, _)| model.fields()[*at].name() == "doc");
    Ok(changed.map_or(doc, |(_, value)| serde_json::to_value(value).unwrap()))
}

/// Status, and the pointers and codes of the faults.
fn fault(doc: Json, patch: Json) -> (u16, Vec<String>) {
    let error = patched(doc, patch).unwrap_err();
    let faults = error
        .fields()
        .iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.code));
    (error.kind().status(), faults.collect())
}

#[test]
fn the_examples_of_the_rfc() {
    let cases = [
        (
            "A.1",
            json!({"foo": "bar"}),
            json!([{"op": "add", "path": "/doc/baz", "value": "qux"}]),
            json!({"foo": "bar", "baz": "qux"}),
        ),
        (
            "A.2",
            json!(["bar", "baz"]),
            json!([{"op": "add", "path": "/doc/1", "value": "qux"}]),
            json!(["bar", "qux", "baz"]),
        ),
        (
            "A.3",
            json!({"baz": "qux", "foo": "bar"}),
            json!([{"op": "remove", "path": "/doc/baz"}]),
            json!({"foo": "bar"}),
        ),
        (
            "A.4",
            json!(["bar", "qux", "baz"]),
            json!([{"op": "remove", "path": "/doc/1"}]),
            json!(["bar", "baz"]),
        ),
        (
            "A.5",
            json!({"baz": "qux"}),
            json!([{"op": "replace", "path": "/doc/baz", "value": "boo"}]),
            json!({"baz": "boo"}),
        ),
        (
            "A.6",
            json!({"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}}),
            json!([{"op": "move", "from": "/doc/foo/waldo", "path": "/doc/qux/thud"}]),
            json!({"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}),
        ),
        (
            "A.7",
            json!(["all", "grass", "cows", "eat"]),
            json!([{"op": "move", "from": "/doc/1", "path": "/doc/3"}]),
            json!(["all", "cows", "eat", "grass"]),
        ),
        (
            "A.8",
            json!({"baz": "qux", "foo": ["a", 2, "c"]}),
            json!([{"op": "test", "path": "/doc/baz", "value": "qux"}, {"op": "test", "path": "/doc/foo/1", "value": 2.0}]),
            json!({"baz": "qux", "foo": ["a", 2, "c"]}),
        ),
        (
            "A.10",
            json!({}),
            json!([{"op": "add", "path": "/doc/child", "value": {"grandchild": {}}}]),
            json!({"child": {"grandchild": {}}}),
        ),
        (
            "A.11",
            json!({}),
            json!([{"op": "add", "path": "/doc/baz", "value": null, "xyz": 123}]),
            json!({"baz": null}),
        ),
        (
            "A.14",
            json!({"/": 9, "~1": 10}),
            json!([{"op": "test", "path": "/doc/~01", "value": 10}]),
            json!({"/": 9, "~1": 10}),
        ),
        (
            "A.16",
            json!(["bar"]),
            json!([{"op": "add", "path": "/doc/-", "value": ["abc", "def"]}]),
            json!(["bar", ["abc", "def"]]),
        ),
        (
            "copy",
            json!({"a": [1]}),
            json!([{"op": "copy", "from": "/doc/a", "path": "/doc/b"}]),
            json!({"a": [1], "b": [1]}),
        ),
        (
            "the field",
            json!(1),
            json!([{"op": "replace", "path": "/doc", "value": {"a": 1}}]),
            json!({"a": 1}),
        ),
        (
            "in order",
            json!({}),
            json!([
                {"op": "add", "path": "/doc/a", "value": 1}, {"op": "test", "path": "/doc/a", "value": 1}, {"op": "move", "from": "/doc/a", "path": "/doc/b"},
            ]),
            json!({"b": 1}),
        ),
    ];
    for (name, doc, patch, expected) in cases {
        assert_eq!(patched(doc, patch).unwrap(), expected, "{name}");
    }
}

#[test]
fn what_does_not_fit_the_record() {
    let cases = [
        (
            json!([{"op": "test", "path": "/doc/a", "value": "1"}]),
            "/0/path test",
        ),
        (
            json!([{"op": "test", "path": "/doc/none", "value": null}]),
            "/0/path path",
        ),
        (
            json!([{"op": "add", "path": "/doc/none/b", "value": 1}]),
            "/0/path path",
        ),
        (
            json!([{"op": "remove", "path": "/doc/none"}]),
            "/0/path path",
        ),
        (
            json!([{"op": "replace", "path": "/doc/none", "value": 1}]),
            "/0/path path",
        ),
        (
            json!([{"op": "test", "path": "/doc/a", "value": 1}, {"op": "move", "from": "/doc/none", "path": "/doc/b"}]),
            "/1/from path",
        ),
        (
            json!([{"op": "add", "path": "/doc/list/3", "value": 1}]),
            "/0/path path",
        ),
        (
            json!([{"op": "add", "path": "/doc/list/01", "value": 1}]),
            "/0/path path",
        ),
        (
            json!([{"op": "replace", "path": "/doc/list/-", "value": 1}]),
            "/0/path path",
        ),
        (
            json!([{"op": "remove", "path": "/doc/list/2"}]),
            "/0/path path",
        ),
        (
            json!([{"op": "remove", "path": "/when"}, {"op": "remove", "path": "/when"}]),
            "/1/path path",
        ),
    ];
    for (patch, expected) in cases {
        let found = fault(json!({"a": 1, "list": [1, 2]}), patch.clone());
        assert_eq!(found, (409, vec![expected.to_owned()]), "{patch}");
    }
}

#[test]
fn what_is_no_patch() {
    let cases = [
        (json!([{"path": "/doc"}]), "/0/op patch"),
        (json!([{"op": "put", "path": "/doc"}]), "/0/op patch"),
        (json!([{"op": 1, "path": "/doc"}]), "/0/op patch"),
        (json!([{"op": "remove"}]), "/0/path patch"),
        (json!([{"op": "remove", "path": "doc"}]), "/0/path patch"),
        (
            json!([{"op": "remove", "path": "/doc/~2"}]),
            "/0/path patch",
        ),
        (
            json!([{"op": "remove", "path": "/doc"}, {"op": "add", "path": "/doc"}]),
            "/1/value patch",
        ),
        (json!([{"op": "move", "path": "/doc"}]), "/0/from patch"),
        (
            json!([{"op": "move", "from": "/doc", "path": "/doc/a"}]),
            "/0/path patch",
        ),
    ];
    for (patch, expected) in cases {
        assert_eq!(
            fault(json!({}), patch.clone()),
            (400, vec![expected.to_owned()]),
            "{patch}"
        );
    }
    for text in [
        "{}",
        "[1]",
        "[[\"remove\", \"/doc\"]]",
        "nothing",
        r#"[{"op": "add", "path": "/doc", "value": 1, "op": "remove"}]"#,
    ] {
        let error = JsonPatch::read(&model(), text.as_bytes()).unwrap_err();
        assert_eq!(error.kind().status(), 400, "{text}");
        assert!(error.message().contains("line 1"), "{error}");
    }
}

#[test]
fn fields_that_a_client_may_not_write_do_not_exist() {
    for name in ["id", "score", "secret", "owner", "nothing"] {
        let path = format!("/{name}");
        for patch in [
            json!([{"op": "test", "path": path, "value": "h"}]),
            json!([{"op": "add", "path": path, "value": "h"}]),
            json!([{"op": "remove", "path": format!("{path}/deep")}]),
        ] {
            let error = patched(json!({}), patch).unwrap_err();
            assert_eq!(error.kind().status(), 422);
            assert_eq!(
                error.message(),
                format!("`{name}` is not a field of Thing that can be patched")
            );
            assert_eq!(
                (error.fields()[0].pointer.as_str(), error.fields()[0].code),
                ("/0/path", "unknown")
            );
        }
        let patch = json!([{"op": "copy", "from": path, "path": "/doc"}]);
        assert_eq!(
            fault(json!({}), patch),
            (422, vec!["/0/from unknown".to_owned()])
        );
    }
    let whole = json!([{"op": "test", "path": "", "value": {}}]);
    assert_eq!(
        fault(json!({}), whole),
        (422, vec!["/0/path path".to_owned()])
    );
}

#[test]
fn what_it_makes_is_checked() {
    let long = json!([{"op": "replace", "path": "/title", "value": "too long"}]);
    assert_eq!(
        fault(json!({}), long),
        (422, vec!["/title maxLength".to_owned()])
    );
    let gone = json!([{"op": "remove", "path": "/title"}]);
    assert_eq!(
        fault(json!({}), gone),
        (422, vec!["/title required".to_owned()])
    );
    // Times are compared as clients see them.
    let patch = json!([{"op": "test", "path": "/when", "value": "2024-02-29T12:00:00Z"}, {"op": "add", "path": "/doc", "value": 1}]);
    assert_eq!(patched(json!({}), patch).unwrap(), json!(1));
}

#[test]
fn a_patch_can_not_grow_without_bound() {
    let many: Vec<Json> = (0..101)
        .map(|_| json!({"op": "test", "path": "/doc", "value": 1}))
        .collect();
    assert_eq!(fault(json!(1), json!(many)), (413, vec![]));
    let doubling: Vec<Json> = (0..100)
        .map(|n| json!({"op": "copy", "from": "/doc", "path": format!("/doc/{n}")}))
        .collect();
    assert_eq!(fault(json!({}), json!(doubling)), (413, vec![]));
    let deep = format!("/doc{}", "/0".repeat(60));
    let nested = |levels| (0..levels).fold(json!([]), |inner, _| json!([inner]));
    let patch = json!([{"op": "add", "path": "/doc", "value": nested(60)}, {"op": "add", "path": deep, "value": nested(60)}]);
    assert_eq!(
        fault(json!({}), patch),
        (422, vec!["/1/path depth".to_owned()])
    );
}
