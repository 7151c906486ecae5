//! Ids: what can be one, where the parts of one come from, and ids in URLs and links.

use std::borrow::Cow;

use larder_query::Value;

use super::Run;
use crate::codec::Draft;
use crate::error::Error;
use crate::key::{self, Key};
use crate::model::{Compiled, Field, IdPart, Kind};
use crate::record::Record;
use crate::types::{EXPECTED, is_object_id};

impl Run<'_> {
    /// Takes the id out of a patch, which never moves a record to another one: what it says of the id has to be what it is.
    pub(super) fn leave_key(&self, draft: &mut Draft, key: &Key) {
        let model = &self.mounted.model;
        let what = model.id_word();
        for (place, part) in model.key.places().iter().zip(key.parts()) {
            let field = &model.fields[*place];
            let sent = draft.values[*place].take();
            if let Some(sent) = sent.filter(|sent| !field.is_at(sent, part)) {
                field.differs(&sent, part, what, draft);
            }
        }
    }
}

impl Field {
    /// Whether what was sent for the id, or for this part of it, is what the path has there.
    pub(super) fn is_at(&self, sent: &Value, part: &Value) -> bool {
        let same = |sent: Value| sent.same(part);
        sent.same(part) || self.kind().coerce(sent.clone()).is_ok_and(same)
    }

    /// Notes that a body has another id than the path, if what it has is right as such. `what` it is: the id, or a part of it.
    pub(super) fn differs(&self, sent: &Value, part: &Value, what: &str, draft: &mut Draft) {
        if sent.is_null() && draft.faults.iter().any(|fault| fault.field == self.name()) {
            return;
        }
        let part = Key::from(part.clone());
        let message = format!("is {what}, which is `{part}` here, and never changes");
        draft.fault(self.name(), self.pointer(), message, "id");
    }
}

impl Compiled {
    /// Which part of the id a field is, counted from 0.
    pub(crate) fn part_at(&self, field: usize) -> Option<usize> {
        self.key.places().iter().position(|place| *place == field)
    }

    /// One of several parts of the id of a new record: from the URL, or else from what was sent.
    pub(super) fn new_part(
        &self,
        part: usize,
        at: usize,
        key: Option<&Key>,
        sent: Option<Value>,
        draft: &mut Draft,
    ) -> Value {
        let field = &self.fields[at];
        match (key.and_then(|key| key.parts().get(part)), sent) {
            (Some(part), sent) => {
                if let Some(sent) = sent.filter(|sent| !sent.same(part)) {
                    field.differs(&sent, part, self.id_word(), draft);
                }
                // The URL says less than the schema and the type of the field.
                let before = draft.faults.len();
                let value = field.accept(part.clone(), &mut draft.faults);
                if before == draft.faults.len() && !value.same(part) {
                    let usual = Key::from(value.clone());
                    let message = format!("is not spelled as usual in the URL: it is `{usual}`");
                    draft.fault(field.name(), field.pointer(), message, "id");
                }
                value
            }
            (None, Some(sent)) => {
                if let Err(message) = self.check_new(part, &sent) {
                    draft.fault(field.name(), field.pointer(), message, "id");
                }
                sent
            }
            (None, None) => {
                draft.fault(field.name(), field.pointer(), "is required", "required");
                Value::Null
            }
        }
    }

