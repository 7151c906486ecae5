//! From the tree back to text, in one canonical form.
//!
//! A root *and* is joined with `&`; everything else is in call form, except that a comparison written
//! with a single `=` stays so, because a search parameter may give it another meaning. Text is
//! percent-encoded except letters, digits and `- . _ ~ *`, and gets the prefix `string:` where it would
//! read back as something else. Instants are `epoch:` milliseconds.
//!
//! For every tree, `text(parse(text(tree))) == text(tree)`. The tree itself may come back simpler:
//! `and(x)` as `x`, `number:007` as `7`, a UUID as text.

use std::fmt::{self, Display, Write};

use crate::expr::{Compare, Expr, Literal, Op, Operand, Param, Path, Subject};
use crate::syntax::values::{automatic, epoch_text, number_text};
use crate::{Area, CompactString, Pattern, Point, Value};

/// The canonical text of a condition.
///
/// ```
/// use larder_query::{parse, to_text};
///
/// let text = "name==string:7&(a=lt=3|not(b!=x%26y))";
/// assert_eq!(to_text(&parse(text)?), "eq(name,string:7)&or(lt(a,3),not(ne(b,x%26y)))");
/// # Ok::<(), larder_query::ParseError>(())
/// ```
pub fn to_text(expr: &Expr) -> String {
    expr.to_string()
}

impl Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::And(all) | Expr::Or(all) if all.len() == 1 => write!(f, "{}", all[0]),
            Expr::And(all) if !all.is_empty() => separated(f, all, '&', term),
            other => term(other, f),
        }
    }
}

/// A condition inside another: always one term.
fn term(expr: &Expr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match expr {
        Expr::Const(value) => write!(f, "{value}"),
        Expr::And(all) => call(f, "and", all, true),
        Expr::Or(all) => call(f, "or", all, false),
        Expr::Not(inner) => {
            f.write_str("not(")?;
            term(inner, f)?;
            f.write_char(')')
        }
        Expr::Compare(compare) => compare.fmt(f),
        Expr::Any(any) => {
            write!(f, "contains({},", any.path)?;
            term(&any.filter, f)?;
            f.write_char(')')
        }
    }
}

fn call(f: &mut fmt::Formatter<'_>, name: &str, all: &[Expr], none: bool) -> fmt::Result {
    match all {
        [] => write!(f, "{none}"),
        [only] => term(only, f),
        _ => {
            write!(f, "{name}(")?;
            separated(f, all, ',', term)?;
            f.write_char(')')
        }
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    sign: char,
    print: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_char(sign)?;
        }
        print(item, f)?;
    }
    Ok(())
}

impl Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Compare {
            subject,
            op,
            operand,
            form,
            span: _,
        } = self;
        // An encoded angle bracket left of `=` would read as the operator.
        let plain = |step: &CompactString| !step.contains(['<', '>']);
        if subject.steps().is_empty() {
            // The element itself.
            write!(f, "{op}({operand})")
        } else if *form && *op == Op::Eq && subject.steps().iter().all(plain) {
            write!(f, "{subject}={operand}")
        } else {
            write!(f, "{op}({subject},{operand})")
        }
    }
}

impl Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Path(path) => path.fmt(f),
            Subject::Param(param) => param.fmt(f),
        }
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        separated(f, &self.steps, '.', |step, f| encode(f, step, false))
    }
}

impl Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('$')?;
        separated(f, &self.steps, '.', |step, f| encode(f, step, false))
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Literal(literal) => literal.fmt(f),
            Operand::Param(param) => param.fmt(f),
            Operand::Pattern(pattern) => write_pattern(f, pattern),
            Operand::Area(area) => write_area(f, area),
            Operand::List(items) => {
                f.write_char('(')?;
                separated(f, items, ',', Operand::fmt)?;
                f.write_char(')')
            }
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(f, &self.value)
    }
}

/// Writes a value as query text.
pub(crate) fn write_value(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Null => f.write_str("null"),
        Value::Bool(b) => write!(f, "{b}"),
        Value::I64(_) | Value::U64(_) | Value::F64(_) => match number_text(value) {
            // A plus sign (1e+21) may stand raw in a value.
            Some(number) => f.write_str(&number),
            None => f.write_str("null"),
        },
        Value::Text(text) => write_text(f, text),
        Value::Bytes(bytes) => write_text(f, &crate::value::to_base64(bytes)),
        Value::Instant(instant) => write!(f, "epoch:{}", epoch_text(*instant)),
        Value::Date(date) => write!(f, "date:{date}"),
        Value::Uuid(uuid) => write_text(f, &uuid.to_string()),
        Value::Decimal(decimal) => write!(f, "{decimal}"),
        Value::Array(items) => {
            f.write_char('(')?;
            separated(f, items, ',', |item, f| write_value(f, item))?;
            f.write_char(')')
        }
        Value::Object(_) => write_text(f, &serde_json::Value::from(value).to_string()),
    }
}

fn write_pattern(f: &mut fmt::Formatter<'_>, pattern: &Pattern) -> fmt::Result {
    let flags = pattern.flags();
    f.write_str(if flags.ignore_case { "re:" } else { "RE:" })?;
    // The text has no other place for these.
    let letters: String = [
        (flags.multi_line, 'm'),
        (flags.extended, 'x'),
        (flags.dot_all, 's'),
    ]
    .into_iter()
    .filter_map(|(set, letter)| set.then_some(letter))
    .collect();
    if !letters.is_empty() {
        encode(f, &format!("(?{letters})"), true)?;
    }
    encode(f, pattern.source(), true)
}

fn write_area(f: &mut fmt::Formatter<'_>, area: &Area) -> fmt::Result {
    let point = |f: &mut fmt::Formatter<'_>, at: &Point| write!(f, "({},{})", at.lon, at.lat);
    match area {
        Area::Circle { center, metres } => {
            f.write_str("circle(")?;
            point(f, center)?;
            if metres.is_infinite() {
                return f.write_str(",Infinity)");
            }
            write!(f, ",{metres})")
        }
        Area::Box { lower, upper } => {
            f.write_str("box(")?;
            separated(f, &[*lower, *upper], ',', |at, f| point(f, at))?;
            f.write_char(')')
        }
        Area::Polygon(corners) => {
            f.write_str("polygon(")?;
            separated(f, corners, ',', |at, f| point(f, at))?;
            f.write_char(')')
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    // Empty text would be taken for no member at all in `()`.
    if text.is_empty() || !matches!(automatic(text), Value::Text(_)) {
        f.write_str("string:")?;
    }
    encode(f, text, true)
}

fn encode(f: &mut fmt::Formatter<'_>, text: &str, dots: bool) -> fmt::Result {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~*".contains(&byte) || (dots && byte == b'.') {
            f.write_char(char::from(byte))?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}
