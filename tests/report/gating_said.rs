//! The gate on made-up scores whose truth is known: what kept predictions of test rows are worth to it.
//!
//! Scores are normal, a positive's with a mean of its own; the worse a night, the nearer that mean is to the negatives'. Models of other nights are
//! better or worse by chance, too, by as much as the corrected resampled t takes training rows for (`trained` 1) or not at all (0).

use std::collections::HashMap;

use fraudbench::analyze::gate::{Gate, Rules, Run, gate};
use fraudbench::component::{Prediction, Registry, ScoreKind};
use fraudbench::error::Result;
use fraudbench::metric::Scored;
use fraudbench::store::{KeptRows, Predictions, Record, SplitRows};

use crate::sample::{Random, cell, normal, record, results};

const NAMES: [&str; 3] = ["xgboost", "svc", "random-forest"];
/// How far the positives' mean lies from the negatives', in standard deviations of either.
const APART: f64 = 3.0;
/// The nights that the new one is judged against where there are several: four weeks.
const BASE: usize = 28;
/// What is worse by no more is no regression: little, so that chance decides.
const THRESHOLD: f64 = 0.002;
/// The part of a score's variance that is the row's, whatever the model.
const OF_ROW: f64 = 0.8;

/// How nights come about.
#[derive(Clone, Copy)]
struct Nights {
    /// 1: a hold-out of 30%.
    folds: u32,
    positives: usize,
    negatives: usize,
    pipelines: usize,
    same_rows: bool,
    /// The variance that other training rows add, as a part of what the correction takes it for.
    trained: f64,
    /// How many times a split's value varies as its rows tell.
    factor: f64,
}

const HOLD_OUT: Nights =
    Nights { folds: 1, positives: 100, negatives: 1_000, pipelines: 1, same_rows: false, trained: 1.0, factor: 1.0 };
/// Where there are many nights.
const SMALL: Nights = Nights { positives: 60, negatives: 240, ..HOLD_OUT };
const FIVE_FOLDS: Nights = Nights { folds: 5, positives: 30, negatives: 300, ..HOLD_OUT };

/// A design's truths, by many draws.
#[derive(Clone, Copy)]
struct Truth {
    /// By how much the metric falls per unit that the positives' mean does.
    slope: f64,
    /// The variance of a split's value, or of the difference of two on the same rows, as of its rows.
    rows: f64,
}

struct Rows {
    y: Vec<u8>,
    adds: Vec<f64>,
}

impl Rows {
    /// What a model says of them of which the positives lie by `lower` nearer.
    fn said(&self, lower: f64, random: &mut Random) -> Prediction {
        let of = |(y, adds): (&u8, &f64)| {
            let apart = if *y == 1 { APART - lower } else { 0.0 };
            apart + OF_ROW.sqrt() * adds + (1.0 - OF_ROW).sqrt() * normal(random)
        };
        let score: Vec<f64> = self.y.iter().zip(&self.adds).map(of).collect();
        let label = score.iter().map(|score| u8::from(*score > 2.5)).collect();
        Prediction { score, label, kind: ScoreKind::Decision }
    }

    fn score(&self, said: &Prediction) -> f64 {
        let registry = Registry::built_in();
        registry.metric("pr-auc").unwrap().score(&Scored::new(&self.y, said).unwrap()).value().unwrap()
    }
}

/// A run with what it kept.
struct Night {
    run: Run,
    kept: HashMap<String, (Predictions, SplitRows)>,
}

impl Nights {
    fn ratio(&self) -> f64 {
        if self.folds == 1 { 3.0 / 7.0 } else { 1.0 / f64::from(self.folds - 1) }
    }

    /// A split's rows as two models score them; the second model's positives lie by `lower` nearer.
    fn pair(&self, lower: f64, random: &mut Random) -> [f64; 2] {
        let rows = self.rows(random);
        [0.0, lower].map(|lower| rows.score(&rows.said(lower, random)))
    }

    fn truth(&self, random: &mut Random) -> Truth {
        let draws = 600;
        let pairs: Vec<[f64; 2]> = (0..draws).map(|_| self.pair(0.0, random)).collect();
        let values: Vec<f64> =
            pairs.iter().map(|[a, b]| if self.same_rows { (a - b) / 2.0_f64.sqrt() } else { *a }).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let middle = mean(&values);
        let rows = mean(&values.iter().map(|value| (value - middle).powi(2)).collect::<Vec<_>>());
        let falls: Vec<f64> = (0..draws).map(|_| self.pair(0.4, random)).map(|[a, b]| a - b).collect();
        Truth { slope: mean(&falls) / 0.4, rows }
    }

