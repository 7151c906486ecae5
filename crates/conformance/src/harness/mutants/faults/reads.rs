//! Faults of reads: what is asked wrongly, and what is answered wrongly.

use std::mem;
use std::sync::Arc;

use larder_core::{Error, Page, Select, Version};
use larder_query::{Bound, Filter, Op, Test, Value};

use super::{answers, asks};
use crate::harness::mutants::store::{Fault, SOUND};

pub(super) fn all() -> Vec<Fault> {
    let of = [
        of_filters(),
        of_texts(),
        of_scans(),
        of_pages(),
        of_totals_and_groups(),
        of_values(),
        of_edges(),
    ];
    of.into_iter().flatten().collect()
}

fn each_filter(filter: &mut Filter, change: &mut dyn FnMut(&mut Filter)) {
    change(filter);
    match filter {
        Filter::And(all) | Filter::Or(all) => {
            for inner in all {
                each_filter(inner, change);
            }
        }
        Filter::Not(inner) => each_filter(inner, change),
        Filter::Inside(inside) => each_filter(&mut inside.filter, change),
        Filter::True | Filter::False | Filter::Test(_) => {}
    }
}

fn each_test(select: &mut Select, mut change: impl FnMut(&mut Test)) {
    each_filter(&mut select.filter, &mut |filter| {
        if let Filter::Test(test) = filter {
            change(test);
        }
    });
}

fn swap(select: &mut Select, from: Op, to: Op) {
    each_test(select, |test| {
        if test.op == from {
            test.op = to;
        }
    });
}

/// Tests with this operator find nothing.
fn finds_nothing(select: &mut Select, op: Op) {
    each_filter(&mut select.filter, &mut |filter| {
        if matches!(filter, Filter::Test(test) if test.op == op) {
            *filter = Filter::False;
        }
    });
}

fn of_filters() -> Vec<Fault> {
    vec![
        asks("filters", "a `not` is left out", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                if let Filter::Not(inner) = filter {
                    *filter = mem::replace(&mut **inner, Filter::True);
                }
            });
        }),
        asks("filters", "an `or` is an `and`", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                if let Filter::Or(any) = filter {
                    *filter = Filter::And(mem::take(any));
                }
            });
        }),
        asks("filters", "less is less or equal", |select| {
            swap(select, Op::Lt, Op::Le);
        }),
        asks("filters", "greater or equal is greater", |select| {
            swap(select, Op::Ge, Op::Gt);
        }),
        asks("filters", "not equal is less", |select| {
            swap(select, Op::Ne, Op::Lt);
        }),
        asks("filters", "what is compared with null is false", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                let null = |test: &Test| matches!(&test.operand, Bound::One(Value::Null));
                if matches!(filter, Filter::Test(test) if null(test)) {
                    *filter = Filter::False;
                }
            });
        }),
    ]
}

fn of_texts() -> Vec<Fault> {
    vec![
        asks("text", "beginnings are looked for anywhere", |select| {
            swap(select, Op::StartsWith, Op::Contains);
        }),
        asks("text", "ends are looked for anywhere", |select| {
            swap(select, Op::EndsWith, Op::Contains);
        }),
        asks("text", "case is ignored", |select| {
            each_test(select, |test| {
                if test.op == Op::Eq && matches!(&test.operand, Bound::One(Value::Text(_))) {
                    test.op = Op::EqIgnoreCase;
                }
            });
        }),
        asks("text", "case counts", |select| {
            swap(select, Op::EqIgnoreCase, Op::Eq);
        }),
    ]
}

fn of_scans() -> Vec<Fault> {
    vec![
        asks("scans", "patterns find nothing", |select| {
            finds_nothing(select, Op::Match);
        }),
        asks("scans", "remainders find nothing", |select| {
            finds_nothing(select, Op::Mod);
        }),
        asks("scans", "sizes find nothing", |select| {
            finds_nothing(select, Op::Size);
        }),
        asks("scans", "areas find nothing", |select| {
            finds_nothing(select, Op::Within);
        }),
        asks("inside", "paths are ignored", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                if let Filter::Inside(inside) = filter {
                    inside.path = Box::default();
                }
            });
        }),
        asks("inside", "elements are not looked at", |select| {
            each_filter(&mut select.filter, &mut |filter| {
                if let Filter::Inside(inside) = filter {
                    inside.each = false;
                }
            });
        }),
    ]
}

