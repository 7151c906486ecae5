//! The bound filter: what stores push down or run over rows.
//!
//! It is two-valued and knows fields by their index only; [`Inside`] looks into a field's value. Rules for null:
//! `eq(x,null)` matches null; ordering operators match neither null nor another family of values; `ne`
//! and `out` are the exact complements of `eq` and `in`.

use std::cmp::Ordering;
use std::fmt::{self, Display};
use std::slice;

use crate::expr::Op;
use crate::leaves::leaves;
use crate::print::write_value;
use crate::{Area, CompactString, Pattern, Value};

/// A condition over a row of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every row.
    True,
    /// No row.
    False,
    /// Rows that match all of these.
    And(Vec<Filter>),
    /// Rows that match one of these.
    Or(Vec<Filter>),
    /// Rows that do not match.
    Not(Box<Filter>),
    /// Rows whose one field passes.
    Test(Test),
    /// Rows that have something inside one field that passes.
    Inside(Box<Inside>),
}

/// A condition on what is inside a field's value, such as `address.city` or some element of a list.
///
/// The inner filter sees a row of one value: what stands at `path`, or, with `each`, one element of the array that stands there.
/// What is missing is null.
#[derive(Clone, Debug, PartialEq)]
pub struct Inside {
    /// The field's place in the row.
    pub field: usize,
    /// The names to follow from there, outermost first; a whole number also picks an element of an array.
    pub path: Box<[CompactString]>,
    /// Whether some element of an array has to pass, instead of the value itself. What is no array has no elements.
    pub each: bool,
    /// What has to hold; its only field is 0.
    pub filter: Filter,
}

impl Inside {
    /// Whether a field's value passes.
    pub fn matches(&self, value: &Value) -> bool {
        let found = value.at(&self.path);
        if self.each {
            let items = found.as_array().unwrap_or_default();
            items
                .iter()
                .any(|item| self.filter.matches(std::slice::from_ref(item)))
        } else {
            self.filter.matches(std::slice::from_ref(found))
        }
    }
}

/// One field compared with known values.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The field's place in the row.
    pub field: usize,
    /// How it is compared.
    pub op: Op,
    /// With what.
    pub operand: Bound,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// One value (which may be an array).
    One(Value),
    /// The members of a list, for `in` and `out`; divisor and remainder for `mod`.
    Many(Vec<Value>),
    /// A pattern, for `match`.
    Pattern(Pattern),
    /// A part of the earth, for `within`.
    Area(Area),
}

impl Filter {
    /// A single test against one value.
    ///
    /// ```
    /// use larder_query::{Filter, Op, Value};
    ///
    /// let f = Filter::test(1, Op::Ge, 18);
    /// assert!(f.matches(&[Value::from("Ann"), Value::from(18)]));
    /// assert!(!f.matches(&[Value::from("Bob"), Value::Null]));
    /// ```
    pub fn test(field: usize, op: Op, value: impl Into<Value>) -> Filter {
        Filter::Test(Test {
            field,
            op,
            operand: Bound::One(value.into()),
        })
    }

    /// A test for membership in a list; an empty list matches no row.
    pub fn one_of(field: usize, values: Vec<Value>) -> Filter {
        if values.is_empty() {
            return Filter::False;
        }
        Filter::Test(Test {
            field,
            op: Op::In,
            operand: Bound::Many(values),
        })
    }

    /// All of these, simplified: `True` goes, `False` wins, inner *ands* are taken in, one stays itself.
    pub fn and(members: impl IntoIterator<Item = Filter>) -> Filter {
        joined(members.into_iter().collect(), true)
    }

    /// At least one of these, simplified the same way.
    pub fn or(members: impl IntoIterator<Item = Filter>) -> Filter {
        joined(members.into_iter().collect(), false)
    }

