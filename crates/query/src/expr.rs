//! The tree that query text is read into: conditions with the places they were written at.
//!
//! A tree knows no model: paths are names, literals keep their text. [`bind`](crate::bind::bind)
//! turns it into a [`Filter`](crate::Filter) over one model's fields.

use std::borrow::Cow;
use std::slice;

use smallvec::SmallVec;

use crate::leaves::leaves;
use crate::{Area, CompactString, Pattern, Value};

/// The names of a path or a parameter, outermost first. One short name, as most have, takes no memory of its own.
pub type Names = SmallVec<[CompactString; 1]>;

/// A range of bytes in the text that was parsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Always or never.
    Const(bool),
    /// All of these; none means always.
    And(Vec<Expr>),
    /// At least one of these; none means never.
    Or(Vec<Expr>),
    /// The opposite.
    Not(Box<Expr>),
    /// One field, or one parameter, compared with something.
    Compare(Compare),
    /// Some element of an array passes: `contains(lines,and(sku=7,count=gt=2))`.
    Any(Any),
}

/// A condition on some element of an array.
#[derive(Clone, Debug, PartialEq)]
pub struct Any {
    /// The array.
    pub path: Path,
    /// What the element has to pass. Its paths begin at the element; the empty path is the element itself.
    pub filter: Box<Expr>,
    /// Where all of it stands.
    pub span: Span,
}

/// One comparison: `subject op operand`.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// What is compared.
    pub subject: Subject,
    /// How it is compared.
    pub op: Op,
    /// With what.
    pub operand: Operand,
    /// Whether it was written with a single `=`, as a form does (`title=ab`). A declared search
    /// parameter of that name then decides what it means.
    pub form: bool,
    /// Where all of it stands.
    pub span: Span,
}

/// The left-hand side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A field of the record.
    Path(Path),
    /// A parameter itself: `$actor.role=admin` looks at no record.
    Param(Param),
}

impl Subject {
    /// The field, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Subject::Path(path) => Some(path),
            Subject::Param(_) => None,
        }
    }

    /// The parameter, if it is one.
    pub fn param(&self) -> Option<&Param> {
        match self {
            Subject::Path(_) => None,
            Subject::Param(param) => Some(param),
        }
    }

    /// Its names, outermost first, without a `$`.
    pub fn steps(&self) -> &[CompactString] {
        match self {
            Subject::Path(path) => &path.steps,
            Subject::Param(param) => &param.steps,
        }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Subject::Path(path) => path.span,
            Subject::Param(param) => param.span,
        }
    }
}

/// A field, or a field inside a field: `author.name`, also written `author/name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The names, outermost first; empty only for the element itself inside [`Any`].
    pub steps: Names,
    /// Where it stands.
    pub span: Span,
}

impl Path {
    /// The names joined with dots, for messages and look-ups.
    pub fn dotted(&self) -> Cow<'_, str> {
        dotted(&self.steps)
    }
}

/// The right-hand side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A value.
    Literal(Literal),
    /// A value that is known only when the query runs.
    Param(Param),
    /// Several, in parentheses.
    List(Vec<Operand>),
    /// A pattern, for `match`.
    Pattern(Pattern),
    /// A part of the earth, for `within`.
    Area(Area),
}

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    /// The decoded text, without its prefix.
    pub raw: CompactString,
    /// The text after its prefix's, or else the automatic, conversion.
    pub value: Value,
    /// Whether a prefix such as `string:` said what it is.
    pub typed: bool,
    /// Where it stands, with the prefix.
    pub span: Span,
}

impl Literal {
    /// A literal for a tree built by hand; it counts as typed.
    ///
    /// ```
    /// use larder_query::Literal;
    ///
    /// assert_eq!(Literal::of("7").to_string(), "string:7");
    /// assert_eq!(Literal::of(7).to_string(), "7");
    /// ```
    pub fn of(value: impl Into<Value>) -> Literal {
        let value = value.into();
        let raw = match serde_json::Value::from(&value) {
            serde_json::Value::String(text) => text.into(),
            other => other.to_string().into(),
        };
        Literal {
            raw,
            value,
            typed: true,
            span: Span::default(),
        }
    }
}

/// A parameter: `$actor.id`, `$name`, `$1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Param {
    /// The names without the `$`, outermost first; never empty after parsing.
    pub steps: Names,
    /// Where it stands.
    pub span: Span,
}

impl Param {
    /// The names joined with dots, without the `$`.
    pub fn dotted(&self) -> Cow<'_, str> {
        dotted(&self.steps)
    }
}

fn dotted(names: &[CompactString]) -> Cow<'_, str> {
    match names {
        [name] => Cow::Borrowed(name),
        names => Cow::Owned(names.join(".")),
    }
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal: the exact opposite of [`Op::Eq`], also for null.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Equal to one of a list.
    In,
    /// Equal to none of a list: the exact opposite of [`Op::In`].
    Out,
    /// Text that has the other in it, or an array with such an element.
    Contains,
    /// Text that begins with the other.
    StartsWith,
    /// Text that ends with the other.
    EndsWith,
    /// Text that is equal after lower-casing both.
    EqIgnoreCase,
    /// Text that a pattern is found in; also the text that a number or a truth value prints as.
    Match,
    /// A whole number that leaves a remainder when divided.
    Mod,
    /// An array of so many elements.
    Size,
    /// A point in a part of the earth.
    Within,
}

