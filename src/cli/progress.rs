//! The live progress display: a bar on a terminal, plain lines otherwise.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cell::Plan;
use crate::data::TableFacts;
use crate::run::{Event, Sink};
use crate::store::{Outcome, Record};
use crate::words::{count, counted};

/// Seconds between two plain lines; a failed cell is told at once.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// Shows what a run does, on standard error.
pub struct Progress {
    bar: Option<ProgressBar>,
    outstanding: usize,
    done: usize,
    failed: usize,
    last_line: Instant,
}

impl Progress {
    /// A display for standard error as it is now.
    pub fn new() -> Self {
        Progress {
            bar: std::io::stderr().is_terminal().then(|| ProgressBar::new(0)),
            outstanding: 0,
            done: 0,
            failed: 0,
            last_line: Instant::now(),
        }
    }

    fn say(&self, line: &str) -> io::Result<()> {
        let write = || writeln!(io::stderr(), "{line}");
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn planned(&self, plan: &Plan) -> io::Result<()> {
        plan.left_out().iter().try_for_each(|said| self.say(&format!("left out: {said}")))
    }

    fn opened(&self, data: &TableFacts) -> io::Result<()> {
        self.say(&format!(
            "{}: {}, {} positive, {}; {}",
            data.name,
            counted(data.rows, "row"),
            count(data.positives),
            counted(data.columns.len() as u64, "column"),
            counted(data.duplicate_rows, "exact duplicate row")
        ))?;
        match data.conflicting {
            0 => Ok(()),
            1 => self.say("warning: 1 group of rows with equal features has different labels; it is kept as it is"),
            n => self.say(&format!(
                "warning: {n} groups of rows with equal features have different labels; they are kept as they are"
            )),
        }
    }

    fn finished(&mut self, record: &Record, remaining: Option<f64>) -> io::Result<()> {
        self.done += 1;
        if record.outcome != Outcome::Scored {
            self.failed += 1;
            // A cell that was skipped has reached no stage.
            let stage = record.stage.map_or_else(String::new, |s| format!(" ({})", s.name()));
            let outcome = if record.outcome == Outcome::Skipped { "skipped" } else { "failed" };
            self.say(&format!("{outcome}: {}{stage}: {}", record.cell, record.reason.as_deref().unwrap_or("")))?;
        }
        let rest = remaining.map_or_else(String::new, |s| format!(", {} left", duration(s)));
        let seconds = record.seconds.fit + record.seconds.predict;
        let last =
            format!("{} {} fold {} in {seconds:.2} s", record.cell.scaler, record.cell.classifier, record.cell.fold);
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.done as u64);
                bar.set_message(format!("{} failed{rest}; {last}", self.failed));
                if self.done == self.outstanding {
                    bar.finish_and_clear();
                }
            }
            None if self.last_line.elapsed() >= PLAIN_INTERVAL || self.done == self.outstanding => {
                self.last_line = Instant::now();
                self.say(&format!("{}/{} cells, {} failed{rest}; {last}", self.done, self.outstanding, self.failed))?;
            }
            None => {}
        }
        Ok(())
    }
}

impl Sink for Progress {
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Opened { data } => self.opened(data),
            Event::Warning { said } => self.say(said),
            Event::Planned { plan } => self.planned(plan),
            Event::Started { planned, outstanding, workers, in_process } => {
                self.outstanding = *outstanding;
                if *in_process {
                    self.say("cells run in this process: no deadline, no memory limit, and a crash ends the run")?;
                }
                self.say(&format!(
                    "{outstanding} of {} to run, {workers} at a time{}",
                    counted(*planned as u64, "cell"),
                    if outstanding < planned { " (the others have their records)" } else { "" }
                ))?;
                if let Some(bar) = &self.bar {
                    bar.set_length(*outstanding as u64);
                    // The template is a constant; were it wrong, the default style would do.
                    if let Ok(style) =
                        ProgressStyle::with_template("{elapsed_precise} {bar:24} {pos}/{len} cells, {msg}")
                    {
                        bar.set_style(style);
                    }
                    bar.enable_steady_tick(Duration::from_millis(500));
                }
                Ok(())
            }
            Event::Finished { record, remaining } => self.finished(record, *remaining),
            Event::Stopping { in_flight } => self.say(&format!(
                "stopping: {} in flight will be finished; Ctrl-C again stops at once (only cells in flight are lost then)",
                counted(*in_flight as u64, "cell")
            )),
        }
    }
}

/// Seconds in words: `42 s`, `3 min 5 s`, `2 h 10 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_in_words() {
        assert_eq!(
            [duration(0.4), duration(59.4), duration(185.0), duration(7800.0)],
            ["0 s", "59 s", "3 min 5 s", "2 h 10 min"]
        );
    }
}
