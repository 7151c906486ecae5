//! Names, paths and values.

use super::condition::Base;
use super::{Lowering, Result, fault};
use crate::expr::{Literal, Names, Operand, Param, Path, Subject};
use crate::pattern::Flags;
use crate::syntax::values::number_text;
use crate::syntax::{ParseErrorKind as Kind, Term, What, decoded_lossy, param_names};
use crate::{CompactString, Value};

/// The most names of a path, whatever the limits say: what is selected or grouped by it is nested as deep.
const MAX_NAMES: usize = 64;

impl Lowering<'_> {
    /// What stands on the left of a comparison.
    pub(super) fn subject(&self, term: Term<'_>, base: &Base) -> Result<Subject> {
        if let What::Param(names) = term.what() {
            return Ok(Subject::Param(Param {
                steps: param_names(names),
                span: term.span(),
            }));
        }
        let mut path = self.path(term)?;
        if !base.prefix.is_empty() {
            path.steps = base.prefix.iter().chain(&path.steps).cloned().collect();
        }
        Ok(Subject::Path(path))
    }

    /// A path: a name, whose dots separate steps, or an array of steps.
    pub(super) fn path(&self, term: Term<'_>) -> Result<Path> {
        let steps: Names = match term.what() {
            What::Array => term
                .children()
                .map(|step| match step.text() {
                    Some(text) => Ok(CompactString::from(text)),
                    None => Self::no_path(step),
                })
                .collect::<Result<_>>()?,
            _ => match term.text() {
                Some(text) => Self::dotted(term, text)?,
                None => return Self::no_path(term),
            },
        };
        let span = term.span();
        if steps.len() > self.names.min(MAX_NAMES) {
            return fault(Kind::TooManyItems, span, "this path has too many names");
        }
        if steps.is_empty() || steps.iter().any(|step| step.is_empty()) {
            let message = "a name is missing in this path; write author.name";
            return fault(Kind::Path, span, message);
        }
        Ok(Path { steps, span })
    }

    fn dotted(term: Term<'_>, text: &str) -> Result<Names> {
        let span = term.span();
        if text.is_empty() {
            return fault(
                Kind::Path,
                span,
                "a field's name is missing before this operator",
            );
        }
        let mut at = span.start;
        let mut steps = Names::new();
        for step in text.split('.') {
            if step.is_empty() {
                // Without percent-encoding, the place in the text is exact.
                let exact = span.end - span.start == text.len();
                let place = if exact {
                    crate::Span::new(at, at)
                } else {
                    span
                };
                let message = "a name is missing in this path; write author.name";
                return fault(Kind::Path, place, message);
            }
            at += step.len() + 1;
            steps.push(step.into());
        }
        Ok(steps)
    }

    fn no_path<T>(term: Term<'_>) -> Result<T> {
        let what = match term.what() {
            What::Call { .. } => "only a field can be compared, not a condition or a result",
            What::Param(_) => "a parameter can't be part of a path",
            _ => "this is no path; write author.name or (author,name)",
        };
        fault(Kind::Path, term.span(), what)
    }

    /// What stands on the right.
    pub(super) fn operand(&self, term: Term<'_>) -> Result<Operand> {
        let span = term.span();
        let literal = |raw: &str, value, typed| {
            Ok(Operand::Literal(Literal {
                raw: raw.into(),
                value,
                typed,
                span,
            }))
        };
        match term.what() {
            What::Value { value, typed } => Ok(Operand::Literal(Literal {
                raw: self.raw(term, value, *typed),
                value: value.clone(),
                typed: *typed,
                span,
            })),
            What::Param(names) => Ok(Operand::Param(Param {
                steps: param_names(names),
                span,
            })),
            What::Array => {
                let members = term.children().map(|member| self.operand(member));
                members.collect::<Result<_>>().map(Operand::List)
            }
            What::Pattern {
                source,
                ignore_case,
            } => {
                let flags = Flags {
                    ignore_case: *ignore_case,
                    ..Flags::default()
                };
                self.compiled(source, flags, span).map(Operand::Pattern)
            }
            // A missing field is as null.
            What::Undefined if self.whole => literal("null", Value::Null, false),
            What::Undefined => literal("undefined", Value::from("undefined"), false),
            What::Unbounded(number) if self.whole => {
                literal(&number.to_string(), Value::F64(*number), false)
            }
            What::Unbounded(number) => {
                let text = if *number > 0.0 {
                    "Infinity"
                } else {
                    "-Infinity"
                };
                if self.shown(term) == text {
                    literal(text, Value::from(text), false)
                } else {
                    fault(Kind::Value, span, "a field's number has to be finite")
                }
            }
            What::Call { .. } => Self::area(term).map(Operand::Area),
        }
    }

    /// The decoded text of a literal.
    fn raw(&self, term: Term<'_>, value: &Value, typed: bool) -> CompactString {
        if let Value::Text(text) = value {
            return text.clone();
        }
        if !typed && self.text.is_some() {
            let shown = self.shown(term);
            return decoded_lossy(shown.strip_prefix("auto:").unwrap_or(shown));
        }
        number_text(value).unwrap_or_else(|| match serde_json::Value::from(value) {
            serde_json::Value::String(text) => text.into(),
            other => other.to_string().into(),
        })
    }
}
