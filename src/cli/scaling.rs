//! `fraudbench scaling`: how time and memory grow with the rows.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::run::{INTERRUPTED, positive};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::report::number::{count, seconds};
use crate::run::default_threads;
use crate::scaling::{Bounds, Ending, POINTS_FILE, Point, Sizes, Subject, SubjectKind, percent, run, serve, write_all};
use crate::store::{Directory, Machine, read_records};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench scaling --out runs/scaling\n  \
                        fraudbench scaling --rows 1e4,1e5,1e6 --positives 0.001727,0.5 --families random-forest,xgboost --seconds 60\n  \
                        fraudbench scaling --families none --scalers standard,quantile --resamplers tomek-links --out runs/stages\n  \
                        fraudbench scaling --report runs/scaling\n\n\
                        Every measurement simulates its data in a process of its own, on all threads, one after the other. Each \
                        is on disk at once: the same command again goes on where it was, and with larger limits tries again \
                        what was too much.")]
pub struct Arguments {
    /// Numbers of rows
    #[arg(long, value_name = "N,...", value_delimiter = ',', value_parser = whole,
          default_value = "10000,31623,100000,316228,1000000,3162278,10000000")]
    rows: Vec<usize>,
    /// Shares of positives; scalers do not look at labels and are measured at the first
    #[arg(long, value_name = "SHARE,...", value_delimiter = ',', value_parser = share, default_value = "0.001727,0.01,0.1,0.5")]
    positives: Vec<f64>,
    /// Families, NAME or NAME/BACKEND, each fitted on standardised columns; `none` for none [default: every family's
    /// default backend]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    families: Vec<String>,
    /// Scalers; `none` for none
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "standard,quantile,power")]
    scalers: Vec<String>,
    /// Resamplers; `none` for none
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "tomek-links")]
    resamplers: Vec<String>,
    /// Feature columns
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = positive)]
    columns: usize,
    /// The seed of data, splits and components
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u32,
    /// Deadline of a measurement, seconds; larger sizes of what passes it are skipped
    #[arg(long, value_name = "S", default_value = "600", value_parser = duration)]
    seconds: f64,
    /// Address space of a measurement, MiB; larger sizes of what exceeds it are skipped [default: 80% of this machine's
    /// memory]
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
    /// Threads of a measurement
    #[arg(long, value_name = "N", default_value_t = default_threads(), value_parser = positive)]
    threads: usize,
    /// The results directory, new or begun
    #[arg(long, value_name = "DIR", default_value = "runs/scaling")]
    out: PathBuf,
    /// Only make tables and charts of this results directory again
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

/// What a measuring process is told.
#[derive(Debug, clap::Args)]
pub struct PointArguments {
    task: String,
    mib: u64,
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    if let Some(directory) = &arguments.report {
        for path in write_all(&read_records::<Point>(&directory.join(POINTS_FILE))?, directory)? {
            show!("{}", path.display());
        }
        return Ok(0);
    }
    let study = study(arguments)?;
    let bounds = Bounds { seconds: arguments.seconds, mib: memory(arguments.memory)? };
    let directory = Directory::claim(&arguments.out)?;
    let stop = Arc::new(AtomicBool::new(false));
    let pressed = Arc::clone(&stop);
    ctrlc::set_handler(move || pressed.store(true, Ordering::SeqCst))
        .map_err(|e| Error::Usage(format!("cannot listen for Ctrl-C: {e}")))?;
    let log = directory.path().join(POINTS_FILE);
    let (points, whole) = run(&study, bounds, &log, &stop, &mut |number, all, point| {
        say!("[{number}/{all}] {}", line(point));
    })?;
    let written = if points.is_empty() { Vec::new() } else { write_all(&points, directory.path())? };
    if !whole {
        say!("stopped; the same command goes on where this was");
        return Ok(INTERRUPTED);
    }
    written.last().iter().for_each(|report| show!("{}", report.display()));
    let failed = points.iter().filter(|point| point.outcome == Ending::Failed).count();
    if failed > 0 {
        say!("{failed} measurements failed; the reasons are in {}/scaling.md", directory.path().display());
    }
    Ok(u8::from(failed > 0))
}

/// Measures one point, for the process that started this one.
pub fn point(arguments: &PointArguments) -> Result<u8> {
    serve(&arguments.task, arguments.mib).map(|()| 0)
}

fn study(arguments: &Arguments) -> Result<Sizes> {
    let mut families = arguments.families.clone();
    if families.is_empty() {
        let registry = Registry::built_in();
        let measured =
            registry.classifiers().iter().filter(|entry| !["external", "python", "debug"].contains(&entry.id));
        families = measured.map(|entry| entry.id.to_owned()).collect();
        families.dedup();
    }
    let mut subjects: Vec<Subject> = Vec::new();
    for (kind, names) in [
        (SubjectKind::Family, &families),
        (SubjectKind::Scaler, &arguments.scalers),
        (SubjectKind::Resampler, &arguments.resamplers),
    ] {
        for name in names.iter().filter(|_| names[..] != ["none"]) {
            let subject = Subject::find(kind, name)?;
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    let mut rows = arguments.rows.clone();
    rows.sort_unstable();
    rows.dedup();
    let mut positives: Vec<f64> = Vec::new();
    arguments.positives.iter().for_each(|share| {
        if !positives.contains(share) {
            positives.push(*share);
        }
    });
    let study = Sizes {
        subjects,
        rows,
        positives,
        columns: arguments.columns,
        seed: arguments.seed,
        threads: arguments.threads,
    };
    match study.tasks().is_empty() {
        true => Err(Error::Usage("nothing to measure: name a family, a scaler or a resampler".into())),
        false => study.tasks().iter().try_for_each(|task| task.simulation().check().map(drop)).map(|()| study),
    }
}

fn memory(given: Option<u64>) -> Result<u64> {
    let here = Machine::here().memory_mib * 4 / 5;
    match given {
        Some(0) => Err(Error::Usage("--memory must be at least 1".into())),
        Some(mib) => Ok(mib),
        None if here == 0 => Err(Error::Usage("this machine does not tell its memory: give --memory".into())),
        None => Ok(here),
    }
}

/// One point in one line.
fn line(point: &Point) -> String {
    let task = &point.task;
    let what =
        format!("{}, {} rows, {}% positive", task.subject.title(), count(task.rows as u64), percent(task.positives));
    let Some(measured) = &point.measured else {
        return format!("{what}: {}: {}", point.outcome.name(), point.reason.as_deref().unwrap_or("no reason"));
    };
    let stages: Vec<String> =
        measured.stages.iter().map(|s| format!("{} {}", s.name, seconds(Some(s.seconds)))).collect();
    let peak = measured.stages.iter().filter_map(|stage| stage.peak_mib).reduce(f64::max);
    let peak = peak.map_or_else(String::new, |mib| format!("; peak {} MiB", count(mib as u64)));
    let quality = measured.pr_auc.map_or_else(String::new, |value| format!("; PR-AUC {value:.3}"));
    format!("{what}: {} s{peak}{quality}", stages.join(", "))
}

fn whole(text: &str) -> Result<usize, String> {
    match text.parse::<f64>() {
        Ok(n) if (2.0..=1e15).contains(&n) && n.fract() == 0.0 => Ok(n as usize),
        _ => Err("must be a whole number of at least 2, such as 10000 or 1e4".into()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("must be a share between 0 and 1 (neither)".into()),
    }
}

fn duration(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 1e9 => Ok(seconds),
        _ => Err("must be a number of seconds above 0".into()),
    }
}
