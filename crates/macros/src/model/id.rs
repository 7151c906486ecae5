//! The id: one field, or several together.

use syn::{GenericArgument, PathArguments, Type};

use super::fields::is_parent;
use super::parse::{self, Model};
use crate::ctxt::Ctxt;
use crate::symbol::model as key;

/// The most fields that an id can have: there is an `IdType` for tuples up to this size.
const MAX_PARTS: usize = 8;

/// The fields that are marked as the id.
fn ids(model: &Model) -> impl Iterator<Item = &parse::Field> {
    model.fields.iter().filter(|field| field.attrs.id.is_some())
}

/// Whether a field is the first of those that are the id, and whether there are several.
pub(super) fn place(model: &Model, field: &parse::Field) -> (bool, bool) {
    let first = ids(model)
        .next()
        .is_some_and(|first| first.ident == field.ident);
    (first, ids(model).count() > 1)
}

/// An id there has to be, and of several parts each has to be one.
pub(super) fn check(cx: &Ctxt, model: &Model, has_url: bool) {
    let ids: Vec<&parse::Field> = ids(model).collect();
    match ids.as_slice() {
        [] => missing(cx, model),
        [only] if is_parent(&only.ty) => {
            let message = "a parent alone can't be the id: mark the field that tells the records of one parent apart with `#[model(id)]` too";
            cx.error_on(&only.ty, message);
        }
        [_] => {}
        parts => several(cx, model, parts, has_url),
    }
}

fn missing(cx: &Ctxt, model: &Model) {
    let near = model
        .fields
        .iter()
        .find(|field| field.ident == "id" && field.serde.skip.is_none());
    match near {
        Some(field) => cx.error(
            field.ident.span(),
            "a model needs an id: mark this field with `#[model(id)]`",
        ),
        None => cx.error(
            model.ident.span(),
            format!(
                "a model needs an id: add a field such as `#[model(id)] id: Id<{}>`",
                model.ident
            ),
        ),
    }
}

fn several(cx: &Ctxt, model: &Model, parts: &[&parse::Field], has_url: bool) {
    if let Some(span) = model.attrs.client_id {
        let message = format!(
            "`{}({})` has no effect on an id of several fields, which always come from the client: leave it out",
            key::ID,
            key::CLIENT
        );
        cx.error(span, message);
    }
    if let Some(span) = model.attrs.table.database_id {
        let message = format!(
            "`{}({})` is for an id of one field: a database gives a number, and here are {} fields",
            key::ID,
            key::DATABASE,
            parts.len()
        );
        cx.error(span, message);
    }
    if let Some(field) = parts.get(MAX_PARTS) {
        cx.error(
            field.ident.span(),
            format!("an id is {MAX_PARTS} fields at the most"),
        );
    }
    if let (true, Some(last)) = (has_url, parts.last())
        && parts.iter().all(|field| is_parent(&field.ty))
    {
        let message = format!(
            "every part of the id is a parent, so nothing is left to end the URL of a record: make `{0}` a `ModelLink<..>`, and take \
             `{{{0}}}` out of the `url`",
            last.ident
        );
        cx.error_on(&last.ty, message);
    }
    for field in parts {
        if let Some(why) = unfit(&field.ty) {
            cx.error_on(
                &field.ty,
                format!("`{}` can't be a part of the id: {why}", field.ident),
            );
        }
    }
}

/// Whether a type is a part of an id, as its name says.
pub(super) fn is_known(ty: &Type) -> bool {
    const PARTS: &[&str] = &[
        "bool",
        "i8",
        "i16",
        "i32",
        "i64",
        "u8",
        "u16",
        "u32",
        "u64",
        "String",
        "Id",
        "Uuid",
        "Date",
        "Timestamp",
        "ModelLink",
        "ModelParent",
    ];
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| PARTS.contains(&last.ident.to_string().as_str())),
        _ => false,
    }
}

/// Why a type can't be a part, where its name says so. Others are told by the trait `KeyPart`.
fn unfit(ty: &Type) -> Option<&'static str> {
    const NO_TEXT: &str = "a part is one value; what has parts of its own can't stand in a URL";
    let path = match ty {
        Type::Path(path) => path,
        Type::Tuple(_) | Type::Array(_) | Type::Slice(_) => return Some(NO_TEXT),
        _ => return None,
    };
    let last = path.path.segments.last()?;
    let has_argument = matches!(&last.arguments, PathArguments::AngleBracketed(arguments)
        if arguments.args.iter().any(|one| matches!(one, GenericArgument::Type(_))));
    match last.ident.to_string().as_str() {
        "f32" | "f64" => Some("floats that are printed alike may differ; use an integer or a text"),
        "Option" if has_argument => Some(
            "a part is never null, since nulls are not equal to each other; leave `Option` out",
        ),
        "Vec" | "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" if has_argument => Some(NO_TEXT),
        "Decimal" => {
            Some("decimals that are equal may be printed differently; use an integer or a text")
        }
        _ => None,
    }
}
