//! What is read. A target fails by a panic; what it refuses, it refuses in one line.

use std::path::Path;

use fraudbench::analyze::Results;
use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::component::{Context, Registry, Train};
use fraudbench::data::{ReadOptions, describe, read};
use fraudbench::error::Error;
use fraudbench::store::{Directory, Predictions};
use fraudbench::study::Study;

/// The longest sentence that anybody would read.
const SENTENCE: usize = 20_000;

fn told<T>(result: Result<T, Error>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            let said = error.to_string();
            assert!(!said.is_empty() && said.len() < SENTENCE, "{} bytes: {said:.300}", said.len());
            None
        }
    }
}

pub fn study(input: &[u8], scratch: &Path) {
    let text = String::from_utf8_lossy(input);
    told(Study::parse(&text, "study.toml", scratch, &Registry::built_in()));
}

pub fn table(input: &[u8], scratch: &Path) {
    let file = scratch.join("table");
    std::fs::write(&file, input).unwrap();
    for label in [None, Some("label")] {
        let options = ReadOptions { label: label.map(str::to_owned), ..ReadOptions::default() };
        let Some(data) = told(read(&file, &options)) else { continue };
        assert_eq!(data.x.nrows(), data.y.len());
        assert_eq!(data.x.ncols(), data.columns.len());
        describe(&data);
    }
}

/// A results directory of the corpus, with one of its files replaced.
fn results(file: &str, input: &[u8], scratch: &Path) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    for (name, from) in [("manifest.toml", "manifest/manifest.toml"), ("records.jsonl", "records/records.jsonl")] {
        std::fs::copy(corpus.join(from), scratch.join(name)).unwrap();
    }
    std::fs::write(scratch.join(file), input).unwrap();
    let registry = Registry::built_in();
    let Some((manifest, records)) = told(Directory::read(scratch)) else { return };
    let Some(results) = told(Results::of(manifest, records, &registry)) else { return };
    leaderboard(&results);
}

pub fn records(input: &[u8], scratch: &Path) {
    results("records.jsonl", input, scratch);
}

pub fn manifest(input: &[u8], scratch: &Path) {
    results("manifest.toml", input, scratch);
}

pub fn predictions(input: &[u8], scratch: &Path) {
    let key = "c8de9498e8a96b597d4b233151946b2d";
    std::fs::create_dir_all(scratch.join("predictions")).unwrap();
    std::fs::write(scratch.join("predictions").join(format!("{key}.parquet")), input).unwrap();
    told(Predictions::read(scratch, key));
}

/// A program that answers every question with what it is told to say.
pub fn answers(input: &[u8], scratch: &Path) {
    let file = scratch.join("answers");
    std::fs::write(&file, input).unwrap();
    let mut table = toml::Table::new();
    table.insert("command".into(), vec!["cat".to_owned(), file.to_str().unwrap().to_owned()].into());
    let registry = Registry::built_in();
    let family = registry.classifier("external", None).unwrap();
    let classifier = family.build(&table, &registry).unwrap().component;
    let x = ndarray::array![[1.0], [2.0], [3.0]];
    let fitted = told(classifier.fit(&Train::numbers(x.view(), &[0, 1, 0]), &Context { seed: 1 }));
    if let Some(model) = fitted {
        told(model.predict(x.view()));
    }
}
