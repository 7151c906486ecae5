//! Terms that are conditions.

use super::{Args, Lowering, Result, fault};
use crate::Value;
use crate::expr::{Any, Compare, Expr, Literal, Names, Op, Operand, Path, Span, Subject};
use crate::pattern::{Flags, Pattern};
use crate::suggest::nearest_operator;
use crate::syntax::{NAMES, NEGATED, ParseErrorKind as Kind, Term, What};

/// Steps of a query that are no conditions.
const STEPS: [&str; 15] = [
    "sort",
    "select",
    "unselect",
    "values",
    "limit",
    "distinct",
    "aggregate",
    "count",
    "sum",
    "mean",
    "max",
    "min",
    "first",
    "one",
    "recurse",
];

/// Where the paths of a condition begin.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    /// The names of the relations that the condition is in.
    pub(super) prefix: Names,
    /// Whether it is about an element, which a comparison without a path may test.
    element: bool,
}

impl Base {
    pub(super) fn record() -> Self {
        Self::default()
    }

    fn element() -> Self {
        Self {
            prefix: Names::new(),
            element: true,
        }
    }
}

impl Lowering<'_> {
    /// The conditions below an `and` or `or`, as one.
    pub(super) fn group(&self, term: Term<'_>, base: &Base) -> Result<Expr> {
        let mut all = term
            .children()
            .map(|child| self.condition(child, base))
            .collect::<Result<Vec<Expr>>>()?;
        Ok(match (all.len(), term.name()) {
            (1, _) => all.remove(0),
            (_, Some("or")) => Expr::Or(all),
            _ => Expr::And(all),
        })
    }

    pub(super) fn condition(&self, term: Term<'_>, base: &Base) -> Result<Expr> {
        match term.what() {
            What::Call { name, form } => self.call(term, name, *form, base),
            What::Array => self.parenthesis(term, base),
            What::Value {
                value: Value::Bool(truth),
                ..
            } => Ok(Expr::Const(*truth)),
            _ if term.text() == Some("") => fault(
                Kind::Unexpected,
                term.span(),
                "a condition is missing before this",
            ),
            _ => {
                let name = self.shown(term);
                if name.starts_with('!') {
                    return fault(Kind::Arguments, term.span(), NEGATED);
                }
                let message = format!(
                    "`{name}` alone says nothing; write {name}=value, or {name}!=null if it must be there"
                );
                fault(Kind::Arguments, term.span(), message)
            }
        }
    }

    fn parenthesis(&self, term: Term<'_>, base: &Base) -> Result<Expr> {
        let mut members = term.children();
        match (members.next(), members.next()) {
            (Some(only), None) => self.condition(only, base),
            (Some(first), Some(_)) => self.no_comma(first),
            (None, _) => fault(
                Kind::Empty,
                term.span(),
                "there is nothing in these parentheses",
            ),
        }
    }

    fn no_comma<T>(&self, before: Term<'_>) -> Result<T> {
        fault(
            Kind::Unexpected,
            self.comma(before),
            "a comma joins nothing here; write `&` for and, `|` for or, and `%2C` for a comma in a value",
        )
    }

    fn call(&self, term: Term<'_>, name: &str, form: bool, base: &Base) -> Result<Expr> {
        let args: Args<'_> = term.children().collect();
        match (name, args.as_slice()) {
            // Nothing to hold of all, nothing to hold of one. In a rule it would be a slip.
            ("and" | "or", []) if self.whole => Ok(Expr::Const(name == "and")),
            ("and" | "or" | "not", []) => {
                let end = term.span().end;
                fault(
                    Kind::Unexpected,
                    Span::new(end.saturating_sub(1), end),
                    "a condition is missing before this",
                )
            }
            ("and" | "or", _) => self.group(term, base),
            ("not", [only]) => Ok(Expr::Not(Box::new(self.condition(*only, base)?))),
            ("not", [first, ..]) => self.no_comma(*first),
            ("between", _) => self.between(term, &args, base),
            ("contains", _) => self.contains(term, &args, base),
            ("excludes", _) => Ok(Expr::Not(Box::new(self.contains(term, &args, base)?))),
            ("exists", _) => self.exists(term, &args, base),
            ("near", _) => self.near(term, &args, base),
            ("rel", _) => self.relation(term, &args, base),
            ("mod", [path, divisor, rest]) => {
                let members = vec![self.operand(*divisor)?, self.operand(*rest)?];
                let subject = self.subject(*path, base)?;
                Self::compare(term, subject, Op::Mod, Operand::List(members), form)
            }
            (name, args) => {
                let op = self.op(term, name)?;
                let (subject, operand) = self.sides(term, op.name(), args, base)?;
                self.compare_term(term, subject, op, operand, form)
            }
        }
    }

    /// Field and value of a comparison; with a value alone, it is about the element.
    pub(super) fn sides<'a>(
        &self,
        term: Term<'_>,
        op: &str,
        args: &[Term<'a>],
        base: &Base,
    ) -> Result<(Subject, Term<'a>)> {
        let shape = match op {
            "in" | "out" => "(field,(value,value))",
            "mod" => "(field,(divisor,remainder))",
            "between" => "(field,low,high)",
            "contains" | "excludes" => "(field,value) or contains(field,condition)",
            _ => "(field,value)",
        };
        let wrong = |end: usize| {
            let span = Span::new(term.span().start, end);
            let message = format!("`{op}` takes a field and a value: {op}{shape}");
            fault(Kind::Arguments, span, message)
        };
        match args {
            [value] if self.whole || base.element => {
                let path = Path {
                    steps: base.prefix.clone(),
                    span: value.span(),
                };
                Ok((Subject::Path(path), *value))
            }
            [path, value] => Ok((self.subject(*path, base)?, *value)),
            [_, value, ..] => wrong(value.span().end),
            _ => wrong(term.span().end),
        }
    }

    fn compare_term(
        &self,
        term: Term<'_>,
        subject: Subject,
        op: Op,
        operand: Term<'_>,
        form: bool,
    ) -> Result<Expr> {
        let compare = |op, operand| Compare {
            subject: subject.clone(),
            op,
            operand,
            form: false,
            span: term.span(),
        };
        match (op, self.operand(operand)?) {
            (Op::Eq, pattern @ Operand::Pattern(_)) => {
                Ok(Expr::Compare(compare(Op::Match, pattern)))
            }
            (Op::Ne, pattern @ Operand::Pattern(_)) => {
                let matches = Expr::Compare(compare(Op::Match, pattern));
                Ok(Expr::Not(Box::new(matches)))
            }
            // Patterns may stand in a list, too.
            (Op::In | Op::Out, Operand::List(members))
                if members.iter().any(|one| matches!(one, Operand::Pattern(_))) =>
            {
                let (patterns, values): (Vec<_>, Vec<_>) = members
                    .into_iter()
                    .partition(|one| matches!(one, Operand::Pattern(_)));
                let mut any: Vec<Expr> = patterns
                    .into_iter()
                    .map(|pattern| Expr::Compare(compare(Op::Match, pattern)))
                    .collect();
                if !values.is_empty() {
                    any.push(Expr::Compare(compare(Op::In, Operand::List(values))));
                }
                let found = Expr::Or(any);
                Ok(if op == Op::In {
                    found
                } else {
                    Expr::Not(Box::new(found))
                })
            }
            (Op::Match, Operand::Literal(literal)) => {
                let pattern = self.compiled(&literal.raw, Flags::default(), literal.span)?;
                Ok(Expr::Compare(compare(Op::Match, Operand::Pattern(pattern))))
            }
            (_, operand) => Self::compare(term, subject, op, operand, form),
        }
    }

    /// Checks that the operand suits the operator.
    pub(super) fn compare(
        term: Term<'_>,
        subject: Subject,
        op: Op,
        operand: Operand,
        form: bool,
    ) -> Result<Expr> {
        let span = term.span();
        let list = match &operand {
            Operand::List(members) => Some(members.as_slice()),
            _ => None,
        };
        let whole = |operand: &Operand| match operand {
            Operand::Literal(literal) => literal.value.as_i64(),
            _ => None,
        };
        let message = match (op, &operand) {
            (Op::Mod, _) => match list {
                Some([divisor, rest]) if whole(rest).is_some() && whole(divisor).is_some_and(|n| n != 0) => None,
                _ => Some("`mod` takes a divisor, which is not 0, and a remainder: mod(field,(4,0))".to_owned()),
            },
            (Op::Size, operand) if whole(operand).is_none_or(|size| size < 0) => {
                Some("`size` takes a whole number from 0: size(field,3)".to_owned())
            }
            (Op::Within, Operand::Area(_)) | (Op::Match, Operand::Pattern(_)) => None,
            (Op::Within, _) => Some(
                "`within` takes an area: circle((lon,lat),metres), box((lon,lat),(lon,lat)) or polygon((lon,lat),..)"
                    .to_owned(),
            ),
            (Op::Match, _) => Some("`match` takes a pattern: match(field,re:jo[eh])".to_owned()),
            (op, Operand::Pattern(_)) => Some(format!(
                "`{op}` takes a value, not a pattern; patterns are for match, eq, ne, in, out and contains"
            )),
            (_, Operand::Area(_)) => Some("an area is for `within`".to_owned()),
            (op, Operand::Literal(_)) if op.takes_list() => {
                Some(format!("`{op}` takes a list in parentheses: {op}(field,(1,2))"))
            }
            (op, _) if list.is_some() && !op.takes_list() && subject.param().is_some() => Some(format!(
                "`{op}` compares a parameter with one value; write in($name,(1,2))"
            )),
            (op, _)
                if list.is_some()
                    && !(op.takes_list() || matches!(op, Op::Eq | Op::Ne | Op::Contains)) =>
            {
                Some(format!("`{op}` takes one value, not a list"))
            }
            _ => None,
        };
        match message {
            Some(message) => fault(Kind::Arguments, span, message),
            None => Ok(Expr::Compare(Compare {
                subject,
                op,
                operand,
                form,
                span,
            })),
        }
    }

    /// `between(path,low,high)`, also with both in parentheses: closed at both ends.
    fn between(&self, term: Term<'_>, args: &[Term<'_>], base: &Base) -> Result<Expr> {
        let (subject, low, high) = match args {
            [path, low, high] => (self.subject(*path, base)?, *low, *high),
            _ => {
                let (subject, ends) = self.sides(term, "between", args, base)?;
                let both: Vec<Term<'_>> = ends.children().collect();
                match both.as_slice() {
                    [low, high] if matches!(ends.what(), What::Array) => (subject, *low, *high),
                    _ => {
                        return fault(
                            Kind::Arguments,
                            term.span(),
                            "`between` takes both ends: between(field,low,high)",
                        );
                    }
                }
            }
        };
        let low = self.compare_term(term, subject.clone(), Op::Ge, low, false)?;
        let high = self.compare_term(term, subject, Op::Le, high, false)?;
        Ok(Expr::And(vec![low, high]))
    }

    /// `contains(path,value)`, or some element passes a condition.
    fn contains(&self, term: Term<'_>, args: &[Term<'_>], base: &Base) -> Result<Expr> {
        let (subject, wanted) = self.sides(term, term.name().unwrap_or("contains"), args, base)?;
        let some = |filter: Expr| -> Result<Expr> {
            let Subject::Path(path) = subject.clone() else {
                return fault(
                    Kind::Arguments,
                    term.span(),
                    "a parameter's elements have no fields to test",
                );
            };
            Ok(Expr::Any(Any {
                path,
                filter: Box::new(filter),
                span: term.span(),
            }))
        };
        match wanted.what() {
            What::Call { .. } => some(self.condition(wanted, &Base::element())?),
            What::Pattern { .. } => {
                let operand = self.operand(wanted)?;
                let found = |subject| {
                    Expr::Compare(Compare {
                        subject,
                        op: Op::Match,
                        operand: operand.clone(),
                        form: false,
                        span: term.span(),
                    })
                };
                let element = Subject::Path(Path::default());
                Ok(Expr::Or(vec![
                    found(subject.clone()),
                    some(found(element))?,
                ]))
            }
            _ => self.compare_term(term, subject, Op::Contains, wanted, false),
        }
    }

    /// `exists(path)`: neither null nor missing; `exists(path,false)`: one of them.
    fn exists(&self, term: Term<'_>, args: &[Term<'_>], base: &Base) -> Result<Expr> {
        let truth = |term: &Term<'_>| match term.what() {
            What::Value { value, .. } => value.as_bool(),
            _ => None,
        };
        let (path, there) = match args {
            [path] => (*path, Some(true)),
            [path, value] => (*path, truth(value)),
            _ => (term, None),
        };
        let Some(there) = there else {
            return fault(
                Kind::Arguments,
                term.span(),
                "`exists` takes a field, and `false` if it must not be there: exists(field)",
            );
        };
        let null = Literal {
            raw: "null".into(),
            value: Value::Null,
            typed: false,
            span: Span::default(),
        };
        let op = if there { Op::Ne } else { Op::Eq };
        let subject = self.subject(path, base)?;
        Self::compare(term, subject, op, Operand::Literal(null), false)
    }

    /// `rel(relation,condition)`: the condition is about the record that the relation leads to.
    fn relation(&self, term: Term<'_>, args: &[Term<'_>], base: &Base) -> Result<Expr> {
        let [relation, condition] = args else {
            return fault(
                Kind::Arguments,
                term.span(),
                "`rel` takes a relation and a condition on what it leads to: rel(author,name=Ann)",
            );
        };
        let Subject::Path(path) = self.subject(*relation, base)? else {
            return fault(Kind::Param, relation.span(), "a relation is no parameter");
        };
        let base = Base {
            prefix: path.steps,
            element: base.element,
        };
        self.condition(*condition, &base)
    }

    fn op(&self, term: Term<'_>, name: &str) -> Result<Op> {
        if let Some(op) = Op::from_name(name) {
            return Ok(op);
        }
        let span = term.name_span();
        if STEPS.contains(&name) {
            let place = if self.whole {
                "put it at the top level of the query"
            } else {
                "put it at the top level of a list's query"
            };
            let message = format!("`{name}` can't be used here: it is no condition; {place}");
            return fault(Kind::Unsupported, span, message);
        }
        let known = NAMES.into_iter();
        let known = known.filter(|known| self.whole || !STEPS.contains(known));
        let known: Vec<&str> = known.collect();
        let advice = match nearest_operator(name, known.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => "known are eq, ne, lt, le, gt, ge, in, out, contains, excludes, between, match, starts_with, ends_with, eq_ignore_case, exists, size, mod, within, near, rel, and, or, not".to_owned(),
        };
        let message = format!("there is no operator `{name}`; {advice}");
        fault(Kind::UnknownOperator, span, message)
    }

    /// Compiles a pattern, if the query may have one more.
    pub(super) fn compiled(&self, source: &str, flags: Flags, span: Span) -> Result<Pattern> {
        let mut left = self.patterns.get();
        let compiled = left.compile(source, flags);
        self.patterns.set(left);
        compiled.or_else(|error| {
            let kind = if error.is_too_many() {
                Kind::TooManyItems
            } else {
                Kind::Value
            };
            fault(kind, span, error.to_string())
        })
    }
}
