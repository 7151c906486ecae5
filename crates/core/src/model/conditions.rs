//! Conditions of a list as data: JsonRestStores' `queryConditions`, for models that are described by hand.
//!
//! ```json
//! {"type": "and", "args": [
//!     {"type": "startsWith", "args": ["surname", "#surname#"]},
//!     {"type": "or", "ifDefined": "info", "args": [
//!         {"type": "startsWith", "args": ["car.make", "#info#"]},
//!         {"type": "eq", "args": ["active", true]}
//!     ]},
//!     {"type": "each", "value": "words", "as": "word", "linkType": "and", "separator": " ", "args": [
//!         {"type": "contains", "args": ["title", "#word#"]}
//!     ]}
//! ]}
//! ```
//!
//! `#name#` stands for what a request sends of a parameter. A comparison with one that is not sent is left out, and so is an `and` or
//! `or` of which nothing is left.

use larder_query::{Op, Value};
use serde_json::{Map, Value as Json};

use super::FieldUse;
use crate::typed::Node;

/// How deep conditions may stand inside each other.
const DEPTH: usize = 32;

/// A tree of conditions whose names are known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    And(Vec<Tree>),
    Or(Vec<Tree>),
    /// Only if these parameters are sent, and these are not.
    If {
        sent: Vec<usize>,
        missing: Vec<usize>,
        then: Box<Tree>,
    },
    /// Once for each part of a text.
    Each {
        of: Slot,
        separator: String,
        any: bool,
        then: Vec<Tree>,
    },
    Test {
        field: String,
        op: Op,
        value: Operand,
    },
}

/// What was sent makes more comparisons than there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Fixed(Value),
    Sent(Slot),
}

/// Where a value comes from: a parameter, or the part of an `each` that stands so many steps from the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Parameter(usize),
    Part(usize),
}

impl Tree {
    /// Reads a tree. `parameters` are the names that it may use, with whether each is a text.
    ///
    /// # Errors
    /// Says what is wrong, and where: `conditions.args[1].ifDefined`.
    pub(crate) fn read(json: &Json, parameters: &[(&str, bool)]) -> Result<Self, String> {
        let reader = Reader { parameters };
        let mut place = "conditions".to_owned();
        reader.tree(json, &mut place, &mut Vec::new(), 0)
    }

    /// The condition for what was sent, by the places of the parameters. None where nothing is left of it.
    ///
    /// # Errors
    /// If it has more comparisons than this: an `each` makes some for every part of a text.
    pub(crate) fn node(
        &self,
        sent: &[Option<Value>],
        most: usize,
    ) -> Result<Option<Node>, TooMany> {
        let mut left = Some(most);
        let node = self.run(sent, &mut Vec::new(), &mut left);
        left.map(|_| node).ok_or(TooMany)
    }

    /// `left` is how many comparisons there may still be; none once there were too many.
    fn run(
        &self,
        sent: &[Option<Value>],
        parts: &mut Vec<Value>,
        left: &mut Option<usize>,
    ) -> Option<Node> {
        // All that is still to come would be thrown away.
        (*left)?;
        let is_sent = |at: &usize| sent.get(*at).is_some_and(Option::is_some);
        match self {
            Self::And(all) => joined(
                all.iter()
                    .filter_map(|tree| tree.run(sent, parts, left))
                    .collect(),
                false,
            ),
            Self::Or(all) => joined(
                all.iter()
                    .filter_map(|tree| tree.run(sent, parts, left))
                    .collect(),
                true,
            ),
            Self::If {
                sent: wanted,
                missing,
                then,
            } => {
                let holds = wanted.iter().all(is_sent) && !missing.iter().any(is_sent);
                holds.then(|| then.run(sent, parts, left)).flatten()
            }
            Self::Each {
                of,
                separator,
                any,
                then,
            } => {
                let text = of.value(sent, parts)?;
                let text = text.as_str().unwrap_or_default();
                let mut nodes = Vec::new();
                let all = text.split(separator.as_str());
                for part in all.filter(|part| !part.is_empty()) {
                    (*left)?;
                    parts.push(Value::from(part));
                    nodes.extend(then.iter().filter_map(|tree| tree.run(sent, parts, left)));
                    parts.pop();
                }
                joined(nodes, *any)
            }
            Self::Test { field, op, value } => {
                let value = match value {
                    Operand::Fixed(value) => value.clone(),
                    Operand::Sent(slot) => slot.value(sent, parts)?,
                };
                *left = left.and_then(|left| left.checked_sub(1));
                Some(Node::Test {
                    field: field.clone().into(),
                    op: *op,
                    value: Ok(value),
                })
            }
        }
    }

