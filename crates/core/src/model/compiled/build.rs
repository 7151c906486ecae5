//! From the description of a model to the compiled form, with every mistake that can be seen in one model alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use larder_query::{CompactString, Op};
use serde_json::Value as Json;

use super::{Action, ArgCheck, Compiled, Field, Parent, Search, relations, rules};
use crate::error::{Error, Result};
use crate::layout::{Column, Index, Layout};
use crate::model::{
    ActionData, ActionDef, ComputedData, FieldData, FieldDef, Group, Kind, Method, ModelData,
    ModelDef, SearchData, computed, storage,
};
use crate::rule::{Operation, Rule, field_named};
use crate::schema::{Check, Views, views};
use crate::store::{Kept, SortKey};

mod mistakes;

/// Query parameters with a meaning of their own.
const RESERVED: [&str; 8] = [
    "limit", "skip", "sort", "sortBy", "fields", "select", "query", "include",
];

/// What is wrong with a description, one message a mistake.
pub(super) struct Faults(pub(super) Vec<String>);

impl From<Error> for Faults {
    fn from(error: Error) -> Self {
        Self(vec![error.message().to_owned()])
    }
}

pub(super) fn build(mut def: ModelDef) -> Result<Compiled, Faults> {
    let name = def.name.clone();
    if def.storage.read_only {
        def.offer.restrict(&Method::WRITES);
    }
    let at = |error: Error| Error::setup(format!("model {name}: {}", error.message()));
    let schemas = views::Sources::of(&def).map_err(at)?;
    if let Some(told) = mistakes::told(&mistakes::find(&def, &schemas)) {
        return Err(at(Error::setup(told)).into());
    }
    let relations = relations::take(&mut def, &schemas).map_err(at)?;
    let mut fields = def
        .fields
        .iter()
        .map(|field| compile_field(&def, field, &schemas))
        .collect::<Result<Vec<_>>>()
        .map_err(at)?;
    let groups = flattened(&def, &mut fields, &schemas).map_err(at)?;
    let timestamps = def.timestamps.then(|| {
        let first = fields.len();
        fields.extend(["_created", "_updated"].map(|name| timestamp_field(name, &schemas)));
        (first, first + 1)
    });
    let computed = computed::compile(&def, |name| fields.iter().any(|field| field.name() == name))
        .map_err(at)?;
    let key = the_key(&def, &fields).map_err(at)?;
    one_owner(&fields).map_err(at)?;
    let parents = parents(&def, &fields, &schemas).map_err(at)?;
    let search = search(&def, &fields).map_err(at)?;
    let sortable = sortable(&def, &fields).map_err(at)?;
    let default_sort = sort_keys(
        def.default_sort.as_deref().unwrap_or_default(),
        &fields,
        None,
    )
    .map_err(at)?;
    let layout = Arc::new(layout(&def, &fields, key, &parents).map_err(at)?);
    if layout.by_content() && !computed.is_empty() && fields.iter().any(|field| field.server_only) {
        // Its ETag is a hash of what clients see. A computed field may change with a server-only one, which no hash may tell of.
        return Err(at(Error::setup(
            "a table without versions can't have computed fields beside server-only ones: give it a version column",
        ))
        .into());
    }
    let (rules, actions) = rules_and_actions(&def, &fields).map_err(|errors| {
        let told = errors
            .into_iter()
            .map(|error| at(error).message().to_owned());
        Faults(told.collect())
    })?;
    let kept = fields.iter().enumerate().filter(|(at, field)| {
        !field.writable
            && *at != key
            && !parents.iter().any(|parent| parent.field == *at)
            && field.name() != "_updated"
    });
    let kept = Kept(kept.map(|(at, _)| at).collect());
    let mut data = data(&def, &fields, &search, &actions, &parents, &schemas);
    data.relations = relations;
    let views = Views::new(&def, &fields, &computed, &schemas);
    Ok(Compiled {
        data,
        layout,
        key,
        owner: fields.iter().position(|field| field.def.owner),
        parents,
        created: timestamps.map(|(created, _)| created),
        updated: timestamps.map(|(_, updated)| updated),
        rules,
        search,
        sortable,
        default_sort,
        page: def.page.max(1),
        kept,
        actions,
        groups,
        computed,
        views,
        fields,
        def,
    })
}

