//! The texts of definitions: tables, columns, indexes, and what is printed in a refusal.

use larder_core::{Index, Kind};
use larder_query::Value;

use super::existing::Existing;
use crate::dialect::{Dialect, Sqlite};
use crate::table::{Table, VERSION, quoted};

/// What the names of larder's indexes begin with.
pub(super) const INDEX_PREFIX: &str = "larder:";

/// The declared type of a kind.
pub(super) fn declared(kind: Kind) -> &'static str {
    Sqlite::column_type(kind)
}

/// `CREATE TABLE`, under a name of its own.
pub(super) fn create_table(table: &Table<Sqlite>, name: &str) -> String {
    let mut lines = Vec::with_capacity(table.columns.len() + 1);
    for (place, field) in table.layout.fields.iter().enumerate() {
        let Some(column) = table.columns.get(place) else {
            continue;
        };
        let mut line = column.clone();
        for word in [
            declared(field.kind),
            if field.nullable { "" } else { "NOT NULL" },
        ] {
            if !word.is_empty() {
                line.extend([" ", word]);
            }
        }
        if place == table.layout.key {
            line.push_str(" PRIMARY KEY");
        }
        lines.push(line);
    }
    lines.push(format!("\"{VERSION}\" INTEGER NOT NULL"));
    format!("CREATE TABLE {name} ({})", lines.join(", "))
}

/// `ALTER TABLE .. ADD COLUMN`, or why not and what a person could run.
pub(super) fn add_column(
    table: &Table<Sqlite>,
    place: usize,
    rows: bool,
) -> Result<String, (String, String)> {
    let (Some(field), Some(column)) = (table.layout.fields.get(place), table.columns.get(place))
    else {
        return Err(("it has no such field".to_owned(), String::new()));
    };
    let default = field
        .default
        .as_ref()
        .filter(|value| !value.is_null() || field.nullable);
    let literal = default.and_then(|value| Sqlite::literal(field.kind, value));
    let unfit = default.is_some() && literal.is_none();
    let mut sql = format!("ALTER TABLE {} ADD COLUMN {column}", table.name);
    if !declared(field.kind).is_empty() {
        sql.extend([" ", declared(field.kind)]);
    }
    if !field.nullable {
        sql.push_str(" NOT NULL");
    }
    match literal {
        Some(literal) if literal != "NULL" => sql.extend([" DEFAULT ", &literal]),
        _ if field.nullable && !unfit => {}
        // SQLite wants a default here even in an empty table; nothing ever uses it, since every record names all fields.
        _ if !rows && !unfit => sql.extend([" DEFAULT ", empty(field.kind)]),
        _ => {
            sql.push_str(" DEFAULT <value>;");
            let why = if unfit {
                "its default can't be written in SQL"
            } else {
                "it has no default for the rows that are there"
            };
            return Err((format!("the field `{}` is new and {why}", field.name), sql));
        }
    }
    Ok(sql)
}

fn empty(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool | Kind::Int | Kind::Uint | Kind::Instant => "0",
        Kind::Float => "0.0",
        Kind::Text | Kind::Date | Kind::Uuid => "''",
        Kind::Bytes => "x''",
        // The number 0, as `dialect::decimal` writes it.
        Kind::Decimal => "'p010'",
        Kind::Json => "'null'",
    }
}

/// The name and the text of an index.
pub(super) fn index(table: &Table<Sqlite>, index: &Index) -> (String, String) {
    let fields: Vec<&str> = index
        .fields
        .iter()
        .filter_map(|field| table.layout.fields.get(*field))
        .map(|field| field.name.as_str())
        .collect();
    let kind = if index.unique { ":unique" } else { "" };
    let name = format!(
        "{INDEX_PREFIX}{}:{}{kind}",
        table.layout.collection,
        fields.join(",")
    );
    let mut columns = names(table, index);
    if !index.unique && !index.fields.contains(&table.layout.key) {
        // So that records that share the values come out in the order of their keys, without sorting.
        columns.push(table.key());
    }
    let unique = if index.unique { "UNIQUE " } else { "" };
    let columns = columns.join(", ");
    let sql = format!(
        "CREATE {unique}INDEX {} ON {} ({columns})",
        quoted::<Sqlite>(&name),
        table.name
    );
    (name, sql)
}

fn names<'a>(table: &'a Table<Sqlite>, index: &Index) -> Vec<&'a str> {
    index
        .fields
        .iter()
        .filter_map(|field| table.columns.get(*field))
        .map(String::as_str)
        .collect()
}

/// The query that finds the values that a unique index refuses.
pub(super) fn duplicates(table: &Table<Sqlite>, index: &Index) -> String {
    let columns = names(table, index).join(", ");
    format!(
        "SELECT {columns}, COUNT(*) FROM {} GROUP BY {columns} HAVING COUNT(*) > 1;",
        table.name
    )
}

/// Gives the rows with a null in this field a value.
pub(super) fn fill_nulls(table: &Table<Sqlite>, place: usize) -> String {
    let column = table.columns.get(place).map_or("", String::as_str);
    let field = table.layout.fields.get(place);
    let default = field.and_then(|field| {
        let value = field
            .default
            .as_ref()
            .filter(|value| **value != Value::Null)?;
        Sqlite::literal(field.kind, value)
    });
    let value = default.as_deref().unwrap_or("<value>");
    format!(
        "UPDATE {} SET {column} = {value} WHERE {column} IS NULL;",
        table.name
    )
}

/// Moves all rows into a table that fits: the way to change a column's type, null or the key in SQLite.
pub(super) fn rebuild(table: &Table<Sqlite>, existing: &Existing) -> String {
    let new = quoted::<Sqlite>(&format!("{}_new", table.layout.collection));
    let mut into = Vec::new();
    let mut from = Vec::new();
    for (place, field) in table.layout.fields.iter().enumerate() {
        let Some(column) = table.columns.get(place) else {
            continue;
        };
        let Some(found) = existing.column(&field.name) else {
            continue;
        };
        into.push(column.clone());
        let wanted = declared(field.kind);
        let same = wanted.is_empty() || found.declared.eq_ignore_ascii_case(wanted);
        from.push(if same {
            column.clone()
        } else {
            format!("CAST({column} AS {wanted})")
        });
    }
    into.push(format!("\"{VERSION}\""));
    from.push(if existing.column(VERSION).is_some() {
        format!("\"{VERSION}\"")
    } else {
        "0".to_owned()
    });
    [
        "BEGIN;".to_owned(),
        format!("{};", create_table(table, &new)),
        format!(
            "INSERT INTO {new} ({}) SELECT {} FROM {};",
            into.join(", "),
            from.join(", "),
            table.name
        ),
        format!("DROP TABLE {};", table.name),
        format!("ALTER TABLE {new} RENAME TO {};", table.name),
        "COMMIT;".to_owned(),
    ]
    .join("\n")
}
