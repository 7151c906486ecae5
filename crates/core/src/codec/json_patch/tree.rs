//! One JSON value, reached by the tokens of a pointer.

use larder_query::Value;

/// There is nothing at this place, or nothing can be there.
#[derive(Debug)]
pub(super) struct Nothing;

/// The value at a place.
pub(super) fn get<'v>(mut value: &'v Value, steps: &[String]) -> Option<&'v Value> {
    for step in steps {
        value = match value {
            Value::Object(object) => object.get(step)?,
            Value::Array(items) => items.get(index(step)?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// The value at a place, to change it.
pub(super) fn get_mut<'v>(mut value: &'v mut Value, steps: &[String]) -> Option<&'v mut Value> {
    for step in steps {
        value = match value {
            Value::Object(object) => object.get_mut(step)?,
            Value::Array(items) => items.get_mut(index(step)?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Puts a value at a place: a member of an object, new or not; an item of an array, before the one that is there, with `-`
/// after the last (RFC 6902, section 4.1).
pub(super) fn add(value: &mut Value, steps: &[String], new: Value) -> Result<(), Nothing> {
    let Some((last, above)) = steps.split_last() else {
        *value = new;
        return Ok(());
    };
    match get_mut(value, above) {
        Some(Value::Object(object)) => {
            object.insert(last.as_str(), new);
        }
        Some(Value::Array(items)) => {
            let at = match last.as_str() {
                "-" => items.len(),
                step => index(step).filter(|at| *at <= items.len()).ok_or(Nothing)?,
            };
            let mut all = std::mem::take(items).into_vec();
            all.insert(at, new);
            *items = all.into();
        }
        _ => return Err(Nothing),
    }
    Ok(())
}

/// Takes the value at a place out of what holds it. There is at least one step.
pub(super) fn remove(value: &mut Value, steps: &[String]) -> Result<Value, Nothing> {
    let (last, above) = steps.split_last().ok_or(Nothing)?;
    match get_mut(value, above) {
        Some(Value::Object(object)) => object.remove(last).ok_or(Nothing),
        Some(Value::Array(items)) => {
            let at = index(last).filter(|at| *at < items.len()).ok_or(Nothing)?;
            let mut all = std::mem::take(items).into_vec();
            let removed = all.remove(at);
            *items = all.into();
            Ok(removed)
        }
        _ => Err(Nothing),
    }
}

/// The index of an array (RFC 6901, section 4): digits, without a zero before them.
fn index(step: &str) -> Option<usize> {
    let plain = step.bytes().all(|byte| byte.is_ascii_digit());
    let padded = step.len() > 1 && step.starts_with('0');
    if plain && !padded {
        step.parse().ok()
    } else {
        None
    }
}

/// How many arrays and objects stand in one another.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
