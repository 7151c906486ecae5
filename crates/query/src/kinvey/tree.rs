//! The trees that conditions of Kinvey's syntax become, in one normal form for the parser and the builder.
//!
//! A comparison also looks into a list: `{"tags":"new"}` finds the text and the list that has it. The tree says so:
//! *or* of the comparison and of one on some element.

use crate::expr::{Any, Compare, Expr, Literal, Names, Op, Operand, Path, Span, Subject};
use crate::query::Near;
use crate::{Area, Value};

/// All of these. What is *and* already is taken in, one stays itself, none is always.
pub(crate) fn all(members: Vec<Expr>) -> Expr {
    let mut flat = Vec::with_capacity(members.len());
    for member in members {
        match member {
            Expr::And(inner) => flat.extend(inner),
            Expr::Const(true) => {}
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Expr::Const(true),
        1 => flat.swap_remove(0),
        _ => Expr::And(flat),
    }
}

/// At least one of these.
pub(crate) fn any(members: Vec<Expr>) -> Expr {
    let mut flat = Vec::with_capacity(members.len());
    for member in members {
        match member {
            Expr::Or(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Expr::Const(false),
        1 => flat.swap_remove(0),
        _ => Expr::Or(flat),
    }
}

/// The opposite.
pub(crate) fn not(expr: Expr) -> Expr {
    match expr {
        Expr::Not(inner) => *inner,
        Expr::Const(value) => Expr::Const(!value),
        other => Expr::Not(Box::new(other)),
    }
}

/// One comparison of what stands at a path.
pub(crate) fn compare(path: Path, op: Op, operand: Operand, span: Span) -> Expr {
    Expr::Compare(Compare {
        subject: Subject::Path(path),
        op,
        operand,
        form: false,
        span,
    })
}

/// Some element of the list at a path.
pub(crate) fn element(path: Path, filter: Expr, span: Span) -> Expr {
    Expr::Any(Any {
        path,
        filter: Box::new(filter),
        span,
    })
}

/// One comparison of what stands at a path, or of an element if that is a list.
pub(crate) fn lifted(path: Path, op: Op, operand: Operand, span: Span) -> Expr {
    let itself = Path {
        steps: Names::new(),
        span: path.span,
    };
    let inner = compare(itself, op, operand.clone(), span);
    let outer = compare(path.clone(), op, operand, span);
    Expr::Or(vec![outer, element(path, inner, span)])
}

/// Whether [`lifted`] makes an operator of Kinvey's. The others do not look into lists, or are the opposite of one that does.
pub(super) fn looks_into_lists(op: Op) -> bool {
    op.is_ordering() || matches!(op, Op::Eq | Op::In | Op::Match | Op::Mod | Op::StartsWith)
}

/// What [`lifted`] made of which comparison, if these two are its halves.
pub(super) fn unlifted<'e>(one: &'e Expr, other: &Expr) -> Option<&'e Compare> {
    let (Expr::Compare(outer), Expr::Any(any)) = (one, other) else {
        return None;
    };
    let Expr::Compare(inner) = &*any.filter else {
        return None;
    };
    let is_itself = inner.subject.path().is_some_and(|p| p.steps.is_empty());
    let is_same = looks_into_lists(outer.op)
        && is_itself
        && outer.subject.path().map(|p| &p.steps) == Some(&any.path.steps)
        && (outer.op, outer.form, inner.form) == (inner.op, false, false)
        && same_operand(&outer.operand, &inner.operand);
    is_same.then_some(outer)
}

/// Whether two operands say the same, wherever they stand.
fn same_operand(a: &Operand, b: &Operand) -> bool {
    match (a, b) {
        (Operand::Literal(a), Operand::Literal(b)) => a.value == b.value,
        (Operand::List(a), Operand::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_operand(a, b))
        }
        (a, b) => a == b,
    }
}

/// A value as the right-hand side, null as null.
pub(crate) fn literal(value: Value, raw: Option<&str>, span: Span) -> Literal {
    let mut literal = Literal::of(value);
    literal.span = span;
    if let Some(raw) = raw {
        literal.raw = raw.into();
    }
    literal
}

/// The circles that all records have to lie in: each asks for an order by distance.
pub(crate) fn circles(filter: &Expr) -> Vec<(Near, Span)> {
    let members = match filter {
        Expr::And(members) => members.as_slice(),
        one => std::slice::from_ref(one),
    };
    let circle = |member: &Expr| {
        let Expr::Compare(compare) = member else {
            return None;
        };
        let (Some(path), Operand::Area(Area::Circle { center, .. })) =
            (compare.subject.path(), &compare.operand)
        else {
            return None;
        };
        let near = Near {
            path: path.clone(),
            from: *center,
        };
        Some((near, compare.span))
    };
    members.iter().filter_map(circle).collect()
}
