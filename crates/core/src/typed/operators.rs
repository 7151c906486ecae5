//! The rest of the operators on typed fields. Each takes what the field's type can be compared with, and nothing else.

use larder_query::{Area, Bound, Flags, Op, Pattern, Value};
use serde::Serialize;

use super::{ComparableWith, Filter, Node, TextField, TypedField};
use crate::model::Model;
use crate::types::{Id, Keyed, ModelLink, ModelLinksArray, ModelLinksSimpleArray, ObjectId};

/// Fields that hold a list of `V`.
#[diagnostic::on_unimplemented(message = "a field of type `{Self}` holds no list of `{V}`")]
pub trait ListField<V> {}

impl<V> ListField<V> for Vec<V> {}
impl<V> ListField<V> for Option<Vec<V>> {}
impl ListField<&str> for Vec<String> {}
impl ListField<&str> for Option<Vec<String>> {}

impl<T: Model> ListField<ModelLink<T>> for ModelLinksSimpleArray<T> {}
impl<T: Model> ListField<Id<T>> for ModelLinksSimpleArray<T> {}
impl<T: Model> ListField<ObjectId<T>> for ModelLinksSimpleArray<T> {}
impl<T: Model> ListField<&str> for ModelLinksSimpleArray<T> {}
impl<T: Model, D> ListField<Keyed<T, D>> for ModelLinksArray<T, D> {}

/// Fields that hold a list of anything.
#[diagnostic::on_unimplemented(message = "a field of type `{Self}` holds no list")]
pub trait AnyListField {}

impl<V> AnyListField for Vec<V> {}
impl<V> AnyListField for Option<Vec<V>> {}

impl<T: Model> AnyListField for ModelLinksSimpleArray<T> {}
impl<T: Model, D> AnyListField for ModelLinksArray<T, D> {}

/// Fields that hold whole numbers.
#[diagnostic::on_unimplemented(message = "a field of type `{Self}` holds no whole numbers")]
pub trait WholeField {}

/// Fields that hold numbers, which sums and means are computed of, and which can be added to.
#[diagnostic::on_unimplemented(message = "a field of type `{Self}` holds no numbers")]
pub trait NumberField {
    /// What can be added: a number with a sign, so that the field can also become less.
    type Amount: Into<Value>;
    /// What a sum of them is: the widest type of the same sort, as the sum of a few thousand `u16` is none.
    type Sum;
}

macro_rules! numbers {
    ($name:ident: $($type:ty),*) => {$(
        impl $name for $type {}
        impl $name for Option<$type> {}
    )*};
}

numbers!(WholeField: i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! sums {
    ($($amount:ty, $sum:ty: $($type:ty),*;)*) => {$($(
        impl NumberField for $type {
            type Amount = $amount;
            type Sum = $sum;
        }
        impl NumberField for Option<$type> {
            type Amount = $amount;
            type Sum = $sum;
        }
    )*)*};
}

sums! {
    i64, i64: i8, i16, i32, i64;
    i64, u64: u8, u16, u32, u64;
    f64, f64: f32, f64;
    larder_query::Decimal, larder_query::Decimal: larder_query::Decimal;
}

/// Fields that can hold a point, `[longitude, latitude]`.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` holds no points: `Vec<f64>`, `[f64; 2]` or `(f64, f64)` do"
)]
pub trait PointField {}

numbers!(PointField: Vec<f64>, [f64; 2], (f64, f64));

impl<M, T> TypedField<M, T> {
    /// From one value to another, both ends included.
    pub fn between<V: Serialize>(self, least: V, greatest: V) -> Filter<M>
    where
        T: ComparableWith<V>,
    {
        self.ge(least).and(self.le(greatest))
    }

    /// None of these; also where there is no value.
    pub fn is_not_in<V: Serialize>(self, values: &[V]) -> Filter<M>
    where
        T: ComparableWith<V>,
    {
        self.is_in(values).not()
    }

    /// With a value.
    pub fn is_not_null(self) -> Filter<M> {
        self.is_null().not()
    }

    /// The text ends with this.
    pub fn ends_with(self, text: &str) -> Filter<M>
    where
        T: TextField,
    {
        self.test(Op::EndsWith, text)
    }

    /// A pattern is found in the text: `^shop \d+$`, in the syntax of the `regex` crate. One that is wrong or too costly fails the query.
    pub fn matches(self, pattern: &str) -> Filter<M>
    where
        T: TextField,
    {
        let pattern = Pattern::new(pattern, Flags::default());
        self.bound(
            Op::Match,
            pattern
                .map(Bound::Pattern)
                .map_err(|error| error.to_string()),
        )
    }

    /// The list has this element.
    pub fn has<V: Serialize>(self, element: V) -> Filter<M>
    where
        T: ListField<V>,
    {
        let element = larder_query::to_value(&element).map(Value::into_json);
        self.bound(
            Op::Contains,
            element.map(Bound::One).map_err(|error| error.to_string()),
        )
    }

    /// The list has so many elements.
    pub fn has_size(self, elements: u64) -> Filter<M>
    where
        T: AnyListField,
    {
        self.bound(Op::Size, Ok(Bound::One(Value::from(elements))))
    }

    /// The number leaves this remainder when it is divided. A divisor of 0 fails the query.
    pub fn remainder(self, divisor: i64, remainder: i64) -> Filter<M>
    where
        T: WholeField,
    {
        let operand = match divisor {
            0 => Err("nothing can be divided by 0".to_owned()),
            _ => Ok(Bound::Many(vec![divisor.into(), remainder.into()])),
        };
        self.bound(Op::Mod, operand)
    }

    /// The point lies in this part of the earth.
    ///
    /// ```
    /// # use larder_core::{Filter, Model, TypedField};
    /// use larder_query::{Area, Distance, Point};
    ///
    /// # fn example<Shop: Model>(position: TypedField<Shop, Vec<f64>>) -> Option<Filter<Shop>> {
    /// let berlin = Point::new(13.4, 52.52)?;
    /// Some(position.within(Area::circle(berlin, Some(Distance::metres(5_000.0))).ok()?))
    /// # }
    /// ```
    pub fn within(self, area: Area) -> Filter<M>
    where
        T: PointField,
    {
        self.bound(Op::Within, Ok(Bound::Area(area)))
    }

    fn bound(self, op: Op, operand: Result<Bound, String>) -> Filter<M> {
        match (self.path.dotted(), operand) {
            (Ok(field), Ok(operand)) => Filter::new(Node::Bound { field, op, operand }),
            (Err(message), _) | (_, Err(message)) => Filter::failed(&message),
        }
    }
}
