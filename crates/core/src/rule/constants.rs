//! Constants in rules that no record can have: `status=publishd`, where the enum of `status` has no such value.

use larder_query::{Compare, Expr, Literal, Op, Operand, Span, Subject};

use super::{field_named, literal_value};
use crate::model::Field;
use crate::schema::Check;

/// How many values of an enum a message names.
const NAMED: usize = 8;

/// Every literal that is compared for equality with a field of a few fixed values and is none of them: such a comparison is
/// a typing mistake, since it never, or always, holds. With each the place, and what to write.
pub(super) fn impossible(expr: &Expr, fields: &[Field]) -> Vec<(Span, String)> {
    let compares = larder_query::own_compares(expr);
    let found = compares.filter_map(|compare| {
        let Subject::Path(path) = &compare.subject else {
            return None;
        };
        let field = &fields[field_named(fields, &path.dotted()).ok()?];
        Some(impossible_in(compare, field.name(), field))
    });
    found.flatten().collect()
}

/// The same of one comparison of a field, which messages call by a name.
pub(crate) fn impossible_in(compare: &Compare, name: &str, field: &Field) -> Vec<(Span, String)> {
    if !matches!(compare.op, Op::Eq | Op::Ne | Op::In | Op::Out) {
        return Vec::new();
    }
    let allowed = field.check.as_ref().and_then(Check::texts);
    let Some(allowed) = allowed.filter(|allowed| !allowed.is_empty()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for literal in literals(&compare.operand) {
        let Ok(value) = literal_value(field, literal) else {
            continue;
        };
        let known = |text: &str| allowed.iter().any(|one| one == text);
        if !value.is_null() && !known(value.as_str().unwrap_or("")) {
            found.push((literal.span, message(name, &literal.raw, &allowed)));
        }
    }
    found
}

fn literals(operand: &Operand) -> Vec<&Literal> {
    match operand {
        Operand::Literal(literal) => vec![literal],
        Operand::List(members) => members.iter().flat_map(literals).collect(),
        Operand::Param(_) | Operand::Pattern(_) | Operand::Area(_) => Vec::new(),
    }
}

fn message(field: &str, wrong: &str, allowed: &[String]) -> String {
    let advice = match larder_query::nearest(wrong, allowed.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let named: Vec<String> = allowed
                .iter()
                .take(NAMED)
                .map(|one| format!("`{one}`"))
                .collect();
            let more = if allowed.len() > NAMED { " .." } else { "" };
            format!("it is one of {}{more}", named.join(", "))
        }
    };
    format!("`{field}` is never `{wrong}`; {advice}")
}
