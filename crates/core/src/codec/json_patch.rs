//! JSON Patch (RFC 6902): the text of a patch, judged against the fields that a client may write.
//!
//! A patch sees a document of the writable fields alone. A path into any other field (read-only, server-only, the owner, a
//! parent, the id) is refused in the words in which a field that does not exist is, in `test` and `from` too: nothing
//! of a hidden field shows, not even that it is there.

use larder_query::{Object, Value};

use super::Draft;
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::model::Compiled;

mod apply;
mod text;
mod tree;

/// How many operations a patch may have.
const MAX_OPERATIONS: usize = 100;

/// The operations of RFC 6902, section 4.
const NAMES: [&str; 6] = ["add", "copy", "move", "remove", "replace", "test"];

/// A patch that can be read, and that names no field but those that a client may write.
#[derive(Debug)]
pub(crate) struct JsonPatch(Vec<Operation>);

#[derive(Debug)]
struct Operation {
    /// Where the operation stands in the patch.
    index: usize,
    path: Place,
    deed: Deed,
}

/// What is done at the path.
#[derive(Debug)]
enum Deed {
    Add(Value),
    Remove,
    Replace(Value),
    Move(Place),
    Copy(Place),
    Test(Value),
}

/// A JSON Pointer (RFC 6901), its first token resolved to a field.
#[derive(Clone, Debug)]
struct Place {
    field: usize,
    steps: Vec<String>,
    text: String,
}

impl Place {
    /// Whether `other` lies inside this place.
    fn holds(&self, other: &Self) -> bool {
        self.field == other.field
            && other.steps.len() > self.steps.len()
            && other.steps.starts_with(&self.steps)
    }
}

impl JsonPatch {
    /// Reads a patch.
    ///
    /// # Errors
    /// `BadRequest` for what is no patch, with a pointer into the patch for each fault (`/2/op`); `TooLarge` over 100
    /// operations; `Invalid` for paths to what a client can't write, with a pointer each (`/2/path`).
    pub(crate) fn read(model: &Compiled, text: &[u8]) -> Result<Self> {
        let operations = text::read(text)?;
        if operations.len() > MAX_OPERATIONS {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!(
                    "the patch has {} operations; there may be {MAX_OPERATIONS}",
                    operations.len()
                ),
            ));
        }
        let mut reader = Reader {
            model,
            malformed: Draft::default(),
            refused: Draft::default(),
        };
        let read: Vec<Operation> = operations
            .into_iter()
            .enumerate()
            .filter_map(|(index, operation)| reader.operation(index, operation))
            .collect();
        if let [first, rest @ ..] = reader.malformed.faults.as_slice() {
            let more = if rest.is_empty() { "" } else { ", and more" };
            let message = format!(
                "the body is not a JSON Patch: `{}` {}{more}",
                first.pointer, first.message
            );
            return Err(
                Error::new(ErrorKind::BadRequest, message).with_fields(reader.malformed.faults)
            );
        }
        reader.refused.finish()?;
        Ok(Self(read))
    }
}

struct Reader<'a> {
    model: &'a Compiled,
    /// Faults of the patch as such.
    malformed: Draft,
    /// Paths to what a client can't write.
    refused: Draft,
}

impl Reader<'_> {
    fn operation(&mut self, index: usize, mut members: Object) -> Option<Operation> {
        let name = self.name(index, &mut members)?;
        let path = self.place(index, "path", &mut members);
        let deed = match name {
            "add" => self.value(index, &mut members).map(Deed::Add),
            "replace" => self.value(index, &mut members).map(Deed::Replace),
            "test" => self.value(index, &mut members).map(Deed::Test),
            "move" => self.place(index, "from", &mut members).map(Deed::Move),
            "copy" => self.place(index, "from", &mut members).map(Deed::Copy),
            _ => Some(Deed::Remove),
        };
        let (path, deed) = (path?, deed?);
        if let Deed::Move(from) = &deed
            && from.holds(&path)
        {
            let message = "lies inside `from`: a value can't be moved into itself";
            self.fault(index, "path", message);
            return None;
        }
        Some(Operation { index, path, deed })
    }

    fn name(&mut self, index: usize, members: &mut Object) -> Option<&'static str> {
        let text = self.text(index, "op", members)?;
        let known = NAMES.into_iter().find(|name| *name == text);
        if known.is_none() {
            let hint = match larder_query::nearest(&text, NAMES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", NAMES.join(", ")),
            };
            self.fault(
                index,
                "op",
                format!("is `{text}`, which is no operation; {hint}"),
            );
        }
        known
    }

    fn value(&mut self, index: usize, members: &mut Object) -> Option<Value> {
        let value = members.remove("value");
        if value.is_none() {
            self.fault(index, "value", "is required by this operation");
        }
        value
    }

    fn text(&mut self, index: usize, member: &str, members: &mut Object) -> Option<String> {
        match members.remove(member) {
            Some(Value::Text(text)) => return Some(text.into_string()),
            Some(_) => self.fault(index, member, "must be a text"),
            None => self.fault(index, member, "is required"),
        }
        None
    }

    fn place(&mut self, index: usize, member: &str, members: &mut Object) -> Option<Place> {
        let text = self.text(index, member, members)?;
        let Some(mut steps) = text::steps(&text) else {
            let message = format!(
                "is `{text}`, which is no JSON Pointer: write `/field`, with `~1` for `/` and `~0` for `~` in a name"
            );
            self.fault(index, member, message);
            return None;
        };
        let pointer = format!("/{index}/{member}");
        if steps.is_empty() {
            let message =
                "is the whole record; a patch changes its fields: write `/field`, or send a PUT";
            self.refused.fault("", pointer, message, "path");
            return None;
        }
        let name = steps.remove(0);
        let Some(field) = self.field(&name) else {
            self.refuse(&name, pointer);
            return None;
        };
        Some(Place { field, steps, text })
    }

    /// A field that a patch may name: what a client may write, but for the id, which nothing changes.
    fn field(&self, name: &str) -> Option<usize> {
        let mut fields = self.model.fields.iter();
        fields.position(|field| field.name() == name && field.writable && !field.def.id)
    }

    fn refuse(&mut self, name: &str, pointer: String) {
        if self.refused.is_full() {
            return;
        }
        let fields = self.model.fields.iter();
        let known = fields
            .filter(|field| field.writable && !field.def.id)
            .map(|field| field.name());
        let hint = larder_query::nearest(name, known)
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        let message = format!(
            "`{name}` is not a field of {} that can be patched{hint}",
            self.model.name()
        );
        self.refused.fault(name, pointer, message, "unknown");
    }

    fn fault(&mut self, index: usize, member: &str, message: impl Into<String>) {
        self.malformed
            .fault(member, format!("/{index}/{member}"), message, "patch");
    }
}

/// The patch does not fit the record as it is: 409 (RFC 5789, section 2.2, "conflicting state").
fn misfit(index: usize, member: &str, code: &'static str, message: String) -> Error {
    let fault = FieldError {
        field: member.to_owned(),
        pointer: format!("/{index}/{member}"),
        message: message.clone(),
        code,
    };
    Error::new(ErrorKind::PatchConflict, message).with_fields(vec![fault])
}

#[cfg(test)]
mod tests;
