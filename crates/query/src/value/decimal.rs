//! Exact decimal numbers, as records hold and filters compare them. Of arithmetic there is the sum, which stores need.

use std::cmp::Ordering;
use std::fmt::{self, Write};
use std::str::FromStr;

/// A decimal number of up to 38 digits, of which up to 38 stand behind the point.
///
/// It is a number, not a text: `1.50` and `1.5` are one value, which is written `1.5`. To calculate more than a
/// [sum](Self::checked_add), use a type made for it, such as `rust_decimal::Decimal`.
///
/// ```
/// use larder_query::Decimal;
///
/// let price: Decimal = "12.50".parse().unwrap();
/// assert_eq!(price.to_string(), "12.5");
/// assert!(price < "12.51".parse().unwrap());
/// assert!("12,50".parse::<Decimal>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// An `i128` as bytes: with the alignment of an `i128` a `Value` would be 32 bytes long.
    mantissa: [u8; 16],
    scale: u8,
}

/// A text that is no decimal number, or has more than 38 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecimalError;

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal number of at most 38 digits, such as 12.50")
    }
}

impl std::error::Error for DecimalError {}

impl Decimal {
    /// How many digits there can be, and how many of them behind the point.
    pub const MAX_DIGITS: u8 = 38;

    /// `mantissa / 10^scale`; `None` if that has more than 38 digits, or more than 38 behind the point.
    pub fn new(mut mantissa: i128, mut scale: u8) -> Option<Self> {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        let fits = mantissa.unsigned_abs() < pow10(Self::MAX_DIGITS).unsigned_abs()
            && scale <= Self::MAX_DIGITS;
        fits.then_some(Self {
            mantissa: mantissa.to_ne_bytes(),
            scale,
        })
    }

    /// The digits without the point. The last of them is not 0, unless it stands before the point.
    pub fn mantissa(self) -> i128 {
        i128::from_ne_bytes(self.mantissa)
    }

    /// How many of the digits stand behind the point.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// The whole number before the point; of -1.5 that is -1.
    pub fn whole(self) -> i128 {
        self.parts().0
    }

    /// Whether this is a whole number of steps; of none, if the step is 0.
    pub fn is_multiple_of(self, step: Self) -> bool {
        // The last digit behind the point is not 0, and a step with fewer of them never reaches it.
        if self.scale > step.scale || step.mantissa() == 0 {
            return false;
        }
        let steps = step.mantissa().unsigned_abs();
        let shift = step.scale - self.scale;
        let rest = (0..shift).try_fold(self.mantissa().unsigned_abs() % steps, |rest, _| {
            Some(rest.checked_mul(10)? % steps)
        });
        rest == Some(0)
    }

    /// The sum of both, exactly. None if it has more than 38 digits: it is never rounded.
    ///
    /// ```
    /// use larder_query::Decimal;
    ///
    /// let [price, tip]: [Decimal; 2] = ["12.50", "0.755"].map(|text| text.parse().unwrap());
    /// assert_eq!(price.checked_add(tip), "13.255".parse().ok());
    /// ```
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        // Magnitudes of 39 digits fit a `u128`. What is beyond that can't come back to 38 digits: a number that is scaled up
        // is far larger than the other one then, and the other one's last digit stays.
        let scaled = |number: Self| {
            let unit = pow10(scale - number.scale).unsigned_abs();
            number.mantissa().unsigned_abs().checked_mul(unit)
        };
        let (mine, others) = (scaled(self)?, scaled(other)?);
        let (negative, sum) = if (self.mantissa() < 0) == (other.mantissa() < 0) {
            (self.mantissa() < 0, mine.checked_add(others)?)
        } else {
            let larger = if mine > others { self } else { other };
            (larger.mantissa() < 0, mine.abs_diff(others))
        };
        let (sum, scale) = trimmed(sum, scale);
        let sum = i128::try_from(sum).ok()?;
        Self::new(if negative { -sum } else { sum }, scale)
    }

    /// What stands before the point, and what stands behind it as 38 digits; both have the number's sign.
    fn parts(self) -> (i128, i128) {
        let unit = pow10(self.scale);
        let rest = self.mantissa() % unit;
        (
            self.mantissa() / unit,
            rest * pow10(Self::MAX_DIGITS - self.scale),
        )
    }
}

