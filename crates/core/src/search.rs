//! A query string to a list query: search parameters, operators, sorting, paging. What is not declared is refused by name.

use std::cell::RefCell;

use larder_query::{
    Compare, Expr, Filter, Flags, Limits, Literal, Op, Operand, Param, ParamValue, Path, Pattern,
    Place, Scope, Value,
};

use crate::app::App;
use crate::call::ListQuery;
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::model::{Compiled, Given, Search, split_keys};
use crate::places::Places;
use crate::rule::literal_of;
use crate::store::SortKey;

/// The longest query string, in bytes.
const MAX_TEXT: usize = 4096;

/// Comparisons in one query string: stores nest them, and have bounds of their own.
const MAX_COMPARES: usize = 256;

/// Reads the query string of a list (design section 5) of the model at a place. `text` is as it stands in the URL, still
/// percent-encoded.
///
/// # Errors
/// `BadRequest` naming the parameter that is not known, a value that does not fit, a text that does not parse, or one that asks for too
/// much.
pub fn parse_list(app: &App, at: usize, text: &str) -> Result<ListQuery> {
    if text.len() > MAX_TEXT {
        return Err(bad(format!(
            "the query string is longer than {MAX_TEXT} bytes"
        )));
    }
    let places = Places::new(app, at, Vec::new())?;
    let scope = Searchable::new(&places);
    let model = places.model();
    let mut query = ListQuery {
        total: true,
        limit: Some(u64::from(model.page)),
        ..ListQuery::default()
    };
    let mut filters = Vec::new();
    let mut given = Given::default();
    let (mut compares, mut limited) = (0, false);
    for (_, term) in larder_query::split_terms(text) {
        if term.is_empty() {
            continue;
        }
        match term.split_once('=') {
            Some(("sortBy" | "sort", keys)) => query.sort = sort(&places, &decode(keys)?)?,
            Some(("limit", count)) => {
                query.limit = Some(number("limit", count)?.min(u64::from(model.page)));
            }
            Some(("skip", count)) => query.skip = number("skip", count)?,
            Some((name, value)) if taken(&mut given, model, name, value)? => {}
            _ => match call(term) {
                Some(("sort", keys)) => query.sort = sort(&places, &decode(keys)?)?,
                Some(("limit", counts)) => {
                    let (count, start) = counts.split_once(',').unwrap_or((counts, "0"));
                    query.limit = Some(number("limit", count)?.min(u64::from(model.page)));
                    query.skip = number("limit", start)?;
                    limited = true;
                }
                // In RQL the calls run in their order, and this one would filter the page.
                _ if limited => return Err(bad("a filter stands before limit(..)")),
                _ => {
                    let (filter, count) = filter(&scope, term)?;
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
    query.declared = given.filter(&places)?;
    query.joins = places.into_joins();
    Ok(query)
}

/// Takes a parameter that functions of the model ask for, and says whether it means nothing else.
fn taken(given: &mut Given, model: &Compiled, name: &str, value: &str) -> Result<bool> {
    let lists = &model.lists;
    // With a second `=` it is an operator.
    let none = lists.parameters.is_empty() && lists.conditions.is_none();
    if none || value.contains('=') {
        return Ok(false);
    }
    let name = decode(name)?;
    let asked = given.take(lists, &name, || decode(value))?;
    Ok(asked && !lists.search.iter().any(|search| search.name == name))
}

/// The name and arguments of `name(arguments)`.
fn call(term: &str) -> Option<(&str, &str)> {
    term.strip_suffix(')')?.split_once('(')
}

/// `sortBy=+a,-b`. A raw `+` arrives as a space and counts as `+`.
fn sort(places: &Places<'_>, keys: &str) -> Result<Vec<SortKey>> {
    let model = places.model();
    let sortable = &model.lists.sortable;
    if sortable.is_empty() && !keys.is_empty() {
        let message = format!(
            "a list of {} can't be sorted by clients: leave this out",
            model.name()
        );
        return Err(refuse("sortBy", message));
    }
    let mut sorted: Vec<SortKey> = Vec::new();
    for (name, descending) in split_keys(keys) {
        let named = sortable.iter().find(|field| field.name == name);
        let Some(route) = named.and_then(|field| field.route.as_ref()) else {
            let known: Vec<&str> = sortable.iter().map(|field| field.name.as_str()).collect();
            let message = format!("can't sort by `{name}`; sortable are: {}", known.join(", "));
            return Err(refuse("sortBy", message));
        };
        let field = places.follow(route).field;
        // A field that has been sorted by decides nothing more, and stores have a limit of keys.
        if sorted.iter().all(|key| key.field != field) {
            sorted.push(SortKey { field, descending });
        }
    }
    Ok(sorted)
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
fn filter(scope: &Searchable<'_>, term: &str) -> Result<(Filter, usize)> {
    let term = form(term);
    let expr = larder_query::parse_query(&term, &Limits::default())
        .map_err(|error| bad(format!("{error}\n{}", error.caret(&term))))?;
    if let Some(param) = larder_query::params(&expr).next() {
        let name = format!("${}", param.dotted());
        let message =
            format!("a query has no parameters such as `{name}`; write %24 for a dollar sign");
        return Err(refuse(&name, message));
    }
    let expr = run_searches(scope.places.model(), expr)?;
    let filter = larder_query::bind(&expr, scope).map_err(|error| {
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
fn run_searches(model: &Compiled, expr: Expr) -> Result<Expr> {
    let each = |all: Vec<Expr>| -> Result<Vec<Expr>> {
        all.into_iter()
            .map(|expr| run_searches(model, expr))
            .collect()
    };
    Ok(match expr {
        Expr::And(all) => Expr::And(each(all)?),
        Expr::Or(all) => Expr::Or(each(all)?),
        Expr::Not(inner) => Expr::Not(Box::new(run_searches(model, *inner)?)),
        Expr::Compare(compare) if compare.form => {
            let name = compare.subject.path().map(Path::dotted).unwrap_or_default();
            let declared = model.lists.search.iter().find(|search| search.name == name);
            let op = declared.map_or(compare.op, |search| search.op);
            Expr::Compare(Compare {
                op,
                form: false,
                operand: operand(op, &name, compare.operand)?,
                ..compare
            })
        }
        other => other,
    })
}

/// What a plain text is for an operator that compares with something else than a value of the field.
fn operand(op: Op, name: &str, operand: Operand) -> Result<Operand> {
    let text = match (&operand, op) {
        (Operand::Literal(literal), Op::Match | Op::Mod | Op::Size | Op::Within) => &literal.raw,
        _ => return Ok(operand),
    };
    let fault = |expected: &str| Err(refuse(name, format!("`{name}` takes {expected}")));
    match op {
        Op::Match => match Pattern::new(text, Flags::default()) {
            Ok(pattern) => Ok(Operand::Pattern(pattern)),
            Err(error) => fault(&format!("a pattern: {error}")),
        },
        Op::Size => match text.parse::<u64>() {
            Ok(size) => Ok(Operand::Literal(Literal::of(size))),
            Err(_) => fault("a whole number from 0"),
        },
        Op::Mod => {
            let numbers = text.split_once(',');
            match numbers
                .map(|(divisor, rest)| (divisor.trim().parse::<i64>(), rest.trim().parse::<i64>()))
            {
                Some((Ok(divisor), Ok(rest))) => {
                    let numbers =
                        [divisor, rest].map(|number| Operand::Literal(Literal::of(number)));
                    Ok(Operand::List(numbers.into()))
                }
                _ => fault("a divisor and a remainder: `4,0`"),
            }
        }
        _ => fault("an area, which a plain `=` can't say"),
    }
}

/// Only the declared parameters exist.
struct Searchable<'a> {
    places: &'a Places<'a>,
    /// Where the names of this query have led.
    found: RefCell<Vec<(Place, &'a Search)>>,
}

impl<'a> Searchable<'a> {
    fn new(places: &'a Places<'a>) -> Self {
        Self {
            places,
            found: RefCell::default(),
        }
    }
}

impl Scope for Searchable<'_> {
    fn field(&self, path: &Path) -> Result<Place, String> {
        let model = self.places.model();
        let name = path.dotted();
        let searches = &model.lists.search;
        let declared = searches.iter().find(|search| search.name == name);
        if let Some((search, route)) =
            declared.and_then(|search| Some((search, search.route.as_ref()?)))
        {
            let place = self.places.follow(route);
            self.found.borrow_mut().push((place.clone(), search));
            return Ok(place);
        }
        let known = || searches.iter().map(|search| search.name.as_str());
        Err(match larder_query::nearest(&name, known()) {
            Some(near) => format!(
                "`{name}` is not a query parameter of {}; did you mean `{near}`?",
                model.name()
            ),
            None if searches.is_empty() => {
                format!("{} has no query parameters that filter", model.name())
            }
            None => format!(
                "`{name}` is not a query parameter of {}; there are {}",
                model.name(),
                known().collect::<Vec<_>>().join(", ")
            ),
        })
    }

    fn value(&self, place: &Place, literal: &Literal) -> Result<Value, String> {
        let found = self.found.borrow();
        let leads_to = |(known, _): &&(Place, &Search)| {
            known.field == place.field && place.inside.starts_with(&known.inside)
        };
        let Some((_, search)) = found.iter().find(leads_to) else {
            return Ok(literal.value.clone());
        };
        let Some(route) = &search.route else {
            return Ok(literal.value.clone());
        };
        match &route.inner {
            Some(inner) => inner.literal(&place.inside, &search.name, literal),
            None => literal_of(route.kind, &search.name, literal),
        }
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
