//! The live progress display: a bar on a terminal, lines with their time otherwise, or a line of JSON per event.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::say::{self, now};
use crate::cell::{CellId, Plan};
use crate::data::TableFacts;
use crate::run::{Event, Remaining, Sink};
use crate::store::{Outcome, Record};
use crate::words::{and_more, count, counted, harmless};

/// Seconds between two plain lines; a failed cell is told at once.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);
/// Seconds between two estimates in a bar or in lines of JSON: nobody reads them faster.
const BAR_INTERVAL: Duration = Duration::from_secs(1);

/// How progress is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// A bar on a terminal, lines otherwise
    #[default]
    Auto,
    /// Lines with their time
    Lines,
    /// One JSON object per line and event
    Json,
}

impl Form {
    /// Gives every line on standard error this form, from the first one on.
    pub fn begin(self) {
        if self == Form::Json {
            say::as_json();
        }
    }
}

/// Shows what a run does, on standard error.
pub struct Progress {
    form: Form,
    wants_bar: bool,
    /// From the run's start on.
    bar: Option<ProgressBar>,
    is_coloured: bool,
    outstanding: usize,
    done: usize,
    failed: usize,
    /// What runs, and since when; the oldest first.
    running: Vec<(CellId, String)>,
    remaining: Option<f64>,
    /// Whether the cells are of several data sets, so that a cell is named with its own.
    has_several: bool,
    /// When what is left was shown last.
    last_shown: Instant,
}

/// A cell in few words.
fn short(cell: &CellId) -> String {
    let steps = [&cell.resampler, &cell.scaler, &cell.classifier].map(String::as_str);
    let steps: Vec<&str> = steps.into_iter().filter(|step| *step != "none").collect();
    let repeat = if cell.repeat > 0 { format!(" repeat {}", cell.repeat) } else { String::new() };
    format!("{}{repeat} fold {}", steps.join(" "), cell.fold)
}

impl Progress {
    /// A display for standard error as it is now.
    pub fn new() -> Self {
        Self::of(Form::Auto)
    }

