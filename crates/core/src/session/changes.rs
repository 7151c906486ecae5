//! Hearing of what is committed.

use std::fmt;

use super::{Records, Session};
use crate::call::{Call, Surface, Want};
use crate::entity::Entity;
use crate::error::Result;
use crate::key::Key;
use crate::model::Model;
use crate::pipeline::{Listening, Seen};
use crate::record::Row;
use crate::session::Document;
use crate::store::{Position, Since};

/// One record that a commit has changed, as far as the actor may see it. [`Session::changes`] has an example.
#[derive(Clone, Debug)]
pub enum Change<R> {
    /// It is new, or has come into what the actor may see. This is the record.
    Created(R),
    /// It has changed, and this is what it is now.
    Updated(R),
    /// It is gone, or is no longer for the actor to see; which of the two is not said.
    Deleted(Key),
}

/// What one commit has changed: all of a transaction, each record once. [`Session::changes`] has an example.
#[derive(Clone, Debug)]
pub struct Commit<R> {
    /// The records, in the order in which they were changed first.
    pub changes: Vec<Change<R>>,
    /// The place after this commit, to go on from with [`Session::changes_after`].
    pub position: Position,
}

/// What is committed of a model, as it is committed. Made by [`Session::changes`]; dropping it ends it.
///
/// ```
/// use larder_core::{ChangeFeed, Entity, ErrorKind, Model, Result};
/// async fn first<Post: Model>(feed: &mut ChangeFeed<Entity<Post>>) -> Result<usize> {
///     match feed.next().await {
///         Ok(commit) => Ok(commit.changes.len()),
///         Err(error) if error.kind() == ErrorKind::Lost => Ok(0), // read all of them again, and listen anew
///         Err(error) => Err(error),
///     }
/// }
/// ```
pub struct ChangeFeed<R> {
    session: Session,
    model: usize,
    listening: Listening,
    record: fn(Session, usize, Row) -> Result<R>,
}

impl<R> ChangeFeed<R> {
    /// Waits for the next commit that changed something the actor may see. It may be told twice after a reconnect of the store; the
    /// versions of the records show that. A future that is dropped has told nothing, so this can stand in a `select!`.
    ///
    /// # Errors
    /// `Lost` where something can't be told any more, because this was not asked for too long, or the position was too old: read all
    /// again, and listen anew. `Unavailable` where the store can't be reached: asking again goes on where it was. `Internal` for a record
    /// that its struct can't hold: the commit counts as not heard, and asking again tells of it again.
    pub async fn next(&mut self) -> Result<Commit<R>> {
        let Self {
            session,
            model,
            listening,
            record,
        } = self;
        let (model, record) = (*model, *record);
        let record = |row: &Row| record(session.clone(), model, row.clone());
        let tell = |seen: &Seen| {
            Ok(match seen {
                Seen::Created(row) => Change::Created(record(row)?),
                Seen::Updated(row) => Change::Updated(record(row)?),
                Seen::Deleted(key) => Change::Deleted(key.clone()),
            })
        };
        let (changes, position) = listening.next(tell).await?;
        Ok(Commit { changes, position })
    }

    /// The place after the last commit that was heard, also of those that changed nothing the actor may see. None before the first.
    pub fn position(&self) -> Option<&Position> {
        self.listening.position()
    }
}

impl<R> fmt::Debug for ChangeFeed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeFeed")
            .field("session", &self.session)
            .field("listening", &self.listening)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Listens to what is committed of a model from now on, whoever does it: through this app, and where the store hears of them
    /// ([`Tells::hears`](crate::Tells)) also through other processes. The app must have asked for it with
    /// [`AppBuilder::changes`](crate::AppBuilder::changes).
    ///
    /// The read rule decides what is told, with the rights that the actor has when this is called. A record that leaves what he may
    /// see is told as deleted.
    ///
    /// ```
    /// # use larder_core::{Change, Model, Result, Session};
    /// # async fn example<Post: Model>(session: Session) -> Result<()> {
    /// let mut feed = session.changes::<Post>().await?;
    /// // Read what is there now; from here on the feed tells the rest.
    /// let commit = feed.next().await?;
    /// for change in commit.changes {
    ///     match change {
    ///         Change::Created(post) | Change::Updated(post) => println!("{:?}", post.to_key()),
    ///         Change::Deleted(key) => println!("{key} is gone"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the read rule refuses of a list; `Setup` for a model that the app did not ask for; `Unsupported` where the store can't tell
    /// what records were before, and the actor may not read all of them.
    pub async fn changes<M: Model>(&self) -> Result<ChangeFeed<Entity<M>>> {
        self.listen::<M>(Since::Now).await
    }

    /// As [`changes`](Self::changes), of what was committed after a position, which a feed of this model has given.
    ///
    /// # Errors
    /// As [`changes`](Self::changes), and `Lost` for a position that the store no longer goes back to, or never gave.
    pub async fn changes_after<M: Model>(
        &self,
        position: &Position,
    ) -> Result<ChangeFeed<Entity<M>>> {
        self.listen::<M>(Since::After(position.clone())).await
    }

    async fn listen<M: Model>(&self, since: Since) -> Result<ChangeFeed<Entity<M>>> {
        let (model, _) = self.typed::<M>()?;
        self.listen_at(model, since, |session, _, row| Entity::new(session, row))
            .await
    }

    async fn listen_at<R>(
        &self,
        model: usize,
        since: Since,
        record: fn(Session, usize, Row) -> Result<R>,
    ) -> Result<ChangeFeed<R>> {
        let call = Call {
            model,
            want: Want::List(Box::default()),
            parents: Vec::new(),
            actor: self.actor.clone(),
            surface: Surface::InProcess,
            scope: None,
        };
        // What is heard outlives the transaction of a hook.
        let session = Self {
            scope: None,
            ..self.clone()
        };
        let listening = Listening::begin(&self.app, call, since).await?;
        Ok(ChangeFeed {
            session,
            model,
            listening,
            record,
        })
    }
}

impl Records {
    /// Listens to what is committed from now on: [`Session::changes`], by the name of the model.
    ///
    /// # Errors
    /// As there.
    pub async fn changes(&self) -> Result<ChangeFeed<Document>> {
        self.listen(Since::Now).await
    }

    /// As [`changes`](Self::changes), of what was committed after a position.
    ///
    /// # Errors
    /// As [`Session::changes_after`].
    pub async fn changes_after(&self, position: &Position) -> Result<ChangeFeed<Document>> {
        self.listen(Since::After(position.clone())).await
    }

    async fn listen(&self, since: Since) -> Result<ChangeFeed<Document>> {
        let (model, _) = self.compiled()?;
        self.session.listen_at(model, since, Document::new).await
    }
}
