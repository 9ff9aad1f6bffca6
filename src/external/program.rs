//! The program's process: one line out, one line in.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::process::{ChildStdin, ChildStdout, Command};
use std::time::{Duration, Instant};

use super::{Answer, Question, Version};
use crate::error::{Error, Result};
use crate::os::{Child, Group, memory, readable};

/// Characters of an answer that are quoted.
const QUOTED: usize = 300;
/// Bytes of the longest answer that is read.
const LONGEST: usize = 64 << 20;
/// How often a program that says nothing is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long a program that has answered everything may take to end.
const FAREWELL: Duration = Duration::from_secs(10);

pub struct Program {
    name: String,
    protocol: Version,
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    /// What was read beyond the last answer.
    read: Vec<u8>,
}

impl Program {
    /// Starts the program. It is killed with this process, and when the thread ends that starts it, which lives until the
    /// cell is done.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start(name: &str, words: &[String], protocol: Version) -> Result<Self> {
        let mut command = Command::new(words.first().map_or("", String::as_str));
        command.args(words.get(1..).unwrap_or_default());
        let (child, input, output) = Child::start(command, Group::Parents).map_err(|e| {
            Error::Component(format!("`{}` cannot be started: {e}", words.first().map_or("", String::as_str)))
        })?;
        Ok(Program { name: name.to_owned(), protocol, child, input: Some(input), output, read: Vec::new() })
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// The program has ended, or says what is no answer.
    pub fn ask(&mut self, question: &Question<'_>) -> Result<Answer> {
        #[derive(serde::Serialize)]
        struct Line<'l, 'q> {
            protocol: Version,
            #[serde(flatten)]
            question: &'l Question<'q>,
        }
        let mut line = serde_json::to_vec(&Line { protocol: self.protocol, question })
            .map_err(|e| Error::Component(format!("{}: the question cannot be written: {e}", self.name)))?;
        line.push(b'\n');
        if let Some(input) = &mut self.input {
            // If it has ended already its silence tells.
            let _ = input.write_all(&line).and_then(|()| input.flush());
        }
        let said = self.line();
        if said.is_empty() {
            return Err(self.died());
        }
        serde_json::from_slice(&said).map_err(|_| {
            let text: String = String::from_utf8_lossy(&said).trim().chars().take(QUOTED).collect();
            Error::Component(format!("{} broke the protocol, it said: {text}", self.name))
        })
    }

    /// Its next line, or what there is of it where no more comes: because it has closed its output, or has ended. Something
    /// that it has started may hold the output open all the same.
    fn line(&mut self) -> Vec<u8> {
        let mut block = vec![0; 1 << 16];
        let mut searched = 0;
        loop {
            if let Some(at) = self.read[searched..].iter().position(|&byte| byte == b'\n') {
                let rest = self.read.split_off(searched + at + 1);
                return std::mem::replace(&mut self.read, rest);
            }
            searched = self.read.len();
            // Before the last look: what it wrote before it ended is there by then.
            let has_ended = self.child.has_ended();
            let is_there = readable(self.output.as_raw_fd(), if has_ended { Duration::ZERO } else { LOOK });
            let read = if is_there { self.output.read(&mut block).unwrap_or(0) } else { 0 };
            if (is_there || has_ended) && read == 0 || searched > LONGEST {
                return std::mem::take(&mut self.read);
            }
            self.read.extend_from_slice(&block[..read]);
        }
    }

    /// Has it end, as it does when its input ends.
    ///
    /// # Errors
    /// It ends by a signal or with an exit code other than 0: what it has said before is not to be trusted then.
    pub fn close(&mut self) -> Result<()> {
        memory::note_started();
        self.input = None;
        let deadline = Instant::now() + FAREWELL;
        while !self.child.has_ended() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
        // One that does not end by itself is killed, which is no failure of its own.
        match self.child.has_ended() {
            true if !self.child.end().is_well() => {
                Err(Error::Component(format!("{} answered everything, and then {}", self.name, self.child.end().how())))
            }
            _ => Ok(()),
        }
    }

    fn died(&mut self) -> Error {
        // It has closed its output; without input it has nothing left to do.
        self.input = None;
        Error::Component(format!("{} {}", self.name, self.child.end().how()))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        memory::note_started();
    }
}
