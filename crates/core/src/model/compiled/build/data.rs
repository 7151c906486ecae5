//! What of a compiled model is data: its part of the manifest.

use larder_query::CompactString;

use super::collection;
use crate::model::compiled::{Action, Field, Parent, parameters};
use crate::model::{
    ActionData, ComputedData, ComputedDef, FieldData, ModelData, ModelDef, SearchData,
};
use crate::schema::views;

pub(super) fn of(
    def: &ModelDef,
    fields: &[Field],
    search: Vec<SearchData>,
    actions: &[Action],
    parents: &[Parent],
    schemas: &views::Sources,
) -> ModelData {
    let typed = def.behaviour.hooks.iter().map(|hook| hook.point);
    let mut hooks: Vec<_> = typed
        .chain(def.hooks.iter().map(|hook| hook.point))
        .collect();
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
        search,
        parameters: parameters::data(def),
        sort: def.sort.iter().map(ToString::to_string).collect(),
        default_sort: def.default_sort.as_ref().map(ToString::to_string),
        page: def.page,
        timestamps: def.timestamps,
        duplicates_are_invalid: def.duplicates_are_invalid,
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

fn computed_data(computed: &ComputedDef) -> ComputedData {
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
