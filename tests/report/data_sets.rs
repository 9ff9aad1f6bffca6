//! The report of a study over several data sets.

use fraudbench::analyze::Results;
use fraudbench::metric::Score;
use fraudbench::report::render::junit;
use fraudbench::report::write_all;

use crate::sample::{SMALL, Shape, cell, made_up, record, results};

/// A made-up run, and the same once more on another data set, where every imputer is the mean.
fn two() -> Results {
    let first = made_up(Shape { families: 4, scalers: 2, missing: 10, ..SMALL }, 3);
    let mut both = first.clone();
    let mut table = first.manifest.data[0].clone();
    (table.name, table.sha256) = ("another/set".into(), "another".into());
    both.manifest.data.push(table);
    for planned in &first.planned {
        let mut planned = planned.clone();
        planned.cell.data_set = "another/set".into();
        both.planned.push(planned);
    }
    for record in &first.records {
        let mut record = record.clone();
        record.cell.data_set = "another/set".into();
        both.records.push(record);
    }
    both
}

fn lines(path: &std::path::Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn each_data_set_has_its_leaderboard_and_ranks_are_over_them() {
    let dir = tempfile::tempdir().unwrap();
    let results = two();
    write_all(&results, dir.path()).unwrap();
    let alone = tempfile::tempdir().unwrap();
    write_all(&results.data_sets()[1], alone.path()).unwrap();
    let board = |folder: &str| lines(&dir.path().join(folder).join("leaderboard.csv"));
    assert_eq!(board("2-another-set"), lines(&alone.path().join("leaderboard.csv")));
    assert_eq!(board("1-creditcard").len(), board("2-another-set").len());
    assert!(!dir.path().join("leaderboard.csv").exists());
    let cells = lines(&dir.path().join("cells.csv"));
    assert!(
        cells[0].starts_with(
            "data_set,protocol,dedup,imputer,resampler,encoder,scaler,select,classifier,repeat,fold,family"
        )
    );
    assert_eq!(cells.len(), results.planned.len() + 1);
    assert_eq!(cells.iter().filter(|line| line.starts_with("another/set,")).count(), results.planned.len() / 2);
    let report = std::fs::read_to_string(dir.path().join("report.md")).unwrap();
    for said in [
        "2 data sets, each with its own leaderboard",
        "## Ranks over the data sets",
        "| pipeline | mean rank | pr-auc on creditcard | pr-auc on another/set |",
        "Friedman: chi-squared",
        "`fraudbench compare --data-sets DIR`, with this run's folder, tests each pair.",
        "## another/set",
        "[the whole report](2-another-set/report.html)",
    ] {
        assert!(report.contains(said), "`{said}` is missing in {report}");
    }
    assert!(dir.path().join("charts/critical-difference.svg").exists());
}

#[test]
fn an_axis_is_a_column_for_people_only_where_it_is_used() {
    let mut results = made_up(SMALL, 3);
    let text = |results: &Results| {
        let dir = tempfile::tempdir().unwrap();
        write_all(results, dir.path()).unwrap();
        ["report.md", "leaderboard.tex"].map(|file| std::fs::read_to_string(dir.path().join(file)).unwrap())
    };
    let [plain, _] = text(&results);
    assert!(
        plain.contains("| rank | classifier | scaler | resampler | dedup | pr-auc |") && !plain.contains("imputer |")
    );
    results.planned.iter_mut().for_each(|planned| planned.cell.imputer = "mean".into());
    results.records.iter_mut().for_each(|record| record.cell.imputer = "mean".into());
    let [used, tex] = text(&results);
    assert!(used.contains("| rank | classifier | scaler | resampler | imputer | dedup | pr-auc |"), "{used}");
    assert!(used.contains("imputer mean, dedup on") && tex.contains("imputer mean; dedup on"), "{tex}");
}

#[test]
fn a_test_case_of_junit_names_its_data_set_where_there_are_several() {
    let text = junit::cells(&two());
    let all: Vec<&str> =
        text.lines().filter_map(|line| line.split(" time=").next().filter(|l| l.starts_with("<testcase"))).collect();
    let different: std::collections::BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(different.len(), all.len());
    assert!(
        all.iter().any(|case| case.starts_with("<testcase classname=\"another/set, stratified-k-fold, ")),
        "{}",
        all[0]
    );
}

/// Three classifiers on two data sets, one fold each: ranks 1, 2, 3 on the first and 1, 3, 2 on the second.
fn ranked() -> Results {
    let mut records = Vec::new();
    for (data_set, scores) in [("creditcard", [0.9, 0.8, 0.7]), ("another/set", [0.9, 0.7, 0.8])] {
        for (classifier, score) in ["random-forest", "xgboost", "svc"].into_iter().zip(scores) {
            let mut cell = cell(true, "none", "none", classifier, 0);
            cell.data_set = data_set.into();
            records.push(record(&cell, &[("pr-auc", score)]));
        }
    }
    let planned = records.iter().map(|record| record.cell.clone()).collect();
    let mut both = results(planned, records, &["pr-auc"], "pr-auc");
    let mut table = both.manifest.data[0].clone();
    (table.name, table.sha256) = ("another/set".into(), "another".into());
    both.manifest.data.push(table);
    both
}

#[test]
fn both_forms_of_friedmans_test_have_their_names_and_none_left_out_is_not_said() {
    let dir = tempfile::tempdir().unwrap();
    let mut results = ranked();
    let report = |results: &Results| {
        write_all(results, dir.path()).unwrap();
        let chart = crate::charts::check_svg(&dir.path().join("charts/critical-difference.svg")).join(" ");
        (std::fs::read_to_string(dir.path().join("report.md")).unwrap(), chart)
    };
    let (text, chart) = report(&results);
    // Sums of ranks 2, 5, 5: 12 / (2 * 3 * 4) * 54 - 3 * 2 * 4 = 3, p = exp(-3 / 2). F = 3 / (4 - 3), p of 2 and 2 degrees 1 / (1 + F).
    let said = "Friedman: chi-squared 3.0000, p 0.223; Iman and Davenport's F of the same ranks, as in the chart: 3.0000, p 0.250.";
    assert!(text.contains(said), "{text}");
    assert!(chart.contains("Friedman (Iman and Davenport's F): p 0.250."), "{chart}");
    assert!(!text.contains("not compared") && !chart.contains("not compared"), "{text}");
    results.records.retain(|record| record.family != "svc" || record.cell.data_set == "creditcard");
    let (text, chart) = report(&results);
    let said = "1 pipeline without a score on every fold of every data set: not compared.";
    assert!(text.contains(said) && chart.contains(said), "{text}\n{chart}");
}

#[test]
fn two_data_sets_that_agree_have_no_p_of_0() {
    let dir = tempfile::tempdir().unwrap();
    let mut results = ranked();
    // The order of the first data set on the other one, too.
    let of = |classifier: &str| {
        [("random-forest", 0.9), ("xgboost", 0.8), ("svc", 0.7)].into_iter().find(|o| o.0 == classifier).unwrap().1
    };
    for record in &mut results.records {
        record.metrics.insert("pr-auc".into(), Score::Value(of(&record.cell.classifier)));
    }
    write_all(&results, dir.path()).unwrap();
    let text = std::fs::read_to_string(dir.path().join("report.md")).unwrap();
    // Sums of ranks 2, 4, 6: 12 / (2 * 3 * 4) * 56 - 3 * 2 * 4 = 4, p = exp(-4 / 2).
    let said = "Friedman: chi-squared 4.0000, p 0.135; all data sets agree, where Iman and Davenport's F is not defined. Mean ranks";
    assert!(text.contains(said), "{text}");
    let chart = crate::charts::check_svg(&dir.path().join("charts/critical-difference.svg")).join(" ");
    let said = "Friedman: p 0.135; all data sets agree, where Iman and Davenport's F is not defined.";
    assert!(chart.contains(said) && chart.contains("Friedman's test finds no difference at this level"), "{chart}");
}

#[test]
fn each_dataset_variant_has_its_own_ranks_chart_and_verdict() {
    let dir = tempfile::tempdir().unwrap();
    let mut results = ranked();
    write_all(&results, dir.path()).unwrap();
    let report = || std::fs::read_to_string(dir.path().join("report.md")).unwrap();
    let one = report();
    assert!(one.contains("Best by mean pr-auc: "), "{one}");
    assert!(!one.contains("ranked apart") && !one.contains("Dedup on"), "{one}");
    // The same with duplicates, where the order is the other way round and every score is larger.
    for mut record in results.records.clone() {
        record.cell.dedup = false;
        let score = record.metrics["pr-auc"].value().unwrap();
        record.metrics.insert("pr-auc".into(), Score::Value(1.7 - score));
        results.records.push(record);
    }
    for mut planned in results.planned.clone() {
        planned.cell.dedup = false;
        results.planned.push(planned);
    }
    write_all(&results, dir.path()).unwrap();
    let text = report();
    let part =
        |from: &str, to: &str| text.split(from).nth(1).unwrap_or_else(|| panic!("{text}")).split(to).next().unwrap();
    let (on, off) = (part("### Dedup on", "\n### "), part("### Dedup off", "\n## "));
    // Ranks 1, 2.5, 2.5 of three each.
    for (own, first) in [(on, "| random-forest | 1.00 |"), (off, "| random-forest | 3.00 |")] {
        assert!(own.contains(first) && own.contains("Friedman: chi-squared 3.0000, p 0.223"), "{own}");
        assert!(!own.contains("· dedup"), "{own}");
    }
    for said in ["were tested on different rows, so they are ranked apart.", " with dedup on: ", " with dedup off: "] {
        assert!(text.contains(said), "`{said}` is missing in {text}");
    }
    assert_eq!(text.matches("Best by mean pr-auc with dedup ").count(), 4, "{text}");
    let chart = |name: &str| dir.path().join("charts").join(name);
    let drawn = crate::charts::check_svg(&chart("critical-difference-2.svg")).join(" ");
    assert!(drawn.contains("Mean ranks by pr-auc over 2 data sets, dedup off"), "{drawn}");
    // What the report before this one has drawn is of other ranks.
    assert!(chart("critical-difference-1.svg").exists() && !chart("critical-difference.svg").exists());
}
