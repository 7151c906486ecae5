//! One field, from its description and its schema: what it holds, who may write it, what is checked of it. Also the fields of flattened
//! structs and those that `timestamps` adds.

use larder_query::CompactString;
use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::layout::{Column, KeyFields, Nested};
use crate::model::compiled::Field;
use crate::model::{FieldDef, Group, Kind, ModelDef, is_object_id};
use crate::schema::{Check, views};

pub(super) fn compile(model: &ModelDef, def: &FieldDef, schemas: &views::Sources) -> Result<Field> {
    let (schema, root) = schemas.property(def)?;
    let (kind, nullable) = Kind::of_schema(schema, root);
    let check = Check::compile(schema, root)
        .map_err(|error| Error::setup(format!("field `{}`: {error}", def.name)))?;
    let check = Some(check)
        .filter(|check| !(check.is_trivial() || kind != Kind::Json && check.is_only_type()));
    hidden_inside(def, schema, root)?;
    let parent = def.parent.is_some();
    // The id of a POST, where the client may choose it. One of several fields always comes from the client.
    let part = def.id && model.has_parted_id();
    let kept_id = def.id && !part && !model.client_id;
    let writable = !(kept_id || parent || def.owner || def.read_only || def.server_only);
    if (def.read_only || def.server_only) && def.default.is_none() && !nullable {
        return Err(Error::setup(format!(
            "field `{}` may not be sent by a client, so it needs a default",
            def.name
        )));
    }
    let required = writable && (part || !def.id) && def.default.is_none() && !nullable;
    Ok(Field {
        column: Column {
            name: CompactString::from(&*def.name),
            kind,
            nullable,
            default: def
                .default
                .as_ref()
                .and_then(|default| default.value().ok())
                .and_then(|value| kind.coerce(value).ok()),
        },
        place: format!("/{}", crate::schema::escape(&def.name)).into(),
        json_name: json_name(&def.name),
        writable,
        server_only: def.server_only,
        omit_null: def.omit_null,
        required,
        in_struct: true,
        object_id: kind == Kind::Text && is_object_id(schema, root),
        nested: match kind {
            Kind::Json => Nested::of(schema, root),
            _ => None,
        },
        check,
        def: def.clone(),
    })
}

/// The fields of flattened structs, as fields of the model.
pub(super) fn flattened(
    def: &ModelDef,
    fields: &mut Vec<Field>,
    schemas: &views::Sources,
) -> Result<Vec<Group>> {
    let mut groups = Vec::with_capacity(def.flattened.len());
    for flat in &def.flattened {
        let first = fields.len();
        // Defaults inside a struct that is not there are none of the record's.
        let optional = flat.may_be_absent();
        for (name, required) in flat.members()? {
            let taken = fields.iter().any(|field| field.name() == name);
            if taken || def.timestamps && ["_created", "_updated"].contains(&name.as_str()) {
                return Err(Error::setup(format!(
                    "two fields are called `{name}` on the wire: one of them is in the flattened `{flat:?}`"
                )));
            }
            let field = FieldDef::part(name);
            let default = schemas.property(&field)?.0.get("default").cloned();
            let mut field = compile(def, &field, schemas)?;
            field.column.default = default
                .filter(|_| !optional)
                .and_then(|value| field.kind().coerce(value.into()).ok());
            if optional || !required && field.column.default.is_none() && !field.nullable() {
                field.column.nullable = true;
                field.omit_null = true;
            }
            field.required = required && field.column.default.is_none() && !field.nullable();
            fields.push(field);
        }
        groups.push(flat.group((first..fields.len()).collect()));
    }
    Ok(groups)
}

/// A secret may be a whole server-only field, never a part of one: the doors leave out fields, not parts of them.
fn hidden_inside(def: &FieldDef, schema: &Json, root: &Json) -> Result<()> {
    if !def.server_only && crate::schema::mentions(schema, root, "x-secret") {
        return Err(Error::setup(format!(
            "field `{}` has a `Secret` in it, which clients would see: make the whole field a `Secret` and mark it `#[model(server_only)]`",
            def.name
        )));
    }
    // Of a struct it is said where serde writes nothing, so there is nothing to see.
    if !def.server_only
        && def.schema.is_some()
        && crate::schema::mentions(schema, root, "writeOnly")
    {
        return Err(Error::setup(format!(
            "field `{}` is `writeOnly`, but what clients may write they see: make it server-only, and let code on the server set it",
            def.name
        )));
    }
    Ok(())
}

pub(super) fn timestamp(name: &'static str, schemas: &views::Sources) -> Field {
    let def = FieldDef::new(name, schemas.instant.clone()).read_only();
    Field {
        column: Column {
            name: name.into(),
            kind: Kind::Instant,
            nullable: true,
            default: None,
        },
        place: format!("/{name}").into(),
        json_name: json_name(name),
        writable: false,
        server_only: false,
        omit_null: false,
        required: false,
        in_struct: false,
        object_id: false,
        nested: None,
        check: None,
        def,
    }
}

pub(in crate::model) fn json_name(name: &str) -> Box<[u8]> {
    let mut text = serde_json::to_vec(name).unwrap_or_default();
    text.push(b':');
    text.into()
}

pub(super) fn key(def: &ModelDef, fields: &[Field]) -> Result<KeyFields> {
    let keys = fields.iter().enumerate().filter(|(_, field)| field.def.id);
    let key = KeyFields::of(keys.map(|(at, _)| at));
    if key.places().is_empty() {
        return Err(Error::setup(
            "it has no id field: mark one with `#[model(id)]`, or several that are its id together",
        ));
    }
    for field in key.places().iter().map(|at| &fields[*at]) {
        let single = matches!(
            field.kind(),
            Kind::Text | Kind::Int | Kind::Uint | Kind::Uuid
        );
        let part = matches!(field.kind(), Kind::Bool | Kind::Date | Kind::Instant);
        if key.one().is_some() && (!single || field.nullable()) {
            return Err(Error::setup(format!(
                "`{}` can't be the id of {}: an id is text, an integer or a UUID",
                field.name(),
                def.name
            )));
        }
        if !(single || part) || field.nullable() {
            return Err(Error::setup(format!(
                "`{}` can't be a part of the id of {}: a part is text, an integer, a truth value, a UUID, a date or a time, and never null",
                field.name(),
                def.name
            )));
        }
    }
    Ok(key)
}

pub(super) fn one_owner(fields: &[Field]) -> Result<()> {
    let mut owners = fields.iter().filter(|field| field.def.owner);
    match (owners.next(), owners.next()) {
        (Some(first), Some(second)) => Err(Error::setup(format!(
            "`{}` and `{}` are both its owner; mark one",
            first.name(),
            second.name()
        ))),
        _ => Ok(()),
    }
}
