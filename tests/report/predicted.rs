//! What the report makes from kept predictions: made-up scores, and every number held against a naive one.

use fraudbench::component::{Prediction, Registry, ScoreKind};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use fraudbench::analyze::Results;
use fraudbench::metric::{Score, Scored};
use fraudbench::report::{Options, write_all, write_all_with};
use fraudbench::store::{KeptRows, Predictions, Record, SplitRows, predictions_path};

use crate::charts::{check_charts, check_svg, kept};
use crate::sample::{Random, SMALL, Shape, hold_outs, made_up};

pub const ROWS: usize = 1_500;

/// A made-up run whose `svc` has decision values and all other families probabilities.
pub fn run(families: usize, folds: u32) -> Results {
    with_rows_of(made_up(Shape { families, folds, ..SMALL }, 5))
}

/// The results, whose records are of the rows that are kept.
pub fn with_rows_of(mut results: Results) -> Results {
    for record in &mut results.records {
        let (said, rows) = made(record, false);
        record.confusion = Some(Scored::new(&rows.test.y, &said.test).unwrap().confusion);
        record.rows = Some(rows.digest());
        score_by_rows(record, &said, &rows);
        let brier = match record.family == "svc" {
            true => Score::Undefined { undefined: "the model's score is not a probability".into() },
            false => Score::Value(0.001),
        };
        record.metrics.insert("brier".into(), brier);
    }
    results
}

/// Gives the record the average precision of these predictions.
pub fn score_by_rows(record: &mut Record, said: &Predictions, rows: &SplitRows) {
    let metric = Registry::built_in().metric("pr-auc").unwrap();
    record.metrics.insert("pr-auc".into(), metric.score(&Scored::new(&rows.test.y, &said.test).unwrap()));
}

/// What a family's model says of 2% positives; each family tells them apart in its own way.
pub fn made(record: &Record, amounts: bool) -> (Predictions, SplitRows) {
    let mut random = Random::new(u64::from(record.cell.fold) + 1);
    let y: Vec<u8> = (0..ROWS).map(|i| u8::from(i % 50 == 7)).collect();
    let amount: Vec<f64> = (0..ROWS).map(|_| (random.unit() * 30_000.0).round() / 100.0).collect();
    let mut random = Random::new(record.key.bytes().map(u64::from).sum());
    let score: Vec<f64> = y.iter().map(|&y| score(record, y == 1, &mut random)).collect();
    let (least, kind) = match record.family.as_str() {
        "svc" => (0.0, ScoreKind::Decision),
        _ => (0.5, ScoreKind::Probability),
    };
    let label = score.iter().map(|&s| u8::from(s > least)).collect();
    let rows =
        KeptRows { row: (0..ROWS as u32).collect(), y, amount: amounts.then_some(amount), ..KeptRows::default() };
    let said = Predictions { test: Prediction { score, label, kind }, validation: None };
    (said, SplitRows { test: rows, validation: None })
}

fn keep(results: &Results, dir: &Path, amounts: bool) {
    for record in &results.records {
        let (said, rows) = made(record, amounts);
        said.write(dir, &record.key).unwrap();
        rows.write(dir).unwrap();
    }
}

fn score(record: &Record, positive: bool, random: &mut Random) -> f64 {
    // Rows that stand on both sides of a split flatter.
    let caught = positive && random.unit() < if record.cell.dedup { 0.8 } else { 0.97 };
    let p = if caught { 1.0 - random.unit().powi(3) } else { random.unit().powi(12) };
    match record.family.as_str() {
        "prior" => 0.02,
        "decision-tree" => p.round(),
        "random-forest" => (p * 100.0).round() / 100.0,
        "svc" => 3.0 * p - 1.5,
        _ => p,
    }
}

pub fn report(results: &Results, name: &str, amounts: bool) -> (PathBuf, Vec<PathBuf>) {
    let dir = kept(name);
    let _ = fs::remove_dir_all(&dir);
    keep(results, &dir, amounts);
    let written = write_all(results, &dir).unwrap();
    check_charts(&written);
    (dir, written)
}

pub fn table(path: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let row = |r: csv::StringRecord| header.iter().zip(r.iter()).map(|(h, v)| (h.to_owned(), v.to_owned())).collect();
    reader.records().map(|r| row(r.unwrap())).collect()
}

