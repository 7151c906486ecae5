//! What a cursor is bound to, as bytes: different lists have different ones.

use larder_query::{Bound, Filter, Value};

use super::bytes::{count, sized, write};
use crate::store::SortKey;

/// Parts of what a list is, one behind the other. Each says how long it is, so that no two lists run into the same bytes.
#[derive(Debug)]
pub(crate) struct About(Vec<u8>);

impl About {
    /// Of a list of this model.
    pub(crate) fn list(model: &str) -> Self {
        let mut about = Self(Vec::with_capacity(256));
        about.text(model);
        about
    }

    pub(crate) fn text(&mut self, text: &str) {
        sized(b's', text.as_bytes(), &mut self.0);
    }

    pub(crate) fn number(&mut self, number: usize) {
        count(b'#', number, &mut self.0);
    }

    pub(crate) fn values(&mut self, values: &[Value]) {
        self.number(values.len());
        values.iter().for_each(|value| write(value, &mut self.0));
    }

    pub(crate) fn sort(&mut self, sort: &[SortKey]) {
        self.number(sort.len());
        for by in sort {
            self.number(by.field);
            self.0.push(by.descending.into());
        }
    }

    pub(crate) fn filter(&mut self, filter: &Filter) {
        match filter {
            Filter::True => self.0.push(b'1'),
            Filter::False => self.0.push(b'0'),
            Filter::And(parts) => self.filters(b'&', parts),
            Filter::Or(parts) => self.filters(b'|', parts),
            Filter::Not(part) => {
                self.0.push(b'!');
                self.filter(part);
            }
            Filter::Test(test) => {
                count(b'=', test.field, &mut self.0);
                self.text(test.op.name());
                self.operand(&test.operand);
            }
            Filter::Inside(inside) => {
                count(b'.', inside.field, &mut self.0);
                self.number(inside.path.len());
                inside.path.iter().for_each(|name| self.text(name));
                self.0.push(inside.each.into());
                self.filter(&inside.filter);
            }
        }
    }

    fn filters(&mut self, tag: u8, parts: &[Filter]) {
        count(tag, parts.len(), &mut self.0);
        parts.iter().for_each(|part| self.filter(part));
    }

    fn operand(&mut self, operand: &Bound) {
        match operand {
            Bound::One(value) => {
                self.0.push(b'v');
                write(value, &mut self.0);
            }
            Bound::Many(values) => {
                self.0.push(b'V');
                self.values(values);
            }
            // Rare enough for what is simple.
            Bound::Pattern(pattern) => {
                self.0.push(b'p');
                self.text(&format!("{pattern:?}"));
            }
            Bound::Area(area) => {
                self.0.push(b'e');
                self.text(&format!("{area:?}"));
            }
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use larder_query::{Inside, Op, Test};

    fn bytes(filter: &Filter) -> Vec<u8> {
        let mut about = About::list("Post");
        about.filter(filter);
        about.0
    }

    #[test]
    fn different_filters_have_different_bytes() {
        let test = |field, op, value: &str| Filter::test(field, op, value);
        let many = |values: &[&str]| {
            Filter::Test(Test {
                field: 0,
                op: Op::In,
                operand: Bound::Many(values.iter().copied().map(Value::from).collect()),
            })
        };
        let inside = |path: &[&str], each| {
            Filter::Inside(Box::new(Inside {
                field: 1,
                path: path.iter().copied().map(Into::into).collect(),
                each,
                filter: test(0, Op::Eq, "a"),
            }))
        };
        let filters = [
            Filter::True,
            Filter::False,
            test(0, Op::Eq, "a"),
            test(1, Op::Eq, "a"),
            test(0, Op::Ne, "a"),
            test(0, Op::Eq, "b"),
            test(0, Op::Eq, ""),
            Filter::test(0, Op::Eq, 1),
            Filter::test(0, Op::Eq, 1.0),
            Filter::Not(Box::new(test(0, Op::Eq, "a"))),
            Filter::And(vec![test(0, Op::Eq, "a"), test(1, Op::Eq, "a")]),
            Filter::Or(vec![test(0, Op::Eq, "a"), test(1, Op::Eq, "a")]),
            Filter::And(vec![test(0, Op::Eq, "a")]),
            many(&["a", "b"]),
            many(&["ab"]),
            many(&["a", "b", ""]),
            inside(&["a", "b"], false),
            inside(&["a", "b"], true),
            inside(&["ab"], false),
        ];
        for (at, one) in filters.iter().enumerate() {
            for (other_at, other) in filters.iter().enumerate() {
                assert_eq!(
                    bytes(one) == bytes(other),
                    at == other_at,
                    "{one:?} {other:?}"
                );
            }
        }
    }
}
