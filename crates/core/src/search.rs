//! A query string to a list query: search parameters, operators, sorting, paging. What is not declared is refused by name.

use std::borrow::Cow;

use larder_query::{
    Expr, Filter, Flags, Limits, Literal, Near, Op, Operand, Param, ParamValue, Path,
    PatternLimits, Place, Query, Scope, Shape, Span, Value, kinvey,
};

use crate::app::App;
use crate::call::ListQuery;
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::model::{Compiled, Given, Inside, Route, Search, astray, split_keys};
use crate::places::Places;
use crate::rule::{impossible_in, literal_of};
use crate::store::SortKey;
use crate::view::View;

mod answer;
mod text;

pub use text::next_page;
use text::{Parts, decode};

/// The longest query string, in bytes.
const MAX_TEXT: usize = 4096;

/// Comparisons in one query string, and in what one parameter means: stores nest them, and have bounds of their own.
pub(crate) const MAX_COMPARES: usize = 256;

/// A space of a form is three bytes of RQL.
const RQL: Limits = Limits {
    text: 3 * MAX_TEXT,
    depth: 16,
    terms: MAX_COMPARES,
    list: 256,
    patterns: PatternLimits::USUAL,
};

/// Reads the query string of a list of the model at a place. `text` is as it stands in the URL, still
/// percent-encoded.
///
/// # Errors
/// `BadRequest` naming the parameter that is not known, a value that does not fit, a text that does not parse, or one that asks for too
/// much.
pub fn parse_list(app: &App, at: usize, text: &str) -> Result<ListQuery> {
    // The place of a page is ours: it makes no query too long.
    if text.len() > MAX_TEXT && text::without_place(text) > MAX_TEXT {
        return Err(bad(format!(
            "the query string is longer than {MAX_TEXT} bytes"
        )));
    }
    let places = Places::new(app, at, Vec::new())?;
    let mut declared = Given::default();
    let given = Parts::split(text, |name, value| {
        taken(&mut declared, places.model(), name, value)
    })?;
    let mut asked = asked(&given, text)?;
    let filter = match asked.filter.take() {
        Some(expr) => filter(&Searchable { places: &places }, expr)?,
        None => Filter::True,
    };
    let mut answer = answer::answer(&places, &asked)?;
    let keys = sort_names(&given, &asked)?;
    let sort = match &answer.group {
        Some(_) => answer.sort(&keys)?,
        None => sort(&places, &keys)?,
    };
    let near = match &asked.near {
        // Groups, and a number, have no distance.
        Some(near) if keys.is_empty() && answer.group.is_none() && !answer.counts => {
            Some((nearest_first(&places, near)?, near.from))
        }
        _ => None,
    };
    let page = u64::from(places.model().page);
    let limit = asked.page.limit.unwrap_or(page).min(page);
    if given.cursor.is_some() && (asked.page.skip > 0 || answer.group.is_some() || near.is_some()) {
        let message = "a cursor is a place in a list of records: it goes with neither `skip` nor groups nor an order by distance";
        return Err(refuse("cursor", message.to_owned()));
    }
    answer.view.most = asked.page.total;
    Ok(ListQuery {
        declared: declared.filter(&places)?,
        filter,
        sort,
        near,
        skip: asked.page.skip,
        limit: Some(answer.limit.unwrap_or(limit)),
        total: answer.view.is_list() || answer.counts,
        estimate: false,
        group: answer.group,
        next: answer.view.is_list(),
        cursor: given.cursor,
        view: answer.view,
        joins: places.into_joins(),
    })
}

/// Reads the query string of one record: what is to be shown of it.
///
/// # Errors
/// `BadRequest` as for a list, and for whatever a list takes and a record does not.
pub fn parse_record(app: &App, at: usize, text: &str) -> Result<View> {
    if text.is_empty() {
        return Ok(View::default());
    }
    let query = parse_list(app, at, text)?;
    let other = ListQuery {
        view: View::default(),
        ..query.clone()
    };
    if other != parse_list(app, at, "")? || !query.view.is_list() {
        return Err(bad(
            "one record takes no query but for what is to be shown of it: `fields=`, `select(..)`, `unselect(..)` or `values(..)`",
        ));
    }
    Ok(query.view)
}

