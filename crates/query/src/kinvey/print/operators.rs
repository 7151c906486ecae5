//! Names, values and operators as JSON.

use super::{Result, no};
use crate::area::{FARTHEST, METRES_PER_MILE};
use crate::expr::{Compare, Literal, Op, Operand, Path};
use crate::kinvey::values::{path_fault, wrapped_date};
use crate::{Area, CompactString, Flags, Object, Pattern, Point, Value};

/// An object of one name.
pub(super) fn one(name: impl Into<CompactString>, value: impl Into<Value>) -> Object {
    let mut object = Object::new();
    object.insert(name, value);
    object
}

pub(super) fn path(compare: &Compare) -> Result<&Path> {
    match compare.subject.path() {
        Some(_) if compare.form && compare.op == Op::Eq => no("a search parameter"),
        Some(path) => Ok(path),
        None => no("a parameter"),
    }
}

pub(super) fn name(path: &Path) -> Result<String> {
    if path.steps.is_empty() || path_fault(&path.steps).is_some() {
        return no(format!("the name `{}`", path.dotted()));
    }
    if path.steps.iter().any(|step| step.contains('.')) {
        return no(format!("a dot in a name, as in `{}`", path.dotted()));
    }
    Ok(path.dotted().into_owned())
}

/// An operator with its operand.
pub(super) fn operator(compare: &Compare) -> Result<Object> {
    path(compare)?;
    let operand = &compare.operand;
    let word = match (compare.op, operand) {
        (Op::Match, Operand::Pattern(pattern)) => return regex(pattern.source(), pattern.flags()),
        (Op::StartsWith, Operand::Literal(literal)) => {
            let Some(text) = literal.value.as_str() else {
                return no("a beginning that is no text");
            };
            let source = format!("^{}", regex::escape(text));
            if Pattern::new(&source, Flags::default()).is_err() {
                return no("a beginning of this length");
            }
            return regex(&source, Flags::default());
        }
        (Op::Within, Operand::Area(area)) => return geo(area),
        (Op::Eq, _) => "$eq",
        (Op::Ne, Operand::Literal(literal)) if literal.value.is_null() => {
            return Ok(one("$exists", true));
        }
        (Op::Ne, _) => "$ne",
        (Op::In, _) => return Ok(one("$in", list_of(operand)?)),
        (Op::Out, _) => return Ok(one("$nin", list_of(operand)?)),
        (Op::Mod, _) => {
            let list = list_of(operand)?;
            return match list.as_array() {
                Some([divisor, rest])
                    if divisor.as_i64().is_some_and(|n| n != 0) && rest.as_i64().is_some() =>
                {
                    Ok(one("$mod", list))
                }
                _ => no("a division by this"),
            };
        }
        (Op::Size, Operand::Literal(literal)) if literal.value.as_u64().is_some() => "$size",
        (Op::Lt, _) => "$lt",
        (Op::Le, _) => "$lte",
        (Op::Gt, _) => "$gt",
        (Op::Ge, _) => "$gte",
        (op, _) => return no(format!("`{op}`")),
    };
    let value = value_of(operand)?;
    let no_order = matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
    if compare.op.is_ordering() && no_order {
        return no("an order beside what has none");
    }
    Ok(one(word, value))
}

fn regex(source: &str, flags: Flags) -> Result<Object> {
    if !source.starts_with('^') {
        return no("a pattern without `^` in front");
    }
    let mut words = one("$regex", source);
    let letters: String = [
        (flags.ignore_case, 'i'),
        (flags.multi_line, 'm'),
        (flags.extended, 'x'),
        (flags.dot_all, 's'),
    ]
    .into_iter()
    .filter_map(|(set, letter)| set.then_some(letter))
    .collect();
    if !letters.is_empty() {
        words.insert("$options", letters);
    }
    Ok(words)
}

fn geo(area: &Area) -> Result<Object> {
    let shape = |name: &str, corners: &[Point]| {
        let corners = corners.iter().map(point).collect::<Result<Vec<_>>>()?;
        Ok(one("$within", one(name, corners)))
    };
    match area {
        Area::Circle { metres, .. } if !(0.0..).contains(metres) => no("this distance"),
        Area::Circle { center, metres } if *metres >= FARTHEST => {
            Ok(one("$nearSphere", point(center)?))
        }
        Area::Circle { center, metres } => {
            let center = point(center)?;
            // The seed has miles. Where they can't say it to the last bit, MongoDB's metres do.
            let miles = metres / METRES_PER_MILE;
            let exact = [miles, miles.next_up(), miles.next_down()]
                .into_iter()
                .find(|miles| miles * METRES_PER_MILE == *metres);
            if let Some(miles) = exact {
                let mut words = one("$nearSphere", center);
                words.insert("$maxDistance", miles);
                return Ok(words);
            }
            let mut geometry = one("type", "Point");
            geometry.insert("coordinates", center);
            let mut words = one("$geometry", geometry);
            words.insert("$maxDistance", *metres);
            Ok(one("$nearSphere", words))
        }
        Area::Box { lower, upper } if lower.lat <= upper.lat => shape("$box", &[*lower, *upper]),
        Area::Box { .. } => no("a box upside down"),
        Area::Polygon(corners) if Area::polygon(corners.clone()).is_ok() => {
            shape("$polygon", corners)
        }
        Area::Polygon(_) => no("a polygon without corners"),
    }
}

fn point(at: &Point) -> Result<Value> {
    if Point::new(at.lon, at.lat).is_none() {
        return no("a point that is not on the earth");
    }
    Ok([at.lon, at.lat].into_iter().map(Value::from).collect())
}

/// The members of a list.
pub(super) fn list_of(operand: &Operand) -> Result<Value> {
    match operand {
        Operand::List(_) => value_of(operand),
        Operand::Literal(Literal {
            value: Value::Array(items),
            ..
        }) => items
            .iter()
            .map(scalar)
            .collect::<Result<Vec<_>>>()
            .map(Value::from),
        one => Ok(vec![value_of(one)?].into()),
    }
}

pub(super) fn value_of(operand: &Operand) -> Result<Value> {
    match operand {
        Operand::Literal(literal) => scalar(&literal.value),
        Operand::List(items) => {
            let items = items.iter().map(value_of);
            items.collect::<Result<Vec<_>>>().map(Value::from)
        }
        Operand::Param(_) => no("a parameter"),
        Operand::Pattern(_) | Operand::Area(_) => no("a pattern or an area as a value"),
    }
}

/// A value where dates are marked.
fn scalar(value: &Value) -> Result<Value> {
    match value {
        Value::Instant(instant) => Ok(Value::from(format!("ISODate(\"{instant}\")"))),
        Value::Text(text) if wrapped_date(text).is_some() => no("a text that looks like a date"),
        other => plain(other),
    }
}

/// A value as JSON has it.
fn plain(value: &Value) -> Result<Value> {
    match value {
        Value::F64(number) if !number.is_finite() => no("a number that is not finite"),
        Value::Array(items) => items
            .iter()
            .map(plain)
            .collect::<Result<Vec<_>>>()
            .map(Value::from),
        Value::Object(object) => {
            let mut copy = Object::with_capacity(object.len());
            for (key, value) in object.iter() {
                if key.starts_with('$') {
                    return no("a name in a value that begins with `$`");
                }
                copy.insert(key, plain(value)?);
            }
            Ok(copy.into())
        }
        other => Ok(Value::from(serde_json::Value::from(other))),
    }
}
