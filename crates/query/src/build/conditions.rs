//! Conditions on fields.

use super::{QueryBuilder, path};
use crate::expr::{Expr, Literal, Op, Operand, Path, Span};
use crate::kinvey::tree::{all, compare, element, lifted, not};
use crate::kinvey::values::wrapped_date;
use crate::{Area, Distance, Flags, Pattern, Point, Value};

/// Conditions.
impl QueryBuilder {
    /// The field is equal to a value, or is a list with such an element. `null` is also what is missing.
    pub fn equal_to(self, field: &str, value: impl Into<Value>) -> Self {
        self.with_value("equal_to", field, value, |path, value| {
            lifted(path, Op::Eq, value, Span::default())
        })
    }

    /// The opposite of [`equal_to`](Self::equal_to).
    pub fn not_equal_to(self, field: &str, value: impl Into<Value>) -> Self {
        self.with_value("not_equal_to", field, value, |path, value| {
            not(lifted(path, Op::Eq, value, Span::default()))
        })
    }

    /// The field comes behind a number, a text or a date.
    pub fn greater_than(self, field: &str, value: impl Into<Value>) -> Self {
        self.ordering("greater_than", field, Op::Gt, value)
    }

    /// The field comes behind a number, a text or a date, or is equal to it.
    pub fn greater_than_or_equal_to(self, field: &str, value: impl Into<Value>) -> Self {
        self.ordering("greater_than_or_equal_to", field, Op::Ge, value)
    }

    /// The field comes before a number, a text or a date.
    pub fn less_than(self, field: &str, value: impl Into<Value>) -> Self {
        self.ordering("less_than", field, Op::Lt, value)
    }

    /// The field comes before a number, a text or a date, or is equal to it.
    pub fn less_than_or_equal_to(self, field: &str, value: impl Into<Value>) -> Self {
        self.ordering("less_than_or_equal_to", field, Op::Le, value)
    }

    /// The field is there and not null, or, with `false`, it is not.
    pub fn exists(self, field: &str, flag: bool) -> Self {
        self.condition("exists", field, |path| {
            let op = if flag { Op::Ne } else { Op::Eq };
            let null = Operand::Literal(Literal::of(Value::Null));
            Ok(compare(path, op, null, Span::default()))
        })
    }

    /// The field is a whole number that leaves this remainder. (`mod` is a word of Rust's own.)
    pub fn mod_(self, field: &str, divisor: i64, remainder: i64) -> Self {
        self.condition("mod_", field, |path| {
            if divisor == 0 {
                return Err("nothing can be divided by 0".to_owned());
            }
            let number = |number: i64| Operand::Literal(Literal::of(number));
            let operand = Operand::List(vec![number(divisor), number(remainder)]);
            Ok(lifted(path, Op::Mod, operand, Span::default()))
        })
    }

    /// The field is a text that a pattern matches. The pattern begins with `^`.
    pub fn matches(self, field: &str, pattern: &str) -> Self {
        self.matches_with(field, pattern, Flags::default())
    }

    /// The same with flags. `ignore_case` is refused: match a field that holds the text in lower case instead.
    pub fn matches_with(self, field: &str, pattern: &str, flags: Flags) -> Self {
        self.condition("matches", field, |path| {
            if !pattern.starts_with('^') {
                return Err("a pattern begins with `^`".to_owned());
            }
            if flags.ignore_case {
                return Err("`ignore_case` is not supported".to_owned());
            }
            let pattern = Pattern::new(pattern, flags).map_err(|error| error.to_string())?;
            Ok(lifted(
                path,
                Op::Match,
                Operand::Pattern(pattern),
                Span::default(),
            ))
        })
    }

    /// The field, or an element of it, is one of these.
    pub fn contains(self, field: &str, values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        self.with_list("contains", field, values, |path, list| {
            lifted(path, Op::In, Operand::List(list), Span::default())
        })
    }

    /// The field is a list that has all of these. Of none of them: no record.
    pub fn contains_all(
        self,
        field: &str,
        values: impl IntoIterator<Item = impl Into<Value>>,
    ) -> Self {
        self.with_list("contains_all", field, values, |path, list| {
            if list.is_empty() {
                return Expr::Const(false);
            }
            let has = |value| {
                let itself = compare(Path::default(), Op::Eq, value, Span::default());
                element(path.clone(), itself, Span::default())
            };
            all(list.into_iter().map(has).collect())
        })
    }

    /// Neither the field nor an element of it is one of these.
    pub fn not_contained_in(
        self,
        field: &str,
        values: impl IntoIterator<Item = impl Into<Value>>,
    ) -> Self {
        self.with_list("not_contained_in", field, values, |path, list| {
            not(lifted(path, Op::In, Operand::List(list), Span::default()))
        })
    }

