//! From a tree to a filter: names become fields, literals get their field's kind, parameters their values.
//!
//! Rules are three-valued: a comparison with an unknown parameter is *unknown*, stays unknown under
//! `not`, and an unknown result refuses. The filter that comes out is two-valued. Negation is pushed down
//! to the comparisons, and an unknown one becomes `False` on whichever side of a `not` it stands. So
//! neither `author=$actor.id` nor `not(author=$actor.id)` lets an anonymous caller in.
//!
//! # Parameters on the left
//! `$actor.role=admin` looks at no row: binding decides it, by the same operators, to always or never.
//! - An untyped literal is read as what the parameter is: beside a text it is text, beside a number a
//!   number. So `$actor.level=3` holds of `"3"` and of `3`. Only for an order, a text is read as a number
//!   (or instant) where the literal is one: `"9"` is not above 10.
//! - `contains($actor.groups,staff)` is for a list; all others are for a single value.
//! - What does not fit together (a list with `eq`, a text with `contains`, a number with a word) is unknown.

use std::fmt;

use crate::expr::{Any, Compare, Expr, Literal, Operand, Param, Path, Span, Subject};
use crate::filter::{Bound, Filter, Inside, Test};
use crate::{CompactString, Op, Value};

mod json_rows;
mod param;

pub use json_rows::JsonRows;

/// What a tree is bound against: one model's fields and one call's parameters.
pub trait Scope {
    /// Where `path` leads to.
    ///
    /// # Errors
    /// Says that there is no such field, or that it may not be used here.
    fn field(&self, path: &Path) -> Result<Place, String>;

    /// A literal as the field's kind: `2024-05-01` on a date field is a date, `7` on a text field text.
    /// On an array field it is asked for one element. Never called for an untyped `null`.
    ///
    /// # Errors
    /// Says what the field wants instead.
    fn value(&self, place: &Place, literal: &Literal) -> Result<Value, String>;

    /// What a parameter is in this call.
    fn param(&self, param: &Param) -> ParamValue;

    /// A parameter's value as the field's kind, such as the actor's id as a UUID. None if it can't be
    /// one; the comparison is then unknown. Left alone unless overridden. Never called for null.
    fn coerce(&self, place: &Place, value: Value) -> Option<Value> {
        let _ = place;
        Some(value)
    }

    /// Whether a list may stand there. Where none can, a condition on some element holds of nothing, and a store need not
    /// look. Yes unless overridden.
    fn may_be_list(&self, place: &Place) -> bool {
        let _ = place;
        true
    }
}

/// Where a path leads to: a field of the row, and from there names inside its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The field's place in the row.
    pub field: usize,
    /// The names to follow inside its value; none for the field itself.
    pub inside: Vec<CompactString>,
}

impl From<usize> for Place {
    fn from(field: usize) -> Self {
        Self {
            field,
            inside: Vec::new(),
        }
    }
}

impl Place {
    /// A test of what stands here.
    ///
    /// ```
    /// use larder_query::{Bound, Op, Place, Value};
    ///
    /// let place = Place { field: 0, inside: vec!["size".into(), "width".into()] };
    /// let wide = place.test(Op::Gt, Bound::One(Value::from(10)));
    /// assert!(wide.matches(&[Value::from(serde_json::json!({"size": {"width": 11}}))]));
    /// assert!(!wide.matches(&[Value::from(11)]));
    /// ```
    pub fn test(&self, op: Op, operand: Bound) -> Filter {
        if self.inside.is_empty() {
            let field = self.field;
            return Filter::Test(Test { field, op, operand });
        }
        self.within(
            false,
            Filter::Test(Test {
                field: 0,
                op,
                operand,
            }),
        )
    }

    /// A condition on what stands here, or with `each` on some element of the array that does. In the filter it is field 0.
    pub fn within(&self, each: bool, filter: Filter) -> Filter {
        Filter::Inside(Box::new(Inside {
            field: self.field,
            path: self.inside.clone().into_boxed_slice(),
            each,
            filter,
        }))
    }
}

