//! The checks of each field, and of the fields together.

use proc_macro2::Span;
use syn::Type;

use super::check::{Access, Default, Field, Role};
use super::parse::{self, Model};
use super::url::Url;
use super::{id, relations};
use crate::ctxt::Ctxt;
use crate::keys;
use crate::serde_attrs::SerdeDefault;
use crate::symbol::{SYSTEM_FIELDS, field as key};

/// Checks all fields and leaves out those that serde skips.
pub(crate) fn check(cx: &Ctxt, model: &Model, url: Option<&Url>) -> Vec<Field> {
    let fields: Vec<Field> = model
        .fields
        .iter()
        .filter_map(|field| one(cx, model, field, url))
        .collect();
    id::check(cx, model, url.is_some());
    owners(cx, model);
    names(cx, model, &fields);
    if let Some(url) = url {
        parents(cx, model, &fields, url);
    }
    fields
}

/// One field; `None` if it is no part of the model.
fn one(cx: &Ctxt, model: &Model, field: &parse::Field, url: Option<&Url>) -> Option<Field> {
    relations::check(cx, field);
    if field.serde.skip.is_some() {
        if let Some(span) = field.attrs.first() {
            cx.error(
                span,
                format!(
                    "`{}` has `#[serde(skip)]`, so it is no part of the model",
                    field.ident
                ),
            );
        }
        return None;
    }
    if field.serde.flatten.is_some() {
        // Checked by `flatten`.
        return None;
    }
    conflicts(cx, model, field);
    left_out(cx, model, field);
    let role = role(field);
    let access = access(&role, field);
    hidden_by_case(cx, field, &role, access);
    let role = placed(cx, field, role, url);
    Some(Field {
        ident: field.ident.clone(),
        vis: field.vis.clone(),
        ty: field.ty.clone(),
        wire: field.wire.clone(),
        default: default(model, field, &role, access),
        role,
        access,
        index: field.attrs.index.is_some(),
        unique: field.attrs.unique.is_some(),
        omit_null: field.serde.omit_null,
        via: field.attrs.via.clone(),
        read: field.serde.read.clone(),
        write: field.serde.write.clone(),
        column: field.attrs.column.as_ref().map(syn::LitStr::value),
        was: field.attrs.was.as_ref().map(syn::LitStr::value),
    })
}

/// The role of a field in a model with this URL, or with none.
fn placed(cx: &Ctxt, field: &parse::Field, role: Role, url: Option<&Url>) -> Role {
    match (role.parameter(), url) {
        (None, _) => role,
        (Some(parameter), Some(url)) => {
            if !url.parameters.contains(parameter) {
                let parent = field.attrs.parent.as_ref();
                let span = parent.map_or_else(|| field.ident.span(), syn::LitStr::span);
                cx.error(span, no_parameter(parameter, url));
            }
            role
        }
        // Without a URL there is nothing to take the parent from: it is a field like any other.
        (Some(_), None) => {
            if let Some(parent) = &field.attrs.parent {
                let message = "`parent` names a parameter of the URL, but the model has no `url`";
                cx.error(parent.span(), message);
            }
            if role.is_id() { Role::Id } else { Role::Plain }
        }
    }
}

/// What is said of a parent that no parameter of the URL is for.
fn no_parameter(parameter: &str, url: &Url) -> String {
    let known: Vec<&str> = url.parameters.iter().map(String::as_str).collect();
    let Some(first) = known.first() else {
        return format!(
            "the URL has no parameter `{{{parameter}}}` for this parent: write it into the URL, before the name of the collection"
        );
    };
    let near = larder_query::nearest(parameter, known.iter().copied());
    let (near, all) = (near.unwrap_or(*first), keys::list_of(&known));
    format!(
        "the URL has no parameter `{{{parameter}}}` for this parent, but {all}: write it into the URL, or say which one is \
         meant with `#[model(parent = \"{near}\")]`"
    )
}

