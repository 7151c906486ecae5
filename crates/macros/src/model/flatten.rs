//! Members with `#[serde(flatten)]`. Their fields are not known here, only their types.

use syn::Type;

use super::parse::Model;
use crate::ctxt::Ctxt;

/// The types of the members that are flattened, and what can't be said of them.
pub(super) fn check(cx: &Ctxt, model: &Model) -> Vec<Type> {
    let mut types = Vec::new();
    for field in &model.fields {
        let Some(span) = field.serde.flatten else {
            continue;
        };
        if model.serde.deny_unknown {
            cx.error(
                span,
                "serde can't flatten into a struct with `deny_unknown_fields`; leave that out, a model refuses unknown fields anyway",
            );
        }
        if let Some(span) = field.attrs.first() {
            cx.error(
                span,
                format!(
                    "`{}` is flattened into several fields, and this is said of one",
                    field.ident
                ),
            );
        }
        if field.serde.read.is_some() || field.serde.write.is_some() {
            cx.error(
                span,
                "what a function reads and writes can't be flattened: its keys are not known",
            );
        }
        types.push(field.ty.clone());
    }
    types
}
