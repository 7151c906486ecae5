//! One call, as every door builds it.

use larder_query::{Filter, Place, Point, Value};

use crate::actor::Actor;
use crate::codec::Draft;
use crate::key::Key;
use crate::model::ActionOutput;
use crate::record::{Record, Row, Version};
use crate::store::{FieldChange, Grouping, SortKey};
use crate::transaction::Scope;
use crate::view::View;

/// The door that a call came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Surface {
    /// Rust code in the same process.
    InProcess,
    /// The REST door.
    Rest,
}

/// A call: who wants what of which model. Every door builds one and hands it to the pipeline.
#[derive(Clone, Debug)]
pub struct Call {
    /// The model, by its place in the app.
    pub(crate) model: usize,
    /// What is wanted.
    pub(crate) want: Want,
    /// The values of the URL's parent parameters, in the order of the model's; empty where the door has none.
    pub(crate) parents: Vec<Value>,
    /// Who wants it.
    pub(crate) actor: Actor,
    /// The door.
    pub(crate) surface: Surface,
    /// The transaction that the call is part of.
    pub(crate) scope: Option<Scope>,
}

impl Call {
    /// A call from a door.
    pub fn new(model: usize, want: Want, actor: Actor, surface: Surface) -> Self {
        Self {
            model,
            want,
            parents: Vec::new(),
            actor,
            surface,
            scope: None,
        }
    }

    /// The same call under the parents that the URL names, in the order of the model's URL.
    #[must_use]
    pub fn under(mut self, parents: Vec<Value>) -> Self {
        self.parents = parents;
        self
    }
}

/// What a call wants.
#[derive(Clone, Debug)]
pub enum Want {
    /// One record.
    Get(Key),
    /// A list.
    List(Box<ListQuery>),
    /// A new record.
    Create(Body),
    /// New records, all or none.
    CreateMany(Vec<Draft>),
    /// A record with this key: replaced, or added if there is none.
    Replace(Key, Body, Precondition),
    /// Parts of a record changed by a merge patch (RFC 7396).
    Patch(Key, Body, Precondition),
    /// Fields of a record changed by what is in them: no increment and no element is lost.
    Change(Key, Box<Changes>),
    /// Parts of a record changed by the operations of a JSON Patch (RFC 6902).
    JsonPatch(Key, bytes::Bytes, Precondition),
    /// A record gone.
    Delete(Key, Precondition),
    /// An action, on a record or on the model.
    Act {
        /// The record; none for a global action.
        key: Option<Key>,
        /// The action's name.
        action: String,
        /// Its arguments.
        args: Args,
        /// What has to hold of the record before it runs. A global action has none.
        precondition: Precondition,
    },
}

/// A list query: filter, sort, page.
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    /// Linked records whose fields the filters and the order speak of, behind the model's own.
    pub joins: Vec<Joined>,
    /// What the caller filters by; the rule joins it. At a door it must be found by an index, or be declared as one to look for.
    pub filter: Filter,
    /// What the model's own `#[search]` functions filter by.
    pub declared: Filter,
    /// The order; the model's default where it is empty.
    pub sort: Vec<SortKey>,
    /// How many records to pass over.
    pub skip: u64,
    /// How many to return at the most.
    pub limit: Option<u64>,
    /// Whether to count all that match.
    pub total: bool,
    /// Whether a rough total is enough: that of all records may be what the store's statistics say, and of others there is none beyond 10,000.
    pub estimate: bool,
    /// Where the list goes on: what an answer called [`next`](Reply::Page::next) before.
    pub cursor: Option<String>,
    /// Whether the answer says where the next page begins.
    pub next: bool,
    /// Groups instead of records: then the order and the page are about the groups.
    pub group: Option<Grouping>,
    /// The nearest first: by the distance of what stands in a place from a point. Only without a sort.
    pub near: Option<(Place, Point)>,
    /// What the door shows of what is found.
    pub view: View,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            joins: Vec::new(),
            filter: Filter::True,
            declared: Filter::True,
            sort: Vec::new(),
            skip: 0,
            limit: None,
            total: false,
            estimate: false,
            cursor: None,
            next: false,
            group: None,
            near: None,
            view: View::default(),
        }
    }
}

/// A linked record that a list query speaks of: its model's fields stand behind the model's own and those of joins before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The place of the link, among the model's own fields or those of an earlier join.
    pub(crate) link: usize,
    /// The linked model, by its place in the app.
    pub(crate) model: usize,
}

