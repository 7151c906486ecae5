//! Cursors: where a list goes on, as text that a client can neither read nor change.
//!
//! A cursor holds what the last record of a page had in the fields it is sorted by, and its key. A default order may look at fields
//! that the client never sees, so a cursor is encrypted, not only signed. It is bound to what it was made for (model, parents,
//! filter, order, actor): for anything else it is as good as forged.
//!
//! The construction is SIV (Rogaway and Shrimpton, 2006) with HMAC-SHA256 for both parts: the tag is a MAC of all that is bound and of the
//! text, and the key stream follows from the tag. It needs no random numbers, and a place has the same cursor whenever it is asked for,
//! so that pages can be cached; nobody learns more from that than that two places are the same.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use larder_query::Value;
use sha2::Sha256;

use crate::error::{Error, Result};
use crate::store::After;

mod bytes;

type Hash = Hmac<Sha256>;

const TAG: usize = 16;

/// The longest cursor that is looked at, in bytes.
const MAX_TEXT: usize = 4096;

/// The longest place that a cursor holds, in bytes: its text goes into a URL.
const LONGEST: usize = 1024;

/// The shortest secret, in bytes.
pub(crate) const MIN_SECRET: usize = 32;

/// A place in a list, and how many records were passed on the way there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Position {
    /// None where the values of the place are too long for a URL: then the list goes on by how many were passed.
    pub(crate) after: Option<After>,
    pub(crate) passed: u64,
}

/// Makes and reads the cursors of one app.
pub(crate) struct Cursors {
    tags: Hash,
    streams: Hash,
}

impl std::fmt::Debug for Cursors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursors")
    }
}

impl Cursors {
    /// With a secret; without one its cursors are good for as long as the app lives.
    pub(crate) fn new(secret: Option<&[u8]>) -> Result<Self> {
        // Each has 122 random bits.
        let random = || {
            [
                uuid::Uuid::new_v4(),
                uuid::Uuid::new_v4(),
                uuid::Uuid::new_v4(),
            ]
        };
        let secret = match secret {
            Some(secret) => secret.to_vec(),
            None => random().iter().flat_map(|part| *part.as_bytes()).collect(),
        };
        let key = |purpose: &[u8]| {
            let mut hash = Hash::new_from_slice(&secret)
                .map_err(|error| Error::internal(error.to_string()))?;
            hash.update(purpose);
            Hash::new_from_slice(&hash.finalize().into_bytes())
                .map_err(|error| Error::internal(error.to_string()))
        };
        Ok(Self {
            tags: key(b"larder cursor 1: tag")?,
            streams: key(b"larder cursor 1: stream")?,
        })
    }

    /// The cursor of a position in what `about` describes.
    pub(crate) fn seal(&self, about: &[u8], position: &Position) -> String {
        let mut text = Vec::with_capacity(64);
        bytes::write(&Value::from(position.passed), &mut text);
        let number = text.len();
        if let Some(After { values, key }) = &position.after {
            bytes::write(key, &mut text);
            values
                .iter()
                .for_each(|value| bytes::write(value, &mut text));
        }
        if text.len() > LONGEST {
            text.truncate(number);
        }
        let tag = self.tag(about, &text);
        self.stream(&tag, &mut text);
        let mut sealed = tag.to_vec();
        sealed.extend(text);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The position of a cursor. None unless it was made by this app for the same thing.
    pub(crate) fn open(&self, about: &[u8], cursor: &str) -> Option<Position> {
        if cursor.len() > MAX_TEXT {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, text) = sealed.split_first_chunk::<TAG>()?;
        let mut text = text.to_vec();
        self.stream(tag, &mut text);
        // In constant time: how much of a forged tag is right must not show.
        self.mac(about, &text).verify_truncated_left(tag).ok()?;
        let mut rest = text.as_slice();
        let passed = bytes::read(&mut rest)?.as_u64()?;
        if rest.is_empty() {
            let after = None;
            return Some(Position { after, passed });
        }
        let key = bytes::read(&mut rest)?;
        let mut values = Vec::new();
        while !rest.is_empty() {
            values.push(bytes::read(&mut rest)?);
        }
        let after = Some(After { values, key });
        Some(Position { after, passed })
    }

    fn mac(&self, about: &[u8], text: &[u8]) -> Hash {
        let mut hash = self.tags.clone();
        // With its length, or the end of one could be taken for the beginning of the other.
        hash.update(&(about.len() as u64).to_be_bytes());
        hash.update(about);
        hash.update(text);
        hash
    }

    fn tag(&self, about: &[u8], text: &[u8]) -> [u8; TAG] {
        let whole = self.mac(about, text).finalize().into_bytes();
        std::array::from_fn(|at| whole[at])
    }

    /// Encrypts, and decrypts what is encrypted.
    fn stream(&self, tag: &[u8; TAG], text: &mut [u8]) {
        for (block, bytes) in (0_u64..).zip(text.chunks_mut(32)) {
            let mut hash = self.streams.clone();
            hash.update(tag);
            hash.update(&block.to_be_bytes());
            let key = hash.finalize().into_bytes();
            for (byte, key) in bytes.iter_mut().zip(key) {
                *byte ^= key;
            }
        }
    }
}

#[cfg(test)]
mod tests;
