//! Names and values: what a token becomes.

use super::parser::{Parser, Result};
use super::scan::{Token, decoded, token_of};
use super::tree::Node;
use super::values::{self, PREFIXES, special_term};
use super::{ParseErrorKind as Kind, Place, What};
use crate::suggest::nearest;
use crate::{CompactString, Value};

impl<'t> Parser<'t> {
    /// Adds what a token is at its place.
    #[inline]
    pub(super) fn leaf(&mut self, token: Token<'t>, place: Place) -> Result<()> {
        if token.text.as_bytes().first() == Some(&b'$') {
            return self.param(token);
        }
        match place {
            Place::Name | Place::Result => self.name(token),
            Place::Step => {
                let text = self.decoded_text(token)?;
                self.add(name_of(text), token);
                Ok(())
            }
            Place::First if token.has_slash() && !token.has_colon() => self.path(token, &['/']),
            Place::Condition | Place::Value | Place::First | Place::Operand => self.value(token),
        }
    }

    /// A field's name, or a path.
    #[inline]
    pub(super) fn name(&mut self, token: Token<'t>) -> Result<()> {
        if token.text.as_bytes().first() == Some(&b'$') {
            return self.param(token);
        }
        if token.has_slash() || (token.has_percent() && has_encoded_dot(token.text)) {
            return self.path(token, &['/', '.']);
        }
        let text = self.decoded_text(token)?;
        self.add(name_of(text), token);
        Ok(())
    }

    /// A token's text, decoded.
    #[inline]
    fn decoded_text(&self, token: Token<'t>) -> Result<CompactString> {
        if token.has_percent() {
            self.decode(token.text, token.start)
        } else {
            Ok(token.text.into())
        }
    }

    fn path(&mut self, token: Token<'t>, signs: &[char]) -> Result<()> {
        let array = self.nodes.len();
        self.add(What::Array, token);
        let (mut start, mut count) = (token.start, 0);
        for step in token.text.split(signs) {
            count += 1;
            if count > self.limits.list {
                return Err(self.error(
                    Kind::TooManyItems,
                    token.start,
                    token.end(),
                    "this path has too many names",
                ));
            }
            let end = start + step.len();
            let text = self.decode(step, start)?;
            self.add(name_of(text), token_of(self.text, start, end));
            start = end + 1;
        }
        self.nodes[array].size = (self.nodes.len() - array) as u32;
        Ok(())
    }

