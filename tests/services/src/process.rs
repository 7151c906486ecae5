//! A process that was started here, and no other that got its id later.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, pidfd_send_signal, waitpid,
};

use crate::Result;
use crate::folder::Owner;

/// A process by its id and the moment the kernel started it, in clock ticks since the machine's start. Ids are used again; an id at
/// a moment is not. Written as `ID MOMENT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    id: i32,
    started: u64,
}

impl Process {
    /// The process that has an id now. None if there is none.
    pub fn of(id: u32) -> Option<Self> {
        let id = i32::try_from(id).ok()?;
        Some(Self {
            id,
            started: started(id)?,
        })
    }

    /// Starts a command in the background, apart from this terminal's signals; it goes on when this program ends. What it prints
    /// goes to the end of `log`.
    pub(crate) fn start(mut command: Command, log: &Path, owner: Option<Owner>) -> Result<Self> {
        let name = command.get_program().display().to_string();
        let out = fs::File::options().create(true).append(true).open(log)?;
        if let Some(owner) = owner {
            owner.runs(&mut command);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot start {name}: {error}"))?;
        Ok(Self::of(child.id()).ok_or_else(|| format!("{name} ended at once"))?)
    }

    /// Its id.
    pub fn id(self) -> i32 {
        self.id
    }

    /// Whether it still runs. Of one that was killed a moment ago the end is waited for.
    pub fn is_alive(self) -> bool {
        self.handle().is_some_and(|handle| {
            let patience = match self.is_ending() {
                true => GOING,
                false => Duration::ZERO,
            };
            !ended(&handle, patience).unwrap_or(true)
        })
    }

    /// Whether it was killed, or has begun to end. With much memory to give back that takes a while.
    fn is_ending(self) -> bool {
        let exits = field(self.id, FLAGS).is_some_and(|flags| flags & EXITING != 0);
        let status = fs::read_to_string(format!("/proc/{}/status", self.id));
        let status = status.unwrap_or_default();
        let pending = status.lines().filter_map(|line| {
            let pending = line.strip_prefix("SigPnd:");
            let pending = pending.or_else(|| line.strip_prefix("ShdPnd:"))?;
            u64::from_str_radix(pending.trim(), 16).ok()
        });
        exits || pending.fold(0, |all, more| all | more) & KILL != 0
    }

    /// Sends it a signal. False if it has ended: then nothing is sent, whoever has its id now.
    ///
    /// # Errors
    /// It belongs to somebody else.
    pub(crate) fn signal(self, signal: Signal) -> io::Result<bool> {
        let Some(handle) = self.handle() else {
            return Ok(false);
        };
        match pidfd_send_signal(&handle, signal) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::SRCH) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits for its end, so long at the most; whether it has ended.
    ///
    /// # Errors
    /// The kernel can't wait for it.
    pub(crate) fn wait(self, patience: Duration) -> io::Result<bool> {
        self.handle()
            .map_or(Ok(true), |handle| ended(&handle, patience))
    }

    /// Lets go of its id if it has ended and this program started it. Until then it counts as running for others that ask only for
    /// the id, as PostgreSQL does when it is started again.
    pub(crate) fn reap(self) {
        if let Some(id) = Pid::from_raw(self.id)
            && started(self.id) == Some(self.started)
        {
            // It is no child of this program, or not any more, or has not ended: nothing to let go of.
            let _ = waitpid(Some(id), WaitOptions::NOHANG);
        }
    }

    /// A handle of this very process: it is opened first and looked at then, so that the id can't change hands in between.
    fn handle(self) -> Option<OwnedFd> {
        let handle = pidfd_open(Pid::from_raw(self.id)?, PidfdFlags::empty()).ok()?;
        (started(self.id) == Some(self.started)).then_some(handle)
    }
}

/// Whether the process of a handle ends within a time. Handles become readable at the end, also before anybody has asked how it ended.
fn ended(handle: &OwnedFd, patience: Duration) -> io::Result<bool> {
    let patience = Timespec {
        tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: patience.subsec_nanos().into(),
    };
    let mut handles = [PollFd::new(handle, PollFlags::IN)];
    loop {
        match poll(&mut handles, Some(&patience)) {
            Ok(ready) => return Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The children of a process at this moment.
pub(crate) fn children(of: Process) -> Vec<Process> {
    those(|id| field(id, PARENT) == u64::try_from(of.id).ok())
}

/// The processes whose working directory is this folder, as far as this user may know.
pub(crate) fn at_work_in(folder: &Path) -> Vec<Process> {
    let folder = folder.canonicalize();
    let is_there = |id| fs::read_link(format!("/proc/{id}/cwd")).ok();
    those(|id| {
        is_there(id).is_some_and(|found| folder.as_ref().is_ok_and(|folder| *folder == found))
    })
}

fn those(hold: impl Fn(i32) -> bool) -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| hold(*id))
        .filter_map(|id| Process::of(u32::try_from(id).ok()?))
        .collect()
}

/// Where fields of `stat` stand, counted from the one behind the name.
const PARENT: usize = 1;
const START: usize = 19;
const FLAGS: usize = 6;

/// The flag of a process that ends (`PF_EXITING`), and the bit of `SIGKILL` among the signals that wait for it.
const EXITING: u64 = 0x4;
const KILL: u64 = 1 << 8;

/// How long the end of one that was killed is waited for.
const GOING: Duration = Duration::from_secs(10);

/// When the kernel started a process.
fn started(id: i32) -> Option<u64> {
    field(id, START)
}

/// A field of the `stat` of a process. The name before them may hold anything.
fn field(id: i32, place: usize) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, behind) = stat.rsplit_once(") ")?;
    behind.split_ascii_whitespace().nth(place)?.parse().ok()
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.id, self.started)
    }
}

