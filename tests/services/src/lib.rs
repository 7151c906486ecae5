//! Database servers of our own for the tests: PostgreSQL 15, MariaDB and a MongoDB replica set, on free loopback ports, with their
//! files in one folder. `cargo xtask services` is the command line of this; tests of faults start servers that they may kill.
//!
//! | module | idea |
//! | --- | --- |
//! | `certificate` | the files with which a server shows who it is |
//! | `folder` | where files lie so that the user who runs a server can reach them |
//! | `install` | packages of Debian and of Python, if they are missing |
//! | `member` | one server process: its files, its port, starting, stopping |
//! | `port` | free ports outside the range of outgoing connections |
//! | `process` | a process that was started here, and no other that got its id later |
//! | `postgres`, `mariadb`, `mongodb` | what differs between the servers |
//!
//! Linux only, and what is missing is installed with apt, as root. Data are for tests: without `durable` nothing waits for the disk.

mod certificate;
mod folder;
mod install;
mod mariadb;
mod member;
mod mongodb;
mod port;
mod postgres;
mod process;
mod services;

use std::error::Error;

pub use member::Member;
pub use process::Process;
pub use services::{Service, Services};

/// Any failure: it is only ever shown to the person who runs the tests.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
