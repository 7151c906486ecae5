//! From the syntax tree to what it means: operators and arguments are checked, and a query's steps brought into their one order.
//!
//! `condition.rs` makes an [`Expr`] of a term, `operand.rs` reads paths and values, `steps.rs` takes a whole query apart.
//! Nothing here knows a model; what names lead to is found out by [`bind`](crate::bind()).

mod area;
mod condition;
mod operand;
mod steps;

use std::cell::Cell;

use smallvec::SmallVec;

use crate::expr::{Expr, Span};
use crate::parse::Limits;
use crate::pattern::PatternLimits;
use crate::query::Query;
use crate::syntax::{DEEPEST, ParseError, ParseErrorKind as Kind, Term, Tree};
use condition::Base;

type Result<T> = std::result::Result<T, ParseError>;

/// The arguments of a call: mostly a name and a value.
type Args<'t> = SmallVec<[Term<'t>; 4]>;

/// A tree being lowered.
struct Lowering<'t> {
    /// What the tree was read from, if it was read.
    text: Option<&'t str>,
    /// A whole query, not a condition of a rule or a search.
    whole: bool,
    /// The most names of one path.
    names: usize,
    /// The patterns that may still be compiled.
    patterns: Cell<PatternLimits>,
}

/// A rule or a client's condition.
pub(crate) fn condition(tree: &Tree, text: &str, limits: &Limits) -> Result<Expr> {
    let lowering = Lowering {
        text: Some(text),
        whole: false,
        names: limits.list,
        patterns: Cell::new(limits.patterns),
    };
    let root = tree.root();
    if root.children().next().is_none() {
        let span = Span::new(text.len().saturating_sub(1), text.len());
        return fault(Kind::Unexpected, span, "a condition is missing before this");
    }
    lowering.group(root, &Base::record())
}

impl Query {
    /// Reads RQL text under the usual limits: `category=toys&sort(-price)&limit(10)`. Empty text is all records.
    ///
    /// ```
    /// use larder_query::Query;
    ///
    /// let query = Query::parse("price=lt=10&sort(-price)&limit(10,20)")?;
    /// assert_eq!((query.page.limit, query.page.skip), (Some(10), 20));
    /// let error = Query::parse("limit(10)&price=lt=10").unwrap_err();
    /// assert!(error.message.contains("before limit(..)"));
    /// # Ok::<(), larder_query::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong, where, and what to write instead: text that does not parse, operators that do not exist or have wrong arguments,
    /// and steps in an order that means something else.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_with(text, &Limits::default())
    }

    /// Reads RQL text under these limits.
    ///
    /// # Errors
    /// See [`Query::parse`].
    pub fn parse_with(text: &str, limits: &Limits) -> Result<Self> {
        lower(&Tree::parse_with(text, limits)?, Some(text), limits)
    }

    /// What a tree means, be it read, filled with [parameters](Tree::fill) or built by hand.
    ///
    /// # Errors
    /// As [`Query::parse`]; without places where there was no text.
    pub fn of_tree(tree: &Tree) -> Result<Self> {
        // One that was read is no deeper than its reader lets it be.
        if tree.depth() > DEEPEST * 2 {
            let message = format!("this query is nested deeper than {DEEPEST} levels");
            return fault(Kind::TooDeep, tree.root().span(), message);
        }
        let limits = Limits {
            list: usize::MAX,
            ..Limits::default()
        };
        lower(tree, None, &limits)
    }
}

fn lower(tree: &Tree, text: Option<&str>, limits: &Limits) -> Result<Query> {
    let lowering = Lowering {
        text,
        whole: true,
        names: limits.list,
        patterns: Cell::new(limits.patterns),
    };
    lowering.query(tree)
}

impl<'t> Lowering<'t> {
    /// The text of a term, or what it would print as.
    fn shown(&self, term: Term<'t>) -> &'t str {
        let span = term.span();
        match self.text {
            Some(text) => text.get(span.start..span.end).unwrap_or_default(),
            None => term.text().unwrap_or("this"),
        }
    }

    /// The comma behind a term.
    fn comma(&self, term: Term<'_>) -> Span {
        let end = term.span().end;
        let found = self.text.and_then(|text| text.get(end..)?.find(','));
        let at = end + found.unwrap_or(0);
        Span::new(at, at + 1)
    }
}

#[cold]
fn fault<T>(kind: Kind, span: Span, message: impl Into<String>) -> Result<T> {
    Err(ParseError::new(kind, span, message))
}
