//! What to tell a person whose value fits none of several forms: the faults of the form that was meant.

use super::run::{Report, run};
use super::{Check, Types, Value};

/// Runs `anyOf`, or the part of `oneOf` where nothing fits.
pub(super) fn choice(
    options: &[Check],
    value: &Value,
    report: &mut Report<'_>,
    depth: u32,
    code: &'static str,
) {
    let mut nearest = None;
    for option in options {
        let mut faults = Vec::new();
        let pointer = report.pointer.clone();
        run(option, value, &mut Report { field: report.field, pointer, faults: &mut faults }, depth + 1);
        if faults.is_empty() {
            return;
        }
        // A form that fails inside was more likely meant than one that the value as a whole does not fit.
        let inside = faults.iter().all(|fault| fault.pointer != report.pointer);
        let best: Option<&Vec<_>> = nearest.as_ref();
        if inside && best.is_none_or(|best| faults.len() < best.len()) {
            nearest = Some(faults);
        }
    }
    if by_tag(options, value, report, depth) || by_variant(options, value, report, depth) {
        return;
    }
    match nearest {
        Some(faults) => report.faults.extend(faults),
        None => match types(options).filter(|types| !types.allows(Types::of(value))) {
            Some(types) => report.fault(format!("must be {}", types.describe()), "type"),
            None => report.fault("fits none of the allowed forms", code),
        },
    }
}

/// Objects that are told apart by a member, as `#[serde(tag = "..")]` makes them.
fn by_tag(options: &[Check], value: &Value, report: &mut Report<'_>, depth: u32) -> bool {
    let Value::Object(object) = value else { return false };
    let Some(first) = options.first().and_then(|option| option.object.as_ref()) else { return false };
    let names = first.properties.iter().map(|(name, _)| name);
    let Some((tag, values)) = names.filter_map(|name| Some((name, tags(options, name)?))).next() else { return false };
    match object.get(tag) {
        None => report.at(tag, |report| report.fault("is required", "required")),
        Some(found) => match values.iter().position(|value| value.same(found)) {
            Some(at) => run(&options[at], value, report, depth + 1),
            None => {
                let names: Vec<String> = values.iter().map(|value| text(value)).collect();
                report.at(tag, |report| report.fault(format!("must be one of {}", names.join(", ")), "enum"));
            }
        },
    }
    true
}

/// The constant that each option asks of this member.
fn tags<'a>(options: &'a [Check], name: &str) -> Option<Vec<&'a Value>> {
    let constant = |option: &'a Check| {
        let (_, check) = option.object.as_ref()?.properties.iter().find(|(known, _)| known == name)?;
        match check.constants.as_deref() {
            Some([one]) => Some(one),
            _ => None,
        }
    };
    options.iter().map(constant).collect()
}

/// A variant of an enum as serde writes one without attributes: its name, or an object with one member of that name.
fn by_variant(options: &[Check], value: &Value, report: &mut Report<'_>, depth: u32) -> bool {
    let mut names: Vec<String> = Vec::new();
    let mut objects: Vec<(&str, &Check)> = Vec::new();
    for option in options {
        match (option.constants.as_deref(), option.object.as_deref()) {
            (Some(constants), _) => names.extend(constants.iter().map(text)),
            (None, Some(object)) if object.properties.len() == 1 && object.required.len() == 1 => {
                objects.push((&object.properties[0].0, option));
            }
            _ if option.types == Some(Types::NULL) => {}
            _ => return false,
        }
    }
    if let Value::Object(object) = value
        && let [(name, _)] = object.as_slice()
        && let Some((_, option)) = objects.iter().find(|(known, _)| *known == name.as_str())
    {
        run(option, value, report, depth + 1);
        return true;
    }
    let members: Vec<String> = objects.iter().map(|(name, _)| format!("`{name}`")).collect();
    let message = match (names.is_empty(), members.is_empty()) {
        (_, true) => format!("must be one of {}", names.join(", ")),
        (true, false) => format!("must be an object with one member: {}", members.join(", ")),
        (false, false) => {
            format!("must be one of {}, or an object with one member: {}", names.join(", "), members.join(", "))
        }
    };
    report.fault(message, "enum");
    true
}

/// What all options together take, where each says it.
fn types(options: &[Check]) -> Option<Types> {
    options.iter().try_fold(Types::default(), |all, option| Some(Types(all.0 | option.types?.0)))
}

fn text(value: &Value) -> String {
    serde_json::Value::from(value).to_string()
}