/// The same number without the noughts at its end that stand behind the point.
fn trimmed(mut mantissa: u128, mut scale: u8) -> (u128, u8) {
    while scale > 0 && mantissa.is_multiple_of(10) {
        mantissa /= 10;
        scale -= 1;
    }
    (mantissa, scale)
}

/// 10^38 is the largest power of ten that an `i128` holds, and no exponent here is above that.
fn pow10(exponent: u8) -> i128 {
    10_i128.pow(u32::from(exponent.min(Decimal::MAX_DIGITS)))
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self {
            mantissa: i128::from(number).to_ne_bytes(),
            scale: 0,
        }
    }
}

impl From<u64> for Decimal {
    fn from(number: u64) -> Self {
        Self {
            mantissa: i128::from(number).to_ne_bytes(),
            scale: 0,
        }
    }
}

/// Reads `-12.50` and `12e3`: digits, perhaps with a point between them, perhaps with an exponent from 0 up.
impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, Some(exponent)),
            None => (text, None),
        };
        let (negative, number) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number, None),
        };
        let all_digits = [Some(whole), fraction, exponent]
            .into_iter()
            .flatten()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        if !all_digits {
            return Err(DecimalError);
        }
        let fraction = fraction.unwrap_or_default().trim_end_matches('0');
        let mut digits = whole.bytes().chain(fraction.bytes());
        let mantissa = digits
            .try_fold(0_i128, |sum, digit| {
                sum.checked_mul(10)?.checked_add(i128::from(digit - b'0'))
            })
            .ok_or(DecimalError)?;
        shifted(mantissa, fraction.len(), exponent.unwrap_or("0"))
            .and_then(|(mantissa, scale)| {
                Self::new(if negative { -mantissa } else { mantissa }, scale)
            })
            .ok_or(DecimalError)
    }
}

