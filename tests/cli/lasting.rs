//! The processes of Python that last from cell to cell: what one cell does reaches no other, and nothing is left behind.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::external::python;
use crate::left_behind::{all_end, interrupt_twice, kill, lives, told};
use crate::{Place, STUDY, csv};

/// A class that says by `told` which process it is in, after that which one that is a fork of. `MORE` is done at its fit.
const OWN: &str = r#"
import atexit, os, sys, time
import numpy as np

FITS = []

def daemon():
    """Twice forked, in a session of its own; says by `told` which it is."""
    ready, said = os.pipe()
    if os.fork():
        os.wait()
        return os.read(ready, 1)
    os.setsid()
    if os.fork():
        os._exit(0)
    for one in (0, 1, 2): os.close(one)
    with open("told", "a") as told:
        told.write("%d\n" % os.getpid())
    os.write(said, b"1")
    time.sleep(600)
    os._exit(0)

def is_first():
    try:
        os.close(os.open("first", os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False

class Mean:
    def __init__(self, random_state=None):
        self.classes_ = [0, 1]
    def fit(self, x, y=None):
        with open("told", "a") as told:
            told.write("%d\n%d\n" % (os.getpid(), os.getppid()))
        self.drawn = np.random.random()
        MORE
        return self
    def transform(self, x):
        return np.asarray(x) * 2
    def fit_resample(self, x, y):
        self.fit(x, y)
        return x, y
    def predict_proba(self, x):
        one = np.full(len(x), self.drawn)
        return np.stack([1 - one, one], axis=1)
    def predict(self, x):
        return np.arange(len(x)) % 2
"#;

const CLASSIFIER: &str = "classifiers = [{ python = \"own:Mean\" }]";

fn place(more: &str, grid: &str, limits: &str) -> Place {
    let head = STUDY.split("[grid]").next().unwrap();
    let place = Place::new(&csv(210), &format!("{head}[grid]\n{grid}\n[limits]\nretries = 0\n{limits}\n"));
    place.write("own.py", &OWN.replace("MORE", more));
    place
}

fn command(place: &Place, python: &str, more: &[&str]) -> Command {
    let mut command = place.command(&[&["run", "study.toml", "--out", "out"], more].concat());
    command.env("FRAUDBENCH_PYTHON", python).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The records of such a run, in the order in which they were written.
fn run(place: &Place, python: &str, more: &[&str]) -> Vec<Value> {
    let status = command(place, python, more).status().unwrap();
    assert!(status.code().is_some_and(|code| code < 2), "{status}");
    let log = std::fs::read_to_string(place.path("out/records.jsonl")).unwrap();
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const ONE: [&str; 2] = ["--threads", "1"];

#[test]
fn a_worker_has_one_process_that_forks_for_every_cell() {
    let Some(python) = python() else { return };
    let place = place("assert not FITS; FITS.append(1)", CLASSIFIER, "");
    let records = run(&place, &python, &ONE);
    assert!(records.iter().all(|record| record["outcome"] == "scored"), "{records:?}");
    let told = told(&place, 6);
    let (forks, of): (Vec<u32>, Vec<u32>) = told.chunks(2).map(|two| (two[0], two[1])).unzip();
    assert!(of.iter().all(|one| *one == of[0]), "{told:?}");
    assert!(
        forks[0] != forks[1] && forks[1] != forks[2] && forks[0] != forks[2] && !forks.contains(&of[0]),
        "{told:?}"
    );
    all_end(&told);
}

#[test]
fn what_draws_without_a_generator_of_its_own_draws_by_the_cells_seed() {
    let Some(python) = python() else { return };
    let mut all = Vec::new();
    for more in [&ONE[..], &["--threads", "2"], &["--in-process"]] {
        let place = place("pass", CLASSIFIER, "");
        let records = run(&place, &python, more);
        let mut losses: Vec<(String, String)> =
            records.iter().map(|r| (r["key"].to_string(), r["metrics"]["brier"].to_string())).collect();
        losses.sort();
        all.push(losses);
        all_end(&told(&place, 6));
    }
    assert!(all[0] == all[1] && all[0] == all[2], "{all:?}");
    assert_ne!(all[0][0].1, all[0][1].1, "cells have seeds of their own");
}

#[test]
fn a_crash_and_a_large_memory_are_their_cells_alone() {
    let Some(python) = python() else { return };
    let crashing = place("is_first() and os.kill(os.getpid(), 11)", CLASSIFIER, "");
    let records = run(&crashing, &python, &ONE);
    assert_eq!(records[0]["reason"], "Mean was ended by signal 11 (segmentation fault)");
    assert!(records[1..].iter().all(|record| record["outcome"] == "scored"), "{records:?}");
    let processes = told(&crashing, 6);
    assert_eq!((processes[1], processes[3]), (processes[3], processes[5]), "the crash is the fork's");

    let large = place("self.kept = bytearray(b'1') * (400 << 20) if is_first() else 0", CLASSIFIER, "");
    let peaks: Vec<u64> =
        run(&large, &python, &ONE).iter().map(|record| record["peak_memory_mib"].as_u64().unwrap()).collect();
    assert!(peaks[0] >= 400 && peaks[1..].iter().all(|&peak| peak < 300), "{peaks:?}");

    let greedy =
        place("is_first() and (bytearray(b'1') * (500 << 20), time.sleep(600))", CLASSIFIER, "cell_memory = 300");
    let records = run(&greedy, &python, &ONE);
    assert_eq!(records[0]["outcome"], "out-of-memory", "{records:?}");
    assert!(records[1..].iter().all(|record| record["outcome"] == "scored"), "{records:?}");
    all_end(&told(&greedy, 6));
}

#[test]
fn the_process_that_lasts_is_no_cells_memory() {
    let Some(python) = python() else { return };
    let grid = "classifiers = [{ python = \"own:Mean\" }, \"decision-tree\"]";
    let place = place("pass", grid, "");
    let records = run(&place, &python, &ONE);
    let peak = |family: &str| {
        let of = records.iter().filter(|record| record["family"] == family);
        of.map(|record| record["peak_memory_mib"].as_u64().unwrap()).max().unwrap()
    };
    assert!(peak("python") > peak("decision-tree") + 8, "{} {}", peak("python"), peak("decision-tree"));
    let before = self::place("pass", "classifiers = [\"decision-tree\"]", "");
    let alone = run(&before, &python, &ONE).iter().map(|r| r["peak_memory_mib"].as_u64().unwrap()).max().unwrap();
    assert!(peak("decision-tree") <= alone + 8, "{} {alone}", peak("decision-tree"));
}

#[test]
fn a_class_of_python_ends_what_it_has_started_as_it_does_by_hand() {
    let Some(python) = python() else { return };
    // The process that lasts has what a worker blocks for itself no more than its forks have.
    let terminate =
        "import subprocess; own = subprocess.Popen(['sleep', '100']); own.terminate(); assert own.wait() == -15";
    let place = place(terminate, CLASSIFIER, "cell_seconds = 60");
    for record in run(&place, &python, &ONE) {
        assert_eq!(record["outcome"], "scored", "{record}");
    }
}

#[test]
fn a_fork_that_ends_ill_after_its_answers_is_a_failure_of_every_step() {
    let Some(python) = python() else { return };
    let grids = [
        CLASSIFIER,
        "resamplers = [{ python = \"own:Mean\", on = \"scaled\" }]\nclassifiers = [\"prior\"]",
        "scalers = [{ python = \"own:Mean\" }]\nclassifiers = [\"prior\"]",
    ];
    for grid in grids {
        let place = place("is_first() and atexit.register(lambda: os._exit(5))", grid, "");
        let records = run(&place, &python, &ONE);
        let failed: Vec<&Value> = records.iter().filter(|record| record["outcome"] != "scored").collect();
        assert_eq!(failed.len(), 1, "{grid}: {records:?}");
        assert_eq!(failed[0]["reason"], "Mean answered everything, and then ended with exit code 5", "{grid}");
    }
}

#[test]
fn neither_the_process_that_lasts_nor_its_forks_nor_theirs_are_left_behind() {
    let Some(python) = python() else { return };
    for more in [&ONE[..], &["--in-process"]] {
        let ending = place("daemon()", CLASSIFIER, "");
        run(&ending, &python, more);
        all_end(&told(&ending, 9));
    }
    let slow = "daemon(); time.sleep(600)";
    let late = place(slow, CLASSIFIER, "cell_seconds = 5");
    assert!(run(&late, &python, &ONE).iter().all(|record| record["outcome"] == "timed-out"));
    // A busy machine may kill the others before they have said anything.
    all_end(&told(&late, 3));

    for how in ["run", "worker", "process", "interrupts"] {
        let place = place(slow, CLASSIFIER, "");
        let stderr = if how == "interrupts" { Stdio::piped() } else { Stdio::null() };
        let mut run = command(&place, &python, &ONE).stderr(stderr).spawn().unwrap();
        let processes = told(&place, 3);
        match how {
            "run" => run.kill().unwrap(),
            "process" => kill("-KILL", processes[1]),
            "interrupts" => interrupt_twice(&mut run),
            _ => {
                let children = Command::new("pgrep").args(["-P", &run.id().to_string()]).output().unwrap();
                let worker = String::from_utf8_lossy(&children.stdout).lines().next().unwrap().parse().unwrap();
                kill("-KILL", worker);
            }
        }
        all_end(&processes);
        assert!(processes.iter().all(|&one| !lives(one)));
        // It may have ended by itself.
        let _ = run.kill();
        run.wait().unwrap();
    }
}