type RulesAndActions = (BTreeMap<Operation, Rule>, Vec<Action>);

/// The rules of the model and its actions with theirs, or what is wrong with any of them.
fn rules_and_actions(def: &ModelDef, fields: &[Field]) -> Result<RulesAndActions, Vec<Error>> {
    let (rules, mut faults) = match rules::compile(def, fields) {
        Ok(rules) => (rules, Vec::new()),
        Err(faults) => (BTreeMap::new(), faults),
    };
    let mut actions = Vec::with_capacity(def.behaviour.actions.len());
    for action in &def.behaviour.actions {
        match compile_action(action, fields) {
            Ok(action) => actions.push(action),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok((rules, actions))
    } else {
        Err(faults)
    }
}

fn compile_field(model: &ModelDef, def: &FieldDef, schemas: &views::Sources) -> Result<Field> {
    let (schema, root) = schemas.property(def)?;
    let (kind, nullable) = Kind::of_schema(schema, root);
    let check = Check::compile(schema, root)
        .map_err(|error| Error::setup(format!("field `{}`: {error}", def.name)))?;
    let check = Some(check)
        .filter(|check| !(check.is_trivial() || kind != Kind::Json && check.is_only_type()));
    hidden_inside(def, schema, root)?;
    let parent = def.parent.is_some();
    // The id of a POST, where the client may choose it.
    let kept_id = def.id && !model.client_id;
    let writable = !(kept_id || parent || def.owner || def.read_only || def.server_only);
    if (def.read_only || def.server_only) && def.default.is_none() && !nullable {
        return Err(Error::setup(format!(
            "field `{}` may not be sent by a client, so it needs a default",
            def.name
        )));
    }
    let required = writable && !def.id && def.default.is_none() && !nullable;
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
        check,
        def: def.clone(),
    })
}

/// The fields of flattened structs, as fields of the model.
fn flattened(
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
            let mut field = compile_field(def, &field, schemas)?;
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
    Ok(())
}

fn timestamp_field(name: &'static str, schemas: &views::Sources) -> Field {
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
        check: None,
        def,
    }
}

pub(in crate::model) fn json_name(name: &str) -> Box<[u8]> {
    let mut text = serde_json::to_vec(name).unwrap_or_default();
    text.push(b':');
    text.into()
}

fn the_key(def: &ModelDef, fields: &[Field]) -> Result<usize> {
    let mut keys = fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.def.id)
        .map(|(at, _)| at);
    let key = keys
        .next()
        .ok_or_else(|| Error::setup("it has no id field: mark one with `#[model(id)]`"))?;
    if keys.next().is_some() {
        return Err(Error::setup("it has two id fields; mark one"));
    }
    if !matches!(
        fields[key].kind(),
        Kind::Text | Kind::Int | Kind::Uint | Kind::Uuid
    ) || fields[key].nullable()
    {
        return Err(Error::setup(format!(
            "`{}` can't be the id of {}: an id is text, an integer or a UUID",
            fields[key].name(),
            def.name
        )));
    }
    Ok(key)
}

fn one_owner(fields: &[Field]) -> Result<()> {
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

fn parents(def: &ModelDef, fields: &[Field], schemas: &views::Sources) -> Result<Vec<Parent>> {
    let mut parents = Vec::new();
    for parameter in def.url.as_deref().into_iter().flat_map(url_parameters) {
        let field = fields.iter().position(|field| field.def.parent.as_deref() == Some(parameter)).ok_or_else(|| {
            Error::setup(format!("the URL has `{{{parameter}}}`, but no field is the parent `{parameter}`: add `{parameter}: ModelParent<..>`"))
        })?;
        let model = schemas.link(&fields[field].def).map(|(model, _)| model);
        parents.push(Parent {
            parameter: parameter.into(),
            field,
            model,
        });
    }
    Ok(parents)
}

/// As the derive checks it, for models that are described by hand: a router panics at what it can't read.
fn check_url(url: &str) -> Result<()> {
    let fault = |what: &str| Err(Error::setup(format!("its URL `{url}` {what}")));
    let Some(path) = url.strip_prefix('/') else {
        return fault("must begin with `/`");
    };
    for segment in path.split('/') {
        let parameter = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        if segment.is_empty() {
            return fault("must have a name between two `/`, and none at its end");
        }
        if !is_segment(parameter.unwrap_or(segment)) {
            return fault(&format!(
                "has the part `{segment}`: write a name of letters, digits, `-`, `_`, `.` and `~`, or one parameter `{{name}}`"
            ));
        }
    }
    if path.ends_with('}') {
        return fault(
            "must end with the name of the collection; the record's own id comes after it by itself",
        );
    }
    Ok(())
}

fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_.~".contains(letter))
}