impl Op {
    /// Every operator: what [`Op::from_name`] knows.
    pub const ALL: [Op; 16] = [
        Op::Eq,
        Op::Ne,
        Op::Lt,
        Op::Le,
        Op::Gt,
        Op::Ge,
        Op::In,
        Op::Out,
        Op::Contains,
        Op::StartsWith,
        Op::EndsWith,
        Op::EqIgnoreCase,
        Op::Match,
        Op::Mod,
        Op::Size,
        Op::Within,
    ];

    /// Its name in query text.
    pub fn name(self) -> &'static str {
        match self {
            Op::Eq => "eq",
            Op::Ne => "ne",
            Op::Lt => "lt",
            Op::Le => "le",
            Op::Gt => "gt",
            Op::Ge => "ge",
            Op::In => "in",
            Op::Out => "out",
            Op::Contains => "contains",
            Op::StartsWith => "starts_with",
            Op::EndsWith => "ends_with",
            Op::EqIgnoreCase => "eq_ignore_case",
            Op::Match => "match",
            Op::Mod => "mod",
            Op::Size => "size",
            Op::Within => "within",
        }
    }

    /// The operator of this name; `startsWith` and its like are understood too.
    ///
    /// ```
    /// use larder_query::Op;
    ///
    /// assert_eq!(Op::from_name("startsWith"), Some(Op::StartsWith));
    /// assert_eq!(Op::from_name("resembles"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Op> {
        match name {
            "startsWith" => Some(Op::StartsWith),
            "endsWith" => Some(Op::EndsWith),
            "eqIgnoreCase" => Some(Op::EqIgnoreCase),
            _ => Op::ALL.into_iter().find(|op| op.name() == name),
        }
    }

    /// The operator that matches exactly what this one does not, if there is one.
    ///
    /// The ordering operators have none: neither `lt` nor `ge` matches a null.
    pub fn complement(self) -> Option<Op> {
        match self {
            Op::Eq => Some(Op::Ne),
            Op::Ne => Some(Op::Eq),
            Op::In => Some(Op::Out),
            Op::Out => Some(Op::In),
            _ => None,
        }
    }

    /// Whether it takes a list: `in`, `out` and `mod`.
    pub fn takes_list(self) -> bool {
        matches!(self, Op::In | Op::Out | Op::Mod)
    }

    /// Whether a search parameter can be declared with it: one that takes a single plain value, or a list of such.
    ///
    /// ```
    /// use larder_query::Op;
    ///
    /// assert!(Op::StartsWith.suits_search() && !Op::Within.suits_search());
    /// ```
    pub fn suits_search(self) -> bool {
        !matches!(self, Op::Match | Op::Mod | Op::Size | Op::Within)
    }

    /// Whether it asks for an order: `lt`, `le`, `gt`, `ge`.
    pub fn is_ordering(self) -> bool {
        matches!(self, Op::Lt | Op::Le | Op::Gt | Op::Ge)
    }
}

impl std::fmt::Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// All comparisons of a tree, in the order they were written; those on elements too, whose paths begin at the element.
pub fn compares(expr: &Expr) -> impl Iterator<Item = &Compare> {
    let all = leaves(expr, |expr| match expr {
        Expr::Any(any) => Some(slice::from_ref(&*any.filter)),
        other => below(other),
    });
    all.filter_map(compare)
}

/// The comparisons of a tree whose paths begin at the record, in the order they were written: not those on elements.
pub fn own_compares(expr: &Expr) -> impl Iterator<Item = &Compare> {
    leaves(expr, below).filter_map(compare)
}

/// All paths of a tree that begin at the record, in the order they were written.
pub fn paths(expr: &Expr) -> impl Iterator<Item = &Path> {
    leaves(expr, below).filter_map(|leaf| match leaf {
        Expr::Compare(compare) => compare.subject.path(),
        Expr::Any(any) => Some(&any.path),
        _ => None,
    })
}

/// The conditions that one is made of, if they are about the same record.
fn below(expr: &Expr) -> Option<&[Expr]> {
    match expr {
        Expr::And(all) | Expr::Or(all) => Some(all),
        Expr::Not(inner) => Some(slice::from_ref(&**inner)),
        Expr::Const(_) | Expr::Compare(_) | Expr::Any(_) => None,
    }
}

fn compare(leaf: &Expr) -> Option<&Compare> {
    match leaf {
        Expr::Compare(compare) => Some(compare),
        _ => None,
    }
}

/// All parameters of a tree on either side, in the order they were written.
///
/// ```
/// let rule = larder_query::parse("status=published|author=$actor.id")?;
/// let names: Vec<_> = larder_query::params(&rule).map(|p| p.dotted()).collect();
/// assert_eq!(names, ["actor.id"]);
/// # Ok::<(), larder_query::ParseError>(())
/// ```
pub fn params(expr: &Expr) -> impl Iterator<Item = &Param> {
    compares(expr).flat_map(|compare| {
        let operands = leaves(&compare.operand, |operand| match operand {
            Operand::List(items) => Some(items),
            _ => None,
        });
        let operands = operands.filter_map(|operand| match operand {
            Operand::Param(param) => Some(param),
            _ => None,
        });
        compare.subject.param().into_iter().chain(operands)
    })
}
