//! Actions: what can be done with a model beyond reading and writing. Denied until a rule allows.

use std::sync::Arc;

use larder_query::{CompactString, Filter, Object, Value};

use super::Run;
use super::allow::NO_RULE;
use super::moved::By;
use crate::app::Mode;
use crate::call::{Args, Precondition, Reply};
use crate::codec::{Draft, read_value};
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::model::{Action, ActionCall};
use crate::rule::Operation;
use crate::transaction::Scope;
use crate::wording::a;

impl Run<'_> {
    pub(super) async fn act(
        &self,
        key: Option<&Key>,
        name: &str,
        args: &Args,
        precondition: &Precondition,
    ) -> Result<Reply> {
        let model = &self.mounted.model;
        let action = model
            .action(name, key.is_none())
            .ok_or_else(Error::not_found)?;
        let allowed = self.action_allowed(action);
        if allowed == Filter::False {
            return Err(self.refuse_action(action));
        }
        let args = arguments(action, args)?;
        if key.is_some() {
            self.through_parents().await?;
        }
        match key {
            None => self.act_global(action, &allowed, &args).await,
            Some(key) => {
                let act = |scope| self.act_on(action, &allowed, (key, precondition), &args, scope);
                self.in_transaction(act).await
            }
        }
    }

    fn action_allowed(&self, action: &Action) -> Filter {
        if self.call.actor.is_system() {
            return Filter::True;
        }
        action.rule.as_ref().map_or(Filter::False, |rule| {
            rule.bind(&self.call.actor, &self.mounted.model)
        })
    }

    fn refuse_action(&self, action: &Action) -> Error {
        let rule = action.rule.as_ref();
        self.trace(action.def.name, rule.map_or(NO_RULE, |rule| rule.text()));
        let name = action.def.name;
        if rule.is_none() && self.app.mode() == Mode::Development {
            return Error::new(
                ErrorKind::Forbidden,
                format!(
                    "nobody may {name} {}, because the action has no rule: write `#[action(allow = \"..\")]`, with \"true\" for \
                     everybody (only development mode says this)",
                    a(self.mounted.model.name())
                ),
            );
        }
        if self.call.actor.is_anonymous() && rule.is_some_and(|rule| rule.needs_actor()) {
            return Error::new(
                ErrorKind::Unauthorized,
                format!("for `{name}` you have to say who you are"),
            );
        }
        Error::new(
            ErrorKind::Forbidden,
            format!("you may not {name} this {}", self.mounted.model.name()),
        )
    }

    /// A global action has no record, so its rule sees none: only the actor and constants decide.
    async fn act_global(
        &self,
        action: &Action,
        allowed: &Filter,
        args: &[(&'static str, Value)],
    ) -> Result<Reply> {
        let nothing = vec![Value::Null; self.mounted.model.fields.len()];
        if !allowed.matches(&nothing) {
            return Err(self.refuse_action(action));
        }
        self.through_parents().await?;
        self.in_transaction(async |scope| {
            let cx = self.cx(&scope);
            let output = (action.def.run)(None, ActionCall { cx: &cx, args }).await?;
            Ok(Reply::Acted(output, None))
        })
        .await
    }

    async fn act_on(
        &self,
        action: &Action,
        allowed: &Filter,
        (key, precondition): (&Key, &Precondition),
        args: &[(&'static str, Value)],
        scope: Scope,
    ) -> Result<Reply> {
        // One that changes nothing must not hold up the writers while it runs.
        let old = if action.def.changes {
            self.load_in(key, &scope).await?
        } else {
            self.load(key).await?
        };
        let readable = self.allowed(Operation::Read);
        let Some(old) = old else {
            return Err(self.absent(Operation::Read));
        };
        if !readable.matches(&old.values) && !allowed.matches(&old.values) {
            return Err(self.conceal(Operation::Read));
        }
        if !allowed.matches(&old.values) {
            return Err(self.refuse_action(action));
        }
        let mut instance = self.mounted.model.instance(&old)?;
        let cx = self.cx(&scope);
        if let Some(can_act) = self.mounted.model.def.behaviour.can_act
            && !self.call.actor.is_system()
            && !can_act(&*instance, action.def.name, &cx).await?
        {
            let refusal = self.refuse_action(action);
            return Err(if readable.matches(&old.values) {
                refusal
            } else {
                self.conceal(Operation::Read)
            });
        }
        self.must_hold(&old, precondition)?;
        let output = (action.def.run)(Some(&mut *instance), ActionCall { cx: &cx, args }).await?;
        let mut row = Arc::clone(&old);
        let by = By::Action(action.def.name);
        if !action.def.changes || !self.take_back(&instance, &mut row, &by)? {
            return Ok(Reply::Acted(output, None));
        }
        if let Some(at) = self.mounted.model.updated {
            Arc::make_mut(&mut row).values[at] = Value::Instant(self.app.now());
        }
        // The action's own rule has allowed this change; the update rule is about changes from outside.
        let row = self.update_acted(&old, row, &scope).await?;
        Ok(Reply::Acted(output, Some(row)))
    }
}

/// The arguments by name, each brought to its kind and checked; every fault at once.
fn arguments(action: &Action, args: &Args) -> Result<Vec<(&'static str, Value)>> {
    let mut draft = Draft::default();
    let mut given = match args {
        Args::Json(text) if text.is_empty() => Object::new(),
        Args::Json(text) => match read_value(text)? {
            Value::Object(object) => *object,
            _ => {
                draft.fault("", String::new(), "must be a JSON object", "type");
                return Err(Error::invalid(draft.faults));
            }
        },
        Args::Query(pairs) => pairs
            .iter()
            .map(|(name, text)| {
                (
                    CompactString::from(name.as_str()),
                    Value::from(text.as_str()),
                )
            })
            .collect(),
    };
    let from_text = matches!(args, Args::Query(_));
    let mut values = Vec::with_capacity(action.args.len());
    for arg in &action.args {
        let pointer = format!("/{}", arg.name);
        let value = given
            .remove(arg.name)
            .map(|value| if from_text { arg.of_text(value) } else { value });
        match value.unwrap_or_default() {
            Value::Null if arg.nullable => values.push((arg.name, Value::Null)),
            Value::Null => draft.fault(arg.name, pointer, "is required", "required"),
            value => match arg.kind.coerce(value) {
                Ok(value) => {
                    arg.check.run(&value, arg.name, &pointer, &mut draft.faults);
                    values.push((arg.name, value));
                }
                Err((_, expected)) => {
                    draft.fault(arg.name, pointer, format!("must be {expected}"), "type");
                }
            },
        }
    }
    for (name, _) in given.iter() {
        if draft.is_full() {
            // Looking for a similar name takes time.
            break;
        }
        let near = larder_query::nearest(name, action.args.iter().map(|arg| arg.name));
        let hint = near
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        draft.fault(
            name,
            format!("/{}", crate::schema::escape(name)),
            format!("is not an argument of `{}`{hint}", action.def.name),
            "unknown",
        );
    }
    match (draft.faults.is_empty(), from_text) {
        (true, _) => Ok(values),
        (false, false) => Err(Error::invalid(draft.faults)),
        (false, true) => Err(
            Error::new(ErrorKind::BadRequest, "the query parameters do not fit")
                .with_fields(draft.faults),
        ),
    }
}
