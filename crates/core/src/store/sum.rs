//! Sums that are exact as long as they can be.

use larder_query::{Decimal, Value};

/// 10^38: one, in the unit of a decimal's last digit.
const ONE: i128 = 10_i128.pow(Decimal::MAX_DIGITS as u32);

/// A sum in the making: whole numbers and decimals exactly, floats with what was lost on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    count: u64,
    /// Whole numbers, and those before the points of decimals.
    whole: i128,
    /// What stands behind the points of decimals, in units of 10^-38.
    parts: i128,
    decimals: bool,
    floats: Option<Floats>,
}

/// Neumaier's sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Floats {
    sum: f64,
    lost: f64,
}

impl Floats {
    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
    }

    fn total(self) -> f64 {
        // Beyond the range of floats there is nothing to correct.
        if self.lost.is_finite() {
            self.sum + self.lost
        } else {
            self.sum
        }
    }
}

impl Sum {
    /// Adds a number; anything else counts for nothing.
    ///
    /// ```
    /// use larder_core::store::Sum;
    /// use larder_query::Value;
    ///
    /// let mut sum = Sum::default();
    /// for value in [Value::from(i64::MAX), Value::from(2), Value::Null] {
    ///     sum.add(&value);
    /// }
    /// assert_eq!(sum.total(), Value::U64(i64::MAX as u64 + 2));
    /// ```
    pub fn add(&mut self, value: &Value) {
        match value {
            Value::I64(number) => self.add_whole(i128::from(*number), 1),
            Value::U64(number) => self.add_whole(i128::from(*number), 1),
            Value::F64(number) => {
                self.count += 1;
                self.floats.get_or_insert_default().add(*number);
            }
            Value::Decimal(number) => {
                let unit = 10_i128.pow(u32::from(number.scale()));
                let rest = number.mantissa() % unit;
                self.decimals = true;
                self.add_whole(number.whole(), 1);
                self.add_parts(rest * (ONE / unit));
            }
            _ => {}
        }
    }

    /// Adds so many whole numbers, of which only their sum is known.
    pub fn add_whole(&mut self, sum: i128, count: u64) {
        self.count += count;
        self.carry(sum);
    }

    fn add_parts(&mut self, parts: i128) {
        // Two of them may be beyond 128 bits together.
        let carry = match (self.parts.signum(), parts.signum()) {
            (1, 1) => 1,
            (-1, -1) => -1,
            _ => 0,
        };
        self.parts += parts - carry * ONE;
        self.carry(carry);
    }

    fn carry(&mut self, whole: i128) {
        match self.whole.checked_add(whole) {
            Some(sum) => self.whole = sum,
            // Only decimals of 38 digits come here: what is known so far goes on as a float.
            None => {
                let floats = self.floats.get_or_insert_default();
                floats.add(self.whole as f64);
                self.whole = whole;
            }
        }
    }

    /// Adds so many floats, of which only their sum is known.
    pub fn add_float(&mut self, sum: f64, count: u64) {
        self.count += count;
        if count > 0 {
            self.floats.get_or_insert_default().add(sum);
        }
    }

    /// The sum: null of nothing; a float if there was one, or if nothing exact can hold it; null beyond the range of floats.
    pub fn total(&self) -> Value {
        if self.count == 0 {
            return Value::Null;
        }
        let exact = match (self.floats, self.decimals) {
            (Some(_), _) => None,
            (None, true) => self.decimal().map(Value::Decimal),
            (None, false) => match (i64::try_from(self.whole), u64::try_from(self.whole)) {
                (Ok(number), _) => Some(Value::I64(number)),
                (_, Ok(number)) => Some(Value::from(number)),
                _ => None,
            },
        };
        exact.unwrap_or_else(|| finite(self.float()))
    }

    /// The mean, as a float: null of nothing.
    pub fn mean(&self) -> Value {
        if self.count == 0 {
            return Value::Null;
        }
        finite(self.float() / self.count as f64)
    }

    fn float(&self) -> f64 {
        if self.floats.is_none()
            && self.decimals
            && let Some(exact) = self.decimal()
            && let Ok(nearest) = exact.to_string().parse()
        {
            return nearest;
        }
        let exact = self.whole as f64 + self.parts as f64 / ONE as f64;
        self.floats.unwrap_or_default().total() + exact
    }

