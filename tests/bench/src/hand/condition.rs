//! `If-Match` and `If-None-Match`.

use axum::http::{HeaderMap, HeaderName, header};

/// What a request demands of the version that is there.
#[derive(Debug, Default)]
pub(super) struct Condition {
    pub(super) if_match: Option<Tags>,
    pub(super) if_none_match: Option<Tags>,
}

/// The value of one of the two headers.
#[derive(Debug)]
pub(super) enum Tags {
    /// `*`.
    Any,
    /// The versions that are named. Tags that were never ours match nothing, so they are left out.
    Versions(Vec<u64>),
}

impl Condition {
    /// The demands of a write, whose comparison is strong.
    pub(super) fn of_write(headers: &HeaderMap) -> Self {
        Self {
            if_match: tags(headers, &header::IF_MATCH, false),
            if_none_match: tags(headers, &header::IF_NONE_MATCH, true),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Whether a write may go on when `version` is there.
    pub(super) fn holds(&self, version: Option<u64>) -> bool {
        self.if_match.as_ref().is_none_or(|tags| tags.name(version))
            && self
                .if_none_match
                .as_ref()
                .is_none_or(|tags| !tags.name(version))
    }
}

impl Tags {
    fn name(&self, version: Option<u64>) -> bool {
        match (self, version) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::Versions(versions), Some(version)) => versions.contains(&version),
        }
    }
}

/// Whether a reader has this version already.
pub(super) fn is_known(headers: &HeaderMap, version: u64) -> bool {
    tags(headers, &header::IF_NONE_MATCH, true).is_some_and(|tags| tags.name(Some(version)))
}

/// The tags of one header, `weak` ones too if they count.
fn tags(headers: &HeaderMap, name: &HeaderName, weak: bool) -> Option<Tags> {
    let mut versions = None;
    for value in headers.get_all(name) {
        let versions = versions.get_or_insert_with(Vec::new);
        let Ok(text) = value.to_str() else { continue };
        for tag in text.split(',').map(str::trim) {
            if tag == "*" {
                return Some(Tags::Any);
            }
            versions.extend(version(tag, weak));
        }
    }
    versions.map(Tags::Versions)
}

fn version(tag: &str, weak: bool) -> Option<u64> {
    let tag = if weak {
        tag.strip_prefix("W/").unwrap_or(tag)
    } else {
        tag
    };
    let hex = tag.strip_prefix('"')?.strip_suffix('"')?;
    u64::from_str_radix(hex, 16).ok()
}
