//! The canonical text of a tree.

use std::fmt::{self, Write};

use super::build::{Level, unbounded};
use super::tree::Node;
use super::values::{epoch_text, midnight, number_text, special_term};
use super::{Place, Term, What};
use crate::Value;

impl<'t> Term<'t> {
    /// The normal form of a root: an *and* or *or* round a single one of them is that one.
    pub(crate) fn rooted(self) -> Term<'t> {
        let mut term = self;
        while is_group(term) {
            let mut children = term.children();
            match (children.next(), children.next()) {
                (Some(only), None) if is_group(only) => term = only,
                _ => break,
            }
        }
        term
    }
}

pub(super) fn is_group(term: Term<'_>) -> bool {
    matches!(term.name(), Some("and" | "or"))
}

/// Writes a whole query, or a part of one as if it were the whole.
pub(super) fn write(f: &mut impl Write, term: Term<'_>) -> fmt::Result {
    let root = term.rooted();
    let nodes = root.nodes;
    let (start, joined) = match root.name() {
        Some("and") => (1, true),
        _ => (0, false),
    };
    let mut levels: Vec<Level> = Vec::new();
    let mut first = true;
    for at in start..nodes.len() {
        first &= !close(f, &mut levels, at)?;
        if !first {
            f.write_char(if levels.is_empty() && joined {
                '&'
            } else {
                ','
            })?;
        }
        let place = levels.last_mut().map_or(Place::Condition, Level::next);
        let term = Term {
            nodes: &nodes[at..at + nodes[at].size as usize],
        };
        first = open(f, term.node(), place)?;
        if first {
            levels.push(Level::below(term, at, place));
        }
    }
    close(f, &mut levels, nodes.len()).map(drop)
}

/// Ends the calls and arrays that end here; says whether there were any.
fn close(f: &mut impl Write, levels: &mut Vec<Level>, at: usize) -> Result<bool, fmt::Error> {
    let mut any = false;
    while levels.last().is_some_and(|level| level.end <= at) {
        levels.pop();
        f.write_char(')')?;
        any = true;
    }
    Ok(any)
}

/// Writes a leaf, or the beginning of what is none; says which.
fn open(f: &mut impl Write, node: &Node, place: Place) -> Result<bool, fmt::Error> {
    match &node.what {
        What::Call { name, .. } => {
            encode(f, name, true)?;
            f.write_char('(')?;
            return Ok(true);
        }
        What::Array => {
            f.write_char('(')?;
            return Ok(true);
        }
        What::Param(names) => write!(f, "${names}")?,
        What::Undefined => f.write_str("undefined")?,
        What::Unbounded(number) => f.write_str(unbounded(*number))?,
        What::Pattern {
            source,
            ignore_case,
        } => {
            f.write_str(if *ignore_case { "re:" } else { "RE:" })?;
            encode(f, source, true)?;
        }
        What::Value { value, .. } => write_value(f, value, place)?,
    }
    Ok(false)
}

fn write_value(f: &mut impl Write, value: &Value, place: Place) -> fmt::Result {
    match value {
        Value::Text(text) => {
            let other = || {
                let angle = place == Place::Condition && text.contains(['<', '>']);
                text.is_empty() || angle || special_term(text).is_some()
            };
            if !place.is_name() && other() {
                f.write_str("string:")?;
            }
            encode(f, text, true)
        }
        Value::Null => f.write_str("null"),
        Value::Bool(truth) => write!(f, "{truth}"),
        Value::Instant(instant) => write!(f, "epoch:{}", epoch_text(*instant)),
        Value::Date(day) => match midnight(*day) {
            Some(instant) => write!(f, "epoch:{}", epoch_text(instant)),
            None => write!(f, "date:{day}"),
        },
        number => f.write_str(&number_text(number).unwrap_or_default()),
    }
}

/// Percent-encodes all but letters, digits and `- . _ ~ *`; the dot only where it is data.
pub(crate) fn encode(f: &mut impl Write, text: &str, dots: bool) -> fmt::Result {
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~' | b'*')
            || (dots && byte == b'.')
    };
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !plain(byte)) {
        // All before it is ASCII, so it begins a character.
        let (before, from) = rest.split_at(at);
        f.write_str(before)?;
        let width = from.chars().next().map_or(1, char::len_utf8);
        let (odd, behind) = from.split_at(width);
        for byte in odd.bytes() {
            write!(f, "%{byte:02X}")?;
        }
        rest = behind;
    }
    f.write_str(rest)
}

/// As [`encode`], in a text of its own.
pub(super) fn encoded(text: &str, dots: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing to a `String` can't fail.
    let _ = encode(&mut out, text, dots);
    out
}
