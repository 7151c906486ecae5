//! The page of the API reference: an OpenAPI document, to read.

use serde_json::{Map, Value as Json};

use super::html::Page;
use crate::pages::docs::kind::kind;

mod kind;

/// The HTTP methods that a path item may have, in the order in which they are shown.
const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Writes the page of a document.
pub(super) fn write(document: &Json) -> Page {
    let of = |name: &str| text(&document["info"], name);
    let mut page = Page::new(&format!("{} {}", of("title"), of("version")));
    let tags: Vec<&Json> = list(document, "tags").collect();
    page.raw("<nav><ul>\n");
    for tag in &tags {
        link(&mut page, "tag-", text(tag, "name"));
    }
    page.raw("<li><a href=\"#schemas\">Schemas</a></li></ul></nav>\n");
    for tag in tags {
        let name = text(tag, "name");
        heading(&mut page, "h2", "tag-", name);
        described(&mut page, tag);
        let paths = document["paths"].as_object().into_iter().flatten();
        for (path, item) in paths {
            let all = VERBS
                .iter()
                .filter_map(|verb| Some((*verb, item.get(verb)?)));
            for (verb, one) in all.filter(|(_, one)| list(one, "tags").any(|tag| tag == name)) {
                operation(&mut page, document, (verb, path), item, one);
            }
        }
    }
    page.raw("<h2 id=\"schemas\">Schemas</h2>\n");
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
    {
        heading(&mut page, "h3", "schema-", name);
        described(&mut page, schema);
        properties(&mut page, schema);
        let pretty = serde_json::to_string_pretty(schema).unwrap_or_default();
        page.raw("<details><summary>JSON Schema</summary><pre>")
            .text(&pretty)
            .raw("</pre></details>\n");
    }
    page
}

fn operation(
    page: &mut Page,
    document: &Json,
    (verb, path): (&str, &str),
    item: &Json,
    one: &Json,
) {
    page.raw("<h3><span class=\"verb\">")
        .text(&verb.to_uppercase())
        .raw("</span> <code>");
    page.text(path).raw("</code></h3>\n");
    page.element("p", text(one, "summary"));
    described(page, one);
    if let Some(rule) = one.get("x-larder-rule") {
        let rule = rule
            .as_str()
            .map_or_else(|| rule.to_string(), str::to_owned);
        page.raw("<p>Allowed by <code>")
            .text(&rule)
            .raw("</code></p>\n");
    }
    let all: Vec<&Json> = list(item, "parameters")
        .chain(list(one, "parameters"))
        .map(|parameter| resolved(document, parameter))
        .collect();
    if !all.is_empty() {
        page.element("h4", "Parameters")
            .table(&["Name", "In", "Type", "Description"]);
        for parameter in all {
            page.raw("<tr><td><code>")
                .text(text(parameter, "name"))
                .raw("</code></td>");
            page.element("td", text(parameter, "in")).raw("<td>");
            kind(page, &parameter["schema"]);
            page.raw("</td>")
                .element("td", text(parameter, "description"))
                .raw("</tr>\n");
        }
        page.end_table();
    }
    if let Some(Json::Object(content)) = one.pointer("/requestBody/content") {
        page.element("h4", "Body").raw("<ul>");
        media(page, content);
        page.raw("</ul>\n");
    }
    page.element("h4", "Answers")
        .table(&["Status", "What", "Body"]);
    for (status, response) in one["responses"].as_object().into_iter().flatten() {
        let response = resolved(document, response);
        page.raw("<tr>")
            .element("td", status)
            .element("td", text(response, "description"));
        page.raw("<td><ul>");
        if let Some(Json::Object(content)) = response.get("content") {
            media(page, content);
        }
        page.raw("</ul></td></tr>\n");
    }
    page.end_table();
}

fn media(page: &mut Page, content: &Map<String, Json>) {
    for (name, one) in content {
        page.raw("<li><code>").text(name).raw("</code>: ");
        kind(page, &one["schema"]);
        page.raw("</li>");
    }
}

fn properties(page: &mut Page, schema: &Json) {
    let Some(Json::Object(all)) = schema.get("properties") else {
        page.raw("<p>");
        kind(page, schema);
        page.raw("</p>\n");
        return;
    };
    page.table(&["Field", "Type", "Required", "Description"]);
    for (name, one) in all {
        let required = list(schema, "required").any(|required| required == name.as_str());
        page.raw("<tr><td><code>")
            .text(name)
            .raw("</code></td><td>");
        kind(page, one);
        page.raw("</td>")
            .element("td", if required { "yes" } else { "" });
        page.element("td", text(one, "description")).raw("</tr>\n");
    }
    page.end_table();
}

/// What a `$ref` of the document points at, or the node itself.
fn resolved<'a>(document: &'a Json, node: &'a Json) -> &'a Json {
    let target = node["$ref"]
        .as_str()
        .and_then(|text| text.strip_prefix('#'));
    target
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(node)
}

fn described(page: &mut Page, node: &Json) {
    let description = text(node, "description");
    if !description.is_empty() {
        page.element("p", description);
    }
}

fn heading(page: &mut Page, element: &str, prefix: &str, name: &str) {
    page.raw("<")
        .raw(element)
        .raw(" id=\"")
        .raw(prefix)
        .text(name)
        .raw("\">")
        .text(name);
    page.raw("</").raw(element).raw(">\n");
}

fn link(page: &mut Page, prefix: &str, name: &str) {
    page.raw("<li><a href=\"#")
        .raw(prefix)
        .text(name)
        .raw("\">")
        .text(name)
        .raw("</a></li>\n");
}

fn text<'a>(node: &'a Json, name: &str) -> &'a str {
    node[name].as_str().unwrap_or_default()
}

fn list<'a>(node: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    node[name].as_array().into_iter().flatten()
}
