//! The command line: a file per subcommand.

#[macro_use]
mod say;

mod audit;
mod cluster;
mod compare;
mod component;
mod contradictions;
mod data;
mod explain;
mod export;
mod folded;
mod history;
mod init;
mod limits;
mod list;
mod merge;
mod nightly;
mod outputs;
mod pack;
mod part_filter;
mod plan;
mod power;
mod progress;
mod python;
mod queue;
mod refit;
mod report;
mod reproduce;
mod results;
mod run;
mod scaling;
mod score;
mod shard;
mod shell;
mod spelling;
mod submit;
mod together;
mod trying;
mod twice;
mod waiting;
mod whose;
mod words;

use std::io::{self, Write};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::component::Registry;
use crate::error::{Error, Result};
use crate::os::start_threads;

/// Compares classifiers on rare-event data, and its numbers can be trusted.
#[derive(Debug, Parser)]
#[command(
    version = crate::VERSION,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  fraudbench try my.csv\n  fraudbench run experiments/quick.toml\n  fraudbench list experiments/ruchay-2023.toml\n  \
                  fraudbench data fetch creditcard\n  \
                  fraudbench run experiments/ruchay-2023.toml --filter scaler=standard,family=xgboost --out runs/xgb\n  \
                  fraudbench run --resume runs/xgb\n  fraudbench report runs/xgb\n  \
                  fraudbench scaling --rows 1e4,1e5,1e6 --out runs/scaling\n  \
                  fraudbench compare runs/before runs/after\n  fraudbench audit experiments/ruchay-2023-audit.toml\n  \
                  fraudbench reproduce ruchay-2023\n\n\
                  Exit codes: 0 all cells scored; 1 finished with failed or lost cells, runs that differ, or a gate that \
                  failed; 2 usage, study or data error before any cell, or the system refused a write; 3 results \
                  unreadable or newer than this version; 130 stopped by Ctrl-C, SIGTERM or SIGHUP, nothing lost."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look at a table, run a first small study on it, and say who won
    Try(trying::Arguments),
    /// Write a commented study file to edit, for a table or as a template
    Init(init::Arguments),
    /// Run a study's cells and write records, tables and charts
    Run(run::Arguments),
    /// Measure what each leak is worth on a study's data, and inspect data and splits for leaks
    Audit(audit::Arguments),
    /// Measure a published paper's claims and draw its figures anew: one verdict per claim
    Reproduce(reproduce::Arguments),
    /// Show a study's cells without running them; without a study, every component there is
    List(list::Arguments),
    /// Cut a study into shards for a cluster: a plan, a Slurm job array with its merge, or a Kubernetes job
    Submit(submit::Arguments),
    /// Regenerate all tables and charts of a results directory from its records
    Report(report::Arguments),
    /// Join results directories of one study, or the shards of a plan
    Merge(merge::Arguments),
    /// Make results directories small, to keep them: records as .gz, predictions recoded; nothing is lost
    Pack(pack::Arguments),
    /// Compare two pipelines of a run, two runs cell by cell, or pipelines over several data sets
    Compare(compare::Arguments),
    /// Fit a pipeline of a run on all rows and write it as a model
    Refit(refit::Arguments),
    /// Score new rows with a model
    Score(score::Arguments),
    /// Runs of a study over time: trends per pipeline, where they changed, and the first bad run
    History(history::Arguments),
    /// What a pipeline looks at: permutation importance and exact SHAP values over its folds
    Explain(explain::Arguments),
    /// Data sets: list, fetch, simulate, features, describe
    Data(data::Arguments),
    /// Write a run into another tool: MLflow
    Export(export::Arguments),
    /// The Python side, for CatBoost and any scikit-learn-compatible estimator: install it, or say where it is
    Python(python::Arguments),
    /// What tests and intervals of a design are worth, by studies whose truth is known
    Power(power::Arguments),
    /// What a run would take on many machines, simulated from its records
    Cluster(cluster::Arguments),
    /// How time and memory grow with the rows, on simulated data
    Scaling(scaling::Arguments),
    /// Print what a shell completes of the command line
    Completions(shell::Completions),
    /// Write the manual pages
    Man(shell::Man),
}

