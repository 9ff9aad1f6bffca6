//! `fraudbench score`: what a model says of new rows.

use std::path::{Path, PathBuf};

use super::outputs::{Input, apart, came_meanwhile, named, refuse_existing};
use crate::data::Format;
use crate::error::{Error, Result};
use crate::os::{check_file, is_stream, put_bytes, start_threads};
use crate::winner::{Model, model_folder, score};
use crate::words::counted;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench score model new-rows.csv\n  fraudbench score model new-rows.parquet --out scores.parquet\n\n\
                  FILE is CSV (also compressed) or Parquet and has the columns that the model was fitted on, in any order; others are ignored, \
                  and no label is needed. The scores have a line per row: its number from 1, its score, its label.\n\n\
                  Exit codes: 0; 2 for rows that do not fit, of which none is scored then, and for a file of scores that is there already; 3 for a model that is unreadable or newer."
)]
pub struct Arguments {
    /// A model's folder, as `refit` leaves it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The rows; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the scores go: a file that ends in .csv or .parquet; by default CSV on standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "out")]
    overwrite: bool,
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    let file = named(&arguments.file);
    let inputs = [
        Input::new("the file of the rows", file),
        // A model may also be named by its description.
        Input::new("a file of the model", model_folder(&arguments.model)),
    ];
    apart(&[("--out", arguments.out.as_deref())], &inputs)?;
    let format = arguments.out.as_deref().map_or(Ok(Format::Csv), format)?;
    if let Some(out) = &arguments.out {
        refuse_existing(out, "file", arguments.overwrite)?;
        check_file(out)?;
    }
    start_threads()?;
    let model = Model::read(&arguments.model)?;
    let scores = score(&model, &arguments.model, file)?;
    // What cannot be written was not scored for anybody.
    if let Some(out) = &arguments.out {
        let bytes = match format {
            Format::Csv => scores.csv()?,
            Format::Parquet => scores.parquet()?,
        };
        put_bytes(out, arguments.overwrite, &bytes).map_err(|e| came_meanwhile(e, out, "file"))?;
    }
    scores.notes.iter().for_each(|note| say!("{}: {note}", file.display()));
    let alarms = scores.said.label.iter().filter(|&&label| label == 1).count();
    say!(
        "{} scored by {}; {} labelled positive",
        counted(scores.said.score.len() as u64, "row"),
        model.pipeline,
        counted(alarms as u64, "row")
    );
    match &arguments.out {
        Some(out) => show!("{}", out.display()),
        None => super::say::bytes(&scores.csv()?),
    }
    Ok(0)
}

/// How scores are written to `out`.
///
/// # Errors
/// [`Error::Usage`] for a file whose name does not say it.
fn format(out: &Path) -> Result<Format> {
    match Format::named(out) {
        Err(_) if out == Path::new("-") => Err(Error::Usage(
            "`--out` -: leave it out for standard output, or name a file that ends in .parquet or .csv".into(),
        )),
        // The name of a pipe is not the name of what comes out of it.
        Err(_) if is_stream(out) => Ok(Format::Csv),
        named => named,
    }
}
