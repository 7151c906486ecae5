//! Text patterns, run by an engine whose time grows with the text and never explodes.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// The longest source of a pattern, in bytes.
pub const MAX_PATTERN: usize = 1000;

/// The memory that a compiled pattern may take, in bytes: some milliseconds to compile. An address of `[\w.+-]+@[\w-]+\.\w+` passes,
/// `x{1000}{1000}` does not.
const MAX_COMPILED: usize = 256 << 10;

/// The memory that a cheap pattern takes at the most.
const CHEAP: usize = 32 << 10;

/// A compiled pattern: `re:` (ignores case), `RE:` (case matters), `glob:`, or Kinvey's `$regex`.
///
/// The syntax is that of the `regex` crate: no look-around and no back-references, which no engine runs in
/// linear time. It is searched for anywhere in the text, unless it is anchored with `^` and `$`.
#[derive(Clone)]
pub struct Pattern {
    source: String,
    flags: Flags,
    regex: Regex,
    costly: bool,
}

/// How many patterns a query may have. They are compiled when it is read, and that is what costs most in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternLimits {
    /// Of all sorts.
    pub all: usize,
    /// Of those that take more than a fraction of a millisecond to compile.
    pub costly: usize,
}

/// How a pattern is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Letters match in either case (`i`).
    pub ignore_case: bool,
    /// `^` and `$` also match at the ends of lines (`m`).
    pub multi_line: bool,
    /// Space in the pattern is left out, `#` begins a comment (`x`).
    pub extended: bool,
    /// A dot also matches the end of a line (`s`).
    pub dot_all: bool,
}

/// What texts begin with that a pattern is found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The beginning.
    pub text: String,
    /// Whether the pattern is found in every text that begins like this.
    pub decides: bool,
}

/// Why a pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    message: String,
    too_many: bool,
}

