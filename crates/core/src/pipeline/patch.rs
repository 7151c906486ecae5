//! PATCH: a merge patch (RFC 7396) of the fields that the client names.

use std::collections::HashMap;
use std::sync::Arc;

use larder_query::{CompactString, Filter, Object, Value};

use super::Run;
use crate::call::{Body, Precondition, Reply};
use crate::codec::Draft;
use crate::error::Result;
use crate::event::Event;
use crate::key::Key;
use crate::record::{Record, Row};
use crate::rule::Operation;
use crate::store::{Outcome, Write};
use crate::transaction::Scope;

impl Run<'_> {
    pub(super) async fn patch(
        &self,
        key: &Key,
        body: &Body,
        precondition: &Precondition,
    ) -> Result<Reply> {
        let update = self.allowed(Operation::Update);
        if self.wants_somebody(Operation::Update) {
            return Err(self.refuse(Operation::Update));
        }
        let (mut draft, trusted) = self.draft(body, true)?;
        self.leave_key(&mut draft, key);
        self.resolve_nulls(&mut draft)?;
        draft.finish()?;
        self.through_parents().await?;
        let merges = draft
            .values
            .iter()
            .enumerate()
            .filter_map(|(at, value)| Some((at, value.as_ref()?)))
            .any(|(at, value)| {
                matches!(value, Value::Object(_)) || self.mounted.model.is_flattened(at)
            });
        let sent = draft.values.iter().enumerate();
        let sent = sent.filter_map(|(at, value)| Some((at, value.as_ref()?)));
        if merges
            || trusted
            || self.mounted.plan.update_hooked
            || self.compares(precondition)
            || !self.are_small(sent)
        {
            return self
                .in_transaction(|scope| self.patch_loaded(draft, key, precondition, scope))
                .await;
        }
        let mut set: Vec<(usize, Value)> = draft
            .values
            .into_iter()
            .enumerate()
            .filter_map(|(at, value)| Some((at, value?)))
            .collect();
        if set.is_empty() {
            return self.untouched(key, &update, precondition).await;
        }
        if let Some(at) = self.mounted.model.updated {
            set.push((at, Value::Instant(self.app.now())));
        }
        let on_new = self.on_patched(&update, &set);
        let when = self.condition(Filter::and([update.clone(), on_new.clone()]), precondition);
        let write = Write::Update {
            key: key.clone(),
            changes: set
                .into_iter()
                .map(|(at, value)| (at, value.into()))
                .collect(),
            when,
        };
        match self
            .write_plain(self.batch(vec![write]), Event::Updated)
            .await?
            .into_iter()
            .next()
        {
            Some(Outcome::Updated(row)) => Ok(Reply::Updated(row)),
            _ => Err(self
                .explain_patch(key, &update, &on_new, precondition)
                .await),
        }
    }

    /// Null means "remove": an optional field becomes null, one with a default gets it, a required one can't go.
    fn resolve_nulls(&self, draft: &mut Draft) -> Result<()> {
        for (at, field) in self.mounted.model.fields.iter().enumerate() {
            if !matches!(draft.values[at], Some(Value::Null)) {
                continue;
            }
            match field.default()? {
                Some(default) => draft.values[at] = Some(default),
                // A null also stands where a value had a fault, which is told already.
                None if draft.faults.iter().any(|fault| fault.field == field.name()) => {}
                None => draft.fault(
                    field.name(),
                    field.pointer(),
                    "is required and can't be removed",
                    "required",
                ),
            }
        }
        Ok(())
    }

    /// The rule on the new record: known where the patch sets a field, asked of the old record where not.
    pub(super) fn on_patched(&self, update: &Filter, set: &[(usize, Value)]) -> Filter {
        let mut values = vec![Value::Null; self.mounted.model.fields.len()];
        for (at, value) in set {
            values[*at] = value.clone();
        }
        let partial = Record::new(values, crate::record::Version(0));
        Self::on_new(update, &partial, &|field| {
            set.iter().any(|(at, _)| *at == field)
        })
    }

    /// A patch that names nothing changes nothing, but is refused like any other.
    async fn untouched(
        &self,
        key: &Key,
        update: &Filter,
        precondition: &Precondition,
    ) -> Result<Reply> {
        let row = self.load(key).await?;
        self.judge(row.as_ref(), Operation::Update, update, precondition)?;
        self.ask(Event::Get, row.as_ref(), None, self.call.scope.as_ref())
            .await?;
        row.map(Reply::Updated).ok_or_else(crate::Error::not_found)
    }

    async fn explain_patch(
        &self,
        key: &Key,
        update: &Filter,
        on_new: &Filter,
        precondition: &Precondition,
    ) -> crate::Error {
        let row = match self.load(key).await {
            Ok(row) => row,
            Err(error) => return error,
        };
        match self.judge(row.as_ref(), Operation::Update, update, precondition) {
            Err(error) => error,
            Ok(()) if row.is_some_and(|row| !on_new.matches(&row.values)) => {
                self.refuse(Operation::Update)
            }
            Ok(()) => crate::Error::new(crate::ErrorKind::Conflict, "another writer was first"),
        }
    }

    async fn patch_loaded(
        &self,
        draft: Draft,
        key: &Key,
        precondition: &Precondition,
        scope: Scope,
    ) -> Result<Reply> {
        let old = self.load_in(key, &scope).await?;
        self.judge(
            old.as_ref(),
            Operation::Update,
            &self.allowed(Operation::Update),
            precondition,
        )?;
        let old: Row = old.ok_or_else(crate::Error::not_found)?;
        let model = &self.mounted.model;
        let mut values = old.values.clone();
        let mut checked = Draft::default();
        for (at, value) in draft.values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            let merged = merge(std::mem::take(&mut values[at]), value);
            values[at] = model.fields[at].accept(merged, &mut checked.faults);
        }
        if checked.faults.is_empty() {
            model.accept_groups(&mut values, &mut checked.faults);
        }
        checked.finish()?;
        if let Some(at) = model.updated {
            values[at] = Value::Instant(self.app.now());
        }
        let row = Arc::new(Record::new(values, old.version));
        self.update_hooked(&old, row, &scope)
            .await
            .map(Reply::Updated)
    }
}

