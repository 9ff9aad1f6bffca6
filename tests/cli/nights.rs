//! `fraudbench run --nightly`: a directory per night, the link, what is resumed, and what is removed.

use std::fs;

use crate::{Place, STUDY, csv};

fn place() -> Place {
    Place::new(&csv(140), STUDY)
}

/// The names in the folder of the nights.
fn names(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path("nights")).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const NIGHT: [&str; 5] = ["run", "study.toml", "--nightly", "--out", "nights"];

/// Gives the first night of today another day.
fn moved(place: &Place, date: &str) {
    let of_today = names(place).into_iter().rfind(|name| name.starts_with("20") && !name.starts_with("2020")).unwrap();
    fs::rename(place.path("nights").join(of_today), place.path("nights").join(date)).unwrap();
}

#[test]
fn nights_lie_side_by_side_and_latest_leads_to_the_newest() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--nightly"]);
    let link = place.path("results/small/latest");
    assert!(fs::read_link(&link).unwrap().to_str().unwrap().ends_with(".1") && link.join("report.html").is_file());
    place.expect(0, &["run", "study.toml", "--nightly"]);
    assert!(fs::read_link(&link).unwrap().to_str().unwrap().ends_with(".2"));
    // Both are whole, and the gate takes the link.
    place.expect(0, &["compare", "results/small/latest", "results/small/latest", "--fail-on", "regression"]);
    // A study that cannot be run leaves nothing behind.
    place.write("data.csv", "a,b,label\n1,2,x\n");
    place.expect(2, &["run", "study.toml", "--nightly", "--out", "elsewhere"]);
    assert!(!place.path("elsewhere").exists());
}

#[test]
fn what_is_refused_is_no_night_and_leaves_no_folder() {
    let place = place();
    let inner =
        STUDY.replace("\"decision-tree\"", "{ family = \"decision-tree\", threshold = \"max-f1\", folds = 21 }");
    place.write("inner.toml", &inner);
    place.write("lost.toml", &STUDY.replace("data.csv", "lost.csv"));
    for (study, more, wrong) in [
        ("study.toml", &["--filter", "fold=9"][..], "unknown value of fold `9`"),
        ("lost.toml", &[], "cannot read lost.csv"),
        // Of 20 positives 13 or 14 are left to train on.
        ("inner.toml", &[], "21 folds need 21 rows of each class"),
        ("study.toml", &["--memory", "1"], "less than 1 MiB for each of those that run side by side"),
    ] {
        let said = place.expect(2, &[&["run", study, "--nightly", "--out", "nights"][..], more].concat());
        assert!(said.contains(wrong) && !said.contains("night: "), "{study} {more:?}: {said}");
        assert!(!place.path("nights").exists(), "{study} {more:?}");
    }
    // Beside nights that are there nothing is left either.
    let one = [&NIGHT[..], &["--filter", "classifier=prior"]].concat();
    place.expect(0, &one);
    let there = names(&place);
    let said = place.expect(2, &[&NIGHT[..], &["--filter", "fold=9"]].concat());
    assert!(!said.contains("night: "), "{said}");
    assert_eq!(names(&place), there);
    // What comes to stand is told before its cells.
    let said = place.expect(0, &one);
    let told = said.lines().position(|line| line.starts_with("night: nights/")).unwrap();
    assert!(said.lines().position(|line| line.contains("cells to run")).unwrap() > told, "{said}");
}

#[test]
fn a_comment_in_the_study_makes_no_other_night() {
    let place = place();
    place.expect(0, &NIGHT);
    let night = names(&place).remove(0);
    let log = place.path("nights").join(&night).join("records.jsonl");
    let cut: String = fs::read_to_string(&log).unwrap().lines().take(7).map(|line| format!("{line}\n")).collect();
    fs::write(&log, cut).unwrap();
    place.write("study.toml", &format!("# of tonight\n{STUDY}"));
    let said = place.expect(0, &NIGHT);
    assert!(said.contains("interrupted and is resumed") && said.contains("11 scored"), "{said}");
    assert_eq!(names(&place), [&*night, "latest"]);
}

