//! The URL of a model: `/blogs/{blog}/posts`.

use proc_macro2::Span;
use syn::LitStr;

use crate::ctxt::Ctxt;

/// A URL's parameters. What is wrong with the text is reported when it is read.
pub(crate) struct Url {
    pub(crate) parameters: Vec<String>,
    pub(crate) span: Span,
}

impl Url {
    /// Reads and checks the text.
    pub(crate) fn read(cx: &Ctxt, text: &LitStr) -> Self {
        let url = text.value();
        let (parameters, faults) = larder_query::read_url(&url);
        for fault in faults {
            cx.error(text.span(), fault);
        }
        Self {
            parameters: parameters.into_iter().map(str::to_owned).collect(),
            span: text.span(),
        }
    }
}
