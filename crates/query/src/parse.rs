//! Conditions as text: rules, and the search parameters of a client.
//!
//! The language is that of [`syntax`](crate::syntax), read by the same parser, without what is no condition (`sort`, `limit`, `select`
//! and their like). `undefined` and `Infinity` are text here, because a condition's values are brought to their fields' kinds.

pub use crate::syntax::{ParseError, ParseErrorKind};

use crate::expr::{Expr, Span};
use crate::lower;
use crate::pattern::PatternLimits;
use crate::syntax::Tree;

/// How big a query may be. Every limit is checked before the work it bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text.
    pub text: usize,
    /// Parentheses and calls inside each other; never more than 128.
    pub depth: usize,
    /// Comparisons, calls and constants.
    pub terms: usize,
    /// Members of one list and arguments of one call; also the names of one path.
    pub list: usize,
    /// Patterns.
    pub patterns: PatternLimits,
}

impl Limits {
    /// For texts of people and programs that are trusted, such as at a command line.
    pub const WIDE: Limits = Limits {
        text: 1 << 16,
        depth: 64,
        terms: 4096,
        list: 4096,
        patterns: PatternLimits::USUAL,
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            text: 4096,
            depth: 16,
            terms: 256,
            list: 256,
            patterns: PatternLimits::USUAL,
        }
    }
}

/// Parses a condition under the usual limits. Empty text is an error.
///
/// # Errors
/// Says what is wrong, where, and what to write instead.
///
/// ```
/// use larder_query::{Expr, parse, to_text};
///
/// let rule = parse("status=published|author=$actor.id")?;
/// assert!(matches!(&rule, Expr::Or(terms) if terms.len() == 2));
/// assert_eq!(to_text(&parse("price=ge=3&(price<5)")?), "ge(price,3)&lt(price,5)");
/// assert!(parse("a=1&b=2|c=3").is_err());
/// # Ok::<(), larder_query::ParseError>(())
/// ```
pub fn parse(text: &str) -> Result<Expr, ParseError> {
    parse_with(text, &Limits::default())
}

/// Parses a condition under these limits. Empty text is an error.
///
/// # Errors
/// See [`parse`].
pub fn parse_with(text: &str, limits: &Limits) -> Result<Expr, ParseError> {
    let tree = Tree::parse_with(text, limits)?;
    if is_empty(text) {
        return Err(ParseError::new(
            ParseErrorKind::Empty,
            Span::new(0, text.len()),
            "an empty condition; write `true` if everything is meant",
        ));
    }
    lower::condition(&tree, text, limits)
}

/// Parses the text of a rule, where empty text must not mean "everything". The same as [`parse`].
///
/// # Errors
/// See [`parse`].
pub fn parse_rule(text: &str) -> Result<Expr, ParseError> {
    parse(text)
}

/// Parses a client's condition, where empty text and `()` mean "everything".
///
/// # Errors
/// See [`parse`].
pub fn parse_query(text: &str, limits: &Limits) -> Result<Expr, ParseError> {
    if text.len() <= limits.text && is_empty(text) {
        return Ok(Expr::Const(true));
    }
    parse_with(text, limits)
}

fn is_empty(text: &str) -> bool {
    let inner = text.trim_matches('&');
    inner.is_empty() || inner == "()"
}

/// The parts of a query string between its top-level `&`, each with the byte it starts at.
///
/// A door uses this to take its own parts (`limit(10)`, `sortBy=+a`) out before it parses the rest.
/// Empty parts are left out; unbalanced parentheses are left to the parser to complain about.
pub fn split_terms(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from;
            let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
            let mut depth = 0_usize;
            let end = rest.bytes().position(|byte| {
                match byte {
                    b'(' => depth += 1,
                    b')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                byte == b'&' && depth == 0
            });
            let term = &rest[..end.unwrap_or(rest.len())];
            from = at + term.len() + 1;
            if !term.is_empty() {
                return Some((at, term));
            }
        }
    })
}

#[cfg(test)]
mod tests;