pub fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} in {row:?}"))
}

/// Positive, score, label and amount of every row of each fold of a family.
fn rows_of(results: &Results, dir: &Path, family: &str) -> Vec<Vec<(bool, f64, bool, f64)>> {
    let fold = |record: &Record| {
        let said = Predictions::read(dir, &record.key).unwrap().unwrap().test;
        let rows = SplitRows::read(dir, record.rows.as_ref().unwrap()).unwrap().unwrap().test;
        let amount = rows.amount.unwrap_or_else(|| vec![0.0; ROWS]);
        (0..ROWS).map(|i| (rows.y[i] == 1, said.score[i], said.label[i] == 1, amount[i])).collect()
    };
    results.records.iter().filter(|r| r.family == family).map(fold).collect()
}

#[test]
fn nine_families_have_every_chart_and_table() {
    let results = run(9, 5);
    let (dir, written) = report(&results, "predicted-nine", true);
    for name in ["curves", "calibration", "scores", "thresholds", "savings"] {
        let files = [format!("{name}.csv"), format!("charts/{name}.svg"), format!("charts/{name}.png")];
        assert!(files.iter().all(|file| written.contains(&dir.join(file))), "{name}: {written:?}");
    }
    let page = fs::read_to_string(dir.join("report.html")).unwrap();
    assert!(page.contains("id=\"chart-savings\"") && page.len() < 3_000_000, "{}", page.len());
    for wanted in
        ["<h3>How sure pr-auc is</h3>", "<h3>Money saved</h3>", "<code>--check-cost</code>", "<h3>Calibration</h3>"]
    {
        assert!(page.contains(wanted), "{wanted}");
    }
    // Decision values are no probabilities: the chart and the report say who is left out.
    let said = check_svg(&dir.join("charts/calibration.svg")).join(" ");
    assert!(said.contains("not known to be probabilities: svc."), "{said}");
    assert!(table(&dir.join("calibration.csv")).iter().all(|row| row["family"] != "svc"));
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    for wanted in [
        "### Money saved",
        "### Calibration",
        "Not known to be probabilities: svc.",
        "95% CI over rows",
        "minus 10 for every alarm",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    // Without the predictions nothing of it is left.
    fs::remove_dir_all(dir.join("predictions")).unwrap();
    write_all(&results, &dir).unwrap();
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    assert!(!text.contains("From the predictions") && !text.contains("How sure"), "{text}");
    for name in ["curves", "calibration", "scores", "thresholds", "savings"] {
        assert!(!dir.join(format!("charts/{name}.svg")).exists(), "{name}");
    }
    keep(&results, &dir, true);
    write_all(&results, &dir).unwrap();
}

#[test]
fn curves_of_one_test_split_have_no_band() {
    let said = |folds: u32| {
        let (dir, _) = report(&run(3, folds), "predicted-bands", true);
        check_svg(&dir.join("charts/curves.svg")).join(" ")
    };
    let (one, several) = (said(1), said(3));
    assert!(one.contains("Lines: the one test split; on top is the first by its score, "), "{one}");
    assert!(!one.contains("band") && !one.contains("means over folds"), "{one}");
    assert!(several.contains("Lines: means over folds; band: all folds of the first by mean, "), "{several}");
    // What cannot be told apart is not called the best.
    assert!(!several.contains("of the best"), "{several}");
    let ties = "Rows of equal scores count together in precision by recall, in proportion in the other curves.";
    assert!(one.contains(ties) && several.contains(ties), "{several}");
}

#[test]
fn a_constant_score_has_the_diagonal_as_its_roc_curve() {
    let (dir, _) = report(&run(2, 3), "predicted-diagonal", false);
    let rows = table(&dir.join("curves.csv"));
    let roc = |row: &&HashMap<String, String>| row["family"] == "prior" && row["curve"].starts_with("recall-by-false");
    let prior: Vec<_> = rows.iter().filter(roc).collect();
    assert!(prior.len() > 20 && prior.iter().all(|row| (number(row, "mean") - number(row, "x")).abs() < 1e-12));
}

#[test]
fn what_is_made_from_predictions_is_of_one_variant() {
    let results = with_rows_of(made_up(Shape { families: 3, folds: 3, dedups: &[false, true], ..SMALL }, 5));
    let (dir, _) = report(&results, "predicted-two-variants", true);
    // Rows that stand on both sides of a split flatter, so that the ranking without them is shown, whichever is first.
    let (own, other) = ("on", "off");
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    let said =
        format!("All that is made from predictions is of the pipelines with dedup {own}: the others were tested");
    assert!(
        text.contains(&said) && !text.contains(&said.replace(&format!(" {own}:"), &format!(" {other}:"))),
        "{text}"
    );
    for file in ["curves.csv", "scores.csv", "thresholds.csv", "savings.csv"] {
        let rows = table(&dir.join(file));
        assert!(rows.len() >= 3 && rows.iter().all(|row| row["pipeline"].ends_with(&format!("dedup {own}"))), "{file}");
    }
    let file: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("leaderboard.json")).unwrap()).unwrap();
    let with: Vec<_> =
        file["pipelines"].as_array().unwrap().iter().filter(|pipeline| pipeline["bootstrap"].is_object()).collect();
    assert_eq!(with.len(), 3);
    assert!(with.iter().all(|pipeline| pipeline["dedup"] == true), "{with:?}");
}

