//! What an index decides of a read, and how much is left to look at.

use larder_query::{Bound, Filter, Op, Test};

use super::{Select, SortKey};
use crate::layout::Layout;
use crate::model::Kind;

/// What the best index of a table decides of a read.
#[derive(Clone, Debug)]
pub struct Cover<'f> {
    /// The parts of the filter that are a range of the index.
    pub ranged: Vec<&'f Filter>,
    /// Whether all of the filter is, and records come out of the index in their order.
    pub whole: bool,
    /// Whether they come in their order.
    pub ordered: bool,
}

/// The parts of a filter that must all hold.
pub fn parts<'f>(filter: &'f Filter, to: &mut Vec<&'f Filter>) {
    match filter {
        Filter::True => {}
        Filter::And(all) => all.iter().for_each(|part| parts(part, to)),
        other => to.push(other),
    }
}

impl<'f> Cover<'f> {
    /// The cover of a filter and an order.
    pub fn of(select: &'f Select) -> Self {
        let mut all = Vec::new();
        parts(&select.filter, &mut all);
        if select.key.is_some() {
            return Self {
                ranged: Vec::new(),
                whole: true,
                ordered: true,
            };
        }
        // A count alone has no order.
        let order = match select.limit {
            Some(0) => Vec::new(),
            _ => select.order(),
        };
        Self::best(&select.layout, &all, &order)
    }

