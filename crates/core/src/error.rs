//! The one error type of larder: a kind that a door turns into a status, a message for people, and the faults field by field.

use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;

use crate::key::Key;

/// A shorthand for results that fail with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the terms a door or a retry loop decides by.
///
/// The HTTP status of each kind is in [`ErrorKind::status`], and nowhere else.
///
/// ```
/// use larder_core::{Error, ErrorKind};
/// fn advice(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::PreconditionFailed => "read it again",
///         ErrorKind::Unavailable => "try again in a moment",
///         _ => "tell us",
///     }
/// }
/// assert_eq!(advice(&Error::not_found()), "tell us");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request can't be read: malformed JSON, an unknown query parameter.
    BadRequest,
    /// The content was read and breaks the model's schema.
    Invalid,
    /// An actor is needed and there is none.
    Unauthorized,
    /// The actor may not do this.
    Forbidden,
    /// There is no such record, or none that this actor may see.
    NotFound,
    /// The method is switched off here.
    MethodNotAllowed,
    /// No representation that the client accepts.
    NotAcceptable,
    /// The write lost against another one; the whole call may be tried again.
    Conflict,
    /// A key or a unique value is taken.
    Duplicate,
    /// A JSON Patch does not fit the record as it is: a test failed, or there is nothing at a path.
    PatchConflict,
    /// `If-Match` or `If-None-Match` did not hold.
    PreconditionFailed,
    /// Changes can't be told any more: the listener was too slow, or goes on from too long ago.
    Lost,
    /// The body is over the limit.
    TooLarge,
    /// The body is of a media type that is not understood.
    UnsupportedMediaType,
    /// The model does not handle this method.
    NotImplemented,
    /// The store can't answer now: locked, full or unreachable. Try again later.
    Unavailable,
    /// The store can't do what was asked, now or later.
    Unsupported,
    /// A mistake in the app's set-up, found by `build()`.
    Setup,
    /// A fault of ours. The details go to the log, not to the client.
    Internal,
    /// A refusal with a status of the app's own choosing, by a hook or a listener.
    Denied(u16),
}

impl ErrorKind {
    /// The HTTP status of this kind.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::Conflict | Self::Duplicate | Self::PatchConflict => 409,
            Self::Lost => 410,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid => 422,
            Self::Setup | Self::Internal => 500,
            Self::NotImplemented | Self::Unsupported => 501,
            Self::Unavailable => 503,
            Self::Denied(status) => status,
        }
    }
}

/// One fault in one field of a body or a query.
///
/// ```
/// use larder_core::{Error, FieldError};
/// // What a hook refuses by, so that a form can show it beside its field.
/// let error = Error::invalid(vec![FieldError::new("day", "is over", "past")]);
/// assert_eq!(error.kind().status(), 422);
/// assert_eq!(error.fields()[0].pointer, "/day");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The wire name of the field, empty for the body as a whole.
    pub field: String,
    /// A JSON Pointer (RFC 6901) to the faulty place.
    pub pointer: String,
    /// What is wrong, for people.
    pub message: String,
    /// What is wrong, for programs: `type`, `required`, `unknown`, `minLength` and so on.
    pub code: &'static str,
}

impl FieldError {
    /// A fault of a field of the record, by its wire name. For a place inside of it set [`pointer`](Self::pointer).
    pub fn new(field: impl Into<String>, message: impl Into<String>, code: &'static str) -> Self {
        let field = field.into();
        Self {
            pointer: format!("/{}", crate::schema::escape(&field)),
            field,
            message: message.into(),
            code,
        }
    }
}

