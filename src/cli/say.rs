//! What is printed. Where it cannot be written the work goes on, as with `println!` and `eprintln!` it would not, and the end says
//! so; and nothing in names of others moves the terminal's cursor.

use std::fmt::Display;
use std::io::{self, ErrorKind, StdoutLock, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::data::civil;
use crate::error::{Error, Result};
use crate::words::harmless;

/// Why standard output takes nothing more, once a write has failed.
static REFUSED: Mutex<Option<io::Error>> = Mutex::new(None);

/// Whether lines on standard error are JSON objects.
static AS_JSON: AtomicBool = AtomicBool::new(false);

/// Prints a line on standard error.
macro_rules! say {
    ($($line:tt)*) => {
        $crate::cli::say::line(&format!($($line)*))
    };
}
/// Prints a line on standard output.
macro_rules! show {
    ($($line:tt)*) => {
        $crate::cli::say::text(format_args!("{}\n", format_args!($($line)*)))
    };
}

/// From here on every line on standard error is a JSON object.
pub(super) fn as_json() {
    AS_JSON.store(true, Ordering::Relaxed);
}

/// A line on standard error.
pub(super) fn line(line: &str) {
    let _ = match AS_JSON.load(Ordering::Relaxed) {
        true => event("said", serde_json::json!({ "said": line })),
        false => writeln!(io::stderr(), "{}", harmless(line)),
    };
}

/// A text of several lines on standard output.
pub(super) fn text(text: impl Display) {
    bytes(harmless(&text.to_string()).as_bytes());
}

/// Bytes on standard output, as they are. That they cannot be written is told by [`printed`], when the work is done.
pub(super) fn bytes(bytes: &[u8]) {
    let _ = Output.write_all(bytes);
}

/// Standard output for every command: the first failure is kept for [`printed`], and nothing more is written behind it.
pub(super) struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        attempt(|out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        attempt(StdoutLock::flush)
    }
}

fn attempt<T>(work: impl FnOnce(&mut StdoutLock<'static>) -> io::Result<T>) -> io::Result<T> {
    let mut refused = REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(reason) = &*refused {
        return Err(reason.kind().into());
    }
    work(&mut io::stdout().lock()).map_err(|reason| {
        let again = reason.kind().into();
        // What was interrupted is tried again.
        if reason.kind() != ErrorKind::Interrupted {
            *refused = Some(reason);
        }
        again
    })
}

/// Ends what is printed on standard output.
///
/// # Errors
/// [`Error::Io`] when not all of it could be written. A closed pipe (`| head`) is the reader's choice, not a failure.
pub(super) fn printed() -> Result<()> {
    // Its failure is kept as any other.
    let _ = Output.flush();
    let refused = REFUSED.lock().unwrap_or_else(PoisonError::into_inner).take();
    refused.map_or(Ok(()), unwritten)
}

/// The error of a write to standard output that was refused; none where its reader is gone.
pub(super) fn unwritten(reason: io::Error) -> Result<()> {
    match reason.kind() {
        ErrorKind::BrokenPipe => Ok(()),
        _ => Err(Error::io("write", Path::new("standard output"), reason)),
    }
}

/// The same, in which bold may begin and end.
pub(super) fn bold(text: &str) {
    const MARKS: [&str; 2] = ["\x1b[1m", "\x1b[0m"];
    let (mut shown, mut rest) = (String::new(), text);
    while let Some((at, mark)) = MARKS.iter().filter_map(|mark| rest.find(mark).map(|at| (at, mark))).min() {
        shown.push_str(&harmless(&rest[..at]));
        shown.push_str(mark);
        rest = &rest[at + mark.len()..];
    }
    shown.push_str(&harmless(rest));
    bytes(shown.as_bytes());
}

/// One event as a line of JSON on standard error; `facts` is an object.
///
/// # Errors
/// Nobody reads it.
pub(super) fn event(name: &str, facts: serde_json::Value) -> io::Result<()> {
    let mut line = serde_json::json!({ "time": now(), "event": name });
    if let (Some(line), serde_json::Value::Object(facts)) = (line.as_object_mut(), facts) {
        line.extend(facts);
    }
    writeln!(io::stderr(), "{line}")
}

/// The time, as logs have it: `2026-11-27T23:05:09Z`.
pub(super) fn now() -> String {
    // 1970 where the clock stands before it.
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let (year, month, day) = civil((seconds / 86_400) as i64);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
