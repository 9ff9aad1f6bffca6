//! What programs start and leave behind: it counts as theirs, and ends with them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Place, STUDY, csv};

/// A program that starts a process which does its best to be left alone, and says by `told` which one that is. What is put
/// for `MORE` is done after that, at the fit.
const PROGRAM: &str = r#"
import json, os, struct, sys, time

def daemon():
    """Twice forked, in a session of its own; returns once that has said which it is."""
    ready, said = os.pipe()
    if os.fork():
        os.wait()
        return os.read(ready, 1)
    os.setsid()
    if os.fork():
        os._exit(0)
    HOLD
    with open("told", "a") as told:
        told.write("%d\n" % os.getpid())
    os.write(said, b"1")
    WORK
    time.sleep(600)
    os._exit(0)

for line in sys.stdin:
    question = json.loads(line)
    if "fit" in question:
        daemon()
        MORE
        print('{"fitted":null}', flush=True)
    else:
        rows = question["predict"]["x"]["rows"]
        open(question["predict"]["score"], "wb").write(struct.pack("<%dd" % rows, *([SCORE] * rows)))
        open(question["predict"]["label"], "wb").write(bytes(rows))
        print('{"predicted":"probability"}', flush=True)
        ANSWERED
FAREWELL
"#;

fn place(spoiled: &[(&str, &str)], limits: &str) -> Place {
    let families = "\"prior\", \"decision-tree\", \"logistic-regression\"";
    let family = "{ family = \"external\", command = [\"python3\", \"program.py\"] }";
    let study = STUDY.replace(families, family).replace("[\"none\", \"standard\"]", "[\"none\"]");
    let place = Place::new(&csv(210), &format!("{study}\n[limits]\nretries = 0\n{limits}"));
    let silent = "for one in (0, 1, 2): os.close(one)";
    let plain =
        [("HOLD", silent), ("WORK", "0"), ("MORE", "pass"), ("SCORE", "0.5"), ("ANSWERED", "pass"), ("FAREWELL", "")];
    let chosen = |word: &str| spoiled.iter().find(|(name, _)| *name == word).map(|(_, text)| *text);
    let program =
        plain.iter().fold(PROGRAM.to_owned(), |text, (word, usual)| text.replace(word, chosen(word).unwrap_or(usual)));
    place.write("program.py", &program);
    place
}