#[test]
fn an_interrupted_night_of_today_is_resumed_and_others_are_left_and_told() {
    let place = place();
    place.expect(0, &NIGHT);
    let night = names(&place).remove(0);
    let log = place.path("nights").join(&night).join("records.jsonl");
    let whole = fs::read_to_string(&log).unwrap();
    let cut = |lines: usize| whole.lines().take(lines).map(|line| format!("{line}\n")).collect::<String>();
    fs::write(&log, cut(7)).unwrap();
    fs::remove_file(place.path("nights/latest")).unwrap();
    let said = place.expect(0, &NIGHT);
    assert!(said.contains("interrupted and is resumed") && said.contains("11 scored"), "{said}");
    assert_eq!((names(&place).len(), fs::read_link(place.path("nights/latest")).unwrap().to_str()), (2, Some(&*night)));
    // Other data: it stays as it is, and a night of its own begins.
    fs::write(&log, cut(7)).unwrap();
    place.write("data.csv", &csv(147));
    let said = place.expect(0, &NIGHT);
    assert!(said.contains("cannot be resumed") && said.contains("it is left as it is"), "{said}");
    assert!(names(&place).iter().any(|name| name.ends_with(".2")), "{:?}", names(&place));
    // Of another day.
    moved(&place, "2020-01-01.1");
    moved(&place, "2020-01-02.1");
    fs::write(place.path("nights/2020-01-02.1/records.jsonl"), cut(3)).unwrap();
    let said = place.expect(0, &NIGHT);
    assert!(said.contains("nights/2020-01-02.1 was left unfinished; to finish it: fraudbench run --resume"), "{said}");
}

#[test]
fn old_nights_are_removed_by_rule_and_nothing_else_is() {
    let place = place();
    for date in ["2020-01-01.1", "2020-01-02.1", "2020-01-03.1"] {
        place.expect(0, &NIGHT);
        moved(&place, date);
    }
    fs::create_dir(place.path("nights/2020-01-01.7")).unwrap();
    fs::create_dir(place.path("nights/notes")).unwrap();
    fs::write(place.path("nights/notes/manifest.toml"), "mine").unwrap();
    // Another study's.
    place.write("other.toml", &STUDY.replace("name = \"small\"", "name = \"other\""));
    place.expect(0, &["run", "other.toml", "--filter", "classifier=prior", "--out", "nights/2020-01-01.2"]);
    let lock = fs::File::options().write(true).open(place.path("nights/2020-01-02.1/lock")).unwrap();
    lock.lock().unwrap();
    let said = place.expect(0, &[&NIGHT[..], &["--keep", "1"]].concat());
    assert!(said.contains("--keep 1: 3 nights older than nights/"), "{said}");
    assert!(said.contains("warning: nights/2020-01-02.1 was not removed: ") && said.contains("in use"), "{said}");
    let left = names(&place);
    for stays in ["2020-01-01.2", "2020-01-01.7", "2020-01-02.1", "notes", "latest"] {
        assert!(left.iter().any(|name| name == stays), "{stays}: {left:?}");
    }
    assert!(!left.iter().any(|name| name == "2020-01-01.1" || name == "2020-01-03.1"), "{left:?}");
    assert!(place.path("nights/latest/records.jsonl").is_file());
    assert!(place.expect(2, &["run", "study.toml", "--keep", "3"]).contains("--nightly"));
}

#[test]
fn the_night_that_has_just_ended_is_kept() {
    let place = place();
    for run in 1..=4 {
        place.expect(0, &[&NIGHT[..], &["--keep", "1"]].concat());
        let target = fs::read_link(place.path("nights/latest")).unwrap();
        assert!(target.to_str().unwrap().ends_with(&format!(".{run}")), "{target:?}");
        assert_eq!(names(&place), [target.to_str().unwrap(), "latest"]);
    }
}

