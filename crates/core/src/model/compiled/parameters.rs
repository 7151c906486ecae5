//! The parameters of lists that filter by code, compiled.

use std::collections::{BTreeMap, BTreeSet};

use larder_query::{Filter, Op, Value};
use serde_json::Value as Json;

use super::build::{RESERVED, compile_arg, compile_args};
use super::{ArgCheck, Lists, Route};
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::model::conditions::{Operand, Slot, TooMany, Tree};
use crate::model::{ArgDef, FieldUse, Kind, ModelDef, ParameterCall, ParameterData, ParameterDef};
use crate::places::Places;
use crate::search::MAX_COMPARES;
use crate::typed;

/// A parameter that filters by code.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) def: ParameterDef,
    /// Each argument's check, in order.
    args: Vec<ArgCheck>,
}

/// What a request sends of parameters that filter by code, by their names.
#[derive(Debug, Default)]
pub(crate) struct Given(BTreeMap<String, String>);

/// Conditions written as data, and the parameters that they are about.
#[derive(Clone, Debug)]
pub(crate) struct Conditions {
    parameters: Vec<ArgCheck<String>>,
    tree: Tree,
}

impl Conditions {
    /// The conditions of a description.
    pub(super) fn compile(def: &ModelDef) -> Result<Option<Self>, String> {
        let Some(tree) = &def.conditions else {
            return match def.parameters.first() {
                Some((name, _)) => Err(format!(
                    "the parameter `{name}` filters nothing: say by `.conditions(..)` what it means"
                )),
                None => Ok(None),
            };
        };
        let mut parameters: Vec<ArgCheck<String>> = Vec::with_capacity(def.parameters.len());
        for (name, schema) in &def.parameters {
            if parameters.iter().any(|before| before.name == *name) {
                return Err(format!("two parameters are called `{name}`"));
            }
            let of_code = &def.behaviour.parameters;
            let mut args = of_code.iter().flat_map(|parameter| &parameter.args);
            if def.search.iter().any(|(searched, _)| searched == name)
                || args.any(|arg| arg.name == name)
            {
                return Err(format!(
                    "`{name}` is a parameter of another kind already: give the one of the conditions another name"
                ));
            }
            if RESERVED.contains(&&**name) {
                return Err(format!(
                    "`{name}` is a parameter of every list: give yours another name"
                ));
            }
            let check = compile_arg(
                name.to_string(),
                schema.clone(),
                &format!("parameter `{name}`"),
            );
            parameters.push(check.map_err(|error| error.message().to_owned())?);
        }
        let names: Vec<(&str, bool)> = parameters
            .iter()
            .map(|one| (one.name.as_str(), one.kind == Kind::Text))
            .collect();
        let tree = Tree::read(tree, &names)?;
        let idle = (0..parameters.len()).find(|at| !tree.asks(*at));
        if let Some(idle) = idle.and_then(|at| parameters.get(at)) {
            return Err(format!(
                "the conditions never ask for the parameter `{}`",
                idle.name
            ));
        }
        Ok(Some(Self { parameters, tree }))
    }

    /// The fields that are compared, each with what.
    pub(super) fn tests(&self) -> Vec<(FieldUse, &Operand)> {
        let operands = self.tree.tests().into_iter().map(|(_, _, operand)| operand);
        self.tree.uses().into_iter().zip(operands).collect()
    }

    /// What is wrong with a comparison of the field that a route leads to.
    pub(super) fn fault(
        &self,
        route: &Route,
        used: &FieldUse,
        operand: &Operand,
    ) -> Option<String> {
        let (field, method) = (&used.field, used.method);
        let wanted = if method == Op::Size.name() {
            Kind::Uint
        } else {
            route.kind
        };
        let is_text = matches!(wanted, Kind::Text | Kind::Json);
        let text_only = [Op::Contains, Op::StartsWith, Op::EndsWith, Op::EqIgnoreCase];
        if !is_text && route.inner.is_none() && text_only.iter().any(|op| op.name() == method) {
            return Some(format!(
                "the conditions test `{field}` with `{method}`, but it is {}",
                wanted.expected()
            ));
        }
        let (what, fits) = match operand {
            Operand::Fixed(Value::Null) => return None,
            Operand::Fixed(Value::Array(items)) if method == Op::In.name() => (
                "a list".to_owned(),
                items.iter().all(|item| wanted.coerce(item.clone()).is_ok()),
            ),
            Operand::Fixed(value) => (
                serde_json::Value::from(value).to_string(),
                wanted.coerce(value.clone()).is_ok(),
            ),
            Operand::Sent(Slot::Part(_)) => {
                ("a part of a text".to_owned(), reads(wanted, Kind::Text))
            }
            Operand::Sent(Slot::Parameter(at)) => {
                let parameter = self.parameters.get(*at)?;
                (
                    format!("`{}`", parameter.name),
                    reads(wanted, parameter.kind),
                )
            }
        };
        (!fits).then(|| {
            format!(
                "the conditions compare `{field}`, which is {}, with {what}",
                wanted.expected()
            )
        })
    }

