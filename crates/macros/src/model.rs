//! `#[derive(Model)]`: parse, check, expand.

mod check;
mod expand;
mod fields;
mod flatten;
mod id;
mod lists;
mod methods;
mod parse;
mod relations;
mod table;
mod url;

pub(crate) use expand::{at, constant_name, crate_path};

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::ctxt::Ctxt;
use crate::dummies;

/// The whole derive.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let cx = Ctxt::new();
    let parsed = parse::Model::read(&cx, &input);
    let checked = parsed.as_ref().and_then(|model| check::check(&cx, model));
    match (cx.check(), checked) {
        (Ok(()), Some(model)) => expand::expand(&model),
        (outcome, _) => {
            let errors = outcome.err().map(|error| error.into_compile_error());
            let dummy = dummies::model(
                &input,
                parsed.as_ref().and_then(|model| model.attrs.krate.as_ref()),
            );
            quote::quote!(#errors #dummy)
        }
    }
}
