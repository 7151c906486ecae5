//! Trees made by hand, and parameters filled in.

use super::print::encoded;
use super::tree::Node;
use super::values::number_text;
use super::{Place, Shape, Term, Tree, What};
use crate::expr::{Names, Span};
use crate::syntax::{ParseError, ParseErrorKind};
use crate::{CompactString, Value};

impl Tree {
    /// A call. Arguments that are names become texts, as they would be if they were read. A call without a name is an array.
    /// Angle brackets, which would read as operators, become `_` in its name.
    pub fn call(name: &str, args: impl IntoIterator<Item = Tree>) -> Self {
        let what = What::Call {
            name: name.replace(['<', '>'], "_").into(),
            form: false,
        };
        let mut tree = Self::above(what, args);
        if name.is_empty() {
            tree.nodes[0].what = What::Array;
            return tree.without_parentheses();
        }
        let count = tree.root().children().count();
        let shape = Shape::of(name);
        let mut at = 1;
        for arg in 0..count {
            let end = at + tree.nodes[at].size as usize;
            if shape.place_of(arg, count).is_name() {
                name_texts(&mut tree.nodes[at..end]);
            }
            at = end;
        }
        tree
    }

    /// Several terms in parentheses. Round a single call they say nothing: it stays itself.
    pub fn array(items: impl IntoIterator<Item = Tree>) -> Self {
        Self::above(What::Array, items).without_parentheses()
    }

    /// JavaScript's `undefined`.
    pub fn undefined() -> Self {
        Self::leaf(What::Undefined)
    }

    /// A pattern, in the syntax of the `regex` crate.
    pub fn pattern(source: &str, ignore_case: bool) -> Self {
        Self::leaf(What::Pattern {
            source: source.into(),
            ignore_case,
        })
    }

    /// A parameter by its names: `["actor", "id"]` is `$actor.id`. An empty name, and angle brackets in one, become `_`.
    pub fn param<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names
            .into_iter()
            .map(|name| match name.as_ref() {
                "" => "_".to_owned(),
                name => encoded(&name.replace(['<', '>'], "_"), false),
            })
            .collect();
        let names = if names.is_empty() {
            "_".to_owned()
        } else {
            names.join(".")
        };
        Self::leaf(What::Param(names.into()))
    }

    fn leaf(what: What) -> Self {
        Self {
            nodes: vec![Node::of(what)],
        }
    }

    fn above(what: What, below: impl IntoIterator<Item = Tree>) -> Self {
        let mut nodes = vec![Node::of(what)];
        for tree in below {
            nodes.extend(tree.nodes);
        }
        nodes[0].size = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        Self { nodes }
    }

    fn without_parentheses(mut self) -> Self {
        let only = self.nodes.len() > 1 && self.nodes[1].size as usize + 1 == self.nodes.len();
        if only && matches!(self.nodes[1].what, What::Call { .. }) {
            self.nodes.remove(0);
        }
        self
    }
}

impl From<&Value> for Tree {
    fn from(value: &Value) -> Self {
        let value = match value {
            Value::Array(items) => return Self::array(items.iter().map(Self::from)),
            Value::F64(number) if !number.is_finite() => {
                return Self::leaf(What::Unbounded(*number));
            }
            Value::Null
            | Value::Bool(_)
            | Value::I64(_)
            | Value::U64(_)
            | Value::F64(_)
            | Value::Text(_)
            | Value::Instant(_)
            | Value::Date(_) => value.clone(),
            // The language has no words for these.
            Value::Decimal(_) | Value::Uuid(_) | Value::Bytes(_) => {
                match serde_json::Value::from(value) {
                    serde_json::Value::String(text) => text.into(),
                    other => other.to_string().into(),
                }
            }
            Value::Object(_) => serde_json::Value::from(value).to_string().into(),
        };
        Self::leaf(What::Value { value, typed: true })
    }
}

impl<T: Into<Value>> From<T> for Tree {
    fn from(value: T) -> Self {
        Self::from(&value.into())
    }
}

