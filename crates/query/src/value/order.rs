//! How values compare: exactly across number types, and totally for sorting.

use std::cmp::Ordering;

use super::{Object, Value};

/// 2^65: beyond any i64 or u64.
const BOUND: f64 = (1_u128 << 65) as f64;

/// 2^53: up to it every whole number is a float.
const EXACT: u64 = 1 << 53;

/// The whole number that `f` is, if it is one and within 65 bits.
pub(super) fn f64_as_i128(f: f64) -> Option<i128> {
    // The bound is far inside i128, so the cast is exact.
    (f.fract() == 0.0 && f.abs() <= BOUND).then_some(f as i128)
}

/// Compares a whole number with a float without rounding either. None for NaN.
fn int_with_float(n: i128, f: f64) -> Option<Ordering> {
    if f.is_nan() {
        return None;
    }
    if f >= BOUND {
        return Some(Ordering::Less);
    }
    if f <= -BOUND {
        return Some(Ordering::Greater);
    }
    // trunc() is exact, and so is the cast of a whole float inside the bound.
    let whole = f.trunc();
    Some(
        n.cmp(&(whole as i128))
            .then_with(|| 0.0_f64.partial_cmp(&(f - whole)).unwrap_or(Ordering::Equal)),
    )
}

/// Compares two numbers exactly. None if one is no number, or NaN.
#[inline]
fn numbers(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::I64(a), Value::I64(b)) => Some(a.cmp(b)),
        (Value::U64(a), Value::U64(b)) => Some(a.cmp(b)),
        (Value::I64(a), Value::U64(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Value::U64(a), Value::I64(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Value::F64(a), Value::F64(b)) => a.partial_cmp(b),
        // Whole numbers of up to 53 bits are floats exactly.
        (Value::I64(a), Value::F64(b)) if a.unsigned_abs() <= EXACT => (*a as f64).partial_cmp(b),
        (Value::F64(a), Value::I64(b)) if b.unsigned_abs() <= EXACT => a.partial_cmp(&(*b as f64)),
        (Value::I64(a), Value::F64(b)) => int_with_float(i128::from(*a), *b),
        (Value::U64(a), Value::F64(b)) => int_with_float(i128::from(*a), *b),
        (Value::F64(a), Value::I64(b)) => int_with_float(i128::from(*b), *a).map(Ordering::reverse),
        (Value::F64(a), Value::U64(b)) => int_with_float(i128::from(*b), *a).map(Ordering::reverse),
        _ => None,
    }
}

/// The place of a value's family in the total order.
fn rank(v: &Value) -> u8 {
    match v {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::I64(_) | Value::U64(_) | Value::F64(_) => 2,
        Value::Text(_) => 3,
        Value::Bytes(_) => 4,
        Value::Instant(_) => 5,
        Value::Date(_) => 6,
        Value::Uuid(_) => 7,
        Value::Array(_) => 8,
        Value::Object(_) => 9,
        Value::Decimal(_) => 10,
    }
}

fn is_nan(v: &Value) -> bool {
    matches!(v, Value::F64(f) if f.is_nan())
}

impl Value {
    /// The order of two values, where an ordering operator has an answer.
    ///
    /// None for null, for values of different families (`1` and `"1"`), for arrays and for
    /// objects. Whole numbers and floats are one family and compare exactly, also where an `f64`
    /// could not hold the whole number. Decimals are a family of their own: a field is one or the
    /// other, and what it is compared with is brought to its kind first.
    ///
    /// ```
    /// use larder_query::Value;
    /// use std::cmp::Ordering;
    ///
    /// let big = Value::I64(9_007_199_254_740_993); // 2^53 + 1
    /// assert_eq!(big.compare(&Value::F64(9_007_199_254_740_992.0)), Some(Ordering::Greater));
    /// assert_eq!(Value::Null.compare(&Value::I64(0)), None);
    /// ```
    #[inline]
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
            (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
            (Value::Instant(a), Value::Instant(b)) => Some(a.cmp(b)),
            (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
            (Value::Uuid(a), Value::Uuid(b)) => Some(a.cmp(b)),
            (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
            (a, b) => numbers(a, b),
        }
    }

    /// Equality as filters mean it.
    ///
    /// Numbers are compared exactly across their types, null is the same as null, arrays and
    /// objects are compared by content, and the order of an object's keys does not matter.
    #[inline]
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            (Value::Object(a), Value::Object(b)) => objects_same(a, b),
            (a, b) => match a.compare(b) {
                Some(order) => order.is_eq(),
                None => is_nan(a) && is_nan(b),
            },
        }
    }

    /// A total order for sorting and index keys, equal exactly where [`Value::same`] holds.
    ///
    /// Null comes first, then booleans, numbers, text (by bytes), bytes, instants, dates, UUIDs,
    /// arrays, objects and decimals. Arrays compare element by element; objects compare their pairs in the
    /// order of their names.
    pub fn total_cmp(&self, other: &Value) -> Ordering {
        if let Some(order) = self.compare(other) {
            return order;
        }
        match (self, other) {
            (Value::Array(a), Value::Array(b)) => {
                by_parts(a.iter(), b.iter(), |a, b| a.total_cmp(b))
            }
            (Value::Object(a), Value::Object(b)) => objects_order(a, b),
            // Same family without an answer is null with null, or NaN, which goes last.
            (a, b) => (rank(a).cmp(&rank(b))).then_with(|| is_nan(a).cmp(&is_nan(b))),
        }
    }
}

