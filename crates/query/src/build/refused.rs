//! What is wrong with the calls of a builder.

use std::fmt;

use super::Unsayable;

/// A call with an argument that it can't take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The call, with the field it names.
    pub call: String,
    /// What is wrong with it.
    pub message: String,
}

/// Why there is no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    refusals: Vec<Refusal>,
}

impl BuildError {
    pub(super) fn new(refusals: Vec<Refusal>) -> Self {
        Self { refusals }
    }

    /// All that is wrong, in the order of the calls.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }
}

pub(super) fn unsayable(error: Unsayable) -> BuildError {
    BuildError::new(vec![Refusal {
        call: "to_query_string".to_owned(),
        message: error.to_string(),
    }])
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Refusal { call, message }) in self.refusals.iter().enumerate() {
            let between = if at > 0 { "; " } else { "" };
            write!(f, "{between}{call}: {message}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BuildError {}
