//! A table with its joins, and what the fields of all of them are called.
//!
//! ```sql
//! FROM posts LEFT JOIN users AS larder_join_1 ON larder_join_1.id = posts.author AND <what may be read of users>
//! ```

use std::borrow::Cow;
use std::sync::Arc;

use larder_core::{Join, Layout, Result, Select};
use larder_query::Filter;

use super::column::At;
use super::filter::{self, Place};
use super::{Statement, Table, split};
use crate::dialect::Dialect;

/// What a read reads from.
pub(crate) struct Source<'a, D: Dialect> {
    pub(crate) table: &'a Table<D>,
    pub(crate) joins: Vec<Linked<D>>,
}

/// A joined table.
pub(crate) struct Linked<D: Dialect> {
    pub(crate) table: Arc<Table<D>>,
    /// The place of the link, and of the first field of the joined table.
    pub(crate) link: usize,
    pub(crate) first: usize,
    /// What may be read of it.
    pub(crate) readable: Filter,
    /// Whether SQL decides which record is linked. If not, it may hand out one that may not be read.
    pub(crate) exact: bool,
    /// Whether the link is of the kind of the key.
    fits: bool,
    alias: String,
    /// The columns with the alias before them.
    names: Vec<String>,
}

impl<D: Dialect> Linked<D> {
    fn new(select: &Select, join: &Join, table: Arc<Table<D>>, place: usize, first: usize) -> Self {
        let alias = format!("larder_join_{}", place + 1);
        let names = table.columns.iter();
        Self {
            link: join.link,
            first,
            readable: join.readable.clone(),
            exact: split::is_exact::<D>(&join.readable, &|field| {
                table.layout.fields.get(field).map(|field| field.kind)
            }),
            fits: select
                .field(join.link)
                .is_some_and(|link| join.fits(link.kind)),
            names: names.map(|column| format!("{alias}.{column}")).collect(),
            alias,
            table,
        }
    }

    /// Its own field at this place.
    pub(crate) fn at(&self, field: usize) -> Option<At<'_>> {
        let name = self.names.get(field)?;
        Some(At {
            kind: self.table.layout.fields.get(field)?.kind,
            name,
            outer: name,
            // Of a link that leads nowhere all is null.
            nullable: true,
            shape: self.table.shape(field),
        })
    }

    /// How many fields it has.
    pub(crate) fn width(&self) -> usize {
        self.table.layout.fields.len()
    }

    /// Its names, for the list of columns.
    pub(crate) fn columns(&self) -> String {
        self.names.join(", ")
    }
}

impl<'a, D: Dialect> Source<'a, D> {
    /// The tables of a read. `table_of` knows the table of each layout.
    pub(crate) fn new(
        table: &'a Table<D>,
        select: &Select,
        table_of: impl Fn(&Arc<Layout>) -> Arc<Table<D>>,
    ) -> Self {
        let mut first = table.layout.fields.len();
        let mut joins: Vec<Linked<D>> = Vec::with_capacity(select.joins.len());
        for (place, join) in select.joins.iter().enumerate() {
            let mut linked = Linked::new(select, join, table_of(&join.layout), place, first);
            let before = joins.iter().rfind(|before| join.link >= before.first);
            // Nor is it known what hangs on a link of which it is not known.
            linked.exact &= before.is_none_or(|before| before.exact);
            first += linked.width();
            joins.push(linked);
        }
        Self { table, joins }
    }

    /// The join that a field belongs to; none for the record's own.
    pub(crate) fn join_of(&self, field: usize) -> Option<&Linked<D>> {
        self.joins.iter().rfind(|join| field >= join.first)
    }

    /// The field at this place.
    pub(crate) fn at(&self, field: usize) -> Option<At<'_>> {
        match self.join_of(field) {
            Some(join) => join.at(field - join.first),
            None if self.joins.is_empty() => Place::Bare(self.table).at(field),
            None => Place::Qualified(self.table).at(field),
        }
    }

    /// All columns of a whole record, the version last.
    pub(crate) fn all(&self) -> Cow<'a, str> {
        if self.joins.is_empty() {
            return Cow::Borrowed(&self.table.all);
        }
        let mut all = self.table.qualified.join(", ");
        if self.table.version.is_some() {
            all.push_str(", ");
            all.push_str(&self.table.qualified_version());
        }
        Cow::Owned(all)
    }

    /// `FROM` with all joins.
    pub(crate) fn write(&self, to: &mut Statement<D>) -> Result<()> {
        to.push(" FROM ").push(&self.table.name);
        for join in &self.joins {
            to.push(" LEFT JOIN ")
                .push(&join.table.name)
                .push(" AS ")
                .push(&join.alias)
                .push(" ON ");
            let link = self.at(join.link).filter(|_| join.fits);
            let key = join.table.layout.key.one().and_then(|key| join.at(key));
            let (Some(link), Some(key)) = (link, key) else {
                filter::constant(to, false);
                continue;
            };
            to.meets(&key, &link);
            let readable = split::pushed::<D>(&join.readable, &join.table.layout);
            if !matches!(*readable, Filter::True) {
                to.push(" AND ");
                filter::write(to, &Place::Linked(join), &readable)?;
            }
        }
        Ok(())
    }
}
