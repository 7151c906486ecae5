//! The three views, the files made of them and the OpenAPI document, for structs with every annotation that
//! `docs/schemas.md` lists, and for models that are described by hand.

#[path = "schemas/files.rs"]
mod files;
#[path = "schemas/openapi.rs"]
mod openapi;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use larder_core::model::{ActionDef, ActionOutput, ArgDef, Behaviour, default_value, schema_of};
use larder_core::{
    Bytes, Compiled, FieldDef, Id, Model, ModelDef, ModelLink, ModelParent, Operation, Secret,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Draft,
    Published,
}

/// Externally tagged.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
enum Shape {
    Point,
    Circle(f64),
    Box { width: u8, height: u8 },
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum Internal {
    Text { text: String },
    Place(Address),
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    Number(i32),
    Nothing,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Text(String),
}

/// Where somebody lives.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Address {
    #[schemars(length(min = 1))]
    street: String,
    #[serde(default)]
    country: String,
    next: Option<Box<Address>>,
}

/// Known to the server only.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
struct Internals {
    shelf: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Blog {
    id: Id<Blog>,
}

impl Model for Blog {
    type Key = Id<Blog>;
    const NAME: &'static str = "Blog";
    const FIELDS: &'static [&'static str] = &["id"];

    fn describe() -> ModelDef {
        ModelDef::of::<Self>("tests").field(FieldDef::of::<Id<Blog>>("id").id())
    }

    fn key(&self) -> Cow<'_, Id<Blog>> {
        Cow::Borrowed(&self.id)
    }
}

/// All that a field can be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "A rich model", extend("deprecated" = true))]
struct Rich {
    id: Id<Rich>,
    blog: ModelParent<Blog>,
    owner: ModelLink<Blog>,
    /// What it is called.
    #[schemars(
        title = "Title",
        length(min = 1, max = 20),
        regex(pattern = "^[A-Za-z ]*$"),
        example = "My day"
    )]
    title: String,
    #[schemars(range(min = 1, max = 5))]
    stars: i32,
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 10, "multipleOf" = 0.5))]
    ratio: f64,
    small: u8,
    #[schemars(range(min = -5, max = 1000))]
    wide: u8,
    float: f32,
    big: u64,
    #[schemars(email)]
    mail: String,
    #[serde(default)]
    status: Status,
    #[schemars(extend("deprecated" = true))]
    maybe: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rare: Option<Status>,
    address: Address,
    shape: Shape,
    internal: Internal,
    adjacent: Adjacent,
    untagged: Untagged,
    #[serde(default)]
    counts: BTreeMap<String, u32>,
    pair: (u8, String),
    #[schemars(length(min = 1, max = 3), extend("uniqueItems" = true))]
    tags: Vec<String>,
    bytes: Bytes,
    at: Timestamp,
    #[serde(default)]
    anything: Json,
    score: f64,
    notes: Secret<Internals>,
}

impl Model for Rich {
    type Key = Id<Rich>;
    const NAME: &'static str = "Rich";
    const FIELDS: &'static [&'static str] = &["id"];

    fn describe() -> ModelDef {
        ModelDef::of::<Self>("tests")
            .doc("All that a field can be.")
            .url("/blogs/{blog}/riches")
            .timestamps()
            .rule(Operation::Read, "status=published|owner=$actor.id")
            .rule(Operation::Create, "true")
            .rule(Operation::Update, "owner=$actor.id")
            .rule(Operation::Delete, "false")
            .search("title", "contains")
            .search("status", "eq")
            .sort(&["title", "stars"])
            .default_sort("+title")
            .page(20)
            .field(FieldDef::of::<Id<Rich>>("id").id())
            .field(FieldDef::of::<ModelParent<Blog>>("blog").parent("blog"))
            .field(FieldDef::of::<ModelLink<Blog>>("owner").owner())
            .field(FieldDef::of::<String>("title"))
            .field(FieldDef::of::<i32>("stars"))
            .field(FieldDef::of::<f64>("ratio"))
            .field(FieldDef::of::<u8>("small"))
            .field(FieldDef::of::<u8>("wide"))
            .field(FieldDef::of::<f32>("float"))
            .field(FieldDef::of::<u64>("big"))
            .field(FieldDef::of::<String>("mail"))
            .field(FieldDef::of::<Status>("status").default(|| default_value(&Status::default())))
            .field(FieldDef::of::<Option<String>>("maybe"))
            .field(FieldDef::of::<Option<Status>>("rare").omit_null())
            .field(FieldDef::of::<Address>("address"))
            .field(FieldDef::of::<Shape>("shape"))
            .field(FieldDef::of::<Internal>("internal"))
            .field(FieldDef::of::<Adjacent>("adjacent"))
            .field(FieldDef::of::<Untagged>("untagged"))
            .field(
                FieldDef::of::<BTreeMap<String, u32>>("counts")
                    .default(|| default_value(&BTreeMap::<String, u32>::new())),
            )
            .field(FieldDef::of::<(u8, String)>("pair"))
            .field(FieldDef::of::<Vec<String>>("tags"))
            .field(FieldDef::of::<Bytes>("bytes"))
            .field(FieldDef::of::<Timestamp>("at"))
            .field(FieldDef::of::<Json>("anything"))
            .field(
                FieldDef::of::<f64>("score")
                    .read_only()
                    .default(|| default_value(&0.0)),
            )
            .field(
                FieldDef::of::<Secret<Internals>>("notes")
                    .server_only()
                    .default(|| default_value(&Internals::default())),
            )
            .behaviour(Behaviour {
                actions: actions(),
                ..Behaviour::default()
            })
    }

    fn key(&self) -> Cow<'_, Id<Rich>> {
        Cow::Borrowed(&self.id)
    }
}

