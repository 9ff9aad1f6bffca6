//! The run's side of a worker process.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::protocol::{Begin, Reply, Request};
use crate::error::{Error, Result};
use crate::store::Stage;

/// How often a worker's memory is looked at.
const POLL: Duration = Duration::from_millis(50);
/// Lines of a worker's standard error that are kept.
const LAST_WORDS: usize = 8;

/// How a request ended.
#[derive(Debug)]
pub enum Ending {
    /// With the worker's last reply to it.
    Reply(Reply),
    /// The deadline passed; the worker is killed.
    TimedOut(Stage),
    /// It took too much memory: by our count, or it died for want of it, and how; the worker is dead.
    OutOfMemory(Stage, Option<String>),
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
}

/// A live worker process.
pub struct Process {
    child: Child,
    input: ChildStdin,
    replies: Receiver<Reply>,
    last_words: Arc<Mutex<VecDeque<String>>>,
}

impl Process {
    /// Starts a worker and waits until it has mapped the data.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be started, [`Error::Usage`] with its last words when it dies at once.
    pub fn start(begin: &Begin) -> Result<Self> {
        // The running program itself, even if its file was replaced meanwhile. A group of its own: Ctrl-C in a terminal is
        // for the run, and a kill reaches what the worker started too.
        let mut child = Command::new("/proc/self/exe")
            .arg0("fraudbench")
            // A record has room for why it died, not for where.
            .env("RUST_BACKTRACE", "0")
            .arg("worker")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| Error::io("start", Path::new("a worker"), e))?;
        let (Some(input), Some(output), Some(error)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(Error::Usage("a worker was started without its pipes".into()));
        };
        let (sender, replies) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Ok(reply) = serde_json::from_str(&line) else { return };
                if sender.send(reply).is_err() {
                    return;
                }
            }
        });
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        let heard = Arc::clone(&last_words);
        std::thread::spawn(move || {
            for line in BufReader::new(error).lines().map_while(Result::ok) {
                let mut words = heard.lock().unwrap_or_else(PoisonError::into_inner);
                words.push_back(line);
                if words.len() > LAST_WORDS {
                    words.pop_front();
                }
            }
        });
        let mut process = Process { child, input, replies, last_words };
        process.send(begin);
        match process.replies.recv() {
            Ok(Reply::Ready) => Ok(process),
            _ => {
                let (_, how) = process.last(0);
                Err(Error::Usage(format!("a worker did not begin: {how}")))
            }
        }
    }

    /// Has it do something, within limits. After anything but [`Ending::Reply`] the worker is dead.
    pub fn ask(&mut self, request: &Request, usage: Usage<'_>) -> Ending {
        let oom_kills = oom_kills();
        let started = Instant::now();
        let mut stage = request.work.first_stage();
        self.send(request);
        loop {
            match self.replies.recv_timeout(POLL) {
                Ok(Reply::Stage(reached)) => stage = reached,
                Ok(reply) => {
                    usage.gauge.store(0, Ordering::Relaxed);
                    return Ending::Reply(reply);
                }
                Err(RecvTimeoutError::Disconnected) => {
                    usage.gauge.store(0, Ordering::Relaxed);
                    let (by_memory, how) = self.last(oom_kills);
                    return match by_memory {
                        true => Ending::OutOfMemory(stage, Some(how)),
                        false => Ending::Died(stage, how),
                    };
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            let private = family_bytes(self.child.id());
            usage.gauge.store(private, Ordering::Relaxed);
            let over = usage.memory.is_some_and(|limit| private > limit);
            let late = usage.deadline.is_some_and(|deadline| started.elapsed() > deadline);
            if over || late {
                self.kill();
                usage.gauge.store(0, Ordering::Relaxed);
                return if over { Ending::OutOfMemory(stage, None) } else { Ending::TimedOut(stage) };
            }
        }
    }

    fn send(&mut self, message: &impl serde::Serialize) {
        // A worker that cannot be written to is dead, which is found out when its reply is waited for.
        if let Ok(mut line) = serde_json::to_vec(message) {
            line.push(b'\n');
            let _ = self.input.write_all(&line).and_then(|()| self.input.flush());
        }
    }

    fn kill(&mut self) -> Option<ExitStatus> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // Not there any more is what is wanted.
            let _ = kill_process_group(pid, Signal::KILL);
        }
        self.child.wait().ok()
    }

    /// How a dead worker died, and whether for want of memory. `before` are the kernel's kills for want of memory before.
    fn last(&mut self, before: u64) -> (bool, String) {
        // Its output has ended; if it has not died yet, as when it closed its output only, it is made to.
        let deadline = Instant::now() + Duration::from_secs(2);
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
                _ => break self.kill(),
            }
        };
        // What it has started goes with it.
        self.kill();
        // The thread that reads standard error may be a moment behind.
        std::thread::sleep(Duration::from_millis(20));
        let words: Vec<String> = self
            .last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|l| l.trim().to_owned())
            .collect();
        let words = words.join(" / ");
        let signal = status.and_then(|s| s.signal());
        let how = match (signal, status.and_then(|s| s.code())) {
            (Some(number), _) => format!("its worker was ended by signal {number} ({})", signal_name(number)),
            (_, Some(code)) => format!("its worker ended with exit code {code}"),
            _ => "its worker ended".into(),
        };
        let by_kernel = signal == Some(9) && oom_kills() > before;
        let by_memory = by_kernel || words.contains("memory allocation of") || words.contains("bad_alloc");
        match words.is_empty() {
            true => (by_memory, how),
            false => (by_memory, format!("{how}; it said: {words}")),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn signal_name(number: i32) -> &'static str {
    match number {
        4 => "illegal instruction",
        6 => "abort",
        7 => "bus error",
        8 => "arithmetic error",
        9 => "kill",
        11 => "segmentation fault",
        15 => "terminate",
        _ => "see `kill -l`",
    }
}

/// Bytes of memory that belong to this process alone; 0 when it is gone.
pub fn private_bytes(process: u32) -> u64 {
    status_kib(process, "RssAnon:") << 10
}

/// The same, with all that the process has started.
fn family_bytes(process: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task"));
    let children = tasks.into_iter().flatten().flatten().flat_map(|task| {
        let listed = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        listed.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()
    });
    private_bytes(process) + children.map(family_bytes).sum::<u64>()
}

fn status_kib(process: u32, field: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// How many processes the kernel has killed for want of memory since the machine was started.
fn oom_kills() -> u64 {
    let text = std::fs::read_to_string("/proc/vmstat").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}
