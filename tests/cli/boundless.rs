//! What asks for more than there is, and what lies where results should go: refused in a sentence, nothing touched.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::{Place, STUDY, csv};

/// Runs the study within five seconds and a limit on addresses; returns what it said.
fn refused_at_once(study: &str, more: &str) -> String {
    let place = Place::new(&csv(70), study);
    let script =
        format!("ulimit -v 8000000; exec {} run study.toml --out out {more}", env!("CARGO_BIN_EXE_fraudbench"));
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script]).current_dir(place.folder.path()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("it is not refused within a minute");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(!said.contains("panicked") && !said.contains("backtrace"), "{said}");
    assert!(!place.path("out").exists(), "results were begun all the same");
    said
}

#[test]
fn amounts_that_add_up_to_more_than_a_number_holds_leave_results_that_can_be_read() {
    // The largest number there is stands for an unknown amount, as some programs have it.
    let amount = |line: &str| match line.split(',').collect::<Vec<_>>()[..] {
        [a, _, "label"] => format!("{a},amount,label\n"),
        [a, _, "1"] => format!("{a},1.7976931348623157e308,1\n"),
        [a, _, label] => format!("{a},3,{label}\n"),
        _ => panic!("{line}"),
    };
    let data: String = csv(210).lines().map(amount).collect();
    let money = "\namount = \"amount\"\nignore = [\"amount\"]\n";
    let study = STUDY
        .replace("seed = 5\n", "seed = 5\nmetrics = [\"pr-auc\", \"cost(10)\", \"amount-recall\", \"savings(10)\"]\n")
        .replace("\npath = \"data.csv\"\n", &format!("\npath = \"data.csv\"{money}"));
    let place = Place::new(&data, &study);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    assert_eq!(records.len(), 18);
    // The baseline misses the ten positives of each test part.
    for record in records.iter().filter(|record| record["classifier"] == "prior") {
        let why = |id: &str| record["metrics"][id]["undefined"].as_str().map(str::to_owned);
        assert_eq!(why("cost(10)").as_deref(), Some("the value is not a finite number"));
        assert!(why("amount-recall").is_some() && why("savings(10)").is_some(), "{record}");
    }
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains("0 of 18 cells to run"), "{said}");
    let report = std::fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(report.contains("No money is computed: the amounts of the positives of the test parts add up"), "{report}");
    assert!(!place.path("out/savings.csv").exists());
}

