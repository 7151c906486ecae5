//! Changes that depend on the old value, before it is known: each brought to its field's kind, and whether what comes of it
//! is certain to be valid.

use larder_query::{Filter, Op, Value};

use super::{Compiled, Field};
use crate::codec::Draft;
use crate::error::Result;
use crate::model::Kind;
use crate::schema::Check;
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

    /// Where what comes of these changes is valid: a condition for the write itself. Where it holds nobody has to look at the record;
    /// where it does not, the record may be why, or gone. None if only a look at the record tells.
    pub(crate) fn fits_where(&self, changes: &[(usize, FieldChange)]) -> Option<Filter> {
        let each = changes.iter().enumerate().map(|(place, (at, change))| {
            let again = changes.iter().skip(place + 1).any(|(later, _)| later == at);
            if again || self.is_flattened(*at) {
                return None;
            }
            self.fields.get(*at)?.fits_where(*at, change)
        });
        each.collect::<Option<Vec<Filter>>>().map(Filter::and)
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
                let items: Vec<Value> = items.into_iter().map(Value::into_json).collect();
                if self.has_free_elements() {
                    // Nobody looks at the list later, so its new elements are looked at here.
                    self.take(Value::Array(items.clone().into()), &mut draft.faults);
                }
                Some(FieldChange::Push(items))
            }
            FieldChange::Pull(items) => Some(FieldChange::Pull(
                items.into_iter().map(Value::into_json).collect(),
            )),
            FieldChange::SetItem(place, item) => {
                let item = item.into_json();
                if self.has_free_elements() {
                    self.check_element(place, &item, draft);
                }
                Some(FieldChange::SetItem(place, item))
            }
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

    /// Where what comes of a prepared change of this field is valid, which stands at this place of the record.
    fn fits_where(&self, at: usize, change: &FieldChange) -> Option<Filter> {
        let fits = match change {
            FieldChange::Set(_) => true,
            // The kind is the store's matter: it refuses what overflows.
            FieldChange::Add(_) if self.def.check.is_some() => false,
            FieldChange::Add(amount) => match &self.check {
                None => true,
                Some(check) => return self.sum_fits_where(at, amount, check),
            },
            _ => self.has_free_elements(),
        };
        fits.then_some(Filter::True)
    }

    /// Where the sum of what is there and this amount is within the bounds of the schema, if bounds are all that it has.
    fn sum_fits_where(&self, at: usize, amount: &Value, check: &Check) -> Option<Filter> {
        let signed = match self.kind() {
            Kind::Int => true,
            Kind::Uint => false,
            _ => return None,
        };
        let [least, most] = check.whole_range(signed)?;
        let amount = match amount {
            Value::I64(amount) => i128::from(*amount),
            Value::U64(amount) => i128::from(*amount),
            _ => return None,
        };
        let bound = |op: Op, bound: Option<i64>| match bound {
            None => Some(Filter::True),
            Some(bound) => {
                beside(i128::from(bound) - amount).map(|value| Filter::test(at, op, value))
            }
        };
        let within = Filter::and([bound(Op::Ge, least)?, bound(Op::Le, most)?]);
        // Where nothing is there it counts as 0, and a comparison does not find it.
        let alone = least.is_none_or(|least| amount >= i128::from(least))
            && most.is_none_or(|most| amount <= i128::from(most));
        Some(match self.nullable() && alone {
            true => Filter::or([within, Filter::test(at, Op::Eq, Value::Null)]),
            false => within,
        })
    }

    /// Looks at an element that shall stand at this place of a list.
    fn check_element(&self, place: usize, item: &Value, draft: &mut Draft) {
        if let Some(check) = self.check.as_ref().and_then(Check::of_element) {
            let pointer = format!("{}/{place}", self.pointer());
            check.run(item, self.name(), &pointer, &mut draft.faults);
        }
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

/// A bound of what is there before a sum, as a number that stores compare with; none where that is none.
fn beside(bound: i128) -> Option<Value> {
    let small = i64::try_from(bound).ok().map(Value::I64);
    small.or_else(|| u64::try_from(bound).ok().map(Value::from))
}

fn is_zero(amount: &Value) -> bool {
    match amount {
        Value::Decimal(number) => number.mantissa() == 0,
        number => number.as_f64() == Some(0.0),
    }
}
