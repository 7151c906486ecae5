//! The seal on what stores are given.

use std::ops::Deref;

/// Something a store is asked to do. Only the pipeline of this crate can make one, so a store can't be asked past the rules.
///
/// It derefs to what it holds; a wrapper passes it on, or narrows it with [`Plan::derive`], which needs a plan to begin with.
#[derive(Debug)]
pub struct Plan<'a, T>(&'a T);

impl<'a, T> Plan<'a, T> {
    pub(crate) fn seal(inner: &'a T) -> Self {
        Self(inner)
    }

    /// Makes a plan outside the pipeline, for tests of a store. Needs the feature `unsealed`.
    #[cfg(feature = "unsealed")]
    pub fn unsealed(inner: &'a T) -> Self {
        Self(inner)
    }

    /// What is asked for, for as long as the plan was made for.
    pub fn get(&self) -> &'a T {
        self.0
    }

    /// A changed request in place of this one, for wrappers.
    pub fn derive<'b, U>(&self, other: &'b U) -> Plan<'b, U> {
        Plan(other)
    }
}

impl<T> Clone for Plan<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Plan<'_, T> {}

impl<T> Deref for Plan<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}
