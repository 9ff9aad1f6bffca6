//! The CSV files, the report's text, and how files are put in place.

use std::collections::HashMap;
use std::fs;

use fraudbench::analyze::Results;
use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::metric::{Confusion, Score};
use fraudbench::report::render::{EXPORTERS, Exporter, Report, csv as tables, junit};
use fraudbench::report::{Options, write_all, write_by};
use fraudbench::store::{Outcome, Record, Stage, StageCost};

use crate::sample::{SMALL, Shape, cell, failed, made_up, record, results};

const REASON: &str = "took \"too long\", and then\nsome | more; <b>";

fn example() -> Results {
    let planned: Vec<_> = (0..4).map(|fold| cell(fold > 1, "none", "standard", "prior", fold)).collect();
    let mut first = record(&planned[0], &[("recall", 0.1 + 0.2), ("f1", 1e-7)]);
    first.metrics.insert("mcc".into(), Score::Undefined { undefined: "0 / 0, no positives".into() });
    first.confusion = Some(Confusion { tp: 3, fp: 5, fn_: 7, tn: 11 });
    first.validation.insert("recall".into(), Score::Value(0.25));
    first.validation.insert("extra".into(), Score::Undefined { undefined: "none".into() });
    let records: Vec<Record> = vec![first, failed(&planned[1], Stage::Predict, REASON)];
    results(planned, records, &["recall", "mcc", "f1"], "recall")
}

fn read(bytes: &[u8]) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    let row = |r: csv::StringRecord| header.iter().zip(r.iter()).map(|(h, v)| (h.to_owned(), v.to_owned())).collect();
    reader.records().map(|r| row(r.unwrap())).collect()
}

#[test]
fn cells_read_back_as_they_were() {
    let bytes = tables::cells(&example()).unwrap();
    let rows = read(&bytes);
    assert_eq!(rows.len(), 4);
    let [scored, failed, missing] = [&rows[0], &rows[1], &rows[3]];
    assert_eq!(scored["recall"].parse::<f64>().unwrap(), 0.1 + 0.2);
    assert_eq!(scored["f1"].parse::<f64>().unwrap(), 1e-7);
    assert_eq!((scored["mcc"].as_str(), scored["outcome"].as_str()), ("", "scored"));
    assert_eq!(scored["undefined"], "mcc: 0 / 0, no positives; validation_extra: none");
    assert_eq!(["tp", "fp", "fn", "tn"].map(|c| scored[c].as_str()), ["3", "5", "7", "11"]);
    assert_eq!((scored["validation_recall"].as_str(), scored["validation_extra"].as_str()), ("0.25", ""));
    assert_eq!((scored["train_rows"].as_str(), scored["test_positives"].as_str()), ("226980", "95"));
    assert_eq!((scored["resample_s"].as_str(), scored["fit_s"].as_str()), ("0.1", "1.0"));
    assert_eq!((scored["dedup"].as_str(), missing["dedup"].as_str()), ("off", "on"));
    assert_eq!((failed["outcome"].as_str(), failed["stage"].as_str()), ("failed", "predict"));
    assert_eq!((failed["reason"].as_str(), failed["recall"].as_str(), failed["tp"].as_str()), (REASON, "", ""));
    assert_eq!((missing["outcome"].as_str(), missing["key"].as_str(), missing["fold"].as_str()), ("missing", "", "3"));
}

#[test]
fn metrics_stand_in_the_studys_order() {
    let text = String::from_utf8(tables::cells(&example()).unwrap()).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let at = |name: &str| header.iter().position(|h| *h == name).unwrap();
    assert_eq!([at("mcc") - at("recall"), at("f1") - at("recall"), at("undefined") - at("recall")], [1, 2, 3]);
    assert_eq!(&header[header.len() - 4..], ["equals", "learnt_nothing", "validation_recall", "validation_extra"]);
}

