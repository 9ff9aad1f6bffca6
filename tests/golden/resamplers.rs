//! Resamplers against imbalanced-learn (`scripts/golden/resamplers.py`).

use std::path::Path;
use std::sync::Arc;

use fraudbench::component::{Context, Features, Registry, Resampled, Train, find};
use fraudbench::data::{Column, Kind};
use fraudbench::resample;
use ndarray::Array2;
use serde_json::Value;

use crate::places;

fn tables() -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/resamplers/expected.json");
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    expected["tables"].as_array().unwrap().clone()
}

fn matrix(value: &Value, width: usize) -> Array2<f64> {
    let values: Vec<f64> =
        value.as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap()).map(|v| v.as_f64().unwrap()).collect();
    Array2::from_shape_vec((values.len() / width, width), values).unwrap()
}

fn resampled(case: &Value, train: &Train<'_>) -> Resampled {
    let entry = find("resampler", resample::CATALOGUE, case["id"].as_str().unwrap(), None).unwrap();
    let params = toml::Table::try_from(&case["params"]).unwrap();
    entry.build(&params, &Registry::built_in()).unwrap().component.resample(train, &Context { seed: 99 }).unwrap()
}

/// The largest difference, relative to values above 1.
fn apart(ours: &Array2<f64>, theirs: &Array2<f64>) -> f64 {
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max)
}

#[test]
fn rows_equal_imbalanced_learns() {
    let mut ids = std::collections::BTreeSet::new();
    for table in tables() {
        let y: Vec<u8> = places(&table["y"]).into_iter().map(|label| label as u8).collect();
        let width = table["x"][0].as_array().unwrap().len();
        let x = matrix(&table["x"], width);
        let categorical = places(&table["categorical"]);
        let levels: Arc<[String]> = (0..12).map(|level| level.to_string()).collect();
        let columns: Vec<Column> = (0..width)
            .map(|at| match categorical.contains(&at) {
                true => Column { kind: Kind::Category(levels.clone()), ..Column::number("c") },
                false => Column::number("n"),
            })
            .collect();
        let train = Train::new(Features { x: x.view(), columns: &columns }, &y);
        for case in table["cases"].as_array().unwrap() {
            let name = format!("{} {}", case["id"], case["params"]);
            ids.insert(case["id"].as_str().unwrap().to_owned());
            let ours = resampled(case, &train);
            if case["kept"].is_array() {
                assert_eq!(ours.rows, places(&case["kept"]), "{name}");
                assert!(ours.made_y.is_empty(), "{name}");
            } else if case["rows"].is_array() {
                assert_eq!(ours.rows, places(&case["rows"]), "{name}");
            } else {
                let theirs = matrix(&case["made"], width);
                assert_eq!(ours.made.dim(), theirs.dim(), "{name}");
                let labels: Vec<usize> = ours.made_y.iter().map(|&label| usize::from(label)).collect();
                assert_eq!(labels, places(&case["labels"]), "{name}");
                let apart = apart(&ours.made, &theirs);
                let allowed = if case["close"] == true { 1e-12 } else { 0.0 };
                assert!(apart <= allowed, "{name}: {apart:e}");
            }
        }
    }
    // Whatever imbalanced-learn has is compared with it.
    let compared = resample::CATALOGUE.iter().filter(|entry| entry.source.contains("imbalanced-learn"));
    assert!(compared.clone().count() > 15);
    compared.for_each(|entry| assert!(ids.contains(entry.id), "{} is not compared", entry.id));
}
