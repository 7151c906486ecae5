//! The keys about a table that was there before the model: how they are read, and what they may not say together.

use proc_macro2::{Ident, Span};
use syn::LitStr;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

use super::check::filled;
use super::parse::{Field, Model, Rules};
use crate::ctxt::Ctxt;
use crate::symbol::{field, model as key, rules};

/// What stands on the struct.
#[derive(Default)]
pub(crate) struct StructKeys {
    pub(crate) was: Option<LitStr>,
    pub(crate) version: Option<Version>,
    pub(crate) database_id: Option<Span>,
    pub(crate) read_only: Option<Span>,
}

/// `version = none` or `version = "column"`.
pub(crate) enum Version {
    None,
    Column(LitStr),
}

impl Version {
    pub(crate) fn read(word: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        let fault = |span| {
            let message = "`version` takes a column or `none`: `version = \"lock_version\"`, `version = none`";
            syn::Error::new(span, message)
        };
        if input.parse::<Option<syn::Token![=]>>()?.is_none() {
            return Err(fault(word.span()));
        }
        if input.peek(LitStr) {
            return input.parse().map(Self::Column);
        }
        let none = input
            .call(Ident::parse_any)
            .map_err(|error| fault(error.span()))?;
        if none == key::NONE {
            Ok(Self::None)
        } else {
            Err(fault(none.span()))
        }
    }
}

/// What the description says of the table; each but the flags is a text of its own.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) was: Option<String>,
    pub(crate) version_column: Option<String>,
    pub(crate) unversioned: bool,
    pub(crate) database_id: bool,
    pub(crate) read_only: bool,
}

/// Checks the keys of the struct, and those of its fields.
pub(crate) fn check(cx: &Ctxt, model: &Model) -> Table {
    let keys = &model.attrs.table;
    let pair =
        |(one, first): (&str, Option<Span>), (other, second): (&str, Option<Span>), why: &str| {
            if let (Some(_), Some(span)) = (first, second) {
                let message = format!("`{one}` and `{other}` can't both be given: {why}");
                cx.error(span, message);
            }
        };
    let database = ("id(database)", keys.database_id);
    let client = ("id(client)", model.attrs.client_id);
    let read_only = (key::READ_ONLY, keys.read_only);
    pair(client, database, "one of them gives a new record its id");
    pair(read_only, client, "nothing is added to a read-only table");
    pair(read_only, database, "nothing is added to a read-only table");
    let was = (key::WAS, keys.was.as_ref().map(LitStr::span));
    pair(read_only, was, "a read-only table is not renamed");
    if keys.read_only.is_some() {
        never_asked(cx, &model.attrs.rules);
    }
    let mut table = Table {
        was: named(cx, key::WAS, keys.was.as_ref()),
        database_id: keys.database_id.is_some(),
        read_only: keys.read_only.is_some(),
        ..Table::default()
    };
    match &keys.version {
        Some(Version::None) => table.unversioned = true,
        Some(Version::Column(name)) => {
            table.version_column = named(cx, key::VERSION, Some(name));
        }
        None => {}
    }
    for one in &model.fields {
        columns(cx, one, keys.read_only.is_some());
    }
    table
}

/// A rule that nobody will ask looks like protection that is not there.
fn never_asked(cx: &Ctxt, rules: &Rules) {
    for (name, text) in [
        (rules::CREATE, &rules.create),
        (rules::UPDATE, &rules.update),
        (rules::DELETE, &rules.delete),
        (rules::WRITE, &rules.write),
    ] {
        if let Some(text) = text {
            let message =
                format!("the model is `read_only`, so nobody asks its rule `{name}`; leave it out");
            cx.error(text.span(), message);
        }
    }
}

fn columns(cx: &Ctxt, one: &Field, read_only: bool) {
    let column = named(cx, field::COLUMN, one.attrs.column.as_ref());
    let (Some(was), Some(span)) = (
        named(cx, field::WAS, one.attrs.was.as_ref()),
        one.attrs.was.as_ref().map(LitStr::span),
    ) else {
        return;
    };
    let now = column.unwrap_or_else(|| one.wire.clone());
    if was == now {
        cx.error(
            span,
            format!("the column is called `{now}` now: `was` is its name from before"),
        );
    } else if read_only {
        cx.error(
            span,
            "a read-only table is not renamed; name its column with `column = \"..\"`",
        );
    }
}

/// The name of a column or table.
fn named(cx: &Ctxt, key: &str, text: Option<&LitStr>) -> Option<String> {
    filled(cx, key, text, "leave it out, or name a column or table")
}
