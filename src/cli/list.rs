//! `fraudbench list`: a study's cells, every component, or one.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::component;
use crate::cell::{Filter, Plan};
use crate::component::{Entry, Registry};
use crate::error::{Error, Result};
use crate::harness;
use crate::run::estimate;
use crate::study::Study;
use crate::words::counted;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench list\n  fraudbench list random-forest\n  fraudbench list experiments/ruchay-2023.toml\n  \
                        fraudbench list experiments/ruchay-2023.toml --filter family=svc,fold=0"
)]
pub struct Arguments {
    /// A study file, or the name of a component; without it, the components, metrics and data sets are listed
    study: Option<PathBuf>,
    /// Take only the cells that fit: key=value,... (the same key again: either value)
    #[arg(long, value_name = "KEY=VALUE,...", default_value = "")]
    filter: String,
    /// Threads for the time estimate
    #[arg(long, value_name = "N", default_value_t = crate::run::default_threads())]
    threads: usize,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match &arguments.study {
        // A file of that name is meant before a component.
        Some(study) if study.exists() => list_study(&mut out, study, arguments, registry)?,
        Some(study) => match component::print(&mut out, &study.to_string_lossy(), registry) {
            Ok(false) => list_study(&mut out, study, arguments, registry)?,
            printed => printed.map(drop),
        },
        None => list_components(&mut out, registry),
    };
    match written.and_then(|()| out.flush()) {
        // A closed pipe (`| head`) is the reader's choice, not a failure.
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("write", Path::new("standard output"), e)),
        _ => Ok(0),
    }
}

fn list_study(out: &mut impl Write, path: &Path, arguments: &Arguments, registry: &Registry) -> Result<io::Result<()>> {
    let study = Study::read(path, registry)?;
    let plan = Plan::of(&study, &[], &Filter::parse(&arguments.filter)?)?;
    // The estimate needs the size of the data only; a study can be listed before they are fetched.
    let sizes: Result<Vec<(usize, usize)>> = study.data.iter().map(harness::size).collect();
    Ok((|| {
        for cell in &plan.cells {
            writeln!(out, "{}", cell.id)?;
        }
        match sizes {
            Ok(sizes) => {
                let seconds = estimate::plan_seconds(&study, &plan, &sizes) / arguments.threads.max(1) as f64;
                writeln!(
                    out,
                    "about {} on {} (a rough estimate)",
                    super::progress::duration(seconds),
                    counted(arguments.threads as u64, "thread")
                )?;
            }
            Err(e) => writeln!(out, "no time estimate: {e}")?,
        }
        let baseline = match plan.pipelines(&study) {
            (_, 0) => String::new(),
            (_, n) => format!(" and {n} of the baseline `prior`"),
        };
        let pipelines = counted(plan.pipelines(&study).0 as u64, "pipeline");
        writeln!(out, "{pipelines}{baseline}, {}", counted(plan.cells.len() as u64, "cell"))
    })())
}

fn list_components(out: &mut impl Write, registry: &Registry) -> io::Result<()> {
    entries(out, "Imputers", registry.imputers())?;
    entries(out, "Resamplers", registry.resamplers())?;
    entries(out, "Encoders", registry.encoders())?;
    entries(out, "Scalers", registry.scalers())?;
    entries(out, "Selects", registry.selects())?;
    entries(out, "Classifier families and their backends (the first is the default)", registry.classifiers())?;
    entries(out, "Splits", registry.splits())?;
    writeln!(out, "Metrics")?;
    for metric in registry.metrics() {
        writeln!(out, "  {:<22} {}", metric.shown(), metric.about)?;
    }
    writeln!(out, "\nData sets: see `fraudbench data list`")
}

fn entries<T: ?Sized>(out: &mut impl Write, title: &str, catalogue: &[&Entry<T>]) -> io::Result<()> {
    writeln!(out, "{title}")?;
    for entry in catalogue.iter().filter(|entry| !entry.is_hidden) {
        writeln!(out, "  {:<22} {:<10} {}", entry.id, entry.backend, entry.about)?;
    }
    writeln!(out)
}