struct Inner {
    kind: ErrorKind,
    message: String,
    fields: Vec<FieldError>,
    /// Faults of server-only fields: no door shows them.
    hidden: Vec<FieldError>,
    rolled_back: bool,
    /// The id that a hook has chosen for a new record, and somebody else had taken.
    chosen: Option<Key>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Why a call failed.
///
/// ```
/// use larder_core::{Error, ErrorKind};
/// let error = Error::denied(402, "the plan does not include exports");
/// assert_eq!(error.kind(), ErrorKind::Denied(402));
/// ```
pub struct Error(Box<Inner>);

impl Error {
    /// An error of a kind, with a message that may be shown to the client.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            fields: Vec::new(),
            hidden: Vec::new(),
            rolled_back: false,
            chosen: None,
            source: None,
        }))
    }

    /// A refusal by a hook, an action or a listener. `status` is an HTTP status from 400 to 599; others become 403.
    pub fn denied(status: u16, message: impl Into<String>) -> Self {
        let status = if (400..600).contains(&status) {
            status
        } else {
            403
        };
        Self::new(ErrorKind::Denied(status), message)
    }

    /// Content that breaks the model's schema, with every fault that was found.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let mut error = Self::new(ErrorKind::Invalid, summary(&fields));
        error.0.fields = fields;
        error
    }

    /// The answer for a record that is absent or may not be seen: always the same.
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "there is no such record")
    }

    /// A fault of ours; `source` goes to the log only.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(
            ErrorKind::Internal,
            "the server failed to answer this request",
        )
        .with_source(source)
    }

    /// A mistake in the set-up of the app; the message names the fix.
    pub fn setup(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Setup, message)
    }

    /// A unique value or a key that is taken, naming the field.
    pub fn duplicate(field: &str) -> Self {
        let mut error = Self::new(
            ErrorKind::Duplicate,
            format!("another record has this `{field}`"),
        );
        error.0.fields = vec![FieldError {
            field: field.to_owned(),
            pointer: format!("/{field}"),
            message: "is taken".to_owned(),
            code: "unique",
        }];
        error
    }

    /// As [`duplicate`](Self::duplicate), for fields whose values are taken together.
    pub fn duplicate_together<'a>(fields: impl IntoIterator<Item = &'a str>) -> Self {
        let fields: Vec<&str> = fields.into_iter().collect();
        if let [field] = *fields {
            return Self::duplicate(field);
        }
        let names: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
        let (last, others) = names
            .split_last()
            .unwrap_or((const { &String::new() }, &[]));
        let message = format!("another record has this {} and {last}", others.join(", "));
        let fault = |field: &&str| FieldError {
            field: (*field).to_owned(),
            pointer: format!("/{field}"),
            message: "is taken in this combination".to_owned(),
            code: "unique",
        };
        Self::new(ErrorKind::Duplicate, message).with_fields(fields.iter().map(fault).collect())
    }

    /// Adds the inner cause, which is logged and never shown to a client.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says that nothing of what failed is kept, whatever becomes of the connection to the database: its commit was not asked for.
    /// Then the whole call is run again by itself. Of a commit whose answer never came nobody knows, so there it is not said.
    #[must_use]
    pub fn rolled_back(mut self) -> Self {
        self.0.rolled_back = true;
        self
    }

    /// Says that a hook chose this id for a new record, where another one had it: run again in a new transaction, it may choose another.
    pub(crate) fn chosen(mut self, key: Key) -> Self {
        self.0.chosen = Some(key);
        self
    }

    /// The id that a hook chose and that was taken.
    pub(crate) fn chosen_key(&self) -> Option<&Key> {
        self.0.chosen.as_ref()
    }

    /// Takes back what makes others run again: the call was run again often enough, or something else around it is kept.
    pub(crate) fn settled(mut self) -> Self {
        self.0.rolled_back = false;
        self.0.chosen = None;
        self
    }

    /// Adds faults of fields.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldError>) -> Self {
        self.0.fields = fields;
        self
    }

    /// The kind, to decide by.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message that may be shown.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The faults field by field that may be shown; empty where the error is not about content.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// The faults of server-only fields, for code on the server. No door sends them, whoever passes the error on.
    ///
    /// ```
    /// # use larder_core::Error;
    /// # fn look(error: &Error) -> bool {
    /// error.hidden_fields().iter().any(|fault| fault.code == "unique")
    /// # }
    /// ```
    pub fn hidden_fields(&self) -> &[FieldError] {
        &self.0.hidden
    }

    /// Puts the faults of server-only fields aside, and takes what the message says of them out of it. The kind stays.
    #[must_use]
    pub(crate) fn conceal(mut self, is_hidden: impl Fn(&FieldError) -> bool) -> Self {
        if !self.0.fields.iter().any(&is_hidden) {
            return self;
        }
        let (hidden, shown) = std::mem::take(&mut self.0.fields)
            .into_iter()
            .partition(is_hidden);
        self.0.fields = shown;
        self.0.hidden.extend::<Vec<_>>(hidden);
        self.0.message = match self.0.kind {
            ErrorKind::Duplicate => "another record has one of these values".to_owned(),
            ErrorKind::Invalid if !self.0.fields.is_empty() => summary(&self.0.fields),
            // A store's bound on what it looks at names its fields in the faults only.
            ErrorKind::BadRequest if self.is_bound() => return self,
            _ => "the content is not valid".to_owned(),
        };
        self
    }

    /// The same as a fault of content, where it is a taken value.
    #[must_use]
    pub(crate) fn duplicate_as_invalid(mut self) -> Self {
        if self.0.kind == ErrorKind::Duplicate {
            self.0.kind = ErrorKind::Invalid;
        }
        self
    }

    /// Whether a store refuses to look at so many records ([`Select::look_at`](crate::Select::look_at)).
    pub(crate) fn is_bound(&self) -> bool {
        let mut faults = self.0.fields.iter().chain(&self.0.hidden);
        faults.any(|fault| fault.code == "scan")
    }

    /// Whether the whole call may be tried again at once.
    pub fn is_conflict(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// Whether it is known that nothing of what failed is kept; see [`rolled_back`](Self::rolled_back).
    pub fn is_rolled_back(&self) -> bool {
        self.0.rolled_back
    }

    /// Whether the record is absent, or may not be seen.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }
}