impl PatternError {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            too_many: false,
        }
    }

    fn too_many(message: impl Into<String>) -> Self {
        Self {
            too_many: true,
            ..Self::new(message)
        }
    }

    /// Whether the pattern is one too many: its query has others.
    pub fn is_too_many(&self) -> bool {
        self.too_many
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PatternError {}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// ```
    /// use larder_query::{Flags, Pattern};
    ///
    /// let p = Pattern::new("^jo[eh]", Flags { ignore_case: true, ..Flags::default() })?;
    /// assert!(p.matches("Joe") && !p.matches("a joe"));
    /// assert!(Pattern::new("(", Flags::default()).is_err());
    /// # Ok::<(), larder_query::PatternError>(())
    /// ```
    ///
    /// # Errors
    /// A source that is too long or no pattern, or one that would be too big once compiled.
    pub fn new(source: &str, flags: Flags) -> Result<Self, PatternError> {
        Self::cheap(source, flags).map_or_else(|| Self::costly(source, flags), Ok)
    }

    /// Compiles a pattern that is cheap: well under a millisecond. None if it is not.
    fn cheap(source: &str, flags: Flags) -> Option<Self> {
        Self::within(source, flags, CHEAP).ok()
    }

    fn costly(source: &str, flags: Flags) -> Result<Self, PatternError> {
        let pattern = Self::within(source, flags, MAX_COMPILED)?;
        Ok(Self {
            costly: true,
            ..pattern
        })
    }

    fn within(source: &str, flags: Flags, most: usize) -> Result<Self, PatternError> {
        if source.len() > MAX_PATTERN {
            return Err(PatternError::new(format!(
                "the pattern is longer than {MAX_PATTERN} bytes"
            )));
        }
        let regex = RegexBuilder::new(source)
            .case_insensitive(flags.ignore_case)
            .multi_line(flags.multi_line)
            .ignore_whitespace(flags.extended)
            .dot_matches_new_line(flags.dot_all)
            .size_limit(most)
            .build()
            .map_err(|error| PatternError::new(refusal(&error)))?;
        Ok(Self {
            source: source.to_owned(),
            flags,
            regex,
            costly: false,
        })
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How it is read.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// What every text that it is found in begins with: stores look there only. None if nothing is known.
    ///
    /// ```
    /// use larder_query::{Flags, Pattern};
    ///
    /// let prefix = |source| Pattern::new(source, Flags::default()).unwrap().prefix();
    /// assert_eq!(prefix("^jo[eh]").unwrap().text, "jo");
    /// assert!(prefix(r"^a\.b").unwrap().decides);
    /// assert!(prefix("joe").is_none() && prefix("^joe|^jim").is_none());
    /// ```
    pub fn prefix(&self) -> Option<Prefix> {
        let Flags {
            ignore_case: false,
            multi_line: false,
            extended: false,
            ..
        } = self.flags
        else {
            return None;
        };
        let source = self.source.strip_prefix('^')?;
        // An alternative may begin with something else.
        if source.contains('|') {
            return None;
        }
        let mut text = String::new();
        let mut rest = source.chars();
        let mut decides = true;
        while let Some(char) = rest.next() {
            let literal = match char {
                // `\<` and `\>` are the ends of words.
                '\\' => rest
                    .next()
                    .filter(|escaped| escaped.is_ascii_punctuation() && !"<>".contains(*escaped)),
                '.' | '[' | '(' | '^' | '$' => None,
                // What may come no time at all is no part of every text.
                '?' | '*' | '+' | '{' => {
                    text.pop();
                    None
                }
                other => Some(other),
            };
            match literal {
                Some(literal) => text.push(literal),
                None => {
                    decides = false;
                    break;
                }
            }
        }
        (!text.is_empty()).then_some(Prefix { text, decides })
    }

    /// Whether it is found in a text.
    #[inline]
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl PatternLimits {
    /// Eight patterns, of which one may be costly: what a client's query may have.
    pub const USUAL: PatternLimits = PatternLimits { all: 8, costly: 1 };

    /// As many as there are.
    pub const WIDE: PatternLimits = PatternLimits {
        all: usize::MAX,
        costly: usize::MAX,
    };

    /// Compiles one more pattern, and takes it off what is left.
    ///
    /// ```
    /// use larder_query::{Flags, PatternLimits};
    ///
    /// let mut left = PatternLimits { all: 2, costly: 1 };
    /// assert!(left.compile("^a", Flags::default()).is_ok());
    /// assert!(left.compile(r"\w{4}", Flags::default()).is_ok());
    /// assert!(left.compile("^b", Flags::default()).unwrap_err().is_too_many());
    /// ```
    ///
    /// # Errors
    /// A pattern that is one too many, and what [`Pattern::new`] refuses.
    pub fn compile(&mut self, source: &str, flags: Flags) -> Result<Pattern, PatternError> {
        let Some(all) = self.all.checked_sub(1) else {
            let message = "this pattern is one more than a query may have";
            return Err(PatternError::too_many(message));
        };
        self.all = all;
        if let Some(pattern) = Pattern::cheap(source, flags) {
            return Ok(pattern);
        }
        let Some(costly) = self.costly.checked_sub(1) else {
            let message = "a query has one costly pattern at the most, and this is the second";
            return Err(PatternError::too_many(message));
        };
        self.costly = costly;
        Pattern::costly(source, flags)
    }

    /// What is left beside patterns that are there already.
    #[must_use]
    pub fn beside<'p>(mut self, patterns: impl IntoIterator<Item = &'p Pattern>) -> Self {
        for pattern in patterns {
            self.all = self.all.saturating_sub(1);
            self.costly = self.costly.saturating_sub(usize::from(pattern.costly));
        }
        self
    }
}

/// The engine's message without its drawing, which is for terminals.
fn refusal(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too costly".to_owned(),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            let reason = last.strip_prefix("error: ").unwrap_or(last);
            format!("this is no pattern: {reason}")
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.flags == other.flags
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern")
            .field(&self.source)
            .field(&self.flags)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        for (source, text, decides) in [
            ("^abc", Some("abc"), true),
            ("^abc$", Some("abc"), false),
            ("^ab*", Some("a"), false),
            ("^ab?c", Some("a"), false),
            ("^ab{0}c", Some("a"), false),
            ("^é+", None, false),
            ("^éa.", Some("éa"), false),
            (r"^a\.b\-c", Some("a.b-c"), true),
            (r"^a\d", Some("a"), false),
            (r"^a\b", Some("a"), false),
            ("^(ab)", None, false),
            ("^(?i)ab", None, false),
            ("^a(?i)b", Some("a"), false),
            ("^ab|c", None, false),
            ("^^a", None, false),
            ("a^b", None, false),
            ("^", None, false),
        ] {
            let pattern = Pattern::new(source, Flags::default()).unwrap();
            let prefix = pattern.prefix();
            assert_eq!(prefix.as_ref().map(|p| p.text.as_str()), text, "{source}");
            if let Some(prefix) = prefix {
                assert_eq!(prefix.decides, decides, "{source}");
                if decides {
                    assert!(
                        pattern.matches(&format!("{}\nxyz", prefix.text)),
                        "{source}"
                    );
                }
            }
        }
    }

    #[test]
    fn flags_take_the_prefix_away() {
        for flags in [
            Flags {
                ignore_case: true,
                ..Flags::default()
            },
            Flags {
                multi_line: true,
                ..Flags::default()
            },
            Flags {
                extended: true,
                ..Flags::default()
            },
        ] {
            assert_eq!(
                Pattern::new("^a b", flags).unwrap().prefix(),
                None,
                "{flags:?}"
            );
        }
        let dots = Flags {
            dot_all: true,
            ..Flags::default()
        };
        assert!(Pattern::new("^a.b", dots).unwrap().prefix().is_some());
    }
}
