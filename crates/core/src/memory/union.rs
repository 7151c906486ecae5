//! An *or* whose members each have an index: the records that any of them leads to.

use larder_query::Filter;

use super::index::Walk;
use super::path::{Needs, Path, split};
use super::table::Table;

/// The slots that an *or* among the parts of a filter leads to, each once, if that is less to look at than the best way over one index.
/// They come in no order, and all parts are still to be tested on them.
pub(super) fn slots(
    table: &Table,
    parts: &[&Filter],
    best: &Path<'_>,
    needs: Needs<'_>,
) -> Option<Vec<u32>> {
    let paths = least(table, parts)?;
    let count = count(&paths);
    let otherwise = match (needs.first, best.walk) {
        // A walk over all ends at the last record of the page: the more match, the sooner.
        (Some(first), Some(_)) if !best.narrows && !needs.total => {
            let looks = first.saturating_mul(best.count) / count.max(1);
            looks.min(best.count)
        }
        _ => best.cost(best.rest.is_empty(), needs),
    };
    // What comes in no order has to be sorted, which counts as a second look.
    if count.saturating_mul(2) >= otherwise {
        return None;
    }
    let mut slots = Vec::with_capacity(count);
    for path in &paths {
        if let Some(index) = table.indexes.get(path.index) {
            index.walk(&table.slots, &path.spans, Walk::Forward, 0, &mut |slot| {
                slots.push(slot);
                true
            });
        }
    }
    slots.sort_unstable();
    slots.dedup();
    Some(slots)
}

fn count(paths: &[Path<'_>]) -> usize {
    paths
        .iter()
        .fold(0, |all, path| all.saturating_add(path.count))
}

/// The ways to the members of the *or* with the fewest entries.
fn least<'q>(table: &Table, parts: &[&'q Filter]) -> Option<Vec<Path<'q>>> {
    let unions = parts.iter().filter_map(|part| match part {
        Filter::Or(any) => ways(table, any),
        _ => None,
    });
    unions.min_by_key(|paths| count(paths.as_slice()))
}

/// A way to each member; None if one of them has no index.
fn ways<'q>(table: &Table, any: &'q [Filter]) -> Option<Vec<Path<'q>>> {
    let mut ways = Vec::with_capacity(any.len());
    for member in any {
        let mut parts = Vec::new();
        if !split(member, &mut parts) {
            continue; // It matches nothing.
        }
        match Path::choose(table, &parts, Needs::default()) {
            Some(path) if path.narrows => ways.push(path),
            _ => ways.extend(least(table, &parts)?),
        }
    }
    Some(ways)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use larder_query::{Op, Value};

    use super::*;
    use crate::layout::{Column, Index, Layout};
    use crate::model::Kind;
    use crate::record::{Record, Version};

    /// A thousand records of an id, 100 ages, 50 cities, and names without an index.
    fn table() -> Table {
        let column = |name: &str| Column {
            name: name.into(),
            kind: Kind::Int,
            nullable: true,
            default: None,
        };
        let index = |field| Index {
            fields: vec![field],
            unique: false,
        };
        let mut table = Table::new(Arc::new(Layout {
            model: "Person".into(),
            collection: "people".into(),
            fields: ["id", "age", "city", "name"].map(column).into(),
            key: 0.into(),
            indexes: vec![index(1), index(2)],
            storage: crate::Storage::default(),
        }));
        for n in 0..1000_i64 {
            let values = vec![n.into(), (n % 100).into(), (n % 50).into(), n.into()];
            let record = Arc::new(Record::new(values, Version(256)));
            table.set(&n.into(), Some(record)).unwrap();
        }
        table
    }

    fn found(filter: &Filter) -> Option<usize> {
        let mut parts = Vec::new();
        assert!(split(filter, &mut parts));
        let (table, needs) = (table(), Needs::default());
        let best = Path::choose(&table, &parts, needs).unwrap();
        slots(&table, &parts, &best, needs).map(|slots| slots.len())
    }

    #[test]
    fn what_an_or_leads_to() {
        let is = |field, value: i64| Filter::test(field, Op::Eq, value);
        let or = |any: &[Filter]| Filter::or(any.iter().cloned());
        assert_eq!(found(&or(&[is(1, 3), is(1, 4)])), Some(20));
        // 10 of an age and 20 of a city, of which 10 are the same.
        assert_eq!(found(&or(&[is(1, 3), is(2, 3)])), Some(20));
        assert_eq!(found(&or(&[is(1, 3), is(0, 7)])), Some(11));
        let nested = Filter::and([is(3, 1), or(&[is(1, 3), or(&[is(2, 3), is(2, 4)])])]);
        assert_eq!(found(&nested), Some(40));
        // Members without an index, and those that lead to more than half of all, are no way.
        assert_eq!(found(&or(&[is(1, 3), is(3, 1)])), None);
        let many = Filter::test(1, Op::Ge, Value::from(2));
        assert_eq!(found(&or(&[is(2, 3), many])), None);
        assert_eq!(found(&is(1, 3)), None, "there is no or");
    }
}
