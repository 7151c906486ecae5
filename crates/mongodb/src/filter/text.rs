//! Tests of text.

use larder_core::store::operand;
use larder_query::{Op, Pattern};
use mongodb::bson::{Document, doc};

use super::{Condition, Pushed};

/// The longest text that is looked for by MongoDB; its engine has a limit of its own, a few times above.
const LONGEST: usize = 4096;

/// A test of the text at a path.
pub(super) fn test(path: &str, op: Op, part: &str) -> Pushed {
    let (operators, exact) = operators(op, part);
    let test = Condition::Of(doc! { path: operators });
    Pushed { test, exact }
}

/// The operators of MongoDB for a test of text, and whether they are all of it. They hold of text only, but "not null" may
/// stand for "any text".
pub(super) fn operators(op: Op, part: &str) -> (Document, bool) {
    let any = || doc! { "$gte": "" };
    if part.is_empty() && op != Op::EqIgnoreCase {
        let known = matches!(op, Op::StartsWith | Op::EndsWith | Op::Contains);
        return if known {
            (any(), true)
        } else {
            (doc! { "$in": [] }, true)
        };
    }
    match op {
        Op::StartsWith => (begins(part), true),
        _ if part.len() > LONGEST => (any(), false),
        Op::Contains => (doc! { "$regex": literal(part) }, true),
        Op::EndsWith => (doc! { "$regex": format!("{}\\z", literal(part)) }, true),
        // Of letters beyond ASCII the engine has another idea. It finds more for those of ASCII: `ſ` for `s`.
        Op::EqIgnoreCase if part.is_ascii() => {
            let whole = format!("\\A{}\\z", literal(part));
            (doc! { "$regex": whole, "$options": "i" }, false)
        }
        Op::EqIgnoreCase => (any(), false),
        _ => (doc! { "$in": [] }, true),
    }
}

/// A range, which an index can answer.
fn begins(prefix: &str) -> Document {
    let mut range = doc! { "$gte": prefix };
    // Behind the last sign of all there is no end, and of other types nothing compares with a text.
    if let Some(end) = operand::after_prefix(prefix) {
        range.insert("$lt", end);
    }
    range
}

/// A text as a pattern of MongoDB's engine that means nothing but that text. It can't go back and forth.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 8);
    for sign in text.chars() {
        match sign {
            '\0' => pattern.push_str("\\x00"),
            sign if sign.is_ascii_punctuation() || sign == ' ' || sign == '#' => {
                pattern.push('\\');
                pattern.push(sign);
            }
            sign => pattern.push(sign),
        }
    }
    pattern
}

/// The texts that a pattern may be found in: those with its prefix, or all. Patterns themselves run in memory, in linear time.
pub(super) fn pattern(path: &str, pattern: &Pattern) -> Pushed {
    let (operators, exact) = pattern_operators(pattern);
    Pushed {
        test: Condition::Of(doc! { path: operators }),
        exact,
    }
}

pub(super) fn pattern_operators(pattern: &Pattern) -> (Document, bool) {
    match pattern.prefix() {
        Some(prefix) => (begins(&prefix.text), prefix.decides),
        None => (doc! { "$gte": "" }, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_patterns_are_taken_by_their_letters() {
        assert_eq!(literal("a.b*"), "a\\.b\\*");
        assert_eq!(literal("\\E(é\0"), "\\\\E\\(é\\x00");
    }
}
