//! What of a filter SQL can decide.
//!
//! A filter is split in two: what is pushed down lets every match pass, and perhaps others; the rest is tested in memory on what
//! comes back. Under *and* each member goes its own way, under *or* one undecided member leaves the whole to be tested again.
//! Under a *not* "perhaps others" would become "perhaps too few", so what is not decided there is not pushed down at all.

use std::borrow::Cow;

use larder_core::{Kind, Layout};
use larder_query::{Bound, Filter, Inside, Op, Test, Value};

use super::inside;
use crate::dialect::Dialect;

/// What is known of fields: the kind of each. None for what SQL can't be asked about.
pub(crate) type Kinds<'a> = dyn Fn(usize) -> Option<Kind> + 'a;

/// Whether SQL decides a filter.
pub(crate) fn is_exact<D: Dialect>(filter: &Filter, kinds: &Kinds<'_>) -> bool {
    match filter {
        Filter::True | Filter::False => true,
        Filter::And(all) | Filter::Or(all) => all.iter().all(|member| is_exact::<D>(member, kinds)),
        Filter::Not(inner) => is_exact::<D>(inner, kinds),
        Filter::Test(test) => kinds(test.field).is_some_and(|kind| decides::<D>(kind, test)),
        Filter::Inside(inside) => decides_inside::<D>(inside, kinds),
    }
}

/// What of a filter over a table's own fields is pushed down.
pub(crate) fn pushed<'f, D: Dialect>(filter: &'f Filter, layout: &Layout) -> Cow<'f, Filter> {
    match Split::of::<D>(filter, &own(layout)) {
        None => Cow::Borrowed(filter),
        Some(split) => Cow::Owned(split.pushed),
    }
}

/// Whether SQL decides a filter over a table's own fields.
pub(crate) fn is_decided<D: Dialect>(filter: &Filter, layout: &Layout) -> bool {
    is_exact::<D>(filter, &own(layout))
}

/// The kinds of a table's own fields. Beyond the last one all is null, which SQL knows.
fn own(layout: &Layout) -> impl Fn(usize) -> Option<Kind> {
    |field| {
        Some(
            layout
                .fields
                .get(field)
                .map_or(Kind::Bool, |field| field.kind),
        )
    }
}

/// A filter that SQL can't decide, in two parts.
pub(crate) struct Split {
    /// What every match passes.
    pub(crate) pushed: Filter,
    /// What is left to test.
    pub(crate) rest: Filter,
}

impl Split {
    /// Splits a filter; None if SQL decides it.
    pub(crate) fn of<D: Dialect>(filter: &Filter, kinds: &Kinds<'_>) -> Option<Self> {
        if is_exact::<D>(filter, kinds) {
            return None;
        }
        let rest = match filter {
            Filter::And(all) => {
                let rest = all.iter().filter(|member| !is_exact::<D>(member, kinds));
                Filter::and(rest.cloned())
            }
            other => other.clone(),
        };
        Some(Self {
            pushed: implied::<D>(filter, kinds),
            rest,
        })
    }
}

/// What SQL can say of a filter that it can't decide: something that follows from it.
fn implied<D: Dialect>(filter: &Filter, kinds: &Kinds<'_>) -> Filter {
    let member = |member: &Filter| {
        if is_exact::<D>(member, kinds) {
            member.clone()
        } else {
            implied::<D>(member, kinds)
        }
    };
    match filter {
        Filter::And(all) => Filter::and(all.iter().map(member)),
        Filter::Or(any) => Filter::or(any.iter().map(member)),
        // The writer makes of these what it can.
        Filter::Test(test) if kinds(test.field).is_some() => filter.clone(),
        Filter::Inside(inside) if can_reach::<D>(inside, kinds) => {
            let json = |_| Some(Kind::Json);
            let filter = match is_exact::<D>(&inside.filter, &json) {
                true => inside.filter.clone(),
                false => implied::<D>(&inside.filter, &json),
            };
            Filter::Inside(Box::new(Inside {
                filter,
                ..Inside::clone(inside)
            }))
        }
        _ => Filter::True,
    }
}

/// Whether SQL decides a test of a field of a kind.
fn decides<D: Dialect>(kind: Kind, test: &Test) -> bool {
    if kind == Kind::Json && !D::LOOKS_INTO_JSON {
        return D::decides(kind, test);
    }
    match (&test.operand, test.op) {
        (Bound::Pattern(pattern), Op::Match) if matches!(kind, Kind::Text | Kind::Json) => {
            pattern.prefix().is_some_and(|prefix| prefix.decides)
        }
        (Bound::Many(_), Op::Mod) | (Bound::Area(_), Op::Within) => kind != Kind::Json,
        _ => D::decides(kind, test),
    }
}

fn can_reach<D: Dialect>(inside: &Inside, kinds: &Kinds<'_>) -> bool {
    D::LOOKS_INTO_JSON
        && kinds(inside.field) == Some(Kind::Json)
        && inside::paths(&inside.path).is_some()
}

fn decides_inside<D: Dialect>(inside: &Inside, kinds: &Kinds<'_>) -> bool {
    let json = |_| Some(Kind::Json);
    match kinds(inside.field) {
        None => false,
        Some(Kind::Json) => can_reach::<D>(inside, kinds) && is_exact::<D>(&inside.filter, &json),
        // Inside other kinds there is nothing.
        Some(_) if inside.each || !inside.path.is_empty() => true,
        Some(kind) => is_exact::<D>(&inside.filter, &|_| Some(kind)),
    }
}

/// What a condition inside a field comes to where the field is no JSON.
pub(super) fn outside(inside: &Inside) -> Filter {
    let constant = |holds| if holds { Filter::True } else { Filter::False };
    if inside.each {
        return Filter::False;
    }
    if !inside.path.is_empty() {
        return constant(inside.filter.matches(&[Value::Null]));
    }
    let moved = inside
        .filter
        .moved(&|field| (field == 0).then_some(inside.field));
    moved.unwrap_or_else(|| constant(inside.filter.matches(&[])))
}
