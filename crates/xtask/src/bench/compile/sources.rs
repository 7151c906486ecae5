//! The crates that are built: the same structs three times, and a copy of the quickstart.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::MODELS;
use crate::{Result, paths};

/// The three crates of the same structs.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// serde and schemars, derived.
    Plain,
    /// The same, and each is read and written as JSON once, which is where serde's code is made.
    Used,
    /// larder's derive too.
    Models,
}

/// Writes a workspace of the three crates and a copy of the quickstart, with the dependencies of this one.
pub(super) fn write_crates(directory: &Path) -> Result<()> {
    let root = paths::root();
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let after = |head: &str| {
        manifest
            .split_once(head)
            .map(|(_, text)| text)
            .ok_or_else(|| format!("no {head}"))
    };
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"plain\", \"used\", \"models\", \"quickstart\"]\n";
    let package = between(after("[workspace.package]")?);
    let dependencies = between(after("[workspace.dependencies]")?).replace(
        "path = \"crates",
        &format!("path = \"{}", root.join("crates").display()),
    );
    let profile = between(after("[profile.dev]")?);
    let others = between(after("[profile.dev.package.\"*\"]")?);
    fs::create_dir_all(directory)?;
    let text = format!(
        "{members}[workspace.package]{package}[workspace.dependencies]{dependencies}[profile.dev]{profile}[profile.dev.package.\"*\"]{others}"
    );
    fs::write(directory.join("Cargo.toml"), text)?;
    fs::copy(root.join("Cargo.lock"), directory.join("Cargo.lock"))?;
    for (name, kind) in [
        ("plain", Kind::Plain),
        ("used", Kind::Used),
        ("models", Kind::Models),
    ] {
        write_crate(&directory.join(name), name, &source(kind)?)?;
    }
    let quickstart = root.join("examples/quickstart");
    let copy = directory.join("quickstart");
    fs::create_dir_all(copy.join("src"))?;
    for file in ["Cargo.toml", "curl.txt", "src/main.rs"] {
        fs::copy(quickstart.join(file), copy.join(file))?;
    }
    Ok(())
}

/// A section of a manifest: all up to the next head.
fn between(text: &str) -> String {
    text.split_once("\n[")
        .map_or(text, |(section, _)| section)
        .to_owned()
        + "\n"
}

fn write_crate(directory: &Path, name: &str, source: &str) -> Result<()> {
    fs::create_dir_all(directory.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition.workspace = true\n[dependencies]\n\
         jiff.workspace = true\nlarder = {{ workspace = true, features = [\"http\", \"sqlite\"] }}\n\
         schemars.workspace = true\nserde.workspace = true\nserde_json.workspace = true\n"
    );
    fs::write(directory.join("Cargo.toml"), manifest)?;
    Ok(fs::write(directory.join("src/lib.rs"), source)?)
}

/// A hundred structs of ten fields.
fn source(kind: Kind) -> Result<String> {
    let larder = kind == Kind::Models;
    let mut text = String::from(if larder {
        "use larder::prelude::*;\n"
    } else {
        "use schemars::JsonSchema;\nuse serde::{Deserialize, Serialize};\n"
    });
    for n in 0..MODELS {
        let (derive, model) = if larder {
            let rules =
                "rules(read = \"public=true|owner=$actor.id\", write = \"owner=$actor.id\")";
            let lists = "search(title = contains, amount = ge), sort(title, placed)";
            (
                ", Model",
                format!("#[model(url = \"/m{n}\", timestamps, {rules}, {lists})]\n"),
            )
        } else {
            ("", String::new())
        };
        let key = |word: &str| {
            if larder {
                format!("#[model({word})] ")
            } else {
                String::new()
            }
        };
        let id = if larder {
            format!("Id<M{n}>")
        } else {
            "String".to_owned()
        };
        write!(
            text,
            "/// One of a hundred.\n#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema{derive})]\n{model}\
             pub struct M{n} {{\n    {}pub id: {id},\n    {}pub owner: String,\n    /// What it is called.\n    \
             #[schemars(length(min = 1, max = 120))] pub title: String,\n    {}#[schemars(range(min = 0))] pub amount: i64,\n    \
             pub price: f64,\n    pub public: bool,\n    pub note: Option<String>,\n    pub tags: Vec<String>,\n    \
             pub placed: jiff::Timestamp,\n    {}pub score: f64,\n}}\n",
            key("id"),
            key("owner, index"),
            key("index"),
            key("read_only"),
        )?;
        if kind == Kind::Used {
            write!(
                text,
                "pub fn json{n}(text: &str) -> (String, schemars::Schema) {{\n    \
                 let read: M{n} = serde_json::from_str(text).unwrap();\n    \
                 (serde_json::to_string(&read).unwrap(), schemars::schema_for!(M{n}))\n}}\n"
            )?;
        }
    }
    if larder {
        let names: Vec<String> = (0..MODELS).map(|n| format!("M{n}")).collect();
        writeln!(
            text,
            "pub fn all() -> larder::ModelSet {{ models![{}] }}",
            names.join(", ")
        )?;
    }
    Ok(text)
}

/// Adds a field to a model of the copied quickstart.
pub(super) fn edit(path: &Path, round: usize) -> Result<()> {
    let text = fs::read_to_string(path)?;
    let edited = text.replacen(
        "    pub title: String,\n",
        &format!("    pub title: String,\n    pub more{round}: Option<String>,\n"),
        1,
    );
    if edited == text {
        return Err("the quickstart has no title any more".into());
    }
    Ok(fs::write(path, edited)?)
}
