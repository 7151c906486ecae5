//! What the parser says when text is no query.

use super::parser::Parser;
use super::scan::Undecodable;
use super::{ParseError, ParseErrorKind as Kind};
use crate::expr::Span;

#[cold]
fn mistake(kind: Kind, span: Span, message: String) -> ParseError {
    ParseError::new(kind, span, message)
}

impl Parser<'_> {
    pub(super) fn error(
        &self,
        kind: Kind,
        start: usize,
        end: usize,
        message: impl Into<String>,
    ) -> ParseError {
        mistake(
            kind,
            Span::new(start, end.min(self.text.len())),
            message.into(),
        )
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

    pub(super) fn too_many(&self, opened: usize) -> ParseError {
        let message = format!("this list has more than {} members", self.limits.list);
        self.error(Kind::TooManyItems, opened, self.at, message)
    }

    pub(super) fn undecodable(&self, fault: Undecodable, start: usize, len: usize) -> ParseError {
        match fault {
            Undecodable::Percent(at) => self.error(
                Kind::Encoding,
                start + at,
                start + at + 1,
                "this `%` encodes nothing; write %25 for a percent sign",
            ),
            Undecodable::Utf8 => self.error(
                Kind::Encoding,
                start,
                start + len,
                "the encoded bytes are not UTF-8 text",
            ),
        }
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

    /// A call in front of an operator.
    pub(super) fn compared_call(&self, start: usize) -> ParseError {
        let what = &self.text[start..self.at];
        let what = if what.len() > 40 { "this" } else { what };
        self.here(
            Kind::Unexpected,
            format!("only a field can be compared, and `{what}` is a condition or a result; use & or | between conditions"),
        )
    }

    /// The character here fits nothing.
    pub(super) fn stray(&self) -> ParseError {
        let c = self.text[self.at..].chars().next().unwrap_or(' ');
        let message = match c {
            ',' => "a comma joins nothing here; write `&` for and, `|` for or, and `%2C` for a comma in a value".to_owned(),
            '(' => "a `(` can't stand here; join conditions with `&` or `|`".to_owned(),
            '!' if self.begins_term() => NEGATED.to_owned(),
            '=' | '<' | '>' | '!' => format!(
                "a comparison has one operator; if this `{c}` is part of the value, write %{:02X}",
                u32::from(c)
            ),
            ';' => "write `&` instead of `;`, or %3B if it is part of a value".to_owned(),
            ' ' => self.spaced(),
            '&' | '|' => format!("`{c}` can't stand here; put parentheses round conditions"),
            c if c.is_alphanumeric() => format!("`&` or `|` is missing before this `{c}`"),
            c if c.is_ascii() => format!(
                "`{}` can't stand here; if it is part of a value, write %{:02X}",
                c.escape_default(),
                u32::from(c)
            ),
            c => format!("`{c}` can't stand here"),
        };
        self.here(Kind::Unexpected, message)
    }

    /// Whether a condition begins here.
    fn begins_term(&self) -> bool {
        matches!(
            self.text.as_bytes().get(..self.at).and_then(<[u8]>::last),
            None | Some(b'&' | b'|' | b'(' | b',')
        )
    }

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

/// What to say of a `!` in front of a condition.
pub(crate) const NEGATED: &str = "a `!` in front negates nothing: write `not(..)` round the condition, such as not(title=a), or title!=a; a field of \
     true and false is title=false";

/// A text that is longer is not repeated in a message.
const SHOWN: usize = 200;

/// The text without the spaces at its ends and beside signs: those of `a = 1 & b = 2`, not the one of `a=x y`. Values lose the quotes
/// that they have in other languages.
fn tightened(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in unquoted(text).split(' ').filter(|word| !word.is_empty()) {
        let joins = out.ends_with(is_sign) || word.starts_with(is_sign);
        if !(out.is_empty() || joins) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn is_sign(c: char) -> bool {
    "=<>!&|(),".contains(c)
}

/// The text with plain words in place of those in quotes that stand as a value.
fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '"']) {
        let (before, quoted) = rest.split_at(at);
        out.push_str(before);
        let end = quoted[1..].find(&quoted[..1]).map(|end| end + 1);
        let is_value = out.trim_end().ends_with(is_sign);
        let plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
        match end {
            Some(end) if is_value && end > 1 && quoted[1..end].chars().all(plain) => {
                out.push_str(&quoted[1..end].replace(' ', "%20"));
                rest = &quoted[end + 1..];
            }
            _ => {
                out.push_str(&quoted[..1]);
                rest = &quoted[1..];
            }
        }
    }
    out.push_str(rest);
    out
}