/// What an error about content says as a whole.
fn summary(fields: &[FieldError]) -> String {
    match fields {
        // Most messages go on from the name: `is required`.
        [one] if one.field.is_empty() || one.message.starts_with('`') => one.message.clone(),
        [one] => format!("{}: {}", one.field, one.message),
        many => format!("{} faults in the content", many.len()),
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.kind == ErrorKind::Setup {
            // What `main` prints when it returns this: for a person to read, with SQL that can be copied.
            return f.write_str(&self.0.message);
        }
        let mut debug = f.debug_struct("Error");
        debug
            .field("kind", &self.0.kind)
            .field("message", &self.0.message);
        if !self.0.fields.is_empty() {
            debug.field("fields", &self.0.fields);
        }
        // For logs and developers, so what no client may see is there too.
        if !self.0.hidden.is_empty() {
            debug.field("hidden_fields", &self.0.hidden);
        }
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for field in &self.0.fields {
            write!(f, "\n  {}: {}", field.pointer, field.message)?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind, format!("{kind:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, ErrorKind, FieldError};

    fn fault(field: &str) -> FieldError {
        FieldError {
            field: field.to_owned(),
            pointer: format!("/{field}"),
            message: format!("{field} is too short"),
            code: "minLength",
        }
    }

    #[test]
    fn hidden_faults_are_put_aside() {
        let error = Error::duplicate("code").conceal(|fault| fault.field == "code");
        assert_eq!(error.kind(), ErrorKind::Duplicate);
        assert_eq!(error.hidden_fields()[0].field, "code");
        assert!(error.fields().is_empty());
        assert!(!error.to_string().contains("code"), "{error}");
        assert!(format!("{error:?}").contains("code"), "{error:?}");
    }

    #[test]
    fn what_is_not_hidden_stays() {
        let error = Error::invalid(vec![fault("code"), fault("title")]);
        let error = error.conceal(|fault| fault.field == "code");
        assert_eq!(error.fields(), [fault("title")]);
        assert_eq!(error.message(), "title: title is too short");
        let plain = Error::duplicate("title").conceal(|fault| fault.field == "code");
        assert_eq!(plain.message(), "another record has this `title`");
        let bound = Error::new(ErrorKind::BadRequest, "narrow it").with_fields(vec![FieldError {
            code: "scan",
            ..fault("code")
        }]);
        let bound = bound.conceal(|_| true);
        assert!(bound.message() == "narrow it" && bound.fields().is_empty());
        let only = Error::invalid(vec![fault("code")]).conceal(|_| true);
        assert_eq!(only.message(), "the content is not valid");
    }
}
