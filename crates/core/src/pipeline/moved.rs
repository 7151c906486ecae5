//! What code on the server makes of an id: it may choose that of a new record, and never changes it afterwards.

use larder_query::Value;

use super::Run;
use crate::call::Want;
use crate::codec::Draft;
use crate::error::{Error, Result};
use crate::key::Key;
use crate::model::{Compiled, HookPoint};
use crate::record::Record;

/// Whose work is taken back.
pub(super) enum By<'a> {
    /// The hooks of a point.
    Hooks(HookPoint),
    /// An action, by its name.
    Action(&'a str),
}

impl Run<'_> {
    /// The fields of the id that a hook has chosen for a new record, checked as those that a client sends.
    ///
    /// # Errors
    /// `Setup` where the record is there already, or the URL says which parent it is under: then the id is not theirs to choose.
    /// `Invalid` where it can't be an id, or the call itself has said what it is.
    pub(super) fn chosen_key(
        &self,
        encoded: &Value,
        record: &Record,
        by: &By<'_>,
    ) -> Result<Vec<(usize, Value)>> {
        let model = &self.mounted.model;
        let moved = model.moved(encoded, record)?;
        if moved.is_empty() {
            return Ok(Vec::new());
        }
        let is_new = matches!(by, By::Hooks(HookPoint::BeforeCreate));
        if !is_new || moved.iter().any(|(at, _)| self.parent(*at).is_some()) {
            return Err(self.may_not_move(&moved, by));
        }
        let named = matches!(self.call.want, Want::Replace(..));
        let mut checked = Draft::default();
        let mut chosen = Vec::with_capacity(moved.len());
        for (at, value) in moved {
            let field = &model.fields[at];
            if named {
                let asked = Key::from(record.get(at).clone());
                let message = format!(
                    "is {}, which is `{asked}` here, and the server chooses another one: POST leaves the choice to it",
                    model.id_word()
                );
                checked.fault(field.name(), field.pointer(), message, "id");
                continue;
            }
            // 0 stands for an id that the database is to give.
            if self.assigns() && value.as_i64() == Some(0) {
                chosen.push((at, Value::Null));
                continue;
            }
            let before = checked.faults.len();
            let value = field.take(value, &mut checked.faults);
            let part = model.part_at(at).unwrap_or_default();
            if before == checked.faults.len()
                && let Err(message) = model.check_new(part, &value)
            {
                checked.fault(field.name(), field.pointer(), message, "id");
            }
            chosen.push((at, value));
        }
        checked.finish()?;
        Ok(chosen)
    }

    /// The programmer's mistake of changing an id, with what to do instead.
    fn may_not_move(&self, moved: &[(usize, Value)], by: &By<'_>) -> Error {
        let model = &self.mounted.model;
        let name = model.name();
        let fields: Vec<String> = moved
            .iter()
            .map(|(at, _)| format!("`{}`", model.fields[*at].name()))
            .collect();
        let fields = fields.join(" and ");
        let who = model.who(by);
        let what = model.id_word();
        Error::setup(match by {
            By::Hooks(HookPoint::BeforeCreate) => format!(
                "{who} of {name} changes {fields}, {what}, and the parent in it is what the URL says: let the hook leave it alone"
            ),
            _ => format!(
                "{who} of {name} changes {fields}, {what}, and an id never changes once its record is there: choose it in a \
                 `#[before(create)]`, or add another record and delete this one"
            ),
        })
    }
}

impl Compiled {
    /// The fields of the id that code has changed in a record, with what it put there.
    fn moved(&self, encoded: &Value, old: &Record) -> Result<Vec<(usize, Value)>> {
        let moved = self.other_key(encoded, old);
        if moved.is_empty() {
            return Ok(moved);
        }
        // Its type may write an id in another way than it is stored: what nobody has touched is written like that too.
        let untouched = self.encoded(&*self.instance(old)?)?;
        let touched = |(at, value): &(usize, Value)| {
            let name = self.fields[*at].name();
            untouched
                .get(name)
                .is_none_or(|before| !self.fields[*at].is_at(before, value))
        };
        Ok(moved.into_iter().filter(touched).collect())
    }

    fn other_key(&self, encoded: &Value, old: &Record) -> Vec<(usize, Value)> {
        let places = self.key.places().iter();
        let changed = places.filter_map(|at| {
            let (field, old) = (&self.fields[*at], old.get(*at));
            let value = encoded.get(field.name())?;
            // The database has not given it yet, and the struct has no way to say so.
            let not_given = old.is_null() && value.as_i64() == Some(0);
            (!not_given && !field.is_at(value, old)).then(|| (*at, value.clone()))
        });
        changed.collect()
    }

    /// The code that is meant, by its name.
    fn who(&self, by: &By<'_>) -> String {
        let point = match by {
            By::Action(name) => return format!("the action `{name}`"),
            By::Hooks(point) => *point,
        };
        let typed = self.hooks(point).map(|hook| format!("`{}`", hook.name));
        let untyped = self
            .fields_hooks(point)
            .map(|hook| format!("`{}`", hook.name));
        let names: Vec<String> = typed.chain(untyped).collect();
        match names.as_slice() {
            [one] => format!("the hook {one}"),
            many => format!("one of the hooks {}", many.join(", ")),
        }
    }
}
