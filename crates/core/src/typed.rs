//! Typed fields: the constants that the derive writes, and the filters they make.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use larder_query::{Op, Value};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::{Compiled, Kind, Model};
use crate::rule::field_named;
use crate::store::SortKey;
use crate::types::{Id, ModelLink, ModelLinksSimpleArray, ModelParent};

mod operators;

pub use operators::{AnyListField, ListField, NumberField, PointField, WholeField};

/// A field of `M` that holds a `T`: `Post::TITLE`. Comparing it with another type does not compile.
pub struct TypedField<M, T> {
    name: &'static str,
    types: PhantomData<fn() -> (M, T)>,
}

impl<M, T> TypedField<M, T> {
    /// The field with this wire name.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            types: PhantomData,
        }
    }

    /// The wire name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// From the lowest to the highest.
    pub fn ascending(self) -> Order<M> {
        Order {
            field: self.name,
            descending: false,
            model: PhantomData,
        }
    }

    /// From the highest to the lowest.
    pub fn descending(self) -> Order<M> {
        Order {
            field: self.name,
            descending: true,
            model: PhantomData,
        }
    }
}

impl<M, T> Clone for TypedField<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for TypedField<M, T> {}

impl<M, T> fmt::Debug for TypedField<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a field of type `Self` can be compared with: itself, what is in an option, and text for text.
#[diagnostic::on_unimplemented(message = "a field of type `{Self}` can't be compared with `{V}`")]
pub trait ComparableWith<V> {}

impl<T> ComparableWith<T> for T {}
impl<T> ComparableWith<T> for Option<T> {}
impl ComparableWith<&str> for String {}
impl ComparableWith<&str> for Option<String> {}
impl<M> ComparableWith<&str> for Id<M> {}
impl<M: Model> ComparableWith<&str> for ModelLink<M> {}
impl<M: Model> ComparableWith<&str> for ModelParent<M> {}

/// Fields that hold text.
#[diagnostic::on_unimplemented(message = "a field of type `{Self}` holds no text")]
pub trait TextField {}

impl TextField for String {}
impl TextField for Option<String> {}

impl<M: Model, T> TypedField<M, T> {
    fn test<V: Serialize + ?Sized>(self, op: Op, value: &V) -> Filter<M> {
        let value = larder_query::to_value(value).map_err(|error| error.to_string());
        Filter::new(Node::Test {
            field: Cow::Borrowed(self.name),
            op,
            value,
        })
    }

    /// Equal.
    pub fn eq<V: Serialize>(self, value: V) -> Filter<M>
    where
        T: ComparableWith<V>,
    {
        self.test(Op::Eq, &value)
    }

    /// Not equal; also where there is no value.
    pub fn ne<V: Serialize>(self, value: V) -> Filter<M>
    where
        T: ComparableWith<V>,
    {
        self.test(Op::Ne, &value)
    }

    /// Less.
    pub fn lt<V: Serialize>(self, value: V) -> Filter<M>
    where
        T: ComparableWith<V>,
    {
        self.test(Op::Lt, &value)
    }

    /// Less or equal.
    pub fn le<V: Serialize>(self, value: V) -> Filter<M>
    where
        T: ComparableWith<V>,
    {
        self.test(Op::Le, &value)
    }

    /// Greater.
    pub fn gt<V: Serialize>(self, value: V) -> Filter<M>
    where
        T: ComparableWith<V>,
    {
        self.test(Op::Gt, &value)
    }

    /// Greater or equal.
    pub fn ge<V: Serialize>(self, value: V) -> Filter<M>
    where
        T: ComparableWith<V>,
    {
        self.test(Op::Ge, &value)
    }

    /// One of these.
    pub fn is_in<V: Serialize>(self, values: &[V]) -> Filter<M>
    where
        T: ComparableWith<V>,
    {
        self.test(Op::In, values)
    }

    /// Without a value.
    pub fn is_null(self) -> Filter<M> {
        self.test(Op::Eq, &Option::<bool>::None)
    }

    /// The text has this in it.
    pub fn contains(self, text: &str) -> Filter<M>
    where
        T: TextField,
    {
        self.test(Op::Contains, text)
    }

    /// The text begins with this.
    pub fn starts_with(self, text: &str) -> Filter<M>
    where
        T: TextField,
    {
        self.test(Op::StartsWith, text)
    }

