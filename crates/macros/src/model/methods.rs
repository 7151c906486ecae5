//! `handle(..)`, `restrict(..)` and `echo(..)`: what clients can do with a model, method by method.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::{LitBool, Token};

use crate::ctxt::Ctxt;
use crate::keys;
use crate::symbol::methods as word;

/// The three keys as they were written.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) handle: Option<Vec<Ident>>,
    pub(crate) restrict: Vec<Ident>,
    pub(crate) echo: Vec<(Ident, bool)>,
}

/// The three keys as variants of `Method`.
#[derive(Default)]
pub(crate) struct Methods {
    handle: Option<Vec<Ident>>,
    restrict: Vec<Ident>,
    echo: Vec<Ident>,
    silent: Vec<Ident>,
}

/// Reads the words of `handle(..)` or `restrict(..)`.
pub(crate) fn words(cx: &Ctxt, input: ParseStream<'_>, into: &mut Vec<Ident>) {
    keys::keys(cx, input, |name, _| {
        known(name, word::ALL)?;
        into.push(name.clone());
        Ok(())
    });
}

/// Reads the words of `echo(..)`, each with `= false` where there is to be no echo.
pub(crate) fn echo(cx: &Ctxt, input: ParseStream<'_>, into: &mut Vec<(Ident, bool)>) {
    keys::keys(cx, input, |name, input| {
        if [word::GET, word::LIST].iter().any(|read| name == read) {
            let message = format!(
                "`{name}` is always answered with what it reads: leave it out of `echo(..)`"
            );
            return Err(syn::Error::new(name.span(), message));
        }
        known(name, word::WRITES)?;
        let on = match input.parse::<Option<Token![=]>>()? {
            Some(_) if input.peek(LitBool) => input.parse::<LitBool>()?.value,
            Some(_) => {
                return Err(input.error(format!("write `{name} = true` or `{name} = false`")));
            }
            None => true,
        };
        into.push((name.clone(), on));
        Ok(())
    });
}

fn known(name: &Ident, words: &[&str]) -> syn::Result<()> {
    if words.iter().any(|word| name == word) {
        return Ok(());
    }
    Err(keys::unknown("method", name, words))
}

/// Each method once a key; what a model does not handle can be neither restricted nor echoed.
pub(crate) fn check(cx: &Ctxt, written: &Written) -> Methods {
    let handle = written.handle.as_ref().map(|words| variants(cx, words));
    let restrict = variants(cx, &written.restrict);
    let echo: Vec<Ident> = written.echo.iter().map(|(name, _)| name.clone()).collect();
    variants(cx, &echo);
    if let Some(handled) = &handle {
        for name in written.restrict.iter().chain(&echo) {
            if !of(name)
                .iter()
                .any(|variant| handled.iter().any(|one| one == variant))
            {
                let message = format!("`{name}` is not in `handle(..)`, so this has no effect");
                cx.error(name.span(), message);
            }
        }
    }
    let chosen = |on: bool| {
        let words = written.echo.iter().filter(|(_, echoed)| *echoed == on);
        words.flat_map(|(name, _)| idents(name)).collect()
    };
    Methods {
        handle,
        restrict,
        echo: chosen(true),
        silent: chosen(false),
    }
}

/// The variants of the words, each of them once.
fn variants(cx: &Ctxt, words: &[Ident]) -> Vec<Ident> {
    let mut all: Vec<Ident> = Vec::new();
    for (at, name) in words.iter().enumerate() {
        let variants = idents(name);
        if words[..at].contains(name) {
            cx.error(name.span(), format!("`{name}` is given twice"));
        } else if variants.iter().any(|variant| all.contains(variant)) {
            let message = format!(
                "`{0}` stands for `{1}` and `{2}`: write it or them",
                word::PUT,
                word::PUT_NEW,
                word::PUT_EXISTING
            );
            cx.error(name.span(), message);
        }
        all.extend(variants);
    }
    all
}

fn idents(name: &Ident) -> Vec<Ident> {
    of(name)
        .iter()
        .map(|variant| Ident::new(variant, Span::call_site()))
        .collect()
}

/// The variants of `Method` that a word stands for.
fn of(name: &Ident) -> &'static [&'static str] {
    match name.to_string().as_str() {
        word::GET => &["Get"],
        word::LIST => &["List"],
        word::POST => &["Post"],
        word::PUT => &["PutNew", "PutExisting"],
        word::PUT_NEW => &["PutNew"],
        word::PUT_EXISTING => &["PutExisting"],
        word::PATCH => &["Patch"],
        word::DELETE => &["Delete"],
        _ => &[],
    }
}

/// The calls on the description, none for a model that says nothing.
pub(crate) fn expand(methods: &Methods) -> TokenStream {
    let handle = methods
        .handle
        .as_ref()
        .map(|all| quote!(.handle(&[#(_larder::Method::#all),*])));
    let restrict = list(&methods.restrict).map(|all| quote!(.restrict(&[#all])));
    let echo = list(&methods.echo).map(|all| quote!(.echo(&[#all], true)));
    let silent = list(&methods.silent).map(|all| quote!(.echo(&[#all], false)));
    quote!(#handle #restrict #echo #silent)
}

fn list(methods: &[Ident]) -> Option<TokenStream> {
    (!methods.is_empty()).then(|| quote!(#(_larder::Method::#methods),*))
}
