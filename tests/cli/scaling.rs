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
/// Four points of each size at the first share, three at the second.
const POINTS: usize = 14;

fn points(place: &Place) -> Vec<Value> {
    let text = std::fs::read_to_string(place.path("out/points.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn outcomes(points: &[Value]) -> Vec<&str> {
    points.iter().map(|point| point["outcome"].as_str().unwrap()).collect()
}

#[test]
fn every_component_is_measured_at_every_size() {
    let place = Place::new("", "");
    let said = place.expect(0, &SMALL);
    assert!(said.contains("[14/14] tomek-links, 1,200 rows, 50% positive: simulate"), "{said}");
    let points = points(&place);
    assert_eq!(outcomes(&points), ["measured"; POINTS]);
    for point in &points {
        let stages = point["measured"]["stages"].as_array().unwrap();
        assert!(stages.len() > 4 && stages.iter().all(|s| s["seconds"].as_f64().unwrap() >= 0.0), "{point}");
        if cfg!(target_os = "linux") {
            assert!(stages.iter().all(|s| s["peak_mib"].as_f64() >= s["before_mib"].as_f64()), "{point}");
            assert!(stages.iter().all(|s| s["before_mib"].as_f64().unwrap() > 1.0), "{point}");
        }
        assert_eq!(point["measured"]["pr_auc"].is_f64(), point["kind"] == "family", "{point}");
    }
    // Charts leave out what takes no millisecond, which at these sizes may be everything: tests/report draws larger ones.
    let table = std::fs::read_to_string(place.path("out/scaling.csv")).unwrap();
    // At each share four common stages, two families of three rows, the resampler; at the first the scaler of three rows.
    assert_eq!(table.lines().count(), 1 + 2 * (4 + 2 * 3 + 1) + 3, "{table}");
    let first = std::fs::read(place.path("out/scaling.md")).unwrap();
    std::fs::remove_file(place.path("out/scaling.md")).unwrap();
    place.expect(0, &["scaling", "--report", "out"]);
    assert_eq!(std::fs::read(place.path("out/scaling.md")).unwrap(), first);
}

#[test]
fn a_begun_study_measures_only_what_is_missing() {
    let place = Place::new("", "");
    place.expect(0, &SMALL);
    let log = place.path("out/points.jsonl");
    let whole = std::fs::read_to_string(&log).unwrap();
    let kept: Vec<&str> = whole.lines().take(5).collect();
    // An unfinished last line, as a kill leaves it.
    std::fs::write(&log, format!("{}\n{{\"v\":1,\"ki", kept.join("\n"))).unwrap();
    let said = place.expect(0, &SMALL);
    assert!(!said.contains("[5/14]") && said.contains("[6/14]"), "{said}");
    let again = std::fs::read_to_string(&log).unwrap();
    assert!(again.starts_with(&format!("{}\n", kept.join("\n"))), "{again}");
    assert_eq!(again.lines().count(), POINTS);
    let said = place.expect(0, &SMALL);
    assert!(!said.contains("/14]"), "{said}");
    assert_eq!(std::fs::read_to_string(&log).unwrap(), again);
}

#[test]
fn the_deadline_strikes_larger_sizes_are_skipped_and_a_longer_one_tries_again() {
    let place = Place::new("", "");
    let one = ["scaling", "--rows=600,1200,2400", "--positives=0.1", "--families=decision-tree", "--scalers=none"];
    let one = [&one[..], &["--resamplers=none", "--columns=4", "--threads=1", "--out=out"]].concat();
    // No process starts and simulates within a microsecond.
    let said = place.expect(0, &[&one[..], &["--seconds=0.000001"]].concat());
    assert!(said.contains("600 rows, 10% positive: timed out: 0.000001 s had passed"), "{said}");
    assert_eq!(outcomes(&points(&place)), ["timed-out", "skipped", "skipped"]);
    assert_eq!(points(&place)[2]["reason"], "600 rows timed out");
    place.expect(0, &[&one[..], &["--seconds=0.000001"]].concat());
    assert_eq!(points(&place).len(), 3, "nothing is tried again under the same limit");
    place.expect(0, &[&one[..], &["--seconds=300"]].concat());
    assert_eq!(outcomes(&points(&place))[3..], ["measured"; 3]);
}

#[test]
fn too_much_memory_is_an_outcome_too() {
    let place = Place::new("", "");
    let rows = "--rows=1000,3000000,6000000";
    let arguments = ["scaling", rows, "--positives=0.1", "--families=prior", "--scalers=none", "--resamplers=none"];
    // 3,000,000 x 50 numbers take 1,144 MiB.
    let limits = ["--columns=50", "--threads=1", "--memory=1000", "--out=out"];
    place.expect(0, &[&arguments[..], &limits].concat());
    let points = points(&place);
    assert_eq!(outcomes(&points), ["measured", "out-of-memory", "skipped"]);
    assert_eq!(points[1]["reason"], "memory ran out during simulate");
    assert_eq!(points[2]["reason"], "3,000,000 rows ran out of memory");
}

#[test]
fn ctrl_c_loses_nothing_and_leaves_no_process() {
    let place = Place::new("", "");
    // Far longer than the test waits: the support vectors of a hundred thousand rows of two mixed classes.
    let arguments = ["scaling", "--rows=500,100000", "--positives=0.5", "--families=prior,svc", "--scalers=none"];
    let arguments = [&arguments[..], &["--resamplers=none", "--columns=3", "--out=out", "--threads=1"]].concat();
    let child = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while std::fs::read_to_string(place.path("out/points.jsonl")).map_or(0, |text| text.lines().count()) < 3 {
        assert!(Instant::now() < deadline, "no three points in two minutes");
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    for measuring in children.split_whitespace() {
        assert!(!std::path::Path::new(&format!("/proc/{measuring}")).exists(), "{measuring} goes on");
    }
    assert_eq!(outcomes(&points(&place)), ["measured"; 3]);
    assert!(place.path("out/scaling.md").exists(), "what was measured so far is reported");
}

#[test]
fn mistakes_are_one_sentence() {
    let place = Place::new("", "");
    let with = |more: &[&str]| place.expect(2, &[&["scaling", "--out=out"][..], more].concat());
    assert!(with(&["--families=random-forrest"]).contains("did you mean `random-forest`"));
    assert!(with(&["--families=svc/xgboost"]).contains("unknown backend of classifier `svc`"));
    assert!(with(&["--rows=1.5"]).contains("must be a whole number"));
    assert!(with(&["--positives=1"]).contains("share between 0 and 1"));
    assert!(with(&["--seconds=0"]).contains("seconds above 0"));
    assert!(with(&["--rows=100"]).contains("0 positives among 100 rows"));
    assert!(with(&["--columns=2"]).contains("2 columns are too few"));
    assert!(with(&["--families=none", "--scalers=none", "--resamplers=none"]).contains("nothing to measure"));
    assert!(place.expect(3, &["scaling", "--report", "nowhere"]).contains("no points"));
    place.expect(0, &SMALL);
    let mut wider = SMALL;
    wider[6] = "--columns=6";
    let said = place.expect(2, &wider);
    assert!(said.contains("was measured with 5 columns") && said.contains("choose another --out"), "{said}");
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
