//! Rules: who may do what, as expressions of the query language that are pushed into the store's query.

use larder_query::{
    Expr, Filter, Literal, Param, ParamValue, ParseError, ParseErrorKind, Path, Place, Scope, Span,
    Value,
};
use serde::Serialize;
use serde_json::Value as Json;

use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::model::{Compiled, Field, Inside, Kind, astray};

mod constants;

pub(crate) use constants::impossible_in;

/// What a rule is about. There is one rule each, and without one the operation is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Reading one record or a list: the rule joins the query as a filter.
    Read,
    /// Adding a record: the rule is checked on the new record.
    Create,
    /// Changing a record: the rule is checked on the old record and on the new one.
    Update,
    /// Deleting a record: the rule is checked on it.
    Delete,
}

impl Operation {
    /// The word for it in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// A rule, compiled against the fields of its model.
///
/// `author=$actor.id` compares a field with the actor, `$actor.role=admin` the actor alone: it allows all records or none.
/// It is three-valued: an `$actor.*` that the actor does not have is unknown, stays unknown under `not`, and refuses.
#[derive(Clone, Debug)]
pub struct Rule {
    text: String,
    expr: Expr,
    /// The rule itself, where no part of it depends on the actor.
    fixed: Option<Filter>,
}

impl Rule {
    /// Compiles a rule. `schema` is that of all fields, as they are stored. The error shows every place that is wrong.
    pub(crate) fn compile(text: &str, fields: &[Field], schema: &Json) -> Result<Self> {
        let faulty = |mistakes: Vec<String>| Error::setup(mistakes.join("\n"));
        let expr =
            larder_query::parse_rule(text).map_err(|error| faulty(vec![error.caret(text)]))?;
        let mut mistakes = Vec::new();
        for param in larder_query::params(&expr) {
            if !matches!(param.steps.as_slice(), [actor, _] if actor == "actor") {
                let message = format!(
                    "`${}` is unknown: a rule knows `$actor.id` and what else the actor has, as `$actor.NAME`",
                    param.dotted()
                );
                mistakes.push(drawn(text, param.span, message));
            }
        }
        let scope = Binding {
            fields,
            schema,
            actor: &Actor::anonymous(),
        };
        let astray = astray(&expr, &|path| scope.list(path));
        let bound = match larder_query::bind(&expr, &scope) {
            Ok(bound) => bound,
            Err(error) => {
                // Of an element that leads nowhere it complains too, and knows less.
                let errors = match astray.is_empty() {
                    true => vec![(error.span, error.message)],
                    false => astray,
                };
                let errors = errors.into_iter();
                mistakes.extend(errors.map(|(span, message)| drawn(text, span, message)));
                return Err(faulty(mistakes));
            }
        };
        let impossible = constants::impossible(&expr, fields);
        mistakes.extend(
            impossible
                .into_iter()
                .chain(astray)
                .map(|(span, message)| drawn(text, span, message)),
        );
        if !mistakes.is_empty() {
            return Err(faulty(mistakes));
        }
        let fixed = larder_query::params(&expr)
            .next()
            .is_none()
            .then_some(bound);
        Ok(Self {
            text: text.to_owned(),
            expr,
            fixed,
        })
    }

    /// The rule as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The rule for one actor: which records it allows.
    pub(crate) fn bind(&self, actor: &Actor, model: &Compiled) -> Filter {
        match &self.fixed {
            Some(filter) => filter.clone(),
            // Everything that binding can complain about was found when the rule was compiled.
            None => {
                larder_query::bind(&self.expr, &Binding::of(model, actor)).unwrap_or(Filter::False)
            }
        }
    }

    /// The first field that it looks at, if it looks at the record at all.
    pub(crate) fn names_field(&self) -> Option<String> {
        let path = larder_query::paths(&self.expr).next()?;
        Some(path.dotted().into_owned())
    }

    /// Whether somebody could be allowed where nobody in particular is not. A rule may also test the actor alone.
    pub(crate) fn needs_actor(&self) -> bool {
        self.fixed.is_none()
    }
}

/// A filter that code on the server writes as text, in the language of rules.
pub(crate) fn filter_of_text(text: &str, actor: &Actor, model: &Compiled) -> Result<Filter> {
    let expr = larder_query::parse_rule(text).map_err(|error| Error::setup(told(&error, text)))?;
    for path in larder_query::paths(&expr) {
        open_to(actor, &model.fields, &path.dotted())?;
    }
    let scope = Binding::of(model, actor);
    let fault = |message: &str| Error::setup(format!("the filter `{text}`: {message}"));
    if let Some((_, message)) = astray(&expr, &|path| scope.list(path)).first() {
        return Err(fault(message));
    }
    larder_query::bind(&expr, &scope).map_err(|error| fault(&error.message))
}

/// Whether calls of this actor may filter and sort by a field: by a server-only one its value could be guessed.
pub(crate) fn open_to(actor: &Actor, fields: &[Field], name: &str) -> Result<()> {
    let hidden = |field: &Field| field.name() == name && field.is_server_only();
    if actor.is_system() || !fields.iter().any(hidden) {
        return Ok(());
    }
    Err(Error::setup(format!(
        "`{name}` is server-only: only calls of `as_system` can filter and sort by it"
    )))
}

/// What is wrong with a text, and then the place drawn under it.
pub(crate) fn told(error: &ParseError, text: &str) -> String {
    format!("{error}\n{}", error.place(text))
}

/// A mistake with its place drawn under the rule.
fn drawn(text: &str, span: Span, message: String) -> String {
    let kind = ParseErrorKind::Value;
    ParseError {
        kind,
        span,
        message,
    }
    .caret(text)
}

struct Binding<'a> {
    fields: &'a [Field],
    /// The schema of all fields, as they are stored.
    schema: &'a Json,
    actor: &'a Actor,
}

