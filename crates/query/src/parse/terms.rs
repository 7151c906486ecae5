//! Conditions: terms, groups, calls and comparisons.
//!
//! Recursion is bounded by [`Limits::depth`](super::Limits::depth): every parenthesis goes through [`Parser::open`].

use super::cursor::{Parser, Result};
use super::{ParseError, ParseErrorKind as Kind};
use crate::expr::{Compare, Expr, Op, Operand, Span, Subject};
use crate::suggest::nearest;

/// Parts of RQL that are no conditions, or not built yet, and what to say about them.
const ELSEWHERE: [(&str, &str); 12] = [
    (
        "sort",
        "it is no condition; put it at the top level of a list's query",
    ),
    (
        "select",
        "it is no condition; put it at the top level of a list's query",
    ),
    ("unselect", "it is no condition"),
    ("values", "it is no condition"),
    (
        "limit",
        "it is no condition; put it at the top level of a list's query",
    ),
    ("distinct", "it is no condition"),
    ("aggregate", "it is no condition"),
    ("count", "it is no condition"),
    ("between", "write ge(field,low)&le(field,high)"),
    ("excludes", "write not(contains(field,value))"),
    (
        "match",
        "patterns are not supported here; write contains, starts_with or ends_with",
    ),
    (
        "matches",
        "patterns are not supported here; write contains, starts_with or ends_with",
    ),
];

impl<'t> Parser<'t> {
    /// Everything from the first to the last byte.
    pub(super) fn whole(mut self) -> Result<Expr> {
        self.skip_ampersands();
        let mut joint = None;
        let mut items = Vec::new();
        loop {
            items.push(self.term()?);
            let Some(next) = self.peek() else { break };
            match next {
                b'&' | b'|' => self.joint(&mut joint, next)?,
                b')' => {
                    return Err(self.here(Kind::Unbalanced, "this `)` closes nothing; remove it"));
                }
                _ => return Err(self.stray()),
            }
            if next == b'&' {
                self.skip_ampersands();
                if self.peek().is_none() {
                    break;
                }
            }
        }
        Ok(joined(joint, items))
    }

    /// The terms of a group, up to and with its `)`.
    fn group(&mut self, opened: usize) -> Result<Expr> {
        if self.peek() == Some(b')') {
            return Err(self.error(
                Kind::Empty,
                opened,
                self.at + 1,
                "there is nothing in these parentheses",
            ));
        }
        let mut joint = None;
        let mut items = Vec::new();
        loop {
            items.push(self.term()?);
            match self.peek() {
                Some(next @ (b'&' | b'|')) => self.joint(&mut joint, next)?,
                Some(b')') => break,
                None => return Err(self.unclosed(opened)),
                Some(_) => return Err(self.stray()),
            }
        }
        self.close();
        Ok(joined(joint, items))
    }

    /// Steps over `&` or `|`, and refuses the second kind at one level.
    fn joint(&mut self, joint: &mut Option<u8>, next: u8) -> Result<()> {
        if joint.is_some_and(|j| j != next) {
            return Err(self.here(
                Kind::Mixed,
                "`&` and `|` can't be mixed at one level; put parentheses round one kind: a=1&(b=2|c=3)",
            ));
        }
        *joint = Some(next);
        self.at += 1;
        Ok(())
    }

    fn term(&mut self) -> Result<Expr> {
        let start = self.at;
        if self.peek() == Some(b'(') {
            self.open()?;
            return self.group(start);
        }
        let name = self.name(true);
        match self.peek() {
            Some(b'(') if !name.is_empty() => self.call(name, start),
            Some(b'=' | b'<' | b'>' | b'!' | b'%') => {
                let subject = self.subject(name, start)?;
                self.infix(subject)
            }
            _ if name == "true" || name == "false" => {
                self.count(start)?;
                Ok(Expr::Const(name == "true"))
            }
            _ if name.is_empty() => Err(self.no_term()),
            next => {
                if next.is_some_and(|b| !is_end(b)) {
                    return Err(self.stray());
                }
                let message = format!(
                    "`{name}` alone says nothing; write {name}=value, or {name}!=null if it must be there"
                );
                Err(self.error(Kind::Arguments, start, self.at, message))
            }
        }
    }

    /// `subject operator operand`, behind the subject.
    fn infix(&mut self, subject: Subject) -> Result<Expr> {
        let (op, form) = self.operator()?;
        let operand = self.operand()?;
        let start = subject.span().start;
        self.compare(subject, op, operand, form, start)
    }

    fn operator(&mut self) -> Result<(Op, bool)> {
        let rest = &self.text[self.at..];
        let encoded = rest.get(..3).and_then(|three| match three {
            "%3C" | "%3c" => Some('<'),
            "%3E" | "%3e" => Some('>'),
            _ => None,
        });
        let (first, width) = match encoded {
            Some(sign) => (sign, 3),
            None => (rest.chars().next().unwrap_or(' '), 1),
        };
        let equals = rest[width..].starts_with('=');
        let op = match (first, equals) {
            ('<', true) => Op::Le,
            ('<', false) => Op::Lt,
            ('>', true) => Op::Ge,
            ('>', false) => Op::Gt,
            ('!', true) => Op::Ne,
            ('=', true) => Op::Eq,
            ('=', false) => return self.named_operator(),
            _ => return Err(self.stray()),
        };
        self.at += width + usize::from(equals);
        Ok((op, false))
    }

