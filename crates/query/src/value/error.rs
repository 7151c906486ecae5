//! The error of turning values into Rust types and back.

use std::fmt::{self, Display};

/// Why a [`Value`](super::Value) could not become a Rust type, or a Rust type a value.
///
/// Prints as `items[3].price: invalid type: ...`; the path is empty for the outermost value.
#[derive(Clone, PartialEq, Eq)]
pub struct ValueError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    // Innermost step first: errors grow their path while they travel outwards.
    path: Vec<Step>,
    message: String,
}

#[derive(Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl ValueError {
    /// An error with this message and no path yet.
    pub fn new(message: impl Into<String>) -> ValueError {
        ValueError(Box::new(Inner {
            path: Vec::new(),
            message: message.into(),
        }))
    }

    /// The message without the path.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it went wrong, such as `items[3].price`; empty for the outermost value.
    pub fn path(&self) -> String {
        let mut text = String::new();
        for step in self.0.path.iter().rev() {
            match step {
                Step::Key(key) if text.is_empty() => text.push_str(key),
                Step::Key(key) => text.extend([".", key]),
                Step::Index(n) => text.push_str(&format!("[{n}]")),
            }
        }
        text
    }

    /// Where it went wrong as a JSON pointer (RFC 6901), such as `/items/3/price`.
    pub fn pointer(&self) -> String {
        let mut text = String::new();
        for step in self.0.path.iter().rev() {
            text.push('/');
            match step {
                Step::Key(key) => text.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(n) => text.push_str(&n.to_string()),
            }
        }
        text
    }

    /// Adds the key this error happened under.
    #[must_use]
    pub fn under(mut self, key: &str) -> ValueError {
        self.0.path.push(Step::Key(key.to_owned()));
        self
    }

    /// Adds the place in a list this error happened at.
    #[must_use]
    pub fn at(mut self, index: usize) -> ValueError {
        self.0.path.push(Step::Index(index));
        self
    }
}

impl Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.path.is_empty() {
            f.write_str(&self.0.message)
        } else {
            write!(f, "{}: {}", self.path(), self.0.message)
        }
    }
}

impl fmt::Debug for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValueError({:?})", self.to_string())
    }
}

impl std::error::Error for ValueError {}

impl serde::de::Error for ValueError {
    fn custom<T: Display>(message: T) -> ValueError {
        ValueError::new(message.to_string())
    }
}

impl serde::ser::Error for ValueError {
    fn custom<T: Display>(message: T) -> ValueError {
        ValueError::new(message.to_string())
    }
}
