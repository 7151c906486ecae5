//! Values as bytes and back, without any loss: a place in an order has to be exactly the place it was.

use larder_query::{CompactString, Decimal, Object, Value};

/// How deep lists are read. No JSON that was taken in is as deep.
const DEPTH: usize = 256;

/// Appends a value.
pub(super) fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'n'),
        Value::Bool(false) => out.push(b'f'),
        Value::Bool(true) => out.push(b't'),
        Value::I64(number) => fixed(b'i', number.to_be_bytes(), out),
        Value::U64(number) => fixed(b'u', number.to_be_bytes(), out),
        Value::F64(number) => fixed(b'd', number.to_bits().to_be_bytes(), out),
        Value::Instant(instant) => fixed(b'o', instant.as_nanosecond().to_be_bytes(), out),
        Value::Date(date) => sized(b'y', date.to_string().as_bytes(), out),
        Value::Uuid(uuid) => fixed(b'g', *uuid.as_bytes(), out),
        Value::Decimal(number) => sized(b'c', number.to_string().as_bytes(), out),
        Value::Text(text) => sized(b's', text.as_bytes(), out),
        Value::Bytes(bytes) => sized(b'b', bytes, out),
        Value::Array(items) => {
            count(b'a', items.len(), out);
            for item in items {
                write(item, out);
            }
        }
        Value::Object(object) => {
            count(b'm', object.len(), out);
            for (name, item) in object.iter() {
                sized(b's', name.as_bytes(), out);
                write(item, out);
            }
        }
    }
}

fn fixed<const N: usize>(tag: u8, bytes: [u8; N], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(bytes);
}

/// Appends a mark and a number.
pub(super) fn count(tag: u8, count: usize, out: &mut Vec<u8>) {
    fixed(tag, (count as u64).to_be_bytes(), out);
}

/// Appends a mark, the length of some bytes, and the bytes.
pub(super) fn sized(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    count(tag, bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// Takes a value off the front. None if there is none.
pub(super) fn read(from: &mut &[u8]) -> Option<Value> {
    read_to(from, DEPTH)
}

fn read_to(from: &mut &[u8], depth: usize) -> Option<Value> {
    let (tag, rest) = from.split_first()?;
    *from = rest;
    Some(match tag {
        b'n' => Value::Null,
        b'f' => Value::Bool(false),
        b't' => Value::Bool(true),
        b'i' => Value::I64(i64::from_be_bytes(take(from)?)),
        b'u' => Value::from(u64::from_be_bytes(take(from)?)),
        b'd' => Value::F64(
            Some(f64::from_bits(u64::from_be_bytes(take(from)?)))
                .filter(|number| number.is_finite())?,
        ),
        b'o' => {
            Value::Instant(jiff::Timestamp::from_nanosecond(i128::from_be_bytes(take(from)?)).ok()?)
        }
        b'y' => Value::Date(text(from)?.parse().ok()?),
        b'g' => Value::Uuid(uuid::Uuid::from_bytes(take(from)?)),
        b'c' => Value::Decimal(text(from)?.parse::<Decimal>().ok()?),
        b's' => Value::Text(CompactString::from(text(from)?)),
        b'b' => Value::bytes(slice(from)?),
        b'a' => {
            let depth = depth.checked_sub(1)?;
            let mut items = Vec::new();
            for _ in 0..u64::from_be_bytes(take(from)?) {
                items.push(read_to(from, depth)?);
            }
            Value::from(items)
        }
        b'm' => {
            let depth = depth.checked_sub(1)?;
            let mut object = Object::new();
            for _ in 0..u64::from_be_bytes(take(from)?) {
                let Value::Text(name) = read_to(from, 0)? else {
                    return None;
                };
                object.insert(name, read_to(from, depth)?);
            }
            Value::from(object)
        }
        _ => return None,
    })
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*bytes)
}

fn slice<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let size = usize::try_from(u64::from_be_bytes(take(from)?)).ok()?;
    let (bytes, rest) = from.split_at_checked(size)?;
    *from = rest;
    Some(bytes)
}

fn text<'a>(from: &mut &'a [u8]) -> Option<&'a str> {
    str::from_utf8(slice(from)?).ok()
}
