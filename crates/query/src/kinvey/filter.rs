//! `query={..}`: from JSON to a condition.

use super::json::{self, Json, Member, Node, Result, fault};
use super::tree::{all, any, compare, element, lifted, not};
use super::values;
use crate::expr::{Expr, Literal, Names, Op, Operand, Path, Span};
use crate::{
    Flags, Limits, ParseError, ParseErrorKind as Kind, Pattern, PatternLimits, Value, nearest,
};

/// What joins whole documents.
const JOINS: [&str; 3] = ["$and", "$or", "$nor"];

/// What stands in a field's condition.
const OPERATORS: [&str; 21] = [
    "$eq",
    "$ne",
    "$gt",
    "$gte",
    "$lt",
    "$lte",
    "$in",
    "$nin",
    "$all",
    "$size",
    "$exists",
    "$mod",
    "$regex",
    "$options",
    "$nearSphere",
    "$near",
    "$maxDistance",
    "$within",
    "$geoWithin",
    "$not",
    "$elemMatch",
];

/// What stands inside these.
const INNER: [&str; 3] = ["$box", "$polygon", "$geometry"];

/// Reads a filter.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Expr> {
    let node = json::read(text, limits)?;
    let mut reader = Reader {
        limits,
        terms: 0,
        patterns: limits.patterns,
    };
    reader.document(&node, 0)
}

struct Reader<'l> {
    limits: &'l Limits,
    terms: usize,
    /// The patterns that may still be compiled.
    patterns: PatternLimits,
}

/// What a field's condition is about.
#[derive(Clone)]
struct Target {
    path: Path,
    /// Whether a comparison also looks into a list; not for an element that `$elemMatch` has picked.
    lifts: bool,
}

impl Target {
    fn compare(&self, op: Op, operand: Operand, span: Span) -> Expr {
        if self.lifts {
            lifted(self.path.clone(), op, operand, span)
        } else {
            self.exactly(op, operand, span)
        }
    }

    fn exactly(&self, op: Op, operand: Operand, span: Span) -> Expr {
        compare(self.path.clone(), op, operand, span)
    }
}

