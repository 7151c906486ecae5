//! An impl block, read as far as its signatures. Bodies stay tokens: mistakes in them are for rustc to report.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Path, Signature, Token, Type, Visibility, WhereClause, token};

use crate::ctxt::Ctxt;
use crate::keys;
use crate::symbol::{method, model};

/// `impl Post { .. }`.
pub(crate) struct Impl {
    pub(crate) attrs: Vec<Attribute>,
    before: TokenStream,
    pub(crate) generics: Generics,
    /// The type, or the trait of a trait's impl.
    pub(crate) ty: Type,
    /// `for Type` of a trait's impl.
    pub(crate) trait_for: Option<(Token![for], Type)>,
    pub(crate) where_clause: Option<WhereClause>,
    inner_attrs: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

/// What stands inside.
pub(crate) enum Item {
    /// A function, with larder's attributes apart from the others.
    Method(Box<Method>),
    /// Anything else, as it was written.
    Other(TokenStream),
}

/// A function with a body that was not looked at.
pub(crate) struct Method {
    /// larder's attributes; they are not in the output.
    pub(crate) ours: Vec<Attribute>,
    pub(crate) attrs: Vec<Attribute>,
    vis: Visibility,
    pub(crate) sig: Signature,
    body: TokenTree,
}

/// Reads `crate = path` from the attribute itself.
pub(crate) fn arguments(cx: &Ctxt, args: TokenStream) -> Option<Path> {
    let mut krate = None;
    let read = |input: ParseStream<'_>| {
        keys::keys(cx, input, |key, input| {
            if key != model::CRATE {
                return Err(keys::unknown("key", key, &[model::CRATE]));
            }
            keys::set(cx, &mut krate, key, keys::crate_path(input)?);
            Ok(())
        });
        Ok(())
    };
    cx.ok(syn::parse::Parser::parse2(read, args));
    krate
}

impl Method {
    /// The body, in its braces.
    pub(crate) fn body(&self) -> &TokenTree {
        &self.body
    }
}

impl Parse for Impl {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let mut before = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![impl]) {
            before.append(input.parse::<TokenTree>()?);
        }
        if input.is_empty() {
            let message = "`#[model_impl]` stands on an impl: `#[model_impl] impl Post { .. }`";
            return Err(syn::Error::new_spanned(before, message));
        }
        let impl_token: Token![impl] = input.parse()?;
        before.append_all(quote!(#impl_token));
        let generics: Generics = input.parse()?;
        let ty: Type = input.parse()?;
        let trait_for = match input.parse::<Option<Token![for]>>()? {
            Some(token) => Some((token, input.parse()?)),
            None => None,
        };
        let where_clause = input.parse()?;
        let content;
        syn::braced!(content in input);
        let inner_attrs = content.call(Attribute::parse_inner)?;
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self {
            attrs,
            before,
            generics,
            ty,
            trait_for,
            where_clause,
            inner_attrs,
            items,
        })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let (ours, attrs): (Vec<Attribute>, Vec<Attribute>) = attrs.into_iter().partition(is_ours);
        let ahead = input.fork();
        let is_method = ahead.parse::<Visibility>().is_ok()
            && ahead.parse::<Signature>().is_ok()
            && ahead.peek(token::Brace);
        if is_method {
            let (vis, sig, body) = (input.parse()?, input.parse()?, input.parse()?);
            return Ok(Self::Method(Box::new(Method {
                ours,
                attrs,
                vis,
                sig,
                body,
            })));
        }
        if let Some(attr) = ours.first() {
            return Err(syn::Error::new_spanned(
                attr,
                format!("`#[{}]` stands on a function with a body", name_of(attr)),
            ));
        }
        let mut tokens = quote!(#(#attrs)*);
        // A constant or a type ends with a semicolon, even where its value has braces; a macro's call with either.
        let ends_with_brace =
            !input.peek(Token![const]) && !input.peek(Token![type]) && !input.peek(Token![pub]);
        while !input.is_empty() {
            let (semicolon, brace) = (input.peek(Token![;]), input.peek(token::Brace));
            tokens.append(input.parse::<TokenTree>()?);
            if semicolon || brace && ends_with_brace {
                break;
            }
        }
        Ok(Self::Other(tokens))
    }
}

impl ToTokens for Impl {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            before,
            generics,
            ty,
            where_clause,
            inner_attrs,
            items,
            ..
        } = self;
        let trait_for = self
            .trait_for
            .as_ref()
            .map(|(token, ty)| quote!(#token #ty));
        tokens.append_all(quote! {
            #(#attrs)*
            #before #generics #ty #trait_for #where_clause {
                #(#inner_attrs)*
                #(#items)*
            }
        });
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Method(method) => {
                let Method {
                    attrs,
                    vis,
                    sig,
                    body,
                    ..
                } = method.as_ref();
                tokens.append_all(quote!(#(#attrs)* #vis #sig #body));
            }
            Self::Other(other) => tokens.append_all(other.clone()),
        }
    }
}

fn is_ours(attr: &Attribute) -> bool {
    method::ALL.contains(&name_of(attr).as_str())
}

/// The last part of an attribute's path, so that `#[larder::action]` is known too.
pub(crate) fn name_of(attr: &Attribute) -> String {
    attr.path()
        .segments
        .last()
        .map(|last| last.ident.to_string())
        .unwrap_or_default()
}