    /// `=name=`, or a single `=`.
    fn named_operator(&mut self) -> Result<(Op, bool)> {
        let rest = &self.text[self.at + 1..];
        let len = rest
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
            .count();
        if len == 0 || rest.as_bytes().get(len) != Some(&b'=') {
            self.at += 1;
            return Ok((Op::Eq, true));
        }
        let start = self.at + 1;
        let op = self.op_named(&rest[..len], start)?;
        self.at = start + len + 1;
        Ok((op, false))
    }

    fn op_named(&self, name: &str, start: usize) -> Result<Op> {
        if let Some(op) = Op::from_name(name) {
            return Ok(op);
        }
        let end = start + name.len();
        if let Some((_, advice)) = ELSEWHERE.iter().find(|(known, _)| *known == name) {
            let message = format!("`{name}` can't be used here: {advice}");
            return Err(self.error(Kind::Unsupported, start, end, message));
        }
        let known = Op::ALL
            .into_iter()
            .map(Op::name)
            .chain(["and", "or", "not"]);
        let advice = match nearest(name, known) {
            Some(word) => format!("did you mean `{word}`?"),
            None => "known are eq, ne, lt, le, gt, ge, in, out, contains, starts_with, ends_with, eq_ignore_case, and, or, not".to_owned(),
        };
        let message = format!("there is no operator `{name}`; {advice}");
        Err(self.error(Kind::UnknownOperator, start, end, message))
    }

    /// `name(...)`, behind the name.
    fn call(&mut self, name: &'t str, start: usize) -> Result<Expr> {
        match name {
            "and" => self.call_terms(b'&').map(|terms| joined(Some(b'&'), terms)),
            "or" => self.call_terms(b'|').map(|terms| joined(Some(b'|'), terms)),
            // One argument leaves no doubt what a `&` or `|` inside means.
            "not" => {
                let opened = self.at;
                self.open()?;
                self.group(opened).map(|inner| Expr::Not(Box::new(inner)))
            }
            _ => {
                let op = self.op_named(name, start)?;
                self.call_compare(op, start)
            }
        }
    }

    /// Conditions separated by commas, or by the sign that means the same as the call.
    fn call_terms(&mut self, sign: u8) -> Result<Vec<Expr>> {
        let opened = self.at;
        self.open()?;
        let mut terms = Vec::new();
        loop {
            terms.push(self.term()?);
            match self.peek() {
                Some(b')') => break,
                Some(next) if next == b',' || next == sign => self.at += 1,
                Some(b'&' | b'|') => {
                    return Err(
                        self.here(Kind::Mixed, "put parentheses round this: or((a=1&b=2),c=3)")
                    );
                }
                None => return Err(self.unclosed(opened)),
                Some(_) => return Err(self.stray()),
            }
        }
        self.close();
        Ok(terms)
    }

    fn call_compare(&mut self, op: Op, start: usize) -> Result<Expr> {
        let opened = self.at;
        self.open()?;
        let at = self.at;
        let name = self.name(false);
        let wrong = |p: &Self, end| {
            let shape = if op.takes_list() {
                "(field,(value,value))"
            } else {
                "(field,value)"
            };
            p.error(
                Kind::Arguments,
                start,
                end,
                format!("`{op}` takes a field and a value: {op}{shape}"),
            )
        };
        match self.peek() {
            Some(b',') => {}
            Some(b')') => return Err(wrong(self, self.at + 1)),
            None => return Err(self.unclosed(opened)),
            Some(b'(' | b'=' | b'<' | b'>' | b'!') => return Err(wrong(self, self.at)),
            Some(_) => return Err(self.stray()),
        }
        let subject = self.subject(name, at)?;
        self.at += 1;
        let operand = self.operand()?;
        match self.peek() {
            Some(b')') => self.close(),
            Some(b',') => return Err(wrong(self, self.at)),
            None => return Err(self.unclosed(opened)),
            Some(_) => return Err(self.stray()),
        }
        self.compare(subject, op, operand, false, start)
    }

    /// Checks that the operand suits the operator.
    fn compare(
        &mut self,
        subject: Subject,
        op: Op,
        operand: Operand,
        form: bool,
        start: usize,
    ) -> Result<Expr> {
        let span = Span::new(start, self.at);
        self.count(start)?;
        let list = matches!(operand, Operand::List(_));
        let message = if op.takes_list() && matches!(operand, Operand::Literal(_)) {
            format!("`{op}` takes a list in parentheses: {op}(field,(1,2))")
        } else if list && !op.takes_list() && subject.param().is_some() {
            format!("`{op}` compares a parameter with one value; write in($name,(1,2))")
        } else if list && !(op.takes_list() || matches!(op, Op::Eq | Op::Ne | Op::Contains)) {
            format!("`{op}` takes one value, not a list")
        } else {
            return Ok(Expr::Compare(Compare {
                subject,
                op,
                operand,
                form,
                span,
            }));
        };
        Err(ParseError::new(Kind::Arguments, span, message))
    }
}

/// What may follow a whole term.
fn is_end(b: u8) -> bool {
    matches!(b, b'&' | b'|' | b')' | b',')
}

/// A single term stays itself.
fn joined(joint: Option<u8>, mut items: Vec<Expr>) -> Expr {
    match (items.len(), joint) {
        (1, _) => items.pop().unwrap_or(Expr::Const(false)),
        (_, Some(b'|')) => Expr::Or(items),
        _ => Expr::And(items),
    }
}
