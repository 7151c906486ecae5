//! The parser: one pass over the bytes, nodes written in the order in which they are met.
//!
//! It recurses once for each parenthesis, and no deeper than [`Limits::depth`] and [`DEEPEST`] allow.

use super::scan::{Token, is_angle, token};
use super::tree::Node;
use super::{ParseError, ParseErrorKind as Kind, Place, Shape, Tree, What};
use crate::CompactString;
use crate::parse::Limits;

pub(super) type Result<T> = std::result::Result<T, ParseError>;

/// The deepest nesting whatever the limits say: some tens of kilobytes of stack.
pub(crate) const DEEPEST: usize = 128;

/// Reads a whole query.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<Tree> {
    let longest = limits.text.min(u32::MAX as usize);
    if text.len() > longest {
        let message = format!(
            "this query has {} bytes; the limit is {longest}",
            text.len()
        );
        let span = crate::Span::new(0, text.len());
        return Err(ParseError::new(Kind::TooLong, span, message));
    }
    Parser {
        text,
        at: 0,
        // About as many as such texts need; more only costs a second allocation.
        nodes: Vec::with_capacity((text.len() / 4 + 4).min(1024)),
        limits,
        depth: 0,
        terms: 0,
    }
    .whole()
}

/// A text being read.
#[derive(Debug)]
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) limits: &'t Limits,
    depth: usize,
    terms: usize,
}

impl<'t> Parser<'t> {
    fn whole(mut self) -> Result<Tree> {
        self.begin("and", 0, false);
        let mut joint = None;
        self.skip_ampersands();
        while self.at < self.text.len() {
            self.term(Place::Condition, false)?;
            match self.peek() {
                None => break,
                Some(sign @ (b'&' | b'|')) => self.join(&mut joint, sign)?,
                Some(b')') => {
                    return Err(self.here(Kind::Unbalanced, "this `)` closes nothing; remove it"));
                }
                Some(_) => return Err(self.stray()),
            }
            if joint == Some(b'&') {
                self.skip_ampersands();
            } else if self.at == self.text.len() {
                return Err(self.no_term());
            }
        }
        if joint == Some(b'|') {
            self.nodes[0].what = call("or", false);
        }
        self.finish(0);
        self.unwrap_root();
        Ok(Tree { nodes: self.nodes })
    }

    /// A root *and* round a single group is that group.
    fn unwrap_root(&mut self) {
        let is_group =
            |what: &What| matches!(what, What::Call { name, .. } if name == "and" || name == "or");
        while let [root, only, ..] = self.nodes.as_slice()
            && only.size + 1 == root.size
            && is_group(&only.what)
        {
            self.nodes.remove(0);
        }
    }

    /// One term. `empty` says whether nothing at all is one, too: the empty text.
    fn term(&mut self, place: Place, empty: bool) -> Result<()> {
        if self.peek() == Some(b'(') {
            return self.parenthesis(place);
        }
        let token = token(self.text, self.at, place == Place::Condition);
        self.at = token.end();
        match self.peek() {
            Some(b'(') if !token.text.is_empty() => self.call(token),
            Some(b'=' | b'<' | b'>' | b'!' | b'%') => self.comparison(token, place),
            _ if token.text.is_empty() && !empty => Err(self.no_term()),
            next => {
                if next.is_some_and(|byte| !matches!(byte, b'&' | b'|' | b',' | b')')) {
                    return Err(self.stray());
                }
                if place == Place::Condition {
                    self.count(token.start)?;
                }
                self.leaf(token, place)
            }
        }
    }

    /// `name operator operand`, behind the name.
    fn comparison(&mut self, name: Token<'t>, place: Place) -> Result<()> {
        if place == Place::Operand {
            return Err(self.stray());
        }
        if name.name_len < name.text.len() {
            self.at = name.start + name.name_len;
            return Err(self.stray());
        }
        if name.text.is_empty() {
            return Err(self.error(
                Kind::Path,
                name.start,
                name.start,
                "a field's name is missing before this operator",
            ));
        }
        let at = self.begin("", name.start, false);
        self.name(name)?;
        self.operation(at, place)
    }

    /// Operator and operand of the comparison whose node is at `at`.
    fn operation(&mut self, at: usize, place: Place) -> Result<()> {
        self.operator(at)?;
        if self.peek() == Some(b'(') {
            self.parenthesis(Place::Operand)?;
        } else {
            let token = token(self.text, self.at, false);
            self.at = token.end();
            if place == Place::Result && self.peek() == Some(b'(') && !token.text.is_empty() {
                self.call(token)?;
            } else {
                self.leaf(token, Place::Operand)?;
            }
        }
        self.finish(at);
        self.count(self.nodes[at].start as usize)
    }

