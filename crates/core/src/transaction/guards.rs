//! What becomes of a transaction if a call in it is dropped: by a client that disconnects, or by a hook that waits for something
//! else meanwhile.

use std::sync::atomic::Ordering;

use super::{Scope, State};

/// The call that a transaction is of. Dropped before it [ended](Self::ended), it takes the transaction with it, whoever else holds
/// the scope.
#[derive(Debug)]
pub(crate) struct Owner<'a>(Option<&'a Scope>);

impl Owner<'_> {
    /// From here on somebody else sees to the transaction's end.
    pub(crate) fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Owner<'_> {
    fn drop(&mut self) {
        let Some(scope) = self.0 else { return };
        scope.shared.left.store(true, Ordering::Release);
        // Where it is in use, who uses it lets it go.
        if let Some(mut state) = scope.shared.state.try_lock() {
            scope.let_go(&mut state);
        }
    }
}

/// A call inside somebody else's transaction. Dropped before it was [whole](Self::whole), be it that it failed or that nobody waits for
/// it, what it has written is half of something: whoever swallows that must not commit it.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    scope: &'a Scope,
    /// How many batches were written when it began.
    before: u64,
    whole: bool,
}

impl Part<'_> {
    /// All of it is done.
    pub(crate) fn whole(mut self) {
        self.whole = true;
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.whole && self.scope.writes() != self.before {
            self.scope.shared.spoiled.store(true, Ordering::Release);
        }
    }
}

impl Scope {
    /// Binds the transaction to the call that it is of.
    pub(crate) fn owned(&self) -> Owner<'_> {
        Owner(Some(self))
    }

    /// Begins a call inside.
    pub(crate) fn part(&self) -> Part<'_> {
        Part {
            scope: self,
            before: self.writes(),
            whole: false,
        }
    }

    fn writes(&self) -> u64 {
        self.shared.writes.load(Ordering::Relaxed)
    }

    /// Whether the call that it is of was dropped.
    pub(super) fn is_left(&self) -> bool {
        self.shared.left.load(Ordering::Acquire)
    }

    /// Drops the transaction, which rolls it back, if the call that it is of was dropped.
    pub(super) fn let_go(&self, state: &mut State) {
        if self.is_left() {
            state.ended = true;
            state.open = None;
        }
    }
}
