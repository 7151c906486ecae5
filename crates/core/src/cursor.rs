//! Cursors: where a list goes on, as text that a client can neither read nor change.
//!
//! A cursor holds what the last record of a page had in the fields that decide the order, its key among them. A default order may look at fields
//! that the client never sees, so a cursor is encrypted, not only signed. It is bound to what it was made for (model, parents,
//! filter, order, actor): for anything else it is as good as forged.
//!
//! The construction is AES-256-GCM-SIV (RFC 8452) with a fixed nonce: the key stream follows from a tag of all that is bound and of the
//! text, so that nothing random is needed, and a place has the same cursor whenever it is asked for. Pages can be cached; nobody learns
//! more from that than that two places are the same.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use larder_query::Value;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::store::After;

mod about;
mod bytes;

pub(crate) use about::About;

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
pub(crate) struct Cursors(Aes256GcmSiv);

impl std::fmt::Debug for Cursors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursors")
    }
}

impl Cursors {
    /// With a secret; without one its cursors are good for as long as the app lives.
    pub(crate) fn new(secret: Option<&[u8]>) -> Self {
        let mut key = Sha256::new_with_prefix(b"larder cursor 3: ");
        match secret {
            Some(secret) => key.update(secret),
            // Each has 122 random bits.
            None => (0..3).for_each(|_| key.update(uuid::Uuid::new_v4())),
        }
        Self(Aes256GcmSiv::new(&key.finalize()))
    }

    /// The cursor of a position in what `about` describes.
    ///
    /// # Errors
    /// `Internal` for more than the cipher takes: 64 GiB.
    pub(crate) fn seal(&self, about: &[u8], position: &Position) -> Result<String> {
        let mut text = Vec::with_capacity(64);
        bytes::write(&Value::from(position.passed), &mut text);
        let number = text.len();
        for value in position.after.iter().flat_map(|after| &after.values) {
            bytes::write(value, &mut text);
        }
        if text.len() > LONGEST {
            text.truncate(number);
        }
        let sealed = self.0.encrypt(&Nonce::default(), bound(about, &text));
        let sealed = sealed.map_err(|error| Error::internal(error.to_string()))?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The position of a cursor. None unless it was made by this app for the same thing.
    pub(crate) fn open(&self, about: &[u8], cursor: &str) -> Option<Position> {
        if cursor.len() > MAX_TEXT {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let text = self.0.decrypt(&Nonce::default(), bound(about, &sealed));
        let text = text.ok()?;
        let mut rest = text.as_slice();
        let passed = bytes::read(&mut rest)?.as_u64()?;
        if rest.is_empty() {
            let after = None;
            return Some(Position { after, passed });
        }
        let mut values = Vec::new();
        while !rest.is_empty() {
            values.push(bytes::read(&mut rest)?);
        }
        let after = Some(After { values });
        Some(Position { after, passed })
    }
}

/// A text that is good only for what is bound to it.
fn bound<'a>(about: &'a [u8], text: &'a [u8]) -> Payload<'a, 'a> {
    Payload {
        msg: text,
        aad: about,
    }
}

#[cfg(test)]
mod tests;
