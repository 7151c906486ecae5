//! The texts of definitions: tables, columns, indexes, and what is printed in a refusal.

use std::borrow::Cow;

use larder_core::{Index, Kind};
use larder_query::Value;

use super::found::Found;
use crate::dialect::{Alter, Dialect};
use crate::table::{Table, quoted};

/// What the names of larder's indexes begin with.
pub(crate) const INDEX_PREFIX: &str = "larder:";

/// `CREATE TABLE`, under a name of its own.
pub(crate) fn create_table<D: Dialect>(table: &Table<D>, name: &str) -> String {
    let mut lines = Vec::with_capacity(table.columns.len() + 1);
    for (place, field) in table.layout.fields.iter().enumerate() {
        let Some(column) = table.columns.get(place) else {
            continue;
        };
        let mut line = column.clone();
        let only = table.layout.key.one() == Some(place);
        if only && table.layout.storage.assigned_key {
            lines.push(format!("{line} {}", D::ASSIGNED_KEY));
            continue;
        }
        for word in [
            &*table.column_type(place),
            if field.nullable { "" } else { "NOT NULL" },
        ] {
            if !word.is_empty() {
                line.extend([" ", word]);
            }
        }
        if only {
            line.push_str(" PRIMARY KEY");
        }
        lines.push(line);
    }
    if let Some(version) = &table.version {
        lines.push(format!("{version} {} NOT NULL", D::column_type(Kind::Int)));
    }
    if table.layout.key.one().is_none() {
        lines.push(format!("PRIMARY KEY ({})", table.key));
    }
    format!("CREATE TABLE {name} ({})", lines.join(", "))
}

/// `ALTER TABLE .. ADD COLUMN`, or why not and what a person could run.
pub(crate) fn add_column<D: Dialect>(
    table: &Table<D>,
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
    let literal = default.and_then(|value| D::literal(field.kind, value));
    let unfit = default.is_some() && literal.is_none();
    let mut sql = format!("ALTER TABLE {} ADD COLUMN {column}", table.name);
    let kind = table.column_type(place);
    if !kind.is_empty() {
        sql.extend([" ", &kind]);
    }
    if !field.nullable {
        sql.push_str(" NOT NULL");
    }
    match literal {
        Some(literal) if literal != "NULL" => sql.extend([" DEFAULT ", &literal]),
        _ if field.nullable && !unfit => {}
        // SQLite wants a default here even in an empty table; nothing ever uses it, since every record names all fields.
        _ if !rows && !unfit => sql.extend([" DEFAULT ", D::empty(field.kind)]),
        _ => {
            sql.push_str(" DEFAULT <value>;");
            let why = if unfit {
                "its default can't be written in SQL"
            } else if table.layout.key.places().contains(&place) {
                "it has no default for the rows that are there"
            } else {
                "it has no default for the rows that are there: `#[serde(default)]` or an `Option` would give it one"
            };
            return Err((format!("the field `{}` is new and {why}", field.name), sql));
        }
    }
    sql.push(';');
    Ok(sql)
}

/// The name and the text of an index.
pub(crate) fn index<D: Dialect>(table: &Table<D>, index: &Index) -> (String, String) {
    let fields: Vec<&str> = index
        .fields
        .iter()
        .filter_map(|field| table.layout.fields.get(*field))
        .map(|field| field.name.as_str())
        .collect();
    let kind = if index.unique { ":unique" } else { "" };
    let name = fitting::<D>(format!(
        "{INDEX_PREFIX}{}:{}{kind}",
        table.layout.collection,
        fields.join(",")
    ));
    let mut columns = columns(table, &index.fields);
    if !index.unique && !D::KEY_IN_INDEX {
        // So that records that share the values come out in the order of their keys, without sorting.
        let parts = table.layout.key.places().iter().copied();
        let parts: Vec<usize> = parts.filter(|part| !index.fields.contains(part)).collect();
        columns.extend(self::columns(table, &parts));
    }
    let unique = if index.unique { "UNIQUE " } else { "" };
    let columns = columns.join(", ");
    let sql = format!(
        "CREATE {unique}INDEX {} ON {} ({columns});",
        quoted::<D>(&name),
        table.name
    );
    (name, sql)
}

