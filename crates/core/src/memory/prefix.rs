//! The beginning of a value as a number that sorts as the values do: most steps of a search compare two of them and never
//! look at a record, which lies somewhere else in memory.

use larder_query::Value;

/// A number for a value: `a < b` means `prefix(a) <= prefix(b)`, and equal values have equal numbers.
///
/// The first four bits are the family of the value in the order of `Value::total_cmp`, the rest are the first bits of a
/// number or an instant, or the first seven bytes of a text and how many there are.
pub(super) fn prefix(value: &Value) -> u64 {
    let (family, bits) = match value {
        Value::Null => (0, 0),
        Value::Bool(value) => (1, u64::from(*value) << 63),
        Value::I64(number) => (2, ordered(*number as f64)),
        Value::U64(number) => (2, ordered(*number as f64)),
        Value::F64(number) => (2, ordered(*number)),
        Value::Text(text) => (3, first_bytes(text.as_bytes())),
        Value::Bytes(bytes) => (4, first_bytes(bytes)),
        Value::Instant(instant) => (5, (instant.as_second() as u64) ^ (1 << 63)),
        Value::Date(_) => (6, 0),
        Value::Uuid(uuid) => (7, u64::from_be_bytes(begin(uuid.as_bytes()))),
        Value::Array(_) => (8, 0),
        Value::Object(_) => (9, 0),
        // Cut and rounded, an order may become equal, never the opposite.
        Value::Decimal(number) => (10, ordered(number.whole() as f64)),
    };
    family << 60 | bits >> 4
}

/// Whether values that begin like this compare with each other: they are of one family, and single values.
pub(super) fn comparable(a: u64, b: u64) -> bool {
    a >> 60 == b >> 60 && matches!(a >> 60, 1..=7 | 10)
}

/// The bits of a float so that they sort as it does. Both zeros are one.
fn ordered(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// Bytes that the number of a text has room for.
const BYTES: usize = 7;

/// Whether no other value has this one's number.
pub(super) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::Text(text) => text.len() <= BYTES,
        Value::Bytes(bytes) => bytes.len() <= BYTES,
        _ => false,
    }
}

/// Seven bytes, then the length: what is shorter is filled up with zeros, and told by its length from what has zeros there.
fn first_bytes(bytes: &[u8]) -> u64 {
    let mut first = begin(bytes);
    // The last four bits are cut off, so the length stands above them.
    first[BYTES] = (bytes.len().min(BYTES + 1) as u8) << 4;
    u64::from_be_bytes(first)
}

fn begin(bytes: &[u8]) -> [u8; 8] {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(bytes) {
        *to = *from;
    }
    first
}

#[cfg(test)]
pub(super) mod tests {
    use std::cmp::Ordering;

    use super::*;

    /// Values of all families, and such as begin in one way.
    pub(in crate::memory) fn values() -> Vec<Value> {
        let instant = |second| jiff::Timestamp::from_second(second).unwrap().into();
        vec![
            Value::Null,
            false.into(),
            true.into(),
            f64::MIN.into(),
            i64::MIN.into(),
            (-1.5).into(),
            (-1_i64).into(),
            (-0.0).into(),
            0.0.into(),
            0_i64.into(),
            f64::MIN_POSITIVE.into(),
            1_i64.into(),
            1.0.into(),
            ((1_i64 << 53) + 1).into(),
            ((1_i64 << 53) as f64).into(),
            i64::MAX.into(),
            u64::MAX.into(),
            1e300.into(),
            "".into(),
            "a".into(),
            "a\0".into(),
            "a\0\0b".into(),
            "abcdef".into(),
            "abcdefg".into(),
            "abcdefg\0".into(),
            "abcdefgh".into(),
            "abcdefghi".into(),
            "é".into(),
            "\u{10FFFF}".into(),
            Value::bytes(vec![0_u8]),
            Value::bytes(vec![0_u8, 0]),
            Value::bytes(vec![255_u8]),
            instant(-5),
            instant(0),
            instant(5),
            uuid::Uuid::nil().into(),
            uuid::Uuid::max().into(),
            Value::from(vec![Value::Null]),
            Value::Decimal("-9007199254740993.5".parse().unwrap()),
            Value::Decimal("-1.5".parse().unwrap()),
            Value::Decimal("0.01".parse().unwrap()),
            Value::Decimal("0.1".parse().unwrap()),
            Value::Decimal("99999999999999999999999999999999999999".parse().unwrap()),
        ]
    }

    #[test]
    fn it_sorts_as_the_values_do() {
        let values = values();
        for a in &values {
            for b in &values {
                let (order, short) = (a.total_cmp(b), prefix(a).cmp(&prefix(b)));
                let fits = match order {
                    Ordering::Equal => short.is_eq(),
                    Ordering::Less => short.is_le(),
                    Ordering::Greater => short.is_ge(),
                };
                assert!(fits, "{a:?} {b:?}");
                let told = !short.is_eq() || order.is_eq();
                assert!(told || !(is_whole(a) || is_whole(b)), "{a:?} {b:?}");
            }
        }
    }
}
