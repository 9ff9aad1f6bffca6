//! `fraudbench reproduce`: a published paper's claims and figures, measured anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::progress::Progress;
use super::run::{INTERRUPTED, check_threads, end, positive, stop_on_interrupt};
use super::{audit, limits, results};
use crate::analyze::Results;
use crate::error::{Error, Result};
use crate::harness::{self, How};
use crate::report::reproduction::{Source, write_all};
use crate::report::write_files;
use crate::reproduce::{self, COUNTS_FILE, Counts, Evidence, Part, SCALERS, measure};
use crate::run::{Displays, default_threads};
use crate::store::{Directory, MANIFEST_FILE};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench reproduce ruchay-2023\n  \
                        fraudbench reproduce ruchay-2023 --filter family=random-forest,family=xgboost --out runs/two-families\n  \
                        fraudbench reproduce ruchay-2023 --audit results/ruchay-2023-audit --cross-validation runs/ruchay-2023\n  \
                        fraudbench reproduce ruchay-2023 --report-only\n\n\
                        Runs the paper's grid on its hold-out and over ten folds, and the audit of its random forest, each as a \
                        results directory in DIR; counts duplicates and Tomek links; writes report.html, reproduction.md, \
                        reproduction.tex, claims.csv and charts/ into DIR. The same command again goes on where it was stopped.")]
pub struct Arguments {
    /// The paper: ruchay-2023
    paper: String,
    /// The folder of report and parts; a part in it that was begun is gone on with [default: runs/PAPER-reproduction]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run only the cells of hold-out and cross-validation that fit, as `run` does; the audit is always whole
    #[arg(long, value_name = "KEY=VALUE,...", default_value = "", conflicts_with = "report_only")]
    filter: String,
    /// Read this results directory instead of running the hold-out
    #[arg(long, value_name = "DIR")]
    hold_out: Option<PathBuf>,
    /// Read this results directory instead of running the ten folds
    #[arg(long, value_name = "DIR")]
    cross_validation: Option<PathBuf>,
    /// Read this results directory instead of running the audit
    #[arg(long, value_name = "DIR")]
    audit: Option<PathBuf>,
    /// Run and count nothing: report what is there, without the data
    #[arg(long)]
    report_only: bool,
    /// Threads in all
    #[arg(long, value_name = "N", default_value_t = default_threads(), value_parser = positive)]
    threads: usize,
    /// Threads a cell as long as there are cells enough; threads / cell-threads cells run side by side
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = positive)]
    cell_threads: usize,
    #[command(flatten)]
    limits: limits::Arguments,
}

/// A part that is to be run.
struct Planned {
    part: Part,
    planned: harness::Planned,
}

impl Arguments {
    /// The directory that is read instead of running `part`.
    fn given(&self, part: Part) -> Option<&Path> {
        match part {
            Part::HoldOut => self.hold_out.as_deref(),
            Part::CrossValidation => self.cross_validation.as_deref(),
            Part::Audit => self.audit.as_deref(),
        }
    }

    fn source(&self, part: Part, out: &Path) -> Source {
        let directory = self.given(part).map_or_else(|| out.join(part.name()), Path::to_owned);
        Source { part, directory }
    }
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    let paper = reproduce::find(&arguments.paper)?;
    check_threads(arguments.threads, arguments.cell_threads)?;
    let default = PathBuf::from("runs").join(format!("{}-reproduction", paper.name));
    let out = arguments.out.as_deref().unwrap_or(&default);
    let sources = Part::ALL.map(|part| arguments.source(part, out));
    // Whatever is wrong with a directory that is only read is said before hours of work.
    for source in sources.iter().filter(|source| arguments.given(source.part).is_some()) {
        let (manifest, records) = Directory::read(&source.directory)?;
        source.part.check(&Results::of(manifest, records)?, &source.directory)?;
    }
    let mut code = 0;
    if !arguments.report_only {
        code = work(arguments, out, &sources)?;
        if code == INTERRUPTED {
            return Ok(code);
        }
    }
    let evidence = evidence(arguments, out, &sources)?;
    std::fs::create_dir_all(out).map_err(|e| Error::io("create", out, e))?;
    write_all(paper, &evidence, &sources, out)?;
    show!("{}", out.join("report.html").display());
    Ok(code)
}