    /// The rows of a split: which are positives, whose number is drawn too, and what they add to their scores.
    fn rows(&self, random: &mut Random) -> Rows {
        let mean = self.positives as f64;
        let positives = (mean + mean.sqrt() * normal(random)).round().max(10.0) as usize;
        let rows = positives + self.negatives;
        Rows {
            y: (0..rows).map(|i| u8::from(i < positives)).collect(),
            adds: (0..rows).map(|_| normal(random)).collect(),
        }
    }

    /// A night on which the first pipeline's metric is lower by `drop` on the average.
    fn night(&self, (number, rows): (usize, u64), drop: f64, truth: Truth, random: &mut Random) -> Night {
        // What the same rows add is the same on every night.
        let mut fixed = Random::new(rows);
        let splits: Vec<Rows> =
            (0..self.folds).map(|_| self.rows(if self.same_rows { &mut fixed } else { &mut *random })).collect();
        let (mut planned, mut records, mut kept) = (Vec::new(), Vec::new(), HashMap::new());
        let sd = |variance: f64| variance.max(0.0).sqrt() / truth.slope;
        for (place, name) in NAMES.iter().take(self.pipelines).enumerate() {
            let of_night = sd(self.trained * self.factor * self.ratio() * truth.rows) * normal(random);
            for fold in 0..self.folds {
                let of_fold = sd((self.factor - 1.0) * truth.rows) * normal(random);
                let lower = of_night + of_fold + if place == 0 { drop / truth.slope } else { 0.0 };
                let rows = &splits[fold as usize];
                let (said, y) = (rows.said(lower, random), rows.y.clone());
                let cell = cell(true, "none", "standard", name, fold);
                let mut record = record(&cell, &[("pr-auc", rows.score(&said))]);
                record.confusion = Some(Scored::new(&y, &said).unwrap().confusion);
                record.test_rows = y.len() as u64;
                record.train_rows = (y.len() as f64 / self.ratio()).round() as u64;
                record.rows =
                    Some(if self.same_rows { format!("{fold:032x}") } else { format!("{number:030x}{fold:02x}") });
                let rows = SplitRows { test: KeptRows { y, ..KeptRows::default() }, validation: None };
                kept.insert(record.key.clone(), (Predictions { test: said, validation: None }, rows));
                planned.push(cell);
                records.push(record);
            }
        }
        let mut results = results(planned, records, &["pr-auc"], "pr-auc");
        results.manifest.started_unix += 86_400 * number as u64;
        Night { run: Run { name: format!("{number}"), results }, kept }
    }

    fn judged(&self, nights: &[&Night], with_predictions: bool) -> Result<Gate> {
        let (new, base) = nights.split_last().unwrap();
        let runs: Vec<Run> = base.iter().map(|night| night.run.clone()).collect();
        let rules = Rules { threshold: THRESHOLD, ..Rules::default() };
        let kept = |run: &Run, record: &Record| {
            let night = nights.iter().find(|night| night.run.name == run.name).unwrap();
            Ok(night.kept.get(&record.key).filter(|_| with_predictions).cloned())
        };
        gate(&runs, &new.run, &rules, &Registry::built_in(), &kept)
    }

    fn is_alarm(&self, nights: &[&Night], with_predictions: bool) -> bool {
        let found = self.judged(nights, with_predictions).unwrap();
        let used = self.folds as usize * nights.len();
        assert_eq!(found.comparisons[0].predictions, if with_predictions { used } else { 0 });
        !found.is_passed()
    }

    /// On how many of so many clean nights there is an alarm.
    fn false_alarms(&self, clean: usize, base: usize, seed: u64) -> usize {
        let mut random = Random::new(seed);
        let truth = self.truth(&mut random);
        let all: Vec<Night> =
            (0..base + clean).map(|number| self.night((number, seed), 0.0, truth, &mut random)).collect();
        let alarm = |at: &usize| self.is_alarm(&all[at - base..=*at].iter().collect::<Vec<_>>(), true);
        (base..all.len()).filter(alarm).count()
    }

    /// Of so many drops of two standard errors of the difference between two nights, beyond the threshold: how many are found on the first night,
    /// and how many on the first or the second. Both are judged against the same base.
    fn found(&self, trials: usize, base: usize, with_predictions: bool, seed: u64) -> (usize, usize) {
        let mut random = Random::new(seed);
        let truth = self.truth(&mut random);
        // The truth of two nights' means: rows and folds, and training rows.
        let of_mean = truth.rows * self.factor * (1.0 / f64::from(self.folds) + self.trained * self.ratio());
        let drop = 2.0 * (2.0 * of_mean).sqrt() + THRESHOLD;
        let (mut first, mut either) = (0, 0);
        for trial in 0..trials as u64 {
            let of = |number| {
                self.night((number, 1_000 * seed + trial), if number < base { 0.0 } else { drop }, truth, &mut random)
            };
            let all: Vec<Night> = (0..base + 2).map(of).collect();
            let mut nights: Vec<&Night> = all[..base].iter().collect();
            nights.push(&all[base]);
            let one = self.is_alarm(&nights, with_predictions);
            // With several nights as base, the first bad one stands among them.
            if base == 1 {
                nights.pop();
            }
            nights.push(&all[base + 1]);
            first += usize::from(one);
            either += usize::from(one || self.is_alarm(&nights, with_predictions));
        }
        (first, either)
    }
}

