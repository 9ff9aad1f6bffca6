//! The report of a reproduction, from made-up parts: what it says of what is there, of what is missing, and charts that can be read.

use std::path::{Path, PathBuf};

use fraudbench::analyze::Results;
use fraudbench::metric::{Confusion, Score};
use fraudbench::report::reproduction::{Source, write_all};
use fraudbench::reproduce::{Counts, Evidence, Links, Part, RUCHAY_2023, SCALERS};
use fraudbench::split::{Leak, Leaks};
use fraudbench::store::{Record, Stage};

use crate::charts::{check_charts, check_svg, kept};
use crate::sample::{failed, manifest, record};

/// A part of these families (all without any) whose cells have what `of` says; none for no record.
fn part(part: Part, filter: &str, of: impl Fn(&Record) -> Option<f64>) -> Results {
    let mut about = manifest();
    about.study = part.study().unwrap().text;
    about.filter = filter.to_owned();
    let mut results = Results::of(about, Vec::new()).unwrap();
    for planned in &results.planned {
        let mut record = Record { family: planned.family.clone(), ..record(&planned.cell, &[]) };
        let Some(recall) = of(&record) else { continue };
        let (tp, fp) = ((recall * 142.0).round() as u64, 9);
        record.confusion = Some(Confusion { tp, fp, fn_: 142 - tp, tn: 84_967 });
        let (tp, fp) = (tp as f64, fp as f64);
        let values = [
            ("accuracy", 1.0 - (142.0 - tp + fp) / 85_118.0),
            ("precision", tp / (tp + fp)),
            ("recall", tp / 142.0),
            ("f1", 2.0 * tp / (142.0 + tp + fp)),
            ("iba-1", (tp / 142.0).powi(2)),
        ];
        record.metrics = values.map(|(name, value)| (name.to_owned(), Score::Value(value))).into();
        if part == Part::HoldOut {
            record.validation = record.metrics.clone();
        }
        results.records.push(record);
    }
    results
}

fn counts() -> Counts {
    let links = |dedup: bool| SCALERS.map(|(scaler, _)| Links { dedup, scaler: scaler.into(), removed: 22 });
    Counts {
        format: 1,
        fraudbench: "0.1.0".into(),
        sha256: manifest().table().sha256.clone(),
        rows: 284_807,
        positives: 492,
        duplicate_rows: 1_081,
        duplicate_positives: 19,
        tomek: [links(true), links(false)].concat(),
    }
}

/// The scalers' places and the folds make values differ; `power` is better than all.
fn of_grid(r: &Record) -> Option<f64> {
    let place = SCALERS.iter().position(|(scaler, _)| *scaler == r.cell.scaler).unwrap();
    let best = if r.cell.scaler == "power" { 0.05 } else { 0.0 };
    Some(0.70 + 0.004 * place as f64 + 0.01 * f64::from(r.cell.fold % 4) + best)
}

fn of_audit(r: &Record) -> Option<f64> {
    let elsewhere = Leaks::of_protocol(&r.cell.protocol).has(Leak::TrainedOnAnotherSplit);
    Some(if elsewhere {
        0.90 + 0.01 * f64::from(r.cell.repeat % 4)
    } else {
        0.74 + 0.01 * f64::from(r.cell.repeat % 3)
    })
}

fn sources() -> Vec<Source> {
    Part::ALL.map(|part| Source { part, directory: PathBuf::from("runs").join(part.name()) }).into()
}

