//! The commits of a store that hears of them itself, for those who listen in the same process.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use hashbrown::HashMap;
use parking_lot::Mutex;
use uuid::Uuid;

use super::changes::{Changed, Committed, Feed, Image, Position, Since, Watch, net};
use crate::error::{Error, Result};
use crate::key::Key;
use crate::layout::Layout;
use crate::store::BoxFuture;

/// The last commits of a store, shared by all who listen: each has only its place in them. Who falls so far behind that the place is
/// gone is told that it [lost](crate::ErrorKind::Lost); nobody waits for it, and there is one buffer however many listen.
///
/// It is for stores that know what they commit themselves: they [`publish`](Self::publish) it, in the order of their commits, and answer
/// [`Store::changes`](super::Store::changes) with [`listen`](Self::listen). A clone is another handle on the same commits.
#[derive(Clone)]
pub struct Hub(Arc<Mutex<State>>);

struct State {
    /// Tells the positions of this hub from those of another.
    id: Uuid,
    /// The number of the next commit.
    next: u64,
    /// The last commits, the newest with the number before `next`.
    kept: VecDeque<Kept>,
    /// How much they are together.
    size: Size,
    bound: Size,
    waiting: HashMap<u64, Waker>,
    /// The number of the next listener.
    listener: u64,
    listening: usize,
}

/// A commit that is kept.
struct Kept {
    told: Arc<[Told]>,
    size: Size,
}

/// How much something is: in changed records, and in bytes of memory.
#[derive(Clone, Copy, Default)]
struct Size {
    records: usize,
    bytes: usize,
}

impl Size {
    fn of(told: &[Told]) -> Self {
        Self {
            records: told.len(),
            bytes: told.iter().map(Told::weight).sum(),
        }
    }

    fn is_within(self, bound: Self) -> bool {
        self.records <= bound.records && self.bytes <= bound.bytes
    }

    fn add(&mut self, more: Self) {
        self.records += more.records;
        self.bytes += more.bytes;
    }

    fn take(&mut self, less: Self) {
        self.records -= less.records;
        self.bytes -= less.bytes;
    }
}

/// One record that a commit has changed.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its model.
    pub layout: Arc<Layout>,
    /// Which record.
    pub key: Key,
    /// What was there before.
    pub old: Image,
    /// What is there now.
    pub new: Image,
}

impl Told {
    /// About how many bytes of memory the record takes, as it was and as it is.
    pub fn weight(&self) -> usize {
        let images = [&self.old, &self.new].into_iter();
        images
            .filter_map(Image::row)
            .map(|row| row.weight())
            .sum::<usize>()
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new(Self::KEPT, Self::KEPT_BYTES)
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.lock();
        f.debug_struct("Hub")
            .field("next", &state.next)
            .field("kept", &state.kept.len())
            .field("listening", &state.listening)
            .finish_non_exhaustive()
    }
}

impl Hub {
    /// How many changed records are kept for listeners, unless a hub is told otherwise.
    pub const KEPT: usize = 10_000;

    /// How many bytes of memory these may take, unless a hub is told otherwise: the records as they were and as they are.
    pub const KEPT_BYTES: usize = 64 * 1024 * 1024;

