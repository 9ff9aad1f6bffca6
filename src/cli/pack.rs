//! `fraudbench pack`: results directories that are kept, in a fraction of the room.

use std::path::{Path, PathBuf};

use super::results::{meant, nights_in};
use crate::error::{Error, Result};
use crate::store::Directory;
use crate::words::counted;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench pack runs/big\n  fraudbench pack results/night\n  fraudbench pack results/night/*\n\n\
                        Nothing is lost: `records.jsonl` becomes `records.jsonl.gz` (`zcat`, pandas and Python's gzip read it), kept \
                        predictions are written anew, to the same bits. Everything that reads a results directory reads a packed \
                        one; `fraudbench run --resume DIR` and `fraudbench merge --out DIR` unpack the records first.\n\n\
                        What cannot be packed is told at the end, and the others are packed all the same. The page of `history` in a folder of \
                        nights, and the link `latest` to a night that is named as well, are passed over."
)]
pub struct Arguments {
    /// Results directories, or folders of nights (`run --nightly`)
    #[arg(value_name = "DIR", required = true)]
    directories: Vec<PathBuf>,
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    let directories: Vec<PathBuf> = meant(&arguments.directories).into_iter().flat_map(nights_of).collect();
    let mut faults: Vec<Error> = directories.iter().filter_map(|path| pack(path).err()).collect();
    match faults.len() {
        0 => Ok(0),
        1 if directories.len() == 1 => Err(faults.remove(0)),
        n => Err(all(&faults, &format!("{n} of {} not packed", counted(directories.len() as u64, "directory")))),
    }
}

/// The results directories that are meant by a path: itself, or the nights in it.
fn nights_of(path: &Path) -> Vec<PathBuf> {
    // Whoever opens a folder that cannot be listed is told why.
    let of_folder = nights_in(path).unwrap_or_default();
    match of_folder.is_empty() {
        true => vec![path.to_owned()],
        false => of_folder.into_iter().map(|night| night.path).collect(),
    }
}

fn pack(path: &Path) -> Result<()> {
    let kib = |bytes: u64| bytes.div_ceil(1 << 10);
    let (before, now) = Directory::open(path)?.0.pack()?;
    show!("{}: {} KiB of records and predictions are {} KiB now", path.display(), kib(before), kib(now));
    Ok(())
}

/// Several errors as one, with the exit code of the gravest.
pub(super) fn all(faults: &[Error], what: &str) -> Error {
    let told: Vec<String> = faults.iter().map(Error::to_string).collect();
    let said = format!("{what}: {}", told.join("; "));
    match faults.iter().any(|fault| matches!(fault, Error::Store(_))) {
        true => Error::Store(said),
        false => Error::Usage(said),
    }
}
