//! What the lists of a model can be filtered and sorted by, and where each declared name leads: to a field, into a field, or through a
//! link to another model's field.

use std::sync::Arc;

use larder_query::{CompactString, Op};

use super::{Compiled, Conditions, Field, Parameter, parameters};
use crate::layout::{Index, Layout};
use crate::model::inner::Inner;
use crate::model::{FieldUse, Kind, ModelDef, SearchData};
use crate::relation::RelationKind;

/// Links that one name may go through.
const MAX_LINKS: usize = 4;

/// The models that a name may lead through.
pub(crate) trait Models {
    /// A model by its place.
    fn at(&self, place: usize) -> Option<&Compiled>;

    /// The place of a model by its name.
    fn place(&self, name: &str) -> Option<usize>;
}

impl Models for [Compiled] {
    fn at(&self, place: usize) -> Option<&Compiled> {
        self.get(place)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.iter().position(|model| model.name() == name)
    }
}

/// Where a name leads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    /// The links to follow: the place of each among the fields of the model that is reached so far, and the model it leads to.
    pub(crate) links: Vec<(usize, usize)>,
    /// The place of the field in the last model.
    pub(crate) field: usize,
    /// The names to follow inside its value.
    pub(crate) inside: Vec<CompactString>,
    /// What its value holds, where it is JSON.
    pub(crate) inner: Option<Inner>,
    /// What is compared: the value itself, or an element of a list of single values.
    pub(crate) kind: Kind,
}

/// Why a name leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// A model on the way is not there (yet).
    Model(String),
    /// The name is wrong, and why.
    Name(String),
}

impl Route {
    /// Follows a dotted name from the model at a place.
    pub(crate) fn find(
        models: &(impl Models + ?Sized),
        from: usize,
        name: &str,
    ) -> Result<Self, Lost> {
        let mut links = Vec::new();
        let (mut at, mut rest) = (from, name);
        loop {
            let Some(model) = models.at(at) else {
                return Err(Lost::Model(String::new()));
            };
            if let Some(field) = place_of(model, rest)? {
                return Self::to(model, links, field, Vec::new());
            }
            let Some((first, inside)) = rest.split_once('.') else {
                return Err(Lost::Name(unknown(model, rest)));
            };
            let Some(field) = place_of(model, first)? else {
                return Err(Lost::Name(unknown(model, first)));
            };
            let relation = model
                .data
                .relations
                .iter()
                .find(|relation| relation.field == first);
            match relation.map(|relation| (relation.kind, &relation.target)) {
                Some((RelationKind::Link | RelationKind::Parent, target)) => {
                    if links.len() == MAX_LINKS {
                        return Err(Lost::Name(format!(
                            "it goes through more than {MAX_LINKS} links"
                        )));
                    }
                    let next = models
                        .place(target)
                        .ok_or_else(|| Lost::Model(target.clone()))?;
                    if models.at(next).is_some_and(|next| next.key.one().is_none()) {
                        return Err(Lost::Name(format!(
                            "`{first}` leads to {target}, whose id is several fields: a list can't reach through it yet; copy what \
                             you search by into a field of this model"
                        )));
                    }
                    links.push((field, next));
                    (at, rest) = (next, inside);
                }
                Some((kind, target)) if kind.is_link() => {
                    return Err(Lost::Name(format!(
                        "`{first}` is a `{}`, which leads to several records of {target}: only through a `ModelLink` or \
                         `ModelParent` can a list reach another model's fields",
                        kind.type_name()
                    )));
                }
                _ => {
                    let inside = inside.split('.').map(CompactString::from).collect();
                    return Self::to(model, links, field, inside);
                }
            }
        }
    }

    fn to(
        model: &Compiled,
        links: Vec<(usize, usize)>,
        field: usize,
        inside: Vec<CompactString>,
    ) -> Result<Self, Lost> {
        let kind = model.fields[field].kind();
        let inner = (kind == Kind::Json).then(|| Inner::of_field(model, field));
        let kind = match &inner {
            Some(inner) => inner.inside().follow(&inside).map_err(Lost::Name)?.kind(),
            None if inside.is_empty() => kind,
            None => {
                let name = model.fields[field].name();
                return Err(Lost::Name(format!(
                    "`{name}` of {} is {}, with nothing inside",
                    model.name(),
                    kind.expected()
                )));
            }
        };
        Ok(Self {
            links,
            field,
            inside,
            inner,
            kind,
        })
    }