    /// Splits and decodes a parameter; its text begins with `$`.
    fn param(&mut self, token: Token<'t>) -> Result<()> {
        let text = token.text;
        let mut names = String::with_capacity(text.len());
        let mut start = token.start + 1;
        for step in text[1..].split('.') {
            let plain = step.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || b"_-%~*".contains(&byte) || byte >= 0x80
            });
            if step.is_empty() || !plain {
                let message = format!(
                    "`{text}` is no parameter; write $name or $actor.id, or %24 for a dollar sign"
                );
                return Err(self.error(Kind::Param, token.start, token.end(), message));
            }
            if !names.is_empty() {
                names.push('.');
            }
            let name = self.decode(step, start)?;
            names.push_str(&super::print::encoded(&name, false));
            start += step.len() + 1;
        }
        self.add(What::Param(names.into()), token);
        Ok(())
    }

    #[inline]
    fn value(&mut self, token: Token<'t>) -> Result<()> {
        let what = self.converted(token)?;
        self.add(what, token);
        Ok(())
    }

    /// What a token is as a value.
    #[inline]
    pub(super) fn converted(&self, token: Token<'t>) -> Result<What> {
        let text = token.text;
        // The prefix is looked for before decoding: an encoded colon is always data.
        if token.has_colon()
            && let Some((prefix, rest)) = text.split_once(':')
            && is_identifier(prefix)
        {
            return self.prefixed(prefix, rest, token);
        }
        if token.has_percent() {
            return Ok(automatic(self.decode(text, token.start)?));
        }
        Ok(special_term(text).unwrap_or_else(|| text_of(text.into(), false)))
    }

    fn prefixed(&self, prefix: &str, rest: &str, token: Token<'t>) -> Result<What> {
        let text = self.decode(rest, token.start + prefix.len() + 1)?;
        let source = match prefix {
            "string" => return Ok(text_of(text, true)),
            "auto" => return Ok(automatic(text)),
            "re" | "RE" => text,
            "glob" => values::glob(&text).into(),
            known if PREFIXES.contains(&known) => {
                let value = values::by_prefix(prefix, &text).map_err(|message| {
                    self.error(Kind::Value, token.start, token.end(), message)
                })?;
                return Ok(match value {
                    Value::F64(number) if !number.is_finite() => What::Unbounded(number),
                    value => What::Value { value, typed: true },
                });
            }
            _ => return Err(self.bad_prefix(prefix, token.start)),
        };
        Ok(What::Pattern {
            source,
            ignore_case: prefix != "RE",
        })
    }

    fn bad_prefix(&self, prefix: &str, start: usize) -> super::ParseError {
        let end = start + prefix.len() + 1;
        let advice = match nearest(prefix, PREFIXES) {
            Some(known) => format!("did you mean `{known}:`? "),
            None => String::new(),
        };
        let message = format!(
            "there is no prefix `{prefix}:`; {advice}If the colon is part of the value, write %3A or put `string:` before it"
        );
        self.error(Kind::Value, start, end, message)
    }

    /// What was read as a name turns out to be a value: the only argument of a comparison.
    pub(super) fn read_as_value(&mut self, at: usize) -> Result<()> {
        let node = &self.nodes[at];
        let (start, end) = (node.start as usize, node.end as usize);
        match node.what {
            What::Call { .. } | What::Param(_) => Ok(()),
            What::Array if self.text.as_bytes().get(start) == Some(&b'(') => {
                self.each_leaf(at, |parser, token| parser.converted(token))
            }
            // A path that was written with slashes: they are data now.
            _ => {
                let token = token_of(self.text, start, end);
                self.nodes.truncate(at);
                self.value(token)
            }
        }
    }

    /// An array in parentheses turns out to be a path: its members are names.
    pub(super) fn read_as_names(&mut self, at: usize) -> Result<()> {
        self.each_leaf(at, |parser, token| {
            Ok(name_of(parser.decode(token.text, token.start)?))
        })
    }

    /// Reads the leaves of an array anew, but not those of calls in it.
    fn each_leaf(
        &mut self,
        at: usize,
        read: impl Fn(&Self, Token<'t>) -> Result<What>,
    ) -> Result<()> {
        let mut at = at;
        while let Some(node) = self.nodes.get(at) {
            let here = at;
            at += 1;
            match node.what {
                What::Call { .. } => at = here + node.size as usize,
                What::Array | What::Param(_) => {}
                _ => {
                    let token = token_of(self.text, node.start as usize, node.end as usize);
                    self.nodes[here].what = read(self, token)?;
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn add(&mut self, what: What, token: Token<'t>) {
        self.nodes.push(Node {
            what,
            size: 1,
            start: token.start as u32,
            end: token.end() as u32,
            name_at: token.start as u32,
        });
    }

    #[inline]
    pub(super) fn decode(&self, text: &str, start: usize) -> Result<CompactString> {
        decoded(text).map_err(|fault| self.undecodable(fault, start, text.len()))
    }
}

fn automatic(text: CompactString) -> What {
    special_term(&text).unwrap_or_else(|| text_of(text, false))
}

fn text_of(text: CompactString, typed: bool) -> What {
    What::Value {
        value: Value::Text(text),
        typed,
    }
}

fn name_of(text: CompactString) -> What {
    text_of(text, false)
}

fn has_encoded_dot(text: &str) -> bool {
    text.contains("%2E") || text.contains("%2e")
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
