//! Says on standard error that a command is at work, where that takes more than some seconds: silence looks like a hang.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::progress::duration;
use crate::words::{count, counted};

/// The time before the first line: nothing is said of what ends within some seconds.
const FIRST: Duration = Duration::from_secs(5);
/// The time between two lines that say how far the work is.
const COUNTED: Duration = Duration::from_secs(10);
/// The time between two that can only say that it goes on.
const UNCOUNTED: Duration = Duration::from_secs(60);

/// How far work is, as `noun`s: so many of so many. Of none it is not known yet.
pub(super) struct Far<'f> {
    pub noun: &'static str,
    pub of: &'f (dyn Fn() -> (usize, usize) + Sync),
}

/// Does the work, and says `what` goes on while it does.
pub(super) fn telling<T>(what: &str, work: impl FnOnce() -> T) -> T {
    beside(&|passed| (line(what, passed), UNCOUNTED), (FIRST, &|said| say!("{said}")), work)
}

/// Does the work, and says how far it is.
pub(super) fn telling_how_far<T>(what: &str, far: &Far<'_>, work: impl FnOnce() -> T) -> T {
    let said = |passed| match (far.of)() {
        (_, 0) => (line(what, passed), COUNTED),
        (done, of) => (counted_line(what, (done, of), far.noun, passed), COUNTED),
    };
    beside(&said, (FIRST, &|said| say!("{said}")), work)
}

/// `merging ...`, and after a minute `merging ... for 1 min 5 s`.
fn line(what: &str, passed: Duration) -> String {
    match passed < UNCOUNTED {
        true => format!("{what} ..."),
        false => format!("{what} ... for {}", duration(passed.as_secs_f64())),
    }
}

/// Such as `explaining: 1,200 of 15,000 shuffles, 3 min 5 s left`. What came before the first of them is short beside them.
fn counted_line(what: &str, (done, of): (usize, usize), noun: &str, passed: Duration) -> String {
    let left = match (1..of).contains(&done) {
        true => format!(", {} left", duration(passed.as_secs_f64() / done as f64 * (of - done) as f64)),
        false => String::new(),
    };
    format!("{what}: {} of {}{left}", count(done as u64), counted(of as u64, noun))
}

/// Does the work while another thread tells a line after the time `first`, and again: `line` makes it of the time that has passed, with the
/// time to the next.
fn beside<T>(
    line: &(dyn Fn(Duration) -> (String, Duration) + Sync),
    (first, tell): (Duration, &(dyn Fn(&str) + Sync)),
    work: impl FnOnce() -> T,
) -> T {
    // Dropped at the end of the work, however it ends.
    let (over, waits) = channel::<()>();
    std::thread::scope(|scope| {
        let lines = move || {
            let (begun, mut pause) = (Instant::now(), first);
            while waits.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                let (said, next) = line(begun.elapsed());
                tell(&said);
                pause = next;
            }
        };
        // Without a thread the work is done in silence.
        let _ = std::thread::Builder::new().name("waiting".into()).spawn_scoped(scope, lines);
        let done = work();
        drop(over);
        done
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn what_takes_longer_is_told_and_what_is_short_is_not() {
        let told = Mutex::new(Vec::new());
        let next = Duration::from_millis(20);
        let of = |first: Duration, work: Duration| {
            told.lock().unwrap().clear();
            let tell = |said: &str| told.lock().unwrap().push(said.to_owned());
            let done = beside(&|_| ("merging ...".to_owned(), next), (first, &tell), || {
                std::thread::sleep(work);
                7
            });
            (done, told.lock().unwrap().len())
        };
        assert_eq!(of(Duration::from_secs(600), Duration::ZERO), (7, 0));
        let (done, lines) = of(Duration::from_millis(20), Duration::from_millis(500));
        assert!(done == 7 && lines >= 2, "{lines}");
    }

    #[test]
    fn work_that_panics_ends_the_lines() {
        let line = |_: Duration| (String::new(), Duration::from_secs(600));
        let panics = || beside::<()>(&line, (Duration::from_secs(600), &|_| {}), || panic!("at work"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
    }

    #[test]
    fn lines_in_words() {
        let seconds = Duration::from_secs;
        assert_eq!(line("merging", seconds(5)), "merging ...");
        assert_eq!(line("merging", seconds(65)), "merging ... for 1 min 5 s");
        let of = |done, of, passed| counted_line("explaining", (done, of), "shuffle", seconds(passed));
        // 100 s for 1,000 are 0.1 s each: 500 s for the 5,000 others.
        assert_eq!(of(1_000, 6_000, 100), "explaining: 1,000 of 6,000 shuffles, 8 min 20 s left");
        assert_eq!([of(0, 1, 5), of(15, 15, 9)], ["explaining: 0 of 1 shuffle", "explaining: 15 of 15 shuffles"]);
    }
}
