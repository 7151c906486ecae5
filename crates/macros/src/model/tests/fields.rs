//! Mistakes in fields, and in what names them.

use proc_macro2::TokenStream;
use quote::quote;

use super::mistakes;

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
fn parents_can_be_parts_of_an_id() {
    let url = quote!(#[model(url = "/blogs/{blog}/posts")]);
    assert_eq!(
        mistakes(&url, quote!(#[model(id)] blog: ModelParent<Blog>)),
        [""; 0]
    );
    let by_name = quote!(#[model(id, parent = "blog")] of: Above);
    assert_eq!(mistakes(&url, by_name), [""; 0]);
    assert_eq!(
        mistakes(&url, quote!(#[model(id)] log: ModelParent<Blog>)),
        [
            "the URL has no parameter `{log}` for this parent, but `blog`: write it into the URL, or say which one is meant with \
             `#[model(parent = \"blog\")]`"
        ]
    );
    let twice = quote!(#[model(id)] blog: ModelParent<Blog>, #[model(parent = "blog")] of: ModelParent<Blog>);
    assert_eq!(
        mistakes(&url, twice),
        ["another field is taken from `{blog}` already"]
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
    assert_eq!(mistakes(&camel, opened).len(), 1);
    let shown =
        |field: TokenStream| mistakes(&camel, quote!(first_name: String, last: String, #field));
    let told = "`rename_all` makes this `notes`, and without its underscores clients may read it; add `#[model(server_only)]`, or \
                `#[serde(rename = \"__notes\")]`";
    assert_eq!(shown(quote!(__notes: Secret<String>)), [told]);
    assert_eq!(
        shown(quote!(#[model(read_only)] __notes: Secret<String>)),
        [told]
    );
    // Of these nobody writes what a client sends, whatever they are called.
    assert_eq!(shown(quote!(#[model(owner)] _author: String)), [""; 0]);
    assert_eq!(
        shown(quote!(#[model(read_only)] _score: f64)),
        [""; 0],
        "it is read-only in any case"
    );
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
        (
            quote!(address: String),
            "`address` is one value, with nothing inside to search or sort by: write `address`",
        ),
        (
            quote!(address: Option<i64>),
            "`address` is one value, with nothing inside to search or sort by: write `address`",
        ),
        (
            quote!(address: Vec<Address>),
            "`address` is a list, and it is the list that is searched: `address = contains`",
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
        (quote!(eq(scan)), "this key takes no value: write it alone"),
    ] {
        assert_eq!(searched(how), [expected]);
    }
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
