//! A query string taken apart: form parameters that have a fixed meaning, and the rest, which is RQL.

use std::fmt::Write;

use larder_query::{ParseError, Span, split_terms};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{bad, refuse};
use crate::error::{Error, Result};

/// Names with a fixed meaning: no search parameter can have them.
const FIXED: [&str; 8] = [
    "sortBy", "sort", "limit", "skip", "fields", "select", "query", "cursor",
];

/// The longest term that a fault is drawn under, in bytes.
const DRAWN: usize = 200;

/// The parts of a query string, the fixed parameters decoded.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The rest, with `&` between.
    pub(super) rql: String,
    /// Places in `rql`, and the same ones in the query string, from each of which on the two run side by side.
    origins: Vec<(usize, usize)>,
    pub(super) sort: Option<String>,
    pub(super) limit: Option<String>,
    pub(super) skip: Option<String>,
    pub(super) fields: Option<String>,
    pub(super) query: Option<String>,
    pub(super) cursor: Option<String>,
}

impl Parts {
    /// Takes a query string apart. What `taken` takes, a name and its text as they stand, is in no part.
    ///
    /// # Errors
    /// `BadRequest` for a parameter that stands twice, or is no UTF-8.
    pub(super) fn split(
        text: &str,
        mut taken: impl FnMut(&str, &str) -> Result<bool>,
    ) -> Result<Self> {
        let mut given = Self {
            rql: String::with_capacity(text.len()),
            ..Self::default()
        };
        for (at, term) in split_terms(text) {
            match term.split_once('=') {
                Some((name, value)) if FIXED.contains(&name) => given.fix(name, value)?,
                Some((name, value)) if taken(name, value)? => {}
                Some((name, value)) if is_form(name, value) => given.keep_form(at, term),
                _ => given.keep(at, term),
            }
        }
        Ok(given)
    }

    fn fix(&mut self, name: &str, value: &str) -> Result<()> {
        let place = match name {
            "sortBy" | "sort" => &mut self.sort,
            "limit" => &mut self.limit,
            "skip" => &mut self.skip,
            "fields" | "select" => &mut self.fields,
            "query" => &mut self.query,
            _ => &mut self.cursor,
        };
        if place.is_some() {
            return Err(refuse(name, format!("`{name}` stands twice")));
        }
        *place = Some(decode(value)?);
        Ok(())
    }

    fn keep(&mut self, at: usize, term: &str) {
        if !self.rql.is_empty() {
            self.rql.push('&');
        }
        self.copy(at, term);
    }

    /// In a form, `name=some+text` has a space; in an operator's text a `+` is itself.
    fn keep_form(&mut self, at: usize, term: &str) {
        let mut pieces = term.split('+');
        let first = pieces.next().unwrap_or_default();
        self.keep(at, first);
        let mut at = at + first.len() + 1;
        for piece in pieces {
            self.rql.push_str("%20");
            self.copy(at, piece);
            at += piece.len() + 1;
        }
    }

    /// Adds what stands at a place of the query string.
    fn copy(&mut self, at: usize, piece: &str) {
        let here = self.rql.len();
        if self.before(here) != at {
            self.origins.push((here, at));
        }
        self.rql.push_str(piece);
    }

    /// What is wrong with the RQL, at its place in the query string, drawn under the term that it is in.
    pub(super) fn fault(&self, text: &str, error: ParseError) -> Error {
        let span = self.origin(error.span);
        let error = ParseError { span, ..error };
        let mut terms = split_terms(text);
        let here = terms.find(|(at, term)| (*at..=at + term.len()).contains(&span.start));
        let Some((at, term)) = here else {
            return bad(error.to_string());
        };
        let mut message = error.to_string();
        if term.len() <= DRAWN {
            let end = span.end.saturating_sub(at).min(term.len());
            let span = Span::new(span.start - at, end);
            let place = ParseError { span, ..error }.place(term);
            message.push('\n');
            message.push_str(&place);
        }
        let name = term.split(['=', '(', '!', '<', '>']).next();
        refuse(name.unwrap_or_default(), message)
    }

    fn origin(&self, span: Span) -> Span {
        let start = self.before(span.start);
        Span::new(start, self.before(span.end).max(start))
    }