    /// The opposite, simplified: constants flip, two *nots* cancel, `eq`/`ne` and `in`/`out` swap.
    #[expect(
        clippy::should_implement_trait,
        reason = "a constructor beside `and` and `or`"
    )]
    pub fn not(filter: Filter) -> Filter {
        match filter {
            Filter::True => Filter::False,
            Filter::False => Filter::True,
            Filter::Not(inner) => *inner,
            Filter::Test(mut test) => match test.op.complement() {
                Some(op) => {
                    test.op = op;
                    Filter::Test(test)
                }
                None => Filter::Not(Box::new(Filter::Test(test))),
            },
            other => Filter::Not(Box::new(other)),
        }
    }

    /// Whether a row passes. A field beyond the row's end counts as null.
    #[inline]
    pub fn matches(&self, row: &[Value]) -> bool {
        match self {
            Filter::True => true,
            Filter::False => false,
            Filter::Test(test) => test.matches(row.get(test.field).unwrap_or(&Value::Null)),
            Filter::And(all) => all.iter().all(|f| f.matches(row)),
            Filter::Or(any) => any.iter().any(|f| f.matches(row)),
            Filter::Not(inner) => !inner.matches(row),
            Filter::Inside(inside) => inside.matches(row.get(inside.field).unwrap_or(&Value::Null)),
        }
    }

    /// [`matches`](Self::matches) where the values lie in several places, such as a record and the one it links to.
    ///
    /// ```
    /// use larder_query::{Filter, Op, Value};
    ///
    /// let (own, linked) = ([Value::from("a")], [Value::from(7)]);
    /// let f = Filter::test(1, Op::Gt, 5);
    /// assert!(f.matches_by(&|field| own.get(field).or(linked.get(field - 1)).unwrap_or(&Value::Null)));
    /// ```
    pub fn matches_by<'v>(&self, value: &dyn Fn(usize) -> &'v Value) -> bool {
        match self {
            Filter::True => true,
            Filter::False => false,
            Filter::Test(test) => test.matches(value(test.field)),
            Filter::And(all) => all.iter().all(|f| f.matches_by(value)),
            Filter::Or(any) => any.iter().any(|f| f.matches_by(value)),
            Filter::Not(inner) => !inner.matches_by(value),
            Filter::Inside(inside) => inside.matches(value(inside.field)),
        }
    }

    /// The same filter over rows whose fields stand elsewhere; None as soon as `place` knows no place for one.
    ///
    /// ```
    /// use larder_query::{Filter, Op};
    ///
    /// let f = Filter::test(7, Op::Eq, "x");
    /// assert_eq!(f.moved(&|field| field.checked_sub(5)), Some(Filter::test(2, Op::Eq, "x")));
    /// assert_eq!(f.moved(&|field| field.checked_sub(8)), None);
    /// ```
    pub fn moved(&self, place: &dyn Fn(usize) -> Option<usize>) -> Option<Filter> {
        let all = |members: &[Filter]| -> Option<Vec<Filter>> {
            members.iter().map(|f| f.moved(place)).collect()
        };
        Some(match self {
            Filter::True => Filter::True,
            Filter::False => Filter::False,
            Filter::And(members) => Filter::And(all(members)?),
            Filter::Or(members) => Filter::Or(all(members)?),
            Filter::Not(inner) => Filter::Not(Box::new(inner.moved(place)?)),
            Filter::Test(test) => Filter::Test(Test {
                field: place(test.field)?,
                ..test.clone()
            }),
            Filter::Inside(inside) => Filter::Inside(Box::new(Inside {
                field: place(inside.field)?,
                ..Inside::clone(inside)
            })),
        })
    }

    /// All tests of fields themselves, in order; not those [inside](Inside) a field.
    pub fn tests(&self) -> impl Iterator<Item = &Test> {
        leaves(self, below).filter_map(|leaf| match leaf {
            Filter::Test(test) => Some(test),
            _ => None,
        })
    }

    /// The indexes of the fields it looks at, in order; a field may come several times.
    pub fn fields(&self) -> impl Iterator<Item = usize> {
        leaves(self, below).filter_map(|leaf| match leaf {
            Filter::Test(test) => Some(test.field),
            Filter::Inside(inside) => Some(inside.field),
            _ => None,
        })
    }
}

/// The conditions that one is made of, if they are about the same row.
fn below(filter: &Filter) -> Option<&[Filter]> {
    match filter {
        Filter::And(all) | Filter::Or(all) => Some(all),
        Filter::Not(inner) => Some(slice::from_ref(&**inner)),
        Filter::True | Filter::False | Filter::Test(_) | Filter::Inside(_) => None,
    }
}

/// Moves members behind others, or in the place of none.
fn take_in(flat: &mut Vec<Filter>, inner: &mut Vec<Filter>) {
    if flat.is_empty() {
        std::mem::swap(flat, inner);
    } else {
        flat.append(inner);
    }
}

/// All of these, or at least one of them, simplified.
fn joined(mut members: Vec<Filter>, all: bool) -> Filter {
    let always = |member: &Filter, truth: bool| match member {
        Filter::True => truth,
        Filter::False => !truth,
        _ => false,
    };
    let constant = |truth| if truth { Filter::True } else { Filter::False };
    if members.iter().any(|member| always(member, !all)) {
        return constant(!all);
    }
    members.retain(|member| !always(member, all));
    let alike = |member: &Filter| match member {
        Filter::And(_) => all,
        Filter::Or(_) => !all,
        _ => false,
    };
    if members.iter().any(alike) {
        let mut flat = Vec::new();
        for member in members {
            match member {
                Filter::And(mut inner) if all => take_in(&mut flat, &mut inner),
                Filter::Or(mut inner) if !all => take_in(&mut flat, &mut inner),
                other => flat.push(other),
            }
        }
        members = flat;
    }
    match members.len() {
        0 | 1 => members.pop().unwrap_or_else(|| constant(all)),
        _ if all => Filter::And(members),
        _ => Filter::Or(members),
    }
}