/// The point moved to the right by the exponent.
fn shifted(mantissa: i128, scale: usize, exponent: &str) -> Option<(i128, u8)> {
    if mantissa == 0 {
        return Some((0, 0));
    }
    let exponent: usize = exponent.parse().ok()?;
    match scale.checked_sub(exponent) {
        Some(scale) => Some((mantissa, u8::try_from(scale).ok()?)),
        None => {
            let zeros = u32::try_from(exponent - scale).ok()?;
            Some((mantissa.checked_mul(10_i128.checked_pow(zeros)?)?, 0))
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mantissa() < 0 {
            f.write_char('-')?;
        }
        let digits = self.mantissa().unsigned_abs();
        let unit = pow10(self.scale).unsigned_abs();
        write!(f, "{}", digits / unit)?;
        if self.scale > 0 {
            write!(
                f,
                ".{:0width$}",
                digits % unit,
                width = usize::from(self.scale)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Decimal {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn it_reads_and_prints() {
        for (text, printed) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("1.50", "1.5"),
            ("-0.05", "-0.05"),
            ("007", "7"),
            ("100", "100"),
            ("12e3", "12000"),
            ("1.25E1", "12.5"),
            ("0e99999", "0"),
            (
                "0.00000000000000000000000000000000000001",
                "0.00000000000000000000000000000000000001",
            ),
            (
                "99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999",
            ),
            ("1.0000000000000000000000000000000000000000000000", "1"),
        ] {
            assert_eq!(read(text).to_string(), printed);
        }
    }

    #[test]
    fn it_refuses_what_it_cannot_hold() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "+1",
            "1e-1",
            "1e+1",
            "1e",
            "NaN",
            "0x1",
            "1_0",
            "1 ",
            "١",
            "--1",
            "100000000000000000000000000000000000000",
            "0.000000000000000000000000000000000000001",
            "1e38",
            "1e99999999999999999999",
            "123456789012345678901234567890.123456789",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError), "{text}");
        }
        assert_eq!(Decimal::new(1, 39), None);
        assert_eq!(Decimal::new(i128::MIN, 0), None);
        assert_eq!(Decimal::new(10, 1), Decimal::new(1, 0));
    }

    #[test]
    fn steps() {
        let steps = |number, step| read(number).is_multiple_of(read(step));
        assert!(
            steps("1.5", "0.01") && steps("-1.5", "0.25") && steps("0", "7") && steps("21", "7")
        );
        assert!(steps(
            "10000000000000000000000000000000000000",
            "0.00000000001"
        ));
        assert!(
            !steps("1.501", "0.01")
                && !steps("1.6", "0.25")
                && !steps("1", "0")
                && !steps("22", "7")
        );
    }

    #[test]
    fn sums() {
        let nines = "9".repeat(37);
        let half = format!("{nines}.5");
        let sum = |a: &str, b: &str| read(a).checked_add(read(b)).map(|sum| sum.to_string());
        for (a, b, wanted) in [
            ("0.1", "0.2", Some("0.3")),
            ("1.5", "-1.5", Some("0")),
            ("-1", "0.001", Some("-0.999")),
            ("1", "-2.5", Some("-1.5")),
            // Too large for an `i128` until the last digit, which is a nought, is gone.
            (&half, &half, Some("19999999999999999999999999999999999999")),
            (
                "19000000000000000000000000000000000000",
                "-9500000000000000000000000000000000000.1",
                Some("9499999999999999999999999999999999999.9"),
            ),
            (&"9".repeat(38), "1", None),
            (&"9".repeat(38), "0.1", None),
            ("1e37", "0.00000000000000000000000000000000000001", None),
            (&"9".repeat(38), &format!("-{}", "9".repeat(38)), Some("0")),
        ] {
            assert_eq!(sum(a, b).as_deref(), wanted, "{a} + {b}");
            assert_eq!(sum(b, a).as_deref(), wanted, "{b} + {a}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: crate::long::cases(256), failure_persistence: None, ..ProptestConfig::default() })]

        /// Compared with whole numbers of a common unit.
        #[test]
        fn sums_are_exact(a in any::<i64>(), b in any::<i64>(), s in 0_u8..15, t in 0_u8..15) {
            let (x, y) = (Decimal::new(a.into(), s).unwrap(), Decimal::new(b.into(), t).unwrap());
            let unit = |n: i64, scale: u8| i128::from(n) * 10_i128.pow(u32::from(15 - scale));
            prop_assert_eq!(x.checked_add(y), Decimal::new(unit(a, s) + unit(b, t), 15));
        }

        #[test]
        fn what_is_printed_reads_as_the_same(mantissa in any::<i128>(), cut in 0_u32..38, scale in 0_u8..=38) {
            let mantissa = mantissa % 10_i128.pow(cut + 1);
            let Some(number) = Decimal::new(mantissa, scale) else { return Ok(()) };
            prop_assert_eq!(read(&number.to_string()), number);
        }

        /// Compared with whole numbers of a common unit, which small ones have.
        #[test]
        fn it_sorts_by_number(a in any::<i64>(), b in any::<i64>(), s in 0_u8..15, t in 0_u8..15) {
            let (x, y) = (Decimal::new(a.into(), s).unwrap(), Decimal::new(b.into(), t).unwrap());
            let unit = |n: i64, scale: u8| i128::from(n) * 10_i128.pow(u32::from(15 - scale));
            prop_assert_eq!(x.cmp(&y), unit(a, s).cmp(&unit(b, t)));
            prop_assert_eq!(x == y, x.cmp(&y).is_eq());
        }
    }
}