#[test]
fn the_leaderboard_file_has_full_precision_and_coverage() {
    let board = leaderboard(&example());
    let rows = read(&tables::leaderboard(&board).unwrap());
    assert_eq!(rows.len(), 2);
    let off = &rows[0];
    assert_eq!((off["rank"].as_str(), off["protocol"].as_str()), ("", "stratified-k-fold"));
    assert_eq!(["n_planned", "n_scored", "n_failed", "n_missing"].map(|c| off[c].as_str()), ["2", "1", "1", "0"]);
    assert_eq!(off["recall_mean"].parse::<f64>().unwrap(), 0.1 + 0.2);
    assert_eq!((off["recall_sd"].as_str(), off["mcc_mean"].as_str(), off["mcc_n_undefined"].as_str()), ("", "", "1"));
    assert_eq!((rows[1]["n_missing"].as_str(), rows[1]["fit_s_mean"].as_str()), ("2", ""));
    assert_eq!((off["ci_low"].as_str(), off["ci_high"].as_str(), off["n_used"].as_str()), ("", "", "1"));
    let board = leaderboard(&made_up(SMALL, 8));
    for (line, row) in read(&tables::leaderboard(&board).unwrap()).iter().zip(&board.rows) {
        let Some(interval) = row.interval else {
            assert_eq!((line["ci_low"].as_str(), line["ci_high"].as_str()), ("", ""));
            continue;
        };
        let ends = ["ci_low", "ci_high"].map(|end| line[end].parse::<f64>().unwrap());
        assert_eq!(ends, <[f64; 2]>::from(interval));
        let mean = line["pr-auc_mean"].parse::<f64>().unwrap();
        assert!(ends[0] <= mean && mean <= ends[1]);
    }
}

