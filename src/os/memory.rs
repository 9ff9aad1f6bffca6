//! How much memory processes and the machine have.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Resource, getrlimit};

use super::control_group;
use super::family::children;
use super::lasting::lasting;
use crate::error::ZSTD_RAN_OUT;

/// How an allocation that was refused is told: by Rust, by C++, by the C library, by the operating system, by zstd.
const RAN_OUT: [&str; 6] = [
    "memory allocation of",
    "bad_alloc",
    "Cannot allocate memory",
    "ut of memory",
    "Resource temporarily unavailable",
    ZSTD_RAN_OUT,
];

/// Bytes of memory that belong to this process alone; 0 when it is gone.
pub(crate) fn private_bytes(process: u32) -> u64 {
    bytes_of(&format!("/proc/{process}/status"), "RssAnon:").unwrap_or(0)
}

/// The same, with all that the process has started, but for those that are `spared` themselves: what these have started counts.
pub(crate) fn family_bytes(process: u32, spared: &BTreeSet<u32>) -> u64 {
    let own = if spared.contains(&process) { 0 } else { private_bytes(process) };
    own + children(process).into_iter().map(|child| family_bytes(child, spared)).sum::<u64>()
}

/// The most that [`note_started`] has found since it was taken.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// Takes note of the memory of what this process has started, before that ends.
pub(crate) fn note_started() {
    STARTED.fetch_max(started_peak_bytes(), Ordering::Relaxed);
}

/// The most private memory that what this process has started had, as noted since the last call.
pub(crate) fn take_started() -> u64 {
    STARTED.swap(0, Ordering::Relaxed)
}

/// The most private memory that what this process has started had in all: every process's own peak, added up. One that lasts
/// from cell to cell is none of this cell's; what it has started is.
fn started_peak_bytes() -> u64 {
    fn of(process: u32, spared: &BTreeSet<u32>) -> u64 {
        let status = format!("/proc/{process}/status");
        // The peak counts files too, which are the same for all that map them.
        let files = bytes_of(&status, "RssFile:").unwrap_or(0) + bytes_of(&status, "RssShmem:").unwrap_or(0);
        let peak = bytes_of(&status, "VmHWM:").unwrap_or(0).saturating_sub(files);
        let own = if spared.contains(&process) { 0 } else { peak };
        own + children(process).into_iter().map(|child| of(child, spared)).sum::<u64>()
    }
    let spared = lasting();
    children(std::process::id()).into_iter().map(|child| of(child, &spared)).sum()
}

/// Bytes of this process that are resident now, shared ones too; none where the system does not tell (it is not Linux).
pub(crate) fn resident_bytes() -> Option<u64> {
    bytes_of("/proc/self/status", "VmRSS:")
}

/// The most bytes of this process that were resident since [`begin_peak`], shared ones too.
pub(crate) fn peak_bytes() -> Option<u64> {
    bytes_of("/proc/self/status", "VmHWM:")
}

/// Lets the peak begin anew. False where it cannot be set back: then it stays the peak since the start of the process.
pub(crate) fn begin_peak() -> bool {
    // proc(5): 5 sets the peak resident size to the current one.
    std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// Gives memory that is free within this process back to the system.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it has no preconditions, and touches only memory that is free.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Lets large pieces of memory go back to the system when they are freed, from now on; that takes a little time.
pub(crate) fn keep_no_large_pieces() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it sets a number that the allocator reads; a value that is not taken changes nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 20);
    }
}

/// Has all threads of this process take their memory from one place, where addresses are limited (`ulimit -v`). Else the C library
/// reserves 64 MiB of addresses for every thread, whether it needs them or not, and a limit counts them. To be called before any
/// thread is started.
pub fn spare_addresses() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    /// More than threads reserve: of one place they wait for each other, so that it is not had without need.
    const ENOUGH: u64 = 64 << 30;
    if getrlimit(Resource::As).current.is_some_and(|limit| limit < ENOUGH) {
        // SAFETY: as in `keep_no_large_pieces`.
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, 1);
        }
    }
}

