//! What clients can do with a model, method by method: what it handles, what it withdraws, what it answers.

use serde::Serialize;

use super::Compiled;
use crate::error::{Error, ErrorKind, Result};
use crate::wording::a;

/// One way in which clients use a model, in the words of JsonRestStores. Doors other than HTTP have the same seven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Reading one record.
    Get,
    /// Reading a list of records, and counting them.
    List,
    /// Adding a record.
    Post,
    /// Adding a record under an id that the client chose.
    PutNew,
    /// Replacing a record.
    PutExisting,
    /// Changing parts of a record.
    Patch,
    /// Deleting a record.
    Delete,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::List,
        Self::Post,
        Self::PutNew,
        Self::PutExisting,
        Self::Patch,
        Self::Delete,
    ];

    /// Those that change something.
    pub(crate) const WRITES: [Self; 5] = [
        Self::Post,
        Self::PutNew,
        Self::PutExisting,
        Self::Patch,
        Self::Delete,
    ];

    /// Its word in attributes, the manifest and messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Post => "post",
            Self::PutNew => "put_new",
            Self::PutExisting => "put_existing",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }

    /// Its HTTP method, which is what a client knows it by.
    fn verb(self) -> &'static str {
        match self {
            Self::Get | Self::List => "GET",
            Self::Post => "POST",
            Self::PutNew | Self::PutExisting => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// What a client would do with it.
    fn deed(self, model: &str) -> String {
        match self {
            Self::Get => format!("get one {model}"),
            Self::List => format!("list {model} records"),
            Self::Post => format!("add {}", a(model)),
            Self::PutNew => format!("add {} under an id that they choose", a(model)),
            Self::PutExisting => format!("replace {} that is there", a(model)),
            Self::Patch => format!("change parts of {}", a(model)),
            Self::Delete => format!("delete {}", a(model)),
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Methods(u8);

impl Methods {
    fn of(methods: &[Method]) -> Self {
        Self(methods.iter().fold(0, |bits, one| bits | one.bit()))
    }

    fn has(self, method: Method) -> bool {
        self.0 & method.bit() != 0
    }
}

/// What a model offers to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    handled: Methods,
    restricted: Methods,
    echoed: Methods,
}

impl Default for Offer {
    /// Everything; each write but a delete is answered with the record.
    fn default() -> Self {
        let echoed = [
            Method::Post,
            Method::PutNew,
            Method::PutExisting,
            Method::Patch,
        ];
        Self {
            handled: Methods::of(&Method::ALL),
            restricted: Methods(0),
            echoed: Methods::of(&echoed),
        }
    }
}

impl Offer {
    pub(super) fn handle(&mut self, methods: &[Method]) {
        self.handled = Methods::of(methods);
    }

    pub(super) fn restrict(&mut self, methods: &[Method]) {
        self.restricted.0 |= Methods::of(methods).0;
    }

    pub(super) fn echo(&mut self, methods: &[Method], on: bool) {
        let bits = Methods::of(methods).0;
        self.echoed.0 = if on {
            self.echoed.0 | bits
        } else {
            self.echoed.0 & !bits
        };
    }

    /// Whether clients have this method.
    pub(crate) fn has(self, method: Method) -> bool {
        self.handled.has(method) && !self.restricted.has(method)
    }

    /// Whether it is withdrawn, rather than not there at all.
    pub(crate) fn restricts(self, method: Method) -> bool {
        self.restricted.has(method)
    }

    /// Whether this write is answered with the record.
    pub(crate) fn echoes(self, method: Method) -> bool {
        self.echoed.has(method)
    }

    /// The methods that clients have, for the manifest.
    pub(super) fn methods(self) -> Vec<Method> {
        Method::ALL
            .into_iter()
            .filter(|method| self.has(*method))
            .collect()
    }

    /// Those of them that write and are answered with the record.
    pub(super) fn echoing(self) -> Vec<Method> {
        let mut methods = self.methods();
        methods.retain(|method| self.echoes(*method));
        methods
    }
}

impl Compiled {
    /// Whether clients have this method: the model handles it and does not restrict it. Rules are another matter.
    pub fn offers(&self, method: Method) -> bool {
        self.def.offer.has(method)
    }

    /// Whether this write is answered with the record.
    pub fn echoes(&self, method: Method) -> bool {
        self.def.offer.echoes(method)
    }

    /// Refuses a request that needs one of these methods, where clients have none of them. The pipeline asks this first;
    /// a door may ask before it reads a body.
    ///
    /// # Errors
    /// `MethodNotAllowed` for what is restricted, `NotImplemented` for what the model does not handle.
    pub fn offers_one_of(&self, methods: &[Method]) -> Result<()> {
        let offer = self.def.offer;
        if methods.is_empty() || methods.iter().any(|method| offer.has(*method)) {
            return Ok(());
        }
        let mut restricted = methods.iter().filter(|method| offer.restricts(**method));
        if let Some(method) = restricted.next() {
            let name = self.name();
            let message = if self.data().read_only {
                format!("{name} is read-only")
            } else {
                let (verb, deed) = (method.verb(), method.deed(name));
                format!("{verb} is not allowed here: clients can't {deed}")
            };
            return Err(Error::new(ErrorKind::MethodNotAllowed, message));
        }
        let verb = methods.first().map_or("", |method| method.verb());
        let deeds = methods.iter().map(|method| method.deed(self.name()));
        let deeds = deeds.collect::<Vec<_>>().join(", or ");
        let message = format!("{verb} is not handled here: there is no way to {deeds}");
        Err(Error::new(ErrorKind::NotImplemented, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered() {
        let mut offer = Offer::default();
        assert_eq!(offer.methods(), Method::ALL);
        offer.handle(&[Method::Get, Method::PutNew, Method::Delete]);
        offer.restrict(&[Method::Delete]);
        assert_eq!(offer.methods(), [Method::Get, Method::PutNew]);
        assert!(offer.restricts(Method::Delete) && !offer.restricts(Method::Post));
    }

    #[test]
    fn what_is_echoed() {
        let mut offer = Offer::default();
        assert!(offer.echoes(Method::Post) && !offer.echoes(Method::Delete));
        offer.echo(&[Method::Delete], true);
        offer.echo(&[Method::PutNew, Method::PutExisting], false);
        assert_eq!(
            offer.echoing(),
            [Method::Post, Method::Patch, Method::Delete]
        );
    }

    #[test]
    fn words_are_those_of_the_manifest() {
        for method in Method::ALL {
            assert_eq!(serde_json::to_value(method).unwrap(), method.word());
        }
    }
}
