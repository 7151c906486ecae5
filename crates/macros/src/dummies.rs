//! Stand-in implementations for items with mistakes in their attributes, so that what uses them gets no errors of its own.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Path};

use crate::model::{constant_name, crate_path};

/// A `Model` that is one in type only. A generic item gets none: no type parameter of it would be right.
pub(crate) fn model(input: &DeriveInput, krate: Option<&Path>) -> TokenStream {
    // Nor a union, which can't have what else a model needs.
    if !input.generics.params.is_empty() || matches!(input.data, Data::Union(_)) {
        return TokenStream::new();
    }
    let krate = crate_path(krate);
    let ident = &input.ident;
    let fields = match &input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => {
            data.fields.iter().collect()
        }
        _ => Vec::new(),
    };
    let id = fields
        .iter()
        .find(|field| field.ident.as_ref().is_some_and(|ident| ident == "id"));
    let key = id.map_or_else(
        || quote!(::std::string::String),
        |field| {
            let ty = &field.ty;
            quote!(#ty)
        },
    );
    let constants = fields.iter().filter_map(|field| {
        let (vis, ty, ident) = (&field.vis, &field.ty, field.ident.as_ref()?);
        let name = constant_name(ident);
        let wire = ident.to_string();
        Some(quote!(#vis const #name: #krate::__private::TypedField<Self, #ty> = #krate::__private::TypedField::new(#wire);))
    });
    let name = ident.to_string();
    quote! {
        #[automatically_derived]
        #[allow(dead_code, missing_docs)]
        impl #ident {
            #(#constants)*
        }
        #[automatically_derived]
        impl #krate::__private::Model for #ident {
            type Key = #key;
            const NAME: &'static str = #name;
            const FIELDS: &'static [&'static str] = &[];
            // Nobody knows what fields there would be, so no rule of an action names a wrong one.
            const HAS_FLATTENED: bool = true;
            fn describe() -> #krate::__private::ModelDef {
                #krate::__private::ModelDef::new(#name)
            }
            fn key(&self) -> #krate::__private::Cow<'_, Self::Key> {
                ::core::unreachable!()
            }
        }
    }
}
