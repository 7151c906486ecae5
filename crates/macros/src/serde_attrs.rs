//! The attributes of serde that decide what a field is called on the wire and what it is when absent. Read, not repeated:
//! the struct's JSON is serde's, so larder has to know the same names.

use proc_macro2::{Ident, Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, ExprPath, LitStr, Token};

use crate::ctxt::Ctxt;
use crate::keys;

/// Where a default comes from.
#[derive(Clone)]
pub(crate) enum SerdeDefault {
    /// `default`
    Trait,
    /// `default = "path"`
    Path(ExprPath),
}

/// What serde's attributes on a struct say.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) rename_all: Option<Rename>,
    pub(crate) default: Option<SerdeDefault>,
    pub(crate) deny_unknown: bool,
}

/// What serde's attributes on a field say.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) rename: Option<LitStr>,
    pub(crate) default: Option<SerdeDefault>,
    pub(crate) skip: Option<Span>,
    pub(crate) flatten: Option<Span>,
    pub(crate) omit_null: bool,
    /// It is left out by a predicate other than `Option::is_none`.
    pub(crate) omit: Option<Span>,
    /// The function that writes it in place of its type's `Serialize`.
    pub(crate) write: Option<ExprPath>,
    /// The function that reads it in place of its type's `Deserialize`.
    pub(crate) read: Option<ExprPath>,
}

impl Container {
    /// Reads them off a struct.
    pub(crate) fn read(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut read = Self::default();
        each_key(cx, attrs, |key, input| {
            match key.to_string().as_str() {
                "rename_all" => {
                    read.rename_all =
                        both(cx, key, input)?.and_then(|text| cx.ok(Rename::from_text(&text)));
                }
                "default" => read.default = default(input)?,
                "deny_unknown_fields" => read.deny_unknown = true,
                "transparent" | "tag" | "from" | "try_from" | "into" | "remote" => {
                    skip(input)?;
                    let message = format!(
                        "a model can't have `#[serde({key})]`: its JSON is an object of its own fields"
                    );
                    cx.error(key.span(), message);
                }
                _ => skip(input)?,
            }
            Ok(())
        });
        read
    }
}

impl Field {
    /// Reads them off a field.
    pub(crate) fn read(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut read = Self::default();
        each_key(cx, attrs, |key, input| read.key(cx, key, input));
        read
    }

    fn key(&mut self, cx: &Ctxt, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match key.to_string().as_str() {
            "rename" => self.rename = both(cx, key, input)?,
            "default" => self.default = default(input)?,
            "skip" => self.skip = Some(key.span()),
            "skip_serializing_if" => {
                let predicate: LitStr = keys::value(input)?;
                self.omit_null = predicate.value().ends_with("Option::is_none");
                self.omit = (!self.omit_null).then(|| predicate.span());
            }
            "with" => {
                let module = function(input)?;
                self.write = Some(inside(&module, "serialize"));
                self.read = Some(inside(&module, "deserialize"));
            }
            "serialize_with" => self.write = Some(function(input)?),
            "deserialize_with" => self.read = Some(function(input)?),
            "alias" => {
                skip(input)?;
                cx.error(
                    key.span(),
                    "a field of a model has one name: what clients send under another is refused, so an alias would do nothing",
                );
            }
            "skip_serializing" => cx.error(
                key.span(),
                "larder stores what serde writes, so this field would be lost; to hide it from clients make it a `Secret<..>` \
                 with `#[model(server_only)]`",
            ),
            "skip_deserializing" => cx.error(
                key.span(),
                "larder reads what it stored through serde, so this field would be lost; to keep clients from writing it use \
                 `#[model(read_only)]`",
            ),
            "flatten" => self.flatten = Some(key.span()),
            _ => skip(input)?,
        }
        Ok(())
    }
}

fn each_key(
    cx: &Ctxt,
    attrs: &[Attribute],
    mut each: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        keys::attribute(cx, attr, &mut each);
    }
}

