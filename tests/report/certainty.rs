//! What a report makes of scores that 32 bits cannot tell apart, of metrics of amounts, days and one test part, and of folds with nothing
//! to save.

use std::fs;
use std::path::{Path, PathBuf};

use fraudbench::analyze::Results;
use fraudbench::component::Registry;
use fraudbench::metric::Scored;
use fraudbench::report::write_all;
use fraudbench::store::{KeptRows, Predictions, Record};
use serde_json::Value;

use crate::charts::{check_charts, kept};
use crate::predicted::{ROWS, made, number, run, score_by_rows, table};

/// A report over made-up predictions, of which each fold has rows of its own, after `change`; and its `report.md`.
fn report(
    name: &str,
    results: &mut Results,
    change: impl Fn(&Record, &mut Predictions, &mut KeptRows),
) -> (PathBuf, String) {
    let dir = kept(name);
    let _ = fs::remove_dir_all(&dir);
    for record in &mut results.records {
        let (mut said, mut rows) = made(record, true);
        rows.test.row.iter_mut().for_each(|row| *row += record.cell.fold * ROWS as u32);
        change(record, &mut said, &mut rows.test);
        record.rows = Some(rows.digest());
        score_by_rows(record, &said, &rows);
        if let Ok(metric) = Registry::built_in().metric(&results.primary) {
            let sides = rows.test.sides();
            let scored = Scored::new(&rows.test.y, &said.test).unwrap().with(&sides).unwrap();
            record.metrics.insert(results.primary.clone(), metric.score(&scored));
        }
        said.write(&dir, &record.key).unwrap();
        rows.write(&dir).unwrap();
    }
    check_charts(&write_all(results, &dir).unwrap());
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    (dir, text)
}

/// What `leaderboard.json` has of a family's bootstrap.
fn bootstrap(dir: &Path, family: &str) -> Value {
    let file: Value = serde_json::from_slice(&fs::read(dir.join("leaderboard.json")).unwrap()).unwrap();
    let pipelines = file["pipelines"].as_array().unwrap();
    pipelines.iter().find(|pipeline| pipeline["family"] == family).unwrap()["bootstrap"].clone()
}

/// The lines of a table that are of a family, without the columns `leave`.
fn lines(path: &Path, family: &str, leave: &[&str]) -> Vec<Vec<(String, String)>> {
    let of = table(path).into_iter().filter(|row| row["family"] == family);
    of.map(|row| {
        let mut cells: Vec<_> = row.into_iter().filter(|(column, _)| !leave.contains(&column.as_str())).collect();
        cells.sort();
        cells
    })
    .collect()
}

#[test]
fn scores_that_32_bits_cannot_tell_apart_are_ranked_as_they_were_kept() {
    // Hundredths, and the same squeezed into the last ten-billionth below 1: the same order, so the same curves.
    let family = "random-forest";
    let (plain, _) = report("certainty-plain", &mut run(5, 3), |_, _, _| ());
    let (near, _) = report("certainty-saturated", &mut run(5, 3), |record, said, _| {
        if record.family == family {
            said.test.score.iter_mut().for_each(|score| *score = 1.0 - 1e-10 * (1.0 - *score));
        }
    });
    for file in ["curves.csv", "savings.csv", "thresholds.csv"] {
        let of = |dir: &Path| lines(&dir.join(file), family, &["threshold"]);
        assert!(of(&plain).len() > 20, "{file}");
        assert_eq!(of(&plain), of(&near), "{file}");
    }
    assert_eq!(bootstrap(&plain, family), bootstrap(&near, family));
    // A threshold gives the alarms that stand beside it.
    let score: Vec<f64> = run(5, 3)
        .records
        .iter()
        .filter(|record| record.family == family)
        .flat_map(|record| made(record, true).0.test.score)
        .map(|score| 1.0 - 1e-10 * (1.0 - score))
        .collect();
    for row in
        table(&near.join("thresholds.csv")).iter().filter(|row| row["family"] == family && !row["threshold"].is_empty())
    {
        let threshold = number(row, "threshold");
        assert_eq!(score.iter().filter(|score| **score >= threshold).count() as f64, number(row, "alarms"), "{row:?}");
    }
}

