//! A process that answers lines with lines.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command};
use std::time::{Duration, Instant};

use serde::de::IgnoredAny;

use super::{Answer, Question, Version};
use crate::error::{Error, Result};
use crate::os::{Child, Group, readable, start_lasting};
use crate::words::{beginning, quoted_path};

/// Characters of an answer that are quoted.
pub const QUOTED: usize = 300;
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

/// What to do where the program `name` cannot be started.
fn advice(name: &str, reason: &io::Error) -> String {
    match reason.kind() {
        ErrorKind::NotFound if !name.contains('/') && Path::new(name).is_file() => {
            format!("; names without a folder are looked for in PATH: write `./{name}`")
        }
        ErrorKind::NotFound if Path::new(name).is_file() => {
            "; the program that its first line (`#!`) names is not there: correct that line".into()
        }
        ErrorKind::NotFound => "; give the path of a program, or the name of one whose folder is in PATH".into(),
        ErrorKind::PermissionDenied if Path::new(name).is_dir() => "; it is a folder: name a program".into(),
        ErrorKind::PermissionDenied if name.contains('/') => {
            format!(
                "; if it is a program, `chmod +x {}` makes it one that may be started",
                quoted_path(Path::new(name))
            )
        }
        _ => String::new(),
    }
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
            let name = words.first().map_or("", String::as_str);
            // Those that last are Pythons, of which their starter says more.
            let advice = if lasts { String::new() } else { advice(name, &e) };
            Error::Component(format!("`{name}` cannot be started: {e}{advice}"))
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

/// Whether no more of a line came: the process has fallen silent before its end.
pub fn is_cut_off(line: &[u8]) -> bool {
    !line.ends_with(b"\n") && line.len() <= LONGEST
}

/// The beginning of a line.
pub fn quoted(line: &[u8]) -> String {
    beginning(String::from_utf8_lossy(line).trim(), QUOTED)
}

/// What a line answers to this question.
///
/// # Errors
/// What is no answer, quoted, with what to write instead.
pub fn understood(name: &str, question: &Question<'_>, line: &[u8]) -> Result<Answer> {
    serde_json::from_slice(line).map_err(|_| {
        let (asked, example) = question.asked();
        let instead =
            format!("write one line such as `{example}` on standard output, and anything else on standard error");
        let said = match (quoted(line), odd_number(line), serde_json::from_slice::<IgnoredAny>(line)) {
            (text, ..) if text.is_empty() => format!("an empty line: {instead}"),
            (text, Some(odd), _) => format!("`{text}`, and JSON has no {odd}: write null or a text in its place"),
            (text, None, Ok(_)) => format!("`{text}`, which is no answer to it: {instead}"),
            (text, None, Err(e)) => {
                let why = e.to_string().replace("line 1 column", "column");
                format!("`{text}`, which is no JSON ({why}): {instead}")
            }
        };
        Error::Component(format!("{name} broke the protocol: it answered `{asked}` with {said}"))
    })
}

/// The number that makes a line no JSON, as Python's `json.dumps` writes it.
fn odd_number(line: &[u8]) -> Option<&'static str> {
    let column = serde_json::from_slice::<IgnoredAny>(line).err()?.column();
    let begins = |odd: &&str| {
        // The column is counted from 1; behind a minus sign it may be that of the sign.
        (column.saturating_sub(1)..=column)
            .any(|at| line.get(at..).is_some_and(|rest| rest.starts_with(odd.as_bytes())))
    };
    ["NaN", "Infinity"].into_iter().find(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> String {
        let parameters = serde_json::Value::Null;
        let question = Question::Restore { model: "model".into(), parameters: &parameters };
        understood("it", &question, line.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_answer_is_told_with_the_reason_and_what_to_write() {
        let begin = "it broke the protocol: it answered `restore` with ";
        let instead = "write one line such as `{\"error\":\"one sentence\"}` on standard output, and anything else on standard error";
        let null = "write null or a text in its place";
        for (line, told) in [
            ("\n", format!("an empty line: {instead}")),
            (" \t\n", format!("an empty line: {instead}")),
            ("Loading ...\n", format!("`Loading ...`, which is no JSON (expected value at column 1): {instead}")),
            ("{\"fitted\":{\"auc\":NaN}}\n", format!("`{{\"fitted\":{{\"auc\":NaN}}}}`, and JSON has no NaN: {null}")),
            ("{\"fitted\":-Infinity}\n", format!("`{{\"fitted\":-Infinity}}`, and JSON has no Infinity: {null}")),
            ("{\"fited\":{}}\n", format!("`{{\"fited\":{{}}}}`, which is no answer to it: {instead}")),
            (
                "{\"error\":\"a NaN\",\"x\":1}\n",
                format!("`{{\"error\":\"a NaN\",\"x\":1}}`, which is no answer to it: {instead}"),
            ),
        ] {
            assert_eq!(said(line), format!("{begin}{told}"), "{line}");
        }
        let long = said(&"y".repeat(1_000));
        assert!(long.contains(&format!("`{}...`, which is no JSON", "y".repeat(QUOTED))), "{long}");
    }

    #[test]
    fn a_line_without_its_end_is_cut_off_unless_it_is_too_long_to_be_read() {
        assert!(is_cut_off(b"") && is_cut_off(b"{\"fit") && !is_cut_off(b"{}\n"));
        assert!(!is_cut_off(&vec![b'y'; LONGEST + 1]));
    }
}
