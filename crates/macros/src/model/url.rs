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
        let mut read = Self {
            parameters: Vec::new(),
            span: text.span(),
        };
        let Some(path) = url.strip_prefix('/') else {
            cx.error(text.span(), no_path(&url));
            return read;
        };
        let segments: Vec<&str> = path.split('/').collect();
        for segment in &segments {
            if let Err(message) = read.segment(segment) {
                cx.error(text.span(), message);
            }
        }
        if segments.last().is_some_and(|last| last.starts_with('{')) {
            cx.error(text.span(), "a URL ends with the name of the collection; the record's own id comes after it by itself");
        }
        read
    }

    fn segment(&mut self, segment: &str) -> Result<(), String> {
        if segment.is_empty() {
            return Err("a part of this URL is empty: there are no two `/` side by side, and none at the end".to_owned());
        }
        if matches!(segment, "." | "..") {
            return Err(format!(
                "`{segment}` can't be a part of a URL: every client takes it for a way up, and asks for something else"
            ));
        }
        if !segment.contains(['{', '}']) {
            return match segment
                .chars()
                .find(|letter| !letter.is_ascii_alphanumeric() && !"-_.~".contains(*letter))
            {
                Some(letter) => Err(format!(
                    "`{letter}` can't stand in the URL of a model, whose parts have letters, digits, `-`, `_`, `.` and `~`"
                )),
                None => Ok(()),
            };
        }
        let inner = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .unwrap_or_default();
        let whole = inner
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
        if inner.is_empty() || !whole {
            return Err(format!(
                "`{segment}` is no parameter: one fills a whole part of the URL, as in `/blogs/{{blog}}/posts`"
            ));
        }
        if inner == "id" {
            return Err("`{id}` is the record's own id, which comes last by itself; name a parameter after the parent".to_owned());
        }
        if self.parameters.iter().any(|known| known == inner) {
            return Err(format!(
                "the parameter `{{{inner}}}` stands twice in the URL"
            ));
        }
        self.parameters.push(inner.to_owned());
        Ok(())
    }
}

/// What is said of a text that begins with no `/`.
fn no_path(url: &str) -> String {
    if url.is_empty() {
        return "a URL begins with `/`: `/posts`, or leave `url` out where no door is to serve the model".to_owned();
    }
    let path = url.split_once("://").map(|(_, rest)| rest.split_once('/'));
    match path {
        None => format!("a URL begins with `/`: `/{url}`"),
        Some(path) => format!(
            "the URL of a model is a path, without a server: `/{}`",
            path.map_or("posts", |(_, path)| path)
        ),
    }
}
