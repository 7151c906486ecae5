//! Objects: named values that keep the order in which they were written.

use std::collections::HashMap;

use super::{CompactString, Value};

/// Up to this many keys a plain scan beats hashing.
const SCAN: usize = 16;

/// Named values in insertion order. A name occurs once.
///
/// Look-ups scan: objects inside records are small. Building from many pairs is linear, so a
/// hostile body with a hundred thousand keys costs what it should.
///
/// ```
/// use larder_query::{Object, Value};
///
/// let mut o = Object::new();
/// o.insert("b", 1);
/// o.insert("a", 2);
/// assert_eq!(o.insert("b", 3), Some(Value::I64(1)));
/// assert_eq!(o.keys().collect::<Vec<_>>(), ["b", "a"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Vec<(CompactString, Value)>);

impl Object {
    /// An empty object.
    pub fn new() -> Object {
        Object(Vec::new())
    }

    /// An empty object with room for `n` names.
    pub fn with_capacity(n: usize) -> Object {
        Object(Vec::with_capacity(n))
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The value under `key`, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Whether there is a value under `key` (it may be null).
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets `key`. A new key goes to the end; an old one keeps its place and its old value returns.
    pub fn insert(
        &mut self,
        key: impl Into<CompactString>,
        value: impl Into<Value>,
    ) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        if let Some(old) = self.get_mut(&key) {
            return Some(std::mem::replace(old, value));
        }
        self.0.push((key, value));
        None
    }

    /// Adds a key that the caller knows to be new.
    pub(crate) fn push(&mut self, key: CompactString, value: Value) {
        self.0.push((key, value));
    }

    /// Takes `key` out; the order of the rest stays.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.remove(at).1)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// Names and values in order, the values to change.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&str, &mut Value)> {
        self.0.iter_mut().map(|(k, v)| (k.as_str(), v))
    }

    /// The names in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(k, _)| k.as_str())
    }

    /// The values in order of their names.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|(_, v)| v)
    }

    /// The pairs as one slice.
    pub fn as_slice(&self) -> &[(CompactString, Value)] {
        &self.0
    }

    /// The pairs sorted by name: the order-free view that comparisons use.
    pub(super) fn sorted(&self) -> Vec<&(CompactString, Value)> {
        let mut pairs: Vec<_> = self.0.iter().collect();
        pairs.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        pairs
    }

    /// Builds from pairs whose names the caller knows to be distinct.
    pub(super) fn from_distinct(pairs: Vec<(CompactString, Value)>) -> Object {
        Object(pairs)
    }

    /// Builds from pairs; of a repeated name the first place and the last value stay.
    pub(super) fn from_pairs(pairs: Vec<(CompactString, Value)>) -> Object {
        if pairs.len() <= SCAN {
            let mut object = Object(Vec::with_capacity(pairs.len()));
            for (key, value) in pairs {
                object.insert(key, value);
            }
            return object;
        }
        let mut places: HashMap<CompactString, usize> = HashMap::with_capacity(pairs.len());
        let mut kept: Vec<(CompactString, Value)> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            match places.get(&key) {
                Some(&at) => kept[at].1 = value,
                None => {
                    places.insert(key.clone(), kept.len());
                    kept.push((key, value));
                }
            }
        }
        Object(kept)
    }
}

impl<K: Into<CompactString>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Object {
        Object::from_pairs(
            pairs
                .into_iter()
                .map(|(k, v)| (k.into(), v.into()))
                .collect(),
        )
    }
}

impl IntoIterator for Object {
    type Item = (CompactString, Value);
    type IntoIter = std::vec::IntoIter<(CompactString, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = &'a (CompactString, Value);
    type IntoIter = std::slice::Iter<'a, (CompactString, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_keep_first_place_and_last_value() {
        for extra in [0, 40] {
            let mut pairs = vec![("a".to_owned(), 1), ("b".to_owned(), 2)];
            pairs.extend((0..extra).map(|n| (format!("k{n}"), n)));
            pairs.push(("a".to_owned(), 9));
            let o: Object = pairs.into_iter().collect();
            assert_eq!(o.len(), 2 + usize::try_from(extra).unwrap());
            assert_eq!(o.as_slice()[0], ("a".into(), Value::I64(9)));
        }
    }

    #[test]
    fn remove_keeps_the_order() {
        let mut o: Object = [("a", 1), ("b", 2), ("c", 3)].into_iter().collect();
        assert_eq!(o.remove("b"), Some(Value::I64(2)));
        assert_eq!(o.remove("b"), None);
        assert_eq!(o.keys().collect::<Vec<_>>(), ["a", "c"]);
    }
}
