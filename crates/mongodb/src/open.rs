//! Opening a database by its address, with words for people when that fails.

use std::time::Duration;

use larder_core::{Error, Result};
use mongodb::bson::doc;
use mongodb::error::{Error as Fault, ErrorKind as Sort};
use mongodb::event::EventHandler;
use mongodb::event::command::CommandEvent;
use mongodb::options::{
    ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use mongodb::{Client, Database};

use crate::errors;
use crate::listeners::Listeners;
use crate::store::MongoBuilder;
use crate::turns::Turns;

/// What an address looks like.
const EXAMPLE: &str = "write `mongodb://host:27017/database?replicaSet=name`";

/// How many connections there are at the most, unless the app or the address says otherwise.
const CONNECTIONS: u32 = 100;

/// The longest that opening takes.
const LONGEST: Duration = Duration::from_millis(4500);

/// An address without its passwords: whatever stands before the last `@` may hold one, and options may.
pub(crate) fn without_password(url: &str) -> String {
    let Some((before, hosts)) = url.rsplit_once('@') else {
        return without_secrets(url);
    };
    let scheme = before.split_once("://");
    let (scheme, user) = match scheme.filter(|(scheme, _)| !scheme.contains(':')) {
        Some((scheme, user)) => (format!("{scheme}://"), user),
        None => (String::new(), before),
    };
    let (name, hidden) = match user.split_once(':') {
        Some((name, _)) => (name, ":***"),
        None => (user, ""),
    };
    format!("{scheme}{name}{hidden}@{}", without_secrets(hosts))
}

/// An address without what is secret of its options.
fn without_secrets(address: &str) -> String {
    let Some((address, options)) = address.split_once('?') else {
        return address.to_owned();
    };
    let options = options
        .split('&')
        .map(|option| match option.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}=***"),
            _ => option.to_owned(),
        });
    let options: Vec<String> = options.collect();
    format!("{address}?{}", options.join("&"))
}

/// Whether an option holds what nobody may see: `tlsCertificateKeyFilePassword`, `proxyPassword`, the token in
/// `authMechanismProperties`. Names of options go by their letters in any case.
fn is_secret(option: &str) -> bool {
    let option = option.to_ascii_lowercase();
    ["password", "properties", "token", "secret"]
        .iter()
        .any(|part| option.contains(part))
}

/// The driver's words, unless they could hold a part of a password: what it can't read of an address it repeats.
fn words(url: &str, fault: &Fault) -> String {
    let has_password = without_password(url).contains("***");
    match &*fault.kind {
        Sort::InvalidArgument { .. } if has_password => {
            "signs such as `/`, `:`, `@` and `%` in a password have to be percent-encoded, or an option is wrong"
                .to_owned()
        }
        Sort::InvalidArgument { message, .. } | Sort::Authentication { message, .. } => {
            message.clone()
        }
        kind => kind.to_string(),
    }
}

/// A database that can do what a store needs.
pub(crate) struct Opened {
    pub(crate) client: Client,
    pub(crate) db: Database,
    /// Whether the server can keep what documents were before a change.
    pub(crate) keeps_images: bool,
    pub(crate) turns: Turns,
    pub(crate) listeners: Listeners,
}

/// `maxWireVersion` of MongoDB 6.0, the first that keeps documents as they were before a change.
const KEEPS_IMAGES: i32 = 17;

/// Opens the database, and asks it whether it can do what a store needs.
pub(crate) async fn open(builder: &MongoBuilder) -> Result<Opened> {
    let url = without_password(&builder.url);
    // The driver logs in by itself only when it has found a server, so a wrong address takes the whole of its patience.
    match tokio::time::timeout(LONGEST, connected(builder, &url)).await {
        Ok(opened) => opened,
        Err(_) => Err(Error::setup(format!(
            "`{url}`: nothing answered within {} seconds. Is the server running, and is this its name and port?",
            LONGEST.as_secs_f32()
        ))),
    }
}

async fn connected(builder: &MongoBuilder, url: &str) -> Result<Opened> {
    let options = options(builder, url).await?;
    let patience = options.server_selection_timeout;
    let turns = Turns::new(
        options.max_pool_size.unwrap_or(CONNECTIONS),
        patience.unwrap_or(builder.patience),
    );
    let Some(name) = options.default_database.clone() else {
        return Err(Error::setup(format!(
            "`{url}` names no database: {EXAMPLE}"
        )));
    };
    let listeners = Listeners::new(options.clone(), &name);
    let client = Client::with_options(options).map_err(|fault| {
        Error::setup(format!(
            "`{url}` can't be opened: {}",
            words(&builder.url, &fault)
        ))
    })?;
    let db = client.database(&name);
    let hello = client
        .database("admin")
        .run_command(doc! { "hello": 1 })
        .await;
    let hello = hello.map_err(|fault| failed(builder, url, &fault))?;
    let is_set = hello.get_str("setName").is_ok();
    let is_router = hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid");
    if !is_set && !is_router {
        return Err(Error::setup(format!(
            "`{url}` is a server by itself, and MongoDB has transactions in a replica set only: start it with `--replSet rs0`, \
             run `rs.initiate()` once, and write `?replicaSet=rs0` behind the address"
        )));
    }
    // Logging in was not needed to say hello.
    let asked = db.run_command(doc! { "listCollections": 1, "nameOnly": true });
    asked.await.map_err(|fault| failed(builder, url, &fault))?;
    let keeps_images = hello
        .get_i32("maxWireVersion")
        .is_ok_and(|version| version >= KEEPS_IMAGES);
    Ok(Opened {
        client,
        db,
        keeps_images,
        turns,
        listeners,
    })
}

