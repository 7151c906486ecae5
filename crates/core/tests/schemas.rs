//! The three views, the files made of them and the OpenAPI document, for structs with every annotation that
//! `docs/schemas.md` lists, and for models that are described by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use larder_core::model::{ActionDef, ActionOutput, ArgDef, Behaviour, default_value, schema_of};
use larder_core::schema::{openapi, schema_files, write_schemas};
use larder_core::{
    Bytes, Compiled, FieldDef, Id, Model, ModelDef, ModelLink, ModelParent, ModelSet, Operation,
    Secret,
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

    fn key(&self) -> &Id<Blog> {
        &self.id
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

    fn key(&self) -> &Id<Rich> {
        &self.id
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

    fn key(&self) -> &Id<Tree> {
        &self.id
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

fn document() -> Json {
    let models = [Arc::new(rich()), Arc::new(Compiled::new(note()).unwrap())];
    openapi(&models, "Test", "1.2.3")
}

#[test]
fn the_openapi_document_has_what_the_rules_allow() {
    let document = document();
    references_hold(&document);
    assert_eq!(
        document["info"],
        json!({ "title": "Test", "version": "1.2.3" })
    );
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/blogs/{blog}/riches",
            "/blogs/{blog}/riches/_count",
            "/blogs/{blog}/riches/newest",
            "/blogs/{blog}/riches/{id}",
            "/blogs/{blog}/riches/{id}/publish",
            "/notes",
            "/notes/_count",
            "/notes/{id}"
        ]
    );
    let item = &document["paths"]["/blogs/{blog}/riches/{id}"];
    assert!(
        item.get("delete").is_none(),
        "the rule `false` allows nobody"
    );
    assert!(item.get("patch").is_some());
    let note = &document["paths"]["/notes/{id}"];
    assert!(note.get("patch").is_none() && note.get("put").is_some());
    assert!(
        !document.to_string().contains("secret"),
        "neither the field nor the rule that names it"
    );
}

#[test]
fn operations_say_all_that_a_client_needs() {
    let document = document();
    let list = &document["paths"]["/blogs/{blog}/riches"]["get"];
    assert_eq!(list["operationId"], "listRiches");
    let parameters: Vec<&str> = list["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|parameter| parameter.get("name").or(parameter.get("$ref"))?.as_str())
        .collect();
    assert_eq!(
        parameters,
        [
            "title",
            "status",
            "sortBy",
            "limit",
            "#/components/parameters/skip",
            "#/components/parameters/cursor",
            "#/components/parameters/fields",
            "#/components/parameters/Range",
            "#/components/parameters/Prefer"
        ]
    );
    assert_eq!(list["x-larder-rule"], "status=published|owner=$actor.id");
    let create = &document["paths"]["/blogs/{blog}/riches"]["post"];
    assert!(create["responses"]["201"]["headers"]["Location"].is_object());
    assert_eq!(
        at(create, "/requestBody/content/application~1json/schema/$ref"),
        "#/components/schemas/Rich.input"
    );
    let statuses: Vec<&String> = create["responses"].as_object().unwrap().keys().collect();
    assert_eq!(
        statuses,
        [
            "201", "400", "401", "404", "406", "409", "413", "415", "422", "503"
        ]
    );
    let item = &document["paths"]["/blogs/{blog}/riches/{id}"];
    let parameters: Vec<&str> = item["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(parameters, ["blog", "id"]);
    assert!(
        at(item, "/patch/requestBody/content")
            .get("application/merge-patch+json")
            .is_some()
    );
    let ids = ["get", "put", "patch"].map(|method| item[method]["operationId"].as_str().unwrap());
    assert_eq!(ids, ["getRich", "replaceRich", "patchRich"]);
    let patch = at(&document, "/components/schemas/Rich.patch");
    assert!(patch.get("required").is_none());
    assert!(
        patch["properties"]["status"].to_string().contains("null"),
        "null removes, and the default comes back"
    );
}

#[test]
fn actions_are_operations_too() {
    let document = document();
    let publish = at(
        &document,
        "/paths/~1blogs~1{blog}~1riches~1{id}~1publish/put",
    );
    assert_eq!(publish["operationId"], "publishRich");
    assert_eq!(publish["requestBody"]["required"], true);
    let schema = at(publish, "/requestBody/content/application~1json/schema");
    assert!(
        schema["properties"]["where"]
            .to_string()
            .contains("#/components/schemas/")
    );
    assert!(publish["responses"].get("204").is_some() && publish["responses"].get("200").is_none());
    let newest = at(&document, "/paths/~1blogs~1{blog}~1riches~1newest/get");
    assert_eq!(newest["operationId"], "newestRiches");
    assert_eq!(newest["parameters"][0]["name"], "limit");
    assert!(newest["responses"].get("200").is_some() && newest["responses"].get("204").is_none());
}

fn both() -> ModelSet {
    ModelSet::new().with::<Rich>().with_def(note())
}

#[test]
fn files_are_the_same_every_time_and_in_order() {
    let files = schema_files(both()).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Note.input.schema.json",
            "Note.output.schema.json",
            "Note.stored.schema.json",
            "Rich.input.schema.json",
            "Rich.output.schema.json",
            "Rich.stored.schema.json",
            "manifest.json",
            "openapi.json"
        ]
    );
    assert_eq!(
        files,
        schema_files(ModelSet::new().with_def(note()).with::<Rich>()).unwrap()
    );
    for (name, text) in &files {
        assert!(text.ends_with("}\n"), "{name}");
        let document: Json = serde_json::from_str(text).unwrap();
        if name.contains(".schema.") {
            assert_eq!(document["$id"], name.as_str());
        }
    }
}

#[test]
fn only_what_differs_is_written_and_what_is_gone_is_removed() {
    let folder = std::env::temp_dir().join(format!("larder-schemas-{}", std::process::id()));
    write_schemas(folder.join("deep"), both()).unwrap();
    let folder_in = folder.join("deep");
    let time = |name: &str| {
        std::fs::metadata(folder_in.join(name))
            .unwrap()
            .modified()
            .unwrap()
    };
    let (before, manifest) = (time("Note.input.schema.json"), time("manifest.json"));
    std::fs::write(folder_in.join("README.md"), "mine").unwrap();
    write_schemas(&folder_in, ModelSet::new().with_def(note())).unwrap();
    assert_eq!(
        time("Note.input.schema.json"),
        before,
        "nothing has changed in it"
    );
    assert!(time("manifest.json") >= manifest);
    let mut left: Vec<String> = std::fs::read_dir(&folder_in)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(
        left,
        [
            "Note.input.schema.json",
            "Note.output.schema.json",
            "Note.stored.schema.json",
            "README.md",
            "manifest.json",
            "openapi.json"
        ]
    );
    let taken = folder_in.join("README.md");
    let error = write_schemas(&taken, both()).unwrap_err();
    assert!(error.message().contains("README.md"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn mistakes_of_all_models_come_at_once() {
    let wrong = || ModelDef::new("Wrong").field(FieldDef::new("x", json!({ "type": "string" })));
    let error = schema_files(
        ModelSet::new()
            .with_def(wrong())
            .with_def(note())
            .with_def(note()),
    )
    .unwrap_err();
    assert!(
        error.message().contains("Wrong")
            && error.message().contains("two models are named `Note`"),
        "{error}"
    );
}
