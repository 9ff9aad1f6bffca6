//! `fraudbench report`: everything that is made from records.

use std::path::PathBuf;

use super::results;
use super::run::{self, who_won};
use super::whose::{refuse_reproduction, refuse_run};
use crate::analyze::leaderboard::{BASELINE, Over};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::os::is_same_file;
use crate::report::predicted::CHECK_COST;
use crate::report::scaling::is_of_command;
use crate::report::{Options, write_of_command};
use crate::store::{Outcome, enter_reports};
use crate::words::counted;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench report runs/quick\n  fraudbench report runs/going-on --intersection --out so-far\n  fraudbench report runs/going-on --impute-baseline\n  fraudbench report runs/quick --check-cost 2.5\n\n\
                        Needs neither the data nor the machine of the run; works \
                        while a run is still going on. Of a run of `fraudbench scaling` it makes what that command wrote."
)]
pub struct Arguments {
    /// A results directory, as `run` leaves it
    directory: PathBuf,
    /// Write the report here instead of into the results directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Rank over the folds that every pipeline with any score has, instead of leaving out pipelines that lack one
    #[arg(long)]
    intersection: bool,
    /// Rank pipelines that lack folds too, with the scores of the baseline `prior` in their place; their rows say on how many
    #[arg(long, conflicts_with = "intersection")]
    impute_baseline: bool,
    /// What a check of an alarm costs, in the unit of the data's amounts: savings and costs are reckoned with it
    #[arg(long, value_name = "COST", default_value_t = CHECK_COST, value_parser = check_cost)]
    check_cost: f64,
}

fn check_cost(text: &str) -> Result<f64, String> {
    let cost = text.parse().ok().filter(|cost: &f64| cost.is_finite() && *cost > 0.0);
    cost.ok_or_else(|| "the cost of a check is a positive number".to_owned())
}

/// Refuses the options of ranks and money, of which a report on growth has none.
fn refuse_ranking(arguments: &Arguments) -> Result<()> {
    let options = [
        ("--intersection", arguments.intersection),
        ("--impute-baseline", arguments.impute_baseline),
        ("--check-cost", arguments.check_cost != CHECK_COST),
    ];
    let given: Vec<&str> = options.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect();
    match given.is_empty() {
        true => Ok(()),
        false => Err(Error::Usage(format!(
            "{} is a run of `fraudbench scaling`, whose report has no ranks and no money: leave out {}",
            arguments.directory.display(),
            given.join(" and ")
        ))),
    }
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let results = results::read(&arguments.directory, registry)?;
    if is_of_command(&results) {
        refuse_ranking(arguments)?;
    }
    let out = arguments.out.as_deref().unwrap_or(&arguments.directory);
    let over = match (arguments.intersection, arguments.impute_baseline) {
        (true, _) => Over::Common,
        (_, true) => Over::Imputed,
        _ => Over::Planned,
    };
    if over == Over::Imputed && !results.records.iter().any(|r| r.family == BASELINE && r.outcome == Outcome::Scored) {
        let place = arguments.directory.display();
        return Err(Error::Usage(format!(
            "{place} has no scored cell of the baseline `{BASELINE}` that could stand in"
        )));
    }
    // Its own reports are written over.
    if !is_same_file(out, &arguments.directory) {
        refuse_run(out)?;
        refuse_reproduction(out, None, registry)?;
    }
    enter_reports(out)?;
    let options = Options { over, check_cost: arguments.check_cost, ..Options::default() };
    let mut unread = Vec::new();
    let written = write_of_command(&results, (&arguments.directory, out), &options, &mut unread)?;
    run::unread(&arguments.directory, &unread);
    who_won(&results, out, over);
    show!("All of it: {} in {}", counted(written.len() as u64, "file"), out.display());
    Ok(0)
}
