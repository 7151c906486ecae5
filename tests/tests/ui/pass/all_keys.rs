//! Every key of `#[model(..)]`.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users", id(client))]
struct User {
    #[model(id)]
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs")]
struct Blog {
    #[model(id)]
    number: i64,
}

/// One entry of a blog.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(name = "Entry", url = "/blogs/{in}/posts", store = "main", collection = "entries", timestamps, crate = ::larder)]
#[model(rules(
    read = "status=published|author=$actor.id",
    create = "true",
    write = "author=$actor.id",
    delete = "false"
))]
#[model(search(title = contains, status = in, "sub-title" = starts_with, _created = ge, type = eq))]
#[model(
    sort(title, "sub-title", _created),
    default_sort = "-_created,+title",
    page = 20
)]
#[model(
    handle(get, list, post, put, patch, delete),
    restrict(put_new, delete),
    echo(put_existing, post = false)
)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(parent = "in")]
    blog: ModelParent<Blog>,
    #[model(owner, index)]
    author: ModelLink<User>,
    #[model(index)]
    title: String,
    #[serde(rename = "sub-title", skip_serializing_if = "Option::is_none")]
    sub_title: Option<String>,
    #[serde(default = "draft")]
    status: String,
    #[serde(default)]
    r#type: u8,
    #[model(unique)]
    slug: String,
    #[model(read_only)]
    score: f64,
    _seen: u32,
    #[model(server_only)]
    notes: Secret<String>,
    __key: Option<Secret<String>>,
    #[serde(skip)]
    #[allow(dead_code)]
    cache: Option<std::sync::Arc<()>>,
}

fn draft() -> String {
    "draft".to_owned()
}

fn main() {
    assert_eq!(<Post as larder::Model>::NAME, "Entry");
    assert_eq!(
        <Post as larder::Model>::FIELDS,
        [
            "id",
            "blog",
            "author",
            "title",
            "sub-title",
            "status",
            "type",
            "slug",
            "score",
            "_seen",
            "notes",
            "__key"
        ]
    );
    let _ = (
        Post::SUB_TITLE,
        Post::TYPE,
        Post::_SEEN,
        User::NAME,
        Blog::NUMBER,
    );
    larder::models![Post, Blog, User];
}
