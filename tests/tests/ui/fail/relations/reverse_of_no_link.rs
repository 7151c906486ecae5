//! A `ModelRelated` is the reverse of a link that must be there, and be clear.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
    tags: ModelRelated<Tag>,
    posts: ModelRelated<Post>,
    #[model(via = "frist")]
    pages: ModelRelated<Post>,
    #[model(via = author)]
    notes: ModelRelated<Post>,
    #[model(via = extra)]
    more: ModelRelated<Post>,
    #[model(via = first)]
    right: ModelRelated<Post>,
}

type Alias = ModelLink<Blog>;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    first: Option<Alias>,
    second: ModelLink<Blog>,
    extra: ModelLinksMap<Blog, f64>,
    author: ModelLink<Tag>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Tag {
    #[model(id)]
    id: Id<Tag>,
}

fn main() {}