    /// A display of this form.
    pub fn of(form: Form) -> Self {
        let is_terminal = io::stderr().is_terminal() && form != Form::Json;
        // https://no-color.org, and what terminals without colours are called.
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())
            || std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        Progress {
            form,
            wants_bar: is_terminal && form == Form::Auto,
            bar: None,
            is_coloured: is_terminal && !is_refused,
            outstanding: 0,
            done: 0,
            failed: 0,
            running: Vec::new(),
            remaining: None,
            has_several: false,
            last_shown: Instant::now(),
        }
    }

    /// A line, with its time where it is no terminal's.
    fn say(&self, line: &str) -> io::Result<()> {
        let line = harmless(line);
        let line = match (line.split_once(": "), self.is_coloured) {
            (Some(("failed", rest)), true) => format!("\x1b[31mfailed\x1b[0m: {rest}"),
            (Some(("warning", rest)), true) => format!("\x1b[33mwarning\x1b[0m: {rest}"),
            _ => line.into_owned(),
        };
        match &self.bar {
            Some(bar) => bar.suspend(|| writeln!(io::stderr(), "{line}")),
            None if self.wants_bar => writeln!(io::stderr(), "{line}"),
            None => writeln!(io::stderr(), "{} {line}", now()),
        }
    }

    /// What runs, as the end of a line: `; since 14:02:31 random-forest fold 2 and 1 more`.
    fn runs(&self) -> String {
        let Some((cell, since)) = self.running.first() else { return String::new() };
        let more = match self.running.len() {
            1 => String::new(),
            n => format!(" {}", and_more(n - 1)),
        };
        let clock = since.get(11..19).unwrap_or(since);
        let data_set = if self.has_several { format!("{} ", cell.data_set) } else { String::new() };
        format!("; since {clock} {data_set}{}{more}", short(cell))
    }

    fn state(&self) -> String {
        let rest = self.remaining.map_or_else(String::new, |s| format!(", {} left", duration(s)));
        format!("{} failed{rest}{}", self.failed, self.runs())
    }

    fn draw(&self) {
        if let Some(bar) = &self.bar {
            bar.set_position(self.done as u64);
            bar.set_message(harmless(&self.state()).into_owned());
        }
    }

    fn planned(&mut self, plan: &Plan) -> io::Result<()> {
        self.has_several = plan.cells.windows(2).any(|two| two[0].id.data_set != two[1].id.data_set);
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

    /// Counts a cell that ended; whether it is time to show how far the run is, with what is left then.
    fn count(&mut self, record: &Record, remaining: Remaining<'_>) -> bool {
        self.done += 1;
        self.failed += usize::from(record.outcome != Outcome::Scored);
        let is_json = self.form == Form::Json;
        let interval = if self.bar.is_some() || is_json { BAR_INTERVAL } else { PLAIN_INTERVAL };
        // A line of JSON has the last estimate that there was, and one as soon as there is any.
        let is_due = self.last_shown.elapsed() >= interval
            || self.done == self.outstanding
            || is_json && self.remaining.is_none();
        if is_due {
            self.last_shown = Instant::now();
            self.remaining = remaining.seconds();
        }
        is_due
    }

    fn finished(&mut self, record: &Record, remaining: Remaining<'_>) -> io::Result<()> {
        let is_due = self.count(record, remaining);
        if let Some(at) = self.running.iter().position(|(cell, _)| *cell == record.cell) {
            self.running.remove(at);
        }
        if record.outcome != Outcome::Scored {
            // A cell that was skipped has reached no stage.
            let stage = record.stage.map_or_else(String::new, |s| format!(" ({})", s.name()));
            let outcome = if record.outcome == Outcome::Skipped { "skipped" } else { "failed" };
            let cell = record.cell.named(self.has_several);
            let reason = record.reason.as_deref().unwrap_or("");
            self.say(&format!("{outcome}: {cell}{stage}: {reason}"))?;
        }
        self.draw();
        if self.bar.is_none() && is_due {
            self.say(&format!("{}/{} cells, {}", self.done, self.outstanding, self.state()))?;
        }
        Ok(())
    }

    fn started(&mut self, outstanding: usize, planned: usize, workers: usize, in_process: bool) -> io::Result<()> {
        self.outstanding = outstanding;
        if in_process {
            self.say("cells run in this process: no deadline, no memory limit, and a crash ends the run")?;
        }
        self.say(&format!(
            "{outstanding} of {} to run, {workers} at a time{}",
            counted(planned as u64, "cell"),
            if outstanding < planned { " (the others have their records)" } else { "" }
        ))?;
        if self.wants_bar {
            let bar = self.bar.insert(ProgressBar::new(outstanding as u64));
            // The message takes what is left of the line, whatever its width.
            let template = match self.is_coloured {
                true => "{elapsed} \x1b[36m{bar:12}\x1b[0m {pos}/{len} cells, {wide_msg}",
                false => "{elapsed} {bar:12} {pos}/{len} cells, {wide_msg}",
            };
            // The template is a constant; were it wrong, the default style would do.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        Ok(())
    }

    /// An event as a line of JSON.
    fn json(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Opened { data } => say::event(
                "opened",
                json!({ "data_set": data.name, "rows": data.rows, "positives": data.positives, "columns": data.columns.len() }),
            ),
            Event::Warning { said } => say::event("warning", json!({ "said": said })),
            Event::Planned { plan } => {
                let left_out: Vec<_> = plan
                    .unfit
                    .iter()
                    .map(|u| json!({ "data_set": u.data_set, "component": u.component, "pipelines": u.pipelines, "reason": u.reason }))
                    .collect();
                say::event("planned", json!({ "cells": plan.cells.len(), "left_out": left_out }))
            }
            Event::Started { planned, outstanding, workers, in_process } => {
                self.outstanding = *outstanding;
                let facts =
                    json!({ "cells": planned, "to_run": outstanding, "at_a_time": workers, "in_process": in_process });
                say::event("started", facts)
            }
            Event::Begun { cell } => {
                say::event("begun", json!({ "data_set": cell.data_set, "cell": cell.to_string() }))
            }
            Event::Finished { record, remaining } => {
                self.count(record, *remaining);
                say::event(
                    "finished",
                    json!({
                        "data_set": record.cell.data_set, "cell": record.cell.to_string(), "outcome": record.outcome, "stage": record.stage, "reason": record.reason,
                        "fit_seconds": record.seconds.fit, "predict_seconds": record.seconds.predict,
                        "done": self.done, "of": self.outstanding, "failed": self.failed, "seconds_left": self.remaining,
                    }),
                )
            }
            Event::Stopping { in_flight } => say::event("stopping", json!({ "in_flight": in_flight })),
            // The last cell, or that it stops, is told already.
            Event::Ended => Ok(()),
        }
    }
}

