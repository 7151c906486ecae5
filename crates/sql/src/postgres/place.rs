//! A place in the log of changes.
//!
//! Numbers of the log could not say what was told and what was not: one that was handed out first may become visible last. So a place
//! is a **snapshot**, which is PostgreSQL's own account of which transactions are visible: what is visible now and was not visible in
//! that snapshot is what is to be told. Nothing waits for a transaction that is still open, and nothing of it is missed.

use std::fmt;

use larder_core::{Error, Position, Result};

/// What was told: all that is visible in `seen`, and of what became visible from there to `until` that with a number up to `last`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which log: its number in the catalogue.
    pub(super) log: i64,
    pub(super) seen: Snapshot,
    /// In the middle of what was found at once.
    pub(super) within: Option<Within>,
}

/// A place in the middle of what was found at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Within {
    pub(super) until: Snapshot,
    /// The highest number of the last transaction that was told.
    pub(super) last: i64,
}

/// A snapshot as PostgreSQL writes it: the oldest transaction that was open, the next one, and those in between that were open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snapshot(String);

impl Snapshot {
    /// A text that PostgreSQL would take.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<i64>()
                .ok()
                .filter(|number| digits && *number > 0)
        };
        let (first, next) = (number(parts.next()?)?, number(parts.next()?)?);
        let mut last = first;
        let mut open = parts.next()?.split(',').filter(|one| !one.is_empty());
        let rising = open.all(|one| {
            let rising = number(one).filter(|one| *one >= last && *one < next);
            last = rising.unwrap_or(last);
            rising.is_some()
        });
        (rising && first <= next && parts.next().is_none()).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { log, seen, within } = self;
        write!(f, "{log} {}", seen.0)?;
        match within {
            Some(Within { until, last }) => write!(f, " {} {last}", until.0),
            None => Ok(()),
        }
    }
}

impl Place {
    pub(super) fn position(&self) -> Position {
        Position::new(self.to_string().into_bytes())
    }

    /// The place of a position.
    ///
    /// # Errors
    /// `Lost` for one that no such store has given.
    pub(super) fn of(position: &Position) -> Result<Self> {
        std::str::from_utf8(position.as_bytes())
            .ok()
            .and_then(Self::parse)
            .ok_or_else(|| Error::lost("the position is not of a PostgreSQL store"))
    }

    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(' ').collect();
        let (log, seen, within) = match *parts.as_slice() {
            [log, seen] => (log, seen, None),
            [log, seen, until, last] => {
                let until = Snapshot::parse(until)?;
                let last = last.parse().ok()?;
                (log, seen, Some(Within { until, last }))
            }
            _ => return None,
        };
        Some(Self {
            log: log.parse().ok()?,
            seen: Snapshot::parse(seen)?,
            within,
        })
    }
}

#[cfg(test)]
mod tests {
    use larder_core::{ErrorKind, Position};

    use super::Place;

    #[test]
    fn a_place_comes_back() {
        for text in [
            "16421 10:10:",
            "16421 10:20:12,14",
            "16421 10:20:12,14 30:30: 77",
        ] {
            let place = Place::of(&Position::new(text.as_bytes())).unwrap();
            assert_eq!(place.position().as_bytes(), text.as_bytes());
        }
    }

    #[test]
    fn what_is_no_place() {
        for text in [
            "",
            "1",
            "1 10:9:",
            "1 10:20",
            "1 0:20:",
            "1 10:20:12,11",
            "1 10:20:9",
            "1 10:20:20",
            "1 10:20:x",
            "1 10:20:12:",
            "1 +10:20:",
            "1 10:20: 30:30:",
            "1 10:20: 30:30: x",
            "x 10:20:",
            "1 10:99999999999999999999:",
        ] {
            let refused = Place::of(&Position::new(text.as_bytes())).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Lost, "{text}");
        }
        let refused = Place::of(&Position::new([0xff, 0xfe])).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Lost);
    }
}
