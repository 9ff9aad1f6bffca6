//! A measurement in a process of its own: the side that starts it and holds it to its bounds, and the side that measures.

use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::point::{Measured, Outcome, Task};
use super::{measure, memory};
use crate::error::{Error, Result};

/// The hidden subcommand that measures.
const SUBCOMMAND: &str = "scaling-point";
/// What the measuring process writes before the name of a stage that begins.
const BEGINS: &str = "stage: ";
/// How an allocation that the system refused is told: by Rust, by C++, by the C library, by the system.
const NO_MEMORY: [&str; 5] =
    ["memory allocation of", "bad_alloc", "Cannot allocate memory", "ut of memory", "Resource temporarily unavailable"];

/// What one measurement may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Wall seconds from start to end of the process.
    pub seconds: f64,
    /// Address space, MiB.
    pub mib: u64,
}

/// How a measuring process ended: outcome, why there is no measurement, measurement.
pub type Ended = (Outcome, Option<String>, Option<Measured>);

/// The measuring side: limits its own memory, measures, prints one line of JSON on standard output; on standard error a
/// line for each stage that begins.
///
/// # Errors
/// Whatever a stage refuses; [`Error::Usage`] when `task` is no task.
pub fn serve(task: &str, mib: u64) -> Result<()> {
    memory::die_with_parent();
    let task: Task = serde_json::from_str(task).map_err(|e| Error::Usage(format!("no scaling task: {e}")))?;
    memory::limit(mib)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(task.threads)
        .build()
        .map_err(|e| Error::Usage(format!("cannot start {} threads: {e}", task.threads)))?;
    let measured = pool.install(|| measure::measure(&task, &mut |stage| eprintln!("{BEGINS}{stage}")))?;
    let line = serde_json::to_string(&measured).map_err(|e| Error::Store(format!("cannot encode a point: {e}")))?;
    println!("{line}");
    Ok(())
}

/// The starting side: measures `task` in another process of this program. None when `stop` was set meanwhile.
///
/// # Errors
/// [`Error::Io`] when the process cannot be started or waited for.
pub fn run(task: &Task, bounds: Bounds, stop: &AtomicBool) -> Result<Option<Ended>> {
    let failed = |source| Error::Io { context: "cannot run a measuring process".into(), source };
    let program = std::env::current_exe().map_err(failed)?;
    let text = serde_json::to_string(task).map_err(|e| Error::Store(format!("cannot encode a task: {e}")))?;
    let started = Instant::now();
    let mut child = Command::new(program)
        .args([SUBCOMMAND, &text, &bounds.mib.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own: Ctrl-C reaches this process alone, which then decides.
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let (ended, watched) = channel();
    let said = child.stderr.take().map(|pipe| reader(pipe, || ()));
    let answer = child.stdout.take().map(|pipe| reader(pipe, move || drop(ended)));
    let deadline = started + Duration::from_secs_f64(bounds.seconds);
    let in_time = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // The channel breaks when the process has closed its output, that is, at its end.
        match watched.recv_timeout(left.min(Duration::from_millis(50))) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break true,
            Err(RecvTimeoutError::Timeout) if left.is_zero() => break false,
            Err(RecvTimeoutError::Timeout) if stop.load(Ordering::SeqCst) => break false,
            Err(RecvTimeoutError::Timeout) => (),
        }
    };
    let status = end(&mut child, in_time).map_err(failed)?;
    let (said, answer) = (joined(said), joined(answer));
    Ok(match (in_time, stop.load(Ordering::SeqCst)) {
        (true, _) => Some(judge(status, &answer, &said)),
        (false, true) => None,
        (false, false) => {
            let stage = said.lines().rev().find_map(|line| line.strip_prefix(BEGINS));
            let during = stage.map_or_else(|| " before its first stage".to_owned(), |stage| format!(" during {stage}"));
            Some((Outcome::TimedOut, Some(format!("{} s had passed{during}", bounds.seconds)), None))
        }
    })
}

/// Reads a pipe to its end in a thread of its own, then calls `then`.
fn reader(mut pipe: impl Read + Send + 'static, then: impl FnOnce() + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before a failure is what there is to judge by.
        let _ = pipe.read_to_end(&mut bytes);
        then();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn joined(thread: Option<JoinHandle<String>>) -> String {
    thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
}

fn end(child: &mut Child, in_time: bool) -> std::io::Result<ExitStatus> {
    if !in_time {
        child.kill()?;
    }
    child.wait()
}

/// What the end of a process that was not ended by us means.
fn judge(status: ExitStatus, answer: &str, said: &str) -> Ended {
    if status.success() {
        // The last line: the boosting libraries write their warnings to standard output too.
        return match serde_json::from_str(answer.lines().last().unwrap_or_default()) {
            Ok(measured) => (Outcome::Measured, None, Some(measured)),
            Err(e) => (Outcome::Failed, Some(format!("the measuring process answered with no measurement: {e}")), None),
        };
    }
    let stage = said.lines().rev().find_map(|line| line.strip_prefix(BEGINS)).unwrap_or("its start");
    let words = said.lines().rfind(|line| !line.starts_with(BEGINS) && !line.trim().is_empty());
    let words = words.map(|words| words.trim_start_matches("fraudbench: ").to_owned());
    // Nobody but us sends SIGKILL, except for a system that has run out of memory.
    let killed = status.signal() == Some(libc::SIGKILL);
    match killed || NO_MEMORY.iter().any(|sign| said.contains(sign)) {
        true => (Outcome::OutOfMemory, Some(format!("memory ran out during {stage}")), None),
        false => {
            let reason = words.unwrap_or_else(|| format!("the measuring process ended with {status}"));
            (Outcome::Failed, Some(format!("{stage}: {reason}")), None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_apart() {
        let exited = |code: i32| ExitStatus::from_raw(code << 8);
        let aborted = ExitStatus::from_raw(libc::SIGABRT);
        let started = "stage: simulate\nstage: fit\n";
        let outcome = |status, answer: &str, said: &str| {
            let (outcome, reason, _) = judge(status, answer, &format!("{started}{said}"));
            (outcome, reason.unwrap_or_default())
        };
        let whole = r#"{"stages":[],"train_rows":8,"test_rows":2,"duplicate_rows":0,"pr_auc":null}"#;
        assert_eq!(outcome(exited(0), whole, ""), (Outcome::Measured, String::new()));
        assert_eq!(outcome(exited(0), &format!("[LightGBM] a warning\n{whole}\n"), "").0, Outcome::Measured);
        assert_eq!(outcome(exited(0), "", "").0, Outcome::Failed);
        let no_memory = (Outcome::OutOfMemory, "memory ran out during fit".to_owned());
        assert_eq!(outcome(aborted, "", "memory allocation of 80 bytes failed\n"), no_memory);
        assert_eq!(outcome(exited(2), "", "fraudbench: XGBoost's xgboost: std::bad_alloc\n"), no_memory);
        assert_eq!(outcome(ExitStatus::from_raw(libc::SIGKILL), "", ""), no_memory);
        let refused = outcome(exited(2), "", "fraudbench: the matrix is singular\n");
        assert_eq!(refused, (Outcome::Failed, "fit: the matrix is singular".to_owned()));
        let broken = outcome(ExitStatus::from_raw(libc::SIGSEGV), "", "");
        assert!(broken.0 == Outcome::Failed && broken.1.contains("signal: 11"), "{broken:?}");
    }
}
