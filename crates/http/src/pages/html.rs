//! HTML as it is written: text is escaped where it goes in.

/// A page in the making.
#[derive(Debug)]
pub(super) struct Page {
    title: String,
    body: String,
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        let mut page = Self {
            title: title.to_owned(),
            body: String::new(),
        };
        page.element("h1", title);
        page
    }

    /// Markup that is written here, in the source.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.body.push_str(markup);
        self
    }

    /// Text from elsewhere.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            match letter {
                '&' => self.body.push_str("&amp;"),
                '<' => self.body.push_str("&lt;"),
                '>' => self.body.push_str("&gt;"),
                '"' => self.body.push_str("&quot;"),
                '\'' => self.body.push_str("&#39;"),
                letter => self.body.push(letter),
            }
        }
        self
    }

    /// An element with a text in it.
    pub(super) fn element(&mut self, name: &str, text: &str) -> &mut Self {
        self.raw("<")
            .raw(name)
            .raw(">")
            .text(text)
            .raw("</")
            .raw(name)
            .raw(">\n")
    }

    /// The head of a table; rows follow, and [`end_table`](Self::end_table).
    pub(super) fn table(&mut self, columns: &[&str]) -> &mut Self {
        self.raw("<table><thead><tr>");
        for column in columns {
            self.element("th", column);
        }
        self.raw("</tr></thead><tbody>\n")
    }

    pub(super) fn end_table(&mut self) -> &mut Self {
        self.raw("</tbody></table>\n")
    }

    /// The whole document, with the address of its style.
    pub(super) fn finish(self, style: &str) -> String {
        let mut head = Self {
            title: String::new(),
            body: String::new(),
        };
        head.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
        head.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        head.element("title", &self.title);
        head.raw("<link rel=\"stylesheet\" href=\"")
            .text(style)
            .raw("\">\n</head><body><main>\n");
        head.body + &self.body + "</main></body></html>\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let mut page = Page::new("<T>");
        page.element("p", "a & \"b\" <script>'");
        let html = page.finish("s\".css");
        assert!(html.contains("<title>&lt;T&gt;</title>"), "{html}");
        assert!(
            html.contains("<p>a &amp; &quot;b&quot; &lt;script&gt;&#39;</p>"),
            "{html}"
        );
        assert!(html.contains("href=\"s&quot;.css\""), "{html}");
    }
}