/// What serde leaves out is put in again from the default, so there has to be one.
fn left_out(cx: &Ctxt, model: &Model, field: &parse::Field) {
    if let Some(span) = field.serde.omit
        && field.serde.default.is_none()
        && model.serde.default.is_none()
    {
        cx.error(
            span,
            "a model keeps every field, and a field that was left out has to be something: add `#[serde(default)]`, or use \
             `Option::is_none`",
        );
    }
}

fn role(field: &parse::Field) -> Role {
    let attrs = &field.attrs;
    let parameter = match &attrs.parent {
        Some(parameter) => Some(parameter.value()),
        None => is_parent(&field.ty).then(|| field.wire.clone()),
    };
    match parameter {
        Some(parameter) if attrs.id.is_some() => Role::ParentId(parameter),
        _ if attrs.id.is_some() => Role::Id,
        _ if attrs.owner.is_some() => Role::Owner,
        Some(parameter) => Role::Parent(parameter),
        None => Role::Plain,
    }
}

/// Whether a type is written as `ModelParent<..>`. Behind an alias it needs `parent = ".."`.
pub(super) fn is_parent(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "ModelParent"))
}

fn access(role: &Role, field: &parse::Field) -> Access {
    let attrs = &field.attrs;
    if attrs.server_only.is_some() {
        Access::ServerOnly
    } else if *role != Role::Plain {
        // These have rules of their own, whatever they are called.
        Access::Open
    } else if field.wire.starts_with("__") {
        Access::ServerOnly
    } else if attrs.read_only.is_some() || field.wire.starts_with('_') {
        Access::ReadOnly
    } else {
        Access::Open
    }
}

/// Keys that contradict each other, and keys that a name contradicts.
fn conflicts(cx: &Ctxt, model: &Model, field: &parse::Field) {
    let attrs = &field.attrs;
    let (first, parted) = id::place(model, field);
    let pair =
        |(one, first): (&str, Option<Span>), (other, second): (&str, Option<Span>), why: &str| {
            if let (Some(_), Some(span)) = (first, second) {
                cx.error(
                    span,
                    format!("`{one}` and `{other}` can't both be given: {why}"),
                );
            }
        };
    let (id, owner) = ((key::ID, attrs.id), (key::OWNER, attrs.owner));
    let (read_only, server_only) = (
        (key::READ_ONLY, attrs.read_only),
        (key::SERVER_ONLY, attrs.server_only),
    );
    let parent = (key::PARENT, attrs.parent.as_ref().map(syn::LitStr::span));
    pair(id, owner, "the owner is another record, the actor's");
    pair(id, read_only, "an id never changes anyway");
    pair(id, server_only, "a record is found by its id");
    if !parted {
        pair(id, parent, "the id is the record's own");
    }
    let unique = if parted {
        "a field that is unique is an id by itself"
    } else {
        "an id is unique anyway"
    };
    pair(id, (key::UNIQUE, attrs.unique), unique);
    let index = attrs.index.filter(|_| first || !parted);
    pair(id, (key::INDEX, index), "an id has an index anyway");
    pair(owner, read_only, "the owner is set by the server anyway");
    pair(owner, server_only, "a client has to see whose a record is");
    pair(
        owner,
        parent,
        "one comes from the actor, the other from the URL",
    );
    pair(
        read_only,
        server_only,
        "a client can read the one and not the other",
    );
    pair(parent, read_only, "a parent comes from the URL anyway");
    pair(parent, server_only, "the parent stands in the URL");
    if let (Some(span), true) = (attrs.read_only, field.wire.starts_with("__")) {
        let message = format!(
            "`{}` begins with `__`, which makes it server-only; `read_only` contradicts that",
            field.wire
        );
        cx.error(span, message);
    }
}

