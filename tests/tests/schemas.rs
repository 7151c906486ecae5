//! The published schemas against what larder does, judged by a validator that knows nothing of larder.

#[path = "schemas/cases.rs"]
mod cases;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use larder::prelude::*;
use larder::{
    AppBuilder, Body, Bytes, Call, ErrorKind, MemoryStore, Reply, Surface, Want, models,
    runtime::Inline,
};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Draft,
    Published,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
enum Shape {
    Point,
    Circle(f64),
    Box { width: u8, height: u8 },
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum Internal {
    Text { text: String },
    Place { at: Address },
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    Number(i32),
    Nothing,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Address {
    #[schemars(length(min = 1, max = 10))]
    street: String,
    #[serde(default)]
    country: String,
    next: Option<Box<Address>>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/riches",
    timestamps,
    rules(read = "true", create = "true", write = "true")
)]
#[model(search(title = contains, status = eq, stars = ge), sort(title, stars))]
struct Rich {
    #[model(id)]
    id: Id<Rich>,
    #[schemars(length(min = 1, max = 5), regex(pattern = "^[a-z]*$"))]
    title: String,
    #[schemars(range(min = 1, max = 5))]
    stars: i32,
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 10, "multipleOf" = 0.5))]
    ratio: f64,
    small: u8,
    #[schemars(range(min = -5, max = 1000))]
    wide: u8,
    whole: i64,
    big: u64,
    float: f32,
    #[serde(default)]
    status: Status,
    maybe: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rare: Option<Status>,
    address: Address,
    shape: Shape,
    internal: Internal,
    adjacent: Adjacent,
    #[serde(default)]
    counts: BTreeMap<String, u32>,
    pair: (u8, String),
    #[schemars(length(min = 1, max = 3), extend("uniqueItems" = true))]
    tags: Vec<String>,
    bytes: Bytes,
    uuid: uuid::Uuid,
    #[serde(default)]
    anything: Json,
    link: Option<ModelLink<Rich>>,
    #[model(read_only)]
    #[serde(default)]
    score: f64,
    #[model(server_only)]
    #[serde(default)]
    notes: Secret<String>,
}

struct World {
    app: App,
    runtime: tokio::runtime::Runtime,
    input: jsonschema::Validator,
    output: jsonschema::Validator,
    stored: jsonschema::Validator,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let builder: AppBuilder = App::builder().models(models![Rich]).store(
        "main",
        Arc::new(MemoryStore::new()) as Arc<dyn larder::Store>,
    );
    let app = runtime
        .block_on(builder.build_with(Arc::new(Inline)))
        .unwrap();
    let views = app.model(0).unwrap().views();
    let validator = |view| {
        jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(view)
            .unwrap()
    };
    World {
        input: validator(&views.input),
        output: validator(&views.output),
        stored: validator(&views.stored),
        runtime,
        app: app.clone(),
    }
});

fn create(text: Vec<u8>) -> larder::Result<Arc<larder::Record>> {
    let call = Call::new(
        0,
        Want::Create(Body::Json(text.into())),
        Actor::anonymous(),
        Surface::Rest,
    );
    match WORLD.runtime.block_on(WORLD.app.call(&call))? {
        Reply::Created(row) => Ok(row),
        other => panic!("{other:?}"),
    }
}

fn valid() -> Json {
    json!({
        "title": "abc", "stars": 3, "ratio": 2.5, "small": 7, "wide": 9, "whole": -4, "big": 12, "float": 1.5,
        "address": { "street": "Hill", "next": { "street": "Dale", "country": "X" } },
        "shape": { "Box": { "width": 1, "height": 2 } }, "internal": { "kind": "Text", "text": "t" },
        "adjacent": { "kind": "Number", "value": 5 }, "pair": [1, "b"], "tags": ["x", "y"], "bytes": "AP8=",
        "uuid": "0197f3a2-7c3e-7aaa-8bbb-0123456789ab",
    })
}

fn anything() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-10i64..300).prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        prop_oneof![
            Just(0.5),
            Just(1.0),
            Just(-0.0),
            Just(1e300),
            Just(-1e39),
            Just(256.0),
            Just(1e15),
            Just(0.1)
        ]
        .prop_map(Json::from),
        prop_oneof![
            Just(""),
            Just("abc"),
            Just("ABC"),
            Just("abcdef"),
            Just("draft"),
            Just("Point"),
            Just("AP8="),
            Just("AP9="),
            Just("AP8"),
            Just("0197f3a2-7c3e-7aaa-8bbb-0123456789ab"),
            Just("0197f3a2"),
            Just("\u{1F600}"),
            Just("Number"),
        ]
        .prop_map(Json::from),
        ".{0,8}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let name = prop_oneof![
            Just("street"),
            Just("kind"),
            Just("value"),
            Just("text"),
            Just("at"),
            Just("Box"),
            Just("width"),
            Just("height"),
            Just("Circle"),
            Just("next"),
            Just("country"),
            Just("x"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|members| Json::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            )),
        ]
    })
}

const TOP: [&str; 29] = [
    "id", "title", "stars", "ratio", "small", "wide", "whole", "big", "float", "status", "maybe",
    "rare", "address", "shape", "internal", "adjacent", "counts", "pair", "tags", "bytes", "uuid",
    "anything", "link", "score", "notes", "_created", "Title", "zzz", "",
];

