//! What differs between the SQL databases, as the statements see it.
//!
//! The modules under [`statement`](crate::statement) write every statement once. Where databases disagree they ask the
//! dialect, so a new database is one file here, plus a module that talks to its driver.

use std::borrow::Cow;

use larder_core::store::FieldChange;
use larder_core::{Kind, Result};
use larder_query::{Test, Value};

use crate::shape::Shape;
use crate::statement::Statement;

#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(crate) use larder_core::store::decimal;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "mysql")]
pub(crate) use mysql::MySql;
#[cfg(feature = "postgres")]
pub(crate) use postgres::Postgres;
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::{JSON, LOWER, Sqlite, compare_json, compare_lower};

/// How many characters of a JSON text are in an index where it can't have all.
pub(crate) const JSON_PREFIX: usize = 64;

/// The most bytes of JSON that a list may have to get more elements by a statement. A longer one is read, changed and written, which looks
/// at how large it gets.
#[cfg_attr(
    not(any(feature = "postgres", feature = "sqlite")),
    allow(dead_code, reason = "MySQL changes no list by a statement")
)]
pub(crate) const LIST_IN_STATEMENT: usize = 1024 * 1024;

/// One SQL database's ways. The types that implement it have no content: they are chosen at compile time.
pub(crate) trait Dialect: Sized + Send + Sync + 'static {
    /// What the driver takes the bound values in.
    type Arguments: Default + Send + 'static;

    /// The most values that one statement can bind.
    const MAX_BINDS: usize;

    /// The most bytes that a name can have. Names of indexes are made to fit.
    const MAX_NAME: usize;

    /// Whether texts can have the character U+0000 in them.
    const NUL_IN_TEXT: bool = true;

    /// Whether an index of a column with another order of texts finds what begins alike, by `LIKE`.
    const LOOSE_PREFIXES: bool = false;

    /// Whether a unique index tells any two JSON values apart.
    const UNIQUE_JSON: bool = true;

    /// What stands at the end of an inner query of which it only matters whether there is a row.
    const ONE_IS_ENOUGH: &'static str = "";

    /// Whether SQL sorts, groups and compares JSON columns as [`Value::total_cmp`] does. Where it does not, such reads are
    /// finished in memory.
    const JSON_SORTS: bool;

    /// Whether conditions on what is in JSON columns are written at all. Where they are not, the memory tests them, and the
    /// functions named `json_` are not asked.
    const LOOKS_INTO_JSON: bool = true;

    /// Whether a sum of floats beyond all floats shows as one. Where it does not, large floats are summed apart.
    const SUMS_FLOATS: bool = true;

    /// Whether statements that write return rows.
    const RETURNING: bool = true;

    /// Whether an index helps with `(a, b) > (?, ?)`.
    const ROW_VALUES: bool = true;

    /// Whether the limit of a statement may be computed by a query. Where it is 0, nothing is read.
    const LIMIT_IS_QUERY: bool = false;

    /// Whether a page from a place inside a range of equal values is looked for from the beginning of the range, unless it is asked
    /// for as a [walk](crate::statement::walk).
    const WALKS_FROM_EQUALS: bool = false;

    /// Whether every index has the key behind its columns without being told to.
    const KEY_IN_INDEX: bool = false;

    /// Whether a column can be given another type, null or key in its place. If not, the table is made anew.
    const ALTERS_COLUMNS: bool;

    /// What is written behind a `SELECT` so that nobody changes the row until the transaction ends.
    const FOR_UPDATE: &'static str;

    /// Whether an instant of so many microseconds since 1970 is within what a column holds.
    fn has_instant(_micros: i64) -> bool {
        true
    }

    /// Whether SQL decides a test of a column of a kind, as it is written here. If not, what is written lets every match pass.
    fn decides(_kind: Kind, _test: &Test) -> bool {
        true
    }

    /// Writes a name so that it can't be read as anything else.
    fn quote(sql: &mut String, name: &str);

    /// Writes the mark of the bound value with this number, counted from 1.
    fn placeholder(sql: &mut String, number: usize);

    /// The declared type of a column of this kind.
    fn column_type(kind: Kind) -> &'static str;

    /// The same for a column of the key, or of an index, that has so many texts and bytes in it.
    fn indexed_type(kind: Kind, _long: usize) -> Cow<'static, str> {
        Cow::Borrowed(Self::column_type(kind))
    }

    /// Whether an index can't have the whole values of a column that is declared like this.
    fn is_unbounded(_declared: &str) -> bool {
        false
    }

    /// What is declared behind the name of a key that the database gives itself, the type included.
    const ASSIGNED_KEY: &'static str;

    /// An expression over a row that was added with a key of the client's own, for `RETURNING`: afterwards the database gives no key that
    /// is taken. None where it sees to that by itself. `table` is quoted, `column` is not.
    fn key_is_given(_table: &str, _column: &str) -> Option<String> {
        None
    }

    /// How a column that is declared like this holds the values of a kind; none if it would hold some as others.
    fn shape(kind: Kind, declared: &str) -> Option<Shape>;

    /// Whether a column that somebody else declared like this holds what a field of a kind does.
    fn fits(kind: Kind, declared: &str) -> bool {
        Self::shape(kind, declared).is_some()
    }

    /// Whether a column that somebody else declared like this can hold versions.
    fn fits_version(declared: &str) -> bool {
        Self::fits(Kind::Int, declared)
    }

    /// Whether what is in a column that is declared like this can be read as a kind, though it could not be written. The columns of
    /// a view may have no type at all.
    fn reads(kind: Kind, declared: &str) -> bool;

    /// Values that a column which is declared like this holds, perhaps, and a field of a kind does not.
    fn beyond(_kind: Kind, _declared: &str) -> Option<Beyond> {
        None
    }

    /// Whether larder keeps something of its own under this name of a table.
    fn is_own(_table: &str) -> bool {
        false
    }

    /// Whether two names are one to the database.
    fn same_name(one: &str, other: &str) -> bool;

    /// A value of a kind as a literal, for a definition that wants one where no row will ever use it.
    fn empty(kind: Kind) -> &'static str;

    /// Binds a value of a kind, or says what was expected. Null is always taken.
    fn bind(args: &mut Self::Arguments, kind: Kind, value: &Value) -> Result<(), &'static str>;

    /// A value of a kind as a literal in a definition (`DEFAULT 'x'`), where nothing can be bound. None if it has none.
    fn literal(kind: Kind, value: &Value) -> Option<String>;

    /// A query for how many rows a table has by the database's statistics, as a whole number; NULL where they say nothing. None where there are
    /// no such statistics. `table` is quoted, `name` is not.
    fn estimate(_table: &str, _name: &str) -> Option<String> {
        None
    }

    /// Writes the version that follows one.
    fn next(sql: &mut String, version: &str) {
        sql.extend([version, " + 1"]);
    }

    /// The statement that drops an index; both names are quoted.
    fn drop_index(_table: &str, index: &str) -> String {
        format!("DROP INDEX {index};")
    }

    /// The statement that changes a table, where a column can be changed in its place; none where it is written as PostgreSQL has
    /// it.
    fn alter(_table: &str, _what: &Alter<'_>) -> Option<String> {
        None
    }

    /// Wraps a column so that it sorts and compares as [`Value::total_cmp`] does; most columns do so by themselves.
    fn sortable(sql: &mut String, kind: Kind, column: &str);

    /// Wraps a column so that values which are the same to a filter are one group. The column by itself must be computable
    /// of such a group. `exact` is what of it compares as larder does.
    fn groupable(sql: &mut String, kind: Kind, _column: &str, exact: &str) {
        Self::sortable(sql, kind, exact);
    }

    /// Writes which way a column sorts, behind it: null is before all else ascending, behind all descending.
    fn direction(sql: &mut String, nullable: bool, descending: bool);

    /// Writes a column in the definition of an index, so that the index is in the order of `sortable` and `direction`.
    fn index_column(sql: &mut String, kind: Kind, nullable: bool, column: &str);

    /// The least (`MIN`) or greatest (`MAX`) value of a column, which is wrapped already.
    fn extreme(word: &str, _kind: Kind, column: &str) -> String {
        format!("{word}({column})")
    }

    /// The sum of whole numbers, as one of 64 bits.
    fn sum_of_whole(expression: &str) -> String {
        format!("SUM({expression})")
    }

    /// Writes text equality after lower-casing both by Unicode, character by character.
    fn same_letters(to: &mut Statement<Self>, column: &str, text: &str) -> Result<()>;

    /// Whether `column` has the text `mark` in it.
    fn has_text(sql: &mut String, column: &str, mark: &str);

    /// Writes whether a text ends with another one, which is not empty.
    fn ends_with(to: &mut Statement<Self>, column: &str, text: &str) -> Result<()>;

    /// Equality of a JSON column with JSON text, by content: `1` is `1.0`, the order of an object's names is no matter.
    fn json_same(_sql: &mut String, _column: &str, _mark: &str) {}

    /// Whether a JSON column holds one of this family.
    fn json_is(_sql: &mut String, _column: &str, _family: JsonFamily) {}

    /// An order between JSON values of one family: `op` is `<`, `<=`, `>` or `>=`. Without a family it is the order of all
    /// values, which is asked for only where [`JSON_SORTS`](Self::JSON_SORTS) says that there is one.
    fn json_order(
        _sql: &mut String,
        _column: &str,
        _op: &str,
        _mark: &str,
        _family: Option<JsonFamily>,
    ) {
    }

    /// The text in a JSON column that holds a text.
    fn json_text(_column: &str) -> String {
        String::new()
    }

    /// What stands at a path (`$."a"[0]`) of a JSON column, as JSON text; NULL if it is a JSON null or nothing is there.
    fn json_at(_sql: &mut String, _column: &str, _mark: &str) {}

    /// The table of a JSON array's elements under a name. Of anything else it may have rows that are no elements.
    fn json_each(_sql: &mut String, _column: &str, _name: &str) {}

    /// Whether a row of [`json_each`](Self::json_each) is an element of an array.
    fn json_is_element(_sql: &mut String, _name: &str) {}

    /// The element of a row of [`json_each`](Self::json_each) as JSON text; NULL if it is a JSON null.
    fn json_element(_column: &str, _name: &str) -> String {
        String::new()
    }

    /// How many elements a JSON array has. Asked only where the column is an array.
    fn json_size(_sql: &mut String, _column: &str) {}

    /// The element of a JSON array at a place as a number. What it is of anything else is no matter, but it is no number
    /// from -1000 to 1000. Asked only where the column is an array.
    fn json_number(_sql: &mut String, _column: &str, _place: usize) {}

    /// Whether a value of an unsigned column is below 2^63.
    fn is_small(sql: &mut String, column: &str);

    /// Whether a float is a whole number that fits 64 bits.
    fn is_whole(sql: &mut String, column: &str);

    /// A float that is such a number as one of 64 bits.
    fn float_as_whole(sql: &mut String, column: &str);

    /// A whole number divided by 10^10, and what remains: two expressions whose sums can't overflow. NULL of NULL.
    fn whole_parts(kind: Kind, column: &str) -> [String; 2];

    /// Whether a statement can add this number to a column of a kind: whatever it can't is read, changed and written.
    fn can_add(kind: Kind, amount: &Value) -> bool {
        let _ = (kind, amount);
        false
    }

    /// The sum of a column and a bound number, where NULL counts as 0. Asked only where [`can_add`](Self::can_add) holds.
    fn sum(sql: &mut String, kind: Kind, column: &str, mark: &str) {
        let _ = kind;
        sql.extend(["COALESCE(", column, ", 0) + ", mark]);
    }

    /// When [`sum`](Self::sum) of what is there is what the column can hold: a condition with the mark of one number in it,
    /// and that number. Where it does not hold nothing is written, and the change is made in memory.
    fn sum_fits(kind: Kind, column: &str, amount: &Value, mark: &str) -> (String, Value) {
        let _ = (kind, column);
        (format!("{mark} IS NOT NULL"), amount.clone())
    }

    /// Whether a statement can make this change of a list in a JSON column: whatever it can't is read, changed and written.
    fn can_change_list(change: &FieldChange) -> bool {
        let _ = change;
        false
    }

    /// Writes what such a change makes of a list; NULL counts as an empty one. Asked only where
    /// [`can_change_list`](Self::can_change_list) holds.
    fn changed_list(to: &mut Statement<Self>, column: &str, change: &FieldChange) -> Result<()> {
        let _ = change;
        to.push(column);
        Ok(())
    }

    /// Writes when [`changed_list`](Self::changed_list) can be made of what is there: where a list stands, or NULL, and it has the place
    /// that is meant. One that gets elements must not have more than `most` bytes. Where it does not hold nothing is written, and the change
    /// is made in memory.
    fn list_fits(
        to: &mut Statement<Self>,
        column: &str,
        change: &FieldChange,
        most: usize,
    ) -> Result<()> {
        let _ = (change, most);
        to.push(column);
        Ok(())
    }

    /// Whether a JSON array has an element that is the same as this JSON text. Asked only where the column is an array.
    /// The column's name carries the table's, so that no name of the inner query can be meant.
    fn json_has(_sql: &mut String, _column: &str, _mark: &str) {}
}