/// What a parameter turned out to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ParamValue {
    /// Absent: comparisons with it are unknown. A null counts as absent too.
    #[default]
    Unknown,
    /// One value.
    One(Value),
    /// Several, for `in` and `out`; elsewhere an array. A null among them makes it unknown.
    Many(Vec<Value>),
}

/// Why a tree does not suit a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindError {
    /// Where in the text.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.span.start, self.message)
    }
}

impl std::error::Error for BindError {}

/// Binds a tree to a scope.
///
/// # Errors
/// An unknown field, or a literal that its field can't be compared with. Every comparison is checked,
/// also where an unknown parameter or a constant has decided the result.
pub fn bind(expr: &Expr, scope: &impl Scope) -> Result<Filter, BindError> {
    bind_signed(expr, false, scope)
}

fn bind_signed(expr: &Expr, negated: bool, scope: &dyn Scope) -> Result<Filter, BindError> {
    let members = |all: &[Expr]| -> Result<Vec<Filter>, BindError> {
        let mut members = Vec::with_capacity(all.len());
        for expr in all {
            members.push(bind_signed(expr, negated, scope)?);
        }
        Ok(members)
    };
    let signed = |filter| match negated {
        true => Filter::not(filter),
        false => filter,
    };
    Ok(match expr {
        Expr::Const(value) if *value != negated => Filter::True,
        Expr::Const(_) => Filter::False,
        Expr::Not(inner) => bind_signed(inner, !negated, scope)?,
        // De Morgan: under a `not`, and becomes or.
        Expr::And(all) if negated => Filter::or(members(all)?),
        Expr::Or(all) if !negated => Filter::or(members(all)?),
        Expr::And(all) | Expr::Or(all) => Filter::and(members(all)?),
        Expr::Compare(compare) => test(compare, scope)?.map_or(Filter::False, signed),
        Expr::Any(any) => any_element(any, scope)?.map_or(Filter::False, signed),
    })
}

/// A condition on some element; None is *unknown*.
fn any_element(any: &Any, scope: &dyn Scope) -> Result<Option<Filter>, BindError> {
    let place = place(&any.path, scope)?;
    // An unknown comparison inside would come out as `False`, which a `not` around it turns around.
    let unknown =
        crate::params(&any.filter).any(|param| param::known(scope.param(param)).is_none());
    let element = Element {
        scope,
        place: &place,
    };
    let filter = bind_signed(&any.filter, false, &element)?;
    Ok((!unknown).then(|| match scope.may_be_list(&place) {
        true => place.within(true, filter),
        false => Filter::False,
    }))
}

/// The elements of an array as rows of their own.
struct Element<'a> {
    scope: &'a dyn Scope,
    place: &'a Place,
}

impl Element<'_> {
    /// The place as the scope around it knows it.
    fn outer(&self, place: &Place) -> Place {
        let mut outer = self.place.clone();
        outer.inside.extend(place.inside.iter().cloned());
        outer
    }
}

impl Scope for Element<'_> {
    fn field(&self, path: &Path) -> Result<Place, String> {
        Ok(Place {
            field: 0,
            inside: path.steps.to_vec(),
        })
    }

    fn value(&self, place: &Place, literal: &Literal) -> Result<Value, String> {
        self.scope.value(&self.outer(place), literal)
    }

    fn param(&self, param: &Param) -> ParamValue {
        self.scope.param(param)
    }

    fn coerce(&self, place: &Place, value: Value) -> Option<Value> {
        self.scope.coerce(&self.outer(place), value)
    }

    fn may_be_list(&self, place: &Place) -> bool {
        self.scope.may_be_list(&self.outer(place))
    }
}

fn place(path: &Path, scope: &dyn Scope) -> Result<Place, BindError> {
    scope.field(path).map_err(|message| BindError {
        span: path.span,
        message,
    })
}

