use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::derive;
use crate::testing::{errors, golden};

/// The errors of a model with these attributes on the struct, and these fields behind the id.
fn mistakes(attrs: impl ToTokens, fields: impl ToTokens) -> Vec<String> {
    errors(derive(
        quote! { #attrs struct Post { #[model(id)] id: Id<Post>, #fields } },
    ))
}

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
            pub number: u32,
            #[model(id, index)]
            pub day: Date,
            pub plane: ModelLink<Plane>,
        }
    });
    golden("several_ids.rs", model);
}

#[test]
fn parts_of_an_id_are_checked() {
    assert_eq!(
        mistakes(
            quote!(#[model(id(client))]),
            quote!(#[model(id)] weight: f32, #[model(id, index)] day: Date, #[model(id, unique)] number: u32),
        ),
        [
            "`id` and `unique` can't both be given: a field that is unique is an id by itself",
            "`id(client)` has no effect on an id of several fields, which always come from the client: leave it out",
            "`weight` can't be a part of the id: floats that are printed alike may differ; use an integer or a text",
        ]
    );
    let parent = "a parent can't be a part of the id: it would stand in the URL twice. Make it a `ModelLink<..>`, and take it out of the `url`";
    assert_eq!(
        mistakes(quote!(), quote!(#[model(id)] blog: ModelParent<Blog>)),
        [parent]
    );
    let database = "`id(database)` is for an id of one field: a database gives a number, and here are 2 fields";
    assert_eq!(
        mistakes(
            quote!(#[model(id(database))]),
            quote!(#[model(id)] line: i64)
        ),
        [database]
    );
}

#[test]
fn tables_are_checked() {
    assert_eq!(
        mistakes(
            quote!(#[model(id(client, database), read_only, was = "", rules(read = "true", write = "true"))]),
            quote!(#[model(was = "title")] title: String, #[model(was = "before")] after: String, #[model(column = "")] text: String),
        ),
        [
            "`id(client)` and `id(database)` can't both be given: one of them gives a new record its id",
            "`read_only` and `id(client)` can't both be given: nothing is added to a read-only table",
            "`read_only` and `id(database)` can't both be given: nothing is added to a read-only table",
            "`read_only` and `was` can't both be given: a read-only table is not renamed",
            "the model is `read_only`, so nobody asks its rule `write`; leave it out",
            "`was` is empty; leave it out, or name a column or table",
            "the column is called `title` now: `was` is its name from before",
            "a read-only table is not renamed; name its column with `column = \"..\"`",
            "`column` is empty; leave it out, or name a column or table",
        ]
    );
    let version =
        "`version` takes a column or `none`: `version = \"lock_version\"`, `version = none`";
    for wrong in [quote!(version), quote!(version = no), quote!(version = 2)] {
        assert_eq!(mistakes(quote!(#[model(#wrong)]), quote!()), [version]);
    }
    assert_eq!(
        mistakes(
            quote!(#[model(version = none, version = "v", id(databse))]),
            quote!()
        ),
        [
            "`version` is given twice",
            "unknown word in `id(..)` `databse`; did you mean `database`?"
        ]
    );
}

#[test]
fn a_mistake_leaves_a_model() {
    let text = crate::testing::pretty(derive(quote!(
        struct Post {
            #[model(ids)]
            id: Id<Post>,
        }
    )));
    assert!(
        text.contains("impl ::larder::__private::Model for Post"),
        "{text}"
    );
}

#[test]
fn all_mistakes_at_once() {
    let found = mistakes(
        quote!(#[model(urll = "/posts", page = 0, page = 2, sort(titel))]),
        quote!(title: String, #[model(read_only, server_only)] notes: Secret<u8>, #[model(indx)] author: String),
    );
    assert_eq!(
        found,
        [
            "unknown key `urll`; did you mean `url`?",
            "`page` is given twice",
            "unknown key `indx`; did you mean `index`?",
            "`read_only` and `server_only` can't both be given: a client can read the one and not the other",
            "there is no field `titel`; did you mean `title`?",
            "a page has at least one record",
        ]
    );
}

#[test]
fn rules_are_checked() {
    let rule = |text: &str| {
        mistakes(
            quote!(#[model(rules(read = #text))]),
            quote!(author: String, __notes: Secret<String>),
        )
    };
    assert_eq!(rule("author=$actor.id|__notes=x"), [""; 0]);
    assert_eq!(rule("true"), [""; 0]);
    // The actor itself: the names on the left are no fields.
    for good in [
        "$actor.role=admin",
        "eq($actor.role,admin)|author=$actor.id",
        "not(in($actor.role,(admin,$actor.other)))",
        "contains($actor.groups,staff)&$actor.level=ge=3",
    ] {
        assert_eq!(rule(good), [""; 0], "{good}");
    }
    assert!(rule("$user=ann")[0].contains("`$user` is unknown"));
    assert!(rule("eq($actor,ann)")[0].contains("`$actor` is unknown"));
    assert!(rule("$actor.a.b=x")[0].contains("^^^^^^^^^^"));
    assert!(rule("$actor.role=(a,b)")[0].contains("write in($name,(1,2))"));
    let unknown = rule("auhtor=$actor.id");
    assert!(
        unknown[0].contains("^^^^^^") && unknown[0].contains("did you mean `author`?"),
        "{unknown:?}"
    );
    assert!(rule("author=$user")[0].contains("`$user` is unknown"));
    assert!(rule("author.name=x")[0].contains("own fields"));
    assert_eq!(rule("author=a&id=b|id=c").len(), 1);
    assert_eq!(rule("").len(), 1);
}

#[test]
fn urls_are_checked() {
    let url = |text: &str| {
        mistakes(
            quote!(#[model(url = #text)]),
            quote!(blog: ModelParent<Blog>),
        )
    };
    assert_eq!(url("/blogs/{blog}/posts"), [""; 0]);
    assert_eq!(url("/my-blogs/{blog}/posts.v1"), [""; 0]);
    for bad in [
        "blogs/{blog}/posts",
        "/blogs/{blog}/posts/",
        "/blogs//{blog}/posts",
        "/blogs/{blog}/{blog}/posts",
        "/blogs/{blog}",
        "/blogs/{blog}/posts?x",
        "/blogs/x{blog}/posts",
        "/blogs/{blog}/{}/posts",
        "/blogs/{blog}/{id}/posts",
        "/posts",
        "/blogs/{blog}/{user}/posts",
    ] {
        assert!(!url(bad).is_empty(), "{bad} was accepted");
    }
    assert_eq!(
        mistakes(
            quote!(#[model(url = "/b/{b}/posts")]),
            quote!(#[model(parent = "b")] blog: Up)
        ),
        [""; 0]
    );
    assert_eq!(mistakes(quote!(), quote!(blog: ModelParent<Blog>)), [""; 0]);
    assert_eq!(
        mistakes(
            quote!(#[model(url = "/b/{blog}/posts")]),
            quote!(blog: String)
        )
        .len(),
        1
    );
}

#[test]
fn serdes_names_count() {
    let camel = quote!(#[serde(rename_all = "camelCase")] #[model(sort(firstName, "last"))]);
    assert_eq!(
        mistakes(
            &camel,
            quote!(first_name: String, #[serde(rename = "last")] last_name: String)
        ),
        [""; 0]
    );
    // Without its underscore the field would be open.
    let opened = quote!(first_name: String, last: String, _score: f64);
    assert_eq!(mistakes(camel, opened).len(), 1);
    assert_eq!(
        mistakes(quote!(), quote!(a: u8, #[serde(rename = "a")] b: u8)).len(),
        1
    );
    assert_eq!(
        mistakes(
            quote!(),
            quote!(#[serde(rename(serialize = "x", deserialize = "y"))] b: u8)
        )
        .len(),
        1
    );
    for bad in [
        quote!(alias = "c"),
        quote!(skip_serializing),
        quote!(skip_deserializing),
        quote!(skip_serializing_if = "Vec::is_empty"),
    ] {
        assert_eq!(
            mistakes(quote!(), quote!(#[serde(#bad)] b: Vec<u8>)).len(),
            1,
            "{bad}"
        );
    }
}

#[test]
fn fields_may_be_left_out_if_they_have_a_default() {
    let left_out = |more: TokenStream| quote!(#[serde(skip_serializing_if = "Vec::is_empty" #more)] b: Vec<u8>);
    assert_eq!(mistakes(quote!(), left_out(quote!(, default))), [""; 0]);
    assert_eq!(
        mistakes(quote!(#[serde(default)]), left_out(quote!())),
        [""; 0]
    );
    assert_eq!(mistakes(quote!(), left_out(quote!())).len(), 1);
}

#[test]
fn flattened_structs_bring_fields_that_are_not_known_yet() {
    let named = quote!(#[model(sort(city), search(city = eq), default_sort = "city", rules(read = "city=rome"))]);
    let flat = quote!(#[serde(flatten)] address: Address);
    assert_eq!(mistakes(&named, &flat), [""; 0]);
    assert_eq!(mistakes(&named, quote!(address: Address)).len(), 4);
    let wrong = |attr: TokenStream| mistakes(quote!(), quote!(#attr #flat)).len();
    assert_eq!(wrong(quote!(#[model(index)])), 1);
    assert_eq!(wrong(quote!(#[model(server_only)])), 1);
    assert_eq!(wrong(quote!(#[serde(with = "x")])), 1);
    assert_eq!(
        mistakes(quote!(#[serde(deny_unknown_fields)]), &flat).len(),
        1
    );
    // It may be a link, or hold an object: `build()` looks.
    assert_eq!(mistakes(quote!(#[model(sort(city.name))]), &flat), [""; 0]);
}

#[test]
fn names_with_dots_lead_into_fields_that_hold_something() {
    let searched = |name: TokenStream, field: TokenStream| {
        mistakes(quote!(#[model(search(#name = eq))]), field)
    };
    let city = quote!(address.city);
    for inner in [quote!(Address), quote!(Option<ModelLink<Address>>)] {
        assert_eq!(searched(city.clone(), quote!(address: #inner)), [""; 0]);
    }
    for (field, expected) in [
        (quote!(address: String), "`address` has nothing inside"),
        (quote!(address: Option<i64>), "`address` has nothing inside"),
        (
            quote!(address: Vec<Address>),
            "`address` is a list, and it is the list that is searched, by `contains`",
        ),
        (
            quote!(adress: Address),
            "there is no field `address`; did you mean `adress`?",
        ),
        (
            quote!(#[model(server_only)] address: Secret<Address>),
            "`address` is server-only: to filter by it would let clients guess what it holds",
        ),
    ] {
        assert_eq!(searched(city.clone(), field), [expected]);
    }
}

#[test]
fn a_scan_is_of_one_operator() {
    let searched = |how: TokenStream| {
        mistakes(
            quote!(#[model(search(title = #how))]),
            quote!(title: String),
        )
    };
    assert_eq!(searched(quote!(scan(eq))), [""; 0]);
    assert_eq!(searched(quote!(match)), [""; 0]);
    for (how, expected) in [
        (
            quote!(scan),
            "`scan` takes the operator that a plain `=` runs: `title = scan(eq)`",
        ),
        (quote!(scan(eq, ne)), "`scan(..)` takes one operator"),
        (
            quote!(scan(contain)),
            "unknown operator `contain`; did you mean `contains`?",
        ),
        (
            quote!(like),
            "unknown operator `like`; did you mean `contains`?",
        ),
        (
            quote!(eq(scan)),
            "this key takes no value: end it with a `,`",
        ),
    ] {
        assert_eq!(searched(how), [expected]);
    }
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
fn timestamps_bring_fields() {
    let sorted = quote!(
        sort(_created),
        search(_updated = ge),
        default_sort = "-_created"
    );
    assert_eq!(
        mistakes(quote!(#[model(timestamps, #sorted)]), quote!()),
        [""; 0]
    );
    assert_eq!(mistakes(quote!(#[model(#sorted)]), quote!()).len(), 3);
    assert_eq!(
        mistakes(quote!(#[model(timestamps)]), quote!(_created: u8)).len(),
        1
    );
}

#[test]
fn shapes_that_are_no_model() {
    let ids = |body: TokenStream| errors(derive(body)).len();
    assert_eq!(
        ids(quote!(
            enum Post {
                A,
            }
        )),
        1
    );
    assert_eq!(ids(quote!(union Post { a: u8 })), 1);
    assert_eq!(
        ids(quote!(
            struct Post(u8);
        )),
        1
    );
    assert_eq!(
        ids(quote!(
            struct Post;
        )),
        1
    );
    assert_eq!(
        ids(quote!(
            struct Post<T> {
                #[model(id)]
                id: T,
            }
        )),
        1
    );
    assert_eq!(
        ids(quote!(
            struct Post {
                id: u32,
            }
        )),
        1
    );
    assert_eq!(
        ids(quote!(
            struct Post {
                #[model(id)]
                id: u32,
                #[model(id)]
                other: Option<u32>,
            }
        )),
        1
    );
}

#[test]
fn methods_are_checked() {
    let of = |attrs: TokenStream| mistakes(quote!(#[model(#attrs)]), quote!());
    for good in [
        quote!(
            handle(get, list, post, put, patch, delete),
            restrict(put_new, delete),
            echo(put_existing, post = false)
        ),
        quote!(handle(), id(client)),
        quote!(
            restrict(put_new),
            restrict(put_existing),
            echo(put = false, delete = true)
        ),
    ] {
        assert_eq!(of(good.clone()), [""; 0], "{good}");
    }
    assert_eq!(
        of(quote!(
            handle(get, fetch, get),
            restrict(delete),
            echo(list, get)
        )),
        [
            "unknown method `fetch`; did you mean `patch`?",
            "`list` reads: it is always answered with what it read",
            "`get` reads: it is always answered with what it read",
            "`get` is given twice",
            "`delete` is not in `handle(..)`, so this has no effect",
        ]
    );
    assert_eq!(
        of(quote!(restrict(put, put_new), restrict = "get")),
        [
            "`restrict` takes a list: `restrict(..)`",
            "`put` stands for `put_new` and `put_existing`: write it or them",
        ]
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
