//! `fraudbench data`: which data sets there are, getting one, looking at one.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::data::{self, ReadOptions, catalogue};
use crate::error::Result;

#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  fraudbench data list\n  fraudbench data fetch creditcard\n  fraudbench data describe creditcard\n  \
                  fraudbench data describe my.parquet --label fraud --positive yes"
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every data set that has a name, its licence, and where it is on this machine
    List,
    /// Get a data set into the cache folder; only its SHA-256 decides whether a source is accepted
    Fetch {
        /// The data set's name
        name: String,
    },
    /// Rows, positives, duplicates, missing values and columns of a data set
    Describe {
        /// A name of the list, or a CSV (also .zst) or Parquet file
        source: String,
        /// The label column [default: the last one]
        #[arg(long)]
        label: Option<String>,
        /// The positive label [default: 1 or true]
        #[arg(long)]
        positive: Option<String>,
        /// A column to leave out; may be repeated
        #[arg(long, value_name = "COLUMN")]
        drop: Vec<String>,
    },
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    match &arguments.command {
        Command::List => print!("{}", catalogue::list()),
        Command::Fetch { name } => {
            let path: PathBuf = data::fetch(catalogue::find(name)?, &mut |line| eprintln!("{line}"))?;
            println!("{}", path.display());
        }
        Command::Describe { source, label, positive, drop } => {
            let options = ReadOptions {
                label: label.clone(),
                positive: positive.clone(),
                drop: drop.clone(),
                ..ReadOptions::default()
            };
            // What looks like a file is a file; everything else must be a name, so that a misspelt name is told so.
            let path = Path::new(source);
            let is_path = path.exists() || path.extension().is_some() || path.components().count() > 1;
            let dataset = match is_path {
                true => data::read(path, &options)?,
                false => catalogue::read(source, None, &options)?,
            };
            print!("{}", data::describe(&dataset));
        }
    }
    Ok(0)
}
