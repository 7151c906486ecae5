//! Why text is no query, and where.

use std::fmt;

use crate::expr::Span;

/// The sort of mistake; its text is in [`ParseError::message`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There is no condition.
    Empty,
    /// The text is longer than allowed.
    TooLong,
    /// Parentheses or calls go deeper than allowed.
    TooDeep,
    /// There are more comparisons than allowed.
    TooManyTerms,
    /// A list or a path has more members than allowed.
    TooManyItems,
    /// A character that can't stand here.
    Unexpected,
    /// A parenthesis without its other half.
    Unbalanced,
    /// `&` and `|` at one level.
    Mixed,
    /// No operator of this name.
    UnknownOperator,
    /// A part of RQL that conditions do not have.
    Unsupported,
    /// Steps of a query in an order that means something else than the one they run in.
    Order,
    /// An operator with too few, too many or wrong arguments.
    Arguments,
    /// Something that is no path.
    Path,
    /// Something that is no parameter, or one where none may stand.
    Param,
    /// A value that is not what its prefix says.
    Value,
    /// A percent sign that encodes nothing, or bytes that are no text.
    Encoding,
}

impl ParseErrorKind {
    /// Its name for programs: `unknown_operator`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::TooDeep => "too_deep",
            Self::TooManyTerms => "too_many_terms",
            Self::TooManyItems => "too_many_items",
            Self::Unexpected => "unexpected",
            Self::Unbalanced => "unbalanced",
            Self::Mixed => "mixed",
            Self::UnknownOperator => "unknown_operator",
            Self::Unsupported => "unsupported",
            Self::Order => "order",
            Self::Arguments => "arguments",
            Self::Path => "path",
            Self::Param => "parameter",
            Self::Value => "value",
            Self::Encoding => "encoding",
        }
    }
}

/// Why text is no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The sort of mistake.
    pub kind: ParseErrorKind,
    /// Where it is.
    pub span: Span,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl ParseError {
    pub(crate) fn new(kind: ParseErrorKind, span: Span, message: impl Into<String>) -> ParseError {
        ParseError {
            kind,
            span,
            message: message.into(),
        }
    }

    /// The text with carets under the faulty part, then the message.
    ///
    /// `text` should be what was parsed; any other text is safe, but the carets will mislead.
    ///
    /// ```
    /// let text = "title=ab&lik(a,b)";
    /// let error = larder_query::parse(text).unwrap_err();
    /// assert!(error.caret(text).starts_with("title=ab&lik(a,b)\n         ^^^\n"));
    /// ```
    pub fn caret(&self, text: &str) -> String {
        format!("{}\n{}", self.place(text), self.message)
    }

    /// The text with the place drawn under it, as in [`caret`](Self::caret), without what is wrong.
    pub fn place(&self, text: &str) -> String {
        // Line breaks would tear the two lines apart; neither can stand raw in a query anyway.
        let shown: String = text.chars().map(visible).collect();
        let before = text
            .char_indices()
            .filter(|(at, _)| *at < self.span.start)
            .count();
        let under = text
            .char_indices()
            .filter(|(at, _)| (self.span.start..self.span.end).contains(at))
            .count();
        format!(
            "{shown}\n{}{}",
            " ".repeat(before),
            "^".repeat(under.max(1))
        )
    }
}

fn visible(c: char) -> char {
    if c.is_control() { '\u{fffd}' } else { c }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.span.start, self.message)
    }
}

impl std::error::Error for ParseError {}
