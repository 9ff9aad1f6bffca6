use std::fs;

use crate::{Place, STUDY, csv, time_out};

/// Two parts of the study, one cell of the second with a failed record in the first.
fn parts() -> Place {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "a", "--filter", "family=decision-tree;family=prior,scaler=none"]);
    place.expect(0, &["run", "study.toml", "--out", "b", "--filter", "family=prior"]);
    place.expect(0, &["run", "study.toml", "--out", "whole"]);
    place.edit_records("a", |record| {
        if record["classifier"] == "prior" && record["fold"] == 1 {
            time_out(record);
        }
    });
    place
}

#[test]
fn parts_become_one_run_that_can_be_gone_on_with() {
    let place = parts();
    place.expect(0, &["merge", "a", "b", "--out", "both"]);
    let of = |family: &str| {
        let mut records = place.records("whole");
        records.retain(|r| r["family"] == family);
        records
    };
    let mut expected = [of("decision-tree"), of("prior")].concat();
    expected.sort_by_key(|r| r["key"].as_str().unwrap().to_owned());
    // Equal cells name each other by what else was planned.
    let bare = |records: Vec<serde_json::Value>| -> Vec<(String, serde_json::Value)> {
        records.into_iter().map(|r| (r["key"].as_str().unwrap().to_owned(), r["metrics"].clone())).collect()
    };
    let scored: Vec<_> = place.records("both").into_iter().filter(|r| r["outcome"] == "scored").collect();
    assert_eq!(bare(scored), bare(expected), "the scored record wins over the failed one, whoever is first");
    let manifest = fs::read_to_string(place.path("both/manifest.toml")).unwrap();
    assert!(manifest.contains("filter = \"family=decision-tree;family=prior\""), "{manifest}");
    assert!(place.path("both/charts/curves.svg").exists(), "predictions come along");
    let before = fs::read_to_string(place.path("both/records.jsonl")).unwrap();
    place.expect(0, &["merge", "b", "a", "--out", "both"]);
    assert_eq!(fs::read_to_string(place.path("both/records.jsonl")).unwrap(), before, "merging again adds nothing");
    let said = place.expect(0, &["run", "--resume", "both"]);
    assert!(said.contains("0 of 12 cells to run"), "{said}");
}

#[test]
fn failed_cells_that_nobody_scored_stay_failed() {
    let place = parts();
    place.expect(1, &["merge", "a", "--out", "alone"]);
    let failed = place.records("alone").into_iter().filter(|r| r["outcome"] == "timed-out").count();
    assert_eq!(failed, 1);
    place.expect(0, &["merge", "b", "--out", "alone"]);
    let report = fs::read_to_string(place.path("alone/report.md")).unwrap();
    assert!(report.contains("12 of 12 cells scored, 0 failed"), "{report}");
}

#[test]
fn a_merge_that_a_full_disk_ended_can_be_done_again() {
    let place = parts();
    // As in `surviving`: a limit that the records and the predictions of some cells fit into.
    let script = format!("trap '' XFSZ; ulimit -f 8; exec {} merge a b --out both", env!("CARGO_BIN_EXE_fraudbench"));
    let output =
        std::process::Command::new("bash").args(["-c", &script]).current_dir(place.folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("both/records.jsonl"), "{said}");
    assert!((1..12).contains(&place.records("both").len()), "{}", place.records("both").len());
    place.expect(0, &["merge", "a", "b", "--out", "both"]);
    place.expect(0, &["merge", "a", "b", "--out", "at-once"]);
    assert_eq!(place.records("both"), place.records("at-once"));
    let kept = |out: &str| {
        let files = fs::read_dir(place.path(out).join("predictions")).unwrap();
        let mut sizes: Vec<_> =
            files.map(|file| file.unwrap()).map(|file| (file.file_name(), file.metadata().unwrap().len())).collect();
        sizes.sort();
        sizes
    };
    assert_eq!(kept("both"), kept("at-once"));
}

