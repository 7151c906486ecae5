//! What is committed through this store, for those who listen.
//!
//! The writing connection has temporary triggers on the tables that are listened to, and temporary tables that they fill: these belong
//! to the connection, are in memory, and are rolled back with what they tell of. Before a commit they are emptied, after it
//! what was in them is told. So a write stays the statement that it was, nothing of it is in the file, and other processes, which have
//! connections of their own, are not heard.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::TryStreamExt;
use larder_core::store::{Feed, Hub, Image, Told, Watch};
use larder_core::{Error, ErrorKind, Result};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::errors::SqliteFault;
use crate::dialect::{Dialect, Sqlite};
use crate::driver::{Driver, Fault, Ran, kept};
use crate::row;
use crate::table::{Table, quoted};

/// The columns of a temporary table beside those of its model.
const NUMBER: &str = "_larder_number";
const IS_NEW: &str = "_larder_is_new";

/// Who listens, and to which tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Tell {
    hub: Hub,
    told: Arc<Mutex<Arc<[Source]>>>,
}

/// A table that is listened to.
#[derive(Clone)]
struct Source {
    table: Arc<Table<Sqlite>>,
    /// The quoted name of its temporary table.
    aside: String,
    read: Arc<str>,
    empty: Arc<str>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.table.name)
    }
}

impl Source {
    fn new(table: &Arc<Table<Sqlite>>) -> Self {
        let aside = quoted::<Sqlite>(&format!("larder_told_{}", table.layout.collection));
        Self {
            read: format!(
                "SELECT {}, {IS_NEW} FROM {aside} ORDER BY {NUMBER}",
                table.all
            )
            .into(),
            empty: format!("DELETE FROM {aside}").into(),
            table: Arc::clone(table),
            aside,
        }
    }

