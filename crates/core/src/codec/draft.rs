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
    /// How many faults are told at the most: nobody reads more, and an answer must not outgrow its request.
    pub(crate) const MAX_FAULTS: usize = 100;

    /// A draft of a model with this many fields, with nothing sent.
    pub fn empty(fields: usize) -> Self {
        Self {
            values: vec![None; fields],
            faults: Vec::new(),
        }
    }

    /// Whether further faults would not be told.
    pub(crate) fn is_full(&self) -> bool {
        self.faults.len() >= Self::MAX_FAULTS
    }

    /// Notes a fault, while there is room.
    pub(crate) fn fault(
        &mut self,
        field: &str,
        pointer: String,
        message: impl Into<String>,
        code: &'static str,
    ) {
        if self.is_full() {
            return;
        }
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
