//! `fraudbench compare`: two pipelines of a run, two runs, or several data sets.

mod data_sets;
mod gate;
mod pipelines;
mod runs;

use std::path::{Path, PathBuf};

use super::words::aligned;
use crate::component::Registry;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
#[command(
    override_usage = "fraudbench compare [OPTIONS] DIR PIPELINE PIPELINE\n       \
                      fraudbench compare [OPTIONS] DIR DIR\n       \
                      fraudbench compare --fail-on regression [OPTIONS] DIR... NEW\n       \
                      fraudbench compare --data-sets [OPTIONS] DIR...",
    after_help = "Examples:\n  \
                  fraudbench compare results/families-10-fold family=svc,scaler=standard,resampler=none \
                  family=xgboost,scaler=standard,resampler=none\n  \
                  fraudbench compare runs/two-families family=xgboost family=svc --metric recall --rope 0.02\n  \
                  fraudbench compare runs/before runs/after --tolerance 1e-9\n  \
                  fraudbench compare runs/yesterday runs/today --fail-on regression --fail-under pr-auc=0.8 --junit gate.xml\n  \
                  fraudbench compare --data-sets runs/creditcard runs/simulated runs/mammography --out charts\n  \
                  fraudbench compare --data-sets runs/three-tables\n\n\
                  A pipeline is named as in `run --filter` and must be \
                  exactly one. On several data sets it is compared on each by itself, or with data-set=NAME on that one.\n\nExit codes: 0; for two runs 1 when a score or an outcome differs, of the gate when there is an alarm; 2 for what \
                  cannot be compared; 3 for results that cannot be read. A folder of nights stands for those of its nights that the gate can hold NEW \
                  against; nights that cannot be read are told and left out, and without an alarm the exit code is 3."
)]
pub struct Arguments {
    /// A results directory
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Two pipelines of it (key=value,...), or another results directory, or with --data-sets several, or none where the run has
    /// several data sets
    #[arg(value_name = "PIPELINE|DIR", required_unless_present = "data_sets")]
    with: Vec<String>,
    /// The metric; by default the study's primary one, for two runs all that both have. The gate takes several
    #[arg(long, value_name = "ID")]
    metric: Vec<String>,
    /// Differences of means up to this count as practically equal, in the metric's units (two pipelines) [default: 0.01]
    #[arg(long, value_name = "WIDTH", value_parser = width)]
    rope: Option<f64>,
    /// Differences of scores up to this are none (two runs) [default: 0]
    #[arg(long, value_name = "WIDTH", value_parser = width)]
    tolerance: Option<f64>,
    /// Compare mean ranks over the data sets of one run or several
    #[arg(long)]
    data_sets: bool,
    /// Write the critical-difference diagram into this folder (with --data-sets)
    #[arg(long, value_name = "DIR", requires = "data_sets")]
    out: Option<PathBuf>,
    #[command(flatten)]
    gate: gate::Options,
}

/// What is compared; each has options of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Pipelines,
    Runs,
    Ranks,
    Gate,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            What::Pipelines => "two pipelines",
            What::Runs => "two runs",
            What::Ranks => "ranks over data sets",
            What::Gate => "the gate",
        }
    }
}

impl Arguments {
    /// Refuses options that only another comparison has: who gives one has another question than the one that is answered.
    fn refuse_others(&self, what: What) -> Result<()> {
        let given = [
            ("--rope", What::Pipelines, self.rope.is_some()),
            ("--tolerance", What::Runs, self.tolerance.is_some()),
            ("--data-sets", What::Ranks, self.data_sets),
        ];
        let others: Vec<String> = given
            .iter()
            .filter(|(_, own, given)| *given && *own != what)
            .map(|(option, own, _)| format!("{option} goes with {} only", own.name()))
            .collect();
        if others.is_empty() {
            return Ok(());
        }
        let instead = if what == What::Gate { "; what the gate lets pass is `--threshold`" } else { "" };
        Err(Error::Usage(format!("{}{instead}", others.join("; "))))
    }

    /// The one metric of whatever is no gate.
    fn metric(&self) -> Result<Option<&str>> {
        match &self.metric[..] {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(Error::Usage("only the gate (`--fail-on regression`) takes several metrics".to_owned())),
        }
    }
}

/// Digits of a probability.
const DIGITS: usize = 6;

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
        _ if arguments.gate.is_on() => {
            arguments.refuse_others(What::Gate)?;
            gate::compare(arguments, registry)?
        }
        _ => without_gate(arguments, registry)?,
    };
    super::say::text(text);
    Ok(code)
}

fn without_gate(arguments: &Arguments, registry: &Registry) -> Result<(String, u8)> {
    arguments.gate.refuse_without_gate()?;
    Ok(match &arguments.with[..] {
        _ if arguments.data_sets => {
            arguments.refuse_others(What::Ranks)?;
            data_sets::compare(arguments, registry)?
        }
        [other] if other.contains('=') && !Path::new(other).exists() => {
            return Err(Error::Usage(format!("compare {other} with what? Name a second pipeline")));
        }
        [other] => {
            arguments.refuse_others(What::Runs)?;
            runs::compare(arguments, Path::new(other), registry)?
        }
        [a, b] => {
            arguments.refuse_others(What::Pipelines)?;
            pipelines::compare(arguments, (a, b), registry)?
        }
        _ => {
            return Err(Error::Usage(
                "compare takes a results directory and two pipelines, or two results directories; for several data sets add \
                 --data-sets"
                    .to_owned(),
            ));
        }
    })
}
