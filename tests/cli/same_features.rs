//! Data sets of one run with the same features and labels, whose money differs: their cells have the same keys, and nothing else in
//! common.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::{Place, STUDY, csv};

/// Data in which each of 30 positives is worth 1 by `gross` and 100 by `net`, and a study of both with these metrics.
fn place(metrics: &str) -> Place {
    let sided = |line: &str| match line.starts_with("a,") {
        true => format!("{line},gross,net\n"),
        false => format!("{line},1,100\n"),
    };
    let data: String = csv(210).lines().map(sided).collect();
    let of = |name: &str| {
        format!(
            "[[data]]\nname = \"{name}\"\npath = \"data.csv\"\nlabel = \"label\"\namount = \"{name}\"\n\
             ignore = [\"gross\", \"net\"]\n"
        )
    };
    let study = STUDY
        .replace("seed = 5\n", &format!("seed = 5\nmetrics = [{metrics}]\n"))
        .replace("[data]\npath = \"data.csv\"\n", &(of("gross") + &of("net")));
    Place::new(&data, &study)
}

const MONEY: &str = "\"pr-auc\", \"amount-recall\", \"cost(10)\", \"savings(10)\"";

/// The scores of each cell, by data set, classifier, scaler and fold.
fn scores(place: &Place, out: &str) -> BTreeMap<[String; 4], Value> {
    let name = |record: &Value| ["data_set", "classifier", "scaler", "fold"].map(|axis| record[axis].to_string());
    place.records(out).iter().map(|record| (name(record), record["metrics"].clone())).collect()
}

/// Ten positives in each test part of three; the baseline finds none of them, and checks nothing.
fn check_money(scores: &BTreeMap<[String; 4], Value>) {
    assert_eq!(scores.len(), 36);
    for ([data_set, classifier, ..], metrics) in scores {
        if classifier == "\"prior\"" {
            let missed = if data_set == "\"net\"" { 1_000.0 } else { 10.0 };
            assert_eq!(metrics["cost(10)"], missed, "{data_set}");
        }
    }
}

#[test]
fn each_data_set_has_its_own_money_whatever_is_reused_and_however_a_run_is_cut() {
    let place = place(MONEY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    place.expect(0, &["run", "study.toml", "--out", "anew", "--no-reuse"]);
    let all = scores(&place, "out");
    check_money(&all);
    assert_eq!(scores(&place, "anew"), all);
    place.expect(0, &["submit", "study.toml", "--shards", "3", "--out", "plan"]);
    for shard in ["0/3", "1/3"] {
        place.expect(0, &["run", "--plan", "plan", "--shard", shard]);
    }
    // What another data set has of a key is no record of a cell of the third shard.
    let lacks = 36 - scores(&place, "plan/shard-0").len() - scores(&place, "plan/shard-1").len();
    let said = place.printed(1, &["merge", "plan"]);
    assert!(said.contains(&format!("{} scored, 0 failed, {lacks} missing", 36 - lacks)), "{said}");
    place.expect(0, &["run", "--plan", "plan", "--shard", "2/3"]);
    let merged = place.run(&["merge", "plan"]);
    let (said, told) = (String::from_utf8_lossy(&merged.stdout), String::from_utf8_lossy(&merged.stderr));
    assert_eq!(merged.status.code(), Some(0), "{told}");
    assert!(said.contains("36 cells in 3 shards: 36 scored, 0 failed, 0 missing"), "{said}");
    assert!(!told.contains("no record now"), "{told}");
    assert_eq!(scores(&place, "plan/merged"), all);
    let said = place.expect(0, &["run", "--resume", "plan/merged"]);
    assert!(said.contains("0 of 36 cells to run"), "{said}");
    // The baseline's alarms are none: its cost, over three test parts, is what the 30 positives are worth.
    for out in ["out", "anew", "plan/merged"] {
        for (folder, cost) in [("1-gross", "30"), ("2-net", "3000")] {
            let table = fs::read_to_string(place.path(&format!("{out}/{folder}/thresholds.csv"))).unwrap();
            let own = table.lines().find(|line| line.starts_with("prior,") && line.contains(",own-labels,")).unwrap();
            assert_eq!(own.rsplit(',').next(), Some(cost), "{out}/{folder}: {own}");
        }
    }
}

#[test]
fn data_sets_that_are_equal_in_all_are_fitted_once() {
    let place = place(MONEY);
    let study = fs::read_to_string(place.path("study.toml")).unwrap();
    place.write("study.toml", &study.replace("amount = \"net\"", "amount = \"gross\""));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    let copies = |data_set: &str| {
        let of_set = records.iter().filter(|record| record["data_set"] == data_set);
        of_set.filter(|record| record["equals"].is_string()).count()
    };
    assert_eq!((records.len(), copies("gross"), copies("net")), (36, 0, 18));
    let all = scores(&place, "out");
    let of = |data_set: &str| {
        let of_set = all.iter().filter(move |([of, ..], _)| of.trim_matches('"') == data_set);
        of_set.map(|([_, rest @ ..], metrics)| (rest.clone(), metrics.clone())).collect::<Vec<_>>()
    };
    assert_eq!(of("net"), of("gross"));
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains("0 of 36 cells to run"), "{said}");
}

#[test]
fn a_run_that_was_ended_after_the_first_data_set_goes_on_with_the_second() {
    let place = place("\"pr-auc\"");
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let log = place.path("out/records.jsonl");
    let text = fs::read_to_string(&log).unwrap();
    let first: String =
        text.lines().filter(|line| line.contains("\"data_set\":\"gross\"")).map(|l| format!("{l}\n")).collect();
    assert_eq!(first.lines().count(), 18);
    fs::write(&log, first).unwrap();
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains("18 of 36 cells to run"), "{said}");
    let report = fs::read_to_string(place.path("out/2-net/report.md")).unwrap();
    assert!(report.contains("18 of 18 cells scored, 0 failed"), "{report}");
}

