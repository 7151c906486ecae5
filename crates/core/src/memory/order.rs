//! A sorted list of slots: the shape of every index.
//!
//! An entry is a slot and the beginning of its value; the rest of what it is sorted by stands in the record that the slot
//! points to. The list is cut into chunks, so an insert moves at most a few kilobytes, a count adds up chunk lengths, and passing over half a million
//! entries costs a thousand additions. Entries that arrive in order, as UUIDv7 keys do, fill the chunks to the brim.

/// Entries in a full chunk: 8 KiB.
const CHUNK: usize = 512;

/// A slot, and the beginning of the value it is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) prefix: u64,
    pub(super) slot: u32,
}

/// Slots in an order that the caller knows. No chunk is ever empty.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    chunks: Vec<Vec<Entry>>,
    /// The last entry of each chunk, side by side: a search for the chunk stays within a few cache lines.
    lasts: Vec<Entry>,
    /// How many entries there are in all.
    len: usize,
}

/// A place in the list. The place after the last entry is `(number of chunks, 0)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    chunk: usize,
    at: usize,
}

/// A part of the list, from a place up to and without another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Place,
    pub(super) to: Place,
}

impl Ordered {
    /// The whole list.
    pub(super) fn all(&self) -> Span {
        Span {
            from: Place { chunk: 0, at: 0 },
            to: self.end(),
        }
    }

    fn end(&self) -> Place {
        Place {
            chunk: self.chunks.len(),
            at: 0,
        }
    }

    /// The first place whose entry is not `before`, where `before` holds for a first part of the list and no more after.
    pub(super) fn partition(&self, before: impl Fn(Entry) -> bool) -> Place {
        // Keys mostly grow, so the end is tried before a search.
        if self.lasts.last().is_none_or(|entry| before(*entry)) {
            return self.end();
        }
        let chunk = self.lasts.partition_point(|entry| before(*entry));
        let at = self
            .chunks
            .get(chunk)
            .map_or(0, |entries| entries.partition_point(|entry| before(*entry)));
        Place { chunk, at }
    }

    /// The same, where everything in front of `from` is `before`: the end of a part stands mostly in the chunk of its beginning.
    pub(super) fn partition_from(&self, from: Place, before: impl Fn(Entry) -> bool) -> Place {
        let Some(entries) = self.chunks.get(from.chunk) else {
            return from;
        };
        if entries.last().is_some_and(|entry| before(*entry)) {
            return self.partition(before);
        }
        let rest = entries.get(from.at..).unwrap_or_default();
        Place {
            at: from.at + rest.partition_point(|entry| before(*entry)),
            ..from
        }
    }

    /// The first place of a part whose entry is not `before`, as its last one is not: sought from the end of the part, near which it
    /// mostly is.
    pub(super) fn partition_back(&self, span: Span, before: impl Fn(Entry) -> bool) -> Place {
        let Some(last) = self.last(span) else {
            return span.from;
        };
        let begins = last.chunk == span.from.chunk;
        let start = if begins { span.from.at } else { 0 };
        let entries = self.chunks.get(last.chunk);
        let part = entries.and_then(|entries| entries.get(start..=last.at));
        let part = part.unwrap_or_default();
        // How many at the end are not before, and how many to look at, twice as many each time.
        let (mut not, mut look) = (1, 2);
        while look <= part.len() && !before(part[part.len() - look]) {
            (not, look) = (look, 2 * look);
        }
        let from = part.len().saturating_sub(look);
        let to = part.len().saturating_sub(not);
        let at = from + part[from..to].partition_point(|entry| before(*entry));
        if at == 0 && !begins {
            return self.partition(before).max(span.from);
        }
        Place {
            chunk: last.chunk,
            at: start + at,
        }
    }

    /// The slot at a place.
    pub(super) fn at(&self, place: Place) -> Option<u32> {
        let entry = self.chunks.get(place.chunk)?.get(place.at)?;
        Some(entry.slot)
    }

    /// Puts an entry in front of the one at a place.
    pub(super) fn insert(&mut self, place: Place, entry: Entry) {
        self.len += 1;
        if place.chunk >= self.chunks.len() {
            match (self.chunks.last_mut(), self.lasts.last_mut()) {
                (Some(chunk), Some(last)) if chunk.len() < CHUNK => {
                    chunk.push(entry);
                    *last = entry;
                }
                _ => {
                    self.chunks.push(vec![entry]);
                    self.lasts.push(entry);
                }
            }
            return;
        }
        // What stands in front of an entry is never the last of its chunk.
        let entries = &mut self.chunks[place.chunk];
        entries.insert(place.at, entry);
        if entries.len() > CHUNK {
            let right = entries.split_off(CHUNK / 2);
            entries.shrink_to_fit();
            self.chunks.insert(place.chunk + 1, right);
            self.lasts.insert(place.chunk, entry);
            self.note_last(place.chunk);
        }
    }

    /// Brings `lasts` up to date for a chunk.
    fn note_last(&mut self, chunk: usize) {
        if let Some(last) = self.chunks.get(chunk).and_then(|entries| entries.last()) {
            self.lasts[chunk] = *last;
        }
    }

    /// Takes out the entry at a place.
    pub(super) fn remove(&mut self, place: Place) {
        let Some(entries) = self.chunks.get_mut(place.chunk) else {
            return;
        };
        if place.at < entries.len() {
            entries.remove(place.at);
            self.len -= 1;
        }
        let left = entries.len();
        if left == 0 {
            self.chunks.remove(place.chunk);
            self.lasts.remove(place.chunk);
            return;
        }
        if left < CHUNK / 4
            && self
                .chunks
                .get(place.chunk + 1)
                .is_some_and(|next| left + next.len() <= CHUNK / 2)
        {
            let next = self.chunks.remove(place.chunk + 1);
            self.chunks[place.chunk].extend_from_slice(&next);
            self.lasts.remove(place.chunk + 1);
        }
        self.note_last(place.chunk);
    }

