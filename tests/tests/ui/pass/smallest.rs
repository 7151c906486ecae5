//! A model needs an id and nothing else.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    #[model(id)]
    id: Id<Note>,
}

fn main() {
    let note = Note { id: Id::from("a") };
    assert_eq!(larder::Model::key(&note).as_str(), "a");
    assert_eq!(<Note as larder::Model>::NAME, "Note");
    assert_eq!(<Note as larder::Model>::FIELDS, ["id"]);
}
