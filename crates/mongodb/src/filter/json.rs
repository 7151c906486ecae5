//! Tests of JSON fields, and of what is inside them.

use larder_core::store::operand::Relation;
use larder_query::{Bound, Filter, Inside, Op, Test, Value};
use mongodb::bson::{Bson, Document, doc};

use super::{Condition, Place, Pushed, as_list, each, operator, push, relation, text};
use crate::{encode, names};

/// A place in a document.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) path: String,
    /// That no step on the way is an array, through which MongoDB would go.
    guards: Vec<Document>,
    /// Whether the path leads to nothing else.
    exact: bool,
    /// Whether MongoDB can go there at all.
    reachable: bool,
}

impl At {
    /// The whole of a field.
    pub(super) fn field(path: String) -> Self {
        Self {
            path,
            guards: Vec::new(),
            exact: true,
            reachable: true,
        }
    }

    /// What stands inside, at some steps from here.
    pub(super) fn step(&self, steps: &[impl AsRef<str>]) -> Self {
        let mut at = self.clone();
        for step in steps {
            let step = step.as_ref();
            match step.parse::<usize>() {
                // A number names a member or an element. Elements of an array that have such a member are found as well.
                Ok(place) if place.to_string() == step => at.exact = false,
                // Other ways to write a number, which MongoDB takes for names.
                Ok(_) => at.reachable = false,
                Err(_) if at.path.is_empty() => {}
                Err(_) => at
                    .guards
                    .push(doc! { &at.path: { "$not": { "$type": "array" } } }),
            }
            at.reachable &= !step.is_empty();
            if !at.path.is_empty() {
                at.path.push('.');
            }
            at.path.push_str(&names::stored(step));
        }
        at
    }

    /// A test that holds of no null, of what is here.
    pub(super) fn holds(&self, test: Pushed) -> Pushed {
        if !self.reachable {
            return Pushed::more(Condition::True);
        }
        let guards = self.guards.iter().cloned().map(Condition::Of);
        Pushed {
            test: Condition::and(guards.chain([test.test])),
            exact: self.exact && test.exact,
        }
    }

    /// The same of one value, which is no array.
    fn scalar(&self, mut operators: Document, exact: bool) -> Pushed {
        operators.insert("$not", doc! { "$type": "array" });
        self.holds(Pushed {
            test: Condition::Of(doc! { &self.path: operators }),
            exact,
        })
    }

    fn array(&self, operators: Document, exact: bool) -> Pushed {
        self.holds(Pushed {
            test: Condition::Of(doc! { &self.path: operators }),
            exact,
        })
    }

    fn is_something(&self) -> Pushed {
        // An array that holds a null is no null.
        let array = doc! { &self.path: { "$type": "array" } };
        let other = doc! { &self.path: { "$ne": Bson::Null } };
        self.holds(Pushed::exactly(Condition::or([
            Condition::Of(array),
            Condition::Of(other),
        ])))
    }
}

/// A value that is neither null nor has parts, as it is stored.
pub(super) fn scalar(value: &Value) -> Option<Bson> {
    match value {
        Value::Bool(_) | Value::I64(_) | Value::U64(_) | Value::F64(_) | Value::Text(_) => {
            encode::json(value, 0)
        }
        _ => None,
    }
}

/// A condition inside a field.
pub(super) fn inside(at: &At, inside: &Inside) -> Pushed {
    let at = at.step(&inside.path);
    if inside.each {
        return each::some(&at, &inside.filter);
    }
    filtered(&at, &inside.filter)
}

/// A filter over one value.
fn filtered(at: &At, filter: &Filter) -> Pushed {
    match filter {
        Filter::And(all) => Pushed::and(all.iter().map(|member| filtered(at, member))),
        Filter::Or(any) => Pushed::or(any.iter().map(|member| filtered(at, member))),
        Filter::Not(inner) => filtered(at, inner).not(),
        Filter::Test(it) if it.field == 0 => test(at, it),
        Filter::Inside(it) if it.field == 0 => inside(at, it),
        other => push(other, &|_| Place::Null),
    }
}

/// A test of what is at a place.
pub(super) fn test(at: &At, test: &Test) -> Pushed {
    match (&test.operand, test.op) {
        (Bound::One(value), Op::Eq) => equal(at, value),
        (Bound::One(value), Op::Ne) => equal(at, value).not(),
        (Bound::One(value), Op::In) => among(at, as_list(value)),
        (Bound::One(value), Op::Out) => among(at, as_list(value)).not(),
        (Bound::Many(list), Op::In) => among(at, list),
        (Bound::Many(list), Op::Out) => among(at, list).not(),
        (Bound::Many(list), Op::Eq) => equal(at, &Value::from(list.clone())),
        (Bound::Many(list), Op::Ne) => equal(at, &Value::from(list.clone())).not(),
        (Bound::Many(_), Op::Mod) => at.array(doc! { "$type": "number" }, false),
        (Bound::One(value), Op::Size) => size(at, value),
        (Bound::One(value), Op::Contains) => contains(at, value),
        (Bound::Pattern(pattern), Op::Match) => {
            let (operators, exact) = text::pattern_operators(pattern);
            at.scalar(operators, exact)
        }
        (Bound::Area(_), Op::Within) => at.array(doc! { "$type": "array" }, false),
        (Bound::One(value), op) => match (relation(op), value) {
            (Some(relation), value) => ordered(at, relation, value),
            (None, Value::Text(part)) => {
                let (operators, exact) = text::operators(op, part);
                at.scalar(operators, exact)
            }
            _ => Pushed::constant(false),
        },
        _ => Pushed::constant(false),
    }
}

fn equal(at: &At, value: &Value) -> Pushed {
    if value.is_null() {
        return at.is_something().not();
    }
    match (scalar(value), value) {
        (Some(value), _) => at.scalar(doc! { "$eq": value }, true),
        (None, Value::Array(_)) => at.array(doc! { "$type": "array" }, false),
        (None, Value::Object(_)) => at.scalar(doc! { "$type": "object" }, false),
        // JSON holds no such value.
        _ => Pushed::constant(false),
    }
}

fn among(at: &At, list: &[Value]) -> Pushed {
    let plain: Vec<Bson> = list.iter().filter_map(scalar).collect();
    let plain = (!plain.is_empty()).then(|| at.scalar(doc! { "$in": plain }, true));
    let others = list.iter().filter(|value| scalar(value).is_none());
    Pushed::or(
        plain
            .into_iter()
            .chain(others.map(|value| equal(at, value))),
    )
}

fn ordered(at: &At, relation: Relation, value: &Value) -> Pushed {
    match scalar(value) {
        Some(value) => at.scalar(doc! { operator(relation): value }, true),
        None => Pushed::constant(false),
    }
}

fn size(at: &At, value: &Value) -> Pushed {
    match value.as_u64().and_then(|size| i32::try_from(size).ok()) {
        Some(size) => at.array(doc! { "$size": size }, true),
        None => Pushed::constant(false),
    }
}

fn contains(at: &At, value: &Value) -> Pushed {
    let element = match (scalar(value), value) {
        (Some(value), _) => at.array(doc! { "$elemMatch": { "$eq": value } }, true),
        (None, Value::Null) => at.array(doc! { "$elemMatch": { "$eq": Bson::Null } }, true),
        (None, Value::Array(_) | Value::Object(_)) => at.array(doc! { "$type": "array" }, false),
        _ => Pushed::constant(false),
    };
    let Value::Text(part) = value else {
        return element;
    };
    let (operators, exact) = text::operators(Op::Contains, part);
    Pushed::or([at.scalar(operators, exact), element])
}