#[test]
fn what_is_said_of_bins_folds_and_a_single_split_holds() {
    let said = |results: &Results, name: &str| {
        let (dir, _) = report(results, name, true);
        fs::read_to_string(dir.join("report.md")).unwrap()
    };
    let (pooling, chosen) = ("Pooling treats the scores of all folds' models", "The threshold of each fold is chosen");
    let several = said(&run(3, 3), "predicted-said-folds");
    assert!(several.contains(pooling) && several.contains(chosen) && several.contains("| pooled |"), "{several}");
    assert!(
        several.contains("rows of one score share a bin") && !several.contains("bins with equal numbers of rows"),
        "{several}"
    );
    let one = said(&run(3, 1), "predicted-said-split");
    assert!(!one.contains(pooling) && !one.contains(chosen) && !one.contains("| pooled |"), "{one}");
    assert!(one.contains("over the rows of the one test split, by") && one.contains("| test split |"), "{one}");
    let none = "A repeat has one test part, so there is no other fold of it to choose a threshold on.";
    assert!(one.contains(none) && !several.contains(none), "{one}");
    // Repeated hold-outs: the first split stands for all, and what choosing adds is extrapolated.
    let results = hold_outs(made_up(Shape { families: 3, folds: 3, scalers: 2, ..SMALL }, 5));
    let hold_outs = said(&with_rows_of(results), "predicted-said-hold-outs");
    assert!(hold_outs.contains(none), "{hold_outs}");
    assert!(hold_outs.contains("| not chosen there (extrapolated) |"), "{hold_outs}");
    assert!(
        hold_outs.contains("Not chosen there: an estimate, extrapolated as the splits share test rows"),
        "{hold_outs}"
    );
    assert!(
        hold_outs.contains("over the rows of the first test split, by") && !hold_outs.contains(pooling),
        "{hold_outs}"
    );
}

#[test]
fn two_families_one_fold_and_no_amounts() {
    report(&run(2, 5), "predicted-two", true);
    let (dir, written) = report(&run(3, 1), "predicted-one-fold", true);
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    let line =
        text.lines().find(|line| line.starts_with("| logistic-regression | ") && line.ends_with("| – | – | – | – |"));
    assert!(line.is_some(), "a fold alone has no others to choose on\n{text}");
    assert!(written.contains(&dir.join("savings.csv")));
    let (dir, written) = report(&run(4, 3), "predicted-no-amounts", false);
    assert!(written.iter().all(|path| !path.to_string_lossy().contains("savings")));
    let rows = table(&dir.join("thresholds.csv"));
    assert!(rows.iter().all(|row| row["cost"].is_empty() && !row["recall"].is_empty()));
    assert!(!fs::read_to_string(dir.join("report.md")).unwrap().contains("Money saved"));
}

