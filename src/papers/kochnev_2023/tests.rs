use std::path::Path;

use super::*;
use crate::analyze::Results;
use crate::cell::{Filter, Plan};
use crate::component::Registry;
use crate::papers::Verdict;
use crate::papers::ruchay_2023::sample::{manifest, record};
use crate::split::Leaks;

#[test]
fn the_studies_in_the_program_are_valid_and_of_their_kind() {
    let registry = Registry::built_in();
    for part in &PARTS {
        let study = part.study(&registry).unwrap();
        let results = Results::of(manifest(&study.text), Vec::new(), &registry).unwrap();
        part.check(&results, Path::new("x")).unwrap();
        assert!(!Plan::of(&study, &[], &Filter::default()).unwrap().cells.is_empty());
    }
}

/// A part whose cells have these values: protocol's leaks, classifier and scaler, repeat.
fn part(part: &Part, of: impl Fn(Leaks, &str, &str, u32) -> (f64, Vec<f64>)) -> Results {
    let registry = Registry::built_in();
    let mut results = Results::of(manifest(&part.study(&registry).unwrap().text), Vec::new(), &registry).unwrap();
    for planned in &results.planned {
        let cell = planned.cell.clone();
        let leaks = Leaks::of_protocol(&cell.protocol);
        let (value, losses) = of(leaks, &cell.classifier, &cell.scaler, cell.repeat);
        let metrics = ["accuracy", "precision", "recall", "f1", "pr-auc", "roc-auc", "brier"].map(|name| (name, value));
        let mut made = record(cell, "mlp", &metrics);
        let history = serde_json::json!({
            "loss": losses, "accuracy": losses, "val_loss": losses, "val_accuracy": losses, "kept_epoch": losses.len(),
        });
        made.details = Some(serde_json::json!({ "history": history }));
        results.records.push(made);
    }
    results
}

fn noise(repeat: u32) -> f64 {
    f64::from(repeat * 7 % 5) * 1e-3
}

#[test]
fn accuracy_of_balanced_rows_alone_needs_the_leak() {
    // 0.95 under a leak, 0.80 without one.
    let results = part(&CUT, |leaks, classifier, _, repeat| {
        let value = if leaks.is_empty() { 0.80 } else { 0.95 } + noise(repeat);
        let epochs = if classifier == "stopped" { 7 + repeat as usize } else { 50 };
        (value, vec![value; epochs])
    });
    let evidence = Evidence::default().with(&CUT, results);
    let judged = |id: &str| {
        let claim = claims::CLAIMS.iter().find(|claim| claim.id == id).unwrap();
        (claim.judge)(&evidence)
    };
    let finding = judged("accuracy");
    let Verdict::OnlyWithLeak(leaks) = &finding.verdict else { panic!("{finding:?}") };
    assert_eq!(leaks.iter().map(Leaks::to_string).collect::<Vec<_>>().len(), 2);
    assert!((finding.value.unwrap() - 0.802).abs() < 1e-9, "{finding:?}");
    let finding = judged("stops");
    assert_eq!((finding.value, finding.verdict), (Some(16.0), Verdict::NotReproduced));
    assert!(finding.measured.contains("cut: 7 to 16 epochs"), "{}", finding.measured);
    assert!(matches!(judged("scaling-helps").verdict, Verdict::NotMeasured(_)));
}

#[test]
fn a_choice_is_better_where_the_interval_says_so() {
    let with = |better: f64| {
        let results = part(&CHOICES, |_, classifier, scaler, repeat| {
            let value = match (classifier, scaler) {
                ("50-epochs", "standard") => 0.5 + better,
                _ => 0.5,
            } + noise(repeat) * if scaler == "none" || classifier != "50-epochs" { 1.0 } else { 0.5 };
            (value, vec![1.0 - value; 50])
        });
        let evidence = Evidence::default().with(&CHOICES, results);
        let verdict = |id: &str| (claims::CLAIMS.iter().find(|claim| claim.id == id).unwrap().judge)(&evidence).verdict;
        ["scaling-helps", "few-units", "relu", "adam"].map(verdict)
    };
    assert!(with(0.2).iter().all(|verdict| *verdict == Verdict::Reproduced));
    assert!(with(-0.2).iter().all(|verdict| *verdict == Verdict::NotReproduced));
}

#[test]
fn every_figure_is_made_of_what_was_run() {
    let of = |_: Leaks, _: &str, _: &str, repeat: u32| (0.9 + noise(repeat), vec![0.9 + noise(repeat); 50]);
    let evidence = PARTS.iter().fold(Evidence::default(), |evidence, each| evidence.with(each, part(each, of)));
    for figure in FIGURES.iter().filter(|figure| figure.id != "figure-1") {
        assert!((figure.table)(&PAPER, &evidence).is_some(), "{}", figure.id);
    }
    let folder = tempfile::tempdir().unwrap();
    let files = crate::papers::report::write_all(&PAPER, &evidence, &[], folder.path()).unwrap();
    let names: Vec<String> = files.iter().map(|f| f.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert!(
        ["figure-3.svg", "figure-4.svg", "report.html"].iter().all(|name| names.contains(&(*name).to_owned())),
        "{names:?}"
    );
    // The records of tests have no parameters: the network of the listing is not made up.
    assert!((FIGURES[0].table)(&PAPER, &evidence).is_none());
}
