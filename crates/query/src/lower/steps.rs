//! A whole query: its terms are steps, and the steps have one order.
//!
//! A text runs from left to right. Where a step stands too late but could as well stand in its place, it is put there; where that would
//! mean something else, it is refused.

use std::borrow::Cow;

use super::condition::Base;
use super::{Args, Lowering, Result, fault};
use crate::expr::{Expr, Path, Span};
use crate::query::{Distinct, Group, Named, Page, Query, Reduce, Reducer, Shape, Sort};
use crate::suggest::nearest;
use crate::syntax::{ParseErrorKind as Kind, Term, Tree, What};

/// The query so far.
#[derive(Default)]
struct Steps {
    query: Query,
    filters: Vec<Expr>,
    paged: bool,
}

/// The most keys of an order, and the most fields and results of a group: each is looked up among all.
const MOST: usize = 64;

const ORDER: &str = "a query is filter, aggregate, sort, limit, select or values, distinct, then sum and their like";

impl Lowering<'_> {
    pub(super) fn query(&self, tree: &Tree) -> Result<Query> {
        let root = tree.root().rooted();
        let mut steps = Steps::default();
        if root.name() == Some("and") {
            steps.filters.reserve(root.children().count());
            for term in root.children() {
                self.step(&mut steps, term)?;
            }
        } else {
            self.step(&mut steps, root)?;
        }
        let mut filters = steps.filters;
        steps.query.filter = match filters.len() {
            0 => None,
            1 => filters.pop(),
            _ => Some(Expr::And(filters)),
        };
        Ok(steps.query)
    }

    fn step(&self, steps: &mut Steps, term: Term<'_>) -> Result<()> {
        let name = term.name().unwrap_or_default();
        if steps.query.reduce.is_some() {
            let message = format!("nothing comes behind what makes one value of all; {ORDER}");
            return fault(Kind::Order, term.span(), message);
        }
        match name {
            "sort" => self.sort(steps, term),
            "limit" => Self::limit(steps, term),
            "select" | "unselect" | "values" => self.shape(steps, term),
            "distinct" => Self::distinct(steps, term),
            "aggregate" => self.aggregate(steps, term),
            "count" | "sum" | "mean" | "max" | "min" => self.reduce(steps, term),
            "first" | "one" => {
                Self::no_arguments(term)?;
                let one = if name == "first" {
                    Reduce::First
                } else {
                    Reduce::One
                };
                steps.query.reduce = Some(one);
                Ok(())
            }
            "recurse" => {
                let path = self.paths(term)?;
                if path.len() > 1 {
                    return fault(Kind::Arguments, term.span(), "`recurse` takes one field");
                }
                steps.query.reduce = Some(Reduce::Recurse(path.into_iter().next()));
                Ok(())
            }
            _ => self.filter(steps, term),
        }
    }

    fn filter(&self, steps: &mut Steps, term: Term<'_>) -> Result<()> {
        let filter = self.condition(term, &Base::record())?;
        let late = |before: &str| {
            let message = format!("a condition stands before {before}; {ORDER}");
            fault(Kind::Order, term.span(), message)
        };
        if steps.paged {
            return late("limit(..): behind it, it would look at one page only");
        }
        if steps.query.group.is_some() {
            return late("aggregate(..), and conditions on groups do not exist");
        }
        match steps.query.shape {
            // Equal records are all kept or all dropped, so `distinct` may come first.
            Shape::Whole => {}
            Shape::Select(_) => return late("select(..)"),
            Shape::Unselect(_) => return late("unselect(..)"),
            Shape::Values(_) => return late("values(..)"),
        }
        steps.filters.push(filter);
        Ok(())
    }

    fn sort(&self, steps: &mut Steps, term: Term<'_>) -> Result<()> {
        let keys = term
            .children()
            .map(|key| self.sort_key(key))
            .collect::<Result<Vec<Sort>>>()?;
        if keys.is_empty() {
            return Ok(());
        }
        let late = |before: &str| {
            let message = format!("sort(..) stands before {before}; {ORDER}");
            fault(Kind::Order, term.span(), message)
        };
        if steps.paged {
            return late("limit(..): behind it, it would sort one page only");
        }
        let inside =
            |path: &Path, of: &[Path]| of.iter().any(|one| path.steps.starts_with(&one.steps));
        match &steps.query.shape {
            Shape::Whole => {}
            Shape::Select(kept) if keys.iter().all(|key| inside(&key.path, kept)) => {}
            Shape::Unselect(gone) if !keys.iter().any(|key| touches(&key.path, gone)) => {}
            _ => return late("select(..) and values(..), which leave its fields out"),
        }
        if let Some(group) = &steps.query.group {
            for key in &keys {
                known_in(group, &key.path)?;
            }
        }
        if keys.len() + steps.query.sort.len() > MOST {
            let message = format!("more than {MOST} keys to sort by");
            return fault(Kind::TooManyItems, term.span(), message);
        }
        // Sorting again keeps the order there was among equals: the last one counts most.
        let sort = &mut steps.query.sort;
        for key in keys.into_iter().chain(std::mem::take(sort)) {
            if sort.iter().all(|other| other.path.steps != key.path.steps) {
                sort.push(key);
            }
        }
        Ok(())
    }

    /// `+name`, `-name` or `name`; the sign of a path is that of its first step.
    fn sort_key(&self, term: Term<'_>) -> Result<Sort> {
        let mut path = match self.path(term) {
            Err(error) if term.text().is_some_and(|text| matches!(text, "+" | "-")) => {
                return Err(error);
            }
            path => path?,
        };
        let mut descending = false;
        if let Some(first) = path.steps.first_mut() {
            descending = first.starts_with('-');
            if descending || first.starts_with('+') {
                first.remove(0);
            }
            if first.is_empty() {
                return fault(
                    Kind::Path,
                    term.span(),
                    "a field's name is missing behind this sign",
                );
            }
        }
        Ok(Sort { path, descending })
    }

    fn limit(steps: &mut Steps, term: Term<'_>) -> Result<()> {
        let args: Args<'_> = term.children().collect();
        if args.is_empty() || args.len() > 3 {
            return fault(
                Kind::Arguments,
                term.span(),
                "`limit` takes a count, a start and a greatest total: limit(10,20,100)",
            );
        }
        if steps.query.distinct == Some(Distinct::Page) {
            let message = "one limit(..) stands before distinct() and one behind it: leave one out";
            return fault(Kind::Order, term.span(), message);
        }
        let page = Page {
            limit: whole(args[0])?,
            skip: args
                .get(1)
                .map_or(Ok(Some(0)), |arg| whole(*arg))?
                .unwrap_or(u64::MAX),
            total: args
                .get(2)
                .map(|arg| whole(*arg).map(|most| most.unwrap_or(u64::MAX)))
                .transpose()?,
        };
        let old = steps.query.page;
        if steps.paged && (old.total.is_some() || page.total.is_some()) {
            let message = "of several limits none can ask for a total";
            return fault(Kind::Order, term.span(), message);
        }
        // A page of a page.
        let left = old.limit.map(|limit| limit.saturating_sub(page.skip));
        steps.query.page = Page {
            limit: match (left, page.limit) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            skip: old.skip.saturating_add(page.skip),
            total: page.total,
        };
        steps.paged = true;
        Ok(())
    }

    fn shape(&self, steps: &mut Steps, term: Term<'_>) -> Result<()> {
        let paths = self.paths(term)?;
        if steps.query.shape != Shape::Whole {
            let message = "a query has one of select(..), unselect(..) and values(..)";
            return fault(Kind::Order, term.span(), message);
        }
        if steps.query.distinct.is_some() {
            let message = format!(
                "{}(..) stands before distinct(); {ORDER}",
                term.name().unwrap_or_default()
            );
            return fault(Kind::Order, term.span(), message);
        }
        if let Some(group) = &steps.query.group {
            for path in &paths {
                known_in(group, path)?;
            }
        }
        steps.query.shape = match term.name() {
            Some("select") => Shape::Select(paths),
            Some("unselect") => Shape::Unselect(paths),
            _ => Shape::Values(paths),
        };
        Ok(())
    }

    fn distinct(steps: &mut Steps, term: Term<'_>) -> Result<()> {
        Self::no_arguments(term)?;
        let before = steps.query.distinct;
        steps.query.distinct = before.or(Some(match steps.paged {
            true => Distinct::Page,
            false => Distinct::All,
        }));
        Ok(())
    }

    /// `aggregate(path,..,call,..,name=call)`: groups, and what is computed for each.
    fn aggregate(&self, steps: &mut Steps, term: Term<'_>) -> Result<()> {
        let late = |before: &str| {
            let message = format!("aggregate(..) stands before {before}; {ORDER}");
            fault(Kind::Order, term.span(), message)
        };
        if steps.paged {
            return late("limit(..): behind it, it would see one page only");
        }
        if steps.query.group.is_some()
            || steps.query.distinct.is_some()
            || steps.query.shape != Shape::Whole
        {
            return late("distinct(), select(..) and values(..), and there is one of it");
        }
        let mut group = Group::default();
        for (at, arg) in term.children().enumerate() {
            if at == MOST {
                let message = format!("more than {MOST} fields and results of a group");
                return fault(Kind::TooManyItems, arg.span(), message);
            }
            match arg.name() {
                None => group.by.push(self.path(arg)?),
                Some(_) => {
                    let result = self.result(arg, group.results.len())?;
                    let taken = group.results.iter().any(|other| other.name == result.name);
                    let field = group
                        .by
                        .iter()
                        .any(|path| path.steps.as_slice() == [result.name.as_str()]);
                    if taken || field {
                        let message = format!("two results are called `{}`", result.name);
                        return fault(Kind::Arguments, arg.span(), message);
                    }
                    group.results.push(result);
                }
            }
        }
        // In the order of its own fields, groups first appear as they would be sorted.
        for key in &steps.query.sort {
            if !group.by.iter().any(|path| path.steps == key.path.steps) {
                let message = format!(
                    "sort(..) by what is no field of the groups stands behind aggregate(..); {ORDER}"
                );
                return fault(Kind::Order, term.span(), message);
            }
        }
        steps.query.group = Some(group);
        Ok(())
    }

    /// `call`, whose name is its place, or `name=call`.
    fn result(&self, term: Term<'_>, at: usize) -> Result<Named> {
        let args: Vec<Term<'_>> = term.children().collect();
        if let (Some("eq"), [name, call]) = (term.name(), args.as_slice())
            && call.name().is_some()
        {
            return match name.text().filter(|name| !name.is_empty()) {
                Some(name) => Ok(Named {
                    name: name.to_owned(),
                    reducer: self.reducer(*call)?,
                }),
                None => fault(Kind::Path, name.span(), "a result's name is one name"),
            };
        }
        Ok(Named {
            name: at.to_string(),
            reducer: self.reducer(term)?,
        })
    }

    fn reducer(&self, term: Term<'_>) -> Result<Reducer> {
        let name = term.name().unwrap_or_default();
        if name == "count" {
            Self::no_arguments(term)?;
            return Ok(Reducer::Count);
        }
        let make: fn(Path) -> Reducer = match name {
            "sum" => Reducer::Sum,
            "mean" => Reducer::Mean,
            "min" => Reducer::Min,
            "max" => Reducer::Max,
            _ => {
                let known = ["sum", "mean", "min", "max", "count"];
                let advice = match nearest(name, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "known are sum, mean, min, max and count".to_owned(),
                };
                let message = format!("`{name}` computes nothing for a group; {advice}");
                return fault(Kind::UnknownOperator, term.name_span(), message);
            }
        };
        let mut paths = self.paths(term)?;
        if paths.len() > 1 {
            let message = format!("`{name}` takes one field");
            return fault(Kind::Arguments, term.span(), message);
        }
        // None: of the elements themselves.
        Ok(make(paths.pop().unwrap_or_default()))
    }

    /// What makes one value of all.
    fn reduce(&self, steps: &mut Steps, term: Term<'_>) -> Result<()> {
        let reducer = self.reducer(term)?;
        let query = &mut steps.query;
        let path = match &reducer {
            Reducer::Count => None,
            Reducer::Sum(path) | Reducer::Mean(path) | Reducer::Min(path) | Reducer::Max(path) => {
                Some(path)
            }
        };
        if let (Some(group), Some(path)) = (&query.group, path) {
            known_in(group, path)?;
        }
        // values(x)&sum() is sum(x), which stores can do by themselves.
        if let (Shape::Values(values), Some(path), None) = (&query.shape, path, query.distinct)
            && let ([value], []) = (values.as_slice(), path.steps.as_slice())
        {
            let value = value.clone();
            query.shape = Shape::Whole;
            query.reduce = Some(Reduce::Value(match reducer {
                Reducer::Count => Reducer::Count,
                Reducer::Sum(_) => Reducer::Sum(value),
                Reducer::Mean(_) => Reducer::Mean(value),
                Reducer::Min(_) => Reducer::Min(value),
                Reducer::Max(_) => Reducer::Max(value),
            }));
            return Ok(());
        }
        query.reduce = Some(Reduce::Value(reducer));
        Ok(())
    }

    fn paths(&self, term: Term<'_>) -> Result<Vec<Path>> {
        term.children().map(|path| self.path(path)).collect()
    }

    fn no_arguments(term: Term<'_>) -> Result<()> {
        match term.children().next() {
            None => Ok(()),
            Some(arg) => {
                let name = term.name().unwrap_or_default();
                fault(
                    Kind::Arguments,
                    arg.span(),
                    format!("`{name}` takes nothing: {name}()"),
                )
            }
        }
    }
}

