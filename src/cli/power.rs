//! `fraudbench power`: what a study of a design can tell, by studies whose truth is known.

use std::path::PathBuf;

use super::run::{INTERRUPTED, positive, stop_on_interrupt};
use crate::component::Registry;
use crate::error::Result;
use crate::harness::How;
use crate::power::{Studies, try_out, write};
use crate::store::{check_reports, enter_reports};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench power experiments/power-k-fold.toml --draws 100\n  \
                        fraudbench power mine.toml --out runs/power\n\n\
                        A study for it simulates its data: `simulate = { kind = \"normal\", rows = 5000, positives = 50, columns = 20 }`, \
                        with as many columns as there are pipelines to compare, and your own protocol and primary metric. The same study \
                        runs on many draws of the data; the report says how often its tests and intervals are right, and how large a \
                        difference must be to be told.\n\n\
                        Exit codes: 0 done; 2, 3 and 130 as in `fraudbench --help`.")]
pub struct Arguments {
    /// Study files
    #[arg(required = true, value_name = "STUDY")]
    studies: Vec<PathBuf>,
    /// Draws of each data set
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = positive)]
    draws: usize,
    /// The directory for the report, which is written over the one that is there
    #[arg(long, value_name = "DIR", default_value = "runs/power")]
    out: PathBuf,
    /// Where records and predictions of a batch lie until they are read [default: the system's scratch folder]
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let how = How { stop: stop_on_interrupt(), ..How::default() };
    let scratch = arguments.scratch.clone().unwrap_or_else(std::env::temp_dir);
    check_reports(&arguments.out)?;
    // What is wrong with the last study is said before hours of work on the first.
    let studies: Vec<Studies> =
        arguments.studies.iter().map(|file| Studies::read(file, registry)).collect::<Result<_>>()?;
    studies.iter().try_for_each(|of_file| of_file.check(registry))?;
    enter_reports(&arguments.out)?;
    let mut tried = Vec::new();
    for (file, of_file) in arguments.studies.iter().zip(&studies) {
        let mut told = |done: usize| say!("{}: {done} of {} draws", file.display(), arguments.draws);
        match try_out(of_file, arguments.draws, &scratch, (&how, registry), &mut told)? {
            Some(of) => tried.push(of),
            None => return Ok(INTERRUPTED),
        }
        // What is known stands on disk, whatever becomes of the next study.
        for path in write(&tried, &arguments.out)?.iter().filter(|_| tried.len() == arguments.studies.len()) {
            show!("{}", path.display());
        }
    }
    Ok(0)
}