/// A change of a table. Names are quoted.
#[cfg_attr(
    not(feature = "mysql"),
    allow(dead_code, reason = "only MySQL has words of its own")
)]
#[derive(Clone, Debug)]
pub(crate) enum Alter<'a> {
    /// A column gets another type, or other nulls.
    Column {
        name: &'a str,
        to: &'a str,
        nullable: bool,
        /// What it keeps beside its type.
        kept: &'a str,
    },
    /// The table gets another key, which perhaps has one.
    Key { columns: &'a str, has_one: bool },
    /// The key is given by the database.
    Count { name: &'a str },
}

/// Values that a column holds, perhaps, and its field does not.
#[cfg_attr(
    not(feature = "mysql"),
    allow(dead_code, reason = "only MySQL has numbers without a sign")
)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beyond {
    /// What stands behind the column in a condition that finds them.
    pub(crate) test: &'static str,
    /// What they are, for people.
    pub(crate) what: &'static str,
    /// What would hold them.
    pub(crate) instead: &'static str,
}

/// The families of JSON values that compare among themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonFamily {
    /// True or false.
    Bool,
    /// Whole or not.
    Number,
    /// Text.
    Text,
    /// A list.
    Array,
}

/// Bytes as a literal.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2 + 3);
    text.push_str("x'");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\'');
    text
}
