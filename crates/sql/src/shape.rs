//! How a column that somebody else has declared holds the values of a kind.
//!
//! Larder's own columns hold every value as it is and compare as filters do. Others may not: a text column with an order of its own
//! takes `Ann` for `ann`, `DECIMAL(5,2)` rounds, `CHAR` drops blanks. A [`Shape`] says what to write around the column and around
//! values so that they compare as everywhere else, and which values are refused because they would come back as others.

use std::borrow::Cow;
use std::sync::Arc;

use larder_core::Kind;
use larder_core::store::operand::{Fit, Relation, beyond};
use larder_query::{Decimal, Value};

use crate::dialect::Dialect;

/// What is written before and behind an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrap {
    before: Cow<'static, str>,
    behind: Cow<'static, str>,
}

impl Wrap {
    pub(crate) fn new(
        before: impl Into<Cow<'static, str>>,
        behind: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            before: before.into(),
            behind: behind.into(),
        }
    }

    /// The expression with it around.
    pub(crate) fn around(&self, expression: &str) -> String {
        format!("{}{expression}{}", self.before, self.behind)
    }
}

/// How a column holds the values of a kind. By default it is one of larder's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shape {
    /// Around the column: what compares and sorts as larder does. No index has it.
    pub(crate) exact: Option<Wrap>,
    /// Around an operand: what the bare column compares with, so that its index finds all that are equal, and perhaps others.
    pub(crate) loose: Option<Wrap>,
    /// Around the mark of an operand of [`exact`](Self::exact).
    pub(crate) operand: Option<Wrap>,
    /// Around the mark of a value that is stored.
    pub(crate) stored: Option<Wrap>,
    /// Around the column: what larder's own column would hold, where the [form](Self::form) is another.
    pub(crate) usual: Option<Wrap>,
    /// What values are bound as.
    pub(crate) form: Form,
    /// Which values come back as they were.
    pub(crate) takes: Takes,
}

/// What values are bound as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// As larder's own column has them.
    #[default]
    Usual,
    /// A decimal number as its plain digits.
    Digits,
    /// A UUID as its 16 bytes.
    Raw,
}

/// The values that a column gives back as they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Takes {
    /// All, or the database refuses them.
    #[default]
    All,
    /// Texts of so many characters at the most: of longer ones databases cut off blanks in silence.
    Chars(usize),
    /// Texts of so many bytes at the most, for the same reason.
    Octets(usize),
    /// Texts of so many characters at the most, without blanks at the end.
    Trimmed(usize),
    /// These texts.
    OneOf(Arc<[String]>),
    /// Numbers with so many digits before and behind the point.
    Digits { whole: u8, fraction: u8 },
    /// Instants with so many digits behind the second.
    Seconds(u8),
    /// So many bytes.
    Bytes(usize),
    /// The years that `YEAR` has.
    Years,
}

