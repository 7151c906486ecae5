//! Free ports outside the range of outgoing connections.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::Result;
use crate::folder::lock;
use crate::member::Member;

/// Below what Linux gives to outgoing connections: of a port from there, a client that tries to reach a server that is down can
/// become the holder, or even be connected to itself.
const RANGE: Range<u16> = 20_000..32_000;

/// Whether nothing listens on a port of loopback, nor on all addresses.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Gives each of some servers of a folder a free port. Servers of the folder that are down keep theirs, and those that are being started
/// at the same time in other threads are not met: what is given is written down before the next one is given.
pub(crate) fn assign(folder: &Path, members: &[Member]) -> Result<()> {
    let _alone = lock(&folder.join("ports.lock"))?;
    let own = |member: &Path| members.iter().any(|one| one.folder() == member);
    let others = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let taken: Vec<u16> = others
        .filter(|member| !own(member))
        .filter_map(|member| fs::read_to_string(member.join("port")).ok()?.parse().ok())
        .collect();
    for (member, port) in members.iter().zip(free(members.len(), &taken)?) {
        member.move_to(port)?;
    }
    Ok(())
}

/// So many free ports that are none of those. Where the search begins differs from process to process, and within one it goes on where
/// the last one ended: a port that was handed out is free until its server listens.
fn free(count: usize, taken: &[u16]) -> Result<Vec<u16>> {
    static NEXT: Mutex<Option<u16>> = Mutex::new(None);
    let size = RANGE.end - RANGE.start;
    let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
    let begin =
        next.unwrap_or((std::process::id() % u32::from(size) * 37 % u32::from(size)) as u16);
    let ports = (0..size).map(|step| RANGE.start + (begin + step) % size);
    let free = ports.filter(|port| !taken.contains(port) && is_free(*port));
    let found: Vec<u16> = free.take(count).collect();
    let last = found.last().filter(|_| found.len() == count);
    let last = last.ok_or("no free port is left on 127.0.0.1")?;
    *next = Some((last - RANGE.start + 1) % size);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_passed_over() {
        let first = free(1, &[]).unwrap()[0];
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        assert!(!is_free(first));
        let found = free(3, &[]).unwrap();
        assert!(found.len() == 3 && !found.contains(&first));
        assert!(found.iter().all(|port| RANGE.contains(port)));
        assert!(!free(3, &found[..1]).unwrap().contains(&found[0]));
        drop(held);
    }

    #[test]
    fn servers_that_are_down_keep_theirs() {
        let folder = tempfile::TempDir::new().unwrap();
        let members = ["a", "b", "c"].map(|name| Member::new(name, folder.path()));
        for member in &members {
            assign(folder.path(), std::slice::from_ref(member)).unwrap();
        }
        let mut ports: Vec<Option<u16>> = members.iter().map(Member::port).collect();
        assert!(ports.iter().all(Option::is_some));
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 3);
    }
}
