//! From what was written to what it means. All that can be wrong with a model's attributes is found here, so that
//! [`expand`](super::expand) cannot fail.

use proc_macro2::Ident;
use syn::{ExprPath, LitStr, Path, Type, Visibility};

use super::parse::{Model, Rules};
use super::{fields, flatten, lists, methods, table, url};
use crate::ctxt::Ctxt;
use crate::keys::Name;
use crate::rule;
use crate::serde_attrs::SerdeDefault;
use crate::symbol::rules as key;

/// A model that is right, as far as can be seen without types.
pub(crate) struct Checked {
    pub(crate) ident: Ident,
    pub(crate) krate: Option<Path>,
    pub(crate) name: String,
    pub(crate) doc: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) store: Option<String>,
    pub(crate) collection: Option<String>,
    /// The variant of `Operation`, and the text.
    pub(crate) rules: Vec<(&'static str, String)>,
    pub(crate) search: Vec<(String, String)>,
    pub(crate) sort: Vec<String>,
    pub(crate) default_sort: Option<String>,
    /// Names of those lists that lead beyond a field.
    pub(crate) reaches: Vec<lists::Reach>,
    pub(crate) page: Option<u32>,
    pub(crate) timestamps: bool,
    pub(crate) duplicates_are_invalid: bool,
    pub(crate) client_id: bool,
    pub(crate) methods: methods::Methods,
    pub(crate) table: table::Table,
    pub(crate) fields: Vec<Field>,
    /// The types that serde flattens into the model.
    pub(crate) flattened: Vec<Type>,
}

impl Checked {
    /// The fields that are the id: one, or several together.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.role.is_id())
    }
}

/// A field that is right.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) wire: String,
    pub(crate) role: Role,
    pub(crate) access: Access,
    pub(crate) index: bool,
    pub(crate) unique: bool,
    pub(crate) omit_null: bool,
    pub(crate) via: Option<Name>,
    /// Functions in place of its type's `Deserialize` and `Serialize`.
    pub(crate) read: Option<ExprPath>,
    pub(crate) write: Option<ExprPath>,
    pub(crate) column: Option<String>,
    pub(crate) was: Option<String>,
    pub(crate) default: Default,
}

/// Where a field's value comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    Id,
    Owner,
    /// From this parameter of the URL.
    Parent(String),
    /// A part of the id, from this parameter of the URL.
    ParentId(String),
}

impl Role {
    /// Whether it is the id, or a part of it.
    pub(crate) fn is_id(&self) -> bool {
        matches!(self, Self::Id | Self::ParentId(_))
    }

    /// The parameter of the URL that it is taken from.
    pub(crate) fn parameter(&self) -> Option<&String> {
        match self {
            Self::Parent(parameter) | Self::ParentId(parameter) => Some(parameter),
            Self::Plain | Self::Id | Self::Owner => None,
        }
    }
}

/// What a client may do with a field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Open,
    ReadOnly,
    ServerOnly,
}

/// What a field is where nobody may or does send it.
#[derive(Clone)]
pub(crate) enum Default {
    None,
    /// What serde's attribute on the field says, or its type's own default.
    Field(SerdeDefault),
    /// This field of what serde's attribute on the struct says.
    Container(SerdeDefault),
}

/// Checks everything; `None` only where something was reported.
pub(crate) fn check(cx: &Ctxt, model: &Model) -> Option<Checked> {
    let attrs = &model.attrs;
    let url = attrs.url.as_ref().map(|text| url::Url::read(cx, text));
    let fields = fields::check(cx, model, url.as_ref());
    let flattened = flatten::check(cx, model);
    let names = lists::Names::new(&fields, attrs.timestamps.is_some(), !flattened.is_empty());

    let usual = |key, text| filled(cx, key, text, "leave it out for the usual one");
    // Without one that was reported.
    fields.iter().find(|field| field.role.is_id())?;
    let checked = Checked {
        ident: model.ident.clone(),
        krate: attrs.krate.clone(),
        name: name(cx, model),
        doc: model.doc.clone(),
        url: attrs.url.as_ref().map(LitStr::value),
        store: usual("store", attrs.store.as_ref()),
        collection: usual("collection", attrs.collection.as_ref()),
        rules: rules(cx, &attrs.rules, &names),
        search: lists::search(cx, &attrs.search, &names),
        sort: lists::sort(cx, &attrs.sort, &names),
        default_sort: lists::default_sort(cx, attrs.default_sort.as_ref(), &names),
        reaches: lists::reaches(&fields, attrs),
        page: page(cx, attrs.page.as_ref()),
        timestamps: attrs.timestamps.is_some(),
        duplicates_are_invalid: attrs.duplicates_are_invalid.is_some(),
        client_id: attrs.client_id.is_some(),
        methods: methods::check(cx, &attrs.methods),
        flattened,
        table: table::check(cx, model),
        fields,
    };
    Some(checked)
}

/// The model's name. It is the name of its schema files and of its type in other languages.
fn name(cx: &Ctxt, model: &Model) -> String {
    use syn::ext::IdentExt;
    let Some(text) = &model.attrs.name else {
        return model.ident.unraw().to_string();
    };
    let name = text.value();
    let mut letters = name.chars();
    let starts_well = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    if !starts_well || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        cx.error(
            text.span(),
            "a model's name has letters, digits and `_`, and begins with a letter",
        );
    }
    name
}

/// The text of a key, which has to be one; `instead` says what to do where it is empty.
pub(super) fn filled(cx: &Ctxt, key: &str, text: Option<&LitStr>, instead: &str) -> Option<String> {
    let text = text?;
    if text.value().is_empty() {
        cx.error(text.span(), format!("`{key}` is empty; {instead}"));
    }
    Some(text.value())
}

fn page(cx: &Ctxt, page: Option<&syn::LitInt>) -> Option<u32> {
    let page = page?;
    let Ok(size) = page.base10_parse::<u32>() else {
        let message = format!("`page` is a number of records from 1 to {}", u32::MAX);
        cx.error(page.span(), message);
        return None;
    };
    if size == 0 {
        cx.error(page.span(), "a page has at least one record");
    }
    Some(size)
}

/// The rule of each operation; `write` stands for those of create, update and delete that are not given.
fn rules(cx: &Ctxt, rules: &Rules, names: &lists::Names) -> Vec<(&'static str, String)> {
    let known = names.readable_by_rules();
    for (key, text) in [
        (key::READ, &rules.read),
        (key::CREATE, &rules.create),
        (key::UPDATE, &rules.update),
        (key::DELETE, &rules.delete),
        (key::WRITE, &rules.write),
    ] {
        if let Some(text) = text {
            match names.are_all_known() {
                true => rule::check(cx, &format!("the {key} rule"), text, &known),
                // The names in a flattened struct are looked up by `build()`.
                false => drop(rule::parse(cx, &format!("the {key} rule"), text)),
            }
        }
    }
    if let (Some(write), Some(_), Some(_), Some(_)) =
        (&rules.write, &rules.create, &rules.update, &rules.delete)
    {
        cx.error(
            write.span(),
            "`write` has no effect, since `create`, `update` and `delete` are all given: leave it out",
        );
    }
    [
        ("Read", rules.read.as_ref()),
        ("Create", rules.create.as_ref().or(rules.write.as_ref())),
        ("Update", rules.update.as_ref().or(rules.write.as_ref())),
        ("Delete", rules.delete.as_ref().or(rules.write.as_ref())),
    ]
    .into_iter()
    .filter_map(|(operation, text)| Some((operation, text?.value())))
    .collect()
}