/// Bytes of memory that this process and its children could get now: what the machine has free, within what this process is
/// limited to (`ulimit -v`) and what its container has.
pub(crate) fn available_bytes() -> Option<u64> {
    let free = bytes_of("/proc/meminfo", "MemAvailable:");
    [free, address_bytes(), control_group::free_bytes()].into_iter().flatten().min()
}

/// Bytes of private memory that this process may have in all, where that is limited.
pub(crate) fn limit_bytes() -> Option<u64> {
    getrlimit(Resource::Data).current
}

/// Bytes of addresses that this process may still take, where that is limited.
pub(crate) fn address_bytes() -> Option<u64> {
    let limit = getrlimit(Resource::As).current?;
    Some(limit.saturating_sub(bytes_of("/proc/self/status", "VmSize:").unwrap_or(0)))
}

/// Bytes of memory that the machine has.
pub(crate) fn machine_bytes() -> Option<u64> {
    bytes_of("/proc/meminfo", "MemTotal:")
}

/// How many processes the kernel has killed for want of memory since the machine was started.
pub(crate) fn oom_kills() -> u64 {
    first_number("/proc/vmstat", "oom_kill ").unwrap_or(0)
}

/// Whether the last words of a process tell that an allocation was refused.
pub(crate) fn tells_of_want(words: &str) -> bool {
    RAN_OUT.iter().any(|sign| words.contains(sign))
}

fn bytes_of(file: &str, field: &str) -> Option<u64> {
    first_number(file, field).map(|kib| kib << 10)
}

fn first_number(file: impl AsRef<Path>, field: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(field))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Whether this process runs the test `name` alone. Where it does not, a process that does so has passed.
    fn is_alone(name: &str) -> bool {
        const ALONE: &str = "FRAUDBENCH_TEST_ALONE";
        if std::env::var_os(ALONE).is_some() {
            return true;
        }
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let ended = alone.args([&format!("os::memory::tests::{name}"), "--exact"]).env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success() && said.contains("1 passed"), "{said}");
        false
    }

    #[test]
    fn a_large_block_shows_in_the_peak_and_in_private_memory() {
        // Other tests of this process give memory back meanwhile.
        if !is_alone("a_large_block_shows_in_the_peak_and_in_private_memory") {
            return;
        }
        assert!(begin_peak());
        let (before, own) = (resident_bytes().unwrap(), private_bytes(std::process::id()));
        let block = std::hint::black_box(vec![1_u8; 200 << 20]);
        assert!(private_bytes(std::process::id()) >= own + (150 << 20));
        drop(block);
        assert!(peak_bytes().unwrap() >= before + (150 << 20));
    }

    #[cfg(target_env = "gnu")]
    #[test]
    fn threads_reserve_no_addresses_where_these_are_limited() {
        use std::sync::Barrier;

        use rustix::process::{Rlimit, setrlimit};

        const THREADS: usize = 16;
        // The limit and the allocator are the process's.
        if !is_alone("threads_reserve_no_addresses_where_these_are_limited") {
            return;
        }
        let maximum = getrlimit(Resource::As).maximum;
        setrlimit(Resource::As, Rlimit { current: Some(8 << 30), maximum }).unwrap();
        spare_addresses();
        let addresses = || bytes_of("/proc/self/status", "VmSize:").unwrap();
        let (before, met) = (addresses(), Barrier::new(THREADS + 1));
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let block = std::hint::black_box(vec![1_u8; 1_000]);
                    met.wait();
                    met.wait();
                    drop(block);
                });
            }
            met.wait();
            let taken = (addresses() - before) >> 20;
            met.wait();
            // Each has a stack of 2 MiB; with a place of its own for memory, each had 64 MiB more.
            assert!(taken < 4 * THREADS as u64, "{taken} MiB");
        });
    }

    #[test]
    fn the_words_of_all_that_allocate_tell_of_want() {
        for words in [
            "memory allocation of 8 bytes failed",
            "std::bad_alloc",
            "Cannot allocate memory (os error 12)",
            "MemoryError: Out of memory",
            "Allocation error : not enough memory",
        ] {
            assert!(tells_of_want(words), "{words}");
        }
        assert!(!tells_of_want("no such file"));
    }

    #[test]
    fn the_machine_has_more_memory_than_is_available() {
        assert!(machine_bytes().unwrap() > available_bytes().unwrap());
    }
}
