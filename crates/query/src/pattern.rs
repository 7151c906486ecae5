//! Text patterns, run by an engine whose time grows with the text and never explodes.

use std::cell::Cell;
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

/// What the patterns of one query may cost. They are compiled when it is read, and that is what costs most in it.
///
/// ```
/// use larder_query::{Flags, Patterns};
///
/// let patterns = Patterns::default();
/// assert!(patterns.compile(r"\w{4}", Flags::default()).is_ok());
/// // Of those that take long, a query may have one.
/// assert!(patterns.compile(r"\w{4}", Flags::default()).is_err());
/// assert!(patterns.compile("^jo", Flags::default()).is_ok());
/// ```
#[derive(Debug, Default)]
pub struct Patterns {
    compiled: Cell<usize>,
    /// Whether one of them took long.
    costly: Cell<bool>,
}

impl Patterns {
    /// The most patterns of one query.
    pub const MOST: usize = 8;

    /// Compiles one more pattern.
    ///
    /// # Errors
    /// As [`Pattern::new`], and where there have been too many.
    pub fn compile(&self, source: &str, flags: Flags) -> Result<Pattern, PatternError> {
        self.compiled.set(self.compiled.get() + 1);
        if self.compiled.get() > Self::MOST {
            let message = format!("a query has at most {} patterns", Self::MOST);
            return Err(PatternError {
                message,
                many: true,
            });
        }
        if let Some(pattern) = Pattern::cheap(source, flags) {
            return Ok(pattern);
        }
        if self.costly.replace(true) {
            let message = "a query has one costly pattern at the most, and this is the second";
            return Err(PatternError {
                message: message.to_owned(),
                many: true,
            });
        }
        Pattern::new(source, flags)
    }
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
    /// Whether it is not the pattern that is wrong, but that there are so many.
    many: bool,
}

impl PatternError {
    fn of(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            many: false,
        }
    }

    /// Whether the pattern is one too many for its query, whatever it is.
    pub fn is_too_many(&self) -> bool {
        self.many
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
        Self::within(source, flags, MAX_COMPILED)
    }

    /// Compiles a pattern that is cheap: well under a millisecond. None if it is not.
    fn cheap(source: &str, flags: Flags) -> Option<Self> {
        Self::within(source, flags, CHEAP).ok()
    }

    fn within(source: &str, flags: Flags, most: usize) -> Result<Self, PatternError> {
        if source.len() > MAX_PATTERN {
            let message = format!("the pattern is longer than {MAX_PATTERN} bytes");
            return Err(PatternError::of(message));
        }
        let regex = RegexBuilder::new(source)
            .case_insensitive(flags.ignore_case)
            .multi_line(flags.multi_line)
            .ignore_whitespace(flags.extended)
            .dot_matches_new_line(flags.dot_all)
            .size_limit(most)
            .build()
            .map_err(|error| PatternError::of(refusal(&error)))?;
        Ok(Self {
            source: source.to_owned(),
            flags,
            regex,
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
