//! A model may be declared anywhere, and by a macro.

use larder::prelude::*;

macro_rules! model {
    ($name:ident, $field:ident : $type:ty, $url:literal) => {
        #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
        #[model(url = $url, sort($field))]
        struct $name {
            #[model(id)]
            id: Id<$name>,
            $field: $type,
        }

        #[model_impl]
        impl $name {
            #[action]
            async fn show(&mut self, $field: $type) -> Result<$type> {
                self.$field = $field;
                Ok(self.$field.clone())
            }
        }
    };
}

model!(Note, text: String, "/notes");

fn main() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    struct Inner {
        #[model(id)]
        id: Id<Inner>,
    }
    let _ = (Inner::ID, Note::TEXT);
}
