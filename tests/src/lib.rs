//! What the tests of the whole of larder share: a client that drives a router in the process, and the stores to run on.

mod backend;
mod client;
mod counting;
mod logs;
pub mod mongodb;
mod process;

pub use backend::Backend;
pub use client::{Answer, Ask, Client};
pub use counting::{Counting, Counts};
pub use logs::Logs;
pub use process::{Connection, Process};
