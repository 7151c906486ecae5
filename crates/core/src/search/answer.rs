//! What a query makes of the records it finds: projection, groups, and one value of all.

use std::borrow::Cow;

use larder_query::{Distinct, Group, Named, Path, Query, Reduce, Reducer, Shape};

use super::refuse;
use crate::error::{Error, Result};
use crate::model::{Compiled, Kind};
use crate::places::Places;
use crate::store::{Aggregate, Grouping, SortKey};
use crate::view::{From, Of, Pick, Shown, View};

/// What stands in the place of records: groups, and the order of them.
pub(super) struct Answer {
    pub(super) view: View,
    pub(super) group: Option<Grouping>,
    /// The names that groups can be sorted by, in the order of their values.
    names: Vec<Path>,
    /// Whether only the number of records or groups is asked for.
    pub(super) counts: bool,
    /// The most records that matter.
    pub(super) limit: Option<u64>,
}

/// What becomes of the records of a query.
///
/// # Errors
/// `BadRequest` for a field that is not there, or not for the client, and for what a list can't be made into.
pub(super) fn answer(places: &Places<'_>, query: &Query) -> Result<Answer> {
    let model = places.model();
    let mut answer = Answer {
        view: View::default(),
        group: None,
        names: Vec::new(),
        counts: false,
        limit: None,
    };
    if let Some(group) = &query.group {
        answer.group(places, group)?;
        match &query.shape {
            Shape::Whole => {}
            _ => {
                return Err(refuse(
                    "select",
                    "what aggregate(..) returns is chosen by its own arguments",
                ));
            }
        }
    } else if query.distinct == Some(Distinct::Page) && query.shape != Shape::Whole {
        let message = "a store finds different answers among all records, not among those of one page: write distinct() before limit(..)";
        return Err(refuse("distinct", message));
    } else if query.distinct.is_some() && query.shape != Shape::Whole {
        answer.distinct(places, &query.shape)?;
    } else {
        answer.view.shown =
            Shown::find(model, &query.shape).map_err(|(name, fault)| refuse(&name, fault))?;
    }
    if let Some(reduce) = &query.reduce {
        answer.reduce(places, query, reduce)?;
    }
    Ok(answer)
}

impl Answer {
    fn group(&mut self, places: &Places<'_>, group: &Group) -> Result<()> {
        // Each value is told once: else an answer could be made many times larger than what it is made of.
        let by = group.by.iter().enumerate();
        let mut again = by.filter(|(at, path)| {
            let before = group.by.iter().take(*at);
            before
                .map(|other| &other.steps)
                .any(|steps| *steps == path.steps)
        });
        if let Some((_, path)) = again.next() {
            let name = path.dotted();
            return Err(refuse(&name, format!("`{name}` is chosen twice")));
        }
        let by = group.by.iter().map(|path| grouped(places, path));
        let results = group
            .results
            .iter()
            .map(|Named { reducer, .. }| aggregate(places, reducer));
        self.group = Some(Grouping {
            by: by.collect::<Result<_>>()?,
            results: results.collect::<Result<_>>()?,
        });
        let computed = self.group.iter().flat_map(|group| &group.results);
        let computed: Vec<&Aggregate> = computed.collect();
        let twice = (1..computed.len()).find(|at| computed[..*at].contains(&computed[*at]));
        if let Some(named) = twice.and_then(|at| group.results.get(at)) {
            let message = format!("`{}` is computed already, by another name", named.name);
            return Err(refuse("aggregate", message));
        }
        let result = |named: &Named| Path {
            steps: [named.name.as_str().into()].into(),
            ..Path::default()
        };
        self.names = group
            .by
            .iter()
            .cloned()
            .chain(group.results.iter().map(result))
            .collect();
        self.view.of = Of::Groups(self.names.clone());
        Ok(())
    }

    /// Each answer once: groups of which nothing is computed.
    fn distinct(&mut self, places: &Places<'_>, shape: &Shape) -> Result<()> {
        let model = places.model();
        let paths = match shape {
            Shape::Select(paths) | Shape::Values(paths) if !paths.is_empty() => paths.clone(),
            Shape::Whole | Shape::Select(_) | Shape::Values(_) => {
                let message = "distinct() of all fields is every record: name the fields that are to be different";
                return Err(refuse("distinct", message));
            }
            Shape::Unselect(gone) => {
                for path in gone {
                    Pick::find(model, path).map_err(|fault| refuse(&path.dotted(), fault))?;
                }
                let seen = model.fields.iter().filter(|field| !field.server_only);
                let kept =
                    seen.filter(|field| gone.iter().all(|path| path.dotted() != field.name()));
                let path = |name: &str| Path {
                    steps: [name.into()].into(),
                    ..Path::default()
                };
                kept.map(|field| path(field.name())).collect()
            }
        };
        self.group(
            places,
            &Group {
                by: paths,
                results: Vec::new(),
            },
        )?;
        if let Shape::Values(_) = shape {
            self.view.shown = Shown::Values(Vec::new());
        }
        Ok(())
    }