#[test]
fn predictions_that_a_full_disk_cut_are_not_taken_for_whole() {
    let place = Place::new(&csv(21_000), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "a", "--filter", "family=logistic-regression,scaler=standard"]);
    // Less than the scores of one cell.
    let script = format!("trap '' XFSZ; ulimit -f 12; exec {} merge a --out b", env!("CARGO_BIN_EXE_fraudbench"));
    let output =
        std::process::Command::new("bash").args(["-c", &script]).current_dir(place.folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("b/predictions/"), "{said}");
    place.expect(0, &["merge", "a", "--out", "b"]);
    for file in fs::read_dir(place.path("a/predictions")).unwrap() {
        let file = file.unwrap();
        let copy = place.path("b/predictions").join(file.file_name());
        assert_eq!(fs::read(copy).unwrap(), fs::read(file.path()).unwrap(), "{:?}", file.file_name());
    }
}

#[test]
fn a_cell_that_was_not_fitted_brings_the_scores_of_the_one_that_it_equals() {
    let place = Place::new(&csv(210), &STUDY.replace(r#""standard""#, r#""function""#));
    place.expect(0, &["run", "study.toml", "--out", "bare", "--filter", "scaler=none", "--predictions", "none"]);
    place.expect(0, &["run", "study.toml", "--out", "whole"]);
    let equal = place.records("whole").into_iter().filter(|r| r["equals"].is_string()).count();
    assert!(equal >= 9, "function is the identity: {equal}");
    place.expect(0, &["merge", "bare", "whole", "--out", "both"]);
    for record in place.records("both") {
        let key = record["equals"].as_str().or(record["key"].as_str()).unwrap();
        assert!(place.path("both/predictions").join(format!("{key}.parquet")).exists(), "{record}");
    }
}

#[test]
fn cells_whose_scores_contradict_each_other_are_counted_and_no_success() {
    let place = Place::new(&csv(210), STUDY);
    for out in ["a", "b"] {
        place.expect(0, &["run", "study.toml", "--out", out]);
    }
    place.edit_records("b", |record| {
        if record["classifier"] == "decision-tree" && record["scaler"] == "none" && record["fold"] != 0 {
            record["metrics"]["pr-auc"] = 0.5.into();
        }
    });
    let lost = "2 cells have no record now: what the parts have of them was left out; to run what is missing: fraudbench run \
                --resume both";
    for parts in [["a", "b"], ["b", "a"]] {
        let said = place.expect(1, &["merge", parts[0], parts[1], "--out", "both"]);
        assert!(said.contains("16 of 18 planned cells have one") && said.contains(lost), "{said}");
    }
    // What was never run is not lost.
    place.expect(0, &["run", "study.toml", "--out", "some", "--filter", "fold=0"]);
    place.expect(0, &["merge", "some", "--out", "part"]);
    place.expect(0, &["run", "--resume", "both"]);
    assert!(!place.expect(0, &["merge", "a", "--out", "both"]).contains("no record now"));
}

#[test]
fn runs_do_not_outvote_each_other_and_it_is_told_who_says_what() {
    let place = Place::new(&csv(210), STUDY);
    for out in ["a", "b", "c"] {
        place.expect(0, &["run", "study.toml", "--out", out]);
    }
    let mut known = String::new();
    place.edit_records("c", |record| {
        if record["classifier"] == "decision-tree" && record["scaler"] == "none" && record["fold"] != 0 {
            if record["fold"] == 1 {
                known = record["metrics"]["pr-auc"].as_f64().unwrap().to_string();
            }
            record["metrics"]["pr-auc"] = 0.5.into();
        }
    });
    let said = place.expect(1, &["merge", "a", "b", "c", "--out", "all"]);
    let warning = said.lines().find(|line| line.starts_with("warning: 2 cells")).unwrap_or_else(|| panic!("{said}"));
    let begin = "warning: 2 cells have one result in a and b, another in c; none counts, however many runs agree (the first is \
                 dedup=off ";
    let end = format!("fold=1: pr-auc is {known} in a and b, 0.5 in c)");
    assert!(warning.starts_with(begin) && warning.ends_with(&end), "{warning}");
    assert!(said.contains("16 of 18 planned cells have one") && said.contains("2 cells have no record now"), "{said}");
    // The report has both results, whoever they are of.
    let report = fs::read_to_string(place.path("all/report.md")).unwrap();
    assert!(report.contains(&format!("pr-auc is {known} and 0.5)")), "{report}");
    // In any order, and again: an equal result is no further vote.
    let said = place.expect(1, &["merge", "c", "b", "a", "--out", "turned"]);
    assert!(said.contains("2 cells have one result in c, another in b and a; none counts"), "{said}");
    let said = place.expect(1, &["merge", "b", "--out", "all"]);
    assert!(said.contains("0 records added; 16 of 18"), "{said}");
    assert!(said.contains("2 cells have one result in all and b, another in all; none counts"), "{said}");
    // A cell that was run again is decided by that, and told who is not heard.
    place.expect(0, &["run", "--resume", "all"]);
    let said = place.expect(0, &["merge", "c", "--out", "all"]);
    assert!(said.contains("2 cells have one result in all, another in all and c; the one in all counts"), "{said}");
}

#[test]
fn what_was_joined_before_is_told_once_and_with_the_place_of_its_names() {
    let place = Place::new(&csv(210), STUDY);
    for out in ["a", "b"] {
        place.expect(0, &["run", "study.toml", "--out", out, "--filter", "scaler=none"]);
    }
    place.expect(0, &["run", "study.toml", "--out", "more", "--filter", "scaler=standard"]);
    place.edit_records("b", |record| {
        if record["classifier"] == "decision-tree" && record["fold"] != 0 {
            record["metrics"]["pr-auc"] = 0.5.into();
        }
    });
    let said = place.expect(1, &["merge", "a", "b", "--out", "both"]);
    assert!(
        said.contains("2 cells have one result in a, another in b; none counts") && !said.contains("by name"),
        "{said}"
    );
    // Of neither result a part that is named now tells whose it is.
    let said = place.expect(1, &["merge", "more", "--out", "both"]);
    let warning = said.lines().find(|line| line.contains("2 cells have one result in both, another in both")).unwrap();
    assert!(warning.ends_with("; the runs by name are in both/report.md, under Contradicting runs"), "{said}");
    assert_eq!(said.matches("left out of both").count(), 1, "{said}");
    let report = fs::read_to_string(place.path("both/report.md")).unwrap();
    let named = report.lines().find(|line| line.starts_with("| Contradicting runs |")).unwrap();
    assert!(named.contains("one result in a, another in b"), "{named}");
}

#[test]
fn what_a_merge_cannot_read_of_its_parts_is_told() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "a"]);
    let lines = |said: &str| said.lines().filter(|line| line.contains("not what the run wrote")).count();
    assert_eq!(lines(&place.expect(0, &["merge", "a", "--out", "whole"])), 0);
    for file in fs::read_dir(place.path("a/predictions")).unwrap().map(|file| file.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().starts_with("rows-") {
            fs::remove_file(file).unwrap();
        }
    }
    let said = place.expect(0, &["merge", "a", "--out", "b"]);
    assert!(lines(&said) == 1 && said.contains("warning: b: Left out because the files kept of "), "{said}");
}