#[test]
fn the_report_says_what_was_run_and_what_failed() {
    let shape =
        Shape { families: 5, scalers: 7, resamplers: &["none", "tomek-links"], missing: 10, failed: 10, ..SMALL };
    let results = made_up(shape, 3);
    let board = leaderboard(&results);
    let text = crate::report(&results, &board);
    let best = board.best(|_| true).unwrap();
    let summary = board.summary(best, "pr-auc").unwrap();
    let numbers = format!("{:.4} ± {:.4}", summary.mean.unwrap(), summary.sd.unwrap());
    let failed = board.coverage().failed;
    assert!(failed > 0 && board.coverage().missing > 0);
    for wanted in [
        "# A made-up study\n",
        "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89",
        "| Rows | 284,807 with 492 positives |",
        "1,081 duplicate rows with 19 positives",
        "stratified-k-fold (folds 5, seed 42); 5 splits per pipeline",
        "2026-11-21 23:36 UTC",
        &numbers,
        &format!("{} of 350 cells scored, {failed} failed", board.coverage().scored),
        "| on | tomek-links |",
        &format!("| {failed} | "),
        "## Not ranked",
        "4/5",
        "A test fold has 95 positives",
        "| undefined |",
        "has accuracy 0.9983 on all rows",
        "## Best, and what is not distinguishable from it",
        "95% CI",
        "folds scored/planned",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    let top = text.split("## Leaderboard").nth(1).unwrap().split("\n## ").next().unwrap();
    assert_eq!(top.lines().filter(|l| l.starts_with("| ")).count(), 22);
}

#[test]
fn every_table_of_the_report_has_equal_columns() {
    let mut results = example();
    results.title = "A | title\nof two lines".into();
    let text = crate::report(&results, &leaderboard(&results));
    assert!(text.starts_with("# A | title of two lines\n"));
    assert!(
        text.contains(r#"| 1 | prior | failed | predict | took "too long", and then some \| more; &lt;b> |"#),
        "{text}"
    );
    let tables = text.split("\n\n").filter(|block| block.starts_with('|'));
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut seen = 0;
    for table in tables {
        let first = columns(table.lines().next().unwrap());
        assert!(table.lines().all(|line| columns(line) == first), "{table}");
        seen += 1;
    }
    assert!(seen >= 3, "{text}");
}

#[test]
fn the_reason_of_a_failure_has_its_code_and_no_other_marks() {
    let mut results = example();
    results.records[1].reason = Some("f(**a, **b) took 10 s (`cell_seconds` of the limits)".into());
    let dir = tempfile::tempdir().unwrap();
    write_all(&results, dir.path()).unwrap();
    let text = fs::read_to_string(dir.path().join("report.md")).unwrap();
    let line = r"| 1 | prior | failed | predict | f(\*\*a, \*\*b) took 10 s (`cell_seconds` of the limits) |";
    assert!(text.contains(line), "{text}");
}

#[test]
fn files_are_replaced_whole_and_old_charts_go() {
    let dir = tempfile::tempdir().unwrap();
    let charts = dir.path().join("charts");
    write_all(&made_up(SMALL, 5), dir.path()).unwrap();
    assert!(charts.join("families.svg").exists());
    fs::write(charts.join("mine.svg"), "kept").unwrap();
    let nothing = made_up(Shape { missing: 1_000, ..SMALL }, 5);
    let written = write_all(&nothing, dir.path()).unwrap();
    let mut left: Vec<String> =
        fs::read_dir(&charts).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["heatmap.png", "heatmap.svg", "mine.svg"]);
    assert_eq!(written.len(), 10);
    assert!(written.iter().all(|path| path.exists()));
    assert!(fs::read_dir(dir.path()).unwrap().all(|e| !e.unwrap().path().to_string_lossy().ends_with(".new")));
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("report.md"), "old").unwrap();
    // What stands in the way of the charts' folder stands for a full disk.
    fs::write(dir.path().join("charts"), "in the way").unwrap();
    let error = write_all(&made_up(SMALL, 5), dir.path()).unwrap_err().to_string();
    assert!(error.contains("charts"), "{error}");
    assert_eq!(fs::read_to_string(dir.path().join("report.md")).unwrap(), "old");
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let shape = Shape { families: 4, scalers: 2, missing: 100, ..SMALL };
    let read_all = || {
        let dir = tempfile::tempdir().unwrap();
        let paths = write_all(&made_up(shape, 9), dir.path()).unwrap();
        paths.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(read_all(), read_all());
}

#[test]
fn an_exporter_is_one_entry_of_the_list() {
    fn ranks(report: &Report<'_>) -> fraudbench::error::Result<Option<Vec<u8>>> {
        let line =
            |row: &fraudbench::analyze::leaderboard::Row| format!("{:?} {}\n", row.rank, row.pipeline.classifier);
        Ok(Some(report.board.rows.iter().map(line).collect::<String>().into_bytes()))
    }
    fn nothing(_: &Report<'_>) -> fraudbench::error::Result<Option<Vec<u8>>> {
        Ok(None)
    }
    let own = [Exporter { file: "ranks.txt", bytes: ranks }, Exporter { file: "nothing.txt", bytes: nothing }];
    let dir = tempfile::tempdir().unwrap();
    let (results, exporters) = (made_up(SMALL, 5), [EXPORTERS, &own].concat());
    let written = write_by(&exporters, &results, dir.path(), dir.path(), &Options::default()).unwrap();
    assert!(written.ends_with(&[dir.path().join("report.md"), dir.path().join("ranks.txt")]), "{written:?}");
    let board = leaderboard(&results);
    let text = fs::read_to_string(dir.path().join("ranks.txt")).unwrap();
    assert_eq!(text.lines().count(), board.rows.len());
    assert!(text.starts_with("Some(1) ") && !dir.path().join("nothing.txt").exists());
}

#[test]
fn the_junit_file_has_a_case_per_cell_and_says_what_failed() {
    let text = junit::cells(&example());
    assert!(text.contains("tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"2\""), "{text}");
    assert_eq!(text.matches("<testcase ").count(), 4);
    let reason = "message=\"took &quot;too long&quot;, and then&#10;some | more; &lt;b&gt;\"";
    assert!(text.contains(&format!("<failure type=\"failed in predict\" {reason}/>")), "{text}");
    assert!(text.contains("classname=\"stratified-k-fold, prior (scaler standard, resampler none, dedup off)\" name=\"repeat 0 fold 0\" time=\""));
}

#[test]
fn no_case_of_the_junit_file_took_less_than_no_time() {
    // The failed cell has no measured stage, and two cells have no record.
    let text = junit::cells(&example());
    assert_eq!(text.matches(" time=\"0.000\"").count(), 3, "{text}");
    assert!(!text.contains("time=\"-"), "{text}");
}

#[test]
fn a_case_of_the_junit_file_has_the_seconds_that_its_cell_took_until_it_was_killed() {
    let mut results = example();
    let cost = |stage, seconds| StageCost { stage, seconds, memory_mib: None };
    let late = &mut results.records[1];
    late.outcome = Outcome::TimedOut;
    late.stages = vec![cost(Stage::Scale, 0.25), cost(Stage::Fit, 2.0)];
    let text = junit::cells(&results);
    assert!(text.contains("name=\"repeat 0 fold 1\" time=\"2.250\""), "{text}");
}