    /// The field is a list of so many elements.
    pub fn size(self, field: &str, elements: u64) -> Self {
        self.condition("size", field, |path| {
            let elements = Operand::Literal(Literal::of(elements));
            Ok(compare(path, Op::Size, elements, Span::default()))
        })
    }

    /// The field is a point near `[longitude, latitude]`; the nearest comes first, unless the query is sorted. Without a distance it is
    /// any point.
    ///
    /// ```
    /// use larder_query::{Distance, QueryBuilder};
    ///
    /// let here = [-71.06, 42.36];
    /// let query = QueryBuilder::new().near("_geoloc", here, Distance::miles(10.0));
    /// assert_eq!(query.to_params()?.query.as_deref(), Some(r#"{"_geoloc":{"$nearSphere":[-71.06,42.36],"$maxDistance":10.0}}"#));
    /// # Ok::<(), larder_query::BuildError>(())
    /// ```
    pub fn near(self, field: &str, from: [f64; 2], distance: impl Into<Option<Distance>>) -> Self {
        self.area("near", field, || {
            Area::circle(point(from)?, distance.into()).map_err(|error| error.to_string())
        })
    }

    /// The field is a point between the south-western and the north-eastern corner, each `[longitude, latitude]`.
    pub fn within_box(self, field: &str, lower: [f64; 2], upper: [f64; 2]) -> Self {
        self.area("within_box", field, || {
            Area::bounds(point(lower)?, point(upper)?).map_err(|error| error.to_string())
        })
    }

    /// The field is a point inside a closed line of at least three corners, each `[longitude, latitude]`.
    pub fn within_polygon(self, field: &str, corners: impl IntoIterator<Item = [f64; 2]>) -> Self {
        self.area("within_polygon", field, || {
            let corners = corners.into_iter().map(point).collect::<Result<_, _>>()?;
            Area::polygon(corners).map_err(|error| error.to_string())
        })
    }
}

/// How conditions are added.
impl QueryBuilder {
    /// Adds a condition on a field, or what is wrong with it.
    fn condition(
        mut self,
        call: &str,
        field: &str,
        make: impl FnOnce(Path) -> Result<Expr, String>,
    ) -> Self {
        let made = path(field).and_then(|path| Ok((path.clone(), make(path)?)));
        match made {
            Ok((path, condition)) => self.part.add(Some(path), condition),
            Err(message) => {
                self.refuse(format!("{call}({field:?})"), message);
                // It counts as one all the same, or a join beside it would be refused too.
                self.part.add(None, Expr::Const(false));
            }
        }
        self
    }

    fn with_value(
        self,
        call: &str,
        field: &str,
        value: impl Into<Value>,
        make: impl FnOnce(Path, Operand) -> Expr,
    ) -> Self {
        self.condition(call, field, |path| {
            Ok(make(path, Operand::Literal(literal(value.into())?)))
        })
    }

    fn with_list(
        self,
        call: &str,
        field: &str,
        values: impl IntoIterator<Item = impl Into<Value>>,
        make: impl FnOnce(Path, Vec<Operand>) -> Expr,
    ) -> Self {
        self.condition(call, field, |path| {
            let literal = |value: _| literal(Into::into(value)).map(Operand::Literal);
            let list = values.into_iter().map(literal).collect::<Result<_, _>>()?;
            Ok(make(path, list))
        })
    }

    fn ordering(self, call: &str, field: &str, op: Op, value: impl Into<Value>) -> Self {
        self.condition(call, field, |path| {
            let value = value.into();
            match value {
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                    Err("this takes a number, a text or a date".to_owned())
                }
                value => {
                    let operand = Operand::Literal(literal(value)?);
                    Ok(lifted(path, op, operand, Span::default()))
                }
            }
        })
    }

    fn area(self, call: &str, field: &str, make: impl FnOnce() -> Result<Area, String>) -> Self {
        self.condition(call, field, |path| {
            let area = Operand::Area(make()?);
            Ok(compare(path, Op::Within, area, Span::default()))
        })
    }
}

fn point([lon, lat]: [f64; 2]) -> Result<Point, String> {
    Point::new(lon, lat).ok_or_else(|| {
        "a longitude lies between -180 and 180, a latitude between -90 and 90, and the longitude comes first"
            .to_owned()
    })
}

fn literal(value: Value) -> Result<Literal, String> {
    if let Value::Text(text) = &value
        && wrapped_date(text).is_some()
    {
        return Err("a date is given as one, not as a text with ISODate(..)".to_owned());
    }
    check(&value)?;
    Ok(Literal::of(value))
}

/// What neither JSON nor a filter can hold.
fn check(value: &Value) -> Result<(), String> {
    match value {
        Value::F64(number) if !number.is_finite() => Err("a number must be finite".to_owned()),
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(object) => object.iter().try_for_each(|(key, value)| {
            if key.starts_with('$') {
                return Err(format!("`{key}` can't stand inside a value"));
            }
            check(value)
        }),
        _ => Ok(()),
    }
}