#[test]
fn plans_beyond_the_machine_are_refused_before_they_are_made() {
    for key in ["folds = 1000000000", "folds = 3\nrepeats = 1000000000"] {
        let said = refused_at_once(&STUDY.replace("folds = 3", key), "");
        assert!(said.contains("000,000,000 splits") && said.contains("MiB are free"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let many: Vec<String> = (0..100_000).map(|i| format!("{{ family = 'prior', name = 'p{i}' }}")).collect();
    let said = refused_at_once(&STUDY.replace("\"prior\"", &many.join(", ")), "");
    assert!(said.contains("grid.classifiers: names 100,002 components, and at most 10,000"), "{said}");
    let simulated = "simulate = { rows = 4000000000, columns = 10, positives = 1000 }";
    let said = refused_at_once(&STUDY.replace("path = \"data.csv\"", simulated), "");
    assert!(said.contains("4000000000 rows x 10 columns take 305175 MiB"), "{said}");
    let simulated = simulated.replace("4000000000", "1000000000000");
    let said = refused_at_once(&STUDY.replace("path = \"data.csv\"", &simulated), "");
    assert!(said.contains("simulate: `rows` must be at most 4294967295, not 1000000000000"), "{said}");
    let said = refused_at_once(STUDY, "--threads 99999999");
    assert!(said.contains("'99999999' for '--threads <N>': this machine has"), "{said}");
}

#[test]
fn matrices_and_tables_beyond_the_memory_of_the_run_are_refused_with_their_sizes() {
    let study = STUDY.replace("\"standard\"", "{ id = \"polynomial\", params = { degree = 3 } }");
    let study = study.replace("\"prior\", \"decision-tree\", \"logistic-regression\"", "\"prior\"");
    let place = Place::new(&csv(21_000), &study);
    let run = ["run", "study.toml", "--out", "out", "--memory", "1", "--cell-memory", "2000"];
    let said = place.expect(2, &run);
    let sizes = "fraudbench: data: 21,000 rows x 10 columns x 8 bytes = 1.6 MiB behind scaler `polynomial`, beside 0.3 MiB of tables, and this \
                 run may use 1.0 MiB: take fewer rows (`sample`) or columns (`ignore`), leave out scaler `polynomial`, or allow more memory \
                 (`--memory` MIB)";
    assert_eq!(said.lines().last(), Some(sizes), "{said}");
    assert!(!place.path("out").exists(), "results were begun all the same");
    place.expect(0, &[&run[..], &["--filter", "scaler=none"]].concat());
    // What is done is not refused; what a resampler may drop is not counted.
    place.expect(0, &["run", "study.toml", "--out", "whole", "--filter", "scaler=polynomial"]);
    place.expect(0, &["run", "--resume", "whole", "--memory", "1"]);
    place.write("study.toml", &study.replace("[grid]", "[grid]\nresamplers = [\"random-undersampling\"]"));
    place.expect(0, &["run", "study.toml", "--out", "fewer", "--memory", "1", "--cell-memory", "2000"]);

    place.write("data.csv", &csv(70_000));
    let said = place.expect(2, &["run", "study.toml", "--out", "large", "--memory", "1"]);
    assert!(said.contains("data: 70,000 rows x 2 columns x 8 bytes = 1.1 MiB, and this run may use 1.0 MiB"), "{said}");
    assert!(!place.path("large").exists());
}

#[test]
fn a_share_of_the_memory_that_no_cell_can_do_with_is_refused_before_any() {
    let place = Place::new(&csv(210), &format!("{STUDY}[limits]\nmemory = 1\n"));
    let said = place.expect(2, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    let wanted = "fraudbench: `memory` of the limits is 1.0 MiB, half of which is shared by 1 cell: less than 1 MiB for each of those that \
                  run side by side; allow more memory (`--memory` MIB)";
    assert_eq!(said.lines().last(), Some(wanted), "{said}");
    assert!(!place.path("out").exists(), "results were begun all the same");
}

/// 200,000 rows of 10 columns in ten folds: a worker has 2 MiB from the start, three lists of all rows and three of the 180,000 training
/// rows, all values, those of a block of 16,384 rows, and the labels: 27.4 MiB.
const WIDE: &str = r#"
name = "wide"
data = { simulate = { rows = 200000, positives = 1000, columns = 10, seed = 1 } }
protocol = { kind = "stratified-k-fold", folds = 10 }
[grid]
classifiers = ["prior"]
"#;
const NEEDED: &str = "a worker needs 27.4 MiB to prepare 200,000 rows x 10 columns, and may take 27.0 MiB";

#[test]
fn what_no_worker_can_prepare_is_refused_and_what_is_accepted_is_scored() {
    let place = Place::new(&csv(210), WIDE);
    let run = |out: &str, threads: &str, code: i32, limits: &[&str]| {
        let run = ["run", "study.toml", "--out", out, "--filter", "fold=0,fold=1", "--threads", threads];
        place.expect(code, &[&run[..], limits].concat())
    };
    let advice = "take fewer rows (`sample`) or columns (`ignore`), or allow";
    for threads in ["1", "2"] {
        let said = run("out", threads, 2, &["--memory", "54"]);
        let whole = format!(
            "{NEEDED} (half of `memory`): {advice} more memory (`--memory` MIB, or `--cell-memory` for a worker alone)"
        );
        assert!(said.contains(&whole), "{said}");
        let said = run("out", threads, 2, &["--memory", "4000", "--cell-memory", "27"]);
        let whole = format!("{NEEDED} (`cell_memory`): {advice} a worker more memory (`--cell-memory` MIB)");
        assert!(said.contains(&whole), "{said}");
        assert!(!place.path("out").exists(), "results were begun all the same");
        // Of two workers each has half of that: one of them makes the matrices while the other one does nothing.
        let out = format!("out{threads}");
        run(&out, threads, 0, &["--memory", "64"]);
        assert!(place.records(&out).iter().all(|record| record["outcome"] == "scored"));
    }
}

#[test]
fn what_does_not_fit_the_memory_of_the_study_is_refused_by_all_that_look_at_it() {
    let place = Place::new(&csv(210), &format!("{WIDE}[limits]\nmemory = 54\n"));
    let calls: [&[&str]; 3] = [
        &["run", "study.toml", "--out", "out"],
        &["list", "study.toml"],
        &["submit", "study.toml", "--slurm", "--dry-run", "--out", "plan"],
    ];
    for call in calls {
        let said = place.expect(2, call);
        assert!(said.contains(NEEDED), "{call:?}: {said}");
    }
    assert!(!place.path("out").exists() && !place.path("plan").exists());
    place.write("study.toml", &format!("{WIDE}[limits]\nmemory = 55\n"));
    place.expect(0, &["list", "study.toml"]);
}

#[test]
fn all_steps_whose_matrices_do_not_fit_are_told_at_once() {
    let scalers =
        "{ id = \"polynomial\", name = \"p3\", params = { degree = 3 } }, { id = \"polynomial\", name = \"p2\" }";
    let study = STUDY.replace("\"standard\"", scalers);
    let place = Place::new(&csv(21_000), &format!("{study}[limits]\nmemory = 1\ncell_memory = 2000\n"));
    for call in [&["run", "study.toml", "--out", "out"][..], &["list", "study.toml"]] {
        let said = place.expect(2, call);
        assert!(said.contains("21,000 rows x 10 columns x 8 bytes = 1.6 MiB behind scaler `p3`"), "{call:?}: {said}");
        assert!(said.contains("21,000 rows x 6 columns x 8 bytes = 1.0 MiB behind scaler `p2`"), "{call:?}: {said}");
    }
}

#[test]
fn little_memory_is_a_sentence_and_never_an_abort() {
    let place = Place::new(&csv(210), STUDY);
    let mut ends = Vec::new();
    for mib in (90..400).step_by(31) {
        let script = format!(
            "ulimit -v {}; exec {} run study.toml --out out{mib} --threads 1 --filter fold=0,family=prior",
            mib << 10,
            env!("CARGO_BIN_EXE_fraudbench")
        );
        let mut command = std::process::Command::new("bash");
        let output = command.args(["-c", &script]).current_dir(place.folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0..=2)), "{mib} MiB: {:?} {said}", output.status);
        let last = said.lines().last().unwrap_or("");
        assert!(output.status.code() != Some(2) || last.starts_with("fraudbench: "), "{mib} MiB: {said}");
        ends.push(output.status.code());
    }
    assert!(ends.contains(&Some(2)), "somewhere memory ends: {ends:?}");
}

#[test]
fn addresses_that_nobody_uses_are_no_want_of_memory() {
    let place = Place::new(&csv(210), STUDY);
    // With 64 MiB of addresses reserved for every thread, nothing was left.
    let script = format!("ulimit -v 700000; exec {} run study.toml --out out", env!("CARGO_BIN_EXE_fraudbench"));
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script]).current_dir(place.folder.path()).env("RAYON_NUM_THREADS", "16");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("18 scored, 0 failed in "), "{said}");
}

