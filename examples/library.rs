//! A study from a program of one's own: planned, run in worker processes, and reported.
//!
//! `cargo run --release --example library` writes `runs/library` and prints the leaderboard.

use std::path::Path;

use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::component::Registry;
use fraudbench::error::Result;
use fraudbench::harness::{self, Done, How};
use fraudbench::run::Displays;
use fraudbench::study::Study;

const STUDY: &str = r#"
name = "library"
metrics = ["pr-auc", "recall"]

[data]
simulate = { rows = 2000, positives = 60, columns = 8, seed = 1 }

[protocol]
kind = "stratified-k-fold"
folds = 3

[grid]
scalers = ["none", "standard"]
classifiers = ["logistic-regression", "random-forest"]
"#;

fn main() -> Result<()> {
    // First thing: this program is its own worker, so that a cell that hangs or crashes takes nothing with it.
    fraudbench::worker(&Registry::built_in());
    let done = run(Path::new("runs/library"))?;
    let board = leaderboard(&done.results);
    for row in &board.rows {
        println!(
            "{} after {}: {:.3}",
            row.pipeline.classifier,
            row.pipeline.scaler,
            board.primary_mean(row).unwrap_or(f64::NAN)
        );
    }
    println!("{}", done.directory.join("report.html").display());
    Ok(())
}

/// Runs the study into a new results directory.
pub fn run(directory: &Path) -> Result<Done> {
    let study = Study::parse(STUDY, "library.toml", Path::new("."), &Registry::built_in())?;
    let planned = harness::begin(study, "", directory)?;
    harness::run(planned, &How::default(), &mut Displays::default())
}
