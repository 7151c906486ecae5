//! `sort`, `limit`, `skip` and `fields`.

use super::json::{self, Json, Result, fault};
use super::values;
use crate::expr::{Path, Span};
use crate::query::{Shape, Sort};
use crate::{Limits, ParseErrorKind as Kind, Value};

/// `{"last_name":1,"age":-1}`, or `last_name,-age`.
pub(super) fn sort(text: &str, limits: &Limits) -> Result<Vec<Sort>> {
    json::check_length(text, limits)?;
    if text.trim_start().starts_with('{') {
        return map(text, limits);
    }
    let mut keys: Vec<Sort> = Vec::new();
    for (name, span) in names(text, limits)? {
        let (sign, name) = match name.as_bytes().first() {
            Some(b'-') => (true, &name[1..]),
            Some(b'+') => (false, &name[1..]),
            _ => (false, name),
        };
        let path = values::path(name, span, limits)?;
        if keys.iter().any(|key| key.path.steps == path.steps) {
            return Err(twice(name, span));
        }
        keys.push(Sort {
            path,
            descending: sign,
        });
    }
    Ok(keys)
}

fn map(text: &str, limits: &Limits) -> Result<Vec<Sort>> {
    let node = json::read(text, limits)?;
    let Json::Object(members) = &node.json else {
        let message = "expected fields with their directions, such as {\"age\":-1}";
        return Err(fault(Kind::Unexpected, node.span, message));
    };
    values::check_length(members, node.span, limits)?;
    let key = |member: &json::Member| {
        let descending = match &member.node.json {
            Json::Number(number, _) => match number {
                Value::I64(1) => false,
                Value::I64(-1) => true,
                _ => return Err(direction(member)),
            },
            _ => return Err(direction(member)),
        };
        let path = values::path(&member.name, member.span, limits)?;
        Ok(Sort { path, descending })
    };
    members.iter().map(key).collect()
}

fn direction(member: &json::Member) -> crate::ParseError {
    let message = "a direction is 1 (ascending) or -1 (descending)";
    fault(Kind::Arguments, member.node.span, message)
}

fn twice(name: &str, span: Span) -> crate::ParseError {
    fault(
        Kind::Unexpected,
        span,
        format!("`{name}` stands twice; leave one out"),
    )
}

/// `limit` and `skip`.
pub(super) fn number(text: &str) -> Result<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.ok_or_else(|| {
        let span = Span::new(0, text.len());
        fault(Kind::Value, span, "this is a whole number from 0")
    })
}

/// `last_name,age`.
pub(super) fn fields(text: &str, limits: &Limits) -> Result<Shape> {
    json::check_length(text, limits)?;
    let mut paths: Vec<Path> = Vec::new();
    for (name, span) in names(text, limits)? {
        let path = values::path(name, span, limits)?;
        if paths.iter().any(|other| other.steps == path.steps) {
            return Err(twice(name, span));
        }
        paths.push(path);
    }
    Ok(Shape::Select(paths))
}

/// Names between commas with their places, without space around them.
fn names<'t>(text: &'t str, limits: &Limits) -> Result<Vec<(&'t str, Span)>> {
    let mut found = Vec::new();
    let mut start = 0;
    for part in text.split(',') {
        let name = part.trim();
        let at = start + (part.len() - part.trim_start().len());
        found.push((name, Span::new(at, at + name.len())));
        start += part.len() + 1;
    }
    values::check_length(&found, Span::new(0, text.len()), limits)?;
    Ok(found)
}
