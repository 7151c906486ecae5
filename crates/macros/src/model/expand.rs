//! The output of `#[derive(Model)]`. It cannot fail: everything was checked before.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Path, parse_quote};

use super::check::{Access, Checked, Default, Field, Role};
use super::table::Table;
use super::{id, lists, methods, relations};
use crate::serde_attrs::SerdeDefault;

/// The path of the crate, as the output names it: absolute, so that a module called `larder` is not in the way.
pub(crate) fn crate_path(given: Option<&Path>) -> Path {
    given.cloned().unwrap_or_else(|| parse_quote!(::larder))
}

/// A span that is shown at a place of the user's code and resolves, and is linted, as the macro's.
pub(crate) fn at(place: Span) -> Span {
    Span::call_site().located_at(place)
}

/// The whole output.
pub(crate) fn expand(model: &Checked) -> TokenStream {
    let krate = crate_path(model.krate.as_ref());
    let implementation = implementation(model);
    let registration = registration(model);
    let secrets = secrets(model);
    let constants = constants(model);
    let relations = relations::checks(model);
    let lists = lists::checks(model);
    quote! {
        const _: () = {
            use #krate::__private as _larder;
            #implementation
            #secrets
            #relations
            #lists
            #registration
            #constants
        };
    }
}

/// The struct's name, shown at the derive: a missing trait is the fault of the list of derives.
fn here(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(Span::call_site());
    ident
}

fn implementation(model: &Checked) -> TokenStream {
    let name = &model.name;
    let key = key(model);
    let ident = here(&model.ident);
    let stored = model
        .fields
        .iter()
        .filter(|field| !relations::is_related(&field.ty));
    let names = stored.map(|field| &field.wire);
    let relations = relations::facts(model);
    let definition = definition(model);
    let fields = model.fields.iter().map(field);
    let flattened = &model.flattened;
    let has_flattened = (!flattened.is_empty()).then(|| {
        quote!(
            const HAS_FLATTENED: bool = true;
        )
    });
    quote! {
        #[automatically_derived]
        impl _larder::Model for #ident {
            #key
            const NAME: &'static str = #name;
            const FIELDS: &'static [&'static str] = &[#(#names),*];
            #relations
            #has_flattened
            fn describe() -> _larder::ModelDef {
                _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                    #definition
                    #(.field(#fields))*
                    #(.flatten::<#flattened>())*
                    .behaviour({
                        // The function of `#[model_impl]`, or the trait's where there is none.
                        use _larder::NoBehaviour as _;
                        Self::__larder_one_model_impl_per_model()
                    })
            }
        }
    }
}

