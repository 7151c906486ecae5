//! From the tree back to Kinvey's JSON, where it can be said there.

use std::fmt;

use super::Params;
use super::tree::{self, circles, looks_into_lists, unlifted};
use crate::expr::{Any, Compare, Expr, Op, Operand, Path, paths};
use crate::query::{Query, Shape};
use crate::{Object, Value};

mod operators;

use operators::{list_of, name, one, operator, path, value_of};

/// What Kinvey's syntax has no words for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsayable(String);

impl fmt::Display for Unsayable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kinvey's syntax has no words for {}", self.0)
    }
}

impl std::error::Error for Unsayable {}

type Result<T> = std::result::Result<T, Unsayable>;

fn no<T>(what: impl Into<String>) -> Result<T> {
    Err(Unsayable(what.into()))
}

/// The five parameters that say a query. Read again, they give the same query.
///
/// Days, UUIDs, decimals and bytes become texts, which their fields read back.
///
/// # Errors
/// Names what has no words there: groups, `distinct`, reducing, parameters, patterns that are not anchored, ..
pub fn print(query: &Query) -> Result<Params> {
    let Query {
        filter,
        group,
        sort,
        near,
        page,
        shape,
        distinct,
        reduce,
    } = query;
    if group.is_some() || reduce.is_some() || distinct.is_some() {
        return no("groups, distinct answers and computed values");
    }
    if page.total.is_some() {
        return no("a total");
    }
    let found = filter.as_ref().map(circles).unwrap_or_default();
    let ordered_by = match found.as_slice() {
        [] => None,
        [(near, _)] => Some(near),
        _ => return no("two circles that every record lies in"),
    };
    let same = match (ordered_by, near) {
        (Some(a), Some(b)) => a.path.steps == b.path.steps && a.from == b.from,
        (a, b) => a.is_none() && b.is_none(),
    };
    if !same && (sort.is_empty() || near.is_some()) {
        return no("an order by distance apart from the circle, or a circle without that order");
    }
    let filter = match filter {
        Some(filter) => print_filter(filter)?,
        None => Object::new(),
    };
    let mut keys = Object::new();
    for key in sort {
        let direction = if key.descending { -1 } else { 1 };
        if keys.insert(name(&key.path)?, direction).is_some() {
            return no("a field that is sorted by twice");
        }
    }
    Ok(Params {
        query: (!filter.is_empty()).then(|| json(&filter)).transpose()?,
        fields: fields(shape)?,
        limit: match page.limit {
            Some(0) => return no("a limit of 0"),
            limit => limit.map(|limit| limit.to_string()),
        },
        skip: (page.skip > 0).then(|| page.skip.to_string()),
        sort: (!keys.is_empty()).then(|| json(&keys)).transpose()?,
    })
}

/// The JSON object that says a condition.
///
/// ```
/// use larder_query::{kinvey::print_filter, parse};
///
/// use larder_query::{Limits, kinvey};
///
/// let text = r#"{"age":{"$gt":3},"$or":[{"name":"Ann"},{"tags":{"$all":["new","red"]}}]}"#;
/// let filter = kinvey::parse_filter(text, &Limits::default())?;
/// assert_eq!(serde_json::to_string(&print_filter(&filter)?)?, text);
/// // RQL's comparisons do not look at the elements of a list.
/// let filter = print_filter(&parse("age=gt=3")?)?;
/// assert_eq!(serde_json::to_string(&filter)?, r#"{"age":{"$gt":3},"$nor":[{"age":{"$elemMatch":{"$gt":3}}}]}"#);
/// assert!(print_filter(&parse("contains(title,x)")?).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// See [`print()`].
pub fn print_filter(filter: &Expr) -> Result<Object> {
    match filter {
        Expr::Const(true) => Ok(Object::new()),
        Expr::Const(false) => Ok(one("$nor", vec![Value::from(Object::new())])),
        Expr::And(members) => {
            let printed = members
                .iter()
                .map(print_filter)
                .collect::<Result<Vec<_>>>()?;
            Ok(together(&printed).unwrap_or_else(|| one("$and", documents(printed))))
        }
        Expr::Or(members) => {
            let mut printed = alternatives(members)?;
            Ok(match printed.len() {
                0 => print_filter(&Expr::Const(false))?,
                1 => printed.swap_remove(0),
                _ => one("$or", documents(printed)),
            })
        }
        Expr::Not(inner) => negated(inner),
        Expr::Compare(compare) => alone(compare),
        Expr::Any(any) => some_element(any),
    }
}

