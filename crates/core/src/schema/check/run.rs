//! Running a [`Check`] on a value.

use std::cell::Cell;
use std::fmt;

use larder_query::{Decimal, Object};

use super::choice::choice;
use super::{Additional, Check, FieldError, Items, ObjectCheck, Types, Value, escape};
use crate::codec::Draft;

/// How deep schemas may lie in one another while they run: a level of the value takes up to four (a choice, a reference, a
/// struct, its member), and the JSON reader stops at 128 levels.
const MAX_DEPTH: u32 = 520;

/// Forms that differ in nothing a reader can see at once are all tried, at every level, so a small value could take very
/// long; an honest one of the largest size takes a tenth of this.
const MAX_STEPS: u32 = 4_000_000;

/// A step into a value.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Item(usize),
    Member(&'a str),
}

/// The steps from a whole value to a place in it, which lie on the stack: most values have no fault that needs their text.
#[derive(Clone, Copy, Default)]
pub(super) struct Path<'a>(Option<(&'a Path<'a>, Step<'a>)>);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((before, step)) = self.0 else {
            return Ok(());
        };
        before.fmt(f)?;
        match step {
            Step::Item(at) => write!(f, "/{at}"),
            Step::Member(name) => write!(f, "/{}", escape(name)),
        }
    }
}

/// Where faults go, and where we are.
pub(super) struct Report<'a> {
    pub(super) field: &'a str,
    /// The pointer to the whole value; a text is made of it only for a fault.
    pub(super) base: &'a str,
    pub(super) path: Path<'a>,
    pub(super) faults: &'a mut Vec<FieldError>,
    /// How many schemas have been run so far.
    pub(super) steps: &'a Cell<u32>,
}

impl Report<'_> {
    pub(super) fn fault(&mut self, message: impl Into<String>, code: &'static str) {
        if self.is_full() {
            return;
        }
        self.faults.push(FieldError {
            field: self.field.to_owned(),
            pointer: self.pointer(),
            message: message.into(),
            code,
        });
    }

    /// Whether further faults would not be told; then the value is refused anyway and need not be looked at.
    fn is_full(&self) -> bool {
        self.faults.len() >= Draft::MAX_FAULTS
    }

    pub(super) fn pointer(&self) -> String {
        format!("{}{}", self.base, self.path)
    }

    /// The faults of a value at this place, kept apart.
    pub(super) fn probe(&self, check: &Check, value: &Value, depth: u32) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut inner = Report {
            field: self.field,
            base: self.base,
            path: self.path,
            faults: &mut faults,
            steps: self.steps,
        };
        run(check, value, &mut inner, depth + 1);
        faults
    }

    pub(super) fn at(&mut self, step: Step<'_>, inner: impl FnOnce(&mut Report<'_>)) {
        if self.is_full() {
            return;
        }
        inner(&mut Report {
            field: self.field,
            base: self.base,
            path: Path(Some((&self.path, step))),
            faults: self.faults,
            steps: self.steps,
        });
    }
}

pub(super) fn run(check: &Check, value: &Value, report: &mut Report<'_>, depth: u32) {
    report.steps.set(report.steps.get() + 1);
    if depth > MAX_DEPTH || report.steps.get() > MAX_STEPS {
        return report.fault("is nested too deep", "depth");
    }
    if check.never {
        return report.fault("is not allowed here", "false");
    }
    if let Some(types) = check.types
        && !types.allows(Types::of(value))
    {
        return report.fault(format!("must be {}", types.describe()), "type");
    }
    constants(check, value, report);
    match value {
        Value::I64(number) => bounds(check, *number as f64, report),
        Value::U64(number) => bounds(check, *number as f64, report),
        Value::F64(number) => bounds(check, *number, report),
        Value::Decimal(number) => decimal_bounds(check, *number, report),
        Value::Text(text) => self::text(check, text, report),
        Value::Array(items) => list(check, items, report, depth),
        Value::Object(object) => {
            if let Some(rules) = &check.object {
                members(rules, object, report, depth);
            }
        }
        _ => {}
    }
    combined(check, value, report, depth);
}