/// Whether one of two paths leads to the other, or into it.
fn touches(path: &Path, others: &[Path]) -> bool {
    others
        .iter()
        .any(|other| path.steps.starts_with(&other.steps) || other.steps.starts_with(&path.steps))
}

/// A number from 0; None is infinity.
fn whole(term: Term<'_>) -> Result<Option<u64>> {
    match term.what() {
        What::Unbounded(number) if *number > 0.0 => return Ok(None),
        What::Value { value, .. } if let Some(number) = value.as_u64() => return Ok(Some(number)),
        _ => {}
    }
    fault(
        Kind::Arguments,
        term.span(),
        "`limit` takes whole numbers from 0, or Infinity",
    )
}

/// A path behind `aggregate` has to be one of the groups' fields or results.
fn known_in(group: &Group, path: &Path) -> Result<()> {
    let field = group.by.iter().any(|by| path.steps.starts_with(&by.steps));
    let result = || match path.steps.as_slice() {
        [name] => group.results.iter().any(|result| *name == result.name),
        other => other.is_empty(),
    };
    if field || result() {
        return Ok(());
    }
    let name = path.dotted();
    let fields: Vec<Cow<'_, str>> = group.by.iter().map(Path::dotted).collect();
    let known = || {
        let results = group.results.iter().map(|result| result.name.as_str());
        fields.iter().map(|name| &**name).chain(results)
    };
    let advice = match nearest(&name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
    };
    let span: Span = path.span;
    fault(
        Kind::Path,
        span,
        format!("the groups have no `{name}`; {advice}"),
    )
}
