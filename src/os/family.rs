//! All that a process has started, near and far: found, counted and ended together, whatever it does to be left alone.
//!
//! A process that lives after its parent belongs to the nearest ancestor that has asked for such ([`adopt_orphans`]), so that
//! a worker's family stays one tree as long as the worker lives. Beside it every process that is started with [`mark`] carries
//! a mark in its environment, which what it starts inherits: by that the family is found when the tree is broken.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use super::lasting::lasting;

/// The variable that holds the marks of a process and of those above it.
const MARK: &str = "FRAUDBENCH_FAMILY";
/// How long a family that does not come to an end is hunted.
const PATIENCE: Duration = Duration::from_secs(5);

/// The signals that were blocked when this process was started; none where it has blocked no others since.
static BLOCKED: OnceLock<libc::sigset_t> = OnceLock::new();
/// Whether this process was told to end.
static IS_TOLD: AtomicBool = AtomicBool::new(false);
/// Whether a thread of this process waits to be told.
static IS_AWAITED: AtomicBool = AtomicBool::new(false);

/// Makes this process the parent of whatever its descendants leave behind. False where that is refused.
pub(crate) fn adopt_orphans() -> bool {
    #[cfg(target_os = "linux")]
    // SAFETY: it sets a flag of this process.
    return unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) } == 0;
    #[cfg(not(target_os = "linux"))]
    false
}

/// Gives what `command` starts a mark of its own, which is returned.
pub(super) fn mark(command: &mut Command) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_nanos());
    let own = format!("{}.{since:x}.{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut marks = std::env::var_os(MARK).unwrap_or_default();
    marks.push("/");
    marks.push(&own);
    command.env(MARK, marks);
    own
}

/// The children of a process, those that it has adopted too.
pub(super) fn children(process: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task"));
    let listed = tasks.into_iter().flatten().flatten().flat_map(|task| {
        let listed = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        listed.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()
    });
    listed.collect()
}

/// Adds to `found` what `process` has started, near and far.
fn descend(process: u32, found: &mut BTreeSet<u32>) {
    for child in children(process) {
        if found.insert(child) {
            descend(child, found);
        }
    }
}

/// The processes that carry a mark.
fn marked(mark: &str) -> BTreeSet<u32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers.filter(|&process| carries(process, mark)).collect()
}

fn carries(process: u32, mark: &str) -> bool {
    let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
    let mut variables = environment.split(|&byte| byte == 0);
    let value = variables.find_map(|variable| variable.strip_prefix(MARK.as_bytes())?.strip_prefix(b"="));
    value.is_some_and(|marks| marks.split(|&byte| byte == b'/').any(|one| one == mark.as_bytes()))
}

/// Whether a process does anything yet: one that has ended and was not asked how does not.
fn lives(process: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

fn signal(process: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        // Not there any more is what is wanted.
        let _ = kill_process(pid, signal);
    }
}

/// Ends all that `process` has started, and all that carry its mark, but not `process` itself, which is stopped meanwhile so
/// that it starts nothing; none where it has ended, as its number may be another's then. Best effort: what may not be killed by
/// this user goes on.
pub(super) fn end(process: Option<u32>, mark: &str) {
    if let Some(process) = process {
        signal(process, Signal::STOP);
    }
    end_all(|| {
        let mut family = marked(mark);
        if let Some(process) = process {
            descend(process, &mut family);
            family.remove(&process);
        }
        family
    });
}

/// Ends what `process` has started, or what carries its mark, and goes on; `process` itself waits for another question meanwhile
/// and starts nothing.
pub(super) fn end_started(process: u32, mark: &str) {
    end_all(|| {
        let mut family = marked(mark);
        descend(process, &mut family);
        family.remove(&process);
        family
    });
}

/// Ends all that this process has started and that nobody here waits for any more, but what lasts from cell to cell: to be
/// called when no other [`super::Child`] lives.
pub(crate) fn end_own() {
    end_but(&lasting());
}

