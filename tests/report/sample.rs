//! Made-up but seeded runs of any shape, with failed and missing cells and undefined metrics.

use std::collections::BTreeMap;

use fraudbench::analyze::{Planned, Results};
use fraudbench::cell::CellId;
use fraudbench::component::{ComponentFacts, Registry};
use fraudbench::data::{ColumnShape, Digests, TableFacts};
use fraudbench::metric::{Better, Confusion, Metric, Score};
use fraudbench::store::{Machine, Manifest, Outcome, Record, Seconds, Stage};

/// Family, typical recall, typical fit time in seconds.
pub const FAMILIES: [(&str, f64, f64); 11] = [
    ("prior", 0.0, 0.00005),
    ("logistic-regression", 0.62, 0.4),
    ("linear-discriminant-analysis", 0.7, 0.3),
    ("decision-tree", 0.74, 0.9),
    ("random-forest", 0.78, 7.0),
    ("adaboost", 0.68, 4.0),
    ("k-neighbors", 0.75, 0.08),
    ("svc", 0.66, 140.0),
    ("xgboost", 0.79, 1.5),
    ("lightgbm", 0.6, 1.2),
    ("gaussian-naive-bayes", 0.82, 0.1),
];
pub const SCALERS: [&str; 12] = [
    "none",
    "min-max",
    "max-abs",
    "standard",
    "power",
    "quantile",
    "normalizer",
    "function",
    "polynomial",
    "robust",
    "whitening",
    "quantile-normal-1000",
];
pub const METRICS: [&str; 9] =
    ["accuracy", "precision", "recall", "f1", "g-mean", "mcc", "iba-1", "pr-auc", "false-positive-rate"];

/// The shape of a made-up run.
#[derive(Clone, Copy)]
pub struct Shape {
    pub families: usize,
    pub scalers: usize,
    pub dedups: &'static [bool],
    pub resamplers: &'static [&'static str],
    pub encoders: &'static [&'static str],
    pub folds: u32,
    /// Per thousand of the cells that have no record.
    pub missing: u64,
    /// Per thousand of the cells that failed.
    pub failed: u64,
}

/// One fold of everything else the defaults.
pub const SMALL: Shape = Shape {
    families: 3,
    scalers: 1,
    dedups: &[true],
    resamplers: &["none"],
    encoders: &["native"],
    folds: 5,
    missing: 0,
    failed: 0,
};

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// SplitMix64.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A draw of the standard normal, by Box and Muller.
pub fn normal(random: &mut Random) -> f64 {
    (-2.0 * (1.0 - random.unit()).ln()).sqrt() * (std::f64::consts::TAU * random.unit()).cos()
}

