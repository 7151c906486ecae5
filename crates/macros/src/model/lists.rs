//! Lists of fields: what can be searched and sorted by.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::LitStr;

use super::check::{Access, Checked, Field};
use super::expand::at;
use super::parse::Search;
use super::relations::{self, Inside};
use crate::ctxt::Ctxt;
use crate::keys::{self, Name};
use crate::symbol::{OPERATORS, RESERVED_PARAMETERS, SCAN, SYSTEM_FIELDS};

/// The wire names of a model's fields, for look-ups.
pub(crate) struct Names {
    open: Vec<String>,
    hidden: Vec<String>,
    /// Reverse sides of links, which hold nothing.
    related: Vec<String>,
    /// All fields, with what can be inside of them.
    insides: Vec<(String, Inside)>,
    timestamps: bool,
    flattened: bool,
}

impl Names {
    /// The names of these fields.
    pub(crate) fn new(fields: &[Field], timestamps: bool, flattened: bool) -> Self {
        let inside = |field: &Field| (field.wire.clone(), relations::inside(&field.ty));
        let insides = fields.iter().map(inside).collect();
        let (related, fields): (Vec<&Field>, Vec<&Field>) = fields
            .iter()
            .partition(|field| relations::is_related(&field.ty));
        let (hidden, open): (Vec<&Field>, Vec<&Field>) = fields
            .into_iter()
            .partition(|field| field.access == Access::ServerOnly);
        let wires =
            |fields: Vec<&Field>| fields.into_iter().map(|field| field.wire.clone()).collect();
        Self {
            open: wires(open),
            hidden: wires(hidden),
            related: wires(related),
            insides,
            timestamps,
            flattened,
        }
    }

    /// Whether there are no more fields than these: those of flattened structs are known to `build()` alone.
    pub(crate) fn are_all_known(&self) -> bool {
        !self.flattened
    }

    /// What a rule may name: hidden fields too, since a rule's outcome is all that a client sees of it.
    pub(crate) fn readable_by_rules(&self) -> Vec<&str> {
        self.visible()
            .into_iter()
            .chain(self.hidden.iter().map(String::as_str))
            .collect()
    }

    /// What a client may name.
    fn visible(&self) -> Vec<&str> {
        let system: &[&str] = if self.timestamps { SYSTEM_FIELDS } else { &[] };
        self.open
            .iter()
            .map(String::as_str)
            .chain(system.iter().copied())
            .collect()
    }

    /// Reports a name that a client may not use, and says whether there was nothing to report.
    fn check(&self, cx: &Ctxt, what: &str, name: &str, span: Span) -> bool {
        let visible = self.visible();
        let message = if visible.contains(&name) {
            return true;
        } else if let Some((first, _)) = name.split_once('.') {
            if !self.check(cx, what, first, span) {
                return false;
            }
            let known = self.insides.iter().find(|(known, _)| known == first);
            match known.map(|(_, inside)| inside) {
                Some(Inside::Nothing) => format!(
                    "`{first}` is one value, with nothing inside to search or sort by: write `{first}`"
                ),
                Some(Inside::Elements) => format!(
                    "`{first}` is a list, and it is the list that is searched: `{first} = contains`"
                ),
                // What is inside is known to rustc, or to `build()`.
                Some(Inside::Unknown) | None => return true,
            }
        } else if self.hidden.iter().any(|hidden| hidden == name) {
            format!(
                "`{name}` is server-only: to {what} by it would let clients guess what it holds"
            )
        } else if self.related.iter().any(|related| related == name) {
            format!(
                "`{name}` is the reverse of a link and holds nothing to {what} by; query the other model"
            )
        } else if SYSTEM_FIELDS.contains(&name) {
            format!("`{name}` is kept only with `timestamps`; add it to `#[model(..)]`")
        } else if self.flattened {
            return true;
        } else if let Some(sorted) = in_words(name) {
            format!("write `{sorted}` for `{name}`: a `-` before a name sorts it descending")
        } else {
            format!(
                "there is no field `{name}`{}",
                keys::suggest(name, &visible)
            )
        };
        cx.error(span, message);
        false
    }
}

