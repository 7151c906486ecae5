//! What an answer shows of the records or groups that were found: all of it, some fields, bare values, or one value.

use larder_query::{CompactString, Object, Path, Shape, Value};

use crate::call::Reply;
use crate::codec::{write_object, write_value};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Compiled, Inside};
use crate::record::Record;

/// What a list shows: made from a query by [`parse_list`](crate::parse_list), used by the door that prints the answer. The default one
/// shows whole records, without server-only fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    pub(crate) shown: Shown,
    pub(crate) of: Of,
    /// The greatest total that is told.
    pub(crate) most: Option<u64>,
}

/// What is left of each record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Shown {
    #[default]
    Whole,
    /// These, as objects.
    Only(Vec<Pick>),
    /// All but these.
    Without(Vec<Pick>),
    /// The values themselves.
    Values(Vec<Pick>),
}

/// What the answer is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Of {
    /// Records, or what is left of them.
    #[default]
    Records,
    /// Groups: the names of what they share and of their results.
    Groups(Vec<Path>),
    /// The one value of the one group.
    Value,
    /// How many there are.
    Count,
    /// The first record.
    First,
    /// The only record.
    One,
}

/// A field, or something inside it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pick {
    pub(crate) from: From,
    pub(crate) inside: Vec<CompactString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Field(usize),
    /// By its place among the computed fields.
    Computed(usize),
}

impl Pick {
    /// Where a path leads. A server-only field is as unknown as one that is not there.
    ///
    /// # Errors
    /// A message that names the nearest field that can be seen.
    pub(crate) fn find(model: &Compiled, path: &Path) -> Result<Self, String> {
        let whole = path.dotted();
        let found = |name: &str| {
            let mut fields = model.fields.iter();
            let field = fields.position(|field| !field.server_only && field.name() == name);
            let computed = || model.computed.iter().position(|one| one.def.name == name);
            field
                .map(From::Field)
                .or_else(|| computed().map(From::Computed))
        };
        if let Some(from) = found(&whole) {
            return Ok(Self {
                from,
                inside: Vec::new(),
            });
        }
        let first = path.steps.first().map_or("", |name| name.as_str());
        let Some(from) = found(first) else {
            return Err(unknown(model, first));
        };
        let inside: Vec<CompactString> = path.steps.iter().skip(1).cloned().collect();
        if let From::Field(at) = from {
            Inside::of_field(model, at)
                .follow(&inside)
                .map_err(|fault| format!("`{whole}`: {fault}"))?;
        }
        Ok(Self { from, inside })
    }

    /// The place of a whole field of the record.
    pub(crate) fn field(&self) -> Option<usize> {
        match self.from {
            From::Field(at) if self.inside.is_empty() => Some(at),
            _ => None,
        }
    }
}

/// The message for a name that is none of what the model shows.
pub(crate) fn unknown(model: &Compiled, name: &str) -> String {
    let fields = model.fields.iter().filter(|field| !field.server_only);
    let known = || {
        let computed = model.computed.iter().map(|one| one.def.name);
        fields.clone().map(|field| field.name()).chain(computed)
    };
    match larder_query::nearest(name, known()) {
        Some(near) => format!(
            "{} has no field `{name}`; did you mean `{near}`?",
            model.name()
        ),
        None => {
            let known = known().collect::<Vec<_>>().join(", ");
            format!("{} has no field `{name}`; there are {known}", model.name())
        }
    }
}

impl Shown {
    /// What a query's projection leaves of a model's records. The error has the name that it is about.
    pub(crate) fn find(model: &Compiled, shape: &Shape) -> Result<Self, (String, String)> {
        // A field is printed once: else an answer could be made hundreds of times larger than the records in it.
        let picks = |paths: &[Path], again: fn(String) -> Option<String>| {
            let mut picks: Vec<Pick> = Vec::with_capacity(paths.len());
            for path in paths {
                let name = path.dotted();
                let pick = Pick::find(model, path).map_err(|fault| (name.to_string(), fault))?;
                if !picks.contains(&pick) {
                    picks.push(pick);
                } else if let Some(fault) = again(format!("`{name}` is chosen twice")) {
                    return Err((name.into_owned(), fault));
                }
            }
            Ok(picks)
        };
        Ok(match shape {
            Shape::Whole => Self::Whole,
            Shape::Select(paths) => Self::Only(picks(paths, |_| None)?),
            Shape::Unselect(paths) => Self::Without(picks(paths, |_| None)?),
            // Of a list of values each has its place, so none can be left out in silence.
            Shape::Values(paths) => Self::Values(picks(paths, Some)?),
        })
    }

