//! A table as PostgreSQL's catalogue shows it.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Executor, Row};

use crate::driver::Ran;
use crate::schema::{Found, FoundColumn, FoundIndex};

/// The columns in their order. A collation is shown only where it is by bytes, and the members of an enumeration behind its name.
const COLUMNS: &str = "\
SELECT a.attname::text,
       format_type(a.atttypid, a.atttypmod) || CASE co.collname WHEN 'C' THEN ' COLLATE \"C\"' ELSE '' END
         || COALESCE((SELECT ' ENUM(' || string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) || ')'
                      FROM pg_enum e WHERE e.enumtypid = a.atttypid), ''),
       a.attnotnull,
       a.atthasdef OR a.attidentity <> '',
       COALESCE(a.attnum = ANY(i.indkey), FALSE),
       a.attidentity <> '' OR COALESCE(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', FALSE)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE n.nspname = current_schema() AND c.relname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY a.attnum";

/// The columns of the indexes, an expression without a name.
const INDEXES: &str = "\
SELECT ic.relname::text, i.indisunique, i.indpred IS NULL AND i.indisvalid, a.attname::text
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class ic ON ic.oid = i.indexrelid
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum > 0
WHERE n.nspname = current_schema() AND c.relname = $1 AND k.place <= i.indnkeyatts
ORDER BY ic.relname, k.place";

/// The table or view with this name in the current schema, without columns if there is none.
pub(super) async fn at(conn: &mut PgConnection, table: &str) -> Ran<Found> {
    let mut found = Found {
        name: table.to_owned(),
        ..Found::default()
    };
    let mut assigned: Vec<bool> = Vec::new();
    for row in rows(conn, COLUMNS, table).await? {
        let key = row.try_get(4)?;
        if key {
            assigned.push(row.try_get(5)?);
        }
        found.columns.push(FoundColumn {
            name: row.try_get(0)?,
            declared: row.try_get(1)?,
            not_null: row.try_get(2)?,
            has_default: row.try_get(3)?,
            kept: String::new(),
            key,
        });
    }
    found.assigns_keys = assigned == [true];
    let mut columns: Vec<Option<String>> = Vec::new();
    for row in rows(conn, INDEXES, table).await? {
        let name: String = row.try_get(0)?;
        if found.indexes.last().is_none_or(|last| last.name != name) {
            finish(&mut found, &mut columns);
            found.indexes.push(FoundIndex {
                name,
                unique: row.try_get(1)?,
                whole: row.try_get(2)?,
                columns: Vec::new(),
            });
        }
        columns.push(row.try_get(3)?);
    }
    finish(&mut found, &mut columns);
    Ok(found)
}

/// Gives the last index its columns. One over expressions is of no use here.
fn finish(found: &mut Found, columns: &mut Vec<Option<String>>) {
    let columns = std::mem::take(columns).into_iter().collect::<Option<_>>();
    if let Some(last) = found.indexes.last_mut() {
        last.columns = columns.unwrap_or_default();
    }
}

async fn rows(conn: &mut PgConnection, sql: &'static str, table: &str) -> Ran<Vec<PgRow>> {
    let query = sqlx::query(sql).bind(table).persistent(false);
    conn.fetch_all(query).await
}
