//! The seal on what stores are given.

use std::ops::Deref;

/// Something a store is asked to do. Only the pipeline of this crate can make one, so a store can't be asked past the rules.
///
/// It derefs to what it holds. A wrapper passes it on, [lends](Plan::lend) it if it asks more than once, or hands on something
/// else that is made from it ([`Plan::derive`], [`Plan::derive_owned`]), which needs a plan to begin with.
#[derive(Debug)]
pub struct Plan<'a, T>(Held<'a, T>);

/// Reads are lent, for a store only looks at them. Writes are handed over, so that a store can keep the records without
/// copying them.
#[derive(Debug)]
enum Held<'a, T> {
    Lent(&'a T),
    Given(T),
}

impl<'a, T> Plan<'a, T> {
    pub(crate) fn seal(inner: &'a T) -> Self {
        Self(Held::Lent(inner))
    }

    pub(crate) fn seal_owned(inner: T) -> Self {
        Self(Held::Given(inner))
    }

    /// Makes a plan outside the pipeline, for tests of a store. Needs the feature `unsealed`.
    #[cfg(feature = "unsealed")]
    pub fn unsealed(inner: &'a T) -> Self {
        Self::seal(inner)
    }

    /// Makes a plan that is handed over, as the pipeline hands over its writes. Needs the feature `unsealed`.
    #[cfg(feature = "unsealed")]
    pub fn unsealed_owned(inner: T) -> Self {
        Self::seal_owned(inner)
    }

    /// What is asked for.
    pub fn get(&self) -> &T {
        match &self.0 {
            Held::Lent(inner) => inner,
            Held::Given(inner) => inner,
        }
    }

    /// What is asked for, to take apart: moved out if it was handed over, a clone if it was lent.
    pub fn into_inner(self) -> T
    where
        T: Clone,
    {
        match self.0 {
            Held::Lent(inner) => inner.clone(),
            Held::Given(inner) => inner,
        }
    }

    /// The same request once more, for wrappers that ask several stores, or one of them again.
    pub fn lend(&self) -> Plan<'_, T> {
        Plan::seal(self.get())
    }

    /// A changed request in place of this one, for wrappers.
    pub fn derive<'b, U>(&self, other: &'b U) -> Plan<'b, U> {
        Plan::seal(other)
    }

    /// [`derive`](Self::derive), handed over: what a wrapper makes of a write, so that the store below need not copy it.
    pub fn derive_owned<'b, U>(&self, other: U) -> Plan<'b, U> {
        Plan::seal_owned(other)
    }
}

impl<T> Deref for Plan<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.get()
    }
}