/// One comparison; None is *unknown*.
fn test(compare: &Compare, scope: &dyn Scope) -> Result<Option<Filter>, BindError> {
    let path = match &compare.subject {
        Subject::Path(path) => path,
        Subject::Param(subject) => {
            let holds = param::holds(subject, compare.op, &compare.operand, scope);
            return Ok(holds.map(|holds| if holds { Filter::True } else { Filter::False }));
        }
    };
    let place = place(path, scope)?;
    let op = compare.op;
    match &compare.operand {
        Operand::Pattern(pattern) => {
            return Ok(Some(place.test(op, Bound::Pattern(pattern.clone()))));
        }
        Operand::Area(area) => return Ok(Some(place.test(op, Bound::Area(area.clone())))),
        Operand::Literal(literal) if op == Op::Size => {
            return Ok(Some(place.test(op, Bound::One(literal.value.clone()))));
        }
        _ => {}
    }
    let Some(operand) = operand(&compare.operand, &place, scope)? else {
        return Ok(None);
    };
    if !op.takes_list() {
        return Ok(Some(place.test(op, Bound::One(operand))));
    }
    let list = match operand {
        Value::Array(items) => items.into_vec(),
        one => vec![one],
    };
    if op == Op::Mod {
        return Ok(Some(place.test(op, Bound::Many(list))));
    }
    let member = if list.is_empty() {
        Filter::False
    } else {
        place.test(Op::In, Bound::Many(list))
    };
    Ok(Some(if op == Op::Out {
        Filter::not(member)
    } else {
        member
    }))
}

/// The right-hand side as one value, lists as arrays; None is *unknown*.
fn operand(
    operand: &Operand,
    place: &Place,
    scope: &dyn Scope,
) -> Result<Option<Value>, BindError> {
    match operand {
        Operand::Literal(literal) => literal_value(literal, place, scope).map(Some),
        Operand::Param(param) => Ok(param_value(scope.param(param), place, scope)),
        Operand::List(items) => {
            let mut values = Vec::with_capacity(items.len());
            let mut known = true;
            for item in items {
                // Every member is checked, even behind an unknown one: mistakes show for every caller.
                match (self::operand(item, place, scope)?, item) {
                    // `in(team,($actor.teams,7))`: a parameter with several values adds them all.
                    (Some(Value::Array(several)), Operand::Param(_)) => values.extend(several),
                    (Some(value), _) => values.push(value),
                    (None, _) => known = false,
                }
            }
            Ok(known.then(|| Value::from(values)))
        }
        // `test` has taken these.
        Operand::Pattern(_) | Operand::Area(_) => Ok(None),
    }
}

/// A literal null asks for presence and is known.
fn literal_value(literal: &Literal, place: &Place, scope: &dyn Scope) -> Result<Value, BindError> {
    if literal.value.is_null() {
        return Ok(Value::Null);
    }
    scope.value(place, literal).map_err(|message| BindError {
        span: literal.span,
        message,
    })
}

fn param_value(param: ParamValue, place: &Place, scope: &dyn Scope) -> Option<Value> {
    match param {
        ParamValue::Unknown | ParamValue::One(Value::Null) => None,
        ParamValue::One(Value::Array(items)) => many(items.into_vec(), place, scope),
        ParamValue::One(value) => known(scope.coerce(place, value)),
        ParamValue::Many(items) => many(items, place, scope),
    }
}

fn many(items: Vec<Value>, place: &Place, scope: &dyn Scope) -> Option<Value> {
    items
        .into_iter()
        .map(|item| {
            if item.is_null() {
                None
            } else {
                known(scope.coerce(place, item))
            }
        })
        .collect::<Option<Vec<Value>>>()
        .map(Value::from)
}

/// A coercion must not make a null: it would match records that have no value.
fn known(value: Option<Value>) -> Option<Value> {
    value.filter(|v| !v.is_null())
}

#[cfg(test)]
mod tests;
