//! Relations in schemas and manifest, for structs and for models that are described by hand; mapped copies as far as they go.

use std::borrow::Cow;
use std::sync::Arc;

use larder_core::manifest::Manifest;
use larder_core::model::RelationData;
use larder_core::{
    Compiled, FieldDef, Keyed, Mapped, Model, ModelDef, ModelLink, ModelLinksArray, ModelLinksMap,
    ModelLinksSimpleArray, ModelMapped, ModelRelated, ModelsMapped, RelationKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Tag {
    uuid: String,
}

impl Model for Tag {
    type Key = String;
    const NAME: &'static str = "Tag";
    const FIELDS: &'static [&'static str] = &["uuid"];
    const KEY: &'static str = "uuid";
    fn describe() -> ModelDef {
        ModelDef::of::<Self>("").field(FieldDef::of::<String>("uuid").id())
    }
    fn key(&self) -> Cow<'_, String> {
        Cow::Borrowed(&self.uuid)
    }
}

/// How much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Weight {
    weight: f64,
    place: Option<Place>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Place {
    x: i32,
}

/// What is copied of a post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Card {
    title: String,
}

impl Mapped for Card {
    type Source = Post;
    const VIA: &'static str = "friends";
    const FIELDS: &'static [&'static str] = &["title"];
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Post {
    id: i64,
    title: String,
    tag: Option<ModelLink<Tag>>,
    tags: ModelLinksSimpleArray<Tag>,
    friends: ModelLinksArray<Post, Weight>,
    weights: ModelLinksMap<Tag, Weight>,
    cards: ModelsMapped<Card>,
    card: ModelMapped<Card>,
    related: ModelRelated<Post>,
}

impl Model for Post {
    type Key = i64;
    const NAME: &'static str = "Post";
    const FIELDS: &'static [&'static str] = &[];
    fn describe() -> ModelDef {
        ModelDef::of::<Self>("")
            .field(FieldDef::of::<i64>("id").id())
            .field(FieldDef::of::<String>("title"))
            .field(FieldDef::of::<Option<ModelLink<Tag>>>("tag"))
            .field(FieldDef::of::<ModelLinksSimpleArray<Tag>>("tags"))
            .field(FieldDef::of::<ModelLinksArray<Self, Weight>>("friends"))
            .field(FieldDef::of::<ModelLinksMap<Tag, Weight>>("weights"))
            .field(FieldDef::of::<ModelsMapped<Card>>("cards"))
            .field(FieldDef::of::<ModelMapped<Card>>("card"))
            .field(FieldDef::of::<ModelRelated<Self>>("related").via("tags"))
    }
    fn key(&self) -> Cow<'_, i64> {
        Cow::Borrowed(&self.id)
    }
}

fn compiled<M: Model>() -> Compiled {
    Compiled::new(M::describe()).unwrap()
}

fn relation(name: &str) -> RelationData {
    let model = compiled::<Post>();
    let mut relations = model.data().relations.iter();
    relations
        .find(|relation| relation.field == name)
        .unwrap()
        .clone()
}

#[test]
fn the_manifest_has_every_relation() {
    let model = compiled::<Post>();
    let found: Vec<_> = model
        .data()
        .relations
        .iter()
        .map(|one| {
            (
                one.field.as_str(),
                one.kind,
                one.target.as_str(),
                one.via.as_deref(),
                one.key.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("tag", RelationKind::Link, "Tag", None, None),
            ("tags", RelationKind::LinksSimpleArray, "Tag", None, None),
            (
                "friends",
                RelationKind::LinksArray,
                "Post",
                None,
                Some("id")
            ),
            ("weights", RelationKind::LinksMap, "Tag", None, None),
            (
                "cards",
                RelationKind::MappedMany,
                "Post",
                Some("friends"),
                Some("id")
            ),
            (
                "card",
                RelationKind::MappedOne,
                "Post",
                Some("friends"),
                Some("id")
            ),
            ("related", RelationKind::Related, "Post", Some("tags"), None),
        ]
    );
    for name in ["friends", "weights"] {
        let data = relation(name).data.unwrap();
        assert_eq!(data["required"], json!(["weight"]), "{name}");
        assert_eq!(
            data["properties"]
                .as_object()
                .unwrap()
                .keys()
                .collect::<Vec<_>>(),
            ["place", "weight"]
        );
        assert_eq!(
            data["$defs"]["Place"]["required"],
            json!(["x"]),
            "the document is whole"
        );
        assert_eq!(data["description"], "How much.");
    }
    for name in ["cards", "card"] {
        let data = relation(name).data.unwrap();
        assert_eq!(
            (&data["required"], &data["properties"]),
            (&json!(["title"]), &json!({"title": {"type": "string"}}))
        );
    }
    assert!(relation("tags").data.is_none() && relation("related").data.is_none());
    let manifest = serde_json::to_value(Manifest::of(&[Arc::new(model)])).unwrap();
    assert_eq!(
        manifest.pointer("/models/0/relations/1").unwrap(),
        &json!({"field": "tags", "kind": "links_simple_array", "target": "Tag"})
    );
}

fn property<'a>(view: &'a Json, name: &str) -> &'a Json {
    &view["properties"][name]
}