    /// Appends the JSON of what is left of a record.
    pub(crate) fn write(&self, model: &Compiled, record: &Record, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::Whole => write_object(model, record, out),
            Self::Only(picks) => {
                let computed = Computed::of(model, record, picks)?;
                let mut object = Object::with_capacity(picks.len());
                for pick in picks {
                    let value = computed.value(pick);
                    if !(pick.inside.is_empty() && omitted(model, pick, value)) {
                        place(&mut object, name(model, pick), &pick.inside, value.clone());
                    }
                }
                write_value(&object.into(), out);
                Ok(())
            }
            Self::Without(gone) => {
                let all = everything(model);
                let computed = Computed::of(model, record, &all)?;
                let mut object = Object::with_capacity(all.len());
                for pick in &all {
                    let value = computed.value(pick);
                    let mut here = gone.iter().filter(|other| other.from == pick.from);
                    if omitted(model, pick, value)
                        || here.clone().any(|other| other.inside.is_empty())
                    {
                        continue;
                    }
                    let mut value = value.clone();
                    here.by_ref()
                        .for_each(|other| remove(&mut value, &other.inside));
                    object.insert(name(model, pick), value);
                }
                write_value(&object.into(), out);
                Ok(())
            }
            Self::Values(picks) => {
                let all = if picks.is_empty() {
                    everything(model)
                } else {
                    Vec::new()
                };
                let list = if picks.is_empty() { &all } else { picks };
                let computed = Computed::of(model, record, list)?;
                match picks.as_slice() {
                    [one] => write_value(computed.value(one), out),
                    _ => write_value(
                        &list
                            .iter()
                            .map(|pick| computed.value(pick).clone())
                            .collect(),
                        out,
                    ),
                }
                Ok(())
            }
        }
    }
}

/// All that the model shows.
fn everything(model: &Compiled) -> Vec<Pick> {
    let fields = (0..model.fields.len()).filter(|at| !model.fields[*at].server_only);
    let computed = (0..model.computed.len()).map(From::Computed);
    let all = fields.map(From::Field).chain(computed);
    all.map(|from| Pick {
        from,
        inside: Vec::new(),
    })
    .collect()
}

fn name<'m>(model: &'m Compiled, pick: &Pick) -> &'m str {
    match pick.from {
        From::Field(at) => model.fields[at].name(),
        From::Computed(at) => model.computed[at].def.name,
    }
}

fn omitted(model: &Compiled, pick: &Pick, value: &Value) -> bool {
    matches!(pick.from, From::Field(at) if model.fields[at].omit_null && value.is_null())
}

/// A record with those of its computed fields that are asked for.
struct Computed<'r> {
    record: &'r Record,
    values: Vec<Value>,
}

impl<'r> Computed<'r> {
    fn of(model: &Compiled, record: &'r Record, picks: &[Pick]) -> Result<Self> {
        let wanted = |at: usize| picks.iter().any(|pick| pick.from == From::Computed(at));
        let mut values = vec![Value::Null; model.computed.len()];
        if (0..values.len()).any(wanted)
            && let Some(instance) = model.to_compute(record)?
        {
            for (at, computed) in model
                .computed
                .iter()
                .enumerate()
                .filter(|(at, _)| wanted(*at))
            {
                values[at] = (computed.def.run)(&*instance)?;
            }
        }
        Ok(Self { record, values })
    }

    fn value(&self, pick: &Pick) -> &Value {
        let value = match pick.from {
            From::Field(at) => self.record.get(at),
            From::Computed(at) => self.values.get(at).unwrap_or(&Value::Null),
        };
        value.at(&pick.inside)
    }
}

