//! What is told of the log of changes: read from a [place](super::place) on, a transaction at a time.
//!
//! A look is a statement on a connection of the pool for what became visible, and one for the rows of each table that has changed. It is made
//! when the [bell](super::bell) rings, and each second in case it did not: who writes past larder rings no bell. It is a task, so it ends
//! and gives its connection back also where whoever waits for it has gone to do something else.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use larder_core::store::{Changed, Committed, Feed, Image, Since, Watch, net};
use larder_core::{BoxFuture, Error, ErrorKind, Result, Row};
use sqlx::Row as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use tokio::sync::watch;
use tokio::time::timeout;

use super::bell::{Bell, Ringing, Task};
use super::errors::PostgresFault;
use super::place::{Place, Snapshot, Within};
use crate::dialect::Postgres;
use crate::driver::{Failed, Fault, safe};
use crate::pool::{Connections, plain};
use crate::row;
use crate::table::Table;
use crate::tables::Tables;

/// How long to trust the bell.
const LOOK: Duration = Duration::from_secs(1);

/// The most changes that are read at once, and that one transaction may have.
const MOST: i64 = 10_000;

/// The most bytes of them, as the server keeps the rows: long ones are compressed.
const MOST_BYTES: i64 = 64 * 1024 * 1024;

/// Where the log is now.
const NOW: &str = "\
SELECT txid_current_snapshot()::text, CAST(c.oid AS bigint)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relname = 'larder_changes'";

/// What became visible after a place, whole transactions in the order of their last changes, and of those that fit the changes.
///
/// $1 is the snapshot of the place, $2 the one up to which is looked, or null, $3 the number up to which was told, $4 the tables,
/// $5 how many changes fit, and $6 how many bytes. There is a row even if nothing is new, with null in place of a change.
const NEW: &str = "\
WITH new AS (
  SELECT c.tx, max(c.no) AS last, count(*) AS changes,
         sum(COALESCE(pg_column_size(c.old), 0) + COALESCE(pg_column_size(c.new), 0)) AS bytes
  FROM larder_changes c
  WHERE c.no > 0 AND c.source = ANY($4) AND c.tx >= txid_snapshot_xmin($1::text::txid_snapshot)
    AND NOT txid_visible_in_snapshot(c.tx, $1::text::txid_snapshot)
    AND ($2::text IS NULL OR txid_visible_in_snapshot(c.tx, $2::text::txid_snapshot))
  GROUP BY c.tx
  HAVING max(c.no) > $3
), fit AS (
  SELECT tx, last, changes > $5 OR bytes > $6 AS alone_too_much,
         sum(changes) OVER (ORDER BY last) <= $5 AND sum(bytes) OVER (ORDER BY last) <= $6 AS fits
  FROM new
)
SELECT s.now::text, CAST(s.log AS bigint),
       greatest(txid_snapshot_xmax($1::text::txid_snapshot), txid_snapshot_xmax($2::text::txid_snapshot)) > txid_snapshot_xmax(s.now)
         OR COALESCE(s.cut >= txid_snapshot_xmin($1::text::txid_snapshot)
                     AND NOT txid_visible_in_snapshot(s.cut, $1::text::txid_snapshot), FALSE),
       EXISTS (SELECT FROM fit WHERE NOT fits), EXISTS (SELECT FROM fit WHERE alone_too_much),
       c.no, f.last, c.source, c.old IS NOT NULL, c.new IS NOT NULL
FROM (SELECT txid_current_snapshot() AS now,
             (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = current_schema() AND c.relname = 'larder_changes') AS log,
             (SELECT tx FROM larder_changes WHERE no = 0) AS cut) s
LEFT JOIN fit f ON f.fits
LEFT JOIN larder_changes c ON c.tx = f.tx AND c.no > 0 AND c.source = ANY($4)
ORDER BY f.last, c.no";

