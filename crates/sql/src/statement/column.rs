//! A column as it is compared, sorted and stored.
//!
//! ```sql
//! title = ?                                                     -- one of larder's own
//! (title = <as the column has it> AND <title by its bytes> = ?)   -- another order of texts: an index finds, the rest decides
//! ```

use std::borrow::Cow;

use larder_core::{Kind, Result};
use larder_query::Value;

use super::{Statement, Table};
use crate::dialect::Dialect;
use crate::shape::{Shape, Takes, around};

/// A column, or an expression that stands for one.
#[derive(Clone, Copy)]
pub(crate) struct At<'p> {
    pub(crate) kind: Kind,
    /// Its name in the statement.
    pub(crate) name: &'p str,
    /// Its name inside an inner query.
    pub(crate) outer: &'p str,
    /// Whether it may be null.
    pub(crate) nullable: bool,
    /// How it holds its values.
    pub(crate) shape: &'p Shape,
}

impl At<'_> {
    /// How many marks [`equals_mark`](Statement::equals_mark) writes, each of the same value.
    pub(super) fn marks(&self) -> usize {
        1 + usize::from(self.shape.loose.is_some())
    }
}

impl<D: Dialect> Statement<D> {
    /// Writes what a column sorts by.
    pub(super) fn sortable(&mut self, at: &At<'_>) -> &mut Self {
        D::sortable(&mut self.sql, at.kind, &at.shape.exact(at.name));
        self
    }

    /// Writes the mark of a value that is compared with a column, and binds it.
    pub(super) fn operand(&mut self, at: &At<'_>, value: &Value) -> Result<&mut Self> {
        let mark = self.loose_mark();
        self.push(&around(at.shape.operand.as_ref(), &mark));
        self.bind_shaped(at, value)
    }

    fn bind_shaped(&mut self, at: &At<'_>, value: &Value) -> Result<&mut Self> {
        self.bind_by(value, |args| at.shape.bind::<D>(args, at.kind, value))?;
        Ok(self)
    }

    /// `<column> = ?`
    pub(super) fn equals(&mut self, at: &At<'_>, value: &Value) -> Result<&mut Self> {
        self.equals_mark(at);
        for _ in 0..at.marks() {
            self.bind_shaped(at, value)?;
        }
        Ok(self)
    }

    /// The same without the value, which has to be bound for each mark.
    pub(super) fn equals_mark(&mut self, at: &At<'_>) -> &mut Self {
        if let Some(loose) = &at.shape.loose {
            let mark = self.loose_mark();
            self.push("(").push(at.name).push(" = ");
            self.push(&loose.around(&mark)).push(" AND ");
        }
        self.push(&at.shape.exact(at.name)).push(" = ");
        let mark = self.loose_mark();
        self.push(&around(at.shape.operand.as_ref(), &mark));
        if at.shape.loose.is_some() {
            self.push(")");
        }
        self
    }

    /// `<column> IN (?, ?)`, of values that are brought to the column.
    pub(super) fn one_of(&mut self, at: &At<'_>, members: &[Cow<'_, Value>]) -> Result<&mut Self> {
        if let Some(loose) = &at.shape.loose {
            self.push(at.name).push(" IN (");
            for (place, member) in members.iter().enumerate() {
                let mark = self.loose_mark();
                self.push(if place > 0 { ", " } else { "" })
                    .push(&loose.around(&mark))
                    .bind_shaped(at, member)?;
            }
            self.push(") AND ");
        }
        self.push(&at.shape.exact(at.name)).push(" IN (");
        for (place, member) in members.iter().enumerate() {
            self.push(if place > 0 { ", " } else { "" })
                .operand(at, member)?;
        }
        Ok(self.push(")"))
    }

    /// A condition that an index answers and that all texts with a prefix pass, and ` AND ` behind it; nothing for larder's own
    /// columns, whose ranges an index answers.
    pub(super) fn may_start_with(&mut self, at: &At<'_>, prefix: &str) -> Result<&mut Self> {
        let Some(loose) = at.shape.loose.as_ref().filter(|_| D::LOOSE_PREFIXES) else {
            return Ok(self);
        };
        let mut pattern = String::with_capacity(prefix.len() + 1);
        for char in prefix.chars() {
            if matches!(char, '%' | '_' | '!') {
                pattern.push('!');
            }
            pattern.push(char);
        }
        pattern.push('%');
        let mark = self.loose_mark();
        self.push(at.name)
            .push(" LIKE ")
            .push(&loose.around(&mark))
            .push(" ESCAPE '!' AND ")
            .bind_shaped(at, &Value::from(pattern))
    }

    /// That a link leads to a key.
    pub(super) fn meets(&mut self, key: &At<'_>, link: &At<'_>) -> &mut Self {
        if key.shape.form != link.shape.form {
            // Each as larder's own column would have it.
            self.push(&around(key.shape.usual.as_ref(), key.name));
            return self
                .push(" = ")
                .push(&around(link.shape.usual.as_ref(), link.name));
        }
        // What is no member of an enumeration can't be brought to it.
        let members = matches!(key.shape.takes, Takes::OneOf(_));
        if let Some(loose) = key.shape.loose.as_ref().filter(|_| !members) {
            self.push(key.name).push(" = ");
            self.push(&loose.around(link.name)).push(" AND ");
        }
        self.push(&key.shape.exact(key.name)).push(" = ");
        // Two columns may have been declared with two orders.
        self.sortable(link)
    }

    /// Writes the mark of a value that is stored in a field, or of the version behind the last one.
    pub(super) fn stored_mark(&mut self, table: &Table<D>, place: usize) -> &mut Self {
        let mark = self.loose_mark();
        self.push(&around(table.shape(place).stored.as_ref(), &mark))
    }
}
