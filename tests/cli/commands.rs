//! Commands that the program prints to be typed: a shell takes them as they are, whatever blanks and quotes are in a path.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{Place, STUDY, csv};

const OUT: &str = "my runs/it's one";

fn place() -> Place {
    let place = Place::new(&csv(84), STUDY);
    std::fs::create_dir(place.path("my runs")).unwrap();
    place
}

/// Has a shell run what was printed; the exit code is `code`.
fn typed(place: &Place, code: i32, command: &str) -> String {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_fraudbench")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", program.display());
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", command]).current_dir(place.folder.path()).env("PATH", path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{command}\n{said}");
    said
}

/// What stands behind `mark` in a text, up to the end of the line.
fn behind<'t>(text: &'t str, mark: &str) -> &'t str {
    let (_, after) = text.split_once(mark).unwrap_or_else(|| panic!("no `{mark}` in {text}"));
    after.lines().next().unwrap()
}

/// What stands behind `mark`, up to the backtick that ends it.
fn marked<'t>(text: &'t str, mark: &str) -> &'t str {
    behind(text, mark).split('`').next().unwrap()
}

/// What a run into `out` says that is stopped after its first cell.
fn stopped(place: &Place, arguments: &[&str], out: &str) -> String {
    let slow = "{ family = \"debug\", params = { act = \"sleep\", seconds = 1.0 } }";
    place.write("slow.toml", &STUDY.replace("\"prior\", \"decision-tree\", \"logistic-regression\"", slow));
    let mut run = place.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let log = place.path(out).join("records.jsonl");
    while std::fs::read_to_string(&log).map_or(0, |text| text.lines().count()) == 0 {
        assert!(run.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap().success());
    let said: Vec<String> = BufReader::new(run.stderr.take().unwrap()).lines().map(Result::unwrap).collect();
    assert_eq!(run.wait().unwrap().code(), Some(130));
    said.join("\n")
}

#[test]
fn a_run_that_was_stopped_or_is_there_says_how_to_go_on() {
    let place = place();
    let arguments = ["run", "slow.toml", "--threads", "1", "--out", OUT];
    let said = stopped(&place, &arguments, OUT);
    let command = behind(&said, "to resume: ");
    assert_eq!(command, r"fraudbench run --resume 'my runs/it'\''s one'");
    typed(&place, 0, command);
    let said = place.expect(2, &arguments);
    let command = marked(&said, "holds results already: go on with `");
    assert!(typed(&place, 0, command).contains("0 of 6 cells to run"));
    // An audit has no such option itself.
    let audit = ["audit", "study.toml", "--seeds", "1", "--family", "decision-tree", "--out", "my audit"];
    place.expect(0, &audit);
    let said = place.expect(2, &audit);
    let command = marked(&said, "holds results already: go on with `");
    assert_eq!(command, "fraudbench run --resume 'my audit'");
    assert!(typed(&place, 0, command).contains("cells to run"));
}

#[test]
fn a_run_that_was_stopped_is_resumed_with_the_options_that_it_had() {
    let place = place();
    let options = ["--no-reuse", "--cell-seconds", "77", "--retries", "0", "--no-external"];
    let said =
        stopped(&place, &[&["run", "slow.toml", "--threads", "1", "--out", "out"], &options[..]].concat(), "out");
    let command = behind(&said, "to resume: ");
    assert_eq!(command, format!("fraudbench run --resume out {}", options.join(" ")));
    typed(&place, 0, command);
}

#[test]
fn the_manifest_has_the_command_as_a_shell_takes_it() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--filter", "classifier=prior;fold=0", "--out", OUT]);
    let manifest = std::fs::read_to_string(place.path(OUT).join("manifest.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let command = manifest["command"].as_str().unwrap();
    let wanted = r"fraudbench run study.toml --filter 'classifier=prior;fold=0' --out 'my runs/it'\''s one'";
    assert_eq!(command, wanted);
    let before = place.records(OUT);
    std::fs::remove_dir_all(place.path(OUT)).unwrap();
    typed(&place, 0, command);
    assert_eq!(place.records(OUT), before);
}

#[test]
fn a_new_study_and_a_table_say_what_to_do_with_them() {
    let place = place();
    place.write("my cards.csv", &csv(84));
    let text = place.printed(0, &["init", "my cards.csv", "--study", "my runs/its.toml"]);
    let next = behind(&text, "Next: ");
    let study = "'my runs/its.toml'";
    assert_eq!(next, format!("fraudbench list {study}, fraudbench audit {study} --inspect, fraudbench run {study}"));
    next.split(", ").take(2).for_each(|command| drop(typed(&place, 0, command)));
    let text = place.printed(0, &["init", "--study", "my runs/template.toml"]);
    assert_eq!(behind(&text, "then: "), "fraudbench run 'my runs/template.toml'");
    let said = place.expect(2, &["run", "my cards.csv"]);
    assert_eq!(marked(&said, "a table and not a study: `"), "fraudbench try 'my cards.csv'");
}

#[test]
fn what_a_merge_lacks_and_a_plan_that_is_there_are_told_with_what_runs_them() {
    let place = place();
    for out in ["a", "b"] {
        place.expect(0, &["run", "study.toml", "--filter", "classifier=decision-tree", "--out", out]);
    }
    place.edit_records("b", |record| record["metrics"]["pr-auc"] = 0.5.into());
    let said = place.expect(1, &["merge", "a", "b", "--out", OUT]);
    let command = behind(&said, "to run what is missing: ");
    assert!(typed(&place, 0, command).contains("6 scored"), "{said}");

    let submit = ["submit", "study.toml", "--shards", "1", "--out", "my runs/plan"];
    place.expect(0, &submit);
    let said = place.expect(2, &submit);
    assert_eq!(marked(&said, "holds a plan already: `"), "fraudbench run --plan 'my runs/plan' --shard I/1");
    let submit = ["submit", "study.toml", "--shards", "1", "--slurm", "--dry-run", "--out", "my runs/slurm"];
    place.expect(0, &submit);
    let said = place.expect(2, &submit);
    assert_eq!(marked(&said, "holds a plan already: `"), "fraudbench submit --resubmit 'my runs/slurm'");
}
