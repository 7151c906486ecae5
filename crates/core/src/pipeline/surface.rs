//! Step 1: whether the model offers this at a door. Decided here, so that every door refuses the same.

use super::Run;
use crate::call::{Surface, Want};
use crate::error::Result;
use crate::model::Method;

impl Run<'_> {
    /// Refuses what the model does not handle or restricts. Code in the same process has everything.
    pub(super) fn surface(&self) -> Result<()> {
        let methods: &[Method] = match &self.call.want {
            Want::Get(_) => &[Method::Get],
            Want::List(_) => &[Method::List],
            Want::Create(_) | Want::CreateMany(_) => &[Method::Post],
            // Which of the two it is shows only at the store.
            Want::Replace(..) => &[Method::PutExisting, Method::PutNew],
            Want::Patch(..) | Want::JsonPatch(..) | Want::Change(..) => &[Method::Patch],
            Want::Delete(..) => &[Method::Delete],
            Want::Act { .. } => return Ok(()),
        };
        if self.call.surface == Surface::InProcess {
            return Ok(());
        }
        self.mounted.model.offers_one_of(methods)
    }

    /// Whether who makes this call has the method.
    pub(super) fn offers(&self, method: Method) -> bool {
        self.call.surface == Surface::InProcess || self.mounted.model.offers(method)
    }
}
