//! Mistakes in `#[search]`, and which fields its body is seen to compare.

use proc_macro2::TokenStream;
use quote::quote;

use super::mistakes;
use crate::model_impl::attribute;

#[test]
fn searches_are_checked() {
    let like = |ident: &str| {
        format!("a search looks like this: `fn {ident}({ident}: &str) -> Filter<Self>`")
    };
    let q = like("q");
    for (item, expected) in [
        (
            quote!(
                #[search]
                fn q(&self, q: &str) -> Filter<Self> {}
            ),
            format!(
                "it makes the filter by which records are found, so there is no `self` yet; {q}"
            ),
        ),
        (
            quote!(
                #[search]
                async fn q(q: &str) -> Filter<Self> {}
            ),
            format!("a filter is data, which nothing has to be waited for; {q}"),
        ),
        (
            quote!(
                #[search]
                fn q(text: Option<&str>) -> Filter<Self> {}
            ),
            format!(
                "what a request sends comes as the argument with the function's name: `q: &str`; {q}"
            ),
        ),
        (
            quote!(
                #[search]
                fn q(q: Option<&str>) -> Filter<Self> {}
            ),
            format!(
                "it runs only if a request sends `q`, so that is never missing: leave the `Option` out; {q}"
            ),
        ),
        (
            quote!(
                #[search]
                fn q(q: &str, status: Status) -> Filter<Self> {}
            ),
            format!("a request need not send the parameter `status`: make it an `Option`; {q}"),
        ),
        (
            quote!(
                #[search]
                fn q(q: &Status) -> Filter<Self> {}
            ),
            "an argument is read from the request, so it is owned, or a `&str`".to_owned(),
        ),
        (
            quote!(
                #[search]
                fn q(q: &str) -> Vec<Self> {}
            ),
            format!("a search returns a filter; {q}"),
        ),
        (
            quote!(
                #[search]
                fn limit(limit: u32) -> Filter<Self> {}
            ),
            "`limit` is a parameter of every list; a search can't be called so".to_owned(),
        ),
        (
            quote!(
                #[search]
                fn q(q: &str) -> Filter<Self> {}
                #[search(name = "q")]
                fn r(r: u8) -> Filter<Self> {}
            ),
            "two searches are called `q`".to_owned(),
        ),
        (
            quote!(
                #[search(index)]
                fn q(q: &str) -> Filter<Self> {}
            ),
            "unknown key `index`; there is `name`".to_owned(),
        ),
    ] {
        assert_eq!(mistakes(item).first(), Some(&expected));
    }
}

/// Fields that a search compares get their indexes, unless a name in the body may be the body's own.
#[test]
fn names_of_a_body_stay_in_it() {
    let uses = |body: TokenStream| {
        let search = quote!(impl Post { #[search] fn q(q: &str) -> Filter<Self> { #body } });
        let output = attribute(quote!(), &search).to_string();
        output.contains("Used")
    };
    assert!(uses(quote!(Self::TITLE.eq(q))));
    for item in [
        quote!(
            use crate::Post as P;
        ),
        quote!(
            type P = Post;
        ),
        quote!(
            mod p {
                pub use crate::Post as P;
            }
        ),
        quote!(
            struct P;
        ),
    ] {
        assert!(!uses(quote!(#item P::TITLE.eq(q))), "{item}");
        assert!(!uses(quote!({ #item P::TITLE.eq(q) })), "{item} in a block");
    }
}

/// What is inside a field, or inside the elements of a list, as far as the paths are written out.
#[test]
fn paths_into_fields_are_seen() {
    let uses = |body: TokenStream| {
        let search = quote!(impl Post { #[search] fn q(q: &str) -> Filter<Self> { #body } });
        let output = attribute(quote!(), &search).to_string().replace(' ', "");
        let uses = output.split("_larder::Used(&").skip(1);
        let uses = uses.map(|used| {
            let (field, rest) = used.split_once(')').unwrap();
            let (call, _) = rest.split_once(')').unwrap();
            format!("{field}{call}")
        });
        uses.collect::<Vec<_>>()
    };
    for (body, expected) in [
        (
            quote!(Self::EXTRA.at::<i64>("a.b").eq(1)),
            vec![r#"Self::EXTRA.inside(&["a.b"],"eq""#],
        ),
        (
            quote!(Self::EXTRA.at::<Vec<Option<i64>>>("a").at("b").has(1)),
            vec![r#"Self::EXTRA.inside(&["a.b"],"has""#],
        ),
        (
            quote!(
                let width = Self::EXTRA.at::<i64>("width");
                width.eq(1)
            ),
            vec![r#"Self::EXTRA.inside(&["width"],"at""#],
        ),
        (
            quote!(
                Self::LINES.any(|line| line.at::<i64>("sku").eq(1).or(line.at::<u8>("n").gt(2)))
            ),
            vec![
                r#"Self::LINES.inside(&["","sku"],"eq""#,
                r#"Self::LINES.inside(&["","n"],"gt""#,
            ],
        ),
        (
            quote!(Self::LINES.any(|a| a.at::<P>("p").any(|b| b.at::<i64>("x").eq(1)))),
            vec![
                r#"Self::LINES.inside(&["","p","x"],"eq""#,
                r#"Self::LINES.inside(&["","p"],"any""#,
            ],
        ),
        // The inner `a` is another one.
        (
            quote!(Self::LINES.any(|a| a.at::<P>("p").any(|a| a.at::<i64>("x").eq(1)))),
            vec![
                r#"Self::LINES.inside(&["","p","x"],"eq""#,
                r#"Self::LINES.inside(&["","p"],"any""#,
            ],
        ),
        (quote!(Self::MARKS.any(|mark| mark.gt(1))), vec![]),
        // What the path is can't be seen, nor what the condition is on.
        (quote!(Self::EXTRA.at::<i64>(PATH).eq(1)), vec![]),
        (quote!(Self::LINES.any(is_good)), vec![]),
        (quote!(Self::TITLE.eq(q)), vec![r#"Self::TITLE.field("eq""#]),
    ] {
        assert_eq!(uses(body.clone()), expected, "{body}");
    }
}
