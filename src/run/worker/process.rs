//! The run's side of a worker process.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::protocol::{Begin, Reply, Request};
use crate::classify::give_way;
use crate::error::{Error, Result};
use crate::os::memory::{family_bytes, oom_kills, tells_of_want};
use crate::os::{Child, Group};
use crate::store::Stage;

/// How often a worker's memory is looked at.
const POLL: Duration = Duration::from_millis(50);
/// The longest time between two looks that is counted: what is longer was no time for work.
const LONGEST_LOOK: Duration = Duration::from_secs(1);
/// How long a worker may take to map the data and to make the splits.
const BEGINNING: Duration = Duration::from_secs(600);

/// How a request ended.
#[derive(Debug)]
pub enum Ending {
    /// With the worker's last reply to it.
    Reply(Reply),
    /// The deadline passed; the worker is killed.
    TimedOut(Stage),
    /// It took too much memory: by our count, or it died for want of it, and how; the worker is dead.
    OutOfMemory(Stage, Option<String>),
    /// The run has ended meanwhile; the worker is killed.
    GivenUp,
    /// The worker died.
    Died(Stage, String),
}

/// What a request may use.
#[derive(Debug, Clone, Copy)]
pub struct Usage<'u> {
    /// Wall time.
    pub deadline: Option<Duration>,
    /// Bytes of private memory.
    pub memory: Option<u64>,
    /// Where the worker's private memory is told as it changes.
    pub gauge: &'u AtomicU64,
    /// When it is set, nobody waits for the reply any more.
    pub ended: &'u AtomicBool,
}

/// A live worker process.
pub struct Process {
    child: Child,
    input: ChildStdin,
    replies: Receiver<Reply>,
    most: u64,
    taken: Duration,
    /// The processes that it keeps from cell to cell.
    lasting: BTreeSet<u32>,
}

impl Process {
    /// Starts a worker and waits until it has mapped the data.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be started, [`Error::Usage`] with its last words when it dies at once.
    pub fn start(begin: &Begin) -> Result<Self> {
        let failed = |e| Error::io("start", Path::new("a worker"), e);
        // The running program itself, even if its file was replaced meanwhile.
        let mut command = Command::new("/proc/self/exe");
        // A record has room for why it died, not for where.
        command.arg0("fraudbench").env("RUST_BACKTRACE", "0").arg(super::ARGUMENT);
        // As `quiet_openmp` does for this process, whose `main` may not have called it.
        give_way(&mut command, |name| std::env::var_os(name).is_some());
        let (child, input, output) = Child::start(command, Group::Own).map_err(failed)?;
        let (sender, replies) = channel();
        let listening = std::thread::Builder::new().name("replies".into()).spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Ok(reply) = serde_json::from_str(&line) else { return };
                if sender.send(reply).is_err() {
                    return;
                }
            }
        });
        listening.map_err(failed)?;
        let mut process = Process { child, input, replies, most: 0, taken: Duration::ZERO, lasting: BTreeSet::new() };
        process.send(begin);
        match process.replies.recv_timeout(BEGINNING) {
            Ok(Reply::Ready) => Ok(process),
            Err(RecvTimeoutError::Timeout) => {
                let words = process.child.end().words;
                let said = if words.is_empty() { String::new() } else { format!("; it said: {words}") };
                Err(Error::Usage(format!("a worker did not begin within {} s{said}", BEGINNING.as_secs())))
            }
            _ => Err(Error::Usage(format!("a worker did not begin: it {}", process.child.end().how()))),
        }
    }

    /// Has it do something, within limits. After anything but [`Ending::Reply`] the worker is dead.
    pub fn ask(&mut self, request: &Request, usage: Usage<'_>) -> Ending {
        let oom_kills = oom_kills();
        // A run that was stopped and goes on (Ctrl-Z, a batch system) has not let its cells work meanwhile.
        let (mut passed, mut looked) = (Duration::ZERO, Instant::now());
        self.most = 0;
        self.taken = Duration::ZERO;
        let mut stage = request.work.first_stage();
        let mut began = Duration::ZERO;
        self.send(request);
        loop {
            match self.replies.recv_timeout(POLL) {
                Ok(Reply::Stage(reached)) => {
                    stage = reached;
                    began = after(passed, looked.elapsed());
                }
                Ok(Reply::Lasting(now)) => self.lasting = now,
                Ok(reply) => {
                    usage.gauge.store(0, Ordering::Relaxed);
                    return Ending::Reply(reply);
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.taken = after(passed, looked.elapsed()).saturating_sub(began);
                    usage.gauge.store(0, Ordering::Relaxed);
                    let (by_memory, how) = self.last(oom_kills);
                    return match by_memory {
                        true => Ending::OutOfMemory(stage, Some(how)),
                        false => Ending::Died(stage, how),
                    };
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            let since = looked.elapsed();
            looked += since;
            passed = after(passed, since);
            self.taken = passed.saturating_sub(began);
            let private = family_bytes(self.child.id(), &self.lasting);
            self.most = self.most.max(private);
            usage.gauge.store(private, Ordering::Relaxed);
            if usage.ended.load(Ordering::SeqCst) {
                self.child.kill();
                return Ending::GivenUp;
            }
            let over = usage.memory.is_some_and(|limit| private > limit);
            let late = usage.deadline.is_some_and(|deadline| passed > deadline);
            if over || late {
                self.child.kill();
                usage.gauge.store(0, Ordering::Relaxed);
                return if over { Ending::OutOfMemory(stage, None) } else { Ending::TimedOut(stage) };
            }
        }
    }

    /// The most private memory that it had, with all that it has started, whenever it was looked at since the last question.
    pub fn most_bytes(&self) -> u64 {
        self.most
    }

    /// Wall time of the stage in which it ended, if the last question had no reply.
    pub fn taken(&self) -> Duration {
        self.taken
    }

    fn send(&mut self, message: &impl serde::Serialize) {
        // A worker that cannot be written to is dead, which is found out when its reply is waited for.
        if let Ok(mut line) = serde_json::to_vec(message) {
            line.push(b'\n');
            let _ = self.input.write_all(&line).and_then(|()| self.input.flush());
        }
    }

    /// How a dead worker died, and whether for want of memory. `before` are the kernel's kills for want of memory before.
    fn last(&mut self, before: u64) -> (bool, String) {
        let end = self.child.end();
        let by_kernel = end.was_killed() && !end.went_on && oom_kills() > before;
        (by_kernel || tells_of_want(&end.words), format!("its worker {}", end.how()))
    }
}

/// The time that counts, this long after the last look, at which `passed` had. A machine that sleeps, and a run that is stopped,
/// are not at work.
fn after(passed: Duration, since: Duration) -> Duration {
    passed + since.min(LONGEST_LOOK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_between_two_looks_is_a_second_of_work_at_most() {
        let (milliseconds, hours) = (Duration::from_millis, |hours: u64| Duration::from_secs(3_600 * hours));
        let looks = [milliseconds(50), milliseconds(60), hours(6), milliseconds(50), milliseconds(1_000), hours(1)];
        // 0.05 + 0.06 + 1 + 0.05 + 1 + 1 seconds.
        assert_eq!(looks.into_iter().fold(Duration::ZERO, after), milliseconds(3_160));
    }
}
