//! Rules, parsed and checked while the user's crate compiles.

use std::collections::BTreeSet;

use larder_query::{Compare, Expr, Literal, Operand, ParseError, ParseErrorKind, Path, Span};
use syn::LitStr;

use crate::ctxt::Ctxt;
use crate::keys;

/// Reads a rule and checks what can be seen in its text alone. `what` names it in messages: `the read rule`.
///
/// Its parameters are `$actor.NAME` only, on either side; one on the left is no field, and nothing is known of its kind.
/// The span of a mistake inside a text literal is not to be had on stable Rust, so the place is drawn into the message.
pub(crate) fn parse(cx: &Ctxt, what: &str, text: &LitStr) -> Option<Expr> {
    let rule = text.value();
    let expr = match larder_query::parse_rule(&rule) {
        Ok(expr) => expr,
        Err(error) => {
            report(cx, what, text, &error);
            return None;
        }
    };
    for param in larder_query::params(&expr) {
        if !matches!(param.steps.as_slice(), [actor, _] if actor == "actor") {
            let message = format!(
                "`${}` is unknown: a rule knows `$actor.id` and what else the actor has, as `$actor.NAME`",
                param.dotted()
            );
            report_at(cx, what, text, param.span, message);
        }
    }
    for literal in larder_query::compares(&expr).filter_map(quoted) {
        let message = format!(
            "values stand without quotes: write `{}`, or `string:{}` if they are part of it",
            &literal.raw[1..literal.raw.len() - 1],
            literal.raw
        );
        report_at(cx, what, text, literal.span, message);
    }
    for literal in larder_query::compares(&expr).filter_map(of_actor) {
        let message = format!(
            "`{0}` is a text here: write `${0}` for what the actor has, or `string:{0}` for the text",
            literal.raw
        );
        report_at(cx, what, text, literal.span, message);
    }
    for path in larder_query::paths(&expr).filter(|path| path.steps.len() > 1) {
        let message = if path.steps[0] == "actor" {
            format!("write `${}` for what the actor has", path.dotted())
        } else {
            format!(
                "`{}` reaches into another record; rules reach only the model's own fields",
                path.dotted()
            )
        };
        report_at(cx, what, text, path.span, message);
    }
    Some(expr)
}

/// The value of a comparison, if it is in quotes and nothing says that it should be.
fn quoted(compare: &Compare) -> Option<&Literal> {
    match &compare.operand {
        Operand::Literal(literal) if !literal.typed => {
            let inside = literal.raw.strip_prefix('\'')?.strip_suffix('\'')?;
            (!inside.is_empty()).then_some(literal)
        }
        _ => None,
    }
}

/// The value of a comparison, if it is an actor's attribute that lacks its dollar sign.
fn of_actor(compare: &Compare) -> Option<&Literal> {
    match &compare.operand {
        Operand::Literal(literal) if !literal.typed && literal.raw.starts_with("actor.") => {
            Some(literal)
        }
        _ => None,
    }
}

/// As [`parse`], and the fields must be among these wire names.
pub(crate) fn check(cx: &Ctxt, what: &str, text: &LitStr, fields: &[&str]) {
    let Some(expr) = parse(cx, what, text) else {
        return;
    };
    for path in own(&expr) {
        let name = path.dotted();
        if !fields.contains(&&*name) {
            let message = format!("there is no field `{name}`{}", keys::suggest(&name, fields));
            report_at(cx, what, text, path.span, message);
        }
    }
}

/// The names of the model's own fields that a rule speaks of, each once.
pub(crate) fn fields(expr: &Expr) -> BTreeSet<String> {
    own(expr).map(|path| path.dotted().into_owned()).collect()
}

fn own(expr: &Expr) -> impl Iterator<Item = &Path> {
    larder_query::paths(expr).filter(|path| path.steps.len() == 1)
}

fn report_at(cx: &Ctxt, what: &str, text: &LitStr, span: Span, message: String) {
    report(
        cx,
        what,
        text,
        &ParseError {
            kind: ParseErrorKind::Path,
            span,
            message,
        },
    );
}

fn report(cx: &Ctxt, what: &str, text: &LitStr, error: &ParseError) {
    let drawn = error.caret(&text.value()).replace('\n', "\n    ");
    cx.error(text.span(), format!("mistake in {what}:\n    {drawn}"));
}
