//! A tree as JSON, for tools and for looking at.

use std::fmt::Write;

use super::build::unbounded;
use super::print::is_group;
use super::values::{midnight, number_text};
use super::{Tree, What};
use crate::Value;

impl Tree {
    /// The tree as JSON text.
    ///
    /// A call is `{"name", "args"}`; text, numbers, booleans, null and arrays are themselves (a path of several steps is an array of
    /// texts); the rest is `{"$undefined":true}`, `{"$number":"Infinity"}`, `{"$date":"2024-05-01T10:00:00Z"}`,
    /// `{"$regex":"source","$flags":"i"}`, and for a parameter that is not filled in `{"$param":"actor.id"}`. The root is a call of
    /// `and` or `or`.
    ///
    /// ```
    /// use larder_query::Tree;
    ///
    /// let tree = Tree::parse("a/b=7")?;
    /// assert_eq!(tree.to_json(), r#"{"name":"and","args":[{"name":"eq","args":[["a","b"],7]}]}"#);
    /// # Ok::<(), larder_query::ParseError>(())
    /// ```
    pub fn to_json(&self) -> String {
        let root = self.root().rooted();
        let nodes = root.nodes;
        let mut out = String::with_capacity(nodes.len() * 24);
        let bare = !is_group(root);
        if bare {
            out.push_str(r#"{"name":"and","args":["#);
        }
        let mut open: Vec<(usize, &str)> = Vec::new();
        let mut first = true;
        for (at, node) in nodes.iter().enumerate() {
            while let Some((_, end)) = open.pop_if(|(end, _)| *end <= at) {
                out.push_str(end);
                first = false;
            }
            if !first {
                out.push(',');
            }
            let end = at + node.size as usize;
            first = true;
            match &node.what {
                What::Call { name, .. } => {
                    out.push_str(r#"{"name":"#);
                    string(&mut out, name);
                    out.push_str(r#","args":["#);
                    open.push((end, "]}"));
                }
                What::Array => {
                    out.push('[');
                    open.push((end, "]"));
                }
                leaf => {
                    write_leaf(&mut out, leaf);
                    first = false;
                }
            }
        }
        while let Some((_, end)) = open.pop() {
            out.push_str(end);
        }
        if bare {
            out.push_str("]}");
        }
        out
    }
}

fn write_leaf(out: &mut String, what: &What) {
    let mut tagged = |tag: &str, text: &str, end: &str| {
        out.push_str(tag);
        string(out, text);
        out.push_str(end);
    };
    match what {
        What::Undefined => out.push_str(r#"{"$undefined":true}"#),
        What::Unbounded(number) => tagged(r#"{"$number":"#, unbounded(*number), "}"),
        What::Param(names) => tagged(r#"{"$param":"#, names, "}"),
        What::Pattern {
            source,
            ignore_case,
        } => {
            let flags = if *ignore_case {
                r#","$flags":"i"}"#
            } else {
                r#","$flags":""}"#
            };
            tagged(r#"{"$regex":"#, source, flags);
        }
        What::Value { value, .. } => match value {
            Value::Instant(instant) => tagged(r#"{"$date":"#, &instant.to_string(), "}"),
            Value::Date(day) => {
                let instant = midnight(*day).map(|instant| instant.to_string());
                tagged(
                    r#"{"$date":"#,
                    &instant.unwrap_or_else(|| day.to_string()),
                    "}",
                );
            }
            Value::Text(text) => string(out, text),
            value => match number_text(value) {
                Some(number) => out.push_str(&number),
                None => {
                    let json = serde_json::Value::from(value);
                    // Writing to a `String` can't fail.
                    let _ = write!(out, "{json}");
                }
            },
        },
        // Not leaves.
        What::Call { .. } | What::Array => {}
    }
}

fn string(out: &mut String, text: &str) {
    let json = serde_json::Value::String(text.to_owned());
    // Writing to a `String` can't fail.
    let _ = write!(out, "{json}");
}
