//! Made-up parts for the tests: the plans of the real studies, with the records that a test puts in.

use std::collections::BTreeMap;
use std::path::Path;

use super::{AUDIT, COUNTS, Counts, Evidence, Links, Part};
use crate::analyze::Results;
use crate::cell::CellId;
use crate::component::{ComponentFacts, Registry};
use crate::data::{ColumnShape, Digests, TableFacts};
use crate::metric::Score;
use crate::split::Leaks;
use crate::store::{FORMAT, Machine, Manifest, Outcome, Record, Seconds};
use crate::study::Study;

pub(crate) const SHA256: &str = "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89";

pub(crate) fn manifest(study: &str) -> Manifest {
    Manifest {
        format: FORMAT,
        fraudbench: "0.1.0".into(),
        command: "fraudbench reproduce ruchay-2023".into(),
        started_unix: 1_795_304_160,
        study_file: "study.toml".into(),
        filter: String::new(),
        threads: 2,
        cell_threads: 1,
        data: vec![TableFacts {
            name: "creditcard".into(),
            sha256: SHA256.into(),
            rows: 284_807,
            positives: 492,
            duplicate_rows: 1_081,
            duplicate_positives: 19,
            conflicting: 0,
            digests: Digests::default(),
            label: "Class".into(),
            columns: (0..30)
                .map(|nth| ColumnShape { name: format!("V{nth}"), levels: None, blanks: false, empty: false })
                .collect(),
        }],
        machine: Machine { cpu: "Some CPU".into(), cores: 2, memory_mib: 24_000, os: "linux x86_64".into() },
        study: study.into(),
        study_folder: String::new(),
        predictions: true,
        runs: Vec::new(),
        contradictions: Vec::new(),
    }
}

/// A part without records, of these families; of all without any.
pub(crate) fn grid(part: &Part, families: &[&str]) -> Results {
    let mut manifest = manifest(&part.study(&Registry::built_in()).unwrap().text);
    manifest.filter = families.iter().map(|family| format!("family={family}")).collect::<Vec<_>>().join(",");
    Results::of(manifest, Vec::new(), &Registry::built_in()).unwrap()
}

/// Puts a scored record in.
pub(crate) fn set(
    results: &mut Results,
    (dedup, resampler, scaler, classifier): (bool, &str, &str, &str),
    fold: u32,
    metrics: &[(&str, f64)],
) {
    let is_it = |cell: &CellId| {
        (cell.dedup, &*cell.resampler, &*cell.scaler, &*cell.classifier, cell.fold)
            == (dedup, resampler, scaler, classifier, fold)
    };
    let cell = results.planned.iter().map(|p| &p.cell).find(|cell| is_it(cell)).expect("the cell is planned").clone();
    let family = cell.classifier.clone();
    results.records.push(record(cell, &family, metrics));
}

/// The audit with three repeats; every pipeline of it has what `of` says of leaks, resampler and repeat.
pub(crate) fn audit(of: impl Fn(Leaks, &str, u32) -> Vec<(&'static str, f64)>) -> Results {
    let study = AUDIT.study(&Registry::built_in()).unwrap();
    let study = crate::audit::study(&study, 3).unwrap();
    let text = Study::parse(&study.text, "x.toml", Path::new("."), &Registry::built_in()).unwrap().text;
    let mut results = Results::of(manifest(&text), Vec::new(), &Registry::built_in()).unwrap();
    let record = |p: &crate::analyze::Planned| {
        let metrics = of(Leaks::of_protocol(&p.cell.protocol), &p.cell.resampler, p.cell.repeat);
        record(p.cell.clone(), &p.family, &metrics)
    };
    results.records = results.planned.iter().map(record).collect();
    results
}

/// Counts of the real data with made-up links: `raw` and 20 without duplicates, 71 with.
pub(crate) fn counts(raw: u64) -> Counts {
    let links = |dedup, scaler: &str, removed| Links { dedup, scaler: scaler.into(), removed };
    Counts {
        format: 1,
        fraudbench: "0.1.0".into(),
        sha256: SHA256.into(),
        rows: 284_807,
        positives: 492,
        duplicate_rows: 1_081,
        duplicate_positives: 19,
        tomek: vec![links(true, "none", raw), links(true, "standard", 20), links(false, "none", 71)],
    }
}

/// Evidence of counts alone.
pub(crate) fn counted(counts: Counts) -> Evidence {
    let text = String::from_utf8(counts.bytes().unwrap()).unwrap();
    Evidence::default().with_probe(&COUNTS, text, COUNTS.file).unwrap()
}

pub(crate) fn record(cell: CellId, family: &str, metrics: &[(&str, f64)]) -> Record {
    let facts = |id: &str| ComponentFacts {
        id: id.into(),
        backend: "native".into(),
        version: 1,
        params: serde_json::Value::Null,
    };
    Record {
        v: FORMAT,
        key: cell.to_string(),
        family: family.into(),
        backend: "native".into(),
        outcome: Outcome::Scored,
        stage: None,
        reason: None,
        train_rows: 198_608,
        train_positives: 331,
        removed_rows: 0,
        repeated_rows: 0,
        made_rows: 0,
        columns: 30,
        test_rows: 85_118,
        test_positives: 142,
        rows: None,
        sided_rows: None,
        confusion: None,
        tied: None,
        no_better_than_chance: false,
        metrics: metrics.iter().map(|(name, value)| ((*name).to_owned(), Score::Value(*value))).collect(),
        validation: BTreeMap::new(),
        metric_versions: BTreeMap::new(),
        seconds: Seconds::default(),
        threads: 1,
        peak_memory_mib: None,
        stages: Vec::new(),
        input: None,
        equals: None,
        details: None,
        candidate_seconds: Vec::new(),
        sieves: Vec::new(),
        kept: false,
        seed: 7,
        imputer_facts: facts(&cell.imputer),
        resampler_facts: facts(&cell.resampler),
        encoder_facts: facts(&cell.encoder),
        scaler_facts: facts(&cell.scaler),
        select_facts: facts(&cell.select),
        classifier_facts: facts(family),
        cell,
    }
}
