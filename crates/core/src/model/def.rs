//! The description of a model as the derive writes it, and as one can be written by hand.

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;

use larder_query::{Value, ValueError, ValueSerializer};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::fields::FieldsHook;
use super::storage::StorageDef;
use super::{Behaviour, Fields, FlattenDef, HookOutput, HookPoint, Method, Model, ModelOps, Offer};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::rule::Operation;

/// What a field's own type makes of a value: read by its `Deserialize`, written again by its `Serialize`.
pub type DecodeCheck = fn(&Value) -> Result<Value, String>;

/// A text of a description: a constant that the derive writes, or one made at run time.
pub type Text = Cow<'static, str>;

/// What a field is where nothing was sent.
#[derive(Clone)]
pub(crate) enum FieldDefault {
    By(fn() -> Result<Value>),
    Is(Value),
}

impl FieldDefault {
    pub(crate) fn value(&self) -> Result<Value> {
        match self {
            Self::By(make) => make(),
            Self::Is(value) => Ok(value.clone()),
        }
    }
}

/// One field of a model.
#[derive(Clone)]
pub struct FieldDef {
    pub(crate) name: Text,
    pub(crate) schema: Option<Json>,
    pub(crate) check: Option<DecodeCheck>,
    pub(crate) default: Option<FieldDefault>,
    pub(crate) id: bool,
    pub(crate) parent: Option<Text>,
    pub(crate) owner: bool,
    pub(crate) read_only: bool,
    pub(crate) server_only: bool,
    pub(crate) index: bool,
    pub(crate) unique: bool,
    pub(crate) omit_null: bool,
    pub(crate) via: Option<&'static str>,
    pub(crate) column: Option<&'static str>,
    pub(crate) was: Option<&'static str>,
}

impl FieldDef {
    /// A field of a struct, by its wire name. Its schema is the one of the struct's property.
    pub fn of<T: Serialize + DeserializeOwned + 'static>(name: impl Into<Text>) -> Self {
        // These types accept exactly what their schema says, so a second reading of the value would only cost time.
        let check = (!schema_says_all::<T>()).then_some(decodes::<T> as DecodeCheck);
        Self {
            check,
            ..Self::with_schema(name.into(), None)
        }
    }

    /// A field that a struct reads and writes by functions of its own (`#[serde(with = "..")]`), and what they make of a
    /// value: see [`decodes_with`].
    pub fn with(name: &'static str, check: DecodeCheck) -> Self {
        Self {
            check: Some(check),
            ..Self::with_schema(name.into(), None)
        }
    }

    /// A part of a struct that is flattened into the model's; its schema is the one of the struct's property.
    pub(crate) fn part(name: String) -> Self {
        Self::with_schema(name.into(), None)
    }

    /// A field of a model that is described by hand, with its own JSON Schema.
    pub fn new(name: impl Into<Text>, schema: Json) -> Self {
        Self::with_schema(name.into(), Some(schema))
    }

    fn with_schema(name: Text, schema: Option<Json>) -> Self {
        Self {
            name,
            schema,
            check: None,
            default: None,
            id: false,
            parent: None,
            owner: false,
            read_only: false,
            server_only: false,
            index: false,
            unique: false,
            omit_null: false,
            via: None,
            column: None,
            was: None,
        }
    }

    /// The key of the model, or a part of it where several fields are marked so: in the order of the fields.
    #[must_use]
    pub fn id(mut self) -> Self {
        self.id = true;
        self
    }

    /// Taken from this parameter of the URL.
    #[must_use]
    pub fn parent(mut self, parameter: impl Into<Text>) -> Self {
        self.parent = Some(parameter.into());
        self
    }

    /// Set to the actor on create.
    #[must_use]
    pub fn owner(mut self) -> Self {
        self.owner = true;
        self
    }

    /// Readable, not writable from outside.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Never leaves the server.
    #[must_use]
    pub fn server_only(mut self) -> Self {
        self.server_only = true;
        self
    }

    /// Kept in an index.
    #[must_use]
    pub fn index(mut self) -> Self {
        self.index = true;
        self
    }

    /// Shared by no two records.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Left out of answers when null (`#[serde(skip_serializing_if = "Option::is_none")]`).
    #[must_use]
    pub fn omit_null(mut self) -> Self {
        self.omit_null = true;
        self
    }

    /// For a `ModelRelated`: the field of the other model that links here.
    #[must_use]
    pub fn via(mut self, field: &'static str) -> Self {
        self.via = Some(field);
        self
    }

    /// What it is where a client does not, or may not, send it.
    #[must_use]
    pub fn default(mut self, default: fn() -> Result<Value>) -> Self {
        self.default = Some(FieldDefault::By(default));
        self
    }

    /// As [`default`](Self::default), for a value that is known only at run time.
    #[must_use]
    pub fn default_to(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(FieldDefault::Is(value.into()));
        self
    }
}

