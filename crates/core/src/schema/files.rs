//! Schemas as files, written on `cargo build`.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::openapi;
use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::model::{Compiled, follow};
use crate::registry::ModelSet;

/// What the names of a model's files end with.
const ENDINGS: [&str; 3] = [
    ".input.schema.json",
    ".output.schema.json",
    ".stored.schema.json",
];

/// The schema files of a set of models, in the order of their names: for each model `NAME.input.schema.json`,
/// `NAME.output.schema.json` and `NAME.stored.schema.json`, then `manifest.json` and `openapi.json`.
///
/// The same models always give the same text. The title of the OpenAPI document is the package that declares the models;
/// its version is `CARGO_PKG_VERSION` where cargo runs this (a build script, a test), else `0.0.0`.
///
/// # Errors
/// Every mistake in the models' descriptions, at once; two models of one name.
///
/// ```
/// use larder_core::{FieldDef, ModelDef, ModelSet, schema::schema_files};
/// let note = ModelDef::new("Note").field(FieldDef::new("id", serde_json::json!({"type": "string"})).id());
/// let files = schema_files(ModelSet::new().with_def(note))?;
/// let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
/// assert_eq!(
///     names,
///     ["Note.input.schema.json", "Note.output.schema.json", "Note.stored.schema.json", "manifest.json", "openapi.json"]
/// );
/// # Ok::<(), larder_core::Error>(())
/// ```
pub fn schema_files(models: ModelSet) -> Result<Vec<(String, String)>> {
    let models = compile(models)?;
    let mut files = BTreeMap::new();
    for model in &models {
        let views = model.views();
        for (ending, view) in ENDINGS
            .into_iter()
            .zip([&views.input, &views.output, &views.stored])
        {
            let name = format!("{}{ending}", model.name());
            let mut view = view.clone();
            if let Json::Object(map) = &mut view {
                map.insert("$id".to_owned(), name.as_str().into());
            }
            files.insert(name, pretty(view)?);
        }
    }
    let manifest = serde_json::to_value(Manifest::of(&models)).map_err(Error::internal)?;
    files.insert("manifest.json".to_owned(), pretty(manifest)?);
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_else(|_| "0.0.0".to_owned());
    files.insert(
        "openapi.json".to_owned(),
        pretty(openapi(&models, title(&models), &version))?,
    );
    Ok(files.into_iter().collect())
}

/// Writes the [`schema_files`] into a folder, which is made if it is not there.
///
/// A file is written only if its content differs, and files named like a model's that no model has any more are removed,
/// so the folder should hold nothing else. A relative folder is one of the package (`CARGO_MANIFEST_DIR`) where cargo says
/// which that is, else of the working directory. Nothing is printed.
///
/// In a `build.rs` this needs no `cargo::rerun-if-changed` line. Without one, cargo runs the script again when any file
/// of the package has changed, the written ones included: after a build that wrote something, the script runs once more,
/// finds nothing to write, and the build after that is fresh (tried with cargo 1.95, with and without git).
///
/// # Errors
/// As [`schema_files`], and each path that can't be read, written or removed, with the system's reason.
pub fn write_schemas(folder: impl AsRef<Path>, models: ModelSet) -> Result<()> {
    let files = schema_files(models)?;
    let folder = resolve(folder.as_ref());
    fs::create_dir_all(&folder).map_err(|error| failed("make the folder", &folder, &error))?;
    for (name, content) in &files {
        write_if_changed(&folder.join(name), content)?;
    }
    for entry in
        fs::read_dir(&folder).map_err(|error| failed("read the folder", &folder, &error))?
    {
        let entry = entry.map_err(|error| failed("read the folder", &folder, &error))?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_ours = ENDINGS
            .iter()
            .any(|ending| name.strip_suffix(ending).is_some_and(is_file_name));
        if is_ours && !files.iter().any(|(known, _)| known == name) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn compile(models: ModelSet) -> Result<Vec<Arc<Compiled>>> {
    let mut faults = models.faults();
    let mut compiled: BTreeMap<String, Compiled> = BTreeMap::new();
    for def in models.into_defs() {
        match Compiled::alone(def) {
            Ok(model) if !is_file_name(model.name()) => {
                faults.push(format!("`{}` can't be part of a file's name: give the model a name of letters and digits", model.name()));
            }
            Ok(model) => {
                let name = model.name().to_owned();
                if compiled.insert(name.clone(), model).is_some() {
                    faults.push(format!(
                        "two models are named `{name}`: give one of them another name"
                    ));
                }
            }
            Err(mistakes) => faults.extend(mistakes),
        }
    }
    let mut compiled: Vec<Compiled> = compiled.into_values().collect();
    faults.extend(follow(&mut compiled).err().into_iter().flatten());
    if faults.is_empty() {
        Ok(compiled.into_iter().map(Arc::new).collect())
    } else {
        Err(Error::setup(faults.join("\n")))
    }
}

fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|char| char.is_alphanumeric() || char == '_' || char == '-')
}

fn title(models: &[Arc<Compiled>]) -> &str {
    let mut packages = models
        .iter()
        .map(|model| &*model.def.package)
        .filter(|package| !package.is_empty());
    match packages.next() {
        Some(first) if packages.all(|other| other == first) => first,
        _ => "API",
    }
}

/// Indented, its keys sorted, with a newline at the end. The order must not hang on whether some crate of the program
/// turns on `serde_json/preserve_order`.
fn pretty(document: Json) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&sorted(document)).map_err(Error::internal)?;
    text.push('\n');
    Ok(text)
}

fn sorted(value: Json) -> Json {
    match value {
        Json::Object(map) => {
            let members: BTreeMap<String, Json> = map.into_iter().collect();
            Json::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, sorted(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Json::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

fn resolve(folder: &Path) -> PathBuf {
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(package) if folder.is_relative() => Path::new(&package).join(folder),
        _ => folder.to_owned(),
    }
}

fn write_if_changed(path: &Path, content: &str) -> Result<()> {
    match fs::read(path) {
        Ok(old) if old == content.as_bytes() => return Ok(()),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(failed("read", path, &error));
        }
        _ => {}
    }
    fs::write(path, content).map_err(|error| failed("write", path, &error))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        // Two builds at once may both remove it.
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path, &error)),
        _ => Ok(()),
    }
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::setup(format!(
        "the schemas could not be written: can't {what} {}: {error}",
        path.display()
    ))
}