/// The columns of an index in their order.
fn columns<D: Dialect>(table: &Table<D>, places: &[usize]) -> Vec<String> {
    let column = |place: &usize| {
        let (field, name) = (table.layout.fields.get(*place)?, table.columns.get(*place)?);
        let mut sql = String::new();
        D::index_column(&mut sql, field.kind, field.nullable, name);
        Some(sql)
    };
    places.iter().filter_map(column).collect()
}

/// A name that the database takes whole: a longer one is cut, with a hash of all of it behind.
fn fitting<D: Dialect>(name: String) -> String {
    if name.len() <= D::MAX_NAME {
        return name;
    }
    // FNV-1a: the same in every process and version, which a hash of the standard library is not.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut end = D::MAX_NAME.saturating_sub(17);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}:{hash:016x}", name.get(..end).unwrap_or_default())
}

/// The fields of an index, for messages.
pub(crate) fn fields<D: Dialect>(table: &Table<D>, index: &Index) -> String {
    let fields = index
        .fields
        .iter()
        .filter_map(|field| table.layout.fields.get(*field));
    let names: Vec<String> = fields.map(|field| format!("`{}`", field.name)).collect();
    names.join(", ")
}

/// Gives the rows with a null in this field a value.
pub(crate) fn fill_nulls<D: Dialect>(table: &Table<D>, place: usize) -> String {
    let column = table.columns.get(place).map_or("", String::as_str);
    let field = table.layout.fields.get(place);
    let default = field.and_then(|field| {
        let value = field
            .default
            .as_ref()
            .filter(|value| **value != Value::Null)?;
        D::literal(field.kind, value)
    });
    let value = default.as_deref().unwrap_or("<value>");
    format!(
        "UPDATE {} SET {column} = {value} WHERE {column} IS NULL;",
        table.name
    )
}

/// What gives a column the type and the nulls of its field, or the table its key: one statement for each where the database can,
/// else a new table.
pub(crate) fn refit<D: Dialect>(table: &Table<D>, found: &Found, what: Refit<'_>) -> String {
    if !D::ALTERS_COLUMNS {
        return rebuild(table, found);
    }
    let name = &table.name;
    if let Some(sql) = alter(table, found, &what) {
        return sql;
    }
    match what {
        Refit::Type(column, kind) => {
            let (column, wanted) = (quoted::<D>(column), D::column_type(kind));
            format!(
                "ALTER TABLE {name} ALTER COLUMN {column} TYPE {wanted} USING CAST({column} AS {});",
                wanted.split(" COLLATE ").next().unwrap_or(wanted)
            )
        }
        Refit::Nullable(column) => {
            let column = quoted::<D>(column);
            format!("ALTER TABLE {name} ALTER COLUMN {column} DROP NOT NULL;")
        }
        Refit::Key => {
            let constraint =
                quoted::<D>(&fitting::<D>(format!("{}_pkey", table.layout.collection)));
            let drop = match found.columns.iter().any(|column| column.key) {
                true => format!("ALTER TABLE {name} DROP CONSTRAINT {constraint};\n"),
                false => String::new(),
            };
            format!("{drop}ALTER TABLE {name} ADD PRIMARY KEY ({});", table.key)
        }
        Refit::AssignedKey => {
            let column = table.first_key();
            format!(
                "ALTER TABLE {name} ALTER COLUMN {column} ADD GENERATED BY DEFAULT AS IDENTITY;\n\
                 SELECT setval(pg_get_serial_sequence('{}', '{}'), COALESCE(MAX({column}), 0) + 1, false) FROM {name};",
                name.replace('\'', "''"),
                table
                    .layout
                    .key
                    .one()
                    .map_or("", |key| table.layout.column(key))
                    .replace('\'', "''"),
            )
        }
    }
}

