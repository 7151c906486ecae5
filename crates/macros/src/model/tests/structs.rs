//! Mistakes in the attributes of the struct, and in the struct itself.

use proc_macro2::TokenStream;
use quote::quote;

use super::mistakes;
use crate::model::derive;
use crate::testing::errors;

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
            "unknown word `databse`; did you mean `database`?"
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
        "/blogs/{blog}/../posts",
        "/./blogs/{blog}/posts",
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
            "`list` is always answered with what it reads: leave it out of `echo(..)`",
            "`get` is always answered with what it reads: leave it out of `echo(..)`",
            "`get` is given twice",
            "`delete` is not in `handle(..)`, so this has no effect",
        ]
    );
    assert_eq!(
        of(quote!(restrict(put, put_new), restrict = "get")),
        [
            "`restrict` takes a list, such as `restrict(get, list)`",
            "`put` stands for `put_new` and `put_existing`: write it or them",
        ]
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