#[test]
fn views_have_the_links_closed_and_copies_read_only() {
    let model = compiled::<Post>();
    let views = model.views();
    for view in [&views.input, &views.output, &views.stored] {
        assert_eq!(
            property(view, "tags"),
            &json!({"type": "array", "uniqueItems": true, "x-links": "Tag", "items": {"type": "string", "minLength": 1, "x-link": "Tag"}})
        );
        let entry = view.pointer("/$defs/WeightOfPost").unwrap();
        assert_eq!(entry["properties"]["id"]["x-link"], "Post");
        assert_eq!(
            (&entry["required"][0], &entry["required"][1]),
            (&json!("id"), &json!("weight"))
        );
        assert_eq!(entry["additionalProperties"], false);
        assert_eq!(
            property(view, "weights")["additionalProperties"]["$ref"],
            "#/$defs/Weight"
        );
        assert_eq!(view["$defs"]["Weight"]["additionalProperties"], false);
        assert_eq!(
            view["$defs"]["CardOfPost"]["required"],
            json!(["id", "title"])
        );
        assert!(
            property(view, "related").is_null(),
            "nothing of it is sent or stored"
        );
    }
    let required =
        |view: &Json| -> Vec<String> { serde_json::from_value(view["required"].clone()).unwrap() };
    assert_eq!(required(&views.input), ["title"]);
    assert_eq!(required(&views.output).len(), 8);
    for name in ["cards", "card"] {
        assert_eq!(property(&views.input, name)["readOnly"], true, "{name}");
        assert_eq!(
            property(&views.output, name)["readOnly"],
            Json::Null,
            "{name}"
        );
    }
    assert!(model.layout().position("related").is_none());
    let default = |name: &str| {
        let at = model.layout().position(name).unwrap();
        serde_json::to_value(model.layout().fields[at].default.as_ref().unwrap()).unwrap()
    };
    for (name, empty) in [
        ("tags", json!([])),
        ("friends", json!([])),
        ("weights", json!({})),
        ("cards", json!([])),
        ("card", json!(null)),
    ] {
        assert_eq!(default(name), empty, "{name}");
    }
}

