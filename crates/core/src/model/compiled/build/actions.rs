//! Actions with their rules, and the checks of the arguments of functions.

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::model::compiled::{Action, ArgCheck, Field, rules};
use crate::model::{ActionDef, ArgDef, Kind};
use crate::rule::Rule;
use crate::schema::{Check, views};

pub(super) fn compile(def: &ActionDef, fields: &[Field], schema: &Json) -> Result<Action> {
    let rule = def
        .allow
        .map(|text| Rule::compile(text, fields, schema))
        .transpose();
    let rule = rule.map_err(|error| {
        rules::faulty(
            &format!("the rule of the action `{}`", def.name),
            error.message(),
        )
    })?;
    if let Some(field) = rule
        .as_ref()
        .filter(|_| def.global)
        .and_then(Rule::names_field)
    {
        return Err(Error::setup(format!(
            "action `{0}`: its rule names the field `{field}`, but a global action has no record: test `$actor` alone, as in \
             `$actor.role=admin`, or decide inside `{0}`",
            def.name
        )));
    }
    larder_query::check_action(def.name)
        .map_err(|fault| Error::setup(format!("action `{}`: {fault}", def.name)))?;
    let output = (def.output)();
    if crate::schema::mentions(&output, &output, "x-secret") {
        return Err(Error::setup(format!(
            "action `{}` returns a struct with a `Secret` in it: return an `Entity<..>`, which leaves it out",
            def.name
        )));
    }
    Ok(Action {
        def: def.clone(),
        rule,
        args: compile_args(&def.args, &format!("action `{}`", def.name))?,
    })
}

/// The checks of the arguments of a function; `what` it is.
pub(in crate::model::compiled) fn compile_args(
    args: &[ArgDef],
    what: &str,
) -> Result<Vec<ArgCheck>> {
    let args = args.iter().map(|arg| {
        let what = format!("{what}, argument `{}`", arg.name);
        compile_arg(arg.name, (arg.schema)(), &what)
    });
    args.collect()
}

/// The check of one value by its schema; `what` it is.
pub(in crate::model::compiled) fn compile_arg<N>(
    name: N,
    mut schema: Json,
    what: &str,
) -> Result<ArgCheck<N>> {
    views::bound_integers(&mut schema);
    let (kind, nullable) = Kind::of_schema(&schema, &schema);
    let check = Check::compile(&schema, &schema)
        .map_err(|error| Error::setup(format!("{what}: {error}")))?;
    Ok(ArgCheck {
        name,
        kind,
        nullable,
        check,
    })
}
