//! Lists of fields: what can be searched and sorted by.

use proc_macro2::{Ident, Span};
use syn::LitStr;

use super::check::{Access, Field};
use super::relations;
use crate::ctxt::Ctxt;
use crate::keys::{self, Name};
use crate::symbol::{OPERATORS, RESERVED_PARAMETERS, SYSTEM_FIELDS};

/// The wire names of a model's fields, for look-ups.
pub(crate) struct Names {
    open: Vec<String>,
    hidden: Vec<String>,
    /// Reverse sides of links, which hold nothing.
    related: Vec<String>,
    timestamps: bool,
    flattened: bool,
}

impl Names {
    /// The names of these fields.
    pub(crate) fn new(fields: &[Field], timestamps: bool, flattened: bool) -> Self {
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
        } else if self.flattened && !name.contains('.') {
            return true;
        } else if name.contains('.') {
            format!(
                "`{name}` reaches into another record; a list can be filtered and sorted only by the model's own fields"
            )
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
pub(crate) fn search(cx: &Ctxt, written: &[(Name, Ident)], names: &Names) -> Vec<(String, String)> {
    for (at, (name, operator)) in written.iter().enumerate() {
        if RESERVED_PARAMETERS.contains(&name.text.as_str()) {
            let message = format!(
                "`{}` is a parameter of every list; a field of this name can't be searched by",
                name.text
            );
            cx.error(name.span, message);
            continue;
        }
        let known = names.check(cx, "filter", &name.text, name.span);
        if known
            && written[..at]
                .iter()
                .any(|(before, _)| before.text == name.text)
        {
            cx.error(name.span, format!("`{}` is given twice", name.text));
        }
        if !OPERATORS.iter().any(|known| operator == known) {
            cx.push(keys::unknown("operator", operator, OPERATORS));
        }
    }
    written
        .iter()
        .map(|(name, operator)| (name.text.clone(), operator.to_string()))
        .collect()
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
