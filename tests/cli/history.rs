//! `fraudbench history`, and the gate night after night: thirty nights with one planted regression.

use std::path::Path;

use crate::{Place, STUDY, csv, time_out};

/// Nights of one real run whose scores scatter as other seeds would make them; from the night `planted` on the decision tree without a
/// scaler is worse.
struct Nights {
    place: Place,
    log: Vec<serde_json::Value>,
    manifest: String,
}

const DAY: u64 = 86_400;
/// 2026-10-01 02:00 UTC.
const FIRST: u64 = 1_790_820_000;

impl Nights {
    fn new() -> Self {
        let study = STUDY.replace("folds = 3", "folds = 5");
        let place = Place::new(&csv(210), &study);
        place.expect(0, &["run", "study.toml", "--out", "real", "--predictions", "none"]);
        let log = std::fs::read_to_string(place.path("real/records.jsonl")).unwrap();
        let manifest = std::fs::read_to_string(place.path("real/manifest.toml")).unwrap();
        Nights { log: log.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), manifest, place }
    }

    /// The name of a night, the first of them being number 1.
    fn name(number: u64) -> String {
        if number <= 31 { format!("2026-10-{number:02}.1") } else { format!("2026-11-{:02}.1", number - 31) }
    }

    fn add(&self, number: u64, planted: u64) {
        let folder = self.place.path("nights").join(Self::name(number));
        std::fs::create_dir_all(&folder).unwrap();
        let begun = self.manifest.lines().find(|line| line.starts_with("started_unix")).unwrap();
        let started = format!("started_unix = {}", FIRST + DAY * (number - 1));
        std::fs::write(folder.join("manifest.toml"), self.manifest.replace(begun, &started)).unwrap();
        let line = |(nth, record): (usize, &serde_json::Value)| {
            let mut record = record.clone();
            // Any draws will do, as long as they are the same every time.
            let draw = ((number * 7_919 + nth as u64 * 104_729) * 2_654_435_761 % 1_000_003) as f64 / 1_000_003.0;
            let is_worse = number >= planted && record["classifier"] == "decision-tree" && record["scaler"] == "none";
            let area = record["metrics"]["pr-auc"].as_f64().unwrap();
            // Not below what the counts of alarms and hits allow is no matter here: the area is not told by them.
            record["metrics"]["pr-auc"] = (area * 0.8 + 0.02 * draw - if is_worse { 0.08 } else { 0.0 }).into();
            record["seconds"]["fit"] = (1.0 + 0.1 * draw).into();
            format!("{record}\n")
        };
        std::fs::write(folder.join("records.jsonl"), self.log.iter().enumerate().map(line).collect::<String>())
            .unwrap();
    }

    fn last_line(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.place.run(arguments);
        let (text, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}{said}");
        text.lines().last().unwrap().to_owned()
    }
}

#[test]
fn thirty_nights_with_one_planted_regression() {
    let nights = Nights::new();
    let mut found = None;
    for number in 1..=30 {
        nights.add(number, 21);
        let night = format!("nights/{}", Nights::name(number));
        let gate = ["compare", "nights", &night, "--fail-on", "regression"];
        if number < 21 {
            let line = nights.last_line(0, &gate);
            assert!(line.starts_with("GATE passed: "), "{number}: {line}");
        } else if found.is_none() {
            let line = nights.last_line(1, &gate);
            assert!(line.starts_with("GATE failed: 1 regression (decision-tree · none: pr-auc from "), "{line}");
            found = Some(number);
        }
    }
    assert_eq!(found, Some(21));
    let wanted = ["history", "nights", "--fail-on", "regression", "--json", "history.json"];
    let line = nights.last_line(1, &wanted);
    assert!(
        line.starts_with("HISTORY worse: 30 runs of 6 pipelines, 1 regression (decision-tree · none: pr-auc from "),
        "{line}"
    );
    assert!(line.ends_with(" since 2026-10-21.1 (2026-10-21 02:00 UTC))"), "{line}");
    let read = |name: &str| std::fs::read_to_string(nights.place.path(name)).unwrap();
    let told: serde_json::Value = serde_json::from_str(&read("history.json")).unwrap();
    assert_eq!(told["regressions"][0]["first_bad_run"], "nights/2026-10-21.1");
    assert_eq!((told["regressions"].as_array().unwrap().len(), told["series"].as_array().unwrap().len()), (1, 18));
    // One file that needs nothing else.
    let page = read("nights/history.html");
    assert!(page.contains("First bad run: nights/2026-10-21.1, 2026-10-21 02:00 UTC") && page.contains("<svg"));
    assert!(!page.contains("<script") && !page.contains("src="));
    // It tells; it fails only where it is asked to.
    nights.last_line(0, &["history", "nights"]);
    nights.last_line(0, &["history", "nights", "--fail-on", "regression", "--filter", "scaler=standard"]);
    nights.last_line(0, &["history", "nights", "--fail-on", "regression", "--threshold", "0.2"]);
}

