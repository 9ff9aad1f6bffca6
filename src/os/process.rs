//! Child processes: started with their pipes, killed with all that they have started, and asked how they died.

use std::io::{self, Read, Write};
use std::os::fd::RawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::family;
use super::lasting;
use super::limits::die_with_parent;

/// Bytes of a process's standard error that are kept for its last words.
const KEPT: usize = 600;
/// Lines of these that are quoted.
const LINES: usize = 8;
/// Where a process writes this byte (a record separator), it begins anew: what it said before is none of its last words.
const ANEW: u8 = 0x1e;
/// How long a process that has closed its output, or what it still says, is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which group of processes a child belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// One of its own: Ctrl-C in a terminal does not reach it, and a kill reaches what it has started too.
    Own,
    /// Its parent's: it is killed with its parent, and when the thread ends that started it.
    Parents,
    /// As that, but it is not a cell's: see [`super::lasting`].
    Lasting,
}

/// A child process; it is killed when it is dropped.
pub(crate) struct Child {
    child: std::process::Child,
    group: Group,
    /// What the processes that it starts are known by.
    mark: String,
    status: Option<ExitStatus>,
    /// Whether it was killed with all that it has started.
    is_over: bool,
    words: Arc<Mutex<Vec<u8>>>,
    silent: Receiver<()>,
}

/// How a child process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Its exit code.
    pub code: Option<i32>,
    /// Whether it had closed its output and went on: then its signal is ours.
    pub went_on: bool,
    /// The last lines of its standard error; often empty.
    pub words: String,
}

impl Child {
    /// Starts a process; returns it with the pipes to its input and from its output.
    ///
    /// # Errors
    /// It cannot be started, or nothing can listen to it.
    pub fn start(mut command: Command, group: Group) -> io::Result<(Self, ChildStdin, ChildStdout)> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mark = family::mark(&mut command);
        family::unblock(&mut command);
        match group {
            Group::Own => {
                command.process_group(0);
            }
            // SAFETY: one system call between fork and exec; nothing is allocated.
            Group::Parents | Group::Lasting => unsafe {
                command.pre_exec(|| {
                    die_with_parent();
                    Ok(())
                });
            },
        }
        let mut child = command.spawn()?;
        let (input, output, error) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let words = Arc::new(Mutex::new(Vec::new()));
        let (end, silent) = channel();
        // From here on the process is killed when anything fails.
        let child = Child { child, group, mark, status: None, is_over: false, words: Arc::clone(&words), silent };
        if group == Group::Lasting {
            lasting::enter(child.id());
        }
        let (Some(input), Some(output), Some(error)) = (input, output, error) else {
            return Err(io::Error::other("it has no pipes"));
        };
        std::thread::Builder::new().name("last words".into()).spawn(move || {
            listen(error, &words);
            drop(end);
        })?;
        Ok((child, input, output))
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it with all that it has started, and waits for its end.
    pub fn kill(&mut self) {
        if !self.is_over {
            self.is_over = true;
            self.kill_all();
            if self.group == Group::Lasting {
                lasting::leave(self.id());
            }
        }
    }

    /// Whether it has ended by itself; what it has started may go on.
    pub fn has_ended(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status.is_some()
    }

    /// Kills what it has started, as far as it goes on, but not the process itself.
    pub fn kill_started(&mut self) {
        family::end_started(self.child.id(), &self.mark);
    }

    /// Forgets what it has said on standard error.
    pub fn forget_words(&self) {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How a process ended that it has started, and that has spoken through it.
    pub fn end_of_started(&self, signal: Option<i32>, code: Option<i32>) -> End {
        let deadline = Instant::now() + PATIENCE / 10;
        let said = || self.words.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut words = said();
        // The thread that listens may be a moment behind.
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let now = said();
            if now == words || Instant::now() > deadline {
                return End { signal, code, went_on: false, words: quoted(&now) };
            }
            words = now;
        }
    }

