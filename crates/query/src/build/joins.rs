//! Joins inside the chain, by precedence, and with whole queries.

use super::{Part, QueryBuilder};
use crate::expr::Expr;
use crate::kinvey::tree::{all, any, not};
use crate::query::Page;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Join {
    And,
    Nor,
    Or,
}

impl Join {
    fn call(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Nor => "nor",
            Self::Or => "or",
        }
    }

    fn join(self, one: Expr, other: Expr) -> Expr {
        match self {
            Self::And => all(vec![one, other]),
            Self::Nor => not(any(vec![one, other])),
            Self::Or => any(vec![one, other]),
        }
    }
}

/// What can be joined: one query, or several.
#[derive(Clone, Debug)]
pub struct Joined(Vec<QueryBuilder>);

impl From<QueryBuilder> for Joined {
    fn from(query: QueryBuilder) -> Self {
        Self(vec![query])
    }
}

impl From<Vec<QueryBuilder>> for Joined {
    fn from(queries: Vec<QueryBuilder>) -> Self {
        Self(queries)
    }
}

impl<const N: usize> From<[QueryBuilder; N]> for Joined {
    fn from(queries: [QueryBuilder; N]) -> Self {
        Self(queries.into())
    }
}

/// Joins.
impl QueryBuilder {
    /// Joins what stands before with what follows: both hold.
    pub fn and(self) -> Self {
        self.inline(Join::And)
    }

    /// Joins what stands before with what follows: neither holds.
    pub fn nor(self) -> Self {
        self.inline(Join::Nor)
    }

    /// Joins what stands before with what follows: one of them holds.
    pub fn or(self) -> Self {
        self.inline(Join::Or)
    }

    /// The query so far holds, and so do these.
    pub fn and_with(self, others: impl Into<Joined>) -> Self {
        self.joined(Join::And, others.into())
    }

    /// Neither the query so far holds, nor one of these.
    pub fn nor_with(self, others: impl Into<Joined>) -> Self {
        self.joined(Join::Nor, others.into())
    }

    /// The query so far holds, or one of these.
    pub fn or_with(self, others: impl Into<Joined>) -> Self {
        self.joined(Join::Or, others.into())
    }

    fn inline(mut self, join: Join) -> Self {
        if self.part.0.is_empty() {
            self.refuse(join.call(), "there is no condition before it");
        }
        let part = std::mem::take(&mut self.part);
        self.before.push((part, join));
        self
    }

    fn joined(mut self, join: Join, others: Joined) -> Self {
        let mut members = vec![self.take_expr()];
        for other in others.0 {
            if !other.sort.is_empty() || other.page != Page::default() || !other.fields.is_empty() {
                let what = "a query that is joined has conditions only; sort, limit and fields belong to the whole";
                self.refuse(format!("{}_with", join.call()), what);
            }
            let mut other = other;
            members.push(other.take_expr());
            self.refusals.append(&mut other.refusals);
        }
        let joined = match join {
            Join::And => all(members),
            Join::Or => any(members),
            Join::Nor => not(any(members)),
        };
        self.part.add(None, joined);
        self
    }

    /// The expression so far, which is then empty.
    pub(super) fn take_expr(&mut self) -> Expr {
        if let Some((_, join)) = self.before.last()
            && self.part.0.is_empty()
        {
            self.refuse(join.call(), "there is no condition behind it");
        }
        let before = std::mem::take(&mut self.before);
        let last = std::mem::take(&mut self.part);
        fold(before, last.expr())
    }
}

/// The tree of parts with joins between them.
fn fold(before: Vec<(Part, Join)>, last: Expr) -> Expr {
    // From the right: what binds tighter is closed before what binds looser is opened.
    let (mut and, mut nor, mut or) = (vec![last], None, None);
    for (part, join) in before.into_iter().rev() {
        if join != Join::And {
            and.reverse();
            let closed = all(std::mem::take(&mut and));
            let closed = match nor.take() {
                Some(rest) => Join::Nor.join(closed, rest),
                None => closed,
            };
            if join == Join::Nor {
                nor = Some(closed);
            } else {
                or = Some(match or.take() {
                    Some(rest) => Join::Or.join(closed, rest),
                    None => closed,
                });
            }
        }
        and.push(part.expr());
    }
    and.reverse();
    let closed = all(and);
    let closed = match nor {
        Some(rest) => Join::Nor.join(closed, rest),
        None => closed,
    };
    match or {
        Some(rest) => Join::Or.join(closed, rest),
        None => closed,
    }
}
