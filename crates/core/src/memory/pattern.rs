//! What patterns say of the texts they are found in, in terms that an index knows.

use larder_query::{Bound, Filter, Op, Test, Value};

/// The prefixes that parts of a filter ask for. The parts are still to be tested.
pub(super) fn implied(parts: &[&Filter]) -> Vec<Filter> {
    let prefix = |part: &&Filter| match part {
        Filter::Test(Test {
            field,
            operand: Bound::Pattern(pattern),
            ..
        }) => {
            let prefix = pattern.prefix()?;
            Some(Filter::test(
                *field,
                Op::StartsWith,
                Value::from(prefix.text),
            ))
        }
        _ => None,
    };
    parts.iter().filter_map(prefix).collect()
}
