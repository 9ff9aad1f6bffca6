//! Times the Fraud Detection Handbook's fifteen features on its 1,754,155 transactions; `scripts/peer-features` runs pandas and
//! polars on the same rows, which are written to the file that is named.
//!
//! ```text
//! features FILE.csv
//! ```

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use fraudbench::features::{self, FeatureSpec};
use fraudbench::simulate::{Handbook, handbook};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file] = arguments.as_slice() else { return Err("usage: features FILE.csv".into()) };
    let (of, spec) = (Handbook::default(), FeatureSpec::handbook());
    handbook::write(&of, Path::new(file))?;
    let mut options = of.options();
    options.keep = spec.reads();
    let rows = handbook::table(&of, &options)?;
    for _ in 0..3 {
        // The step takes the rows over; copying them is no part of it.
        let copy = rows.clone();
        let begin = Instant::now();
        let made = features::add(copy, &spec)?;
        let seconds = begin.elapsed().as_secs_f64();
        println!("fraudbench: {seconds:.2} s, {} features of {} rows", made.columns.len(), made.y.len());
    }
    Ok(())
}
