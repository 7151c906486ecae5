//! Records to JSON text, straight into a buffer.

use jiff::fmt::temporal::DateTimePrinter;
use larder_query::Value;

use crate::error::Result;
use crate::model::Compiled;
use crate::record::Record;

/// Appends the output view of a record: never a server-only field.
pub(crate) fn write_object(model: &Compiled, record: &Record, out: &mut Vec<u8>) -> Result<()> {
    let start = out.len();
    for (field, value) in model.fields.iter().zip(&record.values) {
        if field.server_only || (field.omit_null && value.is_null()) {
            continue;
        }
        out.push(if out.len() == start { b'{' } else { b',' });
        out.extend_from_slice(&field.json_name);
        write_value(value, out);
    }
    if let Some(instance) = model.to_compute(record)? {
        for computed in &model.computed {
            let value = (computed.def.run)(&*instance)?;
            out.push(if out.len() == start { b'{' } else { b',' });
            out.extend_from_slice(&computed.json_name);
            write_value(&value, out);
        }
    }
    if out.len() == start {
        out.push(b'{');
    }
    out.push(b'}');
    Ok(())
}

/// Appends a value as JSON.
pub(crate) fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Instant(instant) => {
            out.push(b'"');
            // Writing to a Vec can't fail.
            let _ = DateTimePrinter::new().print_timestamp(instant, &mut *out);
            out.push(b'"');
        }
        Value::Date(date) => {
            out.push(b'"');
            let _ = DateTimePrinter::new().print_date(date, &mut *out);
            out.push(b'"');
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                out.push(if at == 0 { b'[' } else { b',' });
                write_value(item, out);
            }
            if items.is_empty() {
                out.push(b'[');
            }
            out.push(b']');
        }
        Value::Object(object) => {
            let start = out.len();
            for (name, item) in object.iter() {
                out.push(if out.len() == start { b'{' } else { b',' });
                write_text(name, out);
                out.push(b':');
                write_value(item, out);
            }
            if out.len() == start {
                out.push(b'{');
            }
            out.push(b'}');
        }
        Value::Text(text) => write_text(text, out),
        Value::I64(number) => serialize(number, out),
        Value::F64(number) => serialize(number, out),
        other => serialize(other, out),
    }
}

/// Appends a text with its quotes. Most have nothing to escape, which is found out for many bytes at once.
fn write_text(text: &str, out: &mut Vec<u8>) {
    let special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    // No early end: a loop without one is made of vector instructions.
    if text
        .bytes()
        .fold(false, |found, byte| found | special(byte))
    {
        return serialize(text, out);
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Numbers and texts are printed by serde_json, so that they read as from any other Rust service.
fn serialize<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // Scalars have no way to fail, and a Vec takes all that is written.
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_serde_json() {
        let odd: String = (0..0x180).filter_map(char::from_u32).collect();
        let each = odd.chars().map(|char| format!("{:20}{char}{:20}", "", ""));
        for text in each.chain([String::new(), odd.clone(), "grüße \u{1f600}".to_owned()]) {
            let mut out = Vec::new();
            write_text(&text, &mut out);
            assert_eq!(out, serde_json::to_vec(&text).unwrap(), "{text:?}");
        }
    }
}
