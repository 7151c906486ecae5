//! `#[derive(Mapped)]`: which fields of another model are copied, and through which of its links.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Path, Token, Type};

use crate::ctxt::Ctxt;
use crate::keys::{self, Name};
use crate::model::{at, constant_name, crate_path};
use crate::serde_attrs;
use crate::symbol::mapped as key;

/// The whole derive.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let cx = Ctxt::new();
    let fields = fields(&cx, &input);
    let attrs = Attrs::read(&cx, &input);
    match (cx.check(), attrs) {
        (Ok(()), Some(attrs)) => expand(&input.ident, &attrs, &fields),
        (outcome, attrs) => {
            let errors = outcome.err().map(|error| error.into_compile_error());
            // What uses the struct gets no errors of its own, if it is known what it is a copy of.
            let plain = input.generics.params.is_empty();
            let dummy = attrs
                .filter(|_| plain)
                .map(|attrs| implementation(&input.ident, &attrs, &[]));
            quote!(#errors #dummy)
        }
    }
}

/// `#[mapped(Source, via = link)]`.
struct Attrs {
    source: Path,
    via: Name,
    krate: Option<Path>,
}

/// A field that is copied.
struct Field {
    ident: Ident,
    ty: Type,
    wire: String,
}

impl Attrs {
    fn read(cx: &Ctxt, input: &DeriveInput) -> Option<Self> {
        let mut attrs = input
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("mapped"));
        let Some(attr) = attrs.next() else {
            cx.error(
                input.ident.span(),
                "say what it is a copy of, and by which link: `#[mapped(Source, via = link)]`",
            );
            return None;
        };
        if let Some(second) = attrs.next() {
            cx.error_on(
                second,
                "a struct is a copy of one model: write a struct for each",
            );
        }
        cx.ok(Self::one(cx, attr))?
    }

    fn one(cx: &Ctxt, attr: &Attribute) -> syn::Result<Option<Self>> {
        let (mut via, mut krate, mut mistyped) = (None, None, false);
        let source = attr.parse_args_with(|input: ParseStream<'_>| {
            if input.peek(syn::Ident) && input.peek2(Token![=]) {
                let message =
                    "the model that is copied comes first: `#[mapped(Source, via = link)]`";
                return Err(input.error(message));
            }
            let source = input.call(Path::parse_mod_style)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
            keys::keys(cx, input, |word, input| {
                match word.to_string().as_str() {
                    key::VIA => keys::set(cx, &mut via, word, keys::name_value(word, input)?),
                    key::CRATE => keys::set(cx, &mut krate, word, keys::crate_path(input)?),
                    _ => {
                        mistyped = true;
                        return Err(keys::unknown("key", word, key::ALL));
                    }
                }
                Ok(())
            });
            Ok(source)
        })?;
        let Some(via) = via else {
            if mistyped {
                return Ok(None);
            }
            let name = quote!(#source).to_string().replace(' ', "");
            cx.error_on(
                &source,
                format!("say which field of `{name}` links to the record that holds the copies: `#[mapped({name}, via = ..)]`"),
            );
            return Ok(None);
        };
        Ok(Some(Self { source, via, krate }))
    }
}

fn fields(cx: &Ctxt, input: &DeriveInput) -> Vec<Field> {
    if !input.generics.params.is_empty() {
        cx.error_on(
            &input.generics,
            "a mapped copy can't be generic: it is of one model",
        );
    }
    let Data::Struct(data) = &input.data else {
        cx.error(
            input.ident.span(),
            "a mapped copy is a struct: its fields are those that are copied",
        );
        return Vec::new();
    };
    let Fields::Named(named) = &data.fields else {
        let message = "a mapped copy is a struct with named fields: they are found in the model by their names";
        cx.error(input.ident.span(), message);
        return Vec::new();
    };
    let container = serde_attrs::Container::read(cx, &input.attrs);
    let fields = named.named.iter().filter_map(|field| {
        let ident = field.ident.clone()?;
        let serde = serde_attrs::Field::read(cx, &field.attrs);
        let wire = serde_attrs::wire_name(&ident, &container, &serde);
        serde.skip.is_none().then(|| Field {
            ident,
            ty: field.ty.clone(),
            wire,
        })
    });
    fields.collect()
}

fn expand(ident: &Ident, attrs: &Attrs, fields: &[Field]) -> TokenStream {
    let krate = crate_path(attrs.krate.as_ref());
    let Attrs { source, via, .. } = attrs;
    let implementation = implementation(ident, attrs, fields);
    let text = &via.text;
    let via = quote_spanned! {at(via.span)=>
        const _: () = _larder::check_mapped_via(<_larder::Probe<#source>>::SOURCE, #text);
    };
    let constants: Vec<Ident> = fields
        .iter()
        .map(|field| constant_name(&field.ident))
        .collect();
    let checks = fields.iter().zip(&constants).map(|(field, constant)| {
        let Field { ident, ty, wire } = field;
        let name = quote_spanned! {at(ident.span())=>
            const _: () = _larder::check_mapped_field(<_larder::Probe<#source>>::SOURCE, #wire);
        };
        // The model's own constant where there is one that can be seen here, else the trait's.
        let kind = quote_spanned! {at(ty.span())=>
            const _: () = _larder::check_mapped_type::<#ty, _>(&<#source>::#constant);
        };
        quote!(#name #kind)
    });
    quote! {
        #implementation
        const _: () = {
            use #krate::__private as _larder;
            use _larder::NoRelation as _;
            #[allow(dead_code)]
            trait Fields {
                #(const #constants: _larder::Unseen = _larder::Unseen;)*
            }
            impl Fields for #source {}
            #via
            #(#checks)*
        };
    }
}

fn implementation(ident: &Ident, attrs: &Attrs, fields: &[Field]) -> TokenStream {
    let krate = crate_path(attrs.krate.as_ref());
    let Attrs { source, via, .. } = attrs;
    let via = &via.text;
    let names = fields.iter().map(|field| &field.wire);
    quote! {
        #[automatically_derived]
        impl #krate::__private::Mapped for #ident {
            type Source = #source;
            const VIA: &'static str = #via;
            const FIELDS: &'static [&'static str] = &[#(#names),*];
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::{ToTokens, quote};

    use super::derive;
    use crate::testing::{errors, golden};

    fn mistakes(attr: impl ToTokens, item: impl ToTokens) -> Vec<String> {
        errors(derive(quote!(#attr #item)))
    }

    #[test]
    fn two_fields() {
        let output: TokenStream = derive(quote! {
            #[mapped(blog::Comment, via = post)]
            #[serde(rename_all = "camelCase")]
            pub struct Card {
                pub author: ModelLink<User>,
                pub the_text: String,
                #[serde(skip)]
                pub cache: Cache,
            }
        });
        golden("mapped.rs", output);
    }

    #[test]
    fn all_mistakes_of_one_struct_are_told() {
        let several = mistakes(
            quote!(#[mapped(Comment, vai = post)]),
            quote!(
                struct Card<T>(T);
            ),
        );
        assert_eq!(
            several,
            [
                "a mapped copy can't be generic: it is of one model",
                "a mapped copy is a struct with named fields: they are found in the model by their names",
                "unknown key `vai`; did you mean `via`?",
            ]
        );
    }

    #[test]
    fn the_model_is_known_after_a_mistake() {
        let output = derive(quote! {
            #[mapped(Comment, via = post, via = post)]
            struct Card { text: String }
        });
        let text = output.to_string();
        assert!(
            text.contains("is given twice") && text.contains("type Source = Comment"),
            "{text}"
        );
    }
}
