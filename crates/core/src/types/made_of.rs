//! What links are made of.

use super::{Id, IdType};

/// What an id can be made of where a link takes one: itself, and text where the id is one.
///
/// ```
/// use larder_core::{Id, MadeOf};
/// # struct User;
/// assert_eq!(Id::<User>::made_of("ann"), Id::from("ann"));
/// assert_eq!(u64::made_of(7), 7);
/// ```
#[diagnostic::on_unimplemented(
    message = "a link takes the id of the record that it leads to, here a `{Self}`, and not a `{K}`",
    label = "no `{Self}`",
    note = "give the id, as in `ModelLink::new(record.id.clone())`, or the record itself: `ModelLink::from(&record)`"
)]
pub trait MadeOf<K>: IdType {
    /// The id.
    fn made_of(given: K) -> Self;
}

impl<K: IdType> MadeOf<K> for K {
    fn made_of(given: K) -> Self {
        given
    }
}

impl<T: 'static> MadeOf<&str> for Id<T> {
    fn made_of(given: &str) -> Self {
        given.into()
    }
}

impl<T: 'static> MadeOf<String> for Id<T> {
    fn made_of(given: String) -> Self {
        given.into()
    }
}

impl MadeOf<&str> for String {
    fn made_of(given: &str) -> Self {
        given.to_owned()
    }
}
