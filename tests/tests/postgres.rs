//! The PostgreSQL store by itself: addresses, faults, tables, plans of queries, writers that race. What every store must do is tested
//! by the conformance suite.

#[path = "plans/asked.rs"]
mod asked;
#[path = "postgres/changes.rs"]
mod changes;
#[path = "postgres/errors.rs"]
mod errors;
#[path = "postgres/existing.rs"]
mod existing;
#[path = "postgres/field_changes.rs"]
mod field_changes;
#[path = "postgres/open.rs"]
mod open;
#[path = "postgres/plans.rs"]
mod plans;
#[path = "plans/questions.rs"]
mod questions;
#[path = "postgres/races.rs"]
mod races;
#[path = "postgres/schema.rs"]
mod schema;
#[path = "postgres/statements.rs"]
mod statements;
#[path = "postgres/support.rs"]
mod support;
#[path = "postgres/tables.rs"]
mod tables;
#[path = "postgres/values.rs"]
mod values;
