//! Against scikit-learn's `KNeighborsClassifier` and imbalanced-learn's `TomekLinks` and `RandomUnderSampler`.

use std::path::Path;

use fraudbench::classify::{self};
use fraudbench::component::{Context, Registry, Train, find};
use fraudbench::resample;
use ndarray::{Array2, s};
use serde_json::Value;

use crate::{numbers, places};

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/neighbors").join(name))
        .unwrap()
}

fn matrix(name: &str) -> Array2<f64> {
    let text = text(name);
    let values: Vec<f64> = text.split(['\n', ',']).filter(|v| !v.is_empty()).map(|v| v.parse().unwrap()).collect();
    let rows = text.lines().count();
    Array2::from_shape_vec((rows, values.len() / rows), values).unwrap()
}

/// All columns but the last, and the last as labels.
fn labelled(name: &str) -> (Array2<f64>, Vec<u8>) {
    let all = matrix(name);
    let y = all.column(all.ncols() - 1).iter().map(|&label| label as u8).collect();
    (all.slice(s![.., ..-1]).as_standard_layout().into_owned(), y)
}

fn expected() -> Value {
    serde_json::from_str(&text("expected.json")).unwrap()
}

fn resampled(id: &str, toml: &str, x: &Array2<f64>, y: &[u8], seed: u64) -> Vec<usize> {
    let entry = find("resampler", resample::CATALOGUE, id, None).unwrap();
    entry
        .build(&toml.parse().unwrap(), &Registry::built_in())
        .unwrap()
        .component
        .resample(&Train::numbers(x.view(), y), &Context { seed })
        .unwrap()
        .rows
}

#[test]
fn votes_equal_scikit_learn() {
    let (x, y) = labelled("train.csv");
    let queries = matrix("queries.csv");
    let entry = find("family", classify::CATALOGUE, "k-neighbors", None).unwrap();
    let cases = expected()["votes"].as_array().unwrap().clone();
    assert_eq!(cases.len(), 27);
    for case in cases {
        let named = ["n_neighbors", "weights", "p", "metric"].map(|name| format!("{name} = {}", case[name]));
        let toml = named.join("\n");
        let classifier = entry.build(&toml.parse().unwrap(), &Registry::built_in()).unwrap().component;
        let said = classifier
            .fit(&Train::numbers(x.view(), &y), &Context { seed: 0 })
            .unwrap()
            .predict(queries.view())
            .unwrap();
        let labels: Vec<usize> = said.label.iter().map(|&label| label.into()).collect();
        assert_eq!(labels, places(&case["label"]), "{toml}");
        for (query, (ours, theirs)) in said.score.iter().zip(numbers(&case["score"])).enumerate() {
            assert!((ours - theirs).abs() <= 1e-12, "{toml}\nquery {query}: {ours}, scikit-learn {theirs}");
        }
    }
}

#[test]
fn tomek_links_equal_imbalanced_learn() {
    let (x, y) = labelled("links.csv");
    for strategy in ["auto", "majority", "all"] {
        let kept = resampled("tomek-links", &format!("sampling_strategy = '{strategy}'"), &x, &y, 0);
        let removed: Vec<usize> = (0..y.len()).filter(|row| kept.binary_search(row).is_err()).collect();
        assert_eq!(removed, places(&expected()["tomek_removed"][strategy]), "{strategy}");
    }
}

#[test]
fn undersampling_draws_the_rows_of_imbalanced_learn() {
    let (x, y) = labelled("links.csv");
    let cases = expected()["undersampled"].as_array().unwrap().clone();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let toml = format!(
            "sampling_strategy = {:?}\nrandom_state = {}",
            case["sampling_strategy"].as_f64().unwrap(),
            case["random_state"]
        );
        let kept = resampled("random-undersampling", &toml, &x, &y, 1);
        assert_eq!(kept, places(&case["kept"]), "{toml}");
        // The cell's seed takes the place of a `random_state` that is not given.
        let ratio = format!("sampling_strategy = {:?}", case["sampling_strategy"].as_f64().unwrap());
        let seed = case["random_state"].as_u64().unwrap();
        assert_eq!(resampled("random-undersampling", &ratio, &x, &y, seed), kept);
    }
}
