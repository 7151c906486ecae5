//! What is inside a field: paths into JSON, and conditions on the elements of a list.

use std::fmt;
use std::marker::PhantomData;

use larder_query::{CompactString, Place};

use super::{Filter, Find, Node, Path, STEPS, TypedField};
use crate::error::{Error, Result};
use crate::model::{Inside, Kind, Model};
use crate::types::{Keyed, ModelLink, ModelLinksArray, ModelLinksSimpleArray};

/// An element of a list: what the conditions of [`TypedField::any`] are on.
pub struct Element<V>(PhantomData<fn() -> V>);

impl<V> fmt::Debug for Element<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Element")
    }
}

/// Fields that hold a list, whose elements conditions can be made on.
#[diagnostic::on_unimplemented(message = "a field of type `{Self}` holds no list")]
pub trait HasElements {
    /// What is in the list.
    type Element;
}

impl<V> HasElements for Vec<V> {
    type Element = V;
}

impl<V> HasElements for Option<Vec<V>> {
    type Element = V;
}

impl<T: Model> HasElements for ModelLinksSimpleArray<T> {
    type Element = ModelLink<T>;
}

impl<T: Model, D> HasElements for ModelLinksArray<T, D> {
    type Element = Keyed<T, D>;
}

impl Path {
    /// The element itself.
    const NOWHERE: Self = Self {
        names: [""; STEPS],
        len: 0,
    };

    const fn one(name: &'static str) -> Self {
        let mut names = [""; STEPS];
        names[0] = name;
        Self { names, len: 1 }
    }
}

impl<M, T> TypedField<M, T> {
    /// What stands at a path of names inside the field, which is compared as a `V`: a member of an object, or by its number an element of a
    /// list. What is not there is null. Only to filter by.
    ///
    /// What the schema of the field does not have inside fails the query, here and in [`any`](Self::any), and in a `#[search]`, as far as
    /// its body names the field and writes the path out, already the start of the app. A `V` of another type than what stands there matches
    /// nothing.
    ///
    /// ```
    /// # use larder_core::{Filter, TypedField};
    /// # fn example<Post>(extra: TypedField<Post, serde_json::Value>) -> Filter<Post> {
    /// // `Post::EXTRA.at::<i64>("size.width").gt(100)`
    /// extra.at::<i64>("size.width").gt(100)
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0277
    /// # use larder_core::{Filter, TypedField};
    /// # fn example<Post>(extra: TypedField<Post, serde_json::Value>) -> Filter<Post> {
    /// extra.at::<i64>("size.width").gt("wide")
    /// # }
    /// ```
    pub const fn at<V>(self, path: &'static str) -> TypedField<M, V> {
        TypedField::of(self.path.then(Path::one(path)))
    }

    /// Some element of the list passes all of a condition.
    ///
    /// ```
    /// # use larder_core::{Filter, TypedField};
    /// # struct Line { sku: i64, count: u32 }
    /// # fn example<Order>(lines: TypedField<Order, Vec<Line>>, marks: TypedField<Order, Vec<i64>>) -> Filter<Order> {
    /// // An order with a line of more than ten pieces of article 7: `Order::LINES.any(..)`.
    /// let many = lines.any(|line| line.at::<i64>("sku").eq(7).and(line.at::<u32>("count").gt(10)));
    /// many.and(marks.any(|mark| mark.between(1, 3)))
    /// # }
    /// ```
    ///
    /// Only lists have elements, and they are of the list's own type:
    ///
    /// ```compile_fail,E0277
    /// # use larder_core::{Filter, TypedField};
    /// # fn example<Post>(title: TypedField<Post, String>) -> Filter<Post> {
    /// title.any(|letter| letter.is_null())
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0277
    /// # use larder_core::{Filter, TypedField};
    /// # fn example<Post>(marks: TypedField<Post, Vec<i64>>) -> Filter<Post> {
    /// marks.any(|mark| mark.eq("one"))
    /// # }
    /// ```
    pub fn any<F>(self, condition: F) -> Filter<M>
    where
        T: HasElements,
        F: FnOnce(TypedField<Element<T::Element>, T::Element>) -> Filter<Element<T::Element>>,
    {
        let filter = Box::new(condition(TypedField::of(Path::NOWHERE)).into_node());
        match self.path.dotted() {
            Ok(field) => Filter::new(Node::Any { field, filter }),
            Err(message) => Filter::failed(&message),
        }
    }
}

/// The names of a condition on an element lead into it, as far as its schema goes.
pub(super) struct OfElement<'s>(pub(super) Inside<'s>);

impl<'s> OfElement<'s> {
    fn follow(&self, name: &str) -> Result<(Vec<CompactString>, Inside<'s>)> {
        let steps = name.split('.').filter(|step| !step.is_empty());
        let path: Vec<CompactString> = steps.map(CompactString::from).collect();
        let found = self.0.follow(&path);
        let found =
            found.map_err(|fault| Error::setup(format!("in an element of a list {fault}")))?;
        Ok((path, found))
    }
}

impl Find for OfElement<'_> {
    fn place(&self, name: &str) -> Result<(Place, Kind)> {
        let (inside, _) = self.follow(name)?;
        Ok((Place { field: 0, inside }, Kind::Json))
    }

    fn elements(&self, name: &str) -> Result<Inside<'_>> {
        Ok(self.follow(name)?.1.item())
    }
}
