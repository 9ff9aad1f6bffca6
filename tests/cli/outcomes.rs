//! `docs/exit-codes.md`: every outcome has an exit code and a line, and this runs them all.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::{Place, csv};

#[test]
fn a_resampler_that_leaves_one_class_is_named_by_the_fit_that_fails() {
    // Every positive row lies among negative ones, so that cleaning both classes drops it.
    let rows = (0..80).map(|row| format!("{row},{}\n", u8::from(row % 20 == 10)));
    let data = std::iter::once("x,label\n".to_owned()).chain(rows).collect::<String>();
    let study = "name = 'one-class'\n[data]\npath = 'data.csv'\nlabel = 'label'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 2\n\
                 [grid]\nresamplers = [{ id = 'edited-nearest-neighbours', params = { sampling_strategy = 'all' } }]\n\
                 classifiers = ['logistic-regression']\n";
    let place = Place::new(&data, study);
    place.expect(1, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    let fits: Vec<_> = records.iter().filter(|record| record["family"] == "logistic-regression").collect();
    assert_eq!(fits.len(), 2);
    for record in fits {
        let reason = record["reason"].as_str().unwrap();
        assert!(
            reason.starts_with(
                "logistic-regression needs rows of both classes, but all rows are negative; the resampler \
                 `edited-nearest-neighbours` dropped "
            ) && reason.ends_with(
                " training rows and left no positive one: write another resampler, or another `sampling_strategy`"
            ),
            "{reason}"
        );
    }
}

/// A row of the table.
struct Row {
    arguments: Vec<String>,
    code: i32,
    line: String,
}

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/exit-codes.md");
    std::fs::read_to_string(path).unwrap()
}

/// The rows of the document, in order.
fn rows() -> Vec<Row> {
    let text = document();
    let of = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [command, code, said, _when] = cells[..] else { panic!("{line}") };
        let words = command.trim_matches('`').split(' ').map(str::to_owned);
        let line = said.trim_matches('`').to_owned();
        Row { arguments: words.skip(1).collect(), code: code.parse().unwrap(), line }
    };
    text.lines().filter(|line| line.starts_with("| `fraudbench")).map(of).collect()
}

