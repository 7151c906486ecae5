//! From query text to the tree, in one pass over the bytes.
//!
//! # What is understood
//!
//! ```text
//! query   = terms
//! terms   = term *("&" term)  /  term *("|" term)        never both at one level
//! term    = "(" terms ")" / "true" / "false" / call / subject operator operand
//! call    = "and(" terms... ")" / "or(" terms... ")" / "not(" terms ")" / name "(" subject "," operand ")"
//! operator= "=" / "==" / "!=" / "<" / "<=" / ">" / ">=" / "=" name "="   (also %3C and %3E)
//! subject = path / parameter
//! operand = "(" operand, ... ")" / parameter / [prefix ":"] text
//! parameter = "$" name *("." name)
//! path    = name *("." name) / name *("/" name)
//! ```
//!
//! # Choices
//! - Mixing `&` and `|` at one level is an error that says where to put parentheses. Upstream refuses it
//!   too, FIQL and others disagree on which binds tighter, and in a rule a wrong guess opens a record.
//! - At the top level `&` may be doubled, leading or trailing, as in hand-made URLs.
//! - A comma joins nothing at the top level or in a group: FIQL reads it as *or*, upstream as *and*.
//! - `+` is a plus sign. An encoded `<` or `>` is an operator only where one is still awaited.
//! - A slash is a path separator on the left and data on the right.
//! - Text is converted after percent-decoding: `true`, `false` and `null` are themselves, a number is one only
//!   if printing it gives back the same text (`7`, `1e+21`, but not `007`, `1.0`, `+5`), a full UTC instant
//!   is an instant, the rest is text. Prefixes: `auto string number boolean date isodate epoch`.

mod cursor;
mod error;
mod operand;
mod terms;
pub(crate) mod values;

pub use error::{ParseError, ParseErrorKind};

use crate::expr::{Expr, Span};

/// How big a query may be. Every limit is checked before the work it bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text.
    pub text: usize,
    /// Parentheses and calls inside each other.
    pub depth: usize,
    /// Comparisons and constants.
    pub terms: usize,
    /// Members of one list; also the names of one path.
    pub list: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            text: 4096,
            depth: 16,
            terms: 256,
            list: 256,
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
    if text.len() > limits.text {
        let message = format!(
            "this query has {} bytes; the limit is {}",
            text.len(),
            limits.text
        );
        return Err(ParseError::new(
            ParseErrorKind::TooLong,
            Span::new(0, text.len()),
            message,
        ));
    }
    if is_empty(text) {
        return Err(ParseError::new(
            ParseErrorKind::Empty,
            Span::new(0, text.len()),
            "an empty condition; write `true` if everything is meant",
        ));
    }
    cursor::Parser::new(text, limits).whole()
}

/// Parses the text of a rule, where empty text must not mean "everything". The same as [`parse`].
///
/// # Errors
/// See [`parse`].
pub fn parse_rule(text: &str) -> Result<Expr, ParseError> {
    parse(text)
}

/// Parses a client's query, where empty text and `()` mean "everything".
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
    let mut depth = 0_usize;
    let mut start = 0;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '&' && depth == 0
    })
    .map(move |part| {
        let at = start;
        start += part.len() + 1;
        (at, part)
    })
    .filter(|(_, part)| !part.is_empty())
}

#[cfg(test)]
mod tests;
