//! What this process has used of the CPU.

use std::fs;
use std::io;

/// The CPU-seconds that the living threads of this process have used, by the scheduler's own account.
///
/// # Errors
/// A system without `/proc`.
pub fn seconds() -> io::Result<f64> {
    let mut nanoseconds = 0_u64;
    for task in fs::read_dir("/proc/self/task")? {
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
