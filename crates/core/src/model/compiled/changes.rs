//! Changes that depend on the old value, before it is known: each brought to its field's kind, and whether what comes of it
//! is certain to be valid.

use larder_query::Value;

use super::{Compiled, Field};
use crate::codec::Draft;
use crate::error::Result;
use crate::model::Kind;
use crate::store::FieldChange;

impl Compiled {
    /// Brings changes to their fields' kinds and checks what can be known of them; what changes nothing is left out. `outside`
    /// says that they come from a client, who may not write every field.
    ///
    /// # Errors
    /// `Invalid` with every fault.
    pub(crate) fn prepare(
        &self,
        changes: &[(usize, FieldChange)],
        outside: bool,
    ) -> Result<Vec<(usize, FieldChange)>> {
        let mut draft = Draft::default();
        let mut prepared: Vec<(usize, FieldChange)> = Vec::with_capacity(changes.len());
        for (at, change) in changes {
            let Some(field) = self.fields.get(*at) else {
                continue;
            };
            if self.key.has(*at) {
                draft.fault(
                    field.name(),
                    field.pointer(),
                    "is the id, or a part of it, which never changes",
                    "id",
                );
                continue;
            }
            if !field.in_struct || outside && !field.writable {
                draft.fault(
                    field.name(),
                    field.pointer(),
                    "can't be changed",
                    "read_only",
                );
                continue;
            }
            let Some(change) = field.prepare(change.clone(), &mut draft)? else {
                continue;
            };
            match (prepared.last_mut(), change) {
                (Some((last, FieldChange::Push(items))), FieldChange::Push(more)) if last == at => {
                    items.extend(more);
                }
                (Some((last, FieldChange::Pull(items))), FieldChange::Pull(more)) if last == at => {
                    items.extend(more);
                }
                (_, change) => prepared.push((*at, change)),
            }
        }
        draft.finish()?;
        Ok(prepared)
    }

    /// Whether what comes of these changes is valid whatever the record is, so that nobody has to look at it.
    pub(crate) fn always_fits(&self, changes: &[(usize, FieldChange)]) -> bool {
        changes.iter().enumerate().all(|(place, (at, change))| {
            let again = changes.iter().skip(place + 1).any(|(later, _)| later == at);
            let field = self.fields.get(*at);
            !again
                && !self.is_flattened(*at)
                && field.is_some_and(|field| field.always_fits(change))
        })
    }
}

impl Field {
    /// A change of this field, brought to its kind; none if it changes nothing.
    fn prepare(&self, change: FieldChange, draft: &mut Draft) -> Result<Option<FieldChange>> {
        Ok(match change {
            FieldChange::Set(Value::Null) => match self.default()? {
                Some(default) => Some(FieldChange::Set(default)),
                None => {
                    draft.fault(
                        self.name(),
                        self.pointer(),
                        "is required and can't be removed",
                        "required",
                    );
                    None
                }
            },
            FieldChange::Set(value) => {
                Some(FieldChange::Set(self.accept(value, &mut draft.faults)))
            }
            FieldChange::Add(amount) => self.amount(amount, draft).map(FieldChange::Add),
            _ if self.kind() != Kind::Json => {
                let message = format!("holds {}, and no list", self.kind().expected());
                draft.fault(self.name(), self.pointer(), message, "type");
                None
            }
            FieldChange::Push(items) | FieldChange::Pull(items) if items.is_empty() => None,
            FieldChange::Push(items) => {
                let items: Vec<Value> = items.into_iter().map(as_json).collect();
                if self.has_free_elements() {
                    // Nobody looks at the list later, so its new elements are looked at here.
                    self.take(Value::Array(items.clone().into()), &mut draft.faults);
                }
                Some(FieldChange::Push(items))
            }
            FieldChange::Pull(items) => {
                Some(FieldChange::Pull(items.into_iter().map(as_json).collect()))
            }
            FieldChange::SetItem(place, item) => Some(FieldChange::SetItem(place, as_json(item))),
            other @ FieldChange::RemoveItem(_) => Some(other),
        })
    }

    /// A number to add, as the field's kind has it; none if it is 0 or there is a fault.
    fn amount(&self, amount: Value, draft: &mut Draft) -> Option<Value> {
        let kind = match (self.kind(), &amount) {
            // Less is a sum too.
            (Kind::Uint, Value::I64(_) | Value::F64(_)) | (Kind::Int, Value::F64(_)) => Kind::Int,
            (Kind::Int | Kind::Uint, Value::U64(_)) => Kind::Uint,
            (kind @ (Kind::Int | Kind::Uint | Kind::Float | Kind::Decimal), _) => kind,
            _ => {
                draft.fault(
                    self.name(),
                    self.pointer(),
                    "holds no numbers, so nothing can be added to it",
                    "type",
                );
                return None;
            }
        };
        let finite = amount.as_f64().is_none_or(f64::is_finite);
        match kind.coerce(amount) {
            Ok(amount) if finite && !amount.is_null() => (!is_zero(&amount)).then_some(amount),
            _ => {
                let expected = match kind {
                    Kind::Uint => Kind::Int.expected(),
                    kind => kind.expected(),
                };
                let message = format!("is changed by something that is not {expected}");
                draft.fault(self.name(), self.pointer(), message, "type");
                None
            }
        }
    }

    /// Whether what comes of a prepared change is valid whatever was there.
    fn always_fits(&self, change: &FieldChange) -> bool {
        match change {
            FieldChange::Set(_) => true,
            // The kind is the store's matter: it refuses what overflows.
            FieldChange::Add(_) => self.def.check.is_none() && self.is_as_wide_as_its_kind(),
            FieldChange::Push(_) | FieldChange::Pull(_) => self.has_free_elements(),
            _ => false,
        }
    }

    fn is_as_wide_as_its_kind(&self) -> bool {
        let not_negative = |check: &crate::schema::Check| {
            self.kind() == Kind::Uint && check.is_only_not_negative()
        };
        self.check.as_ref().is_none_or(not_negative)
    }

    /// Whether this is a list in which each element is valid or not by itself.
    fn has_free_elements(&self) -> bool {
        self.def.check.is_none()
            && self
                .check
                .as_ref()
                .is_none_or(|check| check.is_of_elements())
    }
}

fn is_zero(amount: &Value) -> bool {
    match amount {
        Value::Decimal(number) => number.mantissa() == 0,
        number => number.as_f64() == Some(0.0),
    }
}

/// Inside a list values are as JSON has them.
fn as_json(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_vec().into_iter().map(as_json).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            let members = members.map(|(name, member)| (name, as_json(member)));
            Value::Object(Box::new(members.collect()))
        }
        Value::Decimal(_)
        | Value::Bytes(_)
        | Value::Instant(_)
        | Value::Date(_)
        | Value::Uuid(_) => Value::from(serde_json::Value::from(&value)),
        scalar => scalar,
    }
}
