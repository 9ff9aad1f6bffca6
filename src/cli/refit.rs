//! `fraudbench refit`: the chosen pipeline on all rows, as a model.

use std::path::{Path, PathBuf};

use super::outputs::{named, refuse_existing};
use crate::component::Registry;
use crate::data::first_listed;
use crate::error::{Error, Result};
use crate::harness::reopen;
use crate::os::check_folder;
use crate::store::{check_reports, enter_alone, has_results};
use crate::winner::{MODEL_FILE, refit};
use crate::words::{agree, count};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench refit runs/quick dedup=on\n  fraudbench refit runs/quick classifier=xgboost,scaler=standard,resampler=none,dedup=on --out model\n  \
                  fraudbench score model new-rows.csv --out scores.parquet\n\n\
                  Pipelines are named as in `run --filter`. Of those that are named (dedup=on), or of all without a name, the best one is fitted: the first \
                  on the leaderboard. There is one leaderboard per data set and variant, so name these where a run has several. Where the pipeline has a \
                  search, its parameters are those that the run has chosen. docs/winner.md says what a model's folder holds.\n\n\
                  Exit codes: 0; 2 for a pipeline that is none or cannot be written, for data that are not those of the run, and for a model \
                  that is there already; 3 for results \
                  that are unreadable or newer."
)]
pub struct Arguments {
    /// A results directory
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The pipeline, or the pipelines of which to take the best one (key=value,...); by default all
    #[arg(value_name = "PIPELINE")]
    pipeline: Option<String>,
    /// The model's folder; by default one in DIR/models, named after the pipeline
    #[arg(long, value_name = "MODEL")]
    out: Option<PathBuf>,
    /// Write over a model that is there
    #[arg(long, requires = "out")]
    overwrite: bool,
    /// Where the table of the run is now, if it was moved; - for standard input
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

/// The folder of models in a results directory.
const FOLDER: &str = "models";

/// Features that are named.
const NAMED: usize = 10;

/// That a model does not go among the files of a run, which would be taken for one then.
fn in_results(out: &Path) -> Error {
    let place = out.display();
    Error::Usage(format!(
        "{place} is a results directory, and a model has a folder of its own: name another `--out`, such as {}",
        out.join(FOLDER).join("model").display()
    ))
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    if let Some(out) = arguments.out.as_deref().filter(|out| has_results(out)) {
        return Err(in_results(out));
    }
    // A folder that is named after the pipeline has no model but the same one.
    let refuse = || match &arguments.out {
        Some(out) => refuse_existing(&out.join(MODEL_FILE), "folder", arguments.overwrite),
        None => Ok(()),
    };
    refuse()?;
    let run = reopen(&arguments.directory, registry)?;
    // Before the fit, which may take long. A new folder's name follows from the pipeline.
    match &arguments.out {
        Some(out) => check_reports(out)?,
        None => check_folder(&arguments.directory.join(FOLDER))?,
    }
    let mut refitted = refit(&run, arguments.pipeline.as_deref(), arguments.data.as_deref().map(named))?;
    let folder = arguments.directory.join(FOLDER).join(&refitted.folder);
    let out = arguments.out.clone().unwrap_or(folder);
    let alone = enter_alone(&out)?;
    // Another one may have been quicker.
    refuse()?;
    let written = refitted.model.write(&out)?;
    drop(alone);
    let model = &refitted.model;
    let (rows, positives) = (count(model.data.rows as u64), count(model.data.positives as u64));
    say!("{} on {rows} rows of {}, {positives} of them positive", model.pipeline, model.data.name);
    let alarms = refitted.said.label.iter().filter(|&&label| label == 1).count();
    say!(
        "Read back, it says the same of all {} rows of the table to the bit; {} are labelled positive",
        count(refitted.data.y.len() as u64),
        count(alarms as u64)
    );
    if !model.computed.is_empty() {
        let named: Vec<&str> = model.computed.iter().map(String::as_str).collect();
        say!(
            "`data.features` of the study makes {}: rows to be scored need {}, and `fraudbench data features` writes {1} (docs/winner.md)",
            first_listed(&named, NAMED),
            agree(named.len(), "it", "them")
        );
    }
    if let Some(why) = &refitted.model.no_onnx {
        say!("No ONNX file: {why}");
    }
    written.iter().for_each(|path| show!("{}", path.display()));
    Ok(0)
}