const NEW_ROWS: [(&str, Nights); 5] = [
    ("hold-out", HOLD_OUT),
    ("hold-out, 3 pipelines", Nights { pipelines: 3, ..HOLD_OUT }),
    ("hold-out whose training rows do not matter", Nights { trained: 0.0, ..HOLD_OUT }),
    ("five folds", FIVE_FOLDS),
    ("five folds, 3 pipelines", Nights { pipelines: 3, ..FIVE_FOLDS }),
];

fn on_same_rows(nights: Nights) -> Nights {
    Nights { same_rows: true, ..nights }
}

#[test]
fn fewer_than_one_clean_night_in_twenty_has_an_alarm() {
    let more = [
        ("five folds that vary twice as much as their rows", Nights { factor: 2.0, ..FIVE_FOLDS }),
        ("the same rows, hold-out", on_same_rows(HOLD_OUT)),
        ("the same rows, hold-out, 3 pipelines", on_same_rows(Nights { pipelines: 3, ..HOLD_OUT })),
        ("the same rows, five folds that vary twice as much", on_same_rows(Nights { factor: 2.0, ..FIVE_FOLDS })),
    ];
    for (seed, (name, nights)) in (20..).zip(NEW_ROWS.into_iter().chain(more)) {
        let alarms = nights.false_alarms(200, 1, seed);
        println!("{name}: {alarms} of 200 clean nights against one");
        assert!(alarms < 10, "{name}: {alarms}");
    }
    let alarms = SMALL.false_alarms(200, BASE, 40);
    println!("hold-out: {alarms} of 200 clean nights against {BASE}");
    assert!(alarms < 10, "{alarms}");
}

/// How many drops of each kind: few, or as many as `TRIALS` says.
fn trials() -> usize {
    std::env::var("TRIALS").map_or(60, |trials| trials.parse().unwrap())
}

/// METHODOLOGY.md has these figures, of 1,000 drops.
#[test]
fn drops_of_two_standard_errors_are_found_more_often_with_predictions_than_without() {
    let trials = trials();
    let share = |found: usize| found as f64 / trials as f64;
    let same = [
        ("the same rows, hold-out", on_same_rows(HOLD_OUT)),
        ("the same rows, hold-out, 3 pipelines", on_same_rows(Nights { pipelines: 3, ..HOLD_OUT })),
    ];
    for (seed, (name, nights)) in (50..).zip(NEW_ROWS.into_iter().chain(same)) {
        let (first, either) = nights.found(trials, 1, true, seed);
        println!("{name}: {first} at once, {either} of {trials} within two nights");
        let least = if nights.pipelines == 1 && nights.trained > 0.0 { 0.3 } else { 0.07 };
        assert!(share(first) >= least && either > first, "{name}: {first}, {either}");
        if nights.folds > 1 {
            let without = nights.found(trials, 1, false, seed).0;
            println!("{name}, without predictions: {without} at once");
            assert!(first > without, "{name}: {first} {without}");
        }
    }
    let (first, either) = SMALL.found(trials / 4, BASE, true, 61);
    println!("hold-out, {BASE} nights as base: {first} at once, {either} of {} within two nights", trials / 4);
    assert!(share(first) >= 0.1 && share(either) >= 0.18, "{first}, {either}");
}

#[test]
fn a_hold_out_without_predictions_cannot_be_judged_and_it_is_said_why() {
    let mut random = Random::new(3);
    let truth = Truth { slope: 0.2, rows: 0.0005 };
    let nights: Vec<Night> = (0..2).map(|n| HOLD_OUT.night((n, 1), 0.0, truth, &mut random)).collect();
    let all: Vec<&Night> = nights.iter().collect();
    let said = HOLD_OUT.judged(&all, false).unwrap_err().to_string();
    assert!(said.contains("the new run has no predictions") && said.contains("two folds, or several runs"), "{said}");
    // Where one side alone has them, too.
    let bare = Night { run: nights[0].run.clone(), kept: HashMap::new() };
    let said = HOLD_OUT.judged(&[&bare, &nights[1]], true).unwrap_err().to_string();
    assert!(said.contains("the base has no predictions"), "{said}");
    // Predictions that give other scores are not used.
    let mut other = Night { run: nights[1].run.clone(), kept: nights[1].kept.clone() };
    other.kept.values_mut().for_each(|(said, _)| said.test.score.reverse());
    let said = HOLD_OUT.judged(&[&nights[0], &other], true).unwrap_err().to_string();
    assert!(said.contains("the new run has no predictions"), "{said}");
}
