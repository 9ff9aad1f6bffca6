//! Tables and charts of a scaling study, from records whose growth is known.

use std::path::Path;

use fraudbench::analyze::{Planned, Results};
use fraudbench::cell::{CellId, Filter, Plan};
use fraudbench::component::Registry;
use fraudbench::metric::Score;
use fraudbench::report::in_words;
use fraudbench::report::scaling::{is_of_command, write};
use fraudbench::scaling::Sizes;
use fraudbench::store::{Manifest, Outcome, Record, Seconds, Stage, StageCost};
use fraudbench::study::Study;

use crate::charts::{check_charts, check_svg, kept};
use crate::sample;

const SIZES: [usize; 5] = [10_000, 31_623, 100_000, 316_228, 1_000_000];
const SHARES: [f64; 4] = [0.001_727, 0.01, 0.1, 0.5];
/// Family, seconds at 10,000 rows, exponent.
const FAMILIES: [(&str, f64, f64); 9] = [
    ("prior", 0.0, 1.0),
    ("logistic-regression", 0.02, 0.9),
    ("decision-tree", 0.03, 1.0),
    ("random-forest", 0.2, 1.1),
    ("adaboost", 0.1, 1.0),
    ("k-neighbors", 0.05, 1.5),
    ("svc", 1.0, 2.0),
    ("xgboost", 0.3, 0.75),
    ("lightgbm", 0.4, 0.5),
];

