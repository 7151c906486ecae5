//! What the derive says of relations: facts for other derives, and checks against theirs.
//!
//! A macro sees the name of a type and not the type, so the output asks the type itself (`Probe`). The names below decide only
//! where a check stands that `build()` would make in any case.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type};

use super::check::{Access, Checked, Field};
use super::expand::at;
use super::parse;
use crate::ctxt::Ctxt;
use crate::symbol::field as key;

/// Types that are no relation, whatever is in them. An alias of such a name would only lose its compile-time checks.
const PLAIN: &[&str] = &[
    "bool",
    "char",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "u64",
    "String",
    "Vec",
    "Id",
    "Secret",
    "Uuid",
    "Timestamp",
    "Date",
];

/// What can be inside a value of a type, by its name.
pub(super) enum Inside {
    /// Nothing that has a name.
    Nothing,
    /// Elements.
    Elements,
    /// It is for rustc, or for `build()`, to find out.
    Unknown,
}

pub(super) fn inside(ty: &Type) -> Inside {
    match last(ty) {
        Some((name, Some(inner))) if name == "Option" => inside(inner),
        Some((name, _)) if name == "Vec" => Inside::Elements,
        Some((name, _)) if name != "Secret" && PLAIN.contains(&name.as_str()) => Inside::Nothing,
        _ => Inside::Unknown,
    }
}

/// Whether a type is written as `ModelRelated<..>`: nothing of it is stored. Behind an alias `build()` finds out.
pub(super) fn is_related(ty: &Type) -> bool {
    last(ty).is_some_and(|(name, _)| name == "ModelRelated")
}

fn is_mapped(ty: &Type) -> bool {
    last(ty).is_some_and(|(name, _)| name == "ModelMapped" || name == "ModelsMapped")
}

/// The last name of a path and its first type argument.
fn last(ty: &Type) -> Option<(String, Option<&Type>)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let argument = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.first(),
        _ => None,
    };
    let argument = argument.and_then(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some((last.ident.to_string(), argument))
}

fn is_plain(ty: &Type) -> bool {
    match last(ty) {
        Some((name, Some(inner))) if name == "Option" => is_plain(inner),
        Some((name, _)) => PLAIN.contains(&name.as_str()),
        None => true,
    }
}

/// Keys that a reverse relation can't have.
pub(super) fn check(cx: &Ctxt, field: &parse::Field) {
    if !is_related(&field.ty) {
        return;
    }
    if let Some(span) = field.serde.skip {
        let message = "nothing of a `ModelRelated` is stored or sent anyway, and `skip` would take it out of the model: remove it";
        cx.error(span, message);
    }
    let attrs = &field.attrs;
    for (name, span) in [
        (key::ID, attrs.id),
        (key::OWNER, attrs.owner),
        (key::READ_ONLY, attrs.read_only),
        (key::SERVER_ONLY, attrs.server_only),
        (key::INDEX, attrs.index),
        (key::UNIQUE, attrs.unique),
        (key::PARENT, attrs.parent.as_ref().map(syn::LitStr::span)),
    ] {
        if let Some(span) = span {
            let message = format!(
                "`{name}` has no effect on a `ModelRelated`, of which nothing is stored: the field that links here could have it"
            );
            cx.error(span, message);
        }
    }
}

/// What other derives can know of this model.
pub(super) fn facts(model: &Checked) -> TokenStream {
    let mut ids = model.ids();
    let only = ids.next().filter(|_| ids.next().is_none());
    let key = only.map(|field| &field.wire).filter(|wire| *wire != "id");
    let key = key.map(|wire| quote!(const KEY: &'static str = #wire;));
    let hidden = model
        .fields
        .iter()
        .filter(|field| field.access == Access::ServerOnly);
    let hidden: Vec<&String> = hidden.map(|field| &field.wire).collect();
    let hidden = (!hidden.is_empty())
        .then(|| quote!(const HIDDEN: &'static [&'static str] = &[#(#hidden),*];));
    let relations = candidates(model)
        .map(|Field { wire, ty, .. }| quote!((#wire, <_larder::Probe<#ty>>::RELATION)));
    quote! {
        #key
        #hidden
        const RELATIONS: ::core::option::Option<_larder::Relations> =
            ::core::option::Option::Some(&[#(#relations),*]);
    }
}

fn candidates(model: &Checked) -> impl Iterator<Item = &Field> {
    let open = model
        .fields
        .iter()
        .filter(|field| field.access != Access::ServerOnly);
    open.filter(|field| !is_plain(&field.ty))
}

/// Proof that both sides of each relation agree, and what [`facts`] needs in scope.
pub(super) fn checks(model: &Checked) -> TokenStream {
    let name = &model.name;
    let needed = candidates(model).next().is_some() || !model.reaches.is_empty();
    let fallback = needed.then(|| {
        quote!(
            use _larder::NoRelation as _;
        )
    });
    let checks = model.fields.iter().filter_map(|field| {
        let Field { ty, wire, via, .. } = field;
        let named = is_related(ty) || is_mapped(ty);
        if !named && via.is_none() {
            return None;
        }
        let span = at(via.as_ref().map_or_else(|| ty.span(), |via| via.span));
        let via_name = match via.as_ref().map(|via| &via.text) {
            Some(via) => quote!(::core::option::Option::Some(#via)),
            None => quote!(::core::option::Option::None),
        };
        let has_via = (via.is_some() && !is_related(ty)).then(|| {
            quote_spanned!(span=> const _: () = _larder::check_via(#wire, <_larder::Probe<#ty>>::RELATION);)
        });
        Some(quote_spanned! {span=>
            #has_via
            const _: () = _larder::check_relation(
                (#name, #wire),
                <_larder::Probe<#ty>>::RELATION,
                <_larder::Probe<#ty>>::FAR,
                #via_name,
            );
        })
    });
    quote!(#fallback #(#checks)*)
}