fn objects_same(a: &Object, b: &Object) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let in_order = a.keys().zip(b.keys()).all(|(a, b)| a == b);
    if in_order {
        return a.values().zip(b.values()).all(|(a, b)| a.same(b));
    }
    let (a, b) = (a.sorted(), b.sorted());
    a.iter().zip(&b).all(|(a, b)| a.0 == b.0 && a.1.same(&b.1))
}

fn objects_order(a: &Object, b: &Object) -> Ordering {
    let (a, b) = (a.sorted(), b.sorted());
    by_parts(a.iter(), b.iter(), |a, b| {
        a.0.cmp(&b.0).then_with(|| a.1.total_cmp(&b.1))
    })
}

/// Lexicographic order by a comparison of parts.
fn by_parts<'a, T: 'a>(
    mut a: impl Iterator<Item = &'a T>,
    mut b: impl Iterator<Item = &'a T>,
    order: impl Fn(&T, &T) -> Ordering,
) -> Ordering {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => match order(x, y) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POW_63: f64 = (1_u64 << 63) as f64;

    /// Values in their total order; each is different from every other.
    fn ladder() -> Vec<Value> {
        let o = |pairs: &[(&str, i64)]| Value::from(pairs.iter().copied().collect::<Object>());
        vec![
            Value::Null,
            Value::Bool(false),
            Value::Bool(true),
            Value::F64(-1e300),
            Value::I64(i64::MIN),
            Value::F64(-0.5),
            Value::I64(0),
            Value::F64(0.5),
            Value::I64(9_007_199_254_740_991),
            Value::F64(9_007_199_254_740_992.0),
            Value::I64(9_007_199_254_740_993),
            Value::I64(i64::MAX),
            Value::F64(POW_63),
            Value::U64(9_223_372_036_854_775_809),
            Value::U64(u64::MAX),
            Value::F64(POW_63 * 2.0),
            Value::F64(1e300),
            Value::F64(f64::NAN),
            Value::from(""),
            Value::from("B"),
            Value::from("a"),
            Value::from("ab"),
            Value::from("\u{e9}"),
            Value::bytes([1_u8]),
            Value::Instant(jiff::Timestamp::UNIX_EPOCH),
            Value::Date(jiff::civil::date(2024, 2, 29)),
            Value::Uuid(uuid::Uuid::nil()),
            Value::from(Vec::new()),
            Value::from(vec![Value::Null]),
            Value::from(vec![Value::I64(1), Value::I64(2)]),
            Value::from(vec![Value::I64(2)]),
            o(&[]),
            o(&[("b", 2), ("a", 1)]),
            o(&[("a", 1), ("c", 0)]),
            Value::Decimal("-1.5".parse().unwrap()),
            Value::Decimal("-1.49".parse().unwrap()),
            Value::Decimal("9".parse().unwrap()),
            Value::Decimal("10".parse().unwrap()),
        ]
    }

    #[test]
    fn total_order_is_total_and_agrees_with_same_and_compare() {
        let all = ladder();
        for (i, a) in all.iter().enumerate() {
            for (j, b) in all.iter().enumerate() {
                assert_eq!(a.total_cmp(b), i.cmp(&j), "{a:?} {b:?}");
                assert_eq!(a.same(b), i == j, "{a:?} {b:?}");
                if let Some(order) = a.compare(b) {
                    assert_eq!(order, i.cmp(&j), "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn one_number_in_several_types_is_the_same() {
        for (a, b) in [
            (Value::I64(3), Value::F64(3.0)),
            (Value::I64(0), Value::F64(-0.0)),
            (Value::U64(1 << 63), Value::F64(POW_63)),
            (Value::I64(i64::MIN), Value::F64(-POW_63)),
        ] {
            assert!(a.same(&b) && b.same(&a), "{a:?} {b:?}");
            assert_eq!(a.total_cmp(&b), Ordering::Equal);
            assert_eq!(b.compare(&a), Some(Ordering::Equal));
        }
        assert!(!Value::I64(i64::MAX).same(&Value::F64(POW_63)));
    }

    #[test]
    fn families_do_not_compare() {
        assert_eq!(Value::I64(1).compare(&Value::from("1")), None);
        assert_eq!(Value::Null.compare(&Value::Null), None);
        assert_eq!(Value::F64(f64::NAN).compare(&Value::I64(1)), None);
    }

    #[test]
    fn key_order_does_not_matter() {
        let a: Object = [("x", 1), ("y", 2)].into_iter().collect();
        let b: Object = [("y", 2), ("x", 1)].into_iter().collect();
        assert_ne!(a, b);
        assert!(Value::from(a.clone()).same(&Value::from(b.clone())));
        assert_eq!(Value::from(a).total_cmp(&Value::from(b)), Ordering::Equal);
    }
}
