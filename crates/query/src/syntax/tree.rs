//! The tree itself: one flat list of nodes, parents before children.
//!
//! A flat list is one allocation to make and one to free, however deep the tree is; nothing here recurses.

use std::fmt;

use super::{ParseError, parser};
use crate::expr::Span;
use crate::parse::Limits;
use crate::{CompactString, Value};

/// A query as it was written, or as it was built by hand.
///
/// ```
/// use larder_query::{Tree, What};
///
/// let tree = Tree::parse("price=lt=10&sort(-price)")?;
/// assert_eq!(tree.to_string(), "lt(price,10)&sort(-price)");
/// let names: Vec<_> = tree.root().children().filter_map(|term| term.name()).collect();
/// assert_eq!(names, ["lt", "sort"]);
///
/// let built = Tree::call("eq", [Tree::from("a"), Tree::from("50%")]);
/// assert_eq!(built.to_string(), "eq(a,50%25)");
/// # Ok::<(), larder_query::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tree {
    /// Never empty: the first is the root.
    pub(super) nodes: Vec<Node>,
}

/// One node and how many nodes, it included, make up its subtree.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) what: What,
    pub(super) size: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where an operator's name or sign stands.
    pub(super) name_at: u32,
}

// A query of five terms is some sixteen of these.
const _: () = assert!(size_of::<Node>() == 48);

impl Node {
    /// A node that no text was read for.
    pub(super) fn of(what: What) -> Self {
        Self {
            what,
            size: 1,
            start: 0,
            end: 0,
            name_at: 0,
        }
    }
}

/// What a term is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum What {
    /// An operator with the term's children as arguments.
    Call {
        /// Its name.
        name: CompactString,
        /// Whether it was written with a single `=`, as forms do.
        form: bool,
    },
    /// Several terms in parentheses: a list of values, or the steps of a path.
    Array,
    /// Null, a truth value, a finite number, text, an instant or a day.
    Value {
        /// It.
        value: Value,
        /// Whether a prefix such as `string:` said what it is.
        typed: bool,
    },
    /// JavaScript's `undefined`: what a missing field has.
    Undefined,
    /// A number that JSON can't write: `Infinity`, `-Infinity`, or (only in trees built by hand) NaN.
    Unbounded(f64),
    /// A pattern that is not compiled yet.
    Pattern {
        /// In the syntax of the `regex` crate; a `glob:` is translated.
        source: CompactString,
        /// `re:` and `glob:` ignore case, `RE:` does not.
        ignore_case: bool,
    },
    /// A parameter: its names without the `$`, percent-encoded and joined with dots.
    Param(CompactString),
}

impl Tree {
    /// Reads query text under the usual limits. Empty text is everything: `and()`.
    ///
    /// # Errors
    /// What is wrong, where, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parser::parse(text, &Limits::default())
    }

    /// Reads query text under these limits.
    ///
    /// # Errors
    /// See [`Tree::parse`].
    pub fn parse_with(text: &str, limits: &Limits) -> Result<Self, ParseError> {
        parser::parse(text, limits)
    }

    /// The root. That of a parsed tree is always a call of `and` or `or`.
    pub fn root(&self) -> Term<'_> {
        Term { nodes: &self.nodes }
    }

    /// How many nodes lie above the lowest one. A lone value has depth 0.
    pub fn depth(&self) -> usize {
        let (mut ends, mut deepest) = (Vec::<usize>::new(), 0);
        for (at, node) in self.nodes.iter().enumerate() {
            while ends.last().is_some_and(|end| *end <= at) {
                ends.pop();
            }
            deepest = deepest.max(ends.len());
            if node.size > 1 {
                ends.push(at + node.size as usize);
            }
        }
        deepest
    }

    /// Puts values in the place of all parameters. `value` is given a parameter's names, `["actor", "id"]` for `$actor.id`.
    ///
    /// ```
    /// use larder_query::{Tree, Value};
    ///
    /// let tree = Tree::parse("a=$1")?.fill(|names| (names == ["1"]).then(|| Value::from("1")))?;
    /// assert_eq!(tree.to_string(), "eq(a,string:1)");
    /// # Ok::<(), larder_query::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// The first parameter that has no value.
    pub fn fill(self, value: impl FnMut(&[String]) -> Option<Value>) -> Result<Self, ParseError> {
        super::build::fill(self, value)
    }
}

/// Equal where kind, content and order are; places in the text and how a comparison was written do not count.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        let same = |a: &Node, b: &Node| {
            let what = match (&a.what, &b.what) {
                (What::Call { name: a, .. }, What::Call { name: b, .. }) => a == b,
                (What::Value { value: a, .. }, What::Value { value: b, .. }) => a == b,
                (a, b) => a == b,
            };
            what && a.size == b.size
        };
        self.nodes.len() == other.nodes.len()
            && self.nodes.iter().zip(&other.nodes).all(|(a, b)| same(a, b))
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::print::write(f, self.root())
    }
}

/// A part of a tree: one node with all that is below it.
#[derive(Clone, Copy, Debug)]
pub struct Term<'t> {
    pub(super) nodes: &'t [Node],
}

impl<'t> Term<'t> {
    pub(super) fn node(self) -> &'t Node {
        // Terms are never empty: they are cut at nodes.
        &self.nodes[0]
    }

    /// What it is.
    pub fn what(self) -> &'t What {
        &self.node().what
    }

    /// Where it stands in the text; `0..0` in a tree that was built by hand.
    pub fn span(self) -> Span {
        let node = self.node();
        Span::new(node.start as usize, node.end as usize)
    }

    /// Where a call's operator stands: its name, or its sign.
    pub fn name_span(self) -> Span {
        let at = self.node().name_at as usize;
        let len = match self.what() {
            What::Call { name, .. } => name.len(),
            _ => 0,
        };
        Span::new(at, at + len)
    }

    /// The operator's name, if this is a call.
    pub fn name(self) -> Option<&'t str> {
        match self.what() {
            What::Call { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(self) -> Option<&'t str> {
        match self.what() {
            What::Value { value, .. } => value.as_str(),
            _ => None,
        }
    }

    /// The arguments of a call or the members of an array, in order.
    pub fn children(self) -> Children<'t> {
        Children {
            rest: &self.nodes[1..],
        }
    }
}

/// The terms below another, in order.
#[derive(Clone, Debug)]
pub struct Children<'t> {
    rest: &'t [Node],
}

impl<'t> Iterator for Children<'t> {
    type Item = Term<'t>;

    fn next(&mut self) -> Option<Term<'t>> {
        let size = self.rest.first()?.size as usize;
        let (nodes, rest) = self.rest.split_at(size);
        self.rest = rest;
        Some(Term { nodes })
    }
}
