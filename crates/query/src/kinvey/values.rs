//! What operators are given: names, values, numbers, places.

use super::json::{Json, Member, Node, Result, fault};
use super::tree;
use crate::expr::{Literal, Names, Operand, Path, Span};
use crate::{
    Area, AreaError, CompactString, Distance, Limits, Object, ParseErrorKind as Kind, Point, Value,
    nearest,
};

/// A field's name, with dots into what is inside it.
pub(super) fn path(text: &str, span: Span, limits: &Limits) -> Result<Path> {
    let steps: Names = text.split('.').map(CompactString::from).collect();
    if let Some(message) = path_fault(&steps) {
        return Err(fault(Kind::Path, span, message));
    }
    if steps.len() > limits.list {
        let message = "this path has too many names";
        return Err(fault(Kind::TooManyItems, span, message));
    }
    Ok(Path { steps, span })
}

/// What is wrong with the names of a path, if they are no path.
pub(crate) fn path_fault(steps: &[CompactString]) -> Option<&'static str> {
    if steps.iter().any(|step| step.is_empty()) {
        return Some("a name is missing in this path; write author.name");
    }
    if steps.iter().any(|step| step.starts_with('$')) {
        return Some("a name in a path can't begin with `$`");
    }
    None
}

/// Refuses a list with too many members.
pub(super) fn check_length<T>(items: &[T], span: Span, limits: &Limits) -> Result<()> {
    if items.len() > limits.list {
        let message = format!("this list has more than {} members", limits.list);
        return Err(fault(Kind::TooManyItems, span, message));
    }
    Ok(())
}

/// A value. JSON says what it is, so it counts as typed; only texts are read as what their field holds.
pub(super) fn literal(node: &Node, limits: &Limits) -> Result<Literal> {
    if let Json::Text(text) = &node.json
        && let Some(inner) = wrapped_date(text)
    {
        let Some(instant) = instant(inner) else {
            let message = r#"this is no date; write "ISODate(\"2026-01-31T12:00:00.000Z\")""#;
            return Err(fault(Kind::Value, node.span, message));
        };
        return Ok(tree::literal(
            Value::Instant(instant),
            Some(inner),
            node.span,
        ));
    }
    let digits = match &node.json {
        Json::Number(_, digits) => Some(digits.as_str()),
        _ => None,
    };
    Ok(tree::literal(plain(node, limits)?, digits, node.span))
}

/// What is inside `ISODate("..")`.
pub(crate) fn wrapped_date(text: &str) -> Option<&str> {
    text.strip_prefix("ISODate(\"")?.strip_suffix("\")")
}

/// A moment, or the beginning of a day in UTC.
fn instant(text: &str) -> Option<jiff::Timestamp> {
    let whole = || text.parse().ok();
    whole().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

/// A value as it is, without a meaning that names with `$` would have elsewhere.
fn plain(node: &Node, limits: &Limits) -> Result<Value> {
    Ok(match &node.json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number, _) => number.clone(),
        Json::Text(text) => Value::from(text.as_str()),
        Json::Array(items) => {
            check_length(items, node.span, limits)?;
            let items = items.iter().map(|item| plain(item, limits));
            Value::from(items.collect::<Result<Vec<_>>>()?)
        }
        Json::Object(members) => {
            check_length(members, node.span, limits)?;
            let mut object = Object::with_capacity(members.len());
            for member in members {
                if member.name.starts_with('$') {
                    let message = format!("`{}` can't stand inside a value", member.name);
                    return Err(fault(Kind::Unexpected, member.span, message));
                }
                let name = CompactString::from(member.name.as_str());
                // The reader has refused names that stand twice.
                object.push(name, plain(&member.node, limits)?);
            }
            Value::from(object)
        }
    })
}

/// Yes or no, also as 1 or 0.
pub(super) fn flag(node: &Node) -> Result<bool> {
    match &node.json {
        Json::Bool(flag) => Ok(*flag),
        Json::Number(Value::I64(1), _) => Ok(true),
        Json::Number(Value::I64(0), _) => Ok(false),
        _ => Err(fault(
            Kind::Arguments,
            node.span,
            "`$exists` takes true or false",
        )),
    }
}

/// A number of elements.
pub(super) fn size(node: &Node) -> Result<Operand> {
    match &node.json {
        Json::Number(number, _) if number.as_u64().is_some() => {
            let number = tree::literal(number.clone(), None, node.span);
            Ok(Operand::Literal(number))
        }
        _ => Err(fault(
            Kind::Arguments,
            node.span,
            "`$size` takes a whole number from 0",
        )),
    }
}

/// `[divisor, remainder]`.
pub(super) fn remainder(node: &Node) -> Result<Operand> {
    let message = match numbers(node).as_deref() {
        Some([divisor, _]) if divisor.as_i64() == Some(0) => "nothing can be divided by 0",
        Some([divisor, rest]) if divisor.as_i64().is_some() && rest.as_i64().is_some() => {
            let member =
                |number: &Value| Operand::Literal(tree::literal(number.clone(), None, node.span));
            return Ok(Operand::List(vec![member(divisor), member(rest)]));
        }
        _ => "`$mod` takes two whole numbers: [divisor, remainder]",
    };
    Err(fault(Kind::Arguments, node.span, message))
}

