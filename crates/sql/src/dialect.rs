//! What differs between the SQL databases, as the statements see it.
//!
//! The modules under [`statement`](crate::statement) write every statement once. Where databases disagree they ask the
//! dialect, so a new database is one file here, plus a module that talks to its driver.

use larder_core::Kind;
use larder_query::Value;

#[cfg(feature = "sqlite")]
pub(crate) use larder_core::store::decimal;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub(crate) use sqlite::{JSON, LOWER, Sqlite, compare_json, compare_lower};

/// One SQL database's ways. The types that implement it have no content: they are chosen at compile time.
pub(crate) trait Dialect: 'static {
    /// What the driver takes the bound values in.
    type Arguments: Default + Send + 'static;

    /// The most values that one statement can bind.
    const MAX_BINDS: usize;

    /// Writes a name so that it can't be read as anything else.
    fn quote(sql: &mut String, name: &str);

    /// Writes the mark of the bound value with this number, counted from 1.
    fn placeholder(sql: &mut String, number: usize);

    /// The declared type of a column of this kind.
    fn column_type(kind: Kind) -> &'static str;

    /// What is declared behind the name of a key that the database gives itself, the type included.
    const ASSIGNED_KEY: &'static str;

    /// Whether a column that somebody else declared like this holds every value of a kind as it is.
    fn fits(kind: Kind, declared: &str) -> bool;

    /// Whether a column that is declared like this may hold anything, as those of a view do.
    fn is_untyped(declared: &str) -> bool;

    /// Whether two names are one to the database.
    fn same_name(one: &str, other: &str) -> bool;

    /// A value of a kind as a literal, for a definition that wants one where no row will ever use it.
    fn empty(kind: Kind) -> &'static str;

    /// Binds a value of a kind, or says what was expected. Null is always taken.
    fn bind(args: &mut Self::Arguments, kind: Kind, value: &Value) -> Result<(), &'static str>;

    /// A value of a kind as a literal in a definition (`DEFAULT 'x'`), where nothing can be bound. None if it has none.
    fn literal(kind: Kind, value: &Value) -> Option<String>;

    /// Binds bytes as they are, for comparing the ends of texts.
    fn bind_bytes(args: &mut Self::Arguments, bytes: &[u8]);

    /// Wraps a column so that it sorts as [`Value::total_cmp`] does; most columns do so by themselves.
    fn sortable(sql: &mut String, kind: Kind, column: &str);

    /// Text equality after lower-casing both by Unicode: `{column} .. {mark}`.
    fn same_letters(sql: &mut String, column: &str, mark: &str);

    /// Whether `column` has the text `mark` in it.
    fn has_text(sql: &mut String, column: &str, mark: &str);

    /// Whether the bytes of `column` end with the bytes `mark`, which are `len` long.
    fn ends_with(sql: &mut String, column: &str, mark: &str, len: usize);

    /// Equality of a JSON column with JSON text, by content: `1` is `1.0`, the order of an object's names is no matter.
    fn json_same(sql: &mut String, column: &str, mark: &str);

    /// Whether a JSON column holds one of this family.
    fn json_is(sql: &mut String, column: &str, family: JsonFamily);

    /// An order between JSON values of one family: `op` is `<`, `<=`, `>` or `>=`.
    fn json_order(sql: &mut String, column: &str, op: &str, mark: &str);

    /// The text in a JSON column that holds a text.
    fn json_text(column: &str) -> String;

    /// What stands at a path (`$."a"[0]`) of a JSON column, as JSON text; NULL if it is a JSON null or nothing is there.
    fn json_at(sql: &mut String, column: &str, mark: &str);

    /// The table of a JSON array's elements under a name. Of anything else it may have rows that are no elements.
    fn json_each(sql: &mut String, column: &str, name: &str);

    /// Whether a row of [`json_each`](Self::json_each) is an element of an array.
    fn json_is_element(sql: &mut String, name: &str);

    /// The element of a row of [`json_each`](Self::json_each) as JSON text; NULL if it is a JSON null.
    fn json_element(column: &str, name: &str) -> String;

    /// How many elements a JSON array has. Asked only where the column is an array.
    fn json_size(sql: &mut String, column: &str);

    /// The element of a JSON array at a place as a number. What it is of anything else is no matter, but it is no number
    /// from -1000 to 1000. Asked only where the column is an array.
    fn json_number(sql: &mut String, column: &str, place: usize);

    /// Whether a value of an unsigned column is below 2^63.
    fn is_small(sql: &mut String, column: &str);

    /// Whether a float is a whole number that fits 64 bits.
    fn is_whole(sql: &mut String, column: &str);

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

    /// Whether a statement can put so many elements behind those of a JSON array.
    fn can_push(elements: usize) -> bool {
        let _ = elements;
        false
    }

    /// A JSON array with the elements of these marks, which are JSON texts, behind its own; NULL counts as an empty one.
    /// Asked only where [`can_push`](Self::can_push) holds.
    fn pushed(sql: &mut String, column: &str, marks: &[String]) {
        let _ = marks;
        sql.push_str(column);
    }

    /// Whether a JSON column holds an array, or NULL.
    fn is_list(sql: &mut String, column: &str) {
        sql.extend(["(", column, " IS NULL OR "]);
        Self::json_is(sql, column, JsonFamily::Array);
        sql.push(')');
    }

    /// Whether a JSON array has an element that is the same as this JSON text. Asked only where the column is an array.
    /// The column's name carries the table's, so that no name of the inner query can be meant.
    fn json_has(sql: &mut String, column: &str, mark: &str);
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
