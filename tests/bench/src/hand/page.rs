//! The part of a list that a request asks for, and the part that it gets.

use axum::http::{HeaderMap, header};

/// Rows of a page, unless the request says less; never more.
const MOST: u64 = 50;

/// The rows asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Window {
    pub(super) start: u64,
    pub(super) count: u64,
    /// The id of the row before them, where a link was followed; `start` is then only what is said of the page.
    pub(super) after: Option<String>,
}

impl Window {
    /// Reads `Range: items=0-19`; a range in another unit is ignored, as RFC 9110 says.
    pub(super) fn from_headers(headers: &HeaderMap) -> Self {
        headers
            .get(header::RANGE)
            .and_then(|value| value.to_str().ok())
            .and_then(Self::parse)
            .unwrap_or_else(|| Self::of(0, MOST))
    }

    /// What a link to the next page asks for: the place of its first row, `~`, and the id of the row before.
    pub(super) fn from_cursor(cursor: &str, limit: Option<u64>) -> Option<Self> {
        let (start, after) = cursor.split_once('~')?;
        Some(Self {
            after: Some(after.to_owned()),
            ..Self::of(start.parse().ok()?, limit.unwrap_or(MOST).min(MOST))
        })
    }

    fn of(start: u64, count: u64) -> Self {
        Self {
            start,
            count,
            after: None,
        }
    }

    fn parse(range: &str) -> Option<Self> {
        let (start, end) = range.strip_prefix("items=")?.split_once('-')?;
        let start: u64 = start.parse().ok()?;
        if end.is_empty() {
            return Some(Self::of(start, MOST));
        }
        let end: u64 = end.parse().ok()?;
        let count = end.checked_sub(start)?.saturating_add(1).min(MOST);
        Some(Self::of(start, count))
    }
}

/// The rows found, and how many there are without the window.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    pub(super) start: u64,
    pub(super) total: u64,
}

impl<T> Page<T> {
    pub(super) fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(change).collect(),
            start: self.start,
            total: self.total,
        }
    }

    /// Where the next page begins, if there is one.
    pub(super) fn next(&self) -> Option<u64> {
        let end = self.start + self.rows.len() as u64;
        (!self.rows.is_empty() && end < self.total).then_some(end)
    }

    /// `items 0-19/100`, or `items */100` where the page is empty.
    pub(super) fn content_range(&self) -> String {
        match self.rows.len() as u64 {
            0 => format!("items */{}", self.total),
            count => format!(
                "items {}-{}/{}",
                self.start,
                self.start + count - 1,
                self.total
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let window = |start, count| Some(Window::of(start, count));
        assert_eq!(Window::parse("items=0-19"), window(0, 20));
        assert_eq!(Window::parse("items=20-"), window(20, 50));
        assert_eq!(Window::parse("items=0-999"), window(0, 50));
        assert_eq!(Window::parse("items=9-3"), None);
        assert_eq!(Window::parse("bytes=0-1"), None);
    }

    #[test]
    fn cursors() {
        let window = Window::from_cursor("20~018b", Some(10));
        let window = window.map(|window| (window.start, window.count, window.after));
        assert_eq!(window, Some((20, 10, Some("018b".to_owned()))));
        assert_eq!(Window::from_cursor("018b", None), None);
    }
}
