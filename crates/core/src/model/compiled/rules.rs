//! The rules of a model, compiled together so that every faulty one is told, each by its name.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Field;
use crate::error::Error;
use crate::model::ModelDef;
use crate::rule::{Operation, Rule};

/// Compiles the rules of the four operations. On failure: a message for each faulty text.
pub(super) fn compile(
    def: &ModelDef,
    fields: &[Field],
    schema: &Json,
) -> Result<BTreeMap<Operation, Rule>, Vec<Error>> {
    let mut rules = BTreeMap::new();
    let mut faults: Vec<(&str, Vec<Operation>, String)> = Vec::new();
    for (operation, text) in &def.rules {
        match Rule::compile(text, fields, schema) {
            Ok(rule) => {
                rules.insert(*operation, rule);
            }
            // `write` gives one text to several operations; it is one mistake.
            Err(error) => match faults.iter_mut().find(|(known, ..)| known == text) {
                Some((_, operations, _)) => operations.push(*operation),
                None => faults.push((text, vec![*operation], error.message().to_owned())),
            },
        }
    }
    if faults.is_empty() {
        return Ok(rules);
    }
    let told = faults
        .iter()
        .map(|(_, operations, drawn)| faulty(&format!("the {} rule", words(operations)), drawn));
    Err(told.collect())
}

/// A faulty rule as an error. `what` says which: `the read rule`.
pub(super) fn faulty(what: &str, drawn: &str) -> Error {
    Error::setup(format!(
        "mistake in {what}:\n    {}",
        drawn.replace('\n', "\n    ")
    ))
}

/// `read`, or `create, update and delete`.
fn words(operations: &[Operation]) -> String {
    let words: Vec<&str> = operations.iter().map(|one| one.word()).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
