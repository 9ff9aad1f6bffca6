//! Selections of columns against scikit-learn 1.9.1: `scripts/golden/selects.py`.

use std::path::Path;

use fraudbench::component::{Features, Registry, Train, find};
use fraudbench::data::Column;
use fraudbench::select::CATALOGUE;
use ndarray::Axis;
use serde::Deserialize;

use crate::matrix;

#[derive(Deserialize)]
struct Golden {
    tables: Vec<Table>,
}

#[derive(Deserialize)]
struct Table {
    name: String,
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    asked: Vec<Vec<f64>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    component: String,
    params: serde_json::Value,
    columns: Vec<usize>,
    positive: bool,
    made: Vec<Vec<f64>>,
}

#[test]
fn selections_equal_scikit_learns() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/selects/cases.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for table in &golden.tables {
        for case in &table.cases {
            let what = format!("{}: {} {}", table.name, case.component, case.params);
            let shown = |rows: &[Vec<f64>]| {
                let chosen = matrix(rows).select(Axis(1), &case.columns);
                if case.positive { chosen.mapv(f64::abs) } else { chosen }
            };
            let (x, asked) = (shown(&table.x), shown(&table.asked));
            let columns: Vec<Column> = case.columns.iter().map(|at| Column::number(format!("c{at}"))).collect();
            let entry = find("select", CATALOGUE, &case.component, None).unwrap();
            let params = toml::Table::try_from(&case.params).unwrap();
            let select = entry.build(&params, &Registry::empty()).unwrap().component;
            let train = Train::new(Features { x: x.view(), columns: &columns }, &table.y);
            let fitted = select.fit(&train).unwrap();
            let (ours, theirs) = (fitted.transform(asked.clone()).unwrap(), matrix(&case.made));
            assert_eq!(ours.dim(), theirs.dim(), "{what}");
            assert_eq!(fitted.columns().len(), ours.ncols(), "{what}");
            for (at, ours) in ours.indexed_iter() {
                let theirs = theirs[at];
                assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0), "{what}, {at:?}: {ours} and {theirs}");
            }
            // A column that was chosen keeps its name, whichever it is.
            for (column, values) in fitted.columns().iter().zip(ours.columns()) {
                if let Some(at) = columns.iter().position(|given| given.name == column.name) {
                    assert_eq!(values, asked.column(at), "{what}");
                }
            }
        }
    }
}