/// What a look needs, and can take with it: it goes on when the future is dropped that waits for it.
#[derive(Clone)]
struct Log {
    connections: Arc<Connections<Postgres>>,
    tables: Arc<[Arc<Table<Postgres>>]>,
}

/// What a look found: what is to be told, and the place after it. Whether there is more at once.
#[derive(Debug)]
struct Found {
    told: VecDeque<Committed>,
    place: Place,
    more: bool,
}

/// One line of the log, without its rows.
struct Line {
    no: i64,
    /// The last number of its transaction.
    last: i64,
    /// The place of its table among those that are told.
    of: usize,
    has_old: bool,
    has_new: bool,
}

/// What was found of the log, without the rows.
struct Lines {
    now: Snapshot,
    more: bool,
    lines: Vec<Line>,
}

pub(super) struct LogFeed {
    log: Log,
    place: Place,
    told: VecDeque<Committed>,
    /// A look that is under way.
    looking: Option<Task<Result<Found>>>,
    /// Whether to look without waiting.
    more: bool,
    lost: bool,
    heard: watch::Receiver<()>,
    /// Keeps the bell ringing.
    _ringing: Arc<Ringing>,
}

impl fmt::Debug for LogFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogFeed")
            .field("place", &self.place)
            .field("told", &self.told.len())
            .finish_non_exhaustive()
    }
}

/// Begins to listen.
pub(super) async fn listen(
    connections: &Arc<Connections<Postgres>>,
    tables: &Tables<Postgres>,
    bell: &Bell,
    options: &PgConnectOptions,
    watch: &Watch,
) -> Result<Box<dyn Feed>> {
    watch.check()?;
    let log = Log {
        connections: Arc::clone(connections),
        tables: watch
            .layouts
            .iter()
            .map(|layout| tables.of(layout))
            .collect(),
    };
    let now = log.now().await?;
    let place = match &watch.since {
        Since::Now => now,
        Since::After(position) => {
            let place = Place::of(position)?;
            if place.log != now.log {
                return Err(Error::lost("the position is of another database"));
            }
            place
        }
    };
    let ringing = bell.ringing(options);
    let mut feed = LogFeed {
        log,
        place,
        told: VecDeque::new(),
        looking: None,
        more: true,
        lost: false,
        heard: ringing.hear(),
        _ringing: ringing,
    };
    if matches!(watch.since, Since::After(_)) {
        // Whether it is too old is said here, not at the first wait.
        feed.look().await?;
    }
    Ok(Box::new(feed))
}

impl LogFeed {
    async fn told(&mut self) -> Result<Committed> {
        loop {
            if let Some(committed) = self.told.pop_front() {
                return Ok(committed);
            }
            if self.lost {
                return Err(Error::lost(
                    "the listener was too slow, or more was changed at once than is told",
                ));
            }
            if !self.more && self.looking.is_none() {
                // An error is that nobody rings any more; the time is over then as well.
                let _ = timeout(LOOK, self.heard.changed()).await;
            }
            self.look().await?;
        }
    }

    /// Looks for what is new. Dropped in the middle, the look goes on by itself, and the next call hears of it.
    async fn look(&mut self) -> Result<()> {
        let looking = match &mut self.looking {
            Some(looking) => looking,
            None => {
                self.heard.mark_unchanged();
                let (log, place) = (self.log.clone(), self.place.clone());
                self.looking.insert(Task::spawn(log.look(place)))
            }
        };
        let ended = looking.ended().await;
        self.looking = None;
        let found = ended.unwrap_or_else(|error| {
            // The runtime that it was on may have ended.
            let message = "a look at the log was cut off; try again";
            Err(Error::new(ErrorKind::Unavailable, message).with_source(error))
        });
        match found {
            Ok(found) => {
                self.place = found.place;
                self.told = found.told;
                self.more = found.more;
                Ok(())
            }
            Err(error) => {
                self.lost = error.kind() == ErrorKind::Lost;
                // The next call looks at once.
                self.more = true;
                Err(error)
            }
        }
    }
}