/// The command line that this process was started with, or the exit code where it asks for help or the version, or cannot be
/// understood; that is said then.
///
/// # Errors
/// The exit code: 0 after help or the version, 2 for what cannot be understood or written.
pub fn parsed() -> Result<Arguments, u8> {
    let mut command = with_negative_numbers(Arguments::command());
    let found = command.try_get_matches_from_mut(std::env::args_os());
    let read = found
        .and_then(|mut found| Arguments::from_arg_matches_mut(&mut found).map_err(|said| said.format(&mut command)));
    read.map_err(|said| {
        let shown = said.print().and_then(|()| io::stdout().flush());
        match shown.or_else(say::unwritten) {
            // On standard error nobody can be told that it takes nothing.
            Err(error) if !said.use_stderr() => {
                tell(&error);
                error.exit_code()
            }
            _ => u8::try_from(said.exit_code()).unwrap_or(u8::MAX),
        }
    })
}

/// Has every option take a negative number, so that its own reader says what it must be; clap would take `-1` for an option that there
/// is not.
fn with_negative_numbers(command: clap::Command) -> clap::Command {
    let takes = |argument: clap::Arg| {
        let has_value = argument.get_long().is_some() && argument.get_action().takes_values();
        if has_value { argument.allow_negative_numbers(true) } else { argument }
    };
    command.mut_args(takes).mut_subcommands(with_negative_numbers)
}

/// Says what went wrong. Where nobody reads it, the exit code still tells.
pub fn tell(error: &Error) {
    say!("fraudbench: {error}");
}

/// Does what the command line says; returns the exit code. What studies may name stands in `registry`.
///
/// # Errors
/// Whatever stops it before its work is done; [`crate::error::Error::exit_code`] is the exit code then.
pub fn dispatch(arguments: Arguments, registry: &Registry) -> Result<u8> {
    start_threads()?;
    let code = command(arguments.command, registry)?;
    say::printed()?;
    Ok(code)
}

fn command(command: Command, registry: &Registry) -> Result<u8> {
    // These finish the cells that they have begun. All others may be writing a file.
    let finishes_cells = matches!(
        command,
        Command::Try(_)
            | Command::Run(_)
            | Command::Audit(_)
            | Command::Reproduce(_)
            | Command::Power(_)
            | Command::Scaling(_)
    );
    match finishes_cells {
        true => run::listen()?,
        false => run::end_on_interrupt(),
    }
    match at_work(&command) {
        Some(what) => waiting::telling(what, || dispatched(command, registry)),
        None => dispatched(command, registry),
    }
}

/// What a command does that says nothing before its work is done; none for those that say so themselves, and for those that are short.
fn at_work(command: &Command) -> Option<&'static str> {
    match command {
        Command::List(_) => Some("reading the study and its data"),
        Command::Submit(_) => Some("cutting the study into shards"),
        Command::Report(_) => Some("writing the report"),
        Command::Merge(_) => Some("merging"),
        Command::Pack(_) => Some("packing"),
        Command::Compare(_) => Some("comparing"),
        Command::Refit(_) => Some("fitting the model"),
        Command::Score(_) => Some("scoring"),
        Command::History(_) => Some("reading the runs"),
        Command::Export(_) => Some("exporting"),
        Command::Cluster(_) => Some("simulating the cluster"),
        _ => None,
    }
}

fn dispatched(command: Command, registry: &Registry) -> Result<u8> {
    match command {
        Command::Try(a) => trying::main(&a, registry),
        Command::Init(a) => init::main(&a, registry),
        Command::Run(a) => run::main(&a, registry),
        Command::Audit(a) => audit::main(&a, registry),
        Command::Reproduce(a) => reproduce::main(&a, registry),
        Command::List(a) => list::main(&a, registry),
        Command::Submit(a) => submit::main(&a, registry),
        Command::Report(a) => report::main(&a, registry),
        Command::Merge(a) => merge::main(&a, registry),
        Command::Pack(a) => pack::main(&a),
        Command::Compare(a) => compare::main(&a, registry),
        Command::Refit(a) => refit::main(&a, registry),
        Command::Score(a) => score::main(&a),
        Command::History(a) => history::main(&a, registry),
        Command::Explain(a) => explain::main(&a, registry),
        Command::Data(a) => data::main(&a, registry),
        Command::Export(a) => export::main(&a, registry),
        Command::Python(a) => python::main(&a),
        Command::Power(a) => power::main(&a, registry),
        Command::Cluster(a) => cluster::main(&a, registry),
        Command::Scaling(a) => scaling::main(&a, registry),
        Command::Completions(a) => shell::completions(&a),
        Command::Man(a) => shell::man(&a),
    }
}
