//! What the tests of the whole of larder share: a client that drives a router in the process, the stores and
//! servers to run on.

mod backend;
mod client;
mod counting;
mod dice;
mod logs;
mod long;
#[cfg(feature = "mongodb")]
pub mod mongodb;
mod process;
mod servers;

pub use backend::Backend;
pub use client::{Answer, Ask, Client};
pub use counting::{Counting, Counts};
pub use dice::{Dice, seed};
pub use logs::Logs;
pub use long::rounds;
pub use process::{Connection, Process};
pub use servers::{left_out, note, server};