pub fn manifest() -> Manifest {
    Manifest {
        format: 1,
        fraudbench: "0.1.0".into(),
        command: "fraudbench run study.toml --cell-threads 1".into(),
        started_unix: 1_795_304_160,
        study_file: "study.toml".into(),
        filter: String::new(),
        threads: 2,
        cell_threads: 1,
        data: vec![TableFacts {
            name: "creditcard".into(),
            sha256: "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89".into(),
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
        study: "title = 'x'".into(),
        study_folder: String::new(),
        predictions: true,
        runs: Vec::new(),
        contradictions: Vec::new(),
    }
}

pub fn cell(dedup: bool, resampler: &str, scaler: &str, classifier: &str, fold: u32) -> CellId {
    CellId {
        data_set: "creditcard".into(),
        protocol: "stratified-k-fold".into(),
        dedup,
        imputer: "none".into(),
        resampler: resampler.into(),
        encoder: "native".into(),
        scaler: scaler.into(),
        select: "none".into(),
        classifier: classifier.into(),
        repeat: 0,
        fold,
    }
}

/// 32 hexadecimal digits that tell a cell from others.
fn key(cell: &CellId) -> String {
    let sum = |start: u64| cell.to_string().bytes().fold(start, |sum, b| Random::new(sum ^ u64::from(b)).next());
    format!("{:016x}{:016x}", sum(1), sum(2))
}

/// A scored record with these metrics and nothing else of interest.
pub fn record(cell: &CellId, metrics: &[(&str, f64)]) -> Record {
    let facts = |id: &str| ComponentFacts {
        id: id.into(),
        backend: "native".into(),
        version: 1,
        params: serde_json::Value::Null,
    };
    Record {
        v: 1,
        key: key(cell),
        cell: cell.clone(),
        family: cell.classifier.clone(),
        backend: "native".into(),
        outcome: Outcome::Scored,
        stage: None,
        reason: None,
        train_rows: 226_980,
        train_positives: 378,
        removed_rows: 0,
        repeated_rows: 0,
        made_rows: 0,
        columns: 30,
        test_rows: 56_746,
        test_positives: 95,
        rows: None,
        sided_rows: None,
        confusion: None,
        tied: None,
        no_better_than_chance: false,
        metrics: metrics.iter().map(|(name, value)| ((*name).to_owned(), Score::Value(*value))).collect(),
        validation: BTreeMap::new(),
        metric_versions: BTreeMap::new(),
        seconds: Seconds { resample: 0.1, scale: 0.2, fit: 1.0, predict: 0.25 },
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
        classifier_facts: facts(&cell.classifier),
    }
}

pub fn failed(cell: &CellId, stage: Stage, reason: &str) -> Record {
    Record { outcome: Outcome::Failed, stage: Some(stage), reason: Some(reason.into()), ..record(cell, &[]) }
}

/// A run of exactly these planned cells and records.
pub fn results(planned: Vec<CellId>, records: Vec<Record>, metrics: &[&str], primary: &str) -> Results {
    let planned =
        planned.into_iter().map(|cell| Planned { family: cell.classifier.clone(), backend: "native".into(), cell });
    Results {
        manifest: manifest(),
        tables: manifest().data,
        seed: 1,
        title: "A made-up study".into(),
        metrics: metrics.iter().map(|m| (*m).to_owned()).collect(),
        primary: primary.into(),
        protocol: "stratified-k-fold (folds 5, seed 42)".into(),
        planned: planned.collect(),
        records,
        left_out: Vec::new(),
        registry: Registry::built_in(),
    }
}

/// Every encoder with every scaler and its number.
fn both<'a>(encoders: &'a [&'a str], scalers: &'a [&'a str]) -> impl Iterator<Item = (&'a str, (usize, &'a str))> {
    encoders.iter().flat_map(move |encoder| scalers.iter().copied().enumerate().map(move |scaler| (*encoder, scaler)))
}

/// The same results with a repeat in the place of each fold, as repeated hold-outs are.
pub fn hold_outs(mut results: Results) -> Results {
    let turn = |cell: &mut CellId| (cell.repeat, cell.fold) = (cell.fold, 0);
    results.planned.iter_mut().for_each(|planned| turn(&mut planned.cell));
    results.records.iter_mut().for_each(|record| turn(&mut record.cell));
    results
}

/// The same results where smaller values of `f1` and `pr-auc` are better.
pub fn smaller_is_better(mut results: Results) -> Results {
    static F1: Metric = Metric::new("f1", Better::Lower, "", |scored| scored.confusion.tpr().into());
    static PR_AUC: Metric = Metric::new("pr-auc", Better::Lower, "", |scored| scored.confusion.tpr().into());
    results.registry = Registry::empty();
    results.registry.add_metric(&F1).unwrap();
    results.registry.add_metric(&PR_AUC).unwrap();
    results
}

/// A made-up run of a shape.
pub fn made_up(shape: Shape, seed: u64) -> Results {
    let mut random = Random::new(seed);
    let (mut planned, mut records) = (Vec::new(), Vec::new());
    for &dedup in shape.dedups {
        for resampler in shape.resamplers {
            for (encoder, (s, scaler)) in both(shape.encoders, &SCALERS[..shape.scalers]) {
                for &(family, recall, seconds) in &FAMILIES[..shape.families] {
                    for fold in 0..shape.folds {
                        let mut cell = cell(dedup, resampler, scaler, family, fold);
                        cell.encoder = encoder.into();
                        planned.push(cell.clone());
                        let fate = random.next() % 1_000;
                        if fate < shape.missing {
                            continue;
                        }
                        if fate < shape.missing + shape.failed {
                            let reason = format!("took longer than {} s, \"fit\" was stopped", 600);
                            records.push(failed(&cell, Stage::Fit, &reason));
                            continue;
                        }
                        let worse = if s == 6 { 0.25 } else { 0.004 * s as f64 };
                        records.push(scored(&cell, recall - worse, seconds, &mut random));
                    }
                }
            }
        }
    }
    results(planned, records, &METRICS, "pr-auc")
}

fn scored(cell: &CellId, recall: f64, seconds: f64, random: &mut Random) -> Record {
    let (positives, rows) = (95_u64, 56_746_u64);
    let share = (recall + 0.12 * (random.unit() - 0.5)).clamp(0.0, 1.0);
    let prior = cell.classifier == "prior";
    let tp = if prior { 0 } else { (share * positives as f64).round() as u64 };
    let naive = cell.classifier == "gaussian-naive-bayes";
    let fp = if prior { 0 } else { (random.unit() * if naive { 1_400.0 } else { 14.0 }) as u64 + 3 };
    let confusion = Confusion { tp, fp, fn_: positives - tp, tn: rows - positives - fp };
    let (t, f) = (tp as f64, fp as f64);
    let sensitivity = t / positives as f64;
    let specificity = confusion.tn as f64 / (rows - positives) as f64;
    let mut metrics: Vec<(&str, f64)> = vec![
        ("accuracy", (t + confusion.tn as f64) / rows as f64),
        ("recall", sensitivity),
        ("f1", 2.0 * t / (2.0 * t + f + confusion.fn_ as f64)),
        ("g-mean", (sensitivity * specificity).sqrt()),
        ("iba-1", (1.0 + sensitivity - specificity) * sensitivity * specificity),
        ("false-positive-rate", 1.0 - specificity),
    ];
    let precision = t / (t + f).max(1.0);
    let ap =
        if prior { 95.0 / 56_746.0 } else { (sensitivity * precision.sqrt() * (0.97 + 0.06 * random.unit())).min(1.0) };
    metrics.push(("pr-auc", ap));
    if !prior {
        metrics.push(("precision", precision));
        metrics.push(("mcc", (sensitivity * precision).sqrt()));
    }
    let mut record = record(cell, &metrics);
    if prior {
        for name in ["precision", "mcc"] {
            let undefined = "no row was predicted positive, so it is 0 / 0".to_owned();
            record.metrics.insert(name.into(), Score::Undefined { undefined });
        }
    }
    record.confusion = Some(confusion);
    record.removed_rows = if cell.resampler == "none" { 0 } else { 40 + random.next() % 25 };
    record.seconds.fit = seconds * (0.7 + 0.6 * random.unit()) * if cell.scaler == "polynomial" { 9.0 } else { 1.0 };
    record
}
