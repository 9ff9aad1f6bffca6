//! Encoders against scikit-learn (`scripts/golden/encoders.py`), on the rows that they learnt from and on others.

use std::path::Path;
use std::sync::Arc;

use fraudbench::component::{Features, FittedTransformer, Registry, Train, find};
use fraudbench::data::{Column, Kind};
use fraudbench::encode;
use ndarray::{Array2, s};
use serde_json::Value;

use crate::json_matrix;

fn expected() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/encoders/expected.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn same(ours: &Array2<f64>, theirs: &Array2<f64>, name: &str) {
    assert_eq!(ours.dim(), theirs.dim(), "{name}");
    for (at, ours) in ours.indexed_iter() {
        let theirs = theirs[at];
        let close = (ours - theirs).abs() <= 1e-15 * theirs.abs().max(1.0);
        assert!(close || (ours.is_nan() && theirs.is_nan()), "{name}, {at:?}: {ours} and {theirs}");
    }
}

struct Table {
    codes: Array2<f64>,
    y: Vec<u8>,
    columns: Vec<Column>,
    train: usize,
}

fn table(expected: &Value) -> Table {
    let named = |(name, levels): (String, &Value)| {
        let levels: Arc<[String]> = texts(levels).into();
        Column { kind: Kind::Category(levels), ..Column::number(name) }
    };
    Table {
        codes: json_matrix(&expected["codes"]),
        y: expected["y"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as u8).collect(),
        columns: texts(&expected["names"]).into_iter().zip(expected["levels"].as_array().unwrap()).map(named).collect(),
        train: expected["train"].as_u64().unwrap() as usize,
    }
}

fn fitted(table: &Table, id: &str, params: &Value) -> Box<dyn FittedTransformer> {
    let entry = find("encoder", encode::CATALOGUE, id, None).unwrap();
    let params = toml::Table::try_from(params).unwrap();
    let component = entry.build(&params, &Registry::empty()).unwrap().component;
    let features = Features { x: table.codes.slice(s![..table.train, ..]), columns: &table.columns };
    component.fit(&Train::new(features, &table.y[..table.train])).unwrap()
}

#[test]
fn training_and_other_rows_equal_scikit_learns() {
    let expected = expected();
    let table = table(&expected);
    let train = table.train;
    for case in expected["cases"].as_array().unwrap() {
        let name = format!("{} {}", case["id"], case["params"]);
        let fitted = fitted(&table, case["id"].as_str().unwrap(), &case["params"]);
        if case["names"].is_array() {
            let names: Vec<String> = fitted.columns().iter().map(|column| column.name.clone()).collect();
            assert_eq!(names, texts(&case["names"]), "{name}");
        }
        let rows = |range: std::ops::Range<usize>| table.codes.slice(s![range, ..]).to_owned();
        same(&fitted.transform(rows(train..table.codes.nrows())).unwrap(), &json_matrix(&case["test"]), &name);
        let places: Vec<Option<u32>> = (0..train as u32).map(Some).collect();
        let theirs = json_matrix(&case["train"]);
        same(&fitted.transform_training(rows(0..train), &places).unwrap(), &theirs, &name);
        let as_others = fitted.transform(rows(0..train)).unwrap();
        // A training row's own label is in what `target` learnt; nothing else learns from labels.
        let tells = case["id"] == "target";
        assert_eq!(as_others.iter().zip(&theirs).any(|(a, b)| (a - b).abs() > 1e-6), tells, "{name}");
        // Rows out of order, one of them twice, and one that it did not learn from.
        let some = table.codes.select(ndarray::Axis(0), &[170, 4, 4, train]);
        let told = fitted.transform_training(some, &[Some(170), Some(4), Some(4), None]).unwrap();
        for (row, place) in [170, 4, 4].into_iter().enumerate() {
            let (ours, theirs) = (told.slice(s![row..=row, ..]), theirs.slice(s![place..=place, ..]));
            same(&ours.to_owned(), &theirs.to_owned(), &name);
        }
        same(&told.slice(s![3.., ..]).to_owned(), &json_matrix(&case["test"]).slice(s![..1, ..]).to_owned(), &name);
    }
}

#[test]
fn frequencies_are_shares_of_training_rows_and_unseen_levels_are_zero() {
    let expected = expected();
    let table = table(&expected);
    let fitted = fitted(&table, "frequency", &serde_json::json!({}));
    let done = fitted.transform(table.codes.clone()).unwrap();
    for (at, value) in done.indexed_iter() {
        let code = table.codes[at];
        let alike = |other: &&f64| **other == code || (other.is_nan() && code.is_nan());
        let count = table.codes.slice(s![..table.train, at.1]).iter().filter(alike).count();
        assert_eq!(*value, count as f64 / table.train as f64, "{at:?}");
    }
    assert!(done.iter().any(|value| *value == 0.0), "the fixture has no unseen level");
}