impl<'a> Binding<'a> {
    fn of(model: &'a Compiled, actor: &'a Actor) -> Self {
        Self {
            fields: &model.fields,
            schema: &model.views.stored,
            actor,
        }
    }

    fn inside(&self, field: &Field) -> Inside<'a> {
        Inside::named(self.schema, field.name())
    }

    /// What the schema says of a field whose elements have to pass something.
    fn list(&self, path: &Path) -> Option<Inside<'a>> {
        let name = path.dotted();
        let field = self.fields.iter().find(|field| field.name() == name)?;
        Some(self.inside(field))
    }
}

impl Scope for Binding<'_> {
    fn field(&self, path: &Path) -> Result<Place, String> {
        let name = path.steps.first().map_or("", |name| name.as_str());
        if path.steps.len() > 1 {
            return Err(format!(
                "`{}` reaches into another record; rules see the model's own fields",
                path.dotted()
            ));
        }
        field_named(self.fields, name).map(Place::from)
    }

    fn value(&self, place: &Place, literal: &Literal) -> Result<Value, String> {
        let field = &self.fields[place.field];
        match field.kind() {
            Kind::Json => self
                .inside(field)
                .literal(&place.inside, field.name(), literal),
            _ => literal_value(field, literal),
        }
    }

    fn param(&self, param: &Param) -> ParamValue {
        param_of(self.actor, param)
    }

    fn coerce(&self, place: &Place, value: Value) -> Option<Value> {
        let field = &self.fields[place.field];
        match field.kind() {
            Kind::Json => as_kind(self.inside(field).kind_at(&place.inside), value),
            kind => as_kind(kind, value),
        }
    }

    fn may_be_list(&self, place: &Place) -> bool {
        self.fields[place.field].kind() == Kind::Json
    }
}

/// What `$actor.NAME` is.
pub(crate) fn param_of(actor: &Actor, param: &Param) -> ParamValue {
    let value = match param.steps.as_slice() {
        [_, name] if name == "id" => actor.id().map(Value::from),
        [_, name] => actor.attribute(name).cloned(),
        _ => None,
    };
    value.map_or(ParamValue::Unknown, ParamValue::One)
}

/// The place of a field by its wire name, or what to write instead.
pub(crate) fn field_named(fields: &[Field], name: &str) -> Result<usize, String> {
    fields
        .iter()
        .position(|field| field.name() == name)
        .ok_or_else(|| {
            let near = larder_query::nearest(name, fields.iter().map(|field| field.name()));
            near.map_or_else(
                || format!("there is no field `{name}`"),
                |near| format!("there is no field `{name}`; did you mean `{near}`?"),
            )
        })
}

/// A literal as a value of a field: `5` is a number for a number and text for a text.
pub(crate) fn literal_value(field: &Field, literal: &Literal) -> Result<Value, String> {
    literal_of(field.kind(), field.name(), literal)
}

/// A literal as a value of a kind. `name` is what the message calls that it is compared with.
pub(crate) fn literal_of(kind: Kind, name: &str, literal: &Literal) -> Result<Value, String> {
    if !literal.typed && literal.value.is_null() {
        return Ok(Value::Null);
    }
    if kind == Kind::Date
        && let Some(day) = day_of(&literal.value)
    {
        return Ok(day);
    }
    let text = || Value::from(literal.raw.as_str());
    let value = match kind {
        Kind::Text if !literal.typed => Ok(text()),
        Kind::Json => Ok(literal.as_json()),
        // The digits as they were written: a float may have lost some.
        Kind::Decimal if literal.value.as_f64().is_some() => Kind::Decimal
            .coerce(text())
            .or_else(|_| Kind::Decimal.coerce(literal.value.clone())),
        kind if literal.typed => kind.coerce(literal.value.clone()),
        // It has been read already.
        Kind::Instant if literal.value.as_instant().is_some() => {
            Kind::Instant.coerce(literal.value.clone())
        }
        kind @ (Kind::Instant | Kind::Date | Kind::Uuid | Kind::Bytes | Kind::Decimal) => kind
            .coerce(text())
            .or_else(|_| kind.coerce(literal.value.clone())),
        kind => kind.coerce(literal.value.clone()),
    };
    value.map_err(|(_, expected)| {
        format!(
            "`{name}` is compared with `{}`, but it is {expected}",
            literal.raw
        )
    })
}

/// The day that a moment begins in UTC, if it is its first: other moments are no days.
fn day_of(value: &Value) -> Option<Value> {
    let day = value.as_instant()?.to_zoned(jiff::tz::TimeZone::UTC);
    (day.time() == jiff::civil::Time::midnight()).then(|| Value::Date(day.date()))
}

/// An attribute of an actor as a value of a kind; texts are read as numbers where the field is one.
pub(crate) fn as_kind(kind: Kind, value: Value) -> Option<Value> {
    let value = match (kind, value) {
        (Kind::Int | Kind::Uint | Kind::Float, Value::Text(text)) => {
            serde_json::from_str::<Value>(&text).ok()?
        }
        (Kind::Text, Value::I64(number)) => Value::from(number.to_string()),
        (Kind::Text, Value::Uuid(uuid)) => Value::from(uuid.to_string()),
        (_, value) => value,
    };
    kind.coerce(value).ok()
}

#[cfg(test)]
mod tests;