impl Sink for Progress {
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        if self.form == Form::Json {
            return self.json(event);
        }
        match event {
            Event::Opened { data } => self.opened(data),
            Event::Warning { said } => self.say(said),
            Event::Planned { plan } => self.planned(plan),
            Event::Started { planned, outstanding, workers, in_process } => {
                self.started(*outstanding, *planned, *workers, *in_process)
            }
            Event::Begun { cell } => {
                self.running.push(((*cell).clone(), now()));
                self.draw();
                Ok(())
            }
            Event::Finished { record, remaining } => self.finished(record, *remaining),
            Event::Stopping { in_flight } => self.say(&format!(
                "stopping: {} in flight will be finished; Ctrl-C again stops at once (only cells in flight are lost then)",
                counted(*in_flight as u64, "cell")
            )),
            Event::Ended => {
                // Else it would tick on between the lines that follow.
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
                Ok(())
            }
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
    use std::cell::Cell;
    use std::path::Path;

    use super::*;
    use crate::store::Directory;

    #[test]
    fn what_is_left_is_summed_up_only_for_a_line_that_shows_it() {
        let (_, records) = Directory::read(Path::new("results/families-5-fold")).unwrap();
        let record = records.iter().find(|record| record.outcome == Outcome::Scored).unwrap();
        let asked = Cell::new(0);
        let sum = || {
            asked.set(asked.get() + 1);
            Some(60.0)
        };
        let mut progress = Progress::of(Form::Lines);
        progress.outstanding = 1_000;
        let finish = |progress: &mut Progress| {
            progress.on(&Event::Finished { record, remaining: Remaining::of(&sum) }).unwrap();
            asked.get()
        };
        for _ in 0..998 {
            assert_eq!(finish(&mut progress), 0);
        }
        // Ten seconds after the last line.
        progress.last_shown = Instant::now().checked_sub(PLAIN_INTERVAL).unwrap();
        assert_eq!((finish(&mut progress), progress.remaining), (1, Some(60.0)));
        // And for the last cell.
        assert_eq!(finish(&mut progress), 2);
    }

    #[test]
    fn a_line_of_json_has_the_last_estimate_and_sums_up_none_of_its_own() {
        let (_, records) = Directory::read(Path::new("results/families-5-fold")).unwrap();
        let record = records.iter().find(|record| record.outcome == Outcome::Scored).unwrap();
        let (asked, known) = (Cell::new(0), Cell::new(None));
        let sum = || {
            asked.set(asked.get() + 1);
            known.get()
        };
        let mut progress = Progress::of(Form::Json);
        progress.outstanding = 1_000;
        let finish = |progress: &mut Progress| {
            // The clock is not to decide.
            progress.last_shown = Instant::now();
            progress.on(&Event::Finished { record, remaining: Remaining::of(&sum) }).unwrap();
            (asked.get(), progress.remaining)
        };
        assert_eq!(finish(&mut progress), (1, None));
        known.set(Some(60.0));
        assert_eq!(finish(&mut progress), (2, Some(60.0)));
        known.set(Some(50.0));
        assert_eq!(finish(&mut progress), (2, Some(60.0)));
        progress.done = 999;
        assert_eq!(finish(&mut progress), (3, Some(50.0)));
    }

    #[test]
    fn the_bar_goes_when_the_run_ends_also_with_cells_left() {
        let mut progress = Progress::of(Form::Lines);
        let bar = ProgressBar::hidden();
        bar.set_length(10);
        (progress.bar, progress.outstanding) = (Some(bar.clone()), 10);
        progress.on(&Event::Ended).unwrap();
        assert!(bar.is_finished() && progress.bar.is_none());
    }

    #[test]
    fn durations_in_words() {
        assert_eq!(
            [duration(0.4), duration(59.4), duration(185.0), duration(7800.0)],
            ["0 s", "59 s", "3 min 5 s", "2 h 10 min"]
        );
    }
}
