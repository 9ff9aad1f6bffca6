//! `fraudbench score`: what a model says of new rows.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::os::{replace, start_threads};
use crate::winner::{Model, score};
use crate::words::counted;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench score model new-rows.csv\n  fraudbench score model new-rows.parquet --out scores.parquet\n\n\
                  FILE is CSV (also compressed) or Parquet and has the columns that the model was fitted on, in any order; others are ignored, \
                  and no label is needed. The scores have a line per row: its number from 1, its score, its label.\n\n\
                  Exit codes: 0; 2 for rows that do not fit, of which none is scored then; 3 for a model that is unreadable or newer."
)]
pub struct Arguments {
    /// A model's folder, as `refit` leaves it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The rows
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the scores go, CSV or (where the name ends in .parquet) Parquet; by default standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Whether both paths lead to one file.
fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    if let Some(out) = arguments.out.as_ref().filter(|out| is_same(out, &arguments.file)) {
        return Err(Error::Usage(format!("`--out` {} is the file of the rows: name another one", out.display())));
    }
    start_threads()?;
    let model = Model::read(&arguments.model)?;
    let scores = score(&model, &arguments.file)?;
    scores.notes.iter().for_each(|note| say!("{}: {note}", arguments.file.display()));
    let alarms = scores.said.label.iter().filter(|&&label| label == 1).count();
    say!(
        "{} scored by {}; {} labelled positive",
        counted(scores.said.score.len() as u64, "row"),
        model.pipeline,
        counted(alarms as u64, "row")
    );
    let Some(out) = &arguments.out else {
        let (mut to, csv) = (io::stdout().lock(), scores.csv()?);
        return match to.write_all(&csv).and_then(|()| to.flush()) {
            // A closed pipe (`| head`) is the reader's choice, not a failure.
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("write", Path::new("standard output"), e)),
            _ => Ok(0),
        };
    };
    let is_parquet = out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
    replace(out, &if is_parquet { scores.parquet()? } else { scores.csv()? })?;
    show!("{}", out.display());
    Ok(0)
}
