//! What stands in the source of a `#[derive(Model)]`, read but not yet judged.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Fields, LitInt, LitStr, Path, Type, Visibility};

use super::{methods, table};
use crate::ctxt::Ctxt;
use crate::keys::{self, Name};
use crate::serde_attrs;
use crate::symbol::{SCAN, field as field_key, model as key, rules};

/// A struct with all that its attributes say.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) doc: Option<String>,
    pub(crate) attrs: StructAttrs,
    pub(crate) serde: serde_attrs::Container,
    pub(crate) fields: Vec<Field>,
}

/// The keys of `#[model(..)]` on the struct.
#[derive(Default)]
pub(crate) struct StructAttrs {
    pub(crate) name: Option<LitStr>,
    pub(crate) url: Option<LitStr>,
    pub(crate) store: Option<LitStr>,
    pub(crate) collection: Option<LitStr>,
    pub(crate) rules: Rules,
    pub(crate) search: Vec<Search>,
    pub(crate) sort: Vec<Name>,
    pub(crate) default_sort: Option<LitStr>,
    pub(crate) page: Option<LitInt>,
    pub(crate) timestamps: Option<Span>,
    pub(crate) duplicates_are_invalid: Option<Span>,
    pub(crate) client_id: Option<Span>,
    pub(crate) methods: methods::Written,
    pub(crate) krate: Option<Path>,
    pub(crate) table: table::StructKeys,
}

/// One entry of `search(..)`.
pub(crate) struct Search {
    pub(crate) name: Name,
    pub(crate) operator: Ident,
    /// Whether `scan(..)` stands round the operator.
    pub(crate) scan: bool,
}

/// `rules(..)`, one text a key.
#[derive(Default)]
pub(crate) struct Rules {
    pub(crate) read: Option<LitStr>,
    pub(crate) create: Option<LitStr>,
    pub(crate) update: Option<LitStr>,
    pub(crate) delete: Option<LitStr>,
    pub(crate) write: Option<LitStr>,
}

/// One field with its attributes.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) attrs: FieldAttrs,
    pub(crate) serde: serde_attrs::Field,
    /// Its name in JSON.
    pub(crate) wire: String,
}

/// The keys of `#[model(..)]` on a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) id: Option<Span>,
    pub(crate) owner: Option<Span>,
    pub(crate) read_only: Option<Span>,
    pub(crate) server_only: Option<Span>,
    pub(crate) index: Option<Span>,
    pub(crate) unique: Option<Span>,
    pub(crate) parent: Option<LitStr>,
    pub(crate) via: Option<Name>,
    pub(crate) column: Option<LitStr>,
    pub(crate) was: Option<LitStr>,
}

impl Model {
    /// Reads the struct; `None` if it is not of a shape that can be a model.
    pub(crate) fn read(cx: &Ctxt, input: &DeriveInput) -> Option<Self> {
        let attrs = StructAttrs::read(cx, &input.attrs);
        let serde = serde_attrs::Container::read(cx, &input.attrs);
        if !input.generics.params.is_empty() || input.generics.where_clause.is_some() {
            let message = match input.generics.lifetimes().next() {
                Some(_) => {
                    "a model can't borrow: its records come out of a store and live as long as they like; use `String` for `&str`"
                }
                None => {
                    "a model can't be generic: it is one collection with one schema; write a struct for each, or implement `Model` for each use by hand"
                }
            };
            cx.error_on(&input.generics, message);
        }
        let fields = match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(fields) => &fields.named,
                Fields::Unnamed(_) | Fields::Unit => {
                    cx.error(
                        input.ident.span(),
                        "a model is a struct with named fields: its JSON is an object",
                    );
                    return None;
                }
            },
            Data::Enum(data) => {
                cx.error(
                    data.enum_token.span,
                    "a model is a struct; an enum can be the type of one of its fields",
                );
                return None;
            }
            Data::Union(data) => {
                cx.error(data.union_token.span, "a model is a struct, not a union");
                return None;
            }
        };
        let fields = fields
            .iter()
            .filter_map(|field| Field::read(cx, &serde, field))
            .collect();
        Some(Self {
            ident: input.ident.clone(),
            doc: keys::doc(&input.attrs),
            attrs,
            serde,
            fields,
        })
    }
}

