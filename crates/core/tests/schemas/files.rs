//! The files that are made of the views.

use larder_core::schema::{schema_files, write_schemas};
use larder_core::{FieldDef, ModelDef, ModelSet};
use serde_json::{Value as Json, json};

use super::{Rich, note};

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
