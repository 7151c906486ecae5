//! A server process of its own, on a free port, with a database of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::databases::{self, POSTGRES};
use super::{Options, Store};
use crate::{Result, paths};

/// How a server is started.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) name: &'static str,
    program: String,
    store: Store,
    rows: u64,
    workers: u32,
    grouped: bool,
    /// Which hooks the model has, for the program that asks.
    hooks: &'static str,
    /// Where callgrind writes, if the server runs under it.
    pub(super) callgrind: Option<PathBuf>,
}

impl Setup {
    /// The server by hand, larder's, and the control: the first one once more.
    pub(super) fn trio(options: &Options, store: Store, rows: u64) -> [Self; 3] {
        [
            ("hand", "hand"),
            ("larder", options.stand_in.as_str()),
            ("control", "hand"),
        ]
        .map(|(name, program)| Self {
            name,
            program: program.to_owned(),
            store,
            rows,
            workers: 2,
            grouped: options.grouped,
            hooks: "none",
            callgrind: None,
        })
    }

    /// larder's server with its rows in memory, its model with these hooks.
    pub(super) fn hooked(hooks: &'static str, rows: u64) -> Self {
        Self {
            name: hooks,
            program: "hooked".to_owned(),
            store: Store::Memory,
            rows,
            workers: 1,
            grouped: false,
            hooks,
            callgrind: None,
        }
    }

    /// The same under callgrind, on one thread.
    pub(super) fn counted(mut self, out: PathBuf) -> Self {
        self.workers = 1;
        self.callgrind = Some(out);
        self
    }

    fn command(&self) -> Result<Command> {
        let program = paths::target()?.join("release").join(&self.program);
        let Some(out) = &self.callgrind else {
            return Ok(Command::new(program));
        };
        let mut command = Command::new("valgrind");
        let mut argument = std::ffi::OsString::from("--callgrind-out-file=");
        argument.push(out);
        command
            .arg("--tool=callgrind")
            .arg(argument)
            .arg(program)
            .stderr(Stdio::null());
        Ok(command)
    }
}

/// A running server; stopped when it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
    directory: PathBuf,
}

impl Server {
    /// Starts a server with a database of its own and waits until it has its rows and listens.
    pub(super) fn start(setup: &Setup) -> Result<Self> {
        let directory = empty(setup.name)?;
        if setup.store == Store::Postgres {
            return Self::start_on_postgres(setup, directory);
        }
        if setup.store != Store::Sqlite || setup.callgrind.is_some() {
            return Self::spawn(setup, directory, setup.rows);
        }
        // Filling a file takes longer than measuring with it, so it is done once and copied.
        let filled = scratch()?.join(format!("{}-{}-filled", setup.program, setup.rows));
        if !filled.exists() {
            let mut server = Self::spawn(setup, empty("filling")?, setup.rows)?;
            server.end()?;
            fs::rename(&server.directory, &filled)?;
        }
        for file in fs::read_dir(&filled)? {
            let file = file?;
            fs::copy(file.path(), directory.join(file.file_name()))?;
        }
        Self::spawn(setup, directory, 0)
    }

    /// The same on PostgreSQL: a database is filled once, and is the template of all others.
    fn start_on_postgres(setup: &Setup, directory: PathBuf) -> Result<Self> {
        let filled = format!("{}_{}_filled", setup.program, setup.rows);
        let mark = scratch()?.join(&filled);
        if !mark.exists() {
            POSTGRES.create(&filled, None)?;
            let filling = Setup {
                callgrind: None,
                ..setup.clone()
            };
            let store = POSTGRES.url(&filled)?;
            let mut server = Self::spawn_on(&filling, empty("filling")?, store, setup.rows)?;
            server.end()?;
            fs::write(mark, "")?;
        }
        POSTGRES.create(setup.name, Some(&filled))?;
        Self::spawn_on(setup, directory, POSTGRES.url(setup.name)?, 0)
    }

    fn spawn(setup: &Setup, directory: PathBuf, rows: u64) -> Result<Self> {
        let store = match setup.store {
            Store::Sqlite => format!("sqlite:{}", directory.join("orders.db").display()),
            Store::Memory | Store::Postgres => "memory".to_owned(),
            Store::Mongodb => mongodb_of(setup.name)?,
        };
        Self::spawn_on(setup, directory, store, rows)
    }

    fn spawn_on(setup: &Setup, directory: PathBuf, store: String, rows: u64) -> Result<Self> {
        let mut command = setup.command()?;
        command
            .env("STORE", store)
            .env("LISTEN", "127.0.0.1:0")
            .env("ROWS", rows.to_string())
            .env("WORKERS", setup.workers.to_string())
            .env("HOOKS", setup.hooks)
            .env("GROUP_COMMIT", if setup.grouped { "1" } else { "0" })
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", setup.program))?;
        match listening(&mut child) {
            Ok(address) => Ok(Self {
                child,
                address,
                directory,
            }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(format!("{} ({}) did not start: {error}", setup.name, setup.program).into())
            }
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks the server to end, waits until it has, and removes its database.
    pub(super) fn stop(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        paths::succeed(Command::new("kill").args(["-TERM", &self.pid().to_string()]))?;
        let deadline = Instant::now() + Duration::from_secs(30);
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if Instant::now() > deadline {
                return Err("a server did not end on SIGTERM".into());
            }
            thread::sleep(Duration::from_millis(5));
        };
        if status.success() {
            Ok(())
        } else {
            Err(format!("a server ended badly: {status}").into())
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to do about any of these: the process may have ended, and the files lie in the target directory.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn empty(name: &str) -> Result<PathBuf> {
    let directory = scratch()?.join(name);
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    fs::create_dir_all(&directory)?;
    Ok(directory)
}

/// Removes what the servers of this run left.
pub(super) fn clean() -> Result<()> {
    databases::clean()?;
    Ok(fs::remove_dir_all(scratch()?)?)
}

/// The directory of this run, so that two runs don't meet.
pub(super) fn scratch() -> Result<PathBuf> {
    let directory = paths::target()?
        .join("bench")
        .join(std::process::id().to_string());
    fs::create_dir_all(&directory)?;
    Ok(directory)
}

/// The address of the MongoDB server.
pub(super) fn mongodb() -> Result<String> {
    std::env::var("TEST_MONGODB_URL")
        .ok()
        .filter(|url| !url.is_empty())
        .ok_or_else(|| "set TEST_MONGODB_URL to the address of a replica set".into())
}

/// The address of a database that no other server has; the program drops it when it ends.
pub(super) fn mongodb_of(name: &str) -> Result<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let url = mongodb()?;
    let (hosts, rest) = url
        .rsplit_once('/')
        .ok_or("TEST_MONGODB_URL names no database")?;
    let options = rest.split_once('?').map_or("", |(_, options)| options);
    let (run, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    Ok(format!(
        "{hosts}/larder_bench_{run}_{count}_{name}?{options}"
    ))
}

fn listening(child: &mut Child) -> Result<SocketAddr> {
    let stdout = child.stdout.take().ok_or("it has no output")?;
    for line in BufReader::new(stdout).lines() {
        if let Some(address) = line?.strip_prefix("listening on ") {
            let address = address.trim().trim_start_matches("http://");
            return Ok(address.parse()?);
        }
    }
    Err("it ended before it was listening".into())
}
