//! The CPU time of another process.

use std::fs;

use crate::Result;

/// The CPU-seconds that the threads of process `pid` have used, to the nanosecond.
///
/// The scheduler's own account of each thread; `/proc/PID/stat` counts in ticks of 10 ms, which is too coarse for a round. A thread
/// that has ended drops out, so the servers must keep theirs.
pub(super) fn seconds(pid: u32) -> Result<f64> {
    let mut nanoseconds = 0_u64;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let path = task?.path().join("schedstat");
        let Ok(text) = fs::read_to_string(path) else {
            continue;
        };
        let on_cpu = text
            .split_ascii_whitespace()
            .next()
            .ok_or("an empty schedstat")?;
        nanoseconds += on_cpu.parse::<u64>()?;
    }
    Ok(nanoseconds as f64 / 1e9)
}
