//! Statements: a layout and what is asked for, turned into SQL text and bound values.
//!
//! Values are always bound and names always quoted; the text holds nothing that came from a request.
//!
//! | module | statement |
//! | --- | --- |
//! | [`select`] | a page, one record, a count |
//! | [`insert`] | one record, or many at once |
//! | [`put`] | add or replace in one conditional statement, keeping fields |
//! | [`update`] | set some fields |
//! | [`delete`] | delete |
//! | [`group`] | groups of records |
//! | [`filter`] | the condition in all of them |
//! | [`ask`] | a read, divided between the database and the memory |
//! | [`split`] | what of a condition SQL can decide |
//! | [`scan`], [`inside`] | conditions that no index helps, and those inside a field |
//! | [`source`] | a table with its joins, and what its fields are called |
//! | [`after`] | the place that a page goes on from |
//! | [`walk`] | the same inside a range of equal values |
//! | [`operand`] | how a value of one kind compares with a column of another |
//! | [`column`] | a column as it is compared, sorted and stored |

use larder_core::{Error, FieldError, Key, Kind, Result};
use larder_query::Value;

use crate::dialect::Dialect;
use crate::table::{Table, version_value};

use column::At;

pub(crate) use larder_core::store::cover;

pub(crate) mod after;
pub(crate) mod ask;
pub(crate) mod column;
pub(crate) mod delete;
pub(crate) mod filter;
pub(crate) mod group;
pub(crate) mod insert;
pub(crate) mod inside;
pub(crate) mod operand;
pub(crate) mod put;
pub(crate) mod scan;
pub(crate) mod select;
pub(crate) mod source;
pub(crate) mod split;
pub(crate) mod update;
pub(crate) mod walk;

/// A statement in the making.
pub(crate) struct Statement<D: Dialect> {
    /// The text so far.
    pub(crate) sql: String,
    /// The values bound so far.
    pub(crate) args: D::Arguments,
    binds: usize,
    /// How many names of inner queries were given.
    names: usize,
}

impl<D: Dialect> Statement<D> {
    pub(crate) fn new(start: &str) -> Self {
        let mut sql = String::with_capacity(512);
        sql.push_str(start);
        Self {
            sql,
            args: D::Arguments::default(),
            binds: 0,
            names: 0,
        }
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    /// A name for an inner query that this statement has not used.
    pub(crate) fn name(&mut self) -> String {
        self.names += 1;
        format!("larder_{}", self.names)
    }

    /// Writes the mark of the next bound value, which the caller has to bind.
    fn mark(&mut self) -> &mut Self {
        self.binds += 1;
        D::placeholder(&mut self.sql, self.binds);
        self
    }

    /// The mark of the next bound value as a text of its own.
    fn loose_mark(&mut self) -> String {
        self.binds += 1;
        let mut mark = String::new();
        D::placeholder(&mut mark, self.binds);
        mark
    }

    /// Writes a mark and binds a value that is known to be of the kind.
    pub(crate) fn bind(&mut self, kind: Kind, value: &Value) -> Result<&mut Self> {
        self.mark();
        self.bind_only(kind, value)?;
        Ok(self)
    }

    fn bind_only(&mut self, kind: Kind, value: &Value) -> Result<()> {
        self.bind_by(value, |args| D::bind(args, kind, value))
    }

    fn bind_by(
        &mut self,
        value: &Value,
        bind: impl FnOnce(&mut D::Arguments) -> std::result::Result<(), &'static str>,
    ) -> Result<()> {
        if self.binds > D::MAX_BINDS {
            let message = format!("a statement can't have more than {} values", D::MAX_BINDS);
            return Err(Error::new(larder_core::ErrorKind::Unsupported, message));
        }
        bind(&mut self.args).map_err(|expected| {
            Error::new(
                larder_core::ErrorKind::BadRequest,
                format!("{} where {expected} is needed", value.kind_name()),
            )
        })
    }

    /// Writes a mark and binds a whole number.
    pub(crate) fn bind_number(&mut self, number: i64) -> Result<&mut Self> {
        self.bind(Kind::Int, &Value::I64(number))
    }

    /// The same of a size.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn bind_size(&mut self, size: usize) -> Result<&mut Self> {
        self.bind_number(i64::try_from(size).unwrap_or(i64::MAX))
    }