fn constants(check: &Check, value: &Value, report: &mut Report<'_>) {
    let Some(constants) = &check.constants else {
        return;
    };
    if !constants.iter().any(|constant| constant.same(value)) {
        let names: Vec<String> = constants
            .iter()
            .map(|one| serde_json::Value::from(one).to_string())
            .collect();
        let message = match names.as_slice() {
            [one] => format!("must be {one}"),
            many => format!("must be one of {}", many.join(", ")),
        };
        report.fault(message, "enum");
    }
}

fn bounds(check: &Check, number: f64, report: &mut Report<'_>) {
    if let Some(least) = check.minimum.filter(|least| number < *least) {
        report.fault(format!("must be at least {least}"), "minimum");
    }
    if let Some(most) = check.maximum.filter(|most| number > *most) {
        report.fault(format!("must be at most {most}"), "maximum");
    }
    if let Some(bound) = check.above.filter(|bound| number <= *bound) {
        report.fault(format!("must be more than {bound}"), "exclusiveMinimum");
    }
    if let Some(bound) = check.below.filter(|bound| number >= *bound) {
        report.fault(format!("must be less than {bound}"), "exclusiveMaximum");
    }
    if let Some(step) = check.multiple_of {
        let steps = number / step;
        if (steps - steps.round()).abs() > 1e-9 * steps.abs().max(1.0) {
            report.fault(format!("must be a multiple of {step}"), "multipleOf");
        }
    }
}

/// Bounds of an exact number. A bound is written as a JSON number, and means the number that is written there.
fn decimal_bounds(check: &Check, number: Decimal, report: &mut Report<'_>) {
    let order = |bound: Option<f64>| {
        let bound = bound?;
        // One that has too many digits for a decimal is beyond all of them.
        let order = match bound.to_string().parse() {
            Ok(exact) => number.cmp(&exact),
            Err(_) => 0.0_f64.total_cmp(&bound),
        };
        Some((bound, order))
    };
    if let Some((least, _)) = order(check.minimum).filter(|(_, order)| order.is_lt()) {
        report.fault(format!("must be at least {least}"), "minimum");
    }
    if let Some((most, _)) = order(check.maximum).filter(|(_, order)| order.is_gt()) {
        report.fault(format!("must be at most {most}"), "maximum");
    }
    if let Some((bound, _)) = order(check.above).filter(|(_, order)| order.is_le()) {
        report.fault(format!("must be more than {bound}"), "exclusiveMinimum");
    }
    if let Some((bound, _)) = order(check.below).filter(|(_, order)| order.is_ge()) {
        report.fault(format!("must be less than {bound}"), "exclusiveMaximum");
    }
    if let Some(step) = check.multiple_of
        && let Ok(exact) = step.to_string().parse()
        && !number.is_multiple_of(exact)
    {
        report.fault(format!("must be a multiple of {step}"), "multipleOf");
    }
}

fn text(check: &Check, text: &str, report: &mut Report<'_>) {
    // Characters have one to four bytes, so most texts need no counting.
    let bytes = text.len();
    let is_long = |least: usize| bytes / 4 >= least || least == 1 && bytes > 0;
    let is_short = |most: usize| bytes <= most;
    if !(check.min_length.is_none_or(is_long) && check.max_length.is_none_or(is_short)) {
        // Lengths count characters, as JSON Schema has it.
        let length = text.chars().count();
        if let Some(least) = check.min_length.filter(|least| length < *least) {
            report.fault(
                format!(
                    "must have at least {}, has {length}",
                    counted(least, "character", "characters")
                ),
                "minLength",
            );
        }
        if let Some(most) = check.max_length.filter(|most| length > *most) {
            report.fault(
                format!(
                    "must have at most {}, has {length}",
                    counted(most, "character", "characters")
                ),
                "maxLength",
            );
        }
    }
    if let Some(pattern) = &check.pattern
        && !pattern.is_match(text)
    {
        report.fault(format!("must match the pattern {pattern}"), "pattern");
    }
    if let Some(kind) = check.format {
        match kind.coerce(Value::from(text)) {
            // A decimal inside a list or a struct stays text, and has its bounds all the same.
            Ok(Value::Decimal(number)) => decimal_bounds(check, number, report),
            Ok(_) => {}
            Err(_) => report.fault(format!("must be {}", kind.expected()), "format"),
        }
    }
}

