use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Place;

const SMALL: [&str; 9] = [
    "scaling",
    "--rows=600,1200",
    "--positives=0.05,0.5",
    "--families=prior,decision-tree",
    "--scalers=standard",
    "--resamplers=tomek-links",
    "--columns=5",
    "--threads=1",
    "--out=out",
];
/// Two families and a resampler at each size and share; the scaler is that of the families.
const CELLS: usize = 12;

/// The records in the order of the log.
fn log(place: &Place, out: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(place.path(out).join("records.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn outcomes(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["outcome"].as_str().unwrap()).collect()
}

fn stages(record: &Value) -> Vec<&str> {
    record["stages"].as_array().unwrap().iter().map(|stage| stage["stage"].as_str().unwrap()).collect()
}

#[test]
fn every_component_is_measured_at_every_size() {
    let place = Place::new("", "");
    place.expect(0, &SMALL);
    let records = log(&place, "out");
    assert_eq!(outcomes(&records), ["scored"; CELLS]);
    for record in &records {
        assert_eq!(stages(record), ["resample", "scale", "fit", "predict", "score"], "{record}");
        assert!(record["metrics"]["pr-auc"].is_f64() && record["equals"].is_null(), "{record}");
        if cfg!(target_os = "linux") {
            assert!(record["stages"].as_array().unwrap().iter().all(|s| s["memory_mib"].is_f64()), "{record}");
        }
    }
    // Charts leave out what takes no millisecond, which at these sizes may be everything: tests/report draws larger ones.
    let table = std::fs::read_to_string(place.path("out/scaling.csv")).unwrap();
    // At each share two families of three rows, the scaler, the resampler, but the scaler's share is not asked for twice.
    assert_eq!(table.lines().count(), 1 + 2 * (2 * 3 + 1 + 1), "{table}");
    let first = std::fs::read(place.path("out/scaling.md")).unwrap();
    std::fs::remove_file(place.path("out/scaling.md")).unwrap();
    place.expect(0, &["scaling", "--report", "out"]);
    assert_eq!(std::fs::read(place.path("out/scaling.md")).unwrap(), first);
}

#[test]
fn a_report_and_a_resumed_run_make_again_what_the_command_wrote() {
    let place = Place::new("", "");
    place.expect(0, &SMALL);
    let names = ["scaling.md", "scaling.csv"];
    let read = |out: &str| names.map(|name| std::fs::read(place.path(out).join(name)).unwrap());
    let first = read("out");
    let again: [&[&str]; 3] = [
        &["report", "out"],
        &["run", "--resume", "out", "--threads=1", "--predictions=none"],
        &["merge", "out", "--out", "merged"],
    ];
    for (arguments, out) in again.into_iter().zip(["out", "out", "merged"]) {
        for name in names {
            let _ = std::fs::remove_file(place.path(out).join(name));
        }
        // As an earlier version reported on such a run.
        let old = place.path(out).join("1-600-rows-5-percent");
        if out == "out" {
            std::fs::create_dir_all(&old).unwrap();
            place.write("out/1-600-rows-5-percent/report.md", "old");
            place.write("out/report.md", "old");
        }
        let said = place.printed(0, arguments);
        assert_eq!(read(out)[1], first[1], "{arguments:?}");
        assert!(!place.path(out).join("report.md").exists() && !old.exists(), "{arguments:?}");
        assert!(said.contains(&format!("{out}/scaling.md")), "{said}");
        assert!(!said.contains("report.html") && !said.contains("report.md"), "{said}");
    }
    assert_eq!(read("out"), first);
    place.expect(0, &["report", "out", "--out", "elsewhere"]);
    assert_eq!(read("elsewhere"), first);
    let said = place.expect(2, &["report", "out", "--intersection", "--check-cost=3"]);
    let why = "out is a run of `fraudbench scaling`, whose report has no ranks and no money: leave out --intersection and --check-cost";
    assert!(said.contains(why), "{said}");
    // A study in a file is a run like any other, be its text the same.
    let manifest: toml::Table = std::fs::read_to_string(place.path("out/manifest.toml")).unwrap().parse().unwrap();
    place.write("growth.toml", manifest["study"].as_str().unwrap());
    let filter = manifest["filter"].as_str().unwrap();
    place.expect(0, &["run", "growth.toml", "--filter", filter, "--out", "other", "--threads=1"]);
    std::fs::remove_file(place.path("other/report.md")).unwrap();
    place.expect(0, &["report", "other"]);
    assert!(place.path("other/report.md").exists() && !place.path("other/scaling.md").exists());
}

#[test]
fn the_command_and_a_study_file_leave_the_same_records() {
    let place = Place::new("", "");
    place.expect(0, &SMALL);
    let manifest: toml::Table = std::fs::read_to_string(place.path("out/manifest.toml")).unwrap().parse().unwrap();
    place.write("growth.toml", manifest["study"].as_str().unwrap());
    let filter = manifest["filter"].as_str().unwrap();
    place.expect(0, &["run", "growth.toml", "--filter", filter, "--out", "other", "--threads=1", "--predictions=none"]);
    // A run may take one cell's result for another's where their inputs are equal; measuring never does.
    let without_equals = |mut records: Vec<Value>| {
        records.iter_mut().for_each(|record| drop(record.as_object_mut().unwrap().remove("equals")));
        records
    };
    assert_eq!(without_equals(place.records("out")), without_equals(place.records("other")));
    place.expect(0, &["scaling", "--report", "other"]);
    let names = |out: &str| -> Vec<String> {
        let table = std::fs::read_to_string(place.path(out).join("scaling.csv")).unwrap();
        table.lines().map(|line| line.splitn(7, ',').take(6).collect::<Vec<_>>().join(",")).collect()
    };
    assert_eq!(names("out"), names("other"));
}

#[test]
fn a_begun_study_measures_only_what_is_missing() {
    let place = Place::new("", "");
    place.expect(0, &SMALL);
    let path = place.path("out/records.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = whole.lines().take(5).collect();
    // An unfinished last line, as a kill leaves it.
    std::fs::write(&path, format!("{}\n{{\"v\":1,\"ke", kept.join("\n"))).unwrap();
    place.expect(0, &SMALL);
    let again = std::fs::read_to_string(&path).unwrap();
    assert!(again.starts_with(&format!("{}\n", kept.join("\n"))), "{again}");
    assert_eq!(again.lines().count(), CELLS);
    place.expect(0, &SMALL);
    place.expect(0, &["scaling", "--resume", "out"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), again);
    // Other limits are no other study.
    place.expect(0, &[&SMALL[..], &["--seconds=30"]].concat());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), again);
    let mut wider = SMALL;
    wider[6] = "--columns=6";
    let said = place.expect(2, &wider);
    assert!(said.contains("was begun with other sizes or components: choose another --out"), "{said}");
    let said = place.expect(2, &["scaling", "--resume", "out", "--threads=2"]);
    assert!(said.contains("1 thread per cell") && said.contains("2 threads per cell"), "{said}");
}

#[test]
fn a_limit_is_a_result_larger_sizes_are_skipped_and_a_larger_limit_tries_again() {
    let place = Place::new("", "");
    // The support vectors of a hundred thousand rows of two mixed classes take far longer than a second.
    let svc = ["scaling", "--rows=600,100000,200000", "--positives=0.5", "--families=svc", "--scalers=none"];
    let svc = [&svc[..], &["--resamplers=none", "--columns=3", "--threads=1", "--seconds=1", "--out=out"]].concat();
    let said = place.expect(0, &svc);
    assert!(said.contains("not done after 1 s"), "{said}");
    let records = log(&place, "out");
    assert_eq!(outcomes(&records), ["scored", "timed-out", "skipped"]);
    assert_eq!(records[2]["reason"], "100000 rows timed out (`skip_larger` of the limits)");
    let report = std::fs::read_to_string(place.path("out/scaling.md")).unwrap();
    assert!(report.contains("| timed-out | – |") && report.contains("timed-out (fit): not done after 1 s"), "{report}");
    place.expect(0, &svc);
    assert_eq!(log(&place, "out").len(), 3, "nothing is tried again unasked");
    place.expect(0, &["scaling", "--resume", "out", "--retry-failed", "--seconds=2"]);
    let records = log(&place, "out");
    assert_eq!(outcomes(&records)[3..], ["timed-out", "skipped"]);
    assert!(records[3]["reason"].as_str().unwrap().contains("not done after 2 s"), "{}", records[3]);
}

#[test]
fn a_component_that_fails_is_a_failure() {
    let place = Place::new("", "");
    // Five positives have no five neighbours among themselves.
    let few = ["scaling", "--rows=600", "--positives=0.01", "--families=none", "--scalers=none", "--resamplers=smote"];
    let said = place.expect(1, &[&few[..], &["--columns=3", "--threads=1", "--out=out"]].concat());
    assert!(said.contains("1 cell failed; see out/scaling.md"), "{said}");
    let report = std::fs::read_to_string(place.path("out/scaling.md")).unwrap();
    assert!(report.contains("## Not measured") && report.contains("classifier=prior: failed (resample)"), "{report}");
}

#[test]
fn ctrl_c_loses_nothing_and_leaves_no_process() {
    let place = Place::new("", "");
    let arguments = ["scaling", "--rows=500,1000,100000", "--positives=0.5", "--families=prior,svc", "--scalers=none"];
    let limits = ["--resamplers=none", "--columns=3", "--out=out", "--threads=1", "--seconds=3"];
    let arguments = [&arguments[..], &limits].concat();
    let child = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while std::fs::read_to_string(place.path("out/records.jsonl")).map_or(0, |text| text.lines().count()) < 3 {
        assert!(Instant::now() < deadline, "no three records in two minutes");
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("to resume: fraudbench scaling --resume out"), "{said}");
    assert!(log(&place, "out").len() < 6 && place.path("out/scaling.md").exists(), "what was measured is reported");
    place.expect(0, &["scaling", "--resume", "out"]);
    assert_eq!(log(&place, "out").len(), 6);
}

#[test]
fn mistakes_are_one_sentence() {
    let place = Place::new("", "");
    let with = |more: &[&str]| place.expect(2, &[&["scaling", "--out=out"][..], more].concat());
    assert!(with(&["--families=random-forrest"]).contains("did you mean `random-forest`"));
    assert!(with(&["--families=svc/xgboost"]).contains("unknown backend of classifier `svc`"));
    assert!(with(&["--rows=1.5"]).contains("must be a whole number"));
    assert!(with(&["--positives=1"]).contains("share between 0 and 1"));
    assert!(with(&["--seconds=0"]).contains("must be a whole number from 1 to 4,294,967,295"));
    assert!(with(&["--rows=100"]).contains("0 positives among 100 rows"));
    assert!(with(&["--columns=2"]).contains("2 must be a whole number of at least 3"));
    assert!(with(&["--families=none", "--scalers=none", "--resamplers=none"]).contains("nothing to measure"));
    assert_eq!(
        with(&[
            "--rows=1e3,500,1000",
            "--positives=0.1,0.10",
            "--families=svc,svc,svc",
            "--scalers=robust,standard,robust"
        ]),
        "fraudbench: --rows: `1000` is listed twice; --positives: `0.1` is listed twice; --families: `svc` is listed twice; --scalers: \
         `robust` is listed twice: write each at most once\n"
    );
    assert!(with(&["--rows=4000000000"]).contains("MiB of memory are free"));
    assert!(with(&["--rows=1000000000000"]).contains("`rows` must be at most 4294967295, not 1000000000000"));
    assert!(!place.path("out").exists(), "nothing is written before all is checked");
    assert!(place.expect(3, &["scaling", "--report", "nowhere"]).contains("not a results directory"));
    let place = Place::new(&crate::csv(60), crate::STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--filter", "family=prior,scaler=none"]);
    assert!(place.expect(3, &["scaling", "--report", "out"]).contains("these results have none"));
    // What measures nothing has no use for what is measured, nor for another place.
    let said =
        place.expect(2, &["scaling", "--report", "out", "--out", "elsewhere", "--rows", "500", "--seconds", "5"]);
    assert!(said.contains("cannot be used with") && said.contains("--out") && said.contains("--seconds"), "{said}");
}

#[test]
fn simulated_data_are_a_studys_data() {
    let simulate = "simulate = { rows = 900, positives = 90, columns = 6, seed = 7 }";
    let place = Place::new("", &crate::STUDY.replace("path = \"data.csv\"", simulate));
    place.expect(0, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    place.expect(0, &["run", "study.toml", "--out", "again", "--threads", "3"]);
    let records = place.records("out");
    assert!(records.len() == 18 && records.iter().all(|r| r["test_positives"] == 30), "{records:?}");
    assert_eq!(records, place.records("again"));
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains("0 of 18 cells to run"), "{said}");
    let manifest = std::fs::read_to_string(place.path("out/manifest.toml")).unwrap();
    assert!(manifest.contains("name = \"simulated\"") && manifest.contains("positives = 90"), "{manifest}");
    place.write("study.toml", &crate::STUDY.replace("path = \"data.csv\"", &simulate.replace("rows", "row")));
    assert!(place.expect(2, &["run", "study.toml", "--out", "other"]).contains("did you mean `rows`"));
}