#[test]
fn thresholds_are_those_of_the_pooled_rows() {
    let results = run(5, 3);
    let (dir, _) = report(&results, "predicted-thresholds", true);
    for family in ["logistic-regression", "decision-tree", "random-forest"] {
        let folds = rows_of(&results, &dir, family);
        let all: Vec<_> = folds.concat();
        let rows: Vec<_> =
            table(&dir.join("thresholds.csv")).into_iter().filter(|row| row["family"] == family).collect();
        assert!(rows.len() >= 3, "{family}");
        for row in &rows {
            let threshold: Option<f64> = row["threshold"].parse().ok();
            let alarm = |&&(_, score, label, _): &&(bool, f64, bool, f64)| threshold.map_or(label, |t| score >= t);
            let alarms = all.iter().filter(alarm).count() as f64;
            let found = all.iter().filter(alarm).filter(|r| r.0).count() as f64;
            let missed: f64 = all.iter().filter(|r| r.0 && !alarm(r)).map(|r| r.3).sum();
            assert_eq!((number(row, "alarms"), number(row, "found")), (alarms, found), "{row:?}");
            assert!((number(row, "cost") - ((alarms - found) * 10.0 + missed)).abs() < 1e-6, "{row:?}");
            assert_eq!(number(row, "recall"), found / (0.02 * all.len() as f64));
            assert_eq!(number(row, "precision"), found / alarms);
        }
        assert_eq!(rows.iter().filter(|row| row["at"] == "own-labels").count(), 1);
    }
}

#[test]
fn savings_follow_the_cost_of_a_check() {
    let results = run(4, 3);
    let (dir, _) = report(&results, "predicted-savings", true);
    let out = kept("predicted-savings-dear");
    let written = write_all_with(&results, &dir, &out, &Options { check_cost: 40.0, ..Options::default() }).unwrap();
    check_charts(&written);
    for (dir_, cost) in [(&dir, 10.0), (&out, 40.0)] {
        let rows = table(&dir_.join("savings.csv"));
        assert!(rows.iter().all(|row| number(row, "check_cost") == cost));
        let own = rows.iter().find(|r| r["family"] == "decision-tree" && r["at"] == "own-labels").unwrap();
        let folds = rows_of(&results, &dir, "decision-tree");
        let saved = |fold: &Vec<(bool, f64, bool, f64)>| {
            let caught: f64 = fold.iter().filter(|r| r.2 && r.0).map(|r| r.3).sum();
            caught - fold.iter().filter(|r| r.2).count() as f64 * cost
        };
        let mean = folds.iter().map(saved).sum::<f64>() / 3.0;
        assert!((number(own, "saved_mean") - mean).abs() < 1e-6, "{own:?} {mean}");
        let said = check_svg(&dir_.join("charts/savings.svg")).join(" ");
        assert!(said.contains(&format!("minus {cost} for every row")), "{said}");
    }
    // The honest choice by a naive search over every score of the other folds.
    let folds = rows_of(&results, &dir, "logistic-regression");
    let saved = |fold: &[(bool, f64, bool, f64)], t: f64| -> f64 {
        fold.iter().filter(|r| r.1 >= t).map(|r| if r.0 { r.3 } else { 0.0 } - 10.0).sum()
    };
    let mut sum = 0.0;
    for (one, fold) in folds.iter().enumerate() {
        let others: Vec<_> = folds.iter().enumerate().filter(|(i, _)| *i != one).flat_map(|(_, f)| f.clone()).collect();
        let mut scores: Vec<f64> = others.iter().map(|r| r.1).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        let best = scores.iter().fold((0.0, f64::INFINITY), |best, &t| {
            let money = saved(&others, t);
            if money > best.0 + 1e-9 { (money, t) } else { best }
        });
        sum += saved(fold, best.1);
    }
    let rows = table(&dir.join("savings.csv"));
    let chosen = rows.iter().find(|r| r["family"] == "logistic-regression" && r["at"] == "threshold-of-other-folds");
    assert!((number(chosen.unwrap(), "saved_mean") - sum / 3.0).abs() < 1e-6, "{chosen:?} {sum}");
}