/// The statement of a dialect that has its own.
fn alter<D: Dialect>(table: &Table<D>, found: &Found, what: &Refit<'_>) -> Option<String> {
    let place = |column: &str| {
        let is_it = |place: &usize| {
            let own = found.column_of::<D>(&table.layout, *place);
            own.is_some_and(|own| own.name == column)
        };
        (0..table.layout.fields.len()).find(is_it)
    };
    let column = |name: &str, otherwise: Kind| {
        let place = place(name);
        let field = place.and_then(|place| table.layout.fields.get(place));
        let to = place.map_or(Cow::Borrowed(D::column_type(otherwise)), |place| {
            table.column_type(place)
        });
        let nullable = field.map_or_else(
            || found.column::<D>(name).is_some_and(|found| !found.not_null),
            |field| field.nullable,
        );
        let kept = found.column::<D>(name).map_or("", |found| &found.kept);
        // Where it was renamed that is done before.
        let now = place.and_then(|place| table.columns.get(place).cloned());
        let name = &now.unwrap_or_else(|| quoted::<D>(name));
        D::alter(
            &table.name,
            &Alter::Column {
                name,
                to: &to,
                nullable,
                kept,
            },
        )
    };
    match what {
        Refit::Type(name, kind) => column(name, *kind),
        Refit::Nullable(name) => column(name, Kind::Text),
        Refit::Key => {
            let has_one = found.columns.iter().any(|column| column.key);
            D::alter(
                &table.name,
                &Alter::Key {
                    columns: &table.key,
                    has_one,
                },
            )
        }
        Refit::AssignedKey => D::alter(
            &table.name,
            &Alter::Count {
                name: table.first_key(),
            },
        ),
    }
}

/// What of a table is to be changed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refit<'a> {
    /// The type of a column.
    Type(&'a str, Kind),
    /// That a column can't be null.
    Nullable(&'a str),
    /// The primary key.
    Key,
    /// That the table gives no keys.
    AssignedKey,
}

/// Moves all rows into a table that fits: the way to change a column's type, null or the key where a database has no
/// other. It carries the columns of the model alone.
fn rebuild<D: Dialect>(table: &Table<D>, found: &Found) -> String {
    let new = quoted::<D>(&format!("{}_new", table.layout.collection));
    let (mut into, mut from) = (Vec::new(), Vec::new());
    let mut notes = vec![
        "-- let it end at the first fault (`sqlite3 -bail`): the rows are dropped behind the copy"
            .to_owned(),
    ];
    for (place, column) in table.columns.iter().enumerate() {
        if let Some(value) = carried(table, found, place, &mut notes) {
            into.push(column.clone());
            from.push(value);
        }
    }
    if let (Some(version), Some(name)) = (&table.version, table.layout.version_column()) {
        into.push(version.clone());
        from.push(match found.column::<D>(name) {
            Some(_) => table.version_value.clone(),
            None => "0".to_owned(),
        });
    }
    let old = found.quoted::<D>();
    let lost: Vec<String> = found
        .unnamed::<D>(&table.layout)
        .map(|column| quoted::<D>(&column.name))
        .collect();
    if !lost.is_empty() {
        notes.push(format!("-- loses what no field names: {}", lost.join(", ")));
    }
    [
        notes.join("\n"),
        "BEGIN;".to_owned(),
        format!("{};", create_table(table, &new)),
        format!(
            "INSERT INTO {new} ({}) SELECT {} FROM {old};",
            into.join(", "),
            from.join(", "),
        ),
        format!("DROP TABLE {old};"),
        format!("ALTER TABLE {new} RENAME TO {};", table.name),
        "COMMIT;".to_owned(),
    ]
    .join("\n")
}

/// What a new table takes for a field from a row of the old one; none where null will do. What becomes of values goes to the notes.
fn carried<D: Dialect>(
    table: &Table<D>,
    found: &Found,
    place: usize,
    notes: &mut Vec<String>,
) -> Option<String> {
    let field = table.layout.fields.get(place)?;
    let Some(found) = found.column_of::<D>(&table.layout, place) else {
        // The new table has no defaults of its own, and would refuse the row.
        let default = field.default.as_ref().filter(|value| !value.is_null());
        let default = default.and_then(|value| D::literal(field.kind, value));
        return default.or_else(|| (!field.nullable).then(|| "<value>".to_owned()));
    };
    let wanted = table.column_type(place);
    let name = quoted::<D>(&found.name);
    if wanted.is_empty() || found.declared.eq_ignore_ascii_case(&wanted) {
        return Some(name);
    }
    let is_number = matches!(
        field.kind,
        Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::Instant
    );
    if is_number && D::fits(Kind::Text, &found.declared) {
        notes.push(format!(
            "-- makes a number of each {name} by its first digits, and 0 where there are none"
        ));
    }
    Some(format!("CAST({name} AS {wanted})"))
}
