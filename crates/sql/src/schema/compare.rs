//! What differs between a model and its table.

use larder_core::Kind;
use larder_core::migrate::{Change, Effect};

use super::ddl::{self, Refit};
use super::found::{Found, FoundColumn};
use super::indexes;
use crate::dialect::Dialect;
use crate::shape::Takes;
use crate::table::{Table, quoted};

/// The fields of `timestamps`.
const OWN_TIMES: [&str; 2] = ["_created", "_updated"];

/// A difference, or a question to the rows that decides whether there is one.
#[derive(Debug)]
pub(crate) enum Finding {
    /// There is one.
    Change(Change),
    /// It depends on whether this query returns a row. It speaks of present names.
    Ask {
        /// The query.
        sql: String,
        /// What is to be done if there is a row.
        yes: Option<Change>,
        /// What is to be done if there is none.
        no: Option<Change>,
    },
}

/// Compares a model with the table of its name, and with the one that `was` names. The changes stand in the order in which
/// they can be run.
pub(crate) fn compare<D: Dialect>(table: &Table<D>, now: &Found, was: &Found) -> Vec<Finding> {
    let mut compare = Compare {
        table,
        found: if now.is_there() { now } else { was },
        findings: Vec::new(),
    };
    match (now.is_there(), was.is_there()) {
        (false, false) => {
            compare.create();
            return compare.findings;
        }
        (false, true) => {
            let sql = format!(
                "ALTER TABLE {} RENAME TO {};",
                was.quoted::<D>(),
                table.name
            );
            compare.additive(format!("it is called `{}` as yet", was.name), sql);
        }
        (true, true) => {
            let what = format!(
                "`{}` and `{}` are both there, and it was renamed from the one to the other. Dropping the old one loses its data",
                was.name, now.name
            );
            compare.manual(what, format!("DROP TABLE {};", was.quoted::<D>()));
        }
        (true, false) => {}
    }
    // What is to be a part of the key has to be there before.
    let places = table.layout.key.places().iter();
    let keyed = places
        .map(|place| compare.found.column_of::<D>(&table.layout, *place))
        .all(|column| column.is_some());
    if keyed {
        compare.key();
    }
    compare.version();
    compare.strangers();
    for place in 0..table.columns.len() {
        compare.field(place);
    }
    if !keyed {
        compare.key();
    }
    if !table.layout.storage.read_only {
        let found = indexes::compare(table, compare.found);
        compare.findings.extend(found);
    }
    compare.findings
}

struct Compare<'a, D: Dialect> {
    table: &'a Table<D>,
    found: &'a Found,
    findings: Vec<Finding>,
}

