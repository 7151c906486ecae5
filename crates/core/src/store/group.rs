//! Records put together in memory: what a store does itself where its database can't.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use larder_query::Value;

use super::finish::in_memory;
use super::{Aggregate, Grouping, Page, Select, Sum};

/// Groups in the making.
///
/// ```
/// use larder_core::store::{Aggregate, Grouping, Groups};
/// use larder_query::Value;
///
/// let grouping = Grouping { by: vec![0], results: vec![Aggregate::Count, Aggregate::Sum(1)] };
/// let mut groups = Groups::new(&grouping);
/// for row in [["a".into(), Value::from(1)], ["b".into(), 2.into()], ["a".into(), 3.into()]] {
///     groups.add(&|field| &row[field]);
/// }
/// assert_eq!(groups.into_groups(), [["a".into(), 2.into(), 4.into()], ["b".into(), 1.into(), Value::from(2)]]);
/// ```
#[derive(Debug)]
pub struct Groups<'s> {
    grouping: &'s Grouping,
    found: BTreeMap<Shared, Vec<Result>>,
    /// The values of the record at hand; kept, so that only a new group takes memory.
    shared: Shared,
}

/// The values that a group shares, in the order of sorting.
#[derive(Debug, Default)]
struct Shared(Vec<Value>);

impl Ord for Shared {
    fn cmp(&self, other: &Self) -> Ordering {
        let mut orders = self.0.iter().zip(&other.0).map(|(a, b)| a.total_cmp(b));
        orders
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Shared {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Shared {}

#[derive(Debug)]
enum Result {
    Count(u64),
    Sum(Sum),
    Mean(Sum),
    Min(Value),
    Max(Value),
}

impl Result {
    fn new(aggregate: Aggregate) -> Self {
        match aggregate {
            Aggregate::Count => Self::Count(0),
            Aggregate::Sum(_) => Self::Sum(Sum::default()),
            Aggregate::Mean(_) => Self::Mean(Sum::default()),
            Aggregate::Min(_) => Self::Min(Value::Null),
            Aggregate::Max(_) => Self::Max(Value::Null),
        }
    }

    fn add(&mut self, value: &Value) {
        match self {
            Self::Count(count) => *count += 1,
            Self::Sum(sum) | Self::Mean(sum) => sum.add(value),
            Self::Min(least) => {
                if !value.is_null() && (least.is_null() || value.total_cmp(least).is_lt()) {
                    least.clone_from(value);
                }
            }
            Self::Max(most) => {
                if value.total_cmp(most).is_gt() {
                    most.clone_from(value);
                }
            }
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Count(count) => Value::from(count),
            Self::Sum(sum) => sum.total(),
            Self::Mean(sum) => sum.mean(),
            Self::Min(value) | Self::Max(value) => value,
        }
    }
}

impl<'s> Groups<'s> {
    /// No record yet. Without fields to share there is one group, of all records, even if there are none. That groups are made here
    /// is told as [`Finish`](super::Finish) tells it.
    pub fn new(grouping: &'s Grouping) -> Self {
        in_memory("group");
        let mut groups = Self {
            grouping,
            found: BTreeMap::new(),
            shared: Shared::default(),
        };
        if grouping.by.is_empty() {
            let results = groups.begin();
            groups.found.insert(Shared::default(), results);
        }
        groups
    }

    fn begin(&self) -> Vec<Result> {
        self.grouping
            .results
            .iter()
            .copied()
            .map(Result::new)
            .collect()
    }

    /// Adds a record, given its value at each place.
    pub fn add<'v>(&mut self, value: &dyn Fn(usize) -> &'v Value) {
        self.shared.0.clear();
        let by = self.grouping.by.iter();
        self.shared.0.extend(by.map(|field| value(*field).clone()));
        if let Some(results) = self.found.get_mut(&self.shared) {
            add(self.grouping, results, value);
            return;
        }
        let mut results = self.begin();
        add(self.grouping, &mut results, value);
        self.found.insert(Shared(self.shared.0.clone()), results);
    }

    /// All groups in the order of the values they share: these values, then the results.
    pub fn into_groups(self) -> Vec<Vec<Value>> {
        let whole = |(shared, results): (Shared, Vec<Result>)| {
            let results = results.into_iter().map(Result::value);
            shared.0.into_iter().chain(results).collect()
        };
        self.found.into_iter().map(whole).collect()
    }
}

fn add<'v>(grouping: &Grouping, results: &mut [Result], value: &dyn Fn(usize) -> &'v Value) {
    for (result, aggregate) in results.iter_mut().zip(&grouping.results) {
        let field = aggregate.field();
        result.add(field.map_or(&Value::Null, value));
    }
}

impl Page {
    /// The page of groups that a read asks for, out of all groups in any order. That is told as [`Finish`](super::Finish) tells it,
    /// unless there is no order among them.
    pub fn of_groups(mut groups: Vec<Vec<Value>>, select: &Select) -> Self {
        if groups.len() > 1 {
            in_memory("sort");
        }
        let shared = select.group.as_ref().map_or(0, |group| group.by.len());
        groups.sort_by(|a, b| {
            let mut keys = select.sort.iter();
            let unequal = keys.find_map(|by| {
                let order = by.compare(at(a, by.field), at(b, by.field));
                order.is_ne().then_some(order)
            });
            let ties = || a.iter().zip(b).take(shared).map(|(a, b)| a.total_cmp(b));
            unequal
                .or_else(|| ties().find(|order| order.is_ne()))
                .unwrap_or(Ordering::Equal)
        });
        let total = select.total.then_some(groups.len() as u64);
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let limit = select.limit.map_or(usize::MAX, size);
        Self {
            groups: groups
                .into_iter()
                .skip(size(select.skip))
                .take(limit)
                .collect(),
            total,
            ..Self::default()
        }
    }
}

fn at(group: &[Value], place: usize) -> &Value {
    group.get(place).unwrap_or(&Value::Null)
}
