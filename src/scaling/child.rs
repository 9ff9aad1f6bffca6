//! A measurement in a process of its own: the side that starts it and holds it to its bounds, and the side that measures.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::measure;
use super::point::{Ending, Measured, Task};
use crate::error::{Error, Result};
use crate::os::memory::tells_of_want;
use crate::os::{Child, End, Group, MemoryLimit, die_with_parent, limit_memory};

/// The hidden subcommand that measures.
const SUBCOMMAND: &str = "scaling-point";
/// What the measuring process writes before the name of a stage that begins.
const BEGINS: &str = "stage: ";
/// Bytes of the longest line of its output that is read at once.
const LONGEST: u64 = 1 << 20;

/// What one measurement may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Wall seconds from start to end of the process.
    pub seconds: f64,
    /// Address space, MiB.
    pub mib: u64,
}

/// How a measuring process ended: outcome, why there is no measurement, measurement.
pub type Ended = (Ending, Option<String>, Option<Measured>);

/// The measuring side: limits its own memory, measures, prints a line for each stage that begins and one line of JSON.
///
/// # Errors
/// Whatever a stage refuses; [`Error::Usage`] when `task` is no task.
pub fn serve(task: &str, mib: u64) -> Result<()> {
    die_with_parent();
    let task: Task = serde_json::from_str(task).map_err(|e| Error::Usage(format!("no scaling task: {e}")))?;
    limit_memory(MemoryLimit::Addresses, mib.saturating_mul(1 << 20))?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(task.threads)
        .build()
        .map_err(|e| Error::Usage(format!("cannot start {} threads: {e}", task.threads)))?;
    let measured = pool.install(|| measure::measure(&task, &mut |stage| println!("{BEGINS}{stage}")))?;
    let line = serde_json::to_string(&measured).map_err(|e| Error::Store(format!("cannot encode a point: {e}")))?;
    println!("{line}");
    Ok(())
}

/// The starting side: measures `task` in another process of this program. None when `stop` was set meanwhile.
///
/// # Errors
/// [`Error::Io`] when the process cannot be started.
pub fn run(task: &Task, bounds: Bounds, stop: &AtomicBool) -> Result<Option<Ended>> {
    let failed = |source| Error::Io { context: "cannot run a measuring process".into(), source };
    let text = serde_json::to_string(task).map_err(|e| Error::Store(format!("cannot encode a task: {e}")))?;
    let started = Instant::now();
    let mut command = Command::new("/proc/self/exe");
    command.arg0("fraudbench").env("RUST_BACKTRACE", "0").args([SUBCOMMAND, &text, &bounds.mib.to_string()]);
    let (mut child, _input, output) = Child::start(command, Group::Own).map_err(failed)?;
    let (lines, said) = channel();
    let listening = std::thread::Builder::new().name("stages".into()).spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        // Bytes, as the boosting libraries write their warnings to standard output too, in whatever encoding.
        while matches!((&mut output).take(LONGEST).read_until(b'\n', &mut line), Ok(1..)) {
            if lines.send(String::from_utf8_lossy(&line).trim().to_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    listening.map_err(failed)?;
    let deadline = started + Duration::from_secs_f64(bounds.seconds);
    let (mut stage, mut answer) = (None, String::new());
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match said.recv_timeout(left.min(Duration::from_millis(50))) {
            Ok(line) => match line.strip_prefix(BEGINS) {
                Some(begins) => stage = Some(begins.to_owned()),
                None => answer = line,
            },
            // It has closed its output, that is, it has ended.
            Err(RecvTimeoutError::Disconnected) => return Ok(Some(judge(&child.end(), &answer, stage.as_deref()))),
            Err(RecvTimeoutError::Timeout) if left.is_zero() => break,
            Err(RecvTimeoutError::Timeout) if stop.load(Ordering::SeqCst) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => (),
        }
    }
    let during = stage.map_or_else(|| " before its first stage".to_owned(), |stage| format!(" during {stage}"));
    Ok(Some((Ending::TimedOut, Some(format!("{} s had passed{during}", bounds.seconds)), None)))
}

/// What the end of a process that was not ended by us means.
fn judge(end: &End, answer: &str, stage: Option<&str>) -> Ended {
    if end.code == Some(0) {
        return match serde_json::from_str(answer) {
            Ok(measured) => (Ending::Measured, None, Some(measured)),
            Err(e) => (Ending::Failed, Some(format!("the measuring process answered with no measurement: {e}")), None),
        };
    }
    let stage = stage.unwrap_or("its start");
    // Nobody but us sends SIGKILL, except for a system that has run out of memory.
    if end.was_killed() || tells_of_want(&end.words) {
        return (Ending::OutOfMemory, Some(format!("memory ran out during {stage}")), None);
    }
    let reason = match end.words.rsplit(" / ").next().filter(|words| !words.is_empty()) {
        Some(words) => words.trim_start_matches("fraudbench: ").to_owned(),
        None => format!("the measuring process {}", end.how()),
    };
    (Ending::Failed, Some(format!("{stage}: {reason}")), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_apart() {
        let exited = |code: i32, words: &str| End { signal: None, code: Some(code), words: words.into() };
        let died = |signal: i32, words: &str| End { signal: Some(signal), code: None, words: words.into() };
        let outcome = |end: End, answer: &str| {
            let (outcome, reason, _) = judge(&end, answer, Some("fit"));
            (outcome, reason.unwrap_or_default())
        };
        let whole = r#"{"stages":[],"train_rows":8,"test_rows":2,"duplicate_rows":0,"pr_auc":null}"#;
        assert_eq!(outcome(exited(0, ""), whole), (Ending::Measured, String::new()));
        assert_eq!(outcome(exited(0, ""), "").0, Ending::Failed);
        let no_memory = (Ending::OutOfMemory, "memory ran out during fit".to_owned());
        assert_eq!(outcome(died(6, "memory allocation of 80 bytes failed"), ""), no_memory);
        assert_eq!(outcome(exited(2, "fraudbench: XGBoost's xgboost: std::bad_alloc"), ""), no_memory);
        assert_eq!(outcome(died(9, ""), ""), no_memory);
        let refused = outcome(exited(2, "a warning / fraudbench: the matrix is singular"), "");
        assert_eq!(refused, (Ending::Failed, "fit: the matrix is singular".to_owned()));
        let broken = outcome(died(11, ""), "");
        assert!(broken.0 == Ending::Failed && broken.1.contains("signal 11"), "{broken:?}");
    }
}
