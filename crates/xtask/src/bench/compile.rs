//! What larder costs the compiler, in CPU-seconds of cargo and all that it starts.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::report;
use crate::{Result, paths};

const MODELS: usize = 100;
const ROUNDS: usize = 7;
const COLD_ROUNDS: usize = 3;

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

pub(super) fn run() -> Result<()> {
    let directory = paths::target()?.join("compile");
    let target = directory.join("target");
    cold(&target)?;
    write_crates(&directory)?;
    paths::succeed(cargo(&directory, &target).args(["build", "--workspace"]))?;
    rebuild(&directory, &target)?;
    structs(&directory, &target)
}

fn cold(target: &Path) -> Result<()> {
    let mut taken = Vec::new();
    for _ in 0..COLD_ROUNDS {
        if target.exists() {
            fs::remove_dir_all(target)?;
        }
        let mut build = cargo(paths::root(), target);
        taken.push(costs(build.args(["build", "--package", "quickstart"]))?.0);
    }
    println!(
        "quickstart, cold dev build: {:.1} CPU-seconds; all rounds: {taken:.1?}",
        report::median(taken.clone())
    );
    Ok(())
}

fn rebuild(directory: &Path, target: &Path) -> Result<()> {
    let edited = directory.join("quickstart/src/main.rs");
    let mut taken = Vec::new();
    for round in 0..ROUNDS {
        edit(&edited, round)?;
        let mut build = cargo(directory, target);
        taken.push(costs(build.args(["build", "--package", "quickstart"]))?);
    }
    println!(
        "quickstart, rebuilt after a field was added to a model: {:.2} CPU-seconds, {:.2} s",
        report::median(taken.iter().map(|cost| cost.0).collect()),
        report::median(taken.iter().map(|cost| cost.1).collect()),
    );
    Ok(())
}

/// The three crates take turns, so that what else the machine does falls on all of them.
fn structs(directory: &Path, target: &Path) -> Result<()> {
    let mut rounds: Vec<[f64; 3]> = Vec::new();
    for _ in 0..ROUNDS {
        let mut round = [0.0; 3];
        for (taken, name) in round.iter_mut().zip(["plain", "used", "models"]) {
            fs::File::options()
                .append(true)
                .open(directory.join(name).join("src/lib.rs"))?
                .set_modified(std::time::SystemTime::now())?;
            let mut build = cargo(directory, target);
            // A first build, not one that profits from the last.
            build
                .env("CARGO_INCREMENTAL", "0")
                .args(["build", "--package", name]);
            *taken = costs(&mut build)?.0;
        }
        rounds.push(round);
    }
    let median = |of: &dyn Fn(&[f64; 3]) -> f64| report::median(rounds.iter().map(of).collect());
    println!(
        "{MODELS} structs of ten fields: plain {:.2}, used {:.2}, models {:.2} CPU-seconds",
        median(&|round| round[0]),
        median(&|round| round[1]),
        median(&|round| round[2]),
    );
    println!(
        "larder's part, round by round: {:.2} CPU-seconds beyond plain, {:.2} beyond used",
        median(&|round| round[2] - round[0]),
        median(&|round| round[2] - round[1]),
    );
    Ok(())
}

fn cargo(directory: &Path, target: &Path) -> Command {
    let mut cargo = paths::cargo();
    cargo
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", target)
        .args(["--quiet", "--offline"]);
    cargo
}

/// Runs a command; its CPU-seconds and its seconds.
fn costs(command: &mut Command) -> Result<(f64, f64)> {
    let (before, begun) = (children()?, Instant::now());
    paths::succeed(command)?;
    Ok((children()? - before, begun.elapsed().as_secs_f64()))
}

/// The CPU-seconds of all processes that this one started and that have ended, and of theirs.
fn children() -> Result<f64> {
    /// Linux counts them in hundredths of a second.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name in parentheses may hold spaces; behind it `cutime` and `cstime` are the 14th and 15th.
    let (_, rest) = stat.rsplit_once(')').ok_or("a stat without a name")?;
    let ticks: Vec<u64> = rest
        .split_ascii_whitespace()
        .skip(13)
        .take(2)
        .map(str::parse)
        .collect::<std::result::Result<_, _>>()?;
    Ok(ticks.iter().sum::<u64>() as f64 / TICKS)
}

/// Writes a workspace of the three crates and a copy of the quickstart, with the dependencies of this one.
fn write_crates(directory: &Path) -> Result<()> {
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
fn edit(path: &Path, round: usize) -> Result<()> {
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
