//! `fraudbench report`: everything that is made from records.

use std::path::PathBuf;

use crate::analyze::Results;
use crate::error::Result;
use crate::report::write_all;
use crate::store::Directory;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  fraudbench report runs/quick\n\nNeeds neither the data nor the machine of the run; works \
                        while a run is still going on."
)]
pub struct Arguments {
    /// A results directory, as `run` leaves it
    directory: PathBuf,
    /// Write the report here instead of into the results directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    let (manifest, records) = Directory::read(&arguments.directory)?;
    let results = Results::of(manifest, records)?;
    let out = arguments.out.as_deref().unwrap_or(&arguments.directory);
    for path in write_all(&results, out)? {
        println!("{}", path.display());
    }
    Ok(0)
}
