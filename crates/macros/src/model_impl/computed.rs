//! One computed field: its attribute and its signature.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, LitStr, ReturnType, Type};

use super::check::{Function, Receiver, end_of, ends_with, receiver, typed};
use super::parse::Method;
use crate::ctxt::Ctxt;
use crate::keys;
use crate::model::at;

/// A computed field that is right.
pub(crate) struct Computed {
    pub(crate) function: Function,
    pub(crate) name: String,
    /// Where the name stands.
    pub(crate) span: Span,
    doc: Option<String>,
    output: Type,
}

/// Reads a computed field; `None` only where something was reported.
pub(crate) fn read(cx: &Ctxt, method: &Method, attr: &Attribute) -> Option<Computed> {
    let sig = &method.sig;
    let shape = format!(
        "a computed field looks like this: `fn {}(&self) -> String`",
        sig.ident
    );
    if receiver(cx, sig, &shape)? != Receiver::Ref {
        cx.error(
            sig.ident.span(),
            format!("it is computed from a record without changing it; {shape}"),
        );
    }
    if let Some(token) = &sig.asyncness {
        cx.error(
            token.span(),
            format!("it is computed for every record of an answer, so it can't wait for anything; {shape}"),
        );
    }
    for arg in typed(sig) {
        cx.error_on(arg, format!("it takes nothing but the record; {shape}"));
    }
    let output = match &sig.output {
        ReturnType::Type(_, ty) if !ends_with(ty, "Result") => ty.as_ref().clone(),
        ReturnType::Type(..) => {
            cx.error(
                end_of(sig),
                format!(
                    "every answer has it, so it can't fail: return an `Option` instead; {shape}"
                ),
            );
            return None;
        }
        ReturnType::Default => {
            cx.error(
                end_of(sig),
                format!("it returns what the field is; {shape}"),
            );
            return None;
        }
    };
    let given = keys::given_name(cx, attr, "a field has a name");
    Some(Computed {
        function: Function::read(cx, method),
        span: given
            .as_ref()
            .map_or_else(|| sig.ident.span(), LitStr::span),
        name: given.map_or_else(|| sig.ident.unraw().to_string(), |text| text.value()),
        doc: keys::doc(&method.attrs),
        output,
    })
}

impl Computed {
    /// The call that describes it.
    pub(crate) fn expand(&self) -> TokenStream {
        let Self {
            function,
            name,
            output,
            ..
        } = self;
        let cfgs = &function.cfgs;
        let ident = &function.ident;
        let doc = match &self.doc {
            Some(doc) => quote!(::core::option::Option::Some(#doc)),
            None => quote!(::core::option::Option::None),
        };
        let span = at(output.span());
        let schema = quote_spanned!(span=> _larder::output_schema_of::<#output>);
        let value = quote_spanned!(span=> _larder::computed_value(&value));
        quote! {
            #(#cfgs)*
            behaviour.computed.push(_larder::ComputedDef {
                name: #name,
                doc: #doc,
                schema: #schema,
                run: |this| {
                    let value: #output = Self::#ident(_larder::this_ref::<Self>(this)?);
                    #value
                },
            });
        }
    }
}