/// The type of the id, and what makes it of a record.
fn key(model: &Checked) -> TokenStream {
    let ids: Vec<&Field> = model.ids().collect();
    let types = ids.iter().map(|field| &field.ty);
    let idents = ids.iter().map(|field| &field.ident);
    if let [Field { ident, ty, .. }] = *ids {
        return quote! {
            type Key = #ty;
            fn key(&self) -> _larder::Cow<'_, Self::Key> {
                _larder::Cow::Borrowed(&self.#ident)
            }
        };
    }
    // That a type is no part of an id is shown at the tuple, so that has the place of the type that may be none.
    let doubtful = ids.iter().find(|field| !id::is_known(&field.ty));
    let span = doubtful.map_or_else(Span::call_site, |field| at(field.ty.span()));
    let key = quote_spanned!(span=> (#(#types),*));
    quote! {
        type Key = #key;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Owned((#(::core::clone::Clone::clone(&self.#idents)),*))
        }
    }
}

/// The calls that say what is not usual about the model as a whole.
fn definition(model: &Checked) -> TokenStream {
    let doc = one("doc", model.doc.as_ref());
    let url = one("url", model.url.as_ref());
    let store = one("store", model.store.as_ref());
    let collection = one("collection", model.collection.as_ref());
    let default_sort = one("default_sort", model.default_sort.as_ref());
    let page = one("page", model.page.map(Literal::u32_unsuffixed).as_ref());
    let timestamps = flag("timestamps", model.timestamps);
    let duplicates = flag("duplicates_are_invalid", model.duplicates_are_invalid);
    let client_id = flag("client_id", model.client_id);
    let methods = methods::expand(&model.methods);
    let rules = model.rules.iter().map(|(operation, text)| {
        let operation = Ident::new(operation, Span::call_site());
        quote!(.rule(_larder::Operation::#operation, #text))
    });
    let search = model
        .search
        .iter()
        .map(|(field, operator)| quote!(.search(#field, #operator)));
    let sort = (!model.sort.is_empty()).then(|| {
        let fields = &model.sort;
        quote!(.sort(&[#(#fields),*]))
    });
    let table = table(&model.table);
    quote!(#doc #url #store #collection #table #timestamps #duplicates #client_id #methods #(#rules)* #(#search)* #sort #default_sort #page)
}

/// The calls about a table that was there before.
fn table(table: &Table) -> TokenStream {
    let was = one("was", table.was.as_ref());
    let version = one("version_column", table.version_column.as_ref());
    let unversioned = flag("unversioned", table.unversioned);
    let database_id = flag("database_id", table.database_id);
    let read_only = flag("read_only", table.read_only);
    quote!(#was #version #unversioned #database_id #read_only)
}

fn one(method: &str, argument: Option<&impl ToTokens>) -> Option<TokenStream> {
    let method = Ident::new(method, Span::call_site());
    argument.map(|argument| quote!(.#method(#argument)))
}

fn flag(method: &str, on: bool) -> Option<TokenStream> {
    let method = Ident::new(method, Span::call_site());
    on.then(|| quote!(.#method()))
}

fn field(field: &Field) -> TokenStream {
    let role = match &field.role {
        Role::Plain => None,
        Role::Id => Some(quote!(.id())),
        Role::Owner => Some(quote!(.owner())),
        Role::Parent(parameter) => Some(quote!(.parent(#parameter))),
        Role::ParentId(parameter) => Some(quote!(.id().parent(#parameter))),
    };
    let access = match field.access {
        Access::Open => None,
        Access::ReadOnly => Some(quote!(.read_only())),
        Access::ServerOnly => Some(quote!(.server_only())),
    };
    let index = flag("index", field.index);
    let unique = flag("unique", field.unique);
    let omit_null = flag("omit_null", field.omit_null);
    let column = one("column", field.column.as_ref());
    let was = one("was", field.was.as_ref());
    let default = default(field);
    let via = one("via", field.via.as_ref().map(|via| &via.text));
    let made = made(field);
    quote!(#made #role #access #index #unique #omit_null #via #column #was #default)
}

/// The field by its type, or by the functions that stand in for its type's `Serialize` and `Deserialize`.
fn made(field: &Field) -> TokenStream {
    let Field { ty, wire, read, .. } = field;
    let Some(write) = writer(field) else {
        return quote!(_larder::FieldDef::of::<#ty>(#wire));
    };
    let read = match read {
        Some(path) => quote!(|from| #path(from)),
        None => quote!(|from| _larder::from_value(from)),
    };
    quote!(_larder::FieldDef::with(#wire, |value| _larder::decodes_with::<#ty>(value, #read, #write)))
}

/// The function that writes a field which does not go by its type alone.
fn writer(field: &Field) -> Option<TokenStream> {
    match (&field.read, &field.write) {
        (None, None) => None,
        (_, Some(path)) => Some(quote!(|typed, to| #path(typed, to))),
        (Some(_), None) => Some(quote!(|typed, to| _larder::Serialize::serialize(typed, to))),
    }
}

/// The default has the span of the field's type, so that a missing `Default` is reported there.
fn default(field: &Field) -> Option<TokenStream> {
    let Field { ident, ty, .. } = field;
    let span = at(ty.span());
    let value = match &field.default {
        Default::None => return None,
        Default::Field(SerdeDefault::Trait) if field.access != Access::Open => {
            quote_spanned!(span=> <#ty as _larder::HasDefault>::value())
        }
        Default::Field(SerdeDefault::Trait) => {
            quote_spanned!(span=> <#ty as ::core::default::Default>::default())
        }
        Default::Field(SerdeDefault::Path(path)) => quote!(#path()),
        Default::Container(SerdeDefault::Trait) => {
            quote!(<Self as ::core::default::Default>::default().#ident)
        }
        Default::Container(SerdeDefault::Path(path)) => quote!(#path().#ident),
    };
    Some(match writer(field) {
        None => quote!(.default(|| _larder::default_value(&#value))),
        Some(write) => quote!(.default(|| _larder::default_with(&#value, #write))),
    })
}

/// Proof that every server-only field is of a type that no serialiser shows.
fn secrets(model: &Checked) -> Option<TokenStream> {
    let types: Vec<_> = model
        .fields
        .iter()
        .filter(|field| field.access == Access::ServerOnly)
        .map(|field| &field.ty)
        .collect();
    (!types.is_empty()).then(|| {
        quote! {
            const _: fn() = || {
                fn server_only<T: _larder::IsSecret>() {}
                #(server_only::<#types>();)*
            };
        }
    })
}

fn registration(model: &Checked) -> TokenStream {
    let ident = here(&model.ident);
    quote! {
        _larder::inventory::submit! {
            _larder::Registration::of::<#ident>(::core::env!("CARGO_PKG_NAME"))
        }
    }
}

/// The constants for queries in Rust.
fn constants(model: &Checked) -> TokenStream {
    let ident = &model.ident;
    // What is compared with a field is written by its type, so a field that is written otherwise has no constant.
    let plain = |field: &&Field| field.access != Access::ServerOnly && field.write.is_none();
    let fields = model.fields.iter().filter(plain).map(|field| {
        let Field { vis, ty, wire, .. } = field;
        let doc = format!("The field `{wire}`, for queries in Rust.");
        let name = constant_name(&field.ident);
        quote! {
            #[doc = #doc]
            #vis const #name: _larder::TypedField<#ident, #ty> = _larder::TypedField::new(#wire);
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident {
            #(#fields)*
        }
    }
}

/// `title` becomes `TITLE`.
pub(crate) fn constant_name(field: &Ident) -> Ident {
    format_ident!(
        "{}",
        field.unraw().to_string().to_uppercase(),
        span = at(field.span())
    )
}
