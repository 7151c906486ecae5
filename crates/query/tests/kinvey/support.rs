//! Running filters over JSON rows, and trees without the places they were read at.

use larder_query::{
    Any, Compare, Expr, JsonRows, Limits, Literal, Operand, Param, Path, Query, Shape, Span,
    Subject, Value, bind, kinvey,
};

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(crate) fn filter(text: &str) -> Expr {
    kinvey::parse_filter(text, &Limits::default())
        .unwrap_or_else(|error| panic!("{}", error.caret(text)))
}

/// Whether a row passes.
pub(crate) fn passes(filter: &Expr, row: &Value) -> bool {
    bind(filter, &JsonRows)
        .unwrap()
        .matches(std::slice::from_ref(row))
}

/// The text of a filter's JSON.
pub(crate) fn printed(filter: &Expr) -> String {
    serde_json::to_string(&kinvey::print_filter(filter).unwrap()).unwrap()
}

/// A query without places, and without the letters that its literals were written with.
pub(crate) fn bare_query(mut query: Query) -> Query {
    query.filter = query.filter.map(bare);
    for key in &mut query.sort {
        key.path.span = Span::default();
    }
    if let Some(near) = &mut query.near {
        near.path.span = Span::default();
    }
    if let Shape::Select(paths) = &mut query.shape {
        for path in paths {
            path.span = Span::default();
        }
    }
    query
}

pub(crate) fn bare(expr: Expr) -> Expr {
    let all = |members: Vec<Expr>| members.into_iter().map(bare).collect();
    match expr {
        Expr::Const(value) => Expr::Const(value),
        Expr::And(members) => Expr::And(all(members)),
        Expr::Or(members) => Expr::Or(all(members)),
        Expr::Not(inner) => Expr::Not(Box::new(bare(*inner))),
        Expr::Any(any) => Expr::Any(Any {
            path: path(any.path),
            filter: Box::new(bare(*any.filter)),
            span: Span::default(),
        }),
        Expr::Compare(compare) => Expr::Compare(Compare {
            subject: match compare.subject {
                Subject::Path(name) => Subject::Path(path(name)),
                Subject::Param(name) => Subject::Param(param(name)),
            },
            operand: operand(compare.operand),
            span: Span::default(),
            ..compare
        }),
    }
}

fn path(path: Path) -> Path {
    let span = Span::default();
    Path { span, ..path }
}

fn param(param: Param) -> Param {
    let span = Span::default();
    Param { span, ..param }
}

fn operand(of: Operand) -> Operand {
    match of {
        Operand::Literal(literal) => Operand::Literal(Literal {
            raw: larder_query::CompactString::default(),
            span: Span::default(),
            ..literal
        }),
        Operand::Param(name) => Operand::Param(param(name)),
        Operand::List(items) => Operand::List(items.into_iter().map(operand).collect()),
        other => other,
    }
}