fn list(check: &Check, items: &[Value], report: &mut Report<'_>, depth: u32) {
    if let Some(least) = check.min_items.filter(|least| items.len() < *least) {
        report.fault(
            format!(
                "must have at least {}, has {}",
                counted(least, "entry", "entries"),
                items.len()
            ),
            "minItems",
        );
    }
    if let Some(most) = check.max_items.filter(|most| items.len() > *most) {
        report.fault(
            format!(
                "must have at most {}, has {}",
                counted(most, "entry", "entries"),
                items.len()
            ),
            "maxItems",
        );
    }
    if check.unique_items {
        let mut sorted: Vec<&Value> = items.iter().collect();
        sorted.sort_by(|one, other| one.total_cmp(other));
        if sorted.windows(2).any(|pair| pair[0].same(pair[1])) {
            report.fault("must not have the same entry twice", "uniqueItems");
        }
    }
    for (at, item) in items.iter().enumerate() {
        let step = Step::Item(at);
        if let Some(schema) = check.prefix.get(at) {
            report.at(step, |report| run(schema, item, report, depth + 1));
        } else {
            match &check.items {
                Some(Items::None) => report.at(step, |report| {
                    report.fault("is one entry too many", "items");
                }),
                Some(Items::Each(schema)) => {
                    report.at(step, |report| run(schema, item, report, depth + 1));
                }
                None => {}
            }
        }
    }
}

fn members(rules: &ObjectCheck, object: &Object, report: &mut Report<'_>, depth: u32) {
    for name in &rules.required {
        if object.get(name).is_none() {
            report.at(Step::Member(name), |report| {
                report.fault("is required", "required");
            });
        }
    }
    if rules.min.is_some_and(|least| object.len() < least) {
        report.fault("has too few members", "minProperties");
    }
    if rules.max.is_some_and(|most| object.len() > most) {
        report.fault("has too many members", "maxProperties");
    }
    for (name, value) in object.iter() {
        let named = rules.properties.iter().find(|(known, _)| known == name);
        let alike = rules
            .patterns
            .iter()
            .filter(|(known, _)| known.is_match(name));
        let schemas = named
            .map(|(_, schema)| schema)
            .into_iter()
            .chain(alike.map(|(_, schema)| schema));
        let mut known = false;
        for schema in schemas {
            known = true;
            report.at(Step::Member(name), |report| {
                run(schema, value, report, depth + 1);
            });
        }
        if !known {
            match &rules.additional {
                Additional::Any => {}
                Additional::None => {
                    report.at(Step::Member(name), |report| {
                        report.fault("is not known here", "unknown");
                    });
                }
                Additional::Each(schema) => {
                    report.at(Step::Member(name), |report| {
                        run(schema, value, report, depth + 1);
                    });
                }
            }
        }
    }
}

fn combined(check: &Check, value: &Value, report: &mut Report<'_>, depth: u32) {
    if let Some(reference) = &check.reference
        && let Some(target) = reference.all.get().and_then(|all| all.get(&reference.name))
    {
        run(target, value, report, depth + 1);
    }
    for part in &check.all_of {
        run(part, value, report, depth + 1);
    }
    if !check.any_of.is_empty() {
        choice(&check.any_of, value, report, depth, false);
    }
    if !check.one_of.is_empty() {
        choice(&check.one_of, value, report, depth, true);
    }
    if let Some(schema) = &check.not
        && report.probe(schema, value, depth).is_empty()
    {
        report.fault("has a form that is not allowed", "not");
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