    /// The names of its triggers.
    fn triggers(&self) -> [(&'static str, String); 3] {
        let collection = &self.table.layout.collection;
        ["INSERT", "UPDATE", "DELETE"].map(|event| {
            let name = quoted::<Sqlite>(&format!("larder_told_{event}_{collection}"));
            (event, name)
        })
    }

    fn create(&self) -> Vec<String> {
        let (table, aside) = (&self.table, &self.aside);
        let columns = || table.columns.iter().chain(&table.version);
        let into = &table.into;
        let of = |side: &str, is_new: u8| {
            let values = columns().map(|column| format!("{side}.{column}"));
            let values = values.collect::<Vec<_>>().join(", ");
            format!("INSERT INTO {aside} ({into}, {IS_NEW}) VALUES ({values}, {is_new}); ")
        };
        // Without types: what is put in comes out as it was.
        let create = format!(
            "CREATE TEMPORARY TABLE {aside} ({NUMBER} INTEGER PRIMARY KEY, {into}, {IS_NEW})"
        );
        let triggers = self.triggers().map(|(event, name)| {
            let does = match event {
                "INSERT" => of("NEW", 1),
                "UPDATE" => of("OLD", 0) + &of("NEW", 1),
                _ => of("OLD", 0),
            };
            let on = &table.name;
            format!("CREATE TEMPORARY TRIGGER {name} AFTER {event} ON main.{on} BEGIN {does}END")
        });
        std::iter::once(create).chain(triggers).collect()
    }

    fn drop(&self) -> Vec<String> {
        let triggers = self
            .triggers()
            .map(|(_, name)| format!("DROP TRIGGER IF EXISTS temp.{name}"));
        let table = format!("DROP TABLE IF EXISTS temp.{}", self.aside);
        triggers.into_iter().chain([table]).collect()
    }

    /// What was written since it was emptied; none if it is more than the hub keeps.
    async fn take(&self, conn: &mut SqliteConnection) -> Result<Option<Vec<Told>>> {
        let told = self.read(conn).await;
        if matches!(&told, Ok(Some(told)) if told.is_empty()) {
            return told;
        }
        // Emptied even if a row can't be read, so that the next commit does not tell of it again.
        let args = <Sqlite as Dialect>::Arguments::default();
        let emptied = Sqlite::write(conn, kept(&self.empty), args, true).await;
        emptied.map_err(fault)?;
        told
    }

    /// Reads no further than to what is too much: a commit of any size may be there.
    async fn read(&self, conn: &mut SqliteConnection) -> Result<Option<Vec<Told>>> {
        let args = <Sqlite as Dialect>::Arguments::default();
        let mut rows = Sqlite::stream(conn, kept(&self.read), args);
        let mut told = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.try_next().await.map_err(fault)? {
            let (row, is_new) = self.row(&row)?;
            bytes += row.weight();
            let key = self.table.layout.key.key_of(&row);
            match told.last_mut() {
                // An update leaves two rows, one after the other.
                Some(Told { key: last, new, .. })
                    if is_new && *new == Image::Absent && *last == key =>
                {
                    *new = Image::Row(row);
                }
                _ => {
                    let (old, new) = match is_new {
                        true => (Image::Absent, Image::Row(row)),
                        false => (Image::Row(row), Image::Absent),
                    };
                    told.push(Told {
                        layout: Arc::clone(&self.table.layout),
                        key,
                        old,
                        new,
                    });
                }
            }
            if told.len() > Hub::KEPT || bytes > Hub::KEPT_BYTES {
                return Ok(None);
            }
        }
        Ok(Some(told))
    }

    /// The record in a row that stands aside, and whether it is one after a change.
    fn row(&self, found: &SqliteRow) -> Result<(larder_core::Row, bool)> {
        let record = row::record(&self.table, found)?;
        let is_new = found.try_get_unchecked(self.table.width());
        Ok((Arc::new(record), is_new.map_err(Error::internal)?))
    }
}

fn fault(error: sqlx::Error) -> Error {
    SqliteFault::from(error).into_plain()
}

impl Tell {
    fn sources(&self) -> Arc<[Source]> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&told)
    }

    /// Whether anything is told at all.
    pub(super) fn is_asked(&self) -> bool {
        !self.sources().is_empty()
    }

    /// Takes away what is aside of the tables, which may be changed then. To be called on the writing connection.
    pub(super) async fn pause(&self, conn: &mut SqliteConnection) -> Result<()> {
        for source in self.sources().iter() {
            run(conn, source.drop()).await.map_err(fault)?;
        }
        Ok(())
    }

    /// Hears of these tables too from now on. To be called on the writing connection, after [`pause`](Self::pause).
    pub(super) async fn go_on(
        &self,
        conn: &mut SqliteConnection,
        more: impl IntoIterator<Item = Arc<Table<Sqlite>>>,
    ) -> Result<()> {
        let mut sources = self.sources().to_vec();
        for table in more {
            let new = Source::new(&table);
            match sources.iter_mut().find(|source| source.aside == new.aside) {
                Some(known) => *known = new,
                None => sources.push(new),
            }
        }
        for source in &sources {
            run(conn, source.create()).await.map_err(|error| {
                let model = &source.table.layout.model;
                Error::setup(format!("the changes of {model} can't be told: {error}"))
                    .with_source(error)
            })?;
        }
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = sources.into();
        Ok(())
    }

    /// Begins again on a new writing connection. What the lost one has committed last is not known.
    pub(super) async fn restart(&self, conn: &mut SqliteConnection) {
        if !self.is_asked() {
            return;
        }
        if let Err(error) = self.go_on(conn, []).await {
            tracing::error!(%error, "changes can't be told any more");
        }
        self.hub.lose();
    }

    /// What was written since the last time, to be told once it is committed. None if it can't be read, which those who listen
    /// are told then.
    pub(super) async fn take(&self, conn: &mut SqliteConnection) -> Taken {
        let sources = self.sources();
        let mut all = Some(Vec::new());
        for source in sources.iter() {
            match source.take(conn).await {
                Ok(Some(told)) => {
                    if let Some(all) = &mut all {
                        all.extend(told);
                    }
                }
                // The others have to be emptied all the same.
                Ok(None) => all = None,
                Err(error) => {
                    tracing::error!(%error, "what was written can't be told");
                    return Taken(None);
                }
            }
        }
        Taken(all)
    }

    /// Tells what is committed now.
    pub(super) fn publish(&self, taken: Taken) {
        match taken.0 {
            Some(told) => self.hub.publish(told),
            None => self.hub.lose(),
        }
    }

    /// Tells that something was committed, and nobody knows what.
    pub(super) fn lose(&self) {
        if self.is_asked() {
            self.hub.lose();
        }
    }

    pub(super) fn listen(&self, watch: &Watch) -> Result<Box<dyn Feed>> {
        let sources = self.sources();
        let told = |name: &str| {
            sources
                .iter()
                .any(|source| source.table.layout.collection == name)
        };
        if let Some(layout) = watch.layouts.iter().find(|one| !told(&one.collection)) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("{} was not prepared to tell its changes", layout.model),
            ));
        }
        self.hub.listen(watch)
    }
}

/// What is to be told after a commit; none where that can't be known, or is too much.
#[derive(Debug)]
#[must_use = "it is told by `publish`, once it is committed"]
pub(super) struct Taken(Option<Vec<Told>>);

async fn run(conn: &mut SqliteConnection, statements: Vec<String>) -> Ran<()> {
    for sql in statements {
        Sqlite::once(conn, sql).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