/// Why a value is refused: what is wrong with it, and the code of that.
pub(crate) type Refusal = (String, &'static str);

impl Shape {
    /// One of larder's own.
    pub(crate) const USUAL: Self = Self {
        exact: None,
        loose: None,
        operand: None,
        stored: None,
        usual: None,
        form: Form::Usual,
        takes: Takes::All,
    };

    /// One of larder's own that takes these values.
    pub(crate) fn taking(takes: Takes) -> Self {
        Self {
            takes,
            ..Self::default()
        }
    }

    /// Whether arithmetic of the database does with it what it does with larder's own.
    pub(crate) fn is_usual(&self) -> bool {
        self.exact.is_none() && self.form == Form::Usual && matches!(self.takes, Takes::All)
    }

    /// A column as what compares and sorts as larder does.
    pub(crate) fn exact<'n>(&self, name: &'n str) -> Cow<'n, str> {
        around(self.exact.as_ref(), name)
    }

    /// Binds a value in the form that the column has.
    pub(crate) fn bind<D: Dialect>(
        &self,
        args: &mut D::Arguments,
        kind: Kind,
        value: &Value,
    ) -> Result<(), &'static str> {
        match (self.form, value) {
            (Form::Digits, Value::Decimal(number)) => {
                D::bind(args, Kind::Text, &Value::from(number.to_string()))
            }
            (Form::Raw, Value::Uuid(uuid)) => {
                D::bind(args, Kind::Bytes, &Value::bytes(*uuid.as_bytes()))
            }
            _ => D::bind(args, kind, value),
        }
    }

    /// Why a value can't be stored, if it would come back as another one.
    pub(crate) fn refuses(&self, value: &Value) -> Option<Refusal> {
        let said = |text: &str, code| Some((text.to_owned(), code));
        let blanks = "must not end with a blank: its column in the database drops it";
        let too_long = "is too long for its column in the database";
        match (&self.takes, value) {
            (Takes::Chars(most), Value::Text(text)) if is_longer(text, *most) => {
                said(too_long, "maxLength")
            }
            (Takes::Octets(most), Value::Text(text))
                if text.len() > *most && text.ends_with(' ') =>
            {
                said(too_long, "maxLength")
            }
            (Takes::Trimmed(_), Value::Text(text)) if text.ends_with(' ') => {
                said(blanks, "pattern")
            }
            (Takes::Trimmed(most), Value::Text(text)) if is_longer(text, *most) => {
                said(too_long, "maxLength")
            }
            (Takes::OneOf(all), Value::Text(text))
                if !all.iter().any(|one| one.as_str() == &**text) =>
            {
                let known: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
                Some((format!("must be one of {}", known.join(", ")), "enum"))
            }
            (Takes::Digits { whole, fraction }, Value::Decimal(number)) => {
                let fits = number.scale() <= *fraction && digits(number.whole()) <= *whole;
                (!fits).then(|| {
                    let message = format!(
                        "must have at most {whole} digits before the point and {fraction} behind it, as its column in the database"
                    );
                    (message, "range")
                })
            }
            (Takes::Seconds(kept), Value::Instant(at))
                if at.subsec_nanosecond() / 1_000 % 10_i32.pow(6 - u32::from(*kept).min(6)) != 0 =>
            {
                Some((
                    match kept {
                        0 => "must be a whole second: its column in the database holds no parts of one".to_owned(),
                        kept => format!("must have at most {kept} digits behind the second, as its column in the database"),
                    },
                    "type",
                ))
            }
            (Takes::Bytes(length), Value::Bytes(bytes)) if bytes.len() != *length => Some((
                format!("must be {length} bytes long, as its column in the database"),
                "length",
            )),
            (Takes::Years, value) if value.as_i64().is_none_or(|year| !is_year(year)) => {
                said("must be 0 or a year from 1901 to 2155, as its column in the database", "range")
            }
            _ => None,
        }
    }

    /// A comparison, brought to the kind already, in terms of what the column can hold.
    pub(crate) fn fit<'v>(&self, relation: Relation, value: Cow<'v, Value>) -> Fit<'v> {
        match (&self.takes, &*value) {
            (Takes::OneOf(all), Value::Text(text))
                if relation == Relation::Eq && !all.iter().any(|one| one.as_str() == &**text) =>
            {
                Fit::Never
            }
            (Takes::Digits { whole, fraction }, Value::Decimal(number)) => {
                decimal(relation, *number, *whole, *fraction)
            }
            _ => Fit::Test(relation, value),
        }
    }
}

/// An expression with something around it, if there is something.
pub(crate) fn around<'n>(wrap: Option<&Wrap>, expression: &'n str) -> Cow<'n, str> {
    match wrap {
        Some(wrap) => Cow::Owned(wrap.around(expression)),
        None => Cow::Borrowed(expression),
    }
}

fn is_longer(text: &str, most: usize) -> bool {
    // As many bytes are no more characters.
    text.len() > most && text.chars().nth(most).is_some()
}

fn is_year(year: i64) -> bool {
    year == 0 || (1901..=2155).contains(&year)
}

/// How many digits a whole number has; 0 has none.
fn digits(number: i128) -> u8 {
    let mut left = number.unsigned_abs();
    let mut count = 0;
    while left > 0 {
        left /= 10;
        count += 1;
    }
    count
}

/// A comparison with a number in terms of numbers with `fraction` digits behind the point and `whole` before it.
fn decimal(relation: Relation, number: Decimal, whole: u8, fraction: u8) -> Fit<'static> {
    if digits(number.whole()) > whole {
        return beyond(relation, number.mantissa() < 0);
    }
    if number.scale() <= fraction {
        return Fit::Test(relation, Cow::Owned(Value::Decimal(number)));
    }
    // Between two numbers of the column: what is below it ends with the lower one.
    let cut = 10_i128.pow(u32::from(number.scale() - fraction));
    let floor = number.mantissa().div_euclid(cut);
    let at = |mantissa: i128| Decimal::new(mantissa, fraction).map(Value::Decimal);
    let (relation, bound) = match relation {
        Relation::Eq => return Fit::Never,
        _ if relation.is_below() => (Relation::Le, at(floor)),
        _ => (Relation::Gt, at(floor)),
    };
    match bound {
        // Rounded down it may have a digit more than the column.
        Some(Value::Decimal(bound)) if digits(bound.whole()) > whole => {
            beyond(relation, bound.mantissa() < 0)
        }
        Some(bound) => Fit::Test(relation, Cow::Owned(bound)),
        None => Fit::Never,
    }
}