    /// The place before one.
    fn previous(&self, place: Place) -> Option<Place> {
        match place.at.checked_sub(1) {
            Some(at) => Some(Place { at, ..place }),
            None => {
                let chunk = place.chunk.checked_sub(1)?;
                let at = self.chunks.get(chunk)?.len().checked_sub(1)?;
                Some(Place { chunk, at })
            }
        }
    }

    /// The entry before a place.
    pub(super) fn before(&self, place: Place) -> Option<Entry> {
        let Place { chunk, at } = self.previous(place)?;
        self.chunks.get(chunk)?.get(at).copied()
    }

    /// How many entries a part has.
    pub(super) fn count(&self, span: Span) -> usize {
        if span.to <= span.from {
            return 0;
        }
        if span == self.all() {
            return self.len;
        }
        let between = self
            .chunks
            .get(span.from.chunk..span.to.chunk)
            .unwrap_or_default();
        between.iter().map(Vec::len).sum::<usize>() + span.to.at - span.from.at
    }

    /// The place `n` entries further on.
    pub(super) fn advance(&self, mut place: Place, n: usize) -> Place {
        place.at += n;
        while let Some(entries) = self.chunks.get(place.chunk) {
            if place.at < entries.len() {
                return place;
            }
            place.at -= entries.len();
            place.chunk += 1;
        }
        self.end()
    }

    /// The place of the last entry of a part.
    pub(super) fn last(&self, span: Span) -> Option<Place> {
        if span.to <= span.from {
            return None;
        }
        self.previous(span.to)
    }

    /// The slots of a part, from either end.
    pub(super) fn iter(&self, span: Span) -> impl DoubleEndedIterator<Item = u32> + '_ {
        let to = if span.to > span.from {
            span.to
        } else {
            span.from
        };
        (span.from.chunk..to.chunk + 1).flat_map(move |chunk| {
            let entries = self.chunks.get(chunk).map_or(&[][..], Vec::as_slice);
            let start = if chunk == span.from.chunk {
                span.from.at
            } else {
                0
            };
            let end = if chunk == to.chunk {
                to.at
            } else {
                entries.len()
            };
            let part = entries.get(start..end).unwrap_or_default();
            part.iter().map(|entry| entry.slot)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(list: &mut Ordered, slot: u32) {
        let place = list.partition(|other| other.slot < slot);
        list.insert(place, Entry { prefix: 0, slot });
    }

    fn shuffled(n: u32) -> impl Iterator<Item = u32> {
        // 7,919 is prime to every n used here, so each number comes once.
        (0..n).map(move |i| (i * 7919) % n)
    }

    #[test]
    fn keeps_order_through_splits_and_merges() {
        let mut list = Ordered::default();
        shuffled(10_000).for_each(|slot| insert(&mut list, slot));
        assert!(list.iter(list.all()).eq(0..10_000));
        assert!(list.iter(list.all()).rev().eq((0..10_000).rev()));
        for slot in shuffled(10_000).filter(|slot| slot % 3 != 0) {
            let place = list.partition(|other| other.slot < slot);
            assert_eq!(list.at(place), Some(slot));
            list.remove(place);
        }
        assert!(
            list.iter(list.all())
                .eq((0..10_000).filter(|slot| slot % 3 == 0))
        );
        assert!(
            list.chunks
                .iter()
                .all(|chunk| !chunk.is_empty() && chunk.len() <= CHUNK)
        );
    }

    #[test]
    fn counts_and_advances_across_chunks() {
        let mut list = Ordered::default();
        (0..5000).for_each(|slot| insert(&mut list, slot));
        assert_eq!(
            list.chunks.len(),
            5000_usize.div_ceil(CHUNK),
            "entries in order fill the chunks"
        );
        for (low, high) in [
            (0, 5000),
            (10, 11),
            (1023, 1025),
            (1024, 2048),
            (3, 4999),
            (7, 7),
        ] {
            let span = Span {
                from: list.partition(|entry| entry.slot < low),
                to: list.partition(|entry| entry.slot < high),
            };
            assert_eq!(
                list.partition_from(span.from, |entry| entry.slot < high),
                span.to
            );
            for slot in [
                low,
                low + 1,
                (low + high) / 2,
                high.saturating_sub(1).max(low),
            ] {
                let before = |entry: Entry| entry.slot < slot;
                if low < high && slot < high {
                    assert_eq!(list.partition_back(span, before), list.partition(before));
                }
            }
            assert_eq!(list.count(span), (high - low) as usize);
            assert!(list.iter(span).eq(low..high));
            assert_eq!(list.advance(span.from, (high - low) as usize), span.to);
            assert_eq!(
                list.last(span).and_then(|place| list.at(place)),
                (high > low).then(|| high - 1)
            );
        }
    }

    #[test]
    fn an_empty_list_has_one_place() {
        let mut list = Ordered::default();
        assert_eq!(list.count(list.all()), 0);
        assert_eq!(list.iter(list.all()).count(), 0);
        assert_eq!(list.last(list.all()), None);
        insert(&mut list, 1);
        list.remove(list.all().from);
        assert_eq!(list.all(), Ordered::default().all());
    }
}