#[test]
fn runs_of_other_studies_or_data_do_not_merge() {
    let place = parts();
    place.write("other.toml", &STUDY.replace("seed = 5", "seed = 6"));
    place.expect(0, &["run", "other.toml", "--out", "c", "--filter", "family=prior"]);
    let said = place.expect(2, &["merge", "a", "c", "--out", "x"]);
    assert!(said.contains("a and c are runs of different studies"), "{said}");
    let way = "(they differ in seed): they do not merge; merge only runs of one study, or compare these: fraudbench compare a c\n";
    assert!(said.ends_with(way), "{said}");
    place.write("data.csv", &csv(217));
    place.expect(0, &["run", "study.toml", "--out", "d", "--filter", "family=prior"]);
    let said = place.expect(2, &["merge", "a", "d", "--out", "x"]);
    assert!(said.contains("different data"), "{said}");
    assert!(said.contains("(they differ in the features of data): they do not merge; run one of them again"), "{said}");
    assert!(
        said.ends_with(
            ", on the data of the other, with the same `[data]` in its study and the same version of fraudbench\n"
        ),
        "{said}"
    );
    assert!(!place.path("x").exists());
    place.expect(3, &["merge", "nowhere", "--out", "x"]);
}

#[test]
fn a_comment_in_the_study_keeps_no_runs_apart() {
    let place = Place::new(&csv(210), STUDY);
    place.write("told.toml", &format!("# as agreed\n{}", STUDY.replace("seed = 5", "seed  =  5 # as before")));
    place.expect(0, &["run", "study.toml", "--out", "a", "--filter", "scaler=none"]);
    place.expect(0, &["run", "told.toml", "--out", "b", "--filter", "scaler=standard"]);
    let said = place.expect(0, &["merge", "a", "b", "--out", "both"]);
    assert!(said.contains("18 records added; 18 of 18 planned cells have one"), "{said}");
    let said = place.expect(0, &["run", "--resume", "both"]);
    assert!(said.contains("0 of 18 cells to run"), "{said}");
    // Nor a shard from its plan.
    place.expect(0, &["submit", "study.toml", "--shards", "1", "--out", "plan"]);
    place.expect(0, &["run", "--plan", "plan", "--shard", "0/1"]);
    place.expect(0, &["run", "told.toml", "--resume", "plan/shard-0"]);
    place.expect(0, &["run", "--plan", "plan", "--shard", "0/1"]);
    let printed = place.printed(0, &["merge", "plan"]);
    assert!(printed.contains("18 cells in 1 shard: 18 scored, 0 failed, 0 missing"), "{printed}");
}

