//! Where a path leads in a row.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{CompactString, Value};

/// A path to follow in many rows.
///
/// Rows of one list mostly have their properties in the same order, so it first looks where the name was found last.
#[derive(Debug)]
pub(super) struct Lookup {
    path: Box<[CompactString]>,
    /// The name of a property that would win over the path: only where there are several steps.
    dotted: Option<CompactString>,
    last: AtomicUsize,
}

impl Lookup {
    pub(super) fn new<S: AsRef<str>>(path: &[S]) -> Self {
        let path: Box<[CompactString]> = path.iter().map(|step| step.as_ref().into()).collect();
        Self {
            dotted: (path.len() > 1).then(|| path.join(".").into()),
            path,
            last: AtomicUsize::new(0),
        }
    }

    /// The name of the row's own property that wins over the path.
    pub(super) fn own_name<'s>(&'s self, row: &Value) -> Option<&'s str> {
        let dotted = self.dotted.as_deref()?;
        row.get(dotted).map(|_| dotted)
    }

    pub(super) fn steps(&self) -> &[CompactString] {
        &self.path
    }

    /// Reads where [`Lookup::find`] will look first, and nothing else.
    #[inline]
    pub(super) fn touch(&self, row: &Value) -> usize {
        match row {
            Value::Object(object) => {
                let last = self.last.load(Ordering::Relaxed);
                object.as_slice().get(last).map_or(0, |(key, _)| key.len())
            }
            _ => 0,
        }
    }

    /// What stands there, if there is anything, be it null.
    pub(super) fn entry<'r>(&self, row: &'r Value) -> Option<&'r Value> {
        if let Some(own) = self.dotted.as_deref().and_then(|name| row.get(name)) {
            return Some(own);
        }
        self.path
            .iter()
            .try_fold(row, |value, step| step_into(value, step))
    }

    /// What stands there; null where there is nothing.
    #[inline]
    pub(super) fn find<'r>(&self, row: &'r Value) -> &'r Value {
        let found = match (&*self.path, row) {
            ([], row) => Some(row),
            ([name], Value::Object(object)) => {
                let pairs = object.as_slice();
                let last = self.last.load(Ordering::Relaxed);
                match pairs.get(last) {
                    Some((key, value)) if key == name => Some(value),
                    _ => self.search(pairs, name),
                }
            }
            _ => self.entry(row),
        };
        found.unwrap_or(&Value::Null)
    }

    fn search<'r>(&self, pairs: &'r [(CompactString, Value)], name: &str) -> Option<&'r Value> {
        let at = pairs.iter().position(|(key, _)| key == name)?;
        self.last.store(at, Ordering::Relaxed);
        Some(&pairs[at].1)
    }
}

fn step_into<'r>(value: &'r Value, step: &str) -> Option<&'r Value> {
    match value {
        Value::Object(object) => object.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}