#[test]
fn scores_of_any_size_are_drawn_and_infinite_ones_are_told() {
    report("certainty-size", &mut run(8, 3), |_, _, _| ());
    // Powers of two, which round nothing: 1e300 and 1e-300, about.
    for (name, size) in [("certainty-large", 2_f64.powi(997)), ("certainty-small", 2_f64.powi(-997))] {
        let (dir, text) = report(name, &mut run(8, 3), |record, said, _| {
            if record.family == "svc" {
                said.test.score.iter_mut().for_each(|score| *score *= size);
            }
        });
        assert!(!text.contains("Without the predictions") && !text.contains("Left out because"), "{text}");
        assert!(!lines(&dir.join("scores.csv"), "svc", &[]).is_empty());
        assert_eq!(bootstrap(&dir, "svc"), bootstrap(&kept("certainty-size"), "svc"), "{size}");
    }
    // A metric of labels ranks it all the same.
    let mut results = run(3, 3);
    results.primary = "recall".into();
    let (dir, text) = report("certainty-infinite", &mut results, |record, said, _| {
        if record.family == "logistic-regression" && record.cell.fold == 1 {
            said.test.score[5] = f64::INFINITY;
        }
    });
    let told = "Left out because their rows cannot be ranked by score: logistic-regression (fold 1: 1 of 1500 scores are NaN or infinite).";
    assert!(text.contains(told) && !text.contains("Without the predictions"), "{text}");
    assert!(lines(&dir.join("scores.csv"), "logistic-regression", &[]).is_empty());
}

/// A run that ranks by another metric.
fn by(primary: &str) -> Results {
    let mut results = run(3, 3);
    results.primary = primary.into();
    results.metrics.push(primary.into());
    results
}

/// A value of a family's bootstrap, held against one by hand, and that its interval is around it.
fn holds(dir: &Path, wanted: f64, resamples: u64) {
    let found = bootstrap(dir, "logistic-regression");
    let number = |key: &str| found[key].as_f64().unwrap_or_else(|| panic!("{key} in {found}"));
    assert!((number("pooled") - wanted).abs() < 1e-9 * wanted.abs().max(1.0), "{found} {wanted}");
    assert!(number("low") < wanted && wanted < number("high"), "{found}");
    assert_eq!((found["n_resamples"].as_u64(), found["n_undefined"].as_u64()), (Some(resamples), Some(0)), "{found}");
}

/// What a family's model said of each fold: whether positive, score, label and amount of each row.
fn folds_of(family: &str) -> Vec<Vec<(bool, f64, bool, f64)>> {
    let fold = |record: &Record| {
        let (said, rows) = made(record, true);
        let (said, rows) = (said.test, rows.test);
        let amount = rows.amount.unwrap();
        (0..ROWS).map(|i| (rows.y[i] == 1, said.score[i], said.label[i] == 1, amount[i])).collect()
    };
    run(3, 3).records.iter().filter(|record| record.family == family).map(fold).collect()
}

#[test]
fn a_metric_of_the_n_best_of_a_fold_is_not_that_of_the_n_best_of_all() {
    let (dir, text) = report("certainty-precision-at", &mut by("precision-at(20)"), |_, _, _| ());
    assert!(text.contains("each fold of the first repeat by itself, by log-odds)"), "{text}");
    let of_fold = |fold: &Vec<(bool, f64, bool, f64)>| {
        let mut rows = fold.clone();
        rows.sort_by(|a, b| b.1.total_cmp(&a.1));
        rows[..20].iter().filter(|row| row.0).count() as f64 / 20.0
    };
    holds(&dir, folds_of("logistic-regression").iter().map(of_fold).sum::<f64>() / 3.0, 1_000);
    assert_eq!(bootstrap(&dir, "logistic-regression")["by_fold"], true);
    assert!(text.contains("`precision-at(20)` is of one test part: of the rows of several together"), "{text}");
    assert!(text.contains("| mean of the first repeat |") && !text.contains("| pooled |"), "{text}");
    // The rows of one test part need no pool.
    let mut results = run(3, 1);
    results.primary = "precision-at(20)".into();
    let (dir, text) = report("certainty-precision-at-one", &mut results, |_, _, _| ());
    assert_eq!(bootstrap(&dir, "logistic-regression")["by_fold"], false);
    assert!(text.contains("| test split |") && !text.contains("| pooled |"), "{text}");
}