impl Feed for LogFeed {
    fn next<'a>(&'a mut self) -> BoxFuture<'a, Result<Committed>> {
        Box::pin(self.told())
    }
}

impl Log {
    /// The place behind all that is visible now.
    async fn now(&self) -> Result<Place> {
        let mut lent = Connections::get(&self.connections).await?;
        let row = sqlx::query(NOW).fetch_optional(lent.conn()).await;
        let row = row.map_err(plain::<Postgres>)?;
        lent.give_back();
        let Some(row) = row else {
            return Err(Error::internal("the table larder_changes is gone"));
        };
        Ok(Place {
            log: get(&row, 1)?,
            seen: snapshot(&row, 0)?,
            within: None,
        })
    }

    async fn look(self, place: Place) -> Result<Found> {
        // Once more on a new connection, where the first one was dead.
        let mut again = true;
        loop {
            let mut lent = Connections::get(&self.connections).await?;
            match self.look_with(lent.conn(), &place).await {
                Ok(found) => {
                    lent.give_back();
                    return Ok(found);
                }
                Err(Failed::Database(fault)) => {
                    if !fault.ends_connection() {
                        return Err(fault.into_plain());
                    }
                    self.connections.forget_idle();
                    if lent.is_new() || !std::mem::take(&mut again) {
                        return Err(fault.into_plain());
                    }
                }
                Err(Failed::Other(error)) => return Err(error),
            }
        }
    }

    async fn look_with(
        &self,
        conn: &mut PgConnection,
        place: &Place,
    ) -> Result<Found, Failed<PostgresFault>> {
        let Lines { now, more, lines } = self.lines(conn, place).await?;
        let until = match &place.within {
            Some(within) => within.until.clone(),
            None => now,
        };
        let mut images = Vec::with_capacity(self.tables.len());
        for (of, table) in self.tables.iter().enumerate() {
            let of_it: Vec<&Line> = lines.iter().filter(|line| line.of == of).collect();
            images.push(images_of(conn, table, &of_it).await?);
        }
        let behind = Place {
            log: place.log,
            seen: until.clone(),
            within: None,
        };
        let within = |last| Place {
            within: Some(Within {
                until: until.clone(),
                last,
            }),
            ..place.clone()
        };
        let last = lines.last().map(|line| line.last);
        let mut transactions: BTreeMap<i64, Vec<Changed>> = BTreeMap::new();
        for line in &lines {
            let table = self.tables.get(line.of);
            let images = images.get_mut(line.of);
            let (Some(table), Some(images)) = (table, images) else {
                continue;
            };
            let mut take = |new| images.remove(&(line.no, new));
            let (old, new) = (take(false), take(true));
            if old.is_some() != line.has_old || new.is_some() != line.has_new {
                return Err(Error::lost("the log was cut while it was read").into());
            }
            let Some(row) = new.as_ref().or(old.as_ref()) else {
                return Err(Error::lost("a table was emptied with TRUNCATE").into());
            };
            transactions.entry(line.last).or_default().push(Changed {
                of: line.of,
                key: table.layout.key.key_of(row),
                old: Image::from(old),
                new: Image::from(new),
            });
        }
        let told = transactions.into_iter().map(|(number, changes)| {
            let place = if Some(number) == last && !more {
                behind.clone()
            } else {
                within(number)
            };
            Committed {
                position: place.position(),
                changes: net(changes),
            }
        });
        let told = told.filter(|committed| !committed.changes.is_empty());
        Ok(Found {
            told: told.collect(),
            place: match last {
                Some(last) if more => within(last),
                _ => behind.clone(),
            },
            // Behind the middle of something there is what became visible since.
            more: more || place.within.is_some(),
        })
    }

