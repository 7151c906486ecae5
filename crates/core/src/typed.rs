//! Typed fields: the constants that the derive writes, and the filters they make.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use larder_query::{Bound, Op, Place, Value};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::{Inside, Kind, Model};
use crate::places::Places;
use crate::rule::field_named;
use crate::store::SortKey;
use crate::types::{Id, ModelLink, ModelLinksSimpleArray, ModelParent, ObjectId};

mod inside;
mod operators;

pub use inside::{Element, HasElements};
pub use operators::{AnyListField, ListField, NumberField, PointField, WholeField};

/// A field of `M` that holds a `T`: `Post::TITLE`. Comparing it with another type does not compile.
///
/// Behind a link stand the fields of the other model: `Post::AUTHOR.field(User::NAME)`.
///
/// ```
/// use larder_core::{Filter, Model, TypedField};
/// fn long<Post: Model>(title: TypedField<Post, String>, words: TypedField<Post, u32>) -> Filter<Post> {
///     words.gt(1000_u32).and(title.contains("draft").not())
/// }
/// ```
pub struct TypedField<M, T> {
    path: Path,
    types: PhantomData<fn() -> (M, T)>,
}

/// The most steps of a path: links, then a field.
const STEPS: usize = 5;

/// Wire names, one behind the other.
#[derive(Clone, Copy, Debug)]
struct Path {
    names: [&'static str; STEPS],
    /// How many there are; more than there is room for is too many.
    len: usize,
}

impl Path {
    const fn then(mut self, more: Self) -> Self {
        let mut at = 0;
        while at < more.len {
            if self.len < STEPS && at < STEPS {
                self.names[self.len] = more.names[at];
            }
            self.len += 1;
            at += 1;
        }
        self
    }

    fn dotted(self) -> Result<Cow<'static, str>, String> {
        match self.names.get(..self.len) {
            Some([name]) => Ok(Cow::Borrowed(name)),
            Some(names) => Ok(Cow::Owned(names.join("."))),
            None => Err(format!("a path of fields has at most {STEPS} steps")),
        }
    }
}

impl<M, T> TypedField<M, T> {
    /// The field with this wire name.
    pub const fn new(name: &'static str) -> Self {
        let mut names = [""; STEPS];
        names[0] = name;
        Self::of(Path { names, len: 1 })
    }

    const fn of(path: Path) -> Self {
        Self {
            path,
            types: PhantomData,
        }
    }

