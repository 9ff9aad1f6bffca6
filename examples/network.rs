//! Fits one network on one table and says how long it took: what `scripts/peer-network` compares with Keras and scikit-learn.
//!
//! ```text
//! network FOLDER PARAMS
//! ```
//!
//! `FOLDER` holds `x.f64` (rows x columns, little endian) and `y.u8`. `PARAMS` is a JSON object of parameters of `mlp`. Prints one
//! line of JSON with the seconds of the fit and the losses by epoch.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use fraudbench::classify::CATALOGUE;
use fraudbench::component::{Context, Registry, Train, find};
use ndarray::Array2;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, params] = arguments.as_slice() else { return Err("usage: network FOLDER PARAMS".into()) };
    let folder = Path::new(folder);
    let y = fs::read(folder.join("y.u8"))?;
    let bytes = fs::read(folder.join("x.f64"))?;
    let values: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|value| f64::from_le_bytes(*value)).collect();
    let x = Array2::from_shape_vec((y.len(), values.len() / y.len().max(1)), values)?;
    let params = toml::Table::try_from(serde_json::from_str::<Value>(params)?)?;
    let network = find("family", CATALOGUE, "mlp", None)?.build(&params, &Registry::built_in())?.component;
    // The fit of a cell has one thread.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let started = Instant::now();
    let model = pool.install(|| network.fit(&Train::numbers(x.view(), &y), &Context { seed: 0 }))?;
    let seconds = started.elapsed().as_secs_f64();
    let losses = model.details().map(|details| details["history"]["loss"].clone());
    println!("{}", json!({ "seconds": seconds, "loss": losses }));
    Ok(())
}