async fn options(builder: &MongoBuilder, url: &str) -> Result<ClientOptions> {
    if !builder.url.starts_with("mongodb://") && !builder.url.starts_with("mongodb+srv://") {
        return Err(Error::setup(format!(
            "`{url}` is no address of MongoDB: {EXAMPLE}"
        )));
    }
    let parsed = ClientOptions::parse(&builder.url).await;
    let mut options = parsed.map_err(|fault| {
        Error::setup(format!(
            "`{url}` can't be read: {}. {}",
            words(&builder.url, &fault).trim_end_matches('.'),
            capital(EXAMPLE)
        ))
    })?;
    options.app_name.get_or_insert_with(|| "larder".to_owned());
    options
        .server_selection_timeout
        .get_or_insert(builder.patience);
    options.connect_timeout.get_or_insert(builder.patience);
    let connections = builder.connections.or(options.max_pool_size);
    // The driver's own default is 10, which it would not tell.
    options.max_pool_size = Some(connections.unwrap_or(CONNECTIONS).max(Turns::LEAST));
    // What the store promises does not depend on an address.
    options.write_concern = Some(WriteConcern::majority());
    options.read_concern = Some(ReadConcern::majority());
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    options.retry_writes = Some(true);
    options.retry_reads = Some(true);
    if let Some(told) = builder.told.clone() {
        options.command_event_handler = Some(EventHandler::callback(move |event| {
            if let CommandEvent::Started(command) = event {
                told(&command.command_name);
            }
        }));
    }
    Ok(options)
}

fn capital(text: &str) -> String {
    let mut signs = text.chars();
    let first = signs.next().map(|sign| sign.to_ascii_uppercase());
    first.into_iter().chain(signs).collect()
}

/// Why a server could not be asked.
fn failed(builder: &MongoBuilder, url: &str, fault: &Fault) -> Error {
    if errors::is_refused(fault) {
        return Error::setup(format!(
            "`{url}`: the server refuses this user or password, or the user may not use this database. Check both, and \
             `authSource` if the user belongs to another database: {}",
            words(&builder.url, fault)
        ));
    }
    let words = words(&builder.url, fault);
    Error::setup(format!(
        "`{url}`: no primary server answers: {}. {}",
        words.trim_end_matches('.'),
        advice(&builder.url, &words)
    ))
}

/// What a person can do about a server that can't be reached. The driver tells of TLS in words alone.
fn advice(url: &str, words: &str) -> &'static str {
    let has_tls =
        ["tls=true", "ssl=true"].iter().any(|it| url.contains(it)) || url.contains("+srv:");
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if says(&["certificate"]) {
        "Its certificate is not trusted, or is for another name: give the file of the authority that has signed it by `tlsCAFile=`, and \
         write the server as its certificate names it"
    } else if has_tls && says(&["InvalidContentType", "corrupt message", "handshake eof"]) {
        "The server does not speak TLS: leave `tls=true` out, or start it with TLS"
    } else if !has_tls
        && says(&[
            "unexpected end of file",
            "early eof",
            "reset by peer",
            "closed",
        ])
    {
        "The server hangs up at once, as one does that speaks TLS only: add `tls=true`, and `tlsCAFile=` where the authority is your own"
    } else {
        "Is it running, is this its name and port, and is `replicaSet` the set's name?"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_shown() {
        for (url, shown) in [
            ("mongodb://h/db", "mongodb://h/db"),
            (
                "mongodb://ann:secret@h:1/db?x=1",
                "mongodb://ann:***@h:1/db?x=1",
            ),
            ("mongodb://ann:se:c@ret@h/db", "mongodb://ann:***@h/db"),
            ("mongodb://ann:se/c?r@h/db", "mongodb://ann:***@h/db"),
            ("mongodb://ann@h/db", "mongodb://ann@h/db"),
            ("ann:secret", "ann:secret"),
            ("ann:secret@h/db", "ann:***@h/db"),
            ("ann:secret@mongodb://h/db", "ann:***@mongodb://h/db"),
            ("ann:se://cret@h/db", "ann:***@h/db"),
            (
                "mongodb://h/db?tls=true&tlsCertificateKeyFilePassword=secret&x=1",
                "mongodb://h/db?tls=true&tlsCertificateKeyFilePassword=***&x=1",
            ),
            (
                "mongodb+srv://ann@h/?PROXYPASSWORD=se=cret",
                "mongodb+srv://ann@h/?PROXYPASSWORD=***",
            ),
            (
                "mongodb://h/db?authMechanismProperties=AWS_SESSION_TOKEN:secret",
                "mongodb://h/db?authMechanismProperties=***",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