fn numbers(node: &Node) -> Option<Vec<&Value>> {
    let Json::Array(items) = &node.json else {
        return None;
    };
    let number = |item| match item {
        &Node {
            json: Json::Number(ref number, _),
            ..
        } => Some(number),
        _ => None,
    };
    items.iter().map(number).collect()
}

/// `[longitude, latitude]`.
fn point(node: &Node) -> Result<Point> {
    let message = match numbers(node).as_deref() {
        Some([lon, lat]) => match (lon.as_f64(), lat.as_f64()) {
            (Some(lon), Some(lat)) => match Point::new(lon, lat) {
                Some(point) => return Ok(point),
                None => {
                    "a longitude lies between -180 and 180, a latitude between -90 and 90, and the longitude comes first"
                }
            },
            _ => "expected a point, [longitude, latitude] in degrees",
        },
        _ => "expected a point, [longitude, latitude] in degrees",
    };
    Err(fault(Kind::Arguments, node.span, message))
}

/// A circle: `[lon, lat]` with a distance in miles beside it, or MongoDB's `{"$geometry":{..},"$maxDistance":metres}`.
pub(super) fn circle(node: &Node, beside: Option<&Member>) -> Result<Area> {
    let Json::Object(members) = &node.json else {
        let miles = beside.map(|member| Ok((number(member)?, member.node.span)));
        let miles = miles.transpose()?;
        return ring(
            point(node)?,
            miles.map(|(n, span)| (Distance::miles(n), span)),
        );
    };
    if let Some(beside) = beside {
        let message = "beside `$geometry`, `$maxDistance` stands in the same object, in metres";
        return Err(fault(Kind::Unexpected, beside.span, message));
    }
    let (mut center, mut metres) = (None, None);
    for member in members {
        match member.name.as_str() {
            "$geometry" => center = Some(geometry(&member.node)?),
            "$maxDistance" => {
                metres = Some((Distance::metres(number(member)?), member.node.span));
            }
            other => {
                let message = format!("expected `$geometry` and `$maxDistance`, not `{other}`");
                return Err(fault(Kind::Unexpected, member.span, message));
            }
        }
    }
    let Some(center) = center else {
        let message = "expected a point, [longitude, latitude] in degrees";
        return Err(fault(Kind::Arguments, node.span, message));
    };
    ring(center, metres)
}

fn ring(center: Point, distance: Option<(Distance, Span)>) -> Result<Area> {
    let span = distance.map(|(_, span)| span).unwrap_or_default();
    Area::circle(center, distance.map(|(distance, _)| distance))
        .map_err(|error| fault(Kind::Arguments, span, error.to_string()))
}

fn number(member: &Member) -> Result<f64> {
    let Json::Number(number, _) = &member.node.json else {
        let message = format!("`{}` takes a number", member.name);
        return Err(fault(Kind::Arguments, member.node.span, message));
    };
    Ok(number.as_f64().unwrap_or(f64::NAN))
}

/// `{"type":"Point","coordinates":[lon,lat]}`.
fn geometry(node: &Node) -> Result<Point> {
    let wrong = || {
        let message = "expected {\"type\":\"Point\",\"coordinates\":[longitude,latitude]}";
        fault(Kind::Arguments, node.span, message)
    };
    let Json::Object(members) = &node.json else {
        return Err(wrong());
    };
    let named = |name| members.iter().find(|member: &&Member| member.name == name);
    match (named("type"), named("coordinates")) {
        (Some(kind), Some(coordinates))
            if members.len() == 2
                && matches!(&kind.node.json, Json::Text(text) if text == "Point") =>
        {
            point(&coordinates.node)
        }
        _ => Err(wrong()),
    }
}

/// `{"$box":[[..],[..]]}` or `{"$polygon":[[..],..]}`.
pub(super) fn shape(member: &Member, limits: &Limits) -> Result<Area> {
    let node = &member.node;
    let wrong = |span, message: String| Err(fault(Kind::Arguments, span, message));
    let Json::Object(members) = &node.json else {
        let message = format!(
            "`{}` takes {{\"$box\":..}} or {{\"$polygon\":..}}",
            member.name
        );
        return wrong(node.span, message);
    };
    let [shape] = members.as_slice() else {
        let message = format!(
            "`{}` takes one shape, {{\"$box\":..}} or {{\"$polygon\":..}}",
            member.name
        );
        return wrong(node.span, message);
    };
    if !matches!(shape.name.as_str(), "$box" | "$polygon") {
        let near = nearest(&shape.name, ["$box", "$polygon"]);
        let hint = near.map_or_else(
            || "expected `$box` or `$polygon`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("there is no shape `{}`; {hint}", shape.name);
        return Err(fault(Kind::UnknownOperator, shape.span, message));
    }
    let Json::Array(items) = &shape.node.json else {
        let message = format!("`{}` takes a list of points", shape.name);
        return wrong(shape.node.span, message);
    };
    check_length(items, shape.node.span, limits)?;
    let points: Vec<Point> = items.iter().map(point).collect::<Result<_>>()?;
    let refuse = |error: AreaError| fault(Kind::Arguments, shape.node.span, error.to_string());
    if shape.name == "$polygon" {
        return Area::polygon(points).map_err(refuse);
    }
    match points.as_slice() {
        [lower, upper] => Area::bounds(*lower, *upper).map_err(refuse),
        _ => wrong(
            shape.node.span,
            "`$box` takes two points, the south-western and the north-eastern corner".to_owned(),
        ),
    }
}
