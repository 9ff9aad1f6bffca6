//! Applies resamplers to one table, and says for each how long it took and which rows it left: what `scripts/peer-resamplers`
//! compares with imbalanced-learn.
//!
//! ```text
//! resample FOLDER CASES
//! ```
//!
//! `FOLDER` holds `x.f64` (rows x columns, little endian), `y.u8` and `columns.json` (a list: 0 for a number, else how many
//! levels a category has). `CASES` is a JSON list of `{ "id", "params" }`. Per case, `FOLDER/N.rows` (u32) and `FOLDER/N.made`
//! (f64) are written, and one line of JSON with the seconds and the process's peak memory.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use fraudbench::component::{Context, Features, Registry, Train, find};
use fraudbench::data::{Column, Kind};
use fraudbench::resample::CATALOGUE;
use ndarray::Array2;
use serde_json::{Value, json};

fn column(levels: &Value) -> Column {
    match levels.as_u64().unwrap_or(0) {
        0 => Column::number("number"),
        count => Column {
            kind: Kind::Category((0..count).map(|level| level.to_string()).collect()),
            ..Column::number("category")
        },
    }
}

/// The largest resident memory of this process so far, in MiB; 0 where the system does not say.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, cases] = arguments.as_slice() else { return Err("usage: resample FOLDER CASES".into()) };
    let folder = Path::new(folder);
    let columns: Vec<Value> = serde_json::from_slice(&fs::read(folder.join("columns.json"))?)?;
    let columns: Vec<Column> = columns.iter().map(column).collect();
    let y = fs::read(folder.join("y.u8"))?;
    let bytes = fs::read(folder.join("x.f64"))?;
    let values = bytes.as_chunks::<8>().0.iter().map(|value| f64::from_le_bytes(*value)).collect();
    let x = Array2::from_shape_vec((y.len(), columns.len()), values)?;
    drop(bytes);
    let cases: Vec<Value> = serde_json::from_str(cases)?;
    for (nth, case) in cases.iter().enumerate() {
        let entry = find("resampler", CATALOGUE, case["id"].as_str().unwrap_or_default(), None)?;
        let params = toml::Table::try_from(&case["params"])?;
        let resampler = entry.build(&params, &Registry::built_in())?.component;
        let train = Train::new(Features { x: x.view(), columns: &columns }, &y);
        let started = Instant::now();
        let resampled = resampler.resample(&train, &Context { seed: 0 })?;
        let seconds = started.elapsed().as_secs_f64();
        let rows: Vec<u8> = resampled.rows.iter().flat_map(|&row| (row as u32).to_le_bytes()).collect();
        fs::write(folder.join(format!("{nth}.rows")), rows)?;
        let made: Vec<u8> = resampled.made.iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(folder.join(format!("{nth}.made")), made)?;
        println!(
            "{}",
            json!({ "case": nth, "seconds": seconds, "made": resampled.made_y.len(), "peak_mib": peak_mib() })
        );
    }
    Ok(())
}