/// A leading underscore that `rename_all` took away would silently open the field to clients. What is an id, an owner or a parent has
/// rules of its own.
fn hidden_by_case(cx: &Ctxt, field: &parse::Field, role: &Role, access: Access) {
    let written = field.ident.to_string();
    if *role != Role::Plain || field.serde.rename.is_some() || field.wire.starts_with('_') {
        return;
    }
    let (key, may) = match (written.starts_with("__"), access) {
        (true, Access::Open | Access::ReadOnly) => {
            (key::SERVER_ONLY, "underscores clients may read")
        }
        (false, Access::Open) if written.starts_with('_') => {
            (key::READ_ONLY, "underscore clients may write")
        }
        _ => return,
    };
    let message = format!(
        "`rename_all` makes this `{}`, and without its {may} it; add `#[model({key})]`, or \
         `#[serde(rename = \"{written}\")]`",
        field.wire
    );
    cx.error(field.ident.span(), message);
}

fn default(model: &Model, field: &parse::Field, role: &Role, access: Access) -> Default {
    match (role, &field.serde.default, &model.serde.default) {
        (Role::Plain, Some(own), _) => Default::Field(own.clone()),
        // Of several parts one may be left out, if it says so itself: that all of them may be is nobody's meaning.
        (Role::Id, Some(own), _) if id::place(model, field).1 => Default::Field(own.clone()),
        (Role::Plain, None, Some(whole)) => Default::Container(whole.clone()),
        // A client may not send it, so something has to stand there on create.
        (Role::Plain, None, None) if access != Access::Open => Default::Field(SerdeDefault::Trait),
        // Ids, owners and parents have values from elsewhere; any other field has to be sent.
        _ => Default::None,
    }
}

/// One owner at the most.
fn owners(cx: &Ctxt, model: &Model) {
    let mut owners = model
        .fields
        .iter()
        .filter(|field| field.attrs.owner.is_some() && field.attrs.id.is_none());
    let Some(first) = owners.next() else { return };
    for field in owners {
        if let Some(span) = field.attrs.owner {
            let message = format!(
                "a record has one owner, and `{}` is it already",
                first.ident
            );
            cx.error(span, message);
        }
    }
}

/// Wire names: each once, none empty, none that `timestamps` uses.
fn names(cx: &Ctxt, model: &Model, fields: &[Field]) {
    for (at, field) in fields.iter().enumerate() {
        let wire = &field.wire;
        if wire.is_empty() {
            cx.error(field.ident.span(), "a field of a model has a name");
        }
        if let Some(before) = fields[..at].iter().find(|before| before.wire == *wire) {
            let message = format!(
                "`{}` and `{}` are both called `{wire}` in JSON: give one of them another name with \
                 `#[serde(rename = \"..\")]`",
                before.ident, field.ident
            );
            cx.error(field.ident.span(), message);
        }
        if model.attrs.timestamps.is_some() && SYSTEM_FIELDS.contains(&wire.as_str()) {
            cx.error(
                field.ident.span(),
                format!("`timestamps` keeps `{wire}` already; remove the field or the key"),
            );
        }
    }
}

/// Each parameter of the URL is the parent of one field.
fn parents(cx: &Ctxt, model: &Model, fields: &[Field], url: &Url) {
    let known = |field: &Field| {
        let parameter = field.role.parameter();
        parameter.is_none_or(|parameter| url.parameters.contains(parameter))
    };
    // A parent with another name was reported, and is likely what a parameter is meant for.
    let all_known = fields.iter().all(known);
    for parameter in &url.parameters {
        let takes = |field: &&Field| field.role.parameter() == Some(parameter);
        let mut takers = fields.iter().filter(takes);
        if takers.next().is_none() && all_known {
            cx.error(url.span, no_parent(model, fields, parameter));
        }
        if let Some(second) = takers.next() {
            cx.error(
                second.ident.span(),
                format!("another field is taken from `{{{parameter}}}` already"),
            );
        }
    }
}

fn no_parent(model: &Model, fields: &[Field], parameter: &str) -> String {
    if let Some(field) = fields.iter().find(|field| field.wire == parameter) {
        let ident = &field.ident;
        return format!(
            "`{{{parameter}}}` in the URL needs the field `{ident}` to be a `ModelParent<..>`"
        );
    }
    format!(
        "`{{{parameter}}}` in the URL has no field; add `{parameter}: ModelParent<..>` to `{}`",
        model.ident
    )
}