    /// The text is this, whatever the case of its letters.
    pub fn eq_ignore_case(self, text: &str) -> Filter<M>
    where
        T: TextField,
    {
        self.test(Op::EqIgnoreCase, text)
    }
}

impl<M: Model, T: Model> TypedField<M, ModelLinksSimpleArray<T>> {
    /// One of the links leads to this record.
    pub fn links_to(self, id: impl Into<crate::Key>) -> Filter<M> {
        Filter::on(self.name, Op::Contains, id.into())
    }
}

/// An order by one field.
#[derive(Clone, Copy, Debug)]
pub struct Order<M> {
    field: &'static str,
    descending: bool,
    model: PhantomData<fn() -> M>,
}

impl<M> Order<M> {
    pub(crate) fn bind(&self, model: &Compiled) -> Result<SortKey> {
        let field = field_named(&model.fields, self.field).map_err(Error::setup)?;
        Ok(SortKey {
            field,
            descending: self.descending,
        })
    }
}

/// A filter over records of `M`.
#[derive(Clone, Debug)]
pub struct Filter<M> {
    node: Node,
    model: PhantomData<fn() -> M>,
}

#[derive(Clone, Debug)]
enum Node {
    Test {
        field: Cow<'static, str>,
        op: Op,
        value: Result<Value, String>,
    },
    /// What needs no conversion to the field's kind.
    Bound {
        field: Cow<'static, str>,
        op: Op,
        operand: larder_query::Bound,
    },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Failed(String),
}

impl<M> Filter<M> {
    /// A test of a field with a key.
    pub(crate) fn on(field: impl Into<Cow<'static, str>>, op: Op, key: crate::Key) -> Self {
        let value = match key.into_value() {
            // Inside a list values are as JSON has them.
            Value::Uuid(uuid) if op == Op::Contains => Value::from(uuid.to_string()),
            value => value,
        };
        Self::new(Node::Test {
            field: field.into(),
            op,
            value: Ok(value),
        })
    }

    /// A filter that can't be made: the query fails with this message.
    pub(crate) fn failed(message: &str) -> Self {
        Self::new(Node::Failed(message.to_owned()))
    }

    fn new(node: Node) -> Self {
        Self {
            node,
            model: PhantomData,
        }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::new(Node::And(vec![self.node, other.node]))
    }

    /// Either, or both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::new(Node::Or(vec![self.node, other.node]))
    }

    /// The opposite.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "it reads as the query language does"
    )]
    pub fn not(self) -> Self {
        Self::new(Node::Not(Box::new(self.node)))
    }

    pub(crate) fn bind(&self, model: &Compiled) -> Result<larder_query::Filter> {
        bind(&self.node, model)
    }
}

fn bind(node: &Node, model: &Compiled) -> Result<larder_query::Filter> {
    use larder_query::Filter;
    let members = |nodes: &[Node]| {
        nodes
            .iter()
            .map(|node| bind(node, model))
            .collect::<Result<Vec<_>>>()
    };
    Ok(match node {
        Node::And(nodes) => Filter::and(members(nodes)?),
        Node::Or(nodes) => Filter::or(members(nodes)?),
        Node::Not(node) => Filter::not(bind(node, model)?),
        Node::Failed(message) => return Err(Error::setup(message.clone())),
        Node::Bound { field, op, operand } => Filter::Test(larder_query::Test {
            field: field_named(&model.fields, field).map_err(Error::setup)?,
            op: *op,
            operand: operand.clone(),
        }),
        Node::Test { field, op, value } => {
            let at = field_named(&model.fields, field).map_err(Error::setup)?;
            let value = value.clone().map_err(Error::setup)?;
            let kind = model.fields[at].kind();
            let coerce = |value: Value| {
                let value = if kind == Kind::Json {
                    Ok(value)
                } else {
                    kind.coerce(value)
                };
                value.map_err(|(_, expected)| {
                    Error::setup(format!(
                        "`{field}` is compared with something that is not {expected}"
                    ))
                })
            };
            match (op, value) {
                (Op::In, Value::Array(items)) => Filter::one_of(
                    at,
                    items
                        .into_vec()
                        .into_iter()
                        .map(coerce)
                        .collect::<Result<Vec<_>>>()?,
                ),
                (op, value) => Filter::test(at, *op, coerce(value)?),
            }
        }
    })
}
