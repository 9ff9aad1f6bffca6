use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::{Place, STUDY, csv};

/// Enough cells that a kill in the middle is in the middle.
fn long_study() -> String {
    STUDY.replace("folds = 3", "folds = 5\nrepeats = 4").replace("\"prior\"", "\"random-forest\", \"prior\"")
}

/// Starts a run and returns once it has written so many records.
fn start(place: &Place, records: usize) -> std::process::Child {
    let mut command = place.command(&["run", "study.toml", "--out", "out", "--threads", "2"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let lines = std::fs::read_to_string(place.path("out/records.jsonl")).map_or(0, |t| t.lines().count());
        if lines >= records {
            return child;
        }
        assert!(child.try_wait().unwrap().is_none(), "the run ended before it could be disturbed");
        assert!(Instant::now() < deadline, "no {records} records in two minutes");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn undisturbed(place: &Place) -> Vec<serde_json::Value> {
    place.expect(0, &["run", "study.toml", "--out", "whole", "--threads", "2"]);
    place.records("whole")
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let place = Place::new(&csv(2100), &long_study());
    let mut child = start(&place, 5);
    child.kill().unwrap();
    child.wait().unwrap();
    let before = place.records("out").len();
    assert!(before < 160, "the run was over before it was killed");
    place.expect(0, &["run", "--resume", "out"]);
    let resumed = place.records("out");
    assert_eq!(resumed.len(), 160);
    assert_eq!(resumed, undisturbed(&place));
}

#[test]
fn ctrl_c_finishes_the_cells_in_flight_and_loses_nothing() {
    let place = Place::new(&csv(2100), &long_study());
    let child = start(&place, 3);
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(place.path("out/report.md").exists(), "what was measured so far is reported");
    place.expect(0, &["run", "--resume", "out"]);
    assert_eq!(place.records("out"), undisturbed(&place));
}

#[test]
fn an_unfinished_last_line_is_cut_and_run_again() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let log = place.path("out/records.jsonl");
    let whole = place.records("out");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, &text[..text.len() - 40]).unwrap();
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains("1 of 18 cells to run"), "{said}");
    assert_eq!(place.records("out"), whole);
}

#[test]
fn a_finished_run_has_nothing_left_to_do() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let before = std::fs::read(place.path("out/records.jsonl")).unwrap();
    let said = place.expect(0, &["run", "study.toml", "--resume", "out"]);
    assert!(said.contains("0 of 18 cells to run"), "{said}");
    assert_eq!(std::fs::read(place.path("out/records.jsonl")).unwrap(), before);
}

#[test]
fn failed_cells_are_run_again_only_when_asked() {
    let study = STUDY.replace("\"standard\"]", "{ id = \"function\", name = \"log\", params = { func = \"log1p\" } }]");
    let place = Place::new(&csv(210), &study);
    place.expect(1, &["run", "study.toml", "--out", "out"]);
    assert!(place.expect(1, &["run", "--resume", "out"]).contains("0 of 18 cells"));
    assert!(place.expect(1, &["run", "--resume", "out", "--retry-failed"]).contains("9 of 18 cells"));
}

#[test]
fn a_full_disk_is_one_sentence_and_what_was_written_stays() {
    let place = Place::new(&csv(210), STUDY);
    // A file-size limit refuses writes as a full disk does. The signal that comes with it is ignored by the shell's trap.
    let script = format!(
        "trap '' XFSZ; ulimit -f 12; exec {} run study.toml --out out --threads 1",
        env!("CARGO_BIN_EXE_fraudbench")
    );
    let output =
        std::process::Command::new("bash").args(["-c", &script]).current_dir(place.folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot append a record to out/records.jsonl"), "{said}");
    let kept = place.records("out").len();
    assert!((1..18).contains(&kept), "{kept} records");
    place.expect(0, &["run", "--resume", "out"]);
    assert_eq!(place.records("out").len(), 18);
}

#[test]
fn two_runs_cannot_share_a_directory() {
    let place = Place::new(&csv(2100), &long_study());
    let mut child = start(&place, 1);
    let said = place.expect(2, &["run", "--resume", "out"]);
    assert!(said.contains("is in use by another fraudbench"), "{said}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn idle_openmp_threads_sleep_unless_the_user_chose_otherwise() {
    let place = Place::new(&csv(2100), &long_study());
    for (chosen, expected) in [(None, "OMP_WAIT_POLICY=passive"), (Some("active"), "OMP_WAIT_POLICY=active")] {
        let out = chosen.unwrap_or("default");
        let mut command = place.command(&["run", "study.toml", "--out", out]);
        command.env_remove("OMP_WAIT_POLICY").envs(chosen.map(|policy| ("OMP_WAIT_POLICY", policy)));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        // Once it has begun to write, the program has replaced itself if it ever will.
        while !place.path(out).join("records.jsonl").exists() {
            assert!(Instant::now() < deadline, "no records in a minute");
            std::thread::sleep(Duration::from_millis(2));
        }
        let environment = std::fs::read(format!("/proc/{}/environ", child.id())).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let variables: Vec<&[u8]> = environment.split(|&byte| byte == 0).collect();
        assert!(variables.contains(&expected.as_bytes()), "{expected} is missing");
    }
}
