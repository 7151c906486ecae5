//! Models made at run time: from a JSON Schema, or from a configuration that holds one.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{FieldDef, Kind, ModelDef, url_parameters};
use crate::error::{Error, Result};
use crate::rule::Operation;
use crate::schema::references;
use crate::schema::views::make_nullable;

/// What may stand at the top of a schema beside `x-` words.
const UNDERSTOOD: [&str; 14] = [
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "examples",
    "deprecated",
    "default",
];

/// A model as a configuration writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    name: String,
    schema: Json,
    description: Option<String>,
    url: Option<String>,
    store: Option<String>,
    collection: Option<String>,
    id: Option<String>,
    owner: Option<String>,
    #[serde(default)]
    parents: BTreeMap<String, String>,
    #[serde(default)]
    read_only: Vec<String>,
    #[serde(default)]
    server_only: Vec<String>,
    #[serde(default)]
    index: Vec<String>,
    #[serde(default)]
    unique: Vec<String>,
    #[serde(default)]
    rules: Rules,
    #[serde(default)]
    search: BTreeMap<String, String>,
    #[serde(default)]
    parameters: BTreeMap<String, Json>,
    conditions: Option<Json>,
    #[serde(default)]
    sort: Vec<String>,
    default_sort: Option<String>,
    page: Option<u32>,
    #[serde(default)]
    client_id: bool,
    #[serde(default)]
    timestamps: bool,
    #[serde(default)]
    duplicates_are_invalid: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    read: Option<String>,
    create: Option<String>,
    update: Option<String>,
    delete: Option<String>,
    write: Option<String>,
}

impl ModelDef {
    /// A model without a struct, from a JSON Schema (2020-12) of its records: one field a property, in the order of the schema's
    /// map (by name, unless serde_json's `preserve_order` is on somewhere in the program).
    ///
    /// A property that is not `required` may be null, and is left out of answers while it is; one with a `default` gets that.
    /// `readOnly` is understood, and `x-link` (the name of a model); `writeOnly` is refused, but in a field that is made server-only. References lead into the schema's own `$defs`. Which field is the id, who may do what and
    /// so on is said afterwards, with [`change`](Self::change) and the other methods.
    ///
    /// ```
    /// use larder_core::{Compiled, FieldDef, ModelDef, Operation};
    /// use serde_json::json;
    /// let def = ModelDef::from_schema("Note", &json!({
    ///     "type": "object",
    ///     "properties": {"id": {"type": "string"}, "text": {"type": "string", "maxLength": 500}, "stars": {"type": "integer", "default": 0}},
    ///     "required": ["id", "text"],
    /// }))?
    /// .url("/notes")
    /// .change("id", FieldDef::id)?
    /// .rule(Operation::Read, "true");
    /// assert_eq!(Compiled::new(def)?.name(), "Note");
    /// # Ok::<(), larder_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Setup` for what is no schema of an object, and for keywords at its top that ask for more than fields.
    pub fn from_schema(name: &str, schema: &Json) -> Result<Self> {
        Self::read_schema(name, schema, &[])
    }

