//! `fraudbench cluster`: what a run would take on many machines, simulated.

use std::path::{Path, PathBuf};

use super::results;
use super::run::up_to;
use super::twice::{refuse, twice};
use crate::cell::{Filter, Plan};
use crate::cluster::simulate::{Cluster, FAILURES, Point, fastest, point, work};
use crate::cluster::{Replayed, assign, replayed};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::report::cluster::{FILE, Simulated, write};
use crate::store::{Ran, check_reports, enter_reports};
use crate::study::Study;
use crate::words::{count, counted};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench cluster runs/small --out runs/cluster\n  \
                        fraudbench cluster runs/small --repeats 100 --nodes 10,100,1000 --failures 0.1 --out runs/cluster\n\n\
                        The seconds of cells and prefixes are those of the records. Nothing is run.")]
pub struct Arguments {
    /// Results directories whose cells are taken
    #[arg(required = true, value_name = "DIR")]
    directories: Vec<PathBuf>,
    /// Numbers of nodes; each runs one cell at a time
    #[arg(long, value_name = "N,...", value_delimiter = ',', value_parser = up_to(NODES), allow_hyphen_values = true,
          default_value = "1,2,5,10,20,50,100,200,500,1000")]
    nodes: Vec<usize>,
    /// How many times over the cells are taken, as if the study had so many repeats; several give each run several times
    #[arg(long, value_name = "N,...", value_delimiter = ',', value_parser = up_to(CELLS), allow_hyphen_values = true,
          default_value = "1")]
    repeats: Vec<usize>,
    /// Shards of one length [default: 1 to 12 per node, of one length or ever shorter, whichever is fastest on average
    /// where cells take more or less than expected]
    #[arg(long, value_name = "N", value_parser = up_to(SHARDS))]
    shards: Option<usize>,
    /// Seconds until a task has started and read its data
    #[arg(long, value_name = "S", value_parser = amount, default_value = "5")]
    start: f64,
    /// Failures and preemptions per hour of a node's work; told is what they cost on average
    #[arg(long, value_name = "RATE", value_parser = amount, default_value = "0.1")]
    failures: f64,
    /// Seconds that a task which failed waits before it can start again
    #[arg(long, value_name = "S", value_parser = amount, default_value = "60")]
    requeue: f64,
    /// The seed of the failures
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u32,
    /// The folder of the report
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Machines and shards that are planned or simulated at most: with more, cutting takes minutes and gigabytes.
pub(super) const NODES: usize = 100_000;
pub(super) const SHARDS: usize = 1_000_000;
/// Cells of all repeats that are simulated at most.
const CELLS: usize = 10_000_000;

fn amount(text: &str) -> Result<f64, String> {
    let amount = text.parse().ok().filter(|amount: &f64| amount.is_finite() && *amount >= 0.0);
    amount.ok_or_else(|| "must be a number of at least 0".to_owned())
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    refuse(&[twice("--nodes", &arguments.nodes), twice("--repeats", &arguments.repeats)].concat())?;
    check_reports(&arguments.out)?;
    let mut runs = Vec::new();
    for path in &arguments.directories {
        for &repeats in &arguments.repeats {
            runs.push(simulated(arguments, path, repeats, registry)?);
        }
    }
    enter_reports(&arguments.out)?;
    write(&runs, &Ran::here().command, &arguments.out)?;
    show!("{}", arguments.out.join(FILE).display());
    Ok(0)
}

fn simulated(arguments: &Arguments, path: &Path, repeats: usize, registry: &Registry) -> Result<Simulated> {
    let results = results::read(path, registry)?;
    let manifest = &results.manifest;
    let study = Study::parse(&manifest.study, &manifest.study_file, Path::new("."), registry)?;
    let plan = Plan::of(&study, &manifest.data, &Filter::parse(&manifest.filter)?)?;
    let many = plan.cells.len().saturating_mul(repeats);
    if many > CELLS {
        return Err(Error::Usage(format!(
            "--repeats {repeats}: {} has {} cells then, and at most {} are simulated: give fewer repeats",
            path.display(),
            count(many as u64),
            count(CELLS as u64)
        )));
    }
    let Replayed { expected, real, spread, missing } =
        replayed(&study, &manifest.data, &plan.cells, &results.records, repeats);
    let quiet = |nodes: usize| Cluster {
        nodes,
        start: arguments.start,
        failures: 0.0,
        requeue: arguments.requeue,
        seed: arguments.seed,
    };
    let both = |&nodes: &usize| {
        let shares = match arguments.shards {
            Some(many) => assign(&expected, many),
            None => fastest(&expected, &quiet(nodes), spread),
        };
        let failing = Cluster { failures: arguments.failures, ..quiet(nodes) };
        Ok((ended(point(&real, &shares, &quiet(nodes)), &failing)?, ended(point(&real, &shares, &failing), &failing)?))
    };
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    Ok(Simulated {
        name: if repeats == 1 { name } else { format!("{name}, {repeats} times over") },
        cells: real.iter().map(|piece| piece.cells.len()).sum(),
        missing,
        work: work(&real),
        points: arguments.nodes.iter().map(both).collect::<Result<_>>()?,
    })
}

/// A simulation that came to its end.
fn ended(point: Option<Point>, cluster: &Cluster) -> Result<Point> {
    point.ok_or_else(|| {
        Error::Usage(format!(
            "--failures {}: after {} failures on {} the cells are not done, as nodes fail before a cell ends: give fewer failures",
            cluster.failures,
            count(FAILURES as u64),
            counted(cluster.nodes as u64, "node")
        ))
    })
}