    /// What a field of the id is called in messages.
    pub(crate) fn id_word(&self) -> &'static str {
        match self.key.one() {
            Some(_) => "the id",
            None => "a part of the id",
        }
    }

    /// Whether a value can be this part of the id of a new record; of one field it is the whole id.
    pub(super) fn check_new(&self, part: usize, value: &Value) -> Result<(), &'static str> {
        match self.sole_part() {
            _ if self.key.one().is_some() => self.check_key(value),
            Some(sole) if sole == part => self.check_segment(value),
            _ => check_part(value),
        }
    }

    /// Whether a value can be the id of a record.
    pub(crate) fn check_key(&self, key: &Value) -> Result<(), &'static str> {
        match key {
            Value::Array(parts) => {
                parts.iter().try_for_each(check_part)?;
                let sole = self.sole_part().and_then(|place| parts.get(place));
                sole.map_or(Ok(()), |part| self.check_segment(part))
            }
            key => self.check_segment(key),
        }
    }

    /// Whether a value can be a segment of a URL by itself: not empty, not too long, no control characters, and not the name of
    /// something else at the same place.
    fn check_segment(&self, value: &Value) -> Result<(), &'static str> {
        let Value::Text(text) = value else {
            return Ok(());
        };
        if text.is_empty() {
            return Err("must not be empty");
        }
        check_part(value)?;
        let one = self.key.one().and_then(|key| self.fields.get(key));
        if one.is_some_and(|field| field.object_id) && !is_object_id(text) {
            return Err(EXPECTED);
        }
        if text == "." || text == ".." {
            return Err("has characters that an id can't have");
        }
        if text.starts_with('_')
            || self
                .actions
                .iter()
                .any(|action| action.def.global && action.def.name == text)
        {
            return Err("is reserved: something else is served by this name");
        }
        Ok(())
    }

    /// That what somebody calls the key of a record that he has read still is it.
    ///
    /// # Errors
    /// `Invalid` with a fault for each part that differs.
    pub(crate) fn same_key(&self, read: &Record, now: &Key) -> Result<(), Error> {
        let old = self.key_of(read);
        let mut draft = Draft::default();
        let parts = old.parts().iter().zip(now.parts());
        for (at, (old, now)) in self.key.places().iter().zip(parts) {
            let field = &self.fields[*at];
            if !field.is_at(now, old) {
                field.differs(now, old, self.id_word(), &mut draft);
            }
        }
        draft.finish()
    }

    /// The key of a record.
    pub fn key_of(&self, record: &Record) -> Key {
        self.key.key_of(record)
    }

    /// The values of the URL's parent parameters, in their order; `None` if one of them can't be an id.
    pub fn parse_parents<'a>(&self, segments: impl Iterator<Item = &'a str>) -> Option<Vec<Value>> {
        let mut values = Vec::with_capacity(self.parents.len());
        for (parent, text) in self.parents.iter().zip(segments) {
            values.push(if parent.parts.is_empty() {
                parse(self.fields[parent.field].kind(), text)?
            } else {
                gather(&parent.parts, &values, text)?.into_link()
            });
        }
        Some(values)
    }

    /// The key that the last segment of a record's URL names, if it can be one. Percent-encoding is undone already.
    ///
    /// `parents` is what [`parse_parents`](Self::parse_parents) gave of the segments before it.
    pub fn parse_segment(&self, parents: &[Value], text: &str) -> Option<Key> {
        if self.key.one().is_some() {
            return self.parse_key(text);
        }
        let key = gather(&self.address, parents, text)?;
        self.check_key(key.value()).ok()?;
        Some(key)
    }

    /// The key that a text stands for as it does in a link, if it can be one: of several parts it has all.
    pub(crate) fn parse_key(&self, text: &str) -> Option<Key> {
        let key = match self.key.one() {
            Some(place) => Key::from(parse(self.fields[place].kind(), text)?),
            None => self.parse_parts(text)?,
        };
        self.check_key(key.value()).ok()?;
        Some(key)
    }

    fn parse_parts(&self, text: &str) -> Option<Key> {
        let texts = key::split(text)?;
        let places = self.key.places();
        if texts.len() != places.len() {
            return None;
        }
        let parts = places
            .iter()
            .zip(texts)
            .map(|(place, text)| parse_part(self.fields[*place].kind(), &text));
        Some(Key::of_parts(parts.collect::<Option<Vec<_>>>()?))
    }

    /// A key that code gave, as the model has them: of several parts it may be given as one text. None if no record can have it.
    pub(crate) fn own_key(&self, key: Key) -> Option<Key> {
        if self.key.one().is_some() {
            self.check_key(key.value()).ok()?;
            return Some(key);
        }
        if let Value::Text(text) = key.value() {
            return self.parse_key(text);
        }
        let places = self.key.places();
        if key.parts().len() != places.len() {
            return None;
        }
        let parts = places.iter().zip(key.parts()).map(|(place, part)| {
            let part = self.fields[*place].kind().coerce(part.clone()).ok()?;
            (!part.is_null()).then_some(part)
        });
        let key = Key::of_parts(parts.collect::<Option<Vec<_>>>()?);
        self.check_key(key.value()).ok()?;
        Some(key)
    }

    /// The key of the record that a link with this value leads to; None if it can lead to none. A text that is not spelled as
    /// larder prints it is none: what is stored with it would not be found by the usual one.
    pub(crate) fn linked_key(&self, link: &Value) -> Option<Key> {
        if self.key.one().is_some() {
            return Some(Key::from(link.clone()));
        }
        let text = link.as_str()?;
        self.parse_parts(text).filter(|key| key.to_string() == text)
    }
}

/// What can be the id or a part of one, apart from its kind.
fn check_part(part: &Value) -> Result<(), &'static str> {
    let Value::Text(text) = part else {
        return Ok(());
    };
    if text.len() > Key::MAX_LEN {
        return Err("is too long for an id");
    }
    // Nearly every id is ASCII, whose bytes can be looked at many at a time, if none of them ends the search.
    let control = if text.is_ascii() {
        text.bytes()
            .fold(false, |found, byte| found | byte.is_ascii_control())
    } else {
        text.chars().any(char::is_control)
    };
    if control {
        return Err("has characters that an id can't have");
    }
    Ok(())
}

/// The id whose parts stand in a segment and, those that are parents, in segments before it.
fn gather(parts: &[IdPart], above: &[Value], text: &str) -> Option<Key> {
    let own = |part: &&IdPart| matches!(part, IdPart::Own(_));
    let count = parts.iter().filter(own).count();
    // One part alone is as it is in any other URL; several have their commas.
    let texts = match count {
        1 => vec![Cow::Borrowed(text)],
        _ => key::split(text)?,
    };
    if texts.len() != count {
        return None;
    }
    let mut texts = texts.into_iter();
    let parts = parts.iter().map(|part| match part {
        IdPart::Above(at) => above.get(*at).cloned(),
        IdPart::Own(kind) => parse_part(*kind, &texts.next()?),
    });
    Some(Key::of_parts(parts.collect::<Option<Vec<_>>>()?))
}

/// The text of a part of an id.
fn parse_part(kind: Kind, text: &str) -> Option<Value> {
    let part = parse(kind, text)?;
    check_part(&part).ok()?;
    Some(part)
}

/// The text of an id or of a part of one.
fn parse(kind: Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Int => text.parse::<i64>().ok().map(Value::from),
        Kind::Uint => text.parse::<u64>().ok().map(Value::from),
        Kind::Bool => text.parse::<bool>().ok().map(Value::from),
        kind => kind.coerce(Value::from(text)).ok(),
    }
}