/// The one tree of all that is given, in whichever syntax.
fn asked(given: &Parts, text: &str) -> Result<Query> {
    let mut query = if given.rql.is_empty() {
        Query::default()
    } else {
        Query::parse_with(&given.rql, &RQL).map_err(|error| given.fault(text, error))?
    };
    let number = |name: &str, text: &str| {
        text.parse::<u64>()
            .map_err(|_| refuse(name, format!("`{name}` must be a whole number from 0")))
    };
    let paged = query.page != larder_query::Page::default();
    if let Some(limit) = &given.limit {
        if paged {
            return Err(refuse("limit", "there are two limits".to_owned()));
        }
        query.page.limit = Some(number("limit", limit)?);
    }
    if let Some(skip) = &given.skip {
        if paged {
            return Err(refuse(
                "skip",
                "limit(..) says already what to skip".to_owned(),
            ));
        }
        query.page.skip = number("skip", skip)?;
    }
    if given.query.is_some() || given.fields.is_some() || is_json(given.sort.as_ref()) {
        add_kinvey(&mut query, given)?;
    }
    let compares = query
        .filter
        .as_ref()
        .map_or(0, |expr| larder_query::compares(expr).count());
    if compares > MAX_COMPARES {
        return Err(bad(format!(
            "the query string has more than {MAX_COMPARES} comparisons"
        )));
    }
    Ok(query)
}

fn is_json(text: Option<&String>) -> bool {
    text.is_some_and(|text| text.trim_start().starts_with('{'))
}

/// Kinvey's parameters: a filter in JSON, and what is left of each record.
fn add_kinvey(query: &mut Query, given: &Parts) -> Result<()> {
    let params = kinvey::Params {
        query: given.query.clone(),
        fields: given.fields.clone(),
        sort: given.sort.clone().filter(|_| is_json(given.sort.as_ref())),
        ..kinvey::Params::default()
    };
    let limits = Limits {
        patterns: patterns_left(query.filter.as_ref()),
        ..Limits::default()
    };
    let theirs = kinvey::parse(&params, &limits).map_err(|error| {
        let name = error.param.unwrap_or("query");
        let text = match name {
            "fields" => params.fields.as_deref(),
            "sort" => params.sort.as_deref(),
            _ => params.query.as_deref(),
        };
        refuse(
            name,
            format!("{error}\n{}", error.error.place(text.unwrap_or_default())),
        )
    })?;
    let twice = |name: &str| Err(refuse(name, format!("`{name}` is given in two ways")));
    query.filter = match (query.filter.take(), theirs.filter) {
        (Some(ours), Some(theirs)) => Some(Expr::And(vec![ours, theirs])),
        (ours, theirs) => ours.or(theirs),
    };
    match (&query.shape, theirs.shape) {
        (_, Shape::Whole) => {}
        (Shape::Whole, shape) => query.shape = shape,
        _ => return twice("fields"),
    }
    match (query.sort.is_empty(), theirs.sort.is_empty()) {
        (_, true) => {}
        (true, false) => query.sort = theirs.sort,
        (false, false) => return twice("sort"),
    }
    query.near = query.near.take().or(theirs.near);
    Ok(())
}

/// The patterns that a query may have beside those of a condition: one budget for all syntaxes.
fn patterns_left(expr: Option<&Expr>) -> PatternLimits {
    let operands = expr.into_iter().flat_map(larder_query::compares);
    PatternLimits::USUAL.beside(operands.filter_map(|compare| match &compare.operand {
        Operand::Pattern(pattern) => Some(pattern),
        _ => None,
    }))
}

/// The names to sort by, true for those that run down.
fn sort_names<'q>(given: &'q Parts, query: &'q Query) -> Result<Vec<(Cow<'q, str>, bool)>> {
    let own = query
        .sort
        .iter()
        .map(|key| (key.path.dotted(), key.descending));
    match &given.sort {
        Some(text) if !is_json(Some(text)) => {
            if !query.sort.is_empty() {
                return Err(refuse(
                    "sortBy",
                    "the order is given in two ways".to_owned(),
                ));
            }
            let keys = split_keys(text).map(|(name, descending)| (name.into(), descending));
            Ok(keys.collect())
        }
        _ => Ok(own.collect()),
    }
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

/// `sortBy=+a,-b`. A raw `+` arrives as a space and counts as `+`.
fn sort(places: &Places<'_>, keys: &[(Cow<'_, str>, bool)]) -> Result<Vec<SortKey>> {
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
    for (name, descending) in keys {
        let name = name.trim();
        let named = sortable.iter().find(|field| field.name == name);
        let Some(route) = named.and_then(|field| field.route.as_ref()) else {
            let known: Vec<&str> = sortable.iter().map(|field| field.name.as_str()).collect();
            let message = format!("can't sort by `{name}`; sortable are: {}", known.join(", "));
            return Err(refuse("sortBy", message));
        };
        let field = places.follow(route).field;
        // A field that has been sorted by decides nothing more, and stores have a limit of keys.
        if sorted.iter().all(|key| key.field != field) {
            sorted.push(SortKey {
                field,
                descending: *descending,
            });
        }
    }
    Ok(sorted)
}