    /// The wire name; of a field behind a link, that of the link.
    pub const fn name(&self) -> &'static str {
        self.path.names[0]
    }

    /// The wire names from the model to the field, joined with dots. None if there are more than a query can follow.
    pub fn dotted(&self) -> Option<String> {
        self.path.dotted().ok().map(Cow::into_owned)
    }

    /// From the lowest to the highest, as the field alone says too where an order is asked for.
    pub fn ascending(self) -> Order<M> {
        Order {
            field: self.path,
            descending: false,
            model: PhantomData,
        }
    }

    /// From the highest to the lowest.
    pub fn descending(self) -> Order<M> {
        Order {
            field: self.path,
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
        f.write_str(&self.dotted().unwrap_or_default())
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
impl<M> ComparableWith<&str> for ObjectId<M> {}
impl<M: Model> ComparableWith<&str> for ModelLink<M> {}
impl<M: Model> ComparableWith<&str> for Option<ModelLink<M>> {}
impl<M: Model> ComparableWith<&str> for ModelParent<M> {}

/// Fields that hold text.
#[diagnostic::on_unimplemented(message = "a field of type `{Self}` holds no text")]
pub trait TextField {}

impl TextField for String {}
impl TextField for Option<String> {}

impl<M, T> TypedField<M, T> {
    fn test<V: Serialize + ?Sized>(self, op: Op, value: &V) -> Filter<M> {
        let value = larder_query::to_value(value).map_err(|error| error.to_string());
        Filter::new(match self.path.dotted() {
            Ok(field) => Node::Test { field, op, value },
            Err(message) => Node::Failed(message),
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
        match self.path.dotted() {
            Ok(field) => Filter::on(field, Op::Contains, id.into()),
            Err(message) => Filter::failed(&message),
        }
    }
}

macro_rules! behind {
    ($($link:ty),*) => {$(
        impl<M: Model, T: Model> TypedField<M, $link> {
            /// A field of the linked record. Both models are in one store; what the caller may not read of the other model is null.
            ///
            /// ```
            /// # use larder_core::{Filter, Model, ModelLink, TypedField};
            /// # fn example<Post: Model, User: Model>(author: TypedField<Post, ModelLink<User>>, name: TypedField<User, String>) -> Filter<Post> {
            /// // With `author: ModelLink<User>` in Post: `Post::AUTHOR.field(User::NAME).starts_with("A")`.
            /// author.field(name).starts_with("A")
            /// # }
            /// ```
            pub const fn field<V>(self, field: TypedField<T, V>) -> TypedField<M, V> {
                TypedField::of(self.path.then(field.path))
            }
        }
    )*};
}

behind!(
    ModelLink<T>,
    ModelParent<T>,
    Option<ModelLink<T>>,
    Option<ModelParent<T>>
);

/// An order by one field.
#[derive(Clone, Copy, Debug)]
pub struct Order<M> {
    field: Path,
    descending: bool,
    model: PhantomData<fn() -> M>,
}

/// What records of `M` can be sorted by: one of its fields, from the lowest to the highest, or an [`Order`].
#[diagnostic::on_unimplemented(
    message = "records of `{M}` can't be sorted by `{Self}`",
    label = "this is no field of `{M}`",
    note = "sort by a field, as in `.sort({M}::TITLE)`, or `.sort({M}::TITLE.descending())`"
)]
pub trait OrderBy<M> {
    /// The order that it stands for.
    fn into_order(self) -> Order<M>;
}

impl<M> OrderBy<M> for Order<M> {
    fn into_order(self) -> Self {
        self
    }
}

impl<M, T> OrderBy<M> for TypedField<M, T> {
    fn into_order(self) -> Order<M> {
        self.ascending()
    }
}

impl<M> Order<M> {
    pub(crate) fn bind(&self, places: &Places<'_>) -> Result<SortKey> {
        let name = self.field.dotted().map_err(Error::setup)?;
        let field = whole(&name, places)?;
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
pub(crate) enum Node {
    Test {
        field: Cow<'static, str>,
        op: Op,
        value: Result<Value, String>,
    },
    /// What needs no conversion to the field's kind.
    Bound {
        field: Cow<'static, str>,
        op: Op,
        operand: Bound,
    },
    /// Some element of a list, on which the inner conditions are.
    Any {
        field: Cow<'static, str>,
        filter: Box<Node>,
    },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Failed(String),
}

impl<M> Filter<M> {
    /// A test of a field with a key.
    pub(crate) fn on(field: impl Into<Cow<'static, str>>, op: Op, key: crate::Key) -> Self {
        let value = match key.into_link() {
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

    /// All of these; every record, where there are none.
    ///
    /// ```
    /// # use larder_core::{Filter, Model, TypedField};
    /// # fn example<Post: Model>(title: TypedField<Post, String>, words: &str) -> Filter<Post> {
    /// // A word at a time, as in `Post::TITLE.contains(word)`.
    /// Filter::all_of(words.split_whitespace().map(|word| title.contains(word)))
    /// # }
    /// ```
    #[must_use]
    pub fn all_of(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Node::And(
            filters.into_iter().map(|filter| filter.node).collect(),
        ))
    }

    /// At least one of these; no record, where there are none.
    #[must_use]
    pub fn any_of(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Node::Or(
            filters.into_iter().map(|filter| filter.node).collect(),
        ))
    }

    /// The filter without its model, for descriptions that are not generic.
    pub(crate) fn into_node(self) -> Node {
        self.node
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

    pub(crate) fn bind(&self, places: &Places<'_>) -> Result<larder_query::Filter> {
        bind(&self.node, places)
    }
}

impl Node {
    /// How many comparisons it has.
    pub(crate) fn compares(&self) -> usize {
        match self {
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().map(Self::compares).sum(),
            Self::Not(node) | Self::Any { filter: node, .. } => node.compares(),
            Self::Test { .. } | Self::Bound { .. } => 1,
            Self::Failed(_) => 0,
        }
    }
}

/// The place that a name leads to, and what is compared there.
fn place(name: &str, places: &Places<'_>) -> Result<(Place, Kind)> {
    if name.contains('.') {
        let (place, route) = places.find(name)?;
        let kind = match route.inner {
            Some(_) => Kind::Json,
            None => route.kind,
        };
        return Ok((place, kind));
    }
    let fields = &places.model().fields;
    let at = field_named(fields, name).map_err(Error::setup)?;
    Ok((at.into(), fields[at].kind()))
}

/// The place of a field that is meant as a whole: to sort by, to group by, to compute something of.
pub(crate) fn whole(name: &str, places: &Places<'_>) -> Result<usize> {
    let (place, _) = place(name, places)?;
    if place.inside.is_empty() {
        return Ok(place.field);
    }
    Err(Error::setup(format!(
        "`{name}` is inside a field: a query filters by it, and sorts by and computes with whole fields only"
    )))
}

/// A filter over the places of a query.
pub(crate) fn bind(node: &Node, places: &Places<'_>) -> Result<larder_query::Filter> {
    bind_by(node, &Whole(places))
}

/// Where names lead to.
trait Find {
    /// The place, and what is compared there.
    fn place(&self, name: &str) -> Result<(Place, Kind)>;

    /// What the schema says of the elements of the list at a place.
    fn elements(&self, name: &str) -> Result<Inside<'_>>;
}

/// Names of a model's fields, and of what is in them.
struct Whole<'p>(&'p Places<'p>);

impl Find for Whole<'_> {
    fn place(&self, name: &str) -> Result<(Place, Kind)> {
        place(name, self.0)
    }

    fn elements(&self, name: &str) -> Result<Inside<'_>> {
        self.0.inside(name).map(Inside::item)
    }
}

fn bind_by(node: &Node, find: &dyn Find) -> Result<larder_query::Filter> {
    use larder_query::Filter;
    let members = |nodes: &[Node]| {
        nodes
            .iter()
            .map(|node| bind_by(node, find))
            .collect::<Result<Vec<_>>>()
    };
    Ok(match node {
        Node::And(nodes) => Filter::and(members(nodes)?),
        Node::Or(nodes) => Filter::or(members(nodes)?),
        Node::Not(node) => Filter::not(bind_by(node, find)?),
        Node::Failed(message) => return Err(Error::setup(message.clone())),
        Node::Bound { field, op, operand } => find.place(field)?.0.test(*op, operand.clone()),
        Node::Any { field, filter } => {
            let (place, _) = find.place(field)?;
            let element = inside::OfElement(find.elements(field)?);
            place.within(true, bind_by(filter, &element)?)
        }
        Node::Test { field, op, value } => {
            let (place, kind) = find.place(field)?;
            let value = value.clone().map_err(Error::setup)?;
            let coerce = |value: Value| {
                let value = match kind {
                    Kind::Json => Ok(value.into_json()),
                    kind => kind.coerce(value),
                };
                value.map_err(|(_, expected)| {
                    Error::setup(format!(
                        "`{field}` is compared with something that is not {expected}"
                    ))
                })
            };
            match (op, value) {
                (Op::In, Value::Array(items)) if items.is_empty() => Filter::False,
                (Op::In, Value::Array(items)) => {
                    let items = items.into_vec().into_iter().map(coerce);
                    place.test(Op::In, Bound::Many(items.collect::<Result<_>>()?))
                }
                (op, value) => place.test(*op, Bound::One(coerce(value)?)),
            }
        }
    })
}