#[test]
fn every_unfinished_night_is_resumed_or_told() {
    let place = place();
    let out = "my nights";
    let night = ["run", "study.toml", "--nightly", "--out", out, "--filter", "classifier=prior"];
    for _ in 0..3 {
        place.expect(0, &night);
    }
    let link = || fs::read_link(place.path(out).join("latest")).unwrap().to_str().unwrap().to_owned();
    let newest = link();
    let day = newest.strip_suffix(".3").unwrap();
    let of = |number: u32| format!("{out}/{day}.{number}");
    let cut = |name: &str| {
        let log = place.path(name).join("records.jsonl");
        let text = fs::read_to_string(&log).unwrap();
        fs::write(&log, text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    };
    let old = format!("{out}/2020-01-01.1");
    fs::rename(place.path(&of(1)), place.path(&old)).unwrap();
    place.expect(0, &night);
    let newest = newest.replace(".3", ".4");
    assert_eq!(link(), newest);
    for name in [&old, &of(2), &of(3)] {
        cut(name);
    }
    // Beside a newer one that is whole, the newest of today is resumed, and the rest is told, with what a shell takes as it is.
    let said = place.expect(0, &night);
    let resumed = |number: u32| format!("night: {}, which was interrupted and is resumed", of(number));
    let left = format!(
        "2 nights were left unfinished: {}, {old}; to finish them: fraudbench run --resume '{}'; fraudbench run --resume '{old}'",
        of(2),
        of(2)
    );
    assert!(said.contains(&resumed(3)) && said.contains(&left), "{said}");
    // Then the other one of today; one that is in use is nobody's to finish.
    let lock = fs::File::options().write(true).open(place.path(&old).join("lock")).unwrap();
    lock.lock().unwrap();
    let said = place.expect(0, &night);
    let used = format!("{old} is unfinished and in use by another fraudbench: it is left as it is");
    assert!(said.contains(&resumed(2)) && said.contains(&used) && !said.contains("to finish"), "{said}");
    drop(lock);
    let said = place.expect(0, &night);
    let left = format!("{old} was left unfinished; to finish it: fraudbench run --resume '{old}'");
    assert!(said.contains(&left) && said.contains(&format!("night: {}\n", of(5))), "{said}");
    assert_eq!(link(), newest.replace(".4", ".5"));
}

#[test]
fn a_night_that_is_said_to_stay_is_not_removed_in_the_same_run() {
    let place = place();
    place.expect(0, &NIGHT);
    let first = names(&place).remove(0);
    let log = place.path("nights").join(&first).join("records.jsonl");
    let cut: String = fs::read_to_string(&log).unwrap().lines().take(7).map(|line| format!("{line}\n")).collect();
    fs::write(&log, &cut).unwrap();
    // Of another filter, and older than the night that is kept.
    let kept = [&NIGHT[..], &["--filter", "classifier=prior", "--keep", "1"]].concat();
    let said = place.expect(0, &kept);
    let stays =
        format!("nights/{first} was left unfinished and is of another study file or filter: it is left as it is");
    assert!(said.contains(&stays) && !said.contains("--keep 1:"), "{said}");
    assert_eq!(fs::read_to_string(&log).unwrap(), cut);
    // Of other data.
    place.write("data.csv", &csv(147));
    let said = place.expect(0, &[&NIGHT[..], &["--keep", "1"]].concat());
    assert!(said.contains("cannot be resumed") && said.contains("it is left as it is"), "{said}");
    let second = first.replace(".1", ".2");
    assert!(
        said.contains("--keep 1: 1 night older than") && said.contains(&format!("is removed: nights/{second}")),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&log).unwrap(), cut);
    // On another day it is told that it goes, and goes.
    fs::rename(place.path("nights").join(&first), place.path("nights/2020-01-01.1")).unwrap();
    let said = place.expect(0, &kept);
    let goes =
        "nights/2020-01-01.1 was left unfinished; to finish it before --keep 1 removes it: fraudbench run --resume";
    assert!(said.contains(goes) && said.contains("--keep 1: 2 nights older than"), "{said}");
    assert!(!place.path("nights/2020-01-01.1").exists());
}