    /// Every comparison in it.
    pub(crate) fn tests(&self) -> Vec<(&str, Op, &Operand)> {
        match self {
            Self::And(all) | Self::Or(all) | Self::Each { then: all, .. } => {
                all.iter().flat_map(Self::tests).collect()
            }
            Self::If { then, .. } => then.tests(),
            Self::Test { field, op, value } => vec![(field, *op, value)],
        }
    }

    /// The fields that it looks at.
    pub(crate) fn uses(&self) -> Vec<FieldUse> {
        let tests = self.tests().into_iter();
        let used = tests.map(|(field, op, _)| FieldUse {
            field: field.to_owned(),
            elements: &[],
            method: op.name(),
        });
        used.collect()
    }

    /// The parameters that it asks for.
    pub(crate) fn asks(&self, parameter: usize) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(|tree| tree.asks(parameter)),
            Self::If {
                sent,
                missing,
                then,
            } => sent.contains(&parameter) || missing.contains(&parameter) || then.asks(parameter),
            Self::Each { of, then, .. } => {
                *of == Slot::Parameter(parameter) || then.iter().any(|tree| tree.asks(parameter))
            }
            Self::Test { value, .. } => *value == Operand::Sent(Slot::Parameter(parameter)),
        }
    }
}

impl Slot {
    fn value(self, sent: &[Option<Value>], parts: &[Value]) -> Option<Value> {
        match self {
            Self::Parameter(at) => sent.get(at)?.clone(),
            Self::Part(at) => parts.get(at).cloned(),
        }
    }
}

/// An empty `and` or `or` says nothing.
fn joined(mut nodes: Vec<Node>, any: bool) -> Option<Node> {
    match nodes.len() {
        0 => None,
        1 => nodes.pop(),
        _ if any => Some(Node::Or(nodes)),
        _ => Some(Node::And(nodes)),
    }
}

/// The operators of conditions: those of JsonRestStores, and ours by their names.
fn operator(name: &str) -> Option<Op> {
    match name {
        "lte" => Some(Op::Le),
        "gte" => Some(Op::Ge),
        // What they compare with is no plain value.
        "match" | "mod" | "within" => None,
        name => Op::from_name(name),
    }
}

/// The words that a node may have, by its type.
const JOINTS: [&str; 4] = ["type", "args", "ifDefined", "ifNotDefined"];
const EACH: [&str; 8] = [
    "type",
    "args",
    "ifDefined",
    "ifNotDefined",
    "value",
    "as",
    "separator",
    "linkType",
];

struct Reader<'a> {
    parameters: &'a [(&'a str, bool)],
}

