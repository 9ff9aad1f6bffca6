//! The program's process: one line out, one line in.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout, Command};

use super::{Answer, Question, Version};
use crate::error::{Error, Result};
use crate::os::{Child, Group};

/// Characters of an answer that are quoted.
const QUOTED: usize = 300;
/// Bytes of the longest answer that is read.
const LONGEST: u64 = 64 << 20;

pub struct Program {
    name: String,
    protocol: Version,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
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
        Ok(Program { name: name.to_owned(), protocol, child, input: Some(input), output: BufReader::new(output) })
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
        let mut said = Vec::new();
        let read = (&mut self.output).take(LONGEST).read_until(b'\n', &mut said);
        if !matches!(read, Ok(1..)) {
            return Err(self.died());
        }
        serde_json::from_slice(&said).map_err(|_| {
            let text: String = String::from_utf8_lossy(&said).trim().chars().take(QUOTED).collect();
            Error::Component(format!("{} broke the protocol, it said: {text}", self.name))
        })
    }

    fn died(&mut self) -> Error {
        // It has closed its output; without input it has nothing left to do.
        self.input = None;
        Error::Component(format!("{} {}", self.name, self.child.end().how()))
    }
}
