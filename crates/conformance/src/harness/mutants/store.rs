//! A store with one fault: a wrapper that changes what is asked, what is answered, or both.

use std::sync::Arc;

use larder_core::migrate::Change;
use larder_core::store::{Batch, Committed, Outcome, Since};
use larder_core::{
    BoxFuture, Capability, Error, ErrorKind, Feed, Join, Layout, Page, Plan, Result, Select, Store,
    Transaction, Watch,
};

/// What is wrong with a store. Whatever a fault does not name is as it should be: `..SOUND`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    /// A topic whose rows find it.
    pub(super) topic: &'static str,
    pub(super) way: Way,
    pub(super) layout: fn(&mut Layout),
    pub(super) select: fn(&mut Select),
    pub(super) page: fn(&mut Page),
    pub(super) batch: fn(&mut Batch),
    pub(super) outcomes: fn(&mut Vec<Outcome>),
    pub(super) error: fn(Error) -> Error,
    pub(super) told: fn(&mut Committed),
}

/// Faults that are no change of a question or an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Sound,
    /// Writes are answered, and nothing is kept of them.
    Forgets,
    /// Each write of a batch is kept by itself.
    FallsApart,
    /// What is written in a transaction is there before it is committed, and after it is rolled back.
    WritesThrough,
    /// A commit rolls back.
    RollsBack,
    /// Every commit is a conflict.
    Conflicts,
    /// A transaction reads what everybody sees.
    ReadsOutside,
    /// A commit that fails says that it is done.
    HidesConflicts,
    /// A plan finds nothing, and `prepare` refuses nothing.
    PlansNothing,
    /// No position is known any more.
    LosesPositions,
}

/// No fault.
pub(super) const SOUND: Fault = Fault {
    name: "none",
    topic: "",
    way: Way::Sound,
    layout: |_| {},
    select: |_| {},
    page: |_| {},
    batch: |_| {},
    outcomes: |_| {},
    error: |error| error,
    told: |_| {},
};

impl Fault {
    pub(super) fn wrap(self, inner: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(Mutant { inner, fault: self })
    }

    fn layout(&self, layout: &Layout) -> Arc<Layout> {
        let mut layout = layout.clone();
        (self.layout)(&mut layout);
        Arc::new(layout)
    }

    fn select(&self, select: &Select) -> Select {
        let joins = select.joins.iter().map(|join| Join {
            layout: self.layout(&join.layout),
            ..join.clone()
        });
        let mut asked = Select {
            layout: self.layout(&select.layout),
            joins: joins.collect(),
            ..select.clone()
        };
        (self.select)(&mut asked);
        asked
    }

    fn batch(&self, batch: &Batch) -> Batch {
        let mut written = Batch {
            layout: self.layout(&batch.layout),
            ..batch.clone()
        };
        (self.batch)(&mut written);
        written
    }

    fn found(&self, page: Result<Page>) -> Result<Page> {
        let mut page = page.map_err(self.error)?;
        (self.page)(&mut page);
        Ok(page)
    }

    fn done(&self, outcomes: Result<Vec<Outcome>>) -> Result<Vec<Outcome>> {
        let mut outcomes = outcomes.map_err(self.error)?;
        (self.outcomes)(&mut outcomes);
        Ok(outcomes)
    }
}

#[derive(Debug)]
struct Mutant {
    inner: Arc<dyn Store>,
    fault: Fault,
}

impl Mutant {
    async fn written(&self, plan: Plan<'_, Batch>) -> Result<Vec<Outcome>> {
        let batch = self.fault.batch(&plan);
        match self.fault.way {
            Way::Forgets => {
                let mut transaction = self.inner.begin(plan.derive(&())).await?;
                let outcomes = transaction.write(plan.derive(&batch)).await;
                transaction.abort().await?;
                outcomes
            }
            Way::FallsApart => {
                let mut outcomes = Vec::new();
                for write in batch.writes {
                    let alone = Batch {
                        writes: vec![write],
                        layout: batch.layout.clone(),
                        returning: batch.returning,
                    };
                    outcomes.extend(self.inner.write(plan.derive(&alone)).await?);
                    if matches!(outcomes.last(), Some(Outcome::Missed)) {
                        break;
                    }
                    // So that it can be dropped here.
                    tokio::task::yield_now().await;
                }
                Ok(outcomes)
            }
            _ => self.inner.write(plan.derive_owned(batch)).await,
        }
    }
}

