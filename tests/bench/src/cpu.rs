//! What this process, and others, have used of the CPU.

use std::collections::BTreeSet;
use std::fs;
use std::io;

/// The CPU-seconds that the living threads of this process have used, by the scheduler's own account.
///
/// # Errors
/// A system without `/proc`.
pub fn seconds() -> io::Result<f64> {
    seconds_of("self")
}

fn seconds_of(process: &str) -> io::Result<f64> {
    let mut nanoseconds = 0_u64;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may end while they are counted.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        let on_cpu = text
            .split_ascii_whitespace()
            .next()
            .and_then(|word| word.parse::<u64>().ok());
        nanoseconds += on_cpu.ok_or_else(|| io::Error::other("a schedstat that can't be read"))?;
    }
    Ok(nanoseconds as f64 / 1e9)
}

/// The database servers of this machine that an address names.
#[derive(Debug)]
pub struct Servers {
    /// The processes that listen there.
    listeners: BTreeSet<String>,
}

impl Servers {
    /// Those that listen on the ports of an address such as `postgres://user@127.0.0.1:5432/db`; none of one that has no ports.
    ///
    /// # Errors
    /// A system without `/proc`, or a port on which no process of this machine listens that this one may look at.
    pub fn of(url: &str) -> io::Result<Self> {
        let mut listeners = BTreeSet::new();
        for port in ports(url) {
            let found = listening(port)?;
            if found.is_empty() {
                let message =
                    format!("no process of this machine is seen to listen on port {port}");
                return Err(io::Error::other(message));
            }
            listeners.extend(found);
        }
        Ok(Self { listeners })
    }

    /// The CPU-seconds that they and their children have used. A child that has ended drops out.
    ///
    /// # Errors
    /// A system without `/proc`.
    pub fn seconds(&self) -> io::Result<f64> {
        if self.listeners.is_empty() {
            return Ok(0.0);
        }
        let mut all = 0.0;
        for process in processes()? {
            let is_meant = self.listeners.contains(&process)
                || parent(&process).is_some_and(|parent| self.listeners.contains(&parent));
            if is_meant {
                all += seconds_of(&process).unwrap_or_default();
            }
        }
        Ok(all)
    }
}

/// The ports of an address, of which there may be several between commas.
fn ports(url: &str) -> impl Iterator<Item = u16> {
    let hosts = url.split_once("://").map_or("", |(_, rest)| rest);
    let hosts = hosts.split(['/', '?']).next().unwrap_or_default();
    let hosts = hosts.rsplit('@').next().unwrap_or_default();
    hosts
        .split(',')
        .filter_map(|host| host.rsplit_once(':')?.1.parse().ok())
}

/// The numbers of all processes.
fn processes() -> io::Result<Vec<String>> {
    let all = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(all
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .collect())
}

/// The process that has started another one.
fn parent(process: &str) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may have anything in it.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(1).map(str::to_owned)
}

/// The processes that have a socket open which listens on a port.
fn listening(port: u16) -> io::Result<Vec<String>> {
    const LISTENS: &str = "0A";
    let ends = format!(":{port:04X}");
    let mut sockets = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in fs::read_to_string(table)
            .unwrap_or_default()
            .lines()
            .skip(1)
        {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            if let [_, local, _, LISTENS, ..] = words.as_slice()
                && local.ends_with(&ends)
                && let Some(inode) = words.get(9)
            {
                sockets.push(format!("socket:[{inode}]"));
            }
        }
    }
    let has_one = |process: &String| {
        let open = fs::read_dir(format!("/proc/{process}/fd"));
        let mut open = open.into_iter().flatten().filter_map(Result::ok);
        open.any(|file| {
            let leads_to = fs::read_link(file.path());
            leads_to.is_ok_and(|to| {
                sockets
                    .iter()
                    .any(|socket| to.as_os_str() == socket.as_str())
            })
        })
    };
    Ok(processes()?.into_iter().filter(has_one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_addresses() {
        let of = |url| ports(url).collect::<Vec<_>>();
        assert_eq!(of("postgres://a:b@127.0.0.1:5432/db?x=:7"), [5432]);
        assert_eq!(of("mongodb://h:1,h:2/test?replicaSet=r"), [1, 2]);
        assert_eq!(of("sqlite:/tmp/x.db"), [0_u16; 0]);
    }

    #[test]
    fn a_listener_is_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://{}/x", listener.local_addr().unwrap());
        let servers = Servers::of(&url).unwrap();
        assert!(servers.listeners.contains(&std::process::id().to_string()));
        assert!(servers.seconds().unwrap() > 0.0);
        drop(listener);
        Servers::of(&url).unwrap_err();
    }
}
