//! Why a call is more than one statement.

/// The database, or all of them, the call, and why.
pub(crate) const REASONS: [(&str, &str, &str); 16] = [
    (
        "all",
        "GET of a record below its parent",
        "the parent has to be there, and be one that the caller may read: below any other nothing is found",
    ),
    (
        "all",
        "PATCH of a record below its parent",
        "as for a GET, and so for each call through the URL of a parent",
    ),
    (
        "all",
        "GET of a page past the end, with the total",
        "no row is there to carry the total, so it is asked for by itself, with the page again, in one state of the data",
    ),
    (
        "all",
        "GET of an empty list by what no index finds",
        "nothing is found, so it is asked whether there are more than `look_at` records to look at; where something is, both are one statement",
    ),
    (
        "all",
        "DELETE of what is not there",
        "404, 403 and 412 are told apart, for PUT and PATCH too",
    ),
    (
        "all",
        "an action that changes the record",
        "an action reads the record, runs, and writes it in one transaction; where a database has savepoints they stand before each write, so that what fails is undone alone",
    ),
    (
        "SQLite",
        "`pull` from a list",
        "in SQL each element would be found from the beginning of the list; the connection is the one that writes, so nobody is in between",
    ),
    (
        "MariaDB",
        "PUT of a new record",
        "`ON DUPLICATE KEY UPDATE` takes no condition, and fires on other unique values too: the `UPDATE` finds nothing, then the `INSERT` adds",
    ),
    (
        "MariaDB",
        "PUT that keeps fields no client writes",
        "no `UPDATE` returns rows there, and the answer has what is in the table",
    ),
    (
        "MariaDB",
        "PATCH",
        "no `UPDATE` returns rows there, and the answer has what is in the table",
    ),
    (
        "MariaDB",
        "DELETE that answers with the record",
        "MySQL's `DELETE` returns no rows, and MariaDB's are not asked for them",
    ),
    (
        "MariaDB",
        "`add` to a number",
        "no `UPDATE` returns rows there; the locked `SELECT` is no dearer than one behind it",
    ),
    (
        "MariaDB",
        "`add` to a number with bounds",
        "no `UPDATE` returns rows there; the locked `SELECT` is no dearer than one behind it",
    ),
    (
        "MariaDB",
        "`push` to a list",
        "no `UPDATE` returns rows there; the locked `SELECT` is no dearer than one behind it",
    ),
    (
        "MariaDB",
        "`pull` from a list",
        "no `UPDATE` returns rows there; the locked `SELECT` is no dearer than one behind it",
    ),
    (
        "MariaDB",
        "`set_item` in a list",
        "no `UPDATE` returns rows there; the locked `SELECT` is no dearer than one behind it",
    ),
];

pub(crate) fn reason(column: &str, call: &str) -> Option<&'static str> {
    let mut reasons = REASONS.iter();
    let found = reasons.find(|(a, b, _)| (*a == column || *a == "all") && *b == call);
    found.map(|(_, _, why)| *why)
}
