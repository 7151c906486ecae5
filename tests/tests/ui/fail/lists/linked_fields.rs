//! Names that lead through a link end at a field of the other model that clients may see.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct User {
    #[model(id)]
    id: Id<User>,
    name: String,
    #[model(server_only)]
    mail: Secret<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(author.nam = eq, author.mail = starts_with), sort(author.name, author.nme), default_sort = "-author.mail")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: ModelLink<User>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(authors.name = eq))]
struct Book {
    #[model(id)]
    id: Id<Book>,
    authors: ModelLinksSimpleArray<User>,
}

fn main() {}