impl StructAttrs {
    fn read(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut read = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("model")) {
            keys::attribute(cx, attr, |key, input| read.key(cx, key, input));
        }
        read
    }

    fn key(&mut self, cx: &Ctxt, word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match word.to_string().as_str() {
            key::NAME => keys::set(cx, &mut self.name, word, keys::text(word, input)?),
            key::URL => keys::set(cx, &mut self.url, word, keys::text(word, input)?),
            key::STORE => keys::set(cx, &mut self.store, word, keys::text(word, input)?),
            key::COLLECTION => keys::set(cx, &mut self.collection, word, keys::text(word, input)?),
            key::DEFAULT_SORT => {
                keys::set(cx, &mut self.default_sort, word, keys::text(word, input)?);
            }
            key::PAGE => keys::set(cx, &mut self.page, word, page(input)?),
            key::TIMESTAMPS => keys::set(cx, &mut self.timestamps, word, word.span()),
            key::DUPLICATES_ARE_INVALID => {
                keys::set(cx, &mut self.duplicates_are_invalid, word, word.span());
            }
            key::CRATE => keys::set(cx, &mut self.krate, word, keys::crate_path(input)?),
            key::RULES => inside(word, input, |input| {
                keys::keys(cx, input, |word, input| self.rules.key(cx, word, input));
            })?,
            key::SEARCH => inside(word, input, |input| {
                keys::names(cx, input, |name, input| {
                    self.search.push(Search::read(name, input)?);
                    Ok(())
                });
            })?,
            key::SORT => inside(word, input, |input| {
                keys::names(cx, input, |name, _| {
                    self.sort.push(name.clone());
                    Ok(())
                });
            })?,
            key::HANDLE => inside(word, input, |input| {
                let handle = self.methods.handle.get_or_insert_default();
                methods::words(cx, input, handle);
            })?,
            key::RESTRICT => inside(word, input, |input| {
                methods::words(cx, input, &mut self.methods.restrict);
            })?,
            key::ECHO => inside(word, input, |input| {
                methods::echo(cx, input, &mut self.methods.echo);
            })?,
            key::ID => inside(word, input, |input| self.id(cx, input))?,
            key::WAS => keys::set(cx, &mut self.table.was, word, keys::text(word, input)?),
            key::VERSION => keys::set(
                cx,
                &mut self.table.version,
                word,
                table::Version::read(word, input)?,
            ),
            key::READ_ONLY => keys::set(cx, &mut self.table.read_only, word, word.span()),
            other if field_key::ALL.contains(&other) => {
                return Err(syn::Error::new(
                    word.span(),
                    format!("`{word}` is a key of a field, not of the struct"),
                ));
            }
            _ => return Err(keys::unknown("key", word, key::ALL)),
        }
        Ok(())
    }

    /// The words of `id(..)`: who gives new records their ids.
    fn id(&mut self, cx: &Ctxt, input: ParseStream<'_>) {
        keys::keys(cx, input, |word, _| {
            let slot = match word.to_string().as_str() {
                key::CLIENT => &mut self.client_id,
                key::DATABASE => &mut self.table.database_id,
                _ => {
                    let known = &[key::CLIENT, key::DATABASE];
                    return Err(keys::unknown("word", word, known));
                }
            };
            keys::set(cx, slot, word, word.span());
            Ok(())
        });
    }
}

/// Reads `= 50`.
fn page(input: ParseStream<'_>) -> syn::Result<LitInt> {
    let message = "`page` is a number of records: `page = 50`";
    keys::value(input).map_err(|error| syn::Error::new(error.span(), message))
}

