//! A record's content as a number: what stands for a version where a table keeps none.

use larder_query::Value;

use crate::record::Version;

impl Version {
    /// The hash of these fields' values, by SipHash-2-4 (Aumasson and Bernstein, 2012) under a key that never changes, so
    /// that every instance of an app gives the same. Values that are equal hash alike, however they are written: `1` is
    /// `1.0`, the order of an object's names is no matter.
    ///
    /// ```
    /// use larder_core::Version;
    /// use larder_query::Value;
    /// let one = Version::of_content(&[Value::from("a"), Value::from(1)], &[0, 1]);
    /// assert_eq!(one, Version::of_content(&[Value::from("a"), Value::from(1.0)], &[0, 1]));
    /// assert_ne!(one, Version::of_content(&[Value::from("b"), Value::from(1)], &[0, 1]));
    /// ```
    pub fn of_content(values: &[Value], fields: &[usize]) -> Self {
        let mut bytes = Vec::with_capacity(256);
        for field in fields {
            write(values.get(*field).unwrap_or(&Value::Null), &mut bytes);
        }
        Self((siphash(&bytes) >> 1).cast_signed())
    }
}

/// Appends a value so that no two different lists of values give the same bytes: a letter for the family, a length where
/// there can be one.
fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'n'),
        Value::Bool(value) => out.extend([b'b', u8::from(*value)]),
        Value::I64(number) => whole(i128::from(*number), out),
        Value::U64(number) => whole(i128::from(*number), out),
        Value::F64(number) if number.fract() == 0.0 && number.abs() < 1e30 => {
            whole(*number as i128, out);
        }
        Value::F64(number) => {
            out.push(b'f');
            out.extend(number.to_bits().to_le_bytes());
        }
        Value::Text(text) => long(b't', text.as_bytes(), out),
        Value::Bytes(bytes) => long(b'x', bytes, out),
        Value::Uuid(uuid) => long(b'u', uuid.as_bytes(), out),
        Value::Instant(at) => {
            out.push(b'i');
            out.extend(at.as_nanosecond().to_le_bytes());
        }
        Value::Date(day) => long(b'd', day.to_string().as_bytes(), out),
        Value::Decimal(number) => long(b'm', number.to_string().as_bytes(), out),
        Value::Array(items) => {
            long(b'a', &(items.len() as u64).to_le_bytes(), out);
            items.iter().for_each(|item| write(item, out));
        }
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            long(b'o', &(members.len() as u64).to_le_bytes(), out);
            for (name, member) in members {
                long(b't', name.as_bytes(), out);
                write(member, out);
            }
        }
    }
}

fn whole(number: i128, out: &mut Vec<u8>) {
    out.push(b'w');
    out.extend(number.to_le_bytes());
}

fn long(family: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(family);
    out.extend((bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// The two halves of the key: the ones of the algorithm's own test vectors.
const KEY: (u64, u64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);

fn siphash(bytes: &[u8]) -> u64 {
    let mut state = [
        KEY.0 ^ 0x736f_6d65_7073_6575,
        KEY.1 ^ 0x646f_7261_6e64_6f6d,
        KEY.0 ^ 0x6c79_6765_6e65_7261,
        KEY.1 ^ 0x7465_6462_7974_6573,
    ];
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    for (place, byte) in last.iter_mut().zip(rest) {
        *place = *byte;
    }
    // The last word ends with the low byte of the length.
    last[7] = bytes.len().to_le_bytes()[0];
    for word in words.iter().chain([&last]) {
        let word = u64::from_le_bytes(*word);
        state[3] ^= word;
        rounds(&mut state, 2);
        state[0] ^= word;
    }
    state[2] ^= 0xff;
    rounds(&mut state, 4);
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

fn rounds([a, b, c, d]: &mut [u64; 4], count: u8) {
    for _ in 0..count {
        *a = a.wrapping_add(*b);
        *b = b.rotate_left(13) ^ *a;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*d);
        *d = d.rotate_left(16) ^ *c;
        *a = a.wrapping_add(*d);
        *d = d.rotate_left(21) ^ *a;
        *c = c.wrapping_add(*b);
        *b = b.rotate_left(17) ^ *c;
        *c = c.rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From appendix A of the paper, and from the reference implementation's vectors.
    #[test]
    fn the_published_vectors() {
        let bytes: Vec<u8> = (0..15).collect();
        assert_eq!(siphash(&bytes), 0xa129_ca61_49be_45e5);
        assert_eq!(siphash(&[]), 0x726f_db47_dd0e_0e31);
        assert_eq!(siphash(&bytes[..8]), 0x93f5_f579_9a93_2462);
    }

    #[test]
    fn what_differs_hashes_apart() {
        let json =
            |text: &str| Value::from(serde_json::from_str::<serde_json::Value>(text).unwrap());
        let values = [
            Value::Null,
            Value::from(""),
            Value::from(0),
            Value::from(false),
            Value::from(0.5),
            json("[]"),
            json("{}"),
            json("[null]"),
            json(r#"{"a":1}"#),
            json(r#"{"a":[1]}"#),
        ];
        for (at, one) in values.iter().enumerate() {
            for other in &values[at + 1..] {
                let hash = |value: &Value| Version::of_content(std::slice::from_ref(value), &[0]);
                assert_ne!(hash(one), hash(other), "{one:?} {other:?}");
            }
        }
        let pair = |one: &str, other: &str| {
            Version::of_content(&[Value::from(one), Value::from(other)], &[0, 1])
        };
        assert_ne!(pair("ab", "c"), pair("a", "bc"));
        assert_eq!(
            Version::of_content(&[json(r#"{"a":1,"b":2.0}"#)], &[0]),
            Version::of_content(&[json(r#"{"b":2,"a":1}"#)], &[0]),
        );
        // A field that does not count changes nothing.
        assert_eq!(
            Version::of_content(&[1.into(), 2.into()], &[0]),
            Version::of_content(&[1.into(), 3.into()], &[0])
        );
    }
}