/// The place that distances are taken to.
fn nearest_first(places: &Places<'_>, near: &Near) -> Result<Place> {
    let scope = Searchable { places };
    let name = near.path.dotted();
    let place = scope
        .field(&near.path)
        .map_err(|fault| refuse(&name, fault))?;
    if place.field >= places.model().fields.len() {
        return Err(refuse(&name, "only a record's own point can be near"));
    }
    Ok(place)
}

/// The condition of a query.
fn filter(scope: &Searchable<'_>, mut expr: Expr) -> Result<Filter> {
    if let Some(param) = larder_query::params(&expr).next() {
        let name = format!("${}", param.dotted());
        let message =
            format!("a query has no parameters such as `{name}`; write %24 for a dollar sign");
        return Err(refuse(&name, message));
    }
    let mut left = patterns_left(Some(&expr));
    run_searches(scope.places.model(), &mut expr, &mut left)?;
    if let Some((name, fault)) = impossible(&expr, scope) {
        return Err(refuse(&name, fault));
    }
    let faulty = |span: Span, message: String| {
        // The comparison that the fault is in, be it in its name or in its value.
        let faulty = larder_query::compares(&expr)
            .find(|one| one.span.start <= span.start && span.end <= one.span.end);
        let name = faulty.and_then(|one| one.subject.path().map(Path::dotted));
        refuse(&name.unwrap_or_default(), message)
    };
    if let Some((span, message)) = astray(&expr, &|path| scope.list(path)).into_iter().next() {
        return Err(faulty(span, message));
    }
    larder_query::bind(&expr, scope).map_err(|error| faulty(error.span, error.message))
}

/// A single `=` runs the operator that the model declares for the parameter.
fn run_searches(model: &Compiled, expr: &mut Expr, left: &mut PatternLimits) -> Result<()> {
    match expr {
        Expr::And(all) | Expr::Or(all) => {
            for expr in all {
                run_searches(model, expr, left)?;
            }
        }
        Expr::Not(inner) => run_searches(model, inner, left)?,
        Expr::Compare(compare) if compare.form => {
            let name = compare.subject.path().map(Path::dotted).unwrap_or_default();
            if let Some(search) = model.lists.search.iter().find(|search| search.name == name) {
                compare.op = search.op;
            }
            if let Some(operand) = operand(compare.op, &name, &compare.operand, left)? {
                compare.operand = operand;
            }
            compare.form = false;
        }
        Expr::Const(_) | Expr::Any(_) | Expr::Compare(_) => {}
    }
    Ok(())
}

