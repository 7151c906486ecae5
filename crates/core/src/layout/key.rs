//! Which fields identify a record.

use std::borrow::Cow;
use std::sync::Arc;

use larder_query::Value;

use crate::key::{Key, parts};
use crate::record::Record;

/// The places of the fields that identify a record: one, or several together.
///
/// ```
/// use larder_core::{Key, Record, Version, layout::KeyFields};
/// let record = Record::new(vec!["UA".into(), 12.into(), 1545.into()], Version(0));
/// assert_eq!(KeyFields::from(0).key_of(&record), Key::from("UA"));
/// let both = KeyFields::of([0, 2]);
/// assert_eq!(both.key_of(&record).to_string(), "UA,1545");
/// assert!(both.is_key(&record, Key::from(("UA", 1545)).value()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFields {
    /// One field.
    One(usize),
    /// Several fields, in the order of the parts of a [`Key`].
    Several(Arc<[usize]>),
}

impl From<usize> for KeyFields {
    fn from(place: usize) -> Self {
        Self::One(place)
    }
}

impl KeyFields {
    /// The fields at these places, in the order in which records sort.
    pub fn of(places: impl IntoIterator<Item = usize>) -> Self {
        let places: Arc<[usize]> = places.into_iter().collect();
        match *places {
            [only] => Self::One(only),
            _ => Self::Several(places),
        }
    }

    /// The places in order.
    pub fn places(&self) -> &[usize] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Several(places) => places,
        }
    }

    /// The place of the field, where it is one alone.
    pub fn one(&self) -> Option<usize> {
        match self {
            Self::One(place) => Some(*place),
            Self::Several(_) => None,
        }
    }

    /// Whether a field is the key, or a part of it.
    pub fn has(&self, field: usize) -> bool {
        self.places().contains(&field)
    }

    /// The key of a record.
    pub fn key_of(&self, record: &Record) -> Key {
        Key::from(self.value_of(record).into_owned())
    }

    /// The key of a record as the value of a [`Key`]. Nothing is copied where one field is the key.
    pub fn value_of<'r>(&self, record: &'r Record) -> Cow<'r, Value> {
        match self {
            Self::One(place) => Cow::Borrowed(record.get(*place)),
            Self::Several(places) => {
                let parts = places.iter().map(|place| record.get(*place).clone());
                Cow::Owned(Key::of_parts(parts).into_value())
            }
        }
    }

    /// Whether a record has this key, given as the value of a [`Key`].
    pub fn is_key(&self, record: &Record, key: &Value) -> bool {
        match self {
            Self::One(place) => record.get(*place).total_cmp(key).is_eq(),
            Self::Several(places) => {
                let parts = parts(key);
                let pairs = places.iter().zip(parts);
                parts.len() == places.len()
                    && pairs
                        .into_iter()
                        .all(|(place, part)| record.get(*place).total_cmp(part).is_eq())
            }
        }
    }
}
