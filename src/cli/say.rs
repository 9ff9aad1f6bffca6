//! What is printed. Where nobody reads it any more the work goes on, as `println!` and `eprintln!` would not; and nothing in names of
//! others moves the terminal's cursor.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::data::civil;
use crate::words::harmless;

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
    let _ = write!(io::stdout(), "{}", harmless(&text.to_string()));
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
    let _ = write!(io::stdout(), "{shown}{}", harmless(rest));
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