impl fmt::Debug for FieldDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldDef")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The serialised default of a field, for [`FieldDef::default`].
pub fn default_value<T: Serialize>(value: &T) -> Result<Value> {
    crate::types::reveal(|| larder_query::to_value(value)).map_err(Error::internal)
}

/// As [`default_value`], for a field that is written by a function of its own.
pub fn default_with<T>(
    value: &T,
    write: impl FnOnce(&T, ValueSerializer) -> Result<Value, ValueError>,
) -> Result<Value> {
    crate::types::reveal(|| write(value, ValueSerializer)).map_err(Error::internal)
}

/// What the functions of `#[serde(with = "..")]` make of a value, for [`FieldDef::with`].
pub fn decodes_with<T>(
    value: &Value,
    read: impl FnOnce(&Value) -> Result<T, ValueError>,
    write: impl FnOnce(&T, ValueSerializer) -> Result<Value, ValueError>,
) -> Result<Value, String> {
    let typed = read(value).map_err(|error| error.to_string())?;
    crate::types::reveal(|| write(&typed, ValueSerializer)).map_err(|error| error.to_string())
}

pub(crate) fn decodes<T: Serialize + DeserializeOwned>(value: &Value) -> Result<Value, String> {
    let typed = larder_query::from_value::<T>(value).map_err(|error| error.to_string())?;
    crate::types::reveal(|| larder_query::to_value(&typed)).map_err(|error| error.to_string())
}

fn schema_says_all<T: 'static>() -> bool {
    fn is<T: 'static>(id: TypeId) -> bool {
        id == TypeId::of::<T>() || id == TypeId::of::<Option<T>>()
    }
    let id = TypeId::of::<T>();
    is::<String>(id)
        || is::<bool>(id)
        || is::<i64>(id)
        || is::<i32>(id)
        || is::<u32>(id)
        || is::<u64>(id)
        || is::<f64>(id)
        || is::<i16>(id)
        || is::<u16>(id)
        || is::<u8>(id)
        || is::<i8>(id)
        || is::<jiff::Timestamp>(id)
        || is::<jiff::civil::Date>(id)
        || is::<uuid::Uuid>(id)
        || is::<Json>(id)
        || id == TypeId::of::<Vec<String>>()
        || id == TypeId::of::<Vec<i64>>()
}

/// Everything larder knows of a model before it is built into an app.
///
/// ```
/// use larder_core::{FieldDef, ModelDef, Operation};
/// use serde_json::json;
/// let note = ModelDef::new("Note")
///     .url("/notes")
///     .field(FieldDef::new("id", json!({"type": "string"})).id())
///     .field(FieldDef::new("text", json!({"type": "string", "maxLength": 500})))
///     .rule(Operation::Read, "true");
/// ```
#[derive(Clone, Debug)]
pub struct ModelDef {
    pub(crate) name: Text,
    pub(crate) package: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) url: Option<Text>,
    pub(crate) store: Text,
    pub(crate) collection: Option<Text>,
    pub(crate) fields: Vec<FieldDef>,
    pub(crate) flattened: Vec<FlattenDef>,
    pub(crate) rules: Vec<(Operation, Text)>,
    pub(crate) search: Vec<(Text, Text)>,
    pub(crate) parameters: Vec<(Text, Json)>,
    pub(crate) conditions: Option<Json>,
    pub(crate) sort: Vec<Text>,
    pub(crate) default_sort: Option<Text>,
    pub(crate) page: u32,
    pub(crate) client_id: bool,
    pub(crate) timestamps: bool,
    pub(crate) duplicates_are_invalid: bool,
    pub(crate) offer: Offer,
    pub(crate) behaviour: Behaviour,
    pub(crate) hooks: Vec<FieldsHook>,
    pub(crate) ops: Option<ModelOps>,
    pub(crate) type_id: Option<TypeId>,
    pub(crate) storage: StorageDef,
}

