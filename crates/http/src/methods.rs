//! Which HTTP methods a path has: what its model offers to clients.

use axum::http::Method as Verb;
use larder_core::{Compiled, Method};

use crate::endpoint::Target;

/// The media types of a PATCH, the usual one first.
pub(crate) const PATCHES: &[&str] = &[
    "application/merge-patch+json",
    "application/json",
    JSON_PATCH,
];

/// The same as `Accept-Patch` has it (RFC 5789, section 3.1).
pub(crate) const ACCEPT_PATCH: &str =
    "application/merge-patch+json, application/json, application/json-patch+json";

/// RFC 6902.
pub(crate) const JSON_PATCH: &str = "application/json-patch+json";

/// The value of `Allow` for a path: what it serves, and without `refused`.
pub(crate) fn allow(model: &Compiled, target: &Target, refused: Option<&Verb>) -> String {
    let mut verbs = served(model, target);
    verbs.push("OPTIONS");
    // A path with PUT may refuse to replace and still add.
    verbs.retain(|verb| refused.is_none_or(|refused| refused.as_str() != *verb));
    verbs.join(", ")
}

/// The HTTP methods of a path: without what the model does not handle or restricts.
pub(crate) fn served(model: &Compiled, target: &Target) -> Vec<&'static str> {
    match target {
        Target::Collection => of(
            model,
            &[
                (&[Method::List], &["GET", "HEAD"]),
                (&[Method::Post], &["POST"]),
            ],
        ),
        Target::Count => of(model, &[(&[Method::List], &["GET", "HEAD"])]),
        Target::Item => of(
            model,
            &[
                (&[Method::Get], &["GET", "HEAD"]),
                (&[Method::PutNew, Method::PutExisting], &["PUT"]),
                (&[Method::Patch], &["PATCH"]),
                (&[Method::Delete], &["DELETE"]),
            ],
        ),
        Target::Global(name) | Target::Action(name) => match action(model, target, name) {
            "GET" => vec!["GET", "HEAD"],
            verb => vec![verb],
        },
    }
}

/// What a request needs the model to offer; nothing where the path has no such method, or is an action's.
pub(crate) fn wanted(target: &Target, verb: &Verb) -> &'static [Method] {
    match (target, verb.as_str()) {
        (Target::Collection | Target::Count, "GET" | "HEAD") => &[Method::List],
        (Target::Collection, "POST") => &[Method::Post],
        (Target::Item, "GET" | "HEAD") => &[Method::Get],
        (Target::Item, "PUT") => &[Method::PutExisting, Method::PutNew],
        (Target::Item, "PATCH") => &[Method::Patch],
        (Target::Item, "DELETE") => &[Method::Delete],
        _ => &[],
    }
}

fn of(model: &Compiled, all: &[(&[Method], &[&'static str])]) -> Vec<&'static str> {
    let offered = all
        .iter()
        .filter(|(methods, _)| methods.iter().any(|one| model.offers(*one)));
    offered
        .flat_map(|(_, verbs)| verbs.iter().copied())
        .collect()
}

/// The HTTP method that runs an action.
pub(crate) fn action(model: &Compiled, target: &Target, name: &str) -> &'static str {
    let global = matches!(target, Target::Global(_));
    let mut actions = model.data().actions.iter();
    actions
        .find(|action| action.name == name && action.global == global)
        .map_or("PUT", |action| action.method)
}

/// Whether this is a path that takes a PATCH.
pub(crate) fn patchable(model: &Compiled, target: &Target) -> bool {
    *target == Target::Item && model.offers(Method::Patch)
}
