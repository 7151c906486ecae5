//! The files with which a server shows who it is.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use crate::Result;
use crate::folder::Owner;
use crate::member::Member;

/// A certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    chain: PathBuf,
    key: PathBuf,
}

impl Certificate {
    pub(crate) fn new(chain: &Path, key: &Path) -> Self {
        Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
        }
    }

    /// Copies both to where the server lies, so that its user can read them and nobody else the key.
    pub(crate) fn give(&self, member: &Member, owner: Option<Owner>) -> Result<Self> {
        let given = Self {
            chain: member.folder().join("server.pem"),
            key: member.folder().join("server.key"),
        };
        for (from, to, mode) in [
            (&self.chain, &given.chain, 0o644),
            (&self.key, &given.key, 0o600),
        ] {
            fs::copy(from, to).map_err(|error| format!("{}: {error}", from.display()))?;
            fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
            if let Some(owner) = owner {
                chown(to, Some(owner.user), Some(owner.group))?;
            }
        }
        Ok(given)
    }

    pub(crate) fn chain(&self) -> &Path {
        &self.chain
    }

    pub(crate) fn key(&self) -> &Path {
        &self.key
    }
}
