//! Who is asking, and how a request says so.

use std::fmt;
use std::sync::Arc;

use larder_query::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::store::BoxFuture;

/// Who makes a call: nobody in particular, somebody with an id and attributes, or the server itself.
///
/// Rules read it as `$actor.id` and `$actor.NAME`. What an actor does not have is *unknown* in a rule and never allows.
///
/// ```
/// use larder_core::Actor;
/// let ann = Actor::user("ann").with("role", "editor");
/// assert_eq!(ann.id(), Some("ann"));
/// assert!(Actor::anonymous().id().is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Actor(Option<Arc<Who>>);

#[derive(Clone, Debug)]
enum Who {
    User {
        id: Box<str>,
        attributes: Vec<(Box<str>, Value)>,
    },
    System {
        reason: Box<str>,
    },
}

impl Actor {
    /// Nobody in particular.
    pub const fn anonymous() -> Self {
        Self(None)
    }

    /// Somebody with this id.
    pub fn user(id: impl Into<String>) -> Self {
        Self(Some(Arc::new(Who::User {
            id: id.into().into(),
            attributes: Vec::new(),
        })))
    }

    /// The server itself: no rule applies. Only `App::as_system` makes one.
    pub(crate) fn system(reason: &str) -> Self {
        Self(Some(Arc::new(Who::System {
            reason: reason.into(),
        })))
    }

    /// The same actor with one more attribute, `$actor.NAME` in rules. [`with_list`](Self::with_list) gives one that is a list.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(who) = &mut self.0
            && let Who::User { attributes, .. } = Arc::make_mut(who)
        {
            attributes.push((name.into(), value.into()));
        }
        self
    }

    /// The same actor with a list as an attribute: for rules such as `team=in=$actor.teams` and `contains($actor.groups,staff)`. An
    /// empty list is in no such rule.
    ///
    /// ```
    /// use larder_core::Actor;
    /// let ann = Actor::user("ann").with_list("teams", ["red", "blue"]);
    /// assert!(ann.attribute("teams").is_some_and(|teams| teams.as_array().is_some_and(|teams| teams.len() == 2)));
    /// ```
    #[must_use]
    pub fn with_list<T: Into<Value>>(
        self,
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values: Value = values.into_iter().map(Into::into).collect();
        self.with(name, values)
    }

    /// The actor's id, if it has one.
    pub fn id(&self) -> Option<&str> {
        match self.0.as_deref() {
            Some(Who::User { id, .. }) => Some(id),
            _ => None,
        }
    }

    /// An attribute that was given with [`Actor::with`].
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        match self.0.as_deref() {
            Some(Who::User { attributes, .. }) => attributes
                .iter()
                .rev()
                .find(|(known, _)| **known == *name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Whether it is nobody in particular.
    pub fn is_anonymous(&self) -> bool {
        self.0.is_none()
    }

    /// Whether no rule applies to it.
    pub fn is_system(&self) -> bool {
        matches!(self.0.as_deref(), Some(Who::System { .. }))
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_deref() {
            None => f.write_str("anonymous"),
            Some(Who::User { id, .. }) => f.write_str(id),
            Some(Who::System { reason }) => write!(f, "system ({reason})"),
        }
    }
}

/// How a request says who makes it: the one trait between HTTP and [`Actor`].
///
/// ```
/// use larder_core::{Actor, BoxFuture, Error, ErrorKind, Identity, Result};
/// #[derive(Debug)]
/// struct OneToken;
/// impl Identity for OneToken {
///     fn identify<'a>(&'a self, request: &'a http::request::Parts) -> BoxFuture<'a, Result<Actor>> {
///         Box::pin(async move {
///             match request.headers.get("authorization").map(|value| value.as_bytes()) {
///                 None => Ok(Actor::anonymous()),
///                 Some(b"Bearer open-sesame") => Ok(Actor::user("ali")),
///                 Some(_) => Err(Error::new(ErrorKind::Unauthorized, "this token is not valid")),
///             }
///         })
///     }
/// }
/// ```
pub trait Identity: Send + Sync + fmt::Debug + 'static {
    /// The actor of a request. An error refuses the request.
    fn identify<'a>(&'a self, request: &'a http::request::Parts) -> BoxFuture<'a, Result<Actor>>;

    /// Whether it believes what anybody says. Such a provider is refused outside development.
    fn is_for_development(&self) -> bool {
        false
    }
}

/// Everybody is anonymous: what an app has before it names an [`Identity`].
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Identity for Nobody {
    fn identify<'a>(&'a self, _: &'a http::request::Parts) -> BoxFuture<'a, Result<Actor>> {
        // Not a ready future: one that holds nothing but zeros is taken from memory that is zeroed, which costs more.
        Box::pin(async { Ok(Actor::anonymous()) })
    }
}

/// Believes a header: `x-actor: ann`, or with attributes `x-actor: ann; role=editor; teams=(red,blue)`, where the last is a list. For
/// development only: `build()` refuses it when the app runs in production mode.
///
/// ```
/// use larder_core::{App, DevelopmentHeader};
/// let app = App::builder().identity(DevelopmentHeader); // `curl -H 'x-actor: ann; role=editor'`
/// # let _ = app;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct DevelopmentHeader;

impl DevelopmentHeader {
    /// The header that it reads.
    pub const NAME: &'static str = "x-actor";
}

impl Identity for DevelopmentHeader {
    fn identify<'a>(&'a self, request: &'a http::request::Parts) -> BoxFuture<'a, Result<Actor>> {
        let actor = match request
            .headers
            .get(Self::NAME)
            .map(http::HeaderValue::to_str)
        {
            None => Ok(Actor::anonymous()),
            Some(Ok(text)) => Ok(parse(text)),
            Some(Err(_)) => Err(Error::new(
                ErrorKind::BadRequest,
                "the header x-actor is not plain text",
            )),
        };
        Box::pin(std::future::ready(actor))
    }

    fn is_for_development(&self) -> bool {
        true
    }
}

fn parse(text: &str) -> Actor {
    let mut parts = text.split(';').map(str::trim);
    let id = parts.next().unwrap_or_default();
    if id.is_empty() {
        return Actor::anonymous();
    }
    parts
        .filter_map(|part| part.split_once('='))
        .fold(Actor::user(id), |actor, (name, value)| {
            match value
                .strip_prefix('(')
                .and_then(|list| list.strip_suffix(')'))
            {
                Some(list) => {
                    let values = list.split(',').map(str::trim);
                    actor.with_list(name, values.filter(|value| !value.is_empty()))
                }
                None => actor.with(name, value),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_in_the_header_make_a_list() {
        let ann = parse("ann; role=editor; teams=(red, blue,); none=()");
        let teams: Value = ["red", "blue"].into_iter().map(Value::from).collect();
        assert_eq!(ann.id(), Some("ann"));
        assert_eq!(ann.attribute("role"), Some(&Value::from("editor")));
        assert_eq!(ann.attribute("teams"), Some(&teams));
        assert_eq!(ann.attribute("none"), Some(&Value::Array(Box::default())));
        // Half of a pair is a letter like any other.
        let odd = parse("ann; role=(editor");
        assert_eq!(odd.attribute("role"), Some(&Value::from("(editor")));
        assert!(parse("; role=editor").is_anonymous());
    }
}
