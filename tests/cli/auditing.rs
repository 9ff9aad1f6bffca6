use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{Place, csv};

/// A hold-out study with a scaler and a resampler for the leaks to act through.
const STUDY: &str = r#"
name = "small"
seed = 5
metrics = ["recall", "f1", "pr-auc", "accuracy"]
[data]
path = "data.csv"
[protocol]
kind = "hold-out"
test = 0.3
[grid]
dedup = true
resamplers = ["tomek-links"]
scalers = ["none", "standard"]
classifiers = ["decision-tree", "logistic-regression"]
"#;

const LEAKS: [&str; 4] =
    ["scaler-on-all-rows", "resample-before-split", "duplicates-across-split", "trained-on-another-split"];

/// Noisy rows, the first fifty of them twice.
fn with_duplicates() -> String {
    let mut text = csv(400);
    let again: Vec<String> = text.lines().skip(1).take(50).map(str::to_owned).collect();
    again.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    text
}

fn protocols() -> BTreeSet<String> {
    let alone = LEAKS.iter().chain(&["judged-on-training-rows"]).map(|leak| format!("hold-out+{leak}"));
    ["hold-out".to_owned(), format!("hold-out+{}", LEAKS.join("+"))].into_iter().chain(alone).collect()
}

/// Records by protocol, scaler, classifier and repeat.
fn by_cell(records: &[Value]) -> BTreeMap<(String, String, String, u64), Value> {
    let text = |r: &Value, key: &str| r[key].as_str().unwrap().to_owned();
    let cell = |r: &Value| {
        let repeat = r["repeat"].as_u64().unwrap();
        ((text(r, "protocol"), text(r, "scaler"), text(r, "classifier"), repeat), r.clone())
    };
    records.iter().map(cell).collect()
}

#[test]
fn an_audit_leaves_records_under_their_protocols_and_a_ladder() {
    let place = Place::new(&with_duplicates(), STUDY);
    place.expect(0, &["audit", "study.toml", "--seeds", "3", "--out", "out"]);
    let records = place.records("out");
    assert_eq!(records.len(), 7 * 3 * 4);
    assert!(records.iter().all(|r| r["outcome"] == "scored"));
    let seen: BTreeSet<String> = records.iter().map(|r| r["protocol"].as_str().unwrap().to_owned()).collect();
    assert_eq!(seen, protocols());
    for file in ["audit.md", "audit.csv", "inspection.md", "report.md", "charts/ladder.svg", "charts/ladder.png"] {
        assert!(place.path("out").join(file).metadata().unwrap().len() > 100, "{file}");
    }
    let read = |file: &str| std::fs::read_to_string(place.path("out").join(file)).unwrap();
    let (audit, chart) = (read("audit.md"), read("charts/ladder.svg"));
    for leak in LEAKS {
        assert!(audit.contains(&format!("`hold-out+{leak}`")) && chart.contains(leak), "{leak}");
    }
    // Two families each with and without a scaler for a leak to act through.
    let together = |words: &str| audit.matches(&format!("{words} leaks together make it")).count();
    assert_eq!((together("Four"), together("Three")), (2, 2), "{audit}");
    // Four pipelines, seven protocols, four metrics, and the header.
    assert_eq!(read("audit.csv").lines().count(), 4 * 7 * 4 + 1);
    // The field's eight kinds, each with what was priced, or why not.
    for said in [
        "| L1.2 pre-processing on training and test set | `scaler-on-all-rows` ",
        "| L3.3 sampling bias",
        "not priced: nothing selects",
    ] {
        assert!(audit.contains(said), "{said}: {audit}");
    }
    // Nothing that leaks is ranked.
    assert_eq!(read("leaderboard.csv").lines().count(), 5);
    assert!(!read("leaderboard.csv").contains('+'));
    assert_eq!(read("cells.csv").lines().count(), 85);
    assert!(read("inspection.md").contains("| clean | identical-rows |"), "{}", read("inspection.md"));
}