    /// The same, if paths into the elements of the list at its end lead somewhere.
    fn with_elements(self, paths: &[&str]) -> Result<Self, Lost> {
        if let Some(inner) = self.inner.as_ref().filter(|_| !paths.is_empty()) {
            let mut inside = inner.inside().follow(&self.inside).map_err(Lost::Name)?;
            for path in paths {
                let steps = path.split('.').filter(|step| !step.is_empty());
                let steps: Vec<&str> = steps.collect();
                let lost = |fault| Lost::Name(format!("in an element of a list {fault}"));
                inside = inside.item().follow(&steps).map_err(lost)?;
            }
        }
        Ok(self)
    }

    /// The place of the model that the field is of.
    fn model(&self, from: usize) -> usize {
        self.links.last().map_or(from, |(_, target)| *target)
    }

    /// Whether it is a whole field of the model itself.
    pub(crate) fn is_own(&self) -> bool {
        self.links.is_empty() && self.inside.is_empty()
    }

    /// Whether an index could be kept on it.
    fn can_have_index(&self) -> bool {
        self.inner.is_none()
    }
}

impl From<Lost> for String {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Model(name) => format!("the app does not have the model {name}"),
            Lost::Name(message) => message,
        }
    }
}

fn place_of(model: &Compiled, name: &str) -> Result<Option<usize>, Lost> {
    match model.fields.iter().position(|field| field.name() == name) {
        Some(at) if model.fields[at].server_only => Err(Lost::Name(format!(
            "`{name}` of {} is server-only: to search or sort by it would let clients guess what it holds",
            model.name()
        ))),
        found => Ok(found),
    }
}

fn unknown(model: &Compiled, name: &str) -> String {
    let open = model.fields.iter().filter(|field| !field.server_only);
    let near = larder_query::nearest(name, open.map(Field::name));
    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("{} has no field `{name}`{near}", model.name())
}

/// A declared query parameter that filters.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    /// The name as it was declared: `title`, `address.city`, `author.name`.
    pub(crate) name: String,
    /// The operator that a single `=` runs.
    pub(crate) op: Op,
    /// Whether `scan(..)` stands round the operator.
    pub(crate) scan: bool,
    /// Where the name leads; none while a model on the way is not there.
    pub(crate) route: Option<Route>,
    /// Whether every record may be looked at for it.
    pub(crate) leave: bool,
}

/// A field that lists can be sorted by.
#[derive(Clone, Debug)]
pub(crate) struct SortField {
    /// The name as it was declared.
    pub(crate) name: String,
    /// Where the name leads; none while a model on the way is not there.
    pub(crate) route: Option<Route>,
}

/// All of a model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists {
    /// The declared parameters, in their order.
    pub(crate) search: Vec<Search>,
    /// The parameters that filter by code.
    pub(crate) parameters: Vec<Parameter>,
    /// The parameters that filter by conditions written as data.
    pub(crate) conditions: Option<Conditions>,
    /// What clients may sort by.
    pub(crate) sortable: Vec<SortField>,
    /// The order where a request names none; true for a key that runs down.
    pub(crate) default_sort: Vec<(SortField, bool)>,
}

/// Splits `scan(eq)` or `eq`.
fn operator(text: &str) -> Result<(Op, bool), String> {
    let inner = text
        .strip_prefix("scan(")
        .and_then(|rest| rest.strip_suffix(')'));
    let name = inner.unwrap_or(text).trim();
    let op = declarable(name).ok_or_else(|| {
        let known = DECLARABLE.map(Op::name);
        match larder_query::nearest_operator(name, known) {
            Some(near) => format!("`{name}` is not a search operator; did you mean `{near}`?"),
            None => format!(
                "`{name}` is not a search operator; there are {}",
                known.join(", ")
            ),
        }
    })?;
    Ok((op, inner.is_some()))
}