/// With the names in their order, which `serde_json`'s own objects lose.
fn json(object: &Object) -> Result<String> {
    serde_json::to_string(object).map_err(|error| Unsayable(error.to_string()))
}

fn fields(shape: &Shape) -> Result<Option<String>> {
    let paths = match shape {
        Shape::Whole => return Ok(None),
        Shape::Select(paths) if !paths.is_empty() => paths,
        _ => return no("a shape other than a list of fields"),
    };
    let names = paths.iter().map(name).collect::<Result<Vec<_>>>()?;
    let odd = |name: &String| name.contains(',') || name.trim() != name;
    if names.iter().any(odd) {
        return no("a field's name with a comma or space at its end");
    }
    Ok(Some(names.join(",")))
}

fn documents(printed: Vec<Object>) -> Value {
    printed.into_iter().map(Value::from).collect()
}

/// The members of an *or*; two that are the halves of one condition are one.
fn alternatives(members: &[Expr]) -> Result<Vec<Object>> {
    let mut printed = Vec::new();
    let mut rest = members;
    while let [first, others @ ..] = rest {
        if let Some(compare) = others.first().and_then(|next| unlifted(first, next)) {
            printed.push(lifted_words(compare)?);
            rest = &others[1..];
        } else {
            printed.push(print_filter(first)?);
            rest = others;
        }
    }
    Ok(printed)
}

fn lifted_words(compare: &Compare) -> Result<Object> {
    let words = match compare.op {
        Op::Eq => value_of(&compare.operand)?,
        _ => operator(compare)?.into(),
    };
    Ok(one(name(path(compare)?)?, words))
}

fn negated(inner: &Expr) -> Result<Object> {
    let members = match inner {
        Expr::Const(value) => return print_filter(&Expr::Const(!value)),
        Expr::Not(inner) => return print_filter(inner),
        Expr::Or(members) => members.as_slice(),
        other => std::slice::from_ref(other),
    };
    if let [first, second] = members
        && let Some(compare) = unlifted(first, second)
    {
        let words = match compare.op {
            Op::Eq => one("$ne", value_of(&compare.operand)?),
            Op::In => one("$nin", list_of(&compare.operand)?),
            _ => one("$not", operator(compare)?),
        };
        return Ok(one(name(path(compare)?)?, words));
    }
    let printed = alternatives(members)?;
    if printed.is_empty() {
        return Ok(Object::new());
    }
    Ok(one("$nor", documents(printed)))
}

/// A comparison that does not look into a list.
fn alone(compare: &Compare) -> Result<Object> {
    let path = path(compare)?;
    let positive = |op| {
        let operand = compare.operand.clone();
        tree::compare(path.clone(), op, operand, compare.span)
    };
    match (compare.op, &compare.operand) {
        (Op::Size | Op::Within, _) => Ok(one(name(path)?, operator(compare)?)),
        (Op::Eq | Op::Ne, Operand::Literal(literal)) if literal.value.is_null() => {
            Ok(one(name(path)?, one("$exists", compare.op == Op::Ne)))
        }
        (Op::Ne, _) => negated(&positive(Op::Eq)),
        (Op::Out, _) => negated(&positive(Op::In)),
        (op, _) if !looks_into_lists(op) => no(format!("`{op}`")),
        (op, operand) => {
            let has_list = |list: &Value| {
                let items = list.as_array().unwrap_or_default();
                items.iter().any(|item| item.as_array().is_some())
            };
            if op == Op::In && has_list(&list_of(operand)?) {
                return no("lists among the members of a list");
            }
            // What Kinvey's operator finds too much are lists with such an element.
            let (path, span) = (path.clone(), compare.span);
            let itself = tree::compare(Path::default(), op, operand.clone(), span);
            print_filter(&Expr::And(vec![
                tree::lifted(path.clone(), op, operand.clone(), span),
                tree::not(tree::element(path, itself, span)),
            ]))
        }
    }
}

