//! What `build()` says of relations that do not hold. Models by hand, as the derive finds most of it earlier.

use larder::prelude::*;
use larder::{FieldDef, MemoryStore, ModelDef, ModelSet};
use serde_json::{Value, json};

async fn fault(models: ModelSet) -> String {
    let app = App::builder()
        .models(models)
        .store("main", MemoryStore::new());
    app.build().await.unwrap_err().message().to_owned()
}

fn model(name: &'static str, fields: &[(&'static str, Value)]) -> ModelDef {
    let id = FieldDef::new("id", json!({"type": "string"})).id();
    fields
        .iter()
        .fold(ModelDef::new(name).field(id), |model, (name, schema)| {
            model.field(FieldDef::new(*name, schema.clone()))
        })
}

fn link(to: &str) -> Value {
    json!({"type": "string", "x-link": to})
}

/// Copies of a model's records, with these fields.
fn copies(of: &str, via: &str, fields: Value) -> Value {
    let mut copy = json!({"type": "object"});
    copy["properties"] = fields;
    json!({"type": "array", "items": copy, "x-mapped": of, "x-via": via, "x-key": "id"})
}

#[tokio::test]
async fn a_model_that_is_not_there() {
    let cases = [
        (link("Tag"), "links to"),
        (
            json!({"type": "array", "items": {"type": "string"}, "x-links": "Tag"}),
            "links to",
        ),
        (
            json!({"type": "object", "additionalProperties": {}, "x-links": "Tag"}),
            "links to",
        ),
        (json!({"x-related": "Tag"}), "stands for records of"),
        (copies("Tag", "post", json!({})), "copies from"),
    ];
    for (schema, does) in cases {
        let said = fault(ModelSet::new().with_def(model("Post", &[("tag", schema)]))).await;
        let expected = format!(
            "`tag` of Post {does} Tag, which the app does not have: add `Tag` to `models![..]`"
        );
        assert_eq!(said, expected);
    }
}

#[tokio::test]
async fn the_reverse_of_no_link_and_of_two() {
    let related = || json!({"x-related": "Post"});
    let blog = || model("Blog", &[("posts", related())]);
    let post = |fields: &[(&'static str, Value)]| {
        ModelSet::new()
            .with_def(blog())
            .with_def(model("Post", fields))
    };
    assert_eq!(
        fault(post(&[("other", link("Post"))])).await,
        "`posts` of Blog: Post has no field that links to Blog: add one to Post such as `ModelLink<Blog>`, or remove `posts`"
    );
    assert_eq!(
        fault(post(&[("main", link("Blog")), ("copy", link("Blog"))])).await,
        "`posts` of Blog: Post links to Blog by `main` and by `copy`: say which with `#[model(via = \"main\")]`"
    );
    let via = |via| {
        let id = FieldDef::new("id", json!({"type": "string"})).id();
        let blog = ModelDef::new("Blog")
            .field(id)
            .field(FieldDef::new("posts", related()).via(via));
        let map = json!({"type": "object", "additionalProperties": {}, "x-links": "Blog"});
        let post = model("Post", &[("main", link("Blog")), ("map", map)]);
        fault(ModelSet::new().with_def(blog).with_def(post))
    };
    assert_eq!(
        via("mian").await,
        "`posts` of Blog goes by `mian` of Post, which is no link to Blog; did you mean `main`?"
    );
    assert_eq!(
        via("map").await,
        "`posts` of Blog goes by `map` of Post, a `ModelLinksMap`, which no store can search: a `ModelRelated` goes by a \
         `ModelLink`, `ModelParent` or `ModelLinksSimpleArray`"
    );
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Comment {
    #[model(id)]
    id: Id<Comment>,
    post: ModelLink<Post>,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Mapped)]
#[mapped(Comment, via = post)]
struct Card {
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    comments: ModelsMapped<Card>,
    last: ModelMapped<Card>,
}

#[tokio::test]
async fn mapped_copies_are_refused_until_they_are_kept_in_step() {
    let said = fault(models![Comment, Post]).await;
    let one = |field: &str, kind: &str| {
        format!(
            "\n- `{field}` of Post is a `{kind}`, and mapped copies are not kept in step yet: remove the field `{field}`, \
             and read the records of Comment by a `ModelRelated<Comment>` until then"
        )
    };
    let (many, last) = (one("comments", "ModelsMapped"), one("last", "ModelMapped"));
    assert_eq!(
        said,
        format!("2 mistakes in the set-up of the app:{many}{last}")
    );
}

#[tokio::test]
async fn copies_of_what_is_not_there() {
    let fields = json!({"txet": {"type": "string"}, "score": {"type": "string"}, "notes": {"type": "string"}});
    let post = model("Post", &[("comments", copies("Comment", "psot", fields))]);
    let notes = FieldDef::new("notes", json!({"type": "string"}))
        .server_only()
        .default(|| Ok("".into()));
    let comment = [
        ("post", link("Post")),
        ("text", json!({"type": "string"})),
        ("score", json!({"type": "integer"})),
    ];
    let comment = model("Comment", &comment).field(notes);
    let said = fault(ModelSet::new().with_def(post).with_def(comment)).await;
    for part in [
        "`comments` of Post goes by `psot` of Comment, which is no link to Post; did you mean `post`?",
        "`comments` of Post copies `txet`, but Comment has no such field; did you mean `text`?",
        "`comments` of Post copies `score`, which has another type in Comment: give both the same",
        "`comments` of Post copies `notes`, which Comment keeps on the server: remove it from the copy",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn copies_that_go_round() {
    let of = |source, field: &str| copies(source, "to", json!({field: {"type": "array"}}));
    let links = |name| [("to", link(name))];
    let node = |name: &'static str, to, field, source, copied| {
        let mut fields = links(to).to_vec();
        fields.push((field, of(source, copied)));
        model(name, &fields)
    };
    // The copies on A are of B's, those on B of C's, those on C of A's.
    let models = ModelSet::new()
        .with_def(node("A", "C", "x", "B", "y"))
        .with_def(node("B", "A", "y", "C", "z"))
        .with_def(node("C", "B", "z", "A", "x"));
    let said = fault(models).await;
    let circle = "mapped copies go round in a circle: `x` of A -> `z` of C -> `y` of B -> `x` of A";
    assert_eq!(said.matches("round in a circle").count(), 1, "{said}");
    assert!(said.contains(circle), "{said}");
    let line = ModelSet::new()
        .with_def(node("A", "C", "x", "B", "y"))
        .with_def(node("B", "A", "y", "C", "z"))
        .with_def(model("C", &links("B")));
    let said = fault(line).await;
    assert!(!said.contains("circle"), "{said}");
}

#[tokio::test]
async fn views_of_copies_can_be_written_before_they_are_kept() {
    let schemas = larder::schema::schema_files(models![Comment, Post]).unwrap();
    let text = format!("{schemas:?}");
    assert!(
        text.contains("CardOfComment") && text.contains("mapped_many"),
        "{text}"
    );
}