    /// What became visible after a place, without its rows.
    async fn lines(
        &self,
        conn: &mut PgConnection,
        place: &Place,
    ) -> Result<Lines, Failed<PostgresFault>> {
        let names: Vec<String> = self
            .tables
            .iter()
            .map(|table| table.layout.collection.clone())
            .collect();
        let within = place.within.as_ref();
        let rows = sqlx::query(NEW)
            .bind(place.seen.as_str())
            .bind(within.map(|within| within.until.as_str()))
            .bind(within.map_or(0, |within| within.last))
            .bind(&names)
            .bind(MOST)
            .bind(MOST_BYTES)
            // Planned anew for each place: a plan for any place would read the whole log.
            .persistent(false)
            .fetch_all(conn)
            .await?;
        let Some(first) = rows.first() else {
            return Err(Error::internal("a statement returned no row").into());
        };
        let log: Option<i64> = get(first, 1)?;
        if log != Some(place.log) {
            return Err(Error::lost("the log was made anew").into());
        }
        if get(first, 2)? {
            return Err(Error::lost("the log does not go back so far").into());
        }
        if get(first, 4)? {
            return Err(Error::lost("a transaction has changed more than is told").into());
        }
        let mut lines = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(no) = get(row, 5)? else {
                continue;
            };
            let source: String = get(row, 7)?;
            let Some(of) = names.iter().position(|name| *name == source) else {
                continue;
            };
            lines.push(Line {
                no,
                last: get(row, 6)?,
                of,
                has_old: get(row, 8)?,
                has_new: get(row, 9)?,
            });
        }
        Ok(Lines {
            now: snapshot(first, 0)?,
            more: get(first, 3)?,
            lines,
        })
    }
}

/// The records of lines by their numbers, and whether it is the new one: typed as the table is, so that they are read as its rows are.
///
/// What was logged before somebody gave a column another type by hand may not fit the table any more. No later look would find it otherwise,
/// so it is lost.
async fn images_of(
    conn: &mut PgConnection,
    table: &Table<Postgres>,
    lines: &[&Line],
) -> Result<HashMap<(i64, bool), Row>, Failed<PostgresFault>> {
    let mut images = HashMap::with_capacity(lines.len());
    if lines.is_empty() {
        return Ok(images);
    }
    let mut columns = table.qualified.join(", ");
    if table.version.is_some() {
        columns.push_str(", ");
        columns.push_str(&table.qualified_version());
    }
    let name = &table.name;
    let sql = format!(
        "SELECT {columns}, c.no, c.is_new FROM (\
           SELECT no, TRUE AS is_new, new AS image FROM larder_changes WHERE no = ANY($1) AND new IS NOT NULL \
           UNION ALL \
           SELECT no, FALSE, old FROM larder_changes WHERE no = ANY($1) AND old IS NOT NULL\
         ) c, LATERAL json_populate_record(NULL::{name}, c.image) AS {name}"
    );
    let numbers: Vec<i64> = lines.iter().map(|line| line.no).collect();
    let rows = sqlx::query(safe(sql))
        .bind(&numbers)
        .fetch_all(conn)
        .await
        .map_err(|error| {
            let fault = PostgresFault::from(error);
            match fault.is_of_data() {
                true => Failed::Other(misfit(fault.into_plain())),
                false => Failed::Database(fault),
            }
        })?;
    for found in &rows {
        let record = row::record(table, found).map_err(misfit)?;
        let at = table.width();
        images.insert((get(found, at)?, get(found, at + 1)?), Arc::new(record));
    }
    Ok(images)
}

fn misfit(error: Error) -> Error {
    Error::lost("the table has other columns than when they were made").with_source(error)
}

fn snapshot(row: &PgRow, place: usize) -> Result<Snapshot> {
    let text: String = get(row, place)?;
    Snapshot::parse(&text).ok_or_else(|| Error::internal("a snapshot in another form"))
}

fn get<'r, T>(row: &'r PgRow, place: usize) -> Result<T>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(place).map_err(Error::internal)
}
