//! The log of changes: a table that triggers write to, in the transaction of the write.
//!
//! Triggers, because then every writer is heard, whatever program it is, and a write stays the one statement that it was. They are
//! **deferred**: they run when the transaction commits, so the numbers of the log are handed out in the order of commits, and
//! what was rolled back has none.
//!
//! | column | what |
//! | --- | --- |
//! | `no` | in the order of commits; within a transaction that of its changes |
//! | `tx` | the number of the transaction: what was committed is told by it ([`feed`](super::feed)) |
//! | `source` | the table |
//! | `old`, `new` | the row before and after as JSON, which `json_populate_record` makes a row of again, whatever columns the table has got meanwhile |
//!
//! The row with the number 0 is no change. Its `tx` says that what is told from a place before that transaction is incomplete: because
//! rows of the log were deleted up to there, or because a table has other columns since then.

use std::sync::Arc;

use larder_core::migrate::{Change, Effect};
use larder_core::{Layout, Result};
use sqlx::Row;
use sqlx::postgres::PgConnection;

use super::errors::PostgresFault;
use crate::dialect::Postgres;
use crate::driver::{Fault, Ran};
use crate::pool::Log;
use crate::table::quoted;

/// What wakes up those who listen.
pub(super) const CHANNEL: &str = "larder_changes";

/// Wakes them up. Not in the trigger: a transaction that notifies commits under a lock of the whole server, so writers would wait for
/// each other's flush to the disk.
pub(super) const NOTIFY: &str = "NOTIFY larder_changes";

/// The name of the trigger and of its function.
const TELL: &str = "larder_tell";
/// The name of the trigger for `TRUNCATE`.
const TELL_TRUNCATE: &str = "larder_tell_truncate";

/// What is there: the schema, the log, its index, the function, the tables with the trigger, and with the one for `TRUNCATE`, and what
/// is no table.
const FOUND: &str = "\
SELECT n.nspname::text,
       EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'larder_changes'),
       EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'larder_changes_tx'),
       EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = n.oid AND p.proname = 'larder_tell'),
       ARRAY(SELECT c.relname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
             WHERE c.relnamespace = n.oid AND t.tgname = 'larder_tell'),
       ARRAY(SELECT c.relname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
             WHERE c.relnamespace = n.oid AND t.tgname = 'larder_tell_truncate'),
       ARRAY(SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = n.oid AND (c.relkind IN ('v', 'm', 'f', 'p')
             OR EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid)))
FROM pg_namespace n WHERE n.nspname = current_schema()";

struct Found {
    schema: String,
    log: bool,
    index: bool,
    function: bool,
    told: Vec<String>,
    truncates: Vec<String>,
    no_tables: Vec<String>,
}

async fn find(conn: &mut PgConnection) -> Ran<Found> {
    let row = sqlx::query(FOUND).persistent(false).fetch_one(conn).await?;
    Ok(Found {
        schema: row.try_get(0)?,
        log: row.try_get(1)?,
        index: row.try_get(2)?,
        function: row.try_get(3)?,
        told: row.try_get(4)?,
        truncates: row.try_get(5)?,
        no_tables: row.try_get(6)?,
    })
}

/// What is missing for the changes of these models to be told.
pub(super) async fn compare(conn: &mut PgConnection, models: &[Arc<Layout>]) -> Result<Log> {
    let found = find(conn).await;
    let found = found.map_err(|error| PostgresFault::from(error).into_plain())?;
    let asked: Vec<&Arc<Layout>> = models
        .iter()
        .filter(|layout| layout.storage.changes)
        .collect();
    let mut changes = Vec::new();
    if let Some(first) = asked.first() {
        let mut need = |there: bool, what: &str, sql: String| {
            if !there {
                let what = format!("its changes are to be told, and {what} is missing");
                changes.push(Change::new(first, Effect::Additive, what, sql));
            }
        };
        need(found.log, "the table `larder_changes`", TABLE.to_owned());
        need(found.index, "an index of that table", INDEX.to_owned());
        need(
            found.function,
            "the function `larder_tell`",
            function(&found.schema),
        );
    }
    for layout in asked {
        let table = &layout.collection;
        if found.no_tables.contains(table) {
            let what =
                "it is no table of its own, but a view or in parts, and of such no changes can be told: leave `changes` out"
                    .to_owned();
            changes.push(Change::new(layout, Effect::Manual, what, String::new()));
            continue;
        }
        let triggers = [
            (TELL, &found.told, trigger(table)),
            (TELL_TRUNCATE, &found.truncates, truncate_trigger(table)),
        ];
        for (name, there, sql) in triggers {
            if there.contains(table) {
                continue;
            }
            let add = |what: &str, sql| Change::new(layout, Effect::Additive, what.to_owned(), sql);
            // A table that is renamed takes its triggers along.
            if layout
                .storage
                .was
                .as_ref()
                .is_some_and(|was| there.contains(was))
            {
                let what = "its trigger is made anew under its new name";
                changes.push(add(what, drop_trigger(name, table)));
            }
            let what = "its changes are to be told, and a trigger is missing";
            changes.push(add(what, sql));
        }
    }
    Ok(Log {
        changes,
        kept: found.log || models.iter().any(|layout| layout.storage.changes),
        told: found.told,
    })
}

