//! The page of every route.

use larder_core::App;
use larder_core::manifest::Manifest;

use super::html::Page;

pub(super) fn write(app: &App) -> Page {
    let models: Vec<_> = app.models().cloned().collect();
    let manifest = Manifest::of(&models);
    let mut page = Page::new(&format!("{}: routes", app.title()));
    page.element(
        "p",
        "Every route and who may use it. A rule is a condition on the record and on who asks.",
    );
    page.table(&["Model", "Method", "Path", "Does", "Who"]);
    for route in manifest.routes() {
        page.raw("<tr>");
        page.element("td", &route.model);
        for code in [route.method, &route.path] {
            page.raw("<td><code>").text(code).raw("</code></td>");
        }
        page.element("td", &route.does).raw("<td>");
        for who in &route.who {
            page.raw("<code>").text(who).raw("</code> ");
        }
        page.raw("</td></tr>\n");
    }
    page.end_table();
    page.element("h2", "What is told although a rule would hide it")
        .raw("<ul>");
    for disclosure in manifest.disclosures {
        page.element("li", disclosure);
    }
    page.raw("</ul>\n");
    page
}