#[test]
fn the_number_of_a_night_that_was_removed_is_not_given_again() {
    let place = place();
    let night = [&NIGHT[..], &["--filter", "classifier=prior"]].concat();
    place.expect(0, &night);
    place.expect(0, &night);
    let newest = fs::read_link(place.path("nights/latest")).unwrap();
    fs::remove_dir_all(place.path("nights").join(&newest)).unwrap();
    place.expect(0, &night);
    let now = fs::read_link(place.path("nights/latest")).unwrap();
    assert_eq!(now.to_str().unwrap(), newest.to_str().unwrap().replace(".2", ".3"));
}

#[test]
fn after_a_change_of_folds_the_gate_begins_anew() {
    let place = place();
    let night = [&NIGHT[..], &["--filter", "classifier=prior"]].concat();
    let judged = || {
        let options = ["--fail-on", "regression", "--time", "off", "--memory", "off", "--json", "gate.json"];
        let text = place.printed(0, &[&["compare", "nights", "nights/latest"], &options[..]].concat());
        let found = fs::read_to_string(place.path("gate.json")).unwrap();
        (text, serde_json::from_str::<serde_json::Value>(&found).unwrap())
    };
    place.expect(0, &night);
    place.expect(0, &night);
    let last = fs::read_link(place.path("nights/latest")).unwrap().to_str().unwrap().to_owned();
    place.write("study.toml", &STUDY.replace("folds = 3", "folds = 4"));
    place.expect(0, &night);
    let (text, found) = judged();
    let line = "GATE passed: no finished run before nights/latest that it can be compared with, 2 runs left out";
    assert_eq!(text.lines().last(), Some(line), "{text}");
    assert_eq!(found["base"], serde_json::json!([]));
    let left_out = serde_json::json!({ "run": format!("nights/{last}"), "reason": "split by another protocol" });
    assert_eq!((found["runs_left_out"].as_array().unwrap().len(), &found["runs_left_out"][1]), (2, &left_out));
    // The next night has the first of the new kind before it.
    place.expect(0, &night);
    let (text, found) = judged();
    assert!(
        text.lines().last().unwrap().starts_with("GATE passed: 2 comparisons of 2 pipelines, none worse"),
        "{text}"
    );
    let said = format!("2 runs of the folder (split by another protocol), the last of them nights/{last}.");
    assert!(text.contains(&said) && found["base"].as_array().unwrap().len() == 1, "{text}");
    // Named by itself, such a night is what was asked for, and is refused.
    let said = place.expect(2, &["compare", &format!("nights/{last}"), "nights/latest", "--fail-on", "regression"]);
    assert!(said.contains("their scores cannot be compared"), "{said}");
}

#[test]
fn the_nights_of_each_folder_that_is_named_are_looked_through() {
    let place = place();
    let night = |out: &str| {
        place.expect(0, &["run", "study.toml", "--nightly", "--out", out, "--filter", "classifier=prior"]);
        let last = fs::read_link(place.path(out).join("latest")).unwrap();
        format!("{out}/{}", last.display())
    };
    let (old, before) = (night("old"), night("nights"));
    place.write("study.toml", &STUDY.replace("folds = 3", "folds = 4"));
    let (alike, new) = (night("nights"), night("nights"));
    let options = ["--fail-on", "regression", "--time", "off", "--memory", "off", "--json", "gate.json"];
    let text = place.printed(0, &[&["compare", "old", "nights", &new], &options[..]].concat());
    assert!(text.lines().last().unwrap().starts_with("GATE passed: 2 comparisons of 2 pipelines"), "{text}");
    let found = fs::read_to_string(place.path("gate.json")).unwrap();
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["base"], serde_json::json!([alike]), "neither another protocol nor the new run itself: {found}");
    let left_out: Vec<_> = found["runs_left_out"].as_array().unwrap().iter().map(|out| &out["run"]).collect();
    assert!(left_out.len() == 2 && left_out.contains(&&serde_json::json!(old)), "{left_out:?}");
    assert!(left_out.contains(&&serde_json::json!(before)), "{left_out:?}");
    // Beside a folder, too, a run that is named itself must be comparable.
    let said = place.expect(2, &[&["compare", "nights", &old, &new], &options[..]].concat());
    assert!(said.contains("their scores cannot be compared"), "{said}");
    // A night that is named and in a folder is one run.
    place.printed(0, &[&["compare", "nights", &alike, &new], &options[..]].concat());
    let found = fs::read_to_string(place.path("gate.json")).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&found).unwrap()["base"], serde_json::json!([alike]));
}

