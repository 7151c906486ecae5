//! Walks over trees of conditions, without recursion and mostly without memory of their own.

use std::slice;

use smallvec::SmallVec;

/// What has nothing below it, in order. `below` says what is below a node, if anything can be.
pub(crate) fn leaves<T>(root: &T, below: fn(&T) -> Option<&[T]>) -> Leaves<'_, T> {
    let mut open = SmallVec::new();
    open.push(slice::from_ref(root).iter());
    Leaves { open, below }
}

/// See [`leaves`].
pub(crate) struct Leaves<'t, T> {
    /// What is left of each level, the lowest last.
    open: SmallVec<[slice::Iter<'t, T>; 4]>,
    below: fn(&T) -> Option<&[T]>,
}

impl<'t, T> Iterator for Leaves<'t, T> {
    type Item = &'t T;

    fn next(&mut self) -> Option<&'t T> {
        while let Some(level) = self.open.last_mut() {
            match level.next() {
                Some(node) => match (self.below)(node) {
                    Some(nodes) => self.open.push(nodes.iter()),
                    None => return Some(node),
                },
                None => {
                    self.open.pop();
                }
            }
        }
        None
    }
}
