//! Why a call is more than one statement.

/// The database, the call, and why.
pub(crate) const REASONS: [(&str, &str, &str); 0] = [];

pub(crate) fn reason(column: &str, call: &str) -> Option<&'static str> {
    let mut reasons = REASONS.iter();
    let found = reasons.find(|(a, b, _)| *a == column && *b == call);
    found.map(|(_, _, why)| *why)
}