    /// Writes a mark and binds the content of a field.
    pub(crate) fn bind_field(
        &mut self,
        table: &Table<D>,
        field: usize,
        value: &Value,
    ) -> Result<&mut Self> {
        self.stored_mark(table, field);
        bind_field::<D>(&mut self.args, table, field, value)?;
        Ok(self)
    }

    /// `<key column> = ?`, for each column of the key.
    pub(crate) fn key_is(&mut self, table: &Table<D>, key: &Key) -> Result<&mut Self> {
        let parts = key.parts();
        if let ([only], Some(_)) = (parts, table.layout.key.one()) {
            return match table.keys().next() {
                Some(key) => self.part_is(&key, only),
                None => Ok(self.push("0 = 1")),
            };
        }
        let fits = |(part, at): (&Value, At<'_>)| {
            matches!(
                operand::fit::<D>(&at, operand::Relation::Eq, part),
                operand::Fit::Test(..)
            )
        };
        // A key of another kind matches no record.
        if parts.len() != table.layout.key.places().len()
            || !parts.iter().zip(table.keys()).all(fits)
        {
            return Ok(self.push("0 = 1"));
        }
        for (place, (part, column)) in parts.iter().zip(table.keys()).enumerate() {
            self.push(if place > 0 { " AND " } else { "" });
            self.part_is(&column, part)?;
        }
        Ok(self)
    }

    fn part_is(&mut self, at: &At<'_>, part: &Value) -> Result<&mut Self> {
        match operand::fit::<D>(at, operand::Relation::Eq, part) {
            operand::Fit::Test(_, value) => self.equals(at, &value),
            _ => Ok(self.push("0 = 1")),
        }
    }

    /// Ends a list of fields to set, each followed by a comma, with `_version = _version + 1`.
    pub(crate) fn next_version(&mut self, table: &Table<D>, qualified: bool) -> &mut Self {
        if let Some(version) = &table.version {
            self.push(version).push(" = ");
            if qualified {
                let value = version_value::<D>(&table.layout, Some(&table.name));
                D::next(&mut self.sql, &value);
            } else {
                D::next(&mut self.sql, &table.version_value);
            }
            return self;
        }
        if self.sql.ends_with(", ") {
            self.sql.truncate(self.sql.len() - 2);
            self
        } else {
            // There is nothing to set, and a statement has to set something.
            self.push(table.first_key())
                .push(" = ")
                .push(table.first_key())
        }
    }

    /// The value of the version column.
    pub(crate) fn version(&mut self, table: &Table<D>, qualified: bool) -> &mut Self {
        if qualified {
            let value = version_value::<D>(&table.layout, Some(&table.name));
            return self.push(&value);
        }
        self.push(&table.version_value)
    }
}

/// Binds the content of a field, or says by its name that it can't be stored.
pub(crate) fn bind_field<D: Dialect>(
    args: &mut D::Arguments,
    table: &Table<D>,
    field: usize,
    value: &Value,
) -> Result<()> {
    let Some(column) = table.layout.fields.get(field) else {
        return Err(Error::internal(format!(
            "{} has no field {field}",
            table.layout.model
        )));
    };
    if value.is_null() && !column.nullable {
        return Err(cant_hold(&column.name, "is required", "required"));
    }
    let shape = table.shape(field);
    if let Some((message, code)) = shape.refuses(value) {
        return Err(cant_hold(&column.name, &message, code));
    }
    shape
        .bind::<D>(args, column.kind, value)
        .map_err(|expected| cant_hold(&column.name, &format!("must be {expected}"), "type"))
}

fn cant_hold(field: &str, message: &str, code: &'static str) -> Error {
    Error::invalid(vec![FieldError {
        field: field.to_owned(),
        pointer: format!("/{field}"),
        message: message.to_owned(),
        code,
    }])
}
