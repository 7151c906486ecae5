//! The derive, asked with tokens: what it writes, and what it says of mistakes.

use quote::{ToTokens, quote};

use super::derive;
use crate::testing::errors;

mod expansions;
mod fields;
mod structs;

/// The errors of a model with these attributes on the struct, and these fields behind the id.
fn mistakes(attrs: impl ToTokens, fields: impl ToTokens) -> Vec<String> {
    errors(derive(
        quote! { #attrs struct Post { #[model(id)] id: Id<Post>, #fields } },
    ))
}
