//! What is left of rows: projection, distinct ones, and what hangs below them.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::EvalError;
use super::lookup::Lookup;
use crate::expr::Path;
use crate::query::Shape;
use crate::{CompactString, Object, Value};

/// The most rows that `recurse` gives: a row is repeated inside each of its ancestors.
const MOST: usize = 100_000;

/// Rows as the query wants them.
pub(super) fn shaped(shape: &Shape, rows: &[&Value]) -> Vec<Value> {
    let lookups = |paths: &[Path]| -> Vec<Lookup> {
        paths.iter().map(|path| Lookup::new(&path.steps)).collect()
    };
    let each = |make: &dyn Fn(&Value) -> Value| rows.iter().map(|row| make(row)).collect();
    match shape {
        Shape::Whole => each(&Value::clone),
        Shape::Select(paths) => {
            let paths = lookups(paths);
            each(&|row| selected(&paths, row))
        }
        Shape::Unselect(paths) => {
            let paths = lookups(paths);
            each(&|row| unselected(&paths, row))
        }
        Shape::Values(paths) => {
            let paths = lookups(paths);
            each(&|row| match paths.as_slice() {
                [] => match row {
                    Value::Object(object) => object.values().cloned().collect(),
                    Value::Array(_) => row.clone(),
                    _ => Value::from(Vec::new()),
                },
                [only] => only.find(row).clone(),
                several => several.iter().map(|path| path.find(row).clone()).collect(),
            })
        }
    }
}

/// What is missing stays so.
fn selected(paths: &[Lookup], row: &Value) -> Value {
    let mut object = Object::with_capacity(paths.len());
    for path in paths {
        let Some(value) = path.entry(row) else {
            continue;
        };
        match path.own_name(row) {
            Some(name) => drop(object.insert(name, value.clone())),
            None => place_into(&mut object, path.steps(), value.clone()),
        }
    }
    object.into()
}

/// Puts a value at a path, making the objects on the way. What already stands in the way stays: it was selected whole.
pub(super) fn place_into(object: &mut Object, path: &[CompactString], value: Value) {
    let [name, rest @ ..] = path else {
        return;
    };
    if rest.is_empty() {
        object.insert(name.clone(), value);
        return;
    }
    if !object.contains_key(name) {
        object.insert(name.clone(), Object::new());
    }
    if let Some(inner) = object.get_mut(name).and_then(Value::as_object_mut) {
        place_into(inner, rest, value);
    }
}

fn unselected(paths: &[Lookup], row: &Value) -> Value {
    let mut row = row.clone();
    for path in paths {
        match path.own_name(&row) {
            Some(name) => {
                let own = row.as_object_mut();
                drop(own.map(|object| object.remove(name)));
            }
            None => remove(&mut row, path.steps()),
        }
    }
    row
}

fn remove(value: &mut Value, path: &[CompactString]) {
    let (Some(object), [name, rest @ ..]) = (value.as_object_mut(), path) else {
        return;
    };
    if rest.is_empty() {
        object.remove(name);
    } else if let Some(inner) = object.get_mut(name) {
        remove(inner, rest);
    }
}

/// A value by its total order.
struct Ordered<'r>(&'r Value);

impl Ord for Ordered<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(other.0)
    }
}

impl PartialOrd for Ordered<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ordered<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered<'_> {}

/// Each once, at the place of the first.
pub(super) fn distinct(rows: Vec<&Value>) -> Vec<&Value> {
    let mut seen = BTreeSet::new();
    rows.into_iter()
        .filter(|row| seen.insert(Ordered(row)))
        .collect()
}

/// All rows and what hangs below them, depth first, parents before children.
///
/// `path` is where the children are; without it, every object inside is one.
pub(super) fn recursed<'r>(
    path: Option<&Path>,
    rows: &[&'r Value],
) -> Result<Vec<&'r Value>, EvalError> {
    let lookup = path.map(|path| Lookup::new(&path.steps));
    let mut found = Vec::new();
    // What is still to visit, the next one last.
    let mut stack: Vec<&Value> = rows.iter().rev().copied().collect();
    while let Some(value) = stack.pop() {
        if let Value::Array(items) = value {
            stack.extend(items.iter().rev());
            continue;
        }
        if found.len() == MOST {
            return Err(EvalError::TooMany(MOST));
        }
        found.push(value);
        let nested = |value: &&Value| matches!(value, Value::Object(_) | Value::Array(_));
        match (&lookup, value) {
            (Some(lookup), value) => stack.extend(Some(lookup.find(value)).filter(nested)),
            (None, Value::Object(object)) => {
                let at = stack.len();
                stack.extend(object.values().filter(nested));
                stack[at..].reverse();
            }
            (None, _) => {}
        }
    }
    Ok(found)
}
