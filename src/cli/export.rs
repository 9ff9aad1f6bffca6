//! `fraudbench export`: a results directory into other tools.

use std::path::PathBuf;

use super::results;
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::export::mlflow;
use crate::words::counted;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    to: To,
}

#[derive(Debug, clap::Subcommand)]
enum To {
    /// Runs of an MLflow tracking server: one per pipeline, with parameters, scores by fold, means and records
    Mlflow(Mlflow),
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench export mlflow --uri http://127.0.0.1:5000 runs/quick\n  fraudbench export mlflow --uri https://mlflow.example --experiment fraud runs/quick\n\n\
                        Export again after a run went on: runs that changed are made anew, the others stay. MLFLOW_TRACKING_URI, \
                        MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD are honoured."
)]
struct Mlflow {
    /// A results directory, as `run` leaves it
    directory: PathBuf,
    /// The server's address [default: MLFLOW_TRACKING_URI]
    #[arg(long, value_name = "URI")]
    uri: Option<String>,
    /// The experiment that the runs belong to; it is made if it is not there [default: the study's name]
    #[arg(long, value_name = "NAME")]
    experiment: Option<String>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let To::Mlflow(to) = &arguments.to;
    let given = to.uri.clone().or_else(|| std::env::var("MLFLOW_TRACKING_URI").ok().filter(|uri| !uri.is_empty()));
    let Some(uri) = given else {
        return Err(Error::Usage(
            "which server? Say `--uri http://127.0.0.1:5000`, or set MLFLOW_TRACKING_URI".to_owned(),
        ));
    };
    let results = results::read(&to.directory, registry)?;
    let done = mlflow::export(&results, &to.directory, &uri, to.experiment.as_deref())?;
    if let Some(place) = &done.without_artifacts {
        say!(
            "The server keeps artifacts in {place} and takes none itself (`mlflow server --serve-artifacts` does): the runs have none"
        );
    }
    show!(
        "{} written, {} unchanged: {}/#/experiments/{}",
        counted(done.written, "run"),
        done.unchanged,
        done.server,
        done.experiment
    );
    Ok(0)
}
