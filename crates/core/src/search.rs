//! A query string to a list query: search parameters, operators, sorting, paging. What is not declared is refused by name.

use std::collections::BTreeSet;

use larder_query::{
    Compare, Expr, Filter, Limits, Literal, Param, ParamValue, Path, Place, Scope, Value,
};

use crate::call::ListQuery;
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::model::{Compiled, sort_keys};
use crate::rule::literal_value;

/// The longest query string, in bytes.
const MAX_TEXT: usize = 4096;

/// Comparisons in one query string: stores nest them, and have bounds of their own.
const MAX_COMPARES: usize = 256;

/// Reads the query string of a list (design section 5). `text` is as it stands in the URL, still percent-encoded.
///
/// # Errors
/// `BadRequest` naming the parameter that is not known, a value that does not fit, a text that does not parse, or one that asks for too
/// much.
pub fn parse_list(model: &Compiled, text: &str) -> Result<ListQuery> {
    if text.len() > MAX_TEXT {
        return Err(bad(format!(
            "the query string is longer than {MAX_TEXT} bytes"
        )));
    }
    let mut query = ListQuery {
        total: true,
        limit: Some(u64::from(model.page)),
        ..ListQuery::default()
    };
    let mut filters = Vec::new();
    let (mut compares, mut limited) = (0, false);
    for (_, term) in larder_query::split_terms(text) {
        if term.is_empty() {
            continue;
        }
        match term.split_once('=') {
            Some(("sortBy" | "sort", keys)) => query.sort = sort(model, &decode(keys)?)?,
            Some(("limit", count)) => {
                query.limit = Some(number("limit", count)?.min(u64::from(model.page)));
            }
            Some(("skip", count)) => query.skip = number("skip", count)?,
            _ => match call(term) {
                Some(("sort", keys)) => query.sort = sort(model, &decode(keys)?)?,
                Some(("limit", counts)) => {
                    let (count, start) = counts.split_once(',').unwrap_or((counts, "0"));
                    query.limit = Some(number("limit", count)?.min(u64::from(model.page)));
                    query.skip = number("limit", start)?;
                    limited = true;
                }
                // In RQL the calls run in their order, and this one would filter the page.
                _ if limited => return Err(bad("a filter stands before limit(..)")),
                _ => {
                    let (filter, count) = filter(model, term)?;
                    compares += count;
                    if compares > MAX_COMPARES {
                        return Err(bad(format!(
                            "the query string has more than {MAX_COMPARES} comparisons"
                        )));
                    }
                    filters.push(filter);
                }
            },
        }
    }
    query.filter = Filter::and(filters);
    Ok(query)
}

/// The name and arguments of `name(arguments)`.
fn call(term: &str) -> Option<(&str, &str)> {
    term.strip_suffix(')')?.split_once('(')
}

/// `sortBy=+a,-b`. A raw `+` arrives as a space and counts as `+`.
fn sort(model: &Compiled, keys: &str) -> Result<Vec<crate::store::SortKey>> {
    if model.sortable.is_empty() && !keys.is_empty() {
        let message = format!(
            "a list of {} can't be sorted by clients: leave this out",
            model.name()
        );
        return Err(refuse("sortBy", message));
    }
    let mut keys = sort_keys(keys, &model.fields, Some(&model.sortable))
        .map_err(|error| refuse("sortBy", error.message().to_owned()))?;
    // A field that has been sorted by decides nothing more, and stores have a limit of keys.
    let mut seen = BTreeSet::new();
    keys.retain(|key| seen.insert(key.field));
    Ok(keys)
}

fn number(name: &str, text: &str) -> Result<u64> {
    text.parse()
        .map_err(|_| refuse(name, format!("`{name}` must be a whole number from 0")))
}

/// Percent-encoding and `+` for a space, as forms send it.
fn decode(text: &str) -> Result<String> {
    percent_encoding::percent_decode_str(&text.replace('+', " "))
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| bad("the query string is not UTF-8"))
}

