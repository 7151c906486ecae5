//! `anyOf` and `oneOf`. Where a value itself shows which form is meant, by a tag or by a variant's name, only that form is
//! run: its faults are what a person has to mend, and the work stays in proportion to the value.

use super::run::{Report, Step, run};
use super::{Additional, Check, FieldError, Types, Value};

/// Runs a choice; `one` says that exactly one form may fit.
pub(super) fn choice(
    options: &[Check],
    value: &Value,
    report: &mut Report<'_>,
    depth: u32,
    one: bool,
) {
    // An `Option<T>` that is not null is meant as a `T`.
    let nullable = options.iter().any(is_null);
    if nullable && value.is_null() {
        return;
    }
    let mut forms = options.iter().filter(|option| !is_null(option));
    if let (Some(only), None) = (forms.next(), forms.next()) {
        return run(only, value, report, depth + 1);
    }
    if !by_tag(options, value, report, depth) && !by_variant(options, value, report, depth) {
        by_trying(options, value, report, depth, one);
    }
}

fn is_null(option: &Check) -> bool {
    option.types == Some(Types::NULL)
}

/// Objects that are told apart by a member, as `#[serde(tag = "..")]` makes them.
fn by_tag(options: &[Check], value: &Value, report: &mut Report<'_>, depth: u32) -> bool {
    let Value::Object(object) = value else {
        return false;
    };
    let Some(first) = options.first().and_then(|option| option.object.as_ref()) else {
        return false;
    };
    let mut found = first
        .required
        .iter()
        .filter_map(|name| Some((name, tags(options, name)?)));
    let Some((tag, values)) = found.next() else {
        return false;
    };
    match object.get(tag) {
        None => report.at(Step::Member(tag), |report| {
            report.fault("is required", "required");
        }),
        Some(found) => match values.iter().position(|value| value.same(found)) {
            Some(at) => run(&options[at], value, report, depth + 1),
            None => {
                let names: Vec<String> = values.iter().map(|value| text(value)).collect();
                report.at(Step::Member(tag), |report| {
                    report.fault(format!("must be one of {}", names.join(", ")), "enum");
                });
            }
        },
    }
    true
}

/// The constants that the options demand of this member, if each demands another one.
fn tags<'a>(options: &'a [Check], name: &str) -> Option<Vec<&'a Value>> {
    let mut values: Vec<&Value> = Vec::with_capacity(options.len());
    for option in options {
        let object = option
            .object
            .as_ref()
            .filter(|object| object.required.iter().any(|one| one == name))?;
        let (_, check) = object.properties.iter().find(|(known, _)| known == name)?;
        let [constant] = check.constants.as_deref()? else {
            return None;
        };
        if values.iter().any(|known| known.same(constant)) {
            return None;
        }
        values.push(constant);
    }
    Some(values)
}

/// A variant of an enum as serde writes one without attributes: its name, or an object with one member of that name.
fn by_variant(options: &[Check], value: &Value, report: &mut Report<'_>, depth: u32) -> bool {
    let mut names: Vec<&Value> = Vec::new();
    let mut objects: Vec<(&str, &Check)> = Vec::new();
    for option in options {
        match (option.constants.as_deref(), member(option)) {
            (Some(constants), None)
                if constants
                    .iter()
                    .all(|one| !names.iter().any(|known| known.same(one))) =>
            {
                names.extend(constants);
            }
            (None, Some(name)) if objects.iter().all(|(known, _)| *known != name) => {
                objects.push((name, option));
            }
            (None, None) if is_null(option) => {}
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
    if names.iter().any(|name| name.same(value)) {
        return true;
    }
    let names: Vec<String> = names.into_iter().map(text).collect();
    let members: Vec<String> = objects
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let message = match (names.is_empty(), members.is_empty()) {
        (_, true) => format!("must be one of {}", names.join(", ")),
        (true, false) => format!("must be an object with one member: {}", members.join(", ")),
        (false, false) => {
            format!(
                "must be one of {}, or an object with one member: {}",
                names.join(", "),
                members.join(", ")
            )
        }
    };
    report.fault(message, "enum");
    true
}

/// The one member of an object that may have no other.
fn member(option: &Check) -> Option<&str> {
    let object = option.object.as_deref()?;
    let closed = matches!(object.additional, Additional::None) && object.patterns.is_empty();
    match (object.properties.as_slice(), object.required.as_slice()) {
        ([(name, _)], [required]) if closed && name == required => Some(name),
        _ => None,
    }
}

fn by_trying(options: &[Check], value: &Value, report: &mut Report<'_>, depth: u32, one: bool) {
    let mut passing = 0;
    let mut nearest: Option<Vec<FieldError>> = None;
    for option in options {
        let faults = report.probe(option, value, depth);
        if faults.is_empty() {
            passing += 1;
            if !one {
                return;
            }
            continue;
        }
        // A form that fails inside was more likely meant than one that the value as a whole does not fit.
        let here = report.pointer();
        let inside = faults.iter().all(|fault| fault.pointer != here);
        if inside
            && nearest
                .as_ref()
                .is_none_or(|best| faults.len() < best.len())
        {
            nearest = Some(faults);
        }
    }
    match (passing, nearest) {
        (1, _) => {}
        (0, Some(faults)) => report.faults.extend(faults),
        (0, None) => match types(options).filter(|types| !types.allows(Types::of(value))) {
            Some(types) => report.fault(format!("must be {}", types.describe()), "type"),
            None => report.fault(
                "fits none of the allowed forms",
                if one { "oneOf" } else { "anyOf" },
            ),
        },
        _ => report.fault("fits more than one of the allowed forms", "oneOf"),
    }
}

/// What all options together take, where each says it.
fn types(options: &[Check]) -> Option<Types> {
    options.iter().try_fold(Types::default(), |all, option| {
        Some(Types(all.0 | option.types?.0))
    })
}

fn text(value: &Value) -> String {
    serde_json::Value::from(value).to_string()
}
