//! The fields that the body of a search compares, as far as it names their constants: `Self::TITLE.contains(..)`,
//! `Post::AUTHOR.field(User::NAME).eq(..)`, `Self::LINES.any(|line| line.at::<i64>("sku").eq(..))`.
//!
//! Whole fields get their indexes, and paths into fields are checked when the app is built. A body that brings names of its own into
//! scope is left alone, since they mean nothing outside.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::quote;

use crate::symbol::COMPARISONS;

/// A field, and how it is compared.
pub(super) struct Use {
    field: TokenStream,
    /// The path inside the field, then those inside the elements of the lists there; none for the field itself.
    paths: Vec<String>,
    method: String,
}

/// What a body compares.
pub(super) fn of(body: &TokenTree) -> Vec<Use> {
    let TokenTree::Group(body) = body else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if !has_items(&body.stream()) {
        look(body.stream(), &mut found);
    }
    found
}

/// Whether items stand in a body or in a block of it: imports, types, constants and the like.
fn has_items(body: &TokenStream) -> bool {
    const ITEMS: [&str; 9] = [
        "use", "type", "struct", "enum", "union", "trait", "mod", "const", "static",
    ];
    body.clone().into_iter().any(|token| match token {
        TokenTree::Ident(word) => ITEMS.iter().any(|item| word == item),
        TokenTree::Group(group) => has_items(&group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn look(tokens: TokenStream, found: &mut Vec<Use>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut from = 0;
    while from < tokens.len() {
        let Some(len) = path(&tokens[from..]) else {
            if let TokenTree::Group(group) = &tokens[from] {
                look(group.stream(), found);
            }
            from += 1;
            continue;
        };
        let chain = Chain::behind(&tokens, from + len);
        let field = tokens[from..chain.field].iter().cloned().collect();
        chain.uses(&field, &[], found);
        from += len;
    }
}

/// How many tokens at the beginning are the path of a constant: names joined with `::`, the last one in capitals.
fn path(tokens: &[TokenTree]) -> Option<usize> {
    let name = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(name)) => Some(name.to_string()),
        _ => None,
    };
    let mut last = name(0)?;
    let mut end = 1;
    while is_joined(tokens, end) {
        last = name(end + 2)?;
        end += 3;
    }
    let capitals =
        |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    (end > 1 && last.chars().all(capitals)).then_some(end)
}

/// Whether a `::` stands here. What follows the second sign is not asked for: a macro around this one may have changed its spacing.
fn is_joined(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| match tokens.get(at) {
        Some(TokenTree::Punct(sign)) if sign.as_char() == ':' => Some(sign.spacing()),
        _ => None,
    };
    colon(at) == Some(Spacing::Joint) && colon(at + 1).is_some()
}

/// The calls behind the name of a field, or of an element.
struct Chain {
    /// Where the last `.field(..)` ends.
    field: usize,
    /// The path that `.at(..)` leads to.
    inside: Vec<String>,
    /// The method behind, and what it is called with.
    method: Option<(String, TokenStream)>,
}

impl Chain {
    fn behind(tokens: &[TokenTree], from: usize) -> Self {
        let mut chain = Self {
            field: from,
            inside: Vec::new(),
            method: None,
        };
        let mut end = from;
        while let Some((method, args, next)) = call(tokens, end) {
            match method.as_str() {
                "field" => chain.field = next,
                "at" => match text(&args) {
                    Some(path) => chain.inside.push(path),
                    None => return chain,
                },
                _ => {
                    chain.method = Some((method, args));
                    return chain;
                }
            }
            end = next;
        }
        chain
    }

    /// Adds what is compared. `paths` lead to the list whose element this is.
    fn uses(&self, field: &TokenStream, paths: &[String], found: &mut Vec<Use>) {
        let own = self.inside.join(".");
        let paths = [paths, &[own]].concat();
        let is_whole = paths.iter().all(String::is_empty);
        let method = match &self.method {
            Some((method, condition)) if method == "any" => {
                elements(condition, field, &paths, found);
                if is_whole {
                    return;
                }
                "any"
            }
            // An element itself: there is nothing to check, and an index is no help.
            _ if is_whole && paths.len() > 1 => return,
            Some((method, _)) if !is_whole || COMPARISONS.contains(&method.as_str()) => {
                method.as_str()
            }
            None if !is_whole => "at",
            _ => return,
        };
        let used = Use {
            field: field.clone(),
            paths: if is_whole { Vec::new() } else { paths },
            method: method.to_owned(),
        };
        if !found.iter().any(|known| known.is_like(&used)) {
            found.push(used);
        }
    }
}

/// One call of a method: its name, its arguments, and where it ends.
fn call(tokens: &[TokenTree], at: usize) -> Option<(String, TokenStream, usize)> {
    let (TokenTree::Punct(dot), TokenTree::Ident(method)) = (tokens.get(at)?, tokens.get(at + 1)?)
    else {
        return None;
    };
    let mut end = at + 2;
    if is_joined(tokens, end) {
        end = behind_types(tokens, end + 2)?;
    }
    match tokens.get(end)? {
        TokenTree::Group(args)
            if dot.as_char() == '.' && args.delimiter() == Delimiter::Parenthesis =>
        {
            Some((method.to_string(), args.stream(), end + 1))
        }
        _ => None,
    }
}

/// Where `<..>` ends.
fn behind_types(tokens: &[TokenTree], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '<' => depth += 1,
            TokenTree::Punct(sign) if sign.as_char() == '>' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (at > from).then_some(at + 1);
        }
    }
    None
}

/// The text of a single literal.
fn text(args: &TokenStream) -> Option<String> {
    let literal: syn::LitStr = syn::parse2(args.clone()).ok()?;
    Some(literal.value())
}

/// What a condition on elements compares: `|line| line.at("sku").eq(1)`.
fn elements(condition: &TokenStream, field: &TokenStream, paths: &[String], found: &mut Vec<Use>) {
    if let Some(name) = argument(condition) {
        // Behind the bar and the name, which would be taken for a use of it.
        let behind = condition.clone().into_iter().skip(2).collect();
        look_for(&name, behind, field, paths, found);
    }
}

/// The name of the only argument of a closure.
fn argument(closure: &TokenStream) -> Option<String> {
    let mut tokens = closure.clone().into_iter();
    match tokens.next()? {
        TokenTree::Punct(bar) if bar.as_char() == '|' => {}
        _ => return None,
    }
    match tokens.next()? {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    }
}

fn look_for(
    name: &str,
    tokens: TokenStream,
    field: &TokenStream,
    paths: &[String],
    found: &mut Vec<Use>,
) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == name => {
                Chain::behind(&tokens, at + 1).uses(field, paths, found);
            }
            // An argument of the same name is another one.
            TokenTree::Group(group) if argument(&group.stream()).as_deref() != Some(name) => {
                look_for(name, group.stream(), field, paths, found);
            }
            _ => {}
        }
    }
}

impl Use {
    fn is_like(&self, other: &Self) -> bool {
        self.field.to_string() == other.field.to_string()
            && (&self.paths, &self.method) == (&other.paths, &other.method)
    }

    /// The question to the constant, which may be no field at all.
    pub(super) fn expand(&self) -> TokenStream {
        let Self {
            field,
            paths,
            method,
        } = self;
        if paths.is_empty() {
            quote!(_larder::Used(&#field).field(#method))
        } else {
            quote!(_larder::Used(&#field).inside(&[#(#paths),*], #method))
        }
    }
}
