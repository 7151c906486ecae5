//! Kinvey's query syntax and the untyped builder.

mod builder;
mod filters;
mod fuzz;
mod refusals;
mod support;
