//! Where files lie so that the user who runs a server can reach them.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;

/// A user that a server runs as because it refuses to run as root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Owner {
    /// The user of a name, if we are root; None if we are not, for then servers run as ourselves.
    pub(crate) fn of(name: &str) -> Result<Option<Self>> {
        if !is_root() {
            return Ok(None);
        }
        let number = |option| -> Result<u32> {
            let out = Command::new("id").args([option, name]).output()?;
            let text = String::from_utf8_lossy(&out.stdout);
            Ok(text
                .trim()
                .parse()
                .map_err(|_| format!("there is no user `{name}`"))?)
        };
        Ok(Some(Self {
            user: number("-u")?,
            group: number("-g")?,
        }))
    }

    /// Lets a command run as this user.
    pub(crate) fn runs(self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Makes a folder, of this user if one is given.
pub(crate) fn make(path: &Path, owner: Option<Owner>) -> Result<()> {
    fs::create_dir_all(path)
        .map_err(|error| format!("cannot make the folder {}: {error}", path.display()))?;
    if let Some(owner) = owner {
        chown(path, Some(owner.user), Some(owner.group))?;
    }
    Ok(())
}

/// The folder that is used in place of `wanted`: itself, or one of the same fate under the system's temporary folder where we are
/// root and others can't get to `wanted`, as in a home that is closed.
pub(crate) fn reachable(wanted: &Path) -> Result<PathBuf> {
    make(wanted, None)?;
    let wanted = wanted.canonicalize()?;
    if !is_root() || is_open(&wanted) {
        return Ok(wanted);
    }
    let mut hasher = DefaultHasher::new();
    wanted.hash(&mut hasher);
    let elsewhere = std::env::temp_dir().join(format!("larder-services-{:016x}", hasher.finish()));
    make(&elsewhere, None)?;
    // Its name can be guessed, so somebody else may have been there first.
    let found = fs::symlink_metadata(&elsewhere)?;
    if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
        return Err(format!("{} belongs to somebody else", elsewhere.display()).into());
    }
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o755))?;
    Ok(elsewhere)
}

/// Whether everybody can go through all folders down to this one.
fn is_open(path: &Path) -> bool {
    let open = |path: &Path| fs::metadata(path).is_ok_and(|found| found.mode() & 0o001 != 0);
    path.ancestors().all(open)
}

/// Waits until nobody else has this lock; it is held until the file is dropped.
pub(crate) fn lock(path: &Path) -> Result<File> {
    let file = File::create(path).map_err(|error| {
        let path = path.display();
        format!("cannot write {path}: {error}. Whoever brought servers up in this folder first is the one to do it again")
    })?;
    file.lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_folder_is_left() {
        let folder = tempfile::TempDir::new().unwrap();
        let mode = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode));
        let inner = folder.path().join("services");
        mode(0o755).unwrap();
        assert!(reachable(&inner).unwrap().ends_with("services"));
        mode(0o700).unwrap();
        let found = reachable(&inner).unwrap();
        assert_eq!(is_open(&found), is_root(), "{}", found.display());
        assert_eq!(found, reachable(&inner).unwrap(), "the same every time");
        if is_root() {
            fs::remove_dir(found).unwrap();
        }
    }
}