#[test]
fn a_column_with_an_endless_name_is_a_column() {
    let name = "c".repeat(70_000);
    let place = Place::new(&csv(210).replacen("a,", &format!("{name},"), 1), STUDY);
    let said = place.expect(0, &["run", "study.toml", "--out", "out"]);
    assert!(said.lines().all(|line| line.len() < 1_000), "{said}");
}

#[test]
fn folders_of_others_are_left_alone() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    std::fs::create_dir(place.path("mine")).unwrap();
    place.write("mine/report.md", "my own report");
    let calls: [&[&str]; 3] = [
        &["run", "study.toml", "--out", "mine"],
        &["report", "out", "--out", "mine"],
        &["merge", "out", "--out", "mine"],
    ];
    for call in calls {
        let said = place.expect(2, call);
        let sentence = "mine holds files that are not fraudbench's, such as report.md: nothing was written";
        assert!(said.contains(sentence), "{call:?}: {said}");
        assert_eq!(std::fs::read_to_string(place.path("mine/report.md")).unwrap(), "my own report");
        assert!(std::fs::read_dir(place.path("mine")).unwrap().count() <= 2, "{call:?} wrote into it");
    }
    // Its own reports are written again, and so is one into a folder that is there and empty.
    std::fs::create_dir(place.path("empty")).unwrap();
    for _ in 0..2 {
        place.expect(0, &["report", "out", "--out", "empty"]);
        place.expect(0, &["report", "out", "--out", "new"]);
    }
    assert!(place.path("empty/report.md").exists() && place.path("new/report.md").exists());
}

#[test]
fn limits_that_contradict_each_other_and_memory_beyond_them_are_told() {
    let place = Place::new(&csv(210), STUDY);
    let run = ["run", "study.toml", "--threads", "2", "--filter", "family=prior", "--out"];
    let told = |cells: &str| {
        format!(
            "warning: {cells}, which is more than the 1 MiB of the run (`memory`): lower the one or raise the other, or take fewer"
        )
    };
    let cells = told("2 cells at a time may take 2,000 MiB each (`cell_memory`), 4,000 MiB in all");
    // No process of ours has so little.
    let beyond = "warning: that is more than the 1 MiB that the run may use (`memory`)";
    let given = ["--memory", "1", "--cell-memory", "2000"];
    let said = place.expect(0, &[&run[..], &["given"], &given].concat());
    assert!(said.contains(&cells) && said.contains(beyond), "{said}");
    place.write("study.toml", &format!("{STUDY}[limits]\nmemory = 1\ncell_memory = 2000\n"));
    let said = place.expect(0, &[&run[..], &["studied"]].concat());
    assert!(said.contains(&cells) && said.contains(beyond), "{said}");
    let said = place.expect(0, &[&run[..], &["larger", "--memory", "8000"]].concat());
    assert!(!said.contains("at a time may take") && !said.contains("that the run may use"), "{said}");
}