#[test]
fn the_leaderboard_has_the_pooled_metric_and_its_interval() {
    let results = run(3, 4);
    let (dir, _) = report(&results, "predicted-bootstrap", true);
    let file: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("leaderboard.json")).unwrap()).unwrap();
    let pipelines = file["pipelines"].as_array().unwrap();
    assert_eq!(pipelines.iter().filter(|p| p["bootstrap"].is_object()).count(), 3);
    for family in ["prior", "logistic-regression"] {
        let all: Vec<_> = rows_of(&results, &dir, family).concat();
        let y: Vec<u8> = all.iter().map(|r| u8::from(r.0)).collect();
        let prediction = Prediction {
            score: all.iter().map(|r| r.1).collect(),
            label: vec![0; all.len()],
            kind: ScoreKind::Decision,
        };
        let pooled = Registry::built_in()
            .metric("pr-auc")
            .unwrap()
            .score(&Scored::new(&y, &prediction).unwrap())
            .value()
            .unwrap();
        let found = &pipelines.iter().find(|p| p["family"] == family).unwrap()["bootstrap"];
        assert_eq!((found["pooled"].as_f64(), found["n_resamples"].as_u64()), (Some(pooled), Some(1_000)));
        let [low, high] = ["low", "high"].map(|end| found[end].as_f64());
        match family {
            // One score for all rows: every resample has the same average precision, the share of positives, and none tells how it
            // varies.
            "prior" => {
                assert!((pooled - 0.02).abs() < 1e-12 && (low, high) == (None, None), "{found}");
                assert!(found["corrected_low"].is_null() && found["corrected_high"].is_null(), "{found}");
                let why = "all resamples, or nearly all, have the same value, so these rows do not tell how it varies";
                assert_eq!(found["why_none"], why);
                let text = fs::read_to_string(dir.join("report.md")).unwrap();
                assert!(text.contains(&format!("No interval over rows of prior: {why}.")), "{text}");
            }
            _ => {
                let (low, high) = (low.unwrap(), high.unwrap());
                assert!(low < pooled && pooled < high && high - low < 0.3, "{low} {pooled} {high}");
                assert!(found["why_none"].is_null() && found["by_fold"] == false, "{found}");
            }
        }
    }
}

#[test]
fn a_family_without_the_predictions_of_a_fold_is_named() {
    let results = run(3, 3);
    let (dir, _) = report(&results, "predicted-lacking", true);
    let one = results.records.iter().find(|r| r.family == "logistic-regression" && r.cell.fold == 1).unwrap();
    fs::remove_file(predictions_path(&dir, &one.key).unwrap()).unwrap();
    write_all(&results, &dir).unwrap();
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    assert!(text.contains("Without the predictions of every fold: logistic-regression."), "{text}");
    assert!(table(&dir.join("scores.csv")).iter().all(|row| row["family"] != "logistic-regression"));
}

/// A report whose kept rows are changed before it is written.
fn with_rows(name: &str, results: &Results, change: impl Fn(&mut Vec<f64>)) -> (PathBuf, String) {
    let dir = kept(name);
    let _ = fs::remove_dir_all(&dir);
    for record in &results.records {
        let (said, mut rows) = made(record, true);
        said.write(&dir, &record.key).unwrap();
        rows.test.amount.iter_mut().for_each(&change);
        rows.write(&dir).unwrap();
    }
    write_all(results, &dir).unwrap();
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    (dir, text)
}

#[test]
fn a_blank_amount_is_told_where_it_matters_and_money_has_a_role() {
    let results = run(2, 3);
    // Row 7 is a positive, row 8 is not.
    let (dir, text) = with_rows("predicted-blank", &results, |amount| amount[7] = f64::NAN);
    assert!(!dir.join("savings.csv").exists());
    assert!(
        text.contains(
            "the column with the role `amount` is blank, negative or infinite in 3 positive rows of the test parts"
        ),
        "{text}"
    );
    let (dir, text) = with_rows("predicted-blank-negative", &results, |amount| amount[8] = f64::NAN);
    assert!(dir.join("savings.csv").exists() && !text.contains("No money is computed"));
    let (_, written) = report(&results, "predicted-no-role", false);
    let text = fs::read_to_string(written.iter().find(|path| path.ends_with("report.md")).unwrap()).unwrap();
    assert!(text.contains("No money is computed: no column has the role `amount`"), "{text}");
}

#[test]
fn every_curve_is_there_whatever_metrics_were_asked_for() {
    let mut results = run(3, 3);
    results.metrics = vec!["recall".into(), "pr-auc".into()];
    for record in &mut results.records {
        record.metrics.retain(|metric, _| metric == "recall" || metric == "pr-auc");
    }
    let (dir, written) = report(&results, "predicted-few-metrics", true);
    for name in ["curves", "calibration", "scores", "thresholds", "savings"] {
        assert!(written.contains(&dir.join(format!("charts/{name}.svg"))), "{name}: {written:?}");
    }
}