    fn reduce(&mut self, places: &Places<'_>, query: &Query, reduce: &Reduce) -> Result<()> {
        let paged = query.page.limit.is_some() || query.page.skip > 0;
        match reduce {
            Reduce::First | Reduce::One if self.group.is_some() => {
                return Err(refuse(
                    "first",
                    "of groups the first one is had by limit(1)",
                ));
            }
            Reduce::First => (self.view.of, self.limit) = (Of::First, Some(1)),
            Reduce::One => (self.view.of, self.limit) = (Of::One, Some(2)),
            Reduce::Recurse(_) => {
                let message = "recurse(..) follows what hangs below a record, which a list of stored records does not hold";
                return Err(refuse("recurse", message));
            }
            Reduce::Value(_) if paged => {
                return Err(refuse(
                    "limit",
                    "what is computed of all records takes no limit(..)",
                ));
            }
            Reduce::Value(Reducer::Count) => {
                (self.view.of, self.limit, self.counts) = (Of::Count, Some(0), true);
            }
            Reduce::Value(reducer) if self.group.is_none() && query.shape == Shape::Whole => {
                self.group = Some(Grouping {
                    by: Vec::new(),
                    results: vec![aggregate(places, reducer)?],
                });
                self.view.of = Of::Value;
            }
            Reduce::Value(_) => {
                return Err(refuse(
                    "aggregate",
                    "of groups and chosen fields only the number can be computed: count()",
                ));
            }
        }
        Ok(())
    }

    /// The order of groups by the names of what they share and of their results.
    pub(super) fn sort(&self, keys: &[(Cow<'_, str>, bool)]) -> Result<Vec<SortKey>> {
        let key = |(name, descending): &(Cow<'_, str>, bool)| {
            let field = self.names.iter().position(|path| path.dotted() == *name);
            let known = || {
                self.names
                    .iter()
                    .map(Path::dotted)
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let field = field.ok_or_else(|| {
                refuse(
                    "sortBy",
                    format!("the groups have no `{name}`; there are {}", known()),
                )
            })?;
            Ok(SortKey {
                field,
                descending: *descending,
            })
        };
        keys.iter().map(key).collect()
    }
}

/// The place of a field that groups share, or that something is computed of: one that the client sees, or may filter or sort by.
fn grouped(places: &Places<'_>, path: &Path) -> Result<usize> {
    let model = places.model();
    let name = path.dotted();
    let declared = model.lists.search.iter().map(|one| (&one.name, &one.route));
    let sortable = model
        .lists
        .sortable
        .iter()
        .map(|one| (&one.name, &one.route));
    let linked = declared.chain(sortable).find(|(known, _)| **known == name);
    if let Some((_, Some(route))) = linked {
        let place = places.follow(route);
        if place.inside.is_empty() {
            return Ok(place.field);
        }
    }
    let pick = Pick::find(model, path).map_err(|fault| refuse(&name, fault))?;
    pick.field().ok_or_else(|| {
        let what = match pick.from {
            From::Computed(_) => "is computed from a record",
            From::Field(_) => "is inside a field",
        };
        refuse(
            &name,
            format!("`{name}` {what}: groups are made of whole stored fields"),
        )
    })
}

fn aggregate(places: &Places<'_>, reducer: &Reducer) -> Result<Aggregate> {
    let number = |path: &Path| {
        let field = grouped(places, path)?;
        match places.kind(field) {
            Some(Kind::Int | Kind::Uint | Kind::Float | Kind::Decimal) => Ok(field),
            _ => Err(not_a_number(places.model(), path)),
        }
    };
    Ok(match reducer {
        Reducer::Count => Aggregate::Count,
        Reducer::Sum(path) => Aggregate::Sum(number(path)?),
        Reducer::Mean(path) => Aggregate::Mean(number(path)?),
        Reducer::Min(path) => Aggregate::Min(grouped(places, path)?),
        Reducer::Max(path) => Aggregate::Max(grouped(places, path)?),
    })
}

fn not_a_number(model: &Compiled, path: &Path) -> Error {
    let name = path.dotted();
    let message = match &*name {
        "" => "a field is missing: sum(price)".to_owned(),
        name => format!("`{name}` of {} holds no numbers", model.name()),
    };
    refuse(&name, message)
}
