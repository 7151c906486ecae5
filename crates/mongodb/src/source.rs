//! A collection with what it is joined with.
//!
//! ```text
//! { $lookup: { from: "users", localField: "author", foreignField: "_id", pipeline: [{ $match: <what may be read> }], as: "%1" } }
//! { $set: { "%1": { $first: "$%1" } } }
//! ```
//!
//! No field is called like that: a `%` in a name is stored as `%25`.

use std::sync::Arc;

use larder_core::{Join, Layout, Select};
use larder_query::Filter;
use mongodb::bson::{Document, doc};

use crate::filter::{self, Condition, Place};
use crate::form::Form;
use crate::names;
use crate::table::Table;

/// What a read reads from.
pub(crate) struct Source<'a> {
    pub(crate) table: Arc<Table>,
    pub(crate) joins: Vec<Linked<'a>>,
}

/// A joined collection.
pub(crate) struct Linked<'a> {
    pub(crate) table: Arc<Table>,
    /// The place of the link, and of the first field of the joined model.
    pub(crate) link: usize,
    pub(crate) first: usize,
    /// What may be read of it.
    pub(crate) readable: &'a Filter,
    /// Whether MongoDB decides which record is linked. If not, it may hand out one that may not be read.
    pub(crate) exact: bool,
    /// Whether the link is of the kind of the key, and stored as it is.
    pub(crate) fits: bool,
    /// The field that the linked document is put in.
    pub(crate) name: String,
}

impl Linked<'_> {
    /// How many fields it has.
    pub(crate) fn width(&self) -> usize {
        self.table.layout.fields.len()
    }

    /// What MongoDB tests of what may be read.
    pub(crate) fn readable(&self) -> Condition {
        filter::push(self.readable, &filter::own(&self.table)).test
    }

    fn stages(&self, link: &str) -> [Document; 2] {
        let collection = names::collection(&self.table.layout.collection);
        let readable = if self.fits {
            self.readable()
        } else {
            Condition::False
        };
        let lookup = doc! { "$lookup": {
            "from": &*collection,
            "localField": link,
            "foreignField": names::ID,
            "pipeline": [{ "$match": readable.into_document() }],
            "as": &self.name,
        } };
        let first = format!("${}", self.name);
        [lookup, doc! { "$set": { &self.name: { "$first": first } } }]
    }
}

fn form_at(table: &Table, place: usize) -> Option<Form> {
    table.types.get(place).map(|of| of.form)
}

impl<'a> Source<'a> {
    /// The collections of a read. `table_of` knows the table of each layout.
    pub(crate) fn new(select: &'a Select, table_of: impl Fn(&Arc<Layout>) -> Arc<Table>) -> Self {
        let own = table_of(&select.layout);
        let mut first = select.layout.fields.len();
        let mut joins: Vec<Linked<'a>> = Vec::with_capacity(select.joins.len());
        for (place, join) in select.joins.iter().enumerate() {
            let Join {
                link,
                readable,
                layout,
            } = join;
            let table = table_of(layout);
            let before = joins.iter().rfind(|before| *link >= before.first);
            let form = match before {
                Some(before) => form_at(&before.table, *link - before.first),
                None => form_at(&own, *link),
            };
            let same_form = table.layout.key.one().and_then(|key| form_at(&table, key)) == form;
            let linked = Linked {
                link: *link,
                first,
                readable,
                // Nor is it known what hangs on a link of which it is not known.
                exact: filter::is_decided(readable, &table)
                    && before.is_none_or(|before| before.exact),
                fits: same_form
                    && select
                        .field(*link)
                        .is_some_and(|field| join.fits(field.kind)),
                name: format!("%{}", place + 1),
                table,
            };
            first += linked.width();
            joins.push(linked);
        }
        Self { table: own, joins }
    }

    /// The join that a field belongs to; none for the record's own.
    pub(crate) fn join_of(&self, field: usize) -> Option<&Linked<'a>> {
        self.joins.iter().rfind(|join| field >= join.first)
    }

    /// Where a field is, whether or not MongoDB can be asked about it.
    pub(crate) fn path(&self, field: usize) -> Option<String> {
        match self.join_of(field) {
            Some(join) => {
                let (path, _) = join.table.at(field - join.first)?;
                Some(format!("{}.{path}", join.name))
            }
            None => self.table.at(field).map(|(path, _)| path.to_owned()),
        }
    }

    /// Where a field is for a filter.
    pub(crate) fn place(&self, field: usize) -> Place {
        match self.join_of(field) {
            Some(join) if !join.exact => Place::Unknown,
            Some(join) => match join.table.at(field - join.first) {
                Some((path, of)) => Place::At(format!("{}.{path}", join.name), of),
                None => Place::Null,
            },
            None => match self.table.at(field) {
                Some((path, of)) => Place::At(path.to_owned(), of),
                None => Place::Null,
            },
        }
    }

    /// The stages that put linked documents beside each document.
    pub(crate) fn lookups(&self) -> Vec<Document> {
        let stages = self.joins.iter().flat_map(|join| {
            let link = self.path(join.link).unwrap_or_default();
            join.stages(&link)
        });
        stages.collect()
    }

    /// The stage that takes them away again.
    pub(crate) fn without_joins(&self) -> Option<Document> {
        let names: Vec<&str> = self.joins.iter().map(|join| join.name.as_str()).collect();
        (!names.is_empty()).then(|| doc! { "$unset": names })
    }
}