/// The processes that the programs have left behind, once there are so many.
pub fn told(place: &Place, many: usize) -> Vec<u32> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let text = std::fs::read_to_string(place.path("told")).unwrap_or_default();
        let numbers: Vec<u32> = text.lines().filter_map(|line| line.parse().ok()).collect();
        if numbers.len() >= many {
            return numbers;
        }
        assert!(Instant::now() < deadline, "no {many} processes in a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether it goes on; one that has ended and was not asked how does not.
pub fn lives(process: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Waits until none of them goes on; they may need a moment.
pub fn all_end(processes: &[u32]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Some(left) = processes.iter().find(|&&process| lives(process)) {
        assert!(Instant::now() < deadline, "{left} is left behind");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn start(place: &Place, stderr: Stdio) -> Child {
    let mut command = place.command(&["run", "study.toml", "--out", "out", "--threads", "1"]);
    command.stdout(Stdio::null()).stderr(stderr).spawn().unwrap()
}

/// Interrupts a run whose standard error is a pipe, and again once it says that it has heard the first one; waits for its end.
pub fn interrupt_twice(run: &mut Child) {
    kill("-INT", run.id());
    let mut said = BufReader::new(run.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.contains("stopping: ")), "it did not hear the first one");
    kill("-INT", run.id());
    assert_eq!(run.wait().unwrap().code(), Some(130));
}

pub fn kill(signal: &str, process: u32) {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success());
}

#[test]
fn nothing_is_left_behind_by_a_run_that_ends_well() {
    for more in [&["--threads", "1"][..], &["--in-process"]] {
        let place = place(&[], "");
        place.expect(0, &[&["run", "study.toml", "--out", "out"], more].concat());
        let processes = told(&place, 3);
        all_end(&processes);
    }
}

#[test]
fn nothing_is_left_behind_by_deadlines_kills_and_interrupts() {
    let slow = [("MORE", "time.sleep(600)")];
    let late = place(&slow, "cell_seconds = 5");
    late.expect(1, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    all_end(&told(&late, 3));

    let killed = place(&slow, "");
    let mut run = start(&killed, Stdio::null());
    let processes = told(&killed, 1);
    run.kill().unwrap();
    run.wait().unwrap();
    all_end(&processes);

    let interrupted = place(&slow, "");
    let mut run = start(&interrupted, Stdio::piped());
    let processes = told(&interrupted, 1);
    interrupt_twice(&mut run);
    all_end(&processes);

    let without_worker = place(&slow, "");
    let mut run = start(&without_worker, Stdio::null());
    let processes = told(&without_worker, 1);
    let children = Command::new("pgrep").args(["-P", &run.id().to_string()]).output().unwrap();
    let worker = String::from_utf8_lossy(&children.stdout).lines().next().unwrap().parse().unwrap();
    kill("-KILL", worker);
    all_end(&processes);
    run.kill().unwrap();
    run.wait().unwrap();
}

#[test]
fn memory_that_a_daemon_takes_is_its_cells() {
    let place = place(&[("WORK", "bytearray(b'1') * (500 << 20)"), ("MORE", "time.sleep(600)")], "cell_memory = 300");
    place.expect(1, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    let records = place.records("out");
    assert!(records.iter().all(|record| record["outcome"] == "out-of-memory"), "{records:?}");
    all_end(&told(&place, 3));
}

#[test]
fn the_peak_of_a_cell_counts_its_program() {
    let place = place(&[("MORE", "kept = bytearray(b'1') * (400 << 20)")], "cell_memory = 2000");
    place.expect(0, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    let log = std::fs::read_to_string(place.path("out/records.jsonl")).unwrap();
    for line in log.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let peak = record["peak_memory_mib"].as_u64().unwrap();
        assert!((400..1_500).contains(&peak), "{record}");
    }
}

#[test]
fn a_program_that_ends_is_not_waited_for_though_something_holds_its_output() {
    let place = place(&[("HOLD", "pass"), ("MORE", "sys.exit(3)")], "cell_seconds = 100");
    let started = Instant::now();
    place.expect(1, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    assert!(started.elapsed() < Duration::from_secs(50), "it was waited for");
    let records = place.records("out");
    let reason = records[0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("python3 ended with exit code 3"), "{reason}");
    all_end(&told(&place, 3));
}

#[test]
fn answers_that_are_not_to_be_trusted_are_failures() {
    let cases = [
        (("SCORE", "float('nan')"), "python3 gave no score: NaN for each of 70 rows"),
        (("FAREWELL", "sys.exit(4)"), "python3 answered everything, and then ended with exit code 4"),
        (("ANSWERED", "os._exit(5)"), "python3 answered everything, and then ended with exit code 5"),
    ];
    for (spoiled, wanted) in cases {
        let place = place(&[spoiled], "");
        place.expect(1, &["run", "study.toml", "--out", "out", "--threads", "1"]);
        let records = place.records("out");
        assert!(records.iter().all(|record| record["reason"] == wanted), "{wanted}: {records:?}");
    }
}

#[test]
fn a_run_that_is_stopped_and_goes_on_times_nothing_out() {
    // Each cell takes Python's start and a second: on a busy machine, too, far less than the deadline, which the stop passes.
    let place = place(&[("MORE", "time.sleep(1)")], "cell_seconds = 15");
    let mut run = start(&place, Stdio::null());
    told(&place, 1);
    // All of it, as a batch system does.
    let stopped: Vec<u32> = family(run.id());
    stopped.iter().for_each(|&one| kill("-STOP", one));
    std::thread::sleep(Duration::from_secs(17));
    stopped.iter().for_each(|&one| kill("-CONT", one));
    assert_eq!(run.wait().unwrap().code(), Some(0));
    assert!(place.records("out").iter().all(|record| record["outcome"] == "scored"));
}

fn family(process: u32) -> Vec<u32> {
    let children = Command::new("pgrep").args(["-P", &process.to_string()]).output().unwrap();
    let text = String::from_utf8_lossy(&children.stdout).into_owned();
    std::iter::once(process).chain(text.lines().filter_map(|line| line.parse().ok()).flat_map(family)).collect()
}
