//! Every relation type, behind aliases, across modules with private fields, in a circle, and to the model itself.

use larder::prelude::*;

mod comments {
    use larder::prelude::*;

    /// Of no use to anybody else.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
    struct Private;

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[serde(rename_all = "camelCase")]
    pub struct Comment {
        #[model(id)]
        key: String,
        on: super::PostLink,
        answers: Option<ModelLink<Comment>>,
        #[model(via = answers)]
        answered_by: ModelRelated<Comment>,
        the_text: String,
        #[serde(default)]
        odd: Private,
    }
}

type PostLink = ModelParent<Post>;
type Reverse<T> = ModelRelated<T>;
type Copies<T> = larder::ModelsMapped<T>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Mapped)]
#[mapped(comments::Comment, via = on)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    the_text: String,
}

/// Nothing but the ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, larder::Mapped)]
#[mapped(crate::comments::Comment, via = "on", crate = ::larder)]
struct Bare {}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Weight {
    weight: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: u64,
    comments: Copies<Card>,
    all: ModelsMapped<Bare>,
    one: ModelMapped<Card>,
    related: Reverse<comments::Comment>,
    tags: ModelLinksSimpleArray<Tag>,
    friends: ModelLinksArray<Post, Weight>,
    weights: ModelLinksMap<Post, Weight>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Tag {
    #[model(id)]
    id: Id<Tag>,
    posts: ModelRelated<Post>,
    parent: Option<ModelLink<Tag>>,
    children: ModelRelated<Tag>,
}

/// A type of somebody else's that has the name of ours.
mod other {
    #[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    pub struct ModelsMapped;
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Odd {
    #[model(id)]
    id: String,
    copies: other::ModelsMapped,
}

fn main() {
    let tag: Tag = Tag { id: Id::new(), posts: Default::default(), parent: None, children: ModelRelated::new() };
    let _ = (Tag::POSTS, Tag::CHILDREN, tag.posts, Post::FRIENDS, Odd::COPIES);
}