#[test]
fn a_night_that_cannot_be_read_is_told_and_the_others_are_judged() {
    let place = place();
    let night = [&NIGHT[..], &["--filter", "classifier=prior"]].concat();
    for _ in 0..3 {
        place.expect(0, &night);
    }
    let newest = fs::read_link(place.path("nights/latest")).unwrap();
    let of = |number: u32| format!("nights/{}", newest.to_str().unwrap().replace(".3", &format!(".{number}")));
    let newer = |number: u32| {
        let path = place.path(&of(number)).join("manifest.toml");
        let manifest = fs::read_to_string(&path).unwrap();
        let format = manifest.lines().find(|line| line.starts_with("format")).unwrap();
        fs::write(&path, manifest.replace(format, "format = 99")).unwrap();
    };
    let gate =
        ["compare", "nights", "nights/latest", "--fail-on", "regression", "--time", "off", "--memory", "off"].to_vec();
    newer(1);
    let warning = format!(
        "warning: 1 unreadable night of nights left out: {0} ({0}/manifest.toml has format 99, and this fraudbench reads up to 2: \
         use a newer fraudbench); mend it, or move it away\n",
        of(1)
    );
    assert_eq!(place.expect(3, &gate), warning);
    assert!(place.printed(3, &gate).lines().last().unwrap().starts_with("GATE passed: "));
    assert_eq!(place.expect(3, &["history", "nights"]), warning);
    assert!(place.path("nights/history.html").is_file());
    // An alarm is what a night's reader has to know first.
    place.expect(1, &[&gate[..], &["--fail-under", "pr-auc=0.999"]].concat());
    // Named by itself it was asked for.
    assert!(!place.expect(3, &["history", &of(1), &of(2)]).contains("warning"));
    newer(2);
    newer(3);
    let said = place.expect(3, &["history", "nights"]);
    assert!(said.starts_with("fraudbench: no night of nights can be read: "), "{said}");
}

/// A night of the baseline alone.
fn short() -> Vec<&'static str> {
    [&NIGHT[..], &["--filter", "classifier=prior"]].concat()
}

/// Takes all but the first two records of a results directory.
fn cut(place: &Place, directory: &str) {
    let log = place.path(directory).join("records.jsonl");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

/// The name of the night that `latest` leads to.
fn latest(place: &Place) -> String {
    fs::read_link(place.path("nights/latest")).unwrap().to_str().unwrap().to_owned()
}

fn link_latest(place: &Place, night: &str) {
    let link = place.path("nights/latest");
    let _ = fs::remove_file(&link);
    std::os::unix::fs::symlink(night, link).unwrap();
}

#[test]
fn a_night_that_is_finished_by_the_printed_command_is_the_latest() {
    let place = place();
    place.expect(0, &short());
    let first = latest(&place);
    place.expect(0, &short());
    let second = latest(&place);
    cut(&place, &format!("nights/{second}"));
    link_latest(&place, &first);
    let resume = ["run", "--resume", &format!("nights/{second}")];
    let said = place.expect(0, &resume);
    assert!(said.contains("latest leads to this night now") && latest(&place) == second, "{said}");
    // It does already; and a night that is older than the latest is none.
    assert!(!place.expect(0, &resume).contains("leads to"));
    cut(&place, &format!("nights/{first}"));
    place.expect(0, &["run", "--resume", &format!("nights/{first}")]);
    assert_eq!(latest(&place), second);
}

#[test]
fn a_night_of_a_day_to_come_is_told_and_hides_no_other() {
    let place = place();
    let to_come = "nights/2999-01-01.1";
    place.expect(0, &["run", "study.toml", "--filter", "classifier=prior", "--out", to_come]);
    link_latest(&place, "2999-01-01.1");
    let said = place.expect(0, &[&short()[..], &["--keep", "1"]].concat());
    assert!(said.contains(&format!("warning: {to_come} is of a day after today, ")), "{said}");
    assert!(!said.contains("--keep 1:") && place.path(to_come).is_dir(), "{said}");
    assert!(place.path("nights/latest/report.html").is_file() && latest(&place).as_str() < "2999");
}

#[test]
fn the_night_that_was_resumed_is_not_removed_by_its_own_run() {
    let place = place();
    place.expect(0, &short());
    let first = latest(&place);
    place.expect(0, &short());
    let second = latest(&place);
    cut(&place, &format!("nights/{first}"));
    let said = place.expect(0, &[&short()[..], &["--keep", "1"]].concat());
    assert!(said.contains(&format!("night: nights/{first}, which was interrupted")), "{said}");
    assert!(!said.contains("--keep 1:") && latest(&place) == second, "{said}");
    assert_eq!(names(&place), [first, second, "latest".to_owned()]);
}

#[test]
fn a_night_that_was_ended_before_its_report_is_resumed() {
    let place = place();
    place.expect(0, &short());
    let night = latest(&place);
    let report = place.path("nights").join(&night).join("report.md");
    fs::remove_file(&report).unwrap();
    fs::remove_file(place.path("nights/latest")).unwrap();
    let resumed = || {
        let said = place.expect(0, &short());
        assert!(said.contains("interrupted and is resumed"), "{said}");
        assert_eq!((names(&place).len(), latest(&place)), (2, night.clone()));
    };
    resumed();
    // The report of when it was stopped before.
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3_600);
    fs::File::options().write(true).open(&report).unwrap().set_modified(old).unwrap();
    resumed();
    // Now it is whole, and another one begins.
    place.expect(0, &short());
    assert_eq!((names(&place).len(), latest(&place)), (3, night.replace(".1", ".2")));
}

