//! Tests of some element of an array.

use larder_query::{Bound, Filter, Op, Test, Value};
use mongodb::bson::{Bson, Document, doc};

use super::json::{self, At, scalar};
use super::{Condition, Pushed, operator, relation};

/// That some element passes all of a filter.
pub(super) fn some(at: &At, filter: &Filter) -> Pushed {
    let found = |operators: Document, exact| {
        at.holds(Pushed {
            test: Condition::Of(doc! { &at.path: operators }),
            exact,
        })
    };
    let any = || doc! { "$type": "array", "$not": { "$size": 0 } };
    let parts: Vec<&Filter> = match filter {
        Filter::True => return found(any(), true),
        Filter::False => return Pushed::constant(false),
        Filter::And(all) => all.iter().collect(),
        other => vec![other],
    };
    if let Some((operators, exact)) = of_values(&parts) {
        return found(doc! { "$elemMatch": operators }, exact);
    }
    match of_objects(&parts) {
        Some(Pushed {
            test: Condition::Of(document),
            exact,
        }) => found(doc! { "$elemMatch": document }, exact),
        _ => found(any(), false),
    }
}

/// The operators on elements as they stand; none if there are others, or one of them comes twice.
fn of_values(parts: &[&Filter]) -> Option<(Document, bool)> {
    let mut operators = Document::new();
    for part in parts {
        let Filter::Test(test) = part else {
            return None;
        };
        for (name, value) in of_value(test)? {
            if operators.insert(name, value).is_some() {
                return None;
            }
        }
    }
    (!operators.is_empty()).then_some((operators, true))
}

fn of_value(test: &Test) -> Option<Document> {
    let known = |value: &Value| match value {
        Value::Null => Some(Bson::Null),
        value => scalar(value),
    };
    if test.field != 0 {
        return None;
    }
    Some(match (&test.operand, test.op) {
        (Bound::One(value), Op::Eq) => doc! { "$eq": known(value)? },
        (Bound::One(value), Op::Ne) => doc! { "$ne": known(value)? },
        (Bound::Many(list), Op::In) => {
            doc! { "$in": list.iter().map(known).collect::<Option<Vec<_>>>()? }
        }
        (Bound::Many(list), Op::Out) => {
            doc! { "$nin": list.iter().map(known).collect::<Option<Vec<_>>>()? }
        }
        (Bound::One(value), op) => doc! { operator(relation(op)?): scalar(value)? },
        _ => return None,
    })
}

/// The tests inside elements that are objects; none if one of them would pass for an element that is none.
fn of_objects(parts: &[&Filter]) -> Option<Pushed> {
    let here = At::field(String::new());
    let inside = |part: &&Filter| match part {
        Filter::Inside(inside)
            if inside.field == 0 && !inside.path.is_empty() && !inside.matches(&Value::Null) =>
        {
            Some(json::inside(&here, inside))
        }
        _ => None,
    };
    let all: Option<Vec<Pushed>> = parts.iter().map(inside).collect();
    Some(Pushed::and(all?))
}
