//! One server process: its files, its port, starting and stopping it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::folder::{self, Owner};
use crate::process::{Process, children};
use crate::{Result, port};

/// How long a server may take to answer its first query, or to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a server that starts is asked.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// One server process. All that is known of it lies in its folder, so that the next program finds it again.
#[derive(Clone, Debug)]
pub struct Member {
    name: &'static str,
    folder: PathBuf,
}

impl Member {
    pub(crate) fn new(name: &'static str, services: &Path) -> Self {
        Self {
            name,
            folder: services.join(name),
        }
    }

    /// Its name, such as `mongodb-2`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its port on 127.0.0.1. None before its first start.
    pub fn port(&self) -> Option<u16> {
        self.read("port")?.trim().parse().ok()
    }

    /// Its process, if that runs and was started here.
    pub fn process(&self) -> Option<Process> {
        self.recorded().filter(|process| process.is_alive())
    }

    fn recorded(&self) -> Option<Process> {
        self.read("process")?.parse().ok()
    }

    /// What the server printed, for a person.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(name)).ok()
    }

    /// The port to start on: the one it had if that is free, else a new one.
    pub(crate) fn settle(&self) -> Result<u16> {
        if !self.port().is_some_and(port::is_free) {
            let services = self.folder.parent().ok_or("a server without a folder")?;
            port::assign(services, std::slice::from_ref(self))?;
        }
        Ok(self.port().ok_or("a port was not written down")?)
    }

    /// Takes a port.
    pub(crate) fn move_to(&self, port: u16) -> Result<()> {
        folder::make(&self.folder, None)?;
        Ok(fs::write(self.folder.join("port"), port.to_string())?)
    }

    /// Makes its data with `make`, which is given an empty folder, unless they are there. What was begun and not ended is made anew.
    pub(crate) fn initialise(
        &self,
        owner: Option<Owner>,
        make: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<()> {
        if self.data().exists() {
            return Ok(());
        }
        let unfinished = self.folder.join("data.new");
        remove(&unfinished)?;
        folder::make(&unfinished, owner)?;
        make(&unfinished)?;
        Ok(fs::rename(unfinished, self.data())?)
    }

    /// Forgets its data.
    pub(crate) fn clear(&self) -> Result<()> {
        remove(&self.data())
    }

    /// Starts it in the background.
    pub(crate) fn start(&self, mut command: Command, owner: Option<Owner>) -> Result<Process> {
        command.current_dir(&self.folder);
        let process = Process::start(command, &self.log(), owner)
            .map_err(|error| format!("{}: {error}", self.name))?;
        fs::write(self.folder.join("process"), process.to_string())?;
        Ok(process)
    }

    /// Waits until `answers` holds.
    ///
    /// # Errors
    /// It ended, or did not answer in time; then what it printed last is told.
    pub(crate) fn await_answer(
        &self,
        process: Process,
        mut answers: impl FnMut() -> bool,
    ) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !answers() {
            let what = if process.wait(ASK_EVERY)? {
                "ended while it started"
            } else if Instant::now() > deadline {
                "did not answer in time"
            } else {
                continue;
            };
            return Err(format!(
                "{} {what}; {} ends with:\n{}",
                self.name,
                self.log().display(),
                self.last_words()
            )
            .into());
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let text = self.read("log").unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(15);
        lines.get(from..).unwrap_or_default().join("\n")
    }

    /// Asks it to end; false if it does not run.
    pub(crate) fn ask_to_end(&self, signal: Signal) -> Result<bool> {
        match self.process() {
            Some(process) => Ok(process.signal(signal)?),
            None => Ok(false),
        }
    }

    /// Waits until it has ended; one that does not is killed.
    pub(crate) fn await_end(&self) -> Result<()> {
        if let Some(process) = self.process()
            && !process.wait(PATIENCE)?
        {
            self.kill()?;
        }
        self.forget()
    }

    /// `kill -9`; comes back when it and its children are gone, so that it can be started again. False if it does not run.
    pub(crate) fn kill(&self) -> Result<bool> {
        let Some(process) = self.process() else {
            return Ok(false);
        };
        let children = children(process);
        let killed = process.signal(Signal::KILL)?;
        // PostgreSQL's children see that their parent is gone, and leave by themselves.
        for gone in [process].iter().chain(&children) {
            if !gone.wait(PATIENCE)? {
                return Err(format!("{}: process {} does not end", self.name, gone.id()).into());
            }
        }
        self.forget()?;
        Ok(killed)
    }

    fn forget(&self) -> Result<()> {
        if let Some(process) = self.recorded() {
            process.reap();
        }
        remove(&self.folder.join("process"))
    }
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", path.display()).into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member() -> (tempfile::TempDir, Member) {
        let folder = tempfile::TempDir::new().unwrap();
        let member = Member::new("server", folder.path());
        member.settle().unwrap();
        (folder, member)
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    /// A server that never ends by itself: it waits for what nobody writes.
    const SERVER: &str = "[ -p in ] || mkfifo in; exec cat in";

    #[test]
    fn what_is_started_is_found_again_and_stopped() {
        let (folder, member) = member();
        assert!(member.process().is_none() && !member.kill().unwrap());
        let process = member.start(shell(SERVER), None).unwrap();
        let same = Member::new("server", folder.path());
        assert_eq!(
            (same.process(), same.port()),
            (Some(process), member.port())
        );
        assert!(same.ask_to_end(Signal::TERM).unwrap());
        same.await_end().unwrap();
        assert!(!process.is_alive() && member.process().is_none());
        assert!(!member.ask_to_end(Signal::TERM).unwrap());
    }

    #[test]
    fn a_stranger_with_the_same_id_is_left_alone() {
        let (folder, member) = member();
        let process = member.start(shell(SERVER), None).unwrap();
        let written = folder.path().join("server/process");
        let real = fs::read_to_string(&written).unwrap();
        // As if the server had ended, and its id had gone to somebody who began later.
        fs::write(&written, format!("{} 1", process.id())).unwrap();
        assert!(member.process().is_none());
        assert!(!member.ask_to_end(Signal::TERM).unwrap() && !member.kill().unwrap());
        member.await_end().unwrap();
        assert!(process.is_alive());
        fs::write(&written, real).unwrap();
        assert!(member.kill().unwrap() && !process.is_alive());
    }

    #[test]
    fn it_is_gone_when_its_children_are() {
        let (_folder, member) = member();
        // The child leaves when it sees that its parent has.
        let script = "mkfifo in of; cat of & exec 3>of; echo up; exec cat in";
        let process = member.start(shell(script), None).unwrap();
        let up = || member.read("log").is_some_and(|text| text == "up\n");
        member.await_answer(process, up).unwrap();
        let found = children(process);
        assert_eq!(found.len(), 1);
        assert!(found[0].is_alive());
        assert!(member.kill().unwrap());
        assert!(!found[0].is_alive());
    }

    #[test]
    fn one_that_ends_at_its_start_tells_why() {
        let (_folder, member) = member();
        let process = member
            .start(shell("echo no room >&2; exit 1"), None)
            .unwrap();
        let error = member.await_answer(process, || false).unwrap_err();
        assert!(error.to_string().contains("no room"), "{error}");
    }

    #[test]
    fn data_that_were_only_begun_are_made_anew() {
        let (_folder, member) = member();
        let fails = member.initialise(None, |folder| {
            fs::write(folder.join("half"), "")?;
            Err("broken".into())
        });
        assert!(fails.is_err() && !member.data().exists());
        member
            .initialise(None, |folder| Ok(fs::write(folder.join("all"), "")?))
            .unwrap();
        let has = |name| member.data().join(name).exists();
        assert!(has("all") && !has("half"));
        member.initialise(None, |_| Err("again".into())).unwrap();
        member.clear().unwrap();
        assert!(!member.data().exists());
    }
}