/// Makes texts of all that stands in a name, but not of what a call in it has.
pub(super) fn name_texts(nodes: &mut [Node]) {
    let mut at = 0;
    while let Some(node) = nodes.get_mut(at) {
        at += match node.what {
            What::Call { .. } => node.size as usize,
            _ => 1,
        };
        let text: CompactString = match &node.what {
            What::Call { .. } | What::Array | What::Param(_) => continue,
            What::Value {
                value: Value::Text(text),
                ..
            } => text.clone(),
            What::Value { value, .. } => match number_text(value) {
                Some(number) => number,
                None => match serde_json::Value::from(value) {
                    serde_json::Value::String(text) => text.into(),
                    other => other.to_string().into(),
                },
            },
            What::Undefined => "undefined".into(),
            What::Unbounded(number) => unbounded(*number).into(),
            What::Pattern { source, .. } => source.clone(),
        };
        node.what = What::Value {
            value: Value::Text(text),
            typed: false,
        };
    }
}

/// How JavaScript prints a number that is not finite.
pub(super) fn unbounded(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// The names of a parameter.
pub(crate) fn param_names(encoded: &str) -> Names {
    encoded.split('.').map(super::scan::decoded_lossy).collect()
}

/// Where the walk over a tree is: one of these for each node above.
pub(super) struct Level {
    /// The node behind the last one below.
    pub(super) end: usize,
    inside: Inside,
}

enum Inside {
    Call {
        shape: Shape,
        at: usize,
        count: usize,
    },
    Array(Place),
}

impl Level {
    /// The level below a node that is not a leaf.
    pub(super) fn below(term: Term<'_>, at: usize, place: Place) -> Self {
        let inside = match term.name() {
            Some(name) => Inside::Call {
                shape: Shape::of(name),
                at: 0,
                count: term.children().count(),
            },
            None => Inside::Array(place.inside()),
        };
        Self {
            end: at + term.nodes.len(),
            inside,
        }
    }

    /// The place of the next term below.
    pub(super) fn next(&mut self) -> Place {
        match &mut self.inside {
            Inside::Array(place) => *place,
            Inside::Call { shape, at, count } => {
                let place = shape.place_of(*at, *count);
                *at += 1;
                place
            }
        }
    }
}

/// See [`Tree::fill`].
pub(super) fn fill(
    tree: Tree,
    mut value: impl FnMut(&[String]) -> Option<Value>,
) -> Result<Tree, ParseError> {
    let has_params = |node: &Node| matches!(node.what, What::Param(_));
    if !tree.nodes.iter().any(has_params) {
        return Ok(tree);
    }
    let mut nodes: Vec<Node> = Vec::with_capacity(tree.nodes.len());
    let mut levels: Vec<(Level, usize)> = Vec::new();
    for (at, node) in tree.nodes.iter().enumerate() {
        close(&mut levels, &mut nodes, at);
        let place = levels
            .last_mut()
            .map_or(Place::Condition, |(level, _)| level.next());
        if let What::Param(encoded) = &node.what {
            let names: Vec<String> = param_names(encoded).into_iter().map(String::from).collect();
            let found = value(&names).ok_or_else(|| {
                let span = Span::new(node.start as usize, node.end as usize);
                ParseError::new(
                    ParseErrorKind::Param,
                    span,
                    format!("the parameter `${encoded}` has no value"),
                )
            })?;
            let begin = nodes.len();
            nodes.extend(Tree::from(&found).nodes);
            for new in &mut nodes[begin..] {
                (new.start, new.end) = (node.start, node.end);
            }
            if place.is_name() {
                name_texts(&mut nodes[begin..]);
            }
            continue;
        }
        if matches!(node.what, What::Call { .. } | What::Array) {
            let end = at + node.size as usize;
            let term = Term {
                nodes: &tree.nodes[at..end],
            };
            levels.push((Level::below(term, at, place), nodes.len()));
        }
        nodes.push(node.clone());
    }
    close(&mut levels, &mut nodes, tree.nodes.len());
    Ok(Tree { nodes })
}

/// Leaves the levels that end here, and says how big their nodes have become.
fn close(levels: &mut Vec<(Level, usize)>, nodes: &mut [Node], at: usize) {
    while levels.last().is_some_and(|(level, _)| level.end <= at) {
        if let Some((_, begin)) = levels.pop() {
            nodes[begin].size = u32::try_from(nodes.len() - begin).unwrap_or(u32::MAX);
        }
    }
}
