//! Queries that were made without a model, by the untyped builder or out of a text, run by code on the server: their names mean fields of the
//! model, what is inside them, and fields behind its links.

use std::cell::RefCell;

use larder_query::{
    CompactString, Expr, Filter, Literal, Near, Param, ParamValue, Path, Place, Point, Query,
    Scope, Shape, Sort, Value,
};

use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::model::{Inside, Kind, astray};
use crate::places::Places;
use crate::rule::{as_kind, field_named, literal_of, open_to, param_of};
use crate::store::SortKey;

/// What queries come to, over the places of one.
#[derive(Default)]
pub(super) struct Made {
    /// Records have to pass all of these.
    pub(super) filters: Vec<Filter>,
    /// The order of the last one that has one.
    pub(super) sort: Vec<SortKey>,
    /// Or from where the nearest are wanted first.
    pub(super) near: Option<(Place, Point)>,
}

/// Looks the names of queries up.
///
/// # Errors
/// `Setup` for a name that leads nowhere or that is not for the actor, a value that its field can't be compared with, and what makes no
/// records.
pub(super) fn bind(queries: &[Query], places: &Places<'_>, actor: &Actor) -> Result<Made> {
    let named = Named {
        places,
        actor,
        found: RefCell::default(),
    };
    let mut made = Made::default();
    for query in queries {
        if let Some(fault) = fault(query) {
            return Err(Error::setup(format!("the query: {fault}")));
        }
        if let Some(expr) = &query.filter {
            made.filters.push(named.filter(expr)?);
        }
        if !query.sort.is_empty() || query.near.is_some() {
            made.sort = named.sort(&query.sort)?;
            let near = query.near.as_ref().map(|near| named.near(near));
            made.near = near.transpose()?;
        }
    }
    Ok(made)
}

/// What is wrong with a query that is to find whole records.
fn fault(query: &Query) -> Option<&'static str> {
    if query.group.is_some() || query.reduce.is_some() || query.distinct.is_some() {
        return Some("it computes something, where records are asked for");
    }
    if query.shape != Shape::Whole {
        return Some("records come whole: leave the choice of their fields out");
    }
    let counts = query.page.total.is_some();
    counts.then_some("`page()` counts what matches: leave the third argument of `limit(..)` out")
}

/// The names of a query, for one actor.
struct Named<'a> {
    places: &'a Places<'a>,
    actor: &'a Actor,
    /// Where the names have led.
    found: RefCell<Vec<(Place, String, What<'a>)>>,
}

/// What stands at a place that a name led to.
struct Found<'a, 'p> {
    name: String,
    what: What<'a>,
    /// The names from there on.
    rest: &'p [CompactString],
}

/// What stands at a place.
#[derive(Clone, Copy)]
struct What<'a> {
    kind: Kind,
    /// What the schema says of it, where it is JSON.
    inside: Option<Inside<'a>>,
}

impl<'a> Named<'a> {
    fn filter(&self, expr: &Expr) -> Result<Filter> {
        for param in larder_query::params(expr) {
            if !matches!(param.steps.as_slice(), [actor, _] if actor == "actor") {
                let name = param.dotted();
                return Err(Error::setup(format!(
                    "the query asks for `${name}`: there are `$actor.id` and what else the actor has, as `$actor.NAME`"
                )));
            }
        }
        let fault = |message: &str| Error::setup(format!("the query: {message}"));
        let list = |path: &Path| self.find(path).ok()?.1.inside;
        if let Some((_, message)) = astray(expr, &list).first() {
            return Err(fault(message));
        }
        larder_query::bind(expr, self).map_err(|error| fault(&error.message))
    }

    fn sort(&self, keys: &[Sort]) -> Result<Vec<SortKey>> {
        let key = |by: &Sort| {
            let (place, _) = self.find(&by.path)?;
            if !place.inside.is_empty() {
                let name = by.path.dotted();
                return Err(Error::setup(format!(
                    "`{name}` is inside a field: a query sorts by whole fields only"
                )));
            }
            Ok(SortKey {
                field: place.field,
                descending: by.descending,
            })
        };
        keys.iter().map(key).collect()
    }

    fn near(&self, near: &Near) -> Result<(Place, Point)> {
        let (place, _) = self.find(&near.path)?;
        if place.field >= self.places.model().fields.len() {
            return Err(Error::setup("only a record's own point can be near"));
        }
        Ok((place, near.from))
    }

    fn find(&self, path: &Path) -> Result<(Place, What<'a>)> {
        let (model, name) = (self.places.model(), path.dotted());
        open_to(self.actor, &model.fields, &name)?;
        if let [own] = path.steps.as_slice() {
            let at = field_named(&model.fields, own).map_err(Error::setup)?;
            let kind = model.fields[at].kind();
            let inside = (kind == Kind::Json).then(|| Inside::stored(model, at));
            return Ok((at.into(), What { kind, inside }));
        }
        let (place, route) = self.places.find(&name)?;
        let what = match route.inner {
            Some(_) => What {
                kind: Kind::Json,
                inside: Some(self.places.inside(&name)?),
            },
            None => What {
                kind: route.kind,
                inside: None,
            },
        };
        Ok((place, what))
    }

    /// What a name has led to that leads to a place, or to what is around it.
    fn at<'p>(&self, place: &'p Place) -> Option<Found<'a, 'p>> {
        let found = self.found.borrow();
        let (known, name, what) = found.iter().find(|(known, ..)| {
            known.field == place.field && place.inside.starts_with(&known.inside)
        })?;
        Some(Found {
            name: name.clone(),
            what: *what,
            rest: place.inside.get(known.inside.len()..)?,
        })
    }
}

impl Scope for Named<'_> {
    fn field(&self, path: &Path) -> Result<Place, String> {
        let found = self.find(path);
        let (place, what) = found.map_err(|error| error.message().to_owned())?;
        let name = path.dotted().into_owned();
        self.found.borrow_mut().push((place.clone(), name, what));
        Ok(place)
    }

    fn value(&self, place: &Place, literal: &Literal) -> Result<Value, String> {
        let Some(Found { name, what, rest }) = self.at(place) else {
            return Ok(literal.as_json());
        };
        match what.inside {
            Some(inside) => inside.literal(rest, &name, literal),
            None => literal_of(what.kind, &name, literal),
        }
    }

    fn param(&self, param: &Param) -> ParamValue {
        param_of(self.actor, param)
    }

    fn coerce(&self, place: &Place, value: Value) -> Option<Value> {
        let Found { what, rest, .. } = self.at(place)?;
        let kind = what.inside.map_or(what.kind, |inside| inside.kind_at(rest));
        as_kind(kind, value)
    }

    fn may_be_list(&self, place: &Place) -> bool {
        let found = self.at(place);
        found.is_none_or(|found| found.what.inside.is_some())
    }
}
