//! Decimals as text that sorts, byte by byte, as the numbers do: for databases without an exact decimal type.
//!
//! | number | text |
//! | --- | --- |
//! | 12.5 | `p0212.5` |
//! | 0.05 | `p010.05` |
//! | -12.5 | `n9787.4~` |
//!
//! A number from 0 up is `p`, how many digits stand before its point (two digits), and the number: with equally many
//! digits before the point, texts sort as numbers. Below 0 all is turned round: `n`, 99 less that count, each digit
//! taken from 9, and a `~`, which is above every digit and the point, so that -1.25 comes before -1.2. Numbers carry no
//! zeros at their ends, so each has one text, which is what `=`, `UNIQUE` and an index need.

use larder_query::Decimal;

/// The text of a number.
///
/// ```
/// use larder_core::store::decimal;
/// let text = |number: &str| decimal::encode(number.parse().unwrap());
/// assert!(text("-10") < text("-9.5") && text("9.5") < text("10"));
/// assert_eq!(decimal::decode(&text("12.5")), "12.5".parse().ok());
/// ```
pub fn encode(number: Decimal) -> String {
    let plain = number.to_string();
    match plain.strip_prefix('-') {
        None => format!("p{:02}{plain}", whole_digits(&plain)),
        Some(plain) => format!("n{:02}{}~", 99 - whole_digits(plain), turned(plain)),
    }
}

/// The number of a text; none if [`encode`] writes none like it.
pub fn decode(text: &str) -> Option<Decimal> {
    let number: Decimal = match text.strip_prefix('p') {
        Some(rest) => rest.get(2..)?.parse().ok()?,
        None => {
            let digits = text.strip_prefix('n')?.get(2..)?.strip_suffix('~')?;
            format!("-{}", turned(digits)).parse().ok()?
        }
    };
    // Another text for the same number would be missed by every comparison.
    (encode(number) == text).then_some(number)
}

fn whole_digits(plain: &str) -> usize {
    plain.find('.').unwrap_or(plain.len())
}

/// Each digit taken from 9; done twice it is the same again.
fn turned(digits: &str) -> String {
    let turn = |char: char| match char.to_digit(10) {
        Some(digit) => char::from(b'9' - digit as u8),
        None => char,
    };
    digits.chars().map(turn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn texts_sort_as_numbers_and_read_back() {
        let largest = "9".repeat(38);
        let smallest = format!("0.{}1", "0".repeat(37));
        let sorted = [
            &format!("-{largest}"),
            "-100",
            "-99.99",
            "-12.51",
            "-12.5",
            "-12",
            "-1.25",
            "-1.2",
            "-1",
            "-0.5",
            "-0.05",
            &format!("-{smallest}"),
            "0",
            &smallest,
            "0.05",
            "0.5",
            "1",
            "1.2",
            "1.25",
            "2",
            "9.99",
            "10",
            "12",
            "12.5",
            "12.51",
            "100",
            &largest,
        ];
        let encoded: Vec<String> = sorted.iter().map(|text| encode(number(text))).collect();
        assert!(encoded.is_sorted_by(|a, b| a < b), "{encoded:?}");
        for (text, encoded) in sorted.iter().zip(&encoded) {
            assert_eq!(decode(encoded), Some(number(text)));
        }
        assert_eq!(encode(number("-12.5")), "n9787.4~");
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in [
            "", "p", "p1", "p0212.50", "p0112", "12.5", "n9787.4", "p01é", "n97é~",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