    /// The condition for what was sent.
    fn filter(&self, given: &Given, places: &Places<'_>) -> Result<Filter> {
        let sent = self
            .parameters
            .iter()
            .map(|parameter| given.value(parameter));
        let sent = sent.collect::<Result<Vec<_>>>()?;
        let names = self
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str());
        let names = names.filter(|name| given.0.contains_key(*name));
        let names = names.collect::<Vec<_>>().join(", ");
        match self.tree.node(&sent, MAX_COMPARES) {
            Ok(Some(node)) => bind(&node, places, &names),
            Ok(None) => Ok(Filter::True),
            Err(TooMany) => Err(too_many(&names)),
        }
    }
}

/// Whether a value of one kind can be read as one of another.
fn reads(wanted: Kind, given: Kind) -> bool {
    use Kind::{Bytes, Date, Decimal, Float, Instant, Int, Json, Text, Uint, Uuid};
    match (wanted, given) {
        (Json, _)
        | (Instant | Date | Uuid | Decimal | Bytes, Text)
        | (Int | Uint | Float | Decimal, Int | Uint) => true,
        (wanted, given) => wanted == given,
    }
}

/// The parameters of a description.
pub(super) fn compile(def: &ModelDef) -> Result<Vec<Parameter>, String> {
    check(def)?;
    let compiled = def.behaviour.parameters.iter().map(|parameter| {
        let args = compile_args(&parameter.args, &format!("parameter `{}`", parameter.name));
        Ok(Parameter {
            def: parameter.clone(),
            args: args.map_err(|error| error.message().to_owned())?,
        })
    });
    compiled.collect()
}

/// Mistakes that show without compiling anything.
fn check(def: &ModelDef) -> Result<(), String> {
    let parameters = &def.behaviour.parameters;
    for (at, parameter) in parameters.iter().enumerate() {
        let name = parameter.name;
        if parameters[..at].iter().any(|before| before.name == name) {
            return Err(format!("two parameters are called `{name}`"));
        }
        if def.search.iter().any(|(searched, _)| searched == name) {
            return Err(format!(
                "`{name}` is a parameter by `search({name} = ..)` and by `#[search]`: leave one out"
            ));
        }
        let names = parameter.args.iter().map(|arg| arg.name).chain([name]);
        if let Some(taken) = names.clone().find(|name| RESERVED.contains(name)) {
            return Err(format!(
                "`{taken}` is a parameter of every list: give the one of `#[search]` another name"
            ));
        }
        if !parameter.args.iter().any(|arg| arg.name == name) {
            return Err(format!(
                "the parameter `{name}` has no argument of its own name, so what a request sends would be lost"
            ));
        }
    }
    Ok(())
}

/// What the manifest says of them, and of those that only go with one.
pub(super) fn data(def: &ModelDef) -> Vec<ParameterData> {
    let parameters = &def.behaviour.parameters;
    let mut told: BTreeSet<&str> = def.search.iter().map(|(name, _)| &**name).collect();
    told.extend(parameters.iter().map(|parameter| parameter.name));
    let mut data = Vec::new();
    for parameter in parameters {
        let is_own = |arg: &&ArgDef| arg.name == parameter.name;
        let (own, others): (Vec<&ArgDef>, Vec<&ArgDef>) = parameter.args.iter().partition(is_own);
        data.extend(own.iter().map(|arg| ParameterData {
            name: parameter.name.to_owned(),
            description: parameter.doc.map(str::to_owned),
            schema: (arg.schema)(),
            with: others.iter().map(|arg| arg.name.to_owned()).collect(),
        }));
        for arg in others.iter().filter(|arg| told.insert(arg.name)) {
            data.push(ParameterData {
                name: arg.name.to_owned(),
                description: Some(format!("Goes with `{}`.", parameter.name)),
                schema: (arg.schema)(),
                with: Vec::new(),
            });
        }
    }
    let by_conditions = def.parameters.iter();
    data.extend(by_conditions.map(|(name, schema)| {
        ParameterData {
            name: name.to_string(),
            description: schema
                .get("description")
                .and_then(Json::as_str)
                .map(str::to_owned),
            schema: schema.clone(),
            with: Vec::new(),
        }
    }));
    data
}

