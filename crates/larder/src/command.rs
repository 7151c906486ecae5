//! The commands that an app's own program understands: `cargo run -- schema plan`.

use std::io::{self, Write};
use std::process::ExitCode;

use larder_core::migrate::{Change, Effect};
use larder_core::{AppBuilder, ErrorKind, Result};

/// All is as it should be.
const IN_STEP: u8 = 0;
/// The database differs from the models.
const DIFFERS: u8 = 1;
/// The command could not be run.
const FAILED: u8 = 2;

const USAGE: &str = "\
usage: schema plan     print what the database lacks, as SQL; 0
       schema apply    make every change that loses nothing; 0, or 1 if others are needed, which are printed
       schema check    say whether the database fits the models; 0, or 1 with every difference";

/// Runs the command that the program's arguments name, and gives the code to end with; none where they name no command of
/// larder's, and the app goes on.
///
/// | arguments | what | code |
/// | --- | --- | --- |
/// | `schema plan` | prints every change that is needed, as SQL | 0 |
/// | `schema apply` | makes those that lose nothing, if there are no others | 0, or 1 with those that a person has to make |
/// | `schema check` | prints every difference | 0, or 1 if there is one |
///
/// The code is 2 if the command itself fails, and where the first argument is nearly `schema`: it is a command mistyped, and starting
/// the app is not what was meant. Every other first word is the app's own.
///
/// ```no_run
/// use larder::prelude::*;
/// use std::process::ExitCode;
///
/// # #[derive(Serialize, Deserialize, JsonSchema, Model)]
/// # struct Post { #[model(id)] id: Id<Post>, title: String }
/// #[tokio::main]
/// async fn main() -> larder::Result<ExitCode> {
///     let app = App::builder()
///         .models(models![Post])
///         .store("main", store::open("sqlite:blog.db").await?);
///     if let Some(code) = larder::command(&app).await {
///         return Ok(code);
///     }
///     let app = app.build().await?;
///     // ..
/// #   let _ = app;
///     Ok(ExitCode::SUCCESS)
/// }
/// ```
pub async fn command(app: &AppBuilder) -> Option<ExitCode> {
    let mut out = Vec::new();
    let code = command_with(app, std::env::args().skip(1), &mut out).await?;
    // Nobody is there to hear of a closed pipe.
    let _ = io::stdout().write_all(&out);
    Some(ExitCode::from(code))
}

/// The same for other arguments (without the program's name), printing to `out`.
///
/// ```
/// # use larder::prelude::*;
/// # #[derive(Serialize, Deserialize, JsonSchema, Model)]
/// # struct Post { #[model(id)] id: Id<Post>, title: String }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> larder::Result<()> {
/// let app = App::builder().models(models![Post]).store("main", store::open("memory:").await?);
/// let mut out = Vec::new();
/// let code = larder::command_with(&app, ["schema", "check"], &mut out).await;
/// assert_eq!(code, Some(1), "the collection is not there yet");
/// # Ok(())
/// # }
/// ```
pub async fn command_with(
    app: &AppBuilder,
    args: impl IntoIterator<Item = impl Into<String>>,
    out: &mut Vec<u8>,
) -> Option<u8> {
    let args: Vec<String> = args.into_iter().map(Into::into).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut text = String::new();
    let rest = match words.as_slice() {
        ["schema", rest @ ..] => rest,
        // The app must not start where somebody meant to look at its schema.
        [word, ..] if larder_query::nearest(word, ["schema"]).is_some() => {
            let given = words.join(" ");
            let meant = ["schema"].iter().chain(&words[1..]).copied();
            let meant = meant.collect::<Vec<_>>().join(" ");
            text.push_str(&format!(
                "there is no command `{given}`; did you mean `{meant}`?\n{USAGE}\n"
            ));
            out.extend(text.bytes());
            return Some(FAILED);
        }
        _ => return None,
    };
    let done = match rest {
        ["plan"] => app
            .schema_plan()
            .await
            .map(|changes| plan(&changes, &mut text)),
        ["check"] => app
            .schema_plan()
            .await
            .map(|changes| check(&changes, &mut text)),
        ["apply"] => apply(app, &mut text).await,
        other => {
            let known = ["plan", "apply", "check"];
            let near = other
                .first()
                .and_then(|word| larder_query::nearest(word, known));
            if let Some(near) = near {
                let given = other.join(" ");
                text.push_str(&format!(
                    "there is no command `schema {given}`; did you mean `schema {near}`?\n"
                ));
            }
            text.push_str(USAGE);
            Ok(FAILED)
        }
    };
    let code = done.unwrap_or_else(|error| {
        text.push_str(error.message());
        FAILED
    });
    out.extend(text.trim_end().bytes().chain([b'\n']));
    Some(code)
}

const NOTHING: &str = "The database fits the models.";

/// A script: what a person has to decide on says so above it.
fn plan(changes: &[Change], text: &mut String) -> u8 {
    if changes.is_empty() {
        *text = format!("-- {NOTHING}");
    }
    for change in changes {
        let Change {
            store,
            model,
            table,
            what,
            statements,
            ..
        } = change;
        let who = match change.effect {
            Effect::Additive => "",
            Effect::Manual => " (by hand: `schema apply` does not do this)",
        };
        let what = what.replace('\n', " ");
        text.push_str(&format!(
            "-- store {store}, table {table}, model {model}: {what}{who}\n{statements}\n\n"
        ));
    }
    IN_STEP
}

fn check(changes: &[Change], text: &mut String) -> u8 {
    if changes.is_empty() {
        text.push_str(NOTHING);
        return IN_STEP;
    }
    let all: Vec<String> = changes.iter().map(Change::to_string).collect();
    text.push_str(&all.join("\n\n"));
    DIFFERS
}

async fn apply(app: &AppBuilder, text: &mut String) -> Result<u8> {
    let manual: Vec<String> = app
        .schema_plan()
        .await?
        .iter()
        .filter(|change| change.effect == Effect::Manual)
        .map(Change::to_string)
        .collect();
    if !manual.is_empty() {
        text.push_str(&manual.join("\n\n"));
        text.push_str("\n\nNothing was changed.");
        return Ok(DIFFERS);
    }
    match app.schema_apply().await {
        Ok(changes) if changes.is_empty() => text.push_str(NOTHING),
        Ok(changes) => {
            plan(&changes, text);
            text.push_str("-- Done.");
        }
        // Somebody else's change came between.
        Err(error) if error.kind() == ErrorKind::Setup => {
            text.push_str(error.message());
            return Ok(DIFFERS);
        }
        Err(error) => return Err(error),
    }
    Ok(IN_STEP)
}
