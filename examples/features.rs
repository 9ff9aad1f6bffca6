//! Times the Fraud Detection Handbook's fifteen features on its 1,754,155 transactions: `scripts/peer-features` prints it beside
//! pandas and polars.

use std::time::Instant;

use fraudbench::features::{self, FeatureSpec};
use fraudbench::simulate::Handbook;
use fraudbench::simulate::handbook;

fn main() -> fraudbench::error::Result<()> {
    let (of, spec) = (Handbook::default(), FeatureSpec::handbook());
    let mut options = of.options();
    options.keep = spec.reads();
    let rows = handbook::table(&of, &options)?;
    for _ in 0..3 {
        // The rows are given away; their copy is not a part of it.
        let copy = rows.clone();
        let begin = Instant::now();
        let made = features::add(copy, &spec)?;
        let seconds = begin.elapsed().as_secs_f64();
        println!("fraudbench: {seconds:.2} s, {} features of {} rows", made.columns.len(), made.y.len());
    }
    Ok(())
}