#[test]
fn metrics_of_amounts_and_days_are_resampled_with_them() {
    let folds = folds_of("logistic-regression");
    let alarms = |rows: &[(bool, f64, bool, f64)]| rows.iter().filter(|row| row.2).count() as f64;
    let cost = |rows: &[(bool, f64, bool, f64)]| {
        rows.iter().filter(|row| row.0 && !row.2).map(|row| row.3).sum::<f64>() + 3.5 * alarms(rows)
    };
    let all = folds.concat();
    let worth: f64 = all.iter().filter(|row| row.0).map(|row| row.3).sum();
    let (dir, _) = report("certainty-savings", &mut by("savings(3.5)"), |_, _, _| ());
    holds(&dir, 1.0 - cost(&all) / worth.min(3.5 * all.len() as f64), 200);
    assert_eq!(bootstrap(&dir, "logistic-regression")["by_fold"], false);
    // Costs add up, so three folds cost thrice as much as one.
    let (dir, text) = report("certainty-cost", &mut by("cost(3.5)"), |_, _, _| ());
    holds(&dir, cost(&all) / 3.0, 200);
    assert!(text.contains("each fold of the first repeat by itself, by percentiles)"), "{text}");
    // Every fold has rows of the same three days.
    let (dir, _) = report("certainty-days", &mut by("alarms-per-day"), |_, _, rows| {
        rows.day = Some((0..ROWS as i32).map(|row| row % 3).collect());
    });
    holds(&dir, alarms(&all) / 9.0, 200);
}

#[test]
fn a_fold_with_nothing_to_save_is_named_and_costs_its_checks() {
    let worthless = |name: &str, folds: u32| {
        report(name, &mut run(3, 3), |record, _, rows| {
            if record.cell.fold < folds {
                rows.amount.iter_mut().flatten().for_each(|amount| *amount = 0.0);
            }
        })
    };
    let (dir, text) = worthless("certainty-one-worthless", 1);
    assert!(
        text.contains("The positives of 1 fold (fold 0) are worth 0:") && text.contains("### Money saved"),
        "{text}"
    );
    let of = folds_of("logistic-regression");
    let rows = table(&dir.join("savings.csv"));
    let own = rows.iter().find(|row| row["family"] == "logistic-regression" && row["at"] == "own-labels").unwrap();
    let saved = |fold: usize| {
        let alarms = of[fold].iter().filter(|row| row.2);
        alarms.map(|row| if row.0 && fold > 0 { row.3 } else { 0.0 } - 10.0).sum::<f64>()
    };
    assert!((number(own, "saved_least_fold") - saved(0)).abs() < 1e-6, "{own:?}");
    assert!((number(own, "saved_mean") - (0..3).map(saved).sum::<f64>() / 3.0).abs() < 1e-6, "{own:?}");
    assert!(rows.iter().any(|row| row["at"] == "n-highest"));
    assert!(table(&dir.join("curves.csv")).iter().all(|row| row["curve"] != "amount-among-n-highest"));
    let (dir, text) = worthless("certainty-all-worthless", 3);
    assert!(text.contains("the positives of all test parts are worth 0, so there is nothing to save"), "{text}");
    assert!(!dir.join("savings.csv").exists() && !text.contains("### Money saved"));
}