/// One part of the query string, and how many comparisons it has.
fn filter(model: &Compiled, term: &str) -> Result<(Filter, usize)> {
    let term = form(term);
    let expr = larder_query::parse_query(&term, &Limits::default())
        .map_err(|error| bad(crate::rule::told(&error, &term)))?;
    if let Some(param) = larder_query::params(&expr).next() {
        let name = format!("${}", param.dotted());
        let message =
            format!("a query has no parameters such as `{name}`; write %24 for a dollar sign");
        return Err(refuse(&name, message));
    }
    let expr = run_searches(model, expr);
    let filter = larder_query::bind(&expr, &Searchable(model)).map_err(|error| {
        // The comparison that the fault is in, be it in its name or in its value.
        let faulty = larder_query::compares(&expr)
            .find(|one| one.span.start <= error.span.start && error.span.end <= one.span.end);
        let name = faulty.and_then(|one| one.subject.path().map(Path::dotted));
        refuse(&name.unwrap_or_default(), error.message)
    })?;
    Ok((filter, larder_query::compares(&expr).count()))
}

/// In a form, `name=some+text` has a space; in an operator's text a `+` is itself.
fn form(term: &str) -> std::borrow::Cow<'_, str> {
    match term.split_once('=') {
        Some((name, value))
            if value.contains('+')
                && !value.contains('=')
                && name.chars().all(|char| {
                    char.is_alphanumeric() || matches!(char, '_' | '.' | '-' | '%')
                }) =>
        {
            format!("{name}={}", value.replace('+', "%20")).into()
        }
        _ => term.into(),
    }
}

/// A single `=` runs the operator that the model declares for the parameter.
fn run_searches(model: &Compiled, expr: Expr) -> Expr {
    let each = |all: Vec<Expr>| {
        all.into_iter()
            .map(|expr| run_searches(model, expr))
            .collect()
    };
    match expr {
        Expr::And(all) => Expr::And(each(all)),
        Expr::Or(all) => Expr::Or(each(all)),
        Expr::Not(inner) => Expr::Not(Box::new(run_searches(model, *inner))),
        Expr::Compare(compare) if compare.form => {
            let declared = model.search.iter().find(|search| {
                matches!(compare.subject.steps(), [name] if name == model.fields[search.field].name())
            });
            let op = declared.map_or(compare.op, |search| search.op);
            Expr::Compare(Compare {
                op,
                form: false,
                ..compare
            })
        }
        other => other,
    }
}

/// Only the declared parameters exist.
struct Searchable<'a>(&'a Compiled);

impl Scope for Searchable<'_> {
    fn field(&self, path: &Path) -> Result<Place, String> {
        let model = self.0;
        let name = path.dotted();
        let searchable = || {
            model
                .search
                .iter()
                .map(|search| model.fields[search.field].name())
        };
        let found = model
            .search
            .iter()
            .find(|search| model.fields[search.field].name() == name);
        found.map(|search| search.field.into()).ok_or_else(|| {
            let known = searchable().collect::<Vec<_>>().join(", ");
            match larder_query::nearest(&name, searchable()) {
                Some(near) => format!(
                    "`{name}` is not a query parameter of {}; did you mean `{near}`?",
                    model.name()
                ),
                None if known.is_empty() => {
                    format!("{} has no query parameters that filter", model.name())
                }
                None => format!(
                    "`{name}` is not a query parameter of {}; there are {known}",
                    model.name()
                ),
            }
        })
    }

    fn value(&self, place: &Place, literal: &Literal) -> Result<Value, String> {
        literal_value(&self.0.fields[place.field], literal)
    }

    // Not asked: `filter` refuses parameters, on either side.
    fn param(&self, _: &Param) -> ParamValue {
        ParamValue::Unknown
    }
}

fn bad(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::BadRequest, message)
}

fn refuse(name: &str, message: String) -> Error {
    let fault = FieldError {
        field: name.to_owned(),
        pointer: String::new(),
        message: message.clone(),
        code: "parameter",
    };
    Error::new(ErrorKind::BadRequest, message).with_fields(vec![fault])
}