/// Puts a value at a path, making the objects on the way. What stands in the way was chosen whole and stays.
fn place(object: &mut Object, name: &str, path: &[CompactString], value: Value) {
    let [next, rest @ ..] = path else {
        object.insert(name, value);
        return;
    };
    if !object.contains_key(name) {
        object.insert(name, Object::new());
    }
    if let Some(Value::Object(inner)) = object.get_mut(name) {
        place(inner, next, rest, value);
    }
}

fn remove(value: &mut Value, path: &[CompactString]) {
    let (Value::Object(object), [name, rest @ ..]) = (value, path) else {
        return;
    };
    if rest.is_empty() {
        object.remove(name);
    } else if let Some(inner) = object.get_mut(name) {
        remove(inner, rest);
    }
}

impl View {
    /// Appends the JSON of what was found: a list, or the one value that the query asks for.
    ///
    /// # Errors
    /// `NotFound` and `BadRequest` where exactly one record was asked for and there are none or several; `Internal` where a computed field
    /// fails, or for a reply to something else.
    pub fn write(&self, model: &Compiled, reply: &Reply, out: &mut Vec<u8>) -> Result<()> {
        match (&self.of, reply) {
            (Of::Records, Reply::Page { rows, .. }) => {
                list(rows, out, |row, out| self.shown.write(model, row, out))
            }
            (Of::First, Reply::Page { rows, .. }) => match rows.first() {
                Some(row) => self.shown.write(model, row, out),
                None => {
                    out.extend_from_slice(b"null");
                    Ok(())
                }
            },
            (Of::One, Reply::Page { rows, .. }) => match rows.as_slice() {
                [row] => self.shown.write(model, row, out),
                [] => Err(Error::not_found()),
                _ => Err(Error::new(
                    ErrorKind::BadRequest,
                    "one() found several; first() takes the first of them",
                )),
            },
            (Of::Groups(names), Reply::Groups { groups, .. }) => list(groups, out, |group, out| {
                self.write_group(names, group, out);
                Ok(())
            }),
            (Of::Value, Reply::Groups { groups, .. }) => {
                let value = groups.first().and_then(|group| group.first());
                write_value(value.unwrap_or(&Value::Null), out);
                Ok(())
            }
            (Of::Count, Reply::Page { total, .. } | Reply::Groups { total, .. }) => {
                let total = total.ok_or_else(|| Error::internal("nothing was counted"))?;
                write_value(&Value::from(total), out);
                Ok(())
            }
            _ => Err(Error::internal("a list was answered with something else")),
        }
    }

    /// Appends the JSON of one record.
    ///
    /// # Errors
    /// `Internal` where a computed field fails.
    pub fn write_record(&self, model: &Compiled, record: &Record, out: &mut Vec<u8>) -> Result<()> {
        self.shown.write(model, record, out)
    }

    /// Whether the answer is a list; else it is one value.
    pub fn is_list(&self) -> bool {
        matches!(self.of, Of::Records | Of::Groups(_))
    }

    /// The total as the client asked for it: counted no further than this.
    pub fn total(&self, total: u64, shown: u64) -> u64 {
        self.most.map_or(total, |most| total.min(most.max(shown)))
    }

    fn write_group(&self, names: &[Path], group: &[Value], out: &mut Vec<u8>) {
        if let Shown::Values(_) = self.shown {
            match group {
                [one] => write_value(one, out),
                several => write_value(&several.iter().cloned().collect(), out),
            }
            return;
        }
        let mut object = Object::with_capacity(names.len());
        for (path, value) in names.iter().zip(group) {
            if let Some((first, inside)) = path.steps.split_first() {
                place(&mut object, first, inside, value.clone());
            }
        }
        write_value(&object.into(), out);
    }
}

fn list<T>(
    items: &[T],
    out: &mut Vec<u8>,
    mut write: impl FnMut(&T, &mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    for (at, item) in items.iter().enumerate() {
        out.push(if at == 0 { b'[' } else { b',' });
        write(item, out)?;
    }
    if items.is_empty() {
        out.push(b'[');
    }
    out.push(b']');
    Ok(())
}