    /// Where a place of `rql` is in the query string.
    fn before(&self, at: usize) -> usize {
        let before = self.origins.iter().rev().find(|(own, _)| *own <= at);
        before.map_or(at, |(own, theirs)| theirs + (at - own))
    }
}

/// Whether a term is a form's `name=value`.
fn is_form(name: &str, value: &str) -> bool {
    let plain = |char: char| char.is_alphanumeric() || matches!(char, '_' | '.' | '-' | '%');
    !value.contains('=') && name.chars().all(plain)
}

/// Percent-encoding and `+` for a space, as forms send it.
pub(super) fn decode(text: &str) -> Result<String> {
    percent_encoding::percent_decode_str(&text.replace('+', " "))
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| bad("the query string is not UTF-8"))
}

/// The query string of the page behind one that was found by `text`: the same list, from a cursor on.
///
/// ```
/// use larder_core::next_page;
///
/// assert_eq!(next_page("status=open&limit(10,20)", 10, "c0ffee"), "status=open&limit=10&cursor=c0ffee");
/// ```
pub fn next_page(text: &str, limit: u64, cursor: &str) -> String {
    let place = |term: &str| {
        let name = term.split_once('=').map(|(name, _)| name);
        matches!(name, Some("limit" | "skip" | "cursor")) || term.starts_with("limit(")
    };
    let mut next = String::with_capacity(text.len() + cursor.len() + 32);
    let terms = split_terms(text).map(|(_, term)| term);
    for term in terms.filter(|term| !term.is_empty() && !place(term)) {
        // What would end the link in its header, or can't stand there.
        next.extend(utf8_percent_encode(term, LINK));
        next.push('&');
    }
    // Writing to a String can't fail; a cursor is base64.
    let _ = write!(next, "limit={limit}&cursor={cursor}");
    next
}

/// How long a query string is without what [`next_page`] adds to it, in bytes.
pub(super) fn without_place(text: &str) -> usize {
    let is_place = |term: &&str| term.starts_with("cursor=") || term.starts_with("limit=");
    let own = split_terms(text).map(|(_, term)| term);
    let own = own
        .filter(|term| !is_place(term))
        .map(|term| term.len() + 1);
    own.sum::<usize>().saturating_sub(1)
}

const LINK: &AsciiSet = &CONTROLS.add(b' ').add(b'<').add(b'>').add(b'"');

#[cfg(test)]
mod tests {
    use super::{Parts, next_page};

    #[test]
    fn places_are_those_of_the_query_string() {
        let text = "limit=3&title=a+b+c&sortBy=x&size=gt=1";
        let given = Parts::split(text, |_, _| Ok(false)).unwrap();
        assert_eq!(given.rql, "title=a%20b%20c&size=gt=1");
        for (part, own) in [
            ("title", "title"),
            ("c&", "c&"),
            ("size", "size"),
            ("gt", "gt"),
            ("1", "1"),
        ] {
            let at = given.rql.rfind(own).unwrap();
            let origin = given.origin(larder_query::Span::new(at, at + own.len()));
            assert!(
                text[origin.start..].starts_with(part.trim_end_matches('&')),
                "{part}: {origin:?}"
            );
        }
    }

    #[test]
    fn a_parameter_stands_once() {
        for twice in [
            "limit=1&limit=2",
            "sort=a&sortBy=b",
            "fields=a&select=b",
            "cursor=a&cursor=b",
        ] {
            assert!(Parts::split(twice, |_, _| Ok(false)).is_err(), "{twice}");
        }
    }

    #[test]
    fn the_next_page_is_of_the_same_list() {
        for (text, expected) in [
            ("", "limit=5&cursor=x"),
            (
                "a=1&limit=7&skip=3&cursor=old&b=limit",
                "a=1&b=limit&limit=5&cursor=x",
            ),
            (
                "limit(5,10)&sort(-a)&or(limit=1,b=2)",
                "sort(-a)&or(limit=1,b=2)&limit=5&cursor=x",
            ),
        ] {
            assert_eq!(next_page(text, 5, "x"), expected, "{text}");
        }
    }
}