impl ModelDef {
    /// A model described by hand: no fields yet, no URL, everything denied, kept in the store `main`.
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            package: Text::Borrowed(""),
            doc: None,
            url: None,
            store: Text::Borrowed("main"),
            collection: None,
            fields: Vec::new(),
            flattened: Vec::new(),
            rules: Vec::new(),
            search: Vec::new(),
            parameters: Vec::new(),
            conditions: None,
            sort: Vec::new(),
            default_sort: None,
            page: 50,
            client_id: false,
            timestamps: false,
            duplicates_are_invalid: false,
            offer: Offer::default(),
            behaviour: Behaviour::default(),
            hooks: Vec::new(),
            ops: None,
            type_id: None,
            storage: StorageDef::default(),
        }
    }

    /// The model of a struct.
    pub fn of<M: Model>(package: impl Into<Text>) -> Self {
        Self {
            package: package.into(),
            ops: Some(ModelOps::of::<M>()),
            type_id: Some(TypeId::of::<M>()),
            ..Self::new(M::NAME)
        }
    }

    /// The description that stands in the schema and the manifest.
    #[must_use]
    pub fn doc(mut self, doc: impl Into<Text>) -> Self {
        self.doc = Some(doc.into());
        self
    }

    /// Where it is served: a path with a parameter for each parent, such as `/blogs/{blog}/posts`.
    #[must_use]
    pub fn url(mut self, url: impl Into<Text>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// The name of the store that keeps it.
    #[must_use]
    pub fn store(mut self, store: impl Into<Text>) -> Self {
        self.store = store.into();
        self
    }

    /// The table or collection; the model's name in lower case with an `s` unless said.
    #[must_use]
    pub fn collection(mut self, collection: impl Into<Text>) -> Self {
        self.collection = Some(collection.into());
        self
    }

    /// One more field, after those before it.
    #[must_use]
    pub fn field(mut self, field: FieldDef) -> Self {
        self.fields.push(field);
        self
    }

    /// The fields of a struct that is flattened into the model's (`#[serde(flatten)]`), after those before it.
    #[must_use]
    pub fn flatten<T: Serialize + DeserializeOwned + JsonSchema + 'static>(mut self) -> Self {
        self.flattened.push(FlattenDef::of::<T>());
        self
    }

    /// Who may do something: a rule such as `status=published|author=$actor.id`.
    #[must_use]
    pub fn rule(mut self, operation: Operation, text: impl Into<Text>) -> Self {
        self.rules.push((operation, text.into()));
        self
    }

    /// A query parameter: the field, and the operator that a single `=` runs. With `scan(eq)` every record may be looked at for this
    /// field, whatever the operator.
    ///
    /// The field may stand inside another one (`address.city`), or behind a link (`author.name`).
    #[must_use]
    pub fn search(mut self, field: impl Into<Text>, operator: impl Into<Text>) -> Self {
        self.search.push((field.into(), operator.into()));
        self
    }

    /// A query parameter for the [`conditions`](Self::conditions), with its JSON Schema. By itself it filters nothing.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<Text>, schema: Json) -> Self {
        self.parameters.push((name.into(), schema));
        self
    }

    /// How [parameters](Self::parameter) become a filter: JsonRestStores' `queryConditions`.
    ///
    /// A condition is an object with a `type` and `args`: `and` and `or` of conditions, or an operator (`eq`, `ne`, `lt`, `lte`, `gt`, `gte`,
    /// `in`, `contains`, `startsWith`, `endsWith`, `eqIgnoreCase`) with a field and a value. `#name#` is what a request sends of a parameter;
    /// without it the comparison is left out. `ifDefined` and `ifNotDefined` name parameters that a part waits for, or gives way to.
    /// `each` repeats a part for every word of a text: `{"type": "each", "value": "q", "as": "word", "linkType": "and", "args": [..]}`.
    ///
    /// ```
    /// use larder_core::{FieldDef, ModelDef};
    /// use serde_json::json;
    /// let text = || json!({"type": "string"});
    /// let person = ModelDef::new("Person")
    ///     .field(FieldDef::new("id", text()).id())
    ///     .field(FieldDef::new("name", text()))
    ///     .field(FieldDef::new("surname", text()))
    ///     .parameter("all", json!({"type": "string", "maxLength": 60}))
    ///     .conditions(json!({"type": "or", "ifDefined": "all", "args": [
    ///         {"type": "startsWith", "args": ["name", "#all#"]},
    ///         {"type": "startsWith", "args": ["surname", "#all#"]},
    ///     ]}));
    /// # larder_core::Compiled::new(person).unwrap();
    /// ```
    ///
    /// # Errors
    /// What is wrong in it is told by `build()`, with the place.
    #[must_use]
    pub fn conditions(mut self, tree: Json) -> Self {
        self.conditions = Some(tree);
        self
    }

    /// The fields that may be sorted by.
    #[must_use]
    pub fn sort<T: Into<Text> + Clone>(mut self, fields: &[T]) -> Self {
        self.sort = fields.iter().cloned().map(Into::into).collect();
        self
    }

    /// The order where a request names none: `+a,-b`.
    #[must_use]
    pub fn default_sort(mut self, keys: impl Into<Text>) -> Self {
        self.default_sort = Some(keys.into());
        self
    }

    /// How many records a page has if the request does not say, and at the most.
    #[must_use]
    pub fn page(mut self, size: u32) -> Self {
        self.page = size;
        self
    }

    /// Lets a client choose the id on POST too.
    #[must_use]
    pub fn client_id(mut self) -> Self {
        self.client_id = true;
        self
    }

    /// Keeps `_created` and `_updated`.
    #[must_use]
    pub fn timestamps(mut self) -> Self {
        self.timestamps = true;
        self
    }

    /// Answers a taken id or unique value with 422, as every other fault of content, where it is 409 otherwise. The body is the same.
    #[must_use]
    pub fn duplicates_are_invalid(mut self) -> Self {
        self.duplicates_are_invalid = true;
        self
    }

    /// The methods that the model handles for clients; all unless said. Others are answered with 501.
    #[must_use]
    pub fn handle(mut self, methods: &[Method]) -> Self {
        self.offer.handle(methods);
        self
    }

    /// Methods that are withdrawn from clients, and answered with 405. Code on the server still has them.
    #[must_use]
    pub fn restrict(mut self, methods: &[Method]) -> Self {
        self.offer.restrict(methods);
        self
    }

    /// Whether these writes are answered with the record: all but `Delete` unless said.
    #[must_use]
    pub fn echo(mut self, methods: &[Method], on: bool) -> Self {
        self.offer.echo(methods, on);
        self
    }

    /// The hooks and actions. Those of a model without a struct are given its [`Fields`] in the place of a struct:
    /// `this_mut::<Fields>(this)?`.
    #[must_use]
    pub fn behaviour(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    /// Adds a hook to a model that has no struct, after those before it. It is an `async` closure that is given the [`Fields`] of a record.
    ///
    /// Before a record is written it returns the fields as they are to be, or `()` to leave them as they are; what it changed is
    /// validated. At other points it returns `()`: what it returned would change nothing. By failing it refuses, and everything in the
    /// transaction is undone. `name` stands in messages.
    ///
    /// ```
    /// use larder_core::{Ctx, Error, Fields, HookPoint, ModelDef};
    /// # fn example(ticket: ModelDef) -> ModelDef {
    /// ticket.hook(HookPoint::BeforeDelete, "keep_open_ones", |ticket: Fields, _: Ctx| async move {
    ///     match ticket.to::<String>("state")?.as_str() {
    ///         "open" => Err(Error::denied(409, "close it first")),
    ///         _ => Ok(()),
    ///     }
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn hook<F, Out, O>(mut self, point: HookPoint, name: impl Into<Text>, hook: F) -> Self
    where
        F: Fn(Fields, Ctx) -> Out + Send + Sync + 'static,
        Out: Future<Output = Result<O>> + Send + 'static,
        O: HookOutput,
    {
        let hook = FieldsHook::new(point, name.into(), hook);
        self.hooks.push(hook);
        self
    }

    /// A hook, whatever it is given, by its name.
    pub(crate) fn first_hook(&self) -> Option<&str> {
        let typed = self.behaviour.hooks.first().map(|hook| hook.name);
        typed.or_else(|| self.hooks.first().map(|hook| &*hook.name))
    }

    /// Whether several fields are the id together.
    pub(crate) fn has_parted_id(&self) -> bool {
        self.fields.iter().filter(|field| field.id).count() > 1
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The package whose source declares it.
    pub fn package(&self) -> &str {
        &self.package
    }
}
