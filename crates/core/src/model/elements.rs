//! Conditions on the elements of lists, such as `contains(lines,sku=7)`: where their paths lead, as far as the schema tells.

use larder_query::{Any, Expr, Path, Span};

use super::Inside;

/// The paths of conditions on elements that lead nowhere, each with its place in the text and what is wrong with it. `of` is what the schema
/// says of what a path of the record leads to; None where nothing is to be said about it.
pub(crate) fn astray<'s>(
    expr: &Expr,
    of: &dyn Fn(&Path) -> Option<Inside<'s>>,
) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    for any in anys(expr) {
        if let Some(list) = of(&any.path) {
            elements(any, list, &mut found);
        }
    }
    found
}

/// The conditions on elements of a tree, but for those inside others.
fn anys(expr: &Expr) -> impl Iterator<Item = &Any> {
    let mut stack = vec![expr];
    std::iter::from_fn(move || {
        while let Some(expr) = stack.pop() {
            match expr {
                Expr::Const(_) | Expr::Compare(_) => {}
                Expr::And(all) | Expr::Or(all) => stack.extend(all.iter().rev()),
                Expr::Not(inner) => stack.push(inner),
                Expr::Any(any) => return Some(any),
            }
        }
        None
    })
}

/// Whether a condition compares the element itself: as each comparison of Kinvey's, which is of what stands there or of an element of it.
fn is_of_itself(condition: &Expr) -> bool {
    let Expr::Compare(compare) = condition else {
        return false;
    };
    compare
        .subject
        .path()
        .is_some_and(|path| path.steps.is_empty())
}

fn elements(any: &Any, list: Inside<'_>, found: &mut Vec<(Span, String)>) {
    let name = any.path.dotted();
    if !list.may_be_list() {
        if !is_of_itself(&any.filter) {
            found.push((any.path.span, format!("`{name}` holds no list")));
        }
        return;
    }
    let item = list.item();
    let mut follow = |path: &Path| {
        let inside = item.follow(&path.steps);
        inside
            .map_err(|fault| found.push((path.span, format!("in an element of `{name}` {fault}"))))
            .ok()
    };
    for compare in larder_query::own_compares(&any.filter) {
        if let Some(path) = compare.subject.path() {
            follow(path);
        }
    }
    let inner: Vec<_> = anys(&any.filter)
        .filter_map(|any| Some((any, follow(&any.path)?)))
        .collect();
    for (any, list) in inner {
        elements(any, list, found);
    }
}