impl Test {
    /// Whether one field's value passes.
    #[inline]
    pub fn matches(&self, value: &Value) -> bool {
        match (&self.operand, self.op) {
            (Bound::One(other), op) => one(op, value, other),
            (Bound::Many(list), Op::Out) => !list.iter().any(|v| v.same(value)),
            (Bound::Many(list), Op::In) => list.iter().any(|v| v.same(value)),
            // No binding makes these; a list equals an array.
            (Bound::Many(list), Op::Eq) => is_array(value, list),
            (Bound::Many(list), Op::Ne) => !is_array(value, list),
            (Bound::Many(list), Op::Mod) => remainder(value, list),
            (Bound::Pattern(pattern), Op::Match) => {
                matches!(value, Value::Text(text) if pattern.matches(text))
            }
            (Bound::Area(area), Op::Within) => area.holds(value),
            (Bound::Many(_) | Bound::Pattern(_) | Bound::Area(_), _) => false,
        }
    }
}

/// `[divisor, remainder]`: whole numbers, with the sign of the dividend as MongoDB has it. By zero nothing matches.
fn remainder(value: &Value, list: &[Value]) -> bool {
    let [divisor, wanted] = list else {
        return false;
    };
    match (value.as_i64(), divisor.as_i64(), wanted.as_i64()) {
        // Of the least number divided by -1 the quotient has no place in 64 bits, the remainder is 0.
        (Some(value), Some(divisor), Some(wanted)) if divisor != 0 => {
            value.wrapping_rem(divisor) == wanted
        }
        _ => false,
    }
}

fn is_array(value: &Value, list: &[Value]) -> bool {
    value
        .as_array()
        .is_some_and(|a| a.len() == list.len() && a.iter().zip(list).all(|(a, b)| a.same(b)))
}

#[inline]
fn one(op: Op, value: &Value, other: &Value) -> bool {
    match op {
        Op::Eq => value.same(other),
        Op::Ne => !value.same(other),
        Op::Lt => value.compare(other).is_some_and(Ordering::is_lt),
        Op::Le => value.compare(other).is_some_and(Ordering::is_le),
        Op::Gt => value.compare(other).is_some_and(Ordering::is_gt),
        Op::Ge => value.compare(other).is_some_and(Ordering::is_ge),
        Op::In => member(value, other),
        Op::Out => !member(value, other),
        Op::Contains => match (value, other) {
            (Value::Text(text), Value::Text(part)) => text.contains(part.as_str()),
            (Value::Array(items), wanted) => items.iter().any(|item| item.same(wanted)),
            _ => false,
        },
        Op::StartsWith => texts(value, other, |a, b| a.starts_with(b)),
        Op::EndsWith => texts(value, other, |a, b| a.ends_with(b)),
        Op::EqIgnoreCase => texts(value, other, same_letters),
        Op::Size => value
            .as_array()
            .is_some_and(|items| other.as_u64() == Some(items.len() as u64)),
        // Their operands are of other sorts.
        Op::Match | Op::Mod | Op::Within => false,
    }
}

/// Membership in a list given as one array value.
fn member(value: &Value, list: &Value) -> bool {
    match list {
        Value::Array(items) => items.iter().any(|item| item.same(value)),
        other => other.same(value),
    }
}

fn texts(a: &Value, b: &Value, test: impl Fn(&str, &str) -> bool) -> bool {
    matches!((a, b), (Value::Text(a), Value::Text(b)) if test(a, b))
}

fn same_letters(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    let lower = |t| str::chars(t).flat_map(char::to_lowercase);
    lower(a).eq(lower(b))
}

/// A short form for traces, with fields as `#index`: `and(eq(#0,7),not(lt(#2,3)))`.
impl Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::True => f.write_str("true"),
            Filter::False => f.write_str("false"),
            Filter::And(all) => list(f, "and", all),
            Filter::Or(any) => list(f, "or", any),
            Filter::Not(inner) => write!(f, "not({inner})"),
            Filter::Test(test) => test.fmt(f),
            Filter::Inside(inside) => {
                let word = if inside.each { "each" } else { "at" };
                let path = inside.path.join(".");
                write!(f, "{word}(#{}/{path},{})", inside.field, inside.filter)
            }
        }
    }
}

fn list<T: Display>(f: &mut fmt::Formatter<'_>, name: &str, items: &[T]) -> fmt::Result {
    write!(f, "{name}(")?;
    for (i, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if i > 0 { "," } else { "" })?;
    }
    f.write_str(")")
}

impl Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(#{},{})", self.op, self.field, self.operand)
    }
}

impl Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Shown<'a>(&'a Value);
        impl Display for Shown<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_value(f, self.0)
            }
        }
        match self {
            Bound::One(value) => write_value(f, value),
            Bound::Pattern(pattern) => write!(f, "/{}/", pattern.source()),
            Bound::Area(area) => write!(f, "{area:?}"),
            Bound::Many(values) => list(f, "", &values.iter().map(Shown).collect::<Vec<_>>()),
        }
    }
}

#[cfg(test)]
mod tests;
