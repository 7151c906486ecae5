//! Definitions gathered from several documents into one place, under names that do not clash. Only what is referred to
//! comes along, so that a definition of a hidden field stays hidden too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::{escape, walk};

/// Where OpenAPI keeps shared schemas.
pub(super) const COMPONENTS: &str = "#/components/schemas/";

/// The definitions of one document in the making.
#[derive(Debug)]
pub(super) struct Definitions<'a> {
    /// Where they will stand: `#/$defs/` or `#/components/schemas/`.
    place: &'static str,
    all: BTreeMap<String, Json>,
    origins: BTreeMap<String, (&'a Json, String)>,
}

impl<'a> Definitions<'a> {
    pub(super) fn new(place: &'static str) -> Self {
        Self {
            place,
            all: BTreeMap::new(),
            origins: BTreeMap::new(),
        }
    }

    /// A copy of a schema of the document `root` whose references lead to this place. What they lead to is taken over.
    pub(super) fn adopt(&mut self, schema: &Json, root: &'a Json) -> Json {
        let mut schema = schema.clone();
        if let Json::Object(map) = &mut schema {
            for word in ["$defs", "definitions", "$schema"] {
                map.remove(word);
            }
        }
        let mut names = BTreeMap::new();
        for pointer in walk::references(&schema) {
            // One of ours already: an action that answers with a model's records refers to its output view.
            if !pointer.starts_with(COMPONENTS) && !names.contains_key(pointer) {
                let name = self.name(pointer, root);
                names.insert(
                    pointer.to_owned(),
                    format!("{}{}", self.place, escape(&name)),
                );
            }
        }
        walk::each_mut(&mut schema, &mut |map| {
            if let Some(Json::String(pointer)) = map.get_mut("$ref")
                && let Some(name) = names.get(pointer)
            {
                pointer.clone_from(name);
            }
        });
        schema
    }

    /// Adds a definition of our own making under exactly this name.
    pub(super) fn insert(&mut self, name: String, schema: Json) {
        self.all.insert(name, schema);
    }

    /// All of them.
    pub(super) fn into_map(self) -> Map<String, Json> {
        self.all.into_iter().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The name here of what a pointer leads to there.
    fn name(&mut self, pointer: &str, root: &'a Json) -> String {
        let wanted = last_segment(pointer);
        let mut count = 1;
        let mut name = wanted.clone();
        while self.all.contains_key(&name) {
            if self
                .origins
                .get(&name)
                .is_some_and(|(other, at)| same(other, at, root, pointer))
            {
                return name;
            }
            count += 1;
            name = format!("{wanted}{count}");
        }
        // The name is taken before its content is read, as a definition may refer to itself.
        self.all.insert(name.clone(), Json::Bool(true));
        self.origins
            .insert(name.clone(), (root, pointer.to_owned()));
        if let Some(target) = target(root, pointer) {
            let adopted = self.adopt(target, root);
            self.all.insert(name.clone(), adopted);
        }
        name
    }
}

fn target<'a>(root: &'a Json, pointer: &str) -> Option<&'a Json> {
    root.pointer(pointer.strip_prefix('#')?)
}

/// The last step of a pointer, in the letters that OpenAPI allows for a component.
fn last_segment(pointer: &str) -> String {
    let last = pointer
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .replace("~1", "/")
        .replace("~0", "~");
    last.chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() || "._-".contains(char) {
                char
            } else {
                '_'
            }
        })
        .collect()
}

/// Whether two definitions say the same, with all that they refer to.
fn same(one: &Json, at: &str, other: &Json, pointer: &str) -> bool {
    (std::ptr::eq(one, other) && at == pointer) || closure(one, at) == closure(other, pointer)
}

fn closure<'a>(root: &'a Json, pointer: &'a str) -> BTreeMap<&'a str, Option<&'a Json>> {
    let mut found = BTreeMap::new();
    let mut wanted = BTreeSet::from([pointer]);
    while let Some(pointer) = wanted.pop_first() {
        let schema = target(root, pointer);
        if found.insert(pointer, schema).is_none()
            && let Some(schema) = schema
        {
            wanted.extend(
                walk::references(schema)
                    .into_iter()
                    .filter(|next| !found.contains_key(next)),
            );
        }
    }
    found
}