#[test]
fn what_is_no_history_is_told() {
    let nights = Nights::new();
    let said = |code: i32, arguments: &[&str]| nights.place.expect(code, &[&["history"], arguments].concat());
    assert!(said(3, &["nowhere"]).contains("not a results directory"));
    assert!(said(2, &["real", "real"]).contains("is named twice"));
    assert!(said(2, &["real", "--metric", "pr-acu"]).contains("did you mean `pr-auc`?"));
    assert!(said(2, &["real", "--filter", "classifier=svc"]).contains("no pipeline passes `classifier=svc`"));
    (1..=3).for_each(|number| nights.add(number, 99));
    // An unfinished night is left out, and said.
    let log = nights.place.path("nights").join(Nights::name(2)).join("records.jsonl");
    std::fs::write(log, "").unwrap();
    let warned = said(0, &["nights", "--page", "elsewhere.html"]);
    assert!(warned.contains("1 unfinished night of nights left out: nights/2026-10-02.1"), "{warned}");
    assert!(nights.place.path("elsewhere.html").is_file() && !Path::exists(&nights.place.path("nights/history.html")));
}

#[test]
fn of_too_few_nights_nothing_is_told_though_the_scores_collapse() {
    let nights = Nights::new();
    // Of six pipelines one varies: the tree without a scaler falls from 0.7 to 0.1 in the middle.
    let add = |number: u64, value: f64| {
        nights.add(number, 99);
        nights.place.edit_records(&format!("nights/{}", Nights::name(number)), |record| {
            let is_planted = record["classifier"] == "decision-tree" && record["scaler"] == "none";
            record["metrics"]["pr-auc"] = if is_planted { value } else { 0.5 }.into();
            record["seconds"]["fit"] = 1.0.into();
        });
    };
    (1..=3).for_each(|number| add(number, 0.7));
    (4..=6).for_each(|number| add(number, 0.1));
    let wanted = ["history", "nights", "--fail-on", "regression", "--json", "history.json"];
    let text = nights.place.printed(0, &wanted);
    let untold = "nothing can be told yet of 1 of 18 series: a change can be told from 9 runs on";
    assert!(text.trim_end().ends_with(&format!("HISTORY undecided: 6 runs of 6 pipelines, {untold}")), "{text}");
    assert!(!text.contains("Nothing changed") && text.contains("0.7000") && text.contains("0.1000"), "{text}");
    let page = std::fs::read_to_string(nights.place.path("nights/history.html")).unwrap();
    assert!(page.contains(&format!("Undecided: 6 runs of 6 pipelines, {untold}")) && !page.contains("Clean"), "{page}");
    let told = std::fs::read_to_string(nights.place.path("history.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let short: Vec<_> = told["series"].as_array().unwrap().iter().filter(|one| one["too_short"] == true).collect();
    assert!(told["runs_needed"] == 9 && short.len() == 1, "{told}");
    assert!(short[0]["classifier"] == "decision-tree" && short[0]["measure"] == "pr-auc", "{told}");
    // Five before and five after: 6 of 252 orders explain as much.
    (4..=5).for_each(|number| add(number, 0.7));
    (7..=10).for_each(|number| add(number, 0.1));
    let line = nights.last_line(1, &wanted);
    let start = "HISTORY worse: 10 runs of 6 pipelines, 1 regression (decision-tree · none: pr-auc from 0.7000 to 0.1000 since ";
    assert!(line.starts_with(start) && line.ends_with(" UTC))"), "{line}");
}

#[test]
fn a_night_that_lacks_folds_is_no_point_of_its_pipelines() {
    let nights = Nights::new();
    (1..=6).for_each(|number| nights.add(number, 99));
    // Of two nights in a row one fold of the tree is there: their means are of that fold, and no change.
    for number in [5, 6] {
        nights.place.edit_records(&format!("nights/{}", Nights::name(number)), |record| {
            if record["classifier"] == "decision-tree" && record["fold"] != 0 {
                time_out(record);
            }
        });
    }
    nights.place.expect(0, &["history", "nights", "--json", "history.json"]);
    let told = std::fs::read_to_string(nights.place.path("history.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    for series in told["series"].as_array().unwrap() {
        let points = series["points"].as_array().unwrap();
        let wanted = if series["classifier"] == "decision-tree" { 4 } else { 6 };
        assert!(points.len() == wanted && points.iter().all(|point| point["splits"] == 5), "{series}");
    }
    let note = "left out for pipelines of which they have fewer folds than other runs: nights/2026-10-05.1, nights/2026-10-06.1";
    assert_eq!(told["notes"], serde_json::json!([note]));
}

#[test]
fn the_history_is_told_where_its_page_cannot_be_written() {
    let nights = Nights::new();
    (1..=3).for_each(|number| nights.add(number, 99));
    // A place that nobody can write to, whatever he may do.
    std::os::unix::fs::symlink("/proc/self/status", nights.place.path("nights/history.html")).unwrap();
    let line = nights.last_line(2, &["history", "nights", "--threshold", "0.05", "--json", "history.json"]);
    assert!(line.starts_with("HISTORY clean: 3 runs of 6 pipelines"), "{line}");
    assert!(nights.place.path("history.json").is_file());
    let said = nights.place.expect(2, &["history", "nights"]);
    assert!(said.contains("cannot write nights/history.html"), "{said}");
    assert!(said.trim_end().ends_with("; name another place with `--page FILE`"), "{said}");
    // Who named the place knows how.
    let said = nights.place.expect(2, &["history", "nights", "--page", "nights/history.html"]);
    assert!(!said.contains("`--page FILE`"), "{said}");
}

#[test]
fn pipelines_of_which_no_cell_is_scored_are_told_from_pipelines_that_are_not_there() {
    let nights = Nights::new();
    nights.place.edit_records("real", |record| {
        if record["classifier"] == "decision-tree" {
            time_out(record);
        }
    });
    let said = nights.place.expect(2, &["history", "real", "--filter", "classifier=decision-tree"]);
    let wanted = "no run has a value of a pipeline that passes `classifier=decision-tree`: no cell is scored";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn pipelines_that_the_newest_run_lacks_and_runs_that_share_none_are_told() {
    let place = Place::new(&csv(60), STUDY);
    let other = STUDY.replace("[\"prior\", \"decision-tree\", \"logistic-regression\"]", "[\"gaussian-nb\"]");
    place.write("other.toml", &other.replace("\"small\"", "\"other\""));
    let run = |study: &str, out: &str, filter: &str| {
        place.expect(0, &["run", study, "--out", out, "--predictions", "none", "--filter", filter]);
    };
    run("study.toml", "first", "scaler=none");
    run("study.toml", "second", "scaler=none,classifier=prior,classifier=decision-tree");
    run("other.toml", "other", "scaler=none");
    run("study.toml", "third", "scaler=none,classifier=prior");
    // Runs of one second are in the order in which they are named.
    let named = ["history", "first", "second", "other", "third", "--json", "history.json", "--page", "history.html"];
    let said = place.printed(0, &named);
    let gone = "not followed, as the newest run lacks them: decision-tree (last in second), logistic-regression (last in first).";
    let left_out = "left out, as they have no pipeline of the newest run: other.";
    assert!(said.contains(gone) && said.contains(left_out), "{said}");
    assert!(said.trim_end().ends_with("HISTORY clean: 3 runs of 1 pipeline, nothing is worse than it was"), "{said}");
    let page = std::fs::read_to_string(place.path("history.html")).unwrap();
    assert!(page.contains(gone) && page.contains(left_out));
    let told = std::fs::read_to_string(place.path("history.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let lasted = |at: usize| [&told["gone"][at]["classifier"], &told["gone"][at]["last_run"]];
    assert_eq!([lasted(0), lasted(1)], [["decision-tree", "second"], ["logistic-regression", "first"]]);
    assert_eq!(told["gone"].as_array().unwrap().len(), 2);
    // What a filter leaves out is not asked for.
    let few = [&named[..], &["--filter", "classifier=prior"]].concat();
    assert!(!place.printed(0, &few).contains("not followed"));
}

#[test]
fn runs_without_the_metric_that_is_followed_are_told() {
    let place = Place::new(&csv(60), STUDY);
    place.write("few.toml", &STUDY.replace("[data]", "metrics = [\"pr-auc\"]\n[data]"));
    for (study, out) in [("few.toml", "first"), ("study.toml", "second")] {
        place.expect(0, &["run", study, "--out", out, "--predictions", "none", "--filter", "classifier=decision-tree"]);
    }
    let said = place.printed(0, &["history", "first", "second", "--metric", "mcc", "--page", "history.html"]);
    assert!(said.contains("without a point of mcc, which they do not have: first."), "{said}");
}

#[test]
fn a_pipeline_that_has_come_back_in_part_is_still_worse_than_it_was() {
    let nights = Nights::new();
    // Twelve nights as ever, twelve with 0.08 less, and twelve with half of that.
    (1..=36).for_each(|number| nights.add(number, 13));
    let rise = |by: f64| {
        for number in 25..=36 {
            nights.place.edit_records(&format!("nights/{}", Nights::name(number)), |record| {
                if record["classifier"] == "decision-tree" && record["scaler"] == "none" {
                    record["metrics"]["pr-auc"] = (record["metrics"]["pr-auc"].as_f64().unwrap() + by).into();
                }
            });
        }
    };
    rise(0.04);
    let wanted = ["history", "nights", "--fail-on", "regression", "--json", "history.json"];
    let line = nights.last_line(1, &wanted);
    assert!(
        line.starts_with("HISTORY worse: 36 runs of 6 pipelines, 1 regression (decision-tree · none: pr-auc from "),
        "{line}"
    );
    assert!(line.contains(" since 2026-10-13.1 (2026-10-13 02:00 UTC), now 0."), "{line}");
    let told = std::fs::read_to_string(nights.place.path("history.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let one = &told["regressions"][0];
    let value = |key: &str| one[key].as_f64().unwrap();
    assert!(
        (value("now") - value("after") - 0.04).abs() < 0.01 && (value("before") - value("now") - 0.04).abs() < 0.01,
        "{one}"
    );
    // All the way back.
    rise(0.04);
    let line = nights.last_line(0, &wanted);
    assert_eq!(line, "HISTORY clean: 36 runs of 6 pipelines, nothing is worse than it was");
}

#[test]
fn a_night_of_a_day_to_come_is_told_and_is_not_the_newest() {
    let nights = Nights::new();
    (1..=20).for_each(|number| nights.add(number, 11));
    let history = ["history", "nights", "--fail-on", "regression"];
    let line = nights.last_line(1, &history);
    assert!(line.starts_with("HISTORY worse: 20 runs of 6 pipelines, 1 regression (decision-tree"), "{line}");
    // A clean one, of a clock that was wrong, which began after all others.
    nights.add(45, 99);
    let of = |name: &str| nights.place.path("nights").join(name);
    std::fs::rename(of(&Nights::name(45)), of("2999-01-01.1")).unwrap();
    assert_eq!(nights.last_line(1, &history), line);
    let said = nights.place.expect(1, &history);
    assert!(said.starts_with("warning: nights/2999-01-01.1 is of a day after today, "), "{said}");
    assert!(said.ends_with(", and is left out: move it away\n"), "{said}");
    // Named by itself it was asked for; where there is no other, it cannot be left out.
    nights.last_line(0, &["history", "nights/2999-01-01.1"]);
    (1..=20).for_each(|number| std::fs::remove_dir_all(of(&Nights::name(number))).unwrap());
    let said = nights.place.expect(3, &history);
    assert!(said.starts_with("fraudbench: all nights of nights are of days after today, "), "{said}");
}
