//! What the derive writes: golden expansions, and how large they may be.

use quote::quote;

use crate::model::derive;
use crate::testing::golden;

#[test]
fn smallest() {
    golden(
        "smallest.rs",
        derive(quote!(
            pub struct Note {
                #[model(id)]
                pub id: String,
            }
        )),
    );
}

#[test]
fn ten_fields_stay_small() {
    let model = derive(quote! {
        /// One entry of a blog.
        ///
        /// With a picture.
        #[model(url = "/blogs/{blog}/posts", store = "main", collection = "entries", timestamps, id(client))]
        #[model(rules(read = "status=published|author=$actor.id", create = "true", write = "author=$actor.id"))]
        #[model(search(title = contains, status = eq), sort(title, _created), default_sort = "-_created,+title", page = 20)]
        #[serde(rename_all = "camelCase")]
        pub struct Post {
            #[model(id)]
            pub id: Id<Post>,
            pub blog: ModelParent<Blog>,
            #[model(owner)]
            pub author: ModelLink<User>,
            #[model(index)]
            pub title: String,
            #[serde(default)]
            pub status: Status,
            #[serde(default = "usual_tags")]
            tags: Vec<String>,
            #[model(read_only)]
            pub score: f64,
            #[model(server_only)]
            pub notes: Secret<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub sub_title: Option<String>,
            #[model(unique)]
            pub(crate) r#type: String,
            #[serde(skip)]
            cache: Cache,
        }
    });
    let lines = golden("ten_fields.rs", model).lines().count();
    assert!(
        lines < 140,
        "a model of ten fields expands to {lines} lines"
    );
}

#[test]
fn functions_of_their_own() {
    golden(
        "functions.rs",
        derive(quote! {
            struct Post {
                #[model(id)]
                id: Id<Post>,
                #[serde(with = "seconds", default = "now")]
                at: Timestamp,
                #[serde(serialize_with = "write")]
                one: Odd,
                #[serde(deserialize_with = "read", default)]
                other: Odd,
                #[serde(flatten)]
                address: Address,
            }
        }),
    );
}

#[test]
fn renamed_crate_is_the_only_name() {
    let model = derive(quote! {
        #[model(crate = my::store)]
        #[serde(default)]
        struct Note { #[model(id)] id: String, __key: Secret<u8>, _seen: u32 }
    });
    let text = golden("renamed.rs", model);
    assert!(!text.contains("::larder"), "{text}");
}

#[test]
fn a_table_that_was_there() {
    let model = derive(quote! {
        #[model(collection = "articles", was = "posts", version = "lock_version", id(database))]
        struct Article {
            #[model(id, column = "article_id")]
            id: i64,
            #[model(column = "headline", was = "title")]
            title: String,
        }
    });
    golden("existing_table.rs", model);
    let model = derive(quote! {
        #[model(collection = "stats", read_only, version = none)]
        struct Stat { #[model(id)] name: String }
    });
    golden("read_only.rs", model);
}

#[test]
fn an_id_of_several_fields() {
    let model = derive(quote! {
        #[model(url = "/flights", collection = "departures", search(carrier = eq, day = ge), sort(day))]
        #[model(rules(read = "true", create = "carrier=$actor.airline"))]
        pub struct Flight {
            #[model(id, column = "airline")]
            pub carrier: String,
            #[model(id)]
            #[serde(default)]
            pub number: u32,
            #[model(id, index)]
            pub day: Date,
            pub plane: ModelLink<Plane>,
        }
    });
    golden("several_ids.rs", model);
}

#[test]
fn what_stands_behind_a_link_is_looked_up_by_rustc() {
    golden(
        "linked.rs",
        derive(quote! {
            #[model(search(author.name = starts_with, author.team.name = scan(eq), address.city = eq), sort(author.name))]
            #[model(default_sort = "-author.name")]
            struct Post {
                #[model(id)]
                id: Id<Post>,
                author: ModelLink<User>,
                address: Address,
            }
        }),
    );
}

#[test]
fn methods_are_one_call_each() {
    let model = derive(quote! {
        #[model(handle(get, put, delete), restrict(put_new), echo(put = false, delete))]
        struct Note { #[model(id)] id: String }
    });
    let text = model.to_string().replace(' ', "");
    for part in [
        ".handle(&[_larder::Method::Get,_larder::Method::PutNew,_larder::Method::PutExisting,_larder::Method::Delete])",
        ".restrict(&[_larder::Method::PutNew])",
        ".echo(&[_larder::Method::Delete],true)",
        ".echo(&[_larder::Method::PutNew,_larder::Method::PutExisting],false)",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let plain = derive(quote!(
        struct Note {
            #[model(id)]
            id: String,
        }
    ))
    .to_string();
    assert!(!plain.contains("Method"), "{plain}");
}

/// The other shapes of a model, each as it is typically written.
#[test]
fn typical_models() {
    let models = [
        (
            "integer_key.rs",
            quote! {
                #[model(url = "/flights", id(client), sort(number))]
                #[model(rules(read = "true"))]
                pub struct Flight {
                    #[model(id)]
                    pub number: u32,
                    pub carrier: String,
                }
            },
        ),
        (
            "nested.rs",
            quote! {
                #[model(url = "/blogs/{blog}/posts/{post}/comments", timestamps)]
                #[model(rules(read = "true", write = "author=$actor.id"))]
                pub struct Comment {
                    #[model(id)]
                    pub id: Id<Comment>,
                    #[model(parent = "blog")]
                    pub of_blog: ModelParent<Blog>,
                    pub post: ModelParent<Post>,
                    #[model(owner, index)]
                    pub author: Option<ModelLink<User>>,
                }
            },
        ),
        (
            "hidden.rs",
            quote! {
                struct Account {
                    #[model(id)]
                    id: Uuid,
                    #[model(read_only)]
                    balance: i64,
                    #[serde(default = "usual")]
                    _seen: u32,
                    #[model(server_only, unique)]
                    token: Option<Secret<String>>,
                    __key: Secret<u8>,
                }
            },
        ),
        (
            "wire_names.rs",
            quote! {
                #[model(name = "Member", search("first-name" = starts_with), sort("e-mail"))]
                #[serde(rename_all = "kebab-case", default)]
                pub(crate) struct User {
                    #[model(id)]
                    id: String,
                    first_name: String,
                    #[serde(rename = "e-mail")]
                    email: String,
                    r#type: Option<String>,
                }
            },
        ),
    ];
    for (name, model) in models {
        let lines = golden(name, derive(model)).lines().count();
        assert!(lines < 80, "{name} has {lines} lines");
    }
}
