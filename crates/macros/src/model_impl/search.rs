//! One parameter of a list that filters by code: its attribute, its signature, and what describes it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, GenericArgument, Pat, PatType, PathArguments, ReturnType, Type};

use super::check::{Function, Receiver, end_of, ends_with, is_str, receiver, typed};
use super::parse::Method;
use super::uses::{self, Use};
use crate::ctxt::Ctxt;
use crate::keys;
use crate::model::at;
use crate::symbol::RESERVED_PARAMETERS;

/// A parameter that is right.
pub(crate) struct Search {
    pub(crate) function: Function,
    pub(crate) name: String,
    /// Where the name stands.
    pub(crate) span: Span,
    doc: Option<String>,
    args: Vec<Arg>,
    output: Span,
    uses: Vec<Use>,
}

/// One argument.
struct Arg {
    /// The parameter.
    name: String,
    /// What is read from the request.
    read: TokenStream,
    /// How it is handed on.
    lent: Lent,
}

/// How an argument is handed to the function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lent {
    No,
    /// `&str` of a `String`.
    Text,
    /// `Option<&str>` of an `Option<String>`.
    Option,
}

/// Reads a parameter; `None` only where something was reported.
pub(crate) fn read(cx: &Ctxt, method: &Method, attr: &Attribute) -> Option<Search> {
    let sig = &method.sig;
    let ident = sig.ident.unraw().to_string();
    let shape = format!("a search looks like this: `fn {ident}({ident}: &str) -> Filter<Self>`");
    if receiver(cx, sig, &shape)? != Receiver::None {
        let message = format!(
            "it makes the filter by which records are found, so there is no `self` yet; {shape}"
        );
        cx.error(sig.ident.span(), message);
    }
    if let Some(token) = &sig.asyncness {
        let message = format!("a filter is data, which nothing has to be waited for; {shape}");
        cx.error(token.span(), message);
    }
    let given = keys::given_name(cx, attr, "a parameter has a name");
    let (name, span) = match &given {
        Some(text) => (text.value(), text.span()),
        None => (ident.clone(), sig.ident.span()),
    };
    let mut args = Vec::new();
    for arg in typed(sig) {
        args.extend(argument(cx, arg, (&ident, &name), &shape));
    }
    if !args.iter().any(|arg| arg.name == name) {
        let message = format!(
            "what a request sends comes as the argument with the function's name: `{ident}: &str`; {shape}"
        );
        cx.error(sig.ident.span(), message);
    }
    reserved(cx, &name, span);
    match &sig.output {
        ReturnType::Type(_, ty) if ends_with(ty, "Filter") => {}
        _ => {
            cx.error(end_of(sig), format!("a search returns a filter; {shape}"));
            return None;
        }
    }
    Some(Search {
        function: Function::read(cx, method),
        name,
        span,
        doc: keys::doc(&method.attrs),
        args,
        output: sig.output.span(),
        uses: uses::of(method.body()),
    })
}

fn reserved(cx: &Ctxt, name: &str, span: Span) {
    if RESERVED_PARAMETERS.contains(&name) {
        let message = format!("`{name}` is a parameter of every list; a search can't be called so");
        cx.error(span, message);
    }
}

fn argument(cx: &Ctxt, arg: &PatType, (ident, name): (&str, &str), shape: &str) -> Option<Arg> {
    let Pat::Ident(pat) = arg.pat.as_ref() else {
        cx.error_on(
            &arg.pat,
            "an argument of a search has a plain name: it is the parameter that it stands for",
        );
        return None;
    };
    let given = pat.ident.unraw().to_string();
    let is_own = given == ident;
    let name = if is_own { name.to_owned() } else { given };
    let inner = option(&arg.ty);
    if is_own && inner.is_some() {
        let message = format!(
            "it runs only if a request sends `{name}`, so that is never missing: leave the `Option` out; {shape}"
        );
        cx.error_on(&arg.ty, message);
    } else if !is_own && inner.is_none() {
        let message =
            format!("a request need not send the parameter `{name}`: make it an `Option`; {shape}");
        cx.error_on(&arg.ty, message);
    }
    if !is_own {
        reserved(cx, &name, pat.ident.span());
    }
    let value = inner.unwrap_or(&arg.ty);
    let text = is_str(value);
    let message = match value {
        Type::Reference(reference) if ends_with(&reference.elem, "Ctx") => {
            "a search is called before anything is known of the request but its parameters: who may see what is for the rules"
        }
        Type::Reference(_) if !text => {
            "an argument is read from the request, so it is owned, or a `&str`"
        }
        Type::ImplTrait(_) => "larder can't choose a type for `impl Trait`; name one",
        _ => {
            let ty = &arg.ty;
            let (read, lent) = match (text, inner.is_some()) {
                (false, _) => (quote!(#ty), Lent::No),
                (true, false) => (quote!(::std::string::String), Lent::Text),
                (true, true) => (
                    quote!(::core::option::Option<::std::string::String>),
                    Lent::Option,
                ),
            };
            return Some(Arg { name, read, lent });
        }
    };
    cx.error_on(&arg.ty, message);
    None
}

/// The `T` of `Option<T>`.
fn option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

impl Search {
    /// The call that describes it.
    pub(crate) fn expand(&self) -> TokenStream {
        let Self { function, name, .. } = self;
        let cfgs = &function.cfgs;
        let ident = &function.ident;
        let doc = match &self.doc {
            Some(doc) => quote!(::core::option::Option::Some(#doc)),
            None => quote!(::core::option::Option::None),
        };
        let args = self
            .args
            .iter()
            .map(|Arg { name, read, .. }| quote!(_larder::ArgDef::of::<#read>(#name)));
        let values = self.args.iter().map(|arg| {
            let Arg { name, read, lent } = arg;
            let value = quote!(call.arg::<#read>(#name)?);
            match lent {
                Lent::No => value,
                Lent::Text => quote!(&#value),
                Lent::Option => quote!(#value.as_deref()),
            }
        });
        let uses = self.uses.iter().map(Use::expand);
        let uses = match self.uses.is_empty() {
            true => quote!(::std::vec::Vec::new()),
            false => quote!({
                use _larder::NoField as _;
                [#(#uses),*].into_iter().flatten().collect()
            }),
        };
        let call = quote_spanned!(at(self.output)=> Self::#ident(#(#values),*));
        quote! {
            #(#cfgs)*
            behaviour.parameters.push(_larder::ParameterDef {
                name: #name,
                doc: #doc,
                args: ::std::vec![#(#args),*],
                uses: #uses,
                run: |call| {
                    let filter: _larder::Filter<Self> = #call;
                    ::core::result::Result::Ok(_larder::Condition::from(filter))
                },
            });
        }
    }
}