#[test]
fn each_leak_does_what_it_must() {
    let place = Place::new(&with_duplicates(), STUDY);
    place.expect(0, &["audit", "study.toml", "--seeds", "3", "--out", "out"]);
    let records = by_cell(&place.records("out"));
    let of = |leak: &str, scaler: &str, classifier: &str, repeat: u64| {
        let protocol = if leak.is_empty() { "hold-out".to_owned() } else { format!("hold-out+{leak}") };
        &records[&(protocol, scaler.to_owned(), classifier.to_owned(), repeat)]
    };
    let count = |r: &Value, key: &str| r[key].as_u64().unwrap();
    for repeat in 0..3 {
        let honest = of("", "standard", "logistic-regression", repeat);
        assert_eq!(count(honest, "train_rows") + count(honest, "removed_rows") + count(honest, "test_rows"), 400);
        // The scaler alone: other values on the same rows. Without a scaler, bit for bit the same input.
        let scaler = of("scaler-on-all-rows", "standard", "logistic-regression", repeat);
        assert_ne!(scaler["input"], honest["input"]);
        assert_eq!(count(scaler, "test_rows"), count(honest, "test_rows"));
        let without = of("scaler-on-all-rows", "none", "decision-tree", repeat);
        let unscaled = of("", "none", "decision-tree", repeat);
        assert_eq!((&without["input"], &without["metrics"]), (&unscaled["input"], &unscaled["metrics"]));
        assert_eq!(without["equals"], unscaled["key"]);
        // The resampler: test rows are missing.
        let resampled = of("resample-before-split", "none", "decision-tree", repeat);
        assert!(count(resampled, "test_rows") < count(unscaled, "test_rows"));
        // Duplicates: fifty more rows in all.
        let twice = of("duplicates-across-split", "none", "decision-tree", repeat);
        assert_eq!(count(twice, "train_rows") + count(twice, "removed_rows") + count(twice, "test_rows"), 450);
        // Another split: a full tree knows most of the test rows by heart.
        let elsewhere = of("trained-on-another-split", "none", "decision-tree", repeat);
        let recall = |r: &Value| r["metrics"]["recall"].as_f64().unwrap();
        assert_eq!(count(elsewhere, "test_rows"), count(unscaled, "test_rows"));
        assert!(recall(elsewhere) > recall(unscaled), "{} {}", recall(elsewhere), recall(unscaled));
    }
}

#[test]
fn the_honest_cells_of_an_audit_are_those_of_a_run() {
    let place = Place::new(&with_duplicates(), STUDY);
    place.expect(0, &["audit", "study.toml", "--seeds", "2", "--out", "audited"]);
    place.expect(0, &["run", "study.toml", "--out", "run"]);
    let audited = by_cell(&place.records("audited"));
    let run = by_cell(&place.records("run"));
    assert_eq!(run.len(), 4);
    for (cell, record) in run {
        for what in ["input", "metrics", "confusion", "train_rows", "test_rows", "seed"] {
            assert_eq!(record[what], audited[&cell][what], "{cell:?} {what}");
        }
    }
}

#[test]
fn a_stopped_audit_goes_on_and_report_makes_it_again() {
    let place = Place::new(&with_duplicates(), STUDY);
    place.expect(0, &["audit", "study.toml", "--seeds", "2", "--family", "decision-tree", "--out", "out"]);
    let whole = place.records("out");
    assert_eq!(whole.len(), 7 * 2 * 2);
    let log = place.path("out/records.jsonl");
    let lines = std::fs::read_to_string(&log).unwrap();
    let first: Vec<&str> = lines.lines().take(9).collect();
    std::fs::write(&log, format!("{}\n", first.join("\n"))).unwrap();
    let audit = std::fs::read(place.path("out/audit.csv")).unwrap();
    // An audit keeps no predictions.
    place.expect(0, &["run", "--resume", "out", "--predictions", "none"]);
    assert_eq!(place.records("out"), whole);
    assert_eq!(std::fs::read(place.path("out/audit.csv")).unwrap(), audit);
    place.expect(0, &["report", "out", "--out", "again"]);
    assert_eq!(std::fs::read(place.path("again/audit.csv")).unwrap(), audit);
    let pictures = ["out", "again"].map(|to| std::fs::read(place.path(to).join("charts/ladder.png")).unwrap());
    assert_eq!(pictures[0], pictures[1]);
}

