//! `fraudbench audit`: what each leak is worth on a study's data, and what data and splits show before a fit.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::limits;
use super::progress::Progress;
use super::run::{close, end, positive, reading_for, stop_on_interrupt, threads};
use super::twice::{refuse, twice};
use crate::audit::{self, Finding, SEEDS};
use crate::component::Registry;
use crate::data::{Dataset, Deduplicated};
use crate::error::{Error, Result, unknown};
use crate::harness::{self, How, Opened};
use crate::report::inspection;
use crate::run::{Displays, default_threads};
use crate::study::Study;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench audit experiments/ruchay-2023-audit.toml\n  \
                        fraudbench audit experiments/quick.toml --seeds 3 --family random-forest --filter scaler=standard\n  \
                        fraudbench audit experiments/quick.toml --inspect\n\n\
                        Runs the study honestly, with each leak that acts through anything it has (METHODOLOGY.md lists them), \
                        and with all together. A leak acts through its component: without a scaler or resampler in the \
                        pipeline it changes nothing. An audit keeps no predictions. To resume an audit that was stopped: `fraudbench run --resume DIR`.")]
pub struct Arguments {
    /// The study file
    study: PathBuf,
    /// Only inspect data and splits, fit nothing
    // No cell is run that they could bound.
    #[arg(long, conflicts_with_all = ["cell_seconds", "cell_memory", "memory", "retries", "in_process"])]
    inspect: bool,
    /// Number of repeats of the split, each with the next seed; of no effect where no seed decides about rows
    #[arg(long, value_name = "N", default_value_t = SEEDS as usize, value_parser = positive, conflicts_with = "inspect")]
    seeds: usize,
    /// Audit these families only
    #[arg(long, value_name = "FAMILY,...", value_delimiter = ',', conflicts_with = "inspect")]
    family: Vec<String>,
    /// Run only the cells that match, as `run` does; key `protocol` takes names such as hold-out+scaler-on-all-rows
    #[arg(long, value_name = "KEY=VALUE,...", default_value = "", conflicts_with = "inspect")]
    filter: String,
    /// The column that orders rows by time [default: the protocol's, the one with the role `time`, one that is called so, or the
    /// only one of dates and times]
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// The new results directory [default: runs/STUDY-audit]
    #[arg(long, value_name = "DIR", conflicts_with = "inspect")]
    out: Option<PathBuf>,
    /// Threads in all
    #[arg(long, value_name = "N", default_value_t = default_threads(), value_parser = threads)]
    threads: usize,
    #[command(flatten)]
    limits: limits::Arguments,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let original = Study::read(&arguments.study, registry)?;
    let mut progress = Progress::new();
    let mut displays = Displays::new(vec![&mut progress]);
    let time = arguments.time.as_deref();
    if arguments.inspect {
        let opened = harness::begin(original.clone(), "", Path::new(""))?.open(&mut displays)?;
        findings(&original, &opened, arguments.threads, time)?;
        return Ok(0);
    }
    arguments.limits.tell_programs(&original)?;
    let seeds = u32::try_from(arguments.seeds)
        .map_err(|_| Error::Usage(format!("--seeds {} is more than there are seeds", arguments.seeds)))?;
    let study = audit::study(&original, seeds)?;
    refuse(&twice("--family", &arguments.family))?;
    check_families(&study, &arguments.family)?;
    let families = arguments.family.iter().map(|family| format!("family={family}"));
    let conditions: Vec<String> =
        families.chain([arguments.filter.clone()]).filter(|condition| !condition.is_empty()).collect();
    let filter = conditions.join(",");
    let path = arguments.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&study.name));
    let limits = arguments.limits.decide(&study.limits, arguments.threads, 1);
    let planned = harness::begin(study, &filter, &path)?;
    reading_for(&planned);
    let opened = planned.check_place()?.open(&mut displays)?;
    let found = findings(&original, &opened, arguments.threads, time)?;
    let how = How { limits: Some(limits), predictions: false, stop: stop_on_interrupt(), ..How::default() };
    let opened = opened.beside(inspection::FILE, inspection::text(&original.title, &found));
    let done = close(opened.work(&how, &mut displays)?, &how.stop)?;
    Ok(end(&done, &how, &displays, &arguments.limits.given()))
}

/// Refuses families that the study does not have, all at once.
fn check_families(study: &Study, asked: &[String]) -> Result<()> {
    let known: BTreeSet<&str> = study.classifiers.iter().map(|classifier| classifier.facts.id.as_str()).collect();
    let names: Vec<&str> = known.iter().copied().collect();
    let wrong = asked.iter().filter(|family| !known.contains(family.as_str()));
    let said: Vec<String> = wrong.map(|family| unknown("family", family, &names)).collect();
    match said.is_empty() {
        true => Ok(()),
        false => Err(Error::Usage(format!("--family: {}", said.join("; ")))),
    }
}

/// The columns of an open study's tables that alone separate the classes, which takes no more than sorting each column.
pub(super) fn separating(opened: &Opened, threads: usize) -> Result<Vec<Finding>> {
    let is_deduplicated = opened.study().dedup == [true];
    let of = |(data, dedup): &(Dataset, Deduplicated)| {
        audit::separating(data, is_deduplicated.then_some(dedup.keep.as_slice()))
    };
    Ok(pool(threads)?.install(|| opened.tables().iter().filter_map(of).collect()))
}

fn pool(threads: usize) -> Result<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|e| Error::Usage(format!("cannot start {threads} threads: {e}")))
}

/// A line per finding.
pub(super) fn tell(findings: &[Finding]) {
    for finding in findings {
        show!("{}: {}: {}", finding.verdict.name(), finding.check, finding.said);
    }
}

/// Inspects the study as it was written, and prints a line per finding.
pub(super) fn findings(study: &Study, opened: &Opened, threads: usize, time: Option<&str>) -> Result<Vec<Finding>> {
    let pool = pool(threads)?;
    if opened.tables().is_empty() {
        return Err(Error::Usage("an inspection needs all data sets at once: take `one_table` out of [limits]".into()));
    }
    let mut all = Vec::new();
    for (data, dedup) in opened.tables() {
        let mut found = pool.install(|| audit::inspect(study, data, &dedup.keep, time))?;
        if opened.tables().len() > 1 {
            found.iter_mut().for_each(|finding| finding.said = format!("{}: {}", data.name, finding.said));
        }
        all.extend(found);
    }
    tell(&all);
    Ok(all)
}
