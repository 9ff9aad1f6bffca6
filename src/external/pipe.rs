//! A process that answers lines with lines.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::process::{ChildStdin, ChildStdout, Command};
use std::time::{Duration, Instant};

use super::{Answer, Question, Version};
use crate::error::{Error, Result};
use crate::os::{Child, Group, readable, start_lasting};

/// Characters of an answer that are quoted.
const QUOTED: usize = 300;
/// Bytes of the longest answer that is read.
const LONGEST: usize = 64 << 20;
/// How often a process that says nothing is looked at.
const LOOK: Duration = Duration::from_millis(50);

pub struct Pipe {
    pub child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    /// What was read beyond the last answer.
    read: Vec<u8>,
}

impl Pipe {
    /// Starts a process. It is killed with this process, and unless it `lasts`, when the thread ends that starts it.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(words: &[String], lasts: bool) -> Result<Self> {
        let mut command = Command::new(words.first().map_or("", String::as_str));
        command.args(words.get(1..).unwrap_or_default());
        let started = if lasts { start_lasting(command) } else { Child::start(command, Group::Parents) };
        let (child, input, output) = started.map_err(|e| {
            Error::Component(format!("`{}` cannot be started: {e}", words.first().map_or("", String::as_str)))
        })?;
        Ok(Pipe { child, input: Some(input), output, read: Vec::new() })
    }

    /// Asks. A process that has ended already is found out by its silence.
    ///
    /// # Errors
    /// The question cannot be written as JSON.
    pub fn ask(&mut self, name: &str, protocol: Version, question: &Question<'_>) -> Result<()> {
        #[derive(serde::Serialize)]
        struct Line<'l, 'q> {
            protocol: Version,
            #[serde(flatten)]
            question: &'l Question<'q>,
        }
        let mut line = serde_json::to_vec(&Line { protocol, question })
            .map_err(|e| Error::Component(format!("{name}: the question cannot be written: {e}")))?;
        line.push(b'\n');
        if let Some(input) = &mut self.input {
            let _ = input.write_all(&line).and_then(|()| input.flush());
        }
        Ok(())
    }

    /// The end of its input.
    pub fn close(&mut self) {
        self.input = None;
    }

    /// Its next line, or what there is of it where no more comes: because it has closed its output, or has ended, or `until`
    /// has passed. Something that it has started may hold the output open all the same.
    pub fn line(&mut self, until: Option<Instant>) -> Vec<u8> {
        let mut block = vec![0; 1 << 16];
        let mut searched = 0;
        loop {
            if let Some(at) = self.read[searched..].iter().position(|&byte| byte == b'\n') {
                let rest = self.read.split_off(searched + at + 1);
                return std::mem::replace(&mut self.read, rest);
            }
            searched = self.read.len();
            let is_late = until.is_some_and(|until| Instant::now() > until);
            // Before the last look: what it wrote before it ended is there by then.
            let has_ended = self.child.has_ended();
            let is_there = readable(self.output.as_raw_fd(), if has_ended { Duration::ZERO } else { LOOK });
            let read = if is_there { self.output.read(&mut block).unwrap_or(0) } else { 0 };
            if (is_there || has_ended || is_late) && read == 0 || searched > LONGEST {
                return std::mem::take(&mut self.read);
            }
            self.read.extend_from_slice(&block[..read]);
        }
    }
}

/// What a line says.
///
/// # Errors
/// What is no answer, quoted.
pub fn understood(name: &str, line: &[u8]) -> Result<Answer> {
    serde_json::from_slice(line).map_err(|_| {
        let text: String = String::from_utf8_lossy(line).trim().chars().take(QUOTED).collect();
        Error::Component(format!("{name} broke the protocol, it said: {text}"))
    })
}