/// Reads over what serde checks itself.
fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// Reads `= "path"`; what is wrong with it is shown there.
fn function(input: ParseStream<'_>) -> syn::Result<ExprPath> {
    keys::value::<LitStr>(input)?.parse()
}

/// `module::name`.
fn inside(module: &ExprPath, name: &str) -> ExprPath {
    let mut path = module.clone();
    let span = module
        .path
        .segments
        .last()
        .map_or_else(Span::call_site, |last| last.ident.span());
    path.path.segments.push(Ident::new(name, span).into());
    path
}

fn default(input: ParseStream<'_>) -> syn::Result<Option<SerdeDefault>> {
    if !input.peek(Token![=]) {
        return Ok(Some(SerdeDefault::Trait));
    }
    let path: LitStr = keys::value(input)?;
    Ok(Some(SerdeDefault::Path(path.parse()?)))
}

/// Reads `= "x"` or `(serialize = "x", deserialize = "x")`, which must agree.
fn both(cx: &Ctxt, key: &Ident, input: ParseStream<'_>) -> syn::Result<Option<LitStr>> {
    if input.peek(Token![=]) {
        return keys::value(input).map(Some);
    }
    let content;
    syn::parenthesized!(content in input);
    let (mut out, mut back) = (None, None);
    keys::keys(cx, &content, |side, input| {
        let text: LitStr = keys::value(input)?;
        *(if side == "serialize" {
            &mut out
        } else {
            &mut back
        }) = Some(text);
        Ok(())
    });
    if out.as_ref().map(LitStr::value) != back.as_ref().map(LitStr::value) {
        cx.error(
            key.span(),
            "a field of a model has one name, for reading and for writing",
        );
    }
    Ok(out.or(back))
}

/// serde's rules for `rename_all`, as far as they concern fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rename {
    Same,
    Upper,
    Pascal,
    Camel,
    Kebab,
    UpperKebab,
}

impl Rename {
    fn from_text(text: &LitStr) -> syn::Result<Self> {
        Ok(match text.value().as_str() {
            // A field is written in snake case already.
            "lowercase" | "snake_case" => Self::Same,
            "UPPERCASE" | "SCREAMING_SNAKE_CASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::UpperKebab,
            other => {
                return Err(syn::Error::new(
                    text.span(),
                    format!("serde knows no case `{other}`"),
                ));
            }
        })
    }

    fn apply(self, name: &str) -> String {
        match self {
            Self::Same => name.to_owned(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Pascal => pascal(name),
            Self::Camel => {
                let name = pascal(name);
                let mut letters = name.chars();
                letters
                    .next()
                    .map(|first| first.to_ascii_lowercase())
                    .into_iter()
                    .chain(letters)
                    .collect()
            }
            Self::Kebab => name.replace('_', "-"),
            Self::UpperKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn pascal(name: &str) -> String {
    let mut upper = true;
    let mut out = String::new();
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else {
            out.push(if upper {
                letter.to_ascii_uppercase()
            } else {
                letter
            });
            upper = false;
        }
    }
    out
}

/// The name of a field in JSON.
pub(crate) fn wire_name(ident: &Ident, container: &Container, field: &Field) -> String {
    match (&field.rename, container.rename_all) {
        (Some(name), _) => name.value(),
        (None, Some(rule)) => rule.apply(&ident.unraw().to_string()),
        (None, None) => ident.unraw().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::Rename;

    #[test]
    fn cases_are_serdes() {
        let cases = [
            (Rename::Same, "first_name"),
            (Rename::Upper, "FIRST_NAME"),
            (Rename::Pascal, "FirstName"),
            (Rename::Camel, "firstName"),
            (Rename::Kebab, "first-name"),
            (Rename::UpperKebab, "FIRST-NAME"),
        ];
        for (rule, expected) in cases {
            assert_eq!(rule.apply("first_name"), expected);
        }
        assert_eq!(Rename::Camel.apply("_score"), "score");
    }
}