#[test]
fn k_fold_splits_are_audited_too() {
    let study = STUDY.replace("kind = \"hold-out\"\ntest = 0.3", "kind = \"stratified-k-fold\"\nfolds = 3");
    let place = Place::new(&with_duplicates(), &study);
    let filter = "scaler=standard,family=logistic-regression";
    place.expect(0, &["audit", "study.toml", "--seeds", "2", "--filter", filter, "--out", "out"]);
    let records = place.records("out");
    assert_eq!(records.len(), 7 * 6);
    let tested = |protocol: &str| -> u64 {
        let of = records.iter().filter(|r| r["protocol"] == protocol && r["repeat"] == 1);
        of.map(|r| r["test_rows"].as_u64().unwrap()).sum()
    };
    assert_eq!(tested("stratified-k-fold"), 400);
    assert_eq!(tested("stratified-k-fold+duplicates-across-split"), 450);
}

#[test]
fn a_leaky_study_says_so_in_every_title() {
    let study = STUDY.replace("test = 0.3", "test = 0.3\nleaks = [\"trained-on-another-split\"]");
    let place = Place::new(&with_duplicates(), &study);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let name = "hold-out+trained-on-another-split";
    assert!(place.records("out").iter().all(|r| r["protocol"] == name));
    for file in ["report.md", "charts/heatmap.svg", "leaderboard.csv", "cells.csv"] {
        let text = std::fs::read_to_string(place.path("out").join(file)).unwrap();
        assert!(text.contains(name), "{file}");
    }
    let audit = std::fs::read_to_string(place.path("out/audit.md")).unwrap();
    assert!(audit.contains("nothing to compare") && !audit.contains("| honest |"), "{audit}");
    let listed = String::from_utf8(place.run(&["list", "study.toml", "--cells"]).stdout).unwrap();
    assert_eq!(listed.matches(&format!("protocol={name} dedup=on")).count(), 4, "{listed}");
}

#[test]
fn what_is_no_protocol_is_told_with_the_nearest_one() {
    let place = Place::new(&with_duplicates(), STUDY);
    for (leaks, grid, told) in [
        ("leaks = ['tomek-before-split']", "dedup = true", "did you mean `resample-before-split`"),
        ("leaks = ['scaler-on-all-rows', 'scaler-on-all-rows']", "dedup = true", "each at most once"),
        ("leaks = ['scaler-on-all-rows']", "dedup = [false, true]", "goes with `dedup = true`"),
        ("leak = ['scaler-on-all-rows']", "dedup = true", "did you mean `leaks`"),
    ] {
        let study = STUDY.replace("test = 0.3", &format!("test = 0.3\n{leaks}")).replace("dedup = true", grid);
        place.write("study.toml", &study);
        let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
        assert!(said.contains(told), "{leaks}: {said}");
    }
    let ordered = STUDY.replace("kind = \"hold-out\"", "kind = \"time-ordered\"\ncolumn = \"a\"");
    place.write("study.toml", &ordered);
    assert!(place.expect(2, &["audit", "study.toml"]).contains("--inspect"));
    assert!(!place.path("runs").exists());
}

#[test]
fn an_inspection_fits_nothing_and_writes_nothing() {
    let study = STUDY.replace("dedup = true", "dedup = [false, true]");
    let mut data = String::from("Time,disguise,b,label\n");
    for i in 0..200 {
        let positive = u8::from(i % 7 == 3);
        // The first eighty rows are pairs of equal ones.
        let row = if i < 80 { i / 14 * 7 + i % 7 } else { i };
        data.push_str(&format!("{row},{},{},{positive}\n", f64::from(positive) * 9.0, row * 7919 % 997));
    }
    let place = Place::new(&data, &study);
    let output = place.run(&["audit", "study.toml", "--inspect"]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("leak: identical-rows: with duplicates, "), "{said}");
    assert!(said.contains("clean: identical-rows: without duplicates, no test row"), "{said}");
    assert!(said.contains("`disguise` has a threshold with precision and recall 1"), "{said}");
    assert!(said.contains("look: time-order: with duplicates, "), "{said}");
    assert!(!place.path("runs").exists());
    let unknown = place.expect(2, &["audit", "study.toml", "--inspect", "--time", "Tine"]);
    assert!(unknown.contains("did you mean `Time`"), "{unknown}");
}

