//! Places where nothing may be written: told before the work that would be in vain, and with what to do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::{Place, STUDY, csv};

/// Has a command respect the rights of files, which root need not.
fn without_privileges(command: &mut Command) -> &mut Command {
    let drop_them = || {
        // Linux' numbers of CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH. Who is not root has neither, and may not drop them.
        for capability in [1, 2] {
            // SAFETY: one system call, which changes a set of this process.
            unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        }
        Ok(())
    };
    // SAFETY: it makes system calls only, and allocates nothing.
    unsafe { command.pre_exec(drop_them) }
}

/// Runs a command without privileges, checks the exit code, and gives what was printed on standard error.
fn ended(place: &Place, code: i32, arguments: &[&str]) -> String {
    let output = without_privileges(&mut place.command(arguments)).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?} said: {said}");
    said
}

/// Sets whether a folder may be written into.
fn set_open(place: &Place, folder: &str, is_open: bool) {
    let mode = if is_open { 0o755 } else { 0o555 };
    fs::set_permissions(place.path(folder), fs::Permissions::from_mode(mode)).unwrap();
}

const DENIED: &str =
    "Permission denied (os error 13); you may not write there: have that changed (`chmod`), or name another place";

#[test]
fn a_folder_that_may_not_be_written_is_refused_before_the_data_are_read() {
    // The table is not there: who looked at the data first would say so.
    let place = Place::new("", &STUDY.replace("data.csv", "gone.csv"));
    fs::create_dir(place.path("shut")).unwrap();
    set_open(&place, "shut", false);
    for arguments in [
        &["run", "study.toml", "--out", "shut/run"][..],
        &["run", "study.toml", "--out", "shut/new/run"],
        &["run", "study.toml", "--out", "shut"],
        &["run", "study.toml", "--nightly", "--out", "shut/nights"],
        &["run", "study.toml", "--nightly", "--out", "shut"],
        &["submit", "study.toml", "--out", "shut/plan"],
        &["audit", "study.toml", "--out", "shut/audit"],
        &["scaling", "--rows", "1000", "--families", "prior", "--out", "shut/scaling"],
        &["man", "shut"],
    ] {
        let said = ended(&place, 2, arguments);
        let wanted = match arguments[0] {
            // It writes at once.
            "man" => said.contains("cannot write shut/") && said.contains(DENIED),
            _ => said == format!("fraudbench: cannot write into shut: {DENIED}\n"),
        };
        assert!(wanted, "{arguments:?}: {said}");
    }
    let said = ended(&place, 2, &["init", "gone.csv", "--study", "shut/its.toml"]);
    assert_eq!(said, format!("fraudbench: cannot write shut/its.toml: {DENIED}\n"));
    // No model is read either.
    let said = ended(&place, 2, &["score", "gone", "data.csv", "--out", "shut/scores.csv"]);
    assert_eq!(said, format!("fraudbench: cannot write shut/scores.csv: {DENIED}\n"));
    assert_eq!(fs::read_dir(place.path("shut")).unwrap().count(), 0);
}

#[test]
fn results_that_may_not_be_written_are_read_and_not_worked_on() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "base", "--filter", "classifier=prior"]);
    set_open(&place, "base", false);
    fs::remove_file(place.path("data.csv")).unwrap();
    for arguments in [
        &["run", "--resume", "base"][..],
        &["pack", "base"],
        &["report", "base"],
        &["merge", "base", "--out", "base/joined"],
        &["refit", "base"],
        &["refit", "base", "--out", "base/model"],
        &["explain", "base"],
        &["explain", "base", "--out", "base/why"],
        &["cluster", "base", "--out", "base/nodes"],
    ] {
        let said = ended(&place, 2, arguments);
        let wanted = format!("fraudbench: cannot write into base: {DENIED}\n");
        assert!(said.ends_with(&wanted) && said.lines().count() == 1, "{arguments:?}: {said}");
    }
    ended(&place, 0, &["compare", "base", "base"]);
    ended(&place, 0, &["report", "base", "--out", "elsewhere"]);
    set_open(&place, "base", true);
}

#[test]
fn a_packed_log_that_may_not_be_written_stays_as_it_is() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "base", "--filter", "classifier=prior"]);
    place.expect(0, &["pack", "base"]);
    let (log, packed) = (place.path("base/records.jsonl"), place.path("base/records.jsonl.gz"));
    let before = fs::read(&packed).unwrap();
    fs::set_permissions(&packed, fs::Permissions::from_mode(0o444)).unwrap();
    let said = ended(&place, 2, &["run", "--resume", "base"]);
    assert!(said.contains("cannot open base/records.jsonl.gz: Permission denied (os error 13)"), "{said}");
    assert_eq!((fs::read(&packed).unwrap(), log.exists()), (before, false));
    fs::set_permissions(&packed, fs::Permissions::from_mode(0o644)).unwrap();
    ended(&place, 0, &["run", "--resume", "base"]);
    assert!(log.exists() && !packed.exists());
}

#[test]
fn what_may_not_be_read_is_told_with_what_to_do() {
    let place = Place::new(&csv(210), STUDY);
    fs::set_permissions(place.path("data.csv"), fs::Permissions::from_mode(0o000)).unwrap();
    let said = ended(&place, 2, &["run", "study.toml", "--out", "r"]);
    let advice =
        "Permission denied (os error 13); you may not read it: have that changed (`chmod`), or name another one";
    assert!(said.contains(&format!("data.csv: {advice}")), "{said}");
}

#[test]
fn a_file_in_the_place_of_a_folder_is_told_before_the_data_are_read() {
    let place = Place::new("", &STUDY.replace("data.csv", "gone.csv"));
    let in_the_way = "Not a directory (os error 20); a file stands where a folder is needed: name another place";
    for out in ["data.csv", "data.csv/run"] {
        for command in [&["run", "study.toml"][..], &["submit", "study.toml"], &["run", "study.toml", "--nightly"]] {
            let said = place.expect(2, &[command, &["--out", out]].concat());
            assert_eq!(said, format!("fraudbench: cannot write into data.csv: {in_the_way}\n"), "{command:?}");
        }
    }
    let said = place.expect(2, &["score", "gone", "data.csv", "--out", "nowhere/scores.csv"]);
    let no_folder =
        "No such file or directory (os error 2); there is no folder nowhere: make it first, or name another place";
    assert_eq!(said, format!("fraudbench: cannot write nowhere/scores.csv: {no_folder}\n"));
}
