//! What a run shows while it goes: to a terminal, to one without colours, to a pipe, to a program.

use std::process::Command;

use serde_json::Value;

use super::{Place, STUDY, csv};

/// A terminal of so many columns, in which the run is told on standard error; what came out of it.
fn in_a_terminal(columns: usize, environment: &[(&str, &str)]) -> String {
    let place = Place::new(&csv(60), STUDY);
    let shell = format!("stty rows 24 cols {columns}; {} run study.toml --out out", env!("CARGO_BIN_EXE_fraudbench"));
    let mut command = Command::new("script");
    command.args(["-qec", &shell, "/dev/null"]).current_dir(place.folder.path());
    command.env_remove("NO_COLOR").env("TERM", "xterm-256color").envs(environment.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Without what moves the cursor and colours: what is read.
fn read(shown: &str) -> String {
    let mut text = String::new();
    let mut rest = shown;
    while let Some((before, escape)) = rest.split_once("\x1b[") {
        text.push_str(before);
        rest = escape.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).get(1..).unwrap_or("");
    }
    text + rest
}

/// What changes a colour.
fn is_coloured(shown: &str) -> bool {
    let sequences = shown.split("\x1b[").skip(1);
    sequences.filter_map(|code| code.split_once('m')).any(|(code, _)| matches!(code.as_bytes(), [b'3', b'0'..=b'7']))
}

#[test]
fn a_terminal_sees_a_bar_that_fits_its_width() {
    let shown = in_a_terminal(64, &[]);
    assert!(is_coloured(&shown), "{shown:?}");
    let text = read(&shown);
    assert!(text.contains("/18 cells, 0 failed"), "{text:?}");
    assert!(!text.contains("0/0"), "{text:?}");
    let bars = text.split(['\r', '\n']).filter(|line| line.contains("/18 cells"));
    let widest = bars.map(|line| line.chars().count()).max().unwrap();
    assert!((20..=64).contains(&widest), "{widest}: {text:?}");
    // The bar goes; what stays is the answer.
    let end = text.trim_end().lines().last().unwrap();
    assert!(!end.contains("/18 cells"), "{end:?}");
}

#[test]
fn a_terminal_without_colours_gets_none() {
    for environment in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let shown = in_a_terminal(100, &[environment]);
        assert!(!is_coloured(&shown), "{environment:?}: {shown:?}");
    }
    // What is set to nothing is not set: https://no-color.org.
    assert!(is_coloured(&in_a_terminal(100, &[("NO_COLOR", "")])));
}

#[test]
fn a_pipe_gets_lines_with_their_time_and_no_escapes() {
    let place = Place::new(&csv(60), STUDY);
    let output = place.run(&["run", "study.toml", "--out", "out"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains('\x1b'), "{stderr:?}");
    assert!(stderr.lines().any(|line| line.ends_with("18/18 cells, 0 failed, 0 s left")), "{stderr}");
    // What comes after is the answer.
    for line in stderr.lines().take_while(|line| !line.starts_with("18 scored")) {
        let (day, time) = (&line[..10], &line[11..19]);
        assert!(day.split('-').count() == 3 && time.split(':').count() == 3, "{line}");
    }
}

#[test]
fn a_program_gets_every_event_as_a_line_of_json() {
    let study = STUDY.replace("\"prior\",", "\"prior\", { family = \"debug\", params = { act = \"refuse\" } },");
    let place = Place::new(&csv(60), &study);
    let output = place.run(&["run", "study.toml", "--out", "out", "--progress", "json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    let events: Vec<Value> = stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |name: &str| events.iter().filter(|e| e["event"] == name).collect::<Vec<_>>();
    assert!(events.iter().all(|e| e["time"].is_string() && e["event"].is_string()), "{stderr}");
    assert_eq!(named("opened")[0]["rows"], 60);
    assert_eq!([&named("started")[0]["cells"], &named("started")[0]["to_run"]], [24, 24]);
    assert_eq!(named("begun").len(), 24, "{stderr}");
    let finished = named("finished");
    assert_eq!(finished.len(), 24);
    for (done, event) in finished.iter().enumerate() {
        assert_eq!([&event["done"], &event["of"]], [done as u64 + 1, 24], "{event}");
        assert!(event["seconds_left"].as_f64().is_some_and(|seconds| seconds >= 0.0), "{event}");
    }
    let failed: Vec<_> = finished.iter().filter(|e| e["outcome"] != "scored").collect();
    assert_eq!(failed.len(), 6, "{stderr}");
    assert!(failed.iter().all(|e| e["stage"] == "fit" && e["reason"].as_str().is_some_and(|r| !r.is_empty())));
    assert_eq!(finished[23]["failed"], 6);
    assert!(
        finished.iter().chain(&named("begun")).all(|e| e["data_set"] == named("opened")[0]["data_set"]),
        "{stderr}"
    );
}

#[test]
fn a_failed_cell_of_several_data_sets_is_named_with_its_own() {
    let study = STUDY
        .replace(
            "[data]\npath = \"data.csv\"",
            "[[data]]\npath = \"data.csv\"\nname = \"one\"\n[[data]]\npath = \"other.csv\"\nname = \"two\"",
        )
        .replace("\"prior\",", "\"prior\", { family = \"debug\", params = { act = \"refuse\" } },");
    let place = Place::new(&csv(60), &study);
    place.write("other.csv", &csv(63));
    let output = place.run(&["run", "study.toml", "--out", "out", "--progress", "lines"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    for name in ["one", "two"] {
        let failed = format!("failed: data-set={name} dedup=off ");
        assert_eq!(stderr.matches(&failed).count(), 6, "{stderr}");
    }
}

#[test]
fn every_line_is_json_from_the_first_to_an_error() {
    let place = Place::new(&csv(60), STUDY);
    place.expect(0, &["submit", "study.toml", "--shards", "1", "--out", "plan"]);
    for (code, arguments) in [
        (0, &["run", "study.toml", "--nightly", "--out", "nights"][..]),
        (0, &["run", "--plan", "plan", "--shard", "0/1"]),
        (2, &["run", "--plan", "plan", "--shard", "0/3"]),
        (2, &["run", "nowhere.toml"]),
        (2, &["run", "study.toml", "--threads", "1", "--cell-threads", "2"]),
        (2, &["run", "study.toml", "--filter", "scaler=none", "--retry-failed"]),
    ] {
        let said = place.expect(code, &[arguments, &["--progress", "json"]].concat());
        let is_event = |line: &str| {
            serde_json::from_str::<Value>(line).is_ok_and(|line| line["time"].is_string() && line["event"].is_string())
        };
        assert!(!said.is_empty() && said.lines().all(is_event), "{arguments:?} said: {said}");
        // The rule for logs finds errors and nothing else.
        assert_eq!(
            said.matches(r#""said":"fraudbench:"#).count(),
            usize::from(code == 2),
            "{arguments:?} said: {said}"
        );
    }
    let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/exit-codes.md"));
    assert!(document.contains(r#"`^(fraudbench|error):|"said":"fraudbench:`"#));
}
