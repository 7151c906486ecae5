//! What separates a database from the models of an app: found out, listed, and done as far as nothing can be lost.
//!
//! ```
//! # use larder_core::{App, MemoryStore, ModelDef, FieldDef, registry::ModelSet};
//! # async fn check() -> larder_core::Result<()> {
//! let note = ModelDef::new("Note").field(FieldDef::new("id", serde_json::json!({"type": "string"})).id());
//! let app = App::builder().models(ModelSet::new().with_def(note)).store("main", MemoryStore::new());
//! for change in app.schema_plan().await? {
//!     println!("{change}");
//! }
//! # Ok(())
//! # }
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::layout::Layout;
use crate::model::{Compiled, follow};
use crate::registry::ModelSet;
use crate::store::Store;

/// What an app does at its start about tables that do not fit its models.
///
/// ```
/// use larder_core::{App, migrate::Migrations};
/// let app = App::builder().migrations(Migrations::Manual); // `larder::command` gives the app a `schema apply`
/// # let _ = app;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Migrations {
    /// It makes every change that loses nothing, and does not start where another one is needed.
    #[default]
    Automatic,
    /// It changes nothing, and does not start while a durable store differs from the models: somebody runs the app's
    /// `schema apply` before.
    Manual,
}

/// Who makes a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Larder: it loses nothing. A new table, column or index, a name that was said to have changed.
    Additive,
    /// A person: it could lose data, fails on the rows that are there, or the table is not larder's to change.
    Manual,
}

/// One difference between a table and its model, with the statements that end it.
///
/// ```
/// use larder_core::{AppBuilder, Result, migrate::Effect};
/// # async fn example(app: AppBuilder) -> Result<()> {
/// for change in app.schema_plan().await? {
///     match change.effect {
///         Effect::Additive => println!("at the start: {}", change.what),
///         Effect::Manual => println!("by hand: {}\n{}", change.what, change.statements),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The name of the store; empty until [`plan`] has filled it in.
    pub store: String,
    /// The model.
    pub model: String,
    /// The table or collection.
    pub table: String,
    /// What differs, naming the column: a part of a sentence.
    pub what: String,
    /// The statements, ready to be run; empty where the store has no language for it.
    pub statements: String,
    /// Who runs them.
    pub effect: Effect,
    /// Whether somebody should look at it: what is new may be what something else holds, under another name.
    pub doubtful: bool,
}

impl Change {
    /// A difference between a layout and its table.
    pub fn new(layout: &Layout, effect: Effect, what: String, statements: String) -> Self {
        Self {
            store: String::new(),
            model: layout.model.clone(),
            table: layout.collection.clone(),
            what,
            statements,
            effect,
            doubtful: false,
        }
    }

    /// Says in the log, at the target `larder::schema`, that a store makes these changes: how many at INFO, each of them at DEBUG, and at WARN
    /// what somebody should look at.
    pub fn tell(changes: &[Self]) {
        if changes.is_empty() {
            return;
        }
        let tables: BTreeSet<&str> = changes.iter().map(|change| &*change.table).collect();
        tracing::info!(
            target: "larder::schema",
            changes = changes.len(),
            tables = tables.len(),
            "the store is brought in step with the models"
        );
        for change in changes {
            let Self {
                model,
                table,
                what,
                statements,
                ..
            } = change;
            if change.doubtful {
                tracing::warn!(target: "larder::schema", model, table, what, "a change to look at");
            }
            tracing::debug!(target: "larder::schema", model, table, what, statements, "a change");
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            model,
            what,
            statements,
            ..
        } = self;
        write!(
            f,
            "the table \"{table}\" does not fit the model {model}: {what}"
        )?;
        match (self.effect, statements.is_empty()) {
            (_, true) => f.write_str("."),
            (Effect::Additive, false) => write!(f, ". `schema apply` runs:\n{statements}"),
            (Effect::Manual, false) if statements.starts_with("SELECT ") => {
                write!(f, ". This finds them:\n{statements}")
            }
            (Effect::Manual, false) => write!(f, ". If that is meant, run:\n{statements}"),
        }
    }
}

