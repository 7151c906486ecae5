//! What the unit tests of the macros share.

use std::fs;
use std::path::PathBuf;

use proc_macro2::TokenStream;
use syn::{Item, LitStr};

/// The output as rustfmt would write it, nearly.
pub(crate) fn pretty(tokens: TokenStream) -> String {
    let file = syn::parse2(tokens).expect("the output is a list of items");
    prettyplease::unparse(&file)
}

/// The messages of the errors in an output.
pub(crate) fn errors(tokens: TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(tokens).expect("the output is a list of items");
    file.items
        .into_iter()
        .filter_map(|item| match item {
            Item::Macro(item)
                if item
                    .mac
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == "compile_error") =>
            {
                Some(item.mac)
            }
            _ => None,
        })
        .map(|mac| {
            mac.parse_body::<LitStr>()
                .expect("a message is a text")
                .value()
        })
        .collect()
}

/// Compares an output with the file in `tests/expand`; writes the file instead if `LARDER_EXPAND` is `overwrite`.
pub(crate) fn golden(name: &str, tokens: TokenStream) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/expand")
        .join(name);
    let found = pretty(tokens);
    if std::env::var_os("LARDER_EXPAND").is_some_and(|wish| wish == "overwrite") {
        fs::write(&path, &found).expect("the golden file can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        found, expected,
        "{name} has changed; look at it, then run the tests with LARDER_EXPAND=overwrite"
    );
    found
}
