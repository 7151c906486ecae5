//! What a client or a caller sent: some fields, perhaps with faults, before the rest is filled in.

use larder_query::Value;

use crate::error::{Error, FieldError, Result};

/// The fields that were sent, in the order of the layout, and every fault found in them.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// One place a field; `None` where nothing was sent.
    pub values: Vec<Option<Value>>,
    /// What is wrong so far.
    pub faults: Vec<FieldError>,
}

impl Draft {
    /// A draft of a model with this many fields, with nothing sent.
    pub fn empty(fields: usize) -> Self {
        Self {
            values: vec![None; fields],
            faults: Vec::new(),
        }
    }

    /// Notes a fault.
    pub(crate) fn fault(
        &mut self,
        field: &str,
        pointer: String,
        message: impl Into<String>,
        code: &'static str,
    ) {
        self.faults.push(FieldError {
            field: field.to_owned(),
            pointer,
            message: message.into(),
            code,
        });
    }

    /// Fails with all faults, if there is one.
    pub(crate) fn finish(&mut self) -> Result<()> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid(std::mem::take(&mut self.faults)))
        }
    }
}