/// The error of a store that must not make some of these changes itself; none if it may make all.
pub fn refusal(changes: &[Change]) -> Option<Error> {
    let manual: Vec<String> = changes
        .iter()
        .filter(|change| change.effect == Effect::Manual)
        .map(Change::to_string)
        .collect();
    (!manual.is_empty()).then(|| Error::setup(manual.join("\n\n")))
}

/// The stores of an app by their names.
pub type Stores = BTreeMap<String, Arc<dyn Store>>;

/// Every difference between the stores and the models; none where both are in step. Nothing is changed.
///
/// # Errors
/// `Setup` for a model that can't be compiled or whose store is not there, and what a store says.
pub async fn plan(stores: &Stores, models: ModelSet) -> Result<Vec<Change>> {
    let models = compiled(stores, models)?;
    differences(stores, &models).await
}

/// Makes every change that loses nothing, and gives what was done.
///
/// # Errors
/// As [`plan`]; and `Setup` with the statements of every change that a person has to make. Then nothing of that store
/// was changed.
pub async fn apply(stores: &Stores, models: ModelSet) -> Result<Vec<Change>> {
    let models = compiled(stores, models)?;
    let changes = differences(stores, &models).await?;
    if let Some(error) = refusal(&changes) {
        return Err(error);
    }
    prepare(stores, &models).await?;
    Ok(changes)
}

/// Brings the stores to the models at the start of an app, or refuses to start.
pub(crate) async fn start(
    how: Migrations,
    stores: &Stores,
    models: &[Arc<Compiled>],
) -> Result<()> {
    if how == Migrations::Automatic {
        return prepare(stores, models).await;
    }
    let (durable, passing): (Stores, Stores) = stores
        .iter()
        .map(|(name, store)| (name.clone(), store.clone()))
        .partition(|(_, store)| store.capability().durable);
    let changes = differences(&durable, models).await?;
    if !changes.is_empty() {
        let all: Vec<String> = changes.iter().map(Change::to_string).collect();
        return Err(Error::setup(format!(
            "the app makes no changes by itself (`Migrations::Manual`), and these are needed:\n\n{}",
            all.join("\n\n")
        )));
    }
    prepare(&passing, models).await
}

async fn prepare(stores: &Stores, models: &[Arc<Compiled>]) -> Result<()> {
    for (name, store) in stores {
        let prepared = store.prepare(&layouts(name, models)).await;
        prepared.map_err(|error| {
            Error::setup(format!(
                "the store `{name}` could not be prepared: {}",
                error.message()
            ))
        })?;
    }
    Ok(())
}

async fn differences(stores: &Stores, models: &[Arc<Compiled>]) -> Result<Vec<Change>> {
    let mut all = Vec::new();
    for (name, store) in stores {
        let found = store.plan(&layouts(name, models)).await;
        let found = found.map_err(|error| match error.kind() {
            ErrorKind::Setup | ErrorKind::Unsupported => Error::setup(format!(
                "the store `{name}` can't be compared with the models: {}",
                error.message()
            )),
            _ => error,
        })?;
        all.extend(found.into_iter().map(|change| Change {
            store: name.clone(),
            ..change
        }));
    }
    Ok(all)
}

fn layouts(store: &str, models: &[Arc<Compiled>]) -> Vec<Arc<Layout>> {
    let of_it = models.iter().filter(|model| model.data().store == store);
    of_it.map(|model| model.layout().clone()).collect()
}

fn compiled(stores: &Stores, models: ModelSet) -> Result<Vec<Arc<Compiled>>> {
    let mut compiled = Vec::new();
    for def in models.into_defs() {
        let model = Compiled::alone(def).map_err(|faults| Error::setup(faults.join("\n")))?;
        let store = &model.data().store;
        if !stores.contains_key(store) {
            return Err(Error::setup(format!(
                "{} is kept in the store `{store}`, which the app does not have: add `.store(\"{store}\", ..)` to the builder",
                model.name()
            )));
        }
        compiled.push(model);
    }
    follow(&mut compiled).map_err(|faults| Error::setup(faults.join("\n")))?;
    Ok(compiled.into_iter().map(Arc::new).collect())
}