fn of_pages() -> Vec<Fault> {
    vec![
        asks("reads", "orders are ignored", |select| {
            let before = select.order();
            select.sort.clear();
            let key = select.order();
            if let Some(after) = &mut select.after {
                let known = before.iter().zip(std::mem::take(&mut after.values));
                let known = known.filter(|(by, _)| key.iter().any(|of| of.field == by.field));
                after.values = known.map(|(_, value)| value).collect();
            }
        }),
        asks("reads", "all orders ascend", |select| {
            for by in &mut select.sort {
                by.descending = false;
            }
        }),
        asks("reads", "nothing is passed over", |select| select.skip = 0),
        asks("reads", "pages have no end", |select| {
            select.limit = select.limit.filter(|limit| *limit == 0);
        }),
        asks("after", "pages begin at the beginning", |select| {
            select.after = None;
        }),
        asks("bounds", "nothing bounds a read", |select| {
            select.look_at = None;
        }),
        asks("bounds", "every read is bounded", |select| {
            select.look_at = select.look_at.map(|_| 0);
        }),
        asks("joins", "what may not be read is joined", |select| {
            for join in &mut select.joins {
                join.readable = Filter::True;
            }
        }),
        asks("joins", "nothing that is joined may be read", |select| {
            for join in &mut select.joins {
                join.readable = Filter::False;
            }
        }),
        asks("indexes", "an index leaves out empty text", |select| {
            let mut indexed = select.layout.indexes.iter().flat_map(|index| &index.fields);
            let asked: Vec<usize> = select.filter.fields().collect();
            if let Some(field) = indexed.find(|field| asked.contains(field)) {
                let full = Filter::test(*field, Op::Ne, "");
                select.filter = Filter::and([select.filter.clone(), full]);
            }
        }),
        asks("reads", "any key will do", |select| select.key = None),
    ]
}

fn of_totals_and_groups() -> Vec<Fault> {
    vec![
        answers("reads", "the total is that of the page", |page| {
            let found = page.rows.len() + page.groups.len();
            page.total = page.total.map(|_| found as u64);
        }),
        answers("reads", "the total is one too high", |page| {
            page.total = page.total.map(|total| total + 1);
        }),
        answers("reads", "a total that nobody asked for", |page| {
            page.total = page.total.or(Some(0));
        }),
        answers("reads", "a record comes twice", |page| {
            page.rows.extend(page.rows.first().cloned());
        }),
        answers("groups", "groups come backwards", |page| {
            page.groups.reverse();
        }),
        answers("groups", "null is no group", |page| {
            page.groups
                .retain(|group| group.first() != Some(&Value::Null));
        }),
        answers("groups", "results are floats", |page| {
            for value in page.groups.iter_mut().flatten() {
                if let Some(number) = value.as_i64() {
                    *value = Value::F64(number as f64);
                }
            }
        }),
        Fault {
            name: "refusals name no field",
            topic: "bounds",
            error: |error| Error::new(error.kind(), error.message().to_owned()),
            ..SOUND
        },
        Fault {
            name: "every fault is internal",
            topic: "conditions",
            error: Error::internal,
            ..SOUND
        },
    ]
}

fn each_value(page: &mut Page, change: impl Fn(&mut Value)) {
    for row in &mut page.rows {
        for value in &mut Arc::make_mut(row).values {
            change(value);
        }
    }
}

fn of_values() -> Vec<Fault> {
    vec![
        answers("reads", "versions are forgotten", |page| {
            for row in &mut page.rows {
                Arc::make_mut(row).version = Version(0);
            }
        }),
        answers("writes", "the last field is lost", |page| {
            for row in &mut page.rows {
                if let Some(last) = Arc::make_mut(row).values.last_mut() {
                    *last = Value::Null;
                }
            }
        }),
    ]
}

fn of_edges() -> Vec<Fault> {
    vec![
        answers("edges", "floats have 32 bits", |page| {
            each_value(page, |value| {
                if let Value::F64(number) = value {
                    *number = f64::from(*number as f32);
                }
            });
        }),
        answers("edges", "whole numbers are floats", |page| {
            each_value(page, |value| {
                if let Value::I64(number) = value {
                    *number = *number as f64 as i64;
                }
            });
        }),
        answers("edges", "times are in milliseconds", |page| {
            each_value(page, |value| {
                if let Value::Instant(at) = value
                    && let Ok(coarse) = jiff::Timestamp::from_millisecond(at.as_millisecond())
                {
                    *at = coarse;
                }
            });
        }),
        answers("edges", "empty text is null", |page| {
            each_value(page, |value| {
                if value.as_str() == Some("") {
                    *value = Value::Null;
                }
            });
        }),
        answers("text", "text is trimmed", |page| {
            each_value(page, |value| {
                if let Some(text) = value.as_str() {
                    *value = Value::from(text.trim());
                }
            });
        }),
        answers("decimals", "decimals are floats", |page| {
            each_value(page, |value| {
                if let Value::Decimal(number) = value
                    && let Ok(float) = number.to_string().parse::<f64>()
                    && let Ok(rounded) = format!("{float:.10}").parse()
                {
                    *number = rounded;
                }
            });
        }),
    ]
}