    /// The cover of some [parts] of a filter, for records in this order.
    pub fn best(layout: &Layout, parts: &[&'f Filter], order: &[SortKey]) -> Self {
        // JSON is compared by content, which no index of the database is in the order of.
        let is_json = |field: &usize| {
            let field = layout.fields.get(*field);
            field.is_some_and(|field| field.kind == Kind::Json)
        };
        let declared = layout.indexes.iter().map(|index| index.fields.as_slice());
        let declared = declared.filter(|fields| !fields.iter().any(is_json));
        let by_key = std::iter::once(&[][..]);
        let covers = by_key.chain(declared).map(|fields| {
            let columns = up_to_the_key(fields, layout.key.places());
            Self::over(&columns, parts, order)
        });
        let best = covers.max_by_key(|cover| (cover.whole, cover.ranged.len(), cover.ordered));
        best.unwrap_or(Self {
            ranged: Vec::new(),
            whole: false,
            ordered: false,
        })
    }

    /// What indexes lead to of some [parts] of a filter: the ranges of the best one, or else, for an *or*, one range for each of its members.
    /// None where no index leads to less than all.
    ///
    /// ```
    /// # use larder_core::{Layout, Op, store::cover::Cover};
    /// # use larder_query::Filter;
    /// # fn reached(layout: &Layout) { // with an index on field 1 and one on field 2
    /// let either = Filter::or([Filter::test(1, Op::Eq, "a"), Filter::test(2, Op::Ge, 5)]);
    /// assert_eq!(Cover::reached(layout, &[&either]), Some(either.clone()));
    /// # }
    /// ```
    pub fn reached(layout: &Layout, parts: &[&'f Filter]) -> Option<Filter> {
        let ranged = Self::best(layout, parts, &[]).ranged;
        if !ranged.is_empty() {
            return Some(Filter::and(ranged.into_iter().cloned()));
        }
        parts.iter().find_map(|part| match *part {
            Filter::Or(any) if !any.is_empty() => {
                let member = |member: &'f Filter| {
                    let mut parts = Vec::new();
                    self::parts(member, &mut parts);
                    Self::reached(layout, &parts)
                };
                let members: Option<Vec<Filter>> = any.iter().map(member).collect();
                members.map(Filter::or)
            }
            _ => None,
        })
    }

    fn over(columns: &[usize], parts: &[&'f Filter], order: &[SortKey]) -> Self {
        let on = |column: usize, wanted: fn(&Test) -> bool| {
            parts.iter().copied().filter(move |part| {
                matches!(part, Filter::Test(test) if test.field == column && wanted(test))
            })
        };
        let mut ranged: Vec<&Filter> = Vec::new();
        let mut fixed = 0;
        for column in columns {
            let Some(equal) = on(*column, is_equal).next() else {
                break;
            };
            ranged.push(equal);
            fixed += 1;
        }
        if let Some(next) = columns.get(fixed) {
            match on(*next, is_list).next() {
                Some(list) => ranged.push(list),
                None => ranged.extend(on(*next, is_range)),
            }
        }
        let ordered = delivers(columns, fixed, order);
        Self {
            whole: ordered && ranged.len() == parts.len(),
            ranged,
            ordered,
        }
    }
}

fn is_equal(test: &Test) -> bool {
    match (&test.operand, test.op) {
        (Bound::One(_), Op::Eq) => true,
        (Bound::Many(list), Op::In) => list.len() == 1,
        _ => false,
    }
}

fn is_list(test: &Test) -> bool {
    matches!((&test.operand, test.op), (Bound::Many(_), Op::In))
}

fn is_range(test: &Test) -> bool {
    matches!(
        (&test.operand, test.op),
        (
            Bound::One(_),
            Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::StartsWith
        )
    )
}

/// Whether an index whose first `fixed` columns are one value gives records in their order. Where the order turns once, at the
/// key, equal values are sorted a few at a time.
fn delivers(columns: &[usize], fixed: usize, order: &[SortKey]) -> bool {
    let (fixed, rest) = columns.split_at(fixed.min(columns.len()));
    let wanted = order.iter().filter(|by| !fixed.contains(&by.field));
    let wanted: Vec<&SortKey> = wanted.collect();
    let along = wanted
        .iter()
        .map(|by| by.field)
        .eq(rest.iter().copied().take(wanted.len()));
    let named = wanted.split_last().map_or(&[][..], |(_, named)| named);
    let one_way = |keys: &[&SortKey]| {
        keys.iter().all(|by| by.descending) || keys.iter().all(|by| !by.descending)
    };
    along && (one_way(&wanted) || one_way(named) && wanted.last().is_some_and(|by| !by.descending))
}

/// The columns of an index, the parts of the key that are not among them behind. What stands behind the whole key decides nothing.
fn up_to_the_key(fields: &[usize], key: &[usize]) -> Vec<usize> {
    let mut columns: Vec<usize> = Vec::with_capacity(fields.len() + key.len());
    for field in fields.iter().chain(key) {
        if key.iter().all(|part| columns.contains(part)) {
            break;
        }
        if !columns.contains(field) {
            columns.push(*field);
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use crate::layout::{Column, Index, Storage};

    use super::*;

    fn layout() -> Layout {
        let column = |name: &str| Column {
            name: name.into(),
            kind: Kind::Int,
            nullable: true,
            default: None,
        };
        Layout {
            model: "Thing".into(),
            collection: "things".into(),
            fields: ["id", "a", "b", "c"].map(column).into(),
            key: 0.into(),
            indexes: vec![
                Index {
                    fields: vec![1],
                    unique: false,
                },
                Index {
                    fields: vec![2, 1],
                    unique: false,
                },
            ],
            storage: Storage::default(),
        }
    }

    /// How many parts are ranges of an index, whether the order comes with it, and whether that is all.
    fn covered(filter: Filter, sort: &[(usize, bool)]) -> (usize, bool, bool) {
        let sort = sort.iter().map(|(field, descending)| SortKey {
            field: *field,
            descending: *descending,
        });
        let select = Select {
            filter,
            sort: sort.collect(),
            ..Select::all(layout().into())
        };
        let cover = Cover::of(&select);
        (cover.ranged.len(), cover.ordered, cover.whole)
    }

    #[test]
    fn what_an_index_decides() {
        let eq = |field| Filter::test(field, Op::Eq, 1);
        let gt = |field| Filter::test(field, Op::Gt, 1);
        assert_eq!(covered(Filter::True, &[]), (0, true, true));
        assert_eq!(covered(Filter::True, &[(0, true)]), (0, true, true));
        assert_eq!(covered(Filter::True, &[(1, true)]), (0, true, true));
        assert_eq!(covered(Filter::True, &[(3, false)]), (0, false, false));
        assert_eq!(covered(eq(1), &[]), (1, true, true));
        assert_eq!(covered(eq(1), &[(3, false)]), (1, false, false));
        assert_eq!(covered(eq(3), &[]), (0, true, false));
        assert_eq!(
            covered(gt(1), &[]),
            (1, false, false),
            "keys are not in order across values"
        );
        assert_eq!(covered(gt(1), &[(1, false)]), (1, true, true));
        let both = Filter::and([eq(2), gt(1)]);
        assert_eq!(covered(both.clone(), &[(1, true)]), (2, true, true));
        assert_eq!(
            covered(both.clone(), &[(2, false), (1, true)]),
            (2, true, true)
        );
        assert_eq!(
            covered(Filter::and([both, eq(3)]), &[(1, true)]),
            (2, true, false)
        );
        let list = Filter::one_of(2, vec![1.into(), 2.into()]);
        assert_eq!(covered(list, &[(2, false), (1, false)]), (1, true, true));
        assert_eq!(
            covered(Filter::True, &[(2, false), (1, true)]),
            (0, false, false)
        );
        assert_eq!(covered(Filter::or([eq(1), eq(2)]), &[]), (0, true, false));
        let contains = Filter::test(1, Op::Contains, "a");
        assert_eq!(covered(contains, &[]), (0, true, false));
    }

    #[test]
    fn what_indexes_lead_to() {
        let (eq, gt) = (
            |field| Filter::test(field, Op::Eq, 1),
            |field| Filter::test(field, Op::Gt, 1),
        );
        let layout = layout();
        let reached = |filter: &Filter| {
            let mut all = Vec::new();
            parts(filter, &mut all);
            Cover::reached(&layout, &all)
        };
        let either = Filter::or([eq(1), gt(2)]);
        assert_eq!(reached(&either), Some(either.clone()));
        // One range is better than several, and what no index has is left out.
        assert_eq!(reached(&Filter::and([either.clone(), eq(1)])), Some(eq(1)));
        let narrowed = Filter::or([Filter::and([eq(1), eq(3)]), gt(2)]);
        assert_eq!(reached(&narrowed), Some(either.clone()));
        assert_eq!(
            reached(&Filter::or([either.clone(), gt(1)])).map(|it| it.tests().count()),
            Some(3)
        );
        // A member that no index finds may be any record.
        assert_eq!(reached(&Filter::or([eq(1), eq(3)])), None);
        assert_eq!(reached(&Filter::not(either)), None);
        assert_eq!(reached(&eq(3)), None);
    }
}