    fn decimal(&self) -> Option<Decimal> {
        // One sign for both parts.
        let (mut whole, mut parts) = (self.whole, self.parts);
        if whole > 0 && parts < 0 {
            (whole, parts) = (whole - 1, parts + ONE);
        } else if whole < 0 && parts > 0 {
            (whole, parts) = (whole + 1, parts - ONE);
        }
        let (mut unit, mut scale) = (ONE, Decimal::MAX_DIGITS);
        while scale > 0 && parts % 10 == 0 {
            (parts, unit, scale) = (parts / 10, unit / 10, scale - 1);
        }
        Decimal::new(whole.checked_mul(unit)?.checked_add(parts)?, scale)
    }
}

fn finite(number: f64) -> Value {
    if number.is_finite() {
        Value::F64(number)
    } else {
        Value::Null
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(values: impl IntoIterator<Item = Value>) -> Value {
        let mut sum = Sum::default();
        values.into_iter().for_each(|value| sum.add(&value));
        sum.total()
    }

    fn decimal(text: &str) -> Value {
        Value::Decimal(text.parse().unwrap_or_else(|_| panic!("{text}")))
    }

    #[test]
    fn whole_numbers_are_exact_up_to_64_bits() {
        assert_eq!(total([]), Value::Null);
        assert_eq!(total([Value::Null, "7".into()]), Value::Null);
        assert_eq!(
            total([i64::MAX.into(), 1.into(), (-1).into()]),
            i64::MAX.into()
        );
        assert_eq!(total([i64::MIN.into(), i64::MAX.into()]), (-1).into());
        assert_eq!(total([u64::MAX.into()]), Value::U64(u64::MAX));
        assert_eq!(
            total([u64::MAX.into(), 1.into()]),
            Value::F64(2.0_f64.powi(64))
        );
        assert_eq!(
            total([i64::MIN.into(), (-1).into()]),
            Value::F64(-(2.0_f64.powi(63)))
        );
    }

    #[test]
    fn decimals_are_exact() {
        let tenth = decimal("0.1");
        assert_eq!(total([tenth.clone(), decimal("0.2")]), decimal("0.3"));
        assert_eq!(total(vec![tenth; 10]), decimal("1"));
        let nines = decimal(&format!("0.{}", "9".repeat(38)));
        assert_eq!(
            total(vec![nines.clone(), nines, decimal("0.9"), decimal("-1.9")]),
            decimal(&format!("0.{}8", "9".repeat(37)))
        );
        assert_eq!(total([decimal("1.5"), decimal("-2")]), decimal("-0.5"));
        assert_eq!(total([decimal("-1.5"), decimal("2")]), decimal("0.5"));
        let last = format!("0.{}1", "0".repeat(37));
        assert_eq!(
            total([decimal("1e37"), decimal(&last), decimal("-1e37")]),
            decimal(&last)
        );
        let most = "9".repeat(38);
        assert_eq!(total([decimal(&most), decimal("1")]), Value::F64(1e38));
        assert_eq!(total(vec![decimal(&most); 3]), Value::F64(3e38));
    }

    #[test]
    fn floats_keep_what_they_lose() {
        assert_eq!(total(vec![Value::F64(0.1); 10]), Value::F64(1.0));
        assert_eq!(total([1e100, 1.0, -1e100].map(Value::F64)), Value::F64(1.0));
        assert_eq!(total([0.5.into(), 2.into()]), Value::F64(2.5));
        assert_eq!(
            total([1e308, 1e308].map(Value::F64)),
            Value::Null,
            "no float is as large"
        );
    }

    #[test]
    fn means() {
        let mut sum = Sum::default();
        assert_eq!(sum.mean(), Value::Null);
        sum.add_whole(7, 2);
        assert_eq!(sum.mean(), Value::F64(3.5));
        sum.add_float(0.5, 1);
        assert_eq!(sum.mean(), Value::F64(2.5));
        assert_eq!(sum.total(), Value::F64(7.5));
        let mut sum = Sum::default();
        for text in ["12.5", "-12.4"] {
            sum.add(&decimal(text));
        }
        assert_eq!(sum.mean(), Value::F64(0.05), "rounded once");
    }
}
