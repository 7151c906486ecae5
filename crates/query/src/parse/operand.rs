//! The right-hand side of a comparison: literals, parameters (which may stand on the left, too) and lists.

use super::cursor::{Parser, Result};
use super::values::{self, PREFIXES};
use super::{ParseError, ParseErrorKind as Kind};
use crate::expr::{Literal, Operand, Param, Span};
use crate::suggest::nearest;

impl Parser<'_> {
    pub(super) fn operand(&mut self) -> Result<Operand> {
        match self.peek() {
            Some(b'(') => self.list(),
            Some(b'$') => {
                let start = self.at;
                let text = self.value_text();
                self.param(text, start).map(Operand::Param)
            }
            _ => self.literal().map(Operand::Literal),
        }
    }

    fn list(&mut self) -> Result<Operand> {
        let opened = self.at;
        self.open()?;
        let mut items = Vec::new();
        if self.peek() == Some(b')') {
            self.close();
            return Ok(Operand::List(items));
        }
        loop {
            if items.len() == self.limits.list {
                let message = format!("this list has more than {} members", self.limits.list);
                return Err(self.error(Kind::TooManyItems, opened, self.at, message));
            }
            items.push(self.operand()?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b')') => break,
                None => return Err(self.unclosed(opened)),
                Some(_) => return Err(self.stray()),
            }
        }
        self.close();
        Ok(Operand::List(items))
    }

    /// Splits and decodes a parameter, on either side of an operator; `text` begins with its `$`.
    pub(super) fn param(&self, text: &str, start: usize) -> Result<Param> {
        let end = start + text.len();
        let mut steps = Vec::new();
        let mut at = start + 1;
        for step in text[1..].split('.') {
            let plain = step
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-%~*".contains(&b) || b >= 0x80);
            if step.is_empty() || !plain {
                let message = format!(
                    "`{text}` is no parameter; write $name or $actor.id, or %24 for a dollar sign"
                );
                return Err(self.error(Kind::Param, start, end, message));
            }
            steps.push(self.decode(step, at)?);
            at += step.len() + 1;
        }
        Ok(Param {
            steps,
            span: Span::new(start, end),
        })
    }

    fn literal(&mut self) -> Result<Literal> {
        let start = self.at;
        let text = self.value_text();
        let span = Span::new(start, self.at);
        // The prefix is looked for before decoding: an encoded colon is always data.
        let Some((prefix, rest)) = text.split_once(':').filter(|(p, _)| is_identifier(p)) else {
            let raw = self.decode(text, start)?;
            return Ok(Literal {
                value: values::automatic(&raw),
                raw,
                typed: false,
                span,
            });
        };
        if !PREFIXES.contains(&prefix) {
            return Err(self.bad_prefix(prefix, start));
        }
        let raw = self.decode(rest, start + prefix.len() + 1)?;
        let value = values::by_prefix(prefix, &raw)
            .map_err(|message| ParseError::new(Kind::Value, span, message))?;
        Ok(Literal {
            value,
            raw,
            typed: prefix != "auto",
            span,
        })
    }

    fn bad_prefix(&self, prefix: &str, start: usize) -> ParseError {
        let end = start + prefix.len() + 1;
        if matches!(prefix, "re" | "RE" | "glob") {
            let message = format!(
                "patterns (`{prefix}:`) are not supported here; write contains, starts_with or ends_with"
            );
            return self.error(Kind::Unsupported, start, end, message);
        }
        let advice = match nearest(prefix, PREFIXES) {
            Some(known) => format!("did you mean `{known}:`? "),
            None => String::new(),
        };
        let message = format!(
            "there is no prefix `{prefix}:`; {advice}If the colon is part of the value, write %3A or put `string:` before it"
        );
        self.error(Kind::Value, start, end, message)
    }
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