/// The names in `{..}` of a URL.
pub(crate) fn url_parameters(url: &str) -> impl Iterator<Item = &str> {
    url.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn search(def: &ModelDef, fields: &[Field]) -> Result<Vec<Search>> {
    def.search
        .iter()
        .map(|(name, operator)| {
            let field = field_named(fields, name).map_err(Error::setup)?;
            if fields[field].server_only {
                return Err(Error::setup(format!(
                    "`{name}` is server-only and can't be searched"
                )));
            }
            let op = Op::from_name(operator)
                .filter(|op| op.suits_search())
                .ok_or_else(|| Error::setup(format!("`{operator}` is not a search operator")))?;
            Ok(Search { field, op })
        })
        .collect()
}

fn sortable(def: &ModelDef, fields: &[Field]) -> Result<Vec<usize>> {
    def.sort
        .iter()
        .map(|name| match field_named(fields, name) {
            Ok(at) if fields[at].server_only => Err(Error::setup(format!(
                "`{name}` is server-only and can't be sorted by"
            ))),
            found => found.map_err(Error::setup),
        })
        .collect()
}

/// Reads `+a,-b`. With `allowed`, only those fields may be named.
pub(crate) fn sort_keys(
    text: &str,
    fields: &[Field],
    allowed: Option<&[usize]>,
) -> Result<Vec<SortKey>> {
    text.split(',')
        .map(str::trim)
        .filter(|key| !key.is_empty())
        .map(|key| {
            let (descending, name) = match key.strip_prefix('-') {
                Some(name) => (true, name),
                None => (false, key.strip_prefix('+').unwrap_or(key)),
            };
            let field = field_named(fields, name)
                .ok()
                .filter(|at| allowed.is_none_or(|allowed| allowed.contains(at)));
            let field = field.ok_or_else(|| {
                let known: Vec<&str> = allowed
                    .unwrap_or_default()
                    .iter()
                    .map(|at| fields[*at].name())
                    .collect();
                Error::setup(format!(
                    "can't sort by `{name}`; sortable are: {}",
                    known.join(", ")
                ))
            })?;
            Ok(SortKey { field, descending })
        })
        .collect()
}

fn layout(def: &ModelDef, fields: &[Field], key: usize, parents: &[Parent]) -> Result<Layout> {
    let mut indexes: Vec<Index> = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        if field.def.unique {
            indexes.push(Index {
                fields: vec![at],
                unique: true,
            });
        } else if field.def.index || parents.iter().any(|parent| parent.field == at) {
            indexes.push(Index {
                fields: vec![at],
                unique: false,
            });
        }
    }
    Ok(Layout {
        model: def.name.to_string(),
        collection: collection(def),
        fields: fields.iter().map(|field| field.column.clone()).collect(),
        key,
        indexes,
        storage: storage::of(def, fields, key)?,
    })
}

/// Where the store keeps the records, if the model does not say.
fn collection(def: &ModelDef) -> String {
    def.collection.as_ref().map_or_else(
        || format!("{}s", def.name.to_lowercase()),
        ToString::to_string,
    )
}

