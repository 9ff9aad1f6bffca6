//! `fraudbench pack`: results directories that are kept, in a fraction of the room.

use std::path::PathBuf;

use crate::error::Result;
use crate::store::Directory;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench pack runs/big\n  fraudbench pack results/night/*\n\n\
                        Nothing is lost: `records.jsonl` becomes `records.jsonl.gz` (`zcat`, pandas and Python's gzip read it), kept \
                        predictions are written anew, to the same bits. Everything that reads a results directory reads a packed \
                        one; `fraudbench run --resume DIR` and `fraudbench merge --out DIR` unpack the records first.")]
pub struct Arguments {
    /// Results directories
    #[arg(required = true)]
    directories: Vec<PathBuf>,
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    let kib = |bytes: u64| bytes.div_ceil(1 << 10);
    for path in &arguments.directories {
        let (before, now) = Directory::open(path)?.0.pack()?;
        show!("{}: {} KiB of records and predictions are {} KiB now", path.display(), kib(before), kib(now));
    }
    Ok(0)
}
