//! The serialisable half of a model's description: what stands in the manifest.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::{HookPoint, Kind, Method};
use crate::relation::RelationKind;
use crate::rule::Operation;

/// What the manifest says of a model.
#[derive(Clone, Debug, Serialize)]
pub struct ModelData {
    /// The model's name.
    pub name: String,
    /// Its doc comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it is served, with `{parent}` parameters; absent for a model without routes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The name of the store that keeps it.
    pub store: String,
    /// The table or collection.
    pub collection: String,
    /// Its fields in order, `_created` and `_updated` last.
    pub fields: Vec<FieldData>,
    /// What answers have beside the fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub computed: Vec<ComputedData>,
    /// Who may do what; an operation that is absent is denied.
    pub rules: BTreeMap<Operation, String>,
    /// The query parameters that filter.
    pub search: Vec<SearchData>,
    /// The query parameters that filter by code of the model, and those that only go with one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterData>,
    /// The fields that may be sorted by.
    pub sort: Vec<String>,
    /// The order where a request names none, in `sortBy` notation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_sort: Option<String>,
    /// How many records a page has, and at the most.
    pub page: u32,
    /// Whether `_created` and `_updated` are kept.
    pub timestamps: bool,
    /// Whether a taken id or unique value is answered with 422 and not with 409.
    #[serde(skip_serializing_if = "is_false")]
    pub duplicates_are_invalid: bool,
    /// What clients can do, as far as a rule allows it: without what the model does not handle or restricts.
    pub methods: Vec<Method>,
    /// Those writes that are answered with the record.
    pub echo: Vec<Method>,
    /// What can be done beyond reading and writing.
    pub actions: Vec<ActionData>,
    /// Which hook points run code of the model.
    pub hooks: Vec<HookPoint>,
    /// How its fields relate it to other models.
    pub relations: Vec<RelationData>,
    /// Whether it can't be written at all.
    #[serde(skip_serializing_if = "is_false")]
    pub read_only: bool,
}

/// One computed field in the manifest.
#[derive(Clone, Debug, Serialize)]
pub struct ComputedData {
    /// The wire name.
    pub name: String,
    /// Its doc comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The schema of its value.
    pub schema: Json,
}

/// One field in the manifest.
#[derive(Clone, Debug, Serialize)]
pub struct FieldData {
    /// The wire name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether null is allowed.
    pub nullable: bool,
    /// Whether a client must send it when it creates a record.
    pub required: bool,
    /// Whether it is the key.
    #[serde(skip_serializing_if = "is_false")]
    pub id: bool,
    /// The URL parameter it is taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether it is set to the actor on create.
    #[serde(skip_serializing_if = "is_false")]
    pub owner: bool,
    /// Readable, not writable from outside.
    #[serde(skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// Never leaves the server.
    #[serde(skip_serializing_if = "is_false")]
    pub server_only: bool,
    /// Whether an index is kept on it.
    #[serde(skip_serializing_if = "is_false")]
    pub index: bool,
    /// Whether two records may not share its value.
    #[serde(skip_serializing_if = "is_false")]
    pub unique: bool,
    /// The model it links to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// One relation in the manifest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RelationData {
    /// The field. A `related` one stands in no schema: nothing of it is stored or sent.
    pub field: String,
    /// What the field is to the other model.
    pub kind: RelationKind,
    /// The other model.
    pub target: String,
    /// The field of the other model that links here, for `related`, `mapped_one` and `mapped_many`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// The member that holds the id, for entries that are objects: the other model's name of its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The schema of what stands beside each id: the data of a link, or what is copied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
}

/// One query parameter that filters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SearchData {
    /// The parameter and field; with dots where it is inside a field, or a linked record's.
    pub field: String,
    /// The operator that a single `=` runs.
    pub operator: &'static str,
    /// Whether every record may be looked at for this field, whatever the operator.
    #[serde(skip_serializing_if = "is_false")]
    pub scan: bool,
}

/// One query parameter that filters by code.
#[derive(Clone, Debug, Serialize)]
pub struct ParameterData {
    /// The parameter.
    pub name: String,
    /// Its doc comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The schema of its value.
    pub schema: Json,
    /// Other parameters that it takes into account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
}

/// One action in the manifest.
#[derive(Clone, Debug, Serialize)]
pub struct ActionData {
    /// The last segment of its URL.
    pub name: String,
    /// Its doc comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The HTTP method.
    pub method: &'static str,
    /// Whether it runs on the model and not on one record.
    pub global: bool,
    /// Who may run it; absent is nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<String>,
    /// The schema of its arguments.
    pub input: Json,
    /// The schema of its result; null where it has none.
    pub output: Json,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}