#[test]
fn the_baseline_stands_in_for_a_missing_cell_only_when_asked() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let log = place.path("out/records.jsonl");
    let is_lost =
        |line: &&str| line.contains(r#""scaler":"standard","classifier":"decision-tree","repeat":0,"fold":2"#);
    let text = fs::read_to_string(&log).unwrap();
    assert_eq!(text.lines().filter(is_lost).count(), 1);
    fs::write(&log, text.lines().filter(|line| !is_lost(line)).map(|line| format!("{line}\n")).collect::<String>())
        .unwrap();
    let row = |out: &str| -> Vec<String> {
        let table = fs::read_to_string(place.path(out).join("leaderboard.csv")).unwrap();
        let header: Vec<&str> = table.lines().next().unwrap().split(',').collect();
        let line = table.lines().find(|line| line.contains("standard,none,decision-tree")).unwrap();
        let values: Vec<&str> = line.split(',').collect();
        let of = |name: &str| values[header.iter().position(|column| *column == name).unwrap()].to_owned();
        ["rank", "n_planned", "n_scored", "n_failed", "n_missing", "n_used", "n_imputed"].map(of).into()
    };
    place.expect(0, &["report", "out", "--out", "plain"]);
    assert_eq!(row("plain")[0], "", "not ranked");
    place.expect(0, &["report", "out", "--impute-baseline", "--out", "imputed"]);
    assert_eq!(row("imputed")[1..], ["3", "2", "0", "1", "3", "1"]);
    assert_ne!(row("imputed")[0], "");
    let report = fs::read_to_string(place.path("imputed/report.md")).unwrap();
    assert!(report.contains("| 2/3, 1 imputed |") && report.contains("the baseline `prior` stand in"), "{report}");
    // Nor has a pipeline that a filter left two folds, whose records are all there, a score on the third.
    let filter = "scaler=standard,family=prior;scaler=standard,family=decision-tree,fold=0,fold=1;scaler=none,fold=0";
    place.expect(0, &["run", "study.toml", "--out", "fewer", "--filter", filter]);
    place.expect(0, &["report", "fewer", "--out", "plain"]);
    assert_eq!(row("plain"), ["", "2", "2", "0", "0", "2", "0"]);
    let output = place.run(&["report", "fewer", "--impute-baseline", "--out", "imputed"]);
    assert_eq!(row("imputed")[1..], ["2", "2", "0", "0", "3", "1"]);
    assert_ne!(row("imputed")[0], "");
    // The baseline without a scaler has one fold itself, so that nothing stands in there, and that is said.
    let sentence = "3 pipelines are not ranked, because they lack scores, and so does the baseline `prior` with the same other steps.";
    let report = fs::read_to_string(place.path("imputed/report.md")).unwrap();
    assert!(report.contains(sentence), "{report}");
    let printed = String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(printed.contains(sentence), "{printed}");
    place.expect(0, &["run", "study.toml", "--out", "bare", "--filter", "family=decision-tree"]);
    let said = place.expect(2, &["report", "bare", "--impute-baseline"]);
    assert!(said.contains("no scored cell of the baseline `prior`"), "{said}");
}