/// Rows are written when a transaction commits, and so is their time: `now()` would be its beginning, and may be older than what is kept.
const TABLE: &str = "\
CREATE TABLE larder_changes (no bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, tx bigint NOT NULL, \
at timestamp with time zone NOT NULL DEFAULT clock_timestamp(), source text COLLATE \"C\" NOT NULL, old json, new json)";

const INDEX: &str = "CREATE INDEX larder_changes_tx ON larder_changes (tx)";

/// The function of the triggers. It runs with the rights of whoever made it, so that a program which may write to a table need not be
/// let into the log; therefore it names everything fully and takes nothing from the `search_path` of its caller.
fn function(schema: &str) -> String {
    let log = format!("{}.larder_changes", quoted::<Postgres>(schema));
    format!(
        "CREATE FUNCTION {TELL}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $larder$\n\
         BEGIN\n\
           IF TG_OP = 'INSERT' THEN\n\
             INSERT INTO {log} (tx, source, new) VALUES (txid_current(), TG_TABLE_NAME, row_to_json(NEW));\n\
           ELSIF TG_OP = 'UPDATE' THEN\n\
             INSERT INTO {log} (tx, source, old, new) VALUES (txid_current(), TG_TABLE_NAME, row_to_json(OLD), row_to_json(NEW));\n\
           ELSIF TG_OP = 'DELETE' THEN\n\
             INSERT INTO {log} (tx, source, old) VALUES (txid_current(), TG_TABLE_NAME, row_to_json(OLD));\n\
           ELSE\n\
             INSERT INTO {log} (tx, source) VALUES (txid_current(), TG_TABLE_NAME);\n\
           END IF;\n\
           RETURN NULL;\n\
         END $larder$"
    )
}

fn trigger(table: &str) -> String {
    format!(
        "CREATE CONSTRAINT TRIGGER {TELL} AFTER INSERT OR UPDATE OR DELETE ON {} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW \
         EXECUTE FUNCTION {TELL}()",
        quoted::<Postgres>(table)
    )
}

fn drop_trigger(name: &str, table: &str) -> String {
    format!(
        "DROP TRIGGER IF EXISTS {name} ON {}",
        quoted::<Postgres>(table)
    )
}

fn truncate_trigger(table: &str) -> String {
    format!(
        "CREATE TRIGGER {TELL_TRUNCATE} AFTER TRUNCATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION {TELL}()",
        quoted::<Postgres>(table)
    )
}

/// Says that a table has other columns from this transaction on: what was logged before does not fit it.
pub(super) const ALTERED: &str = "\
INSERT INTO larder_changes (no, tx, source) VALUES (0, txid_current(), '') \
ON CONFLICT (no) DO UPDATE SET tx = excluded.tx";

/// Deletes what is too old or too much, but nothing that a transaction may follow which is still open. Says up to which transaction.
const TRIM: &str = "\
WITH cut AS (
  SELECT greatest((SELECT max(no) FROM larder_changes) - $1,
                  (SELECT max(no) FROM larder_changes WHERE at < now() - make_interval(secs => $2))) AS no
), gone AS (
  DELETE FROM larder_changes c USING cut
  WHERE c.no > 0 AND c.no <= cut.no AND c.tx < txid_snapshot_xmin(txid_current_snapshot())
  RETURNING c.tx
)
INSERT INTO larder_changes (no, tx, source)
SELECT 0, max(tx), '' FROM gone HAVING max(tx) IS NOT NULL
ON CONFLICT (no) DO UPDATE SET tx = greatest(larder_changes.tx, excluded.tx)";

/// Deletes all but the last `rows` changes of the last `seconds`.
pub(super) async fn trim(conn: &mut PgConnection, rows: i64, seconds: f64) -> Ran<()> {
    let trim = sqlx::query(TRIM).bind(rows).bind(seconds);
    trim.persistent(false).execute(conn).await?;
    Ok(())
}
