//! What the arguments of each operator are: names, values or conditions.

/// The form of an operator's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `and`, `or`, `not`: conditions.
    Conditions,
    /// `eq(path,value)`, or `eq(value)` about the element itself.
    Comparison,
    /// `rel(path,condition)`.
    Relation,
    /// `exists(path,value)`, where the value may be left out.
    Property,
    /// `sort(path,..)`: names only.
    Names,
    /// `aggregate(path,..,name=call(..))`.
    Results,
    /// `limit(value,..)`.
    Values,
    /// An operator that is not known: values, but a slash in its first argument makes a path.
    Unknown,
}

/// What one argument is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A condition; without an operator, a value.
    Condition,
    /// A field's name, or a path.
    Name,
    /// A name inside the parentheses of a path.
    Step,
    /// A value, or a condition.
    Value,
    /// A value, but a path where it has a slash.
    First,
    /// A path, a call, or a name with `=` and a call.
    Result,
    /// A value and nothing else: what stands behind an operator.
    Operand,
}

impl Place {
    /// Whether text that stands here is a name, which no conversion applies to.
    pub(crate) fn is_name(self) -> bool {
        matches!(self, Self::Name | Self::Step | Self::Result)
    }

    /// The place of what stands in parentheses here.
    pub(crate) fn inside(self) -> Self {
        match self {
            Self::Name | Self::Result => Self::Step,
            Self::First => Self::Value,
            other => other,
        }
    }
}

/// Every operator there is, for looking up the nearest to a misspelt one.
pub(crate) const NAMES: [&str; 41] = [
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "in",
    "out",
    "contains",
    "excludes",
    "between",
    "match",
    "starts_with",
    "ends_with",
    "eq_ignore_case",
    "mod",
    "size",
    "within",
    "near",
    "exists",
    "and",
    "or",
    "not",
    "rel",
    "sort",
    "select",
    "unselect",
    "values",
    "limit",
    "distinct",
    "aggregate",
    "sum",
    "mean",
    "max",
    "min",
    "count",
    "first",
    "one",
    "recurse",
    "circle",
    "box",
];

impl Shape {
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "and" | "or" | "not" => Self::Conditions,
            "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "in" | "out" | "contains" | "excludes"
            | "between" | "match" | "starts_with" | "startsWith" | "ends_with" | "endsWith"
            | "eq_ignore_case" | "eqIgnoreCase" | "mod" | "size" | "within" | "near" => {
                Self::Comparison
            }
            "rel" => Self::Relation,
            "exists" => Self::Property,
            "sort" | "select" | "unselect" | "values" | "distinct" | "sum" | "mean" | "max"
            | "min" | "count" | "first" | "one" | "recurse" => Self::Names,
            "aggregate" => Self::Results,
            "limit" | "circle" | "box" | "polygon" => Self::Values,
            _ => Self::Unknown,
        }
    }

    /// What the argument at `at` is. A single argument of a comparison turns out to be a value only when all are read.
    pub(crate) fn place(self, at: usize) -> Place {
        match (self, at) {
            (Self::Comparison | Self::Relation | Self::Property, 0) | (Self::Names, _) => {
                Place::Name
            }
            (Self::Conditions | Self::Relation, _) => Place::Condition,
            (Self::Results, _) => Place::Result,
            (Self::Unknown, 0) => Place::First,
            (Self::Comparison | Self::Property | Self::Values | Self::Unknown, _) => Place::Value,
        }
    }

    /// As [`Shape::place`], where it is known how many arguments there are.
    pub(crate) fn place_of(self, at: usize, count: usize) -> Place {
        if self == Self::Comparison && count == 1 {
            return Place::Value;
        }
        self.place(at)
    }
}
