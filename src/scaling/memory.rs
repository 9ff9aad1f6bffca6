//! This process's memory: how much is resident, what the most was, and a limit on it.

use crate::error::{Error, Result};

/// Resident memory now and at most since [`restart`], MiB; none where the system does not tell (it is not Linux).
pub fn resident_and_peak() -> Option<(f64, f64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib / 1024.0)
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

/// Gives free memory back to the system and lets the peak begin anew, so that what comes next shows what it needs.
/// Where the peak cannot be set back, it stays the peak since the start of the process.
pub fn restart() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it has no preconditions, and touches only memory that is free.
    unsafe {
        libc::malloc_trim(0);
    }
    // proc(5): writing 5 sets the peak resident size to the current one. Best effort, as said above.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Limits this process's address space; what asks for more is refused by the system.
///
/// # Errors
/// [`Error::Usage`] when the system does not take the limit.
pub fn limit(mib: u64) -> Result<()> {
    let bytes = mib.saturating_mul(1 << 20);
    let wanted = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the pointer is to a whole `rlimit` that outlives the call.
    match unsafe { libc::setrlimit(libc::RLIMIT_AS, &wanted) } {
        0 => Ok(()),
        _ => Err(Error::Usage(format!("cannot limit memory to {mib} MiB: {}", std::io::Error::last_os_error()))),
    }
}

/// Lets this process be killed when the thread that started it ends, so that nothing goes on unseen.
pub fn die_with_parent() {
    #[cfg(target_os = "linux")]
    // SAFETY: it takes numbers only; were it refused, the process would end by its parent's deadline or by itself.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_large_block_shows_in_the_peak() {
        restart();
        let (before, _) = resident_and_peak().unwrap();
        // Other tests run in this process meanwhile; 200 MiB are more than they need.
        drop(std::hint::black_box(vec![1_u8; 200 << 20]));
        let (_, peak) = resident_and_peak().unwrap();
        assert!(peak >= before + 150.0, "{before} {peak}");
    }
}