/// The content of a write.
#[derive(Clone, Debug)]
pub enum Body {
    /// JSON text from outside, to be read by the input view.
    Json(bytes::Bytes),
    /// Fields from code on the server, which may set what a client may not.
    Trusted(Draft),
}

/// Changes of a record's fields that depend on what is in them, and on nothing that the caller has read.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The places of fields, and what is done to each, in this order.
    pub changes: Vec<(usize, FieldChange)>,
    /// What must hold of the record as it is; where it does not, the call fails with `PreconditionFailed`.
    pub when: Filter,
    /// Which version it must have.
    pub precondition: Precondition,
}

/// The arguments of an action, as they came.
#[derive(Clone, Debug)]
pub enum Args {
    /// A JSON object; empty text for none.
    Json(bytes::Bytes),
    /// Name and text pairs of a query string.
    Query(Vec<(String, String)>),
}

/// Entity tags of a condition: any, or one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`
    Any,
    /// These versions. One that can't be a version of ours is left out: it matches nothing.
    These(Vec<Version>),
}

/// `If-Match` and `If-None-Match` (RFC 9110, section 13.1), checked in one step with the write.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Precondition {
    /// The record must be there, at one of these versions.
    pub if_match: Option<Tags>,
    /// The record must not be there, or at none of these versions.
    pub if_none_match: Option<Tags>,
    /// The record must still be this one, what is hidden included: where a version is only a hash of what can be seen.
    pub(crate) seen: Option<Row>,
}

impl Precondition {
    /// Nothing is asked.
    pub fn none() -> Self {
        Self::default()
    }

    /// The record must be at this version.
    pub fn version(version: Version) -> Self {
        Self {
            if_match: Some(Tags::These(vec![version])),
            ..Self::default()
        }
    }

    /// The record must be the one that code on the server has read.
    pub(crate) fn read(row: &Row, by_content: bool) -> Self {
        Self {
            seen: by_content.then(|| row.clone()),
            ..Self::version(row.version)
        }
    }

    /// What is told of one that does not hold for a record that is there. Without the record nothing is told of its version.
    pub(crate) fn unmet(&self, old: Option<&Record>) -> &'static str {
        match (&self.if_none_match, old) {
            (Some(Tags::Any), _) => {
                "the record is there already, and `If-None-Match: *` asks that there is none"
            }
            (Some(Tags::These(versions)), Some(old)) if versions.contains(&old.version) => {
                "the record is still at a version that `If-None-Match` excludes"
            }
            _ => "the record has changed since it was read",
        }
    }

    /// Whether it holds for the record that is there.
    pub(crate) fn holds(&self, old: Option<&Record>) -> bool {
        let matches = |tags: &Tags| match (tags, old) {
            (_, None) => false,
            (Tags::Any, Some(_)) => true,
            (Tags::These(versions), Some(old)) => versions.contains(&old.version),
        };
        let same = |seen: &Row| {
            let (seen, old) = (&seen.values, old.map_or(&[][..], |old| &old.values));
            seen.len() == old.len() && seen.iter().zip(old).all(|(one, other)| one.same(other))
        };
        self.if_match.as_ref().is_none_or(matches)
            && self.seen.as_ref().is_none_or(same)
            && !self.if_none_match.as_ref().is_some_and(matches)
    }
}

/// The answer to a call.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The record that was asked for.
    Record(Row),
    /// A page of a list.
    Page {
        /// The records.
        rows: Vec<Row>,
        /// How many match in all, where that was asked for.
        total: Option<u64>,
        /// How many stand before the first one.
        passed: u64,
        /// Where the next page begins, where that was asked for and there is one.
        next: Option<String>,
    },
    /// Groups of records: the values that each shares, then what was computed.
    Groups {
        /// The groups.
        groups: Vec<Vec<Value>>,
        /// How many there are in all, where that was asked for.
        total: Option<u64>,
    },
    /// The record that was added.
    Created(Row),
    /// The records that were added.
    CreatedMany(Vec<Row>),
    /// The record as it now is.
    Updated(Row),
    /// The record was written, and the actor may not read it.
    Unseen {
        /// Its key.
        key: Key,
        /// Its version.
        version: Version,
        /// Whether it is new.
        created: bool,
    },
    /// The record is gone. With the record as it was where the model echoes it and the actor may read it.
    Deleted(Option<Row>),
    /// What the action answered, and the record where it changed it.
    Acted(ActionOutput, Option<Row>),
}
