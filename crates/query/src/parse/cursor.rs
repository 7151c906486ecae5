//! The parser's place in the text: reading names and values, counting against the limits, complaining.

use super::{Limits, ParseError, ParseErrorKind as Kind};
use crate::expr::{Path, Span, Subject};

pub(super) type Result<T> = std::result::Result<T, ParseError>;

/// A text being parsed. Conditions are in `terms.rs`, right-hand sides in `operand.rs`.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) limits: &'t Limits,
    depth: usize,
    terms: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, limits: &'t Limits) -> Parser<'t> {
        Parser {
            text,
            at: 0,
            depth: 0,
            terms: 0,
            limits,
        }
    }

    /// Splits and decodes a left-hand side that was read by [`Parser::name`].
    pub(super) fn subject(&self, text: &str, start: usize) -> Result<Subject> {
        if text.starts_with('$') {
            self.param(text, start).map(Subject::Param)
        } else {
            self.path(text, start).map(Subject::Path)
        }
    }

    /// Splits and decodes a path that was read by [`Parser::name`].
    fn path(&self, text: &str, start: usize) -> Result<Path> {
        let end = start + text.len();
        if text.is_empty() {
            return Err(self.error(
                Kind::Path,
                start,
                end,
                "a field's name is missing before this operator",
            ));
        }
        let mut steps = Vec::new();
        let mut at = start;
        for step in text.split(['.', '/']) {
            if step.is_empty() {
                return Err(self.error(
                    Kind::Path,
                    at,
                    at,
                    "a name is missing in this path; write author.name",
                ));
            }
            if steps.len() == self.limits.list {
                return Err(self.error(
                    Kind::TooManyItems,
                    start,
                    end,
                    "this path has too many names",
                ));
            }
            steps.push(self.decode(step, at)?);
            at += step.len() + 1;
        }
        Ok(Path {
            steps,
            span: Span::new(start, end),
        })
    }

    pub(super) fn decode(&self, text: &str, start: usize) -> Result<String> {
        if !text.contains('%') {
            return Ok(text.to_owned());
        }
        let bytes = text.as_bytes();
        let mut out = Vec::with_capacity(bytes.len());
        let mut i = 0;
        while i < bytes.len() {
            if bytes[i] != b'%' {
                out.push(bytes[i]);
                i += 1;
                continue;
            }
            let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
            let (Some(high), Some(low)) = (digit(i + 1), digit(i + 2)) else {
                return Err(self.error(
                    Kind::Encoding,
                    start + i,
                    start + i + 1,
                    "this `%` encodes nothing; write %25 for a percent sign",
                ));
            };
            // Two hexadecimal digits fit a byte.
            out.push((high * 16 + low) as u8);
            i += 3;
        }
        String::from_utf8(out).map_err(|_| {
            self.error(
                Kind::Encoding,
                start,
                start + text.len(),
                "the encoded bytes are not UTF-8 text",
            )
        })
    }

    /// Reads a name or path; where an operator is awaited, an encoded angle bracket ends it.
    pub(super) fn name(&mut self, operator_follows: bool) -> &'t str {
        let start = self.at;
        while let Some(b) = self.peek() {
            let angle = operator_follows && b == b'%' && self.angle_here();
            if angle || !(is_common(b) || b == b'/') {
                break;
            }
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn angle_here(&self) -> bool {
        let next = self.text.as_bytes().get(self.at + 1..self.at + 3);
        next.is_some_and(|two| matches!(two, b"3C" | b"3c" | b"3E" | b"3e"))
    }

    /// Reads one undecoded value.
    pub(super) fn value_text(&mut self) -> &'t str {
        let start = self.at;
        while let Some(b) = self.peek() {
            let bang = b == b'!' && self.text.as_bytes().get(self.at + 1) != Some(&b'=');
            if !(is_common(b) || b"/@'?".contains(&b) || bang) {
                break;
            }
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn skip_ampersands(&mut self) {
        while self.peek() == Some(b'&') {
            self.at += 1;
        }
    }

    /// Steps over a `(` and counts it.
    pub(super) fn open(&mut self) -> Result<()> {
        if self.depth == self.limits.depth {
            let message = format!("parentheses go deeper than {} levels", self.limits.depth);
            return Err(self.here(Kind::TooDeep, message));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Steps over a `)` that the caller has seen.
    pub(super) fn close(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    pub(super) fn count(&mut self, start: usize) -> Result<()> {
        self.terms += 1;
        if self.terms > self.limits.terms {
            let message = format!("there are more than {} conditions", self.limits.terms);
            return Err(self.error(Kind::TooManyTerms, start, self.at, message));
        }
        Ok(())
    }

    pub(super) fn error(
        &self,
        kind: Kind,
        start: usize,
        end: usize,
        message: impl Into<String>,
    ) -> ParseError {
        ParseError::new(kind, Span::new(start, end.min(self.text.len())), message)
    }

    /// An error about the character here.
    pub(super) fn here(&self, kind: Kind, message: impl Into<String>) -> ParseError {
        let width = self.text[self.at..]
            .chars()
            .next()
            .map_or(0, char::len_utf8);
        self.error(kind, self.at, self.at + width, message)
    }

    pub(super) fn unclosed(&self, opened: usize) -> ParseError {
        self.error(
            Kind::Unbalanced,
            opened,
            opened + 1,
            "this `(` is never closed; add `)`",
        )
    }

    pub(super) fn no_term(&self) -> ParseError {
        match self.peek() {
            None => self.here(Kind::Unexpected, "a condition is missing at the end"),
            Some(b'&' | b'|' | b',' | b')') => {
                self.here(Kind::Unexpected, "a condition is missing before this")
            }
            Some(_) => self.stray(),
        }
    }

    /// The character here fits nothing.
    pub(super) fn stray(&self) -> ParseError {
        let c = self.text[self.at..].chars().next().unwrap_or(' ');
        let message = match c {
            ',' => "a comma joins nothing here; write `&` for and, `|` for or".to_owned(),
            '(' => "a `(` can't stand here; join conditions with `&` or `|`".to_owned(),
            '=' | '<' | '>' | '!' => format!(
                "a comparison has one operator; if this `{c}` is part of the value, write %{:02X}",
                u32::from(c)
            ),
            ';' => "write `&` instead of `;`, or %3B if it is part of a value".to_owned(),
            ' ' => self.spaced(),
            '&' | '|' => format!("`{c}` can't stand here; put parentheses round conditions"),
            c if c.is_ascii() => format!(
                "`{}` can't stand here; if it is part of a value, write %{:02X}",
                c.escape_default(),
                u32::from(c)
            ),
            c => format!("`{c}` can't stand here"),
        };
        self.here(Kind::Unexpected, message)
    }
}

impl Parser<'_> {
    /// What to say of the space here: mostly the text without those that only keep things apart.
    fn spaced(&self) -> String {
        let plain = "no spaces are allowed; write %20 inside a value";
        let rest = self.text[self.at..].trim_start();
        let word = rest.split(' ').next().unwrap_or_default();
        match word.to_ascii_lowercase().as_str() {
            "and" => return format!("{plain}, and `&` for `{word}`"),
            "or" => return format!("{plain}, and `|` for `{word}`"),
            _ => {}
        }
        let apart = tightened(self.text);
        if self.text.len() > SHOWN || apart.contains(' ') || apart.is_empty() {
            return plain.to_owned();
        }
        format!("no spaces are allowed round an operator; write `{apart}`")
    }
}

/// A text that is longer is not repeated in a message.
const SHOWN: usize = 200;

/// The text without the spaces at its ends and beside signs: those of `a = 1 & b = 2`, not the one of `a=x y`.
fn tightened(text: &str) -> String {
    let is_sign = |c: char| "=<>!&|(),".contains(c);
    let mut out = String::with_capacity(text.len());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let joins = out.ends_with(is_sign) || word.starts_with(is_sign);
        if !(out.is_empty() || joins) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// What stands both in names and in values, undecoded. Text beyond ASCII is welcome raw.
fn is_common(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_-.~*$:+%".contains(&b) || b >= 0x80
}
