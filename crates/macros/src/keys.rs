//! Reading the inside of an attribute key by key, in such a way that one bad key does not hide the others.

use proc_macro2::{Ident, Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, LitStr, Meta, Path, Token};

use crate::ctxt::Ctxt;
use crate::symbol::{SERDE_KEYS, named};

/// A field's wire name as it stands in `search(..)` and `sort(..)`: an identifier, or a text where it is none.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// The last step of a dotted name.
    pub(crate) last: Span,
}

/// Reads `attr(key .., key ..)`; see [`keys`].
pub(crate) fn attribute(
    cx: &Ctxt,
    attr: &Attribute,
    each: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
) {
    let read = attr.parse_args_with(|input: ParseStream<'_>| {
        keys(cx, input, each);
        Ok(())
    });
    cx.ok(read);
}

/// Reads `key .., key ..`. The closure reads what follows the key.
pub(crate) fn keys(
    cx: &Ctxt,
    input: ParseStream<'_>,
    each: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
) {
    list(cx, input, |input| input.call(Ident::parse_any), each);
}

/// Reads `name .., name ..`, where a name is a wire name.
pub(crate) fn names(
    cx: &Ctxt,
    input: ParseStream<'_>,
    each: impl FnMut(&Name, ParseStream<'_>) -> syn::Result<()>,
) {
    list(cx, input, name, each);
}

fn list<K>(
    cx: &Ctxt,
    input: ParseStream<'_>,
    key: impl Fn(ParseStream<'_>) -> syn::Result<K>,
    mut each: impl FnMut(&K, ParseStream<'_>) -> syn::Result<()>,
) {
    while !input.is_empty() {
        let read = key(input).and_then(|key| each(&key, input));
        let read = read.and_then(|()| match input.is_empty() || input.peek(Token![,]) {
            true => Ok(()),
            false if input.peek(Token![=]) || input.peek(syn::token::Paren) => {
                Err(input.error("this key takes no value: write it alone"))
            }
            false => Err(input.error("expected a `,` before the next key")),
        });
        if cx.ok(read).is_none() {
            skip_to_comma(input);
        }
        // The comma, if there is one.
        let _ = input.parse::<Option<Token![,]>>();
    }
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

fn name(input: ParseStream<'_>) -> syn::Result<Name> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Ok(Name {
            text: text.value(),
            span: text.span(),
            last: text.span(),
        });
    }
    if !input.peek(Ident::peek_any) {
        return Err(input.error(
            "this is a list of fields: `title`, or as a text what is no identifier, `\"first-name\"`",
        ));
    }
    let first = input.call(Ident::parse_any)?;
    let mut text = first.unraw().to_string();
    let mut last = first.span();
    while input.parse::<Option<Token![.]>>()?.is_some() {
        let step = input.call(Ident::parse_any)?;
        text = format!("{text}.{}", step.unraw());
        last = step.span();
    }
    Ok(Name {
        text,
        span: first.span(),
        last,
    })
}

/// Reads `= field`, a wire name.
pub(crate) fn name_value(key: &Ident, input: ParseStream<'_>) -> syn::Result<Name> {
    if !input.peek(Token![=]) {
        let message = format!("`{key}` names a field: `{key} = ..`");
        return Err(syn::Error::new(key.span(), message));
    }
    input.parse::<Token![=]>()?;
    name(input)
}

/// Reads `= value`.
pub(crate) fn value<T: syn::parse::Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// Reads `= "text"`, and says so if something else follows.
pub(crate) fn text(key: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    if input.peek(Token![=]) && input.peek2(LitStr) {
        return value(input);
    }
    let span = if input.is_empty() || input.peek(Token![,]) {
        key.span()
    } else {
        input.span()
    };
    let written = unquoted(input).unwrap_or_else(|| "..".to_owned());
    let message = format!("`{key}` takes a text: `{key} = \"{written}\"`");
    Err(syn::Error::new(span, message))
}

/// The word or number that stands behind `=` where a text should.
fn unquoted(input: ParseStream<'_>) -> Option<String> {
    let ahead = input.fork();
    ahead.parse::<Token![=]>().ok()?;
    match ahead.parse().ok()? {
        TokenTree::Ident(word) => Some(word.to_string()),
        TokenTree::Literal(literal) => Some(literal.to_string()),
        TokenTree::Group(_) | TokenTree::Punct(_) => None,
    }
}

/// Reads the path of `crate = path`; as a text too, the way serde has it.
pub(crate) fn crate_path(input: ParseStream<'_>) -> syn::Result<Path> {
    input.parse::<Token![=]>()?;
    if input.peek(LitStr) {
        return input.parse::<LitStr>()?.parse_with(Path::parse_mod_style);
    }
    input.call(Path::parse_mod_style).map_err(|error| {
        syn::Error::new(error.span(), "`crate` takes a path: `crate = my::larder`")
    })
}

/// Keeps the first value of a key and reports a second.
pub(crate) fn set<T>(cx: &Ctxt, slot: &mut Option<T>, key: &Ident, value: T) {
    if slot.is_some() {
        cx.error(key.span(), format!("`{key}` is given twice"));
    } else {
        *slot = Some(value);
    }
}

/// Reads `= word`. `what` says what it takes: ``the method is a word: `method = GET` ``.
pub(crate) fn word(input: ParseStream<'_>, what: &str) -> syn::Result<Ident> {
    input.parse::<Token![=]>()?;
    match input.peek(Ident::peek_any) {
        true => input.call(Ident::parse_any),
        false => Err(input.error(what)),
    }
}

/// The error for a key that is not known.
pub(crate) fn unknown(what: &str, key: &Ident, known: &[&str]) -> syn::Error {
    if SERDE_KEYS.iter().any(|serde| key == serde) {
        let message = format!("`{key}` is a key of serde: write it in `#[serde({key} ..)]`");
        return syn::Error::new(key.span(), message);
    }
    syn::Error::new(
        key.span(),
        format!("unknown {what} `{key}`{}", suggest(&key.to_string(), known)),
    )
}

/// `; did you mean ..?`, or the list of what is known.
pub(crate) fn suggest(word: &str, known: &[&str]) -> String {
    match larder_query::nearest(word, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None if known.is_empty() => String::new(),
        None if known.len() == 1 => format!("; there is {}", list_of(known)),
        None => format!("; there are {}", list_of(known)),
    }
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn list_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The doc comment of an item, without the space that follows the slashes.
pub(crate) fn doc(attrs: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = attrs
        .iter()
        .filter(|attr| attr.path().is_ident("doc"))
        .filter_map(|attr| match &attr.meta.require_name_value().ok()?.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        })
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect();
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The name in `#[computed(name = "fullName")]` and its like, if there is one; `missing` is said of an empty one.
pub(crate) fn given_name(cx: &Ctxt, attr: &Attribute, missing: &str) -> Option<LitStr> {
    let mut name = None;
    if !matches!(attr.meta, Meta::Path(_)) {
        attribute(cx, attr, |word, input| match word == named::NAME {
            true => {
                set(cx, &mut name, word, text(word, input)?);
                Ok(())
            }
            false => Err(unknown("key", word, named::ALL)),
        });
    }
    if let Some(text) = name.as_ref().filter(|text| text.value().is_empty()) {
        cx.error(text.span(), missing);
    }
    name
}