/// What a plain text is for an operator that compares with something else than a value of the field.
fn operand(
    op: Op,
    name: &str,
    operand: &Operand,
    left: &mut PatternLimits,
) -> Result<Option<Operand>> {
    let text = match (operand, op) {
        (Operand::Literal(literal), Op::Match | Op::Mod | Op::Size | Op::Within) => &literal.raw,
        _ => return Ok(None),
    };
    let fault = |expected: &str| Err(refuse(name, format!("`{name}` takes {expected}")));
    match op {
        Op::Match => match left.compile(text, Flags::default()) {
            Err(error) if error.is_too_many() => Err(refuse(name, error.to_string())),
            Ok(pattern) => Ok(Some(Operand::Pattern(pattern))),
            Err(error) => fault(&format!("a pattern: {error}")),
        },
        Op::Size => match text.parse::<u64>() {
            Ok(size) => Ok(Some(Operand::Literal(Literal::of(size)))),
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
                    Ok(Some(Operand::List(numbers.into())))
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
}

impl<'a> Searchable<'a> {
    /// What the schema says of the list whose elements have to pass something.
    fn list(&self, path: &Path) -> Option<Inside<'a>> {
        let name = path.dotted();
        let searches = &self.places.model().lists.search;
        let search = searches.iter().find(|search| search.name == name)?;
        let route = search.route.as_ref()?;
        route.inner.as_ref()?.inside().follow(&route.inside).ok()
    }

    /// What leads to a place, or to what is nearest around it.
    fn route_to(&self, place: &Place) -> Option<(&'a Search, &'a Route)> {
        let searches = self.places.model().lists.search.iter();
        let routes = searches.filter_map(|search| Some((search, search.route.as_ref()?)));
        let here = routes.filter(|(_, route)| {
            place.inside.starts_with(&route.inside) && self.places.leads_to(route, place.field)
        });
        here.max_by_key(|(_, route)| route.inside.len())
    }
}

/// A value that is compared for equality with a field of a few fixed texts and is none of them: the name that the field has in the query,
/// and what to write. It would find nothing, or everything, where a word is mistyped.
fn impossible(expr: &Expr, scope: &Searchable<'_>) -> Option<(String, String)> {
    let mut compares = larder_query::own_compares(expr);
    compares.find_map(|compare| {
        let name = compare.subject.path()?.dotted();
        let searches = &scope.places.model().lists.search;
        let route = searches.iter().find(|search| search.name == name)?;
        let field = scope.places.last_field(route.route.as_ref()?)?;
        let fault = impossible_in(compare, &name, field).into_iter().next();
        fault.map(|(_, fault)| (name.into_owned(), fault))
    })
}

impl Scope for Searchable<'_> {
    fn field(&self, path: &Path) -> Result<Place, String> {
        let model = self.places.model();
        let name = path.dotted();
        let searches = &model.lists.search;
        let declared = searches.iter().find(|search| search.name == name);
        match declared.and_then(|search| search.route.as_ref()) {
            Some(route) => Ok(self.places.follow(route)),
            None => Err(not_declared(model, &name)),
        }
    }

    fn value(&self, place: &Place, literal: &Literal) -> Result<Value, String> {
        let Some((search, route)) = self.route_to(place) else {
            return Ok(literal.value.clone());
        };
        match &route.inner {
            Some(inner) => inner.inside().literal(&place.inside, &search.name, literal),
            None => literal_of(route.kind, &search.name, literal),
        }
    }

    /// What is kept as anything else than JSON is one value: an index on it can then serve Kinvey's comparisons too.
    fn may_be_list(&self, place: &Place) -> bool {
        let route = self.route_to(place);
        route.is_none_or(|(_, route)| route.inner.is_some())
    }

    // Not asked: `filter` refuses parameters, on either side.
    fn param(&self, _: &Param) -> ParamValue {
        ParamValue::Unknown
    }
}

/// What is said of a parameter that the model does not declare: the one that is perhaps meant first, then all there are.
#[cold]
fn not_declared(model: &Compiled, name: &str) -> String {
    let fields = model.lists.search.iter().map(|search| search.name.as_str());
    let mut known: Vec<&str> = fields.collect();
    for parameter in &model.data.parameters {
        if !known.contains(&parameter.name.as_str()) {
            known.push(&parameter.name);
        }
    }
    let near = larder_query::nearest(name, known.iter().copied());
    known.sort_by_key(|known| Some(*known) != near);
    let (model, all) = (model.name(), known.join(", "));
    let told = match near {
        _ if known.is_empty() => format!("{model} has no query parameters that filter"),
        Some(near) => format!(
            "`{name}` is not a query parameter of {model}; did you mean `{near}`? There are {all}"
        ),
        None => format!("`{name}` is not a query parameter of {model}; there are {all}"),
    };
    told + elsewhere(name)
}

/// What is called like this in other APIs, and how it is asked for here.
fn elsewhere(name: &str) -> &'static str {
    match name {
        "page" | "per_page" | "perPage" | "page_size" | "pageSize" | "offset" | "size"
        | "start" => ". A page is asked for by `limit` and `skip`",
        "order" | "orderBy" | "order_by" | "ordering" | "sort_by" | "sortby" => {
            ". An order is asked for by `sortBy`"
        }
        _ => "",
    }
}

#[cold]
fn bad(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::BadRequest, message)
}

#[cold]
fn refuse(name: &str, message: impl Into<String>) -> Error {
    let message = message.into();
    let fault = FieldError {
        field: name.to_owned(),
        pointer: String::new(),
        message: message.clone(),
        code: "parameter",
    };
    Error::new(ErrorKind::BadRequest, message).with_fields(vec![fault])
}
