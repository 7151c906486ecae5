//! Conditions that no index helps: remainders, sizes of arrays, patterns, areas.

use larder_core::{Kind, Result};
use larder_query::{Area, Op, Pattern, Value};

use super::Statement;
use super::column::At;
use super::filter::{constant, text};
use crate::dialect::{Dialect, JsonFamily};

/// `[divisor, remainder]`, with the sign of the dividend.
pub(super) fn remainder<D: Dialect>(
    to: &mut Statement<D>,
    at: At<'_>,
    list: &[Value],
) -> Result<()> {
    let [divisor, rest] = list else {
        constant(to, false);
        return Ok(());
    };
    let (Some(divisor), Some(rest)) = (divisor.as_i64(), rest.as_i64()) else {
        constant(to, false);
        return Ok(());
    };
    // By zero nothing matches, and not every database says so.
    if divisor == 0 {
        constant(to, false);
        return Ok(());
    }
    match at.kind {
        Kind::Int => {
            to.push(at.name).push(" % ").bind_number(divisor)?;
        }
        Kind::Uint => {
            // Numbers beyond 63 bits have no remainder, as in memory.
            to.push("CASE WHEN ");
            D::is_small(&mut to.sql, at.name);
            to.push(" THEN ").push(at.name).push(" % ");
            to.bind_number(divisor)?.push(" END");
        }
        Kind::Float => {
            to.push("CASE WHEN ");
            D::is_whole(&mut to.sql, at.name);
            to.push(" THEN ");
            D::float_as_whole(&mut to.sql, at.name);
            to.push(" % ").bind_number(divisor)?.push(" END");
        }
        // A number; which one is looked at in memory.
        Kind::Json => {
            D::json_is(&mut to.sql, at.name, JsonFamily::Number);
            return Ok(());
        }
        _ => {
            constant(to, false);
            return Ok(());
        }
    }
    to.push(" = ").bind_number(rest)?;
    Ok(())
}

/// An array of so many elements.
pub(super) fn size<D: Dialect>(to: &mut Statement<D>, at: At<'_>, value: &Value) -> Result<()> {
    let size = value.as_u64().and_then(|size| i64::try_from(size).ok());
    let (Kind::Json, Some(size)) = (at.kind, size) else {
        constant(to, false);
        return Ok(());
    };
    to.push("CASE WHEN ");
    D::json_is(&mut to.sql, at.name, JsonFamily::Array);
    to.push(" THEN ");
    D::json_size(&mut to.sql, at.name);
    to.push(" = ").bind_number(size)?.push(" ELSE FALSE END");
    Ok(())
}

/// The texts that a pattern may be found in: those with its prefix, or all.
pub(super) fn pattern<D: Dialect>(
    to: &mut Statement<D>,
    at: At<'_>,
    pattern: &Pattern,
) -> Result<()> {
    match (at.kind, pattern.prefix()) {
        (Kind::Text | Kind::Json, Some(prefix)) => {
            text(to, at, Op::StartsWith, &Value::from(prefix.text))
        }
        (Kind::Text, None) => {
            to.push(at.name).push(" IS NOT NULL");
            Ok(())
        }
        (Kind::Json, None) => {
            D::json_is(&mut to.sql, at.name, JsonFamily::Text);
            Ok(())
        }
        _ => {
            constant(to, false);
            Ok(())
        }
    }
}

/// The arrays whose first two elements lie in the box around an area.
pub(super) fn within<D: Dialect>(to: &mut Statement<D>, at: At<'_>, area: &Area) -> Result<()> {
    if at.kind != Kind::Json {
        constant(to, false);
        return Ok(());
    }
    let (low, high) = area.extent();
    to.push("CASE WHEN ");
    D::json_is(&mut to.sql, at.name, JsonFamily::Array);
    to.push(" THEN ");
    for (place, (low, high)) in [(low.lon, high.lon), (low.lat, high.lat)]
        .into_iter()
        .enumerate()
    {
        to.push(if place > 0 { " AND " } else { "" });
        D::json_number(&mut to.sql, at.name, place);
        // Empty areas have infinite bounds, the wrong way round.
        let bound = |number: f64| Value::F64(number.clamp(-1000.0, 1000.0));
        to.push(" BETWEEN ").bind(Kind::Float, &bound(low))?;
        to.push(" AND ").bind(Kind::Float, &bound(high))?;
    }
    to.push(" ELSE FALSE END");
    Ok(())
}