impl Reader<'_> {
    /// Reads one node; `parts` are the names of the parts of each `each` around it.
    fn tree(
        &self,
        json: &Json,
        place: &mut String,
        parts: &mut Vec<String>,
        depth: usize,
    ) -> Result<Tree, String> {
        let fault = |place: &str, message: String| Err(format!("{place}: {message}"));
        if depth == DEPTH {
            return fault(
                place,
                format!("conditions stand in each other at most {DEPTH} deep"),
            );
        }
        let Json::Object(map) = json else {
            return fault(
                place,
                "a condition is an object with `type` and `args`".to_owned(),
            );
        };
        let Some(kind) = map.get("type").and_then(Json::as_str) else {
            return fault(
                place,
                "a condition has a `type`: `and`, `or`, `each` or an operator".to_owned(),
            );
        };
        let Some(Json::Array(args)) = map.get("args") else {
            return fault(place, "a condition has `args`, a list".to_owned());
        };
        let known: &[&str] = if kind == "each" { &EACH } else { &JOINTS };
        if let Some(word) = map.keys().find(|word| !known.contains(&word.as_str())) {
            return fault(
                place,
                format!(
                    "it has `{word}`; a condition of the type `{kind}` has {}",
                    known.join(", ")
                ),
            );
        }
        let then = match kind {
            "and" => Tree::And(self.all(args, place, parts, depth)?),
            "or" => Tree::Or(self.all(args, place, parts, depth)?),
            "each" => self.each(map, args, place, parts, depth)?,
            name => self.test(name, args, place, parts)?,
        };
        let sent = self.names(map, "ifDefined", place)?;
        let missing = self.names(map, "ifNotDefined", place)?;
        if sent.is_empty() && missing.is_empty() {
            return Ok(then);
        }
        Ok(Tree::If {
            sent,
            missing,
            then: Box::new(then),
        })
    }

    fn all(
        &self,
        args: &[Json],
        place: &mut String,
        parts: &mut Vec<String>,
        depth: usize,
    ) -> Result<Vec<Tree>, String> {
        let length = place.len();
        let mut all = Vec::with_capacity(args.len());
        for (at, arg) in args.iter().enumerate() {
            place.push_str(&format!(".args[{at}]"));
            all.push(self.tree(arg, place, parts, depth + 1)?);
            place.truncate(length);
        }
        Ok(all)
    }

    /// The comma-separated parameters of `ifDefined` or `ifNotDefined`.
    fn names(
        &self,
        map: &Map<String, Json>,
        word: &str,
        place: &str,
    ) -> Result<Vec<usize>, String> {
        let Some(names) = map.get(word) else {
            return Ok(Vec::new());
        };
        let Some(names) = names.as_str() else {
            return Err(format!(
                "{place}.{word}: it is the name of a parameter, or several with commas"
            ));
        };
        let names = names.split(',').map(str::trim);
        names
            .map(|name| {
                self.parameter(name)
                    .ok_or_else(|| format!("{place}.{word}: {}", self.unknown(name, &[])))
            })
            .collect()
    }

    fn parameter(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|(known, _)| *known == name)
    }

    fn unknown(&self, name: &str, parts: &[String]) -> String {
        let known = self.parameters.iter().map(|(known, _)| *known);
        let known = known.chain(parts.iter().map(String::as_str));
        match larder_query::nearest(name, known) {
            Some(near) => format!("there is no parameter `{name}`; did you mean `{near}`?"),
            None => format!(
                "there is no parameter `{name}`: declare it with `.parameter(\"{name}\", ..)`"
            ),
        }
    }

    fn each(
        &self,
        map: &Map<String, Json>,
        args: &[Json],
        place: &mut String,
        parts: &mut Vec<String>,
        depth: usize,
    ) -> Result<Tree, String> {
        let text = |word: &str, usual: Option<&str>| match (map.get(word), usual) {
            (Some(Json::String(text)), _) if !text.is_empty() => Ok(text.clone()),
            (None, Some(usual)) => Ok(usual.to_owned()),
            _ => Err(format!("{place}.{word}: `each` has a text here")),
        };
        let (value, name) = (text("value", None)?, text("as", None)?);
        let (separator, link) = (
            text("separator", Some(" "))?,
            text("linkType", Some("and"))?,
        );
        let any = match link.as_str() {
            "and" => false,
            "or" => true,
            other => {
                return Err(format!(
                    "{place}.linkType: `{other}` is neither `and` nor `or`"
                ));
            }
        };
        let of = match (
            self.parameter(&value),
            parts.iter().position(|part| *part == value),
        ) {
            (_, Some(part)) => Slot::Part(part),
            (Some(at), None) if self.parameters.get(at).is_some_and(|(_, text)| *text) => {
                Slot::Parameter(at)
            }
            (Some(_), None) => {
                return Err(format!(
                    "{place}.value: `{value}` is no text, and only a text has parts"
                ));
            }
            (None, None) => return Err(format!("{place}.value: {}", self.unknown(&value, parts))),
        };
        if self.parameter(&name).is_some() || parts.contains(&name) {
            return Err(format!("{place}.as: `{name}` is a name already"));
        }
        parts.push(name);
        let then = self.all(args, place, parts, depth)?;
        parts.pop();
        Ok(Tree::Each {
            of,
            separator,
            any,
            then,
        })
    }

    fn test(
        &self,
        name: &str,
        args: &[Json],
        place: &str,
        parts: &[String],
    ) -> Result<Tree, String> {
        let Some(op) = operator(name) else {
            let known = Op::ALL
                .iter()
                .map(|op| op.name())
                .chain(["and", "or", "each"]);
            let near = larder_query::nearest(name, known);
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!(
                "{place}.type: `{name}` is none of conditions{near}"
            ));
        };
        let [Json::String(field), value] = args else {
            return Err(format!(
                "{place}.args: `{name}` takes the name of a field and a value"
            ));
        };
        let named = value
            .as_str()
            .and_then(|text| text.strip_prefix('#')?.strip_suffix('#'));
        let value = match named.filter(|name| !name.is_empty()) {
            Some(name) => {
                let part = parts.iter().position(|part| part == name).map(Slot::Part);
                let slot = part.or_else(|| self.parameter(name).map(Slot::Parameter));
                Operand::Sent(
                    slot.ok_or_else(|| format!("{place}.args[1]: {}", self.unknown(name, parts)))?,
                )
            }
            None => Operand::Fixed(
                larder_query::to_value(value)
                    .map_err(|error| format!("{place}.args[1]: {error}"))?,
            ),
        };
        Ok(Tree::Test {
            field: field.clone(),
            op,
            value,
        })
    }
}