#[test]
fn rows_that_do_not_give_the_money_of_a_record_are_not_used() {
    let place = place(MONEY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    place.edit_records("out", |record| {
        if record["data_set"] == "net" && record["classifier"] == "prior" {
            record["metrics"]["cost(10)"] = 999.0.into();
        }
    });
    let said = place.expect(0, &["report", "out"]);
    assert!(said.contains("give another cost(10) than its record has"), "{said}");
    let table = |folder: &str| fs::read_to_string(place.path(&format!("out/{folder}/thresholds.csv"))).unwrap();
    let is_there = |table: &str| table.lines().any(|line| line.starts_with("prior,"));
    assert!(is_there(&table("1-gross")) && !is_there(&table("2-net")));
}

/// Makes of a run what builds have written that did not tell the two data sets apart: `net` copies what `gross` has, and the rows are
/// kept once, with the money of `gross`.
fn as_before(place: &Place, out: &str) {
    let cell = |record: &Value| ["classifier", "scaler", "fold"].map(|axis| record[axis].to_string());
    let gross = place.records(out).into_iter().filter(|record| record["data_set"] == "gross");
    let gross: BTreeMap<[String; 3], Value> = gross.map(|record| (cell(&record), record)).collect();
    let path = |digest: &Value| place.path(&format!("{out}/predictions/rows-{}.parquet", digest.as_str().unwrap()));
    for record in gross.values() {
        fs::copy(path(&record["sided_rows"]), path(&record["rows"])).unwrap();
    }
    place.edit_records(out, |record| {
        if record["data_set"] == "net" {
            let other = &gross[&cell(record)];
            record["metrics"] = other["metrics"].clone();
            record["equals"] = other["key"].clone();
        }
        record.as_object_mut().unwrap().remove("sided_rows");
    });
}

const COPIED: &str = "18 records: the scores were copied from another data set with the same features and labels, whose amounts, \
                      groups or days are others; `fraudbench run --resume` runs such cells anew (the first is data-set=net ";

#[test]
fn money_that_earlier_builds_copied_from_another_data_set_is_told_and_computed_anew() {
    let place = place(MONEY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    place.expect(0, &["run", "study.toml", "--out", "base"]);
    let right = scores(&place, "base");
    as_before(&place, "out");
    for arguments in [&["report", "out"][..], &["compare", "base", "out"], &["compare", "out", "base"]] {
        let output = place.run(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(&format!("warning: left out of out: {COPIED}")), "{arguments:?}: {told}");
    }
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains("18 of 36 cells to run"), "{said}");
    let records = place.records("out");
    let anew: Vec<&Value> = records.iter().filter(|record| record["sided_rows"].is_string()).collect();
    assert_eq!((records.len(), anew.len()), (54, 18));
    for record in anew {
        let name = ["data_set", "classifier", "scaler", "fold"].map(|axis| record[axis].to_string());
        assert_eq!((&record["metrics"], &record["data_set"]), (&right[&name], &"net".into()));
    }
    // What was copied is told no more, and is in nobody's way.
    assert!(!place.expect(0, &["report", "out"]).contains("left out"));
    assert!(place.expect(0, &["run", "--resume", "out"]).contains("0 of 36 cells to run"));
}

#[test]
fn what_earlier_builds_copied_rightly_counts() {
    // The same money, and metrics that read none.
    for (metrics, net) in [(MONEY, "amount = \"gross\""), ("\"pr-auc\"", "amount = \"net\"")] {
        let place = place(metrics);
        let study = fs::read_to_string(place.path("study.toml")).unwrap();
        place.write("study.toml", &study.replace("amount = \"net\"", net));
        place.expect(0, &["run", "study.toml", "--out", "out"]);
        as_before(&place, "out");
        let said = place.expect(0, &["report", "out"]);
        assert!(!said.contains("left out"), "{metrics}: {said}");
        // Rows whose money may be that of `gross` are not used for `net`, nor the other way round.
        assert_eq!(
            said.contains("may have the amounts, groups or days of another data set"),
            metrics != MONEY,
            "{said}"
        );
        assert!(place.expect(0, &["run", "--resume", "out"]).contains("0 of 36 cells to run"), "{metrics}");
    }
}

#[test]
fn no_money_is_computed_from_rows_that_earlier_builds_kept_for_several_data_sets() {
    let place = place("\"pr-auc\"");
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    as_before(&place, "out");
    let study = fs::read_to_string(place.path("study.toml")).unwrap();
    place.write("study.toml", &study.replace("metrics = [\"pr-auc\"]", &format!("metrics = [{MONEY}]")));
    let said = place.expect(0, &["run", "study.toml", "--resume", "out"]);
    // The copies can be run anew; what was fitted has right scores, and rows that are nobody's for sure.
    assert!(said.contains("18 of 36 cells to run"), "{said}");
    let refused = "not scored again: the rows that were kept for the data set gross may have the amounts, groups or days of another \
                   one, so that amount-recall stays undefined there: run the study again with another `--out`";
    assert!(said.contains(refused), "{said}");
    let records = place.records("out");
    let cost = |record: &&Value| record["classifier"] == "prior" && record["metrics"]["cost(10)"].is_number();
    let costs: Vec<&Value> = records.iter().filter(cost).map(|record| &record["metrics"]["cost(10)"]).collect();
    assert_eq!(costs, [&Value::from(1_000.0); 6]);
}