impl Reader<'_> {
    fn count(&mut self, span: Span) -> Result<()> {
        self.terms += 1;
        if self.terms > self.limits.terms {
            let message = format!("there are more than {} conditions", self.limits.terms);
            return Err(fault(Kind::TooManyTerms, span, message));
        }
        Ok(())
    }

    /// One level further down.
    fn deeper(&self, depth: usize, span: Span) -> Result<usize> {
        let most = json::depth(self.limits);
        if depth == most {
            let message = format!("conditions go deeper than {most} levels");
            return Err(fault(Kind::TooDeep, span, message));
        }
        Ok(depth + 1)
    }

    /// `{"age":{"$gt":1},"$or":[..]}`.
    fn document(&mut self, node: &Node, depth: usize) -> Result<Expr> {
        let Json::Object(members) = &node.json else {
            let message = "expected conditions in an object, such as {\"age\":{\"$gt\":1}}";
            return Err(fault(Kind::Unexpected, node.span, message));
        };
        let mut found = Vec::with_capacity(members.len());
        for member in members {
            found.push(match member.name.as_str() {
                join @ ("$and" | "$or" | "$nor") => {
                    let parts = self.documents(member, depth)?;
                    match join {
                        "$and" => all(parts),
                        "$or" => any(parts),
                        _ => not(any(parts)),
                    }
                }
                name if name.starts_with('$') => return Err(misplaced(member)),
                _ => {
                    let path = values::path(&member.name, member.span, self.limits)?;
                    self.condition(&Target { path, lifts: true }, &member.node, depth)?
                }
            });
        }
        Ok(all(found))
    }

    fn documents(&mut self, member: &Member, depth: usize) -> Result<Vec<Expr>> {
        let depth = self.deeper(depth, member.span)?;
        let items = match &member.node.json {
            Json::Array(items) if !items.is_empty() => items,
            _ => {
                let message = format!("`{}` takes a list of filters, at least one", member.name);
                return Err(fault(Kind::Arguments, member.node.span, message));
            }
        };
        let document = |item| {
            self.count(member.span)?;
            self.document(item, depth)
        };
        items.iter().map(document).collect()
    }

    /// What stands behind a field's name: a value, or operators.
    fn condition(&mut self, target: &Target, node: &Node, depth: usize) -> Result<Expr> {
        if let Json::Object(members) = &node.json
            && members.iter().any(|member| member.name.starts_with('$'))
        {
            return self.operators(target, members, depth).map(all);
        }
        self.count(node.span)?;
        let value = self.value(node)?;
        Ok(target.compare(Op::Eq, value, node.span))
    }

    fn operators(
        &mut self,
        target: &Target,
        members: &[Member],
        depth: usize,
    ) -> Result<Vec<Expr>> {
        let mut found = Vec::with_capacity(members.len());
        for member in members {
            self.count(member.span)?;
            found.extend(self.operator(target, member, members, depth)?);
        }
        Ok(found)
    }

    /// One operator with its operand; none for what belongs to another one.
    fn operator(
        &mut self,
        target: &Target,
        member: &Member,
        beside: &[Member],
        depth: usize,
    ) -> Result<Option<Expr>> {
        let node = &member.node;
        let span = Span::new(member.span.start, node.span.end);
        let named = |name: &str| beside.iter().find(|other| other.name == name);
        let condition = match member.name.as_str() {
            "$eq" => target.compare(Op::Eq, self.value(node)?, span),
            "$ne" => not(target.compare(Op::Eq, self.value(node)?, span)),
            "$gt" => self.ordering(target, Op::Gt, member, span)?,
            "$gte" => self.ordering(target, Op::Ge, member, span)?,
            "$lt" => self.ordering(target, Op::Lt, member, span)?,
            "$lte" => self.ordering(target, Op::Le, member, span)?,
            "$in" => target.compare(Op::In, self.list(member)?, span),
            "$nin" => not(target.compare(Op::In, self.list(member)?, span)),
            "$all" => self.every(target, member, span, depth)?,
            "$size" => target.exactly(Op::Size, values::size(node)?, span),
            "$exists" => {
                let op = if values::flag(node)? { Op::Ne } else { Op::Eq };
                let null = Literal::of(Value::Null);
                target.exactly(op, Operand::Literal(null), span)
            }
            "$mod" => target.compare(Op::Mod, values::remainder(node)?, span),
            "$regex" => {
                let pattern = pattern(node, named("$options"), &mut self.patterns)?;
                target.compare(Op::Match, Operand::Pattern(pattern), span)
            }
            "$nearSphere" | "$near" => {
                let area = values::circle(node, named("$maxDistance"))?;
                target.exactly(Op::Within, Operand::Area(area), span)
            }
            "$within" | "$geoWithin" => {
                let area = values::shape(member, self.limits)?;
                target.exactly(Op::Within, Operand::Area(area), span)
            }
            "$not" => {
                let depth = self.deeper(depth, member.span)?;
                let Json::Object(inner) = &node.json else {
                    let message = "`$not` takes operators, such as {\"$not\":{\"$gt\":1}}; for a value write `$ne`";
                    return Err(fault(Kind::Arguments, node.span, message));
                };
                not(all(self.operators(target, inner, depth)?))
            }
            "$elemMatch" => self.element(target, member, span, depth)?,
            "$options" if named("$regex").is_some() => return Ok(None),
            "$maxDistance" if named("$nearSphere").or(named("$near")).is_some() => return Ok(None),
            "$options" => return Err(lonely(member, "$regex")),
            "$maxDistance" => return Err(lonely(member, "$nearSphere")),
            _ => return Err(unknown(member)),
        };
        Ok(Some(condition))
    }

    /// `null` and what has no order never pass, so they are refused.
    fn ordering(&self, target: &Target, op: Op, member: &Member, span: Span) -> Result<Expr> {
        let node = &member.node;
        if let Json::Null | Json::Array(_) | Json::Object(_) = node.json {
            let message = format!("`{}` takes a number, a text or a date", member.name);
            return Err(fault(Kind::Arguments, node.span, message));
        }
        Ok(target.compare(op, self.value(node)?, span))
    }

    /// `$all`: the list has an element equal to each of these. No value at all matches nothing.
    fn every(
        &mut self,
        target: &Target,
        member: &Member,
        span: Span,
        depth: usize,
    ) -> Result<Expr> {
        let items = self.items(member)?;
        if items.is_empty() {
            return Ok(Expr::Const(false));
        }
        let mut found = Vec::with_capacity(items.len());
        for item in items {
            self.count(item.span)?;
            found.push(match &item.json {
                Json::Object(inner) if inner.len() == 1 && inner[0].name == "$elemMatch" => {
                    self.element(target, &inner[0], item.span, depth)?
                }
                _ => {
                    let itself = itself(target, false);
                    let equal = itself.exactly(Op::Eq, self.value(item)?, item.span);
                    element(target.path.clone(), equal, span)
                }
            });
        }
        Ok(all(found))
    }

    /// `$elemMatch`: operators for the element itself, or a filter for what is inside it.
    fn element(
        &mut self,
        target: &Target,
        member: &Member,
        span: Span,
        depth: usize,
    ) -> Result<Expr> {
        let depth = self.deeper(depth, member.span)?;
        let Json::Object(members) = &member.node.json else {
            let message = "`$elemMatch` takes operators or a filter for an element";
            return Err(fault(Kind::Arguments, member.node.span, message));
        };
        let is_operator =
            |one: &Member| one.name.starts_with('$') && !JOINS.contains(&one.name.as_str());
        let inner = if members.iter().any(is_operator) {
            all(self.operators(&itself(target, false), members, depth)?)
        } else {
            self.document(&member.node, depth)?
        };
        Ok(element(target.path.clone(), inner, span))
    }

    fn items<'n>(&self, member: &'n Member) -> Result<&'n [Node]> {
        let node = &member.node;
        let Json::Array(items) = &node.json else {
            let message = format!("`{}` takes a list", member.name);
            return Err(fault(Kind::Arguments, node.span, message));
        };
        values::check_length(items, node.span, self.limits)?;
        Ok(items)
    }

    fn list(&self, member: &Member) -> Result<Operand> {
        let items = self.items(member)?.iter();
        let values = items.map(|item| self.value(item)).collect::<Result<_>>()?;
        Ok(Operand::List(values))
    }

    fn value(&self, node: &Node) -> Result<Operand> {
        values::literal(node, self.limits).map(Operand::Literal)
    }
}

