//! How a value of one kind compares with a column of another, in what the database can hold.

use std::borrow::Cow;

use larder_core::Kind;
use larder_core::store::operand::{self, beyond};
pub(crate) use larder_core::store::operand::{Fit, Relation, after_prefix};
use larder_query::Value;

use super::column::At;
use crate::dialect::Dialect;

/// Brings a comparison into the terms of a column. Not for JSON columns, and not for null.
pub(crate) fn fit<'v, D: Dialect>(at: &At<'_>, relation: Relation, value: &'v Value) -> Fit<'v> {
    match fit_kind::<D>(at.kind, relation, value) {
        Fit::Test(relation, value) => at.shape.fit(relation, value),
        constant => constant,
    }
}

/// Brings a comparison into the terms of larder's own column of a kind.
pub(crate) fn fit_kind<D: Dialect>(kind: Kind, relation: Relation, value: &Value) -> Fit<'_> {
    if let (Kind::Text, Value::Text(_)) = (kind, value) {
        return match without_nul::<D>(relation, value) {
            Some((relation, value)) => Fit::Test(relation, value),
            None => Fit::Never,
        };
    }
    let fit = operand::fit(kind, relation, value);
    match &fit {
        Fit::Test(relation, value) => match &**value {
            Value::Instant(at) if !D::has_instant(at.as_microsecond()) => {
                beyond(*relation, at.as_microsecond() < 0)
            }
            _ => fit,
        },
        _ => fit,
    }
}

/// A comparison with a text in terms of texts that the database can hold. With a U+0000 in it a text is equal to none of
/// them, and lies right behind what is before that.
pub(crate) fn without_nul<D: Dialect>(
    relation: Relation,
    value: &Value,
) -> Option<(Relation, Cow<'_, Value>)> {
    let Value::Text(text) = value else {
        return Some((relation, Cow::Borrowed(value)));
    };
    let Some((before, _)) = text.split_once('\0').filter(|_| !D::NUL_IN_TEXT) else {
        return Some((relation, Cow::Borrowed(value)));
    };
    let relation = match relation {
        Relation::Eq => return None,
        _ if relation.is_below() => Relation::Le,
        _ => Relation::Gt,
    };
    Some((relation, Cow::Owned(Value::from(before))))
}
