//! What fields are called in documents.
//!
//! MongoDB reads `$` at the beginning of a name and `.` inside one as operators and paths, and BSON has no names with a zero
//! byte. Such signs, and `%` itself, are stored as `%` and two hexadecimal digits, so that every name can be stored, is found
//! by a path, and comes back as it was. Names without them are stored as they are.

use std::borrow::Cow;

use mongodb::bson::cstr;
use mongodb::bson::raw::CString;

/// The field that is the key of every document.
pub(crate) const ID: &str = "_id";

fn is_plain(sign: char) -> bool {
    !matches!(sign, '$' | '.' | '%' | '\0')
}

/// A name as documents have it.
pub(crate) fn stored(name: &str) -> Cow<'_, str> {
    if name.chars().all(is_plain) {
        return Cow::Borrowed(name);
    }
    let mut stored = String::with_capacity(name.len() + 8);
    for sign in name.chars() {
        stored.push_str(match sign {
            '$' => "%24",
            '.' => "%2E",
            '%' => "%25",
            '\0' => "%00",
            other => {
                stored.push(other);
                continue;
            }
        });
    }
    Cow::Owned(stored)
}

/// A name as it was before [`stored`].
pub(crate) fn shown(stored: &str) -> Cow<'_, str> {
    if !stored.contains('%') {
        return Cow::Borrowed(stored);
    }
    let mut shown = String::with_capacity(stored.len());
    let mut rest = stored;
    while let Some((before, behind)) = rest.split_once('%') {
        shown.push_str(before);
        let sign = match behind.get(..2) {
            Some("24") => '$',
            Some("2E") => '.',
            Some("25") => '%',
            Some("00") => '\0',
            // Somebody else's name.
            _ => {
                shown.push('%');
                rest = behind;
                continue;
            }
        };
        shown.push(sign);
        rest = behind.get(2..).unwrap_or_default();
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// A collection as MongoDB takes its name: dots are usual there.
pub(crate) fn collection(name: &str) -> Cow<'_, str> {
    if !name.contains(['$', '\0']) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.replace('$', "%24").replace('\0', "%00"))
}

/// A stored name as BSON takes it, without a zero byte.
pub(crate) fn bson(stored: &str) -> CString {
    // What is stored has no zero byte, so nothing is ever replaced.
    CString::try_from(stored.replace('\0', "%00")).unwrap_or_else(|_| cstr!("").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back() {
        for name in [
            "", "a", "a.b", "$set", "100%", "%24", "a\0b", "é", "_id", "%", "%2",
        ] {
            let there = stored(name);
            assert!(!there.contains(['.', '$', '\0']), "{there}");
            assert_eq!(shown(&there), name);
        }
        assert_eq!(stored("a.b"), "a%2Eb");
    }
}