#[test]
fn pipelines_of_unequal_folds_are_not_ranked_together() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "whole"]);
    place.expect(0, &["run", "study.toml", "--out", "some", "--filter", "scaler=standard;fold=2"]);
    place.expect(0, &["run", "study.toml", "--out", "one", "--filter", "fold=2"]);
    place.expect(0, &["run", "study.toml", "--out", "scaled", "--filter", "scaler=standard"]);
    place.expect(0, &["merge", "one", "scaled", "--out", "merged"]);
    let ranks = |out: &str| -> Vec<(String, String)> {
        let table = fs::read_to_string(place.path(out).join("leaderboard.csv")).unwrap();
        let header: Vec<&str> = table.lines().next().unwrap().split(',').collect();
        let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
        let of = |line: &str, name: &str| line.split(',').nth(at(name)).unwrap().to_owned();
        table.lines().skip(1).map(|line| (of(line, "scaler"), of(line, "rank"))).collect()
    };
    for out in ["some", "merged"] {
        let ranks = ranks(out);
        assert_eq!(ranks.len(), 6);
        assert!(ranks.iter().all(|(scaler, rank)| rank.is_empty() == (scaler == "none")), "{ranks:?}");
    }
    // On one fold alone all have what there is.
    assert!(ranks("one").iter().all(|(_, rank)| !rank.is_empty()));
    let best = |out: &str| {
        let said = place.run(&["compare", "whole", out, "--fail-on", "regression", "--fail-under", "pr-auc=0.999"]);
        assert_eq!(said.status.code(), Some(1));
        String::from_utf8(said.stdout).unwrap()
    };
    // Neither what was left out nor a mean over fewer folds passes a gate.
    let said = best("some");
    assert!(said.contains("prior · none: 2 cells not run") && said.contains("not reached: the best is"), "{said}");
    let reached = said.lines().find(|line| line.contains("not reached")).unwrap();
    assert!(reached.contains("standard"), "{reached}");
    let said = place.expect(2, &["compare", "whole", "some", "--fail-on", "regression", "--filter", "fold=2"]);
    assert!(said.contains("a gate judges pipelines over all folds, so `fold` has no place here"), "{said}");
}