    /// As [`from_schema`](Self::from_schema); the fields that are `filled` have a value even where the schema does not require it.
    fn read_schema(name: &str, schema: &Json, filled: &[&str]) -> Result<Self> {
        let fault = |what: &str| Error::setup(format!("model {name}: {what}"));
        let Json::Object(top) = schema else {
            return Err(fault("its schema is not a JSON object"));
        };
        check_top(top).map_err(|what| fault(&what))?;
        let Some(Json::Object(properties)) = top.get("properties") else {
            return Err(fault("its schema has no `properties`"));
        };
        let mut required = filled.to_vec();
        for named in top
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            let named = named.as_str().unwrap_or_default();
            if !properties.contains_key(named) {
                let near = larder_query::nearest(named, properties.keys().map(String::as_str));
                let near =
                    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return Err(fault(&format!(
                    "`required` names `{named}`, which is not among its properties{near}"
                )));
            }
            required.push(named);
        }
        let mut def = Self::new(name.to_owned());
        if let Some(Json::String(description)) = top.get("description") {
            def = def.doc(description.clone());
        }
        for (property, schema) in properties {
            let field = field(property, schema, top, required.contains(&property.as_str()));
            def = def.field(field.map_err(|what| fault(&format!("field `{property}`: {what}")))?);
        }
        Ok(def)
    }

    /// A model without a struct, from a configuration: a JSON object with the `name`, the `schema` of its records
    /// ([`from_schema`](Self::from_schema)), and what `#[model(..)]` would say:
    ///
    /// ```
    /// use larder_core::{Compiled, ModelDef};
    /// use serde_json::json;
    /// let def = ModelDef::from_json(&json!({
    ///     "name": "Ticket",
    ///     "description": "Something to be mended.",
    ///     "url": "/rooms/{room}/tickets",      // without one it has no routes
    ///     "store": "main", "collection": "tickets",
    ///     "schema": {
    ///         "properties": {
    ///             "id": {"type": "string"}, "room": {"type": "string"}, "author": {"type": "string"},
    ///             "title": {"type": "string", "minLength": 1}, "state": {"enum": ["open", "done"], "default": "open"},
    ///             "cost": {"type": "integer", "default": 0}, "remark": {"type": "string"}
    ///         },
    ///         "required": ["room", "author", "title"]
    ///     },
    ///     "id": "id",                           // the usual one
    ///     "owner": "author",
    ///     "parents": {"room": "room"},          // URL parameter to field; may be left out where the names agree
    ///     "read_only": ["cost"], "server_only": ["remark"], "index": ["state"], "unique": ["title"],
    ///     "rules": {"read": "true", "create": "true", "write": "author=$actor.id"},
    ///     "search": {"title": "contains", "state": "eq"},
    ///     "sort": ["title", "_created"], "default_sort": "-_created", "page": 20,
    ///     "client_id": false, "timestamps": true, "duplicates_are_invalid": false
    /// }))?;
    /// assert_eq!(Compiled::new(def)?.fields().len(), 9);
    /// # Ok::<(), larder_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Setup` naming the model and what is not understood: a key, the name of a field, the schema. All else is found by `build()`.
    pub fn from_json(config: &Json) -> Result<Self> {
        let named = config.get("name").and_then(Json::as_str).unwrap_or("?");
        let config = Config::deserialize(config)
            .map_err(|error| Error::setup(format!("model {named}: {error}")))?;
        // A client need not send these, and yet every record has them.
        let mut filled = vec![config.id()];
        filled.extend(config.parents().map(|(_, field)| field));
        let mut def = Self::read_schema(&config.name, &config.schema, &filled)?;
        def = roles(def, &config)?;
        def.doc = config.description.map(Into::into).or(def.doc);
        def.url = config.url.map(Into::into);
        def.collection = config.collection.map(Into::into);
        def.default_sort = config.default_sort.map(Into::into);
        def.store = config.store.map_or(def.store, Into::into);
        def.page = config.page.unwrap_or(def.page);
        def.client_id = config.client_id;
        def.timestamps = config.timestamps;
        def.duplicates_are_invalid = config.duplicates_are_invalid;
        for (operation, text) in config.rules.each() {
            def = def.rule(operation, text);
        }
        for (name, schema) in config.parameters {
            def = def.parameter(name, schema);
        }
        def.conditions = config.conditions;
        for (field, operator) in config.search {
            def = def.search(field, operator);
        }
        Ok(def.sort(&config.sort))
    }

    /// Changes a field that is there already: `def.change("id", FieldDef::id)`.
    ///
    /// # Errors
    /// `Setup` for a name that is no field, with the one that is perhaps meant.
    pub fn change(
        mut self,
        field: &str,
        change: impl FnOnce(FieldDef) -> FieldDef,
    ) -> Result<Self> {
        let Some(at) = self.fields.iter().position(|known| known.name == field) else {
            let known = self.fields.iter().map(|known| &*known.name);
            let near = larder_query::nearest(field, known);
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(Error::setup(format!(
                "model {}: there is no field `{field}`{near}",
                self.name
            )));
        };
        self.fields[at] = change(self.fields[at].clone());
        Ok(self)
    }
}

impl Config {
    fn id(&self) -> &str {
        self.id.as_deref().unwrap_or("id")
    }