fn written(evidence: &Evidence, name: &str) -> (PathBuf, Vec<PathBuf>) {
    let folder = kept(name);
    std::fs::create_dir_all(&folder).unwrap();
    let files = write_all(&RUCHAY_2023, evidence, &sources(), &folder).unwrap();
    (folder, files)
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The verdict and the leaks of a claim.
fn verdict(folder: &Path, id: &str) -> (String, String) {
    let text = read(folder, "claims.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let row = reader.records().map(Result::unwrap).find(|row| &row[0] == id).unwrap();
    (row[at("verdict")].to_owned(), row[at("leaks")].to_owned())
}

#[test]
fn a_whole_reproduction_is_written_three_ways_with_four_figures() {
    let evidence = Evidence {
        hold_out: Some(part(Part::HoldOut, "", of_grid)),
        cross_validation: Some(part(Part::CrossValidation, "dedup=on,resampler=tomek-links,resampler=none", of_grid)),
        audit: Some(part(Part::Audit, "", of_audit)),
        counts: Some(counts()),
    };
    let (folder, files) = written(&evidence, "reproduction-whole");
    check_charts(&files);
    assert_eq!(files.iter().filter(|path| path.extension().is_some_and(|e| e == "svg")).count(), 4);
    let leaky = ("reproduced only with a leak".to_owned(), "trained-on-another-split".to_owned());
    // 0.93 is below the claim at every seed; 0.74 is too.
    assert_eq!(verdict(&folder, "recall").0, "not reproduced");
    assert_eq!(verdict(&folder, "unique-rows").0, "reproduced");
    assert_eq!(verdict(&folder, "tomek-removes").0, "not reproduced");
    assert_eq!(verdict(&folder, "quantile-best").0, "not reproduced");
    assert_eq!(verdict(&folder, "stable-iba").0, "not reproduced");
    assert_eq!(verdict(&folder, "stable-accuracy").0, "reproduced");
    let more = Evidence { audit: Some(part(Part::Audit, "", |r| of_audit(r).map(|v| v + 0.01))), ..evidence };
    let (folder, _) = written(&more, "reproduction-leaky");
    assert_eq!(verdict(&folder, "recall"), leaky);
    let (markdown, page, tex) =
        (read(&folder, "reproduction.md"), read(&folder, "report.html"), read(&folder, "reproduction.tex"));
    // The seeds of repeats 3 and 7: 0.94 of 142 is 133 of 142, which is 0.9366.
    for text in [&markdown, &page] {
        assert!(text.contains("reached at 2 of 10 seeds: 103, 107"), "{text}");
        assert!(text.contains("in a figure only") && text.contains("iba-1"));
    }
    assert!(page.starts_with("<!DOCTYPE html>") && page.matches("<svg").count() == 4 && !page.contains("{{"));
    assert!(page.lines().all(|line| !line.contains("://") || line.contains("http://www.w3.org/2000/svg")));
    assert_eq!(tex.matches("\\begin{tabular}").count(), tex.matches("\\bottomrule").count());
    assert_eq!(tex.matches("\\begin{table}").count(), 7);
    assert!(tex.contains("hold-out+trained-on-another-split") || tex.contains("trained-on-another-split"));
}

#[test]
fn what_is_not_there_is_said_and_never_filled_in() {
    let mut hold_out = part(Part::HoldOut, "family=random-forest,family=svc", |r| {
        (r.family == "random-forest" && r.cell.scaler != "robust").then(|| of_grid(r).unwrap())
    });
    let svc: Vec<Record> = hold_out
        .planned
        .iter()
        .filter(|p| p.family == "svc")
        .map(|p| failed(&p.cell, Stage::Fit, "took longer than 600 s"))
        .collect();
    hold_out.records.extend(svc);
    let (folder, files) =
        written(&Evidence { hold_out: Some(hold_out), ..Evidence::default() }, "reproduction-partial");
    check_charts(&files);
    let markdown = read(&folder, "reproduction.md");
    for said in [
        "| catboost | CatBoost | not run |",
        "| svc | SVC | failed |",
        "hold-out, svc: 40 cells failed: took longer than 600 s",
        "Not measured: the cross-validation is not there.",
        "Not measured: the data were not counted.",
        "| audit | `runs/audit` | not there |",
        "nothing contradicts it, but without adaboost",
    ] {
        assert!(markdown.contains(said), "`{said}` is missing in {markdown}");
    }
    assert!(!folder.join("charts/figure-5.svg").exists());
    let texts = check_svg(&folder.join("charts/figure-2.svg"));
    assert!(texts.iter().any(|text| text.contains("not run yet")), "{texts:?}");
    assert_eq!(verdict(&folder, "stable-iba").0, "not measured");
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let evidence =
        Evidence { audit: Some(part(Part::Audit, "", of_audit)), counts: Some(counts()), ..Evidence::default() };
    let bytes = |name: &str| {
        let (_, files) = written(&evidence, name);
        files.iter().map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(bytes("reproduction-once"), bytes("reproduction-twice"));
}
