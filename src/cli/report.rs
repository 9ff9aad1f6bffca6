//! `fraudbench report`: everything that is made from records.

use std::path::PathBuf;

use crate::analyze::Results;
use crate::analyze::leaderboard::Over;
use crate::error::Result;
use crate::report::write_all_over;
use crate::store::Directory;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench report runs/quick\n  fraudbench report runs/going-on --intersection --out so-far\n\n\
                        Needs neither the data nor the machine of the run; works \
                        while a run is still going on."
)]
pub struct Arguments {
    /// A results directory, as `run` leaves it
    directory: PathBuf,
    /// Write the report here instead of into the results directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Rank over the folds that every pipeline with any score has, instead of leaving out pipelines that lack one
    #[arg(long)]
    intersection: bool,
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    let (manifest, records) = Directory::read(&arguments.directory)?;
    let results = Results::of(manifest, records)?;
    let out = arguments.out.as_deref().unwrap_or(&arguments.directory);
    let over = if arguments.intersection { Over::Common } else { Over::Planned };
    for path in write_all_over(&results, &arguments.directory, out, over)? {
        println!("{}", path.display());
    }
    Ok(0)
}
