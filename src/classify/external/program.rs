//! The program's process: one line out, one line in.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use rustix::process::{Signal, set_parent_process_death_signal};

use super::{Answer, Question};
use crate::error::{Error, Result};

/// Bytes of an answer or of the last words that are quoted.
const QUOTED: usize = 300;
/// Bytes of the longest answer that is read.
const LONGEST: u64 = 64 << 20;

pub struct Program {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last_words: Option<JoinHandle<String>>,
}

impl Program {
    /// # Errors
    /// The program cannot be started.
    pub fn start(name: &str, command: &[String]) -> Result<Self> {
        let failed = |e: std::io::Error| {
            Error::Component(format!("`{}` cannot be started: {e}", command.first().map_or("", String::as_str)))
        };
        let mut starting = Command::new(command.first().map_or("", String::as_str));
        starting.args(command.get(1..).unwrap_or_default());
        starting.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // SAFETY: one system call, nothing is allocated. The program goes when the thread goes that started it, which lives
        // until the cell is done.
        unsafe {
            starting.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
        }
        let mut child = starting.spawn().map_err(failed)?;
        let (input, output, error) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(output), Some(mut error)) = (output, error) else {
            return Err(Error::Component(format!("{name} was started without its pipes")));
        };
        let last_words = std::thread::spawn(move || {
            let mut kept: Vec<u8> = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = error.read(&mut buffer) {
                kept.extend_from_slice(&buffer[..read]);
                kept.drain(..kept.len().saturating_sub(QUOTED));
            }
            String::from_utf8_lossy(&kept).trim().replace('\n', " / ")
        });
        let output = BufReader::new(output);
        Ok(Program { name: name.to_owned(), child, input, output, last_words: Some(last_words) })
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// The program has ended, or says what is no answer.
    pub fn ask(&mut self, question: &Question<'_>) -> Result<Answer> {
        #[derive(serde::Serialize)]
        struct Line<'l, 'q> {
            protocol: u32,
            #[serde(flatten)]
            question: &'l Question<'q>,
        }
        let mut line = serde_json::to_vec(&Line { protocol: 1, question })
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
        let _ = self.child.kill();
        let how = match self.child.wait() {
            Ok(status) => match (status.signal(), status.code()) {
                (Some(9), _) => "without an answer".to_owned(),
                (Some(signal), _) => format!("by signal {signal}"),
                (_, Some(code)) => format!("with exit code {code}"),
                _ => "without an answer".to_owned(),
            },
            Err(e) => format!("unknown how: {e}"),
        };
        let words = self.last_words.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let words = if words.is_empty() { words } else { format!("; it said: {words}") };
        Error::Component(format!("{} ended {how}{words}", self.name))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.input = None;
        // The work is done: it need not be waited for until it has cleaned up.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