fn compile_action(def: &ActionDef, fields: &[Field]) -> Result<Action> {
    let rule = def
        .allow
        .map(|text| Rule::compile(text, fields))
        .transpose();
    let rule = rule.map_err(|error| {
        rules::faulty(
            &format!("the rule of the action `{}`", def.name),
            error.message(),
        )
    })?;
    if let Some(field) = rule
        .as_ref()
        .filter(|_| def.global)
        .and_then(Rule::names_field)
    {
        return Err(Error::setup(format!(
            "action `{0}`: its rule names the field `{field}`, but a global action has no record: test `$actor` alone, as in \
             `$actor.role=admin`, or decide inside `{0}`",
            def.name
        )));
    }
    if !is_segment(def.name) {
        return Err(Error::setup(format!(
            "the action name `{}` can't be a part of a URL: use letters, digits, `-`, `_`, `.` and `~`",
            def.name
        )));
    }
    let output = (def.output)();
    if crate::schema::mentions(&output, &output, "x-secret") {
        return Err(Error::setup(format!(
            "action `{}` returns a struct with a `Secret` in it: return an `Entity<..>`, which leaves it out",
            def.name
        )));
    }
    let args = def.args.iter().map(|arg| {
        let mut schema = (arg.schema)();
        views::bound_integers(&mut schema);
        let (kind, nullable) = Kind::of_schema(&schema, &schema);
        let check = Check::compile(&schema, &schema).map_err(|error| {
            Error::setup(format!(
                "action `{}`, argument `{}`: {error}",
                def.name, arg.name
            ))
        })?;
        Ok(ArgCheck {
            name: arg.name,
            kind,
            nullable,
            check,
        })
    });
    Ok(Action {
        def: def.clone(),
        rule,
        args: args.collect::<Result<_>>()?,
    })
}

fn data(
    def: &ModelDef,
    fields: &[Field],
    search: &[Search],
    actions: &[Action],
    parents: &[Parent],
    schemas: &views::Sources,
) -> ModelData {
    let mut hooks: Vec<_> = def.behaviour.hooks.iter().map(|hook| hook.point).collect();
    hooks.dedup();
    ModelData {
        name: def.name.to_string(),
        description: def.doc.as_ref().map(ToString::to_string),
        url: def.url.as_ref().map(ToString::to_string),
        store: def.store.to_string(),
        collection: collection(def),
        fields: fields
            .iter()
            .enumerate()
            .map(|(at, field)| field_data(at, field, parents, schemas))
            .collect(),
        computed: def.behaviour.computed.iter().map(computed_data).collect(),
        rules: def
            .rules
            .iter()
            .map(|(operation, text)| (*operation, text.to_string()))
            .collect(),
        search: search
            .iter()
            .map(|search| SearchData {
                field: fields[search.field].name().to_owned(),
                operator: search.op.name(),
            })
            .collect(),
        sort: def.sort.iter().map(ToString::to_string).collect(),
        default_sort: def.default_sort.as_ref().map(ToString::to_string),
        page: def.page,
        timestamps: def.timestamps,
        methods: def.offer.methods(),
        echo: def.offer.echoing(),
        actions: actions.iter().map(action_data).collect(),
        hooks,
        relations: Vec::new(),
        read_only: def.storage.read_only,
    }
}

fn field_data(at: usize, field: &Field, parents: &[Parent], schemas: &views::Sources) -> FieldData {
    FieldData {
        name: CompactString::from(field.name()).into_string(),
        kind: field.kind(),
        nullable: field.nullable(),
        required: field.required,
        id: field.def.id,
        parent: parents
            .iter()
            .find(|parent| parent.field == at)
            .map(|parent| parent.parameter.to_string()),
        owner: field.def.owner,
        read_only: !field.writable && !field.server_only,
        server_only: field.server_only,
        index: field.def.index,
        unique: field.def.unique,
        link: schemas.link(&field.def).map(|(model, _)| model),
    }
}

fn computed_data(computed: &crate::model::ComputedDef) -> ComputedData {
    ComputedData {
        name: computed.name.to_owned(),
        description: computed.doc.map(str::to_owned),
        schema: (computed.schema)(),
    }
}

fn action_data(action: &Action) -> ActionData {
    ActionData {
        name: action.def.name.to_owned(),
        description: action.def.doc.map(str::to_owned),
        method: action.def.method,
        global: action.def.global,
        allow: action.def.allow.map(str::to_owned),
        input: views::arguments(&action.def),
        output: (action.def.output)(),
    }
}