fn actions() -> Vec<ActionDef> {
    let action = |name, method, global, allow| ActionDef {
        name,
        doc: Some("Does something."),
        method,
        global,
        changes: !global,
        allow,
        args: vec![
            ArgDef::of::<Option<Timestamp>>("at"),
            ArgDef::of::<Address>("where"),
        ],
        output: schema_of::<()>,
        run: |_, _| Box::pin(async { Ok(ActionOutput::Empty) }),
    };
    let newest = ActionDef {
        args: vec![ArgDef::of::<Option<u32>>("limit")],
        output: schema_of::<Vec<Address>>,
        ..action("newest", "GET", true, Some("true"))
    };
    vec![
        action("publish", "PUT", false, Some("owner=$actor.id")),
        newest,
        action("nobody", "POST", false, None),
    ]
}

fn rich() -> Compiled {
    Compiled::new(Rich::describe()).unwrap()
}

fn at<'a>(document: &'a Json, pointer: &str) -> &'a Json {
    document
        .pointer(pointer)
        .unwrap_or_else(|| panic!("nothing at {pointer} of {document:#}"))
}

fn names(list: &Json) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .filter_map(Json::as_str)
        .collect()
}

/// Every `$ref` of a document leads somewhere in it.
fn references_hold(document: &Json) {
    fn walk<'a>(part: &'a Json, found: &mut Vec<&'a str>) {
        match part {
            Json::Object(map) => {
                found.extend(map.get("$ref").and_then(Json::as_str));
                map.values().for_each(|part| walk(part, found));
            }
            Json::Array(parts) => parts.iter().for_each(|part| walk(part, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(document, &mut found);
    for target in found {
        assert!(
            document
                .pointer(target.strip_prefix('#').unwrap())
                .is_some(),
            "{target} leads nowhere"
        );
    }
}

#[test]
fn a_client_must_send_what_has_no_default_and_may_be_sent() {
    let model = rich();
    let required = names(&model.views().input["required"]);
    assert_eq!(
        required,
        [
            "title", "stars", "ratio", "small", "wide", "float", "big", "mail", "address", "shape",
            "internal", "adjacent", "untagged", "pair", "tags", "bytes", "at"
        ]
    );
}

#[test]
fn read_only_fields_stand_in_the_input_and_secret_ones_nowhere_but_in_the_store() {
    let model = rich();
    let views = model.views();
    for name in ["id", "blog", "owner", "score", "_created", "_updated"] {
        assert_eq!(views.input["properties"][name]["readOnly"], true, "{name}");
        assert!(names(&views.output["required"]).contains(&name), "{name}");
    }
    for view in [&views.input, &views.output] {
        let text = view.to_string();
        assert!(
            !text.contains("notes") && !text.contains("Internals") && !text.contains("shelf"),
            "{text}"
        );
    }
    at(&views.stored, "/properties/notes");
    assert!(names(&views.stored["required"]).contains(&"notes"));
    assert!(views.stored.to_string().contains("shelf"));
}

#[test]
fn all_views_are_closed_and_so_are_the_structs_in_them() {
    let model = rich();
    let views = model.views();
    for view in [&views.input, &views.output, &views.stored] {
        assert_eq!(view["additionalProperties"], false);
        references_hold(view);
    }
    let definitions = &views.input["$defs"];
    // `Place` of the internally tagged enum adds its tag to Address, so Address can't be closed.
    assert_eq!(definitions["Address"].get("additionalProperties"), None);
    let shapes = definitions["Shape"]["oneOf"].as_array().unwrap();
    let members = shapes
        .iter()
        .find_map(|shape| shape.pointer("/properties/Box"))
        .unwrap();
    assert_eq!(members["additionalProperties"], false);
    assert_eq!(
        at(definitions, "/Internal/oneOf/0")["additionalProperties"],
        false
    );
}

#[test]
fn annotations_are_kept() {
    let model = rich();
    let input = &model.views().input;
    assert_eq!(input["title"], "A rich model");
    assert_eq!(input["description"], "All that a field can be.");
    assert_eq!(input["deprecated"], true);
    let title = &input["properties"]["title"];
    assert_eq!(title["title"], "Title");
    assert_eq!(title["description"], "What it is called.");
    assert_eq!(title["examples"], json!(["My day"]));
    assert_eq!(
        (&title["minLength"], &title["maxLength"]),
        (&json!(1), &json!(20))
    );
    assert_eq!(title["pattern"], "^[A-Za-z ]*$");
    let ratio = &input["properties"]["ratio"];
    assert_eq!(
        (
            &ratio["exclusiveMinimum"],
            &ratio["exclusiveMaximum"],
            &ratio["multipleOf"]
        ),
        (&json!(0), &json!(10), &json!(0.5))
    );
    assert_eq!(input["properties"]["mail"]["format"], "email");
    assert_eq!(input["properties"]["maybe"]["deprecated"], true);
    assert_eq!(
        input["properties"]["maybe"]["type"],
        json!(["string", "null"])
    );
    assert_eq!(input["properties"]["status"]["default"], "draft");
    assert_eq!(input["properties"]["owner"]["x-link"], "Blog");
    assert_eq!(input["properties"]["blog"]["x-parent"], "Blog");
    let tags = &input["properties"]["tags"];
    assert_eq!(
        (&tags["minItems"], &tags["maxItems"], &tags["uniqueItems"]),
        (&json!(1), &json!(3), &json!(true))
    );
    assert_eq!(input["properties"]["pair"]["maxItems"], 2);
}

#[test]
fn numbers_promise_no_more_than_their_rust_type_holds() {
    let model = rich();
    let properties = &model.views().input["properties"];
    let range = |name: &str| {
        (
            properties[name]["minimum"].clone(),
            properties[name]["maximum"].clone(),
        )
    };
    assert_eq!(range("stars"), (json!(1), json!(5)));
    assert_eq!(range("small"), (json!(0), json!(255)));
    assert_eq!(
        range("wide"),
        (json!(0), json!(255)),
        "the type is narrower than the attribute"
    );
    assert_eq!(range("big"), (json!(0), json!(u64::MAX)));
    assert_eq!(
        range("float"),
        (json!(f64::from(f32::MIN)), json!(f64::from(f32::MAX)))
    );
    assert!(properties["bytes"]["pattern"].is_string());
    let counts = &properties["counts"]["additionalProperties"];
    assert_eq!(
        (&counts["minimum"], &counts["maximum"]),
        (&json!(0), &json!(u32::MAX))
    );
}

#[test]
fn a_field_that_is_left_out_when_null_is_stored_as_null() {
    let model = rich();
    let views = model.views();
    assert!(!names(&views.output["required"]).contains(&"rare"));
    assert!(names(&views.stored["required"]).contains(&"rare"));
    assert!(
        views.stored["properties"]["rare"]
            .to_string()
            .contains("null")
    );
}

#[test]
fn what_a_client_may_leave_out_inside_a_field_is_filled_in() {
    let model = rich();
    let required = |view: &Json| names(&view["$defs"]["Address"]["required"]).len();
    assert_eq!(required(&model.views().input), 1);
    assert_eq!(
        required(&model.views().output),
        3,
        "serde writes all of them"
    );
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Tree {
    id: Id<Tree>,
    children: Vec<Tree>,
}

impl Model for Tree {
    type Key = Id<Tree>;
    const NAME: &'static str = "Tree";
    const FIELDS: &'static [&'static str] = &["id", "children"];

    fn describe() -> ModelDef {
        ModelDef::of::<Self>("tests")
            .field(FieldDef::of::<Id<Tree>>("id").id())
            .field(FieldDef::of::<Vec<Tree>>("children"))
    }

    fn key(&self) -> Cow<'_, Id<Tree>> {
        Cow::Borrowed(&self.id)
    }
}

#[test]
fn a_struct_that_holds_itself_gets_a_definition() {
    let model = Compiled::new(Tree::describe()).unwrap();
    let input = &model.views().input;
    references_hold(input);
    assert_eq!(
        input["properties"]["children"]["items"]["$ref"],
        "#/$defs/Tree"
    );
    assert_eq!(
        at(input, "/$defs/Tree/properties/id").get("readOnly"),
        None,
        "a node inside needs its id"
    );
}

fn note() -> ModelDef {
    ModelDef::new("Note")
        .url("/notes")
        .field(FieldDef::new("id", json!({ "type": "integer" })).id())
        .field(FieldDef::new(
            "text",
            json!({ "type": "string", "maxLength": 500 }),
        ))
        .field(FieldDef::new("secret", json!({ "type": ["string", "null"] })).server_only())
        .rule(Operation::Read, "secret=open")
        .rule(Operation::Create, "true")
}

#[test]
fn a_model_described_by_hand_has_the_same_views() {
    let model = Compiled::new(note()).unwrap();
    let views = model.views();
    assert_eq!(
        views.input["properties"]["text"],
        json!({ "type": "string", "maxLength": 500 })
    );
    assert_eq!(views.input["properties"]["id"]["maximum"], i64::MAX);
    assert_eq!(views.input["required"], json!(["text"]));
    assert!(views.input["properties"].get("secret").is_none());
}
