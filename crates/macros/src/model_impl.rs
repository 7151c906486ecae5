//! `#[model_impl]`: parse, check, expand.

mod action;
mod check;
mod computed;
mod expand;
mod parse;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ctxt::Ctxt;
use crate::symbol::method;

/// The whole attribute. The user's methods are always in the output, whatever is wrong with the attributes.
pub(crate) fn attribute(args: TokenStream, item: &TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let krate = parse::arguments(&cx, args);
    let parsed = match syn::parse2::<parse::Impl>(item.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            cx.push(error);
            let errors = cx.check().err().map(|error| error.into_compile_error());
            return quote!(#item #errors);
        }
    };
    let checked = check::check(&cx, &parsed, krate);
    match (cx.check(), checked) {
        (Ok(()), Some(checked)) => expand::expand(&parsed, &checked),
        (outcome, _) => {
            let errors = outcome.err().map(|error| error.into_compile_error());
            quote!(#parsed #errors)
        }
    }
}

/// `#[action]` and its like where no `#[model_impl]` stands round them.
pub(crate) fn alone(name: &str, item: &TokenStream) -> TokenStream {
    debug_assert!(
        method::ALL.contains(&name),
        "no attribute of larder is called {name}"
    );
    let message = format!(
        "`#[{name}]` works inside an impl with `#[model_impl]`: put `#[model_impl]` on the line before `impl`"
    );
    let error = syn::Error::new(proc_macro2::Span::call_site(), message).into_compile_error();
    quote!(#error #item)
}
