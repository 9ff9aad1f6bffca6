//! `fraudbench compare`: two pipelines of a run, two runs, or several data sets.

mod data_sets;
mod gate;
mod pipelines;
mod runs;

use std::path::{Path, PathBuf};

use super::words::aligned;
use crate::analyze::best::ROPE;
use crate::component::Registry;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
#[command(
    override_usage = "fraudbench compare [OPTIONS] DIR PIPELINE PIPELINE\n       \
                      fraudbench compare [OPTIONS] DIR DIR\n       \
                      fraudbench compare --fail-on regression [OPTIONS] DIR... NEW\n       \
                      fraudbench compare --data-sets [OPTIONS] DIR DIR...",
    after_help = "Examples:\n  \
                  fraudbench compare results/families-10-fold family=svc,scaler=standard,resampler=none \
                  family=xgboost,scaler=standard,resampler=none\n  \
                  fraudbench compare runs/two-families family=xgboost family=svc --metric recall --rope 0.02\n  \
                  fraudbench compare runs/before runs/after --tolerance 1e-9\n  \
                  fraudbench compare runs/yesterday runs/today --fail-on regression --fail-under pr-auc=0.8 --junit gate.xml\n  \
                  fraudbench compare --data-sets runs/creditcard runs/simulated runs/mammography --out charts\n\n\
                  A pipeline is named as in `run --filter` and must be \
                  exactly one. On several data sets it is compared on each by itself, or with data-set=NAME on that one.\n\nExit codes: 0; for two runs 1 when a score or an outcome differs, of the gate when there is an alarm; 2 for what \
                  cannot be compared; 3 for results that cannot be read."
)]
pub struct Arguments {
    /// A results directory
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Two pipelines of it (key=value,...), or another results directory, or with --data-sets several
    #[arg(value_name = "PIPELINE|DIR", required = true)]
    with: Vec<String>,
    /// The metric; by default the study's primary one, for two runs all that both have. The gate takes several
    #[arg(long, value_name = "ID")]
    metric: Vec<String>,
    /// Differences of means up to this count as practically equal, in the metric's units (two pipelines)
    #[arg(long, value_name = "WIDTH", default_value_t = ROPE, value_parser = width, allow_negative_numbers = true)]
    rope: f64,
    /// Differences of scores up to this are none (two runs)
    #[arg(long, value_name = "WIDTH", default_value_t = 0.0, value_parser = width, allow_negative_numbers = true)]
    tolerance: f64,
    /// Compare mean ranks over the data sets of several runs
    #[arg(long)]
    data_sets: bool,
    /// Write the critical-difference diagram into this folder (with --data-sets)
    #[arg(long, value_name = "DIR", requires = "data_sets")]
    out: Option<PathBuf>,
    #[command(flatten)]
    gate: gate::Options,
}

impl Arguments {
    /// The one metric of whatever is no gate.
    fn metric(&self) -> Result<Option<&str>> {
        match &self.metric[..] {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(Error::Usage("only the gate (`--fail-on regression`) takes several metrics".to_owned())),
        }
    }
}

pub(super) fn width(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err("must be a number that is not negative".to_owned()),
    }
}

/// A share between 0 and 1.
pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err("must be between 0 and 1".to_owned()),
    }
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let (text, code) = match &arguments.with[..] {
        _ if arguments.gate.is_on() => gate::compare(arguments, registry)?,
        _ => without_gate(arguments, registry)?,
    };
    super::say::text(text);
    Ok(code)
}

fn without_gate(arguments: &Arguments, registry: &Registry) -> Result<(String, u8)> {
    arguments.gate.refuse_without_gate()?;
    Ok(match &arguments.with[..] {
        _ if arguments.data_sets => data_sets::compare(arguments, registry)?,
        [other] if other.contains('=') && !Path::new(other).exists() => {
            return Err(Error::Usage(format!("compare {other} with what? Name a second pipeline")));
        }
        [other] => runs::compare(arguments, Path::new(other), registry)?,
        [a, b] => pipelines::compare(arguments, (a, b), registry)?,
        _ => {
            return Err(Error::Usage(
                "compare takes a results directory and two pipelines, or two results directories; for several data sets add \
                 --data-sets"
                    .to_owned(),
            ));
        }
    })
}