    fn operator(&mut self, node: usize) -> Result<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let (name, width, form) = match rest {
            [b'=', b'=', ..] => ("eq", 2, false),
            [b'=', ..] => return self.named_operator(node),
            [b'!', b'=', ..] => ("ne", 2, false),
            [b'<', b'=', ..] => ("le", 2, false),
            [b'<', ..] => ("lt", 1, false),
            [b'>', b'=', ..] => ("ge", 2, false),
            [b'>', ..] => ("gt", 1, false),
            [b'%', b'3', letter, behind @ ..] if is_angle(rest) => {
                let less = matches!(letter, b'C' | b'c');
                match (less, behind.first() == Some(&b'=')) {
                    (true, true) => ("le", 4, false),
                    (true, false) => ("lt", 3, false),
                    (false, true) => ("ge", 4, false),
                    (false, false) => ("gt", 3, false),
                }
            }
            _ => return Err(self.stray()),
        };
        self.set(node, name, form);
        self.at += width;
        Ok(())
    }

    /// `=name=`, or a single `=`.
    fn named_operator(&mut self, node: usize) -> Result<()> {
        let rest = &self.text[self.at + 1..];
        let len = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        if len == 0 || rest.as_bytes().get(len) != Some(&b'=') {
            self.set(node, "eq", true);
            self.at += 1;
            return Ok(());
        }
        self.at += 1;
        self.set(node, &rest[..len], false);
        self.at += len + 1;
        Ok(())
    }

    fn set(&mut self, node: usize, name: &str, form: bool) {
        self.nodes[node].what = call(name, form);
        self.nodes[node].name_at = self.at as u32;
    }

    /// `name(arguments)`, behind the name.
    fn call(&mut self, token: Token<'t>) -> Result<()> {
        if let Some(odd) = token
            .text
            .bytes()
            .position(|byte| b":/$+@'?!".contains(&byte))
        {
            // A prefix says that the parenthesis was meant as text.
            if token.text.as_bytes()[odd] == b':' {
                let message = "a `(` can't stand here; if it is part of the value, write %28";
                return Err(self.here(Kind::Unexpected, message));
            }
            self.at = token.start + odd;
            return Err(self.stray());
        }
        let name = self.decode(token.text, token.start)?;
        let sign = match name.as_str() {
            "and" => Some(b'&'),
            "or" => Some(b'|'),
            _ => None,
        };
        let shape = Shape::of(&name);
        let only = name == "not";
        let node = self.begin_call(name, token.start);
        let opened = self.at;
        self.open()?;
        let mut count = 0;
        if self.peek() != Some(b')') {
            loop {
                if count == self.limits.list && sign.is_none() {
                    return Err(self.too_many(opened));
                }
                let first = self.nodes.len();
                self.term(shape.place(count), true)?;
                count += 1;
                if let Some(joint @ (b'&' | b'|')) = self.peek()
                    && only
                    && count == 1
                {
                    // One argument leaves no doubt what a sign inside means.
                    self.group(first, joint)?;
                }
                match self.peek() {
                    Some(b')') => break,
                    Some(b',') => self.at += 1,
                    Some(next) if Some(next) == sign => self.at += 1,
                    Some(b'&' | b'|') => {
                        return Err(
                            self.here(Kind::Mixed, "put parentheses round this: or((a=1&b=2),c=3)")
                        );
                    }
                    None => return Err(self.unclosed(opened)),
                    Some(_) => return Err(self.stray()),
                }
            }
        }
        self.close();
        if shape == Shape::Comparison && count == 1 {
            self.read_as_value(node + 1)?;
        }
        self.finish(node);
        if shape != Shape::Conditions {
            self.count(token.start)?;
        }
        match self.peek() {
            Some(b'=' | b'<' | b'>' | b'!') => Err(self.compared_call(token.start)),
            _ => Ok(()),
        }
    }

    /// The rest of `a|b` inside `not(`, behind the first term, which becomes part of a group.
    fn group(&mut self, first: usize, sign: u8) -> Result<()> {
        let name = if sign == b'&' { "and" } else { "or" };
        let start = self.nodes[first].start;
        self.nodes.insert(
            first,
            Node {
                start,
                ..Node::of(call(name, false))
            },
        );
        let mut joint = Some(sign);
        while let Some(next @ (b'&' | b'|')) = self.peek() {
            self.join(&mut joint, next)?;
            self.term(Place::Condition, false)?;
        }
        self.finish(first);
        Ok(())
    }

    /// What stands in parentheses: a group, an array, or a path before an operator.
    fn parenthesis(&mut self, place: Place) -> Result<()> {
        let opened = self.at;
        let node = self.nodes.len();
        self.nodes.push(Node {
            start: opened as u32,
            name_at: opened as u32,
            ..Node::of(What::Array)
        });
        self.open()?;
        let (mut count, mut joint) = (0, None);
        if self.peek() != Some(b')') {
            loop {
                if count == self.limits.list && joint.is_none() {
                    return Err(self.too_many(opened));
                }
                self.term(place.inside(), joint.is_none())?;
                count += 1;
                match self.peek() {
                    Some(b')') => break,
                    Some(b',') if joint.is_none() => self.at += 1,
                    Some(sign @ (b'&' | b'|'))
                        if (count == 1 || joint.is_some()) && place != Place::Operand =>
                    {
                        if count == 1 && self.is_empty_text(node + 1) {
                            return Err(self.no_term());
                        }
                        self.join(&mut joint, sign)?;
                    }
                    None => return Err(self.unclosed(opened)),
                    Some(_) => return Err(self.stray()),
                }
            }
        }
        self.close();
        self.finish(node);
        if let Some(sign) = joint {
            self.nodes[node].what = call(if sign == b'&' { "and" } else { "or" }, false);
        } else if count == 1 && matches!(self.nodes[node + 1].what, What::Call { .. }) {
            // Parentheses round one operator term say nothing.
            self.nodes.remove(node);
        }
        self.compared_array(node, place)
    }

    /// An array before an operator is a path.
    fn compared_array(&mut self, node: usize, place: Place) -> Result<()> {
        let operator = match self.peek() {
            Some(b'=' | b'<' | b'>' | b'!') => true,
            Some(b'%') => place == Place::Condition && is_angle(&self.text.as_bytes()[self.at..]),
            _ => false,
        };
        if !operator || place == Place::Operand {
            return Ok(());
        }
        let start = self.nodes[node].start;
        if self.nodes[node].what != What::Array {
            return Err(self.compared_call(start as usize));
        }
        self.read_as_names(node)?;
        let placeholder = Node {
            start,
            ..Node::of(call("", false))
        };
        self.nodes.insert(node, placeholder);
        self.operation(node, place)
    }

    fn is_empty_text(&self, node: usize) -> bool {
        self.nodes[node].start == self.nodes[node].end
    }

    /// Steps over `&` or `|`, and refuses the second kind at one level.
    fn join(&mut self, joint: &mut Option<u8>, next: u8) -> Result<()> {
        if joint.is_some_and(|sign| sign != next) {
            return Err(self.here(
                Kind::Mixed,
                "`&` and `|` can't be mixed at one level; put parentheses round one kind: a=1&(b=2|c=3)",
            ));
        }
        *joint = Some(next);
        self.at += 1;
        Ok(())
    }

    fn begin(&mut self, name: &str, start: usize, form: bool) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node {
            start: start as u32,
            name_at: start as u32,
            ..Node::of(call(name, form))
        });
        node
    }

    fn begin_call(&mut self, name: CompactString, start: usize) -> usize {
        let node = self.nodes.len();
        let what = What::Call { name, form: false };
        self.nodes.push(Node {
            start: start as u32,
            name_at: start as u32,
            ..Node::of(what)
        });
        node
    }

    /// All below the node has been read.
    #[inline]
    fn finish(&mut self, node: usize) {
        let size = self.nodes.len() - node;
        let node = &mut self.nodes[node];
        node.size = size as u32;
        node.end = self.at as u32;
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_ampersands(&mut self) {
        while self.peek() == Some(b'&') {
            self.at += 1;
        }
    }

    /// Steps over a `(` and counts it.
    fn open(&mut self) -> Result<()> {
        let deepest = self.limits.depth.min(DEEPEST);
        if self.depth == deepest {
            let message = format!("parentheses go deeper than {deepest} levels");
            return Err(self.here(Kind::TooDeep, message));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Steps over a `)` that the caller has seen.
    fn close(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    fn count(&mut self, start: usize) -> Result<()> {
        self.terms += 1;
        if self.terms > self.limits.terms {
            let message = format!("there are more than {} conditions", self.limits.terms);
            return Err(self.error(Kind::TooManyTerms, start, self.at, message));
        }
        Ok(())
    }
}

fn call(name: &str, form: bool) -> What {
    What::Call {
        name: CompactString::from(name),
        form,
    }
}