/// The operators that a declaration may name.
const DECLARABLE: [Op; 16] = [
    Op::Eq,
    Op::Ne,
    Op::Lt,
    Op::Le,
    Op::Gt,
    Op::Ge,
    Op::In,
    Op::Out,
    Op::Contains,
    Op::StartsWith,
    Op::EndsWith,
    Op::EqIgnoreCase,
    Op::Match,
    Op::Mod,
    Op::Size,
    Op::Within,
];

fn declarable(name: &str) -> Option<Op> {
    DECLARABLE.into_iter().find(|op| op.name() == name)
}

/// Whether some index could serve an operator.
fn is_ordered(op: Op) -> bool {
    matches!(
        op,
        Op::Eq | Op::In | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::StartsWith
    )
}

/// Splits `+a,-b` into names, true for those that run down.
pub(crate) fn split_keys(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
    keys.map(|key| match key.strip_prefix('-') {
        Some(name) => (name, true),
        None => (key.strip_prefix('+').unwrap_or(key), false),
    })
}

/// What a description declares, not yet followed anywhere.
pub(super) fn declared(def: &ModelDef) -> Result<Lists, String> {
    let sort = |name: &str| SortField {
        name: name.to_owned(),
        route: None,
    };
    let search = def.search.iter().map(|(name, text)| {
        let (op, scan) = operator(text)?;
        Ok(Search {
            name: name.to_string(),
            op,
            scan,
            route: None,
            leave: scan,
        })
    });
    let default_sort = split_keys(def.default_sort.as_deref().unwrap_or_default());
    Ok(Lists {
        search: search.collect::<Result<_, String>>()?,
        parameters: parameters::compile(def)?,
        conditions: Conditions::compile(def)?,
        sortable: def.sort.iter().map(|name| sort(name)).collect(),
        default_sort: default_sort
            .map(|(name, down)| (sort(name), down))
            .collect(),
    })
}

impl Lists {
    /// What the manifest says of the parameters.
    pub(super) fn data(&self) -> Vec<SearchData> {
        let data = |search: &Search| SearchData {
            field: search.name.clone(),
            operator: search.op.name(),
            scan: search.scan,
        };
        self.search.iter().map(data).collect()
    }

    /// Every declared name with its route: those of the search, then those to sort by.
    fn each_mut(&mut self) -> impl Iterator<Item = (&'static str, &str, &mut Option<Route>)> {
        let search = self.search.iter_mut();
        let search = search.map(|one| ("search", one.name.as_str(), &mut one.route));
        let sort = self.sortable.iter_mut();
        let sort = sort.map(|one| ("sort", one.name.as_str(), &mut one.route));
        let default = self.default_sort.iter_mut();
        let default = default.map(|(one, _)| ("default_sort", one.name.as_str(), &mut one.route));
        search.chain(sort).chain(default)
    }
}