impl Store for Mutant {
    fn capability(&self) -> Capability {
        self.inner.capability()
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let models: Vec<_> = models.iter().map(|it| self.fault.layout(it)).collect();
            let done = self.inner.prepare(&models).await;
            match self.fault.way {
                Way::PlansNothing => Ok(()),
                _ => done.map_err(self.fault.error),
            }
        })
    }

    fn plan<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<Vec<Change>>> {
        Box::pin(async move {
            let models: Vec<_> = models.iter().map(|it| self.fault.layout(it)).collect();
            match self.fault.way {
                Way::PlansNothing => Ok(Vec::new()),
                _ => self.inner.plan(&models).await,
            }
        })
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let asked = self.fault.select(&select);
            self.fault
                .found(self.inner.query(select.derive(&asked)).await)
        })
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move {
            let outcomes = self.written(batch).await;
            self.fault.done(outcomes)
        })
    }

    fn begin<'a>(&'a self, seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        Box::pin(async move {
            let inner = self.inner.begin(seal).await?;
            Ok(Box::new(MutantTransaction {
                inner,
                store: self.inner.clone(),
                fault: self.fault,
            }) as Box<dyn Transaction>)
        })
    }

    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        Box::pin(async move {
            if self.fault.way == Way::LosesPositions && watch.since != Since::Now {
                return Err(Error::lost("nobody knows this position"));
            }
            let layouts = watch.layouts.iter().map(|it| self.fault.layout(it));
            let other = Watch {
                layouts: layouts.collect(),
                since: watch.since.clone(),
            };
            let inner = self.inner.changes(watch.derive_owned(other)).await;
            let inner = inner.map_err(self.fault.error)?;
            Ok(Box::new(MutantFeed {
                inner,
                told: self.fault.told,
            }) as Box<dyn Feed>)
        })
    }
}

#[derive(Debug)]
struct MutantTransaction {
    inner: Box<dyn Transaction>,
    store: Arc<dyn Store>,
    fault: Fault,
}

impl Transaction for MutantTransaction {
    fn query<'a>(&'a mut self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let asked = self.fault.select(&select);
            let plan = select.derive(&asked);
            let page = match self.fault.way {
                Way::ReadsOutside => self.store.query(plan).await,
                _ => self.inner.query(plan).await,
            };
            self.fault.found(page)
        })
    }

    fn write<'a>(&'a mut self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move {
            let written = self.fault.batch(&batch);
            let plan = batch.derive(&written);
            let outcomes = match self.fault.way {
                Way::WritesThrough => self.store.write(plan).await,
                _ => self.inner.write(plan).await,
            };
            self.fault.done(outcomes)
        })
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        match self.fault.way {
            Way::RollsBack => self.inner.abort(),
            Way::Conflicts => Box::pin(async {
                let message = "another one was first";
                Err(Error::new(ErrorKind::Conflict, message))
            }),
            Way::HidesConflicts => Box::pin(async move {
                let _ = self.inner.commit().await;
                Ok(())
            }),
            _ => self.inner.commit(),
        }
    }

    fn abort(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.inner.abort()
    }
}

#[derive(Debug)]
struct MutantFeed {
    inner: Box<dyn Feed>,
    told: fn(&mut Committed),
}

impl Feed for MutantFeed {
    fn next<'a>(&'a mut self) -> BoxFuture<'a, Result<Committed>> {
        Box::pin(async move {
            let mut committed = self.inner.next().await?;
            (self.told)(&mut committed);
            Ok(committed)
        })
    }
}
