//! Conditions inside JSON fields.
//!
//! ```sql
//! EXISTS (SELECT 1 FROM (SELECT NULLIF(t.doc -> ?, 'null') AS v) AS larder_1 WHERE <larder_1.v passes>)
//! EXISTS (SELECT 1 FROM json_each(t.doc) AS larder_1 WHERE <it is an element> AND <it passes>)
//! ```
//!
//! What is missing and a JSON null are both NULL inside. Paths are bound like every other value.

use larder_core::{Kind, Result};
use larder_query::{CompactString, Inside, Value};

use super::filter::{self, Place};
use super::{Statement, split};
use crate::dialect::Dialect;

/// Ways to read one path; a number names a member of an object or an element of an array.
const MOST_PATHS: usize = 4;

/// The paths of SQL's JSON functions that a path may mean, in their text form; None if they can't say it.
pub(super) fn paths(steps: &[CompactString]) -> Option<Vec<String>> {
    let mut all = vec!["$".to_owned()];
    for step in steps {
        // What would have to be escaped is left to the memory: databases differ on how.
        if step
            .chars()
            .any(|char| matches!(char, '"' | '\\') || char.is_control())
        {
            return None;
        }
        let element = step.parse::<u32>().ok().map(|place| format!("[{place}]"));
        let member = format!(".\"{step}\"");
        all = all
            .iter()
            .flat_map(|path| {
                let ways = std::iter::once(&member).chain(&element);
                ways.map(move |way| format!("{path}{way}"))
            })
            .collect();
        if all.len() > MOST_PATHS {
            return None;
        }
    }
    Some(all)
}

/// Writes a condition inside a field.
pub(super) fn write<D: Dialect>(
    to: &mut Statement<D>,
    place: &Place<'_, D>,
    inside: &Inside,
) -> Result<()> {
    let Some(at) = place.at(inside.field) else {
        filter::constant(to, inside.matches(&Value::Null));
        return Ok(());
    };
    if at.kind != Kind::Json {
        return filter::write(to, place, &split::outside(inside));
    }
    // It was not split if its path can't be said; then all passes.
    let Some(paths) = paths(&inside.path) else {
        filter::constant(to, true);
        return Ok(());
    };
    let name = to.name();
    let mut value = at.outer.to_owned();
    to.push("EXISTS (SELECT 1 FROM ");
    if !inside.path.is_empty() {
        to.push("(SELECT ");
        coalesced(to, at.outer, &paths)?;
        to.push(" AS v) AS ").push(&name);
        value = format!("{name}.v");
        to.push(if inside.each { ", " } else { "" });
    } else if !inside.each {
        to.push("(SELECT 1) AS ").push(&name);
    }
    if inside.each {
        let each = to.name();
        D::json_each(&mut to.sql, &value, &each);
        to.push(" WHERE ");
        D::json_is_element(&mut to.sql, &each);
        to.push(" AND ");
        value = D::json_element(&value, &each);
    } else {
        to.push(" WHERE ");
    }
    filter::write(to, &Place::Value(&value), &inside.filter)?;
    to.push(D::ONE_IS_ENOUGH).push(")");
    Ok(())
}

/// What stands at the first of these paths that leads somewhere; they never lead to different things.
fn coalesced<D: Dialect>(to: &mut Statement<D>, name: &str, paths: &[String]) -> Result<()> {
    if paths.len() > 1 {
        to.push("COALESCE(");
    }
    for (place, path) in paths.iter().enumerate() {
        to.push(if place > 0 { ", " } else { "" });
        let mark = to.loose_mark();
        D::json_at(&mut to.sql, name, &mark);
        to.bind_only(Kind::Text, &Value::from(path.as_str()))?;
    }
    if paths.len() > 1 {
        to.push(")");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(steps: &[&str]) -> Option<Vec<String>> {
        let steps: Vec<CompactString> = steps.iter().map(|step| (*step).into()).collect();
        paths(&steps)
    }

    #[test]
    fn paths_mean_members_and_elements() {
        assert_eq!(ways(&[]).unwrap(), ["$"]);
        assert_eq!(ways(&["a", "b.c"]).unwrap(), [r#"$."a"."b.c""#]);
        assert_eq!(ways(&["a", "0"]).unwrap(), [r#"$."a"."0""#, r#"$."a"[0]"#]);
        assert_eq!(ways(&["0", "1"]).unwrap().len(), 4);
        assert_eq!(ways(&["0", "1", "2"]), None);
        assert_eq!(ways(&["a\"b"]), None);
        assert_eq!(ways(&["a\\b"]), None);
        assert_eq!(ways(&["a\u{0}b"]), None);
        assert_eq!(
            ways(&["99999999999"]).unwrap().len(),
            1,
            "no array is as long"
        );
        assert_eq!(ways(&[""]).unwrap(), [r#"$."""#]);
    }
}
