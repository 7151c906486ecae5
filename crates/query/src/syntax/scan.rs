//! Reading characters: which byte may stand where, tokens, and percent-encoding.

use super::values::PREFIXES;
use crate::CompactString;

/// May stand in names and in values.
const COMMON: u8 = 1;
/// May stand in values only.
const VALUE: u8 = 2;
/// A slash: separates names, and is data in values.
const SLASH: u8 = 4;
/// Percent-encoding.
const PERCENT: u8 = 8;
/// A colon: may end a prefix.
const COLON: u8 = 16;

const CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | 0x80..
            | b'_'
            | b'-'
            | b'.'
            | b'~'
            | b'*'
            | b'$'
            | b'+' => COMMON,
            b'%' => COMMON | PERCENT,
            b':' => COMMON | COLON,
            b'/' => COMMON | SLASH,
            b'@' | b'\'' | b'?' | b'!' => VALUE,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// A run of text that is a name or a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) start: usize,
    seen: u8,
    /// How many of its bytes may stand in a name.
    pub(super) name_len: usize,
}

impl Token<'_> {
    pub(super) fn end(self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn has_slash(self) -> bool {
        self.seen & SLASH != 0
    }

    pub(super) fn has_percent(self) -> bool {
        self.seen & PERCENT != 0
    }

    pub(super) fn has_colon(self) -> bool {
        self.seen & COLON != 0
    }
}

/// Reads the token at `start`. With `angles`, an encoded angle bracket ends it: an operator is awaited. Behind a prefix such as `string:` none is.
#[inline]
pub(super) fn token(text: &str, start: usize, angles: bool) -> Token<'_> {
    let bytes = text.as_bytes();
    let (mut at, mut seen) = (start, 0);
    let mut name_end = None;
    while let Some(&byte) = bytes.get(at) {
        let class = CLASS[byte as usize];
        if class & COMMON == 0 {
            let data = class == VALUE && !(byte == b'!' && bytes.get(at + 1) == Some(&b'='));
            if !data {
                break;
            }
            name_end.get_or_insert(at);
        } else if angles && byte == b'%' && is_angle(&bytes[at..]) && !has_prefix(&text[start..at])
        {
            break;
        }
        seen |= class;
        at += 1;
    }
    Token {
        // Tokens end at ASCII characters or at the end.
        text: &text[start..at],
        start,
        seen,
        name_len: name_end.unwrap_or(at) - start,
    }
}

fn has_prefix(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(prefix, _)| PREFIXES.contains(&prefix))
}

/// The token that a part of the text is, when it is known to be one.
pub(super) fn token_of(text: &str, start: usize, end: usize) -> Token<'_> {
    let text = &text[start..end];
    Token {
        text,
        start,
        seen: text
            .bytes()
            .fold(0, |seen, byte| seen | CLASS[byte as usize]),
        name_len: text.len(),
    }
}

/// `%3C` or `%3E`.
pub(super) fn is_angle(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', b'3', b'C' | b'c' | b'E' | b'e', ..])
}

/// What is wrong with percent-encoded text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Undecodable {
    /// The percent sign at this byte encodes nothing.
    Percent(usize),
    /// The bytes are no text.
    Utf8,
}

/// Decodes percent-encoded text.
#[inline]
pub(super) fn decoded(text: &str) -> Result<CompactString, Undecodable> {
    if !text.contains('%') {
        return Ok(CompactString::from(text));
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'%' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        let digit = |at: usize| {
            bytes
                .get(at)
                .and_then(|byte| char::from(*byte).to_digit(16))
        };
        let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
            return Err(Undecodable::Percent(at));
        };
        // Two hexadecimal digits fit a byte.
        out.push((high * 16 + low) as u8);
        at += 3;
    }
    CompactString::from_utf8(out).map_err(|_| Undecodable::Utf8)
}

/// Decodes text that this crate has encoded.
pub(crate) fn decoded_lossy(text: &str) -> CompactString {
    decoded(text).unwrap_or_else(|_| text.into())
}