#[test]
fn rows_and_predictions_that_are_gone_are_told_and_no_file_of_before_stays() {
    let mut results = run(3, 3);
    let (dir, _) = report(&results, "predicted-gone", true);
    let made = ["curves.csv", "scores.csv", "thresholds.csv", "savings.csv"];
    assert!(made.iter().all(|file| dir.join(file).exists()));
    let told = |results: &Results, of: &str, said: &str| {
        write_all(results, &dir).unwrap();
        for document in ["report.md", "report.html"] {
            let text = fs::read_to_string(dir.join(document)).unwrap();
            assert!(text.contains(of) && text.contains(said), "{text}");
        }
    };
    for file in fs::read_dir(dir.join("predictions")).unwrap().map(|file| file.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().starts_with("rows-") {
            fs::remove_file(file).unwrap();
        }
    }
    let lost = "Left out because the files kept of 9 cells are gone or not what the run wrote";
    told(&results, lost, ".parquet: the file is not there");
    assert!(made.iter().all(|file| !dir.join(file).exists()), "files of the report before are there");
    // Predictions are missed where the record says that they were kept.
    keep(&results, &dir, true);
    let one = results.records.iter_mut().find(|r| r.family == "logistic-regression").unwrap();
    one.kept = true;
    fs::remove_file(predictions_path(&dir, &one.key).unwrap()).unwrap();
    told(&results, "the files kept of 1 cell are gone or not what the run wrote", ".parquet: the file is not there");
    assert!(made.iter().all(|file| dir.join(file).exists()));
}

#[test]
fn lines_of_many_families_are_those_of_the_first_twelve() {
    let mut results = made_up(Shape { families: 11, folds: 2, ..SMALL }, 5);
    let second = |name: &str| format!("{name}-too");
    for mut planned in results.planned.clone() {
        (planned.family, planned.cell.classifier) = (second(&planned.family), second(&planned.cell.classifier));
        results.planned.push(planned);
    }
    for mut record in results.records.clone() {
        (record.family, record.cell.classifier) = (second(&record.family), second(&record.cell.classifier));
        record.key = record.key.chars().rev().collect();
        results.records.push(record);
    }
    let results = with_rows_of(results);
    let (dir, _) = report(&results, "predicted-many", true);
    for name in ["curves", "thresholds", "savings"] {
        let said = check_svg(&dir.join(format!("charts/{name}.svg"))).join(" ");
        assert!(said.contains(&format!("The first 12 of 22 families by rank; {name}.csv has all.")), "{name}: {said}");
        let families: std::collections::BTreeSet<String> =
            table(&dir.join(format!("{name}.csv"))).into_iter().map(|row| row["family"].clone()).collect();
        assert_eq!(families.len(), 22, "{name}");
    }
}

#[test]
fn a_metric_that_is_not_computed_on_pooled_rows_says_so_and_has_no_resamples() {
    let mut results = run(3, 3);
    let primary = "precision-at-per-day(10)";
    results.primary = primary.into();
    results.metrics.push(primary.into());
    for record in &mut results.records {
        let value = match record.family.as_str() {
            "prior" => 0.1,
            "logistic-regression" => 0.2,
            _ => 0.3,
        };
        record.metrics.insert(primary.into(), Score::Value(value));
    }
    let (dir, _) = report(&results, "predicted-by-day", false);
    let text = fs::read_to_string(dir.join("report.md")).unwrap();
    let (_, section) = text.split_once("### How sure precision-at-per-day(10) is").unwrap();
    let (_, why) = section
        .split_once("No pooled value of linear-discriminant-analysis, logistic-regression, prior: ")
        .unwrap_or_else(|| panic!("{section}"));
    assert!(why.lines().next().unwrap().contains("column with the role `time`"), "{why}");
    let rows: Vec<&str> = section.lines().skip_while(|l| !l.starts_with("| ---")).skip(1).take(3).collect();
    assert!(rows.iter().all(|row| row.ends_with("| – | – | – |")), "{rows:?}");
    let file: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("leaderboard.json")).unwrap()).unwrap();
    for pipeline in file["pipelines"].as_array().unwrap() {
        let found = &pipeline["bootstrap"];
        assert!(found["pooled"].is_null() && found["n_resamples"] == 0 && found["n_undefined"] == 0, "{found}");
    }
}
