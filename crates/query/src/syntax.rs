//! RQL as it is written: the syntax tree, its parser, and its canonical text.
//!
//! A [`Tree`] is calls, names and values with their places in the text. It knows every operator's shape (which argument is a
//! name, which a value) and nothing of models; [`Query::of_tree`](crate::Query::of_tree) checks operators and arguments.
//!
//! # Grammar
//!
//! ```text
//! query     = [terms]                                 empty: everything
//! terms     = term *("&" term) / term *("|" term)     never both at one level; at the top `&` may be doubled, leading or trailing
//! term      = call / comparison / "(" terms ")" / array / value
//! call      = name "(" [argument *("," argument)] ")"
//! argument  = term                                    in and(..) and or(..) their own sign may stand for the comma
//! comparison= subject operator operand
//! operator  = "=" / "==" / "!=" / "<" / "<=" / ">" / ">=" / "=" word "="     (also %3C and %3E, where an operator is awaited)
//! subject   = path / array of names / parameter
//! path      = name *("/" name)                        one name may hold dots: a.b
//! operand   = value / "(" [operand *("," operand)] ")"
//! value     = [prefix ":"] text / parameter
//! prefix    = auto string number boolean date isodate epoch re RE glob
//! parameter = "$" name *("." name)
//! ```
//!
//! A name or a value is made of letters, digits, `_ - . ~ * $ : +`, percent-encoded bytes and any text beyond ASCII; a value also of
//! `/ @ ' ? !`.
//!
//! # Choices
//! - Mixing `&` and `|` at one level is an error that says where to put parentheses. FIQL and others disagree on which binds
//!   tighter, and in a rule a wrong guess opens a record.
//! - A comma joins nothing at the top: FIQL reads it as *or*, upstream as *and*.
//! - Parentheses round exactly one operator term are redundant; round anything else they are an array.
//! - **Names are texts**: `1=2` compares a field called `1`. Names are the first of several arguments of a comparison, and all arguments
//!   of `sort`, `select`, `unselect`, `values`, `sum` and their like. With one argument, `eq(5)` tests the element itself.
//! - **Paths.** A slash separates names, and so does an array: `a/b=1` and `(a,b)=1` are `eq((a,b),1)`. A single name with dots stays
//!   one text in the tree, and is a path, too, when it is lowered: `a.b` is `a/b`. An encoded dot is part of a name: `a%2Eb` is the
//!   path `(a.b)` of one step, for the steps of an array are never taken apart. In a value, slashes and dots are data.
//! - `+` is a plus sign, never a space.
//! - What a value is, is decided after percent-decoding, but a prefix is looked for before it: an encoded colon is data. Only an
//!   identifier can be a prefix (`12:30` is text). See [`values`] for the conversions.
//! - Empty arguments count: `f(,a)` has two.
//!
//! # Canonical text
//! A root `and` is joined with `&`; all else is in call form, arrays in parentheses. Text is percent-encoded except letters, digits
//! and `- . _ ~ *`, and gets `string:` where it would read back as something else. Dates are `epoch:` milliseconds, patterns `re:` or `RE:`.
//! `text(parse(text(tree))) == text(tree)` holds for every tree.

mod ast;
mod build;
mod complain;
mod error;
mod leaf;
mod parser;
mod print;
mod scan;
mod shape;
mod tree;
pub mod values;

pub use error::{ParseError, ParseErrorKind};
pub use tree::{Children, Term, Tree, What};

pub(crate) use build::param_names;
pub(crate) use complain::NEGATED;
pub(crate) use parser::DEEPEST;
pub(crate) use scan::decoded_lossy;
pub(crate) use shape::{NAMES, Place, Shape};

#[cfg(test)]
mod tests;
