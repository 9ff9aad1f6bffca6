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
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
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

/// Puts a pipe in the place of the table, which has no end then.
#[cfg(target_os = "linux")]
fn endless(place: &Place) {
    std::fs::remove_file(place.path("data.csv")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(place.path("data.csv")).status().unwrap().success());
}

/// Ends a command by a signal while it reads such a table; what it said.
#[cfg(target_os = "linux")]
fn stopped_while_reading(place: &Place, signal: &str, arguments: &[&str]) -> String {
    use std::os::unix::fs::OpenOptionsExt;
    let mut command = place.command(arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    // A pipe that nobody reads yet is not opened; as long as it is open the table has no end.
    let writer = loop {
        let mut pipe = std::fs::File::options();
        if let Ok(pipe) = pipe.write(true).custom_flags(libc::O_NONBLOCK).open(place.path("data.csv")) {
            break pipe;
        }
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "the table was not opened");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    drop(writer);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{signal} {arguments:?}: {said}");
    said
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_while_the_data_are_read_has_the_same_code_and_leaves_nothing() {
    let place = Place::new("", STUDY);
    endless(&place);
    for (signal, more) in [("-TERM", &[][..]), ("-INT", &[]), ("-TERM", &["--nightly"])] {
        let said = stopped_while_reading(&place, signal, &[&["run", "study.toml", "--out", "out"], more].concat());
        assert!(said.ends_with("stopped before the first cell\n"), "{said}");
        let left = std::fs::read_dir(place.path("out")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{signal} {more:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_goes_on_with_cells_that_are_there_is_not_stopped_before_the_first() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    place.expect(0, &["submit", "study.toml", "--shards", "1", "--out", "plan"]);
    place.expect(0, &["run", "--plan", "plan", "--shard", "0/1"]);
    for log in ["out/records.jsonl", "plan/shard-0/records.jsonl"] {
        let text = std::fs::read_to_string(place.path(log)).unwrap();
        let five: String = text.lines().take(5).map(|line| format!("{line}\n")).collect();
        std::fs::write(place.path(log), five).unwrap();
    }
    endless(&place);
    for (log, command) in [
        ("out/records.jsonl", &["run", "--resume", "out"][..]),
        ("plan/shard-0/records.jsonl", &["run", "--plan", "plan", "--shard", "0/1"]),
    ] {
        let said = stopped_while_reading(&place, "-INT", command);
        assert!(said.ends_with("stopped; no cell was begun\n") && !said.contains("first cell"), "{said}");
        assert_eq!(std::fs::read_to_string(place.path(log)).unwrap().lines().count(), 5, "{command:?}");
    }
    // A folder that nobody has begun is new.
    let said = stopped_while_reading(&place, "-INT", &["run", "study.toml", "--out", "other"]);
    assert!(said.ends_with("stopped before the first cell\n"), "{said}");
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
fn two_runs_cannot_interleave_where_the_lock_file_is_removed() {
    let place = Place::new(&csv(2100), &long_study());
    let mut child = start(&place, 1);
    std::fs::remove_file(place.path("out/lock")).unwrap();
    let said = place.expect(2, &["run", "--resume", "out"]);
    assert!(said.contains("records.jsonl is in use by another fraudbench"), "{said}");
    child.kill().unwrap();
    child.wait().unwrap();
    place.expect(0, &["run", "--resume", "out"]);
    assert_eq!(place.records("out"), undisturbed(&place));
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

/// Waits for the end of a run that must not hang; returns its exit code and what it said.
fn end(mut child: std::process::Child) -> (Option<i32>, String) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("the run hangs: {}", String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_log_that_is_deleted_moved_replaced_or_cut_ends_the_run() {
    type Harm = fn(&std::path::Path);
    let harms: [(Harm, &str); 4] = [
        (|log| std::fs::remove_file(log).unwrap(), "was deleted or moved while the run was going on"),
        (|log| std::fs::rename(log, log.with_extension("old")).unwrap(), "was deleted or moved while the run"),
        (
            |log| {
                std::fs::copy(log, log.with_extension("copy")).unwrap();
                std::fs::rename(log.with_extension("copy"), log).unwrap();
            },
            "was replaced by another file while the run",
        ),
        (
            |log| std::fs::OpenOptions::new().write(true).open(log).unwrap().set_len(10).unwrap(),
            "has 10 bytes instead of",
        ),
    ];
    for (harm, expected) in harms {
        let place = Place::new(&csv(2100), &long_study());
        let child = start(&place, 3);
        harm(&place.path("out/records.jsonl"));
        let (code, said) = end(child);
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains(expected) && said.contains("records.jsonl"), "{said}");
    }
}

#[test]
fn a_log_that_is_deleted_while_the_last_cell_runs_is_noticed_too() {
    let debug = "{ family = 'debug', params = { act = 'sleep', stage = 'fit' } }";
    let study = format!(
        "{}\n[limits]\ncell_seconds = 3\nretries = 0",
        STUDY.replace("\"prior\", \"decision-tree\", \"logistic-regression\"", &format!("\"prior\", {debug}"))
    );
    let place = Place::new(&csv(210), &study.replace("[\"none\", \"standard\"]", "[\"none\"]"));
    let mut command = place.command(&["run", "study.toml", "--out", "out", "--filter", "fold=0", "--threads", "1"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while std::fs::read_to_string(place.path("out/records.jsonl")).map_or(0, |text| text.lines().count()) < 1 {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::fs::remove_file(place.path("out/records.jsonl")).unwrap();
    let (code, said) = end(child);
    assert!(code == Some(3) && said.contains("was deleted or moved"), "{code:?} {said}");
}

#[test]
fn a_display_that_nobody_reads_does_not_end_the_run() {
    let place = Place::new(&csv(700), &long_study());
    let mut command = place.command(&["run", "study.toml", "--out", "out", "--threads", "2"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // From here on every line that it prints is an error.
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(end(child).0, Some(0));
    assert_eq!(place.records("out"), undisturbed(&place));
}

#[test]
fn threads_that_cannot_be_started_are_a_sentence_and_never_a_hang() {
    let place = Place::new(&csv(210), STUDY);
    let mut all = String::new();
    // Every thread takes a GiB of addresses, so that with each GiB more the next one is the first that cannot be started.
    for gib in 1..=16 {
        let script = format!(
            "ulimit -v {}; exec {} run study.toml --out out{gib} --threads 2 --filter fold=0",
            gib << 20,
            env!("CARGO_BIN_EXE_fraudbench")
        );
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script]).current_dir(place.folder.path()).env("RUST_MIN_STACK", (1 << 30).to_string());
        let (code, said) = end(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
        // A worker that has too few for its own threads is a failed cell.
        assert!(matches!(code, Some(0..=2)), "{gib} GiB: {code:?} {said}");
        assert!(!said.contains("panicked"), "{gib} GiB: {said}");
        assert!(code != Some(2) || said.contains("fraudbench: cannot "), "{gib} GiB: {said}");
        all.push_str(&said);
    }
    // Which threads there is no room for depends on the machine; that a worker cannot be started is the next test's.
    assert!(all.contains("cannot start a thread"), "{all}");
}

#[test]
fn too_few_open_files_are_a_sentence_and_never_a_hang() {
    let place = Place::new(&csv(210), STUDY);
    let mut outcomes = std::collections::BTreeMap::new();
    // With the first nothing can be opened, with the last everything; between them every single thing fails once.
    for files in 4..40 {
        let out = format!("out{files}");
        let script = format!(
            "ulimit -n {files}; exec {} run study.toml --out {out} --threads 1 --filter fold=0,scaler=none,family=prior",
            env!("CARGO_BIN_EXE_fraudbench")
        );
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script]).current_dir(place.folder.path());
        let (code, said) = end(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
        assert!(!said.contains("panicked"), "{files}: {said}");
        outcomes.insert(files, code);
        if said.contains("a worker") {
            outcomes.insert(0, code);
        }
    }
    assert_eq!(outcomes[&39], Some(0), "{outcomes:?}");
    assert_eq!(
        outcomes.get(&0),
        Some(&Some(2)),
        "at some number it is the worker that cannot be started: {outcomes:?}"
    );
}

#[test]
fn no_subcommand_minds_a_reader_that_goes_away() {
    let place = Place::new(&csv(60), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let calls: [&[&str]; 7] = [
        &["data", "describe", "data.csv"],
        &["data", "list"],
        &["list"],
        &["list", "study.toml"],
        &["report", "out"],
        &["merge", "--out", "merged", "out"],
        &["python", "packages"],
    ];
    for call in calls {
        let mut child = place.command(call).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Closed before anything is written.
        drop(child.stdout.take());
        let said = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.code() == Some(0) && !text.contains("panicked"), "{call:?}: {:?} {text}", said.status);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn paths_that_are_not_utf_8_are_paths() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new(&csv(60), STUDY);
    let folder = place.folder.path().join(std::ffi::OsStr::from_bytes(b"a b\xff"));
    std::fs::create_dir(&folder).unwrap();
    for name in ["data.csv", "study.toml"] {
        std::fs::copy(place.path(name), folder.join(name)).unwrap();
    }
    let out = folder.join("out");
    let ends = |call: &mut std::process::Command| {
        let output = call.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    };
    ends(place.command(&["run", "--out"]).arg(&out).arg(folder.join("study.toml")));
    ends(place.command(&["report"]).arg(&out));
    std::fs::write(out.join("records.jsonl"), "").unwrap();
    ends(place.command(&["run", "--resume"]).arg(&out));
    assert!(!std::fs::read(out.join("records.jsonl")).unwrap().is_empty());
}

#[test]
fn a_table_that_finds_no_room_is_one_sentence_and_leaves_nothing() {
    let place = Place::new("", "");
    for name in ["table.parquet", "table.csv"] {
        let script = format!(
            "ulimit -f 8; exec {} data simulate handbook --customers 300 --out {name}",
            env!("CARGO_BIN_EXE_fraudbench")
        );
        let output = std::process::Command::new("bash").args(["-c", &script]).current_dir(place.folder.path()).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.starts_with(&format!("fraudbench: cannot write {name}: File too large")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            std::fs::read_dir(place.folder.path())
                .unwrap()
                .all(|file| { !file.unwrap().file_name().to_string_lossy().contains("table") })
        );
    }
}

/// Puts `script` in the place of the programs that a fetch starts.
#[cfg(target_os = "linux")]
fn stand_in(place: &Place, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(place.path("bin")).unwrap();
    for name in ["bin/python3", "bin/curl"] {
        place.write(name, &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(place.path(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_fetch_leaves_that_was_ended_is_removed_by_itself_or_by_the_next_one() {
    let place = Place::new("", "");
    let fetch = || {
        let mut command = place.command(&["data", "fetch", "creditcard"]);
        let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
        command.env("FRAUDBENCH_CACHE", place.path("cache")).env("PATH", path).stdout(Stdio::null());
        command
    };
    let left = || std::fs::read_dir(place.path("cache/data")).map_or(0, Iterator::count);
    let kill = |signal: &str, process: &str| {
        assert!(std::process::Command::new("kill").args([signal, process]).status().unwrap().success());
    };
    // As Ctrl-C does, which a script that runs tests beside itself may want to be ignored.
    for (signal, code, stays) in [("-TERM", Some(130), 0), ("-KILL", None, 1)] {
        stand_in(&place, "echo $$ > pid\nexec sleep 60");
        let mut child = fetch().stderr(Stdio::null()).spawn().unwrap();
        let started = || std::fs::read_to_string(place.path("pid")).unwrap_or_default();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !started().ends_with('\n') {
            assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "nothing was started");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(left(), 1, "the scratch folder");
        kill(signal, &child.id().to_string());
        assert_eq!(child.wait().unwrap().code(), code);
        assert_eq!(left(), stays, "{signal}");
        kill("-KILL", started().trim());
        std::fs::remove_file(place.path("pid")).unwrap();
    }
    stand_in(&place, "exit 1");
    let ended = fetch().output().unwrap();
    assert_eq!(ended.status.code(), Some(2), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(left(), 0, "what the killed one has left is cleared");
}