/// RFC 7396: objects merge member by member, anything else replaces. What stays keeps its place, what is new goes to the end.
fn merge(old: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else {
        return patch;
    };
    let old = match old {
        Value::Object(object) => *object,
        _ => Object::new(),
    };
    // An object finds a name by looking at all before it, so of a large patch on a large object each name is looked up here.
    let mut patch: Vec<(CompactString, Option<Value>)> = patch
        .into_iter()
        .map(|(name, value)| (name, Some(value)))
        .collect();
    let places: HashMap<CompactString, usize> = patch
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (name.clone(), at))
        .collect();
    let mut merged: Vec<(CompactString, Value)> = Vec::with_capacity(old.len() + patch.len());
    for (name, old) in old {
        let at = places.get(&name).copied();
        match at.and_then(|at| patch.get_mut(at)?.1.take()) {
            None => merged.push((name, old)),
            Some(Value::Null) => {}
            Some(new) => merged.push((name, merge(old, new))),
        }
    }
    let new = patch
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    merged.extend(
        new.filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, merge(Value::Null, value))),
    );
    Value::Object(Box::new(merged.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(old: &str, patch: &str) -> Value {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        merge(read(old), read(patch))
    }

    /// RFC 7396, appendix A, as far as the patch is an object.
    #[test]
    fn the_examples_of_the_rfc() {
        for (old, patch, expected) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (
                r#"{"a":{"b":"c"}}"#,
                r#"{"a":{"b":"d","c":null}}"#,
                r#"{"a":{"b":"d"}}"#,
            ),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"{"a":"b"}"#, r#"{"a":"b"}"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            let merged = serde_json::to_string(&merged(old, patch)).unwrap();
            assert_eq!(merged, expected, "{old} and {patch}");
        }
    }

    #[test]
    fn what_stays_keeps_its_place() {
        let merged = merged(
            r#"{"z":1,"y":2,"x":3}"#,
            r#"{"w":0,"x":4,"z":5,"y":null,"v":{"u":null}}"#,
        );
        let text = serde_json::to_string(&merged).unwrap();
        assert_eq!(text, r#"{"z":5,"x":4,"w":0,"v":{}}"#);
    }
}