/// The texts of a list such as `'a','it''s'`; none if one is written in another way.
pub(crate) fn quoted_texts(list: &str) -> Option<Vec<String>> {
    if list.contains('\\') {
        return None;
    }
    let mut texts = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        rest = rest.strip_prefix('\'')?;
        let mut text = String::new();
        loop {
            let (part, behind) = rest.split_once('\'')?;
            text.push_str(part);
            match behind.strip_prefix('\'') {
                Some(more) => {
                    text.push('\'');
                    rest = more;
                }
                None => {
                    rest = behind;
                    break;
                }
            }
        }
        texts.push(text);
        rest = rest.trim_start();
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
        }
    }
    Some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn numbers_between_those_of_a_column() {
        let fit = |relation, text: &str| match decimal(relation, number(text), 3, 2) {
            Fit::Test(relation, value) => match &*value {
                Value::Decimal(number) => format!("{relation:?} {number}"),
                other => panic!("{other:?}"),
            },
            other => format!("{other:?}"),
        };
        assert_eq!(fit(Relation::Eq, "12.34"), "Eq 12.34");
        assert_eq!(fit(Relation::Eq, "12.345"), "Never");
        assert_eq!(fit(Relation::Lt, "12.345"), "Le 12.34");
        assert_eq!(fit(Relation::Ge, "12.345"), "Gt 12.34");
        assert_eq!(fit(Relation::Le, "-12.345"), "Le -12.35");
        assert_eq!(fit(Relation::Gt, "-0.001"), "Gt -0.01");
        assert_eq!(fit(Relation::Lt, "1000"), "Always");
        assert_eq!(fit(Relation::Lt, "-1000"), "Never");
        assert_eq!(fit(Relation::Ge, "-999.999"), "Always");
    }

    #[test]
    fn what_would_come_back_as_another_value_is_refused() {
        let refused = |takes: Takes, value: Value| {
            let refusal = Shape::taking(takes).refuses(&value);
            refusal.map(|(_, code)| code)
        };
        let some: Arc<[String]> = ["G", "PG"].map(String::from).into();
        let instant = |text: &str| Value::Instant(text.parse().unwrap());
        let cents = || Takes::Digits {
            whole: 3,
            fraction: 2,
        };
        let decimal = |text: &str| Value::Decimal(number(text));
        for (takes, value, code) in [
            (Takes::Chars(3), "äöü".into(), None),
            (Takes::Chars(3), "äöü ".into(), Some("maxLength")),
            (Takes::Trimmed(3), "ab".into(), None),
            (Takes::Trimmed(3), "ab ".into(), Some("pattern")),
            (Takes::Trimmed(3), "abcd".into(), Some("maxLength")),
            (Takes::OneOf(some.clone()), "PG".into(), None),
            (Takes::OneOf(some.clone()), "pg".into(), Some("enum")),
            // The database would take it for the number of a member.
            (Takes::OneOf(some), "1".into(), Some("enum")),
            (cents(), decimal("999.99"), None),
            (cents(), decimal("1000"), Some("range")),
            (cents(), decimal("0.005"), Some("range")),
            (Takes::Seconds(0), instant("2024-01-01T00:00:01Z"), None),
            (
                Takes::Seconds(0),
                instant("2024-01-01T00:00:01.5Z"),
                Some("type"),
            ),
            (Takes::Seconds(3), instant("2024-01-01T00:00:01.125Z"), None),
            (
                Takes::Seconds(3),
                instant("1969-01-01T00:00:01.1255Z"),
                Some("type"),
            ),
            (Takes::Bytes(2), Value::bytes([1, 2]), None),
            (Takes::Bytes(2), Value::bytes([1]), Some("length")),
            (Takes::Years, 1901.into(), None),
            (Takes::Years, 5.into(), Some("range")),
        ] {
            assert_eq!(refused(takes.clone(), value), code, "{takes:?}");
        }
        assert!(Shape::default().refuses(&"a ".into()).is_none());
    }

    #[test]
    fn texts_between_quotes() {
        assert_eq!(quoted_texts("'a','b c'").unwrap(), ["a", "b c"]);
        assert_eq!(quoted_texts("'it''s', ','").unwrap(), ["it's", ","]);
        assert_eq!(quoted_texts("'a\\\\b'"), None);
        assert_eq!(quoted_texts("'a"), None);
        assert_eq!(quoted_texts("E'a'"), None);
    }
}