#[test]
fn a_resumed_audit_keeps_no_predictions_either() {
    let place = Place::new(&with_duplicates(), STUDY);
    let less = ["--filter", "scaler=none,family=decision-tree", "--out", "out"];
    place.expect(0, &[&["audit", "study.toml", "--seeds", "2"], &less[..]].concat());
    let cut = |folder: &str| {
        let log = place.path(folder).join("records.jsonl");
        let lines = std::fs::read_to_string(&log).unwrap();
        let first: Vec<&str> = lines.lines().take(1).collect();
        std::fs::write(&log, format!("{}\n", first.join("\n"))).unwrap();
    };
    cut("out");
    place.expect(0, &["run", "--resume", "out"]);
    assert_eq!(place.records("out").len(), 7 * 2);
    assert!(!place.path("out/predictions").exists());
    // A run without them goes on without them, too, unless it is told to keep them.
    place.expect(0, &["run", "study.toml", "--out", "run", "--predictions", "none"]);
    cut("run");
    place.expect(0, &["run", "--resume", "run"]);
    assert!(!place.path("run/predictions").exists());
    cut("run");
    place.expect(0, &["run", "--resume", "run", "--predictions", "all"]);
    assert!(place.path("run/predictions").exists());
}

#[test]
fn a_directory_in_use_is_refused_before_the_data_are_read() {
    let place = Place::new(&with_duplicates(), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--filter", "scaler=none,family=decision-tree"]);
    std::fs::create_dir(place.path("foreign")).unwrap();
    place.write("foreign/notes.txt", "mine");
    std::fs::remove_file(place.path("data.csv")).unwrap();
    for command in ["audit", "run"] {
        let said = place.expect(2, &[command, "study.toml", "--out", "out"]);
        assert!(said.contains("out holds results already"), "{said}");
        let said = place.expect(2, &[command, "study.toml", "--out", "foreign"]);
        assert!(said.contains("not fraudbench's, such as notes.txt"), "{said}");
    }
}

#[test]
fn options_of_an_audit_that_do_nothing_are_refused_by_their_own_names() {
    let place = Place::new(&with_duplicates(), STUDY);
    let said = place.expect(2, &["audit", "study.toml", "--family", "decision-trees,prior"]);
    assert!(said.contains("--family: unknown family `decision-trees`; did you mean `decision-tree`?"), "{said}");
    assert!(said.contains("unknown family `prior`") && !said.contains("--filter"), "{said}");
    let twice = place.expect(2, &["audit", "study.toml", "--family", "decision-tree,decision-tree"]);
    assert!(twice.contains("--family: `decision-tree` is listed twice"), "{twice}");
    let limits: [&[&str]; 5] = [
        &["--memory", "900"],
        &["--cell-memory", "900"],
        &["--cell-seconds", "9"],
        &["--retries", "1"],
        &["--in-process"],
    ];
    for limit in limits {
        let said = place.expect(2, &[&["audit", "study.toml", "--inspect"], limit].concat());
        assert!(said.contains("--inspect") && said.contains(limit[0]), "{said}");
    }
    place.expect(0, &["audit", "study.toml", "--inspect", "--threads", "1", "--no-external"]);
}

#[test]
fn a_leak_without_its_component_is_no_step() {
    let study = STUDY.replace("resamplers = [\"tomek-links\"]\n", "").replace("[\"none\", \"standard\"]", "[\"none\"]");
    let place = Place::new(&with_duplicates(), &study);
    place.expect(0, &["audit", "study.toml", "--seeds", "2", "--family", "decision-tree", "--out", "out"]);
    let read = |file: &str| std::fs::read_to_string(place.path("out").join(file)).unwrap();
    let audit = read("audit.md");
    for said in [
        "`scaler-on-all-rows` not priced: nothing scales, as [grid] has no `scalers` but `none`",
        "`resample-before-split` not priced: nothing resamples",
        "Two leaks together make it",
        "| looked for in inspection.md |",
    ] {
        assert!(audit.contains(said), "{said}: {audit}");
    }
    let protocols: BTreeSet<String> =
        place.records("out").iter().map(|r| r["protocol"].as_str().unwrap().to_owned()).collect();
    let steps = ["", "+duplicates-across-split", "+trained-on-another-split", "+judged-on-training-rows"];
    let all = steps.iter().chain(&["+duplicates-across-split+trained-on-another-split"]);
    assert_eq!(protocols, all.map(|step| format!("hold-out{step}")).collect());
    // A duplicate that comes back does change something.
    assert!(!audit.contains("`duplicates-across-split` could"), "{audit}");
    assert!(!read("inspection.md").contains("\\`"), "{}", read("inspection.md"));
}

#[test]
fn a_leak_that_a_study_names_without_its_component_could_change_nothing() {
    let named =
        "['honest', 'scaler-on-all-rows', 'duplicates-across-split', 'scaler-on-all-rows+duplicates-across-split']";
    let study = STUDY
        .replace("[\"none\", \"standard\"]", "[\"none\"]")
        .replace("test = 0.3", &format!("test = 0.3\nrepeats = 2\nleaks = {named}"));
    let place = Place::new(&with_duplicates(), &study);
    place.expect(0, &["run", "study.toml", "--filter", "family=decision-tree", "--out", "out"]);
    let audit = std::fs::read_to_string(place.path("out/audit.md")).unwrap();
    let said = "`scaler-on-all-rows` could change nothing: nothing scales, as [grid] has no `scalers` but `none`";
    assert!(audit.contains(said) && !audit.contains("`scaler-on-all-rows` not priced"), "{audit}");
    // Of the two that were run together one acts: what it does alone is told already.
    assert!(!audit.contains("leaks together"), "{audit}");
}

#[test]
fn an_audit_names_the_checks_that_were_made_and_no_others() {
    let place = Place::new(&with_duplicates(), STUDY);
    let less = ["--seeds", "2", "--filter", "scaler=none,family=decision-tree", "--out", "out"];
    place.expect(0, &[&["audit", "study.toml"], &less[..]].concat());
    let read = |file: &str| std::fs::read_to_string(place.path("out").join(file)).unwrap();
    let inspection = read("inspection.md");
    // The data have two columns of numbers, and nothing that says when or whose.
    for check in ["time-order", "positives-by-period"] {
        assert!(inspection.contains(&format!("| look | {check} (not made) | no column ")), "{inspection}");
    }
    let looked = || -> Vec<String> {
        let audit = read("audit.md");
        let kinds = audit.lines().filter(|line| line.starts_with("| L"));
        kinds.map(|line| line.split(" | ").nth(2).unwrap().to_owned()).collect()
    };
    let expected = [
        "`split-sizes`",
        "–",
        "–",
        "`identical-rows`, `near-duplicates`",
        "`separating-features`, `deciding-columns`, `id-columns`",
        "–",
        "–",
        "–",
    ];
    assert_eq!(looked(), expected);
    // An inspection of an earlier version has fewer checks, and a leaky study that is run has none.
    let fewer: String =
        inspection.lines().filter(|line| !line.contains("| id-columns |")).map(|l| format!("{l}\n")).collect();
    std::fs::write(place.path("out/inspection.md"), fewer).unwrap();
    place.expect(0, &["report", "out"]);
    assert_eq!(looked()[4], "`separating-features`, `deciding-columns`");
    std::fs::remove_file(place.path("out/inspection.md")).unwrap();
    place.expect(0, &["report", "out"]);
    assert_eq!(looked(), ["–"; 8]);
}