impl Given {
    /// Takes what is sent of a parameter, if one of the model's functions asks for it, and says whether one does.
    ///
    /// # Errors
    /// If it was sent before.
    pub(crate) fn take(
        &mut self,
        lists: &Lists,
        name: &str,
        text: impl FnOnce() -> Result<String>,
    ) -> Result<bool> {
        let conditions = lists.conditions.as_ref();
        let mut args = lists
            .parameters
            .iter()
            .flat_map(|parameter| &parameter.args);
        if !args.any(|arg| arg.name == name) && !conditions.is_some_and(|all| all.asks(name)) {
            return Ok(false);
        }
        if self.0.insert(name.to_owned(), text()?).is_some() {
            return Err(refuse(name, format!("`{name}` is given twice")));
        }
        Ok(true)
    }

    /// The conditions of all that was sent.
    ///
    /// # Errors
    /// A text that is none of its parameter's type, or a parameter without the one that it goes with.
    pub(crate) fn filter(&self, places: &Places<'_>) -> Result<Filter> {
        let lists = &places.model().lists;
        let given = |parameter: &&Parameter| self.0.contains_key(parameter.def.name);
        let mut filters = Vec::new();
        for parameter in lists.parameters.iter().filter(given) {
            let args = parameter.args.iter();
            let args = args.map(|arg| Ok((arg.name, self.value(arg)?.unwrap_or_default())));
            let args = args.collect::<Result<Vec<_>>>()?;
            let condition = (parameter.def.run)(&ParameterCall { args: &args })?;
            let name = parameter.def.name;
            // A function may make some for every word.
            if condition.0.compares() > MAX_COMPARES {
                return Err(too_many(name));
            }
            filters.push(bind(&condition.0, places, name)?);
        }
        if let Some(conditions) = &lists.conditions {
            filters.push(conditions.filter(self, places)?);
        }
        for name in self.0.keys() {
            let mut askers = lists
                .parameters
                .iter()
                .filter(|parameter| parameter.asks(name));
            let alone = lists.search.iter().any(|search| search.name == *name)
                || lists.conditions.as_ref().is_some_and(|all| all.asks(name));
            if !alone && !askers.clone().any(|parameter| given(&parameter)) {
                let asker = askers.next().map_or("", |parameter| parameter.def.name);
                let message = format!("`{name}` goes with `{asker}`, which is not given");
                return Err(refuse(name, message));
            }
        }
        Ok(Filter::and(filters))
    }

    /// What was sent, read as the parameter's type.
    fn value<N: AsRef<str>>(&self, arg: &ArgCheck<N>) -> Result<Option<Value>> {
        let name = arg.name.as_ref();
        let Some(text) = self.0.get(name) else {
            return Ok(None);
        };
        let value = arg.of_text(Value::from(text.as_str()));
        let value = arg
            .kind
            .coerce(value)
            .map_err(|(_, expected)| refuse(name, format!("`{name}` must be {expected}")))?;
        let mut faults = Vec::new();
        arg.check.run(&value, name, "", &mut faults);
        match faults.into_iter().next() {
            Some(fault) => Err(refuse(name, format!("`{name}` {}", fault.message))),
            None => Ok(Some(value)),
        }
    }
}

impl Parameter {
    fn asks(&self, name: &str) -> bool {
        self.args.iter().any(|arg| arg.name == name)
    }
}

impl Conditions {
    fn asks(&self, name: &str) -> bool {
        self.parameters
            .iter()
            .any(|parameter| parameter.name == name)
    }
}

fn too_many(name: &str) -> Error {
    let message = format!("`{name}` asks for more than {MAX_COMPARES} comparisons: send less text");
    refuse(name, message)
}

/// A filter over places. What a request sends may be no value of the field that it is compared with: that is the request's fault.
fn bind(node: &typed::Node, places: &Places<'_>, name: &str) -> Result<Filter> {
    typed::bind(node, places).map_err(|error| match error.kind() {
        ErrorKind::Setup => refuse(name, format!("`{name}`: {}", error.message())),
        _ => error,
    })
}

fn refuse(name: &str, message: String) -> Error {
    let fault = FieldError {
        field: name.to_owned(),
        pointer: String::new(),
        message: message.clone(),
        code: "parameter",
    };
    Error::new(ErrorKind::BadRequest, message).with_fields(vec![fault])
}