/// Changes one place: a field of the record, or a member somewhere inside one.
fn mutate(body: &mut Json, path: &[usize], value: Option<Json>) {
    let Json::Object(map) = body else { return };
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let name = TOP[first % TOP.len()];
    if let Some(inner) = map.get_mut(name).filter(|_| !rest.is_empty()) {
        return deeper(inner, rest, value);
    }
    match value {
        Some(value) => map.insert(name.to_owned(), value),
        None => map.remove(name),
    };
}

fn deeper(place: &mut Json, path: &[usize], value: Option<Json>) {
    let Some((first, rest)) = path.split_first() else {
        *place = value.unwrap_or_default();
        return;
    };
    match place {
        Json::Object(map) if !map.is_empty() => {
            let name = map
                .keys()
                .nth(first % map.len())
                .cloned()
                .unwrap_or_default();
            match (rest.is_empty(), value) {
                (true, None) => drop(map.remove(&name)),
                (_, value) => deeper(&mut map[&name], rest, value),
            }
        }
        Json::Array(items) if !items.is_empty() => {
            let at = first % items.len();
            deeper(&mut items[at], rest, value);
        }
        other => *other = value.unwrap_or_default(),
    }
}

fn body() -> impl Strategy<Value = Json> {
    let change = (
        prop::collection::vec(0usize..29, 1..4),
        prop::option::weighted(0.8, anything()),
    );
    prop::collection::vec(change, 0..3).prop_map(|changes| {
        let mut body = valid();
        for (path, value) in changes {
            mutate(&mut body, &path, value);
        }
        body
    })
}

/// Exception 1 of docs/schemas.md: what stands in a read-only field is not looked at.
fn without_read_only(body: &Json) -> Json {
    let Json::Object(map) = body else {
        return body.clone();
    };
    let ignored = ["id", "score", "_created", "_updated"];
    let kept = map
        .iter()
        .filter(|(name, _)| !ignored.contains(&name.as_str()));
    Json::Object(
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Map<_, _>>(),
    )
}

fn agree(body: &Json) -> Result<(), TestCaseError> {
    let says = WORLD.input.is_valid(&without_read_only(body));
    match create(serde_json::to_vec(body).unwrap()) {
        Ok(row) => {
            let errors: Vec<String> = WORLD
                .input
                .iter_errors(body)
                .map(|error| format!("{error} at {}", error.instance_path()))
                .collect();
            prop_assert!(
                says,
                "the schema refuses and larder accepts {body}: {errors:?}"
            );
            let mut text = Vec::new();
            WORLD
                .app
                .model(0)
                .unwrap()
                .write_json(&row, &mut text)
                .unwrap();
            let output: Json = serde_json::from_slice(&text).unwrap();
            let errors: Vec<String> = WORLD
                .output
                .iter_errors(&output)
                .map(|error| format!("{error} at {}", error.instance_path()))
                .collect();
            prop_assert!(
                errors.is_empty(),
                "the output view refuses {output}: {errors:?}"
            );
            let model = WORLD.app.model(0).unwrap();
            let names = model.fields().iter().map(|field| field.name().to_owned());
            let stored = Json::Object(names.zip(row.values.iter().map(Json::from)).collect());
            let errors: Vec<String> = WORLD
                .stored
                .iter_errors(&stored)
                .map(|error| format!("{error} at {}", error.instance_path()))
                .collect();
            prop_assert!(
                errors.is_empty(),
                "the stored view refuses {stored}: {errors:?}"
            );
            let key = larder::Key::from(row.get(0).clone());
            let read = WORLD.runtime.block_on(async {
                let session = WORLD.app.as_system("test");
                session
                    .get::<Rich>(key.value().as_str().unwrap_or_default())
                    .await
            });
            prop_assert!(read.is_ok(), "the struct does not take {stored}: {read:?}");
        }
        Err(error) => {
            prop_assert_eq!(error.kind(), ErrorKind::Invalid, "{:?}", error);
            prop_assert!(
                !says,
                "the schema accepts and larder refuses {body}: {error}"
            );
            for fault in error.fields() {
                prop_assert!(!fault.message.is_empty() && !fault.code.is_empty());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_input_view_and_larder_say_the_same(body in body()) {
        agree(&body)?;
    }

    #[test]
    fn and_of_anything_else_too(body in anything()) {
        agree(&body)?;
    }
}

#[test]
fn the_valid_body_is_valid() {
    create(serde_json::to_vec(&valid()).unwrap()).unwrap();
    assert!(WORLD.input.is_valid(&valid()));
}

#[test]
fn the_openapi_document_is_one() {
    let models: Vec<_> = WORLD.app.models().cloned().collect();
    let document = larder::schema::openapi(&models, "Test", "1");
    let spec = oas3::from_json(document.to_string()).unwrap();
    assert_eq!(spec.paths.as_ref().map(BTreeMap::len), Some(3));
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
    }
    assert!(!document.to_string().contains("notes"));
    if let Some(path) = std::env::var_os("OPENAPI_OUT") {
        std::fs::write(path, document.to_string()).unwrap();
    }
}

#[test]
fn every_view_is_a_schema() {
    let views = WORLD.app.model(0).unwrap().views();
    for view in [&views.input, &views.output, &views.stored] {
        assert!(jsonschema::draft202012::meta::is_valid(view), "{view}");
    }
}
