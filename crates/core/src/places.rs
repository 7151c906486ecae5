//! From names to the places of a query: among the model's own fields, or behind them among those of linked models.

use std::cell::RefCell;

use larder_query::Place;

use crate::app::App;
use crate::call::Joined;
use crate::error::{Error, Result};
use crate::model::{Compiled, Field, Inside, Kind, Models, Route};
use crate::rule::field_named;

impl Models for App {
    fn at(&self, place: usize) -> Option<&Compiled> {
        self.model(place).ok().map(|model| &**model)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.position(name)
    }
}

/// The places of one query. A name that leads through a link adds the join that it needs, once.
pub(crate) struct Places<'a> {
    app: &'a App,
    model: &'a Compiled,
    joins: RefCell<Vec<Joined>>,
}

impl<'a> Places<'a> {
    /// The places of a query for records of a model that has some joins already.
    ///
    /// # Errors
    /// If the app does not have such a model.
    pub(crate) fn new(app: &'a App, model: usize, joins: Vec<Joined>) -> Result<Self> {
        Ok(Self {
            app,
            model: app.model(model)?,
            joins: RefCell::new(joins),
        })
    }

    /// The model.
    pub(crate) fn model(&self) -> &'a Compiled {
        self.model
    }

    /// The place that a route leads to; its joins are added.
    pub(crate) fn follow(&self, route: &Route) -> Place {
        let mut first = 0;
        for (link, target) in &route.links {
            first = self.join(first + link, *target);
        }
        Place {
            field: first + route.field,
            inside: route.inside.clone(),
        }
    }

    /// The field that a route ends at, if it is all of it that is meant.
    pub(crate) fn last_field(&self, route: &Route) -> Option<&'a Field> {
        let model = match route.links.last() {
            Some((_, target)) => self.app.at(*target)?,
            None => self.model,
        };
        let field = model.fields.get(route.field)?;
        route.inside.is_empty().then_some(field)
    }

    /// Where a dotted name leads, for code on the server: it may look into any model of the same store, but for server-only fields.
    ///
    /// # Errors
    /// `Setup` if it leads nowhere, or into another store.
    pub(crate) fn find(&self, name: &str) -> Result<(Place, Route)> {
        let at = self.app.position(self.model.name()).unwrap_or_default();
        let route =
            Route::find(self.app, at, name).map_err(|lost| Error::setup(String::from(lost)))?;
        for (_, target) in &route.links {
            let other = self.app.model(*target)?;
            if other.data().store != self.model.data().store {
                return Err(Error::setup(format!(
                    "`{name}` leads to {}, which is kept in another store than {}",
                    other.name(),
                    self.model.name()
                )));
            }
        }
        Ok((self.follow(&route), route))
    }

    /// What the schema says of the value that a name leads to, for code on the server.
    ///
    /// # Errors
    /// As for [`find`](Self::find).
    pub(crate) fn inside(&self, name: &str) -> Result<Inside<'a>> {
        if !name.contains('.') {
            let at = field_named(&self.model.fields, name).map_err(Error::setup)?;
            return Ok(Inside::of_field(self.model, at));
        }
        let (_, route) = self.find(name)?;
        let model = match route.links.last() {
            Some((_, target)) => self.app.model(*target)?,
            None => self.model,
        };
        let inside = Inside::of_field(model, route.field);
        inside.follow(&route.inside).map_err(Error::setup)
    }

    /// The place of the first field of a linked model, which is joined by this link.
    fn join(&self, link: usize, model: usize) -> usize {
        let mut joins = self.joins.borrow_mut();
        let joined = Joined { link, model };
        let at = joins
            .iter()
            .position(|known| *known == joined)
            .unwrap_or(joins.len());
        if at == joins.len() {
            joins.push(joined);
        }
        self.start(&joins[..at])
    }

    /// Whether a route leads to the field at a place, by joins that are there.
    pub(crate) fn leads_to(&self, route: &Route, place: usize) -> bool {
        let mut first = 0;
        for (link, model) in &route.links {
            let joined = Joined {
                link: first + link,
                model: *model,
            };
            let joins = self.joins.borrow();
            let Some(at) = joins.iter().position(|known| *known == joined) else {
                return false;
            };
            first = self.start(&joins[..at]);
        }
        first + route.field == place
    }

    /// The place behind the model's own fields and those of some joins.
    fn start(&self, joins: &[Joined]) -> usize {
        joins
            .iter()
            .fold(self.model.fields.len(), |sum, join| sum + self.width(*join))
    }

    fn width(&self, join: Joined) -> usize {
        self.app
            .at(join.model)
            .map_or(0, |model| model.fields.len())
    }

    /// The field at a place, and by which join it came.
    fn field(&self, mut place: usize) -> Option<(&'a Field, Option<Joined>)> {
        if let Some(field) = self.model.fields.get(place) {
            return Some((field, None));
        }
        place -= self.model.fields.len();
        for join in self.joins.borrow().iter() {
            let fields = &self.app.at(join.model)?.fields;
            match fields.get(place) {
                Some(field) => return Some((field, Some(*join))),
                None => place -= fields.len(),
            }
        }
        None
    }

    /// The dotted name of the field at a place.
    pub(crate) fn name(&self, place: usize) -> String {
        match self.field(place) {
            Some((field, None)) => field.name().to_owned(),
            // A join's link stands before the join.
            Some((field, Some(join))) if join.link < place => {
                format!("{}.{}", self.name(join.link), field.name())
            }
            _ => String::new(),
        }
    }

    /// The kind of the field at a place.
    pub(crate) fn kind(&self, place: usize) -> Option<Kind> {
        self.field(place).map(|(field, _)| field.kind())
    }

    /// The joins that the places need.
    pub(crate) fn into_joins(self) -> Vec<Joined> {
        self.joins.into_inner()
    }
}