/// The element that a condition on a list is about.
fn itself(target: &Target, lifts: bool) -> Target {
    let span = target.path.span;
    let path = Path {
        steps: Names::new(),
        span,
    };
    Target { path, lifts }
}

/// A pattern with its letters. It has to begin with `^`, as the seed's service demands; `i` is understood.
fn pattern(node: &Node, options: Option<&Member>, left: &mut PatternLimits) -> Result<Pattern> {
    let Json::Text(source) = &node.json else {
        let message = "`$regex` takes a text such as \"^jo\"";
        return Err(fault(Kind::Arguments, node.span, message));
    };
    if !source.starts_with('^') {
        let message = "a pattern begins with `^`: it is found at the beginning of a text only";
        return Err(fault(Kind::Value, node.span, message));
    }
    let mut flags = Flags::default();
    if let Some(options) = options {
        let Json::Text(letters) = &options.node.json else {
            let message = "`$options` takes a text of the letters `i`, `m`, `s` and `x`";
            return Err(fault(Kind::Arguments, options.node.span, message));
        };
        for letter in letters.chars() {
            match letter {
                'i' => flags.ignore_case = true,
                'm' => flags.multi_line = true,
                'x' => flags.extended = true,
                's' => flags.dot_all = true,
                other => {
                    let message = format!(
                        "there is no option `{other}` of patterns; expected `i`, `m`, `s` or `x`"
                    );
                    return Err(fault(Kind::Value, options.node.span, message));
                }
            }
        }
    }
    left.compile(source, flags).map_err(|error| {
        let kind = if error.is_too_many() {
            Kind::TooManyItems
        } else {
            Kind::Value
        };
        fault(kind, node.span, error.to_string())
    })
}

fn lonely(member: &Member, of: &str) -> ParseError {
    let message = format!("`{}` belongs beside `{of}`", member.name);
    fault(Kind::Unexpected, member.span, message)
}

/// An operator where conditions of fields stand.
fn misplaced(member: &Member) -> ParseError {
    let name = member.name.as_str();
    if name == "$not" {
        let message = "`$not` stands in a field's condition, such as {\"age\":{\"$not\":{\"$gt\":1}}}; for whole filters write \"$nor\":[{..}]";
        return fault(Kind::Unexpected, member.span, message);
    }
    if OPERATORS.contains(&name) {
        let message = format!(
            "`{name}` stands in a field's condition, such as {{\"age\":{{\"{name}\":..}}}}"
        );
        return fault(Kind::Unexpected, member.span, message);
    }
    if INNER.contains(&name) {
        return inner(member);
    }
    let near = nearest(name, JOINS.into_iter().chain(OPERATORS));
    let hint = near.map_or_else(
        || "expected a field's name, `$and`, `$or` or `$nor`".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    let message = format!("there is no operator `{name}`; {hint}");
    fault(Kind::UnknownOperator, member.span, message)
}

/// Something else where an operator of a field stands.
fn unknown(member: &Member) -> ParseError {
    let name = member.name.as_str();
    if JOINS.contains(&name) {
        let message = format!(
            "`{name}` joins whole filters and stands beside the fields: {{\"{name}\":[{{..}}]}}"
        );
        return fault(Kind::Unexpected, member.span, message);
    }
    if INNER.contains(&name) {
        return inner(member);
    }
    if !name.starts_with('$') {
        let message = format!("`{name}` is no operator, and a name can't stand beside operators");
        return fault(Kind::Unexpected, member.span, message);
    }
    let hint = nearest(name, OPERATORS.into_iter().chain(JOINS)).map_or_else(
        || format!("expected one of {}", OPERATORS.join(" ")),
        |near| format!("did you mean `{near}`?"),
    );
    let message = format!("there is no operator `{name}`; {hint}");
    fault(Kind::UnknownOperator, member.span, message)
}

fn inner(member: &Member) -> ParseError {
    let of = match member.name.as_str() {
        "$geometry" => "$nearSphere",
        _ => "$within",
    };
    let message = format!("`{}` stands inside `{of}`", member.name);
    fault(Kind::Unexpected, member.span, message)
}