impl FromStr for Process {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let parts = text.trim().split_once(' ').and_then(|(id, started)| {
            Some(Self {
                id: id.parse().ok()?,
                started: started.parse().ok()?,
            })
        });
        parts.ok_or_else(|| format!("`{}` is no process", text.trim()))
    }
}

#[cfg(test)]
mod tests {
    use std::process::Child;

    use super::*;

    /// A process that runs until its input is closed.
    fn waiting() -> Child {
        let mut command = Command::new("cat");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    #[test]
    fn a_process_that_got_the_id_later_is_not_signalled() {
        let mut child = waiting();
        let process = Process::of(child.id()).unwrap();
        let earlier = Process {
            started: process.started - 1,
            ..process
        };
        assert!(process.is_alive() && !earlier.is_alive());
        assert!(!earlier.signal(Signal::KILL).unwrap());
        assert!(earlier.wait(Duration::from_secs(60)).unwrap());
        assert!(!process.wait(Duration::ZERO).unwrap());
        assert!(process.is_alive(), "the other one was hit");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn the_end_is_seen_before_anybody_asks_how() {
        let mut child = waiting();
        let process = Process::of(child.id()).unwrap();
        assert!(process.signal(Signal::TERM).unwrap());
        assert!(process.wait(Duration::from_secs(60)).unwrap());
        // Nobody has waited for the child yet, so its id is still taken.
        assert!(!process.is_alive());
        assert_eq!(Process::of(child.id()), Some(process));
        let earlier = Process {
            started: process.started - 1,
            ..process
        };
        earlier.reap();
        assert_eq!(Process::of(child.id()), Some(process));
        process.reap();
        assert_ne!(Process::of(child.id()), Some(process));
        assert!(!process.is_alive() && !process.signal(Signal::TERM).unwrap());
        // The library's own record of it; there is nothing left to wait for.
        assert!(child.wait().is_err());
    }

    #[test]
    fn what_was_killed_a_moment_ago_does_not_run() {
        for _ in 0..100 {
            let mut child = waiting();
            let process = Process::of(child.id()).unwrap();
            assert!(process.is_alive());
            child.kill().unwrap();
            assert!(!process.is_alive());
            child.wait().unwrap();
        }
    }

    #[test]
    fn it_is_written_and_read() {
        let process = Process::of(std::process::id()).unwrap();
        assert_eq!(format!("{process}\n").parse(), Ok(process));
        for text in ["", "12", "12 x", "x 12", "99999999999 1"] {
            assert!(text.parse::<Process>().is_err(), "{text}");
        }
        assert_eq!(Process::of(u32::MAX), None);
    }
}
