//! The whole real data, where it is: in the folder that FRAUDBENCH_DATA names, or in the cache. What is asserted here was
//! measured with imbalanced-learn and scikit-learn (METHODOLOGY.md). Elsewhere these tests say that they were skipped.

use fraudbench::component::{Context, Registry, Train};
use fraudbench::data::{self, Dataset, ReadOptions, catalogue};
use fraudbench::split::Protocol;
use fraudbench::{resample, scale};
use ndarray::{Array2, Axis};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn creditcard() -> Option<Dataset> {
    if let Err(e) = catalogue::locate(catalogue::find("creditcard").unwrap()) {
        eprintln!("skipped: {e}");
        return None;
    }
    Some(catalogue::read("creditcard", None, &ReadOptions::default()).unwrap())
}

fn tomek_removes(x: &Array2<f64>, y: &[u8]) -> usize {
    let entry = resample::CATALOGUE.iter().find(|e| e.id == "tomek-links").unwrap();
    let tomek = entry.build(&toml::Table::new(), &Registry::built_in()).unwrap().component;
    y.len() - tomek.resample(&Train::numbers(x.view(), y), &Context { seed: 0 }).unwrap().count()
}

#[test]
fn dedup_and_tomek_links_remove_what_pandas_and_imbalanced_learn_remove() {
    let Some(whole) = creditcard() else { return };
    assert_eq!((whole.x.dim(), whole.positives()), ((284_807, 30), 492));
    let dedup = data::dedup(&whole);
    assert_eq!((dedup.removed, dedup.conflicting), (1081, 0));
    let x = whole.x.select(Axis(0), &dedup.keep);
    let y: Vec<u8> = dedup.keep.iter().map(|&row| whole.y[row]).collect();
    assert_eq!(y.iter().filter(|&&label| label == 1).count(), 473);
    assert_eq!(tomek_removes(&x, &y), 73);
    let scaled = |id: &str| {
        let entry = scale::CATALOGUE.iter().find(|e| e.id == id).unwrap();
        let fitted = entry.build(&toml::Table::new(), &Registry::built_in()).unwrap().component.fit(x.view()).unwrap();
        fitted.transform(x.clone()).unwrap()
    };
    assert_eq!(tomek_removes(&scaled("standard"), &y), 22);
    assert_eq!(tomek_removes(&scaled("min-max"), &y), 21);
    assert_eq!(tomek_removes(&scaled("robust"), &y), 25);
}

/// What the Handbook's own words make of its protocol, by pandas (scripts/golden/handbook.py).
#[test]
fn prequential_rows_of_the_handbooks_transactions_are_its_own() {
    let folder = std::env::var_os("FRAUDBENCH_DATA").map(std::path::PathBuf::from).unwrap_or_default();
    let path = folder.join("handbook-transactions.parquet");
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return;
    }
    let name = |name: &str| Some(name.to_owned());
    let options = ReadOptions {
        label: name("TX_FRAUD"),
        group: name("CUSTOMER_ID"),
        time: name("TX_DATETIME"),
        ignore: ["TRANSACTION_ID", "TERMINAL_ID", "TX_FRAUD_SCENARIO"].map(str::to_owned).into(),
        ..ReadOptions::default()
    };
    let data = data::read(&path, &options).unwrap();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/splits/handbook.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    let told = |rows: &[usize]| {
        let text = rows.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
        let hash: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        serde_json::json!([rows.len(), hash])
    };
    for case in &cases {
        let mut params: toml::Table = serde_json::from_value(case["params"].clone()).unwrap();
        params.insert("kind".into(), "prequential".into());
        let protocol = Protocol::read(&params, &Registry::built_in()).unwrap();
        let splits = protocol.splits(&protocol.roles(&data).unwrap()).unwrap();
        let parts: Vec<Value> = splits
            .iter()
            .map(|split| split.as_ref().unwrap())
            .map(|split| serde_json::json!([told(&split.train), told(&split.test)]))
            .collect();
        assert_eq!(Value::from(parts), case["parts"], "{protocol}");
    }
}
