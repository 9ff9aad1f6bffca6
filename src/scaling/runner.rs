//! Which measurements there are, which of them are still to be made, and making them.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::child::{self, Bounds};
use super::point::{Ending, Point, Subject, SubjectKind, Task};
use crate::error::{Error, Result};
use crate::report::number::count;
use crate::report::words::counted;
use crate::store::{FORMAT, Log, Machine, read_records};

/// What is measured, at which sizes and shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Sizes {
    /// The components.
    pub subjects: Vec<Subject>,
    /// Numbers of rows, ascending.
    pub rows: Vec<usize>,
    /// Shares of positives. Scalers do not look at labels and are measured at the first share only.
    pub positives: Vec<f64>,
    /// Feature columns.
    pub columns: usize,
    /// The seed of everything.
    pub seed: u32,
    /// Threads a measurement.
    pub threads: usize,
}

impl Sizes {
    /// Every measurement, smaller sizes first, so that what there is at any time reaches equally far for all.
    pub fn tasks(&self) -> Vec<Task> {
        let mut tasks = Vec::new();
        for &rows in &self.rows {
            for (i, &positives) in self.positives.iter().enumerate() {
                let subjects = self.subjects.iter().filter(|subject| i == 0 || subject.kind != SubjectKind::Scaler);
                tasks.extend(subjects.cloned().map(|subject| Task {
                    subject,
                    rows,
                    positives,
                    columns: self.columns,
                    seed: self.seed,
                    threads: self.threads,
                }));
            }
        }
        tasks
    }
}

/// What to do about a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing: its point is there.
    Have,
    /// Record it as skipped, for this reason.
    Skip(String),
    /// Measure it.
    Measure,
}

/// What to do about `task`, given the points so far; of several points of a task the last counts.
///
/// Measurements and failures stand. What timed out or ran out of memory under smaller bounds than `bounds` is measured
/// again; under the same or larger ones it stands, and all larger sizes of that component at that share are skipped.
pub fn step(task: &Task, points: &[Point], bounds: Bounds) -> Step {
    let last = |wanted: &Task| points.iter().rfind(|point| point.task == *wanted);
    let exhausted = |point: &Point| match point.outcome {
        Ending::TimedOut => point.limit_seconds >= bounds.seconds,
        Ending::OutOfMemory => point.limit_mib >= bounds.mib,
        _ => false,
    };
    let mut smaller: Vec<&Point> = points
        .iter()
        .filter(|point| point.task.rows < task.rows && Task { rows: task.rows, ..point.task.clone() } == *task)
        .filter(|point| exhausted(point) && last(&point.task) == Some(point))
        .collect();
    smaller.sort_by_key(|point| point.task.rows);
    match (last(task), smaller.first()) {
        (Some(point), _) if matches!(point.outcome, Ending::Measured | Ending::Failed) => Step::Have,
        (Some(point), _) if exhausted(point) => Step::Have,
        (Some(point), Some(_)) if point.outcome == Ending::Skipped => Step::Have,
        (_, Some(blocker)) => {
            let ended = if blocker.outcome == Ending::TimedOut { "timed out" } else { "ran out of memory" };
            Step::Skip(format!("{} rows {ended}", count(blocker.task.rows as u64)))
        }
        (_, None) => Step::Measure,
    }
}

/// Makes every measurement of `study` that is not in the log at `path`, appending each point as soon as it is there, and
/// tells `sink` the number of the task, how many there are, and the point. Returns all points, and whether it went to
/// the end: a measurement during which `stop` was set is not recorded.
///
/// # Errors
/// [`Error::Usage`] when the points there were measured on another machine, or with other columns, seed or threads; as
/// [`read_records`] and [`Log::append`].
pub fn run(
    study: &Sizes,
    bounds: Bounds,
    path: &Path,
    stop: &AtomicBool,
    sink: &mut dyn FnMut(usize, usize, &Point),
) -> Result<(Vec<Point>, bool)> {
    let machine = Machine::here();
    let mut log = Log::open(path)?;
    let mut points: Vec<Point> = read_records(path)?;
    let tasks = study.tasks();
    if let (Some(old), Some(new)) = (points.first(), tasks.first()) {
        let (old, new) = (setting(&old.task, &old.machine), setting(new, &machine));
        if old != new {
            return Err(Error::Usage(format!(
                "{} was measured with {old}, and this would be {new}: choose another --out",
                path.display()
            )));
        }
    }
    for (number, task) in tasks.iter().enumerate() {
        let (outcome, reason, measured) = match step(task, &points, bounds) {
            _ if stop.load(Ordering::SeqCst) => return Ok((points, false)),
            Step::Have => continue,
            Step::Skip(reason) => (Ending::Skipped, Some(reason), None),
            Step::Measure => match child::run(task, bounds, stop)? {
                Some(ended) => ended,
                None => return Ok((points, false)),
            },
        };
        let point = Point {
            v: FORMAT,
            task: task.clone(),
            outcome,
            reason,
            measured,
            limit_seconds: bounds.seconds,
            limit_mib: bounds.mib,
            fraudbench: env!("CARGO_PKG_VERSION").into(),
            machine: machine.clone(),
        };
        log.append(&point)?;
        sink(number + 1, tasks.len(), &point);
        points.push(point);
    }
    Ok((points, true))
}

