//! The parameters of lists that filter by code, compiled.

use std::collections::{BTreeMap, BTreeSet};

use larder_query::{Filter, Value};

use super::ArgCheck;
use super::build::{RESERVED, compile_args};
use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::model::{ArgDef, ModelDef, ParameterCall, ParameterData, ParameterDef};
use crate::places::Places;
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
pub(crate) struct Given(BTreeMap<&'static str, String>);

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
    data
}

impl Given {
    /// Takes what is sent of a parameter, if one of the model's functions asks for it, and says whether one does.
    ///
    /// # Errors
    /// If it was sent before.
    pub(crate) fn take(
        &mut self,
        parameters: &[Parameter],
        name: &str,
        text: impl FnOnce() -> Result<String>,
    ) -> Result<bool> {
        let mut args = parameters.iter().flat_map(|parameter| &parameter.args);
        let Some(arg) = args.find(|arg| arg.name == name) else {
            return Ok(false);
        };
        if self.0.insert(arg.name, text()?).is_some() {
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
            let args = args.map(|arg| Ok((arg.name, self.value(arg)?)));
            let args = args.collect::<Result<Vec<_>>>()?;
            let condition = (parameter.def.run)(&ParameterCall { args: &args })?;
            filters.push(typed::bind(&condition.0, places)?);
        }
        for name in self.0.keys() {
            let mut askers = lists
                .parameters
                .iter()
                .filter(|parameter| parameter.asks(name));
            let alone = lists.search.iter().any(|search| search.name == *name);
            if !alone && !askers.clone().any(|parameter| given(&parameter)) {
                let asker = askers.next().map_or("", |parameter| parameter.def.name);
                let message = format!("`{name}` goes with `{asker}`, which is not given");
                return Err(refuse(name, message));
            }
        }
        Ok(Filter::and(filters))
    }

    fn value(&self, arg: &ArgCheck) -> Result<Value> {
        let Some(text) = self.0.get(arg.name) else {
            return Ok(Value::Null);
        };
        let value = arg.of_text(Value::from(text.as_str()));
        let value = arg.kind.coerce(value).map_err(|(_, expected)| {
            refuse(arg.name, format!("`{}` must be {expected}", arg.name))
        })?;
        let mut faults = Vec::new();
        arg.check.run(&value, arg.name, "", &mut faults);
        match faults.into_iter().next() {
            Some(fault) => {
                let message = format!("`{}` {}", arg.name, fault.message);
                Err(refuse(arg.name, message))
            }
            None => Ok(value),
        }
    }
}

impl Parameter {
    fn asks(&self, name: &str) -> bool {
        self.args.iter().any(|arg| arg.name == name)
    }
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