/// Reads `(..)`.
fn inside(
    word: &Ident,
    input: ParseStream<'_>,
    read: impl FnOnce(ParseStream<'_>),
) -> syn::Result<()> {
    if !input.peek(syn::token::Paren) {
        let list = |such: &str| format!("`{word}` takes a list, such as `{word}({such})`");
        let message = match word.to_string().as_str() {
            key::ID => "on the struct, `id` takes what it allows: `id(client)` or `id(database)`; the id itself is marked on its field".to_owned(),
            key::RULES => list(r#"read = "true", write = "author=$actor.id""#),
            key::SEARCH => list("title = contains"),
            key::SORT => list("title"),
            key::ECHO => list("delete"),
            _ => list("get, list"),
        };
        return Err(syn::Error::new(word.span(), message));
    }
    let content;
    syn::parenthesized!(content in input);
    read(&content);
    Ok(())
}

impl Search {
    /// Reads `= operator` or `= scan(operator)`.
    fn read(name: &Name, input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(syn::Token![=]) {
            let message = format!(
                "say what `?{0}=..` does: `{0} = eq`, or another operator, such as `contains`",
                name.text
            );
            return Err(syn::Error::new(name.span, message));
        }
        let what = format!("the operator is a word: `{} = eq`", name.text);
        let word = keys::word(input, &what)?;
        let scan = word == SCAN;
        let operator = match (scan, input.peek(syn::token::Paren)) {
            (false, _) => word,
            (true, false) => {
                let message = format!(
                    "`scan` takes the operator that a plain `=` runs: `{} = scan(eq)`",
                    name.text
                );
                return Err(syn::Error::new(word.span(), message));
            }
            (true, true) => {
                let content;
                syn::parenthesized!(content in input);
                let operator = content.call(Ident::parse_any)?;
                if !content.is_empty() {
                    let error = content.error("`scan(..)` takes one operator");
                    // What is left unread would be reported once more.
                    content.parse::<proc_macro2::TokenStream>()?;
                    return Err(error);
                }
                operator
            }
        };
        Ok(Self {
            name: name.clone(),
            operator,
            scan,
        })
    }
}

impl Rules {
    fn key(&mut self, cx: &Ctxt, word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let slot = match word.to_string().as_str() {
            rules::READ => &mut self.read,
            rules::CREATE => &mut self.create,
            rules::UPDATE => &mut self.update,
            rules::DELETE => &mut self.delete,
            rules::WRITE => &mut self.write,
            _ => return Err(keys::unknown("operation", word, rules::ALL)),
        };
        keys::set(cx, slot, word, keys::text(word, input)?);
        Ok(())
    }
}

impl Field {
    fn read(cx: &Ctxt, container: &serde_attrs::Container, field: &syn::Field) -> Option<Self> {
        let ident = field.ident.clone()?;
        let attrs = FieldAttrs::read(cx, &field.attrs);
        let serde = serde_attrs::Field::read(cx, &field.attrs);
        let wire = serde_attrs::wire_name(&ident, container, &serde);
        Some(Self {
            ident,
            vis: field.vis.clone(),
            ty: field.ty.clone(),
            attrs,
            serde,
            wire,
        })
    }
}

impl FieldAttrs {
    fn read(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut read = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("model")) {
            keys::attribute(cx, attr, |key, input| read.key(cx, key, input));
        }
        read
    }

    fn key(&mut self, cx: &Ctxt, word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let slot = match word.to_string().as_str() {
            field_key::ID => &mut self.id,
            field_key::OWNER => &mut self.owner,
            field_key::READ_ONLY => &mut self.read_only,
            field_key::SERVER_ONLY => &mut self.server_only,
            field_key::INDEX => &mut self.index,
            field_key::UNIQUE => &mut self.unique,
            field_key::PARENT | field_key::COLUMN | field_key::WAS => {
                let slot = match word.to_string().as_str() {
                    field_key::PARENT => &mut self.parent,
                    field_key::COLUMN => &mut self.column,
                    _ => &mut self.was,
                };
                keys::set(cx, slot, word, keys::text(word, input)?);
                return Ok(());
            }
            field_key::VIA => {
                keys::set(cx, &mut self.via, word, keys::name_value(word, input)?);
                return Ok(());
            }
            other if key::ALL.contains(&other) => {
                return Err(syn::Error::new(
                    word.span(),
                    format!("`{word}` is a key of the struct, not of a field"),
                ));
            }
            _ => return Err(keys::unknown("key", word, field_key::ALL)),
        };
        keys::set(cx, slot, word, word.span());
        Ok(())
    }

    /// The first key that is there.
    pub(crate) fn first(&self) -> Option<Span> {
        let [parent, column, was] =
            [&self.parent, &self.column, &self.was].map(|text| text.as_ref().map(LitStr::span));
        [
            self.id,
            self.owner,
            self.read_only,
            self.server_only,
            self.index,
            self.unique,
            parent,
            self.via.as_ref().map(|via| via.span),
            column,
            was,
        ]
        .into_iter()
        .flatten()
        .next()
    }
}
