//! The checks of relations that run while the compiler evaluates constants. A mistake is a panic there: a compile error at
//! the place of the call.

use super::text::{Message, same};
use super::{Relation, RelationKind, Source};
use crate::model::Relations;

/// Checks a field of the model `model` against the model that it relates to. `via` is what the field's attribute says.
#[track_caller]
pub const fn check_relation(
    (model, field): (&str, &str),
    relation: Option<Relation>,
    far: Option<Relations>,
    via: Option<&str>,
) {
    let Some(relation) = relation else { return };
    let Some(far) = far else {
        // A model that is written by hand; `build()` looks.
        return;
    };
    let message = match (relation.kind, via) {
        (RelationKind::Related, Some(via)) => related_by(model, relation.target, far, via),
        (RelationKind::Related, None) => the_only_link((model, field), relation.target, far),
        _ => match relation.via {
            Some(via) => link_named(model, relation.target, far, via),
            None => None,
        },
    };
    if let Some(message) = message {
        panic!("{}", message.as_str());
    }
}

/// Checks that a field with `via` is the reverse of a link.
#[track_caller]
pub const fn check_via(field: &str, relation: Option<Relation>) {
    if let Some(relation) = relation
        && matches!(relation.kind, RelationKind::Related)
    {
        return;
    }
    let message = Message::new().with(&[
        "`via` is for a `ModelRelated<..>`: it names the link that `",
        field,
        "` is the reverse of",
    ]);
    panic!("{}", message.as_str());
}

/// Checks that the source of a mapping has a link of this name.
#[track_caller]
pub const fn check_mapped_via(source: Option<Source>, via: &str) {
    let Some((source, relations)) = known(source) else {
        return;
    };
    if let Some(relation) = find(relations, via)
        && relation.kind.is_link()
    {
        return;
    }
    let message = Message::new();
    let message = if crate::registry::has_field(source.fields, via) {
        let link = "` is no link: `via` names a field of type `ModelLink<..>` or one of its kin";
        message.with(&["`", via, "` of `", source.name, link])
    } else {
        let message = message.with(&["there is no field `", via, "` in `", source.name, "`"]);
        message.suggest(via, source.fields)
    };
    panic!("{}", message.as_str());
}

/// Checks that the source of a mapping has a field of this name that clients may see.
#[track_caller]
pub const fn check_mapped_field(source: Option<Source>, field: &str) {
    let Some((source, _)) = known(source) else {
        return;
    };
    let name = source.name;
    let message = Message::new();
    let message = if crate::registry::has_field(source.hidden, field) {
        let why = "` is server-only: a copy would show it to everybody who may read the copy";
        message.with(&["`", field, "` of `", name, why])
    } else if same(field, source.key) {
        message.with(&[
            "the id of the `",
            name,
            "` is in every copy: remove `",
            field,
            "`",
        ])
    } else if crate::registry::has_field(source.fields, field) {
        return;
    } else {
        let message = message.with(&["there is no field `", field, "` in `", name, "`"]);
        message.suggest(field, source.fields)
    };
    panic!("{}", message.as_str());
}

/// Checks a name of a list that leads through a field: the field of the other model that follows it. What it does not see, `build()` does.
#[track_caller]
pub const fn check_reach(
    field: &str,
    rest: &str,
    relation: Option<Relation>,
    target: Option<Source>,
) {
    // Something inside the field's own value.
    let Some(relation) = relation else { return };
    let message = Message::new();
    if !matches!(relation.kind, RelationKind::Link | RelationKind::Parent) {
        let message = message.with(&[
            "`",
            field,
            "` is a `",
            relation.kind.type_name(),
            "`: only through a `ModelLink` or `ModelParent`, which lead to one record, can a list reach another model's fields",
        ]);
        panic!("{}", message.as_str());
    }
    let Some((target, _)) = known(target) else {
        return;
    };
    let next = first_step(rest);
    let message = if crate::registry::has_field(target.hidden, next) {
        let why = "` is server-only: to search or sort by it would let clients guess what it holds";
        message.with(&["`", next, "` of `", target.name, why])
    } else if crate::registry::has_field(target.fields, next)
        || crate::registry::has_field(&["_created", "_updated"], next)
        || target.flattened
    {
        return;
    } else {
        let message = message.with(&["there is no field `", next, "` in `", target.name, "`"]);
        message.suggest(next, target.fields)
    };
    panic!("{}", message.as_str());
}

/// What stands before the first dot.
const fn first_step(path: &str) -> &str {
    let bytes = path.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'.' {
        at += 1;
    }
    path.split_at(at).0
}

/// The source of a mapping, if it is a model that the derive has looked at.
const fn known(source: Option<Source>) -> Option<(Source, Relations)> {
    let Some(source) = source else { return None };
    match source.relations {
        Some(relations) => Some((source, relations)),
        None => None,
    }
}

const fn find(relations: Relations, name: &str) -> Option<Relation> {
    let mut at = 0;
    while at < relations.len() {
        if same(relations[at].0, name) {
            return relations[at].1;
        }
        at += 1;
    }
    None
}

/// Whether a field of the other model links to this one.
const fn links_to(relation: Option<Relation>, model: &str) -> bool {
    match relation {
        Some(relation) => relation.kind.is_link() && same(relation.target, model),
        None => false,
    }
}

/// The link of another model that is named in an attribute.
const fn link_named(model: &str, other: &str, far: Relations, via: &str) -> Option<Message> {
    let relation = find(far, via);
    if links_to(relation, model) {
        return None;
    }
    let message = Message::new().with(&["`", via, "` of ", other]);
    if let Some(relation) = relation
        && relation.kind.is_link()
    {
        return Some(message.with(&[" links to ", relation.target, ", not to ", model]));
    }
    let message = message.with(&[" is no link to ", model]);
    let mut names = [""; 64];
    let mut at = 0;
    while at < far.len() && at < names.len() {
        if links_to(far[at].1, model) {
            names[at] = far[at].0;
        }
        at += 1;
    }
    Some(message.suggest_or(
        via,
        &names,
        &[": name a field such as `ModelLink<", model, ">`"],
    ))
}

const fn related_by(model: &str, other: &str, far: Relations, via: &str) -> Option<Message> {
    match find(far, via) {
        Some(relation) if links_to(Some(relation), model) && !relation.kind.is_searchable_link() => {
            Some(Message::new().with(&[
                "`", via, "` of ", other, " is a `", relation.kind.type_name(),
                "`, which no store can search: a `ModelRelated` goes by a `ModelLink`, `ModelParent` or `ModelLinksSimpleArray`",
            ]))
        }
        _ => link_named(model, other, far, via),
    }
}

/// The one link by which another model's records can be found.
const fn the_only_link(
    (model, field): (&str, &str),
    other: &str,
    far: Relations,
) -> Option<Message> {
    let mut first: Option<&str> = None;
    let mut at = 0;
    while at < far.len() {
        let (name, relation) = far[at];
        at += 1;
        let Some(relation) = relation else { continue };
        if !links_to(Some(relation), model) || !relation.kind.is_searchable_link() {
            continue;
        }
        if let Some(first) = first {
            return Some(Message::new().with(&[
                other,
                " links to ",
                model,
                " by `",
                first,
                "` and by `",
                name,
                "`: say which with `#[model(via = \"",
                first,
                "\")]`",
            ]));
        }
        first = Some(name);
    }
    if first.is_some() {
        return None;
    }
    Some(Message::new().with(&[
        other,
        " has no field that links to ",
        model,
        ": add one to ",
        other,
        " such as `ModelLink<",
        model,
        ">`, or remove `",
        field,
        "`",
    ]))
}
