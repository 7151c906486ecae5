//! The part of a list that a request asks for, and the part that it gets.

use axum::http::{HeaderMap, header};

/// Rows of a page, unless the request says less; never more.
const MOST: u64 = 50;

/// The rows asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    pub(super) start: u64,
    pub(super) count: u64,
}

impl Window {
    /// Reads `Range: items=0-19`; a range in another unit is ignored, as RFC 9110 says.
    pub(super) fn from_headers(headers: &HeaderMap) -> Self {
        headers
            .get(header::RANGE)
            .and_then(|value| value.to_str().ok())
            .and_then(Self::parse)
            .unwrap_or(Self {
                start: 0,
                count: MOST,
            })
    }

    fn parse(range: &str) -> Option<Self> {
        let (start, end) = range.strip_prefix("items=")?.split_once('-')?;
        let start: u64 = start.parse().ok()?;
        if end.is_empty() {
            return Some(Self { start, count: MOST });
        }
        let end: u64 = end.parse().ok()?;
        let count = end.checked_sub(start)?.saturating_add(1).min(MOST);
        Some(Self { start, count })
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
        let window = |start, count| Some(Window { start, count });
        assert_eq!(Window::parse("items=0-19"), window(0, 20));
        assert_eq!(Window::parse("items=20-"), window(20, 50));
        assert_eq!(Window::parse("items=0-999"), window(0, 50));
        assert_eq!(Window::parse("items=9-3"), None);
        assert_eq!(Window::parse("bytes=0-1"), None);
    }
}
