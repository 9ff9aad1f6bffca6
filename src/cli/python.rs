//! `fraudbench python`: the virtual environment that Python families run in.

use clap::Subcommand;

use crate::error::{Error, Result};
use crate::external::python;

#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  fraudbench python install\n  fraudbench python path\n\n\
                  In a study: classifiers = [\"catboost\", { python = \"sklearn.svm:LinearSVC\", params = { C = 0.5 } }]\n\
                  It is installed into the folder `python` of FRAUDBENCH_CACHE [default: ~/.cache/fraudbench]. \
                  FRAUDBENCH_PYTHON=/path/to/python uses another Python with whatever is installed there. Records and their \
                  keys name its packages, so that `run --resume` with another Python runs the Python cells again."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a virtual environment in the cache folder with the pinned packages; nothing is done if it is there
    Install,
    /// Print the Python that families run in
    Path,
    /// Print the pinned packages
    Packages,
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    match arguments.command {
        Command::Install => {
            if !python::is_installed()? {
                say!("installing; this takes a minute or two");
            }
            show!("{}", python::install()?.display());
        }
        // Nothing of a run has failed yet: what a cell would say is a matter of usage here.
        Command::Path => show!("{}", python::python("this").map_err(|e| Error::Usage(e.to_string()))?.display()),
        Command::Packages => python::pinned().for_each(|package| show!("{package}")),
    }
    Ok(0)
}