    fn kill_all(&mut self) {
        // Once its end was asked for, its number may be another process's.
        if self.has_ended() {
            return family::end(None, &self.mark);
        }
        family::end(Some(self.child.id()), &self.mark);
        // Not there any more is what is wanted.
        match (self.group, i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)) {
            (Group::Own, Some(pid)) => {
                let _ = kill_process_group(pid, Signal::KILL);
            }
            _ => {
                let _ = self.child.kill();
            }
        }
        if self.status.is_none() {
            self.status = self.child.wait().ok();
        }
    }

    /// How it ended, once it has closed its output; a process that goes on all the same is killed. What it has started goes
    /// with it.
    pub fn end(&mut self) -> End {
        let deadline = Instant::now() + PATIENCE;
        while !self.has_ended() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let lives = self.status.is_none();
        self.kill();
        // The thread that listens may be a moment behind; something that left the group may keep the pipe open.
        let _ = self.silent.recv_timeout(PATIENCE / 10);
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let (signal, code) = (self.status.and_then(|s| s.signal()), self.status.and_then(|s| s.code()));
        // It may have ended by itself at the last moment.
        let went_on = lives && signal == Some(Signal::KILL.as_raw());
        End { signal, code, went_on, words: quoted(&words) }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

impl End {
    /// Whether it ended with exit code 0.
    pub fn is_well(&self) -> bool {
        self.code == Some(0)
    }

    /// Whether it was killed, by us or by someone else, the system perhaps.
    pub fn was_killed(&self) -> bool {
        self.signal == Some(Signal::KILL.as_raw())
    }

    /// How, as the end of a sentence: `ended by signal 6 (abort)`, with its last words.
    pub fn how(&self) -> String {
        self.how_and_when("")
    }

    /// The same with words about the moment, such as ` in the middle of an answer`.
    pub fn how_and_when(&self, when: &str) -> String {
        let how = match (self.signal, self.code) {
            _ if self.went_on => format!("closed its standard output{when}"),
            (Some(number), _) => format!("was ended by signal {number} ({}){when}", signal_name(number)),
            (_, Some(code)) => format!("ended with exit code {code}{when}"),
            _ => format!("ended{when}"),
        };
        match self.words.is_empty() {
            true => how,
            false => format!("{how}; it said: {}", self.words),
        }
    }
}

/// Whether there is something to read from a pipe within so long, its end included.
pub(crate) fn readable(pipe: RawFd, within: Duration) -> bool {
    let mut asked = libc::pollfd { fd: pipe, events: libc::POLLIN, revents: 0 };
    let milliseconds = libc::c_int::try_from(within.as_millis()).unwrap_or(libc::c_int::MAX);
    // SAFETY: one structure is passed, which lives as long as the call.
    unsafe { libc::poll(&raw mut asked, 1, milliseconds) > 0 }
}

/// Has what this process has said on standard error be forgotten by the [`Child`] that listens: a worker's words on one cell are none
/// on the next. It is told there, as who listens may be behind.
pub(crate) fn say_anew() {
    // Nobody listens where that fails.
    let _ = io::stderr().write_all(&[ANEW]);
}

/// Reads to the end, keeping the last bytes behind the last [`ANEW`].
fn listen(mut pipe: impl Read, words: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = pipe.read(&mut buffer) {
        let mut kept = words.lock().unwrap_or_else(PoisonError::into_inner);
        let mut said = &buffer[..read];
        if let Some(at) = said.iter().rposition(|byte| *byte == ANEW) {
            kept.clear();
            said = &said[at + 1..];
        }
        kept.extend_from_slice(said);
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }
}

fn quoted(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_frame(line)).collect();
    lines[lines.len().saturating_sub(LINES)..].join(" / ")
}

/// Whether a line of a program in Rust is about its standard library: where in it a panic began, and how to see more of that. Such
/// a panic, for want of memory as a rule, has its reason on the next line.
fn is_frame(line: &str) -> bool {
    line.contains(" panicked at /rustc/") || line.starts_with("note: run with `RUST_BACKTRACE")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, group: Group) -> (Child, ChildStdin, ChildStdout) {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Child::start(command, group).unwrap()
    }

    fn how(script: &str) -> String {
        shell(script, Group::Own).0.end().how()
    }

    #[test]
    fn ends_are_told_apart_with_the_last_words() {
        assert_eq!(how("exit 3"), "ended with exit code 3");
        assert_eq!(how("kill -SEGV $$"), "was ended by signal 11 (segmentation fault)");
        // By another one, as we wait for its end.
        assert_eq!(how("kill -KILL $$"), "was ended by signal 9 (kill)");
        assert_eq!(how("exec >&-; sleep 0.1; kill -KILL $$"), "was ended by signal 9 (kill)");
        assert_eq!(how("echo one >&2; echo two >&2; exit 4"), "ended with exit code 4; it said: one / two");
        let frames = "echo \"thread 't' (7) panicked at /rustc/0/library/std/src/x.rs:1:2:\"; echo no room; echo 'note: run with `RUST_BACKTRACE=1`'";
        assert_eq!(how(&format!("({frames}) >&2; exit 4")), "ended with exit code 4; it said: no room");
        let long = how("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1");
        assert!(long.ends_with("line 1998 / line 1999") && long.len() < 700, "{long}");
    }

    #[test]
    fn words_of_before_are_none_of_the_last_ones() {
        assert_eq!(how(r"printf 'one\n\036two\n' >&2; exit 4"), "ended with exit code 4; it said: two");
        // In parts, and with nothing behind.
        assert_eq!(how(r"echo one >&2; sleep 0.1; printf '\036' >&2; exit 4"), "ended with exit code 4");
        assert_eq!(
            how(r"printf 'one\036' >&2; sleep 0.1; echo two >&2; exit 4"),
            "ended with exit code 4; it said: two"
        );
    }

    #[test]
    fn a_process_that_goes_on_is_killed_with_what_it_has_started() {
        let (mut child, _input, mut output) = shell("sleep 600 & echo $!; exec >&-; sleep 600", Group::Own);
        let mut started = String::new();
        // Standard output stays open in the first `sleep`, so that only one line can be waited for.
        let mut byte = [0];
        while output.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
            started.push(byte[0] as char);
        }
        let end = child.end();
        assert!(end.was_killed());
        assert_eq!(end.how(), "closed its standard output");
        // It is killed, but a busy machine may take its time.
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let state = std::fs::read_to_string(format!("/proc/{started}/stat")).unwrap_or_default();
            if state.is_empty() || state.contains(" Z ") {
                break;
            }
            assert!(Instant::now() < deadline, "it goes on: {state}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
