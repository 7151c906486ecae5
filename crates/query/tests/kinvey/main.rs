//! Kinvey's query syntax and the untyped builder.

mod builder;
mod filters;
mod fuzz;
#[path = "../long/cases.rs"]
mod long;
mod refusals;
mod support;