fn own(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What `fraudbench scaling` plans for all families at all shares, a scaler and a resampler.
fn planned() -> (Study, String, Vec<CellId>) {
    let sizes = Sizes {
        rows: SIZES.to_vec(),
        positives: SHARES.to_vec(),
        columns: 30,
        seed: 1,
        families: own(&FAMILIES.map(|family| family.0)),
        scalers: own(&["quantile"]),
        resamplers: own(&["tomek-links"]),
        seconds: 60,
        memory: None,
    };
    let (study, filter) = sizes.study(&Registry::built_in()).unwrap();
    let plan = Plan::of(&study, &[], &Filter::parse(&filter).unwrap()).unwrap();
    let cells = plan.cells.into_iter().map(|cell| cell.id).collect();
    (study, filter, cells)
}

fn rows(cell: &CellId) -> usize {
    cell.data_set.split('-').next().unwrap().parse().unwrap()
}

/// A record whose times and memory grow as powers of the rows.
fn record(cell: &CellId) -> Record {
    let rows = rows(cell) as f64;
    let (_, start, exponent) = *FAMILIES.iter().find(|family| family.0 == cell.classifier).unwrap();
    let seconds = start * (rows / 1e4).powf(exponent);
    let mut record = sample::record(cell, &[]);
    record.seconds =
        Seconds { resample: rows * 2e-6, scale: rows * 3e-6, fit: seconds * 0.75, predict: seconds * 0.25 };
    let cost = |stage, memory| StageCost { stage, seconds: 1.0, memory_mib: Some(memory) };
    record.stages =
        vec![cost(Stage::Resample, rows / 1e3), cost(Stage::Scale, rows / 2e3), cost(Stage::Fit, rows / 4e3)];
    record.stages.push(cost(Stage::Predict, 0.5));
    record.peak_memory_mib = Some(rows as u64 / 2_000);
    record.metrics.insert("pr-auc".into(), Score::Value(0.75));
    if seconds > 60.0 {
        let first = rows == 100_000.0;
        record.outcome = if first { Outcome::TimedOut } else { Outcome::Skipped };
        record.stage = first.then_some(Stage::Fit);
        record.reason = Some(
            if first { "not done after 60 s (`cell_seconds` of the limits)" } else { "100000 rows timed out" }.into(),
        );
        record.metrics.clear();
        record.stages.truncate(if first { 2 } else { 0 });
    }
    record
}

fn results() -> Results {
    let (study, filter, cells) = planned();
    let records = cells.iter().map(record).collect();
    let planned =
        cells.into_iter().map(|cell| Planned { family: cell.classifier.clone(), backend: "native".into(), cell });
    let mut results = sample::results(Vec::new(), records, &["pr-auc"], "pr-auc");
    results.planned = planned.collect();
    results.manifest.study = study.text;
    results.manifest.filter = filter;
    results.manifest.cell_threads = 2;
    results
}

/// Each row of `scaling.csv` as (column name, value) pairs.
fn table(dir: &Path) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_path(dir.join("scaling.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let own = |text: &str| text.to_owned();
    reader.records().map(|row| header.iter().map(own).zip(row.unwrap().iter().map(own)).collect()).collect()
}

fn field<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    &row.iter().find(|(column, _)| column == name).unwrap_or_else(|| panic!("no column {name}")).1
}

fn number(row: &[(String, String)], name: &str) -> f64 {
    field(row, name).parse().unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn charts_are_whole_and_tables_have_every_series() {
    let dir = kept("scaling");
    let written = write(&results(), &dir).unwrap();
    assert_eq!(written.len(), 6 * 2 + 2, "{written:?}");
    check_charts(&written);
    let rows = table(&dir);
    // 9 families of three rows, the families' scaler and a resampler at each share; another scaler at one.
    assert_eq!(rows.len(), 4 * (9 * 3 + 1 + 1) + 1);
    for (name, start, exponent) in FAMILIES.into_iter().filter(|f| f.1 > 0.0 && f.0 != "svc") {
        for stage in ["all", "fit"] {
            let found = rows.iter().filter(|row| field(row, "name") == name && field(row, "stage") == stage);
            let slopes: Vec<f64> = found.map(|row| number(row, "seconds_exponent")).collect();
            assert!(
                slopes.len() == 4 && slopes.iter().all(|slope| (slope - exponent).abs() < 1e-4),
                "{name} {slopes:?}"
            );
        }
        let whole = rows.iter().find(|row| field(row, "name") == name && field(row, "stage") == "all").unwrap();
        assert!((number(whole, "seconds_10000") - start).abs() < 1e-12, "{name}");
        assert_eq!((field(whole, "memory_mib_10000"), field(whole, "peak_mib_10000")), ("2.5", "5.0"));
        assert!((number(whole, "memory_exponent") - 1.0).abs() < 1e-9, "{name}");
        assert_eq!(field(whole, "pr_auc_10000"), "0.75");
    }
    for (name, seconds, memory) in [("tomek-links", 0.2, 100.0), ("quantile", 0.3, 50.0), ("standard", 0.3, 50.0)] {
        let row = rows.iter().find(|row| field(row, "name") == name).unwrap();
        let at = [number(row, "seconds_100000"), number(row, "memory_mib_100000")];
        assert!((at[0] - seconds).abs() < 1e-9 && (at[1] - memory).abs() < 1e-9, "{name} {at:?}");
    }
}

#[test]
fn what_was_too_much_is_said_and_not_counted() {
    let dir = kept("scaling-limits");
    write(&results(), &dir).unwrap();
    let text = std::fs::read_to_string(dir.join("scaling.md")).unwrap();
    let svc = text.lines().find(|line| line.starts_with("| svc |")).unwrap();
    // Two measured sizes are too few for an exponent.
    assert_eq!(svc, "| svc | 1.000 | 10.000 | timed-out | – | – | – | – | – |");
    assert!(text.contains("| svc | 3 | 8 | – | – | – | – |"), "{text}");
    let line = "- 100000-rows-0.1727-percent, dedup=on resampler=none scaler=standard classifier=svc: timed-out (fit): not done after 60 s";
    assert!(text.contains(&format!("{line} (`cell_seconds` of the limits)\n")), "{text}");
    assert!(text.contains("## Families: fit and predict, 50% positive"), "{text}");
    let rows = table(&dir);
    let svc = rows.iter().find(|row| field(row, "name") == "svc").unwrap();
    assert_eq!((field(svc, "outcome_100000"), field(svc, "outcome_316228")), ("timed-out", "skipped"));
    assert_eq!((field(svc, "seconds_100000"), field(svc, "seconds_exponent")), ("", ""));
    // That a classifier behind it was too slow is nothing against a scaler.
    let standard = rows.iter().find(|row| field(row, "name") == "standard").unwrap();
    assert_eq!(field(standard, "outcome_1000000"), "scored");
}

#[test]
fn a_resampler_that_is_too_slow_ends_its_own_line_only() {
    let dir = kept("scaling-resampler");
    let mut slow = results();
    for record in slow.records.iter_mut().filter(|r| r.cell.resampler == "tomek-links" && rows(&r.cell) >= 316_228) {
        record.outcome = if rows(&record.cell) == 316_228 { Outcome::TimedOut } else { Outcome::Skipped };
        record.stage = (record.outcome == Outcome::TimedOut).then_some(Stage::Resample);
    }
    write(&slow, &dir).unwrap();
    let rows = table(&dir);
    let of = |name: &str| rows.iter().find(|row| field(row, "name") == name).unwrap();
    let outcomes = |name: &str| SIZES[2..].iter().map(|n| field(of(name), &format!("outcome_{n}"))).collect::<Vec<_>>();
    assert_eq!(outcomes("tomek-links"), ["scored", "timed-out", "skipped"]);
    assert_eq!(outcomes("standard"), ["scored"; 3]);
}

#[test]
fn pipelines_of_one_classifier_are_told_apart() {
    let dir = kept("scaling-pipelines");
    let mut both = results();
    for record in both.records.iter_mut().filter(|r| r.cell.classifier == "xgboost" && r.cell.data_set.contains("-1-"))
    {
        record.cell.resampler = "tomek-links".into();
    }
    for planned in both.planned.iter_mut().filter(|p| p.family == "xgboost" && p.cell.data_set.contains("-1-")) {
        planned.cell.resampler = "tomek-links".into();
    }
    write(&both, &dir).unwrap();
    let rows = table(&dir);
    let names: Vec<&str> = rows.iter().map(|row| field(row, "name")).filter(|name| name.contains("xgboost")).collect();
    assert!(
        names.contains(&"xgboost (resampler none)") && names.contains(&"xgboost (resampler tomek-links)"),
        "{names:?}"
    );
}

#[test]
fn one_record_is_a_report_too_and_other_data_are_an_error() {
    let mut one = results();
    one.records.truncate(1);
    let dir = kept("scaling-one");
    check_charts(&write(&one, &dir).unwrap());
    let text = std::fs::read_to_string(dir.join("scaling.md")).unwrap();
    assert!(text.contains(&format!("{} of {} cells without a record yet", one.planned.len() - 1, one.planned.len())));
    one.manifest.study =
        "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = ['prior']\n".into();
    assert!(write(&one, &kept("scaling-none")).unwrap_err().to_string().contains("these results have none"));
}

#[test]
fn a_run_of_the_command_is_told_from_a_run_of_its_study() {
    for folder in ["results/scaling", "results/scaling-forests"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("manifest.toml");
        let carried = Results { manifest: Manifest::read(&path).unwrap(), ..results() };
        assert!(is_of_command(&carried), "{folder}");
        assert_eq!(in_words(&carried), "scaling.md");
    }
    let mut own = results();
    own.manifest.study_file = "scaling".into();
    assert!(is_of_command(&own));
    // Its study in a file of a user, and a user's study in a file of its name.
    own.manifest.study_file = "growth.toml".into();
    assert!(!is_of_command(&own) && in_words(&own) == "report.md");
    own.manifest.study_file = "scaling".into();
    own.manifest.study = own.manifest.study.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert!(!is_of_command(&own));
}

#[test]
fn charts_of_growth_say_what_they_show_and_what_was_not_measured() {
    let written = write(&results(), &kept("scaling-titles")).unwrap();
    let said = |chart: &str| {
        let path = written.iter().find(|path| path.ends_with(format!("{chart}.svg"))).unwrap();
        check_svg(path).join(" ")
    };
    let (seconds, memory) = (said("growth-scalers-seconds"), said("growth-scalers-memory"));
    assert!(seconds.contains("Growth with the rows: scalers, fit and transform, seconds"), "{seconds}");
    assert!(memory.contains("Growth with the rows: scalers, fit and transform, MiB"), "{memory}");
    // `quantile` is planned at the first of the four shares only, `standard` and the resampler at each.
    let lacks = "Not measured at 1% positive; 10% positive; 50% positive: quantile. Scalers do not look at labels, so one share is enough.";
    assert!(seconds.contains(lacks) && memory.contains(lacks), "{seconds}");
    for chart in ["growth-families-seconds", "growth-resamplers-seconds"] {
        assert!(!said(chart).contains("Not measured"), "{chart}");
    }
}