/// Follows what the models declare, each through all of them, and gives every field that is searched or sorted by its index.
///
/// A name through a model that is not there stays as it is: that the model is missing is told where its relation is checked, and a
/// model that is looked at alone is not wrong.
///
/// # Errors
/// A message for each name that leads nowhere, that clients must not use, or that leads into another store.
pub(super) fn follow(models: &mut [Compiled]) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    for at in 0..models.len() {
        let mut lists = std::mem::take(&mut models[at].lists);
        for (list, name, route) in lists.each_mut() {
            match Route::find(&*models, at, name).and_then(|found| check(models, at, list, found)) {
                Ok(found) => *route = Some(found),
                Err(Lost::Model(_)) => {}
                Err(Lost::Name(message)) => {
                    faults.push(format!(
                        "model {}: `{list}({name})`: {message}",
                        models[at].name()
                    ));
                }
            }
        }
        for search in &mut lists.search {
            let Some(route) = &search.route else { continue };
            // Nothing is ever made in a table that is only read, so what is declared is meant as it is.
            let fixed = models[route.model(at)].layout.storage.read_only;
            search.leave =
                search.scan || fixed || !(is_ordered(search.op) && route.can_have_index());
        }
        let used = uses(models, at, &lists, &mut faults);
        index_all(models, at, &lists, &used);
        models[at].lists = lists;
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// The fields that the parameters' functions compare in a way that an index serves.
fn uses(models: &[Compiled], at: usize, lists: &Lists, faults: &mut Vec<String>) -> Vec<Route> {
    let mut routes = Vec::new();
    let mut follow = |what: &str, used: &FieldUse| {
        let found = Route::find(models, at, &used.field);
        let found = found.and_then(|route| route.with_elements(used.elements));
        match found.and_then(|route| check(models, at, "search", route)) {
            Ok(route) => {
                if INDEXED.contains(&used.method) {
                    routes.push(route.clone());
                }
                Some(route)
            }
            Err(Lost::Model(_)) => None,
            Err(Lost::Name(message)) => {
                let name = models[at].name();
                faults.push(format!("model {name}: {what} `{}`: {message}", used.field));
                None
            }
        }
    };
    for parameter in &lists.parameters {
        let what = format!("the parameter `{}` looks at", parameter.def.name);
        for used in &parameter.def.uses {
            follow(&what, used);
        }
    }
    let mut wrong = Vec::new();
    for (used, operand) in lists.conditions.iter().flat_map(Conditions::tests) {
        let route = follow("the conditions look at", &used);
        let fault =
            route.and_then(|route| lists.conditions.as_ref()?.fault(&route, &used, operand));
        wrong.extend(fault);
    }
    let told = wrong
        .into_iter()
        .map(|message| format!("model {}: {message}", models[at].name()));
    faults.extend(told);
    routes
}

/// The methods of a typed field for which an index helps.
const INDEXED: [&str; 9] = [
    "eq",
    "in",
    "is_in",
    "lt",
    "le",
    "gt",
    "ge",
    "between",
    "starts_with",
];

/// What is wrong with a name though it leads somewhere.
fn check(models: &[Compiled], from: usize, list: &str, route: Route) -> Result<Route, Lost> {
    let fault = |message: String| Err(Lost::Name(message));
    if list != "search" && !route.inside.is_empty() {
        return fault(
            "a list can't be sorted by what is inside a field: keep it in a field of its own"
                .to_owned(),
        );
    }
    let here = &models[from];
    let mut last = here;
    for (link, target) in &route.links {
        let (name, other) = (last.fields[*link].name(), &models[*target]);
        if other.def.store != here.def.store {
            return fault(format!(
                "`{name}` leads to {}, which is kept in the store `{}`, and {} in `{}`: a list can only look into its own store. Keep \
                 both in one store, or copy the field into {}",
                other.name(),
                other.def.store,
                here.name(),
                here.def.store,
                here.name()
            ));
        }
        last = other;
    }
    Ok(route)
}

/// Adds the indexes that the lists of the model at a place need, to it and to those that it links to.
fn index_all(models: &mut [Compiled], at: usize, lists: &Lists, used: &[Route]) {
    let searched = lists.search.iter().filter(|search| is_ordered(search.op));
    let searched = searched.filter_map(|search| search.route.as_ref());
    let sorted = lists
        .sortable
        .iter()
        .chain(lists.default_sort.first().map(|(one, _)| one));
    let sorted = sorted.filter_map(|one| one.route.as_ref());
    let all = searched.chain(sorted).chain(used);
    for route in all.filter(|route| route.can_have_index()) {
        let mut from = at;
        for (link, target) in &route.links {
            index(&mut models[from].layout, *link);
            from = *target;
        }
        index(&mut models[from].layout, route.field);
    }
}

/// Adds an index on a field, unless there is one that begins with it.
fn index(layout: &mut Arc<Layout>, field: usize) {
    let is_key = layout.key.places().first() == Some(&field);
    let there = layout
        .indexes
        .iter()
        .any(|index| index.fields.first() == Some(&field));
    if !is_key && !there && !layout.storage.read_only {
        Arc::make_mut(layout).indexes.push(Index {
            fields: vec![field],
            unique: false,
        });
    }
}
