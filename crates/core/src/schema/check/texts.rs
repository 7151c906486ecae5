//! The texts that a schema allows, where it allows nothing else.

use larder_query::Value;

use super::{Check, Types};

/// How deep choices and references are followed: an enum is a level or two down, and a recursive type has no end.
const MAX_DEPTH: u32 = 8;

impl Check {
    /// The texts of an enum without data, also behind `Option`; none where anything else (but null) is allowed too.
    pub(crate) fn texts(&self) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        self.gather(&mut texts, 0).then_some(texts)
    }

    /// Adds the texts; whether all that this allows is texts and null.
    fn gather(&self, texts: &mut Vec<String>, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        if let Some(constants) = &self.constants {
            texts.extend(
                constants
                    .iter()
                    .filter_map(|one| one.as_str().map(str::to_owned)),
            );
            return constants
                .iter()
                .all(|one| one.is_null() || matches!(one, Value::Text(_)));
        }
        if let Some(reference) = &self.reference {
            let target = reference.all.get().and_then(|all| all.get(&reference.name));
            return target.is_some_and(|target| target.gather(texts, depth + 1));
        }
        for choices in [&self.any_of, &self.one_of] {
            if !choices.is_empty() {
                return choices.iter().all(|choice| choice.gather(texts, depth + 1));
            }
        }
        self.types == Some(Types::NULL)
    }
}
