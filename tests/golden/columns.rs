//! Imputers, encoders and SMOTE against scikit-learn and imbalanced-learn (`scripts/golden/columns.py`).

use std::path::Path;
use std::sync::Arc;

use fraudbench::component::{Context, Entry, Features, Registry, Train, Transformer, find};
use fraudbench::data::{Column, Kind};
use fraudbench::{encode, impute, resample};
use ndarray::{Array2, s};
use serde_json::Value;

use crate::json_matrix;

fn expected() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/columns/expected.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn bits(x: &Array2<f64>) -> Vec<u64> {
    x.iter().map(|value| if value.is_nan() { 1 } else { (value + 0.0).to_bits() }).collect()
}

fn columns(expected: &Value) -> [Column; 2] {
    let levels = |nth: usize| -> Arc<[String]> {
        expected["levels"][nth].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
    };
    [("country", 0), ("known", 1)]
        .map(|(name, nth)| Column { kind: Kind::Category(levels(nth)), ..Column::number(name) })
}

fn transformed(
    (catalogue, id, params): (&'static [&'static Entry<dyn Transformer>], &str, &str),
    x: &Array2<f64>,
    columns: &[Column],
    train: usize,
) -> (Array2<f64>, Vec<String>) {
    let entry = find("component", catalogue, id, None).unwrap();
    let component = entry.build(&params.parse().unwrap(), &Registry::built_in()).unwrap().component;
    let rows = x.slice(s![..train, ..]);
    let fitted = component.fit(&Train::new(Features { x: rows, columns }, &vec![0; train])).unwrap();
    let done = fitted.transform(x.slice(s![train.., ..]).to_owned()).unwrap();
    (done, fitted.columns().iter().map(|column| column.name.clone()).collect())
}

#[test]
fn imputers_equal_simple_imputer_and_missing_indicator() {
    let expected = expected();
    let train = expected["train"].as_u64().unwrap() as usize;
    let numbers = json_matrix(&expected["numbers"]);
    let named = [Column::number("a"), Column::number("b")];
    for (id, params) in [("mean", ""), ("median", ""), ("most-frequent", ""), ("constant", "fill_value = -3.5\n")] {
        let params = format!("{params}add_indicator = true");
        let (ours, names) = transformed((impute::CATALOGUE, id, &params), &numbers, &named, train);
        let theirs = json_matrix(&expected["imputed"][id]);
        assert_eq!(ours.dim(), theirs.dim(), "{id}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            // Means are sums in another order there.
            assert!((ours - theirs).abs() <= 1e-15 * theirs.abs().max(1.0), "{id}: {ours} and {theirs}");
        }
        assert_eq!(names[2..], ["missingindicator_a", "missingindicator_b"], "{id}");
    }
    let codes = json_matrix(&expected["codes"]);
    let (ours, _) = transformed((impute::CATALOGUE, "most-frequent", ""), &codes, &columns(&expected), train);
    assert_eq!(bits(&ours), bits(&json_matrix(&expected["imputed"]["categories"])));
}

#[test]
fn encoders_equal_one_hot_encoder_and_ordinal_encoder() {
    let expected = expected();
    let train = expected["train"].as_u64().unwrap() as usize;
    let (codes, columns) = (json_matrix(&expected["codes"]), columns(&expected));
    for (theirs, params) in
        [("one-hot None", ""), ("one-hot first", "drop = 'first'"), ("one-hot if_binary", "drop = 'if_binary'")]
    {
        let (ours, names) = transformed((encode::CATALOGUE, "one-hot", params), &codes, &columns, train);
        let theirs = &expected["encoded"][theirs];
        let their_names: Vec<&str> = theirs["names"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
        assert_eq!(names, their_names, "{params}");
        assert_eq!(bits(&ours), bits(&json_matrix(&theirs["values"])), "{params}");
    }
    for (theirs, params) in [("ordinal", ""), ("ordinal missing", "encoded_missing_value = -2.0")] {
        let (ours, _) = transformed((encode::CATALOGUE, "ordinal", params), &codes, &columns, train);
        assert_eq!(bits(&ours), bits(&json_matrix(&expected["encoded"][theirs])), "{params}");
    }
    // `native` is `ordinal` but for what the training rows lack, which is missing.
    let (native, _) = transformed((encode::CATALOGUE, "native", ""), &codes, &columns, train);
    let (ordinal, _) = transformed((encode::CATALOGUE, "ordinal", ""), &codes, &columns, train);
    assert!(ordinal.iter().any(|&value| value == -1.0), "the fixture has no unseen level");
    assert_eq!(bits(&native), bits(&ordinal.mapv(|value| if value == -1.0 { f64::NAN } else { value })));
}

#[test]
fn smote_equals_imbalanced_learn() {
    let expected = &expected()["smote"];
    let x = json_matrix(&expected["x"]);
    let y: Vec<u8> = expected["y"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as u8).collect();
    let entry = find("resampler", resample::CATALOGUE, "smote", None).unwrap();
    for case in expected["cases"].as_array().unwrap() {
        let params = ["random_state", "sampling_strategy", "k_neighbors"].map(|key| format!("{key} = {}", case[key]));
        let smote = entry.build(&params.join("\n").parse().unwrap(), &Registry::built_in()).unwrap().component;
        let made = smote.resample(&Train::numbers(x.view(), &y), &Context { seed: 1 }).unwrap();
        assert_eq!(made.rows, (0..y.len()).collect::<Vec<_>>());
        assert_eq!(bits(&made.made), bits(&json_matrix(&case["made"])), "{params:?}");
        let labels: Vec<u64> = case["labels"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect();
        assert_eq!(made.made_y.iter().map(|&label| u64::from(label)).collect::<Vec<_>>(), labels);
    }
}