/// Whether a line is as the table says, where `…` is anything.
fn fits(line: &str, wanted: &str) -> bool {
    let mut parts = wanted.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or("")) else { return false };
    for part in parts {
        match rest.find(part) {
            // The last piece has to end the line.
            Some(_) if wanted.ends_with(part) && !part.is_empty() && rest.ends_with(part) => rest = "",
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || wanted.ends_with('…')
}

/// A study of the baseline and another classifier, twofold.
fn study(name: &str, other: &str, folds: u32) -> String {
    format!(
        "name = \"{name}\"\nseed = 5\nprimary = \"pr-auc\"\ndata = {{ path = \"data.csv\" }}\nprotocol = {{ kind = \"stratified-k-fold\", folds = {folds} }}\n\
         [grid]\nclassifiers = [\"prior\", {other}]\n"
    )
}

/// A copy of the run `base` in which `change` has changed every record; those that it takes away are left out.
fn copy(place: &Place, to: &str, started: u64, change: impl Fn(&mut serde_json::Value) -> bool) {
    std::fs::create_dir_all(place.path(to)).unwrap();
    let manifest = std::fs::read_to_string(place.path("base/manifest.toml")).unwrap();
    let begun = manifest.lines().find(|line| line.starts_with("started_unix")).unwrap();
    place.write(&format!("{to}/manifest.toml"), &manifest.replace(begun, &format!("started_unix = {started}")));
    let log = std::fs::read_to_string(place.path("base/records.jsonl")).unwrap();
    let line = |line: &str| {
        let mut record = serde_json::from_str(line).unwrap();
        change(&mut record).then(|| format!("{record}\n"))
    };
    place.write(&format!("{to}/records.jsonl"), &log.lines().filter_map(line).collect::<String>());
}

/// Takes from the area of the logistic regression, not quite the same on each fold.
fn worse(record: &mut serde_json::Value, by: f64) -> bool {
    if record["classifier"] == "logistic-regression" {
        let area = record["metrics"]["pr-auc"].as_f64().unwrap();
        record["metrics"]["pr-auc"] = (area - by - 0.0001 * record["fold"].as_f64().unwrap()).into();
    }
    true
}

/// What stands in the folder before the first command.
fn prepared() -> Place {
    let place = Place::new(&csv(84), &study("small", "\"logistic-regression\"", 2));
    place.write("failing.toml", &study("failing", "{ family = \"debug\", params = { act = \"refuse\" } }", 2));
    let slow = "{ family = \"debug\", params = { act = \"sleep\", seconds = 1.0 } }";
    place.write("slow.toml", &study("slow", slow, 5));
    place.write("typo.toml", &study("typo", "\"logistic\"", 2));
    place.write("nodata.toml", &study("nodata", "\"svc\"", 2).replace("data.csv", "nowhere.csv"));
    place.write("folds.toml", &study("small", "\"logistic-regression\"", 3));
    std::fs::create_dir(place.path("locked")).unwrap();
    place
}

/// What the runs of the first commands are made into, once `base` is there.
fn made_of_base(place: &Place) {
    copy(place, "same", 2, |_| true);
    copy(place, "worse", 3, |record| worse(record, 0.3));
    copy(place, "gone", 4, |record| record["classifier"] == "prior");
    for night in 0..9 {
        let by = if night >= 5 { 0.3 } else { 0.0 };
        copy(place, &format!("nights/2026-01-0{}.1", night + 1), 10 + night, |record| {
            worse(record, by + 0.001 * ((night * 7) % 5) as f64)
        });
    }
    for (night, started) in [("mixed/2026-01-01.1", 1), ("mixed/2026-01-02.1", 2), ("mixed/2026-01-03.1", 2)] {
        copy(place, night, started, |_| true);
    }
    copy(place, "newer", 5, |_| true);
    for newer in ["newer/manifest.toml", "mixed/2026-01-03.1/manifest.toml"] {
        let manifest = std::fs::read_to_string(place.path(newer)).unwrap();
        let format = manifest.lines().find(|line| line.starts_with("format")).unwrap();
        place.write(newer, &manifest.replace(format, "format = 99"));
    }
    place.expect(0, &["run", "folds.toml", "--out", "folds", "--filter", "classifier=prior"]);
}

/// Runs a command, and sends it a signal (`-INT` is Ctrl-C) once its first cell is done.
fn interrupted(place: &Place, arguments: &[&str], signal: &str) -> Output {
    signalled(place, &mut place.command(arguments), signal)
}

/// The same of any command whose results go to `stopped`.
fn signalled(place: &Place, command: &mut Command, signal: &str) -> Output {
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let log = place.path("stopped/records.jsonl");
    while std::fs::read_to_string(&log).map_or(0, |text| text.lines().count()) == 0 {
        assert!(run.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(Command::new("kill").args([signal, &run.id().to_string()]).status().unwrap().success());
    let said: Vec<String> = BufReader::new(run.stderr.take().unwrap()).lines().map(Result::unwrap).collect();
    Output { status: run.wait().unwrap(), stdout: Vec::new(), stderr: said.join("\n").into_bytes() }
}

#[test]
fn every_outcome_has_its_code_and_its_line() {
    let place = prepared();
    let lock = std::fs::File::create(place.path("locked/lock")).unwrap();
    lock.lock().unwrap();
    let mut wrong = Vec::new();
    for (nth, row) in rows().iter().enumerate() {
        let arguments: Vec<&str> = row.arguments.iter().map(String::as_str).collect();
        let output = match row.code {
            130 => interrupted(&place, &arguments, "-INT"),
            _ => place.run(&arguments),
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let is_said = text.lines().any(|line| fits(line, &row.line));
        let verdict = String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or("").to_owned();
        let is_last = !["GATE", "HISTORY"].iter().any(|word| row.line.starts_with(word)) || fits(&verdict, &row.line);
        if output.status.code() != Some(row.code) || !is_said || !is_last {
            wrong.push(format!(
                "{arguments:?}: {:?}, wanted {} and `{}`:\n{text}",
                output.status.code(),
                row.code,
                row.line
            ));
        }
        if nth == 0 {
            made_of_base(&place);
        }
    }
    assert!(wrong.is_empty(), "{} outcomes are not as docs/exit-codes.md has them:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_signal_that_the_document_names_stops_a_run_as_ctrl_c_does() {
    let text = document();
    let row = text.lines().find(|line| line.starts_with("| 130 | ")).unwrap();
    let words = row.split(|c: char| !c.is_ascii_uppercase());
    let signals: Vec<&str> = words.filter_map(|word| word.strip_prefix("SIG")).collect();
    assert_eq!(signals, ["INT", "TERM", "HUP"], "{row}");
    for signal in signals {
        let place = prepared();
        let arguments = ["run", "slow.toml", "--threads", "1", "--out", "stopped"];
        let output = interrupted(&place, &arguments, &format!("-{signal}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{signal}: {said}");
        assert!(said.contains("; to resume: fraudbench run --resume stopped"), "{signal}: {said}");
    }
    let help = String::from_utf8(Place::new("", "").run(&["--help"]).stdout).unwrap();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("130 stopped by Ctrl-C, SIGTERM or SIGHUP, nothing lost"), "{help}");
}

#[test]
fn a_run_that_nohup_has_begun_outlives_its_terminal() {
    let place = prepared();
    let run = place.command(&["run", "slow.toml", "--threads", "1", "--out", "stopped"]);
    let mut command = Command::new("nohup");
    command.arg(run.get_program()).args(run.get_args()).stdin(Stdio::null());
    if let Some(folder) = run.get_current_dir() {
        command.current_dir(folder);
    }
    command.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = signalled(&place, &mut command, "-HUP");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_command_has_outcomes() {
    let help = Place::new("", "").run(&["--help"]);
    let help = String::from_utf8(help.stdout).unwrap();
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    // What a command does stands further in, and goes on below itself.
    let commands =
        list.lines().filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let commands: Vec<&str> = commands.filter(|name| *name != "help").collect();
    assert!(commands.len() > 15, "{commands:?}");
    let rows = rows();
    let without: Vec<&&str> = commands
        .iter()
        .filter(|name| !rows.iter().any(|row| row.arguments.first().is_some_and(|one| one == **name)))
        .collect();
    assert!(without.is_empty(), "docs/exit-codes.md has no outcome of {without:?}");
}

#[test]
fn dots_stand_for_anything_and_nothing_else_does() {
    assert!(fits("a b c", "a…c") && fits("a b c", "a…") && fits("abc", "abc") && fits("x: y z", "x: …z"));
    assert!(!fits("a b c", "b…") && !fits("a b c", "a b") && !fits("a b", "a…c") && !fits("a c d", "a…c"));
}
