//! A link is made of the id of what it leads to.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Ticket {
    #[model(id)]
    id: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/tickets/{ticket}/notes")]
struct Note {
    #[model(id)]
    id: Id<Note>,
    ticket: ModelParent<Ticket>,
    other: ModelLink<Ticket>,
    text: ModelLink<Note>,
}

fn main() {
    let _ = Note {
        id: Id::new(),
        ticket: ModelParent::new("seven"),
        other: ModelLink::new(Id::<Ticket>::from("seven")),
        text: ModelLink::new("a text id is made of text"),
    };
}
