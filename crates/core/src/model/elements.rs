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
                Expr::And(all) => stack.extend(all.iter().rev()),
                Expr::Or(all) => {
                    let before = [None].into_iter().chain(all.iter().map(Some));
                    let mut members: Vec<&Expr> = before
                        .zip(all)
                        .filter(|(before, member)| !before.is_some_and(|it| is_lifted(it, member)))
                        .map(|(_, member)| member)
                        .collect();
                    members.reverse();
                    stack.append(&mut members);
                }
                Expr::Not(inner) => stack.push(inner),
                Expr::Any(any) => return Some(any),
            }
        }
        None
    })
}

/// Whether two members of an *or* are what one comparison of Kinvey's is: of what stands there, or of an element of it if that is a list.
fn is_lifted(one: &Expr, other: &Expr) -> bool {
    let (Expr::Compare(outer), Expr::Any(any)) = (one, other) else {
        return false;
    };
    let Expr::Compare(inner) = &*any.filter else {
        return false;
    };
    let is_itself = inner.subject.path().is_some_and(|it| it.steps.is_empty());
    let here = outer.subject.path().map(|path| &path.steps);
    is_itself && outer.op == inner.op && here == Some(&any.path.steps)
}

fn elements(any: &Any, list: Inside<'_>, found: &mut Vec<(Span, String)>) {
    let name = any.path.dotted();
    if !list.may_be_list() {
        found.push((any.path.span, format!("`{name}` holds no list")));
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