#[test]
fn what_a_run_made_is_not_merged_into() {
    let place = parts();
    place.expect(0, &["submit", "study.toml", "--shards", "1", "--out", "plan"]);
    place.expect(0, &["run", "--plan", "plan", "--shard", "0/1"]);
    for (out, merge) in [
        ("whole", &["merge", "b", "--out", "whole"][..]),
        ("plan/shard-0", &["merge", "plan", "--out", "plan/shard-0"]),
    ] {
        let manifest = fs::read_to_string(place.path(out).join("manifest.toml")).unwrap();
        let said = place.expect(2, merge);
        let sentence =
            format!("--out {out}: a run made it, and `merge` adds only to what it made itself: choose another --out");
        assert!(said.contains(&sentence), "{said}");
        assert_eq!(fs::read_to_string(place.path(out).join("manifest.toml")).unwrap(), manifest);
    }
    // What was gone on with is still what `merge` made.
    place.expect(0, &["merge", "b", "--out", "more"]);
    place.expect(0, &["run", "--resume", "more"]);
    place.expect(0, &["merge", "b", "--out", "more"]);
    // Also where the program's name is quoted in the manifest.
    let program = place.path("fraud bench");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fraudbench"), &program).unwrap();
    for _ in 0..2 {
        let mut merge = std::process::Command::new(&program);
        let output = merge.args(["merge", "b", "--out", "named"]).current_dir(place.folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_names_of_runs_that_contradict_each_other_stay_in_the_report() {
    let place = Place::new(&csv(210), STUDY);
    for out in ["a", "b", "c"] {
        place.expect(0, &["run", "study.toml", "--out", out, "--filter", "scaler=none"]);
    }
    let mut known = String::new();
    place.edit_records("c", |record| {
        if record["classifier"] == "decision-tree" && record["fold"] != 0 {
            if record["fold"] == 1 {
                known = record["metrics"]["pr-auc"].as_f64().unwrap().to_string();
            }
            record["metrics"]["pr-auc"] = 0.5.into();
        }
    });
    place.expect(1, &["merge", "a", "b", "c", "--out", "all"]);
    let begin = "2 cells have one result in a and b, another in c (the first is dedup=off ";
    let end = format!("fold=1: pr-auc is {known} in a and b, 0.5 in c)");
    let told = |out: &str| {
        let report = fs::read_to_string(place.path(out).join("report.md")).unwrap();
        let lines = report.lines().filter(|line| line.starts_with("| Contradicting runs |"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let is_told = |out: &str| {
        let lines = told(out);
        assert!(lines.len() == 1 && lines[0].contains(begin) && lines[0].contains(&end), "{out}: {lines:?}");
    };
    is_told("all");
    let page = fs::read_to_string(place.path("all/report.html")).unwrap();
    assert!(page.contains(begin), "the page has them too");
    // Merged again, run again, reported again, and as a part of another merge.
    place.expect(1, &["merge", "c", "--out", "all"]);
    is_told("all");
    place.expect(0, &["run", "--resume", "all"]);
    is_told("all");
    place.expect(0, &["merge", "a", "b", "c", "--out", "all"]);
    place.expect(0, &["report", "all"]);
    is_told("all");
    place.expect(0, &["merge", "all", "--out", "outer"]);
    is_told("outer");
    place.expect(0, &["merge", "a", "b", "--out", "same"]);
    assert!(told("same").is_empty());
}

#[test]
fn the_help_says_how_resume_and_merge_go_together_and_it_is_so() {
    let place = parts();
    let help = place.printed(0, &["merge", "--help"]).split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "`fraudbench run --resume DIR` runs, in DIR itself, the cells without a result that counts",
        "Where a part was resumed instead (`fraudbench run --resume PART`), merge it into DIR again",
    ] {
        assert!(help.contains(said), "{help}");
    }
    place.expect(1, &["merge", "a", "--out", "both"]);
    place.expect(0, &["run", "--resume", "a", "--retry-failed"]);
    let said = place.expect(0, &["merge", "a", "--out", "both"]);
    assert!(said.contains("1 record added; 9 of 9 planned cells have one"), "{said}");
}
