//! Tables and charts of a scaling study, from points whose growth is known.

use std::path::Path;

use fraudbench::scaling::{Ending, Measured, Point, Stage, Subject, SubjectKind, Task, write_all};
use fraudbench::store::Machine;

use crate::charts::{check_charts, kept};

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

fn point(kind: SubjectKind, name: &str, rows: usize, positives: f64, stages: &[(&str, f64)]) -> Point {
    let stage = |(name, seconds): &(&str, f64)| Stage {
        name: (*name).to_owned(),
        seconds: *seconds,
        before_mib: Some(rows as f64 / 4_000.0),
        peak_mib: Some(rows as f64 / 2_000.0),
    };
    let before = ["simulate", "dedup", "split", "gather"].map(|stage| (stage, rows as f64 * 1e-6));
    let stages = before.iter().chain(stages).map(stage).collect();
    Point {
        v: 1,
        task: Task { subject: Subject::find(kind, name).unwrap(), rows, positives, columns: 30, seed: 1, threads: 2 },
        outcome: Ending::Measured,
        reason: None,
        measured: Some(Measured {
            stages,
            train_rows: rows - rows / 5,
            test_rows: rows / 5,
            duplicate_rows: 0,
            pr_auc: (kind == SubjectKind::Family).then_some(0.75),
        }),
        limit_seconds: 60.0,
        limit_mib: 1_000,
        fraudbench: "0.0.0".into(),
        machine: Machine { cpu: "a processor".into(), cores: 2, memory_mib: 4_000, os: "an os".into() },
    }
}

/// All families at all shares, `svc` with a deadline of 60 s, a scaler and a resampler.
fn points() -> Vec<Point> {
    let mut points = Vec::new();
    for rows in SIZES {
        for share in SHARES {
            for (name, seconds, exponent) in FAMILIES {
                let seconds = seconds * (rows as f64 / 1e4).powf(exponent);
                let mut made = point(
                    SubjectKind::Family,
                    name,
                    rows,
                    share,
                    &[("fit", seconds * 0.75), ("predict", seconds * 0.25)],
                );
                if seconds > 60.0 {
                    let first = rows == 100_000;
                    made.outcome = if first { Ending::TimedOut } else { Ending::Skipped };
                    made.reason =
                        Some(if first { "60 s had passed during fit" } else { "100,000 rows timed out" }.into());
                    made.measured = None;
                }
                points.push(made);
            }
            points.push(point(SubjectKind::Resampler, "tomek-links", rows, share, &[("resample", rows as f64 * 2e-6)]));
        }
        points.push(point(
            SubjectKind::Scaler,
            "quantile",
            rows,
            SHARES[0],
            &[("fit", rows as f64 * 3e-6), ("transform", 0.02)],
        ));
    }
    points
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

#[test]
fn charts_are_whole_and_tables_have_every_series() {
    let dir = kept("scaling");
    let written = write_all(&points(), &dir).unwrap();
    assert_eq!(written.len(), 6 * 2 + 2, "{written:?}");
    check_charts(&written);
    let rows = table(&dir);
    // Four common stages, 9 families of three rows, one resampler at each share; a scaler of three rows at one.
    assert_eq!(rows.len(), 4 * (4 + 9 * 3 + 1) + 3);
    for (name, start, exponent) in FAMILIES.into_iter().filter(|f| f.1 > 0.0 && f.0 != "svc") {
        for stage in ["all", "fit"] {
            let found = rows.iter().filter(|row| field(row, "name") == name && field(row, "stage") == stage);
            let slopes: Vec<f64> = found.map(|row| field(row, "seconds_exponent").parse().unwrap()).collect();
            assert!(
                slopes.len() == 4 && slopes.iter().all(|slope| (slope - exponent).abs() < 1e-4),
                "{name} {slopes:?}"
            );
        }
        let whole = rows.iter().find(|row| field(row, "name") == name && field(row, "stage") == "all").unwrap();
        assert!((field(whole, "seconds_10000").parse::<f64>().unwrap() - start).abs() < 1e-12, "{name}");
        assert_eq!((field(whole, "extra_mib_10000"), field(whole, "peak_mib_10000")), ("2.5", "5.0"));
        assert!((field(whole, "memory_exponent").parse::<f64>().unwrap() - 1.0).abs() < 1e-9, "{name}");
    }
}

#[test]
fn what_was_too_much_is_said_and_not_counted() {
    let dir = kept("scaling-limits");
    write_all(&points(), &dir).unwrap();
    let text = std::fs::read_to_string(dir.join("scaling.md")).unwrap();
    let svc = text.lines().find(|line| line.starts_with("| svc |")).unwrap();
    // Two measured sizes are too few for an exponent.
    assert_eq!(svc, "| svc | 1.000 | 10.000 | > 60 s | – | – | – | – | – |");
    assert!(text.contains("| svc | 3 | 8 | – | – | – | – |"), "{text}");
    assert!(text.contains("- svc, 100,000 rows, 0.1727% positive: timed out: 60 s had passed during fit"), "{text}");
    assert!(text.contains("## Families: fit and predict, 50% positive"), "{text}");
    let rows = table(&dir);
    let svc = rows.iter().find(|row| field(row, "name") == "svc").unwrap();
    assert_eq!((field(svc, "outcome_100000"), field(svc, "outcome_316228")), ("timed out", "skipped"));
    assert_eq!((field(svc, "seconds_100000"), field(svc, "seconds_exponent")), ("", ""));
}

#[test]
fn of_two_points_of_a_task_the_last_counts() {
    let dir = kept("scaling-again");
    let mut twice = points();
    let mut again =
        twice.iter().find(|p| p.task.subject.name == "svc" && p.outcome == Ending::TimedOut).unwrap().clone();
    again.measured = point(SubjectKind::Family, "svc", 1, 0.1, &[("fit", 90.0), ("predict", 10.0)]).measured;
    again.outcome = Ending::Measured;
    twice.push(again);
    write_all(&twice, &dir).unwrap();
    let svc = table(&dir).into_iter().find(|row| field(row, "name") == "svc").unwrap();
    assert_eq!((field(&svc, "outcome_100000"), field(&svc, "seconds_100000")), ("measured", "100.0"));
    assert!((field(&svc, "seconds_exponent").parse::<f64>().unwrap() - 2.0).abs() < 1e-4);
    let text = std::fs::read_to_string(dir.join("scaling.md")).unwrap();
    assert!(!text.contains("svc, 100,000 rows, 0.1727% positive: timed out"), "{text}");
}

#[test]
fn one_point_is_a_report_too_and_none_is_an_error() {
    let one = &points()[3..4];
    check_charts(&write_all(one, &kept("scaling-one")).unwrap());
    assert!(write_all(&[], &kept("scaling-none")).unwrap_err().to_string().contains("no points"));
}
