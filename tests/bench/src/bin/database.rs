//! Databases for the programs that are compared on servers: `database URL create NAME [TEMPLATE]`, `database URL drop PREFIX`.

use std::error::Error;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row};

type Done = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [url, command @ ..] = words.as_slice() else {
        return Err("database URL create NAME [TEMPLATE] | database URL drop PREFIX".into());
    };
    if url.starts_with("mysql:") {
        let options: MySqlConnectOptions = url.parse()?;
        return on_mysql(
            options.disable_statement_logging().connect().await?,
            command,
        )
        .await;
    }
    let options: PgConnectOptions = url.parse()?;
    let mut conn = options.disable_statement_logging().connect().await?;
    match command {
        ["create", name] => create(&mut conn, name, "template0").await,
        ["create", name, template] => create(&mut conn, name, template).await,
        ["drop", prefix] => {
            let sql = "SELECT datname::text FROM pg_database WHERE starts_with(datname, $1)";
            for row in sqlx::query(sql).bind(prefix).fetch_all(&mut conn).await? {
                drop_one(&mut conn, row.try_get(0)?).await?;
            }
            Ok(())
        }
        _ => Err("the commands are `create` and `drop`".into()),
    }
}

async fn on_mysql(mut conn: MySqlConnection, command: &[&str]) -> Done {
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    match command {
        ["create", name] => {
            let name = quoted(name);
            let sql = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
            conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
        }
        ["drop", prefix] => {
            let sql = "SELECT CAST(schema_name AS CHAR) FROM information_schema.schemata WHERE LEFT(schema_name, CHAR_LENGTH(?)) = ?";
            let query = sqlx::query(sql).bind(prefix).bind(prefix);
            for row in query.fetch_all(&mut conn).await? {
                let name: String = row.try_get(0)?;
                let sql = format!("DROP DATABASE {}", quoted(&name));
                conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            }
        }
        _ => return Err("the commands are `create` and `drop`".into()),
    }
    Ok(())
}

async fn create(conn: &mut PgConnection, name: &str, template: &str) -> Done {
    drop_one(conn, name).await?;
    let (name, template) = (quoted(name), quoted(template));
    run(
        conn,
        format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}"),
    )
    .await
}

async fn drop_one(conn: &mut PgConnection, name: &str) -> Done {
    run(
        conn,
        format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name)),
    )
    .await
}

async fn run(conn: &mut PgConnection, sql: String) -> Done {
    // Notices of what was not there to be dropped are of no interest.
    let quiet = sqlx::raw_sql("SET client_min_messages = 'warning'");
    conn.execute(quiet).await?;
    conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