/// Counts the data and runs the parts that are not given; returns the exit code.
fn work(arguments: &Arguments, out: &Path, sources: &[Source]) -> Result<u8> {
    let own = sources.iter().filter(|source| arguments.given(source.part).is_none());
    let parts: Vec<Planned> = own.map(|source| plan(source, &arguments.filter)).collect::<Result<_>>()?;
    std::fs::create_dir_all(out).map_err(|e| Error::io("create", out, e))?;
    count(arguments, out)?;
    let stop = stop_on_interrupt()?;
    let mut worst = 0;
    for part in parts {
        say!("{} in {}", part.part.name(), part.planned.directory().display());
        let name = part.part.name();
        let code = run(part, arguments, Arc::clone(&stop))?;
        if code == INTERRUPTED {
            say!("stopped in the part {name}; the same command goes on with it and with the next");
            return Ok(code);
        }
        worst = worst.max(code);
    }
    Ok(worst)
}

/// What there is to run in a part's folder; a folder that was begun is locked from here on.
fn plan(source: &Source, filter: &str) -> Result<Planned> {
    let Source { part, directory: folder } = source;
    // The audit has a family and components of its own, which a filter of the grid does not know.
    let filter = if *part == Part::Audit { "" } else { filter };
    if !folder.join(MANIFEST_FILE).exists() {
        let planned = harness::begin(part.study()?, filter, folder).map_err(|e| match e {
            Error::Usage(said) => Error::Usage(format!("{}: {said}", part.name())),
            other => other,
        })?;
        return Ok(Planned { part: *part, planned });
    }
    let planned = harness::resume(folder, None)?;
    // It was begun, so that it has one.
    let Some(manifest) = planned.manifest() else { return Ok(Planned { part: *part, planned }) };
    part.check(&Results::of(manifest.clone(), Vec::new())?, folder)?;
    // Without this, parts that were not begun yet would be run with another filter than those that were.
    if filter != manifest.filter {
        return Err(Error::Usage(format!(
            "{} was begun with --filter `{}`: give the same one to go on with it, or choose another --out",
            folder.display(),
            manifest.filter
        )));
    }
    Ok(Planned { part: *part, planned })
}

fn run(Planned { part, planned }: Planned, arguments: &Arguments, stop: Arc<AtomicBool>) -> Result<u8> {
    let limits = arguments.limits.decide(&planned.study().limits, arguments.threads, arguments.cell_threads);
    let how = How { limits: Some(limits), stop, ..How::default() };
    let mut progress = Progress::new();
    let mut displays = Displays::new(vec![&mut progress]);
    let mut opened = planned.open(&mut displays)?;
    if part == Part::Audit {
        let written = part.written()?;
        let found = audit::findings(&written, &opened, arguments.threads, None)?;
        opened = opened.beside(audit::INSPECTION, audit::text(&found, &written));
    }
    let done = opened.work(&how, &mut displays)?.close()?;
    Ok(end(&done, &how, &displays))
}

/// Counts what the paper says of the data, and keeps it for reports without the data.
fn count(arguments: &Arguments, out: &Path) -> Result<()> {
    let mut progress = Progress::new();
    let planned = harness::begin(Part::HoldOut.study()?, "", out)?;
    let opened = planned.open(&mut Displays::new(vec![&mut progress]))?;
    let scalers = SCALERS.map(|(scaler, _)| scaler);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build();
    let pool = pool.map_err(|e| Error::Usage(format!("cannot start {} threads: {e}", arguments.threads)))?;
    say!("counting Tomek links after {} scalers", scalers.len());
    // A study has at least one table.
    let Some((data, dedup)) = opened.tables().first() else { return Ok(()) };
    let counts = pool.install(|| measure(data, dedup, &scalers))?;
    write_files(out, &[(COUNTS_FILE.into(), counts.bytes()?)]).map(drop)
}

/// All that is there to report on.
fn evidence(arguments: &Arguments, out: &Path, sources: &[Source]) -> Result<Evidence> {
    let mut evidence = Evidence::default();
    for source in sources {
        let is_there = arguments.given(source.part).is_some() || source.directory.join(MANIFEST_FILE).exists();
        evidence.set(source.part, if is_there { Some(read(source)?) } else { None });
    }
    let file = out.join(COUNTS_FILE);
    if file.exists() {
        let text = std::fs::read_to_string(&file).map_err(|e| Error::io("read", &file, e))?;
        evidence.counts = Some(Counts::parse(&text, &file.display().to_string())?);
    }
    if Part::ALL.iter().all(|part| evidence.part(*part).is_none()) && evidence.counts.is_none() {
        return Err(Error::Store(format!(
            "{} holds no part of a reproduction: run it without --report-only, or name a part's results directory",
            out.display()
        )));
    }
    Ok(evidence)
}

fn read(source: &Source) -> Result<Results> {
    let results = results::read(&source.directory)?;
    source.part.check(&results, &source.directory)?;
    Ok(results)
}