fn some_element(any: &Any) -> Result<Object> {
    Ok(one(name(&any.path)?, element_words(any)?))
}

fn element_words(any: &Any) -> Result<Object> {
    if let Expr::Compare(compare) = &*any.filter
        && compare.op == Op::Eq
        && path(compare)?.steps.is_empty()
    {
        return Ok(one("$all", vec![value_of(&compare.operand)?]));
    }
    let (of_itself, inside): (Vec<&Path>, Vec<&Path>) =
        paths(&any.filter).partition(|path| path.steps.is_empty());
    let words = match (of_itself.is_empty(), inside.is_empty()) {
        (false, false) => return no("an element that is compared beside what is inside it"),
        (true, false) => print_filter(&any.filter)?,
        (_, true) => words(&any.filter)?,
    };
    Ok(one("$elemMatch", words))
}

/// A condition on an element itself, as operators.
fn words(filter: &Expr) -> Result<Object> {
    match filter {
        Expr::Const(true) => Ok(Object::new()),
        Expr::Const(false) => Ok(one("$not", Object::new())),
        Expr::And(members) => all_words(members),
        // None of them fails: operators have no other *or*.
        Expr::Or(members) => {
            let failed: Vec<Expr> = members.iter().cloned().map(tree::not).collect();
            Ok(one("$not", all_words(&failed)?))
        }
        Expr::Not(inner) => match &**inner {
            Expr::Compare(compare) if compare.op == Op::Eq => {
                Ok(one("$ne", value_of(&compare.operand)?))
            }
            Expr::Compare(compare) if compare.op == Op::In => {
                Ok(one("$nin", list_of(&compare.operand)?))
            }
            inner => Ok(one("$not", words(inner)?)),
        },
        Expr::Compare(compare) => operator(compare),
        Expr::Any(any) => element_words(any),
    }
}

/// Operators side by side. Where one stands there already, two negations say the rest: an object has room for one `$not`.
fn all_words(members: &[Expr]) -> Result<Object> {
    let printed = members.iter().map(words).collect::<Result<Vec<_>>>()?;
    nested(&printed)
}

fn nested(printed: &[Object]) -> Result<Object> {
    let mut all = Object::new();
    let fits = printed
        .iter()
        .position(|words| merge(&mut all, words).is_none());
    let Some(fits) = fits else {
        return Ok(all);
    };
    let rest = &printed[fits..];
    if !all.contains_key("$not") {
        all.insert("$not", one("$not", nested(rest)?));
        return Ok(all);
    }
    let mut all = one("$not", one("$not", all));
    match rest.iter().try_for_each(|words| merge(&mut all, words)) {
        Some(()) => Ok(all),
        None => no("several negations of an element itself"),
    }
}

/// Conditions side by side in one object, as long as nothing stands twice and nothing changes its place.
fn together(printed: &[Object]) -> Option<Object> {
    let mut all = Object::new();
    for object in printed {
        for (key, value) in object.iter() {
            let is_last = all.keys().last() == Some(key);
            match all.get_mut(key) {
                None => {
                    all.insert(key, value.clone());
                }
                Some(Value::Object(present)) if is_last => {
                    let added = value.as_object()?;
                    if !has_operators(present) || !has_operators(added) {
                        return None;
                    }
                    merge(present, added)?;
                }
                Some(_) => return None,
            }
        }
    }
    Some(all)
}

fn has_operators(object: &Object) -> bool {
    object.keys().next().is_some_and(|key| key.starts_with('$'))
}

/// Operators beside operators. Two `$all` behind each other are one. What would stand twice changes nothing.
fn merge(present: &mut Object, added: &Object) -> Option<()> {
    if let [(word, Value::Array(more))] = added.as_slice()
        && word == "$all"
        && present.keys().last() == Some("$all")
        && let Some(Value::Array(list)) = present.get_mut("$all")
    {
        *list = list.iter().chain(more).cloned().collect();
        return Some(());
    }
    if added.keys().any(|word| present.contains_key(word)) {
        return None;
    }
    for (word, value) in added {
        present.insert(word.clone(), value.clone());
    }
    Some(())
}