fn end_but(spared: &BTreeSet<u32>) {
    let own = std::process::id();
    let found = || {
        let mut family = BTreeSet::new();
        descend(own, &mut family);
        &family - spared
    };
    if found().is_empty() {
        return;
    }
    end_all(found);
    for child in children(own).into_iter().filter(|child| !spared.contains(child)) {
        if let Some(pid) = i32::try_from(child).ok().and_then(Pid::from_raw) {
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }
}

/// Ends all that `found` finds, until it finds nothing that lives.
fn end_all(found: impl Fn() -> BTreeSet<u32>) {
    let own = std::process::id();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let family: Vec<u32> = found().into_iter().filter(|&one| one != own && lives(one)).collect();
        if family.is_empty() || Instant::now() > deadline {
            return;
        }
        // All are stopped before the first is killed, so that none starts another meanwhile.
        family.iter().for_each(|&one| signal(one, Signal::STOP));
        family.iter().for_each(|&one| signal(one, Signal::KILL));
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Has what `command` starts begin with the signals blocked that were when this process was started: what this process has
/// blocked for itself since would be inherited, and what a program tells to end would never end.
pub(super) fn unblock(command: &mut Command) {
    let Some(blocked) = BLOCKED.get().copied() else { return };
    // SAFETY: one system call between fork and exec; nothing is allocated.
    unsafe {
        command.pre_exec(move || {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const blocked, std::ptr::null_mut());
            Ok(())
        });
    }
}

/// Waits for the end of this process if it was told to end. A signal that is sent to a whole family ends programs too, and
/// that is no failure of theirs. Not seen is a signal that the waiting thread has just taken and not noted yet.
pub(crate) fn await_end_if_told() {
    let is_told = || IS_TOLD.load(Ordering::SeqCst) || is_waiting(libc::SIGTERM);
    while IS_AWAITED.load(Ordering::SeqCst) && is_told() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a signal was sent that is blocked and that nothing has taken yet.
fn is_waiting(signal: libc::c_int) -> bool {
    let mut waiting = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is filled before it is read, where the call succeeds.
    unsafe { libc::sigpending(waiting.as_mut_ptr()) == 0 && libc::sigismember(waiting.as_ptr(), signal) == 1 }
}

/// Ends this process and all that it has started when it is told to end (SIGTERM), as the system does when the run ends (see
/// [`super::end_with_parent`]). To be called before any other thread is started.
///
/// # Errors
/// The thread that waits for it cannot be started.
pub(crate) fn end_when_told() -> std::io::Result<()> {
    let mut signals = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the sets are filled before they are read; blocking a signal changes this thread and those that it starts. It fails
    // only for what is no way to change a mask.
    let (signals, before) = unsafe {
        libc::sigemptyset(signals.as_mut_ptr());
        libc::sigaddset(signals.as_mut_ptr(), libc::SIGTERM);
        libc::pthread_sigmask(libc::SIG_BLOCK, signals.as_ptr(), before.as_mut_ptr());
        (signals.assume_init(), before.assume_init())
    };
    let _ = BLOCKED.set(before);
    let started = std::thread::Builder::new().name("end".into()).spawn(move || {
        let mut number = 0;
        // SAFETY: both are valid for as long as the call takes.
        while unsafe { libc::sigwait(&raw const signals, &raw mut number) } != 0 {}
        IS_TOLD.store(true, Ordering::SeqCst);
        end_but(&BTreeSet::new());
        // SAFETY: nothing of this process is to be done at its end.
        unsafe { libc::_exit(128 + libc::SIGTERM) };
    });
    IS_AWAITED.store(started.is_ok(), Ordering::SeqCst);
    if started.is_err() {
        // Or nothing would take the signal.
        // SAFETY: the set is valid; it changes this thread alone.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut()) };
    }
    started.map(drop)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_in_what_a_marked_process_starts() {
        let mut command = Command::new("sh");
        command.args(["-c", "setsid sleep 600 & setsid sleep 600 & wait"]);
        let mark = mark(&mut command);
        let mut child = command.spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while marked(&mark).len() < 3 {
            assert!(Instant::now() < deadline, "{:?}", marked(&mark));
            std::thread::sleep(Duration::from_millis(5));
        }
        let family = marked(&mark);
        assert!(family.contains(&child.id()));
        // The tree is broken: only the marks lead to them.
        child.kill().unwrap();
        child.wait().unwrap();
        end(None, &mark);
        assert!(family.iter().all(|&one| !lives(one)), "{family:?}");
        assert!(marked("no such mark").is_empty());
    }
}