/// What all points of a log share, so that they can be compared.
pub(super) fn setting(task: &Task, machine: &Machine) -> String {
    let columns = counted(task.columns as u64, "column");
    let (threads, cores) = (counted(task.threads as u64, "thread"), counted(u64::from(machine.cores), "core"));
    format!("{columns}, seed {}, {threads} on {cores} of {}", task.seed, machine.cpu)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study() -> Sizes {
        let subjects = [(SubjectKind::Family, "svc"), (SubjectKind::Scaler, "robust")]
            .map(|(kind, name)| Subject::find(kind, name).unwrap());
        Sizes {
            subjects: subjects.to_vec(),
            rows: vec![100, 1_000],
            positives: vec![0.1, 0.5],
            columns: 5,
            seed: 1,
            threads: 2,
        }
    }

    const BOUNDS: Bounds = Bounds { seconds: 10.0, mib: 100 };

    fn point(task: &Task, outcome: Ending) -> Point {
        Point {
            v: FORMAT,
            task: task.clone(),
            outcome,
            reason: None,
            measured: None,
            limit_seconds: BOUNDS.seconds,
            limit_mib: BOUNDS.mib,
            fraudbench: "0".into(),
            machine: Machine::here(),
        }
    }

    #[test]
    fn scalers_are_measured_at_one_share_and_sizes_come_in_order() {
        let tasks = study().tasks();
        let seen: Vec<(&str, usize, f64)> =
            tasks.iter().map(|t| (t.subject.name.as_str(), t.rows, t.positives)).collect();
        let at = |rows| [("svc", rows, 0.1), ("robust", rows, 0.1), ("svc", rows, 0.5)];
        assert_eq!(seen, [at(100), at(1_000)].concat());
    }

    #[test]
    fn larger_sizes_are_skipped_once_a_smaller_one_was_too_much() {
        let tasks = study().tasks();
        let (small, large, other) = (&tasks[0], &tasks[3], &tasks[5]);
        assert_eq!(step(large, &[], BOUNDS), Step::Measure);
        let points = [point(small, Ending::TimedOut)];
        assert_eq!(step(small, &points, BOUNDS), Step::Have);
        assert_eq!(step(large, &points, BOUNDS), Step::Skip("100 rows timed out".into()));
        assert_eq!(step(other, &points, BOUNDS), Step::Measure, "another share");
        let full = [point(small, Ending::OutOfMemory)];
        assert_eq!(step(large, &full, BOUNDS), Step::Skip("100 rows ran out of memory".into()));
        assert_eq!(step(large, &[point(small, Ending::Failed)], BOUNDS), Step::Measure);
    }

    #[test]
    fn larger_bounds_are_a_new_chance_and_smaller_ones_are_not() {
        let tasks = study().tasks();
        let (small, large) = (&tasks[0], &tasks[3]);
        let points = [point(small, Ending::TimedOut), point(large, Ending::Skipped)];
        assert_eq!([small, large].map(|t| step(t, &points, BOUNDS)), [Step::Have, Step::Have]);
        let longer = Bounds { seconds: 11.0, ..BOUNDS };
        assert_eq!([small, large].map(|t| step(t, &points, longer)), [Step::Measure, Step::Measure]);
        let roomier = Bounds { mib: 101, ..BOUNDS };
        assert_eq!([small, large].map(|t| step(t, &points, roomier)), [Step::Have, Step::Have]);
        // Measured with the longer deadline, it blocks nothing under the shorter one either.
        let points = [&points[..], &[point(small, Ending::Measured)]].concat();
        assert_eq!([small, large].map(|t| step(t, &points, BOUNDS)), [Step::Have, Step::Measure]);
    }
}