impl<D: Dialect> Compare<'_, D> {
    fn change(&self, effect: Effect, what: String, sql: String) -> Change {
        // What belongs to others is not larder's to change, nor to say how.
        let (effect, sql) = if self.table.layout.storage.read_only {
            (Effect::Manual, String::new())
        } else {
            (effect, sql)
        };
        Change::new(&self.table.layout, effect, what, sql)
    }

    fn additive(&mut self, what: String, sql: String) {
        let change = self.change(Effect::Additive, what, sql);
        self.findings.push(Finding::Change(change));
    }

    fn manual(&mut self, what: String, sql: String) {
        let change = self.change(Effect::Manual, what, sql);
        self.findings.push(Finding::Change(change));
    }

    fn refit(&self, what: Refit<'_>) -> String {
        ddl::refit(self.table, self.found, what)
    }

    fn create(&mut self) {
        let sql = format!("{};", ddl::create_table(self.table, &self.table.name));
        self.additive("it is missing".to_owned(), sql);
        if !self.table.layout.storage.read_only {
            for index in &self.table.layout.indexes {
                let (_, sql) = ddl::index(self.table, index);
                let what = format!("its index on {} is missing", ddl::fields(self.table, index));
                self.additive(what, sql);
            }
        }
    }

    fn key(&mut self) {
        let layout = &self.table.layout;
        if layout.storage.read_only {
            // A view has no key.
            return;
        }
        let places = layout.key.places().iter();
        let key: Vec<String> = places
            .clone()
            .map(|place| format!("`{}`", layout.column(*place)))
            .collect();
        let key = key.join(", ");
        let present = places.map(|place| self.found.column_of::<D>(layout, *place));
        let is_key = present.collect::<Option<Vec<_>>>().is_some_and(|columns| {
            let names: Vec<&str> = columns.iter().map(|found| found.name.as_str()).collect();
            self.found.is_unique::<D>(&names)
                && columns.iter().all(|found| found.key || found.not_null)
        });
        if !is_key {
            let sql = self.refit(Refit::Key);
            self.manual(format!("its primary key is not {key}"), sql);
        } else if layout.storage.assigned_key && !self.found.assigns_keys {
            let what = format!(
                "it does not give new rows their {key}, as `id(database)` says: that takes `{}`",
                D::ASSIGNED_KEY
            );
            let sql = self.refit(Refit::AssignedKey);
            self.manual(what, sql);
        }
    }

    fn version(&mut self) {
        let layout = &self.table.layout;
        let Some(name) = layout.version_column() else {
            return;
        };
        let column = quoted::<D>(name);
        match self.found.column::<D>(name) {
            None => {
                let what = format!(
                    "it was not made by larder: it has no column `{name}` for versions. Name the column that has them with \
                     `#[model(version = \"..\")]`, or say `#[model(version = none)]`, or add it"
                );
                let sql = format!(
                    "ALTER TABLE {} ADD COLUMN {column} {} NOT NULL DEFAULT 0;",
                    self.table.name,
                    D::column_type(Kind::Int)
                );
                self.manual(what, sql);
            }
            Some(found) if !D::fits_version(&found.declared) => {
                let what = format!(
                    "its column {column} is `{}`, versions need `{}`",
                    found.declared,
                    D::column_type(Kind::Int)
                );
                let sql = self.refit(Refit::Type(name, Kind::Int));
                self.manual(what, sql);
            }
            _ => {}
        }
    }

    /// Columns that no field names, and that every record needs.
    fn strangers(&mut self) {
        if self.table.layout.storage.read_only {
            return;
        }
        let found = self.found;
        for column in found.unnamed::<D>(&self.table.layout) {
            let filled = column.has_default || column.key && found.assigns_keys;
            if column.not_null && !filled {
                let hint = self.now_called(column);
                let what = format!(
                    "no field names its column `{}`, which every record needs{hint}. This loses its data",
                    column.name
                );
                let sql = format!(
                    "ALTER TABLE {} DROP COLUMN {};",
                    self.table.name,
                    quoted::<D>(&column.name)
                );
                self.manual(what, sql);
            }
        }
    }

    /// Whether a column that no field names can hold a field that has none.
    fn may_be(&self, place: usize, column: &FoundColumn) -> bool {
        let layout = &self.table.layout;
        let field = &layout.fields[place];
        layout.key.places().contains(&place) == column.key
            && D::fits(field.kind, &column.declared)
            && !OWN_TIMES.contains(&field.name.as_str())
    }

    /// What to say of a column that a new field may have been before: to drop the one and add the other loses what is in it.
    fn now_called(&self, column: &FoundColumn) -> String {
        let (layout, found) = (&self.table.layout, self.found);
        let new = (0..layout.fields.len())
            .filter(|place| found.column_of::<D>(layout, *place).is_none())
            .filter(|place| self.may_be(*place, column))
            .map(|place| layout.fields[place].name.as_str());
        let name = &column.name;
        either(new).map_or_else(String::new, |fields| {
            format!(
                " (if {fields} is what it holds: `#[model(was = \"{name}\")]` on that field renames it, \
                 `#[model(column = \"{name}\")]` takes it as it is)"
            )
        })
    }

    /// What to say of a new field that such a column may hold.
    fn was_called(&self, place: usize) -> String {
        if self.table.layout.storage.read_only {
            return String::new();
        }
        let unnamed = self.found.unnamed::<D>(&self.table.layout);
        let old: Vec<&str> = unnamed
            .filter(|column| self.may_be(place, column))
            .map(|column| column.name.as_str())
            .collect();
        let name = match old[..] {
            [name] => name,
            _ => "..",
        };
        either(old.iter().copied()).map_or_else(String::new, |columns| {
            format!(
                " (if it is what the column {columns} holds: `#[model(was = \"{name}\")]` renames the column, \
                 `#[model(column = \"{name}\")]` takes it as it is)"
            )
        })
    }

    fn field(&mut self, place: usize) {
        let (table, found) = (self.table, self.found);
        let layout = &table.layout;
        let was = layout.storage.renamed.get(&place);
        let old = was.and_then(|was| found.column::<D>(was));
        match (found.column::<D>(layout.column(place)), old) {
            (None, None) => self.missing(place),
            (None, Some(old)) => {
                let (from, to) = (quoted::<D>(&old.name), &table.columns[place]);
                let sql = format!("ALTER TABLE {} RENAME COLUMN {from} TO {to};", table.name);
                self.additive(format!("its column {to} is called {from} as yet"), sql);
                self.content(place, old);
            }
            (Some(now), Some(old)) => {
                let (from, to) = (quoted::<D>(&old.name), quoted::<D>(&now.name));
                let what = format!(
                    "its columns {from} and {to} are both there, and the field `{}` was renamed from the one to the other. This \
                     loses what is in {to} now",
                    layout.fields[place].name
                );
                let name = &table.name;
                let sql = format!(
                    "UPDATE {name} SET {to} = {from};\nALTER TABLE {name} DROP COLUMN {from};"
                );
                self.manual(what, sql);
            }
            (Some(now), None) => self.content(place, now),
        }
    }

    /// A field that has no column.
    fn missing(&mut self, place: usize) {
        let column = &self.table.columns[place];
        let rows = format!("SELECT 1 FROM {} LIMIT 1", self.found.quoted::<D>());
        let empty = ddl::add_column(self.table, place, false);
        let filled = ddl::add_column(self.table, place, true);
        let change = |compare: &Self, made: Result<String, (String, String)>| match made {
            Ok(sql) => compare.change(
                Effect::Additive,
                format!("its column {column} is missing"),
                sql,
            ),
            Err((what, sql)) => compare.change(Effect::Manual, what, sql),
        };
        let (mut yes, no) = (change(self, filled), change(self, empty));
        // With rows there is something to lose.
        let hint = self.was_called(place);
        yes.doubtful = !hint.is_empty();
        yes.what.push_str(&hint);
        self.findings.push(if yes == no {
            Finding::Change(yes)
        } else {
            Finding::Ask {
                sql: rows,
                yes: Some(yes),
                no: Some(no),
            }
        });
    }

    /// Whether an index can have the column.
    fn bounded(&mut self, place: usize, found: &FoundColumn) {
        let table = self.table;
        let wanted = table.column_type(place);
        if !D::is_unbounded(&found.declared) || D::is_unbounded(&wanted) {
            return;
        }
        let field = &table.layout.fields[place];
        let name = quoted::<D>(&found.name);
        let digits = |sign: char| !sign.is_ascii_digit();
        let most = wanted
            .split(digits)
            .find(|part| !part.is_empty())
            .unwrap_or("0");
        let sql = self.refit(Refit::Type(&found.name, field.kind));
        let what = format!(
            "its column {name} is `{}`, of which an index takes no more than a beginning",
            found.declared
        );
        let long =
            format!("its column {name} holds values longer than {most}, and no index takes them");
        let question = format!(
            "SELECT 1 FROM {} WHERE CHAR_LENGTH({name}) > {most} LIMIT 1",
            self.found.quoted::<D>()
        );
        let yes = self.change(Effect::Manual, long, sql.clone());
        // Others rely on the order that its texts have now.
        let shape = D::shape(field.kind, &found.declared).unwrap_or_default();
        let effect = match shape.exact {
            Some(_) => Effect::Manual,
            None => Effect::Additive,
        };
        let no = self.change(effect, what, sql);
        self.findings.push(Finding::Ask {
            sql: question,
            yes: Some(yes),
            no: Some(no),
        });
    }

    /// Whether a column holds what its field can't.
    fn beyond(&mut self, place: usize, found: &FoundColumn) {
        let field = &self.table.layout.fields[place];
        let Some(beyond) = D::beyond(field.kind, &found.declared) else {
            return;
        };
        let name = quoted::<D>(&found.name);
        let what = format!(
            "its column {name} is `{}` and holds {}: give the field `{}` the type `{}`, which has them",
            found.declared, beyond.what, field.name, beyond.instead
        );
        let sql = format!(
            "SELECT 1 FROM {} WHERE {name}{} LIMIT 1",
            self.found.quoted::<D>(),
            beyond.test
        );
        let change = self.change(Effect::Manual, what, String::new());
        self.findings.push(Finding::Ask {
            sql,
            yes: Some(change),
            no: None,
        });
    }

    /// Whether a column can hold what its field holds.
    fn content(&mut self, place: usize, found: &FoundColumn) {
        let table = self.table;
        let field = &table.layout.fields[place];
        let name = quoted::<D>(&found.name);
        let read_only = table.layout.storage.read_only;
        // The columns of a view may have no type; what is read is looked at anyway.
        let shape = D::shape(field.kind, &found.declared);
        let fits = shape.is_some() || read_only && D::reads(field.kind, &found.declared);
        // Times that larder itself writes would be refused.
        let rounds = shape.is_some_and(|shape| matches!(shape.takes, Takes::Seconds(_)))
            && OWN_TIMES.contains(&field.name.as_str());
        if rounds && !read_only {
            let what = format!(
                "its column {name} is `{}`, and the times that larder writes have six digits behind the second: `{}`",
                found.declared,
                table.column_type(place)
            );
            let sql = self.refit(Refit::Type(&found.name, field.kind));
            self.manual(what, sql);
        } else if !fits {
            let what = format!(
                "its column {name} is `{}`, and the field `{}` needs `{}`",
                found.declared,
                field.name,
                table.column_type(place)
            );
            let sql = self.refit(Refit::Type(&found.name, field.kind));
            self.manual(what, sql);
        } else if !read_only {
            self.bounded(place, found);
        }
        if fits {
            self.beyond(place, found);
        }
        if found.not_null && field.nullable && !read_only {
            let what = format!(
                "its column {name} can't hold null, which `{}` may be",
                field.name
            );
            let sql = self.refit(Refit::Nullable(&found.name));
            self.manual(what, sql);
        }
        // A part of a primary key can be null in SQLite.
        let never_null = found.not_null || found.key && table.layout.key.one().is_some();
        if !never_null && !field.nullable {
            let nulls = format!(
                "SELECT 1 FROM {} WHERE {name} IS NULL LIMIT 1",
                self.found.quoted::<D>()
            );
            let what = format!(
                "its column {name} holds nulls, which `{}` may not be",
                field.name
            );
            let change = self.change(Effect::Manual, what, ddl::fill_nulls(table, place));
            self.findings.push(Finding::Ask {
                sql: nulls,
                yes: Some(change),
                no: None,
            });
        }
    }
}

/// Names for a sentence; nothing where there are none, or so many that they would say little.
fn either<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<String> = names.take(4).map(|name| format!("`{name}`")).collect();
    match names.len() {
        1..=3 => Some(names.join(" or ")),
        _ => None,
    }
}