/// `search(..)`: each field once, with an operator that exists.
pub(crate) fn search(cx: &Ctxt, written: &[Search], names: &Names) -> Vec<(String, String)> {
    for (at, search) in written.iter().enumerate() {
        let Search { name, operator, .. } = search;
        if RESERVED_PARAMETERS.contains(&name.text.as_str()) {
            let message = format!(
                "`{}` is a parameter of every list, so a field of this name can't be searched by; \
                 `#[serde(rename = \"..\")]` gives the field another",
                name.text
            );
            cx.error(name.span, message);
            continue;
        }
        let known = names.check(cx, "filter", &name.text, name.span);
        if known
            && written[..at]
                .iter()
                .any(|before| before.name.text == name.text)
        {
            cx.error(name.span, format!("`{}` is given twice", name.text));
        }
        if !OPERATORS.iter().any(|known| operator == known) {
            let word = operator.to_string();
            match larder_query::nearest_operator(&word, OPERATORS.iter().copied()) {
                Some(near) => cx.error(
                    operator.span(),
                    format!("unknown operator `{word}`; did you mean `{near}`?"),
                ),
                None => cx.push(keys::unknown("operator", operator, OPERATORS)),
            }
        }
    }
    let text = |search: &Search| {
        let operator = &search.operator;
        if search.scan {
            format!("{SCAN}({operator})")
        } else {
            operator.to_string()
        }
    };
    written
        .iter()
        .map(|search| (search.name.text.clone(), text(search)))
        .collect()
}

/// The key for `title desc`, as SQL would have it.
fn in_words(name: &str) -> Option<String> {
    let (name, way) = name.trim().split_once(' ')?;
    match way.trim().to_ascii_lowercase().as_str() {
        "desc" => Some(format!("-{name}")),
        "asc" => Some(name.to_owned()),
        _ => None,
    }
}

/// A name that leads into a field, or through it into another model.
pub(crate) struct Reach {
    /// The place of the field in the model.
    field: usize,
    /// What follows it.
    rest: String,
    span: Span,
}

/// The dotted names of all lists, for rustc to look behind the links.
pub(crate) fn reaches(fields: &[Field], attrs: &super::parse::StructAttrs) -> Vec<Reach> {
    let search = attrs.search.iter().map(|search| &search.name);
    let named = search.chain(&attrs.sort);
    let named = named.map(|name| (name.text.clone(), name.last));
    let default = attrs.default_sort.iter().flat_map(|text| {
        let keys = text.value();
        let keys: Vec<String> = keys.split(',').map(str::to_owned).collect();
        keys.into_iter().map(move |key| (key, text.span()))
    });
    let mut reaches: Vec<Reach> = Vec::new();
    for (name, span) in named.chain(default) {
        let name = name.strip_prefix(['+', '-']).unwrap_or(&name);
        let Some((first, rest)) = name.split_once('.') else {
            continue;
        };
        let Some(field) = fields.iter().position(|field| field.wire == first) else {
            continue;
        };
        // Once is enough, and one mistake is told once.
        let known = |reach: &Reach| reach.field == field && reach.rest == rest;
        if !reaches.iter().any(known) {
            reaches.push(Reach {
                field,
                rest: rest.to_owned(),
                span,
            });
        }
    }
    reaches
}

/// Proof that the fields of linked models are there, and that clients may look at them.
pub(crate) fn checks(model: &Checked) -> TokenStream {
    let checks = model.reaches.iter().filter_map(|reach| {
        let Field { wire, ty, .. } = model.fields.get(reach.field)?;
        let rest = &reach.rest;
        Some(quote_spanned! {at(reach.span)=>
            const _: () = _larder::check_reach(
                #wire,
                #rest,
                <_larder::Probe<#ty>>::RELATION,
                <_larder::Probe<#ty>>::TARGET,
            );
        })
    });
    checks.collect()
}

/// `sort(..)`: each field once.
pub(crate) fn sort(cx: &Ctxt, written: &[Name], names: &Names) -> Vec<String> {
    for (at, name) in written.iter().enumerate() {
        let known = names.check(cx, "sort", &name.text, name.span);
        if known && written[..at].iter().any(|before| before.text == name.text) {
            cx.error(name.span, format!("`{}` is given twice", name.text));
        }
    }
    written.iter().map(|name| name.text.clone()).collect()
}

/// `default_sort = "-_created,+title"`: fields with an optional sign, separated by commas.
pub(crate) fn default_sort(cx: &Ctxt, text: Option<&LitStr>, names: &Names) -> Option<String> {
    let text = text?;
    let keys = text.value();
    let mut seen: Vec<&str> = Vec::new();
    for key in keys.split(',') {
        let name = key.strip_prefix(['+', '-']).unwrap_or(key);
        if name.is_empty() {
            cx.error(
                text.span(),
                "`default_sort` is a list such as `-_created,+title`",
            );
            continue;
        }
        let known = names.check(cx, "sort", name, text.span());
        if known && seen.contains(&name) {
            cx.error(
                text.span(),
                format!("`{name}` stands twice in `default_sort`"),
            );
        }
        seen.push(name);
    }
    Some(keys)
}