    /// The parameters of the URL, and those that only `parents` knows, with their fields.
    fn parents(&self) -> impl Iterator<Item = (&str, &str)> {
        let said = self.parents.iter();
        let said = said.map(|(parameter, field)| (parameter.as_str(), field.as_str()));
        let parameters = self.url.iter().flat_map(|url| url_parameters(url));
        parameters
            .filter(|parameter| !self.parents.contains_key(*parameter))
            .map(|parameter| (parameter, parameter))
            .chain(said)
    }
}

impl Rules {
    /// The rule of each operation; `write` stands for those of create, update and delete that are not given.
    fn each(self) -> impl Iterator<Item = (Operation, String)> {
        let write = || self.write.clone();
        [
            (Operation::Read, self.read),
            (Operation::Create, self.create.or_else(write)),
            (Operation::Update, self.update.or_else(write)),
            (Operation::Delete, self.delete.or_else(write)),
        ]
        .into_iter()
        .filter_map(|(operation, text)| Some((operation, text?)))
    }
}

/// What a configuration says of single fields.
fn roles(mut def: ModelDef, config: &Config) -> Result<ModelDef> {
    def = def.change(config.id(), FieldDef::id)?;
    if let Some(owner) = &config.owner {
        def = def.change(owner, FieldDef::owner)?;
    }
    // A parameter that the URL does not have is told by `build()`.
    for (parameter, field) in config.parents() {
        def = def.change(field, |field| field.parent(parameter.to_owned()))?;
    }
    type Change = fn(FieldDef) -> FieldDef;
    for (fields, change) in [
        (&config.read_only, FieldDef::read_only as Change),
        (&config.server_only, FieldDef::server_only),
        (&config.index, FieldDef::index),
        (&config.unique, FieldDef::unique),
    ] {
        for field in fields {
            def = def.change(field, change)?;
        }
    }
    Ok(def)
}

fn check_top(top: &Map<String, Json>) -> Result<(), String> {
    let strange = |word: &&String| !(UNDERSTOOD.contains(&word.as_str()) || word.starts_with("x-"));
    if let Some(word) = top.keys().find(strange) {
        return Err(format!(
            "its schema has `{word}` at the top; a model is an object with `properties`, and what is said of each stands there"
        ));
    }
    if top.get("type").is_some_and(|name| name != "object") {
        return Err("its schema must be of the type `object`".to_owned());
    }
    match top.get("additionalProperties") {
        None | Some(Json::Bool(false)) => Ok(()),
        Some(_) => Err(
            "its schema has `additionalProperties`, but a model's records have its fields alone: keep the others in a property of the type \
             `object`"
                .to_owned(),
        ),
    }
}

/// A property as a field. What it refers to goes with it, since every field's schema is a document of its own.
fn field(
    name: &str,
    schema: &Json,
    top: &Map<String, Json>,
    required: bool,
) -> Result<FieldDef, String> {
    let mut schema = schema.clone();
    for pointer in references(&schema) {
        let into_definitions = ["#/$defs/", "#/definitions/"]
            .iter()
            .any(|place| pointer.starts_with(place));
        if !into_definitions {
            return Err(format!(
                "it refers to `{pointer}`; references may lead into `#/$defs/`"
            ));
        }
        let root = with_definitions(&Json::Object(Map::new()), top);
        if root.pointer(&pointer[1..]).is_none() {
            return Err(format!(
                "it refers to `{pointer}`, which the schema does not have"
            ));
        }
    }
    let root = with_definitions(&schema, top);
    let (_, nullable) = Kind::of_schema(&root, &root);
    let default = schema.get("default").cloned();
    let read_only = schema.get("readOnly") == Some(&Json::Bool(true));
    let optional = !required && !nullable && default.is_none();
    if optional {
        make_nullable(&mut schema);
    }
    let mut field = FieldDef::new(name.to_owned(), with_definitions(&schema, top));
    if optional {
        field = field.omit_null();
    }
    if let Some(default) = default {
        let value = larder_query::to_value(&default).map_err(|error| error.to_string())?;
        field = field.default_to(value);
    }
    Ok(if read_only { field.read_only() } else { field })
}

fn with_definitions(schema: &Json, top: &Map<String, Json>) -> Json {
    let mut schema = schema.clone();
    if let Json::Object(map) = &mut schema {
        for word in ["$defs", "definitions"] {
            if let Some(definitions) = top.get(word) {
                map.insert(word.to_owned(), definitions.clone());
            }
        }
    }
    schema
}
