//! Every route of the REST door and who may use it: for people who check what an app opens.

use std::fmt::Write;

use serde::Serialize;

use super::Manifest;
use crate::model::{ActionData, Method, ModelData};
use crate::rule::Operation;

/// One route: an HTTP method and a path, what it does, and who may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteData {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with `{parameters}`.
    pub path: String,
    /// The model.
    pub model: String,
    /// What it does: `list`, `put_new, put_existing`, or `action publish`.
    pub does: String,
    /// The rules, in words where they have no condition: `everybody`, `nobody`, `author=$actor.id`. One for each
    /// operation that the route can be.
    pub who: Vec<String>,
}

impl Manifest {
    /// Every route of the REST door, in the order of the models. What a model does not handle, or restricts, is not among
    /// them; what no rule allows is, with `nobody`.
    ///
    /// ```
    /// use larder_core::{Compiled, FieldDef, Method, ModelDef, Operation, manifest::Manifest};
    /// let note = ModelDef::new("Note").url("/notes").handle(&[Method::Get])
    ///     .field(FieldDef::new("id", serde_json::json!({"type": "string"})).id())
    ///     .rule(Operation::Read, "true");
    /// let manifest = Manifest::of(&[std::sync::Arc::new(Compiled::new(note)?)]);
    /// assert_eq!(manifest.routes_text(), "GET  /notes/{id}  get  everybody\n");
    /// # Ok::<(), larder_core::Error>(())
    /// ```
    pub fn routes(&self) -> Vec<RouteData> {
        self.models.iter().flat_map(routes).collect()
    }

    /// The [`routes`](Self::routes) as a table of plain text, one a line: to print from a command, or to compare in a test,
    /// so that nothing is opened by accident.
    pub fn routes_text(&self) -> String {
        let routes = self.routes();
        let rows = routes
            .iter()
            .map(|route| [route.method, &route.path, &route.does].map(|cell| cell.to_owned()));
        let rows: Vec<[String; 3]> = rows.collect();
        let width = |at: usize| {
            rows.iter()
                .map(|row| row[at].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2)];
        let mut text = String::new();
        for (row, route) in rows.iter().zip(&routes) {
            for (cell, width) in row.iter().zip(widths) {
                // Writing to a String can't fail.
                let _ = write!(text, "{cell:width$}  ");
            }
            text.push_str(&route.who.join("; "));
            text.push('\n');
        }
        text
    }
}

/// What one route can be, and the operation whose rule decides each.
type Parts = &'static [(Method, Operation)];

fn routes(model: &ModelData) -> Vec<RouteData> {
    let Some(url) = model.url.as_deref() else {
        return Vec::new();
    };
    let item = item(url);
    let count = format!("{url}/_count");
    let rows: [(&str, &str, Parts); 7] = [
        ("GET", url, &[(Method::List, Operation::Read)]),
        ("POST", url, &[(Method::Post, Operation::Create)]),
        ("GET", &count, &[(Method::List, Operation::Read)]),
        ("GET", &item, &[(Method::Get, Operation::Read)]),
        (
            "PUT",
            &item,
            &[
                (Method::PutNew, Operation::Create),
                (Method::PutExisting, Operation::Update),
            ],
        ),
        ("PATCH", &item, &[(Method::Patch, Operation::Update)]),
        ("DELETE", &item, &[(Method::Delete, Operation::Delete)]),
    ];
    let mut routes: Vec<RouteData> = rows
        .into_iter()
        .filter_map(|(method, path, parts)| {
            let offered = |(one, _): &&(Method, Operation)| model.methods.contains(one);
            let parts: Vec<&(Method, Operation)> = parts.iter().filter(offered).collect();
            if parts.is_empty() {
                return None;
            }
            let words: Vec<&str> = parts.iter().map(|(one, _)| one.word()).collect();
            let does = if path == count {
                "count".to_owned()
            } else {
                words.join(", ")
            };
            let named = parts.len() > 1;
            let who = parts.iter().map(|(one, operation)| {
                let who = who(model.rules.get(operation));
                if named {
                    format!("{}: {who}", one.word())
                } else {
                    who
                }
            });
            let who = who.collect();
            Some(RouteData {
                method,
                path: path.to_owned(),
                model: model.name.clone(),
                does,
                who,
            })
        })
        .collect();
    routes.extend(
        model
            .actions
            .iter()
            .map(|action| of_action(model, action, url, &item)),
    );
    routes
}

fn of_action(model: &ModelData, action: &ActionData, url: &str, item: &str) -> RouteData {
    let under = if action.global { url } else { item };
    RouteData {
        method: action.method,
        path: format!("{under}/{}", action.name),
        model: model.name.clone(),
        does: format!("action {}", action.name),
        who: vec![who(action.allow.as_ref())],
    }
}

/// The path of one record; its parameter is `id`, unless a parent is called that.
fn item(url: &str) -> String {
    let mut name = "id".to_owned();
    while url
        .split('/')
        .any(|segment| segment == format!("{{{name}}}"))
    {
        name.insert(0, '_');
    }
    format!("{url}/{{{name}}}")
}

fn who(rule: Option<&String>) -> String {
    match rule.map(String::as_str) {
        None | Some("false") => "nobody".to_owned(),
        Some("true") => "everybody".to_owned(),
        Some(rule) => rule.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::model::{Compiled, FieldDef, ModelDef};

    fn of(def: ModelDef) -> Vec<RouteData> {
        let id = FieldDef::new("key", json!({"type": "string"})).id();
        Manifest::of(&[Arc::new(Compiled::new(def.field(id)).unwrap())]).routes()
    }

    #[test]
    fn a_put_says_who_adds_and_who_replaces() {
        let parent = FieldDef::new("up", json!({"type": "string"})).parent("up");
        let routes = of(ModelDef::new("Note")
            .url("/ups/{up}/notes")
            .handle(&[Method::PutNew, Method::PutExisting])
            .field(parent)
            .rule(Operation::Create, "true")
            .rule(Operation::Update, "up=$actor.id"));
        let expected = RouteData {
            method: "PUT",
            path: "/ups/{up}/notes/{id}".to_owned(),
            model: "Note".to_owned(),
            does: "put_new, put_existing".to_owned(),
            who: vec![
                "put_new: everybody".to_owned(),
                "put_existing: up=$actor.id".to_owned(),
            ],
        };
        assert_eq!(routes, [expected]);
    }

    #[test]
    fn what_is_open_to_nobody_is_told_and_what_is_not_offered_is_not() {
        let routes = of(ModelDef::new("Note")
            .url("/notes")
            .restrict(&[Method::List, Method::Delete]));
        let told: Vec<String> = routes
            .iter()
            .map(|route| format!("{} {}", route.method, route.who.join(" ")))
            .collect();
        let put = "PUT put_new: nobody put_existing: nobody";
        assert_eq!(told, ["POST nobody", "GET nobody", put, "PATCH nobody"]);
        assert_eq!(of(ModelDef::new("Inner")), []);
    }
}