#[test]
fn copies_hold_the_id_and_the_fields() {
    let text = r#"[{"id":7,"title":"t"}]"#;
    let copies: ModelsMapped<Card> = serde_json::from_str(text).unwrap();
    assert_eq!(
        (copies.len(), copies[0].id(), copies[0].title.as_str()),
        (1, 7, "t")
    );
    assert!(copies.get(7).is_some() && copies.get(8).is_none());
    assert_eq!(serde_json::to_string(&copies).unwrap(), text);
    let one: ModelMapped<Card> = serde_json::from_value(json!({"title": "t", "id": 7})).unwrap();
    assert_eq!(one.as_ref().map(Keyed::id), Some(7));
    assert_eq!(
        serde_json::to_string(&ModelMapped::<Card>::new()).unwrap(),
        "null"
    );
    assert!(serde_json::from_str::<ModelsMapped<Card>>(r#"[{"title":"t"}]"#).is_err());
}

#[test]
fn lists_have_no_record_twice() {
    let tags: ModelLinksSimpleArray<Tag> = ["a", "b", "a"]
        .map(|id| ModelLink::new(id.to_owned()))
        .into_iter()
        .collect();
    assert_eq!(serde_json::to_value(&tags).unwrap(), json!(["a", "b"]));
    let twice = serde_json::from_value::<ModelLinksSimpleArray<Tag>>(json!(["a", "a"]));
    assert_eq!(twice.unwrap_err().to_string(), "links to `a` twice");
    let mut friends = ModelLinksArray::<Post, Weight>::new();
    let weight = |weight| Weight {
        weight,
        place: None,
    };
    assert_eq!(friends.insert(ModelLink::new(1), weight(1.0)), None);
    assert_eq!(friends.insert(ModelLink::new(2), weight(2.0)), None);
    assert_eq!(
        friends.insert(ModelLink::new(1), weight(3.0)),
        Some(weight(1.0))
    );
    assert_eq!(
        friends
            .iter()
            .map(|one| (one.id(), one.weight))
            .collect::<Vec<_>>(),
        [(1, 3.0), (2, 2.0)]
    );
    assert_eq!(friends.remove(2), Some(weight(2.0)));
    assert_eq!(friends.remove(2), None);
    let mut map = ModelLinksMap::<Post, Weight>::new();
    assert_eq!(map.insert(ModelLink::new(10), weight(1.0)), None);
    map.get_mut(10).unwrap().weight = 5.0;
    assert_eq!(
        serde_json::to_value(&map).unwrap(),
        json!({"10": {"weight": 5.0, "place": null}})
    );
    assert!(
        map.contains(10) && !map.contains("10"),
        "an id has the type of the model's ids"
    );
}

#[test]
fn data_that_can_t_stand_beside_an_id_is_refused() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Taken {
        uuid: u8,
    }
    let schema = |schema: schemars::Schema| schema.to_value();
    let taken = schema(schemars::schema_for!(ModelLinksArray<Tag, Taken>));
    assert!(
        fault(taken).contains("has a member `uuid`, which is where the id of the record stands")
    );
    let number = schema(schemars::schema_for!(ModelLinksArray<Tag, f64>));
    assert!(fault(number).contains("what stands beside an id is a struct with named fields"));
}

fn fault(schema: Json) -> String {
    let id = FieldDef::new("id", json!({"type": "string"})).id();
    let model = ModelDef::new("M")
        .field(id)
        .field(FieldDef::new("f", schema));
    Compiled::new(model).unwrap_err().message().to_owned()
}

#[test]
fn by_hand_they_are_schemas_with_the_same_words() {
    let id = FieldDef::new("id", json!({"type": "string"})).id();
    let field = |name, schema| FieldDef::new(name, schema);
    let model = ModelDef::new("M")
        .field(id)
        .field(field(
            "tags",
            json!({"type": "array", "items": {"type": "string"}, "x-links": "Tag"}),
        ))
        .field(field("posts", json!({"x-related": "Post"})).via("m"));
    let model = Compiled::new(model).unwrap();
    let kinds: Vec<_> = model
        .data()
        .relations
        .iter()
        .map(|one| (one.kind, one.via.as_deref()))
        .collect();
    assert_eq!(
        kinds,
        [
            (RelationKind::LinksSimpleArray, None),
            (RelationKind::Related, Some("m"))
        ]
    );
    let wrong = ModelDef::new("M").field(field("id", json!({"type": "string"})).id().via("m"));
    let wrong = Compiled::new(wrong).unwrap_err();
    assert_eq!(
        wrong.message(),
        "model M: field `id` has `via`, which is for a `ModelRelated<..>`"
    );
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Thing {
    id: uuid::Uuid,
}

impl Model for Thing {
    type Key = uuid::Uuid;
    const NAME: &'static str = "Thing";
    const FIELDS: &'static [&'static str] = &["id"];
    fn describe() -> ModelDef {
        ModelDef::of::<Self>("").field(FieldDef::of::<uuid::Uuid>("id").id())
    }
    fn key(&self) -> Cow<'_, uuid::Uuid> {
        Cow::Borrowed(&self.id)
    }
}

#[test]
fn a_link_is_the_id_whatever_its_type() {
    let thing = Thing {
        id: uuid::Uuid::from_u128(7),
    };
    let link = ModelLink::from(&thing);
    assert_eq!(link.id(), thing.id);
    let text = json!("00000000-0000-0000-0000-000000000007");
    assert_eq!(serde_json::to_value(&link).unwrap(), text);
    assert_eq!(
        serde_json::from_value::<ModelLink<Thing>>(text).unwrap(),
        link
    );
    assert!(serde_json::from_value::<ModelLink<Thing>>(json!("seven")).is_err());
    let mut map = ModelLinksMap::<Thing, u8>::new();
    map.insert(link.clone(), 1);
    let json = json!({"00000000-0000-0000-0000-000000000007": 1});
    assert_eq!(serde_json::to_value(&map).unwrap(), json);
    let back: ModelLinksMap<Thing, u8> = serde_json::from_value(json).unwrap();
    assert_eq!(back.get(thing.id), Some(&1));
    // As a store keeps it: what typed code writes there is what REST finds.
    let value = larder_query::to_value(&link).unwrap();
    assert_eq!(
        larder_query::from_value::<ModelLink<Thing>>(&value).unwrap(),
        link
    );
    let list = larder_query::to_value(&ModelLinksSimpleArray::from_iter([link])).unwrap();
    assert_eq!(
        serde_json::to_value(&list).unwrap(),
        json!(["00000000-0000-0000-0000-000000000007"])
    );
    assert_eq!(
        serde_json::from_value::<larder_query::Value>(serde_json::to_value(&list).unwrap())
            .unwrap(),
        list
    );
}
