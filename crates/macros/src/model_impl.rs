//! `#[model_impl]`: parse, check, expand.

mod action;
mod check;
mod computed;
mod expand;
mod parse;
mod search;
mod uses;

#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
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
            let item = without_ours(item.clone());
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

/// The item without larder's attributes, which would complain that nobody has read them.
fn without_ours(item: TokenStream) -> TokenStream {
    let mut tokens = item.into_iter().peekable();
    let mut kept = TokenStream::new();
    while let Some(token) = tokens.next() {
        match (&token, tokens.peek()) {
            (TokenTree::Punct(sign), Some(TokenTree::Group(attr)))
                if sign.as_char() == '#' && is_ours(&attr.stream()) =>
            {
                tokens.next();
            }
            (TokenTree::Group(group), _) if group.delimiter() == Delimiter::Brace => {
                let mut inner = Group::new(Delimiter::Brace, without_ours(group.stream()));
                inner.set_span(group.span());
                kept.extend([TokenTree::Group(inner)]);
            }
            _ => kept.extend([token]),
        }
    }
    kept
}

/// Whether this is the inside of `#[action ..]` or of one of the others.
fn is_ours(attr: &TokenStream) -> bool {
    let path = attr.clone().into_iter().take_while(|token| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(sign) => sign.as_char() == ':',
        _ => false,
    });
    path.last()
        .is_some_and(|last| method::ALL.contains(&last.to_string().as_str()))
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
