//! Listening to what is committed: the read rule judges each change, once as the record was and once as it is.
//!
//! What may not be seen on either side is not told. A record that leaves what may be seen looks as one that is gone: without its
//! content, whether it was deleted or is another's now. What changes only in server-only fields is told to the system alone.

use larder_query::Filter;

use super::Run;
use crate::app::App;
use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::key::Key;
use crate::record::Row;
use crate::rule::Operation;
use crate::store::{Changed, Committed, Feed, Image, Plan, Position, Select, Since, Watch};
use crate::wording::a;

/// What is told of one change to whoever listens.
#[derive(Debug)]
pub(crate) enum Seen {
    /// It has come into what may be seen.
    Created(Row),
    /// It may be seen before and after.
    Updated(Row),
    /// It has left what may be seen.
    Deleted(Key),
}

/// What one actor is told of one model.
#[derive(Debug)]
pub(crate) struct Listening {
    app: App,
    call: Call,
    /// The read rule, bound to the actor as he was at the beginning.
    allowed: Filter,
    feed: Box<dyn Feed>,
    /// What was heard and not yet told: it stays here until it is, whoever drops a future meanwhile.
    heard: Option<Heard>,
    /// After the last commit that was told, or of which nothing was to be told.
    position: Option<Position>,
}

/// A commit, and what is to be told of it as far as that is known.
#[derive(Debug)]
struct Heard {
    committed: Committed,
    /// How many of its changes were judged.
    judged: usize,
    seen: Vec<Seen>,
}

impl Listening {
    /// Begins to listen. The call is a list of the model, by whom and at which door.
    pub(crate) async fn begin(app: &App, call: Call, since: Since) -> Result<Self> {
        let mounted = app.mounted(call.model)?;
        let run = Run {
            app,
            mounted,
            call: &call,
        };
        run.surface()?;
        let model = &mounted.model;
        if !model.layout.storage.changes {
            let name = model.name();
            let ask = match model.def.ops {
                Some(_) => format!(".changes::<{name}>()"),
                None => format!(".changes_of(\"{name}\")"),
            };
            return Err(Error::setup(format!(
                "nobody is told of changes of {name}: ask for them at the start, with `{ask}` on the app's builder"
            )));
        }
        let allowed = run.readable()?;
        let tells = mounted.store.capability().changes;
        if !tells.is_some_and(|tells| tells.old_rows) && allowed != Filter::True {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "the store can't say what {} was before, so only who may read every one of them can listen",
                    a(model.name())
                ),
            ));
        }
        if mounted.hears(Event::Query) {
            // Whoever may deny a list may deny this.
            run.ask(Event::Query, None, None, None).await?;
        }
        let position = match &since {
            Since::Now => None,
            Since::After(position) => Some(position.clone()),
        };
        let watch = Watch {
            layouts: vec![model.layout.clone()],
            since,
        };
        let feed = mounted.store.changes(Plan::seal_owned(watch)).await?;
        Ok(Self {
            app: app.clone(),
            call,
            allowed,
            feed,
            heard: None,
            position,
        })
    }

    /// What the next commit has changed of what may be seen, each as `tell` says it. Commits that changed nothing of it are passed over.
    /// A commit of which something can't be told comes again with the next call.
    pub(crate) async fn next<C>(
        &mut self,
        tell: impl Fn(&Seen) -> Result<C>,
    ) -> Result<(Vec<C>, Position)> {
        loop {
            let heard = match &mut self.heard {
                Some(heard) => heard,
                None => self.heard.insert(Heard {
                    committed: self.feed.next().await?,
                    judged: 0,
                    seen: Vec::new(),
                }),
            };
            // The store may be asked about each: what is known already outlives a future that is dropped.
            while let Some(change) = heard.committed.changes.get(heard.judged) {
                let seen = judge(&self.app, &self.call, &self.allowed, change).await?;
                heard.seen.extend(seen);
                heard.judged += 1;
            }
            let told = heard.seen.iter().map(&tell).collect::<Result<Vec<_>>>()?;
            let position = heard.committed.position.clone();
            self.position = Some(position.clone());
            self.heard = None;
            if !told.is_empty() {
                return Ok((told, position));
            }
        }
    }

    pub(crate) fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }
}

impl Run<'_> {
    /// The records that the actor may read; refused where a list would be.
    fn readable(&self) -> Result<Filter> {
        let allowed = self.allowed(Operation::Read);
        let rule = self.mounted.model.rules.get(&Operation::Read);
        let for_nobody =
            self.call.actor.is_anonymous() || rule.is_none_or(|rule| !rule.needs_actor());
        if allowed == Filter::False && for_nobody {
            return Err(self.refuse(Operation::Read));
        }
        Ok(allowed)
    }
}

async fn judge(app: &App, call: &Call, allowed: &Filter, change: &Changed) -> Result<Option<Seen>> {
    let model = app.model(call.model)?;
    let visible = |row: &Row| allowed.matches(&row.values);
    let saw = match &change.old {
        Image::Absent => false,
        Image::Row(row) => visible(row),
        // Then all may be read, or nobody could listen.
        Image::Unknown => true,
    };
    let now = match &change.new {
        Image::Absent => None,
        Image::Row(row) => Some(row.clone()),
        Image::Unknown => {
            let key = change.key.clone();
            let select = Select::one(model.layout.clone(), key, Filter::True);
            let page = app.mounted(call.model)?.store.query(Plan::seal(&select));
            page.await?.rows.into_iter().next()
        }
    };
    let now = now.filter(visible);
    Ok(match (saw, now) {
        (false, None) => None,
        (false, Some(row)) => Some(Seen::Created(row)),
        (true, None) => Some(Seen::Deleted(change.key.clone())),
        (true, Some(row)) => {
            // A computed field may show what depends on a hidden one.
            let hides = !call.actor.is_system() && model.computed.is_empty();
            let fields = || model.fields.iter().enumerate();
            let same = |old: &Row| {
                fields().all(|(at, field)| field.server_only || old.get(at) == row.get(at))
            };
            let unseen = hides && change.old.row().is_some_and(same);
            (!unseen).then_some(Seen::Updated(row))
        }
    })
}