#[test]
fn where_no_night_can_go_none_is_begun() {
    let place = place();
    fs::create_dir_all(place.path("nights/latest")).unwrap();
    let said = place.expect(2, &NIGHT);
    assert!(said.contains("nights/latest is no link, and is left as it is: move it away"), "{said}");
    assert_eq!(names(&place), ["latest"]);
    // Not among the files of a run, and not among those of others.
    place.expect(0, &["run", "study.toml", "--filter", "classifier=prior", "--out", "run"]);
    let said = place.expect(2, &["run", "study.toml", "--nightly", "--out", "run"]);
    assert!(said.contains("run is a results directory, and nights go into a folder of their own"), "{said}");
    assert!(!place.path("run/latest").is_symlink());
    let said = place.expect(2, &["run", "study.toml", "--nightly", "--out", "."]);
    assert!(said.contains("holds files that are not fraudbench's"), "{said}");
}

#[test]
fn the_unfinished_night_of_another_study_is_not_said_to_be_removed() {
    let place = place();
    place.write("other.toml", &STUDY.replace("name = \"small\"", "name = \"other\""));
    let other = "nights/2020-01-01.1";
    place.expect(0, &["run", "other.toml", "--filter", "classifier=prior", "--out", other]);
    cut(&place, other);
    let said = place.expect(0, &[&short()[..], &["--keep", "1"]].concat());
    let left = format!("{other} was left unfinished; to finish it: fraudbench run --resume {other}");
    assert!(said.contains(&left) && !said.contains("before --keep"), "{said}");
    assert!(place.path(other).is_dir());
}

#[test]
fn the_night_that_is_judged_is_not_told_as_left_out() {
    let place = place();
    place.expect(0, &short());
    place.expect(0, &short());
    let new = format!("nights/{}", latest(&place));
    cut(&place, &new);
    let said = place.expect(1, &["compare", "nights", &new, "--fail-on", "regression"]);
    assert!(!said.contains("left out"), "{said}");
    // Beside another judged one it is left out.
    place.expect(0, &["run", "study.toml", "--filter", "classifier=prior", "--out", "run"]);
    let said =
        place.expect(0, &["compare", "nights", "run", "--fail-on", "regression", "--time", "off", "--memory", "off"]);
    assert!(said.contains(&format!("warning: 1 unfinished night of nights left out: {new}")), "{said}");
}
