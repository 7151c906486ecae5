//! How ids stand in URLs. A part of an id that is a parent stands in the segment of that parent, so the last segment holds the
//! other parts: comment 3 of post p1 is `/posts/p1/comments/3`, and `p1,3` in a link.

use super::{Compiled, Field, Parent};
use crate::key::Key;
use crate::layout::KeyFields;
use crate::model::Kind;

/// Where a part of an id stands in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdPart {
    /// In the segment of this parent, by its place in the URL.
    Above(usize),
    /// In the segment of the record itself.
    Own(Kind),
}

/// Where the parts of a model's own ids stand in its URL.
pub(super) fn of(key: &KeyFields, fields: &[Field], parents: &[Parent]) -> Box<[IdPart]> {
    let part = |place: &usize| {
        let above = parents.iter().position(|parent| parent.field == *place);
        above.map_or(IdPart::Own(fields[*place].kind()), IdPart::Above)
    };
    key.places().iter().map(part).collect()
}

/// Finds out for each parent in the URL of each model what its segment holds: the whole text of its id, or, where the URL names the
/// parents in that id too, the rest of it.
pub(super) fn follow(models: &mut [Compiled]) {
    for at in 0..models.len() {
        for place in 0..models[at].parents.len() {
            let parts = above(models, &models[at], place);
            models[at].parents[place].parts = parts;
        }
    }
}

fn above(models: &[Compiled], model: &Compiled, place: usize) -> Box<[IdPart]> {
    let parent = &model.parents[place];
    let named = |other: &&Compiled| Some(other.name()) == parent.model.as_deref();
    let Some(target) = models.iter().find(named) else {
        return Box::default();
    };
    let mut is_split = false;
    let parts = target.address.iter().map(|part| match part {
        IdPart::Own(kind) => Some(IdPart::Own(*kind)),
        IdPart::Above(up) => {
            let up = &target.parents[*up];
            let same = |own: &Parent| own.parameter == up.parameter && own.model == up.model;
            is_split = true;
            model.parents[..place]
                .iter()
                .position(same)
                .map(IdPart::Above)
        }
    });
    let parts: Option<Box<[IdPart]>> = parts.collect();
    parts.filter(|_| is_split).unwrap_or_default()
}

impl Compiled {
    /// The parts of an id that the last segment of its record's URL holds, as a key of their own.
    ///
    /// ```
    /// use larder_core::{Compiled, FieldDef, Key, ModelDef};
    /// use serde_json::json;
    /// let comment = ModelDef::new("Comment").url("/posts/{post}/comments")
    ///     .field(FieldDef::new("post", json!({"type": "string"})).id().parent("post"))
    ///     .field(FieldDef::new("number", json!({"type": "integer"})).id());
    /// let comment = Compiled::new(comment)?;
    /// assert_eq!(comment.own_parts(&Key::from(("p1", 3))).to_string(), "3");
    /// # Ok::<(), larder_core::Error>(())
    /// ```
    pub fn own_parts(&self, key: &Key) -> Key {
        if self.key.one().is_some() {
            return key.clone();
        }
        let parts = self.address.iter().zip(key.parts());
        let own = parts.filter(|(part, _)| matches!(part, IdPart::Own(_)));
        Key::of_parts(own.map(|(_, value)| value.clone()))
    }

    /// The place among the parts of the id of the only one that is no parent.
    pub(crate) fn sole_part(&self) -> Option<usize> {
        if self.key.one().is_some() {
            return None;
        }
        let own = |part: &IdPart| matches!(part, IdPart::Own(_));
        let mut places = self.address.iter().enumerate();
        let first = places.find(|(_, part)| own(part));
        first
            .filter(|_| !places.any(|(_, part)| own(part)))
            .map(|(place, _)| place)
    }
}
