//! From a record to those that link to it.

use larder_query::Op;

use super::{QueryBuilder, Session};
use crate::entity::Entity;
use crate::model::{Model, link_field};
use crate::typed::{Filter, TypedField};
use crate::types::ModelRelated;

impl Session {
    /// Begins a query for the records that a [`ModelRelated`] field stands for: those of `T` that link to `record` and that
    /// the actor may see.
    ///
    /// ```
    /// # use larder_core::{Entity, Model, ModelRelated, Result, Session, TypedField};
    /// # async fn example<Blog: Model, Post: Model>(session: Session, blog: Blog, posts: TypedField<Blog, ModelRelated<Post>>) -> Result<()> {
    /// // With `posts: ModelRelated<Post>` in Blog, `posts` is `Blog::POSTS`.
    /// let posts: Vec<Entity<Post>> = session.related(posts, &blog).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn related<M: Model, T: Model>(
        &self,
        field: TypedField<M, ModelRelated<T>>,
        record: &M,
    ) -> QueryBuilder<T> {
        let found = self.typed::<M>().and_then(|(_, model)| {
            let (_, other) = self.typed::<T>()?;
            link_field(model, field.name(), other).map_err(crate::Error::setup)
        });
        let filter = match found {
            Ok((link, true)) => Filter::on(link, Op::Contains, record.to_key()),
            Ok((link, false)) => Filter::on(link, Op::Eq, record.to_key()),
            Err(error) => Filter::failed(error.message()),
        };
        self.query().filter(filter)
    }
}

impl<M: Model> Entity<M> {
    /// Begins a query for the records that a [`ModelRelated`] field stands for, as the actor that this record was read for.
    /// See [`Session::related`].
    pub fn related<T: Model>(&self, field: TypedField<M, ModelRelated<T>>) -> QueryBuilder<T> {
        self.session().related(field, self)
    }
}