    /// A hub that keeps so many changed records, as long as they take no more than so many bytes of memory.
    pub fn new(records: usize, bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            id: Uuid::now_v7(),
            next: 0,
            kept: VecDeque::new(),
            size: Size::default(),
            bound: Size { records, bytes },
            waiting: HashMap::new(),
            listener: 0,
            listening: 0,
        })))
    }

    /// Tells what a commit has changed. To be called once it is sure, and before another commit can be: the order of calls is the
    /// order in which listeners hear.
    ///
    /// A record may stand in it several times, in the order of its changes; listeners are told the first `old` and the last `new`.
    pub fn publish(&self, told: Vec<Told>) {
        if told.is_empty() {
            return;
        }
        let new = Kept {
            size: Size::of(&told),
            told: told.into(),
        };
        self.tell(|state| {
            state.size.add(new.size);
            state.kept.push_back(new);
            let mut gone = Vec::new();
            while !state.size.is_within(state.bound)
                && let Some(first) = state.kept.pop_front()
            {
                state.size.take(first.size);
                gone.push(first);
            }
            gone
        });
    }

    /// Tells all who listen that they lost something: for a store that can't know what a commit has changed.
    pub fn lose(&self) {
        self.tell(|state| {
            state.size = Size::default();
            state.kept.drain(..).collect()
        });
    }

    /// Counts one more commit, and wakes those who wait. What is no longer kept is freed outside the lock.
    fn tell(&self, keep: impl FnOnce(&mut State) -> Vec<Kept>) {
        let mut state = self.0.lock();
        state.next += 1;
        let gone = keep(&mut state);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(gone);
        for waker in waiting.into_values() {
            waker.wake();
        }
    }

    /// How many listen.
    pub fn listening(&self) -> usize {
        self.0.lock().listening
    }

    /// Listens.
    ///
    /// # Errors
    /// `Unsupported` for a model that was not prepared to be told; `Lost` for a position that is too old, or of another hub.
    pub fn listen(&self, watch: &Watch) -> Result<Box<dyn Feed>> {
        watch.check()?;
        let mut state = self.0.lock();
        let next = match &watch.since {
            Since::Now => state.next,
            Since::After(position) => state.place(position)?,
        };
        state.listening += 1;
        state.listener += 1;
        Ok(Box::new(HubFeed {
            hub: self.clone(),
            id: state.listener,
            next,
            lost: false,
            collections: watch
                .layouts
                .iter()
                .map(|layout| layout.collection.clone())
                .collect(),
        }))
    }
}

impl State {
    /// The number of the first commit that is kept.
    fn first(&self) -> u64 {
        self.next - self.kept.len() as u64
    }

    /// The place of a position that was given by this hub: the number of the commit after it.
    fn place(&self, position: &Position) -> Result<u64> {
        let place = position
            .as_bytes()
            .strip_prefix(self.id.as_bytes().as_slice())
            .and_then(|number| number.try_into().ok())
            .map(u64::from_be_bytes);
        match place {
            Some(next) if (self.first()..=self.next).contains(&next) => Ok(next),
            Some(_) => Err(Error::lost("the position is too old")),
            None => Err(Error::lost(
                "the position was given before the store was opened, or by another one",
            )),
        }
    }

    fn position(&self, next: u64) -> Position {
        let mut bytes = self.id.as_bytes().to_vec();
        bytes.extend(next.to_be_bytes());
        Position::new(bytes)
    }
}

struct HubFeed {
    hub: Hub,
    id: u64,
    /// The number of the commit that comes next.
    next: u64,
    lost: bool,
    collections: Vec<String>,
}

impl fmt::Debug for HubFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubFeed")
            .field("collections", &self.collections)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl HubFeed {
    fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<Committed>> {
        loop {
            let mut state = self.hub.0.lock();
            self.lost |= self.next < state.first();
            if self.lost {
                return Poll::Ready(Err(Error::lost(
                    "the listener was too slow, or more was changed at once than is kept",
                )));
            }
            let ahead = usize::try_from(self.next - state.first()).unwrap_or(usize::MAX);
            let Some(kept) = state.kept.get(ahead) else {
                state.waiting.insert(self.id, cx.waker().clone());
                return Poll::Pending;
            };
            let told = Arc::clone(&kept.told);
            self.next += 1;
            let position = state.position(self.next);
            drop(state);
            let changes = net(told.iter().filter_map(|told| self.changed(told)).collect());
            if !changes.is_empty() {
                return Poll::Ready(Ok(Committed { position, changes }));
            }
        }
    }

    /// The change as it is told here; none if it is of a model that was not asked for.
    fn changed(&self, told: &Told) -> Option<Changed> {
        let named = |name: &String| *name == told.layout.collection;
        Some(Changed {
            of: self.collections.iter().position(named)?,
            key: told.key.clone(),
            old: told.old.clone(),
            new: told.new.clone(),
        })
    }
}

impl Feed for HubFeed {
    fn next<'a>(&'a mut self) -> BoxFuture<'a, Result<Committed>> {
        Box::pin(poll_fn(move |cx| self.poll(cx)))
    }
}

impl Drop for HubFeed {
    fn drop(&mut self) {
        let mut state = self.hub.0.lock();
        state.listening -= 1;
        state.waiting.remove(&self.id);
    }
}

#[cfg(test)]
mod tests;
