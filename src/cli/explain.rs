//! `fraudbench explain`: what a pipeline looks at.

use std::path::PathBuf;

use super::outputs::named;
use super::waiting::{Far, telling_how_far};
use crate::component::Registry;
use crate::error::Result;
use crate::harness::reopen;
use crate::os::check_folder;
use crate::report::explained::FOLDER;
use crate::report::number::score;
use crate::report::terminal::cut;
use crate::report::write_files;
use crate::store::{check_reports, enter_reports};
use crate::winner::{Draws, Looked, Shuffles, explain};
use crate::words::quoted_path;

/// Columns that are printed.
const SHOWN: usize = 10;

/// Characters of a column's name that are printed at most: every line is as wide as the longest.
const NAME: usize = 60;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench explain runs/quick dedup=on\n  fraudbench explain runs/quick classifier=xgboost,scaler=none,resampler=none,dedup=off --repeats 10\n\n\
                  Pipelines are named as in `run --filter`, and the best one of them is taken, as `refit` does. It is fitted on each fold again. Permutation importance is what the study's primary metric loses on the fold's test rows \
                  when a column of the table is shuffled among them. SHAP values are exact and interventional, of trees and planes, against rows \
                  of the fold's training part. docs/winner.md says more.\n\n\
                  Exit codes: 0; 2 for a pipeline that is none, and for data that are not those of the run; 3 for results that are unreadable or newer."
)]
pub struct Arguments {
    /// A results directory
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The pipeline, or the pipelines of which to take the best one (key=value,...); by default all
    #[arg(value_name = "PIPELINE")]
    pipeline: Option<String>,
    /// How often each column is shuffled
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeats: u32,
    /// Test rows of each class that get SHAP values, at most
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    rows: u32,
    /// Training rows that SHAP values are measured against, at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    background: u32,
    /// The seed of shuffles and of the rows that are drawn
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u32,
    /// The folder of tables and charts; by default one in DIR/explain, named after the pipeline
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where the table of the run is now, if it was moved; - for standard input
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let run = reopen(&arguments.directory, registry)?;
    // Before the fits, which may take long. A new folder's name follows from the pipeline.
    match &arguments.out {
        Some(out) => check_reports(out)?,
        None => check_folder(&arguments.directory.join(FOLDER))?,
    }
    let draws = Draws {
        repeats: arguments.repeats as usize,
        rows: arguments.rows as usize,
        background: arguments.background as usize,
        seed: arguments.seed,
    };
    let file = arguments.data.as_deref().map(named);
    let (pipeline, shuffles) = (arguments.pipeline.as_deref(), Shuffles::default());
    let far = Far { noun: "shuffle", of: &|| shuffles.far() };
    let looked = telling_how_far("explaining", &far, || explain(&run, pipeline, file, (draws, &shuffles)))?;
    let Looked { explanation: explained, folder, notes } = looked;
    notes.iter().for_each(|note| say!("{note}"));
    let several = run.study.data.len() > 1;
    let out = arguments.out.clone().unwrap_or_else(|| arguments.directory.join(FOLDER).join(folder));
    enter_reports(&out)?;
    let written = write_files(&out, &explained.files()?)?;
    match several {
        true => show!("data-set={} {}", explained.data_set, explained.pipeline),
        false => show!("{}", explained.pipeline),
    }
    show!("What {} loses when a column is shuffled, mean over folds:", explained.metric);
    table(&explained.losses());
    match &explained.shap_explains {
        Some(what) => {
            show!("Mean size of SHAP values of positive test rows ({what}):");
            table(&explained.sizes());
        }
        None => say!("No SHAP values: {}", explained.no_shap.as_deref().unwrap_or_default()),
    }
    written.iter().for_each(|path| show!("{}", path.display()));
    if arguments.out.is_none() {
        say!("`fraudbench report {}` puts it into the report", quoted_path(&arguments.directory));
    }
    Ok(0)
}

fn table(lines: &[(&str, Vec<f64>)]) {
    let lines: Vec<(String, &[f64])> =
        lines.iter().take(SHOWN).map(|(name, values)| (cut(name, NAME), values.as_slice())).collect();
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, values) in lines {
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        show!("  {name:<width$}  {}", score(Some(mean)));
    }
}
